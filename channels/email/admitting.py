"""A mail that was found becomes what the ground is told: a message, an agent's words, an agent's answer, reports.

Whatever it is, it is kept: with its raw bytes, in its conversation, and with the reason why it may not be answered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.messages import Attachment, Heard, Incoming, Kind, Said, SaidElsewhere, Thread
from bot.ports import Shelf
from channels.email import answers, fates, inbound, threading, troubles
from channels.email.addresses import normal
from channels.email.authentication import Authentication, authentication
from channels.email.autoreply import Sort, Standing, Verdict, verdict
from channels.email.evidence import House, evidence, participants, same, sent_by_us
from channels.email.mail import Mail
from channels.email.options import Options
from channels.email.reasons import REASONS
from channels.email.signing import Secret
from channels.email.tally import Tally
from channels.email.threading import Asked, Placing

INBOX, JUNK, SENT = "inbox", "junk", "sent"
REFUSED = re.compile(r"\bp=(?:reject|quarantine)\b", re.IGNORECASE)
ALARM_LASTS = timedelta(days=1)
"""So long after the last mail that tripped a breaker people are told of it."""
LARGE_MARKUP = 50_000
"""Characters of HTML that are cleaned beside the event loop."""


@dataclass(frozen=True, slots=True)
class Found:
    """A mail as it lay in a folder. `role` is the folder's: inbox, junk or sent. `history`: it lay there before us.
    `cut`: only its beginning is here. `id` names one of which nothing is here at all."""

    mail: Mail
    raw: bytes = field(repr=False)
    role: str = INBOX
    history: bool = False
    cut: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """A mail with all that is known about it. `before`: the message that came under its id, and its conversation.
    `thread`: the conversation it goes to, None for a new one. `again`: the id it is kept under when it has one that
    was used."""

    found: Found
    house: House
    external_id: str
    threads: Sequence[Thread]
    asked: Asked
    verdict: Verdict
    vouched: Authentication
    placing: Placing
    thread: Thread | None
    before: tuple[Thread, Said] | None
    known: bool

    @property
    def mail(self) -> Mail:
        return self.found.mail

    @property
    def again(self) -> str:
        return f"{self.external_id}#{self.mail.sha256[:16]}"


class Admitting:
    """Takes the mails of one mailbox in."""

    def __init__(self, options: Options, shelf: Shelf, secret: Secret) -> None:
        self._options, self._shelf, self._secret = options, shelf, secret
        self._tally = Tally(shelf)

    async def heard(self, found: Found) -> Sequence[Heard]:
        """What the ground is told of it; nothing of what it has already. Raises StoreError."""
        case = await self._case(found)
        if _known_already(case):
            return ()
        if found.role == SENT or case.verdict.sort is Sort.OWN:
            return await self._ours(case)
        number = answers.number(found.mail, case.house.secret)
        if number is not None:
            files = await self._files(found.mail)
            return (answers.answer(found.mail, number, case.verdict, case.vouched, files),)
        return await self._theirs(case)

    # ---- what is known --------------------------------------------------------------------------------------------

    async def _case(self, found: Found) -> _Case:
        mail, house = found.mail, House(self._options.address, self._options.own, await self._secret.get())
        external_id = found.id or mail.message_id or f"raw:{mail.sha256}"
        asked, reported = threading.asked(mail, house.secret), fates.ours(mail, house.secret)
        threads = await self._shelf.threads(
            external_ids=[external_id, f"{external_id}#{mail.sha256[:16]}", *asked.ids],
            conversations=[*asked.conversations, *(one.conversation for one in reported)],
        )
        of_sender = await self._of_sender(found, asked)
        placing = threading.placed(mail, evidence(house, asked, threads, of_sender, self._shelf.now()))
        if reported and any(thread.conversation == reported[0].conversation for thread in threads):
            placing = Placing(reported[0].conversation, "report")
        thread = next((one for one in threads if one.conversation == placing.conversation), None)
        vouched = authentication(mail.headers, self._options.authserv)
        judged = await self._judged(found, house, vouched)
        before = same(threads, external_id)
        return _Case(found, house, external_id, threads, asked, judged, vouched, placing, thread, before,
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

    async def _theirs(self, case: _Case) -> Sequence[Heard]:
        mail, mute, wakes = case.mail, *_muted(case)
        if mute in ("", "told_before") and not (case.thread and case.thread.attended):
            await self._tally.permitted(mail, told=not mute)
        if case.verdict.alarm and mute == case.verdict.key:
            await self._shelf.put(troubles.BREAKER, "told", lasts=ALARM_LASTS)
            await self._shelf.tell(troubles.breaker(mail.sender.email))
        told = await self._incoming(case, mute, wakes)
        reports = fates.told(mail, case.house.secret, {one.conversation: one for one in case.threads})
        return (*reports, told)

    async def _incoming(self, case: _Case, mute: str, wakes: bool) -> Incoming:
        mail, files = case.mail, await self._files(case.mail)
        make = asyncio.to_thread if len(mail.markup) > LARGE_MARKUP else _at_once
        made: Incoming = await make(inbound.incoming, mail, files, _thread(case))
        raw = await self._raw(case.found)
        return replace(
            made,
            external_id=case.again if case.before else case.external_id,
            text=made.text if made.text.strip() else mail.subject,
            kind=Kind.OTHER if mute == "quarantine" else made.kind,
            attachments=(*files, *raw),
            extra={**made.extra, **_beyond(case, mute)},
            mute=mute,
            wakes=wakes,
        )

    async def _files(self, mail: Mail) -> list[Attachment]:
        return [await self._shelf.keep(file.data, file.media_type, file.name) for file in mail.files]

    async def _raw(self, found: Found) -> list[Attachment]:
        if not found.raw:
            return []
        name = " ".join(found.mail.subject.split())[:80] or "mail"
        return [await self._shelf.keep(found.raw, "message/rfc822", f"{name.replace('/', '_')}.eml")]

    # ---- our own mail ---------------------------------------------------------------------------------------------

    async def _ours(self, case: _Case) -> Sequence[Heard]:
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

    async def _elsewhere(self, case: _Case, outside: Sequence[str]) -> SaidElsewhere:
        mail, files = case.mail, await self._files(case.mail)
        thread = _written_to(case, outside)
        said = inbound.incoming(mail, files)
        return SaidElsewhere(
            external_id=case.external_id,
            recipient=thread.sender if thread else next(iter(outside), f"nobody:{mail.sha256}"),
            thread=thread.thread if thread else _new_thread(case),
            text=said.text if said.text.strip() else mail.subject,
            author_name=mail.sender.name,
            attachments=(*files, *await self._raw(case.found)),
            sent_at=mail.date,
            extra={**said.extra, **_beyond(case, "")},
        )


async def _at_once(make: Any, *given: Any) -> Any:
    return make(*given)


def _known_already(case: _Case) -> bool:
    """These very bytes came before: at another start, in another folder, or under UIDs that are void now."""
    if any(said.external_id == case.again for thread in case.threads for said in thread.said):
        return True
    return case.before is not None and _digest(case.before[1]) == case.mail.sha256 and not _rescued(case)


def _rescued(case: _Case) -> bool:
    """Somebody took it out of the junk folder."""
    return case.before is not None and case.before[1].extra.get("folder") == JUNK and case.found.role == INBOX


def _digest(said: Said) -> str:
    return str(said.extra.get("sha256", ""))


def _copy(case: _Case) -> bool:
    """The id was used by this sender before, with other bytes: a list's copy, say. Some programs give every mail the
    same id; those of different people have nothing to do with each other."""
    if case.before is None or _rescued(case):
        return False
    return normal(case.mail.sender.email) in set(map(normal, _froms(case.before[1])))


def _froms(said: Said) -> list[str]:
    told = said.extra.get("from")
    return [str(told.get("email", ""))] if isinstance(told, Mapping) else []


def _muted(case: _Case) -> tuple[str, bool]:
    """The key of why nothing may be said to it, and whether it is for anybody to see to."""
    mail, judged = case.mail, case.verdict
    if case.found.history:
        return "history", False
    if _copy(case):
        return "duplicate", case.before is not None and case.before[1].text != mail.new_text
    if judged.sort is Sort.SUSPICIOUS and case.found.role == JUNK:
        return judged.key, case.known
    if mail.quarantine and not case.found.cut:
        return "quarantine", True
    if not judged.may_answer:
        return judged.key, judged.reopens
    return ("stranger", True) if case.placing.stranger else ("", True)


def _thread(case: _Case) -> str:
    if case.before and (_copy(case) or _rescued(case)):
        return case.before[0].thread
    return case.thread.thread if case.thread else _new_thread(case)


def _new_thread(case: _Case) -> str:
    return f"mail:{case.mail.sha256[:32]}" if case.mail.sha256 else f"mail:{case.external_id}"


def _written_to(case: _Case, outside: Sequence[str]) -> Thread | None:
    """The conversation a mail of ours goes on in: one it answers, and whose people it is written to. What is passed
    on to somebody else is no word to the customer."""
    for one in threading.ids(case.mail):
        for thread in case.threads:
            answered = any(said.external_id == one for said in thread.said)
            if answered and participants(case.house, thread) & set(outside):
                return thread
    numbers = case.asked.conversations
    named = (thread for thread in case.threads if thread.conversation in numbers)
    return next((thread for thread in named if participants(case.house, thread) & set(outside)), None)


def _beyond(case: _Case, mute: str) -> dict[str, Any]:
    """What people may want to know of how it was taken in."""
    mail, placing = case.mail, case.placing
    placed = {"rule": placing.rule, "related": placing.related, "suggested": placing.suggested,
              "stranger": placing.stranger, "new_topic": placing.new_topic}  # fmt: skip
    told = {
        "verdict": case.verdict.key,
        "folder": case.found.role,
        "placing": {name: value for name, value in placed.items() if value},
        "references": list(mail.references),
        "in_reply_to": mail.in_reply_to,
        "authentication": {"dmarc": case.vouched.dmarc, "dkim": case.vouched.dkim, "spf": case.vouched.spf},
        "why_not": REASONS.get(mute),
    }
    return {name: value for name, value in told.items() if value}
