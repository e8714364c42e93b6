from __future__ import annotations

import pytest

from replies.knowledge import Knowledge
from replies.text import detect
from replies.triage.words import WordTriage
from replies.understanding import Evidence


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("充电器插上就冒烟，差点着火", "critical"),
        ("電熱毯漏電把人電到了", "critical"),
        ("我的账户被盗了", "critical"),
        ("My son was burned by your kettle", "critical"),
        ("再不退我就去法院起诉你们", "serious"),
        ("不解决就打12315", "serious"),
        ("消保官會處理", "serious"),
        ("I will talk to my lawyer", "serious"),
        ("我要投诉你们", "moderate"),
        ("我要客訴", "moderate"),
        ("this is unacceptable", "moderate"),
        ("着火了我要投诉", "critical"),
        # Questions about such things are questions.
        ("怎么投诉", None),
        ("投诉电话多少", None),
        ("客訴管道是什麼", None),
        ("How do I make a complaint?", None),
        ("我不是来投诉的", None),
        ("灭火器多少钱", None),
        ("这个充电器会不会漏电", None),
        ("fire extinguisher price", None),
        ("do you sell tennis court shoes", None),
        ("什么时候发货", None),
        ("", None),
        ("我不是来投诉的，但是真的着火了", "critical"),
    ],
)
def test_clear_words_bring_a_person_and_questions_do_not(text: str, tier: str | None, knowledge: Knowledge) -> None:
    assert knowledge.triage.understand(text, detect(text)).tier == tier


def test_the_evidence_is_in_the_customers_own_characters(knowledge: Knowledge) -> None:
    assert knowledge.triage.understand("充電器冒煙了，還漏電", "zh-Hant").evidence[:2] == (
        Evidence(3, 5, "冒煙", "tier.critical"),
        Evidence(8, 10, "漏電", "tier.critical"),
    )


def test_a_gap_in_a_phrase_spans_a_few_words_of_one_sentence() -> None:
    triage = WordTriage({"critical": ["钱…转走"]})
    assert triage.understand("钱马上要转走了", "zh-Hans").tier == "critical"
    assert triage.understand("钱没问题。东西转走", "zh-Hans").tier is None


def test_words_at_the_end_of_a_long_letter_are_seen(knowledge: Knowledge) -> None:
    assert knowledge.triage.understand("您好" * 50_000 + "插座着火了", "zh-Hans").tier == "critical"
