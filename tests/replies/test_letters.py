"""Letters: one courteous answer, with the FAQ only where it is sure, and always a person behind it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Decision, Question
from bot.messages import Kind, Status
from replies.brain import Scripted
from replies.decide import decide
from replies.duty import Duty
from replies.etiquette import check
from replies.knowledge import Knowledge
from replies.memory import Memory
from replies.rules.letter import salutation, topic
from replies.text import Language, detect
from replies.understanding import CALM, Evidence, History, Understanding
from tests.replies.shipped import shipped

BY_WORDS = shipped()
LETTERS = [json.loads(line) for line in Path(__file__).with_name("letters.jsonl").read_text("utf-8").splitlines()]
NOON = datetime(2026, 11, 27, 4, 20, tzinfo=UTC)
"""Friday, 12:20 in Shanghai."""
NIGHT = datetime(2026, 11, 27, 15, 20, tzinfo=UTC)
ASKS = "您好，请问人工客服几点上班？\n谢谢\n王小明"


@pytest.fixture(scope="module")
def whole() -> Knowledge:
    """With the sentence encoder, as it is shipped."""
    return Scripted.load().knowledge


class Thread:
    """One writer's letters in one conversation; hands on what the engine would."""

    def __init__(self, knowledge: Knowledge, **more: Any) -> None:
        self.knowledge, self.more = knowledge, {"conversation": 1024, "contact_name": "王小明", "now": NOON, **more}
        self.state: dict[str, Any] = {}
        self.status = Status.PENDING
        self.first = True

    def writes(self, text: str, subject: str = "", **more: Any) -> Decision:
        known = {"state": self.state, "status": self.status, "letter": True, "subject": subject, "first": self.first}
        decision = decide(Question(text, **{**self.more, **known, "attended": False, **more}), self.knowledge)
        self.state = json.loads(json.dumps(decision.state))
        self.first = False
        if decision.handoff and decision.handoff.opens:
            self.status = Status.OPEN
        return decision


def said(decision: Decision) -> str:
    (reply,) = decision.replies
    assert not reply.quick_replies
    return reply.text


# ---- one answer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "subject", "words"),
    [
        ("您好，贵公司的开户行是哪家？", "对公转账", "“对公转账” 11 月 28 日（周六）13:00 前"),
        ("您好，請問貴公司的產品有投保責任險嗎？", "保單", "「保單」 11 月 28 日（週六）13:00 前"),
        ("Hello, does the dryer work with 110 volts?", "Voltage", "“Voltage” 13:00 on Saturday, 28 November (UTC+8)"),
    ],
)
def test_an_acknowledgement_names_the_writer_the_matter_the_number_and_the_time(
    text: str, subject: str, words: str
) -> None:
    decision = Thread(BY_WORDS).writes(text, subject)
    wanted = ["王小明", "KF-1024", *words.split(" ", 1)]
    assert [word for word in wanted if word not in said(decision)] == []
    assert decision.rule == "letter.received"
    assert decision.handoff is not None
    assert decision.handoff.opens
    assert subject in decision.handoff.reason
    assert decision.timers == ()
    assert decision.gap is None


def test_at_night_it_says_when_people_are_back_and_counts_from_then() -> None:
    night = said(Thread(BY_WORDS, now=NIGHT).writes("您好，贵公司的开户行是哪家？", "转账"))
    assert "11 月 28 日（周六）9:00 " in night
    assert "11 月 28 日（周六）21:00 前" in night
    assert "9:00" not in said(Thread(BY_WORDS).writes("您好，贵公司的开户行是哪家？", "转账"))
    office = replace(BY_WORDS, duty=Duty.of("1-5", "9:00", "18:00", ZoneInfo("Asia/Shanghai"), 3))
    assert "11 月 30 日（周一）12:00 前" in said(Thread(office, now=NIGHT).writes("您好，开户行是哪家？", "转账"))


