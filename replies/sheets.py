"""The sheets staff write scripts on: reading them, and every fault in them with its file and line.

A language has several sheets, so that each stays short; which one a situation stands on does not matter. What the
sheets of an operator's own folder do not have is taken from those we ship: an update that brings new situations must
not keep anybody's shop closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import nodes

from bot.messages import QuickReply
from replies.scripts import Brand, Catalogue, Script, Scripts, parse, template_faults
from replies.situations import COMMON, FEELINGS, FILLED, HELLOS, HOTLINES, SITUATIONS
from replies.source import CONTENT, Fault, line_of, parse_toml, read_source, refuse
from replies.text import LANGUAGES, Language
from replies.words import MARKS

SHEETS: Final = ("scripts.toml", "service.toml", "complaints.toml", "customers.toml")
"""Only the first must be there."""
REASONS: Final[Mapping[str, frozenset[str]]] = {
    "asked": frozenset(),
    "unsolved": frozenset({"topic"}),
    "misses": frozenset({"text"}),
    "media": frozenset({"kind"}),
    "critical": frozenset({"words"}),
    "serious": frozenset({"words"}),
    "moderate": frozenset({"words"}),
    "minor": frozenset({"words"}),
    "distress": frozenset(),
    "anger": frozenset(),
    "business": frozenset({"text"}),
    "needed": frozenset({"text"}),
    "abuse": frozenset({"words"}),
    "letter": frozenset({"topic"}),
    "letter_answered": frozenset({"topic", "answer"}),
    "letter_again": frozenset({"topic"}),
    "public": frozenset({"why", "followers", "alike"}),
    "public_minor": frozenset({"words"}),
    "public_again": frozenset({"text"}),
    "public_other": frozenset({"text"}),
    "abuse_public": frozenset({"words"}),
    "follow_up": frozenset({"note", "agent"}),
    "case_due": frozenset({"number"}),
}
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "brand": ("company", "hours"),
    "buttons": ("human", "yes", "no", "none", *MARKS),
    "kinds": ("image", "voice", "video", "file", "location", "link", "other"),
    "hello": HELLOS,
    "feelings": FEELINGS,
    "hotlines": HOTLINES,
}
_WANTED: Final[Mapping[str, tuple[str, ...]]] = {**LABELS, "reasons": tuple(REASONS), "scripts": tuple(SITUATIONS)}
_SHIPPED: Final = ("hello", "feelings", "hotlines", "reasons", "scripts")
"""Tables whose gaps are filled with what we ship; the others speak of the operator's own shop."""
_MAY_BE_EMPTY: Final = ("hours", "own")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file as it is written."""

    file: str
    source: str
    tables: Mapping[str, Any]

    def fault(self, text: str, mend: str, table: str = "", name: str = "", value: str = "") -> Fault:
        """Something wrong at a place of the sheet."""
        return Fault(self.file, self.line(table, name, value) if table else 1, text, mend)

    def line(self, table: str, name: str = "", value: str = "") -> int:
        """Where a value begins."""
        return line_of(self.source, table, name, value)

    def rows(self, table: str) -> Mapping[str, Any]:
        """What stands in a table; nothing if it is none."""
        found = self.tables.get(table)
        return found if isinstance(found, dict) else {}


def load_scripts(content: Path) -> Scripts:
    """The scripts of a content folder; raises ContentError with every fault's file and line."""
    catalogues, faults = read_scripts(content)
    refuse(faults)
    return Scripts(catalogues)


def read_scripts(content: Path) -> tuple[dict[Language, Catalogue], list[Fault]]:
    """The catalogues that hold together, and what is wrong with the others."""
    catalogues: dict[Language, Catalogue] = {}
    faults: list[Fault] = []
    own = content.resolve() != CONTENT.resolve()
    for language in LANGUAGES:
        sheets = read_sheets(content, language)
        found = list(_check(sheets, _SHIPPED if own else ()))
        faults += found
        if not found:
            catalogues[language] = _catalogue([*(_shipped(language) if own else ()), *sheets])
    return catalogues, faults


def read_sheets(content: Path, language: Language) -> list[Sheet]:
    """The sheets of one language; raises SourceError for one that cannot be read."""
    paths = [content / language / name for name in SHEETS]
    return [_read(path) for path in paths if path.exists() or path.name == SHEETS[0]]


def _read(path: Path) -> Sheet:
    source = read_source(path)
    return Sheet(str(path), source, parse_toml(source, str(path)))


@cache
def _shipped(language: Language) -> list[Sheet]:
    return read_sheets(CONTENT, language)


def _catalogue(sheets: Sequence[Sheet]) -> Catalogue:
    """Later sheets stand over earlier ones."""

    def all_of(table: str) -> dict[str, Any]:
        return {name: value for sheet in sheets for name, value in sheet.rows(table).items()}

    brand = Brand(all_of("brand")["company"], all_of("brand").get("hours", ""))
    hello = all_of("hello")
    topics = next((sheet.rows("topics") for sheet in reversed(sheets) if "topics" in sheet.tables), {})
    return Catalogue(
        brand=brand,
        buttons={name: QuickReply(label, name) for name, label in all_of("buttons").items()},
        kinds=all_of("kinds"),
        topics=topics,
        reasons={name: Script(text) for name, text in all_of("reasons").items()},
        scripts={name: tuple(map(Script, variants)) for name, variants in all_of("scripts").items()},
        hello=hello,
        feelings=all_of("feelings"),
        given={"company": brand.company, "hours": brand.hours, "name": "", "hello": hello["any"], **all_of("hotlines")},
    )


