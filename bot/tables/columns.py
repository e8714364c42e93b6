"""How columns are made: times, ids, JSON, and the few shapes most of them have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite (ordered, exact, aware)."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return EPOCH + timedelta(microseconds=value)


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def id_() -> Any:
    return Field(default=None, sa_column=sa.Column(Id, primary_key=True, autoincrement=True))


def ref(target: str, *, null: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=sa.Column(Id, sa.ForeignKey(target), nullable=null, index=index))


def time(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=sa.Column(UtcTime(), nullable=null))


def json(default: str = "{}") -> Any:
    return Field(default=None, sa_column=sa.Column(Json, nullable=False, server_default=sa.text(f"'{default}'")))


def text(default: str = "") -> Any:
    return Field(default=default, sa_column=sa.Column(sa.Text(), nullable=False, server_default=default))


def number(default: int = 0, *, big: bool = False) -> Any:
    return Field(
        default=default,
        sa_column=sa.Column(sa.BigInteger() if big else sa.Integer(), nullable=False, server_default=str(default)),
    )


def flag() -> Any:
    return Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
