"""complaint cases and their history"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.migrations.types import ID, JSON, TIME

revision = "kefu_0008"
down_revision = "kefu_0007"
branch_labels = None
depends_on = None

ALIVE = sa.text("status <> 'closed'")


def upgrade() -> None:
    op.create_table(
        "complaint_case",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("tier", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(16), server_default="registered", nullable=False),
        sa.Column("agreed", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("others", JSON, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"]),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "complaint_case_alive", "complaint_case", ["due_at"], sqlite_where=ALIVE, postgresql_where=ALIVE
    )  # fmt: skip
    op.create_index("ix_complaint_case_contact_id", "complaint_case", ["contact_id"])
    op.create_index("ix_complaint_case_conversation_id", "complaint_case", ["conversation_id"])
    op.create_table(
        "case_change",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("changes", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["complaint_case.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_change_case_id", "case_change", ["case_id"])


def downgrade() -> None:
    for table in ("case_change", "complaint_case"):
        op.drop_table(table)
