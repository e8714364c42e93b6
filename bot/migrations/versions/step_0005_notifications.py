"""mails that call agents to a conversation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.migrations.types import ID, TIME

revision = "kefu_0005"
down_revision = "kefu_0004"
branch_labels = None
depends_on = None

DUE = sa.text("state = 'due'")
OPEN = sa.text("state IN ('due', 'sending')")


def upgrade() -> None:
    op.add_column("agent", sa.Column("email", sa.Text(), server_default="", nullable=False))
    op.add_column("agent", sa.Column("notify", sa.String(16), server_default="never", nullable=False))
    op.create_table(
        "notification",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(16), server_default="due", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notification_due", "notification", ["due_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "notification_one",
        "notification",
        ["conversation_id", "agent_id"],
        unique=True,
        sqlite_where=DUE,
        postgresql_where=DUE,
    )


def downgrade() -> None:
    op.drop_table("notification")
    op.drop_column("agent", "notify")
    op.drop_column("agent", "email")
