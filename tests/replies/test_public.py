"""What is said where everybody reads it: one line at most, never an argument, and people for every complaint."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Decision, Question
from bot.messages import Kind, Status
from replies.decide import PUBLIC, decide
from replies.etiquette import check
from replies.knowledge import Knowledge
from replies.public import ANSWERS, LONGEST, Answers, PublicTerms, fit_answer, is_lottery, own_words, passed_on
from replies.situations import INVITES, SITUATIONS
from replies.text import LANGUAGES, Language
from replies.understanding import CATEGORIES, TIERS, Tier
from tests.replies.conversation import NOON
from tests.replies.judging import told
from tests.replies.shipped import shipped

KNOWLEDGE = shipped()
SURE: dict[str, Any] = {"confidence": 0.95}
SHORT = "ship_time"


class Post:
    """One author's words under one post; hands on what the engine would."""

    def __init__(self, knowledge: Knowledge = KNOWLEDGE, **more: Any) -> None:
        self.knowledge, self.more = knowledge, {"conversation": 7, "channel": "weibo", **more}
        self.state: dict[str, Any] = {}
        self.status = Status.PENDING
        self.first = True

    def says(self, text: str = "", **more: Any) -> Decision:
        known = {"state": self.state, "status": self.status, "public": True, "first": self.first, "attended": False}
        decision = decide(Question(text, NOON, **{**self.more, **known, **more}), self.knowledge)
        self.state, self.first = json.loads(json.dumps(decision.state)), False
        if decision.handoff and decision.handoff.opens:
            self.status = Status.OPEN
        return decision

    @property
    def with_people(self) -> bool:
        return self.status is Status.OPEN


def judging(text: str, answers: Answers = "mild", *, grave: bool = False, **meant: Any) -> Knowledge:
    """Knowledge that takes this text to mean that."""
    return replace(told(KNOWLEDGE, **{text: meant}), public=PublicTerms(answers, grave))


def script(decision: Decision) -> str:
    """The situation of what was said; "" for nothing. What is said is fit for everybody."""
    if not decision.replies:
        return ""
    (reply,) = decision.replies
    assert len(reply.text) <= LONGEST
    assert not reply.quick_replies
    assert not reply.purpose
    return reply.script.partition("/")[0]


# ---- every category, tier and setting -------------------------------------------------------------------------------


def expected(category: str, tier: Tier | None, answers: Answers, grave: bool) -> tuple[str, bool]:
    """What is said, and whether people have it."""
    lines = {
        "critical": "public_danger", "serious": "public_serious", "moderate": "public_complaint",
        "minor": "public_complaint", "praise": "public_praise", "inquiry": "public_reply", "business": "public_reply",
        "suggestion": "public_reply",
    }  # fmt: skip
    line = lines.get(tier or category, "")
    if answers == "none" or (tier == "serious" and answers != "all") or (tier == "critical" and not grave):
        line = ""
    if tier == "critical" and answers != "all":
        line = ""
    thanked = category == "suggestion" and answers != "none"
    return line, tier is not None or not (category in ("praise", "chitchat", "abuse") or thanked)


@pytest.mark.parametrize("grave", [False, True])
@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize(
    ("category", "tier"), [(c, None) for c in CATEGORIES if c != "complaint"] + [("complaint", tier) for tier in TIERS]
)
def test_what_is_said_and_who_has_it(category: str, tier: Tier | None, answers: Answers, grave: bool) -> None:
    meant: dict[str, Any] = {"category": category, "tier": tier, "needs_human": tier not in (None, "minor"), **SURE}
    decision = Post(judging("这是一句话", answers, grave=grave, **meant)).says("这是一句话 @青禾生活")
    line, people = expected(category, tier, answers, grave)
    assert script(decision) == line
    assert (decision.handoff is not None and decision.handoff.opens) == people
    assert (decision.category, decision.tier) == (category, tier)
    if tier and decision.handoff:
        assert (decision.handoff.trigger, decision.handoff.tier) == ("tier", tier)
        assert "公开发言" in decision.handoff.reason
    assert not decision.timers
    assert decision.form is None


def test_the_table_ends_with_a_rule_that_has_an_answer_to_everything() -> None:
    assert PUBLIC[-1].__name__ == "rest"


