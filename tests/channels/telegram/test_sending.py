"""TG-05, TG-06: what became of a message, and what it means for the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Stored
from channels.telegram import sending
from channels.telegram.pacing import BURST, PER_SECOND, Pacing
from tests import samples
from tests.channels.telegram.conftest import Build, Rig
from tests.fakes.telegram import TOKEN, Telegram


@pytest.fixture
def wang(fake: Telegram) -> int:
    user = fake.add_user("王")
    fake.write(user, "在吗")
    return user


async def say(rig: Rig, to: int | str, text: str = "您好", **more: Any) -> list[str]:
    outgoing = Outgoing("kefu-1", str(to), text, **more)
    return [(await rig.channel.send(call)).external_id for call in rig.channel.render(outgoing)]


async def test_a_text_goes_out_as_it_is(fake: Telegram, rig: Rig, wang: int) -> None:
    (number,) = await say(rig, wang, "<b>5*6</b> & _x_", quick_replies=(QuickReply("好", "yes"),))
    message = fake.private(wang)[-1]
    assert (str(message["message_id"]), message["text"]) == (number, "<b>5*6</b> & _x_")
    assert message["reply_markup"]["inline_keyboard"] == [[{"text": "好", "callback_data": "yes"}]]


FAULTS: list[tuple[dict[str, Any], type[SendError]]] = [
    ({"errcode": 429, "hint": "7"}, TemporarySendError),
    ({"status": 500}, AmbiguousSendError),
    ({"status": 502, "html": True}, AmbiguousSendError),
    ({"cut": True}, AmbiguousSendError),
    ({"errcode": 403, "hint": "Forbidden: bot was blocked by the user"}, PermanentSendError),
    ({"errcode": 403, "hint": "Forbidden: user is deactivated"}, PermanentSendError),
    ({"errcode": 400, "hint": "Bad Request: chat not found"}, PermanentSendError),
    ({"errcode": 401, "hint": "Unauthorized"}, TemporarySendError),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_what_a_refusal_means(
    fake: Telegram, rig: Rig, wang: int, fault: dict[str, Any], error: type[SendError]
) -> None:
    fake.trouble("sendMessage", **fault)
    with pytest.raises(SendError) as told:
        await say(rig, wang)
    assert type(told.value) in (error, *error.__subclasses__())
    assert TOKEN.partition(":")[2] not in str(told.value)
    assert (told.value.trouble is not None) == (fault.get("errcode") == 401)


async def test_nobody_there_is_nothing_sent(build: Build) -> None:
    rig = build(api_base="http://127.0.0.1:9")
    with pytest.raises(TemporarySendError, match="cannot be reached") as told:
        await say(rig, 5001)
    assert told.value.trouble is not None
    assert "proxy" in told.value.trouble.said["zh-Hans"]


async def test_a_dead_proxy_is_nothing_sent(build: Build) -> None:
    rig = build(proxy="socks5://user:geheim@127.0.0.1:9")
    with pytest.raises(TemporarySendError) as told:
        await say(rig, 5001)
    assert "geheim" not in str(told.value)


async def test_after_a_429_that_chat_is_left_alone_and_no_other(fake: Telegram, rig: Rig, wang: int) -> None:
    """TG-05: nothing overtakes: until the time is over, nothing goes to that chat at all."""
    li = fake.add_user("李")
    fake.write(li, "在吗")
    fake.trouble("sendMessage", errcode=429, hint="30")
    with pytest.raises(TemporarySendError) as told:
        await say(rig, wang, "一")
    assert told.value.retry_after is not None
    assert 30 <= told.value.retry_after < 32
    asked = fake.counts["sendMessage"]
    with pytest.raises(TemporarySendError) as again:
        await say(rig, wang, "二")
    assert again.value.retry_after is not None
    assert again.value.retry_after > 25
    assert fake.counts["sendMessage"] == asked
    assert await say(rig, li, "三")


async def test_a_chat_that_moved_is_followed(fake: Telegram, rig: Rig, wang: int) -> None:
    """TG-06."""
    li = fake.add_user("李")
    fake.write(li, "在吗")
    fake.trouble("sendMessage", errcode=400, hint=f"migrate {li}")
    await say(rig, wang, "您好")
    assert fake.private(li)[-1]["text"] == "您好"
    await say(rig, wang, "还有")
    assert fake.private(li)[-1]["text"] == "还有"
    assert fake.counts["sendMessage"] == 3


# ---- files --------------------------------------------------------------------------------------------------------

FILES: list[tuple[Stored, Kind, str]] = [
    (Stored(samples.png(9, 9), "image/png", "a.png"), Kind.IMAGE, "sendPhoto"),
    (Stored(b"GIF89a....", "image/gif", "a.gif"), Kind.IMAGE, "sendDocument"),
    (Stored(b"\x89PNG no picture", "image/png", "a.png"), Kind.IMAGE, "sendPhoto"),
    (Stored(b"OggS", "audio/ogg", "v.ogg"), Kind.VOICE, "sendVoice"),
    (Stored(b"#!AMR\n", "audio/amr", "v.amr"), Kind.VOICE, "sendDocument"),
    (Stored(b"....ftypmp42", "video/mp4", "v.mp4"), Kind.VIDEO, "sendVideo"),
    (Stored(b"%PDF-", "application/pdf", "账单.pdf"), Kind.FILE, "sendDocument"),
]


@pytest.mark.parametrize(("stored", "kind", "method"), FILES)
async def test_a_file_goes_as_what_it_is(
    fake: Telegram, rig: Rig, wang: int, stored: Stored, kind: Kind, method: str
) -> None:
    rig.ground.files["k"] = stored
    attachment = Attachment(kind, stored.name, stored.media_type, key="k")
    await say(rig, wang, "请看", attachments=(attachment,), quick_replies=(QuickReply("好", "yes"),))
    assert [sent.path for sent in fake.sent] == [method]
    message = fake.private(wang)[-1]
    assert message["caption"] == "请看"
    assert message["reply_markup"]


async def test_what_telegram_cannot_show_goes_as_a_document(fake: Telegram, rig: Rig, wang: int) -> None:
    rig.ground.files["k"] = Stored(b"no picture at all", "image/png", "a.png")
    await say(rig, wang, "", attachments=(Attachment(Kind.IMAGE, "a.png", "image/png", key="k"),))
    assert [call[0] for call in fake.refused] == ["sendPhoto"]
    assert fake.private(wang)[-1]["document"]["file_name"] == "a.png"


async def test_limits_are_said_before_anything_is_sent(
    fake: Telegram, rig: Rig, wang: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_PHOTO", 20)
    monkeypatch.setattr(sending, "MOST", 2000)
    picture = Attachment(Kind.IMAGE, "a.png", "image/png", key="k")
    rig.ground.files["k"] = Stored(samples.png(9, 9), "image/png", "a.png")
    await say(rig, wang, "", attachments=(picture,))
    assert fake.sent[-1].path == "sendDocument"
    rig.ground.files["k"] = Stored(b"x" * 2001, "application/zip", "a.zip")
    with pytest.raises(PermanentSendError, match="send a link"):
        await say(rig, wang, "", attachments=(picture,))
    with pytest.raises(PermanentSendError, match="no longer kept"):
        await say(rig, wang, "", attachments=(replace(picture, key="gone"),))


async def test_a_customers_file_is_fetched_and_its_address_told_to_nobody(fake: Telegram, rig: Rig) -> None:
    source = fake.keep("账单.pdf", b"%PDF-1.4")
    wanted = Attachment(Kind.FILE, "账单.pdf", "application/pdf", source=source)
    stored = await rig.channel.fetch(wanted, limit=1000)
    assert (stored.data, stored.name) == (b"%PDF-1.4", "账单.pdf")
    with pytest.raises(PermanentSendError, match="more than 3 bytes"):
        await rig.channel.fetch(wanted, limit=3)
    with pytest.raises(PermanentSendError):
        await rig.channel.fetch(replace(wanted, source="nothing"), limit=1000)
    api = rig.channel._parts.api
    for path in ("files/not-there", "../x"):
        with pytest.raises(SendError) as told:
            await api.download(path, 10)
        assert TOKEN.partition(":")[2] not in repr(told.value)


async def test_somebody_types(fake: Telegram, rig: Rig, wang: int) -> None:
    await rig.channel.typing(str(wang))
    assert ("sendChatAction", {"chat_id": str(wang), "action": "typing"}) in fake.calls


# ---- pace ---------------------------------------------------------------------------------------------------------


def test_one_chat_is_written_to_once_a_second_after_a_few() -> None:
    pacing = Pacing()
    waits = [pacing.wait("a", 0.0) for _ in range(6)]
    assert waits[:BURST] == pytest.approx([0, 1 / PER_SECOND, 2 / PER_SECOND])
    assert [round(wait) for wait in waits[BURST:]] == [1, 2, 3]
    assert pacing.wait("b", 0.0) == pytest.approx(6 / PER_SECOND)


def test_all_chats_together_get_thirty_a_second() -> None:
    pacing = Pacing()
    waits = [pacing.wait(str(n), 0.0) for n in range(91)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(3.0)
    assert pacing.wait("later", 100.0) == 0


async def test_a_burst_in_one_chat_keeps_its_order(fake: Telegram, rig: Rig, wang: int) -> None:
    for n in range(5):
        await say(rig, wang, str(n))
    assert [sent.text for sent in fake.sent] == ["0", "1", "2", "3", "4"]
