"""Drafts that everybody will read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.drafts import Drafts
from replies.etiquette.public import LONGEST
from replies.situations import SITUATIONS
from replies.text import LANGUAGES
from tests.replies.shipped import shipped

DRAFTS = Drafts()
SCRIPTS = shipped().scripts


def found(text: str, language: str | None = None, *, public: bool = True) -> dict[str, str]:
    return {one.rule: one.words for one in DRAFTS.wordings(text, language, grave=True, public=public)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("您好，请问您的手机是 138 1234 5678 吗", "138 1234 5678"),
        ("您的手機 0912-345-678 已登記", "0912-345-678"),
        ("请拨打 021-62345678 联系您本人", "021-62345678"),
        ("Call us back at +44 20 7946 0958 please", "+44 20 7946 0958"),
        ("您的订单 202611260001234 已发出", "202611260001234"),
        ("您的订单号：88231 已发出", "订单号：88231"),
        ("包裹 SF1234567890123 已签收", "SF1234567890123"),
        ("Your order number 88231 is on its way", "order number 88231"),
        ("已发到 li.lei@example.com", "li.lei@example.com"),
        ("已寄到中山路 128号", "中山路 128号"),
        ("已寄到徐汇区中山西路128号5楼", "徐汇区中山西路128号5楼"),
        ("It goes to 12 Baker Street today", "12 Baker Street"),
        ("王小明先生，您好", "王小明先生"),
        ("歐陽·娜娜小姐，您好", "歐陽·娜娜小姐"),
        ("Dear John Smith, thank you", "Dear John Smith"),
        ("身份证 11010519491231002X 已核对", "11010519491231002"),
    ],
)
def test_personal_data_is_seen(text: str, words: str) -> None:
    assert words in found(text)["personal"]
    assert "personal" not in found(text, public=False)


@pytest.mark.parametrize(
    "text",
    [
        "您好，请拨打 400-820-8820。",
        "王女士您好，请您私信我们。",
        "满 99 元包邮，2026-11-26 12:30 之前有效。",
        "受理编号 KF-1024，请您私信我们。",
        "Dear Customer, please message us privately.",
        "营业时间 9:00–21:00，共 12000 件。",
    ],
)
def test_what_is_nobodys_is_let_be(text: str) -> None:
    assert "personal" not in found(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("您说的不是事实", "您说的不是事实"),
        ("請不要造謠", "造謠"),
        ("这不是我们的问题", "不是我们的问题"),
        ("我们将发律师函", "律师函"),
        ("That is simply not true.", "not true"),
        ("You’re wrong about this.", "You’re wrong"),
        ("Actually, we told you before.", "Actually"),
    ],
)
def test_an_argument_is_seen(text: str, words: str) -> None:
    assert found(text)["argument"] == words
    assert "argument" not in found(text, public=False)


def test_what_is_too_long_is_told_from_where_it_is() -> None:
    (one,) = [w for w in DRAFTS.wordings("好" * 150, "zh-Hans", grave=False, public=True) if w.rule == "lengthy"]
    assert (one.start, one.words) == (LONGEST, "好" * 10)
    assert "lengthy" not in found("好" * LONGEST)


def test_our_own_public_lines_pass() -> None:
    for language in LANGUAGES:
        for situation in (name for name in SITUATIONS if name.startswith("public_")):
            for variant in range(SCRIPTS.variants(situation, language)):
                text = SCRIPTS.say(situation, language, variant, company="Kefu", answer="OK.")
                assert not {"personal", "argument", "lengthy"} & set(found(text, language)), text


@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, None]))
def test_every_finding_stands_where_it_says(text: str, language: str | None) -> None:
    for one in DRAFTS.wordings(text, language, grave=False, public=True):
        if one.rule in ("personal", "argument", "lengthy"):
            assert text[one.start : one.start + len(one.words)] == one.words


@pytest.mark.parametrize(
    "piece", ["1", "1-", "1 ", "a1", "王小", "路1", "a@", "12 Ab ", "A-", "订单", "订单 ", "·", "x.y@z"]
)
def test_no_draft_takes_for_ever(piece: str) -> None:
    DRAFTS.wordings(piece * (100_000 // len(piece)), "zh-Hans", grave=False, public=True)
