"""话术: what the bot says in each situation, in several variants a language, from the sheets in `content/*/`.

Templates are Jinja2 in a sandbox, and an unknown variable is an error. What customers and FAQ entries say goes in as
values, never as templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.messages import QuickReply
from replies.situations import SITUATIONS, part_of_day
from replies.text import Language, clean

MAX_TEXT: Final = 6000
"""Characters of anything said, whatever the values were."""
MAX_VALUE: Final = 4000
"""Characters of one value."""


@dataclass(frozen=True, slots=True)
class Brand:
    """Whom the bot speaks for. `hours`: when people are on duty, in words; empty where that is not said."""

    company: str
    hours: str = ""


class _Environment(ImmutableSandboxedEnvironment):
    """Text, not HTML: nothing is escaped, the channel does that for its own format."""


ENVIRONMENT: Final = _Environment(undefined=StrictUndefined, keep_trailing_newline=True, cache_size=0)

_WORDS: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Assign),
    *(nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter),
)
"""All that a script may be made of. Nothing in it repeats or grows, so a script is as long as its words and values:
loops, macros, sums, joins and calls are how a template eats the machine."""
_FILTERS: Final = frozenset({"lower", "upper", "capitalize", "title", "trim"})


@lru_cache(maxsize=4096)
def parse(text: str) -> nodes.Template:
    """The tree of a script, to be read only; raises TemplateSyntaxError, also for what only other templates may use."""
    tree = ENVIRONMENT.parse(text)
    for node in (tree, *tree.find_all(nodes.Node)):
        if not isinstance(node, _WORDS) or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
            name = node.name if isinstance(node, nodes.Filter) else type(node).__name__.lower()
            raise TemplateSyntaxError(f"a script cannot use {name}", node.lineno)
    return tree


@lru_cache(maxsize=4096)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


class Script:
    """A text with variables, compiled. Jinja is asked only where there is more to do than to put values in.

    Raises TemplateSyntaxError.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _parts(parse(text))
        self._filled = partial(_joined, parts) if parts is not None else partial(_rendered, _template(text))

    def say(self, values: dict[str, str]) -> str:
        """The text with its variables filled in."""
        return self._filled(values).strip()[:MAX_TEXT]


def _joined(parts: list[tuple[bool, str]], values: dict[str, str]) -> str:
    return "".join([values[part] if is_name else part for is_name, part in parts])


def _rendered(template: Template, values: dict[str, str]) -> str:
    # `shared`: without the globals of Jinja, which no script may use and which cost more than the rendering.
    return "".join(template.root_render_func(template.new_context(values, shared=True)))


def _parts(tree: nodes.Template) -> list[tuple[bool, str]] | None:
    """A template as plain words and names of variables in turn; None if there is anything else in it."""
    parts: list[tuple[bool, str]] = []
    for output in tree.body:
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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's words. `given`: what every script is told unless it is told otherwise."""

    brand: Brand
    buttons: Mapping[str, QuickReply]
    kinds: Mapping[str, str]
    topics: Mapping[str, str]
    reasons: Mapping[str, Script]
    scripts: Mapping[str, tuple[Script, ...]]
    hello: Mapping[str, str]
    feelings: Mapping[str, str]
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scripts:
    """The scripts of all languages."""

    catalogues: Mapping[Language, Catalogue] = field(default_factory=dict)

    def variants(self, situation: str, language: Language) -> int:
        """How many ways there are to say it."""
        return len(self.catalogues[language].scripts[situation])

    def say(self, situation: str, language: Language, variant: int, **values: str) -> str:
        """A script with its variables filled in; those it may do without are empty unless they are given."""
        catalogue = self.catalogues[language]
        told = {**catalogue.given, **_NOTHING[situation], **{name: _value(value) for name, value in values.items()}}
        return catalogue.scripts[situation][variant].say(told)

    def reason(self, name: str, language: Language, **values: str) -> str:
        """Why a person is asked to take over, for the agent."""
        return self.catalogues[language].reasons[name].say(values)

    def hello(self, language: Language, hour: int | None = None) -> str:
        """The salutation that fits the hour (0 to 23) on the business's clock: the value `hello` of a script."""
        return self.catalogues[language].hello["any" if hour is None else part_of_day(hour)]

    def promises(self, language: Language, promises: Iterable[tuple[str, str, str]]) -> str:
        """Who does what by when, a line each: the value `promises` of a script."""
        return "\n".join(
            self.say("promise", language, 0, who=who, what=what, when=when) for who, what, when in promises
        )


_NOTHING: Final = {name: dict.fromkeys(situation.may, "") for name, situation in SITUATIONS.items()}


def _value(text: str) -> str:
    return clean(text[:MAX_VALUE])


@lru_cache(maxsize=4096)
def template_faults(text: str, allowed: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """What is wrong with a template, and the mend: it cannot be read, or has other variables than are `allowed`."""
    return tuple(_faults(text, allowed)) if "{" in text else ()


def _faults(text: str, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    try:
        unknown = meta.find_undeclared_variables(parse(text)) - allowed
    except TemplateSyntaxError as error:
        yield error.message or "cannot be read", "write variables as {{ company }}"
        return
    if unknown:
        yield f"no variable {', '.join(sorted(unknown))}", f"one of {', '.join(sorted(allowed))}"
        return
    try:
        for value in ("x", ""):
            Script(text).say(dict.fromkeys(allowed, value))
    except Exception as error:  # whatever a template can raise, it must raise here and not before a customer
        yield f"cannot be rendered: {error}", "keep to {{ variable }} and {% if variable %}"
