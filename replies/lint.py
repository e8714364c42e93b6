"""`kefu lint`: everything that is wrong with scripts, words and FAQ before a customer can read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from jinja2 import TemplateError

from bot.errors import ContentError
from replies.etiquette import Advice, check, check_script
from replies.faq.advice import advise as advise_faq
from replies.faq.encoder import Encoder
from replies.faq.table import Row, contradictions, read_rows, shared_questions
from replies.forms.content import advise, load_forms
from replies.knowledge import faq_files
from replies.samples import SAMPLES
from replies.scripts import Script
from replies.sheets import Sheet, read_scripts, read_sheets
from replies.situations import COMMON, FILLED, INVITES, SITUATIONS
from replies.source import CONTENT, Fault, SourceError
from replies.text import LANGUAGES, Language
from replies.triage.operators import load_lessons
from replies.words import load_words

_VALUE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_NAMES: Final = re.compile(r"\{[{%][^{}]{0,200}\bname\b")
_INVITES: Final = re.compile(r"私信|私訊|private message|message us privately|privately|\b[DP]M\b", re.IGNORECASE)
_SPOKEN_TABLES: Final = ("brand", "buttons", "topics", "kinds", "reasons", "hello", "feelings", "hotlines")


def lint(path: Path | None = None) -> list[Fault]:
    """The faults of a content folder (the shipped one by default), of one FAQ table, or of a folder of them.

    Empty if all is well. Raises ContentError if there is nothing at `path` that could be looked at.
    """
    path = CONTENT if path is None else path
    if path.is_dir() and any((path / language).is_dir() for language in LANGUAGES):
        return sorted(_content(path), key=_place)
    tables = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not tables or not all(table.is_file() for table in tables):
        raise ContentError(f"{path}: neither an FAQ table (.csv) nor a content folder ({', '.join(LANGUAGES)})")
    return sorted(_faq(tables)[1], key=_place)


def advice(path: Path, encoder: Encoder | None = None) -> list[Fault]:
    """What could be better in an FAQ table, or a folder of them, that holds together; empty for anything else."""
    tables = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    try:
        rows, faults = read_rows(*tables)
    except SourceError:
        return []
    return [] if faults or contradictions(rows) else advise_faq(rows, encoder)


def _place(fault: Fault) -> tuple[str, int, str]:
    return fault.file, fault.line, fault.text


def _content(content: Path) -> Iterator[Fault]:
    try:
        yield from read_scripts(content)[1]
        yield from load_words(content)[1]
        yield from load_lessons(content)[1]
        yield from _spoken(content)
        yield from load_forms(content)[1]
        for advice, file, line, name in advise(content):
            yield from _advised([advice], file, line, name)
        files = faq_files(content)
        rows, faults = _faq(files)
    except SourceError as error:
        yield error.fault
        return
    yield from faults
    yield from _untranslated(rows, content)
    yield from _topics(content, {row.id for row in rows})


def _faq(files: Sequence[Path]) -> tuple[list[Row], list[Fault]]:
    try:
        rows, faults = read_rows(*files)
    except SourceError as error:
        return [], [error.fault]
    faults += contradictions(rows)
    faults += shared_questions(rows)
    for row in rows:
        faults += _advised(check(row.answer, row.language), row.file, row.line, row.id)
        faults += _advised(check_script(row.question, row.language), row.file, row.line, row.id)
    return rows, faults


def _spoken(content: Path) -> Iterator[Fault]:
    for language in LANGUAGES:
        sheets = read_sheets(content, language)
        values = _values(sheets, language)
        for sheet in sheets:
            for situation, text in _variants(sheet):
                yield from _said(sheet, situation, text, language, values)
                yield from _in_public(sheet, situation, text)
            for table, name, text in _labels(sheet):
                advice = check_script(_VALUE.sub("X", text), language)
                yield from _advised(advice, sheet.file, sheet.line(table, name), f"[{table}] {name}")


def _variants(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for situation, variants in sheet.rows("scripts").items():
        for text in variants if isinstance(variants, list) and situation in SITUATIONS else ():
            if isinstance(text, str):
                yield situation, text


def _in_public(sheet: Sheet, situation: str, text: str) -> Iterator[Fault]:
    """What everybody reads names nobody, and leads to where the matter can be told."""
    line = sheet.line("scripts", situation, text)
    if situation.startswith("public_") and _NAMES.search(text):
        yield Fault(sheet.file, line, f"{situation}: {{{{ name }}}} is said where everybody reads it", "leave it out")
    if situation in INVITES and not _INVITES.search(text):
        mend = "say “请私信我们”, “請私訊我們” or “please message us privately”"
        yield Fault(sheet.file, line, f"{situation}: no way to a private message", mend)


def _labels(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    for table in _SPOKEN_TABLES:
        for name, text in sheet.rows(table).items():
            if isinstance(text, str):
                yield table, name, text


def _values(sheets: Sequence[Sheet], language: Language) -> Mapping[str, str]:
    """Something plausible for every variable, and the house's own numbers and salutation."""
    lines = {name: value for sheet in sheets for name, value in sheet.rows("hotlines").items()}
    hello = next((sheet.rows("hello").get("any") for sheet in sheets if sheet.rows("hello")), None)
    own = {name: value for name, value in {**lines, "hello": hello}.items() if isinstance(value, str) and value}
    return {**SAMPLES[language], **own}


