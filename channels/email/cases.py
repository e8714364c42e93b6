"""A mail with all that is known about it, and what follows from that. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.messages import Attachment, Said, Thread
from channels.email import threading
from channels.email.addresses import normal
from channels.email.authentication import Authentication
from channels.email.autoreply import Sort, Verdict
from channels.email.evidence import House, participants
from channels.email.mail import Mail
from channels.email.reasons import REASONS
from channels.email.threading import Asked, Placing

INBOX, JUNK, SENT = "inbox", "junk", "sent"


@dataclass(frozen=True, slots=True)
class Found:
    """A mail as it lay in a folder. `role` is the folder's: inbox, junk or sent. `history`: it lay there before us.
    `cut`: only its beginning is here. `id` names one of which nothing is here at all. `kept`: its files and, last, its
    bytes, once they are on disk. `again_seen`: the folder is looked at anew, and it has probably come before."""

    mail: Mail
    raw: bytes = field(repr=False)
    role: str = INBOX
    history: bool = False
    cut: bool = False
    id: str = ""
    kept: tuple[Attachment, ...] | None = None
    again_seen: bool = False

    @property
    def external_id(self) -> str:
        return self.id or self.mail.message_id or f"raw:{self.mail.sha256}"

    @property
    def again(self) -> str:
        """The id it is kept under when its own was used."""
        return f"{self.external_id}#{self.mail.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail with all that is known about it. `before`: the message that came under its id, and its conversation.
    `thread`: the conversation it goes to, None for a new one."""

    found: Found
    house: House
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


def known_already(case: Case) -> bool:
    """These very bytes came before: at another start, in another folder, or under UIDs that are void now."""
    if any(said.external_id == case.found.again for thread in case.threads for said in thread.said):
        return True
    return case.before is not None and digest(case.before[1]) == case.mail.sha256 and not rescued(case)


def rescued(case: Case) -> bool:
    """Somebody took it out of the junk folder."""
    return case.before is not None and case.before[1].extra.get("folder") == JUNK and case.found.role == INBOX


def digest(said: Said) -> str:
    return str(said.extra.get("sha256", ""))


def copy(case: Case) -> bool:
    """The id was used by this sender before, with other bytes: a list's copy, say. Some programs give every mail the
    same id; those of different people have nothing to do with each other."""
    if case.before is None or rescued(case):
        return False
    return normal(case.mail.sender.email) in set(map(normal, _froms(case.before[1])))


def _froms(said: Said) -> list[str]:
    told = said.extra.get("from")
    return [str(told.get("email", ""))] if isinstance(told, Mapping) else []


def muted(case: Case) -> tuple[str, bool]:
    """The key of why nothing may be said to it, and whether it is for anybody to see to."""
    mail, judged = case.mail, case.verdict
    if case.found.history:
        return "history", False
    if copy(case):
        return "duplicate", case.before is not None and case.before[1].text != mail.new_text
    if judged.sort is Sort.SUSPICIOUS and case.found.role == JUNK:
        return judged.key, case.known
    if mail.quarantine and not case.found.cut:
        return "quarantine", True
    if not judged.may_answer:
        return judged.key, judged.reopens
    return ("stranger", True) if case.placing.stranger else ("", True)


def thread_of(case: Case) -> str:
    if case.before and (copy(case) or rescued(case)):
        return case.before[0].thread
    return case.thread.thread if case.thread else new_thread(case)


def new_thread(case: Case) -> str:
    return f"mail:{case.mail.sha256[:32]}" if case.mail.sha256 else f"mail:{case.found.external_id}"


def written_to(case: Case, outside: Sequence[str]) -> Thread | None:
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


def beyond(case: Case, mute: str) -> dict[str, Any]:
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
