"""What the rules see in a message, gathered once: for the verdict, and by name for the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from replies.triage import cues, feelings
from replies.triage.amounts import Amount, largest
from replies.triage.grave import GRAVE
from replies.triage.hazards import HAZARDS
from replies.triage.patterns import Hit, find
from replies.triage.reading import Reading

RULES: Final = (*HAZARDS, *GRAVE)
LARGE_LOSS: Final = 5000
"""In CNY, if the operator says nothing else (the handbook's tier serious)."""


@dataclass(frozen=True, slots=True)
class Signs:
    """`names`: of rules that fit ("fire", with a question mark if taken back), wishes, feelings, and the sum."""

    hits: tuple[Hit, ...]
    amount: Amount | None
    names: tuple[str, ...]

    @property
    def danger(self) -> str:
        """The first danger that holds, in the order of the rules; a failing car or lift hurts people."""
        name = next((hit.rule.name for hit in self.holding("critical")), "")
        return "injury" if name == "vehicle" else name

    def holding(self, tier: str) -> list[Hit]:
        """The hits of a tier that nothing takes back."""
        return [hit for hit in self.hits if hit.rule.tier == tier and not hit.guard]


def see(reading: Reading, large_loss: int = LARGE_LOSS) -> Signs:
    """Everything the rules find in a message; a sum of `large_loss` (CNY) is large."""
    hits = tuple(find(RULES, reading.folded))
    amount = largest(reading.folded)
    names = [mark for hit in hits for mark in _marks(hit)]
    if amount is not None:
        names.append("large sum" if amount.in_cny >= large_loss else "sum")
    names += feelings.signs(reading.text, reading.folded)
    told = cues.seen(reading.folded)
    grave = dict.fromkeys(mark for hit in hits for mark in _marks(hit)[1:])
    names += told + cues.beside(told, tuple(grave))
    return Signs(hits, amount, tuple(dict.fromkeys(names)))


def _marks(hit: Hit) -> tuple[str, str]:
    doubt = "?" if hit.guard else ""
    return hit.rule.name + doubt, hit.rule.tier + doubt