# ---- who speaks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("@青禾生活 热水壶漏电，孩子被电伤送医院了", "public.critical"),
        ("@青禾生活 我已经打了12315，法院见", "public.serious"),
        ("@Greenleaf your charger caught fire and burned my son's hand", "public.critical"),
        ("@青禾生活 我不想活了", "public.critical"),
        ("转发微博//@小王: @青禾生活 锅炸了，孩子烫伤了", "public.critical"),
    ],
)
def test_danger_and_serious_complaints_are_a_persons_to_answer(text: str, rule: str) -> None:
    post = Post()
    decision = post.says(text)
    assert decision.rule == rule
    assert decision.replies == ()
    assert decision.handoff is not None
    assert decision.handoff.opens
    assert decision.facts["public"] == {"followers": 0, "alike": 0}
    # While people have it, nothing is said either, not even the safety words of a private chat.
    again = post.says(text)
    assert again.rule == "public.person"
    assert again.replies == ()
    assert again.tier == decision.tier


def test_where_it_was_allowed_the_bot_names_whom_to_call() -> None:
    decision = Post(replace(KNOWLEDGE, public=PublicTerms("all", grave=True))).says(
        "@青禾生活 热水壶漏电，孩子被电伤了"
    )
    assert script(decision) == "public_danger"
    assert "120" in decision.replies[0].text
    # What others wrote is not answered, whatever was allowed.
    passed = Post(replace(KNOWLEDGE, public=PublicTerms("all", grave=True))).says("转发//@小王: 锅炸了，孩子烫伤了")
    assert passed.replies == ()
    assert passed.handoff is not None


@pytest.mark.parametrize(
    ("followers", "tier", "line"), [(9_999, "moderate", "public_complaint"), (10_000, "serious", "")]
)
def test_who_has_a_large_following_is_answered_by_a_person(followers: int, tier: str, line: str) -> None:
    meant: dict[str, Any] = {"category": "complaint", "tier": "moderate", "needs_human": True}
    decision = Post(judging("退钱", **meant)).says("退钱 @青禾生活", followers=followers)
    assert script(decision) == line
    assert decision.tier == tier
    assert decision.handoff is not None
    assert decision.handoff.tier == tier
    assert ("10000 位粉丝" in decision.handoff.reason) == (followers >= 10_000)


@pytest.mark.parametrize(("alike", "told"), [(0, False), (1, False), (2, True)])
def test_people_read_how_many_speak_of_the_same(alike: int, told: bool) -> None:
    decision = Post().says("@青禾生活 热水壶漏电，孩子被电伤送医院了", alike=alike)
    assert decision.handoff is not None
    assert (f"（{alike} 处发言在说同一件事）" in decision.handoff.reason) == told


def test_a_second_message_is_a_persons_and_thanks_need_no_answer() -> None:
    post = Post()
    assert script(post.says("@青禾生活 请问多久发货？")) == "public_answer"
    assert post.says("谢谢").rule == "public.nothing"
    assert not post.with_people
    second = post.says("那退货运费谁出？")
    assert second.rule == "public.again"
    assert second.replies == ()
    assert post.with_people


def test_however_grave_the_second_is_the_bot_has_spoken() -> None:
    post = Post(replace(KNOWLEDGE, public=PublicTerms("all", grave=True)))
    assert script(post.says("@青禾生活 我已经打了12315，法院见")) == "public_serious"
    post.status = Status.PENDING  # an agent gave it back
    second = post.says("热水壶漏电，孩子被电伤送医院了")
    assert (second.tier, second.replies) == ("critical", ())
    assert second.handoff is not None


def test_praise_is_thanked_for_once() -> None:
    post = Post(judging("真好用", category="praise", **SURE))
    assert script(post.says("真好用 @青禾生活")) == "public_praise"
    assert post.says("真好用").replies == ()
    assert not post.with_people


@pytest.mark.parametrize("meant", [{"anger": 0.3, **SURE}, {"confidence": 0.7}, {"needs_human": True, **SURE}])
def test_what_may_not_be_meant_as_praise_is_not_thanked_for(meant: dict[str, Any]) -> None:
    decision = Post(judging("再也不买了", category="praise", **meant)).says("再也不买了")
    assert decision.replies == ()
    assert decision.handoff is not None or meant.get("confidence") == 0.7


