"""Sending to the strict fake: words, menus, codes, tokens, and what is said when nobody knows."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest

from bot.errors import (
    AmbiguousSendError,
    PermanentSendError,
    SendError,
    StoreError,
    TemporarySendError,
    WindowClosedError,
)
from bot.messages import Outgoing, QuickReply
from bot.ports import Borrower, Call, Fetcher, Measure, Notifier, Receipt, Typist
from channels.fit import fit
from channels.wechat import api
from channels.wechat.channel import WeChatChannel
from channels.wechat.errors import TABLE, failure
from channels.wechat.troubles import ON_SEND, ON_TOKEN, SAID
from tests.channels.wechat.conftest import Open
from tests.channels.wechat.shelf import MemoryShelf
from tests.fakes.wechat import APPID, SECRET, SEND, STABLE, TEMPLATE, TYPING, WeChat

LANGUAGES = {"zh-Hans", "zh-Hant", "en"}


async def say(inbox: WeChatChannel, text: str = "你好", **more: Any) -> None:
    for call in inbox.render(Outgoing(more.pop("key", "k"), more.pop("to", "o1"), text, **more)):
        await inbox.send(call)


def test_it_is_all_a_channel_may_be(inbox: WeChatChannel) -> None:
    assert isinstance(inbox, Borrower)
    assert isinstance(inbox, Fetcher)
    assert isinstance(inbox, Typist)
    assert isinstance(inbox, Notifier)


def test_what_an_uncertified_account_can_do(open_inbox: Open) -> None:
    can = open_inbox(certified=False).capabilities
    assert (can.pushes, can.quick_replies, can.attachments, can.reply_window) == (False, 0, frozenset(), None)
    assert can.answer_within is not None


async def test_words_arrive_as_they_are(inbox: WeChatChannel, wechat: WeChat) -> None:
    """WX-18: the fake answers 40033 to \\u escapes."""
    await say(inbox, "你好 😀 \\u4f60 ]]> \"'")
    assert wechat.heard("o1") == ["你好 😀 \\u4f60 ]]> \"'"]


async def test_a_menu_arrives(inbox: WeChatChannel, wechat: WeChat) -> None:
    await say(inbox, "满意吗？", quick_replies=(QuickReply("满意", "5"), QuickReply("一般", "5"), QuickReply("不", "")))
    assert [item["id"] for item in wechat.sent[0].body["msgmenu"]["list"]] == ["5", "~2", "~3"]


async def test_long_texts_are_cut_to_what_the_network_takes(inbox: WeChatChannel, wechat: WeChat) -> None:
    """WX-19: bytes, not characters, and no character torn."""
    assert inbox.capabilities.measure is Measure.UTF8_BYTES
    text = "好😀" * 500
    parts = fit(Outgoing("k", "o1", text), inbox.capabilities)
    for part in parts:
        await inbox.send(inbox.render(part)[0])
    assert "".join(wechat.heard("o1")) == text
    assert len(parts) == 2


async def test_the_windows_of_the_network_are_told_apart(inbox: WeChatChannel, wechat: WeChat) -> None:
    """WX-15, as far as it is the channel's."""
    for _ in range(5):
        await say(inbox)
    with pytest.raises(WindowClosedError) as spent:
        await say(inbox)
    wechat.follow("o2")
    wechat.unfollow("o2")
    with pytest.raises(WindowClosedError) as closed:
        await say(inbox, to="o2")
    assert (spent.value.spent, closed.value.spent) == (True, False)
    wechat.write("o1")
    await say(inbox)


@pytest.mark.parametrize(
    ("code", "kind", "trouble"),
    [
        (-1, TemporarySendError, ""), (45011, TemporarySendError, ""), (45009, TemporarySendError, "daily_quota"),
        (45015, WindowClosedError, ""), (45047, WindowClosedError, ""), (40003, PermanentSendError, ""),
        (48002, PermanentSendError, ""), (48001, PermanentSendError, "uncertified"),
        (48004, PermanentSendError, "banned"), (50002, PermanentSendError, "banned"), (43004, PermanentSendError, ""),
        (45002, PermanentSendError, ""), (40007, PermanentSendError, ""), (99999, PermanentSendError, ""),
    ],
)  # fmt: skip
async def test_codes(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, code: int, kind: type[SendError], trouble: str
) -> None:
    wechat.trouble(SEND, errcode=code)
    with pytest.raises(kind, match=rf"WeChat {code}: .* rid: ") as told:
        await say(inbox)
    assert (told.value.trouble.key if told.value.trouble else "") == trouble
    assert set(shelf.troubles) == ({trouble} if trouble else set())
    await say(inbox)
    assert shelf.troubles == {}
    assert len(wechat.sent) == 1


