"""Making topics, each once; and what becomes of one that was made while nobody heard the answer.

Nobody can ask Telegram which topics there are. But a topic that we made bears its conversation's number in its name,
and is heard of again: by Telegram's own word that it was made, or by the first who writes in it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.store import topics
from bot.store.runner import Store
from bot.store.sql import Row
from handoff.telegram_desk import cards
from handoff.telegram_desk.budget import Budget
from handoff.telegram_desk.faults import CallError, VagueError
from handoff.telegram_desk.hearing import Made
from handoff.telegram_desk.naming import Group
from handoff.telegram_desk.words import Words

if TYPE_CHECKING:
    from handoff.telegram_desk.calls import Calls

logger = structlog.get_logger(__name__)

MAKE_WITHIN = timedelta(seconds=45)
"""A topic that is being made is left to whoever does it for so long; a call lasts less."""
HEARD_WITHIN = timedelta(seconds=10)
"""Where the call is over and its answer lost, so long is waited to hear of the topic before another is made."""
AGAIN = 0.1


class Opening:
    """`make` is of one process at a time; `found` may come at any moment, also between a call and its answer.

    `informed`: everything that happened before we came is known. Until then nobody says that a topic is lost.
    """

    informed = False

    def __init__(
        self, store: Store, calls: Calls, words: Words, budget: Budget, group: Group, clock: Callable[[], float]
    ) -> None:  # fmt: skip
        self._store, self._calls, self._words = store, calls, words
        self._budget, self._group, self._clock = budget, group, clock

    async def make(self, row: Row) -> float:
        """Make the topic of this row of `topics.work`: 0.0 when it is there, or seconds after which to come again."""
        if row.state == "opening" and not self.informed:
            return AGAIN
        claimed = await self._store.write(topics.claim, row.id, hold=MAKE_WITHIN)
        if claimed is None:
            left: float = 0.0 if row.until is None else (row.until - self._store.now()).total_seconds()
            return max(1.0, left)
        view = await self._store.read(topics.view, row.id)
        assert view is not None
        name, chat = cards.name(view.head, self._words), self._group.chat
        try:
            self._budget.spend(self._clock())
            thread = await self._calls.make_topic(chat, name, cards.color(view.head["tier"]))
        except VagueError:
            await self._store.write(topics.doubted, row.id, claimed.token, hold=HEARD_WITHIN)
            raise
        except CallError:
            await self._store.write(topics.not_opened, row.id, claimed.token)
            raise
        if not await self._store.write(topics.opened, row.id, claimed.token, chat=chat, thread=thread, name=name):
            await self._spare(row.conversation_id, thread)
            return AGAIN
        if claimed.stray:
            await self._store.write(topics.notice, f"stray:{row.id}:{thread}", self._words("stray", name=name))
        return 0.0

    async def found(self, made: Made) -> None:
        """A topic of ours turned up: its conversation takes it if it waits for one; a second one is closed."""
        if made.conversation == 0:
            return
        if not await self._store.write(
            topics.adopt, made.conversation, chat=made.chat, thread=made.thread, name=made.name
        ):  # fmt: skip
            await self._spare(made.conversation, made.thread)

    async def _spare(self, conversation: int, thread: int) -> None:
        logger.warning("telegram_desk.spare_topic", conversation=conversation, thread=thread)
        self._budget.spend(self._clock())
        with contextlib.suppress(CallError):  # whoever writes there is told where to go on
            await self._calls.turn_topic(self._group.chat, thread, open=False)
