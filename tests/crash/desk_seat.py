"""The Telegram desk beside a server under test: quick to take over, with places to die at, and broken on purpose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, timedelta
from typing import Any

from bot.failpoints import reach
from bot.live import Live
from bot.media import KeptFiles
from bot.shelf import InboxShelf
from bot.store import arrivals, topics
from bot.store.runner import Store
from handoff.desk.ground import DeskGround
from handoff.telegram_desk import desk, naming, opening
from handoff.telegram_desk.acting import Acting
from handoff.telegram_desk.calls import Calls
from handoff.telegram_desk.desk import TelegramDesk
from tests.fakes.telegram_world import DESK_TOKEN, GROUP

PLACES = ("topic_made", "card_said", "line_said", "reply_taken", "tap_done")
"""Between what was done – at Telegram, or here – and what notes that it was."""


async def seat(store: Store, live: Live, files: KeptFiles, upstream: str, lease: float) -> TelegramDesk:
    """One process's desk, not started."""
    opening.MAKE_WITHIN, opening.HEARD_WITHIN = timedelta(seconds=5), timedelta(seconds=2)
    desk.TRY_AGAIN, desk.BACK_OFF = 0.2, (0.1, 0.2, 0.3, 0.4, 0.5)
    _mark()
    ground = DeskGround(
        store=store, live=live, ring_turn=live.ring_turn, ring_delivery=live.ring_delivery, pull=lambda inbox: False,
        public_url="http://desk.test", files=files, telegram=True,
    )  # fmt: skip
    shelf = InboxShelf(store, await store.write(arrivals.keep_inbox, naming.INBOX, naming.CHANNEL), zone=UTC)
    calls = Calls(DESK_TOKEN, api_base=upstream)
    return TelegramDesk(
        ground, shelf, calls, group=GROUP, language="zh-Hans", most=100_000, lease=timedelta(seconds=lease)
    )  # fmt: skip


def _mark() -> None:
    """Fail points where the desk's own calls end: it needs none within."""
    _after(Calls, "make_topic", lambda *given, **named: "topic_made")
    _after(Calls, "say", lambda _, chat, thread, text, **named: _said(thread, named))
    _after(Acting, "said", lambda *given: "reply_taken")
    _after(Acting, "_tap", lambda *given: "tap_done")


def _said(thread: int | None, named: dict[str, Any]) -> str:
    if thread is None or named.get("reply_to"):
        return "notice_said"
    return "card_said" if named.get("buttons") else "line_said"


def _after(owner: type, name: str, place: Callable[..., str]) -> None:
    done = getattr(owner, name)

    @functools.wraps(done)
    async def marked(*given: Any, **named: Any) -> Any:
        result = await done(*given, **named)
        reach(place(*given, **named))
        return result

    setattr(owner, name, marked)


# ---- mutants ------------------------------------------------------------------------------------------------------


def act_again() -> None:
    """Nobody remembers what was done."""

    def once(tx: Any, inbox_id: int, act: str, told: str, script: Any, /, *args: Any, **kwargs: Any) -> Any:
        return script(tx, *args, **kwargs)

    topics.once, topics.did = once, lambda *given: None


def offset_first() -> None:
    """An update counts as done before it is."""
    work = TelegramDesk._heard

    async def heard(self: TelegramDesk, updates: Sequence[Any], offset: int | None) -> None:
        await self._shelf.put(desk.OFFSET, str(max(int(u["update_id"]) for u in updates) + 1))
        if any("text" in u.get("message", {}) for u in updates):
            reach("offset_moved")
        await work(self, updates, offset)

    TelegramDesk._heard = heard  # type: ignore[method-assign]
