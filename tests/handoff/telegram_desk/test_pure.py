"""The minute shared out, lengths, what updates mean, and what is told of a conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lent import Event
from handoff.telegram_desk import cards, telling
from handoff.telegram_desk.budget import SHARE, SPAN, Budget, Rank
from handoff.telegram_desk.hearing import (
    Asked,
    Made,
    Moved,
    Nothing,
    Place,
    Said,
    Tapped,
    Turned,
    gathered,
    hear,
    meant,
)
from handoff.telegram_desk.measure import MOST_NAME, MOST_TEXT, cut, pieces, units
from handoff.telegram_desk.words import LANGUAGES, Words, catalogue

WORDS = Words("zh-Hans")
PLACE = Place(-100, 7, "desk_bot")
ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=9000)


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from(list(Rank)), st.integers(1, 4)), max_size=80))
def test_no_minute_has_more_than_its_messages(asked: list[tuple[float, Rank, int]]) -> None:
    budget, now, went = Budget(18), 0.0, []
    for later, rank, n in asked:
        now += later
        if budget.wait(now, rank, n) == 0.0:
            budget.spend(now, n)
            went += [now] * n
    for start in went:
        assert sum(start <= at < start + SPAN for at in went) <= 18


@given(st.integers(5, 20), st.sampled_from(list(Rank)))
def test_whoever_waits_as_long_as_told_may_go(most: int, rank: Rank) -> None:
    budget = Budget(most)
    budget.spend(0.0, most)
    assert budget.wait(budget.wait(0.0, rank), rank) == 0.0


def test_the_gravest_find_room_that_others_left() -> None:
    budget = Budget(18)
    while budget.wait(0.0, Rank.CARD) == 0.0:
        budget.spend(0.0)
    assert budget.wait(0.0, Rank.URGENT, 3) == 0.0, "topic, card and words"
    budget.spend(0.0, 3)
    assert budget.wait(0.0, Rank.URGENT) > 0
    assert budget.wait(0.0, Rank.CRITICAL, 4) == 0.0, "and a call"
    assert sorted(SHARE.values(), reverse=True) == [SHARE[rank] for rank in Rank]
    budget.pause(9.0)
    assert budget.wait(0.0, Rank.CRITICAL) == 9.0


@given(ANY, st.integers(2, MOST_TEXT))
def test_a_text_in_pieces_fits_and_is_whole(text: str, most: int) -> None:
    found = list(pieces(text, most))
    assert all(units(piece) <= most for piece in found)
    assert "".join(found).replace("\n", "") == text.replace("\n", "")
    assert units(cut(text, most)) <= most
    assert units(text) == len(text.encode("utf-16-le")) // 2


def head(**more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": 5, "contact": {"name": "王", "tail": "x"}, "inbox": "shop", "channel": "wechat", "status": "open",
        "assignee": None, "tier": "", "public": False,
    }  # fmt: skip
    return values | more


@given(ANY, st.sampled_from(["", *cards.TIERS]), st.sampled_from(LANGUAGES))
def test_any_name_makes_a_topic_and_a_card(name: str, tier: str, language: str) -> None:
    words = Words(language)
    one = head(contact={"name": name, "tail": "9999"}, tier=tier, public=True)
    called = cards.name(one, words)
    assert 1 <= units(called) <= MOST_NAME
    assert called.isprintable()
    summary = {"wish": name, "first": name, "last": "x", "form": [[name, name]] * 9, "tried": [{"id": "a"}] * 9}
    text = cards.card(one, {"trigger": "asked", "reason": name, "summary": summary}, words, "http://x/desk/c/5")
    assert 1 <= units(text) <= MOST_TEXT
    for row in cards.buttons(2**31 - 1, words):
        assert all(len(button["callback_data"].encode()) <= 64 for button in row)


@pytest.mark.parametrize(
    ("public", "told", "untold"),
    [
        ({}, [], ["粉丝", "原帖"]),
        ({"author": {"followers": 0, "verified": True}, "link": ""}, [], ["粉丝", "原帖", "认证"]),
        ({"author": {"followers": 2000}, "link": "https://weibo.com/1/9"}, ["粉丝：2,000", "weibo.com"], ["认证"]),
        ({"author": None, "link": "javascript:x"}, [], ["原帖"]),
        ({"author": {}, "link": "https://weibo.com/1/9", "deleted": True}, ["只能私信"], ["https://weibo.com"]),
    ],
)
def test_a_public_card_says_who_reads_it_and_where(public: dict[str, Any], told: list[str], untold: list[str]) -> None:
    text = cards.card(head(public=True), {}, WORDS, "http://x/desk/c/5", public)
    assert all(words in text for words in told)
    assert not any(words in text for words in untold)


def test_the_catalogues_say_the_same_things() -> None:
    first, *others = (catalogue(language) for language in LANGUAGES)
    for other in others:
        assert other.keys() == first.keys()
        for name, text in other.items():
            assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", first[name])), name


# ---- updates ------------------------------------------------------------------------------------------------------


def update(**content: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "message_id": 3, "date": 1, "chat": {"id": -100, "type": "supergroup"}, "from": {"id": 1, "is_bot": False},
        "message_thread_id": 9, "is_topic_message": True,
    }  # fmt: skip
    return {"update_id": 1, "message": {k: v for k, v in (message | content).items() if v is not None}}


@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        ({"text": "您好"}, Said(1, -100, 9, 3, "您好")),
        ({"text": "/claim now"}, Asked(Said(1, -100, 9, 3, "/claim now"), "claim")),
        ({"text": "/claim@DESK_bot"}, Asked(Said(1, -100, 9, 3, "/claim@DESK_bot"), "claim")),
        ({"text": "/claim@other_bot"}, Nothing("another bot's command")),
        ({"text": "// /claim"}, Said(1, -100, 9, 3, "// /claim")),
        ({"text": "/public 好"}, Said(1, -100, 9, 3, "/public 好")),
        ({"text": "x", "is_topic_message": None}, Nothing("General")),
        ({"text": "x", "from": {"id": 2, "is_bot": True}}, Nothing("a bot")),
        ({"text": "x", "from": {"id": 7, "is_bot": True}}, Nothing("our own")),
        ({"text": "x", "chat": {"id": -5, "type": "supergroup"}}, Nothing("another group")),
        ({"pinned_message": {}}, Nothing("a service message")),
        ({"sticker": {}}, Said(1, -100, 9, 3, whole=False)),
        ({"forum_topic_closed": {}}, Turned(1, -100, 9, 3, True)),
        ({"forum_topic_closed": {}, "from": {"id": 7, "is_bot": True}}, Nothing("our own")),
        (
            {"forum_topic_created": {"name": "王 · 网页 #12"}, "from": {"id": 7, "is_bot": True}},
            Made(-100, 9, "王 · 网页 #12", 12),
        ),
        (
            {"forum_topic_created": {"name": "午饭"}, "from": {"id": 7, "is_bot": True}},
            Made(-100, 9, "午饭", 0),
        ),
        ({"forum_topic_created": {"name": "王 #12"}}, Nothing("a service message")),
        ({"migrate_to_chat_id": -200}, Moved(-100, -200)),
        (
            {"text": "x", "from": {"id": 8, "is_bot": True}, "sender_chat": {"id": -100}},
            Said(8, -100, 9, 3, "x", anonymous=True),
        ),
    ],
)
def test_what_an_update_means(content: dict[str, Any], meaning: object) -> None:
    assert hear(update(**content), PLACE) == meaning


def test_a_tap() -> None:
    query = {"id": "q", "from": {"id": 1}, "data": "claim:5", "message": {"message_id": 3, "chat": {"id": -100}}}
    assert hear({"callback_query": query}, PLACE) == Tapped("q", 1, -100, 3, "claim", 5)
    assert isinstance(hear({"callback_query": query | {"data": "claim:x"}}, PLACE), Nothing)


KEYS = ["message", "edited_message", "chat", "from", "id", "type", "is_topic_message", "photo", "text", "data"]
NAMES = st.sampled_from(KEYS)
GARBAGE = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, max_size=2), max_size=6),
)


@given(GARBAGE)
def test_garbage_means_nothing(found: Any) -> None:
    if isinstance(found, dict):
        assert hear(found, PLACE) is not None


def test_an_album_is_one_message_of_at_most_nine_files() -> None:
    parts = [update(message_id=n, media_group_id="a", document={"file_id": str(n)}) for n in range(10)]
    found = [one for one in gathered(hear(part, PLACE) for part in parts) if isinstance(one, Said)]
    assert [len(one.files) for one in found] == [9, 1]


@pytest.mark.parametrize(
    ("text", "note", "public", "words"),
    [
        ("您好", False, False, "您好"),
        ("//备注", True, False, "备注"),
        ("公开：抱歉", False, True, "抱歉"),
        ("公開: 抱歉", False, True, "抱歉"),
        ("/public@desk_bot 抱歉", False, True, "抱歉"),
        ("/publicly", False, False, "/publicly"),
        ("公开" + " " * 100_000, False, False, "公开" + " " * 100_000),
    ],
)
def test_what_words_are_for(text: str, note: bool, public: bool, words: str) -> None:
    found = meant(text)
    assert (found.note, found.public, found.text) == (note, public, words)


# ---- telling ------------------------------------------------------------------------------------------------------


def message(seq: int, text: str, author: str = "customer", **more: Any) -> Event:
    told = {
        "id": seq, "author": author, "name": author, "kind": "text", "text": text, "attachments": [], "note": False,
        "recalled": False, "cid": None, "at": "2026-01-05T09:00:00+00:00", "delivery": "", "error": "",
    }  # fmt: skip
    return Event(seq, "message", told | more)


def told(*events: Event, **more: Any) -> telling.Told:
    about = {e.seq: e.d for e in events if e.t == "message"}
    return telling.tell(telling.Log(events, about, -100, "http://x", **more), WORDS, UTC)


def test_a_burst_is_one_message() -> None:
    (post,) = told(message(1, "一"), message(2, "二"), message(3, "三", author="bot")).posts
    assert post.text == "👤 customer 09:00\n一\n二\n\n🤖 bot 09:00\n三"
    assert post.upto == 3


def test_what_was_written_here_is_not_repeated_unless_the_topic_is_new() -> None:
    mine = message(1, "您好", author="agent", cid="tg:-100:5", delivery="sent")
    assert told(mine) == telling.Told((), (5,))
    assert "您好" in told(mine, fresh=True).posts[0].text
    assert told(message(1, "您好", author="agent", cid="tg:-999:5")).posts


def test_what_becomes_of_a_complaint_case_is_told() -> None:
    def case(seq: int, by: str, **changes: list[str]) -> Event:
        return Event(seq, "case", {"id": 1, "number": "261126-5A", "by": by, "changes": changes})

    due = Event(4, "handoff", {"status": "filed", "trigger": "other", "reason": "投诉单 261126-5A 到了答复时间"})
    begun = [case(1, "小李", status=["", "registered"]), case(2, "", status=["", "registered"])]
    (post,) = told(*begun, case(3, "小李", owner=["", "阿伯"]), due).posts
    assert post.text.splitlines() == [
        "— 小李 登记了投诉单 261126-5A",
        "— 客户登记了投诉单 261126-5A",
        "— 小李 更新了投诉单 261126-5A",
        "— 请留意：投诉单 261126-5A 到了答复时间",
    ]


def test_a_report_about_what_arrived_meanwhile_is_no_fault() -> None:
    sent = message(1, "您好", author="agent", delivery="sent")
    failed = Event(2, "delivery", {"seq": 1, "delivery": "failed", "error": "x"})
    assert not any(post.buttons for post in told(sent, failed).posts)
    lost = message(1, "您好", author="agent", delivery="unknown")
    faults = [post for post in told(lost, failed).posts if post.buttons]
    assert ["「您好」" in post.text for post in faults] == [True]


@given(st.lists(st.tuples(ANY, st.booleans()), max_size=12), st.booleans())
def test_whatever_is_said_fits(said: list[tuple[str, bool]], fresh: bool) -> None:
    events = [message(n, text, "bot" if bot else "customer") for n, (text, bot) in enumerate(said, 1)]
    posts = told(*events, fresh=fresh).posts
    assert all(1 <= units(post.text) <= MOST_TEXT for post in posts)
    assert len(posts) <= (4 if fresh else 200)


def test_files_are_told_once_all_are_there() -> None:
    waits = {"kind": "image", "name": "a.png", "key": None, "url": None}
    there = waits | {"key": "k"}
    (post,) = told(message(1, "", attachments=[waits, there])).posts
    assert (post.file, "正在下载" in post.text) == (None, True)
    done = message(1, "", attachments=[there, there])
    fetched = Event(2, "attachment", {"seq": 1, "attachments": []})
    assert [p.file for p in told(done, fetched).posts] == [there, there]


@given(
    st.lists(st.tuples(st.sampled_from(["", "words", "w" * 3000]), st.integers(0, 3)), min_size=1, max_size=6),
    st.data(),
)
def test_whatever_stands_there_when_it_breaks_off_is_not_told_again(
    said: list[tuple[str, int]], data: st.DataObject
) -> None:
    """Broken off after any post, what is left is the rest: no word and no file twice, and none missing."""
    files = [[{"kind": "image", "name": "", "key": f"{n}.{f}"} for f in range(m)] for n, (_, m) in enumerate(said)]
    events = [
        message(n + 1, f"m{n};{text}" if text else "", attachments=files[n]) for n, (text, _) in enumerate(said)
    ]  # fmt: skip
    whole = told(*events).posts
    out = data.draw(st.integers(1, len(whole)))
    upto, parts = max(p.upto for p in whole[:out]), whole[out - 1].parts
    rest = told(*(e for e in events if e.seq > upto)).posts[parts:]
    assert contents([*whole[:out], *rest]) == contents(whole)


def contents(posts: Sequence[telling.Post]) -> list[str]:
    return [found for p in posts for found in ([p.file["key"]] if p.file else re.findall(r"m\d+;", p.text))]
