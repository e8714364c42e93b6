"""What the wings promise the ground (Channel, Brain, Desk), and what the ground lends a channel (Shelf).

The engine, delivery and store know the wings only by this page; `bot.app` alone hands them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.dialogue import Decision, HandoffRequest, Question, Reply
from bot.errors import Trouble
from bot.http import Request, Response
from bot.messages import Announced, Attachment, Heard, Incoming, Kind, Notification, Outgoing, Thread


class Measure(StrEnum):
    """How a network counts the length of a text."""

    CHARACTERS = "characters"
    UTF8_BYTES = "utf-8 bytes"
    UTF16_UNITS = "utf-16 units"
    HALF_WIDTHS = "half-widths"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can carry; `channels.fit` makes a message fit it.

    `webhook`: it calls us, at an address the operator has to tell it.
    `pull`: the customer's own client reads our log, so committing a message is handing it over.
    `idempotent_send`: the network drops a second send with the same key, so an ambiguous one may be repeated.
    `reply_window`: we may write only within what `Incoming.window` opened, at most so long; `quota` is what a
    message opens at most, `reserve` how many of them the bot leaves for the request to rate the service.
    `pushes`: we may write without being asked; without it, only webhook answers reach the customer.
    `answer_within`: the time in which a webhook may carry the answer, `asks_again` that in which the network repeats
    a webhook that got none. `retry_for`: how long a temporary failure is tried again, after `pauses` (the last one
    again and again; none: growing ones of our own), and `mend_for` how long when only a person can mend it.
    `park_for`: how long a message waits for the customer to act before it expires. `send_within`: how long one send
    may take, if longer than usual. `remembers`: the channel itself knows which sends may have gone out: it is handed
    an ambiguous one again, and raises AmbiguousSendError instead of sending twice. `send_mends`: the
    troubles that are over once a message went out (none named: all). `letters`: what comes are letters, which are
    long, come slowly, are answered once and never chatted with. `speaks`: something can be said there; without it
    the bot says nothing, and agents only note. `public`: what holds instead where everybody reads it.
    """

    max_text: int = 4000
    measure: Measure = Measure.CHARACTERS
    markdown: bool = False
    quick_replies: int = 0
    attachments: frozenset[Kind] = frozenset()
    reply_window: timedelta | None = None
    quota: int | None = None
    reserve: int = 0
    pushes: bool = True
    answer_within: timedelta | None = None
    asks_again: timedelta = timedelta()
    idempotent_send: bool = False
    typing: bool = False
    webhook: bool = True
    pull: bool = False
    letters: bool = False
    speaks: bool = True
    retry_for: timedelta = timedelta(hours=1)
    park_for: timedelta = timedelta(days=7)
    pauses: tuple[timedelta, ...] = ()
    mend_for: timedelta | None = None
    send_within: timedelta | None = None
    remembers: bool = False
    send_mends: tuple[str, ...] = ()
    public: Capabilities | None = None

    def at(self, public: bool) -> Capabilities:
        """What holds in a public or a private thread."""
        return self.public if public and self.public is not None else self


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a network, as data: comparable in tests, carried out by `Channel.send` alone."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took it; `external_id` is its own id for the message, where it gives one.

    `extra` is what people should know about how it went out (JSON; kept with the message, under `extra`); `problem`
    what went wrong although it was taken, in words (one of several recipients was refused).
    """

    external_id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `kefu check`: what was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    mend: str = ""


class Channel(Protocol):
    """One inbox on one network. Everything but `send`, `check` and `close` is pure.

    A channel may be more: `Listener`, `Borrower`, `Fetcher`, `Typist`, `Notifier`, `Rereader`.
    """

    kind: str
    capabilities: Capabilities

    def verify(self, request: Request) -> None:
        """Raise SignatureError unless the request proves that the network sent it."""

    def parse(self, request: Request) -> Sequence[Incoming]:
        """The messages in a verified request, oldest first; raises PayloadError on bytes that make no sense."""

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        """The answer that makes the network stop delivering; called only after the messages are durable.

        `answer`: what it carries to the customer, where the network allows that (`Capabilities.answer_within`): a
        text that fits, without buttons or attachments. The same answer gives the same words.
        """

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        """The calls that say it; the message fits already."""

    async def send(self, call: Call) -> Receipt:
        """Carry out one call; raises TemporarySendError, PermanentSendError or AmbiguousSendError."""

    async def check(self) -> Sequence[Finding]:
        """What `kefu check` should say about this inbox."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Rereader(Protocol):
    """A channel that can read what its network once told without keys or options: a file of the operator's, for
    `kefu replay`. Nothing that comes from outside is read so. A static method: it needs no inbox."""

    @staticmethod
    def reread(payload: bytes) -> Sequence[Heard]:
        """What it says; PayloadError with the mend if it cannot be read so."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next fetch goes on: under `name` on the shelf stood `before` ("" for nothing), now `after`."""

    name: str
    before: str
    after: str