def test_where_the_faq_is_sure_its_answer_is_in_the_letter_and_a_person_sees_it() -> None:
    decision = Thread(BY_WORDS).writes(ASKS, "咨询")
    entry = BY_WORDS.faq.get("hours")
    assert entry is not None
    assert entry.answer("zh-Hans") in said(decision)
    assert decision.replies[0].source == "hours"
    assert decision.handoff is not None
    assert decision.handoff.tried == ("hours",)
    assert entry.title("zh-Hans") in decision.handoff.reason


def test_later_letters_are_not_answered_automatically() -> None:
    thread = Thread(BY_WORDS)
    assert len(thread.writes(ASKS).replies) == 1
    for text in (ASKS, "还有一件事想问：运费怎么算？", "谢谢"):
        later = thread.writes(text)
        assert (later.rule, later.replies, later.handoff) == ("letter.person", (), None)
    thread.status = Status.PENDING  # it was settled, or given back to the bot, and he writes again
    again = thread.writes("还有一件事想问：运费怎么算？")
    assert (again.rule, again.replies) == ("letter.again", ())
    assert again.handoff is not None
    assert again.handoff.opens


def test_two_conversations_of_one_writer_do_not_begin_alike() -> None:
    letters = {said(Thread(BY_WORDS, conversation=number).writes("您好，开户行？", "x")) for number in range(3)}
    assert len({letter.replace("KF-0", "").replace("KF-1", "").replace("KF-2", "") for letter in letters}) == 3


# ---- grave and base -----------------------------------------------------------------------------------------------


def test_danger_comes_first_and_once_and_a_person_at_once() -> None:
    thread = Thread(BY_WORDS)
    decision = thread.writes("充电宝充电的时候起火了，孩子的手烧伤了！", "急")
    words = said(decision)
    assert (decision.tier, decision.rule) == ("critical", "letter.critical")
    assert [reply.vital for reply in decision.replies] == [True]
    assert "119" in words[: words.index("KF-1024")]
    assert decision.handoff is not None
    assert (decision.handoff.trigger, decision.handoff.tier) == ("tier", "critical")
    assert thread.writes("还在烧！起火了！").replies == ()
    assert len(thread.writes("家里煤气泄漏，全是煤气味，头晕").replies) == 1  # another danger
    assert thread.writes("家里煤气泄漏，全是煤气味，头晕").replies == ()


def test_danger_in_a_later_letter_is_warned_of_until_somebody_has_it() -> None:
    thread = Thread(BY_WORDS)
    thread.writes(ASKS)
    assert thread.writes("热水器漏电，我刚才触电了！", attended=True).replies == ()
    warned = thread.writes("热水器漏电，我刚才触电了！")
    assert warned.rule == "letter.danger"
    assert warned.tier == "critical"
    assert "120" in said(warned)


def test_danger_in_the_middle_of_a_very_long_letter_is_seen() -> None:
    filler = "我上个月在贵店买了一台电水壶，用着一直还可以，颜色也很喜欢，家里人都说好看。" * 250
    half = len(filler) // 2
    text = filler[:half] + "昨天充电宝起火了，把孩子烧伤送进医院。" + filler[half:]
    assert Thread(BY_WORDS).writes(text, "反馈").tier == "critical"
    assert Thread(BY_WORDS).writes(filler, "反馈").tier != "critical"


def test_a_complaint_is_met_with_regret_and_without_an_faq_answer() -> None:
    decision = Thread(BY_WORDS).writes("我要投诉！三天内不退款我就向12315投诉并起诉你们。请问退款多久到账？", "投诉")
    assert (decision.rule, decision.tier) == ("letter.serious", "serious")
    assert decision.replies[0].source == ""
    assert "抱歉" in said(decision)
    assert decision.handoff is not None
    assert decision.handoff.trigger == "tier"


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("各行各业正规发票代开，税点优惠，量大从优，加微信 fp88866 ，先验票后付款！", 0),
        (
            LETTERS[70]["text"],
            0,
        ),
        ("You are all stupid idiots. Go to hell, you morons.", 1),
    ],
)
def test_abuse_lies_in_its_queue_and_an_advert_learns_nothing(whole: Knowledge, text: str, answers: int) -> None:
    thread = Thread(whole)
    decision = thread.writes(text)
    assert (decision.category, len(decision.replies)) == ("abuse", answers)
    assert decision.handoff is not None
    assert (decision.handoff.queue, decision.handoff.opens) == ("abuse", False)
    more = thread.writes(text)
    assert (more.replies, more.handoff) == ((), None)
    assert len(thread.writes(ASKS).replies) == 1  # what is decent is answered as ever