def test_every_trouble_is_said_in_every_language() -> None:
    for code, verdict in TABLE.items():
        error = failure(code, "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3")
        if verdict.trouble:
            assert isinstance(error, SendError)
            if error.trouble is not None:
                assert set(error.trouble.said) == LANGUAGES
                assert not any("{" in words for words in error.trouble.said.values())
    assert set(SAID) == {*ON_TOKEN, *ON_SEND} == {v.trouble for v in TABLE.values() if v.trouble}


# ---- tokens (WX-16) -------------------------------------------------------------------------------------------------


async def test_one_token_for_all_processes(open_inbox: Open, wechat: WeChat, shelf: MemoryShelf) -> None:
    inboxes = [open_inbox() for _ in range(5)]
    for n in range(5):
        wechat.write(f"o{n}")
    await asyncio.gather(*(say(each, to=f"o{n}", key=f"k{n}") for n, each in enumerate(inboxes)))
    assert wechat.counts[STABLE] == 1
    assert len(wechat.sent) == 5


@pytest.mark.parametrize("end", ["expire_tokens", "revoke_tokens"])
async def test_a_refused_token_is_renewed_once(inbox: WeChatChannel, wechat: WeChat, end: str) -> None:
    await say(inbox)
    getattr(wechat, end)()
    await say(inbox)
    assert wechat.counts[SEND] == 3
    assert len(wechat.sent) == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_for_ever_is_tried_twice(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, code: int
) -> None:
    wechat.trouble(SEND, errcode=code, times=None)
    with pytest.raises(TemporarySendError) as told:
        await say(inbox)
    assert wechat.counts[SEND] == 2
    assert wechat.counts[STABLE] <= 3
    assert told.value.retry_after == 60
    assert set(shelf.troubles) == {"token"}
    with pytest.raises(TemporarySendError):
        await say(inbox)
    assert wechat.counts[SEND] == 4
    assert wechat.counts[STABLE] <= 4, "a refresh is forced only once in two hours"


async def test_twenty_expired_at_once_ask_once(open_inbox: Open, wechat: WeChat) -> None:
    one, other = open_inbox(), open_inbox()
    await asyncio.gather(say(one), say(other, key="k2"))
    for n in range(20):
        wechat.write(f"p{n}")
    asked = wechat.counts[STABLE]
    wechat.expire_tokens()
    await asyncio.gather(*(say((one, other)[n % 2], to=f"p{n}", key=f"p{n}") for n in range(20)))
    assert wechat.counts[STABLE] == asked + 1
    assert sum(sent.to.startswith("p") for sent in wechat.sent) == 20


async def test_a_token_is_renewed_before_it_ends(inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf) -> None:
    await say(inbox)
    shelf.time = shelf.time.fromtimestamp(shelf.time.timestamp() + 6890, shelf.time.tzinfo)
    await say(inbox)
    assert wechat.counts[STABLE] == 1
    shelf.time = shelf.time.fromtimestamp(shelf.time.timestamp() + 90, shelf.time.tzinfo)
    await say(inbox)
    assert wechat.counts[STABLE] == 2
    assert [code for _, code, _ in wechat.refused] == []


