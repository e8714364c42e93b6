"""Which conversation does a mail belong to? A table; the first evidence that stands its guard decides. Pure.

`asked` says what the store has to be asked for a mail, `placed` decides with the answers. A number in a subject is
known to everybody who ever saw one, so it opens nothing by itself; neither does an id that can be guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from channels.email import subjects, tokens
from channels.email.addresses import normal
from channels.email.mail import Mail
from channels.email.subjects import Subject

NUMBER_LASTS = timedelta(days=30)
ALIKE_WITHIN = timedelta(days=7)
SAME_TOPIC = 0.4
"""Similarity of two subjects below which the topic is another one."""
MOST_QUOTED = 200_000


@dataclass(frozen=True, slots=True)
class Known:
    """A conversation we have. `participants`: who wrote in it or was written to, as `addresses.normal` has them."""

    conversation: int
    mailbox: str
    participants: frozenset[str] = frozenset()
    touched: datetime | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look up: messages by Message-ID, best evidence first; conversations by number; and those of this sender
    in the last week whose subject has this base."""

    ids: tuple[str, ...]
    conversations: tuple[int, ...]
    sender: str
    base: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The answers, and where and when the mail came in. `secret` is the installation's."""

    mailbox: str
    secret: bytes
    now: datetime
    by_id: Mapping[str, Known] = field(default_factory=dict)
    by_number: Mapping[int, Known] = field(default_factory=dict)
    alike: Sequence[Known] = ()


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the mail goes: into `conversation`, or (None) into a new one. `rule` names the row.

    `related`: a conversation it refers to without the right to enter; `suggested`: one an agent may want to join it to.
    `stranger`: its sender has no part in the conversation so far, so nothing of it may be told to him automatically.
    `new_topic`: it goes on in an old thread under a subject of its own.
    """

    conversation: int | None = None
    rule: str = "new"
    related: int | None = None
    suggested: int | None = None
    stranger: bool = False
    new_topic: bool = False


def asked(mail: Mail, secret: bytes) -> Asked:
    subject = subjects.taken_apart(mail.subject)
    numbers = [found.conversation for found in _signed(mail, secret)]
    if subject.number is not None:
        numbers.append(subject.number)
    return Asked(ids(mail), tuple(dict.fromkeys(numbers)), normal(mail.sender.email), subject.base)


def placed(mail: Mail, evidence: Evidence) -> Placing:
    case = _Case(mail, evidence)
    if case.passed_on:
        entered = next((found for row in ROWS if (found := row(case))), None)
        related = entered.conversation if entered else case.refused
        return Placing(rule="new" if related is None else "passed_on", related=related)
    for row in ROWS:
        if found := row(case):
            return case.described(found)
    if case.refused is not None:
        return Placing(rule="refused", related=case.refused)
    return _alike(case) or Placing()


def ids(mail: Mail) -> tuple[str, ...]:
    """What it answers: In-Reply-To, then the references from the last to the first."""
    named = [mail.in_reply_to] if mail.in_reply_to else []
    return tuple(dict.fromkeys([*named, *reversed(mail.references)]))


def _signed(mail: Mail, secret: bytes) -> Iterator[tokens.Ours]:
    yield from _addressed(mail, secret)
    for one in ids(mail):
        if found := tokens.of_message_id(secret, one):
            yield found
    yield from tokens.in_text(secret, mail.body[:MOST_QUOTED])


def _addressed(mail: Mail, secret: bytes) -> Iterator[tokens.Ours]:
    for one in (*mail.delivered_to, *(person.email for person in mail.to)):
        if found := tokens.of_address(secret, one):
            yield found


class _Case:
    """A mail with what is known about it."""

    def __init__(self, mail: Mail, evidence: Evidence) -> None:
        self.mail, self.evidence = mail, evidence
        self.sender = normal(mail.sender.email)
        self.subject: Subject = subjects.taken_apart(mail.subject)
        self.refused = self._refused()

    def own(self, token: tokens.Ours) -> Known | None:
        """The conversation of a token, in this mailbox."""
        known = self.evidence.by_number.get(token.conversation)
        return known if known and known.mailbox == self.evidence.mailbox else None

    def takes_part(self, known: Known) -> bool:
        return bool(self.sender) and self.sender in known.participants

    def admitted(self, message_id: str) -> Known | None:
        """The conversation of a message we have, if the sender may go on in it."""
        known = self.evidence.by_id.get(message_id)
        if known is None or known.mailbox != self.evidence.mailbox:
            return None
        signed = tokens.of_message_id(self.evidence.secret, message_id)
        return known if signed or self.takes_part(known) else None

    def _refused(self) -> int | None:
        """A conversation of this mailbox the mail names by an id that does not admit its sender."""
        for one in ids(self.mail):
            known = self.evidence.by_id.get(one)
            if known and known.mailbox == self.evidence.mailbox and not self.admitted(one):
                return known.conversation
        return None

    @property
    def passed_on(self) -> bool:
        """Somebody who has no part in anything it names forwards it: the beginning of something new."""
        named = [*self.evidence.by_id.values(), *self.evidence.by_number.values()]
        return self.subject.forward and not any(self.takes_part(known) for known in named)

    def described(self, found: Placing) -> Placing:
        known = next(k for k in self._all() if k.conversation == found.conversation)
        return replace(found, stranger=not self.takes_part(known), new_topic=self._new_topic(known))

    def _all(self) -> Iterator[Known]:
        yield from self.evidence.by_id.values()
        yield from self.evidence.by_number.values()

    def _new_topic(self, known: Known) -> bool:
        before = subjects.taken_apart(known.subject).base
        if self.subject.reply or self.subject.forward or not before or not self.subject.base:
            return False
        return SequenceMatcher(None, before[:200], self.subject.base[:200], autojunk=False).ratio() < SAME_TOPIC


# ---- the table ------------------------------------------------------------------------------------------------------


def _by_address(case: _Case) -> Placing | None:
    """1. A signed address of ours it was sent to."""
    found = (case.own(token) for token in _addressed(case.mail, case.evidence.secret))
    return next((Placing(known.conversation, "address") for known in found if known), None)


def _by_id(case: _Case) -> Placing | None:
    """2. A message it answers, that we have."""
    found = (case.admitted(one) for one in ids(case.mail))
    return next((Placing(known.conversation, "reference") for known in found if known), None)


def _by_own_id(case: _Case) -> Placing | None:
    """3. An id we signed, of a message we no longer have."""
    signed = (tokens.of_message_id(case.evidence.secret, one) for one in ids(case.mail))
    found = (case.own(token) for token in signed if token)
    return next((Placing(known.conversation, "own_id") for known in found if known), None)


def _by_marker(case: _Case) -> Placing | None:
    """4. A signed mark in the text it quotes."""
    found = (case.own(token) for token in tokens.in_text(case.evidence.secret, case.mail.body[:MOST_QUOTED]))
    return next((Placing(known.conversation, "marker") for known in found if known), None)


def _by_number(case: _Case) -> Placing | None:
    """5. The number in the subject, from somebody who takes part, while the conversation is fresh."""
    known = case.own(tokens.Ours(case.subject.number)) if case.subject.number is not None else None
    if known is None or known.touched is None or not case.takes_part(known):
        return None
    return Placing(known.conversation, "number") if case.evidence.now - known.touched < NUMBER_LASTS else None


ROWS: tuple[Callable[[_Case], Placing | None], ...] = (_by_address, _by_id, _by_own_id, _by_marker, _by_number)


def _alike(case: _Case) -> Placing | None:
    """6. The same sender wrote under this subject a few days ago, and this answers something we do not have."""
    if not ids(case.mail):
        return None
    fresh = [
        known
        for known in case.evidence.alike
        if known.mailbox == case.evidence.mailbox
        and known.touched is not None
        and case.evidence.now - known.touched < ALIKE_WITHIN
        and case.takes_part(known)
        and subjects.taken_apart(known.subject).base == case.subject.base
    ]
    return Placing(rule="alike", suggested=fresh[0].conversation) if fresh else None
