"""Turns of phrase that tell what a message is said for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replies.text import detect
from replies.triage import cues
from replies.triage.judge import Judge
from replies.triage.reading import read
from replies.triage.signs import see


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("以前那台老漏水，换了你们的再也没坏过，谢谢", {"thanks", "relief", "before", "firm"}),
        ("聽說別家的會漏電，你們的有認證嗎", {"elsewhere", "asks", "firm"}),
        ("麻烦帮我改到周五", {"request"}),
        ("希望门口能加个牌子就好了", {"proposal"}),
        ("老板又让加班，累死了", {"own life", "figure of speech"}),
        ("退款都一个月了还没到", {"late"}),
        ("My old fridge broke, yours never had a fault. Brilliant", {"before", "fault", "thanks", "firm"}),
        ("just curious, is it true another brand caught fire?", {"curious", "elsewhere", "mark"}),
        ("my boss shouted at me lol", {"own life", "laugh"}),
        ("it's been three weeks and still nothing", {"late"}),
    ],
)
def test_cues_are_seen(text: str, seen: set[str]) -> None:
    assert seen <= set(cues.seen(read(text).folded))


@pytest.mark.parametrize("text", ["88213", "the red one", "陳小姐"])
def test_plain_facts_give_none(text: str) -> None:
    assert cues.seen(read(text).folded) == []


def test_the_model_reads_each_cue_beside_the_others_and_beside_what_rules_see() -> None:
    names = see(read("以前的插座冒烟，换成你们的就好了，谢谢")).names
    assert {"thanks&before", "thanks&critical"} <= set(names) or {"before&thanks", "thanks&critical"} <= set(names)


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert set(cues.seen(text)) <= set(cues.CUES)


@pytest.mark.parametrize("part", ["好", "a ", "以前", "you ", "第1天", "it's been a "])
def test_a_long_letter_is_read(part: str) -> None:
    assert set(cues.seen(part * 40_000)) <= set(cues.CUES)


LETTER = "我们家在贵店买过好几样东西，每一样都好用，客服也耐心，谢谢你们一直以来的照顾。" * 12


def test_in_a_long_friendly_letter_the_sentence_with_a_danger_counts() -> None:
    judge = Judge()
    for text in (LETTER, LETTER[:228] + "昨天充电宝起火了，把孩子烧伤送进医院。" + LETTER[228:]):
        understood = judge.understand(text, detect(text))
        assert (understood.tier == "critical") == ("起火" in text)
