"""What a message means, as triage sees it and `decide` reads it. Every judgement carries the words that decided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from replies.text import Language

Category = Literal["inquiry", "complaint", "suggestion", "business", "praise", "chitchat", "abuse"]
Tier = Literal["critical", "serious", "moderate", "minor"]

CATEGORIES: Final[tuple[Category, ...]] = (
    "inquiry",
    "complaint",
    "suggestion",
    "business",
    "praise",
    "chitchat",
    "abuse",
)
TIERS: Final[tuple[Tier, ...]] = ("critical", "serious", "moderate", "minor")
"""Complaint tiers, gravest first."""


def tier_of(name: str | None) -> Tier | None:
    """The tier that a name means; None if it is none."""
    return next((tier for tier in TIERS if tier == name), None)


def graver(one: Tier | None, other: Tier | None) -> Tier | None:
    """The higher of two tiers."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=TIERS.index)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that decided something: `text[start:end]` of the message as the customer wrote it.

    `of`: what they are evidence of, dotted, gravest part last: `tier.critical.injury`, `anger`, `wish.refund`.
    """

    start: int
    end: int
    words: str
    of: str


@dataclass(frozen=True, slots=True)
class History:
    """What came before, as far as it changes a judgement.

    `tier`: the highest so far in this conversation (a tier never falls by itself). `anger`: of the customer's last
    messages, oldest first, 0 to 1. `complaints`: his earlier complaint conversations within 30 days.
    """

    tier: Tier | None = None
    anger: tuple[float, ...] = ()
    complaints: int = 0


CALM: Final = History()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message says.

    `tier` only for complaints. `needs_human`: a person must be brought in (critical, serious, moderate, or asked
    for). `confidence` in category and tier, 0 to 1. `anger` and `distress`: 0 to 1. `danger`: which safety words fit
    (self_harm, violence, fire, gas, electric, injury, poisoning, child, money, account, privacy), "" for none.
    `abuse`: insult, sexual, advert, nonsense, "" for none. `customer`: kinds of difficult customer (handbook 4),
    `wishes`: refund, replacement, repair, compensation, apology, information. `amount` as far as a figure or numeral
    names one, in `currency` (ISO 4217, "" unknown).
    """

    language: Language
    category: Category = "inquiry"
    tier: Tier | None = None
    needs_human: bool = False
    asks_person: bool = False
    confidence: float = 0.0
    anger: float = 0.0
    distress: float = 0.0
    danger: str = ""
    abuse: str = ""
    customer: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str = ""
    products: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
