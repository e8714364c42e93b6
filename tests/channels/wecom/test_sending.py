"""KF-04, KF-06 and the rest of sending, against the strict fake."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

from bot.errors import (
    AmbiguousSendError,
    PermanentSendError,
    SendError,
    TemporarySendError,
    WindowClosedError,
)
from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Call, Receipt, Stored
from channels.wecom import msgid
from channels.wecom.channel import WeComChannel
from channels.wecom.sending import SEND, SEND_ON_EVENT, TRANSFER
from tests.channels.wecom.conftest import Build, Rig, options
from tests.channels.wecom.ground import Ground
from tests.fakes import media
from tests.fakes.conftest import Clock
from tests.fakes.wecom import CHANGE_STATE, SECRET, UPLOAD, WeCom
from tests.fakes.wecom_world import BOT, ENDED, NEW, PERSON, POOL

TOKEN = "/cgi-bin/gettoken"
BUTTONS = (QuickReply("满意", "rate:5"), QuickReply("不满意", "rate:1"))


async def say(rig: Rig, text: str = "您好", key: str = "kefu-1", **changes: object) -> Receipt:
    for call in rig.channel.render(Outgoing(key, "wm1", text, **changes)):  # type: ignore[arg-type]
        receipt = await rig.channel.send(call)
    return receipt


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """Whose customer has just written."""
    rig.fake.say("wm1", "在吗")
    return rig


async def test_a_text_arrives_under_our_msgid(rig: Rig) -> None:
    receipt = await say(rig)
    assert rig.fake.heard("wm1") == ["您好"]
    tag = await rig.ground.get("msgid-tag")
    assert tag
    assert msgid.key_of(receipt.external_id, tag) == "kefu-1"
    assert rig.fake.sent[0].body["msgid"] == receipt.external_id


async def test_it_is_said_as_it_is(rig: Rig) -> None:
    text = "您好 😀 \"'<&>\\u4f60 \n"
    await say(rig, text)
    assert rig.fake.heard("wm1") == [text]


async def test_a_menu_arrives(rig: Rig) -> None:
    await say(rig, "满意吗？", quick_replies=BUTTONS)
    assert rig.fake.sent[0].kind == "msgmenu"


async def test_the_first_contact_takes_the_session(rig: Rig) -> None:
    assert rig.fake.state("wm1") == NEW
    await say(rig)
    assert rig.fake.state("wm1") == BOT
    await say(rig, key="kefu-2")
    assert rig.fake.counts[CHANGE_STATE] == 1


async def test_kf_04_a_session_that_is_not_ours_is_taken_over_once(rig: Rig) -> None:
    await say(rig)
    rig.fake.set_state("wm1", NEW)
    rig.fake.trouble(SEND, errcode=95018)
    await say(rig, "又见面了", "kefu-2")
    assert rig.fake.heard("wm1") == ["您好", "又见面了"]
    assert (rig.fake.counts[SEND], rig.fake.counts[TRANSFER], rig.fake.state("wm1")) == (3, 2, BOT)


@pytest.mark.parametrize("state", [POOL, PERSON])
async def test_kf_04_what_an_agent_in_wecom_has_is_not_ours(rig: Rig, state: int) -> None:
    await say(rig)
    rig.fake.set_state("wm1", state, "zhangsan")
    with pytest.raises(PermanentSendError, match="agent in WeCom"):
        await say(rig, key="kefu-2")
    assert rig.fake.counts[SEND] == 2


async def test_kf_04_an_ended_session_waits_for_the_customer(rig: Rig) -> None:
    await say(rig)
    rig.fake.set_state("wm1", ENDED)
    with pytest.raises(WindowClosedError) as caught:
        await say(rig, key="kefu-2")
    assert not caught.value.spent
    rig.fake.say("wm1", "还在")
    await say(rig, key="kefu-2")


async def test_five_messages_and_forty_eight_hours(rig: Rig, clock: Clock) -> None:
    for n in range(5):
        await say(rig, key=f"kefu-{n}")
    with pytest.raises(WindowClosedError) as caught:
        await say(rig, key="kefu-5")
    assert caught.value.spent
    rig.fake.say("wm1", "继续")
    await say(rig, key="kefu-5")
    clock.time += 49 * 3600
    with pytest.raises(WindowClosedError) as caught:
        await say(rig, key="kefu-6")
    assert not caught.value.spent


@pytest.mark.parametrize("fault", [{"cut": True}, {"status": 200, "html": True}, {"hang": 1.0}])
async def test_what_nobody_knows_is_repeated_and_arrives_once(
    rig: Rig, fault: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig.channel._parts.api.http, "timeout", httpx.Timeout(0.3))
    rig.fake.trouble(SEND, **fault)
    with pytest.raises(AmbiguousSendError):
        await say(rig)
    await say(rig)
    assert rig.fake.heard("wm1") == ["您好"]


async def test_a_repeat_by_another_process_arrives_once(build: Build, rig: Rig) -> None:
    """The first one died between the send and writing it down."""
    await say(rig)
    await say(build())
    assert rig.fake.heard("wm1") == ["您好"]


async def test_a_used_msgid_that_we_did_not_try_is_no_success(rig: Rig) -> None:
    """Only what was tried before counts as sent; a message nobody got must not look delivered."""
    rig.fake.trouble(SEND, errcode=95999)
    with pytest.raises(PermanentSendError, match="95999"):
        await say(rig)
    rig.fake.trouble(SEND, errcode=95998)
    with pytest.raises(PermanentSendError, match="95998"):
        await say(rig)
    await say(rig)
    assert rig.fake.heard("wm1") == ["您好"]


async def test_a_new_database_is_not_refused_for_the_numbers_of_the_old(rig: Rig, build: Build, clock: Clock) -> None:

    await say(rig)
    await say(build(ground=Ground(clock)))
    assert rig.fake.heard("wm1") == ["您好", "您好"]


async def test_a_restored_database_is_not_refused_either(rig: Rig) -> None:
    await say(rig)
    await say(rig, "别的话")
    assert rig.fake.heard("wm1") == ["您好", "别的话"]


async def test_kf_06_a_welcome_goes_by_its_code(build: Build) -> None:
    rig = build()
    code = rig.fake.enter("wm1")
    await say(rig, "欢迎", handle=code)
    assert [sent.path for sent in rig.fake.sent] == [SEND_ON_EVENT]


async def test_kf_06_a_code_that_is_over_gives_way(rig: Rig, clock: Clock) -> None:
    code = rig.fake.enter("wm2")
    clock.time += 21
    rig.fake.say("wm1", "在吗")
    await say(rig, "欢迎", handle=code)
    assert [sent.path for sent in rig.fake.sent] == [SEND]


async def test_kf_06_without_a_window_it_waits(build: Build, clock: Clock) -> None:
    rig = build()
    code = rig.fake.enter("wm1")
    clock.time += 21
    with pytest.raises(WindowClosedError):
        await say(rig, "欢迎", handle=code)
    rig.fake.say("wm1", "在吗")
    await say(rig, "欢迎", handle=code)
    assert rig.fake.heard("wm1") == ["欢迎"]


async def test_kf_06_a_welcome_of_unknown_fate_arrives_once(build: Build) -> None:
    rig = build()
    code = rig.fake.enter("wm1")
    rig.fake.trouble(SEND_ON_EVENT, cut=True)
    with pytest.raises(AmbiguousSendError):
        await say(rig, "欢迎", handle=code)
    await say(rig, "欢迎", handle=code)
    assert rig.fake.heard("wm1") == ["欢迎"]


async def test_kf_06_a_busy_moment_does_not_cost_the_welcome(build: Build) -> None:
    rig = build()
    code = rig.fake.enter("wm1")
    rig.fake.trouble(SEND_ON_EVENT, errcode=-1)
    with pytest.raises(TemporarySendError):
        await say(rig, "欢迎", handle=code)
    await say(rig, "欢迎", handle=code)
    assert [sent.path for sent in rig.fake.sent] == [SEND_ON_EVENT]


FILES = {
    Kind.IMAGE: Stored(media.PNG, "image/png", "图.png"),
    Kind.VOICE: Stored(media.AMR, "audio/amr", "a.amr"),
    Kind.VIDEO: Stored(media.MP4, "video/mp4", "a.mp4"),
    Kind.FILE: Stored(b"PK\x03\x04", "application/zip", "a.zip"),
}


@pytest.mark.parametrize("kind", list(FILES))
async def test_files_are_uploaded_once(rig: Rig, kind: Kind) -> None:
    rig.ground.files["k"] = FILES[kind]
    attachment = Attachment(kind, FILES[kind].name, FILES[kind].media_type, key="k")
    await say(rig, "", attachments=(attachment,))
    await say(rig, "", "kefu-2", attachments=(attachment,))
    assert [sent.kind for sent in rig.fake.sent] == [kind.value] * 2
    assert rig.fake.counts[UPLOAD] == 1


async def test_a_media_id_that_is_gone_is_renewed_once(rig: Rig) -> None:
    rig.ground.files["k"] = FILES[Kind.IMAGE]
    attachment = Attachment(Kind.IMAGE, "a.png", "image/png", key="k")
    await say(rig, "", attachments=(attachment,))
    rig.fake.expire_media(rig.fake.sent[0].body["image"]["media_id"])
    await say(rig, "", "kefu-2", attachments=(attachment,))
    assert rig.fake.counts[UPLOAD] == 2
    rig.fake.trouble(SEND, errcode=40007, times=2)
    with pytest.raises(PermanentSendError):
        await say(rig, "", "kefu-3", attachments=(attachment,))


async def test_a_file_that_is_gone_or_too_large_is_told(rig: Rig) -> None:
    attachment = Attachment(Kind.IMAGE, "a.png", "image/png", key="k")
    with pytest.raises(PermanentSendError, match="no longer kept"):
        await say(rig, "", attachments=(attachment,))
    rig.ground.files["k"] = Stored(media.GIF, "image/gif", "a.gif")
    with pytest.raises(PermanentSendError, match="image/png"):
        await say(rig, "", attachments=(attachment,))
    rig.ground.files["k"] = Stored(media.PNG + bytes(11 * media.MB), "image/png", "a.png")
    with pytest.raises(PermanentSendError, match="takes 10485760"):
        await say(rig, "", attachments=(attachment,))


async def test_a_customer_s_file_is_fetched(rig: Rig) -> None:
    media_id = rig.fake.user_media("file", b"PK\x03\x04 whatever", "a.zip")
    attachment = Attachment(Kind.FILE, "file", "application/octet-stream", source=media_id)
    stored = await rig.channel.fetch(attachment, limit=1000)
    assert (stored.data, stored.name) == (b"PK\x03\x04 whatever", "a.zip")
    with pytest.raises(PermanentSendError):
        await rig.channel.fetch(attachment, limit=3)
    rig.fake.expire_media(media_id)
    with pytest.raises(PermanentSendError):
        await rig.channel.fetch(attachment, limit=1000)


async def test_an_expired_token_is_renewed_by_one(rig: Rig) -> None:
    await say(rig, key="kefu-0")
    rig.fake.expire_tokens()
    await asyncio.gather(*(say(rig, key=f"kefu-{n}") for n in range(1, 5)))
    assert len(rig.fake.sent) == 5
    assert rig.fake.counts[TOKEN] == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_for_ever_is_tried_twice(rig: Rig, code: int) -> None:
    rig.fake.trouble(SEND, errcode=code, times=None)
    with pytest.raises(TemporarySendError) as caught:
        await say(rig)
    assert caught.value.trouble is not None
    assert rig.fake.counts[SEND] == 2
    assert rig.fake.counts[TOKEN] <= 3


@pytest.mark.parametrize(
    ("code", "error", "trouble"),
    [
        (-1, TemporarySendError, None),
        (45009, TemporarySendError, None),
        (60020, TemporarySendError, "ip"),
        (48002, TemporarySendError, "api"),
        (95000, TemporarySendError, "account"),
        (95001, WindowClosedError, None),
        (95002, WindowClosedError, None),
        (95013, WindowClosedError, None),
        (40003, PermanentSendError, None),
        (45002, PermanentSendError, None),
        (12345, PermanentSendError, None),
    ],
)
async def test_each_code_says_what_to_do(rig: Rig, code: int, error: type[SendError], trouble: str | None) -> None:
    await say(rig, key="kefu-0")
    rig.fake.trouble(SEND, errcode=code)
    with pytest.raises(error) as caught:
        await say(rig)
    assert (caught.value.trouble.key if caught.value.trouble else None) == trouble
    await say(rig)
    assert rig.fake.heard("wm1") == ["您好", "您好"]


async def test_nobody_there_means_nothing_was_sent(rig: Rig, fake: WeCom) -> None:
    await say(rig, key="kefu-0")
    rig.channel._parts.api.http.base_url = httpx.URL("http://127.0.0.1:1")
    with pytest.raises(TemporarySendError):
        await say(rig)


async def test_a_store_that_is_away_means_nothing_was_sent(rig: Rig) -> None:
    rig.ground.away = True
    with pytest.raises(TemporarySendError, match="store is away"):
        await say(rig)
    rig.ground.away = False
    await say(rig)
    assert rig.fake.heard("wm1") == ["您好"]


async def test_nothing_secret_is_told(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.fake.trouble(SEND, cut=True)
    with pytest.raises(AmbiguousSendError) as caught:
        await say(rig)
    token = await rig.ground.get("token")
    assert token
    assert SECRET not in str(caught.value) + repr(rig.channel._options)
    assert token not in str(caught.value)
    assert SECRET not in caplog.text
    assert token not in caplog.text


async def test_check_in_plain_words(build: Build) -> None:
    assert [f.ok for f in await build().channel.check()] == [True, True]
    [token] = await build(secret="wrong").channel.check()
    assert (token.ok, "corp_id or secret" in token.mend) == (False, True)
    _, account = await build(open_kfid="wk-other").channel.check()
    assert (account.ok, "open_kfid" in account.mend) == (False, True)
    rig = build()
    rig.fake.block_ip("203.0.113.9")
    _, account = await rig.channel.check()
    assert (account.ok, "203.0.113.9" in account.mend) == (False, True)


async def test_check_without_a_network(build: Build) -> None:
    [token] = await build(api_base="http://127.0.0.1:1").channel.check()
    assert (token.ok, "cannot be reached" in token.mend) == (False, True)


async def test_without_a_shelf_nothing_goes() -> None:
    channel = WeComChannel("kf", options())
    with pytest.raises(RuntimeError):
        await channel.send(Call("message", {}))
    await channel.close()
