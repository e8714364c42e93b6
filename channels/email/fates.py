"""What a report says became of our mails, message by message. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.messages import Delivery, Thread
from bot.messages import Report as Told
from channels.email import tokens
from channels.email.addresses import normal
from channels.email.mail import About, Fate, Mail, Report

LONGEST = 500
"""Characters of a server's reason."""


def ours(mail: Mail, secret: bytes) -> tuple[tokens.Ours, ...]:
    """Our messages the mail reports about: those whose id carries our signature."""
    if mail.report is None:
        return ()
    found = (tokens.of_message_id(secret, one) for one in mail.report.ids)
    return tuple(dict.fromkeys(one for one in found if one))


def told(mail: Mail, secret: bytes, threads: Mapping[int, Thread]) -> Iterator[Told]:
    """What each of them is told. `threads`: the conversations they are of, by number."""
    report = mail.report
    if report is None or report.about is not About.DELIVERY:
        return
    for one in ours(mail, secret):
        thread = threads.get(one.conversation)
        if thread is not None and (said := _one(report, f"kefu-{one.out}", thread)) is not None:
            yield said


def _one(report: Report, key: str, thread: Thread) -> Told | None:
    """A failure for one who only got a copy is no failure of the message."""
    failed = [fate for fate in report.failed if _of(fate, thread)]
    if failed:
        return Told(key, Delivery.FAILED, f"bounce: {_words(failed[0])}")
    if report.failed:
        return Told(key, Delivery.SENT, f"bounce: {_words(report.failed[0])}")
    if report.delayed:
        return Told(key, Delivery.SENT, f"delay: {_words(next(f for f in report.fates if f.action == 'delayed'))}")
    arrived = any(fate.action == "delivered" and _of(fate, thread) for fate in report.fates)
    return Told(key, Delivery.DELIVERED) if arrived else None


def _of(fate: Fate, thread: Thread) -> bool:
    """Whether it is about the customer himself; a report that does not say whom it is about is."""
    copied = {normal(one) for said in thread.said for one in _copied(said.extra.get("cc"))}
    who = normal(fate.recipient)
    return who == normal(thread.sender) or who not in copied


def _copied(cc: object) -> Iterator[str]:
    for one in cc if isinstance(cc, list | tuple) else ():
        email = one.get("email") if isinstance(one, Mapping) else one
        if isinstance(email, str):
            yield email


def _words(fate: Fate) -> str:
    return " ".join(part for part in (fate.recipient, fate.status, fate.said) if part)[:LONGEST]
