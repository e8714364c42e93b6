"""Alembic's way in: runs the steps on the connection it was lent, in one transaction for all of them."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from bot.tables import METADATA, Id, Json, UtcTime

TYPES = {Id: "ID", Json: "JSON"}


def render(kind: str, thing: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our column types by the names `bot.migrations.types` has for them, and booleans so that both databases
    read them."""
    if kind == "type":
        return "TIME" if isinstance(thing, UtcTime) else TYPES.get(thing, False)
    if kind == "server_default" and isinstance(thing, sa.DefaultClause):
        truth = {"true": "sa.true()", "false": "sa.false()"}
        return truth.get(str(thing.arg), False)
    return False


connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=context.config.attributes.get("batch", False),
    render_item=render,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