# ---- what is no letter --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ({"timer": "resolved", "value": "person", "kind": Kind.EVENT}, "silent.timer"),
        ({"timer": "returned", "kind": Kind.EVENT}, "silent.timer"),
        ({"timer": "burst", "kind": Kind.EVENT, "state": {"heard": ["着火了"]}}, "silent.timer"),
        ({"kind": Kind.EVENT, "value": "follow"}, "silent.event"),
        ({"wakes": False, "mute": "auto_replied"}, "letter.kept"),
    ],
)
def test_nothing_is_said_to_what_is_no_letter(what: dict[str, Any], rule: str) -> None:
    decision = Thread(BY_WORDS).writes(ASKS, **what)
    assert (decision.rule, decision.replies, decision.timers, decision.handoff) == (rule, (), (), None)


def test_a_letter_in_pieces_is_not_waited_for_and_buttons_of_chats_mean_nothing() -> None:
    assert Thread(BY_WORDS).writes("那个", more=True).rule == "letter.received"
    assert Thread(BY_WORDS).writes("转人工", value="human").handoff is not None


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("王小明", "王小明"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("Helen Carter", "Helen Carter"),
        ("Carter, Helen", "Helen Carter"),
        ("Jean-Luc O’Neill", "Jean-Luc O’Neill"),
        ('"Tom"', "Tom"),
        ("", ""),
        ("no-reply", ""),
        ("青禾公司", ""),
        ("点击领取大奖", ""),
        ("Win $1000 now", ""),
        ("http://x.example", ""),
        ("tom@example.com", ""),
        ("138****5521", ""),
        ("Customer Service Team", ""),
        ("系统通知", ""),
        ("a" * 41, ""),
    ],
)
def test_only_a_name_is_a_name(name: str, called: str) -> None:
    assert salutation(name) == called


@pytest.mark.parametrize(
    ("subject", "restated"),
    [
        ("Re: 退货运费", "退货运费"),
        ("订单 2026110200871", "订单 2026110200871"),
        ("Win at www.example.com", ""),
        ("见 shop.example 说明", ""),
        ("微信上说过的事", ""),
        ("write to x@example.com", ""),
        ("长" * 61, ""),
    ],
)
def test_a_subject_that_may_lure_is_not_sent_on(subject: str, restated: str) -> None:
    assert topic(subject) == restated
    letter = said(Thread(BY_WORDS).writes("您好，请问贵公司的开户行是哪家？我们财务需要核对。", subject, tier=None))
    assert ("“" in letter) == bool(restated)


# ---- figures ------------------------------------------------------------------------------------------------------


def test_our_own_letters_are_answered_where_the_faq_has_it_and_hardly_ever_else(whole: Knowledge) -> None:
    """Held a little below what was measured: 57 of 76, and two of 132 answered as they should not have been. The last
    24, of which 8 of 12 and one, were written when nothing was changed any more."""
    right, wrong = 0, []
    for letter in LETTERS:
        decision = Thread(whole).writes(letter["text"], letter["subject"])
        source = decision.replies[0].source if decision.replies else ""
        right += bool(source) and source == letter["expect"]
        if source and source != letter["expect"]:
            wrong.append(letter["subject"])
    assert right >= 53
    assert len(wrong) <= 3, wrong


