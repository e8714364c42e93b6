"""Private messages, as they stand at a strict m.api.weibo.com, and what its refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import (
    AmbiguousSendError,
    PermanentSendError,
    SendError,
    TemporarySendError,
    WindowClosedError,
)
from bot.messages import Outgoing, QuickReply
from bot.outcome import failure, patient
from bot.ports import Receipt
from bot.store.rows import Due
from channels.fit import fit
from channels.weibo.channel import WeiboChannel, capabilities
from channels.weibo.errors import TABLE
from channels.weibo.options import Options
from channels.weibo.troubles import trouble
from tests.channels.wechat.shelf import MemoryShelf
from tests.channels.weibo.conftest import CUSTOMER, Open
from tests.fakes.weibo import REPLY, TOKEN, Weibo

TEXTS = ["您好", "a+b & c=d %25 %7B", "“引号”\n换行\t😀", '{"text": "x"}', "  空白  ", "１" * 299]


PRIVATE = capabilities(Options("1902538057", "secret", "token"))
DUE = Due(1, 1, 1, 1, 1, 1, 1, datetime(2026, 11, 26, tzinfo=UTC), Outgoing("k", CUSTOMER, "您好"))


async def say(inbox: WeiboChannel, text: str, to: str = CUSTOMER) -> Receipt:
    receipt = Receipt()
    for part in fit(Outgoing("k1", to, text), inbox.capabilities.at(False)):
        for call in inbox.render(part):
            receipt = await inbox.send(call)
    return receipt


@pytest.mark.parametrize("text", TEXTS)
async def test_the_customer_reads_what_was_said(inbox: WeiboChannel, weibo: Weibo, text: str) -> None:
    """WB-05: the form encodes once; the fake takes nothing that was encoded twice."""
    await say(inbox, text)
    assert weibo.heard(CUSTOMER) == [text]


async def test_what_is_too_long_comes_in_parts(inbox: WeiboChannel, weibo: Weibo) -> None:
    await say(inbox, "请您稍等。" * 100)
    heard = weibo.heard(CUSTOMER)
    assert len(heard) == 2
    assert "".join(heard) == "请您稍等。" * 100


def test_buttons_are_a_numbered_list(inbox: WeiboChannel) -> None:
    buttons = (QuickReply("查物流", "a"), QuickReply("转人工", "human"))
    (part,) = fit(Outgoing("k", CUSTOMER, "请问", quick_replies=buttons), inbox.capabilities.at(False))
    assert part.text == "请问\n\n请回复序号或文字：\n1. 查物流\n2. 转人工"
    assert not inbox.capabilities.attachments, "Weibo takes no files from us"


@pytest.mark.parametrize("numeric", [True, False], ids=["numbers", "text"])
@pytest.mark.parametrize("code", sorted({*TABLE, 99999}))
async def test_every_refusal_is_understood_in_both_forms(
    inbox: WeiboChannel, weibo: Weibo, shelf: MemoryShelf, code: int, numeric: bool
) -> None:
    """WB-09: error_code is a number today, and text in the documentation."""
    weibo.numeric = numeric
    weibo.trouble(REPLY, errcode=code)
    with pytest.raises(SendError) as caught:
        await say(inbox, "您好")
    error = caught.value
    assert not isinstance(error, AmbiguousSendError), "a refusal is no doubt"
    assert str(code) in str(error)
    assert TOKEN not in str(error)
    if error.trouble is not None:
        assert set(error.trouble.said) == {"zh-Hans", "zh-Hant", "en"}


CASES: list[tuple[int, type[SendError], str]] = [
    (10009, TemporarySendError, ""),
    (10022, TemporarySendError, "limited"),
    (10023, TemporarySendError, "limited"),
    (10024, TemporarySendError, "limited"),
    (20016, TemporarySendError, "limited"),
    (21327, TemporarySendError, "token"),
    (21332, TemporarySendError, "token"),
    (20013, PermanentSendError, ""),
    (20021, PermanentSendError, ""),
    (21321, PermanentSendError, "unaudited"),
    (10014, PermanentSendError, "permission"),
    (20015, PermanentSendError, "banned"),
    (26403, WindowClosedError, ""),
    (99999, PermanentSendError, ""),
]


@pytest.mark.parametrize(("code", "kind", "mend"), CASES)
async def test_what_a_refusal_means(
    inbox: WeiboChannel, weibo: Weibo, code: int, kind: type[SendError], mend: str
) -> None:
    weibo.trouble(REPLY, errcode=code)
    with pytest.raises(kind) as caught:
        await say(inbox, "您好")
    assert (caught.value.trouble.key if caught.value.trouble else "") == mend


async def test_slow_is_done(inbox: WeiboChannel, weibo: Weibo) -> None:
    weibo.trouble(REPLY, errcode=20032)
    await say(inbox, "您好")


async def test_a_mention_lets_us_write_once(inbox: WeiboChannel, weibo: Weibo) -> None:
    """WB-06."""
    weibo.mention("42000001")
    await say(inbox, "看到您的微博了", "42000001")
    with pytest.raises(WindowClosedError) as caught:
        await say(inbox, "还在吗", "42000001")
    assert caught.value.spent


async def test_who_left_cannot_be_reached(inbox: WeiboChannel, weibo: Weibo) -> None:
    """WB-10, by the network's own word."""
    weibo.leave(CUSTOMER)
    with pytest.raises(WindowClosedError):
        await say(inbox, "您好")
    assert weibo.heard(CUSTOMER) == []


