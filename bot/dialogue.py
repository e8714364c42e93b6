"""What the ground asks `replies` after each message, and what `replies` answers.

Deciding is a pure function of the question: no clock, no database, no network. Whatever a decision
needs to remember goes into `state` (JSON), which comes back with the conversation's next question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.messages import Kind, QuickReply, Status


@dataclass(frozen=True, slots=True)
class Question:
    """One message, or one fired timer, of one conversation, with all a decision may depend on.

    `language`: BCP 47 tag the customer is known or said to use (zh-Hans, zh-Hant, en), None if unknown.
    `state`: what the previous decision of this conversation left, {} at first.
    `value`: QuickReply.value of a tapped button, or what an EVENT means. `timer`: name of the fired timer, None for a
    message; `resolved` has the value `person` when a person had the conversation; `data`: what it was set with.
    `first`: nothing was said in this conversation before. `more`: another message of the customer's waits already.
    `pushes`: the network lets us write without being asked. `attended`: where people have the conversation, one of
    them has taken it. `tier`: the gravest so far in this conversation, unless an
    agent has put it right since. `complaints`: his earlier complaint conversations within 30 days. `form`: the form he
    left unfinished, here or elsewhere ({} for none). `conversation`: its number. `letter`: it is a letter, with
    `subject`. `mute`: why nothing automatic may be said to it, "" if it may; whatever is decided, the ground says
    nothing then. `wakes`: it is for people to see to; what is not (an automatic reply) only lies with its conversation.
    `public`: everybody reads what is said here, `followers` of the author's first of all. `alike`: conversations
    about the same incident, this one included, 0 for none. `category`: what a person says it is about.
    """

    text: str
    now: datetime
    kind: Kind = Kind.TEXT
    language: str | None = None
    status: Status = Status.PENDING
    state: Mapping[str, Any] = field(default_factory=dict)
    value: str | None = None
    timer: str | None = None
    first: bool = False
    channel: str = "web"
    contact_name: str = ""
    more: bool = False
    pushes: bool = True
    attended: bool = True
    tier: str | None = None
    complaints: int = 0
    form: Mapping[str, Any] = field(default_factory=dict)
    conversation: int = 0
    letter: bool = False
    subject: str = ""
    mute: str = ""
    wakes: bool = True
    public: bool = False
    followers: int = 0
    alike: int = 0
    category: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message the bot says. `script` names the script and variant, `source` the FAQ entry, if any.

    `purpose` is Outgoing.purpose. `vital`: words for somebody in danger, which are no mere receipt.
    """

    text: str
    quick_replies: tuple[QuickReply, ...] = ()
    script: str = ""
    source: str = ""
    purpose: str = ""
    vital: bool = False


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """A person is needed. `trigger` is one of asked, tier, misses, anger, vip, other; `reason` is for the agent.

    `tried` are the FAQ entries already answered; `wish` what the customer wants, where known. `form` is the filled
    case, by field, as far as it is known. `queue`: who is to take it. `opens`: people have the conversation from now
    on; without it the record only tells them, and the bot goes on.
    """

    trigger: str
    reason: str
    tier: str | None = None
    wish: str = ""
    tried: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    queue: str = "default"
    opens: bool = True


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What a customer has registered: the `number` he is told, his answers by field as people read them, and what the
    form calls the fields."""

    number: str
    fields: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the FAQ should have had: `text` as the customer asked it, `near` the entry that came nearest or did
    not help ("" for none), `why` miss or unsolved."""

    text: str
    near: str = ""
    why: str = "miss"


@dataclass(frozen=True, slots=True)
class TimerRequest:
    """Ask again after a while: the timer comes back as a Question with `timer` set. One of a name at a time."""

    name: str
    after: timedelta
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one question. `rule` names the rule that decided; `facts` is what it saw (JSON).

    `rating`: the customer's mark for the handling that has ended, 1 to 5. `gap`: what the FAQ lacks. `form`: the
    unfinished form to keep for this customer; {} forgets it, None leaves it as it is. `case`: the form he has finished.
    `category` and `tier`: what the message was judged to be, None where nothing was judged.
    """

    rule: str
    replies: tuple[Reply, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    handoff: HandoffRequest | None = None
    timers: tuple[TimerRequest, ...] = ()
    cancel_timers: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    rating: int | None = None
    gap: Gap | None = None
    form: Mapping[str, Any] | None = None
    case: CaseDraft | None = None
    category: str | None = None
    tier: str | None = None