class Accept(Protocol):
    """Makes what a network told durable: all of it and the cursor, in one transaction."""

    async def __call__(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        """Returns only when it is durable; what was told before changes nothing. Raises StoreError when nothing was
        kept, StaleCursorError when another process has moved the cursor."""


@runtime_checkable
class Listener(Protocol):
    """A channel that fetches its messages itself (IMAP, long polling, sync)."""

    async def listen(self, accept: Accept) -> None:
        """Run until cancelled; move the network's cursor only after `accept` returned."""

    def ring(self, request: Request) -> None:
        """A verified webhook call came: there may be something to fetch. Never waits."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file, whole."""

    data: bytes
    media_type: str
    name: str


class Shelf(Protocol):
    """What the ground keeps for one inbox: small values that outlive the process and are shared by all of them."""

    @property
    def zone(self) -> tzinfo:
        """By whose clock people are told the time."""

    def now(self) -> datetime:
        """The store's clock (aware UTC)."""

    async def get(self, name: str) -> str | None:
        """The value, None if there is none or its time is over."""

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        """Keep a value, for a time or for ever."""

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        """Hold `name` for a time, unless somebody holds it: one at a time over all processes."""

    async def hold(self, name: str, *, lasts: timedelta) -> bool:
        """Go on holding a name we took, for so long from now; False if our time was over."""

    async def drop(self, name: str) -> None:
        """Forget a value, or let go of a name."""

    async def tell(self, trouble: Trouble) -> None:
        """Show people what they have to mend: in the desk, `kefu check` and metrics."""

    async def mended(self, *keys: str) -> None:
        """These troubles (none given: all) are over."""

    async def file(self, key: str) -> Stored:
        """A kept file; NotFoundError if it is gone."""

    async def keep(self, *files: Stored) -> Sequence[Attachment]:
        """Keep files for messages that are about to be accepted; those no message takes are thrown away in time.

        What one is is told by its bytes; `media_type` counts where they tell nothing. Raises StoreError: none is kept.
        """

    async def threads(
        self, *, external_ids: Sequence[str] = (), conversations: Sequence[int] = (), senders: Sequence[str] = ()
    ) -> Sequence[Thread]:
        """The inbox's conversations that have one of these messages, numbers or customers (of those the last few)."""

    async def announced(self, prefix: str) -> Sequence[Announced]:
        """What the latest events named `prefix` and an id announced, where no message has that id."""


@runtime_checkable
class Borrower(Protocol):
    """A channel that needs a shelf. Called once, before anything else."""

    def borrow(self, shelf: Shelf) -> None: ...


@runtime_checkable
class Fetcher(Protocol):
    """A channel whose attachments have to be fetched (`Attachment.source` or `url`)."""

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        """The file, of at most `limit` bytes. Raises TemporarySendError to try again, PermanentSendError when it is
        gone, too large or not what it should be."""


@runtime_checkable
class Typist(Protocol):
    """A channel that can show the customer that somebody types."""

    async def typing(self, recipient: str) -> None:
        """Show it now; raises SendError, which nobody minds."""


@runtime_checkable
class Notifier(Protocol):
    """A channel that can call a customer back outside the reply window (a template message)."""

    def notice(self, waiting: Outgoing) -> Sequence[Call]:
        """The calls that tell the customer that a message waits; empty where none is configured."""

    async def send(self, call: Call) -> Receipt: ...


@runtime_checkable
class Correspondent(Protocol):
    """A channel of letters that can say before one is sent what it will stand between."""

    async def heading(self, outgoing: Outgoing) -> Mapping[str, Any]:
        """`to` and `cc` as lists of {email, name}, `subject`, and the lines of the `signature`. Raises SendError where
        it can go to nobody."""


@runtime_checkable
class AgentMailer(Protocol):
    """A channel that can write to agents, and hears their answers (`bot.messages.AgentReply`)."""

    async def notify(self, notification: Notification) -> None:
        """Send it; the same number is the same mail. Raises SendError."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one webhook answer can carry of what waits: the text `answer` says the first `whole` messages. `part`: it
    says only the next piece of the very first message (`whole` is 0)."""

    answer: Outgoing
    whole: int
    part: bool = False


class Fitting(Protocol):
    """`channels.fit`, as the ground is handed it."""

    def fit(self, outgoing: Outgoing, capabilities: Capabilities) -> Sequence[Outgoing]:
        """A message in the pieces a network can carry, in order, each under a key of its own."""

    def gather(self, waiting: Sequence[Outgoing], capabilities: Capabilities, out: int = 0) -> Gathered | None:
        """What one webhook answer can carry of the messages that wait, the first ones first; None: nothing. `out`:
        pieces of the very first message that were said before."""

    def merge(self, replies: Sequence[Reply], capabilities: Capabilities) -> Sequence[Reply]:
        """The bot's replies in as few messages as the network's limits allow."""


class Brain(Protocol):
    """Decides what the bot says. Implemented by `replies`."""

    async def decide(self, question: Question) -> Decision: ...


@dataclass(frozen=True, slots=True)
class HandoffDraft:
    """A handoff record about to be kept: what an agent reads before the first word. `transcript` are message seqs.
    `opens`: people have the conversation with it."""

    trigger: str
    reason: str
    tier: str | None
    summary: Mapping[str, Any]
    transcript: tuple[int, ...]
    queue: str = "default"
    opens: bool = True


class Desk(Protocol):
    """Takes conversations over. Implemented by `handoff`."""

    def draft(
        self, request: HandoffRequest, question: Question, transcript: Sequence[Mapping[str, Any]]
    ) -> HandoffDraft:
        """The record for a handoff. `transcript`: the last messages, oldest first, as {seq, author, text, at}."""


class Library(Protocol):
    """The FAQ as those who write it see it. Implemented by `replies`; its calls read and write files."""

    @property
    def own(self) -> str | None:
        """The operator's file; None while the shipped samples are in use, which nobody can change."""

    def entries(self, language: str) -> Sequence[tuple[str, str]]:
        """Id and title of every entry. Raises ContentError, as all of these do."""

    def alike(self, texts: Sequence[str]) -> Sequence[Sequence[int]]:
        """Which of the texts ask about the same: their places in groups, leaders first."""

    def remarks(self, answer: str, language: str) -> Sequence[str]:
        """What the etiquette has against an answer, each with a better wording."""

    def add(self, questions: Sequence[str], answer: str, language: str) -> str:
        """A new entry; its id. TakenError where another one asks the same."""

    def extend(self, id_: str, questions: Sequence[str], language: str) -> None:
        """More ways to ask an entry; TakenError as well."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Something in a draft to say otherwise: `words` stand at `start` (in characters), `instead` can stand in their
    place as it is (empty: write the sentence anew, as `mend` says)."""

    rule: str
    words: str
    start: int
    why: str
    mend: str
    instead: str = ""


class Etiquette(Protocol):
    """Reads what a person is about to send. Pure, and quick enough for every pause in his typing."""

    def wordings(self, text: str, language: str | None, *, grave: bool, public: bool = False) -> Sequence[Wording]:
        """What should be said otherwise. `language`: the customer's; `grave`: he has trouble, so no emoji; `public`:
        everybody will read it."""


class Phrases(Protocol):
    """Words an agent may take over from the scripts. Implemented by `replies`."""

    def offer(self, situation: str, language: str | None, nth: int = 0) -> str:
        """How to say it to a customer of that language: `public_to_private`, `public_closing`, or any situation that
        needs to be told nothing. `nth`: which variant; they go round."""
