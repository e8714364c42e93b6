"""What `kefu triage` says: JSON lines for programs, a page for people, and how well labelled examples are judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from replies.text import LANGUAGES, Language, detect
from replies.triage.examples import Example
from replies.triage.judge import Judge
from replies.understanding import CATEGORIES, TIERS, Understanding

_GRAVE: Final = ("critical", "serious")
_BATCH: Final = 64


def answer(lines: Sequence[str], judge: Judge, first: int = 1) -> Iterator[str]:
    """One JSON line for each line, in order; a line that is no `{"text": …}` is answered with an `error`.

    `first` is the number of the first line. Blank lines are passed over.
    """
    asked = [(number, *_asked(line, number)) for number, line in enumerate(lines, first) if line.strip()]
    texts = [text or "" for _, text, _ in asked]
    meant = judge.understand_all(texts, [detect(text) for text in texts])
    for (_, text, error), one in zip(asked, meant, strict=True):
        told = _told(one) if text is not None else {**_told(Understanding("zh-Hans")), "error": error}
        yield json.dumps(told, ensure_ascii=False)


def _asked(line: str, number: int) -> tuple[str | None, str]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, f"line {number} is not JSON: {error}"
    text = asked.get("text") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        return None, f'line {number} is not an object with a "text"'
    return text, ""


def _told(one: Understanding) -> dict[str, Any]:
    return {
        "category": one.category,
        "tier": one.tier,
        "needs_human": one.needs_human,
        "evidence": list(dict.fromkeys(evidence.words for evidence in one.evidence)),
        "language": one.language,
        "confidence": round(one.confidence, 3),
        "anger": round(one.anger, 3),
        "danger": one.danger,
        "wishes": list(one.wishes),
        "amount": None if one.amount is None else float(one.amount),
    }


def page(text: str, one: Understanding) -> str:
    """What was understood, for people."""
    lines = [
        f"{one.category}{f' · {one.tier}' if one.tier else ''} ({one.confidence:.2f})"
        f"{' · needs a person' if one.needs_human else ''} · {one.language}",
        f"anger {one.anger:.2f}, distress {one.distress:.2f}",
    ]
    facts = {
        "danger": one.danger,
        "abuse": one.abuse,
        "wishes": ", ".join(one.wishes),
        "customer": ", ".join(one.customer),
        "amount": "" if one.amount is None else f"{one.amount} {one.currency}".rstrip(),
        "orders": ", ".join(one.orders),
        "products": ", ".join(one.products),
    }
    lines += [f"{name}: {value}" for name, value in facts.items() if value]
    lines += [f"  “{evidence.words}”  {evidence.of}" for evidence in one.evidence]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Judged:
    """Examples and what became of them."""

    examples: Sequence[Example]
    meant: Sequence[Understanding]

    def report(self) -> str:
        """Figures, by language too, and who was taken for whom."""
        names = (*(name for name in CATEGORIES if name != "complaint"), *TIERS)
        count = Counter(zip(map(_label, self.examples), map(_label, self.meant), strict=True))
        return "\n".join([self.figures(), "", *_matrix(names, count)])

    def figures(self) -> str:
        """A line for all, and one for each language."""
        lines = [_figures("all", list(zip(self.examples, self.meant, strict=True)))]
        return "\n".join(lines + [_figures(one, self._of(one)) for one in LANGUAGES if self._of(one)])

    def _of(self, language: Language) -> list[tuple[Example, Understanding]]:
        return [pair for pair in zip(self.examples, self.meant, strict=True) if pair[0].language == language]


def evaluate(judge: Judge, examples: Sequence[Example]) -> Judged:
    """Judge examples whose meaning is known."""
    meant: list[Understanding] = []
    for at in range(0, len(examples), _BATCH):
        part = examples[at : at + _BATCH]
        meant += judge.understand_all([one.text for one in part], [one.language for one in part])
    return Judged(examples, meant)


def _label(one: Example | Understanding) -> str:
    return one.tier or one.category


def _figures(name: str, pairs: Sequence[tuple[Example, Understanding]]) -> str:
    calm = [meant for example, meant in pairs if example.tier in (None, "minor")]
    right = sum(example.category == meant.category for example, meant in pairs)
    critical = _share([m.tier == "critical" for e, m in pairs if e.tier == "critical"])
    serious = _share([m.tier in _GRAVE for e, m in pairs if e.tier == "serious"])
    alarms = _share([meant.tier in _GRAVE for meant in calm])
    return (
        f"{name:8} {len(pairs):5}  category {right / max(1, len(pairs)):.3f}  tier F1 {_macro(pairs):.3f}  "
        f"recall critical {critical} serious {serious}  false alarms {alarms}"
    )


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.3f}" if found else "–"


def _macro(pairs: Sequence[tuple[Example, Understanding]]) -> float:
    scores = []
    for tier in TIERS:
        true = sum(example.tier == tier for example, _ in pairs)
        said = sum(meant.tier == tier for _, meant in pairs)
        both = sum(example.tier == meant.tier == tier for example, meant in pairs)
        if true + said:
            scores.append(2 * both / (true + said))
    return sum(scores) / len(scores) if scores else 0.0


def _matrix(names: Sequence[str], count: Mapping[tuple[str, str], int]) -> list[str]:
    rows = ["what it is ↓, what it was taken for →", f"{'':11}" + "".join(f"{name[:8]:>9}" for name in names)]
    return rows + [f"{true:11}" + "".join(f"{count.get((true, said), 0):9}" for said in names) for true in names]
