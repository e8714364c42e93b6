"""Reads `content/*/forms.toml` and tells what is wrong with it, with line and mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as parts_of
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.messages import QuickReply
from replies.etiquette import Advice, check, check_script
from replies.forms.draft import NOTE
from replies.forms.fields import BUTTONS, COMMANDS, KINDS, KNOWN, PREFIX, SAYINGS, Field, Form, Forms
from replies.scripts import Script, template_faults
from replies.source import Fault, line_of, parse_toml, read_source
from replies.text import LANGUAGES, Language
from replies.words import whole

FILE: Final = "forms.toml"
_COMMON: Final = frozenset({"company", "hours", "name"})
_NAMES: Final = ("title", "note", "within", "zone")
_TABLES: Final = ("field", "buttons", "commands", "say")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MOST: Final = 40
_LONGEST: Final = 500
_NEED: Final = ("id", "kind", "label", "ask")
_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    **dict.fromkeys(("id", "kind", "label", "ask", "purpose", "example", "known"), (str, '"…"')),
    **dict.fromkeys(("required", "detail", "future"), (bool, "true or false")),
    **dict.fromkeys(("words", "lead"), (list, '["…", "…"]')),
    "limit": (int, f"a number of characters from 1 to {_LONGEST}"),
    "choices": (dict, 'value = ["label", "another word for it"]'),
}


def load_forms(content: Path) -> tuple[Forms, list[Fault]]:
    """The forms of a content folder, and what is wrong with them. A folder without forms has none, and no fault."""
    forms: dict[Language, Form] = {}
    commands: dict[str, set[str]] = {name: set() for name in COMMANDS}
    faults: list[Fault] = []
    there = [language for language in LANGUAGES if (content / language / FILE).exists()]
    for language in there:
        path = content / language / FILE
        source = read_source(path)
        table = parse_toml(source, str(path)).get("complaint")
        found = list(_check(table, source, str(path)))
        faults += found
        if not found and isinstance(table, dict):
            forms[language] = _form(table, language)
            for name in COMMANDS:
                label = table["buttons"].get(name, "")
                commands[name].update(whole(text) for text in (label, *table["commands"][name]))
    if there and not faults:
        faults += _between(content, forms)
    return Forms(forms, {name: frozenset(texts - {""}) for name, texts in commands.items()}), faults


def advise(content: Path) -> Iterator[tuple[Advice, str, int, str]]:
    """What in the forms should be said otherwise: advice, file, line, where."""
    for language in LANGUAGES:
        path = content / language / FILE
        if not path.exists():
            continue
        source = read_source(path)
        table = parse_toml(source, str(path)).get("complaint")
        for name, text in _spoken(table if isinstance(table, dict) else {}):
            line = _line_with(source, text)
            yield from ((one, str(path), line, name) for one in check(_said(text), language, "grave"))
        for name, text in _written(table if isinstance(table, dict) else {}):
            line = _line_with(source, text)
            yield from ((one, str(path), line, name) for one in check_script(text, language))


def _said(template: str) -> str:
    return re.sub(r"\{\{.*?\}\}", "X", re.sub(r"\{%.*?%\}", "", template))


def _spoken(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Whole sentences a customer reads."""
    for field in table.get("field", ()):
        for part in ("ask", "purpose"):
            if isinstance(field, dict) and isinstance(field.get(part), str):
                yield f"{field.get('id')}.{part}", field[part]
    for name, variants in dict(table.get("say", {})).items():
        for text in variants if isinstance(variants, list) else ():
            if isinstance(text, str):
                yield name, text


