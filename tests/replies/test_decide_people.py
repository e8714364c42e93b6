"""Complaints, feelings and abuse: who is heard by the bot, who gets a person, and who gets silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Status
from replies.knowledge import Knowledge
from replies.rules.person import rising
from replies.situations import DANGERS
from replies.text import LANGUAGES, Language
from replies.understanding import Evidence, History
from tests.replies.conversation import Conversation
from tests.replies.judging import Told, told

MEANS: dict[str, dict[str, Any]] = {
    "有点失望": {"category": "complaint", "tier": "minor"},
    "真慢啊你们": {"category": "complaint", "tier": "minor"},
    "这也太慢了，运费怎么算": {"category": "complaint", "tier": "minor"},
    "给我退货": {"category": "complaint", "tier": "moderate", "needs_human": True, "wishes": ("refund",)},
    "我是记者，你们等着上报纸": {
        "category": "complaint",
        "tier": "serious",
        "needs_human": True,
        "customer": ("angry", "platform"),
    },
    "我要告你们": {"category": "complaint", "tier": "serious", "needs_human": True},
    "杯子划到手了": {"category": "complaint", "tier": "critical", "needs_human": True, "danger": "injury"},
    "你个废物": {"category": "abuse", "abuse": "insult"},
    "废物，转人工": {"category": "abuse", "abuse": "insult", "asks_person": True, "needs_human": True},
    "我真的撑不住了": {"category": "inquiry", "distress": 0.9},
    "怎么还没到": {"category": "inquiry", "anger": 0.2},
    "到底什么时候到": {"category": "inquiry", "anger": 0.4},
    "你们到底管不管": {"category": "inquiry", "anger": 0.6},
    "烦死了烦死了": {"category": "inquiry", "anger": 0.8},
    "麻烦给我找个能说话的": {"category": "inquiry", "asks_person": True, "needs_human": True},
    "希望出个蓝色的": {"category": "suggestion"},
    "这次的包装很用心": {"category": "praise"},
    "帮我把订单 A12345 改到周五送": {"category": "business", "orders": ("A12345",)},
    "可能要改点什么": {"category": "business", "confidence": 0.3},
}


@pytest.fixture
def talk(knowledge: Knowledge) -> Conversation:
    return Conversation(told(knowledge, **MEANS))


def last_scripts(talk: Conversation) -> list[str]:
    return [script.partition("/")[0] for script in talk.last.facts.get("scripts", ())]


# ---- danger -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("danger", DANGERS)
def test_who_is_in_danger_reads_safety_words_at_once_and_gets_a_person(
    knowledge: Knowledge, danger: str, language: Language
) -> None:
    text = "It is bad, really bad" if language == "en" else "出事了"
    means = {text: {"category": "complaint", "tier": "critical", "needs_human": True, "danger": danger}}
    talk = Conversation(told(knowledge, **means), language)
    decision = talk.says(text)
    assert decision.rule == "tier.critical"
    assert [reply.script.partition("/")[0] for reply in decision.replies] == [f"safety_{danger}"]
    assert decision.handoff is not None
    assert (decision.handoff.trigger, decision.handoff.tier) == ("tier", "critical")
    assert decision.facts["danger"] == danger


@pytest.mark.parametrize("before", ["退货的钱多久", "运费怎么算", "我想问一下", "你个废物"])
def test_danger_goes_before_choices_bursts_and_warnings(talk: Conversation, before: str) -> None:
    talk.says(before)
    assert talk.says("杯子划到手了").rule == "tier.critical"


def test_while_a_person_has_it_danger_is_told_to_people_and_not_talked_about(talk: Conversation) -> None:
    decision = talk.says("杯子划到手了", status=Status.OPEN)
    assert (decision.rule, decision.replies, decision.handoff) == ("silent.person", (), None)
    assert (decision.category, decision.tier, decision.facts["danger"]) == ("complaint", "critical", "injury")
    assert talk.says("谢谢", status=Status.OPEN).category is None


# ---- complaints ---------------------------------------------------------------------------------------------------


def test_a_complaint_brings_a_person_who_knows_the_wish_and_the_numbers(knowledge: Knowledge) -> None:
    text = "杯子碎了，订单 A12345，给我退货"
    evidence = (Evidence(3, 4, "碎", "tier.moderate"), Evidence(16, 20, "给我退货", "wish.refund"))
    means = {text: {**MEANS["给我退货"], "orders": ("A12345",), "evidence": evidence}}
    request = Conversation(told(knowledge, **means)).says(text).handoff
    assert request is not None
    assert (request.wish, request.tier, request.form) == ("给我退货", "moderate", {"订单号": "A12345"})
    assert "碎" in request.reason


def test_a_tier_never_falls_within_a_conversation(talk: Conversation) -> None:
    assert talk.says("我要告你们").tier == "serious"
    talk.says(timer="returned")
    again = talk.says("有点失望")
    assert (again.rule, again.tier) == ("tier.before", "serious")
    assert again.handoff is not None
    assert again.handoff.tier == "serious"
    assert again.facts["tier_before"] == "serious"
    talk.says(timer="returned")
    asked = talk.says("转人工").handoff
    assert asked is not None
    assert asked.tier == "serious"
    talk.says(timer="returned")
    assert talk.says("运费怎么算").rule == "faq.answer", "a question is no complaint"


def test_somebody_with_a_platform_reads_few_words(talk: Conversation) -> None:
    assert talk.says("我是记者，你们等着上报纸").rule == "tier.serious"
    assert last_scripts(talk) == ["customer_platform"]


def test_what_an_agent_has_put_right_stays_right(talk: Conversation) -> None:
    talk.says("我要告你们")
    talk.tier = "minor"
    talk.says(timer="returned")
    assert talk.says("有点失望").rule == "complaint.minor"


def test_a_grave_complaint_goes_before_the_request_for_a_person_in_it(knowledge: Knowledge) -> None:
    text = "给我退货！转人工"
    talk = Conversation(told(knowledge, **{text: MEANS["给我退货"]}))
    assert talk.says(text).rule == "tier.moderate"
    assert ["person.asked", "a grave complaint goes first"] in talk.last.facts["passed"]


def test_minor_complaints_are_heard_twice_and_the_third_brings_a_person(talk: Conversation) -> None:
    first, second = talk.says("有点失望"), talk.says("真慢啊你们")
    assert [first.rule, second.rule] == ["complaint.minor"] * 2
    assert first.replies[0].script != second.replies[0].script
    assert first.handoff is second.handoff is None
    assert talk.buttons == ["转人工"]
    third = talk.says("有点失望")
    assert third.rule == "tier.minor"
    assert third.handoff is not None
    assert third.handoff.tier == "minor"


def test_who_complained_on_other_days_gets_a_person_sooner(talk: Conversation) -> None:
    assert talk.says("有点失望", complaints=1).rule == "complaint.minor"
    assert talk.says("有点失望", complaints=1).rule == "tier.minor"


def test_a_grumble_with_a_question_is_answered_with_regret(talk: Conversation) -> None:
    decision = talk.says("这也太慢了，运费怎么算")
    assert decision.rule == "complaint.minor"
    assert decision.replies[0].source == "ship_fee"
    assert {"minor", "answer"} <= set(last_scripts(talk))


def test_when_the_matter_is_settled_the_count_begins_anew(talk: Conversation) -> None:
    talk.says("有点失望")
    talk.says("有点失望")
    talk.says(timer="resolved", status=Status.RESOLVED)
    assert talk.says("有点失望").rule == "complaint.minor"


# ---- feelings and wishes ------------------------------------------------------------------------------------------


def test_anger_that_grows_brings_a_person(talk: Conversation) -> None:
    rules = [talk.says(text).rule for text in ("怎么还没到", "到底什么时候到", "你们到底管不管")]
    assert rules[-1] == "anger"
    assert "anger" not in rules[:-1]
    assert talk.last.handoff is not None
    assert talk.last.handoff.trigger == "anger"
    assert "empathy_angry" in last_scripts(talk)
    heard = talk.knowledge.triage
    assert isinstance(heard, Told)
    assert heard.heard[-1][1] == History(anger=(0.2, 0.4))


@pytest.mark.parametrize(
    ("angers", "brings"),
    [
        ([], False),
        ([0.9], False),
        ([0.2, 0.4, 0.6], True),
        ([0.0, 0.0, 0.9], True),
        ([0.6, 0.6, 0.6], False),
        ([0.1, 0.2, 0.3], False),
        ([0.6, 0.4, 0.6], False),
        ([0.8, 0.8], True),
        ([0.8, 0.0, 0.8], False),
        ([0.0, 0.2, 0.4, 0.6], True),
    ],
)
def test_when_anger_counts_as_rising(angers: list[float], brings: bool) -> None:
    assert rising(angers) is brings


def test_somebody_in_despair_gets_a_person_and_kind_words(talk: Conversation) -> None:
    decision = talk.says("我真的撑不住了")
    assert (decision.rule, decision.handoff is not None) == ("distress", True)
    assert last_scripts(talk)[0] == "customer_emotional"


def test_who_asks_for_a_person_in_other_words_gets_one(talk: Conversation) -> None:
    assert talk.says("麻烦给我找个能说话的").rule == "person.asked"


def test_suggestions_and_praise_are_thanked_for(talk: Conversation) -> None:
    assert talk.says("希望出个蓝色的").rule == "suggestion"
    assert talk.says("这次的包装很用心").rule == "praise"
    assert talk.last.handoff is None


def test_business_that_no_answer_settles_is_handed_over_with_what_is_known(talk: Conversation) -> None:
    decision = talk.says("帮我把订单 A12345 改到周五送")
    assert decision.rule == "business"
    assert decision.handoff is not None
    assert decision.handoff.form == {"订单号": "A12345"}
    assert "改到周五送" in decision.handoff.reason


# ---- abuse --------------------------------------------------------------------------------------------------------


def test_abuse_is_warned_then_told_the_last_time_then_met_with_silence_and_noted_once(talk: Conversation) -> None:
    rules = [talk.says("你个废物", wait=timedelta(minutes=1)).rule for _ in range(2)]
    assert rules == ["abuse.warning", "abuse.last"]
    noted = talk.says("你个废物")
    assert (noted.rule, noted.replies) == ("abuse.silent", ())
    assert noted.handoff is not None
    assert (noted.handoff.queue, noted.handoff.opens) == ("abuse", False)
    for _ in range(3):
        later = talk.says("你个废物", wait=timedelta(minutes=1))
        assert (later.rule, later.replies, later.handoff) == ("abuse.silent", (), None)
    assert talk.says("运费怎么算").rule == "faq.answer", "what is decent is answered"
    assert talk.says("你个废物").rule == "abuse.silent"
    assert talk.says("你个废物", wait=timedelta(hours=25)).rule == "abuse.warning", "after a day it is forgotten"


def test_an_insult_with_a_request_for_a_person_is_granted_until_the_last_word_is_said(talk: Conversation) -> None:
    assert talk.says("废物，转人工").rule == "person.asked"
    for _ in range(2):
        talk.says("你个废物")
    assert talk.says("废物，转人工").replies == ()
    assert talk.says("转人工").rule == "person.asked"


# ---- the FAQ's gaps -----------------------------------------------------------------------------------------------


def test_what_the_faq_lacks_is_told(talk: Conversation) -> None:
    miss = talk.says("量子力学的基本假设").gap
    assert miss is not None
    assert (miss.text, miss.why) == ("量子力学的基本假设", "miss")
    talk.says("退货的钱多久")
    none = talk.taps("都不是").gap
    assert none is not None
    assert (none.text, none.why) == ("退货的钱多久", "miss")
    talk.says("我家的运费怎么算")
    unsolved = talk.says("没解决").gap
    assert unsolved is not None
    assert (unsolved.text, unsolved.near, unsolved.why) == ("我家的运费怎么算", "ship_fee", "unsolved")
    assert talk.says("运费怎么算").gap is None


@pytest.mark.parametrize("no", ["没解决", "不是", "都不是"])
def test_a_no_to_which_of_these_is_none_of_them(talk: Conversation, no: str) -> None:
    talk.says("退货的钱多久")
    gap = talk.says(no).gap
    assert gap is not None
    assert gap.text == "退货的钱多久", "what the FAQ lacks is what he asked"


def test_whatever_was_written_before_danger_is_not_met_with_silence(talk: Conversation) -> None:
    for text in ("你好", "运费怎么算", "转人工"):
        talk.says(text, wait=timedelta(seconds=2))
    talk.says("杯子划到手了", wait=timedelta(seconds=2), status=Status.OPEN, attended=False)
    assert last_scripts(talk) == ["safety_injury"]


def test_nobody_is_asked_for_a_number_he_has_given(talk: Conversation) -> None:
    for _ in range(3):
        talk.says("杯子坏了给我退货，订单号 A12345678")
        assert "订单号" not in talk.heard


def test_who_is_in_danger_while_nobody_has_come_yet_reads_safety_words(talk: Conversation) -> None:
    waiting: dict[str, Any] = {"status": Status.OPEN, "attended": False}
    decision = talk.says("杯子划到手了", **waiting)
    assert (decision.rule, decision.tier, decision.handoff) == ("danger.waiting", "critical", None)
    assert last_scripts(talk) == ["safety_injury"]
    assert talk.says("杯子划到手了", **waiting).replies[0].script == "safety_injury/1"
    assert talk.says("杯子划到手了", **waiting).replies == (), "and is not drowned in them"
    for text in ("你好", "运费怎么算", "给我退货", "转人工"):
        assert talk.says(text, **waiting).replies == ()
