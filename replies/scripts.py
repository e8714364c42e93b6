"""话术: what the bot says in each situation, in several variants a language, from `content/*/scripts.toml`.

Templates are Jinja2 in a sandbox, and an unknown variable is an error. What customers and FAQ entries say goes in as
values, never as templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.messages import QuickReply
from replies.etiquette import Tone
from replies.source import Fault, line_of, parse_toml, read_source, refuse
from replies.text import LANGUAGES, Language
from replies.words import MARKS

MAX_TEXT: Final = 6000


@dataclass(frozen=True, slots=True)
class Situation:
    """How many variants a situation needs at least, which variables it has, and how light it may sound."""

    least: int = 2
    variables: frozenset[str] = frozenset()
    tone: Tone = "plain"


COMMON: Final = frozenset({"company", "hours", "name"})
"""Variables of every script."""

SITUATIONS: Final[Mapping[str, Situation]] = {
    "welcome": Situation(least=1, tone="light"),
    "opening": Situation(least=3),
    "greeting": Situation(least=3, tone="light"),
    "greeting_again": Situation(least=3, tone="light"),
    "here": Situation(tone="light"),
    "how_are_you": Situation(tone="light"),
    "thanks": Situation(least=3, tone="light"),
    "who_are_you": Situation(tone="light"),
    "goodbye": Situation(tone="light"),
    "praise": Situation(tone="light"),
    "light": Situation(least=3, tone="light"),
    "answer": Situation(least=3, variables=frozenset({"answer"})),
    "solved": Situation(least=3, tone="light"),
    "clarify": Situation(least=3),
    "miss": Situation(least=3),
    "miss_again": Situation(least=3, tone="grave"),
    "handoff": Situation(least=3, tone="grave"),
    "handoff_again": Situation(least=3, tone="grave"),
    "unsolved": Situation(least=3, tone="grave"),
    "media": Situation(least=3, variables=frozenset({"kind"}), tone="grave"),
    "critical": Situation(tone="grave"),
    "serious": Situation(least=3, tone="grave"),
    "moderate": Situation(least=3, tone="grave"),
    "returned": Situation(),
    "resolved": Situation(),
    "rate": Situation(),
    "rated": Situation(variables=frozenset({"mark"})),
    "rated_low": Situation(variables=frozenset({"mark"}), tone="grave"),
    "empty": Situation(least=3),
    "flood": Situation(),
}
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
}
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "brand": ("company", "hours"),
    "buttons": ("human", "yes", "no", "none", *MARKS),
    "kinds": ("image", "voice", "video", "file", "location", "link", "other"),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """Whom the bot speaks for. `hours`: when people are on duty, in words; empty where that is not said."""

    company: str
    hours: str = ""


class _Environment(ImmutableSandboxedEnvironment):
    """Text, not HTML: nothing is escaped, the channel does that for its own format."""

    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        # A script has no use for arithmetic, and "x" * 10**9 is how a template eats the machine.
        raise TypeError(f"scripts cannot use {operator}")


ENVIRONMENT: Final = _Environment(undefined=StrictUndefined, keep_trailing_newline=True, cache_size=0)


@lru_cache(maxsize=4096)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


class Script:
    """A text with variables, compiled. Jinja is asked only where there is more to do than to put values in."""

    def __init__(self, text: str) -> None:
        self._template = _template(text)
        self._parts = _parts(text)

    def say(self, values: dict[str, str]) -> str:
        """The text with its variables filled in."""
        if self._parts is not None:
            return _fit("".join([values[part] if is_name else part for is_name, part in self._parts]))
        # `shared`: without the globals of Jinja, which no script may use and which cost more than the rendering.
        context = self._template.new_context(values, shared=True)
        return _fit("".join(self._template.root_render_func(context)))


def _parts(text: str) -> list[tuple[bool, str]] | None:
    """A template as plain words and names of variables in turn; None if there is anything else in it."""
    parts: list[tuple[bool, str]] = []
    for output in ENVIRONMENT.parse(text).body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append((False, node.data))
            elif isinstance(node, nodes.Name):
                parts.append((True, node.name))
            else:
                return None
    return parts


def _fit(text: str) -> str:
    return text.strip()[:MAX_TEXT]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's words."""

    brand: Brand
    buttons: Mapping[str, QuickReply]
    kinds: Mapping[str, str]
    topics: Mapping[str, str]
    reasons: Mapping[str, Script]
    scripts: Mapping[str, tuple[Script, ...]]


@dataclass(frozen=True, slots=True)
class Scripts:
    """The scripts of all languages."""

    catalogues: Mapping[Language, Catalogue] = field(default_factory=dict)

    def variants(self, situation: str, language: Language) -> int:
        """How many ways there are to say it."""
        return len(self.catalogues[language].scripts[situation])

    def say(self, situation: str, language: Language, variant: int, **values: str) -> str:
        """A script with its variables filled in."""
        return self.catalogues[language].scripts[situation][variant].say(values)

    def reason(self, name: str, language: Language, **values: str) -> str:
        """Why a person is asked to take over, for the agent."""
        return self.catalogues[language].reasons[name].say(values)


