"""`python -m bot.migrations "what changed"`: draft the next step from what `bot/tables.py` has and the last step lacks.

The draft is compared on SQLite; read it, think of PostgreSQL and of the rows that exist, run `make format`, then set
`schema.HEAD`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import Script

from bot.store import schema


def draft(message: str) -> Path:
    """Write the next numbered step; its path."""
    number = len(list(schema.SCRIPTS.glob("versions/step_*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = schema.sqlite_engine(sa.make_url(f"sqlite:///{Path(folder) / 'draft.db'}"))
        with engine.begin() as connection:
            config = schema.config(connection)
            config.set_main_option("file_template", f"step_{number:04}_%%(slug)s")
            config.attributes["batch"] = (
                number > 1
            )  # SQLite alters a table by copying it; the first step only makes some
            if number > 1:
                command.upgrade(config, "head")
            made = command.revision(config, message, autogenerate=True, rev_id=f"kefu_{number:04}")
        engine.dispose()
    assert isinstance(made, Script)
    path = Path(made.path)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")), "utf-8")
    return path


if __name__ == "__main__":
    print(draft(" ".join(sys.argv[1:]) or "step"))  # noqa: T201
