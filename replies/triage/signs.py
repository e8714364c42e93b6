"""What the rules see in a message, gathered once: for the verdict, and by name for the model."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from replies.triage import feelings
from replies.triage.amounts import Amount, largest
from replies.triage.grave import GRAVE
from replies.triage.hazards import HAZARDS
from replies.triage.patterns import Hit, find
from replies.triage.reading import Reading

RULES: Final = (*HAZARDS, *GRAVE)
LARGE_LOSS: Final = Decimal(5000)
"""In CNY, if the operator says nothing else (the handbook's tier serious)."""


@dataclass(frozen=True, slots=True)
class Signs:
    """`names`: of rules that fit ("fire", with a question mark if taken back), wishes, feelings, and the sum."""

    hits: tuple[Hit, ...]
    amount: Amount | None
    names: tuple[str, ...]

    def holding(self, tier: str) -> list[Hit]:
        """The hits of a tier that nothing takes back."""
        return [hit for hit in self.hits if hit.rule.tier == tier and not hit.guard]


def see(reading: Reading) -> Signs:
    """Everything the rules find in a message."""
    hits = tuple(find(RULES, reading.folded))
    amount = largest(reading.folded)
    names = [mark for hit in hits for mark in _marks(hit)]
    if amount is not None:
        names.append("large sum" if amount.in_cny >= LARGE_LOSS else "sum")
    names += feelings.signs(reading.text, reading.folded)
    return Signs(hits, amount, tuple(dict.fromkeys(names)))


def _marks(hit: Hit) -> tuple[str, str]:
    doubt = "?" if hit.guard else ""
    return hit.rule.name + doubt, hit.rule.tier + doubt
