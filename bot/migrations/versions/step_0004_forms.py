"""forms that customers have left unfinished"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.migrations.types import JSON

revision = "kefu_0004"
down_revision = "kefu_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("form", JSON, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("contact", "form")
