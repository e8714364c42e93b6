"""When Telegram, the connection or a process fails: one topic, nothing lost, and people are told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.ports import Stored
from bot.store import desk, shelf, topics
from handoff.telegram_desk.opening import HEARD_WITHIN
from tests import samples
from tests.fakes.telegram import DESK_TOKEN, GROUP
from tests.fakes.telegram_shapes import Told
from tests.fakes.telegram_world import Json
from tests.handoff.telegram_desk.conftest import Handed, Team
from tests.handoff.telegram_desk.test_desk import said, texts
from tests.store.shop import Shop, rows


async def test_two_processes_one_topic(team: Team, hand_over: Handed) -> None:
    """TG-09."""
    await asyncio.gather(team.desk(), team.desk())
    for n in range(3):
        await hand_over(sender=f"c{n}")
    await team.topic(2)
    await asyncio.sleep(0.5)
    assert team.telegram.counts["createForumTopic"] == 3
    assert not [told for told in team.telegram.refused if told[1] == 409]


async def test_another_process_takes_over_from_a_dead_one(team: Team, hand_over: Handed, shop: Shop) -> None:
    team.lease = timedelta(seconds=1.5)
    first = await team.desk()
    place = await hand_over()
    topic = await team.topic()
    assert first._task is not None
    first._shelf.drop = nothing  # type: ignore[method-assign]  # killed, it lets go of nothing
    first._task.cancel()
    await team.desk()
    await shop.accept("还在吗")
    team.telegram.say(team.mei, "在的", topic=topic.id)
    await team.reads(topic, "还在吗")
    await said(team, "在的")
    assert place
    assert len(team.telegram.topics()) == 1


async def test_a_topic_whose_answer_was_lost_is_found_again(team: Team, hand_over: Handed) -> None:
    """Telegram tells that it was made: the conversation has one topic, and no second one is made."""
    team.telegram.trouble("createForumTopic", cut=True)
    await team.desk()
    await hand_over()
    topic = await team.topic()
    await team.reads(topic, "杯子碎了")
    team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")
    assert team.telegram.counts["createForumTopic"] == 1
    assert team.telegram.thread(None) == []


async def test_the_first_who_writes_in_a_lost_topic_finds_it(team: Team, hand_over: Handed) -> None:
    """Where Telegram tells nothing. His words reach the customer as any others do."""
    team.telegram.own_events = False
    team.telegram.trouble("createForumTopic", cut=True)
    await team.desk()
    await hand_over()
    topic = await team.until(lambda: next(iter(team.telegram.topics()), None), "topic nobody knows of")
    team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")
    await team.reads(topic, "杯子碎了")
    assert team.telegram.counts["createForumTopic"] == 1


async def test_a_topic_that_does_not_turn_up_is_made_again_and_that_is_said(team: Team, hand_over: Handed) -> None:
    """Nobody makes another while the first may turn up; what is written in the lost one leads to the right one."""
    team.telegram.own_events = False
    team.telegram.trouble("createForumTopic", cut=True)
    await team.desk()
    place = await hand_over()
    lost = await team.until(lambda: next(iter(team.telegram.topics()), None), "topic nobody knows of")

    async def left() -> bool:
        """Its time is short, as the call is known to be over."""
        (row,) = await team.store.read(topics.work)
        return bool(row.state == "opening" and row.until - team.store.now() <= HEARD_WITHIN)

    await team.becomes(left, True)
    assert team.telegram.counts["createForumTopic"] == 1
    await team.store.write(executed, long_ago(team))
    team.live.changed(place)
    topic = await team.topic(1)
    await team.reads(topic, "杯子碎了")
    await team.until(lambda: "可能多出一个" in team.telegram.said(None), "word about it")
    team.telegram.say(team.mei, "您好", topic=lost.id)
    await team.reads(lost, f"/{topic.id}")
    await team.until(lambda: lost.closed, "the lost one closed")
    assert await texts(team) == []


async def test_a_second_topic_that_turns_up_late_is_closed(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    with team.telegram.lock:
        late = team.telegram._create_topic(
            team.telegram.bots[DESK_TOKEN], Told({"chat_id": GROUP, "name": topic.name})
        )["message_thread_id"]  # fmt: skip
    await team.until(lambda: team.telegram.groups[GROUP].topics[late].closed, "the second one closed")
    assert not team.telegram.groups[GROUP].topics[topic.id].closed


def long_ago(team: Team) -> str:
    """Whoever was to make a topic had his time."""
    if team.store.dialect == "sqlite":
        return "UPDATE topic SET until = until - 60000000"
    return "UPDATE topic SET until = until - interval '60 seconds'"


async def nothing(name: str) -> None: ...


def executed(tx: object, sql: str) -> None:
    tx._execute(sql)  # type: ignore[attr-defined]


async def test_what_a_refused_call_says_is_shown_and_mended(team: Team, hand_over: Handed) -> None:
    from tests.fakes.telegram_world import RIGHTS

    team.telegram.join(GROUP, DESK_TOKEN, [])
    await team.desk()
    await hand_over()

    async def troubles() -> list[str]:
        return [t["key"] for t in await team.store.read(shelf.troubles)]

    while not await troubles():
        await asyncio.sleep(0.02)
    assert await troubles() == ["telegram-desk.refused"]
    team.telegram.join(GROUP, DESK_TOKEN, list(RIGHTS))
    team.desks[0]._showing._sick.clear()
    await hand_over(sender="other")
    await team.topic(1)


async def test_garbage_and_trouble_in_polling_are_lived_with(team: Team, hand_over: Handed) -> None:
    telegram = team.telegram
    await team.desk()
    await hand_over()
    topic = await team.topic()
    telegram.inject(DESK_TOKEN, {"message": {"chat": "nonsense"}})
    telegram.inject(DESK_TOKEN, {"message": {"message_id": 1, "chat": {"id": GROUP, "type": "supergroup"}}})
    telegram.inject(DESK_TOKEN, {"callback_query": {"id": "1", "data": "claim:99999999999999999999999999"}})
    telegram.trouble("getUpdates", status=502, html=True)
    telegram.trouble("getUpdates", status=500)
    telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")


async def test_a_500_on_sending_loses_nothing(team: Team, hand_over: Handed) -> None:
    team.telegram.trouble("sendMessage", status=500, times=2)
    await team.desk()
    await hand_over()
    topic = await team.topic()
    await team.reads(topic, "这就为您转人工")
    assert team.telegram.said(topic.id).count("待认领\n") == 1


async def test_of_many_files_a_500_repeats_none(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.reads(topic, "这就为您转人工")
    files = await team.files.ahead([Stored(samples.png(20, n), "image/png", f"{n}.png") for n in (20, 21, 22)])
    team.telegram.trouble("sendPhoto", hang=0.0)  # the first one goes through
    team.telegram.trouble("sendPhoto", status=500)
    await shop.accept("请看三张图", attachments=tuple(files))
    team.live.changed(place)

    def shown() -> list[Json]:
        return [m for m in team.telegram.thread(topic.id) if "photo" in m]

    await team.until(lambda: len(shown()) >= 3, "three pictures")
    await team.settled(topic)
    assert len(shown()) == 3
    assert team.telegram.said(topic.id).count("请看三张图") == 1


async def test_a_group_that_moves_is_followed(team: Team, hand_over: Handed, shop: Shop) -> None:
    """TG-06 for the desk: by the refusal of a call, or by the group's own word."""
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    team.telegram.migrate(GROUP, -1009)
    await shop.accept("还在吗")
    team.live.changed(place)
    await team.until(lambda: "还在吗" in team.telegram.said(topic.id, -1009), "words in the new group")
    team.telegram.say(team.mei, "在的", topic=topic.id, group=-1009)
    await said(team, "在的")
    kept = await team.store.read(rows, "SELECT chat FROM topic")
    assert [row.chat for row in kept] == [-1009]


