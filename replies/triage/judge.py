"""One message understood: rules for what must never be missed, the model for the rest, and what came before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from replies.commands import wants_person
from replies.text import HAN, Language
from replies.triage import displeasure, feelings, harassment, mentions
from replies.triage.model import LABELS, OTHERS, Floats, Model, load_model
from replies.triage.operators import Lessons
from replies.triage.patterns import Hit, sentence
from replies.triage.reading import Reading, read
from replies.triage.signs import LARGE_LOSS, Signs, see
from replies.understanding import CALM, TIERS, Category, Evidence, History, Tier, Understanding

Encode = Callable[[Sequence[str]], Floats]
"""Texts to vectors, (n, 512): the sentence encoder that the FAQ uses too."""

SURE: Final = {"critical": 0.4, "serious": 0.4}
"""A rule that holds decides, unless the model gives complaints less than this."""
DESPAIR: Final = re.compile(
    r"[不唔]想活|活不下去|[想要](?:自杀|自尽|轻生|寻死)|(?<![得到])想死(?!在床|在被)|kill myself|want to die"
    r"|hang myself|n['o]?t want to (?:live|be alive)|my (?:own )?life"
)
"""Words of self-harm that decide whatever the model thinks: who says only "我不想活了" complains of nothing."""
HAPPENING: Final = re.compile(r"正在(?:冒|着|起|烧|漏|喷|流血)|救命(?!稻草|之恩|恩人)")
"""With a danger that a rule holds for one, this decides whatever the model thinks: it may take it for a question."""
SUSPECTED: Final = {"critical": 0.14, "serious": 0.4}
BY_WORDS: Final = {"critical": 0.25, "serious": 0.4}
"""Without a rule the model decides from this probability on: for what is grave, less than the likeliest is enough.
Without a vector it sees less, and has to be surer."""
LITTLE: Final = 4
"""Han characters, or three times as many letters: of fewer nobody can say much."""
SHORT: Final = 8
"""Words of fewer Han characters, or three times as many letters: a rule that holds decides, whatever the model thinks.
It has seen little that is so short but small talk, and takes "着火了" and "我触电了" for that."""
LIKELY: Final = 0.45
"""More than this, and it is a complaint."""
LOSING: Final = 0.5
"""A large sum makes a complaint serious if it is one with this probability."""
RISING: Final = 0.25
LETTER: Final = 300
"""Characters from which a message is a letter, which may say many things."""
LENGTHY: Final = 700
"""Characters of a message whose writer likes to talk."""
_MOST_EVIDENCE: Final = 8
_HUMAN: Final = frozenset(("critical", "serious", "moderate"))


class Judge:
    """Implements `replies.triage.Triage`. `encode` is asked once a message; without it the words alone decide."""

    def __init__(
        self,
        model: Model | None = None,
        *,
        lessons: Lessons | None = None,
        encode: Encode | None = None,
        large_loss: int = LARGE_LOSS,
    ) -> None:
        self._model = load_model() if model is None else model
        self._lessons = Lessons() if lessons is None else lessons
        self._encode = encode
        self._large = large_loss

    @property
    def sees_meaning(self) -> bool:
        """It has a sentence encoder."""
        return self._encode is not None

    def understand(self, text: str, language: Language, history: History = CALM) -> Understanding:
        """Understand one message. Pure, never raises, and takes the same time for a long letter as for a page."""
        vector = None if self._encode is None or not text.strip() else self._encode([_head(text)])[0]
        return self.weigh(text, language, history, vector)

    def understand_all(self, texts: Sequence[str], languages: Sequence[Language]) -> list[Understanding]:
        """Many messages that have nothing to do with one another; encoding them together is several times faster."""
        vectors: Sequence[Floats | None] = [None] * len(texts)
        if self._encode is not None and texts:
            vectors = list(self._encode([_head(text) or " " for text in texts]))
        return [
            self.weigh(text, language, CALM, vector)
            for text, language, vector in zip(texts, languages, vectors, strict=True)
        ]

    def weigh(self, text: str, language: Language, history: History, vector: Floats | None) -> Understanding:
        """Understand a message whose vector, if any, is known."""
        reading = read(text)
        plain = reading.plain
        asks = wants_person(text)
        if not any(char.isalnum() for char in plain):
            return Understanding(language, category="chitchat", confidence=1.0)
        signs = see(reading, self._large)
        if not signs.hits and not any(char.isalpha() for char in plain):
            return Understanding(language, confidence=0.5, orders=mentions.orders(reading.folded))  # a number, a sum
        odds, angry = self._model.judge(plain, signs.names, vector)
        odds = self._closer(odds, reading, signs)
        anger = max(feelings.anger_of(reading.text, reading.folded), round(angry, 3))
        learned = self._lessons.judge(reading)
        category, tier, sure = learned.verdict or _verdict(
            odds, signs, reading, asks, self._large, BY_WORDS if vector is None else SUSPECTED
        )
        tier = _in_history(tier, history, anger)
        held = category == "complaint"
        customer = _customer(reading, anger, category)
        told = [said for said in customer.values() if said]
        return Understanding(
            language,
            category=category,
            tier=tier,
            needs_human=asks or tier in _HUMAN,
            asks_person=asks,
            confidence=sure,
            anger=anger,
            distress=feelings.distress_of(reading.folded),
            danger=self._danger(signs, tier, vector) if held else "",
            abuse=harassment.kind(reading.folded, feelings.swears(reading.folded)) if category == "abuse" else "",
            customer=tuple(customer),
            wishes=_wishes(reading) if held else (),
            amount=signs.amount.value if signs.amount else None,
            currency=signs.amount.currency if signs.amount else "",
            products=mentions.products(reading),
            orders=mentions.orders(reading.folded),
            evidence=(*learned.evidence, *_evidence(reading, signs, tier, held), *told)[:_MOST_EVIDENCE],
        )

    def _closer(self, odds: Floats, reading: Reading, signs: Signs) -> Floats:
        """Of a long letter that seems no complaint the sentence with something grave counts, whatever is around it."""
        if len(reading.folded) <= LETTER or odds[OTHERS:].sum() >= min(SURE.values()):
            return odds
        for hit in (*signs.holding("critical"), *signs.holding("serious")):
            start, end = sentence(reading.folded, hit.start, hit.end)
            said = read(reading.folded[start:end])
            near, _ = self._model.judge(said.plain, see(said, self._large).names, None)
            if near[OTHERS:].sum() >= SURE[hit.rule.tier]:
                return near
        return odds

    def _danger(self, signs: Signs, tier: Tier | None, vector: Floats | None) -> str:
        """Which danger the rules see; if they see none, the one that the message's vector is near."""
        unseen = not signs.danger and tier == "critical" and vector is not None
        return self._model.danger(vector) if unseen and vector is not None else signs.danger


