"""A mail that was found becomes what the ground is told: a message, an agent's words, an agent's answer, reports.

Whatever it is, it is kept: with its raw bytes, in its conversation, and with the reason why it may not be answered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from bot.messages import AgentReply, Attachment, Heard, Incoming, Kind, SaidElsewhere, Thread
from bot.ports import Shelf, Stored
from channels.email import answers, fates, inbound, threading, tokens, troubles
from channels.email.addresses import normal
from channels.email.authentication import Authentication, authentication
from channels.email.autoreply import Sort, Standing, Verdict, verdict
from channels.email.cases import (
    JUNK,
    SENT,
    Case,
    Found,
    beyond,
    digest,
    known_already,
    muted,
    new_thread,
    thread_of,
    written_to,
)  # fmt: skip
from channels.email.evidence import House, evidence, same, sent_by_us
from channels.email.options import Options
from channels.email.signing import Secret
from channels.email.tally import Tally
from channels.email.threading import Asked, Placing

REFUSED = re.compile(r"\bp=(?:reject|quarantine)\b", re.IGNORECASE)
ALARM_LASTS = timedelta(days=1)
"""So long after the last mail that tripped a breaker people are told of it."""
LOOKED_UP = 200
"""Messages and conversations that are looked up at once."""
LARGE_MARKUP = 50_000
"""Characters of HTML that are cleaned beside the event loop."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about a mail: messages by their ids and conversations by their numbers."""

    found: Found
    asked: Asked
    reported: Sequence[tokens.Ours]
    ids: Sequence[str]
    numbers: Sequence[int]

    def concerns(self, thread: Thread) -> bool:
        return thread.conversation in self.numbers or any(said.external_id in self.ids for said in thread.said)


def _asked(found: Found, house: House) -> _Asked:
    asked, reported = threading.asked(found.mail, house.secret), fates.ours(found.mail, house.secret)
    ids = tuple(dict.fromkeys((found.external_id, found.again, *asked.ids)))
    numbers = tuple(dict.fromkeys((*asked.conversations, *(one.conversation for one in reported))))
    return _Asked(found, asked, reported, ids, numbers)


