"""Complaints as people see them through: what was registered, who answers it by when, and everything that changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col

ALIVE = sa.text("status <> 'closed'")


class Case(SQLModel, table=True):
    """投诉单: a complaint from the day it is registered to the customer's yes.

    `key`: what registered it, so that the same again is the same case. `number`: what people call it. `agent_id`: who
    registered it, NULL the customer himself with the bot. `owner_id`: who answers it, by `due_at`. `fields`: answers by
    `bot.store.cases.FIELDS`; `others`: what an operator's own form asked beside them, [[label, answer]…].
    `status`: registered, working, answered, closed. `agreed`: what the customer said to its end: yes, no, silent; ""
    before that.
    """

    __tablename__ = "complaint_case"
    __table_args__ = (sa.Index("complaint_case_alive", "due_at", sqlite_where=ALIVE, postgresql_where=ALIVE),)
    id: int | None = col.id_()
    key: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    number: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    conversation_id: int = col.ref("conversation.id", index=True)
    contact_id: int = col.ref("contact.id", index=True)
    agent_id: int | None = col.ref("agent.id", null=True)
    owner_id: int | None = col.ref("agent.id", null=True)
    tier: str = col.text()
    status: str = Field(
        default="registered", sa_column=sa.Column(sa.String(16), nullable=False, server_default="registered")
    )
    agreed: str = col.text()
    fields: dict[str, Any] = col.json()
    others: list[list[str]] = col.json("[]")
    due_at: datetime = col.time()
    created_at: datetime = col.time()
    closed_at: datetime | None = col.time(null=True)


class CaseChange(SQLModel, table=True):
    """One entry of a case's history. `agent_id`: who, NULL the bot. `changes`: what, as {name: [before, after]}."""

    __tablename__ = "case_change"
    id: int | None = col.id_()
    case_id: int = col.ref("complaint_case.id", index=True)
    agent_id: int | None = col.ref("agent.id", null=True)
    changes: dict[str, Any] = col.json()
    at: datetime = col.time()