def load_scripts(content: Path) -> Scripts:
    """The scripts of a content folder; raises ContentError with every fault's file and line."""
    catalogues, faults = read_scripts(content)
    refuse(faults)
    return Scripts(catalogues)


def read_scripts(content: Path) -> tuple[dict[Language, Catalogue], list[Fault]]:
    """The catalogues that hold together, and what is wrong with the others."""
    catalogues: dict[Language, Catalogue] = {}
    faults: list[Fault] = []
    for language in LANGUAGES:
        path = content / language / "scripts.toml"
        source = read_source(path)
        tables = parse_toml(source, str(path))
        found = list(_check(tables, source, str(path)))
        faults += found
        if not found:
            catalogues[language] = _catalogue(tables)
    return catalogues, faults


def _catalogue(tables: Mapping[str, Any]) -> Catalogue:
    return Catalogue(
        brand=Brand(tables["brand"]["company"], tables["brand"].get("hours", "")),
        buttons={name: QuickReply(label, name) for name, label in tables["buttons"].items()},
        kinds=tables["kinds"],
        topics=tables.get("topics", {}),
        reasons={name: Script(text) for name, text in tables["reasons"].items()},
        scripts={name: tuple(map(Script, variants)) for name, variants in tables["scripts"].items()},
    )


def _check(tables: Mapping[str, Any], source: str, file: str) -> Iterator[Fault]:
    wanted = {**LABELS, "reasons": tuple(REASONS), "scripts": tuple(SITUATIONS)}
    known = {*wanted, "topics"}
    for table in tables:
        if table not in known:
            yield Fault(file, line_of(source, table), f"[{table}] is not known", f"use {', '.join(sorted(known))}")
    for table, names in wanted.items():
        values = tables.get(table)
        if not isinstance(values, dict):
            yield Fault(file, 1, f"[{table}] is missing", "copy it from another language")
            continue
        yield from _check_names(table, names, values, source, file)
        for name in names:
            if name in values:
                yield from _check_value(table, name, values[name], source, file)
    yield from _check_topics(tables.get("topics", {}), source, file)


def _check_names(
    table: str, names: Sequence[str], values: Mapping[str, Any], source: str, file: str
) -> Iterator[Fault]:
    for name in names:
        if name not in values:
            yield Fault(file, line_of(source, table), f"[{table}] {name} is missing", "copy it from another language")
    for name in values:
        if name not in names:
            mend = f"one of {', '.join(names)}"
            yield Fault(file, line_of(source, table, name), f"[{table}] {name} is not known", mend)


def _check_topics(topics: Any, source: str, file: str) -> Iterator[Fault]:
    if not isinstance(topics, dict) or not all(isinstance(label, str) and label.strip() for label in topics.values()):
        yield Fault(
            file, line_of(source, "topics"), "[topics] is not a list of labels", 'faq_id = "words on the button"'
        )


def _check_value(table: str, name: str, value: Any, source: str, file: str) -> Iterator[Fault]:
    if table == "scripts":
        yield from _check_script(name, value, source, file)
    elif not isinstance(value, str) or (not value.strip() and name != "hours"):
        yield Fault(file, line_of(source, table, name), f"[{table}] {name} is not a text", f'{name} = "…"')
    elif table == "reasons":
        yield from _check_template(table, name, value, REASONS[name], source, file)


def _check_script(name: str, variants: Any, source: str, file: str) -> Iterator[Fault]:
    if not isinstance(variants, list) or not all(isinstance(text, str) and text.strip() for text in variants):
        yield Fault(file, line_of(source, "scripts", name), f"{name} is not a list of texts", f'{name} = ["…", "…"]')
        return
    situation = SITUATIONS[name]
    if len(set(variants)) < situation.least:
        text = f"{name} has {len(set(variants))} different variants"
        yield Fault(file, line_of(source, "scripts", name), text, f"write at least {situation.least}")
    for text in variants:
        yield from _check_template("scripts", name, text, COMMON | situation.variables, source, file)
        if "answer" in situation.variables and "answer" not in _variables(text):
            line = line_of(source, "scripts", name, text)
            yield Fault(file, line, f"{name}: the answer itself is missing", "put {{ answer }} in")


def _check_template(
    table: str, name: str, text: str, allowed: frozenset[str], source: str, file: str
) -> Iterator[Fault]:
    if "{" not in text:
        return
    line = line_of(source, table, name, text)
    try:
        unknown = _variables(text) - allowed
    except TemplateSyntaxError as error:
        yield Fault(file, line, f"{name}: {error.message}", "write variables as {{ company }}")
        return
    if unknown:
        mend = f"one of {', '.join(sorted(allowed))}"
        yield Fault(file, line, f"{name}: no variable {', '.join(sorted(unknown))}", mend)
        return
    try:
        for value in ("x", ""):
            Script(text).say(dict.fromkeys(allowed, value))
    except Exception as error:  # whatever a template can raise, it must raise here and not before a customer
        yield Fault(file, line, f"{name}: cannot be rendered: {error}", "keep to {{ variable }} and {% if variable %}")


def _variables(text: str) -> set[str]:
    return meta.find_undeclared_variables(ENVIRONMENT.parse(text))