async def test_a_refused_token_is_not_asked_for_again_and_again(
    open_inbox: Open, weibo: Weibo, shelf: MemoryShelf
) -> None:
    weibo.kill_token()
    one, other = open_inbox(), open_inbox()
    for inbox in (one, other, one):
        with pytest.raises(TemporarySendError) as caught:
            await say(inbox, "您好")
        assert caught.value.trouble is not None
        assert caught.value.retry_after == 300
    assert weibo.counts[REPLY] == 1, "one process learned it, and the others know it from the shelf"
    weibo.kill_token(0)
    shelf.time += timedelta(seconds=301)
    await say(other, "您好")
    assert weibo.heard(CUSTOMER) == ["您好"]


async def test_a_new_token_is_tried_at_once(open_inbox: Open, weibo: Weibo) -> None:
    weibo.kill_token()
    with pytest.raises(TemporarySendError):
        await say(open_inbox(), "您好")
    weibo.kill_token(0)
    weibo.token = "2.00another-token-of-the-console"
    await say(open_inbox(), "您好")
    assert weibo.heard(CUSTOMER) == ["您好"]


LIMITS: list[tuple[dict[str, Any], float]] = [
    ({"errcode": 10022}, 600),
    ({"errcode": 10023}, 1800),
    ({"errcode": 10024}, 1800),
    ({"errcode": 20016}, 60),
    ({"status": 429, "html": True}, 60),
]


@pytest.mark.parametrize(("fault", "seconds"), LIMITS)
async def test_too_many_calls_wait_as_long_as_they_should_and_nobody_else_asks(
    open_inbox: Open, weibo: Weibo, shelf: MemoryShelf, fault: dict[str, Any], seconds: float
) -> None:
    weibo.trouble(REPLY, **fault)
    one, other = open_inbox(), open_inbox()
    for inbox, passed in ((one, 0.0), (other, 20.0), (one, 20.0)):
        shelf.time += timedelta(seconds=passed)
        with pytest.raises(TemporarySendError) as caught:
            await say(inbox, "您好")
        assert caught.value.trouble is not None
        assert caught.value.trouble.key == "limited"
        seconds -= passed
        assert caught.value.retry_after == seconds
    assert weibo.counts[REPLY] == 1, "one message finds out, for all processes"
    shelf.time += timedelta(seconds=seconds)
    await say(other, "您好")
    assert weibo.heard(CUSTOMER) == ["您好"]


def test_what_waits_for_calls_waits_as_long_as_the_customer_may_be_answered() -> None:
    """An hour is what other temporary failures are worth."""
    limited = failure(TemporarySendError("limited", retry_after=1800, trouble=trouble("limited")), PRIVATE, DUE, 0)
    for hours, goes_on in ((2, True), (47, True), (49, False)):
        assert (patient(limited, PRIVATE, timedelta(hours=hours)).again is not None) is goes_on
    busy = failure(TemporarySendError("busy"), PRIVATE, DUE, 0)
    assert patient(busy, PRIVATE, timedelta(hours=2)).again is None
    assert "limited" in PRIVATE.send_mends, "and people are told when it is over"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"cut": True}, AmbiguousSendError),
        ({"html": True, "status": 502}, AmbiguousSendError),
        ({"html": True}, AmbiguousSendError),
        ({"html": True, "status": 404}, TemporarySendError),
        ({"html": True, "status": 429}, TemporarySendError),
    ],
)
async def test_an_answer_nobody_can_read(
    inbox: WeiboChannel, weibo: Weibo, fault: dict[str, object], kind: type[SendError]
) -> None:
    """What was cut off after it was sent may stand there: nobody sends it again by himself."""
    weibo.trouble(REPLY, **fault)
    with pytest.raises(kind) as caught:
        await say(inbox, "您好")
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.__context__)


async def test_a_server_that_is_not_there(open_inbox: Open) -> None:
    with pytest.raises(TemporarySendError, match="Weibo cannot be reached"):
        await say(open_inbox(messages_base="http://127.0.0.1:9"), "您好")
