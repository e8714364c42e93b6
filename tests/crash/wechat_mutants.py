"""Networks' ways broken on purpose, as `mutants` are: each must be caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot import webhooks
from bot.failpoints import reach
from bot.http import Response
from bot.intake import InboxHandle, Intake
from bot.messages import Heard, Incoming
from bot.ports import Cursor
from bot.store import answers, outbox, pages, saying, windows
from bot.store.answers import Answer
from bot.store.arrivals import NOW
from bot.store.rows import Due
from bot.store.sql import Statement, Tx, p
from bot.tables import Outbox

O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741


def both_ways() -> None:
    """What a webhook answers also stays in the line."""
    keep = saying.out
    loose = Statement(
        sa.update(O)
        .where(O.c.message_id == p("message_id"))
        .values(held=sa.false(), started=sa.false(), parked="", due_at=NOW)
    )

    def out(tx: Tx, *given: Any, **more: Any) -> tuple[list[Due], bool, Answer | None]:
        due, queued, answer = keep(tx, *given, **more)
        for message_id in answer.message_ids if answer else ():
            tx.count(loose, message_id=message_id, now=tx.now)
        return due, queued, answer

    saying.out = out


def decided_anew() -> None:
    """A repeated push gets another answer than it had."""
    keep = answers._again

    def again(*given: Any) -> Answer | None:
        answer = keep(*given)
        if answer is None:
            return None
        return replace(answer, outgoing=replace(answer.outgoing, text=f"{answer.outgoing.text} indeed"))

    answers._again = again  # type: ignore[assignment]


def uncounted() -> None:
    """Nobody counts what a window allows."""

    def spend(tx: Tx, conversation_id: int, *, reserve: int) -> str:
        return ""

    windows.spend = spend


def resent() -> None:
    """An answer whose process died goes out again, as if it certainly had not arrived."""
    keep = outbox._hold

    def hold(tx: Tx, row: Any, hold: timedelta) -> Due:
        return replace(keep(tx, row, hold), ambiguous=False)

    outbox._hold = hold


def answered_first() -> None:
    """A webhook hears that its message is taken, and then it is kept."""
    respond = webhooks._respond
    later: list[tuple[Intake, str, Incoming]] = []

    async def ask(self: Intake, inbox: str, incoming: Incoming, *, began: float | None = None) -> Answer | None:
        later.append((self, inbox, incoming))
        return None

    async def _respond(send: Any, response: Response) -> None:
        await respond(send, response)
        while later:
            reach("answered")
            intake, inbox, incoming = later.pop(0)
            await intake.accept(inbox, incoming)

    Intake.ask = ask  # type: ignore[method-assign]
    webhooks._respond = _respond


def cursor_first() -> None:
    """The cursor is moved a moment before what it stands behind is kept."""
    keep = Intake._accept_page

    async def accept_page(self: Intake, handle: InboxHandle, heard: Sequence[Heard], cursor: Cursor | None) -> None:
        more: dict[str, Any] = {"lease": None, "reopen": self._reopen, "wake": timedelta()}
        if cursor is not None and heard:
            await self._store.write(pages.keep, handle.id, (), cursor, **more)
            reach("cursor_moved")
        await keep(self, handle, heard, cursor if not heard else None)

    Intake._accept_page = accept_page  # type: ignore[method-assign]
