from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dialogue import Reply
from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Capabilities, Measure
from channels.fit import MEASURES, choice, fit, gather, joined, merge, numbered, split

WORDS = [
    "您好",
    "。",
    "请问",
    "！",
    " ",
    "\n",
    "\n\n",
    "Hello",
    ". ",
    "，",
    "https://shop.example/a?b=1&c=2",
    "👨‍👩‍👧",
    "🇨🇳",
    "e\u0301",
]
texts = st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
measures = st.sampled_from(list(Measure))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(texts, st.integers(4, 60), measures)
@example("好" * 50, 4, Measure.UTF8_BYTES)
@example("😀" * 9, 5, Measure.UTF16_UNITS)
def test_split_loses_nothing_keeps_order_and_fits(text: str, limit: int, measure: Measure) -> None:
    parts = split(text, limit, measure)
    assert squeezed("".join(parts)) == squeezed(text)
    assert all(MEASURES[measure](part) <= limit for part in parts)
    assert all(parts) or parts == [""]


@given(texts, st.integers(12, 60))
def test_split_never_tears_a_character(text: str, limit: int) -> None:
    at = 0
    for part in split(text, limit)[:-1]:
        at = text.index(part, at) + len(part)
        start = max((n for n in range(at) if not joined(text, n)), default=0)
        assert not joined(text, at) or at - start >= limit or text[start:at].isspace()