def test_nothing_is_regretted_that_may_be_no_complaint() -> None:
    understood = judging("又下雨", category="complaint", tier="minor", confidence=0.5)
    judged = understood.triage.understand("又下雨", "zh-Hans")
    assert judged.evidence  # the stand-in shows words; without them nothing is said
    assert script(Post(understood).says("又下雨")) == "public_complaint"

    class Wordless:
        def understand(self, text: str, language: Language, *history: Any) -> Any:
            return replace(judged, evidence=())

    decision = Post(replace(understood, triage=Wordless())).says("又下雨")
    assert decision.replies == ()
    assert decision.handoff is not None


@pytest.mark.parametrize(
    "text",
    [
        "@青禾生活",
        "  @青禾生活 https://t.cn/A6xyz ",
        "转发微博",
        "//@小王: 你好",
        "哈哈哈",
        "[微笑]",
        "@青禾生活 早上好",
        "",
    ],
)
def test_a_bare_mention_a_repost_and_small_talk_ask_for_nothing(text: str) -> None:
    decision = Post().says(text)
    assert decision.rule == "public.nothing"
    assert (decision.replies, decision.handoff) == ((), None)


def test_a_lottery_is_not_thanked_for() -> None:
    assert (
        Post(judging("转发抽奖 太棒了", category="praise", **SURE)).says("@小红 @青禾生活 转发抽奖 太棒了").replies
        == ()
    )


def test_a_picture_without_words_is_looked_at_by_a_person() -> None:
    decision = Post().says("@青禾生活", kind=Kind.IMAGE)
    assert (decision.rule, decision.replies) == ("public.media", ())
    assert decision.handoff is not None
    assert "图片" in decision.handoff.reason


def test_abuse_meets_silence_and_is_noted_once() -> None:
    post = Post()
    first, second = post.says("加微信 abc123456 日赚千元"), post.says("加微信 abc123456 日赚千元")
    assert [first.rule, second.rule] == ["public.abuse"] * 2
    assert first.replies == second.replies == ()
    assert first.handoff is not None
    assert (first.handoff.queue, first.handoff.opens) == ("abuse", False)
    assert second.handoff is None


@pytest.mark.parametrize("timer", ["resolved", "returned", "burst", "form", "anything"])
@pytest.mark.parametrize("status", list(Status))
def test_no_timer_speaks_in_public(timer: str, status: Status) -> None:
    decision = Post().says(timer=timer, kind=Kind.EVENT, value="person", status=status)
    assert decision.replies == ()
    assert decision.handoff is None


# ---- the FAQ -------------------------------------------------------------------------------------------------------


def test_a_short_answer_that_is_nobodys_own_affair_is_given_in_public() -> None:
    decision = Post().says("@青禾生活 请问多久发货？")
    assert (decision.rule, decision.replies[0].source) == ("public.answer", SHORT)
    assert decision.handoff is None
    assert "私信" in decision.replies[0].text


def test_a_longer_one_is_left_for_the_private_message_and_nobody_need_see_to_it() -> None:
    decision = Post().says("@青禾生活 怎么开发票")
    assert (decision.rule, script(decision), decision.handoff) == ("public.invited", "public_reply", None)


@pytest.mark.parametrize(
    ("answer", "fits"),
    [
        ("满 99 元包邮。", True),
        ("We ship within two days.", True),
        ("请把订单号发给我们。", False),
        ("請把訂單編號傳給我們。", False),
        ("Please send us your order number.", False),
        ("请见 https://example.com/help 。", False),
        ("客服电话 400-123-4567", False),
        ("可以点“转人工”。", False),
        ("好" * 101, False),
    ],
)
def test_which_answers_everybody_may_read(answer: str, fits: bool) -> None:
    assert fit_answer(answer) == fits


def test_with_an_unfit_name_of_the_company_another_variant_is_said_or_none() -> None:
    brand = {language: replace(KNOWLEDGE.brand[language], company="公" * 200) for language in LANGUAGES}
    for conversation in range(4):
        decision = Post(replace(KNOWLEDGE, brand=brand), conversation=conversation).says("@青禾 怎么开发票")
        assert script(decision) == "public_reply"
        assert "公公" not in decision.replies[0].text


