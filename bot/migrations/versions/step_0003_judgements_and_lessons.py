"""what conversations are about, questions the FAQ lacks, corrected judgements, earlier complaints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.migrations.types import ID, JSON, TIME

revision = "kefu_0003"
down_revision = "kefu_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("near", sa.Text(), server_default="", nullable=False),
        sa.Column("misses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unsolved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("entry", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("suggestion_list", "suggestion", ["state", "last_at"], unique=False)
    op.create_table(
        "suggestion_place",
        sa.Column("suggestion_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestion.id"]),
        sa.PrimaryKeyConstraint("suggestion_id", "conversation_id"),
    )
    op.create_index(op.f("ix_suggestion_place_conversation_id"), "suggestion_place", ["conversation_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=True),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_category", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_tier", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("tier", sa.Text(), server_default="", nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"]),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_correction_conversation_id"), "correction", ["conversation_id"], unique=False)
    op.add_column("conversation", sa.Column("category", sa.Text(), server_default="", nullable=False))
    op.add_column("conversation", sa.Column("complaints", sa.Integer(), server_default="0", nullable=False))
    op.add_column("contact", sa.Column("complaints", JSON, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("contact", "complaints")
    op.drop_column("conversation", "complaints")
    op.drop_column("conversation", "category")
    op.drop_index(op.f("ix_correction_conversation_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_suggestion_place_conversation_id"), table_name="suggestion_place")
    op.drop_table("suggestion_place")
    op.drop_index("suggestion_list", table_name="suggestion")
    op.drop_table("suggestion")
