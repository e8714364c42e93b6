"""Why the bot said something, in words: whatever a program of any age kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import replies
from handoff.desk.words import LANGUAGES, RULES, explaining
from handoff.why import Explained, Proof, explain, spans
from replies.situations import CUSTOMERS

EN = explaining("en")
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TEXT = "充电器冒烟了，赔钱！我要找律师"


def found(decision: Any, *, text: str = TEXT, author: str = "bot", asked: bool = True, **said: Any) -> dict[str, Any]:
    message = {"seq": 2, "author": author, "text": "…", "at": AT, "script": "", "source": "", **said}
    return {"message": message, "asked": {"seq": 1, "text": text} if asked else None, "decision": decision}


def told(decision: Any, **more: Any) -> dict[str, str]:
    return dict(explain(found(decision, **more), EN).lines)


def test_everything_that_decided_is_told() -> None:
    decision = {
        "rule": "tier.serious", "language": "zh-Hans", "category": "complaint", "tier": "critical", "pieces": 2,
        "meant": {
            "category": "complaint", "tier": "serious", "confidence": 0.934, "anger": 0.62, "distress": 0.1,
            "wishes": ["compensation"],
            "evidence": [[3, 5, "冒烟", "tier.critical.fire"], {"words": "赔钱", "of": "wish.compensation"}],
        },
        "faq": {
            "action": "clarify", "id": None, "exact": False, "scores": [["refund", 0.614], ["law", 0.3]],
            "gate": {"answer": 0.8, "clarify": 0.4},
        },
        "passed": [["faq.answer", "only close to: refund 0.61"], ["flood", "needs a person"], ["x", "because"]],
    }  # fmt: skip
    explained = explain(found(decision, script="serious/1", source="refund"), EN, UTC)
    assert explained.rule == "tier.serious"
    assert explained.because == EN["rule.tier.serious"]
    assert dict(explained.lines) == {
        "Understood as": "Complaint · Critical (93% sure)",
        "Wish": "compensation",
        "Evidence": "“冒烟” (critical), “赔钱” (wish)",
        "Feeling": "anger 62%",
        "FAQ scores": "refund 0.61, law 0.30",
        "FAQ outcome": "only close, so the customer is asked which",
        "Thresholds": "to answer 0.80, to ask back 0.40",
        "Passed over": "faq.answer (only close to: refund 0.61), flood (needs a person), x (because)",
        "Messages taken together": "2",
        "Script": "serious · variant 2",
        "Answer from": "refund",
        "Time": "2026-01-05 09:00:00 +0000",
        "Rule": "tier.serious",
    }
    assert [explained.quote[start:end] for start, end in explained.marks] == ["冒烟", "赔钱"]


def test_kinds_of_difficult_customer_are_told_with_what_helps() -> None:
    meant = {"customer": ["stubborn", "brand-new"], "evidence": [[0, 3, "充电器", "customer.stubborn"]]}
    said = told({"rule": "tier.moderate", "meant": meant})
    assert (
        said["Kind of customer"] == "stubborn: show understanding, explain the rule with its reason, offer two choices"
    )
    assert said["Evidence"] == "“充电器” (kind of customer)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_that_is_seen_has_its_advice(language: str) -> None:
    words = explaining(language)
    assert [kind for kind in CUSTOMERS if kind != "silent" and f"customer.{kind}" not in words] == []


@pytest.mark.parametrize(
    ("rule", "key"),
    [("small_talk.thanks", "rule.small_talk"), ("form.step.phone", "rule.form"), ("brand.new", "why.other")],
)
def test_a_rule_without_words_of_its_own_falls_back(rule: str, key: str) -> None:
    explained = explain(found({"rule": rule}), EN)
    assert (explained.because, dict(explained.lines)["Rule"]) == (EN[key], rule)


@pytest.mark.parametrize(
    ("what", "key"),
    [
        (found(None, asked=False), "why.unknown"),
        (found(None, author="agent", asked=False), "why.person"),
        (found(None, author="customer"), "why.undecided"),
        (found(None), "why.unknown"),
        (found({}), "why.unknown"),
    ],
)
def test_what_is_not_known_is_not_made_up(what: dict[str, Any], key: str) -> None:
    explained = explain(what, EN)
    assert explained == Explained(EN[key], quote=what["asked"]["text"] if what["asked"] else "")


def test_an_older_program_kept_words_alone() -> None:
    kept = ["律师", "不在里面", ["anger", "了"]]
    explained = explain(found({"rule": "tier.serious", "evidence": kept[:2]}), EN)
    assert dict(explained.lines)["Evidence"] == "“律师”, “不在里面”"
    assert told({"rule": "x", "evidence": kept})["Evidence"] == "“律师”, “不在里面”, “了” (anger)"
    assert [TEXT[start:end] for start, end in explained.marks] == ["律师"]


@pytest.mark.parametrize(
    ("proofs", "marks"),
    [
        ([Proof("aa", "", 2, 4)], ((2, 4),)),
        ([Proof("bb", "", 0, 2)], ((4, 6),)),  # the place is wrong, the words are there
        ([Proof("aabb", "", 2, 6), Proof("ab")], ((2, 6),)),
        ([Proof("aa"), Proof("aabb")], ((0, 2), (2, 6))),
        ([Proof(""), Proof("zz", "", 90, 92)], ()),
    ],
)
def test_evidence_is_found_in_the_message(proofs: list[Proof], marks: Any) -> None:
    assert spans("aaaabb", proofs) == marks


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
KEPT = ("rule", "meant", "evidence", "faq", "passed", "wishes", "confidence", "anger", "category", "tier", "pieces")


@given(st.dictionaries(st.sampled_from(KEPT), _json), st.text(max_size=10))
def test_whatever_was_kept_it_says_something(decision: dict[str, Any], script: str) -> None:
    explained = explain(found(decision, script=script), EN, UTC)
    assert explained.because
    assert all(start < end <= len(TEXT) for start, end in explained.marks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_are_explained_in_every_language(language: str) -> None:
    source, other = RULES["zh-Hans"], RULES[language]
    assert list(source) == list(other)
    assert [key for key in source if re.findall(r"\{\w+\}", source[key]) != re.findall(r"\{\w+\}", other[key])] == []
    assert all(other.values())


def test_every_rule_of_the_bot_is_explained() -> None:
    """Names as the rules write them: `turn.decide("faq.answer", …)`."""
    folder = Path(replies.__file__).parent
    called = re.compile(
        r'\b(?:decide|hand_over|answer|wait|_?silence)\(\s*(?:turn\.question, )?f?"([a-z_]+(?:\.[a-z_{}]+)?)"'
    )
    named = {name for file in folder.rglob("*.py") for name in called.findall(file.read_text("utf-8"))}
    assert {"greeting", "miss.person", "faq.answer", "rating"} <= named
    lost = [n for n in named if not any(f"rule.{part}" in EN for part in (n, n.partition(".")[0]))]
    assert lost == []


@pytest.mark.parametrize(
    ("why_not", "line"),
    [
        ({"en": "An automatic reply of his.", "zh-Hans": "对方的自动回复。"}, "An automatic reply of his."),
        ({"zh-Hans": "对方的自动回复。"}, "auto_replied"),
        ({"en": 7}, "auto_replied"),
        ("garbled", "auto_replied"),
        (None, "auto_replied"),
    ],
)
def test_why_nothing_was_said_automatically(why_not: object, line: str) -> None:
    known = found({"rule": "letter.received", "mute": "auto_replied"})
    known["asked"]["why_not"] = why_not
    assert dict(explain(known, EN).lines)[EN["why.mute"]] == line
    assert EN["why.mute"] not in told({"rule": "letter.received"})