def test_every_letter_is_somebodys_and_every_answer_courteous(whole: Knowledge) -> None:
    for letter in LETTERS:
        for now in (NOON, NIGHT):
            decision = Thread(whole, now=now, contact_name="").writes(letter["text"], letter["subject"])
            assert decision.handoff is not None, letter["subject"]
            assert decision.handoff.opens == (letter["tier"] != "abuse"), letter["subject"]
            assert len(decision.replies) <= 1
            for reply in decision.replies:
                language: Language = detect(letter["text"])
                faults = check(reply.text.replace(letter["subject"], "…"), language, "plain")
                assert [one.words for one in faults] == [], reply.text


@pytest.mark.parametrize("tier", ["critical", "serious"])
def test_grave_letters_of_ours_are_never_less(whole: Knowledge, tier: str) -> None:
    found = {x["subject"]: Thread(whole).writes(x["text"], x["subject"]).tier for x in LETTERS if x["tier"] == tier}
    assert found == dict.fromkeys(found, tier)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300),
    st.text(max_size=80),
    st.text(max_size=30),
    st.sampled_from(list(Status)),
    st.one_of(st.just({}), st.fixed_dictionaries({"letters": st.lists(st.text(max_size=5)) | st.integers()})),
)
def test_whatever_comes_a_letter_is_decided(
    text: str, subject: str, name: str, status: Status, state: dict[str, Any]
) -> None:
    question = Question(
        text, NOON, letter=True, subject=subject, contact_name=name, status=status, state=state, conversation=7
    )  # fmt: skip
    decision = decide(question, BY_WORDS)
    assert len(decision.replies) <= 1
    assert all(not reply.quick_replies for reply in decision.replies)
    assert decision.timers == ()
    json.dumps([decision.state, decision.facts])
    assert Memory.read(decision.state).heard == ()


class Says:
    """Triage that finds what it is told to."""

    def __init__(self, of: dict[bool, Understanding]) -> None:
        self.of = of  # with the subject, and the body alone

    def understand(self, text: str, language: Language, history: History = CALM) -> Understanding:
        return self.of["\n" in text]


PLAIN = Understanding("zh-Hans")
SUSPECTED = Understanding("zh-Hans", "complaint", "critical", needs_human=True, confidence=0.85)
SERIOUS = replace(SUSPECTED, tier="serious")
SHOWN = replace(SERIOUS, evidence=(Evidence(0, 2, "律师", "tier.serious.law"),))
ADVERT = Understanding("zh-Hans", "abuse", abuse="advert", confidence=0.9)


@pytest.mark.parametrize(
    ("whole_letter", "body", "tier", "category"),
    [
        (SUSPECTED, PLAIN, "critical", "complaint"),
        (PLAIN, SUSPECTED, "critical", "complaint"),
        (SERIOUS, PLAIN, None, "inquiry"),
        (PLAIN, SERIOUS, None, "inquiry"),
        (SHOWN, PLAIN, "serious", "complaint"),
        (PLAIN, SHOWN, "serious", "complaint"),
        (SERIOUS, SERIOUS, "serious", "complaint"),
        (replace(SERIOUS, tier="moderate"), ADVERT, None, "abuse"),
    ],
)
def test_what_only_one_look_suspects_is_nothing_unless_it_is_danger(
    whole_letter: Understanding, body: Understanding, tier: str | None, category: str
) -> None:
    knowledge = replace(BY_WORDS, triage=Says({True: whole_letter, False: body}))
    decision = Thread(knowledge).writes("雨伞忘在店里了", "雨伞")
    assert (decision.tier, decision.category) == (tier, category)


@pytest.mark.parametrize(("confidence", "danger", "warned"), [(0.85, "", False), (0.97, "", True), (0.6, "fire", True)])
def test_safety_words_are_for_danger_that_shows(confidence: float, danger: str, warned: bool) -> None:
    meant = replace(SUSPECTED, confidence=confidence, danger=danger)
    decision = Thread(replace(BY_WORDS, triage=Says({True: meant, False: meant}))).writes("雨伞忘在店里了", "雨伞")
    assert ("119" in said(decision) or "120" in said(decision)) == warned
    assert "KF-1024" in said(decision)
    assert decision.handoff is not None
    assert decision.handoff.tier == "critical"