def _written(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Words that must only be in the right script: labels, examples, buttons."""
    for field in table.get("field", ()):
        if isinstance(field, dict):
            yield from ((f"{field.get('id')}.{part}", field[part]) for part in ("label", "example") if part in field)
            for labels in dict(field.get("choices", {})).values():
                yield f"{field.get('id')}.choices", labels[0]
    yield from dict(table.get("buttons", {})).items()


def _form(table: Mapping[str, Any], language: Language) -> Form:
    return Form(
        language=language,
        **{name: table[name] for name in _NAMES},
        fields=tuple(_field(one) for one in table["field"]),
        say={name: tuple(map(Script, variants)) for name, variants in table["say"].items()},
        buttons={name: QuickReply(label, PREFIX + name) for name, label in table["buttons"].items()},
    )


def _field(table: Mapping[str, Any]) -> Field:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    values["choices"] = {name: tuple(labels) for name, labels in table.get("choices", {}).items()}
    return Field(**values)


# ---- what can be wrong ------------------------------------------------------------------------------------------


def _check(table: Any, source: str, file: str) -> Iterator[Fault]:
    if not isinstance(table, dict):
        yield Fault(file, 1, "[complaint] is missing", "copy it from another language")
        return
    for name in table:
        if name not in (*_NAMES, *_TABLES):
            mend = f"use {', '.join((*_NAMES, *_TABLES))}"
            yield Fault(file, _line_with(source, name), f"[complaint] {name} is not known", mend)
    for name in _NAMES:
        if not _is_text(table.get(name)):
            yield Fault(file, 1, f"[complaint] {name} is not a text", f'{name} = "…"')
    yield from _check_zone(table.get("zone"), source, file)
    yield from _check_fields(table.get("field"), source, file)
    yield from _check_texts("buttons", table.get("buttons"), BUTTONS, source, file)
    yield from _check_lists("commands", table.get("commands"), COMMANDS, source, file)
    yield from _check_lists("say", table.get("say"), tuple(SAYINGS), source, file)
    yield from _check_templates(table.get("say"), source, file)


def _check_zone(zone: Any, source: str, file: str) -> Iterator[Fault]:
    try:
        ZoneInfo(zone if isinstance(zone, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        line = line_of(source, "complaint", "zone")
        yield Fault(file, line, f"[complaint] zone: no time zone {zone!r}", 'zone = "Asia/Shanghai"')


def _check_fields(fields: Any, source: str, file: str) -> Iterator[Fault]:
    if not isinstance(fields, list) or not fields or len(fields) > _MOST:
        yield Fault(file, 1, f"a form has 1 to {_MOST} fields", "[[complaint.field]]")
        return
    seen: set[str] = set()
    for nth, field in enumerate(fields):
        line = _field_line(source, nth)
        told = list(_check_field(field)) if isinstance(field, dict) else [("is not a table", "[[complaint.field]]")]
        name = field.get("id") if isinstance(field, dict) else None
        if name in seen:
            told.append(("is there twice", "give each field its own id"))
        if isinstance(name, str):
            seen.add(name)
        yield from (Fault(file, line, f"field {name or nth + 1} {text}", mend) for text, mend in told)


def _check_field(field: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _NEED:
        if not _is_text(field.get(name)):
            yield f"has no {name}", f'{name} = "…"'
    known = [part.name for part in parts_of(Field)]
    for name, value in field.items():
        if name not in known:
            yield f"has an unknown {name}", f"use {', '.join(known)}"
        elif not isinstance(value, _TYPES[name][0]) or (isinstance(value, list) and not all(map(_is_text, value))):
            yield f"has a {name} that does not fit", f"{name} = {_TYPES[name][1]}"
    if _is_text(field.get("id")) and (not _ID.fullmatch(field["id"]) or field["id"] == NOTE):
        yield "has an id that does not fit", f"small letters, digits and _, at most 32, not {NOTE}"
    if field.get("kind") not in KINDS:
        yield "has a kind that is not known", f"one of {', '.join(KINDS)}"
    if field.get("known", "") not in KNOWN:
        yield "has a known that is not known", f"one of {', '.join(KNOWN[1:])}"
    limit = field.get("limit", 1)
    if isinstance(limit, bool) or (isinstance(limit, int) and not 1 <= limit <= _LONGEST):
        yield "has a limit that does not fit", f"limit = {_TYPES['limit'][1]}"
    choices = field.get("choices", {})
    if (field.get("kind") == "choice") != bool(choices) or not (
        isinstance(choices, dict)
        and all(isinstance(labels, list) and labels and all(map(_is_text, labels)) for labels in choices.values())
        and all(_ID.fullmatch(value) for value in choices)
    ):
        yield "is a choice without choices, or has choices that do not fit", _TYPES["choices"][1]


def _check_texts(table: str, values: Any, names: tuple[str, ...], source: str, file: str) -> Iterator[Fault]:
    values = values if isinstance(values, dict) else {}
    for name in names:
        if not _is_text(values.get(name)):
            line = line_of(source, f"complaint.{table}", name)
            yield Fault(file, line, f"[complaint.{table}] {name} is missing or no text", f'{name} = "…"')
    yield from _unknown(table, values, names, source, file)


def _check_lists(table: str, values: Any, names: tuple[str, ...], source: str, file: str) -> Iterator[Fault]:
    values = values if isinstance(values, dict) else {}
    for name in names:
        texts = values.get(name)
        if not isinstance(texts, list) or not texts or not all(map(_is_text, texts)):
            line = line_of(source, f"complaint.{table}", name)
            yield Fault(file, line, f"[complaint.{table}] {name} is not a list of texts", f'{name} = ["…", "…"]')
    yield from _unknown(table, values, names, source, file)


def _unknown(
    table: str, values: Mapping[str, Any], names: tuple[str, ...], source: str, file: str
) -> Iterator[Fault]:  # fmt: skip
    for name in values:
        if name not in names:
            line = line_of(source, f"complaint.{table}", name)
            yield Fault(file, line, f"[complaint.{table}] {name} is not known", f"one of {', '.join(names)}")


def _check_templates(say: Any, source: str, file: str) -> Iterator[Fault]:
    for name, variables in SAYINGS.items():
        texts = say.get(name) if isinstance(say, dict) else None
        for text in texts if isinstance(texts, list) else ():
            if isinstance(text, str):
                line = line_of(source, "complaint.say", name, text)
                for told, mend in template_faults(text, _COMMON | variables):
                    yield Fault(file, line, f"{name}: {told}", mend)
                missing = {"summary", "number"} & variables - {v for v in variables if v in text}
                for variable in sorted(missing):
                    yield Fault(file, line, f"{name}: {variable} is missing", f"put {{{{ {variable} }}}} in")


def _between(content: Path, forms: Mapping[Language, Form]) -> Iterator[Fault]:
    """The languages ask the same, in the same kind and with the same choices."""
    first = next(iter(forms.values()))
    wanted = {one.id: (one.kind, one.required, one.detail, tuple(one.choices)) for one in first.fields}
    for language in LANGUAGES:
        file = str(content / language / FILE)
        if language not in forms:
            yield Fault(file, 1, "is missing", f"translate {first.language}/{FILE}")
            continue
        found = {one.id: (one.kind, one.required, one.detail, tuple(one.choices)) for one in forms[language].fields}
        for id_ in wanted.keys() | found.keys():
            if wanted.get(id_) != found.get(id_):
                mend = "give it the same kind, required, detail and choices, or leave it out, in every language"
                yield Fault(file, 1, f"field {id_} is not as in {first.language}", mend)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _field_line(source: str, nth: int) -> int:
    """The line of the nth [[complaint.field]]."""
    places = [n for n, line in enumerate(source.splitlines(), 1) if line.strip() == "[[complaint.field]]"]
    return places[nth] if nth < len(places) else 1


def _line_with(source: str, text: str) -> int:
    head = text.splitlines()[0][:40] if text.strip() else text
    return next((n for n, line in enumerate(source.splitlines(), 1) if head and head in line), 1)
