"""What the conversations we have say about a mail: the evidence `threading` decides by. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.messages import Said, Thread
from channels.email import tokens
from channels.email.addresses import normal
from channels.email.mail import Mail
from channels.email.threading import Asked, Evidence, Known


@dataclass(frozen=True, slots=True)
class House:
    """This mailbox: its address, all that are ours (as `addresses.normal` has them), and what we sign with."""

    address: str
    own: frozenset[str]
    secret: bytes


def evidence(house: House, asked: Asked, found: Sequence[Thread], alike: Sequence[Thread], now: datetime) -> Evidence:
    """`found`: the conversations with the messages or numbers asked for; `alike`: those of the sender."""
    known = {thread.conversation: of_thread(house, thread) for thread in found}
    by_id = {
        said.external_id: known[thread.conversation]
        for thread in found
        for said in thread.said
        if said.external_id in asked.ids
    }
    return Evidence(
        house.address, house.secret, now, by_id, {n: known[n] for n in asked.conversations if n in known},
        [of_thread(house, thread) for thread in alike],
    )  # fmt: skip


def of_thread(house: House, thread: Thread) -> Known:
    subjects = [str(said.extra["subject"]) for said in thread.said if said.extra.get("subject")]
    return Known(
        thread.conversation,
        house.address,
        participants(house, thread),
        thread.touched,
        subjects[-1] if subjects else "",
    )


def participants(house: House, thread: Thread) -> frozenset[str]:
    """Everybody who wrote or was written to, but us."""
    people = {thread.sender}
    for said in thread.said:
        for name in ("from", "to", "cc"):
            people |= set(_emails(said.extra.get(name)))
    return frozenset(map(normal, people)) - house.own - {""}


def _emails(told: Any) -> Iterator[str]:
    """Addresses as extras have them: one or many, as text or as {email, name}."""
    for one in told if isinstance(told, list | tuple) else [told]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping) and isinstance(one.get("email"), str):
            yield one["email"]


def same(found: Sequence[Thread], external_id: str) -> tuple[Thread, Said] | None:
    """The message of this id, if it came before."""
    return next(((t, said) for t in found for said in t.said if said.external_id == external_id), None)


def sent_by_us(mail: Mail, secret: bytes) -> bool:
    """Whether this very mail went out from here: it carries our signature as its own."""
    signed = tokens.of_message_id(secret, mail.message_id) or tokens.of_notification_id(secret, mail.message_id)
    looped = any(tokens.of_loop(secret, value) for value in mail.headers.each("x-kefu-loop"))
    return signed is not None or looped
