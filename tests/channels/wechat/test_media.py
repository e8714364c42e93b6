"""Files both ways, on the strict fake."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.errors import PermanentSendError, TemporarySendError
from bot.messages import Attachment, Kind, Outgoing
from bot.ports import Stored
from channels.wechat.channel import WeChatChannel
from channels.wechat.media import THUMB, sniff
from tests.channels.wechat.conftest import Open
from tests.channels.wechat.shelf import MemoryShelf
from tests.channels.wechat.test_send import say
from tests.fakes import media
from tests.fakes.wechat import APPID, DOWNLOAD, SECRET, SEND, STABLE, UPLOAD, WeChat

LIMIT = 1_000_000


def keep(shelf: MemoryShelf, key: str, data: bytes) -> None:
    shelf.files[key] = Stored(data, "application/octet-stream", '图 "1".bin')


def file(kind: Kind, key: str = "f1") -> tuple[Attachment, ...]:
    return (Attachment(kind, "名字", "x/y", key=key),)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.IMAGE, media.JPEG), (Kind.IMAGE, media.PNG), (Kind.IMAGE, media.GIF),
        (Kind.VOICE, media.AMR), (Kind.VOICE, media.MP3), (Kind.VIDEO, media.MP4),
    ],
)  # fmt: skip
async def test_files_arrive(inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, kind: Kind, data: bytes) -> None:
    keep(shelf, "f1", data)
    await say(inbox, "", attachments=file(kind))
    await say(inbox, "", attachments=file(kind), key="k2")
    assert [sent.kind for sent in wechat.sent] == [kind.value] * 2
    assert wechat.counts[UPLOAD] == (2 if kind is Kind.VIDEO else 1), "an upload serves for three days"


async def test_an_upload_wechat_threw_away_is_made_again(open_inbox: Open, wechat: WeChat, shelf: MemoryShelf) -> None:
    """WX-20, once by the clock and once against it."""
    keep(shelf, "f1", media.PNG)
    one, other = open_inbox(), open_inbox()
    await say(one, "", attachments=file(Kind.IMAGE))
    wechat.expire_media(wechat.sent[0].body["image"]["media_id"])
    await say(other, "", attachments=file(Kind.IMAGE), key="k2")
    shelf.time = shelf.time.fromtimestamp(shelf.time.timestamp() + 3 * 86400 - 3600, shelf.time.tzinfo)
    wechat.write("o1")
    await say(one, "", attachments=file(Kind.IMAGE), key="k3")
    assert len({sent.body["image"]["media_id"] for sent in wechat.sent}) == 3
    assert wechat.counts[UPLOAD] == 3


async def test_a_file_wechat_never_knows_is_uploaded_twice_and_no_more(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf
) -> None:
    keep(shelf, "f1", media.PNG)
    wechat.trouble(SEND, errcode=40007, times=None)
    with pytest.raises(PermanentSendError):
        await say(inbox, "", attachments=file(Kind.IMAGE))
    assert (wechat.counts[SEND], wechat.counts[UPLOAD]) == (2, 2)


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (Kind.IMAGE, b"%PDF-1.7", "as image WeChat takes image/jpeg"),
        (Kind.IMAGE, media.MP4, "not video/mp4"),
        (Kind.IMAGE, media.PNG + bytes(2 * media.MB), "WeChat takes 2097152 as image"),
        (Kind.VOICE, b"OggS" + bytes(9), "not audio/ogg"),
        (Kind.VIDEO, b"", "not this"),
    ],
)
async def test_files_wechat_would_refuse_are_not_even_uploaded(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, kind: Kind, data: bytes, said: str
) -> None:
    keep(shelf, "f1", data)
    with pytest.raises(PermanentSendError, match=said):
        await say(inbox, "", attachments=file(kind))
    assert wechat.counts[UPLOAD] == 0


async def test_a_file_that_is_gone(inbox: WeChatChannel) -> None:
    with pytest.raises(PermanentSendError, match="no longer kept"):
        await say(inbox, "", attachments=file(Kind.IMAGE))


@pytest.mark.parametrize("fault", [{"errcode": -1}, {"status": 502}, {"cut": True}])
async def test_a_failed_upload_is_tried_again(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf, fault: dict[str, Any]
) -> None:
    keep(shelf, "f1", media.PNG)
    wechat.trouble(UPLOAD, **fault)
    with pytest.raises(TemporarySendError):
        await say(inbox, "看图", attachments=file(Kind.IMAGE))
    assert wechat.sent == []
    await say(inbox, "看图", attachments=file(Kind.IMAGE))
    assert [sent.kind for sent in wechat.sent] == ["image", "text"]


async def test_a_refused_token_is_renewed_for_uploads_and_downloads_too(
    inbox: WeChatChannel, wechat: WeChat, shelf: MemoryShelf
) -> None:
    keep(shelf, "f1", media.PNG)
    media_id = wechat.user_media("image", media.PNG)
    await say(inbox)
    wechat.expire_tokens()
    await say(inbox, "", attachments=file(Kind.IMAGE))
    wechat.expire_tokens()
    assert (await inbox.fetch(source(Kind.IMAGE, media_id), limit=LIMIT)).data == media.PNG


def test_the_thumb_is_what_wechat_takes() -> None:
    data = THUMB.read_bytes()
    assert sniff(data) == ("image/jpeg", "jpg")
    assert len(data) <= 64 * 1024


# ---- what customers sent --------------------------------------------------------------------------------------------


def source(kind: Kind, media_id: str, url: str | None = None, name: str = "image.jpg") -> Attachment:
    return Attachment(kind, name, "image/jpeg", source=media_id, url=url)


@pytest.mark.parametrize(
    ("kind", "data", "media_type", "name"),
    [
        (Kind.IMAGE, media.PNG, "image/png", "image.png"),
        (Kind.VOICE, media.AMR, "audio/amr", "image.amr"),
        (Kind.VOICE, b"\x01\x02 raw speex", "image/jpeg", "image.jpg"),
        (Kind.VIDEO, media.MP4, "video/mp4", "image.mp4"),
    ],
)
async def test_what_is_fetched_goes_by_its_bytes(
    inbox: WeChatChannel, wechat: WeChat, kind: Kind, data: bytes, media_type: str, name: str
) -> None:
    media_id = wechat.user_media(kind.value, data, "x")
    got = await inbox.fetch(source(kind, media_id), limit=LIMIT)
    assert got == Stored(data, media_type, name)


async def test_what_wechat_threw_away_is_gone(inbox: WeChatChannel, wechat: WeChat) -> None:
    media_id = wechat.user_media("image", media.PNG)
    wechat.expire_media(media_id)
    with pytest.raises(PermanentSendError, match="40007"):
        await inbox.fetch(source(Kind.IMAGE, media_id), limit=LIMIT)


async def test_too_large_is_found_while_it_streams(inbox: WeChatChannel, wechat: WeChat) -> None:
    media_id = wechat.user_media("image", media.PNG + bytes(2000))
    with pytest.raises(PermanentSendError, match="more than 1000 bytes"):
        await inbox.fetch(source(Kind.IMAGE, media_id), limit=1000)


@pytest.mark.parametrize(
    ("kind", "data"), [(Kind.IMAGE, b"%PDF"), (Kind.IMAGE, b""), (Kind.VIDEO, media.PNG), (Kind.IMAGE, media.MP4)]
)
async def test_what_is_not_what_it_should_be(inbox: WeChatChannel, wechat: WeChat, kind: Kind, data: bytes) -> None:
    media_id = wechat.user_media("voice", data)
    with pytest.raises(PermanentSendError):
        await inbox.fetch(source(kind, media_id), limit=LIMIT)


@pytest.mark.parametrize("fault", [{"errcode": -1}, {"html": True}, {"status": 502}, {"cut": True}])
async def test_a_fetch_that_failed_may_be_tried_again(
    inbox: WeChatChannel, wechat: WeChat, fault: dict[str, Any]
) -> None:
    media_id = wechat.user_media("image", media.PNG)
    wechat.trouble(DOWNLOAD, **fault)
    with pytest.raises(TemporarySendError):
        await inbox.fetch(source(Kind.IMAGE, media_id), limit=LIMIT)
    assert (await inbox.fetch(source(Kind.IMAGE, media_id), limit=LIMIT)).data == media.PNG


def web(asked: httpx.Request) -> httpx.Response:
    """The API refuses; the picture's own address works."""
    if asked.url.path == STABLE:
        return httpx.Response(200, json={"access_token": "T", "expires_in": 7200})
    if asked.url.path == DOWNLOAD:
        return httpx.Response(200, json={"errcode": 48001, "errmsg": "api unauthorized"})
    assert "access_token" not in asked.url.query.decode()
    return httpx.Response(200, content=media.JPEG)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://mmbiz.qpic.cn/mmbiz_jpg/0", True), ("https://mmbiz.qpic.cn/0", True),
        ("http://mmbiz.qpic.cn.evil.example/0", False), ("http://evilqpic.cn/0", False),
        ("http://127.0.0.1/0", False), ("http://a@127.0.0.1/.qpic.cn", False), ("http://mmbiz.qpic.cn:22/0", False),
        ("file:///etc/passwd", False), ("http://[", False), (None, False),
    ],
)  # fmt: skip
async def test_a_picture_s_own_address_serves_if_it_is_wechat_s(
    shelf: MemoryShelf, url: str | None, taken: bool
) -> None:
    options = {"app_id": APPID, "app_secret": SECRET, "token": "kefu"}
    inbox = WeChatChannel("oa", options, transport=httpx.MockTransport(web))
    inbox.borrow(shelf)
    if taken:
        assert (await inbox.fetch(source(Kind.IMAGE, "M", url), limit=LIMIT)).data == media.JPEG
    else:
        with pytest.raises(PermanentSendError):
            await inbox.fetch(source(Kind.IMAGE, "M", url), limit=LIMIT)
    await inbox.close()


async def test_links_arrive_as_cards(inbox: WeChatChannel, wechat: WeChat) -> None:
    card = Attachment(Kind.LINK, "退货说明", "text/html", url="https://shop.example/r")
    for call in inbox.render(Outgoing("k", "o1", "请看：", attachments=(card,))):
        await inbox.send(call)
    assert [sent.kind for sent in wechat.sent] == ["news", "text"]