# ---- whose words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "own", "others"),
    [
        ("@青禾生活 锅坏了", "锅坏了", ""),
        ("回复@青禾生活:锅坏了", "锅坏了", ""),
        ("#青禾生活# 锅坏了 https://t.cn/abc", "青禾生活 锅坏了", ""),
        ("真的//@小王: 锅坏了", "真的", "锅坏了"),
        ("转发微博//@小王:锅坏了", "", "锅坏了"),
        ("Repost", "", ""),
        ("a@b", "a", ""),
    ],
)
def test_own_words_and_what_is_passed_on(text: str, own: str, others: str) -> None:
    assert own_words(text) == own
    assert passed_on(text) == others


def test_lotteries() -> None:
    assert is_lottery("转发这条微博抽一个人送锅")
    assert not is_lottery("快递送错了")


def test_long_texts_take_no_time() -> None:
    for text in ("@" * 100_000, "#" * 100_000, "http://" * 15_000, "//@a" * 25_000, "转发" * 50_000, " " * 100_000):
        own_words(text), passed_on(text), is_lottery(text), fit_answer(text)


# ---- the words -----------------------------------------------------------------------------------------------------


def test_public_lines_are_courteous_short_and_lead_to_a_private_message() -> None:
    for language in LANGUAGES:
        for situation in INVITES:
            for variant in range(KNOWLEDGE.scripts.variants(situation, language)):
                text = KNOWLEDGE.scripts.say(situation, language, variant, company="Kefu", answer="OK.")
                assert len(text) <= (LONGEST if language == "en" else 100)
                assert not check(text, language, SITUATIONS[situation].tone)
                assert re.search("私信|私訊|privat", text)


# ---- whatever is said -----------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *(
            "请问多久发货？",
            "怎么开发票",
            "谢谢",
            "真好用",
            "锅坏了，退钱！",
            "太差了",
            "我要找人工",
            "孩子被烫伤了",
            "法院见",
        ),
        *("How long does delivery take?", "I want a refund now", "my lawyer will call", "love it", "退貨的錢多久"),
        *(
            "我的电话13812345678",
            "订单 2026112600012345",
            "@青禾生活",
            "转发微博//@王: 漏电了",
            "加微信abc12345",
            "傻逼",
        ),
    ]
)
TEXTS = st.one_of(WORDS, st.text(max_size=40), st.tuples(WORDS, WORDS).map(" ".join))
SAID = st.tuples(TEXTS, st.integers(0, 50_000), st.sampled_from([Kind.TEXT, Kind.TEXT, Kind.IMAGE, Kind.STICKER]))


@settings(max_examples=150, deadline=None)
@given(st.lists(SAID, min_size=1, max_size=6), st.booleans(), st.integers(0, 1000), st.sampled_from(["mild", "none"]))
def test_over_any_messages_one_line_at_most_and_never_his_own_numbers(
    messages: list[tuple[str, int, Kind]], returned: bool, conversation: int, answers: Answers
) -> None:
    post = Post(replace(KNOWLEDGE, public=PublicTerms(answers)), conversation=conversation)
    spoken = 0
    for text, followers, kind in messages:
        if returned:
            post.status = Status.PENDING  # an agent gave it back
            assert post.says(timer="returned", kind=Kind.EVENT).replies == ()
        decision = post.says(text, followers=followers, kind=kind)
        spoken += len(decision.replies)
        for reply in decision.replies:
            assert len(reply.text) <= LONGEST
            assert not reply.quick_replies
            assert not [number for number in re.findall(r"\d{3,}", text) if number in reply.text]
            assert decision.tier not in TIERS[:2]
        if decision.tier is not None and post.status is Status.OPEN and decision.rule != "public.person":
            assert decision.handoff is not None
        assert not decision.timers
    assert spoken <= (0 if answers == "none" else 1)


@given(
    st.text(max_size=20),
    st.dictionaries(st.sampled_from(["met", "said", "abuse", "greeted"]), st.integers() | st.text()),
)
@settings(max_examples=60, deadline=None)
def test_garbled_state_is_no_trouble(text: str, state: dict[str, Any]) -> None:
    post = Post()
    post.state = state
    assert len(post.says(text).replies) <= 1
