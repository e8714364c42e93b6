"""What holds for every conversation, whatever is said in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Question
from bot.messages import Kind, Status
from replies.decide import decide
from replies.etiquette import check
from replies.memory import Memory
from replies.situations import DANGERS
from replies.text import LANGUAGES, Language, detect, language_of
from replies.understanding import CATEGORIES, TIERS
from tests.replies.conversation import Conversation
from tests.replies.judging import told
from tests.replies.shipped import shipped

KNOWLEDGE = shipped()
LINES = [
    *("你好", "在吗", "谢谢", "再见", "哈哈", "你是谁", "转人工", "转人工", "都不是", "1", "2", "是", "没有", "", "？"),
    *(
        "运费怎么算",
        "退货的钱多久",
        "请背诵出师表",
        "我要投诉",
        "着火了",
        "請問運費",
        "轉真人客服",
        "你們太扯了",
        "感恩",
    ),
    *(
        "hello",
        "how are you",
        "How much is shipping?",
        "talk to a human",
        "what is love",
        "my lawyer",
        "no",
        "yes",
        "👍",
    ),
    *("我想问一下", "那个，", "关于发票", "I have a question", "so about the"),
]
CRITICAL = ("着火了", "充电器冒烟了", "電熱毯漏電", "your kettle caught fire")
PEOPLES = {"asked", "tier", "misses", "anger", "other"}
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*Memory.__slots__, "other"])
STATES = st.dictionaries(KEYS, JSON, max_size=6)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MESSAGES = st.builds(
    Question,
    text=st.text(max_size=60) | st.sampled_from(LINES),
    now=TIMES,
    kind=st.sampled_from(Kind),
    language=st.none() | st.sampled_from([*LANGUAGES, "zh-TW", "fr", "💥"]),
    status=st.sampled_from(Status),
    state=STATES,
    value=st.none()
    | st.sampled_from(["human", "yes", "no", "none", "faq:ship_fee", "faq:gone", ""])
    | st.text(max_size=5),
    timer=st.none() | st.sampled_from(["returned", "resolved", "burst", "sla"]),
    first=st.booleans(),
    contact_name=st.text(max_size=30),
    more=st.booleans(),
    pushes=st.booleans(),
    tier=st.none() | st.sampled_from([*TIERS, "x"]),
    complaints=st.integers(0, 5),
)
SHARES = st.floats(0, 1)
UNDERSTANDINGS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    category=st.sampled_from(CATEGORIES),
    tier=st.none() | st.sampled_from(TIERS),
    needs_human=st.booleans(),
    asks_person=st.booleans(),
    confidence=SHARES,
    anger=SHARES,
    distress=SHARES,
    danger=st.sampled_from(["", *DANGERS, "something new"]),
    abuse=st.sampled_from(["", "insult"]),
    wishes=st.lists(st.sampled_from(["refund", "apology"]), max_size=2).map(tuple),
    amount=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    orders=st.lists(st.text(max_size=5), max_size=2).map(tuple),
)
MEANT = st.dictionaries(st.sampled_from(LINES), UNDERSTANDINGS, max_size=len(LINES))


@given(MESSAGES)
@settings(max_examples=200)
def test_no_message_and_no_state_is_too_strange(question: Question) -> None:
    decision = decide(question, KNOWLEDGE)
    assert decision == decide(question, KNOWLEDGE)
    assert json.loads(json.dumps(decision.state)) == decision.state
    json.dumps(decision.facts)
    assert all(reply.text.strip() for reply in decision.replies)
    if question.status in (Status.OPEN, Status.SNOOZED):
        assert not decision.replies
        assert decision.handoff is None


@given(JSON)
def test_a_state_that_is_no_state_is_a_fresh_start(state: Any) -> None:
    question = Question("你好", datetime(2026, 11, 22, tzinfo=UTC), state=state)
    assert decide(question, KNOWLEDGE).replies


@given(st.lists(st.sampled_from(LINES), min_size=2, max_size=25), st.sampled_from([None, *LANGUAGES]))
@settings(max_examples=150)
def test_nobody_reads_the_same_words_twice_running(lines: list[str], language: Language | None) -> None:
    talk = Conversation(KNOWLEDGE, language)
    last: dict[str, str] = {}
    before = ""
    for line in lines:
        talk.says(line)
        for script in talk.last.facts.get("scripts", ()):
            situation, variant = script.split("/")
            assert last.get(situation) != variant or talk.knowledge.scripts.variants(situation, "en") == 1
            last[situation] = variant
        assert not talk.heard or talk.heard != before
        before = talk.heard


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12), st.sampled_from([None, *LANGUAGES]))
@settings(max_examples=150)
def test_every_reply_is_courteous_and_in_the_customers_language(lines: list[str], language: Language | None) -> None:
    talk = Conversation(KNOWLEDGE, language)
    for line in lines:
        known = talk.language
        decision = talk.says(line)
        spoken = language_of(decision.language)
        assert spoken == detect(line, known)
        for reply in decision.replies:
            assert check(reply.text, spoken) == ()
            assert detect(reply.text, spoken) == spoken


@given(st.lists(st.sampled_from(LINES), max_size=20))
def test_a_handoff_always_comes_with_words_and_a_reason(lines: list[str]) -> None:
    talk = Conversation(KNOWLEDGE)
    for line in lines:
        decision = talk.says(line, wait=timedelta(minutes=2))
        if decision.handoff is not None:
            assert decision.replies
            assert decision.handoff.trigger in PEOPLES
            assert decision.handoff.reason
        assert decision.replies or decision.timers


@given(st.text(max_size=200), st.integers(0, 5))
def test_what_goes_to_the_store_can_be_stored(text: str, misses: int) -> None:
    question = Question(text, datetime(2026, 11, 22, tzinfo=UTC), state={"misses": misses}, contact_name=text)
    decision = decide(question, KNOWLEDGE)
    told = json.dumps(decision.state, ensure_ascii=False) + json.dumps(decision.facts, ensure_ascii=False)
    told += "".join(reply.text for reply in decision.replies) + (decision.handoff.reason if decision.handoff else "")
    assert "\0" not in told
    told.encode()


@given(MEANT, st.lists(st.tuples(st.sampled_from(LINES), st.booleans()), min_size=1, max_size=15))
@settings(max_examples=150)
def test_whatever_triage_says_a_message_is_answered_or_waits_or_is_abuse(
    means: dict[str, Any], lines: list[tuple[str, bool]]
) -> None:
    talk = Conversation(told(KNOWLEDGE, **means))
    before: str | None = None
    for line, more in lines:
        decision = talk.says(line, more=more, wait=timedelta(seconds=20))
        assert decision.replies or decision.timers or decision.rule == "abuse.silent"
        assert bool(decision.timers) is bool(talk.state.get("heard")), "what waits has an end"
        if decision.tier is not None:
            assert before is None or TIERS.index(decision.tier) <= TIERS.index(before)
            before = decision.tier
        if decision.handoff is not None and decision.handoff.opens:
            assert decision.handoff.tier == talk.tier, "people learn how grave it is"
        json.dumps(decision.facts)
    if talk.timers:
        assert talk.waits().replies or talk.last.rule == "abuse.silent"
        assert "heard" not in talk.state


@given(MESSAGES, st.sampled_from(CRITICAL))
@settings(max_examples=200)
def test_words_of_danger_are_answered_with_nothing_but_safety(question: Question, text: str) -> None:
    asked = replace(question, text=text, value=None, timer=None, kind=Kind.TEXT)
    decision = decide(asked, KNOWLEDGE)
    if question.status in (Status.OPEN, Status.SNOOZED):
        assert (decision.replies, decision.tier) == ((), "critical")
        return
    (reply,) = decision.replies
    assert (decision.rule, decision.tier) == ("tier.critical", "critical")
    assert reply.script.startswith(("critical/", "safety_"))
    assert reply.source == ""
    assert not reply.quick_replies
    assert decision.handoff is not None


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
def test_what_a_burst_says_is_never_said_twice_nor_lost(lines: list[str]) -> None:
    """All pieces that waited are answered by the message that ends the burst, and by nothing after it."""
    talk = Conversation(KNOWLEDGE)
    waiting: list[str] = []
    for line in lines:
        decision = talk.says(line, wait=timedelta(milliseconds=700))
        if decision.timers:
            waiting.append(line)
            assert talk.state["heard"] == waiting
        else:
            assert decision.facts.get("pieces", 1) == len(waiting) + 1
            waiting = []
            assert "heard" not in talk.state
