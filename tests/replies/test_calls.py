"""Logged calls and promised call backs: judged, told to people, and never answered."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue import Decision, Question
from bot.messages import Kind, Status
from replies.decide import decide
from tests.replies.conversation import NOON
from tests.replies.judging import told
from tests.replies.shipped import shipped

KNOWLEDGE = shipped()
BURNT = "客户来电：热水壶漏电，孩子被电伤送医院，要求赔偿"
BROKEN = "客户来电反映锅坏了，要求退款"


def logged(text: str, **more: Any) -> Decision:
    return decide(Question(text, NOON, channel="phone", mute="logged", **more), KNOWLEDGE)


@pytest.mark.parametrize(
    ("text", "status", "tier", "told"),
    [
        (BURNT, Status.PENDING, "critical", True),
        (BURNT, Status.OPEN, "critical", True),
        (BURNT, Status.RESOLVED, "critical", False),
        (BROKEN, Status.PENDING, "moderate", True),
        (BROKEN, Status.OPEN, "moderate", None),
        (BROKEN, Status.RESOLVED, "moderate", None),
        ("客户询问多久发货，已答复", Status.PENDING, None, None),
    ],
)
def test_a_call_is_judged_and_people_are_told(text: str, status: Status, tier: str | None, told: bool | None) -> None:
    decision = logged(text, status=status)
    assert decision.tier == tier
    assert decision.category is not None
    assert (decision.handoff and decision.handoff.opens) == told
    if decision.handoff:
        assert (decision.handoff.trigger, decision.handoff.tier) == ("tier", tier)
    assert decision.replies == ()
    assert not decision.timers


def test_who_is_asked_for_by_phone_is_told() -> None:
    knowledge = told(KNOWLEDGE, 请主管回电={"category": "business", "needs_human": True, "asks_person": True})
    decision = decide(Question("请主管回电", NOON, mute="logged"), knowledge)
    assert decision.handoff is not None
    assert decision.handoff.trigger == "asked"


def test_what_the_agent_says_it_is_about_stands() -> None:
    decision = logged(BURNT, category="inquiry")
    assert (decision.rule, decision.category, decision.tier, decision.handoff) == ("call.told", None, None, None)


def test_a_piece_of_a_sentence_does_not_wait_for_the_rest() -> None:
    assert logged("那个，我想问").rule == "call.logged"


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("place", [{}, {"public": True}, {"letter": True}])
@pytest.mark.parametrize(
    ("language", "reason"),
    [
        (None, "约定的回访时间到了：告知退款进度（小梅）"),
        ("zh-Hant", "約定的回電時間到了：告知退款进度（小梅）"),
        ("en", "The promised call back is due: 告知退款进度 (小梅)"),
    ],
)
def test_a_promised_call_back_brings_people_and_says_nothing(
    status: Status, place: dict[str, Any], language: str | None, reason: str
) -> None:
    data = {"note": "告知退款进度", "agent": "小梅"}
    decision = decide(
        Question("", NOON, Kind.EVENT, timer="follow_up", data=data, status=status, language=language, **place),
        KNOWLEDGE,
    )
    assert decision.rule == "timer.follow_up"
    assert decision.replies == ()
    assert decision.handoff is not None
    assert decision.handoff.opens
    assert decision.handoff.reason == reason


def test_a_call_back_keeps_the_tier_and_what_was_remembered() -> None:
    state = {"greeted": True, "choices": ["yes", "no"], "theirs": 1}
    question = Question("", NOON, Kind.EVENT, timer="follow_up", data={"note": None}, tier="serious", state=state)
    decision = decide(question, KNOWLEDGE)
    assert decision.state == state
    assert decision.handoff is not None
    assert (decision.handoff.tier, decision.handoff.reason) == ("serious", "约定的回访时间到了")


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("status", [Status.PENDING, Status.OPEN, Status.RESOLVED])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", "投诉单 261126-17 到了答复时间"),
        ("zh-Hant", "客訴單 261126-17 已到"),
        ("en", "case 261126-17 is due"),
    ],
)
def test_a_case_whose_time_has_come_calls_people_to_it(
    status: Status, language: str, words: str, public: bool
) -> None:  # fmt: skip
    question = Question(
        "", NOON, Kind.EVENT, language, status, {"kept": 1}, timer="case:5", data={"number": "261126-17"}, public=public
    )
    decision = decide(question, KNOWLEDGE)
    assert (decision.rule, decision.replies, decision.state) == ("timer.case", (), {"kept": 1})
    assert decision.handoff is not None
    assert words in decision.handoff.reason
    assert decision.handoff.opens


def test_a_case_of_a_forgotten_customer_still_calls_people() -> None:
    decision = decide(Question("", NOON, Kind.EVENT, timer="case:5"), KNOWLEDGE)
    assert decision.handoff is not None
    assert decision.handoff.reason.startswith("投诉单 到了")
