"""Customers' pictures and voices, fetched from a strict upload.api.weibo.com."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import PermanentSendError, SendError, TemporarySendError
from bot.messages import Attachment, Kind
from channels.weibo.channel import WeiboChannel
from tests.fakes import media
from tests.fakes.weibo import MSGET, TOKEN, Weibo

IMAGE = Attachment(Kind.IMAGE, "image.jpg", "image/jpeg", source="821804469")
VOICE = Attachment(Kind.VOICE, "voice.amr", "audio/amr", source="821804469")


@pytest.mark.parametrize(
    ("attachment", "data", "media_type", "name"),
    [
        (IMAGE, media.JPEG, "image/jpeg", "image.jpg"),
        (IMAGE, media.PNG, "image/png", "image.png"),
        (VOICE, media.AMR, "audio/amr", "voice.amr"),
        (VOICE, media.MP3, "audio/mpeg", "voice.mp3"),
        (VOICE, b"\x01\x02speex", "audio/amr", "voice.amr"),
    ],
)
async def test_a_file_comes_as_what_it_is(
    inbox: WeiboChannel, weibo: Weibo, attachment: Attachment, data: bytes, media_type: str, name: str
) -> None:
    weibo.user_file("821804469", data)
    stored = await inbox.fetch(attachment, limit=10_000)
    assert (stored.data, stored.media_type, stored.name) == (data, media_type, name)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"html": True, "status": 502}, TemporarySendError),
        ({"html": True, "status": 404}, PermanentSendError),
        ({"html": True}, TemporarySendError),
        ({"cut": True}, TemporarySendError),
        ({"errcode": 10009}, TemporarySendError),
        ({"errcode": 21327}, TemporarySendError),
        ({"errcode": 10017}, PermanentSendError),
    ],
)
async def test_what_does_not_come(
    inbox: WeiboChannel, weibo: Weibo, fault: dict[str, Any], kind: type[SendError]
) -> None:
    weibo.user_file("821804469", media.JPEG)
    weibo.trouble(MSGET, **fault)
    with pytest.raises(kind) as caught:
        await inbox.fetch(IMAGE, limit=10_000)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("attachment", "data", "limit"),
    [(IMAGE, media.AMR, 10_000), (VOICE, media.JPEG, 10_000), (IMAGE, media.JPEG + bytes(100), 50), (IMAGE, b"", 50)],
)
async def test_what_is_not_what_it_should_be(
    inbox: WeiboChannel, weibo: Weibo, attachment: Attachment, data: bytes, limit: int
) -> None:
    weibo.user_file("821804469", data)
    with pytest.raises(PermanentSendError):
        await inbox.fetch(attachment, limit=limit)


async def test_a_file_that_was_not_named(inbox: WeiboChannel) -> None:
    with pytest.raises(PermanentSendError, match="named no file"):
        await inbox.fetch(Attachment(Kind.IMAGE, "image.jpg", "image/jpeg"), limit=10)


async def test_a_picture_of_a_post_is_fetched_from_weibos_hosts_alone(inbox: WeiboChannel, weibo: Weibo) -> None:
    for url in ("https://evil.example/sinaimg.cn/a.jpg", "http://wx1.sinaimg.cn/large/a.jpg", "http://127.0.0.1/a"):
        with pytest.raises(PermanentSendError, match="not on Weibo's hosts"):
            await inbox.fetch(Attachment(Kind.IMAGE, "1.jpg", "image/jpeg", url=url), limit=10_000)
    here = Attachment(Kind.IMAGE, "1.jpg", "image/jpeg", url=f"{weibo.url}/upload/large/a.jpg")
    with pytest.raises(SendError):
        await inbox.fetch(here, limit=10_000)
    assert TOKEN not in str(weibo.refused)
