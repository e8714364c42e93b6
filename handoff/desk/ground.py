"""What the desk stands on, handed in by `bot.app`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.cases import WITHIN
from bot.messages import Kind, Outgoing
from bot.ports import Etiquette, Library, Measure, Phrases
from bot.store.media import Kept
from bot.store.runner import Store
from handoff.desk.accounts import Passwords
from handoff.desk.limits import LoginLimits


class DeskWatch(Protocol):
    """The desk's ear for every conversation. What it says are hints: the truth is read from the store."""

    async def wait(self, timeout: float) -> tuple[set[int], Sequence[tuple[int, Mapping[str, Any]]]] | None:
        """Conversations that changed, and (conversation, ephemeral frame) pairs; None after `timeout` seconds."""


class Live(Protocol):
    """The part of `bot.live.Live` the desk uses."""

    def changed(self, conversation_id: int) -> None:
        """A conversation's log grew: wake everybody who watches it, in every process."""

    def signal(self, conversation_id: int, frame: Mapping[str, Any]) -> None:
        """Something passing (typing, viewing) happened in a conversation."""

    def watch_desk(self) -> AbstractContextManager[DeskWatch]: ...


class Files(Protocol):
    """The part of `bot.media.KeptFiles` the desk uses. `most`: bytes of one file."""

    @property
    def most(self) -> int: ...

    async def keep(self, conversation_id: int, name: str, data: bytes) -> Kept:
        """Keep a file of a conversation; it is durable when this returns."""

    async def find(self, key: str) -> tuple[Kept, Path]:
        """What is known about a file, and where it is; NotFoundError."""


Heading = Callable[[str, Outgoing], Awaitable[Mapping[str, Any] | None]]


async def _no_heading(inbox: str, outgoing: Outgoing) -> None:
    """Where nothing stands over what is written."""


@dataclass(frozen=True, slots=True)
class DeskGround:
    """`pull`: whether an inbox's clients read our log themselves (Capabilities.pull), by inbox name.

    `carries`: the kinds of attachments its network takes, by inbox name and whether in public; `files`: where
    they are kept. `letters`: whether what comes to an inbox are letters (Capabilities.letters), by its name.
    `heading`: what a letter of an inbox will stand between (`bot.ports.Correspondent`), None where its channel does not
    say; raises SendError where it can go to nobody.
    `ring_turn`, `ring_delivery`: the engine's doorbells. `typing`: an agent types a reply in a conversation, for the
    customer to see where his network can show it. `public_url`: where agents reach us; https makes the
    cookie Secure. `inboxes`: names of those at work (None: all); the others' troubles are nobody's.
    `etiquette`: what reads an agent's draft, `phrases`: words he may take over; None where there are none.
    `public_most`: how long a public answer may be, where an inbox's network has public threads; `public_long`: how long
    a text is as that network measures it (`public_measure`), both by the inbox's name.
    `speaks`: whether anything can be said in an inbox; `windowed`: only after an act of the customer's that allows it
    (Capabilities.reply_window). `phone`: the inbox calls are logged in, with numbers that have no country code in
    `country`.
    `mails`: a mailbox of ours can tell agents that a customer waits. `telegram`: they have a desk in Telegram, too.
    `library`: the FAQ, for those who write it; None where there is none.
    """

    store: Store
    live: Live
    ring_turn: Callable[[], None]
    ring_delivery: Callable[[], None]
    pull: Callable[[str], bool]
    public_url: str
    files: Files
    inboxes: Container[str] | None = None
    carries: Callable[[str, bool], Collection[Kind]] = lambda name, public: ()
    letters: Callable[[str], bool] = lambda name: False
    speaks: Callable[[str], bool] = lambda name: True
    windowed: Callable[[str], bool] = lambda name: False
    public_most: Callable[[str], int | None] = lambda name: None
    public_measure: Callable[[str], Measure] = lambda name: Measure.CHARACTERS
    public_long: Callable[[str, str], int] = lambda name, text: len(text)
    phone: str = "phone"
    country: str = "CN"
    cases: Mapping[str, timedelta] = field(default_factory=lambda: WITHIN)
    zone: tzinfo = UTC
    hide: Callable[[str, bool], str] = lambda text, order: text
    heading: Heading = _no_heading
    typing: Callable[[int], None] = lambda conversation_id: None
    mails: bool = False
    telegram: bool = False
    library: Library | None = None
    etiquette: Etiquette | None = None
    phrases: Phrases | None = None
    passwords: Passwords = field(default_factory=Passwords)
    limits: LoginLimits = field(default_factory=LoginLimits)

    @property
    def secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"
