"""What pushes are understood as: recorded ones, odd ones and hostile ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PayloadError, TooLargeError
from bot.keepable import keepable
from bot.messages import Attachment, Incoming, Kind, Window
from channels.weibo.fields import MOST, load, moment
from channels.weibo.inbound import Allowed, messages, reread

PAYLOADS = Path(__file__).parent / "payloads"
ZHANG = "2489518277"
AT = datetime(2012, 7, 16, 10, 9, 20, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
OPEN = Window("message", TWO_DAYS)
PUSH: dict[str, Any] = json.loads((PAYLOADS / "text.json").read_bytes())


def payload(name: str) -> list[Incoming]:
    return reread((PAYLOADS / f"{name}.json").read_bytes())


def event(text: str, value: str, by: str, **more: Any) -> dict[str, Any]:
    lasts, granted = (timedelta(), 0) if by == "unfollow" else (TWO_DAYS, None)
    return {"kind": Kind.EVENT, "text": text, "value": value, "window": Window(by, lasts, granted), **more}


IMAGE = Attachment(Kind.IMAGE, "image.jpg", "image/jpeg", source="90071992547409935")
VOICE = Attachment(Kind.VOICE, "voice.amr", "audio/amr", source="821804469")
EXPECTED: dict[str, dict[str, Any]] = {
    "text": {"text": "私信或留言内容"},
    "text_empty_data": {"text": "另一条"},
    "text_with_id": {
        "text": "<b>12</b> & **x**",
        "external_id": "m:4523641234567890123",
        "sender": "90071992547409931",
    },
    "position": {"kind": Kind.LOCATION, "text": "[位置] 我在这里: http://t.cn/zQgLLYO（39.982525, 116.308586）"},
    "position_numbers": {"kind": Kind.LOCATION, "text": "[位置] 我在这里（39.982525, 116.308586）"},
    "voice": {"kind": Kind.VOICE, "text": "", "attachments": (VOICE,)},
    "image": {"kind": Kind.IMAGE, "text": "", "attachments": (IMAGE,)},
    "unknown": {"kind": Kind.OTHER, "text": "发了一个全息影像"},
    "follow": event("关注了微博账号", "follow", "follow"),
    "scan_follow": event("扫描二维码「action_name_scene_id」关注了微博账号", "follow", "scan_follow"),
    "scan": event("扫描了二维码「action_name_scene_id」", "scan", "scan"),
    "subscribe": event("订阅了私信（dy）", "subscribe", "subscribe"),
    "click": event("点击了菜单「human」", "human", "click"),
    "view": event("打开了菜单链接 http://shop.example/orders", "view", "view"),
    "unfollow": event("取消关注了微博账号", "unfollow", "unfollow", sent_at=AT + timedelta(seconds=1), wakes=False),
    "unsubscribe": event("退订了私信（td）", "unsubscribe", "unfollow", wakes=False),
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_was_recorded(name: str) -> None:
    """WB-02, and for who leaves WB-10."""
    (told,) = payload(name)
    wanted = {"sender": ZHANG, "sent_at": AT, "kind": Kind.TEXT, "window": OPEN, "wakes": True, "attachments": ()}
    wanted |= {"public": False, "thread": None, **EXPECTED[name]}
    assert {key: getattr(told, key) for key in wanted} == wanted


def test_every_recording_has_its_meaning() -> None:
    names = {path.stem for path in PAYLOADS.glob("*.json")}
    assert names == {*EXPECTED, "unknown_event", "mention_status", "mention_comment"}


def test_an_event_of_tomorrow_is_none() -> None:
    assert payload("unknown_event") == []


def test_what_a_person_has_to_judge_is_kept_whole() -> None:
    assert payload("unknown")[0].extra["data"] == {"hfid": 5}


@pytest.mark.parametrize(
    ("name", "number", "root"),
    [
        ("mention_status", "4523641234567890123", "4523641234567890123"),
        ("mention_comment", "4523641234567890999", ""),
    ],
)
def test_a_mention_is_a_public_message_and_leave_for_one_private_one(name: str, number: str, root: str) -> None:
    """WB-06. The public one comes last: no webhook waits for an answer to that."""
    what = name.removeprefix("mention_")
    once, said = payload(name)
    assert (once.external_id, once.kind, once.thread, once.wakes) == (
        f"mention:{what}:{number}",
        Kind.EVENT,
        None,
        False,
    )
    assert once.window == Window("mention", TWO_DAYS, 1)
    assert once.extra == {"said": said.text}
    assert (said.external_id, said.public, said.window) == (f"{what}:{number}", True, None)
    assert said.thread == f"public:{root or 'c' + number}:{ZHANG}"
    assert said.extra["public"] | {"kind": what, "id": number, "root": root} == said.extra["public"]


def test_windows_are_settings() -> None:
    allowed = Allowed(timedelta(hours=72), 3)
    (told,) = messages(PUSH, allowed=allowed)
    assert told.window == Window("message", timedelta(hours=72), 3)


def test_our_own_words_are_no_customers() -> None:
    assert messages(PUSH, own=ZHANG) == []


def test_two_texts_of_one_second_are_two_and_a_repetition_is_one() -> None:
    """WB-03."""
    other = PUSH | {"text": "私信或留言内容。"}
    elsewhere = PUSH | {"data": {"a": "1"}}
    ids = [messages(push)[0].external_id for push in (PUSH, dict(reversed(PUSH.items())), other, elsewhere)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert messages(PUSH | {"id": "77"})[0].external_id == messages(PUSH | {"id": 77, "text": "edited"})[0].external_id


def test_the_id_does_not_grow_with_what_is_pushed() -> None:
    long = {"created_at": "9" * 5000, "type": "x" * 5000, "text": "字" * 50_000}
    (told,) = messages(PUSH | long)
    assert len(told.external_id) < 200
    (clicked,) = messages(PUSH | {"type": "event", "data": {"subtype": "click", "key": "k" * 5000}})
    assert len(clicked.value or "") <= 200


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mon Jul 16 18:09:20 +0800 2012", AT),
        ("1342433360", AT),
        ("1342433360000", AT),
        ("Mon Jul 16 10:09:20 +0000 2012", AT),
        ("Mon Foo 16 10:09:20 +0000 2012", None),
        ("Mon Feb 31 10:09:20 +0000 2012", None),
        ("Mon Jan  1 00:00:00 +2300 0001", None),
        ("9" * 15, None),
        ("gestern", None),
        ("", None),
    ],
)
def test_times(written: str, meant: datetime | None) -> None:
    assert moment(written) == meant


@pytest.mark.parametrize("data", [{}, "", "{}", None, [], 5, "[1]", "{", '"x"', "null"])
def test_data_that_is_none(data: Any) -> None:
    assert messages(PUSH | {"data": data})[0].text == PUSH["text"]
    assert messages(PUSH | {"type": "image", "data": data})[0].attachments == ()
    assert messages(PUSH | {"type": "event", "data": data}) == []
    assert messages(PUSH | {"type": "mention", "data": data}) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff{}",
        b'{"type": "text"}',
        b'{"type": "", "sender_id": 1}',
        b'{"type": "text", "sender_id": 0}',
        b'{"type": "text", "sender_id": 1.5}',
        b'{"type": "text", "sender_id": true}',
        b'{"type": "text", "sender_id": "12a"}',
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"type": "text", "sender_id": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_push(body: bytes) -> None:
    with pytest.raises(PayloadError):
        reread(body)


def test_a_body_over_the_cap() -> None:
    with pytest.raises(TooLargeError):
        load(b'{"text": "' + b"x" * MOST + b'"}')


def test_numbers_stay_exact() -> None:
    told = load(b'{"id": 9007199254740993, "longitude": 116.30858600000001, "big": 1e400, "odd": NaN}')
    assert told == {"id": 9007199254740993, "longitude": "116.30858600000001", "big": "1e400", "odd": "NaN"}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800\x00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["text", "image", "voice", "position", "event", "mention", "hologram"])
SUBTYPES = st.sampled_from(["follow", "unfollow", "click", "status", "comment", "scan"])
DATA = ANY | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("key", "tovfid", "longitude", "latitude"), ANY) | {"subtype": SUBTYPES | ANY}
)
PUSHES = st.fixed_dictionaries(
    {}, optional={"type": KINDS | ANY, "sender_id": st.just(5) | ANY, "data": DATA, "id": ANY} | dict.fromkeys(
        ("text", "created_at", "receiver_id"), ANY)
)  # fmt: skip


@given(PUSHES)
def test_whatever_is_pushed_can_be_kept_or_is_refused(push: dict[str, Any]) -> None:
    body = json.dumps(push).encode()
    try:
        told = reread(body)
    except PayloadError:
        return
    for one in told:
        kept = keepable(one)
        json.dumps(dict(kept.extra)).encode()
        kept.text.encode()
        assert len(kept.external_id.encode()) < 500
        assert (kept.thread is not None) == kept.public
    assert [one.external_id for one in reread(body)] == [one.external_id for one in told]
