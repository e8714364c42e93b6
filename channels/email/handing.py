"""Mails as a server hands them out, every one of them, with what they say. For the mailbox's own thread."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from channels.email.imap import Fetched, Mailbox, MailboxError
from channels.email.mail import Mail
from channels.email.reading import read


@dataclass(frozen=True, slots=True)
class Read:
    """A mail as fetched, and what it says."""

    fetched: Fetched
    mail: Mail


def handed_out(box: Mailbox, uids: Sequence[int], given_up: set[int], *, singly: bool = False) -> Iterator[list[Read]]:
    """The mails, in order, every one of them unless it is gone, as many at a time as came together. `given_up`: not
    even asked for; `singly`: one by one, where a session ended at one of them."""
    groups = [[uid] for uid in uids] if singly or given_up else [list(uids)]
    for group in groups:
        if given_up.isdisjoint(group):
            yield from _whole(box, group)
        else:
            yield [_unread(group[0], "the server stops in the middle of it, again and again")]


def _whole(box: Mailbox, uids: Sequence[int]) -> Iterator[list[Read]]:
    waiting = deque(uids)
    for page in box.pages(uids):
        told: list[Read] = []
        try:
            for got in page:
                while waiting and waiting[0] < got.uid:
                    told += _gap(box, waiting.popleft())
                waiting.popleft()
                told.append(_read(box, got))
        except MailboxError:
            yield told  # what was fetched before the session broke
            raise
        yield told
    for uid in waiting:
        yield _gap(box, uid)


def _gap(box: Mailbox, uid: int) -> list[Read]:
    """A mail that was named and not handed out: gone meanwhile, or the server does not want to."""
    if uid not in box.after(uid - 1)[:1]:
        return []
    again = list(box.fetch([uid]))
    return [_read(box, again[0]) if again else _unread(uid, "the server names it and does not hand it out")]


def _read(box: Mailbox, got: Fetched) -> Read:
    mail = read(got.raw)
    if got.whole:
        return Read(got, mail)
    size, limit = got.size / 1e6, box.account.limit / 1e6
    why = f"too large: {size:.1f} MB, of which {len(got.raw) / 1e6:.1f} MB were read (limit_megabytes is {limit:.0f})"
    return Read(got, replace(mail, quarantine=mail.quarantine or why))


def _unread(uid: int, why: str) -> Read:
    told = f"The mail with UID {uid} could not be read: {why}. Look at it in the mailbox itself."
    digest = hashlib.sha256(f"{uid} {why}".encode()).hexdigest()
    return Read(Fetched(uid, 0, None, b"", whole=False), Mail(sha256=digest, subject=told, quarantine=why))
