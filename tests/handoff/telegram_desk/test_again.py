"""Updates that come again, as Telegram sends them whose answer it never got: each act is done once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from bot.messages import Delivery
from bot.store import desk, linking, listing, outbox
from tests.fakes.telegram import DESK_TOKEN, GROUP
from tests.fakes.telegram_world import Json, Topic
from tests.handoff.telegram_desk.conftest import Handed, Team
from tests.handoff.telegram_desk.test_desk import said, texts
from tests.store.shop import HOLD, Shop, rows


def waiting(team: Team) -> Json:
    """The update that the desk has yet to fetch."""
    bot = team.telegram.bots[DESK_TOKEN]
    return deepcopy(bot.updates[-1])


def again(team: Team, update: Json) -> None:
    """It comes once more; the number is new only so that the server hands it out for certain."""
    team.telegram.inject(DESK_TOKEN, {k: v for k, v in update.items() if k != "update_id"})


async def heard(team: Team, topic: Topic) -> None:
    """Everything before this is done."""
    number = team.telegram.say(team.mei, "// so far", topic=topic.id)
    await team.until(lambda: (GROUP, number) in team.telegram.reactions, "sign that it is noted")


def tap(act: str) -> Callable[[Team, Topic, int], Any]:
    return lambda team, topic, place: team.telegram.tap(team.mei, team.card(topic)["message_id"], f"{act}:{place}")


def write(text: str) -> Callable[[Team, Topic, int], Any]:
    return lambda team, topic, place: team.telegram.say(team.mei, text, topic=topic.id)


def close(team: Team, topic: Topic, place: int) -> None:
    team.telegram.close(team.mei, topic.id)


ACTS = {
    "back, tapped": (tap("back"), "pending"),
    "resolve, tapped": (tap("resolve"), "resolved"),
    "/back": (write("/back"), "pending"),
    "/resolve": (write("/resolve"), "resolved"),
    "closed by hand": (close, "resolved"),
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_act_that_comes_again_does_not_undo_what_was_done_since(
    team: Team, hand_over: Handed, name: str
) -> None:
    act, status = ACTS[name]
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.write(desk.claim, place, team.agent)
    with team.telegram.lock:
        query, update = act(team, topic, place), waiting(team)

    async def now() -> str:
        return str((await team.store.read(listing.row, place))["status"])

    await team.becomes(now, status)
    await team.write(desk.claim, place, team.agent)  # the customer came back, and she took it up again
    again(team, update)
    await heard(team, topic)
    assert await now() == "open"
    if name.endswith("tapped"):
        assert team.telegram.alerts[query], "whoever tapped is answered"


async def test_send_again_that_comes_again_sends_once(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    for due in await shop.dues():
        await team.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    await team.write(desk.reply, place, team.agent, cid="w1", text="您好", pull=False)
    (due,) = await shop.dues()
    await team.store.write(outbox.settle, due, Delivery.UNKNOWN, "", hold=HOLD)
    team.live.changed(place)
    await team.reads(topic, "无法确认客户是否收到")
    fault = next(m for m in team.telegram.thread(topic.id) if "无法确认客户是否收到" in m["text"])
    (data,) = [b["callback_data"] for row in fault["reply_markup"]["inline_keyboard"] for b in row]
    with team.telegram.lock:
        query, update = team.telegram.tap(team.mei, fault["message_id"], data), waiting(team)
    await team.until(lambda: team.telegram.alerts.get(query) == "正在重新发送", "answer")
    (due,) = await shop.dues()
    await team.store.write(outbox.settle, due, Delivery.UNKNOWN, "", hold=HOLD)
    again(team, update)
    await heard(team, topic)
    assert await shop.dues() == []


async def test_words_that_come_again_are_said_once_whatever_became_of_the_conversation(
    team: Team, hand_over: Handed
) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    with team.telegram.lock:
        number, update = team.telegram.say(team.mei, "您好", topic=topic.id), waiting(team)
    await said(team, "您好")
    await team.write(desk.return_to_bot, place, team.agent)
    await team.write(desk.claim, place, team.other)
    again(team, update)
    await heard(team, topic)
    assert await texts(team, "author = 'agent' AND audience = 'all'") == ["您好"]
    assert "正在处理" not in team.telegram.said(topic.id), f"message {number} was not refused"


async def test_what_was_refused_stays_refused(team: Team, hand_over: Handed) -> None:
    """Whoever was told that his words did not go out must not find them sent."""
    await team.desk()
    await hand_over()
    topic = await team.topic()
    with team.telegram.lock:
        _, update = team.telegram.say(team.li_hua, "我来回答", topic=topic.id), waiting(team)
    await team.reads(topic, "没有连接坐席账号")
    code = await team.store.write(linking.offer, team.other)
    await team.store.write(linking.link, code, team.li_hua, "")
    again(team, update)
    await heard(team, topic)
    assert await texts(team, "audience = 'all' AND author = 'agent'") == []


async def test_a_code_that_comes_again_is_not_called_wrong(team: Team) -> None:
    await team.desk()
    code = await team.store.write(linking.offer, team.other)

    def answers() -> list[str]:
        return [m["text"] for m in team.telegram.private(team.li_hua, DESK_TOKEN) if m["from"]["is_bot"]]

    for _ in range(2):
        before = len(answers())
        team.telegram.write(team.li_hua, f"/start {code}", to=DESK_TOKEN)
        await team.until(lambda n=before: len(answers()) > n, "answer")  # type: ignore[misc]
    assert ["阿伯" in text for text in answers()] == [True, True]
    found = await team.store.read(rows, "SELECT agent_id FROM telegram_link")
    assert {row.agent_id for row in found} == {team.agent, team.other}