async def test_another_process_that_died_while_asking_is_not_waited_for_long(
    open_inbox: Open, wechat: WeChat, shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.wechat.token.POLL", 0.5)

    async def brief(seconds: float) -> None:
        shelf.time = shelf.time.fromtimestamp(shelf.time.timestamp() + seconds, shelf.time.tzinfo)

    monkeypatch.setattr("channels.wechat.token.asyncio.sleep", brief)
    await shelf.put("token.asking", "held")
    await say(open_inbox())
    assert wechat.counts[STABLE] == 1
    assert await shelf.get("token.asking") == "held", "what somebody else holds is not let go of"


@pytest.mark.parametrize(
    ("options", "trouble"), [({"app_secret": "wrong-wrong"}, "secret"), ({"app_id": "wx0000000000"}, "app_id")]
)
async def test_wrong_credentials_are_told(
    open_inbox: Open, wechat: WeChat, shelf: MemoryShelf, options: dict[str, str], trouble: str
) -> None:
    with pytest.raises(TemporarySendError):
        await say(open_inbox(**options))
    assert set(shelf.troubles) == {trouble}
    await say(open_inbox())
    assert shelf.troubles == {}


async def test_40001_of_the_token_endpoint_speaks_of_the_secret(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf
) -> None:
    wechat.trouble(STABLE, errcode=40001)
    with pytest.raises(TemporarySendError):
        await say(inbox)
    assert set(shelf.troubles) == {"secret"}


async def test_the_address_to_put_into_the_whitelist_is_named(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf
) -> None:
    wechat.block_ip("203.0.113.9")
    with pytest.raises(TemporarySendError):
        await say(inbox)
    assert set(shelf.troubles["ip"].said) == LANGUAGES
    assert all("IP" in words and "203.0.113.9" in words for words in shelf.troubles["ip"].said.values())
    wechat.block_ip("")
    await say(inbox)
    assert shelf.troubles == {}


# ---- when nobody knows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [{"cut": True}, {"html": True}, {"status": 502}])
async def test_what_may_have_been_sent_is_ambiguous(
    inbox: WeChatChannel, wechat: WeChat, fault: dict[str, Any]
) -> None:
    wechat.trouble(SEND, **fault)
    with pytest.raises(AmbiguousSendError) as told:
        await say(inbox)
    assert "access_token" not in str(told.value)
    assert wechat.counts[SEND] == 1


async def test_an_answer_too_late_is_ambiguous(
    open_inbox: Open, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "TIMEOUT", httpx.Timeout(0.3))
    wechat.trouble(SEND, hang=2)
    with pytest.raises(AmbiguousSendError):
        await say(open_inbox())


@pytest.mark.parametrize("fault", [{"cut": True}, {"html": True}, {"status": 502}])
async def test_a_token_nobody_gave_is_only_temporary(
    inbox: WeChatChannel, wechat: WeChat, fault: dict[str, Any]
) -> None:
    wechat.trouble(STABLE, **fault)
    with pytest.raises(TemporarySendError):
        await say(inbox)
    assert wechat.counts[SEND] == 0
    await say(inbox)


async def test_nobody_there_is_temporary(open_inbox: Open) -> None:
    with pytest.raises(TemporarySendError, match="cannot be reached"):
        await say(open_inbox(api_base="http://127.0.0.1:9"))


ANSWERS: list[tuple[int, bytes, type[SendError]]] = [
    (200, b"", AmbiguousSendError), (200, b"[]", AmbiguousSendError), (200, b"{}", AmbiguousSendError),
    (200, b'{"errcode": "x"}', AmbiguousSendError), (200, b'{"errcode": null}', AmbiguousSendError),
    (200, b"\xff", AmbiguousSendError), (200, b"[" * 5000, AmbiguousSendError), (302, b"", AmbiguousSendError),
    (404, b"", TemporarySendError), (429, b"", TemporarySendError), (503, b"{}", AmbiguousSendError),
    (200, b'{"errcode": "45015", "errmsg": 5}', WindowClosedError),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), ANSWERS)
async def test_odd_answers(shelf: MemoryShelf, status: int, body: bytes, kind: type[SendError]) -> None:
    def answer(asked: httpx.Request) -> httpx.Response:
        if asked.url.path == STABLE:
            return httpx.Response(200, json={"access_token": "T", "expires_in": 7200})
        return httpx.Response(status, content=body)

    options = {"app_id": APPID, "app_secret": SECRET, "token": "kefu"}
    inbox = WeChatChannel("oa", options, transport=httpx.MockTransport(answer))
    inbox.borrow(shelf)
    with pytest.raises(kind):
        await say(inbox)
    await inbox.close()


