"""The mail that says an Outgoing: to whom, under which subject, in which thread, with what around its words. Pure.

What the bot says goes to the customer alone, quotes nothing and is marked as automatic (RFC 3834); what a person says
goes to whom he answers, with those the customer put in Cc. Whoever has only shown a token of ours (`stranger`) is
written to by nobody: a mail that gets forwarded lets him speak, and hear nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.errors import PermanentSendError
from bot.messages import Author, Outgoing, Said, Thread
from channels.email import bodies, subjects, tokens
from channels.email.addresses import normal
from channels.email.autoreply import ROWS
from channels.email.bodies import Body, Quote
from channels.email.mail import Address, File
from channels.email.mime import ID, Sheet, speakable, written
from channels.email.options import Options
from channels.email.phrases import PHRASES, language
from channels.email.smtp import Letter

KEY = re.compile(r"kefu-(\d{1,18})")
LURES = re.compile(r"https?:|www\.|@|[a-z0-9-]\.[a-z]{2,10}\b", re.IGNORECASE)
MOST_IDS = 20
MOST_COPIES = 20
MACHINES = frozenset(row.key for row in ROWS if not row.reopens)
"""Verdicts on mails nobody wrote: what answers them would be in a thread of machines."""
QUOTED, QUOTED_LINES, QUOTED_CHARACTERS = 3, 120, 6000
"""Older mails below the words, and of each so much."""


@dataclass(frozen=True, slots=True)
class House:
    """Who we are. `zone`: in which times are told."""

    options: Options
    secret: bytes
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready to go. `extra` is what people should know of it afterwards."""

    letter: Letter
    message_id: str
    automatic: bool
    extra: Mapping[str, Any]


def composed(outgoing: Outgoing, thread: Thread, house: House, files: Sequence[File] = ()) -> Composed:
    """Raises PermanentSendError where there is nobody it could go to. The Message-ID is the same for ever."""
    case = _Case(outgoing, thread, house)
    if not case.to:
        raise PermanentSendError("no mail can go to an address like that of this customer")
    sheet = _sheet(case, files)
    options, automatic = house.options, case.automatic
    sender = "" if automatic and options.empty_envelope else options.envelope
    people = [one.email for one in (*sheet.to, *sheet.cc)]
    extra = {"to": case.told(case.to), "cc": case.told(case.cc), "subject": sheet.subject,
             "message_id": sheet.message_id}  # fmt: skip
    kept = {name: value for name, value in extra.items() if value}
    return Composed(Letter(sender, people, written(sheet)), sheet.message_id, automatic, kept)


def heading(outgoing: Outgoing, thread: Thread, house: House) -> Mapping[str, Any]:
    """What would stand over and under the mail, for who writes it: `to`, `cc`, `subject` and the lines of its
    `signature`. Raises as `composed` does."""
    case = _Case(outgoing, thread, house)
    if not case.to:
        raise PermanentSendError("no mail can go to an address like that of this customer")
    return {
        "to": case.told(case.to),
        "cc": case.told(case.cc),
        "subject": _subject(case),
        "signature": list(_signature(case)),
    }


class _Case:
    """An Outgoing with what its thread says about it."""

    def __init__(self, outgoing: Outgoing, thread: Thread, house: House) -> None:
        self.outgoing, self.house = outgoing, house
        match = KEY.match(outgoing.key)
        self.out = int(match[1]) if match else 0
        self.conversation = outgoing.conversation
        self.automatic = outgoing.author is not Author.AGENT
        self.said = [one for one in thread.said if one.message < self.out]
        letters = [one for one in self.said if one.author is Author.CUSTOMER and not _stranger(one)]
        self.letters = [one for one in letters if one.extra.get("verdict") not in MACHINES] or letters
        self.language = language(outgoing.language, outgoing.text)
        self.phrases = PHRASES[self.language]
        self.to = self._to()
        self.cc = () if self.automatic else self._cc(thread)

    @property
    def parent(self) -> Said | None:
        """The customer's mail it answers."""
        return self.letters[-1] if self.letters else None

    def _to(self) -> tuple[Address, ...]:
        whose = [one for one in reversed(self.letters) if not self.automatic or self._customers(one)]
        known = [found for one in whose[:1] for found in self._written_from(one)]
        return next(((one,) for one in (*known, Address(self.outgoing.recipient)) if self._fit(one)), ())

    def _customers(self, said: Said) -> bool:
        return normal(_address(said.extra.get("from")).email) == self.outgoing.recipient

    def _written_from(self, said: Said) -> Iterator[Address]:
        """Where an answer to it goes. To Reply-To only for a person, and where the sender is proven to be who he
        says: anybody can write a Reply-To."""
        proven = said.extra.get("authentication", {}).get("dmarc") == "pass"
        if proven and not self.automatic and said.extra.get("verdict", "human") == "human":
            yield from map(_address, said.extra.get("reply_to", ())[:1])
        yield _address(said.extra.get("from"))

    def _cc(self, thread: Thread) -> tuple[Address, ...]:
        """Those the answered mail was for as well, and the customer, where somebody else of the thread wrote it."""
        found = dict.fromkeys(normal(one.email) for one in self.to)
        copies: list[Address] = []
        told = self.parent.extra if self.parent else {}
        others = [*map(_address, told.get("to", ())), *map(_address, told.get("cc", ())), Address(thread.sender)]
        for one in others:
            if self._fit(one) and normal(one.email) not in found:
                found[normal(one.email)] = None
                copies.append(one)
        return tuple(copies[:MOST_COPIES])

    def _fit(self, one: Address) -> bool:
        return speakable(one.email) and normal(one.email) not in self.house.options.own

    def told(self, people: Sequence[Address]) -> list[dict[str, str]]:
        return [{"email": one.email, "name": one.name} for one in people]


