"""The handoff record: what an agent knows before his first word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.dialogue import HandoffRequest, Question
from bot.ports import Desk
from handoff.record import TRIGGERS, Floor, trigger_words

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ASKED = HandoffRequest("asked", "客户说“转人工”", wish="周五前送到", tried=("shipping",))


def said(seq: int, author: str, text: str, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "author": author, "text": text, "at": NOW.isoformat(), **more}


TALK = [
    said(
        1,
        "customer",
        "我的台灯还没发货",
        decision={"rule": "faq.answer", "faq": {"id": "shipping", "scores": [["gone", 0.2]]}},
    ),
    said(2, "bot", "一般 48 小时内发出。"),
    said(3, "customer", "还是没有"),
    said(4, "customer", "我急用"),
    said(5, "customer", "转人工"),
]


def question(text: str = "转人工", **more: Any) -> Question:
    return Question(text=text, now=NOW, language="zh-Hans", contact_name="李娜", **more)


def test_the_record_tells_the_story() -> None:
    floor: Desk = Floor()
    draft = floor.draft(ASKED, question(), TALK)
    assert (draft.trigger, draft.reason, draft.tier) == ("asked", "客户说“转人工”", None)
    assert draft.transcript == (1, 2, 3, 4, 5)
    assert draft.summary == {
        "why": "客户要求人工客服",
        "wish": "周五前送到",
        "first": "我的台灯还没发货",
        "last": "还是没有\n我急用\n转人工",
        "language": "zh-Hans",
        "channel": "web",
        "name": "李娜",
        "tried": [{"id": "shipping", "text": "一般 48 小时内发出。"}],
        "messages": 4,
        "waiting_since": NOW.isoformat(),
    }


def test_a_message_that_is_not_in_the_transcript_yet_counts() -> None:
    summary = Floor().draft(ASKED, question("转人工！"), TALK[:4]).summary
    assert summary["messages"] == 4
    assert summary["last"] == "还是没有\n我急用\n转人工！"


def test_only_the_last_pieces_are_what_was_said_last() -> None:
    talk = [said(n, "customer", f"第{n}句") for n in range(1, 7)]
    assert Floor().draft(ASKED, question("第6句"), talk).summary["last"] == "第4句\n第5句\n第6句"


def test_words_of_the_bot_after_the_last_message_do_not_hide_it() -> None:
    assert Floor().draft(ASKED, question(), [*TALK, said(6, "bot", "请稍等")]).summary["last"].endswith("转人工")


def test_a_handoff_by_a_timer_needs_no_message() -> None:
    summary = Floor().draft(HandoffRequest("other", "等太久"), Question("", NOW, timer="wait"), []).summary
    assert summary == {"why": "需要人工处理", "channel": "web", "waiting_since": NOW.isoformat()}


def test_a_long_message_is_quoted_in_part() -> None:
    first = Floor().draft(ASKED, question("求助"), [said(1, "customer", "很长" * 400)]).summary["first"]
    assert len(first) == 300
    assert first.endswith("…")


def test_an_answer_that_cannot_be_found_is_named_at_least() -> None:
    tried = Floor().draft(HandoffRequest("misses", "", tried=("gone",)), question(), TALK).summary["tried"]
    assert tried == [{"id": "gone"}]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_trigger_has_words(language: str) -> None:
    words = [trigger_words(trigger, language) for trigger in TRIGGERS]
    assert len(set(words)) == len(TRIGGERS)
    assert trigger_words("never heard of", language) == trigger_words("other", language)