def _head(text: str) -> str:
    return text if len(text) <= 400 else text[:300] + " " + text[-100:]


def _verdict(
    odds: Floats, signs: Signs, reading: Reading, asks: bool, large: int, suspected: Mapping[str, float]
) -> tuple[Category, Tier | None, float]:
    """Category, tier and how sure."""
    complaint = float(odds[OTHERS:].sum())
    if (grave := _grave(odds, signs, reading, asks, suspected)) is not None:
        return "complaint", grave, max(complaint, 0.9 if signs.holding(grave) else 0.0)
    declared = bool(signs.holding("moderate"))
    if complaint <= LIKELY and not declared:
        other = _other(odds, asks, reading)
        unkind = other[0] == "praise" and displeasure.displeased(reading.folded)
        return ("complaint", "minor", 0.5) if unkind else other
    if asks and complaint < 0.75 and not declared:
        return "inquiry", None, 1 - complaint
    if signs.amount is not None and signs.amount.in_cny >= large and complaint >= LOSING:
        return "complaint", "serious", complaint
    moderate, minor = (float(odds[LABELS.index(tier)]) for tier in ("moderate", "minor"))
    return "complaint", "moderate" if declared or moderate >= minor else "minor", complaint


def _grave(odds: Floats, signs: Signs, reading: Reading, asks: bool, suspected: Mapping[str, float]) -> Tier | None:
    """Critical or serious: a rule that holds, or the model's suspicion of a message that says enough to be judged, and
    more than that its writer wants a person."""
    if any(hit.rule.name == "self_harm" and DESPAIR.search(reading.folded) for hit in signs.holding("critical")):
        return "critical"
    if HAPPENING.search(reading.folded) and signs.holding("critical"):
        return "critical"
    complaint, suspicion, length = float(odds[OTHERS:].sum()), 0.0, _length(reading.folded)
    for tier in ("critical", "serious"):
        suspicion += float(odds[LABELS.index(tier)])
        if signs.holding(tier) and (complaint >= SURE[tier] or length < SHORT):
            return tier
        if suspicion >= suspected[tier] and length >= (SHORT if asks else LITTLE):
            return tier
    return None