def _by_look(asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
    """Those that are looked up together: no more ids than a shelf takes at once, and a mail's own in any case."""
    together: list[_Asked] = []
    size = 0
    for each in asked:
        size += len(each.ids) + len(each.numbers)
        if together and size > LOOKED_UP:
            yield together
            together, size = [], len(each.ids) + len(each.numbers)
        together.append(each)
    if together:
        yield together


def _files(found: Found) -> list[Stored]:
    """A mail's files and, last, its bytes."""
    files = [Stored(file.data, file.media_type, file.name) for file in found.mail.files]
    name = " ".join(found.mail.subject.split())[:80].replace("/", "_") or "mail"
    return [*files, Stored(found.raw, "message/rfc822", f"{name}.eml")] if found.raw else files


class Admitting:
    """Takes the mails of one mailbox in."""

    def __init__(self, options: Options, shelf: Shelf, secret: Secret) -> None:
        self._options, self._shelf, self._secret = options, shelf, secret
        self._tally = Tally(shelf)

    async def heard(self, mails: Sequence[Found]) -> list[Sequence[Heard]]:
        """What the ground is told of each; nothing of what it has already. None of them may bear on a later one.
        Raises StoreError."""
        house = House(self._options.address, self._options.own, await self._secret.get())
        told: list[Sequence[Heard]] = []
        for together in _by_look([_asked(found, house) for found in mails]):
            ids = [one for each in together for one in each.ids]
            numbers = [one for each in together for one in each.numbers]
            threads = await self._shelf.threads(external_ids=ids, conversations=numbers)
            told += [await self._heard(await self._case(each, house, threads)) for each in together]
        await self._tally.settle()
        return told

    async def _heard(self, case: Case) -> Sequence[Heard]:
        found = case.found
        if known_already(case):
            return ()
        if found.role == SENT or case.verdict.sort is Sort.OWN:
            return await self._ours(case)
        number = answers.number(found.mail, case.house.secret)
        if number is not None:
            return (await self._answer(case, number),)
        return await self._theirs(case)

    async def prepared(self, mails: Sequence[Found]) -> list[Found]:
        """The mails with their files on disk, before it is known where they go. What went out from here, and most of
        what came before, is left as it is."""
        secret = await self._secret.get()
        wanted = [each for each in mails if not sent_by_us(each.mail, secret) and not await self._came_before(each)]
        files = [_files(each) for each in wanted]
        kept = iter(await self._shelf.keep(*(file for each in files for file in each)))
        done = {id(each): tuple(islice(kept, len(its))) for each, its in zip(wanted, files, strict=True)}
        return [replace(each, kept=done.get(id(each))) for each in mails]

    async def _came_before(self, found: Found) -> bool:
        if not found.again_seen:
            return False
        before = await self._shelf.threads(external_ids=[found.external_id, found.again])
        return any(digest(said) == found.mail.sha256 for thread in before for said in thread.said)

    async def _kept(self, found: Found) -> tuple[Sequence[Attachment], Sequence[Attachment]]:
        """Its files, and its bytes."""
        kept = await self._shelf.keep(*_files(found)) if found.kept is None else found.kept
        return kept[: len(found.mail.files)], kept[len(found.mail.files) :]

    # ---- what is known --------------------------------------------------------------------------------------------

    async def _case(self, each: _Asked, house: House, threads: Sequence[Thread]) -> Case:
        found, asked, reported, mail = each.found, each.asked, each.reported, each.found.mail
        threads = [one for one in threads if each.concerns(one)]
        of_sender = await self._of_sender(found, asked)
        placing = threading.placed(mail, evidence(house, asked, threads, of_sender, self._shelf.now()))
        if reported and any(thread.conversation == reported[0].conversation for thread in threads):
            placing = Placing(reported[0].conversation, "report")
        thread = next((one for one in threads if one.conversation == placing.conversation), None)
        vouched = authentication(mail.headers, self._options.authserv)
        judged = await self._judged(found, house, vouched)
        before = same(threads, found.external_id)
        return Case(found, house, threads, asked, judged, vouched, placing, thread, before,
                     known=bool(of_sender or thread))  # fmt: skip

    async def _of_sender(self, found: Found, asked: Asked) -> Sequence[Thread]:
        """The sender's other conversations, where they decide anything."""
        if not asked.sender or not (asked.ids or found.role == JUNK):
            return ()
        return await self._shelf.threads(senders=[asked.sender])

    async def _judged(self, found: Found, house: House, vouched: Authentication) -> Verdict:
        mail = found.mail
        told = mail.headers.first("authentication-results")
        failed = vouched.dmarc == "fail" and bool(REFUSED.search(told))
        standing = Standing(
            own=house.own, secret=house.secret, sent=sent_by_us(mail, house.secret), junk=found.role == JUNK,
            dmarc_failed=failed,
        )  # fmt: skip
        judged = verdict(mail, standing)
        if not judged.may_answer or found.history:
            return judged
        standing = await self._tally.standing(mail, standing)
        judged = verdict(mail, replace(standing, answers=True))  # the breakers, whatever it would say
        return judged if not judged.may_answer else verdict(mail, standing)

    # ---- a customer's mail ----------------------------------------------------------------------------------------

    async def _theirs(self, case: Case) -> Sequence[Heard]:
        mail, mute, wakes = case.mail, *muted(case)
        if mute in ("", "told_before") and not (case.thread and case.thread.attended):
            await self._tally.permitted(mail, told=not mute)
        if case.verdict.alarm and mute == case.verdict.key:
            await self._shelf.put(troubles.BREAKER, "told", lasts=ALARM_LASTS)
            await self._shelf.tell(troubles.breaker(mail.sender.email))
        told = await self._incoming(case, mute, wakes)
        reports = fates.told(mail, case.house.secret, {one.conversation: one for one in case.threads})
        return (*reports, told)

    async def _incoming(self, case: Case, mute: str, wakes: bool) -> Incoming:
        mail, (files, raw) = case.mail, await self._kept(case.found)
        make = asyncio.to_thread if len(mail.markup) > LARGE_MARKUP else _at_once
        made: Incoming = await make(inbound.incoming, mail, files, thread_of(case))
        return replace(
            made,
            external_id=case.found.again if case.before else case.found.external_id,
            text=made.text if made.text.strip() else mail.subject,
            kind=Kind.OTHER if mute == "quarantine" else made.kind,
            attachments=(*files, *raw),
            extra={**made.extra, **beyond(case, mute)},
            mute=mute,
            wakes=wakes,
        )

    async def _answer(self, case: Case, number: int) -> AgentReply:
        """An agent's answer, and the same mail as a stranger's in a conversation of its own, where nobody may believe
        that he wrote it."""
        alone = replace(case, thread=None, placing=Placing(rule="refused"))
        mute, wakes = muted(alone)
        stranger = await self._incoming(alone, mute or "unproven", wakes)
        files = stranger.attachments[: len(case.mail.files)]
        return answers.answer(case.mail, number, case.verdict, case.vouched, files, stranger)

    # ---- our own mail ---------------------------------------------------------------------------------------------

    async def _ours(self, case: Case) -> Sequence[Heard]:
        """What kefu sent is here already. What a person of ours wrote stands in the conversation; what only says that
        it is ours (a form on our site) is a customer's, if it names somebody to answer."""
        mail, own = case.mail, case.house.own
        if sent_by_us(mail, case.house.secret) or case.before:
            return ()
        outside = [normal(one.email) for one in (*mail.to, *mail.cc) if one.email and normal(one.email) not in own]
        if case.found.role == SENT or (outside and case.vouched.proven):
            return (await self._elsewhere(case, outside),)
        told = await self._incoming(case, "history" if case.found.history else "own", wakes=False)
        asker = next((one for one in mail.reply_to if one.email and normal(one.email) not in own), None)
        if asker is None or case.found.history:
            return (told,)
        return (replace(told, sender=normal(asker.email), sender_name=asker.name, wakes=True),)

    async def _elsewhere(self, case: Case, outside: Sequence[str]) -> SaidElsewhere:
        mail, (files, raw) = case.mail, await self._kept(case.found)
        thread = written_to(case, outside)
        said = inbound.incoming(mail, files)
        return SaidElsewhere(
            external_id=case.found.external_id,
            recipient=thread.sender if thread else next(iter(outside), f"nobody:{mail.sha256}"),
            thread=thread.thread if thread else new_thread(case),
            text=said.text if said.text.strip() else mail.subject,
            author_name=mail.sender.name,
            attachments=(*files, *raw),
            sent_at=mail.date,
            extra={**said.extra, **beyond(case, "")},
        )


async def _at_once(make: Any, *given: Any) -> Any:
    return make(*given)