def _wired(one: Address) -> Address:
    """The address as every server takes it: a domain of other letters in the form all know (RFC 5890). Without a name
    that lures: whoever forged the sender chose it, and a third person would read it in a mail of ours."""
    local, _, domain = one.email.rpartition("@")
    name = "" if LURES.search(one.name) else one.name
    try:
        return Address(one.email if domain.isascii() else f"{local}@{domain.encode('idna').decode()}", name)
    except UnicodeError:
        return Address(one.email, name)


def _stranger(said: Said) -> bool:
    return bool(said.extra.get("placing", {}).get("stranger"))


def _address(told: Any) -> Address:
    told = told if isinstance(told, Mapping) else {}
    return Address(str(told.get("email", "")), str(told.get("name", "")))


# ---- the head -------------------------------------------------------------------------------------------------------


def _sheet(case: _Case, files: Sequence[File]) -> Sheet:
    options, secret, outgoing = case.house.options, case.house.secret, case.outgoing
    body, at = _body(case), outgoing.queued_at
    assert at is not None
    signed = tokens.address(secret, options.address, case.conversation) if options.plus else ""
    return Sheet(
        sender=Address(options.address, _name(case)),
        to=tuple(map(_wired, case.to)),
        cc=tuple(map(_wired, case.cc)),
        subject=_subject(case),
        message_id=tokens.message_id(secret, case.conversation, case.out, options.domain),
        date=at,
        text=bodies.text(body),
        html=bodies.html(body),
        reply_to=Address(signed, options.name) if signed else None,
        in_reply_to=_id(case.parent) if case.parent else "",
        references=_references(case),
        files=files,
        more=tuple(_automatic(case)),
    )


def _subject(case: _Case) -> str:
    """The latest one of the customer's."""
    subject = next((one.extra["subject"] for one in reversed(case.letters) if one.extra.get("subject")), "")
    return subjects.answer(subject, subjects.number(case.conversation), case.phrases["subject"])


def _name(case: _Case) -> str:
    """Who writes, as the customer's list of mails shows it."""
    company, agent = case.house.options.name, case.outgoing.author_name
    return company if case.automatic or not agent else f"{agent} · {company}" if company else agent


def _id(said: Said) -> str:
    known = str(said.extra.get("message_id", "")) or said.external_id
    return known if ID.fullmatch(known) else ""


def _references(case: _Case) -> tuple[str, ...]:
    """Those of the mail it answers, and that mail: the first and the last, where there are many."""
    if case.parent is None:
        return ()
    named = [str(one) for one in case.parent.extra.get("references", ())]
    named = named or [str(one) for one in [case.parent.extra.get("in_reply_to")] if one]
    found = [one for one in dict.fromkeys([*named, _id(case.parent)]) if ID.fullmatch(one)]
    return tuple(found if len(found) <= MOST_IDS else [found[0], *found[1 - MOST_IDS :]])


def _automatic(case: _Case) -> Iterator[tuple[str, str]]:
    if case.automatic:
        answers = bool(case.said) and case.said[-1].author is Author.CUSTOMER
        yield "Auto-Submitted", "auto-replied" if answers else "auto-generated"
        yield "X-Auto-Response-Suppress", "All"
        yield "Precedence", "bulk"
        yield "X-Kefu-Loop", tokens.loop(case.house.secret, case.conversation, case.out)


# ---- the words ------------------------------------------------------------------------------------------------------


def _body(case: _Case) -> Body:
    outgoing, phrases = case.outgoing, case.phrases
    links = [phrases["link"].format(name=one.name, url=one.url) for one in outgoing.attachments if _linked(one)]
    foot = phrases["automatic" if case.automatic else "person"]
    return Body(
        said="\n\n".join(filter(None, [outgoing.text.strip(), *links])),
        signature=tuple(_signature(case)),
        foot=foot.format(number=subjects.number(case.conversation)),
        marker=tokens.marker(case.house.secret, case.conversation),
        language=case.language,
        history=() if case.automatic else tuple(_history(case)),
    )


def _linked(attachment: Any) -> bool:
    """What we do not keep ourselves is told as a link."""
    return attachment.key is None and bool(attachment.url)


def _signature(case: _Case) -> Iterator[str]:
    outgoing, company = case.outgoing, case.house.options.name
    if not case.automatic and outgoing.author_name:
        number = outgoing.author_number
        signed = case.phrases["signed"].format(agent=outgoing.author_name, id=number)
        yield signed if number else outgoing.author_name
    yield company or case.house.options.address


def _history(case: _Case) -> Iterator[Quote]:
    """The last mails of the thread, the newest first."""
    for said in reversed(case.said[-QUOTED:]):
        text = said.text[:QUOTED_CHARACTERS]
        lines = text.strip().split("\n")
        short = [case.phrases["shortened"]] if len(text) < len(said.text) or len(lines) > QUOTED_LINES else []
        at = f"{said.at.astimezone(case.house.zone):%Y-%m-%d %H:%M %z}"
        yield Quote(case.phrases["wrote"].format(at=at, who=_who(case, said)), [*lines[:QUOTED_LINES], *short])


def _who(case: _Case, said: Said) -> str:
    if said.author is Author.CUSTOMER:
        person = _address(said.extra.get("from"))
        shown = person if person.email else Address(case.outgoing.recipient, said.author_name)
    else:
        shown = Address(case.house.options.address, said.author_name or case.house.options.name)
    return " ".join(f"{shown.name} <{shown.email}>".split())