def says_little(folded: str) -> bool:
    """Too short for the model's suspicion to mean anything: "免运", "no thanks"."""
    return _length(folded) < LITTLE


def _length(folded: str) -> float:
    """In Han characters; a letter is less than a third of one."""
    return sum(1 if HAN.match(char) else 0.3 for char in folded if char.isalnum())


def _other(odds: Floats, asks: bool, reading: Reading) -> tuple[Category, None, float]:
    """The likeliest category that is no complaint. Who is called abusive has sworn or offered, or it is very likely."""
    best = int(odds[:OTHERS].argmax())
    if asks:
        return "inquiry", None, 0.9
    if harassment.harasses(reading.folded):
        return "abuse", None, max(float(odds[best]), 0.9)
    if says_little(reading.folded) and odds[best] < 0.6:
        return "inquiry", None, float(odds[0])
    likely = odds[best] >= 0.7 and not says_little(reading.folded)  # "陈小姐" is a name, whatever it recalls
    if LABELS[best] == "abuse" and not likely and not feelings.swears(reading.folded):
        odds = odds.copy()
        odds[best] = 0
        best = int(odds[:OTHERS].argmax())
    return LABELS[best], None, float(odds[best])  # type: ignore[return-value]


def _in_history(tier: Tier | None, history: History, anger: float) -> Tier | None:
    """A complaint is never less grave than before; the third is serious, and a grumble in rising anger moderate."""
    if tier is None:
        return None
    if history.complaints >= 2:
        tier = min(tier, "serious", key=TIERS.index)
    if tier == "minor" and history.anger and anger >= history.anger[-1] + RISING:
        tier = "moderate"
    return tier if history.tier is None else min(tier, history.tier, key=TIERS.index)


def _customer(reading: Reading, anger: float, category: Category) -> dict[str, Evidence | None]:
    """Kinds of difficult customer, each with the words that tell of it, if single words do."""
    if category == "abuse":
        return {"harasser": None}
    held = category == "complaint"
    kinds: dict[str, Evidence | None] = {"angry": None} if held and anger >= 0.5 else {}
    for name, patterns in (feelings.UNDECIDED | (feelings.CUSTOMERS if held else {})).items():
        if match := next((match for one in patterns if (match := one.search(reading.folded))), None):
            kinds[name] = _at(reading, *match.span(), f"customer.{name}")
    if len(reading.text) > LENGTHY:
        kinds.setdefault("talkative", None)
    return kinds


def _wishes(reading: Reading) -> tuple[str, ...]:
    return tuple(
        name for name, patterns in feelings.WISHES.items() if any(one.search(reading.folded) for one in patterns)
    )


def _evidence(reading: Reading, signs: Signs, tier: Tier | None, held: bool) -> list[Evidence]:
    """The words behind the verdict: those of its own tier first."""
    if not held:
        return []
    hits = sorted((hit for hit in signs.hits if not hit.guard), key=lambda hit: (TIERS.index(hit.rule.tier), hit.start))
    found = [_shown(reading, hit) for hit in hits if tier is not None]
    if signs.amount is not None:
        found.append(_at(reading, signs.amount.start, signs.amount.end, "amount"))
    for name, patterns in feelings.WISHES.items():
        if match := next((match for one in patterns if (match := one.search(reading.folded))), None):
            found.append(_at(reading, *match.span(), f"wish.{name}"))
    found += [_at(reading, start, end, "anger") for start, end in feelings.angry_words(reading.folded)]
    return found


def _shown(reading: Reading, hit: Hit) -> Evidence:
    return _at(reading, hit.start, hit.end, f"tier.{hit.rule.tier}.{hit.rule.name}")


def _at(reading: Reading, start: int, end: int, of: str) -> Evidence:
    first, last = reading.span(start, end)
    return Evidence(first, last, reading.text[first:last], of)
