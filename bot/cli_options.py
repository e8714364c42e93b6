"""Options that several commands have, and a group whose first command may be left out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file; else KEFU_CONFIG, else ./kefu.toml if it is there."),
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help='Read {"text": …} lines, write one JSON line for each.')]
Weights = Annotated[Path | None, typer.Option(help="Weights of your own, from `kefu triage train`.")]
FaqFile = Annotated[Path | None, typer.Option("--faq", help="A CSV file: id,question,answer,language.")]


class JudgeFirst(TyperGroup):
    """`kefu triage TEXT` is `kefu triage judge TEXT`: what is no command is a message."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in where it was left out."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["judge", *args]
        return super().parse_args(ctx, args)
