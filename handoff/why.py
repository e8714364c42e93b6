"""Why the bot said something, in plain words: the rule, what was understood, the FAQ's scores, the script.

What a turn kept is read without trust: an older program kept less, a newer one may keep more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

MOST = 12
"""Pieces of evidence, candidates and the like that are told."""
FELT = 0.3
"""A feeling weaker than this is not worth a line."""

Words = Mapping[str, str]
"""Phrases by key, in the reader's language; `rule.…` explain the rules."""


@dataclass(frozen=True, slots=True)
class Explained:
    """`because`: one sentence. `lines`: label and what is to be said of it. `quote`: what the customer wrote, with the
    places in it that decided as (start, end). `rule`: its name, "" where nothing is known."""

    because: str
    rule: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    marks: tuple[tuple[int, int], ...] = ()


def explain(found: Mapping[str, Any], words: Words, zone: tzinfo | None = None) -> Explained:
    """What `bot.store.why` found, in words. `zone`: whose clock the time is told by; None leaves it to the reader."""
    message, asked, decision = found["message"], found["asked"], found["decision"]
    if not decision:
        return Explained(words[_unknown(found)], quote="" if asked is None else asked["text"])
    rule, meant = str(decision.get("rule", "")), _meant(decision)
    proofs = list(evidence(meant))
    lines = [
        *_judgement(meant, words),
        *_evidence(proofs, words),
        *_feelings(meant, words),
        *_customer(meant, words),
        *_faq(decision, words),
        *_passed(decision, words),
        *_pieces(decision, words),
        *_mute(asked, decision, words),
        *_script(message, words),
        *(((words["why.time"], _when(message["at"], zone)),) if zone else ()),
        (words["why.rule"], rule),
    ]
    text = asked["text"]
    marks = spans(text, proofs)
    return Explained(_fallback(words, f"rule.{rule}", words["why.other"]), rule, tuple(lines), text, marks)


def _unknown(found: Mapping[str, Any]) -> str:
    if found["message"]["author"] == "agent":
        return "why.person"
    if found["asked"] is not None and found["message"]["author"] == "customer":
        return "why.undecided"
    return "why.unknown"


