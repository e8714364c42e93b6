"""What people in the group do, done at the desk: under the rules of the web desk, and told to the same people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.errors import ConflictError, NotFoundError, TooLargeError
from bot.ports import Measure
from bot.store import desk, linking, listing, topics
from bot.store.desk import Changed
from bot.store.linking import Member
from bot.store.sql import Row, Tx
from handoff.desk import files
from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError
from handoff.telegram_desk import cards
from handoff.telegram_desk.faults import CallError, VagueError
from handoff.telegram_desk.hearing import Asked, File, Meant, Said, Tapped, Turned, meant
from handoff.telegram_desk.words import Words

MOST_TEXT = 4000
"""Characters, as at the web desk."""
MOST_DOWNLOAD = 20 * 1024 * 1024
"""Bytes that a bot gets from Telegram."""
STRANGER_TOLD = timedelta(minutes=10)
"""Somebody who is not linked is told how to link so often at most."""
DONE, SENT = "👌", "👍"


P = ParamSpec("P")
R = TypeVar("R")


class RefusalError(Exception):
    """Why an agent's act was not done, in the words he reads."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What acts need of the rest: files from Telegram, answers to taps, reactions, and names held for a time.
    `inbox`: where it is noted what is done."""

    inbox: int
    download: Callable[[str], Awaitable[bytes]]
    answer: Callable[[str, str, bool], Awaitable[None]]
    react: Callable[[int, str], Awaitable[None]]
    first: Callable[[str, timedelta], Awaitable[bool]]


class Acting:
    """`bot`: our username, for those who have to link.

    An update may come again, after a death or a broken connection. So each act has the key of what asked for it, and
    is noted as done in the transaction that does it.
    """

    def __init__(self, ground: DeskGround, words: Words, hands: Hands, bot: str) -> None:
        self._ground, self._store, self._words, self._hands, self._bot = ground, ground.store, words, hands, bot

    # ---- words ----------------------------------------------------------------------------------------------------

    async def said(self, said: Said) -> None:
        """An agent wrote in a topic: to the customer, or a note. Whatever was not done is said there."""
        topic = await self._store.read(topics.at, said.chat, said.thread)
        if topic is None:
            if said.root:
                await self._astray(said)
            return
        if await self._did(said.key) is not None:
            return
        try:
            agent = await self._agent(said.user, anonymous=said.anonymous)
            if said.edited:
                await self._edited(said, topic, agent)
            else:
                await self._spoken(said, topic, agent)
        except RefusalError as refusal:
            await self._refused(said, refusal, topic.conversation_id)

    async def _astray(self, said: Said) -> None:
        """Words in a topic of ours that is no conversation's."""
        other = await self._store.read(topics.of, cards.conversation(said.root))
        if other is None or other.thread is None:
            text = self._words("refused.stray")
        else:
            text = self._words("refused.spare", link=cards.place(other.chat, other.thread))
        if await self._did(said.key) is None:
            await self._notice(said, text, general=True)
            await self._once(said.key, "", topics.nothing)

    async def _spoken(self, said: Said, topic: Row, agent: Member) -> None:
        means = meant(said.text)
        if not said.whole:
            raise RefusalError(self._words("refused.kind"))
        if len(means.text) > MOST_TEXT:
            raise RefusalError(self._words("refused.long", most=MOST_TEXT))
        if not means.text and not said.files:
            raise RefusalError(self._words("refused.empty"))
        if means.note:
            await self._noted(said, topic, agent, means.text)
        else:
            await self._replied(said, topic, agent, means)

    async def _noted(self, said: Said, topic: Row, agent: Member, text: str) -> None:
        if said.files:
            raise RefusalError(self._words("refused.kind"))
        cid = f"tg:{said.chat}:{said.number}"
        changed = await self._once(said.key, "", desk.note, topic.conversation_id, agent.agent_id, cid=cid, text=text)
        self._ring(changed)
        await self._hands.react(said.number, DONE)

    async def _replied(self, said: Said, topic: Row, agent: Member, means: Meant) -> None:
        row = await self._store.read(listing.row, topic.conversation_id)
        aside = row["public"] and not means.public
        # What goes elsewhere has to be shown there: only what was written in its own topic need not be.
        cid = f"tg:{said.chat}:{said.number}" + (":aside" if aside else "")
        self._may_say(row["inbox"], means.text, public=row["public"] and not aside)
        kept = [await self._kept(file, row, public=row["public"] and not aside) for file in said.files]
        changed = await self._conflicts(
            self._once(
                said.key, "", desk.reply, topic.conversation_id, agent.agent_id, cid=cid, text=means.text,
                pull=self._ground.pull(row["inbox"]), attachments=kept, private=aside,
            )
        )  # fmt: skip
        self._ring(changed)
        if aside:
            await self._hands.react(said.number, SENT)

    def _may_say(self, inbox: str, text: str, *, public: bool) -> None:
        """What the web desk refuses is refused here, too."""
        if not self._ground.speaks(inbox):
            raise RefusalError(self._words("refused.silent"))
        most = self._ground.public_most(inbox) if public else None
        if most is not None and self._ground.public_long(inbox, text) > most:
            halves = self._ground.public_measure(inbox) is Measure.HALF_WIDTHS
            raise RefusalError(self._words("refused.public_long", most=most // 2 if halves else most))

    async def _kept(self, file: File, row: Mapping[str, Any], *, public: bool) -> dict[str, Any]:
        """The file, kept as the web desk keeps one, under the kind the customer's network takes."""
        most = min(MOST_DOWNLOAD, self._ground.files.most)
        told = self._words("refused.large", most=most // (1024 * 1024))
        if file.size > most:
            raise RefusalError(told)
        if not self._ground.carries(row["inbox"], public):
            raise RefusalError(self._words("refused.kind"))
        try:
            data = await self._hands.download(file.id)
            kept = await self._ground.files.keep(row["id"], file.name, data)
            return files.attachment(self._ground, row["inbox"], kept, public=public)
        except TooLargeError as error:
            raise RefusalError(told) from error
        except RefusedError as error:
            raise RefusalError(self._words("refused.kind")) from error
        except VagueError:
            raise  # the update comes again
        except CallError as error:
            raise RefusalError(self._words("refused.file")) from error

    async def _edited(self, said: Said, topic: Row, agent: Member) -> None:
        """The customer cannot see an edit: colleagues do, and whoever edited is told."""
        means = meant(said.text)
        cid = f"tg:{said.chat}:{said.number}:{said.edited}"
        text = self._words("edited.note", text=means.text[: MOST_TEXT - 20])
        if not means.note:
            await self._notice(said, self._words("edited"), conversation=topic.conversation_id)
        self._ring(
            await self._once(said.key, "", desk.note, topic.conversation_id, agent.agent_id, cid=cid, text=text)
        )  # fmt: skip

    # ---- commands and buttons -------------------------------------------------------------------------------------

    async def asked(self, asked: Asked) -> None:
        """A command in a topic; one nobody knows is answered with those there are."""
        said = asked.said
        topic = await self._store.read(topics.at, said.chat, said.thread)
        if topic is None or said.edited or await self._did(said.key) is not None:
            return
        act = ACTS.get(asked.name)
        try:
            agent = await self._agent(said.user, anonymous=said.anonymous)
            if act is None:
                raise RefusalError(self._words("help"))
            await act(self, topic.conversation_id, agent, said.key)
        except RefusalError as refusal:
            await self._refused(said, refusal, topic.conversation_id)
        else:
            await self._hands.react(said.number, DONE)

    async def tapped(self, tapped: Tapped) -> None:
        """A button: what came of it is told to whoever tapped it, and to nobody else."""
        told, alert = await self._did(tapped.key), False
        try:
            if told is None:
                agent = await self._agent(tapped.user, often=True)
                told, alert = await self._tap(tapped, agent)
        except RefusalError as refusal:
            told, alert = str(refusal), True
            await self._once(tapped.key, told, topics.nothing)
        await self._hands.answer(tapped.query, told[:200], alert)

    async def _tap(self, tapped: Tapped, agent: Member) -> tuple[str, bool]:
        if tapped.act == "note":
            return self._words("how.note"), True
        if tapped.act == "retry":
            await self._retry(tapped.target, agent, tapped.key)
            return self._words("done.retry"), False
        topic = await self._store.read(topics.of, tapped.target)
        act = ACTS.get(tapped.act)
        if topic is None or topic.chat != tapped.chat or act is None:
            raise RefusalError(self._words("refused.broken"))
        told = self._words(f"done.{tapped.act}")
        await act(self, tapped.target, agent, tapped.key, told)
        return told, False

    async def turned(self, turned: Turned) -> None:
        """Closing a topic by hand resolves, opening it claims; where that may not be, it is turned back."""
        topic = await self._store.read(topics.at, turned.chat, turned.thread)
        if topic is None or await self._did(turned.key) is not None:
            return
        try:
            agent = await self._agent(turned.user)
            await (self._resolve if turned.closed else self._claim)(topic.conversation_id, agent, turned.key)
        except RefusalError as refusal:
            # It is noted as it is now: so it is seen that it should be otherwise.
            await self._once(turned.key, "", topics.turned, topic.id, turned.thread, open=not turned.closed)
            if str(refusal):
                said = Said(turned.user, turned.chat, turned.thread, turned.number)
                await self._notice(said, str(refusal), conversation=topic.conversation_id)

    async def _claim(self, conversation: int, agent: Member, key: str, told: str = "") -> None:
        self._ring(await self._conflicts(self._once(key, told, desk.claim, conversation, agent.agent_id)))

    async def _resolve(self, conversation: int, agent: Member, key: str, told: str = "") -> None:
        self._ring(await self._conflicts(self._once(key, told, desk.resolve, conversation, agent.agent_id)))

    async def _back(self, conversation: int, agent: Member, key: str, told: str = "") -> None:
        self._ring(await self._conflicts(self._once(key, told, desk.return_to_bot, conversation, agent.agent_id)))

    async def _decline(self, conversation: int, agent: Member, key: str, told: str = "") -> None:
        """Colleagues see, here and in the web desk, that he does not take it."""
        seq = (await self._store.read(listing.row, conversation))["handoff"]
        cid = f"decline:{conversation}:{seq['offered_at'] if seq else ''}"
        text = self._words("declined")
        self._ring(await self._once(key, told, desk.note, conversation, agent.agent_id, cid=cid, text=text))

    async def _retry_last(self, conversation: int, agent: Member, key: str, told: str = "") -> None:
        message = await self._store.read(topics.undelivered, conversation)
        if message is None:
            raise RefusalError(self._words("refused.nothing_failed"))
        await self._retry(message, agent, key)

    async def _retry(self, message: int, agent: Member, key: str) -> None:
        try:
            told = self._words("done.retry")
            changed = await self._conflicts(self._once(key, told, desk.retry, message, agent.agent_id))
        except NotFoundError as error:
            raise RefusalError(self._words("refused.nothing_failed")) from error
        self._ring(changed)

    async def broken(self, heard: object) -> None:
        """What could not be done, whatever was tried: whoever wrote it is told."""
        said = heard.said if isinstance(heard, Asked) else heard
        if isinstance(said, Said):
            topic = await self._store.read(topics.at, said.chat, said.thread)
            if topic is not None:
                await self._notice(said, self._words("refused.broken"), conversation=topic.conversation_id)

    # ---- within ---------------------------------------------------------------------------------------------------

    async def _did(self, key: str) -> str | None:
        """What was said to whoever asked for this act, if it is done."""
        return await self._store.read(topics.did, self._hands.inbox, key)

    async def _once(
        self, key: str, told: str, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        return await self._store.write(topics.once, self._hands.inbox, key, told, script, *args, **kwargs)

    async def _refused(self, said: Said, refusal: RefusalError, conversation: int) -> None:
        if str(refusal):
            await self._notice(said, str(refusal), conversation=conversation)
        await self._once(said.key, "", topics.nothing)

    async def _agent(self, user: int, *, anonymous: bool = False, often: bool = False) -> Member:
        """Whose act it is; RefusalError for whoever may not act, with nothing to say if he was told lately."""
        if anonymous:
            raise RefusalError(self._words("refused.anonymous"))
        found = await self._store.read(linking.member, user)
        if found is not None and found.active:
            return found
        if not often and not await self._hands.first(f"told:{user}", STRANGER_TOLD):
            raise RefusalError
        if found is not None:
            raise RefusalError(self._words("refused.inactive"))
        raise RefusalError(self._words("refused.unlinked", bot=self._bot))

    async def _conflicts(self, done: Awaitable[Changed | None]) -> Changed | None:
        try:
            return await done
        except ConflictError as error:
            if error.current == "former":
                raise RefusalError(self._words("refused.former")) from error
            if str(error).endswith("has this conversation"):
                raise RefusalError(self._words("refused.taken", name=error.current)) from error
            raise RefusalError(self._words("refused.conflict", why=str(error))) from error

    def _ring(self, changed: Changed | None) -> None:
        """Tell everybody, and wake whoever has to act on it, as the web desk does."""
        if changed is None:
            return
        ground = self._ground
        for place in (changed.conversation_id, changed.beside):
            if place is not None:
                ground.live.changed(place)
        if any(e.t == "status" for e in changed.events):
            ground.ring_turn()
        if any(e.d.get("delivery") == "queued" for e in changed.events):
            ground.ring_delivery()

    async def _notice(self, said: Said, text: str, *, conversation: int | None = None, general: bool = False) -> None:
        """Words for whoever wrote `said`, under it; `general`: its topic belongs to no conversation."""
        key = f"re:{said.chat}:{said.number}:{said.edited}"
        extra = {"thread": said.thread} if general else {}
        await self._store.write(
            topics.notice, key, text, conversation_id=conversation, reply_to=said.number, extra=extra
        )  # fmt: skip


Act = Callable[..., Awaitable[None]]
ACTS: Mapping[str, Act] = {
    "claim": Acting._claim,
    "resolve": Acting._resolve,
    "back": Acting._back,
    "decline": Acting._decline,
    "retry": Acting._retry_last,
}
"""Commands and buttons alike."""
