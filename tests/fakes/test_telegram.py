"""The Telegram stand-in, called by aiogram as kefu calls it, and beside an emulator that others wrote."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReactionTypeEmoji,
    ReplyParameters,
)

from tests import samples
from tests.fakes.telegram import DESK_TOKEN, GROUP, TOKEN, Telegram


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@contextlib.asynccontextmanager
async def bot_at(url: str, token: str) -> AsyncIterator[Bot]:
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.fixture
async def desk(fake: Telegram) -> AsyncIterator[Bot]:
    async with bot_at(fake.url, DESK_TOKEN) as bot:
        yield bot


@pytest.fixture
async def shop(fake: Telegram) -> AsyncIterator[Bot]:
    async with bot_at(fake.url, TOKEN) as bot:
        yield bot


async def test_a_customer_writes_is_answered_and_taps(fake: Telegram, shop: Bot) -> None:
    wang = fake.add_user("王<b>")
    fake.write(wang, "你好")
    (update,) = await shop.get_updates()
    assert update.message
    assert update.message.from_user
    assert (update.message.text, update.message.from_user.full_name) == ("你好", "王<b>")
    board = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="好", callback_data="yes")]])
    sent = await shop.send_message(wang, "您好", reply_markup=board)
    query = fake.tap(wang, sent.message_id, "yes", group=None, to=TOKEN)
    (tapped,) = await shop.get_updates(offset=update.update_id + 1)
    assert tapped.callback_query
    assert tapped.callback_query.data == "yes"
    assert await shop.answer_callback_query(query, text="收到")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await shop.answer_callback_query(query)
    fake.again(TOKEN)
    assert [u.update_id for u in await shop.get_updates()] == [update.update_id, tapped.update_id]


async def test_who_blocks_or_never_wrote_is_not_reached(fake: Telegram, shop: Bot) -> None:
    wang, li = fake.add_user("王"), fake.add_user("李")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await shop.send_message(li, "您好")
    fake.write(wang, "你好")
    fake.block(wang)
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await shop.send_message(wang, "您好")
    kinds = [u.event_type for u in await shop.get_updates(allowed_updates=["message", "my_chat_member"])]
    assert kinds == ["message", "my_chat_member"]


@pytest.mark.parametrize(
    ("text", "told"),
    [(" ", "message text is empty"), ("😀" * 2049, "message is too long")],
)
async def test_texts_are_measured_in_utf16(fake: Telegram, desk: Bot, text: str, told: str) -> None:
    with pytest.raises(TelegramBadRequest, match=told):
        await desk.send_message(GROUP, text)
    assert (await desk.send_message(GROUP, "😀" * 2048)).text == "😀" * 2048


async def test_topics_live_and_die(fake: Telegram, desk: Bot) -> None:
    li = fake.add_user("李")
    fake.join(GROUP, li)
    topic = await desk.create_forum_topic(GROUP, "🔴 王 · wechat", icon_color=16478047)
    thread = topic.message_thread_id
    await desk.send_message(GROUP, "卡片", message_thread_id=thread)
    said = fake.say(li, "您好", topic=thread)
    updates = [u.message for u in await desk.get_updates() if u.message and u.message.text]
    (heard,) = updates
    assert heard.is_topic_message
    assert heard.message_thread_id == thread
    assert heard.message_id == said
    await desk.set_message_reaction(GROUP, said, reaction=[ReactionTypeEmoji(emoji="👍")])
    assert fake.reactions[GROUP, said] == "👍"
    await desk.close_forum_topic(GROUP, thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await desk.close_forum_topic(GROUP, thread)
    await desk.send_message(GROUP, "管理员还能写", message_thread_id=thread)
    fake.join(GROUP, DESK_TOKEN, [])
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await desk.send_message(GROUP, "没有权限", message_thread_id=thread)
    fake.join(GROUP, DESK_TOKEN, ["can_manage_topics"])
    fake.delete(thread)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await desk.send_message(GROUP, "没了", message_thread_id=thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_DELETED"):
        await desk.reopen_forum_topic(GROUP, thread)


async def test_general_has_no_thread_number(fake: Telegram, desk: Bot) -> None:
    """TG-07: what looks like a thread there is only the message that was replied to."""
    li = fake.add_user("李")
    fake.join(GROUP, li)
    first = fake.say(li, "大家好")
    fake.say(li, "在吗", reply_to=first)
    reply = (await desk.get_updates())[-1].message
    assert reply
    assert reply.message_thread_id == first
    assert not reply.is_topic_message
    for thread in (first, 1):
        with pytest.raises(TelegramBadRequest, match="message thread not found"):
            await desk.send_message(GROUP, "在", message_thread_id=thread)
    assert await desk.send_message(GROUP, "在", reply_parameters=ReplyParameters(message_id=first))


async def test_twenty_messages_a_minute_and_then_it_says_when(fake: Telegram, desk: Bot) -> None:
    for n in range(20):
        await desk.send_message(GROUP, str(n))
    with pytest.raises(TelegramRetryAfter) as told:
        await desk.send_message(GROUP, "too much")
    assert 50 < told.value.retry_after <= 60
    fake.advance(told.value.retry_after)
    await desk.send_message(GROUP, "again")


async def test_a_chat_that_moved_says_where(fake: Telegram, desk: Bot) -> None:
    fake.migrate(GROUP, -1009)
    with pytest.raises(TelegramMigrateToChat) as told:
        await desk.send_message(GROUP, "x")
    assert told.value.migrate_to_chat_id == -1009
    assert await desk.send_message(-1009, "x")


async def test_a_second_poller_ends_the_first(fake: Telegram, shop: Bot) -> None:
    waiting = asyncio.create_task(shop.get_updates(timeout=20))
    while not fake.counts["getUpdates"]:
        await asyncio.sleep(0.01)
    await shop.get_updates()
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await waiting
    await shop.set_webhook("https://example.com/x", secret_token="s")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await shop.get_updates()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"errcode": 429, "hint": "3"}, TelegramRetryAfter),
        ({"status": 500}, TelegramServerError),
        ({"status": 502, "html": True}, AiogramError),
        ({"cut": True}, AiogramError),
        ({"errcode": 400, "hint": "migrate -100777"}, TelegramMigrateToChat),
    ],
)
async def test_faults_to_order(fake: Telegram, desk: Bot, fault: dict[str, Any], error: type[Exception]) -> None:
    fake.trouble("sendMessage", **fault)
    with pytest.raises(error):
        await desk.send_message(GROUP, "x")
    assert await desk.send_message(GROUP, "x")


async def test_files_go_up_and_come_down(fake: Telegram, desk: Bot) -> None:
    photo = await desk.send_photo(GROUP, BufferedInputFile(samples.png(3, 3), "a.png"), caption="图")
    assert photo.photo
    assert photo.caption == "图"
    found = await desk.get_file(photo.photo[-1].file_id)
    assert found.file_path
    got = await desk.download_file(found.file_path)
    assert got
    assert got.read() == samples.png(3, 3)
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await desk.send_photo(GROUP, BufferedInputFile(b"no picture", "a.png"))
    document = await desk.send_document(GROUP, BufferedInputFile(b"x", "账单.pdf"))
    assert document.document
    assert document.document.file_name == "账单.pdf"


async def test_a_webhook_is_pushed_to_with_its_secret(fake: Telegram, shop: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="illegal"):
        await shop.set_webhook("https://example.com/x", secret_token="geheim!")
    info = await shop.get_webhook_info()
    assert info.url == ""
    assert info.pending_update_count == 0


# ---- beside the emulator ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = "import sys; from lo_bot_api_emulator import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--port", str(port), "--enable-control"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{url}/bot{TOKEN}/getMe")
            break
        time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


APART = {"capabilities"}
"""Of getMe; the emulator's own."""
BOARD = {"inline_keyboard": [[{"text": "好", "callback_data": "yes"}]]}
COMMON: list[tuple[str, dict[str, Any]]] = [
    ("getMe", {}),
    ("getWebhookInfo", {}),
    ("getUpdates", {"timeout": 0}),
    ("getUpdates", {"offset": "x"}),
    ("sendMessage", {"chat_id": 42, "text": "您好"}),
    ("sendMessage", {"chat_id": 42, "text": "您好", "reply_markup": BOARD}),
    ("sendMessage", {"chat_id": 42, "text": "   "}),
    ("sendMessage", {"chat_id": 42, "text": "😀" * 2048}),
    ("sendMessage", {"chat_id": 42, "text": "😀" * 2049}),
    ("sendMessage", {"chat_id": "nobody", "text": "x"}),
    ("sendMessage", {"chat_id": 42, "text": "x", "nonsense": 1}),
    ("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": "{"}),
    ("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[]]}}),
    ("sendMessage", {"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}),
    (
        "sendMessage",
        {"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}},
    ),
    (
        "sendMessage",
        {"chat_id": 42, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "javascript:1"}]]}},
    ),
    ("sendPhoto", {"chat_id": 42, "photo": "", "caption": "x"}),
    ("sendChatAction", {"chat_id": 42, "action": "typing"}),
    ("sendChatAction", {"chat_id": 42, "action": "dancing"}),
    ("getFile", {"file_id": "nothing"}),
    ("setMyCommands", {"commands": [{"command": "help", "description": "帮助"}]}),
    ("setWebhook", {"url": "https://example.com/x", "secret_token": "bad secret!"}),
    ("setWebhook", {"url": "https://example.com/x", "secret_token": "good"}),
    ("getUpdates", {"timeout": 0}),
    ("deleteWebhook", {}),
    ("noSuchMethod", {}),
]


@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_both_answer_alike(fake: Telegram, emulator: str, form: bool) -> None:
    """The same calls, in the same order: the same verdict, and results of the same shape."""
    fake.add_user("王")
    fake.users[42] = {"id": 42, "is_bot": False, "first_name": "王"}
    fake.write(42, "你好")
    fake.bots[TOKEN].updates.clear()
    for method, values in COMMON:
        ours, theirs = (_call(url, method, values, form=form) for url in (fake.url, emulator))
        assert (ours["ok"], ours.get("error_code")) == (theirs["ok"], theirs.get("error_code")), (method, values)
        lacking = _shape(theirs.get("result")) - _shape(ours.get("result")) - APART
        assert not lacking, (method, lacking)


def _call(url: str, method: str, values: dict[str, Any], *, form: bool) -> dict[str, Any]:
    place = f"{url}/bot{TOKEN}/{method}"
    if form:
        flat = {k: json.dumps(v) if isinstance(v, dict | list) else str(v) for k, v in values.items()}
        told: dict[str, Any] = httpx.post(place, data=flat).json()
    else:
        told = httpx.post(place, json=values).json()
    return told


def _shape(result: Any) -> set[str]:
    return set(result) if isinstance(result, dict) else {type(result).__name__}
