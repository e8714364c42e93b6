"""TG-03, TG-04, TG-11: fetching. What was said is kept once, whatever happens in between."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Incoming
from bot.ports import Borrower, Fetcher, Listener, Rereader, Typist
from channels.telegram import listening as module
from tests.channels.telegram.conftest import Build, Rig, until
from tests.channels.telegram.updates import said
from tests.channels.wecom.ground import Crash, Ground
from tests.fakes.telegram import TOKEN, Telegram


def test_it_is_what_it_claims(rig: Rig) -> None:
    for protocol in (Listener, Borrower, Fetcher, Typist, Rereader):
        assert isinstance(rig.channel, protocol)


async def test_what_waits_and_what_comes_is_taken_in_order(fake: Telegram, rig: Rig) -> None:
    wang = fake.add_user("王")
    for n in range(150):
        fake.write(wang, f"早 {n}")
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 150)
        fake.write(wang, "晚")
        await until(lambda: rig.ground.texts[-1] == "晚")
        await until(lambda: not fake.bots[TOKEN].updates)
    assert rig.ground.texts == [*(f"早 {n}" for n in range(150)), "晚"]


async def test_the_same_update_twice_is_one_message(fake: Telegram, rig: Rig) -> None:
    """TG-03."""
    wang = fake.add_user("王")
    fake.write(wang, "一")
    async with rig.listening():
        await until(lambda: fake.bots[TOKEN].taken)
        fake.again(TOKEN)
        fake.write(wang, "二")
        await until(lambda: "二" in rig.ground.texts)
    assert rig.ground.texts == ["一", "二"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_around_the_commit_loses_and_doubles_nothing(
    fake: Telegram, build: Build, ground: Ground, when: str
) -> None:
    """TG-04."""
    wang = fake.add_user("王")
    ground.dies = (when, 1)
    fake.write(wang, "一")
    rig = build()
    with contextlib.suppress(Crash, BaseExceptionGroup):
        await rig.channel.listen(ground.accept)
    await ground.drop(module.LEASE)  # its time runs out
    fake.write(wang, "二")
    async with build().listening():
        await until(lambda: "二" in ground.texts)
    assert ground.texts == ["一", "二"]


async def test_a_store_that_fails_is_asked_again(fake: Telegram, rig: Rig) -> None:
    rig.ground.failing = 3
    fake.write(fake.add_user("王"), "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])


async def test_what_the_store_never_takes_does_not_hold_up_the_rest(fake: Telegram, rig: Rig) -> None:
    wang = fake.add_user("王")
    rig.ground.refuses = "毒"
    for text in ("一", "毒", "二"):
        fake.write(wang, text)
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 3)
    assert rig.ground.texts == ["一", module.UNKEPT, "二"]


async def test_garbage_among_updates_is_passed(fake: Telegram, rig: Rig) -> None:
    garbage: tuple[dict[str, Any], ...] = ({"message": 5}, {"message": {"chat": []}}, {"callback_query": {"id": {}}})
    for n, update in enumerate(garbage):
        fake.inject(TOKEN, {"update_id": 700_000_001 + n, **update})
    fake.inject(TOKEN, said("在吗", update_id=700_000_009))
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
        await until(lambda: not fake.bots[TOKEN].updates)


async def test_two_processes_poll_one_after_the_other(fake: Telegram, build: Build) -> None:
    wang = fake.add_user("王")
    first, second = build(), build()
    async with second.listening():
        async with first.listening():
            fake.write(wang, "一")
            await until(lambda: first.ground.texts == ["一"])
            assert not [one for one in fake.refused if one[1] == 409]
        fake.write(wang, "二")
        await until(lambda: first.ground.texts == ["一", "二"])


async def test_another_poller_is_trouble_and_over_when_it_is_gone(fake: Telegram, rig: Rig) -> None:
    """TG-11: a second program with our token."""
    fake.trouble("getUpdates", errcode=409, hint="Conflict: terminated by other getUpdates request", times=6)
    async with rig.listening():
        await until(lambda: "poller" in rig.ground.troubles)
        assert "/revoke" in rig.ground.troubles["poller"].said["en"]
        await until(lambda: not rig.ground.troubles)


async def test_somebody_elses_webhook_is_left_unless_we_may_take_over(fake: Telegram, build: Build) -> None:
    """TG-11: a webhook is active."""
    fake.bots[TOKEN].webhook = {"url": "https://user:pw@crm.example/hook?key=geheim", "secret": ""}
    wang = fake.add_user("王")
    fake.write(wang, "在吗")
    rig = build()
    async with rig.listening():
        await until(lambda: "webhook" in rig.ground.troubles)
    told = rig.ground.troubles["webhook"].said["en"]
    assert "crm.example" in told
    assert "take_over = true" in told
    assert "geheim" not in told
    assert "pw" not in told
    assert fake.bots[TOKEN].webhook
    async with build(take_over=True).listening():
        await until(lambda: rig.ground.texts == ["在吗"])
        await until(lambda: not rig.ground.troubles)


async def test_a_webhook_of_our_own_from_before_goes(fake: Telegram, rig: Rig) -> None:
    fake.bots[TOKEN].webhook = {"url": "https://old.example/webhooks/tg", "secret": "x"}
    fake.write(fake.add_user("王"), "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])
    assert not fake.bots[TOKEN].webhook


async def test_after_a_quiet_week_the_numbers_may_begin_anew(fake: Telegram, build: Build, ground: Ground) -> None:
    wang = fake.add_user("王")
    before = int((ground.now() - timedelta(days=8)).timestamp())
    await ground.put("offset:1001", f"900000000@{before}")
    fake.write(wang, "新的一周")
    async with build().listening():
        await until(lambda: ground.texts == ["新的一周"])
        fake.write(wang, "再来")
        await until(lambda: ground.texts == ["新的一周", "再来"])
    assert (await ground.get("offset:1001") or "").startswith("700000003@")


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 502, "html": True}, {"cut": True}])
async def test_what_goes_wrong_at_telegram_is_tried_again(fake: Telegram, rig: Rig, fault: dict[str, bool]) -> None:
    fake.trouble("getUpdates", times=3, **fault)
    fake.write(fake.add_user("王"), "在吗")
    async with rig.listening():
        await until(lambda: rig.ground.texts == ["在吗"])


async def test_a_wrong_token_is_trouble_with_a_mend(fake: Telegram, build: Build) -> None:
    rig = build(token="1009:another-token-of-nobody-at-all-000000")
    async with rig.listening():
        await until(lambda: "token" in rig.ground.troubles)
    assert "@BotFather" in rig.ground.troubles["token"].said["zh-Hans"]


async def test_a_tap_is_answered_once_it_is_kept(fake: Telegram, rig: Rig) -> None:
    wang = fake.add_user("王")
    fake.write(wang, "在吗")
    board = {"inline_keyboard": [[{"text": "怎么退货", "callback_data": "faq:returns"}]]}
    sent = await rig.channel._parts.api.ask("sendMessage", {"chat_id": wang, "text": "请选择", "reply_markup": board})
    rig.ground.failing = 2
    async with rig.listening():
        query = fake.tap(wang, sent["message_id"], "faq:returns", group=None, to=TOKEN)
        await until(lambda: query in fake.alerts)
        heard = rig.ground.heard[-1]
        assert isinstance(heard, Incoming)
        assert (heard.value, heard.text) == ("faq:returns", "怎么退货")
        message = fake.private(wang)[-1]
        shown = [{"text": "✓ 怎么退货", "callback_data": "="}]
        await until(lambda: message["reply_markup"]["inline_keyboard"] == [shown])
        again = fake.tap(wang, sent["message_id"], "=", group=None, to=TOKEN)
        await until(lambda: again in fake.alerts)
    assert sum(isinstance(h, Incoming) and h.text == "怎么退货" for h in rig.ground.heard) == 1