def _said(sheet: Sheet, situation: str, text: str, language: Language, values: Mapping[str, str]) -> Iterator[Fault]:
    """A variant as a customer reads it, with all it may be told and with the least."""
    line = sheet.line("scripts", situation, text)
    found: dict[tuple[str, str], Advice] = {}
    for said in _readings(situation, text, values):
        found |= {(one.rule, one.words): one for one in check(said, language, SITUATIONS[situation].tone)}
        if len(said) > (most := SITUATIONS[situation].most):
            yield Fault(sheet.file, line, f"{situation}: {len(said)} characters", f"at most {most} fit")
            break
    yield from _advised(found.values(), sheet.file, line, situation)


def _readings(situation: str, text: str, values: Mapping[str, str]) -> Iterator[str]:
    told = SITUATIONS[situation].says | FILLED
    full = {name: values[name] for name in COMMON | SITUATIONS[situation].variables}
    try:
        script = Script(text)
        yield script.say(full)
        yield script.say({name: value if name in told else "" for name, value in full.items()})
    except (TemplateError, KeyError):
        return  # `read_scripts` has told what is wrong with it


def _advised(advice: Iterable[Advice], file: str, line: int, name: str) -> list[Fault]:
    return [Fault(file, line, f"{name}: {one.rule}: “{one.words}” ({one.why})", one.mend) for one in advice]


def _untranslated(rows: Sequence[Row], content: Path) -> Iterator[Fault]:
    """A content folder speaks three languages in everything."""
    languages: dict[str, dict[Language, Row]] = {}
    for row in rows:
        languages.setdefault(row.id, {}).setdefault(row.language, row)
    for id_, found in languages.items():
        first = next(iter(found.values()))
        for language in LANGUAGES:
            if language not in found:
                mend = f"write it in {content / language / 'faq.csv'}"
                yield Fault(first.file, first.line, f"{id_}: missing in {language}", mend)


def _topics(content: Path, ids: set[str]) -> Iterator[Fault]:
    """Topic buttons must lead somewhere, and to the same places in every language."""
    sheets = {language: read_sheets(content, language)[0] for language in LANGUAGES}
    everywhere = {id_ for sheet in sheets.values() for id_ in sheet.rows("topics")}
    for sheet in sheets.values():
        found = sheet.rows("topics")
        for id_ in sorted(everywhere - set(found)):
            yield sheet.fault(f"[topics] {id_} is missing", "translate it", "topics")
        for id_ in sorted(set(found) - ids):
            yield sheet.fault(f"[topics] {id_} is not in the FAQ", "use the id of an entry", "topics", id_)