async def test_a_file_that_telegram_does_not_give_is_said(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    lost = {"photo": [{"file_id": "NOTHING", "file_unique_id": "u", "width": 9, "height": 9}]}
    team.telegram.say(team.mei, "看图", topic=topic.id, **lost)  # type: ignore[arg-type]
    await team.reads(topic, "没能从 Telegram 取到文件")
    big = {"photo": [{"file_id": "BIG", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 30_000_000}]}
    team.telegram.say(team.mei, "大图", topic=topic.id, **big)  # type: ignore[arg-type]
    await team.reads(topic, "文件太大")
    assert await texts(team) == []


async def test_linking_in_private(team: Team, hand_over: Handed) -> None:
    from bot.store import linking

    telegram = team.telegram
    await team.desk()
    code = await team.store.write(linking.offer_to, "bo")

    async def answered(text: str, words: str) -> None:
        before = len(telegram.private(team.li_hua, DESK_TOKEN))
        telegram.write(team.li_hua, text, to=DESK_TOKEN)
        await team.until(lambda: len(telegram.private(team.li_hua, DESK_TOKEN)) > before + 1, words)
        assert words in telegram.private(team.li_hua, DESK_TOKEN)[-1]["text"]

    await answered("你好", "口令不对")
    await answered("/start", "坐席请把")
    await answered(f"/start {code}", "已连接：阿伯")
    await answered(code, "已连接为 阿伯")
    await hand_over()
    topic = await team.topic()
    telegram.say(team.li_hua, "您好", topic=topic.id)
    await said(team, "您好")
    await answered("/unlink", "已断开")
    telegram.say(team.li_hua, "还有", topic=topic.id)
    await team.reads(topic, "没有连接坐席账号")
    await said(team, "您好")


async def test_a_resolved_conversation_leaves_no_work(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over()
    await team.topic()
    await team.write(desk.resolve, place, team.agent)
    await team.until(lambda: team.telegram.topics()[0].closed, "closed topic")
    counts: dict[str, int] = {}
    while counts != (counts := dict(team.telegram.counts)):
        await asyncio.sleep(1.0)  # what was begun before it was closed ends
    await asyncio.sleep(1.0)
    for method in ("sendMessage", "closeForumTopic", "editMessageText"):
        assert team.telegram.counts[method] == counts.get(method, 0), method
