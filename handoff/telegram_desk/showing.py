"""Making the topics what their conversations are: what is missing is read from the store, done, and noted as done.

A message may be posted twice when we die between posting it and noting it; none is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import KefuError
from bot.messages import Status
from bot.ports import Shelf
from bot.store import linking, listing, topics
from bot.store.sql import Row
from bot.store.topics import View
from handoff.desk.ground import DeskGround
from handoff.telegram_desk import cards, telling
from handoff.telegram_desk.budget import Budget, Rank
from handoff.telegram_desk.faults import (
    BarredError,
    BusyError,
    CallError,
    GoneError,
    LaterError,
    MovedError,
    VagueError,
    trouble,
)
from handoff.telegram_desk.naming import Group
from handoff.telegram_desk.opening import Opening
from handoff.telegram_desk.telling import Log, Post
from handoff.telegram_desk.words import Words

if TYPE_CHECKING:
    from handoff.telegram_desk.calls import Calls

logger = structlog.get_logger(__name__)

SETTLE = 0.8
"""Seconds a burst has to end before it is shown …"""
LONGEST_BURST = 3.0
"""… and for which it may go on."""
LATE = 20.0
"""Seconds of waiting for the budget from which people are told that it goes slowly."""
SENT = "👍"
SICK = 60.0
"""Seconds until what Telegram refuses is tried again."""


class OverBudgetError(Exception):
    """It has to wait so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Showing:
    """`clock` counts the budget's seconds. `step` does what can be done now and says when to come again."""

    def __init__(
        self, ground: DeskGround, calls: Calls, words: Words, budget: Budget, group: Group, shelf: Shelf,
        clock: Callable[[], float], opening: Opening,
    ) -> None:  # fmt: skip
        self._ground, self._store, self._calls, self._words = ground, ground.store, calls, words
        self._budget, self._group, self._zone, self._clock = budget, group, shelf.zone, clock
        self._tell, self._mended = shelf.tell, shelf.mended
        self._opening = opening
        self._sick: dict[int, float] = {}
        self._parts: dict[int, tuple[int, int, int]] = {}
        self._bursts: dict[int, float] = {}
        self._slow = False

    async def step(self) -> float | None:
        """Do what may be done now; seconds until there is more to do, None if only a bell tells."""
        if await self._store.read(topics.unseen):
            await self._store.write(topics.see)
        work = sorted(await self._store.read(topics.work), key=_urgency)
        try:
            waits = await self._notices()
            for row in work:
                waits.append(await self._kept_apart(row))
            waits += await self._notices()
        except LaterError as later:
            self._budget.pause(self._clock() + later.after)
            waits = [later.after]
        waits = [wait for wait in waits if wait > 0]
        if not waits:
            self._slow = False
        return min(waits) if waits else None

    async def _kept_apart(self, row: Row) -> float:
        """Bring a topic up to date; seconds until it may go on. What is wrong with one keeps no other from its turn."""
        sick = self._sick.get(row.id, 0.0) - self._clock()
        if sick > 0:
            return sick
        try:
            wait = await self._advance(row)
        except OverBudgetError as over:
            await self._slowly(over.seconds)
            return over.seconds
        except (LaterError, MovedError, BusyError, BarredError, VagueError):
            raise
        except CallError as error:
            logger.warning("telegram_desk.refused", conversation=row.conversation_id, error=str(error))
            await self._tell(trouble("refused", str(error)))
            self._sick[row.id] = self._clock() + SICK
            return SICK
        if self._sick:
            self._sick.pop(row.id, None)
            if not self._sick:
                await self._mended(trouble("refused", "").key)
        return wait

    async def _slowly(self, seconds: float) -> None:
        if seconds > LATE and not self._slow:
            self._slow = True
            await self._store.write(topics.notice, "behind", self._words("behind"), extra={"rank": Rank.TIDY})

    # ---- one topic ------------------------------------------------------------------------------------------------

    async def _advance(self, row: Row) -> float:
        try:
            return await self._brought_up(row)
        except GoneError:
            logger.info("telegram_desk.topic_gone", conversation=row.conversation_id)
            if row.thread is not None:
                await self._store.write(topics.gone, row.id, row.thread)
            return 0.1

    async def _brought_up(self, row: Row) -> float:
        if row.state in ("due", "opening"):
            return await self._open(row)
        burst = self._burst(row)
        if burst > 0:
            return burst
        if row.status != "open":
            await self._finish(row)
            return 0.0
        if row.state == "closed":
            await self._turn(row.id, row.thread, open_=True)
        await self._show(row.id, Rank.WORDS if cards.order(row.tier) else Rank.CRITICAL)
        return 0.0

    def _burst(self, row: Row) -> float:
        """Seconds to wait for the end of a burst: customers write in pieces."""
        if row.seq <= row.shown or not row.card:
            return 0.0
        now = self._clock()
        began = self._bursts.setdefault(row.conversation_id, now)
        quiet: float = (self._store.now() - row.last_at).total_seconds()
        if quiet >= SETTLE or now - began >= LONGEST_BURST:
            return 0.0
        return min(SETTLE - quiet, LONGEST_BURST - (now - began))

    async def _open(self, row: Row) -> float:
        rank = cards.rank(row.tier)
        self._need(rank, 2)
        if wait := await self._opening.make(row):
            return wait
        await self._show(row.id, rank if rank <= Rank.URGENT else Rank.WORDS)
        return 0.0

    async def _show(self, topic_id: int, rank: Rank) -> None:
        """The card, as it is now, then what happened since."""
        view = await self._store.read(topics.view, topic_id)
        if view is None or view.topic.thread is None:
            return
        topic, chat = view.topic, view.topic.chat
        if await self._alert(view):
            await self._notices()
        if not topic.card:
            await self._card(view, rank)
        log = Log(
            view.events, view.about, chat, self._url(topic.conversation_id), fresh=topic.shown == 0, cut=view.cut
        )  # fmt: skip
        told = telling.tell(log, self._words, self._zone)
        posts = told.posts[self._out(topic) :]
        self._need(rank, len(posts))  # all of them: what belongs together is not torn apart
        for post in posts:
            await self._post(chat, topic.thread, post)
            if post.upto > topic.shown:
                await self._store.write(topics.showed, topic_id, topic.thread, upto=post.upto)
            self._parts[topic_id] = (topic.thread, max(topic.shown, post.upto), post.parts)
        await self._store.write(topics.showed, topic_id, topic.thread, upto=view.seq)
        self._bursts.pop(topic.conversation_id, None)
        for number in told.arrived:
            await self._react(chat, number)
        if topic.card:
            await self._fresh_card(view)

    def _out(self, topic: Row) -> int:
        """Posts of the next event that stand there already: of a message with many files a broken connection repeats
        one at most."""
        thread, upto, parts = self._parts.pop(topic.id, (0, 0, 0))
        return parts if (thread, upto) == (topic.thread, topic.shown) else 0

    async def _card(self, view: View, rank: Rank) -> None:
        topic = view.topic
        text = self._card_text(view)
        buttons = cards.buttons(topic.conversation_id, self._words)
        self._need(min(rank, Rank.CARD))
        self._budget.spend(self._clock())
        card = await self._calls.say(topic.chat, topic.thread, text, buttons=buttons)
        await self._store.write(
            topics.carded, topic.id, topic.thread, card=card, said=text, name=cards.name(view.head, self._words)
        )
        if self._budget.wait(self._clock(), Rank.TIDY) == 0.0:
            self._budget.spend(self._clock())
            with contextlib.suppress(CallError):  # where it may not pin, the card is the topic's first message anyway
                await self._calls.pin(topic.chat, card)

    async def _fresh_card(self, view: View) -> None:
        """The card and the topic's name say what is true now; that may wait for a quieter minute."""
        topic, text, name = view.topic, self._card_text(view), cards.name(view.head, self._words)
        changes = (text != topic.said) + (name != topic.name)
        if not changes:
            return
        kept = {"card": topic.card, "name": topic.name}
        if topic.said:
            await self._store.write(topics.carded, topic.id, topic.thread, said="", **kept)
        self._need(Rank.TIDY, changes)
        self._budget.spend(self._clock(), changes)
        if text != topic.said:
            await self._changed_card(topic, text)
        if name != topic.name:
            await self._calls.name_topic(topic.chat, topic.thread, name)
        await self._store.write(topics.carded, topic.id, topic.thread, **{**kept, "said": text, "name": name})

    async def _changed_card(self, topic: Row, text: str) -> None:
        """A card that somebody deleted stays deleted: what it says stands in the web desk."""
        buttons = cards.buttons(topic.conversation_id, self._words)
        try:
            await self._calls.change(topic.chat, topic.card, text, buttons)
        except (LaterError, MovedError, BarredError, VagueError):
            raise
        except CallError as error:
            logger.info("telegram_desk.card", error=str(error))

    def _card_text(self, view: View) -> str:
        url = self._url(view.topic.conversation_id)
        return cards.card(view.head, view.handoff, self._words, url, view.public)

    async def _alert(self, view: View) -> bool:
        """A critical matter calls the supervisors in General, once; whether it does so now."""
        topic, tier = view.topic, view.head["tier"]
        if cards.order(tier) > 0 or topic.alerted == tier:
            return False
        people = [(m.name, m.user_id) for m in await self._store.read(linking.supervisors)]
        link = cards.place(topic.chat, topic.thread)
        text, mentions = cards.alert(view.head, view.handoff, people, link, self._words)
        extra = {"mentions": mentions, "rank": Rank.CRITICAL}
        return await self._store.write(topics.alert, topic.id, tier, f"alert:{topic.id}:{tier}", text, extra)

    async def _finish(self, row: Row) -> None:
        """The conversation is nobody's any more: what is left is told, and the topic closes."""
        await self._show(row.id, Rank.TIDY)
        await self._turn(row.id, row.thread, open_=False)

    async def _turn(self, topic_id: int, thread: int, *, open_: bool) -> None:
        self._need(Rank.TIDY if not open_ else Rank.CARD)
        self._budget.spend(self._clock())
        await self._calls.turn_topic(self._group.chat, thread, open=open_)
        await self._store.write(topics.turned, topic_id, thread, open=open_)

    # ---- messages -------------------------------------------------------------------------------------------------

    async def _post(self, chat: int, thread: int, post: Post) -> None:
        if post.file is not None:
            await self._give(chat, thread, post)
            return
        self._budget.spend(self._clock())
        await self._calls.say(chat, thread, post.text, buttons=post.buttons, reply_to=post.reply_to)

    async def _give(self, chat: int, thread: int, post: Post) -> None:
        """A kept file; what cannot be given is told about."""
        from handoff.telegram_desk.calls import MOST_UPLOAD

        file: Mapping[str, Any] = post.file or {}
        called = self._words.known(f"kind.{file['kind']}", file["kind"])
        name = file.get("name") or ""
        self._budget.spend(self._clock())
        try:
            kept, path = await self._ground.files.find(file["key"])
            data = await asyncio.to_thread(path.read_bytes)
            if kept.size > MOST_UPLOAD:
                raise CallError("too large")
            await self._calls.give(chat, thread, data, kept.media_type, kept.name, post.text)
        except (LaterError, GoneError, VagueError):
            raise
        except (KefuError, OSError) as error:
            lost = "file.large" if isinstance(error, CallError) else "file.lost"
            text = f"{post.text}\n{self._words(lost, kind=called, name=name)}"
            await self._calls.say(chat, thread, text)

    async def _react(self, chat: int, number: int) -> None:
        with contextlib.suppress(CallError):  # the sign is a kindness; the truth stands in the web desk
            await self._calls.react(chat, number, SENT)

    async def _notices(self) -> list[float]:
        """What the desk itself has to say, the oldest first; what has no topic yet waits for it."""
        waits: list[float] = []
        for notice in await self._store.read(topics.notices):
            thread = await self._thread(notice)
            if thread is None:
                continue
            wait = self._budget.wait(self._clock(), Rank(notice.extra.get("rank", Rank.URGENT)))
            if wait:
                waits.append(wait)
                continue
            self._budget.spend(self._clock())
            try:
                await self._calls.say(
                    self._group.chat, thread or None, notice.text, reply_to=notice.reply_to,
                    mentions=notice.extra.get("mentions", ()),
                )  # fmt: skip
            except GoneError:
                await self._gone(notice.conversation_id)
                continue
            except (LaterError, MovedError, BarredError, VagueError):
                raise
            except CallError as error:
                logger.warning("telegram_desk.notice", error=str(error))
            await self._store.write(topics.told, notice.id)
        return waits

    async def _thread(self, notice: Row) -> int | None:
        """The topic it belongs into, 0 for General, None while that is still to be made."""
        if notice.conversation_id is None:
            return int(notice.extra.get("thread") or 0)
        topic = await self._store.read(topics.of, notice.conversation_id)
        if topic is not None and topic.thread is not None:
            return int(topic.thread)
        head = await self._store.read(listing.row, notice.conversation_id)
        return None if head["status"] == Status.OPEN.value else 0

    async def _gone(self, conversation: int | None) -> None:
        topic = None if conversation is None else await self._store.read(topics.of, conversation)
        if topic is not None and topic.thread is not None:
            await self._store.write(topics.gone, topic.id, topic.thread)

    def _need(self, rank: Rank, n: int = 1) -> None:
        wait = self._budget.wait(self._clock(), rank, n)
        if wait > 0:
            raise OverBudgetError(wait)

    def _url(self, conversation: int) -> str:
        return f"{self._ground.public_url.rstrip('/')}/desk/c/{conversation}"


def _urgency(row: Row) -> tuple[int, int, float]:
    """The gravest first; among equals what people do not see at all, then what waited longest."""
    unseen = 0 if row.state in ("due", "opening") or not row.card else 1
    tidy = 2 if row.status != "open" else unseen
    since = row.waiting_since or row.last_at
    return cards.order(row.tier) + (10 if tidy == 2 else 0), tidy, since.timestamp()