@pytest.mark.parametrize("told", [{"access_token": ""}, {"access_token": 5, "expires_in": 7200}, {"access_token": "T"}])
async def test_odd_tokens(shelf: MemoryShelf, told: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=told))
    inbox = WeChatChannel("oa", {"app_id": APPID, "app_secret": SECRET, "token": "kefu"}, transport=transport)
    inbox.borrow(shelf)
    with pytest.raises(TemporarySendError):
        await say(inbox)
    await inbox.close()


async def test_nothing_secret_is_told(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await say(inbox)
    token = await shelf.get("token")
    assert token
    told = []
    for path, hint in ((SEND, token), (STABLE, SECRET)):
        wechat.trouble(path, errcode=40003, hint=hint)
        if path == STABLE:
            wechat.revoke_tokens()
        with pytest.raises(SendError) as error:
            await say(inbox)
        told.append(str(error.value))
    everything = json.dumps([told, caplog.text, repr(inbox.options)])
    assert "HTTP Request" in everything
    assert token not in everything
    assert SECRET not in everything


# ---- the rest -------------------------------------------------------------------------------------------------------


async def test_what_was_taken_is_not_said_again(open_inbox: Open, wechat: WeChat) -> None:
    """A message of several calls: the second fails for now, and another process tries the whole again."""
    first, last = (
        Call("custom", {"touser": "o1", "msgtype": "text", "text": {"content": "1"}}, "k/1"),
        Call("custom", {"touser": "o1", "msgtype": "text", "text": {"content": "2"}}, "k"),
    )
    one, other = open_inbox(), open_inbox()
    await one.send(first)
    wechat.trouble(SEND, errcode=-1)
    with pytest.raises(TemporarySendError):
        await one.send(last)
    assert await other.send(first) == Receipt()
    await other.send(last)
    assert wechat.heard("o1") == ["1", "2"]


class Broken(MemoryShelf):
    """A store that is away."""

    async def get(self, name: str) -> str | None:
        raise StoreError("the store is busy")


async def test_a_store_that_is_away_is_temporary(open_inbox: Open, wechat: WeChat) -> None:
    """Anything else would make the message's fate unknown, though nothing was sent."""
    inbox = open_inbox()
    inbox.borrow(Broken())
    for key in ("k", "k/1"):
        with pytest.raises(TemporarySendError):
            await inbox.send(Call("custom", {"touser": "o1", "msgtype": "text", "text": {"content": "1"}}, key))
    with pytest.raises(TemporarySendError):
        await inbox.send(Call("custom", {"image": {"media_id": {"file": "f", "as": "image"}}}, "k"))
    assert wechat.sent == []


async def test_typing_is_shown_and_its_errors_are_nobody_s_trouble(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf
) -> None:
    await inbox.typing("o1")
    with pytest.raises(SendError, match="45081"):
        await inbox.typing("o1")
    wechat.trouble(TYPING, errcode=48001)
    with pytest.raises(SendError):
        await inbox.typing("o1")
    assert shelf.troubles == {}


async def test_a_template_notice_is_sent_once(open_inbox: Open, wechat: WeChat) -> None:
    inbox = open_inbox(notice={"template_id": "TEMPLATE-1", "url": "https://a.example", "data": {"thing1": "{text}"}})
    wechat.follow("o1")
    (call,) = inbox.notice(Outgoing("k", "o1", "您的订单已发出"))
    receipts = [await inbox.send(call) for _ in range(2)]
    assert receipts[0].external_id
    assert receipts[0] == receipts[1]
    assert [sent.body["data"] for sent in wechat.sent] == [{"thing1": {"value": "您的订单已发出"}}]
    assert wechat.counts[TEMPLATE] == 2


async def test_a_subscription_notice_needs_a_yes(open_inbox: Open, wechat: WeChat) -> None:
    inbox = open_inbox(notice={"template_id": "TEMPLATE-1", "kind": "subscribe", "data": {"thing1": "{text}"}})
    (call,) = inbox.notice(Outgoing("k", "o1", "您的订单已发出"))
    with pytest.raises(PermanentSendError, match="43101"):
        await inbox.send(call)
    wechat.grant("o1", "TEMPLATE-1")
    await inbox.send(call)
    assert len(wechat.sent) == 1


def test_without_a_template_there_is_no_notice(inbox: WeChatChannel) -> None:
    assert inbox.notice(Outgoing("k", "o1", "x")) == []