@given(st.lists(st.sampled_from([w for w in WORDS if not w.startswith("http")]), max_size=40).map("".join))
def test_split_keeps_a_url_whole(words: str) -> None:
    url = "https://shop.example/orders/20261122?from=chat"
    assert sum(url in part for part in split(f"{words}{url} {words}", len(url) + 2)) == 1


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("您好。请问有什么可以帮您？请说。", 14, ["您好。请问有什么可以帮您？", "请说。"]),
        ("He said “stop!” Then he left.", 20, ["He said “stop!”", "Then he left."]),
        ("It costs 3.14 yuan. Fine.", 21, ["It costs 3.14 yuan.", "Fine."]),
        ("第一行没有句号\n第二行也没有", 10, ["第一行没有句号", "第二行也没有"]),
        ("甲乙丙，丁戊己庚辛", 6, ["甲乙丙，", "丁戊己庚辛"]),
        ("one two three", 9, ["one two", "three"]),
        ("1. 查订单 2. 退货", 8, ["1. 查订单", "2. 退货"]),
        ("一二三四五六", 4, ["一二三四", "五六"]),
        ("", 10, [""]),
        ("  留着  ", 10, ["  留着  "]),
    ],
)
def test_split_prefers_the_ends_a_reader_expects(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


@pytest.mark.parametrize("whole", ["👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "e\u0301", "\u1100\u1161\u11a8", "❤️", "\r\n"])
def test_one_visible_character_is_not_a_place_to_cut(whole: str) -> None:
    text = f"ab{whole}cd"
    assert [n for n in range(3, 2 + len(whole)) if not joined(text, n)] == []
    assert not joined(text, 2)
    assert not joined(text, 2 + len(whole))


def test_flags_are_parted_two_by_two() -> None:
    assert split("🇨🇳🇭🇰🇨🇳", 5) == ["🇨🇳🇭🇰", "🇨🇳"]


def test_many_flags_do_not_take_for_ever() -> None:
    assert "".join(split("🇨🇳" * 5000, 100)) == "🇨🇳" * 5000


def test_a_limit_no_character_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        split("好", 3, Measure.UTF8_BYTES)


def outgoing(**changes: Any) -> Outgoing:
    base: dict[str, Any] = {"key": "k1", "recipient": "u1", "text": "请选择。"}
    return Outgoing(**(base | changes))


BUTTONS = (QuickReply("查订单", "order"), QuickReply("退换货", "return"), QuickReply("转人工", "human"))


def test_a_message_that_fits_is_left_alone() -> None:
    message = outgoing(quick_replies=BUTTONS)
    assert fit(message, Capabilities(quick_replies=3)) == [message]


def test_buttons_a_network_cannot_show_become_a_numbered_list() -> None:
    (message,) = fit(outgoing(quick_replies=BUTTONS), Capabilities(quick_replies=2))
    assert message.quick_replies == ()
    assert message.text == "请选择。\n\n请回复序号或文字：\n1. 查订单\n2. 退换货\n3. 转人工"


@pytest.mark.parametrize(
    ("language", "word"), [("zh-Hant", "請回覆"), ("en", "Reply"), ("fr", "Reply"), (None, "请回复")]
)
def test_the_list_speaks_the_customers_language(language: str | None, word: str) -> None:
    assert numbered("", BUTTONS, language).startswith(word)


def test_parts_have_keys_of_their_own_and_the_last_carries_the_rest() -> None:
    picture = Attachment(Kind.IMAGE, "a.png", "image/png")
    message = outgoing(text="第一句。第二句。第三句。", quick_replies=BUTTONS, attachments=(picture,))
    parts = fit(message, Capabilities(max_text=8, quick_replies=5, attachments=frozenset({Kind.IMAGE})))
    assert [(p.key, p.text) for p in parts] == [("k1", "第一句。第二句。"), ("k1#2", "第三句。")]
    assert [p.quick_replies for p in parts] == [(), BUTTONS]
    assert [p.attachments for p in parts] == [(), (picture,)]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("2", "退换货"),
        ("２", "退换货"),
        ("二", "退换货"),
        ("②", "退换货"),
        (" 2. ", "退换货"),
        ("（2）", "退换货"),
        ("第二个", "退换货"),
        ("选3", "转人工"),
        ("選擇三號", "转人工"),
        ("option 1", "查订单"),
        ("查订单。", "查订单"),
        ("HUMAN", "转人工"),
        ("4", None),
        ("0", None),
        ("十", None),
        ("2件", None),
        ("我买了2件", None),
        ("2 3", None),
        ("", None),
        ("。", None),
    ],
)
def test_choice_reads_the_answer(said: str, label: str | None) -> None:
    found = choice(said, BUTTONS)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(("said", "n"), [("十", 10), ("十一", 11), ("二十", 20), ("二十一", 21), ("21", 21)])
def test_choice_counts_past_ten_in_chinese(said: str, n: int) -> None:
    buttons = [QuickReply(f"选项之{i}号货", str(1000 + i)) for i in range(1, 25)]
    assert choice(said, buttons) == buttons[n - 1]


def test_a_label_that_is_a_number_wins_over_the_place_in_the_list() -> None:
    buttons = [QuickReply("2", "two"), QuickReply("1", "one")]
    assert choice("1", buttons) == buttons[1]


@given(st.text(max_size=30))
def test_choice_survives_anything(said: str) -> None:
    found = choice(said, BUTTONS)
    assert found is None or found in BUTTONS


def test_a_request_to_rate_is_made_where_it_can_be_sent() -> None:
    replies = [Reply("再见"), Reply("满意吗", (QuickReply("满意", "rate:5"),), purpose="rating")]
    counted = Capabilities(quota=5, quick_replies=9)
    assert [reply.purpose for reply in merge(replies, counted)] == ["rating"]
    assert [reply.purpose for reply in merge(replies, Capabilities(pushes=False))] == [""]


def test_a_request_to_rate_stands_in_nobody_s_way() -> None:
    """Sent as a menu where we may send; else, if there is one at all, it rides along."""
    waiting = [Outgoing("k1", "o", "满意吗", quick_replies=(QuickReply("满意", "rate:5"),), purpose="rating")]
    assert gather(waiting, Capabilities(quota=5, quick_replies=9)) is None
    gathered = gather(waiting, Capabilities(pushes=False))
    assert gathered is not None
    assert gathered.answer.text.endswith("1. 满意")


def test_a_request_to_rate_takes_the_words_before_it_along() -> None:
    """One message is kept for it: what stood before it alone would wait for the customer, and it behind that."""
    rate = Reply("满意吗？", quick_replies=(QuickReply("满意", "5"),), purpose="rating")
    counted = Capabilities(quota=5, reserve=1, quick_replies=3)
    (one,) = merge([Reply("问题已经处理完毕。"), rate], counted)
    assert (one.text, one.purpose, one.quick_replies) == (
        "问题已经处理完毕。\n\n满意吗？",
        "rating",
        rate.quick_replies,
    )
    assert merge([rate, Reply("再见")], counted) == [rate, Reply("再见")]
