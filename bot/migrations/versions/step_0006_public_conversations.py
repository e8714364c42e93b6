"""conversations that everybody reads, and what many of them are about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kefu_0006"
down_revision = "kefu_0005"
branch_labels = None
depends_on = None

NAMED = sa.text("incident <> ''")


def upgrade() -> None:
    op.add_column("conversation", sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("conversation", sa.Column("incident", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "conversation_incident",
        "conversation",
        ["inbox_id", "incident"],
        sqlite_where=NAMED,
        postgresql_where=NAMED,
    )


def downgrade() -> None:
    op.drop_index("conversation_incident", table_name="conversation")
    op.drop_column("conversation", "incident")
    op.drop_column("conversation", "public")