def _check(sheets: Sequence[Sheet], lent: Sequence[str]) -> Iterator[Fault]:
    """`lent`: tables whose gaps are no fault."""
    known = {*_WANTED, "topics"}
    for sheet in sheets:
        for table in sheet.tables:
            if table not in known:
                yield sheet.fault(f"[{table}] is not known", f"use {', '.join(sorted(known))}", table)
        for table in _WANTED:
            yield from _check_rows(sheet, table)
        yield from _check_topics(sheet)
    for table, names in _WANTED.items():
        if table not in lent:
            yield from _gaps(sheets, table, names)
        yield from _doubles(sheets, table)


def _gaps(sheets: Sequence[Sheet], table: str, names: Sequence[str]) -> Iterator[Fault]:
    place = next((sheet for sheet in sheets if table in sheet.tables), sheets[0])
    if table not in place.tables:
        yield place.fault(f"[{table}] is missing", "copy it from another language")
        return
    for name in names:
        if not any(name in sheet.rows(table) for sheet in sheets):
            yield place.fault(f"[{table}] {name} is missing", "copy it from another language", table)


def _doubles(sheets: Sequence[Sheet], table: str) -> Iterator[Fault]:
    seen: dict[str, Sheet] = {}
    for sheet in sheets:
        for name in sheet.rows(table):
            first = seen.setdefault(name, sheet)
            if first is not sheet:
                yield sheet.fault(f"[{table}] {name} stands in {first.file} too", "keep one of them", table, name)


def _check_rows(sheet: Sheet, table: str) -> Iterator[Fault]:
    if table in sheet.tables and not isinstance(sheet.tables[table], dict):
        yield sheet.fault(f"[{table}] is missing", "copy it from another language")
    for name, value in sheet.rows(table).items():
        if name not in _WANTED[table]:
            mend = f"one of {', '.join(_WANTED[table])}"
            yield sheet.fault(f"[{table}] {name} is not known", mend, table, name)
        elif table == "scripts":
            yield from _check_script(sheet, name, value)
        elif not isinstance(value, str) or (not value.strip() and name not in _MAY_BE_EMPTY):
            yield sheet.fault(f"[{table}] {name} is not a text", f'{name} = "…"', table, name)
        elif table == "reasons":
            yield from _check_template(sheet, table, name, value, REASONS[name])


def _check_topics(sheet: Sheet) -> Iterator[Fault]:
    topics = sheet.tables.get("topics", {})
    if not isinstance(topics, dict) or not all(isinstance(label, str) and label.strip() for label in topics.values()):
        yield sheet.fault("[topics] is not a list of labels", 'faq_id = "words on the button"', "topics")


def _check_script(sheet: Sheet, name: str, variants: Any) -> Iterator[Fault]:
    if not isinstance(variants, list) or not all(isinstance(text, str) and text.strip() for text in variants):
        yield sheet.fault(f"{name} is not a list of texts", f'{name} = ["…", "…"]', "scripts", name)
        return
    situation = SITUATIONS[name]
    if len(set(variants)) < situation.least:
        text = f"{name} has {len(set(variants))} different variants"
        yield sheet.fault(text, f"write at least {situation.least}", "scripts", name)
    for text in variants:
        faults = list(_check_template(sheet, "scripts", name, text, COMMON | situation.variables))
        yield from faults or _check_use(sheet, name, text)


def _check_use(sheet: Sheet, name: str, text: str) -> Iterator[Fault]:
    """Every variant says what its situation is for, and has no hole where something is not known."""
    situation = SITUATIONS[name]
    tree = parse(text)
    for variable in sorted(situation.says - _used(tree)):
        mend = f"put {{{{ {variable} }}}} in"
        yield sheet.fault(f"{name}: {{{{ {variable} }}}} is not said", mend, "scripts", name, text)
    may = (COMMON - FILLED) | situation.may
    for variable in sorted(may & _bare(tree.body, frozenset())):
        mend = f"write it between {{% if {variable} %}} and {{% endif %}}"
        yield sheet.fault(f"{name}: {variable} may be empty", mend, "scripts", name, text)


def _used(tree: nodes.Template) -> set[str]:
    return {node.name for node in tree.find_all(nodes.Name)}


def _bare(body: Sequence[nodes.Node], sure: frozenset[str]) -> set[str]:
    """Variables that are said where nobody has asked whether there are any."""
    found: set[str] = set()
    for node in body:
        if isinstance(node, nodes.If):
            asked = {name.name for name in (node.test, *node.test.find_all(nodes.Name)) if isinstance(name, nodes.Name)}
            found |= _bare(node.body, sure | asked) | _bare([*node.elif_, *node.else_], sure)
        else:
            found |= {name.name for name in node.find_all(nodes.Name)} - sure
    return found


def _check_template(sheet: Sheet, table: str, name: str, text: str, allowed: frozenset[str]) -> Iterator[Fault]:
    for told, mend in template_faults(text, allowed):
        yield sheet.fault(f"{name}: {told}", mend, table, name, text)
