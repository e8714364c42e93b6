"""People write in pieces, and want one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import Kind, Status
from replies.knowledge import Knowledge
from replies.rules.burst import WAIT, is_piece
from replies.text import detect
from tests.replies.conversation import Conversation

SOON = timedelta(seconds=1)


@pytest.fixture
def talk(knowledge: Knowledge) -> Conversation:
    return Conversation(knowledge)


def test_a_hello_is_answered_at_once_and_the_pieces_of_a_question_together(talk: Conversation) -> None:
    assert talk.says("你好").rule == "greeting"
    for piece in ("我想问一下", "那个退货"):
        held = talk.says(piece, wait=SOON)
        assert (held.rule, held.replies, held.timers[0].after) == ("burst.piece", (), WAIT)
    answered = talk.says("申请退货怎么操作", wait=SOON)
    assert (answered.rule, answered.replies[0].source) == ("faq.answer", "return_how")
    assert answered.cancel_timers == ("burst",)
    assert answered.facts["pieces"] == 3
    assert talk.timers == {}


@pytest.mark.parametrize(
    ("pieces", "rule"),
    [
        (["我想问一下"], "greeting"),
        (["那个运费"], "faq."),
        (["我想问一下", "那个运费"], "faq."),
        (["關於運費，"], "faq."),
        (["Hi, I have a question"], "greeting"),
        (["about the shipping and"], "faq."),
        (["我昨天，"], "miss"),
    ],
)
def test_when_nothing_more_comes_what_is_there_is_answered_once(
    talk: Conversation, pieces: list[str], rule: str
) -> None:
    for piece in pieces:
        assert not talk.says(piece, wait=SOON).replies
    answered = talk.waits()
    assert answered.rule.startswith(rule)
    assert len(answered.replies) == 1
    assert detect(answered.replies[0].text) == detect(pieces[-1])
    assert talk.knowledge.brand[detect(pieces[-1])].company in talk.heard, "the first words name the company"
    late = talk.says(timer="burst", kind=Kind.EVENT)
    assert (late.rule, late.replies, late.state) == ("silent.timer", (), answered.state)


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "运费怎么算",
        "转人工",
        "着火了，",
        "退货的钱多久",
        "量子力学的基本假设",
        "谢谢",
        "？",
        "How much is shipping?",
        "",
        "那个怎么退",
    ],
)
def test_what_is_whole_is_answered_at_once(talk: Conversation, text: str) -> None:
    assert talk.says(text).replies


@pytest.mark.parametrize("text", ["我想问一下", "那个退货", "I have a question"])
def test_a_network_that_lets_us_only_answer_is_answered(talk: Conversation, text: str) -> None:
    assert talk.says(text, pushes=False).replies


class TestMore:
    """Another message of the customer's waits already."""

    def test_it_is_answered_with_it(self, talk: Conversation) -> None:
        assert talk.says("你好", more=True).replies == ()
        assert talk.says("请教一个事情", more=True, wait=SOON).replies == ()
        answered = talk.says("运费怎么算", wait=SOON)
        assert answered.replies[0].source == "ship_fee"
        assert "感谢" in talk.heard or talk.knowledge.brand["zh-Hans"].company in talk.heard

    def test_also_where_only_webhooks_are_answered(self, talk: Conversation) -> None:
        assert talk.says("你好", more=True, pushes=False).replies == ()
        assert talk.says("运费怎么算", pushes=False).replies[0].source == "ship_fee"

    @pytest.mark.parametrize("text", ["着火了", "转人工", "运费怎么算"])
    def test_danger_commands_and_the_operators_own_question_do_not_wait(self, talk: Conversation, text: str) -> None:
        assert talk.says(text, more=True).replies

    def test_a_complaint_is_judged_with_all_of_it(self, talk: Conversation) -> None:
        talk.says("我买的杯子碎了", more=True)
        handed = talk.says("我要投诉你们")
        assert (handed.rule, handed.tier) == ("tier.moderate", "moderate")

    def test_a_tapped_button_and_an_answer_to_a_choice_do_not_wait(self, talk: Conversation) -> None:
        talk.says("退货的钱多久")
        assert talk.says("1", more=True).rule == "choice.answer"
        talk.says("你好")
        assert talk.says("查物流", value="faq:order_status", more=True).rule == "choice.answer"

    def test_what_was_on_offer_is_still_on_offer_after_a_piece(self, talk: Conversation) -> None:
        talk.says("运费怎么算")
        assert talk.says("那个", wait=SOON).rule == "burst.piece"
        assert talk.says("没解决", wait=SOON).rule == "choice.unsolved"


def test_no_more_than_so_many_pieces_wait_and_no_longer_than_so_long(talk: Conversation) -> None:
    rules = [talk.says(f"那个{n}", wait=timedelta(milliseconds=300)).rule for n in range(6)]
    assert rules[:5] == ["burst.piece"] * 5
    assert rules[5] != "burst.piece"
    rules = [talk.says("那个东西", wait=timedelta(seconds=3)).rule for _ in range(5)]
    assert "burst.piece" not in rules[3:4]


def test_danger_in_the_middle_of_a_burst_is_answered_at_once(talk: Conversation) -> None:
    talk.says("我想问一下", wait=SOON)
    handed = talk.says("充电器冒烟了", wait=SOON)
    assert handed.rule == "tier.critical"
    assert talk.timers == {}


def test_danger_that_only_the_pieces_together_tell_is_seen(talk: Conversation) -> None:
    talk.says("那个，", wait=SOON)
    assert talk.says("冒烟了", wait=SOON).handoff is not None


def test_a_person_who_takes_it_meanwhile_hears_no_bot(talk: Conversation) -> None:
    talk.says("我想问一下")
    assert talk.says(timer="burst", kind=Kind.EVENT, status=Status.OPEN).replies == ()
    talk.says(timer="returned", kind=Kind.EVENT)
    assert talk.says("运费怎么算").facts.get("pieces") is None, "what waited then is a person's matter"


@pytest.mark.parametrize(
    ("pieces", "language"),
    [
        (["你好我想问一下", "how much is shipping to Canada"], "en"),
        (["hi", "那个运费怎么算"], "zh-Hans"),
        (["Hello there my friend", "請問運費怎麼算"], "zh-Hant"),
        (["請問運費", "ok"], "zh-Hant"),
    ],
)
def test_a_burst_in_several_languages_is_answered_in_that_of_the_last_words(
    talk: Conversation, pieces: list[str], language: str
) -> None:
    for piece in pieces[:-1]:
        talk.says(piece, more=True)
    decision = talk.says(pieces[-1], wait=SOON)
    assert decision.language == language
    assert detect(decision.replies[0].text, language) == language


@pytest.mark.parametrize(
    "text", ["那个退货", "我买的那个", "关于发票", "就是,", "可是因为", "so the", "I bought it but", "退款..."]
)
def test_pieces(text: str) -> None:
    assert is_piece(text)


@pytest.mark.parametrize(
    "text",
    [
        "退货",
        "那个怎么退",
        "好的。",
        "红色的",
        "订单123456",
        "what about the refund?",
        "还有吗",
        "怎么退...",
        "知道了~",
        "OK",
        "那" * 400,
    ],
)
def test_wholes(text: str) -> None:
    assert not is_piece(text)


def test_a_very_long_text_is_looked_at_quickly_and_not_kept(talk: Conversation) -> None:
    talk.says("那个，" * 40_000, more=True)
    assert len(str(talk.state)) < 2000
