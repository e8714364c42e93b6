"""reply windows, parked messages, what channels keep, troubles, media, ratings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.migrations.types import ID, JSON, TIME

revision = "kefu_0002"
down_revision = "kefu_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox_trouble",
        sa.Column("inbox_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("inbox_id", "key"),
    )
    op.create_table(
        "kept",
        sa.Column("inbox_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("inbox_id", "name"),
    )
    op.create_table(
        "media",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_media_conversation_id"), "media", ["conversation_id"], unique=False)

    op.create_table(
        "media_fetch",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("inbox_id", ID, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "number"),
    )
    op.create_index("media_fetch_due", "media_fetch", ["due_at"], unique=False)
    op.create_index(op.f("ix_media_fetch_conversation_id"), "media_fetch", ["conversation_id"], unique=False)

    op.create_table(
        "rating",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("handoff_id", ID, nullable=True),
        sa.Column("agent_id", ID, nullable=True),
        sa.Column("score", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agent.id"],
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"],
            ["handoff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("handoff_id"),
    )
    op.create_index(op.f("ix_rating_agent_id"), "rating", ["agent_id"], unique=False)
    op.create_index(op.f("ix_rating_conversation_id"), "rating", ["conversation_id"], unique=False)

    op.add_column("conversation", sa.Column("window_by", sa.Text(), server_default="", nullable=False))
    op.add_column("conversation", sa.Column("window_granted", sa.Integer(), nullable=True))
    op.add_column("conversation", sa.Column("window_used", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversation", sa.Column("window_until", TIME, nullable=True))

    op.add_column("outbox", sa.Column("parked", sa.String(length=16), server_default="", nullable=False))
    op.add_column("outbox", sa.Column("spent", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("outbox", "spent")
    op.drop_column("outbox", "parked")

    op.drop_column("conversation", "window_until")
    op.drop_column("conversation", "window_used")
    op.drop_column("conversation", "window_granted")
    op.drop_column("conversation", "window_by")

    op.drop_index(op.f("ix_rating_conversation_id"), table_name="rating")
    op.drop_index(op.f("ix_rating_agent_id"), table_name="rating")

    op.drop_table("rating")
    op.drop_index(op.f("ix_media_fetch_conversation_id"), table_name="media_fetch")
    op.drop_index("media_fetch_due", table_name="media_fetch")

    op.drop_table("media_fetch")
    op.drop_index(op.f("ix_media_conversation_id"), table_name="media")

    op.drop_table("media")
    op.drop_table("kept")
    op.drop_table("inbox_trouble")
