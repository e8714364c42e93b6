"""`kefu lint`: everything that is wrong with scripts, words and FAQ before a customer can read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bot.errors import ContentError
from replies.etiquette import Advice, Tone, check, check_script
from replies.faq.table import Row, contradictions, read_rows, shared_questions
from replies.knowledge import faq_files
from replies.scripts import SITUATIONS, read_scripts
from replies.source import CONTENT, Fault, SourceError, line_of, parse_toml, read_source
from replies.text import LANGUAGES, Language
from replies.words import load_words

_TAG: Final = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VALUE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_SPOKEN_TABLES: Final = ("brand", "buttons", "topics", "kinds", "reasons")


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


def _place(fault: Fault) -> tuple[str, int, str]:
    return fault.file, fault.line, fault.text


def _content(content: Path) -> Iterator[Fault]:
    try:
        yield from read_scripts(content)[1]
        yield from load_words(content)[1]
        yield from _spoken(content)
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
        path = content / language / "scripts.toml"
        source = read_source(path)
        tables = parse_toml(source, str(path))
        for situation, text in _variants(tables):
            line = line_of(source, "scripts", situation, text)
            yield from _advised(check(_said(text), language, _tone(situation)), str(path), line, situation)
        for table, name, text in _labels(tables):
            advice = check_script(_said(text), language)
            yield from _advised(advice, str(path), line_of(source, table, name), f"[{table}] {name}")


def _variants(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    scripts = tables.get("scripts")
    for situation, variants in scripts.items() if isinstance(scripts, dict) else ():
        for text in variants if isinstance(variants, list) else ():
            if isinstance(text, str):
                yield situation, text


def _labels(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for table in _SPOKEN_TABLES:
        values = tables.get(table)
        for name, text in values.items() if isinstance(values, dict) else ():
            if isinstance(text, str):
                yield table, name, text


def _tone(situation: str) -> Tone:
    return SITUATIONS[situation].tone if situation in SITUATIONS else "plain"


def _said(template: str) -> str:
    """The template's own words: tags go, values become a neutral letter."""
    return _VALUE.sub("X", _TAG.sub("", template))


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
    topics: dict[Language, dict[str, Any]] = {}
    for language in LANGUAGES:
        found = parse_toml(read_source(content / language / "scripts.toml"), language).get("topics", {})
        topics[language] = found if isinstance(found, dict) else {}
    everywhere = {id_ for found in topics.values() for id_ in found}
    for language, found in topics.items():
        path = content / language / "scripts.toml"
        source = read_source(path)
        for id_ in sorted(everywhere - set(found)):
            yield Fault(str(path), line_of(source, "topics"), f"[topics] {id_} is missing", "translate it")
        for id_ in sorted(set(found) - ids):
            line = line_of(source, "topics", id_)
            yield Fault(str(path), line, f"[topics] {id_} is not in the FAQ", "use the id of an entry")
