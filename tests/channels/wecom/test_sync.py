"""KF-02, KF-03: fetching, against the strict fake. What was said is kept once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.messages import Delivery, Incoming, Kind, Outgoing, Recall, Report
from bot.ports import Borrower, Fetcher, Listener
from channels.wecom import sync as sync_module
from channels.wecom.channel import WeComChannel
from tests.channels.wecom.conftest import Build, Rig, options, until
from tests.channels.wecom.ground import Crash, Ground
from tests.fakes.conftest import Clock
from tests.fakes.wecom import OPEN_KFID, SYNC, WeCom

TOKEN = "/cgi-bin/gettoken"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(sync_module, "LONGEST_PAUSE", 0.05)


def test_it_is_what_it_claims() -> None:
    channel = WeComChannel("kf", options())
    assert isinstance(channel, Listener)
    assert isinstance(channel, Borrower)
    assert isinstance(channel, Fetcher)


async def test_the_start_reads_what_came_before(rig: Rig) -> None:
    rig.fake.say("wm1", "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
    [told] = rig.ground.heard
    assert isinstance(told, Incoming)
    assert told.sender_name == "张三"


async def test_without_history_only_what_comes_from_now_on(build: Build, clock: Clock) -> None:
    rig = build(history=False)
    rig.fake.say("wm1", "昨天")
    clock.time += 60
    async with rig.listening():
        await until(lambda: rig.ground.commits > 0)
        clock.time += 60
        rig.fake.say("wm1", "今天")
        rig.ring()
        await until(lambda: bool(rig.ground.texts))
    assert rig.ground.texts == ["今天"]


async def test_a_ring_fetches_at_once_and_with_its_token(build: Build, ground: Ground) -> None:
    rig = build()
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] == 1)
        rig.fake.say("wm1", "在吗")
        rig.ring()
        await until(lambda: ground.texts == ["在吗"])
    assert rig.fake.refused == []


async def test_a_ring_for_another_account_is_ignored(rig: Rig) -> None:
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] == 1)
        rig.ring(Token="ENC", OpenKfId="wk-other")
        await asyncio.sleep(0.1)
    assert rig.fake.counts[SYNC] == 1


async def test_a_ring_for_another_inbox_of_the_company_is_passed_on(ground: Ground, clock: Clock) -> None:
    """WeCom calls one address for all accounts of a company."""
    with WeCom(clock=clock, accounts={OPEN_KFID: "售后", "wk-2": "售前"}) as fake:
        first, second = Rig(fake, ground, clock), Rig(fake, Ground(clock), clock, open_kfid="wk-2")
        async with first.listening(), second.listening():
            await until(lambda: fake.counts[SYNC] == 2)
            fake.say("wm1", "在吗", "wk-2")
            first.ring(**fake.callback("wk-2"))
            await until(lambda: second.ground.texts == ["在吗"])
        assert (first.ground.texts, fake.counts[SYNC]) == ([], 3)
        await first.channel.close()
        await second.channel.close()


async def test_too_many_calls_wait_but_a_ring_has_a_token(rig: Rig) -> None:
    rig.fake.trouble(SYNC, errcode=45009)
    async with rig.listening():
        await until(lambda: bool(rig.fake.refused))
        rig.fake.say("wm1", "在吗")
        await asyncio.sleep(0.2)
        assert rig.fake.counts[SYNC] == 1
        rig.ring()
        await until(lambda: rig.ground.texts == ["在吗"])


async def test_it_asks_by_itself_too(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.channel._parts.sync, "_options", replace(rig.channel._options, poll_seconds=0))
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] >= 2)
        rig.fake.say("wm1", "没有人按铃")
        await until(lambda: rig.ground.texts == ["没有人按铃"])


async def test_kf_02_page_by_page_and_empty_pages(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "LIMIT", 3)
    said = [str(n) for n in range(10)]
    for text in said:
        rig.fake.say("wm1", text)
    rig.fake.empty_pages(2)
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 10)
    assert rig.ground.texts == said
    assert rig.fake.counts[SYNC] == 6


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("which", [1, 2, 3])
async def test_kf_02_a_crash_loses_and_doubles_nothing(
    build: Build, monkeypatch: pytest.MonkeyPatch, when: str, which: int
) -> None:
    monkeypatch.setattr(sync_module, "LIMIT", 2)
    first = build()
    for n in range(6):
        first.fake.say("wm1", str(n))
    first.ground.dies = (when, which)
    with pytest.raises(Crash):
        await first.channel.listen(first.ground.accept)
    second = build()
    async with second.listening():
        await until(lambda: len(second.ground.texts) >= 6)
        await asyncio.sleep(0.05)
    assert second.ground.texts == [str(n) for n in range(6)]


async def test_processes_do_not_disturb_one_another(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "LIMIT", 2)
    one, other = build(), build()
    async with one.listening(), other.listening():
        for n in range(12):
            one.fake.say("wm1", str(n))
            (one if n % 2 else other).ring()
            await asyncio.sleep(0.01)
        await until(lambda: len(one.ground.texts) == 12)
    assert one.ground.texts == [str(n) for n in range(12)]
    assert all(count == 1 for count in Counter(one.ground.texts).values())


async def test_a_store_that_fails_is_asked_again(rig: Rig) -> None:
    rig.fake.say("wm1", "在吗")
    rig.ground.failing = 3
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])


async def test_what_the_store_never_takes_holds_up_nothing(rig: Rig) -> None:
    rig.ground.refuses = "毒"
    for text in ("一", "毒", "三"):
        rig.fake.say("wm1", text)
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 3)
        rig.fake.say("wm1", "四")
        rig.ring()
        await until(lambda: "四" in rig.ground.texts)
    assert rig.ground.texts == ["一", sync_module.UNKEPT, "三", "四"]


async def test_kf_03_an_old_token_is_done_without(rig: Rig, clock: Clock) -> None:
    token = rig.fake.callback()
    clock.time += 601
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] == 1)
        rig.fake.say("wm1", "在吗")
        rig.ring(**token)  # it comes late: to our knowledge it is fresh
        await until(lambda: rig.ground.texts == ["在吗"])
    assert [code for _, code, _ in rig.fake.refused] == [95007]


async def test_kf_03_a_token_we_know_to_be_old_is_not_tried(rig: Rig, clock: Clock) -> None:
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] == 1)
        rig.ring()
        await until(lambda: rig.fake.counts[SYNC] == 2)
        clock.time += 601
        rig.channel._parts.sync._bell.set()
        await until(lambda: rig.fake.counts[SYNC] == 3)
    assert rig.fake.refused == []


@pytest.mark.parametrize("spoil", ["expire_tokens", "revoke_tokens"])
async def test_an_access_token_that_is_over_is_renewed_once(rig: Rig, spoil: str) -> None:
    async with rig.listening():
        await until(lambda: rig.fake.counts[SYNC] == 1)
        getattr(rig.fake, spoil)()
        rig.fake.say("wm1", "在吗")
        rig.ring()
        await until(lambda: rig.ground.texts == ["在吗"])
    assert rig.fake.counts[TOKEN] == 2


async def test_people_are_told_what_to_mend_and_when_it_is_mended(rig: Rig) -> None:
    rig.fake.block_ip("203.0.113.9")
    rig.fake.say("wm1", "在吗")
    async with rig.listening():
        await until(lambda: "ip" in rig.ground.troubles)
        assert "203.0.113.9" in rig.ground.troubles["ip"].said["zh-Hans"]
        rig.fake.block_ip("")
        await until(lambda: rig.ground.texts == ["在吗"])
        await until(lambda: not rig.ground.troubles)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"secret": "wrong-secret-of-ours"}, "secret"),
        ({"corp_id": "ww-wrong"}, "secret"),
        ({"open_kfid": "wk-wrong"}, "account"),
    ],
)
async def test_wrong_settings_are_told_without_the_secret(build: Build, changes: dict[str, str], key: str) -> None:
    rig = build(**changes)
    async with rig.listening():
        await until(lambda: key in rig.ground.troubles)
    assert "wrong-secret" not in str(rig.ground.told)


async def test_the_network_comes_back(rig: Rig) -> None:
    rig.fake.say("wm1", "在吗")
    rig.fake.trouble(SYNC, status=502, html=True)
    rig.fake.trouble(SYNC, cut=True)
    rig.fake.trouble(SYNC, errcode=-1)
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])


async def test_a_cursor_wecom_does_not_know_begins_again(rig: Rig) -> None:
    rig.fake.say("wm1", "在吗")
    cursor = f"cursor:{rig.channel._options.open_kfid}"
    await rig.ground.put(cursor, "of-another-life")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
    assert await rig.ground.get(cursor) != "of-another-life"


async def test_more_with_the_same_cursor_is_no_endless_loop(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def post(path: str, body: object) -> dict[str, object]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return {"next_cursor": "", "has_more": 1, "msg_list": "nonsense"}

    monkeypatch.setattr(rig.channel._parts.api, "post", post)
    async with rig.listening():
        await asyncio.sleep(0.1)
    assert asked == 1


async def test_everything_that_is_told(rig: Rig, clock: Clock) -> None:
    msgid = rig.fake.say("wm1", "说错了")
    rig.fake.tap("wm1", "rate:5", "满意")
    rig.fake.give("wm1", "image", {"media_id": "M"})
    rig.fake.recall("wm1", msgid)
    code = rig.fake.enter("wm2", scene="web")
    rig.fake.servicer_says("zhangsan", "wm1", "我来")
    rig.fake.set_servicer("zhangsan", False)
    async with rig.listening():
        await until(lambda: len(rig.ground.heard) == 6)
    text, tap, image, recall, enter, agent = rig.ground.heard
    assert isinstance(text, Incoming)
    assert isinstance(tap, Incoming)
    assert isinstance(image, Incoming)
    assert isinstance(enter, Incoming)
    assert isinstance(agent, Incoming)
    assert recall == Recall(text.external_id)
    assert (tap.value, image.kind, agent.kind) == ("rate:5", Kind.IMAGE, Kind.EVENT)
    assert (enter.value, enter.handle) == ("enter", code)
    assert enter.window is not None
    assert enter.window.lasts == timedelta(seconds=20)


async def test_names_cost_no_message(build: Build) -> None:
    rig = build()
    rig.fake.trouble("/cgi-bin/kf/customer/batchget", status=500, html=True, times=None)
    rig.fake.say("wm1", "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
    rig.fake.end_troubles()
    again = build()
    rig.fake.say("wm1", "还在吗")
    async with again.listening():
        await until(lambda: len(rig.ground.texts) == 2)
    assert [h.sender_name for h in rig.ground.heard if isinstance(h, Incoming)] == ["", "张三"]


async def test_names_are_asked_for_once(build: Build) -> None:
    rig = build()
    for n in range(3):
        rig.fake.say(f"wm{n}", "在吗")
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 3)
    other = build()
    rig.fake.say("wm1", "还在吗")
    async with other.listening():
        await until(lambda: len(rig.ground.texts) == 4)
    assert {h.sender_name for h in rig.ground.heard if isinstance(h, Incoming)} == {"张三"}
    assert rig.fake.counts["/cgi-bin/kf/customer/batchget"] == 1


async def test_names_may_be_left_alone(build: Build) -> None:
    rig = build(names=False)
    rig.fake.say("wm1", "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
    assert rig.fake.counts["/cgi-bin/kf/customer/batchget"] == 0


async def test_kf_05_a_message_that_failed_is_reported(rig: Rig, fake: WeCom) -> None:
    fake.say("wm1", "在吗")
    fake.fail_next(6)

    [call] = rig.channel.render(Outgoing("kefu-9", "wm1", "在"))
    await rig.channel.send(call)
    async with rig.listening():
        await until(lambda: any(isinstance(h, Report) for h in rig.ground.heard))
    [report] = [h for h in rig.ground.heard if isinstance(h, Report)]
    assert (report.key, report.delivery) == ("kefu-9", Delivery.FAILED)
    assert "5 条" in report.error
