"""One way to run a statement on both databases.

Statements are written once in SQLAlchemy Core at module level and wrapped in `Statement`, which compiles them
once per dialect to the driver's own SQL. Running one costs little more than the driver itself: SQLAlchemy's
per-execution work (measured at 50 µs and more a statement) is done at first use.

A transaction script is a plain function `script(tx, …)` that talks to a `Tx`. The runners in
`bot.store.runner` decide when it begins, commits and is repeated.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Protocol

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.ext.compiler import compiles

Row = Any
"""A named tuple with the statement's column labels."""


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


DIALECTS: dict[str, sa.Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark", json_serializer=_dumps, json_deserializer=orjson.loads),
    "postgresql": asyncpg_dialect(json_serializer=_dumps, json_deserializer=orjson.loads),  # type: ignore[no-untyped-call]
}


class Compiled:
    """A statement as one driver wants it: text, the order of its parameters, and the conversions both ways."""

    __slots__ = ("_constants", "_converters", "_make", "_results", "_select", "sql")

    def __init__(self, core: sa.sql.ClauseElement, dialect: sa.Dialect) -> None:
        compiled: Any = core.compile(dialect=dialect)
        self.sql: str = compiled.string
        names = list(compiled.positiontup or ())
        binds = [compiled.binds[name] for name in names]
        self._constants = {name: b.value for name, b in zip(names, binds, strict=True) if not b.required}
        self._select = _selector(names)
        processors = [b.type.dialect_impl(dialect).bind_processor(dialect) for b in binds]
        self._converters = [(i, convert) for i, convert in enumerate(processors) if convert is not None]
        columns = [(entry[0], entry[3]) for entry in compiled._result_columns or ()]
        made: Any = namedtuple("Row", [name for name, _ in columns], rename=True)  # type: ignore[misc]
        self._make: Callable[[Any], Row] = partial(tuple.__new__, made)
        converters = [type_.dialect_impl(dialect).result_processor(dialect, None) for _, type_ in columns]
        self._results = [(i, c) for i, c in enumerate(converters) if c is not None]

    def bind(self, params: dict[str, Any]) -> Sequence[Any]:
        """The positional parameters; a required one that is missing raises KeyError."""
        values = self._select({**self._constants, **params} if self._constants else params)
        if not self._converters:
            return values
        converted = list(values)
        for i, convert in self._converters:
            converted[i] = convert(converted[i])
        return converted

    def rows(self, raw: Sequence[Sequence[Any]]) -> list[Row]:
        """The driver's rows as named tuples of Python values."""
        make = self._make
        if not self._results:
            return [make(r) for r in raw]
        made = []
        for r in raw:
            values = list(r)
            for i, convert in self._results:
                values[i] = convert(values[i])
            made.append(make(values))
        return made


def _selector(names: Sequence[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Picks the values of these names, in order, at the speed of C."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda params: tuple(params[name] for name in names)


class Statement:
    """A Core statement, compiled at first use for each dialect. `on` names the one dialect it is for, if not both."""

    __slots__ = ("_compiled", "_core")

    def __init__(self, core: sa.sql.ClauseElement) -> None:
        self._core = core
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: str) -> Compiled:
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = Compiled(self._core, DIALECTS[dialect])
        return found


class Tx(Protocol):
    """A transaction as a script sees it. `now` is the store's clock when the script began (aware UTC)."""

    dialect: str
    now: datetime

    def all(self, statement: Statement, **params: Any) -> list[Row]:
        """Run it and return its rows."""

    def first(self, statement: Statement, **params: Any) -> Row | None:
        """The first row, or None."""

    def count(self, statement: Statement, **params: Any) -> int:
        """Run it and return how many rows it changed."""


class IntList(sa.types.TypeDecorator[list[int]]):
    """A list parameter: an array on PostgreSQL, JSON text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(sa.BigInteger()))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: list[int] | None, dialect: sa.Dialect) -> Any:
        return value if dialect.name == "postgresql" or value is None else _dumps(value)


class Among(sa.sql.functions.FunctionElement[Any]):
    """`column` is one of the numbers in a list parameter: one cached statement, however long the list."""

    name = "among"
    inherit_cache = True
    type = sa.types.NullType()  # a Boolean would be rendered "… = 1" on SQLite, which no index serves


def among(column: Any, name: str) -> Among:
    """`column` is among the numbers given as parameter `name` (a list)."""
    return Among(column, p(name, IntList()))


@compiles(Among, "postgresql")
def _any(element: Any, compiler: Any, **kw: Any) -> str:
    column, numbers = (compiler.process(c, **kw) for c in element.clauses)
    return f"{column} = ANY ({numbers})"


@compiles(Among, "sqlite")
def _each(element: Any, compiler: Any, **kw: Any) -> str:
    column, numbers = (compiler.process(c, **kw) for c in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608  # both are compiled SQL


def insert(table: sa.Table) -> Any:
    """INSERT that knows ON CONFLICT on both dialects (they share the syntax kefu uses)."""
    return postgresql.insert(table)


def p(name: str, type_: sa.types.TypeEngine[Any] | None = None) -> sa.BindParameter[Any]:
    """A named parameter that must be given at every run."""
    return sa.bindparam(name, type_=type_, required=True)