def _meant(decision: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the message was understood as; the judgement that counts stands beside it."""
    meant = decision.get("meant")
    return {**(meant if isinstance(meant, Mapping) else {}), **decision}


def _fallback(words: Words, key: str, otherwise: str) -> str:
    """The phrase of a dotted key, or of what it is a part of: rule.tier.serious, rule.tier."""
    while "." in key:
        if key in words:
            return words[key]
        key = key.rpartition(".")[0]
    return otherwise


@dataclass(frozen=True, slots=True)
class Proof:
    """Words that decided something; `start` is -1 where only the words are known. `of`: tier.critical.injury."""

    words: str
    of: str = ""
    start: int = -1
    end: int = -1


def evidence(decision: Mapping[str, Any]) -> Iterator[Proof]:
    """The words that decided, as any version of the program kept them: alone, with their place, with their sense."""
    found = decision.get("evidence")
    for item in found[:MOST] if isinstance(found, Sequence) and not isinstance(found, str) else ():
        match item:
            case str():
                yield Proof(item)
            case {"words": str(said)}:
                yield Proof(said, str(item.get("of", "")), _place(item.get("start")), _place(item.get("end")))
            case [int(start), int(end), str(said), str(of)]:
                yield Proof(said, of, start, end)
            case [str(of), str(said)]:
                yield Proof(said, of)


def _place(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def spans(text: str, proofs: Sequence[Proof]) -> tuple[tuple[int, int], ...]:
    """Where the evidence stands in the text, in order and without overlaps."""
    places: list[tuple[int, int]] = []
    for proof in proofs:
        start, end = proof.start, proof.end
        if not (0 <= start < end <= len(text) and text[start:end] == proof.words):
            start = text.find(proof.words) if proof.words else -1
            end = start + len(proof.words)
        if start >= 0:
            places.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _judgement(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    category, tier = decision.get("category"), decision.get("tier")
    parts = [_named(words, "category", category), _named(words, "tier", tier)]
    told = " · ".join(part for part in parts if part)
    sure = decision.get("confidence")
    if told and isinstance(sure, float):
        told += f" ({words['why.sure'].replace('{n}', _percent(sure))})"
    if told:
        yield words["why.judged"], told
    wishes = decision.get("wishes")
    if isinstance(wishes, Sequence) and not isinstance(wishes, str) and wishes:
        yield words["why.wishes"], words["list.comma"].join(_named(words, "wish", wish) for wish in wishes[:MOST])


def _named(words: Words, kind: str, value: object) -> str:
    return words.get(f"{kind}.{value}", str(value)) if value else ""


def _evidence(proofs: Sequence[Proof], words: Words) -> Iterator[tuple[str, str]]:
    told = []
    for proof in proofs:
        sense = _fallback(words, f"of.{proof.of}", "") if proof.of else ""
        quoted = words["why.quote"].replace("{text}", proof.words)
        told.append(f"{quoted} ({sense})" if sense else quoted)
    if told:
        yield words["why.evidence"], words["list.comma"].join(dict.fromkeys(told))


def _feelings(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    told = []
    for feeling in ("anger", "distress"):
        strength = decision.get(feeling)
        if isinstance(strength, float | int) and strength >= FELT:
            told.append(f"{words[f'feeling.{feeling}']} {_percent(float(strength))}")
    if told:
        yield words["why.feeling"], words["list.comma"].join(told)


def _customer(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    """Kinds of difficult customer, each with what helps; a kind that no phrase explains is not told."""
    kinds = decision.get("customer")
    for kind in kinds[:MOST] if isinstance(kinds, Sequence) and not isinstance(kinds, str) else ():
        if advice := words.get(f"customer.{kind}"):
            yield words["why.customer"], advice


def _faq(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    faq = decision.get("faq")
    if not isinstance(faq, Mapping):
        return
    scores = faq.get("scores")
    told = []
    for pair in scores[:MOST] if isinstance(scores, Sequence) and not isinstance(scores, str) else ():
        match pair:
            case [str(id_), float() | int() as score]:
                told.append(f"{id_} {score:.2f}")
    if not told and faq.get("id"):
        told.append(str(faq["id"]))
    if told:
        yield words["why.faq"], words["list.comma"].join(told)
    action = words.get(f"faq.{faq.get('action')}")
    if faq.get("exact"):
        action = words["faq.exact"]
    if action:
        yield words["why.faq_action"], action
    bars = faq.get("gate")
    gate = [f"{words.get(f'gate.{name}', name)} {bar:.2f}" for name, bar in _numbers(bars)]
    if gate:
        yield words["why.gate"], words["list.comma"].join(gate)


def _passed(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    """Rules that might have answered, and why they did not: a reason in English, perhaps with a figure after it."""
    passed = decision.get("passed")
    told = []
    for pair in passed[:MOST] if isinstance(passed, Sequence) and not isinstance(passed, str) else ():
        match pair:
            case [str(rule), str(reason)]:
                head, figure = _parted(reason)
                slug = "_".join(head.lower().split())
                told.append(f"{rule} ({words.get(f'passed.{slug}', head)}{figure})")
    if told:
        yield words["why.passed"], words["list.comma"].join(told)


def _parted(reason: str) -> tuple[str, str]:
    at = min((place for mark in (": ", " (") if (place := reason.find(mark)) > 0), default=len(reason))
    return reason[:at], reason[at:]


def _pieces(decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    if isinstance(decision.get("pieces"), int):
        yield words["why.pieces"], str(decision["pieces"])


def _mute(asked: Mapping[str, Any], decision: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    """Why nothing automatic was said: in the words its channel left with the message, else by its key."""
    key = decision.get("mute")
    if isinstance(key, str) and key:
        told = asked.get("why_not")
        reason = told.get(words["why.language"]) if isinstance(told, Mapping) else None
        yield words["why.mute"], reason if isinstance(reason, str) and reason else key


def _numbers(bars: object) -> Iterator[tuple[str, float]]:
    if isinstance(bars, Mapping):
        for name, bar in bars.items():
            if isinstance(bar, float | int) and not isinstance(bar, bool):
                yield str(name), float(bar)


def _script(message: Mapping[str, Any], words: Words) -> Iterator[tuple[str, str]]:
    script, _, variant = message["script"].partition("/")
    if script:
        told = words["why.variant"].replace("{n}", str(int(variant) + 1)) if variant.isdigit() else ""
        yield words["why.script"], f"{script} · {told}" if told else script
    if message["source"]:
        yield words["why.source"], message["source"]


def _percent(share: float) -> str:
    return f"{round(100 * min(1.0, max(0.0, share)))}%"


def _when(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")
