"""What the Bot API tells, as messages of conversations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PayloadError
from bot.messages import Incoming, Kind
from channels.telegram import inbound
from tests.channels.telegram.updates import CHAT, WANG, changed, edited, message, said, tapped

PAYLOADS = Path(__file__).parent / "payloads"
BIG = 25 * 2**20


def one(update: Any) -> Incoming:
    (found,) = inbound.read(update, "1001")
    return found


def test_a_text_is_what_it_says_and_keeps_its_links() -> None:
    links = [{"type": "text_link", "offset": 0, "length": 2, "url": "https://shop.example/1"}]
    heard = one(said("这个 <b>坏了</b> *呢*", entities=links))
    assert (heard.external_id, heard.sender, heard.text) == ("1001:m:5001:7", "5001", "这个 <b>坏了</b> *呢*")
    assert (heard.kind, heard.sender_name, heard.language, heard.value) == (Kind.TEXT, "王 芳", "zh-Hans", None)
    assert heard.extra["telegram"]["entities"] == links
    assert heard.sent_at is not None
    assert heard.sent_at.timestamp() == 1_800_000_000


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "*_`[x](tg://user?id=1)", "‮gnp.exe", "王\n芳"])
def test_a_name_is_text_whatever_it_looks_like(name: str) -> None:
    """TG-12."""
    assert one(said("在吗", user={**WANG, "first_name": name, "last_name": ""})).sender_name == name


@pytest.mark.parametrize(
    ("code", "language"),
    [("zh-hans", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh", "zh-Hans"), ("zh-hant", "zh-Hant"), ("zh-TW", "zh-Hant"),
     ("zh_HK", "zh-Hant"), ("en", "en"), ("en-GB", "en"), ("ru", None), ("", None)],
)  # fmt: skip
def test_the_language_of_the_client_is_a_hint(code: str, language: str | None) -> None:
    assert one(said("hi", user={**WANG, "language_code": code})).language == language


PHOTO = [
    {"file_id": "small", "width": 90, "height": 90, "file_size": 900},
    {"file_id": "large", "width": 1280, "height": 1280, "file_size": 90_000},
    {"file_id": "huge", "width": 9000, "height": 9000, "file_size": BIG},
]
MEDIA: list[tuple[dict[str, Any], Kind, str, str]] = [
    ({"photo": PHOTO}, Kind.IMAGE, "large", "photo.jpg"),
    ({"voice": {"file_id": "v", "mime_type": "audio/ogg", "duration": 2}}, Kind.VOICE, "v", "voice.ogg"),
    ({"audio": {"file_id": "a", "file_name": "歌.mp3"}}, Kind.VOICE, "a", "歌.mp3"),
    ({"video": {"file_id": "v", "file_size": 12}}, Kind.VIDEO, "v", "video.mp4"),
    ({"video_note": {"file_id": "n", "length": 240}}, Kind.VIDEO, "n", "video.mp4"),
    (
        {"document": {"file_id": "d", "file_name": "账单.pdf", "mime_type": "application/pdf"}},
        Kind.FILE,
        "d",
        "账单.pdf",
    ),
    ({"animation": {"file_id": "g"}, "document": {"file_id": "g2"}}, Kind.VIDEO, "g", "animation.mp4"),
]


@pytest.mark.parametrize(("content", "kind", "source", "name"), MEDIA)
def test_files_are_named_to_be_fetched(content: dict[str, Any], kind: Kind, source: str, name: str) -> None:
    heard = one(said(caption="看看", **content))
    (file,) = heard.attachments
    assert (heard.kind, heard.text, file.kind, file.source, file.name) == (kind, "看看", kind, source, name)
    assert file.url is None


def test_what_the_bot_api_does_not_hand_out_is_said_to_people() -> None:
    heard = one(said(document={"file_id": "d", "file_name": "视频.mov", "file_size": BIG}, caption="证据"))
    assert heard.kind is Kind.OTHER
    assert not heard.attachments
    assert heard.text.startswith("证据\n[文件 视频.mov 25 MB")
    assert "链接" in heard.text


PLACE = {"latitude": 31.2, "longitude": 121.5}
WORDS: list[tuple[dict[str, Any], Kind, str]] = [
    ({"location": PLACE}, Kind.LOCATION, "[位置] （31.2, 121.5）"),
    ({"location": PLACE, "venue": {"location": PLACE, "title": "外滩", "address": "中山东一路"}}, Kind.LOCATION,
     "[位置] 外滩 中山东一路（31.2, 121.5）"),
    ({"sticker": {"file_id": "s", "emoji": "😡"}}, Kind.STICKER, "😡"),
    ({"contact": {"first_name": "李", "phone_number": "+8613800000000"}}, Kind.OTHER, "[名片] 李 +8613800000000"),
    ({"poll": {"question": "好吗", "options": [{"text": "好"}, {"text": "坏"}]}}, Kind.OTHER,
     "[投票] 好吗\n- 好\n- 坏"),
    ({"dice": {"emoji": "🎲", "value": 6}}, Kind.OTHER, "[🎲] 6"),
    ({"something_of_tomorrow": {"x": 1}}, Kind.OTHER, "[无法识别的消息]"),
    ({"text": {"not": "text"}}, Kind.OTHER, "[无法识别的消息]"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "text"), WORDS)
def test_all_else_is_in_words(content: dict[str, Any], kind: Kind, text: str) -> None:
    heard = one(said(**content))
    assert (heard.kind, heard.text) == (kind, text)


@pytest.mark.parametrize(("text", "source"), [("/start", ""), ("/start shop_qr-7", "shop_qr-7")])
def test_who_opens_the_chat_comes_in_and_from_where(text: str, source: str) -> None:
    heard = one(said(text))
    assert (heard.kind, heard.value, heard.extra.get("source", "")) == (Kind.EVENT, "enter", source)
    assert source in heard.text


@pytest.mark.parametrize("text", ["/help", "/startle", "start"])
def test_other_commands_are_texts(text: str) -> None:
    assert (one(said(text)).kind, one(said(text)).text) == (Kind.TEXT, text)


def test_an_edit_is_told_and_judged_once_more() -> None:
    note, heard = inbound.read(edited("我要退货"), "1001")
    assert (note.kind, note.text) == (Kind.EVENT, "客户修改了之前的消息，改成：")
    assert (heard.kind, heard.text, heard.extra["edited"]) == (Kind.TEXT, "我要退货", "7")
    again, later = edited("我要退货"), edited("我要退货", at=1_800_000_099)
    ids = [{h.external_id for h in inbound.read(u, "1001")} for u in (again, later)]
    assert ids[0] == {note.external_id, heard.external_id}
    assert not ids[1] & ids[0]


def test_a_live_position_does_not_flood() -> None:
    assert inbound.read(edited("", location=PLACE), "1001") == []


BESIDE: list[tuple[dict[str, Any], str]] = [
    ({"reply_to_message": message("订单 88", number=3)}, "客户引用了：“订单 88”"),
    ({"reply_to_message": message("", number=3, photo=PHOTO)}, "客户引用了：“[图片]”"),
    ({"reply_to_message": message("很长", number=3), "quote": {"text": "就这句"}}, "客户引用了：“就这句”"),
    ({"forward_origin": {"type": "user", "sender_user": WANG}}, "客户转发了“王 芳”的消息："),
    ({"forward_origin": {"type": "hidden_user", "sender_user_name": "李"}}, "客户转发了“李”的消息："),
    ({"forward_origin": {"type": "channel", "chat": {"id": -1, "title": "新闻"}}}, "客户转发了“新闻”的消息："),
]


@pytest.mark.parametrize(("content", "told"), BESIDE)
def test_what_stands_beside_his_words_is_not_taken_for_them(content: dict[str, Any], told: str) -> None:
    note, heard = inbound.read(said("这个多少钱", **content), "1001")
    assert (note.kind, note.text, heard.text) == (Kind.EVENT, told, "这个多少钱")


def test_a_tap_is_its_value_and_a_cut_one_its_label() -> None:
    heard = one(tapped("faq:returns"))
    assert (heard.value, heard.text, heard.sender) == ("faq:returns", "怎么退货", "5001")
    assert heard.external_id == "1001:c:42"
    cut = one(tapped("~怎么", "怎么退货呢"))
    assert (cut.value, cut.text) == (None, "怎么退货呢")
    old = one(tapped("~怎么退货", message={"message_id": 8, "chat": CHAT, "date": 0}))
    assert (old.value, old.text) == (None, "怎么退货")
    assert inbound.read(tapped("=", "✓ 满意"), "1001") == []


def test_a_tap_wants_an_answer_even_if_it_says_nothing() -> None:
    found = inbound.tap(tapped("faq:returns"))
    assert found == inbound.Tap("42", "5001", 8, "怎么退货")
    chosen = inbound.tap(tapped("=", "✓ 满意"))
    assert chosen is not None
    assert chosen.message is None
    assert inbound.tap(said("x")) is None


def test_who_stops_the_bot_is_out_of_reach_until_he_comes_back() -> None:
    gone, back = one(changed("kicked")), one(changed("member", "kicked"))
    assert gone.window is not None
    assert (gone.value, gone.window.granted, gone.window.by) == ("unfollow", 0, "unfollow")
    assert back.window is not None
    assert (back.value, back.window.granted, back.window.by) == ("return", None, "open")
    assert inbound.read(changed("member", "left"), "1001") == []


GROUP = {"id": -1001, "type": "supergroup", "title": "群"}


@pytest.mark.parametrize(
    "update",
    [
        said("大家好", chat=GROUP), said("x", chat={"id": -2, "type": "channel"}),
        said("x", user={**WANG, "is_bot": True}), said(pinned_message=message("x")),
        {"update_id": 1, "poll": {}}, {"update_id": 1}, {}, [], None, 5, "x",
    ],
)  # fmt: skip
def test_what_is_no_customers_word_is_nothing(update: Any) -> None:
    assert inbound.read(update, "1001") == []


def test_numbers_may_be_texts_and_ids_large() -> None:
    heard = one(said("x", number=2**60, chat={**CHAT, "id": str(2**55)}))
    assert heard.external_id == f"1001:m:{2**55}:{2**60}"
    assert one(said("x") | {"update_id": "7"}).text == "x"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "photo", "from", "id", "chat", "type", "date", "quote"]), inner)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from([
    "text", "photo", "voice", "document", "venue", "location", "poll", "contact", "dice", "sticker", "entities",
    "forward_origin", "reply_to_message", "quote", "edit_date", "date", "from", "message_id", "caption", "reply_markup",
])  # fmt: skip


@given(st.dictionaries(NAMES, JSON), st.sampled_from(["message", "edited_message"]))
def test_no_message_of_a_customer_breaks_the_page_or_is_lost(content: dict[str, Any], kind: str) -> None:
    update = {"update_id": 1, kind: {**message("x"), **content, "chat": CHAT}}
    heard = inbound.read(update, "1001")
    user = content.get("from")
    silent = kind == "edited_message" and content.get("location")
    if not silent and not (isinstance(user, dict) and user.get("is_bot") is True):
        assert heard
        assert all(h.sender == "5001" for h in heard)
    json.dumps([h.extra for h in heard], default=repr)


@given(JSON)
def test_garbage_is_never_an_error(update: Any) -> None:
    inbound.read(update, "1001")
    inbound.read({"callback_query": update, "my_chat_member": update}, "1001")
    inbound.tap({"callback_query": update})


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda p: p.stem)
def test_recorded_updates(path: Path) -> None:
    """Each says in `expected` what it is understood as."""
    told = json.loads(path.read_text("utf-8"))
    expected = told.pop("expected")
    assert [[h.kind, h.text, h.value] for h in inbound.reread(json.dumps(told).encode())] == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"5", b"[" * 100_000])
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(PayloadError):
        inbound.load(body)
