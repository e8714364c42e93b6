"""Those who answer, and their logins."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col


class Agent(SQLModel, table=True):
    """A person who answers. `number` is the 工号 customers see. `role`: agent, supervisor, admin.

    `email`: where he is told that he is needed, as he writes it; `notify`: never, away (from the desk), always.
    """

    id: int | None = col.id_()
    login: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    name: str = col.text()
    number: str = col.text()
    role: str = Field(default="agent", sa_column=sa.Column(sa.String(16), nullable=False))
    password_hash: str = col.text()
    must_change: bool = Field(
        default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false())
    )
    active: bool = Field(default=True, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.true()))
    email: str = col.text()
    notify: str = Field(default="never", sa_column=sa.Column(sa.String(16), nullable=False, server_default="never"))
    created_at: datetime = col.time()


class AgentSession(SQLModel, table=True):
    """A logged-in browser; only the SHA-256 of its cookie is kept."""

    __tablename__ = "agent_session"
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), primary_key=True))
    agent_id: int = col.ref("agent.id", index=True)
    created_at: datetime = col.time()
    seen_at: datetime = col.time()
    address: str = col.text()
    user_agent: str = col.text()
