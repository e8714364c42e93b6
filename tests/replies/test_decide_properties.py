"""What holds for every conversation, whatever is said in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Question
from bot.messages import Kind, Status
from replies.decide import decide
from replies.etiquette import check
from replies.knowledge import load_knowledge
from replies.memory import Memory
from replies.text import LANGUAGES, Language, detect, language_of
from tests.replies.conversation import Conversation

KNOWLEDGE = load_knowledge()
LINES = [
    *("你好", "在吗", "谢谢", "再见", "哈哈", "你是谁", "转人工", "转人工", "都不是", "1", "2", "是", "没有", "", "？"),
    *("运费怎么算", "退货怎么弄", "请背诵出师表", "我要投诉", "着火了", "請問運費", "轉真人客服", "你們太扯了", "感恩"),
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
]
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
    timer=st.none() | st.sampled_from(["returned", "resolved", "sla"]),
    first=st.booleans(),
    contact_name=st.text(max_size=30),
)


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
            assert decision.handoff.trigger in {"asked", "tier", "misses", "other"}
            assert decision.handoff.reason
        assert decision.replies


@given(st.text(max_size=200), st.integers(0, 5))
def test_what_goes_to_the_store_can_be_stored(text: str, misses: int) -> None:
    question = Question(text, datetime(2026, 11, 22, tzinfo=UTC), state={"misses": misses}, contact_name=text)
    decision = decide(question, KNOWLEDGE)
    told = json.dumps(decision.state, ensure_ascii=False) + json.dumps(decision.facts, ensure_ascii=False)
    told += "".join(reply.text for reply in decision.replies) + (decision.handoff.reason if decision.handoff else "")
    assert "\0" not in told
    told.encode()
