"""A small team's day in one Telegram group, with the real program: customers and agents both in Telegram, and the web
desk always showing the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.telegram import DESK_TOKEN, GROUP, TOKEN, Telegram
from tests.fakes.telegram_world import Topic
from tests.stories.conftest import LogsIn
from tests.stories.networks import delivered, has, inbox, message, messages, row, say, shown, until
from tests.stories.people import COUNT, Agent, plea
from tests.stories.serving import LI, WANG, Kefu, hire

SHORT_MINUTE = """
import handoff.telegram_desk.budget as budget
budget.SPAN = 0.5
from bot.cli import main
main()
"""
"""The same program in a group that takes twenty messages every half second: how the minute is shared out is tested
where time can be moved."""


@dataclass(frozen=True, slots=True)
class Shop:
    kefu: Kefu
    telegram: Telegram
    li: int
    """小李's Telegram, and that of somebody in the group who is no agent."""
    guest: int

    async def topic(self, conversation: int, but: int = 0) -> Topic:
        """The conversation's topic, once it has its card."""

        def look() -> Topic | None:
            found = [t for t in self.telegram.topics() if t.name.endswith(f" #{conversation}") and t.id != but]
            return found[0] if found and self.telegram.card(found[0].id) else None

        return await shown(look, f"a topic for {conversation}", 60)

    async def reads(self, topic: Topic, words: str) -> None:
        """The words stand in the topic."""
        await shown(lambda: words in self.telegram.said(topic.id), f"{words!r} in the topic", 60)

    async def customer_reads(self, customer: int, words: str) -> None:
        await shown(lambda: words in self.got(customer), f"{words!r} at the customer's", 60)

    def got(self, customer: int) -> list[str]:
        return [str(m.get("text", "")) for m in self.telegram.private(customer) if m["from"]["is_bot"]]

    async def taps(self, topic: Topic, act: str, target: int, under: int = 0) -> str:
        """小李 taps a button; what he is told."""
        query = self.telegram.tap(self.li, under or self.telegram.card(topic.id), f"{act}:{target}")
        return await shown(lambda: self.telegram.alerts.get(query), f"an answer to {act}", 60)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("telegram-desk")
    with Telegram() as telegram:
        telegram.per_minute = 100_000
        desk = f'[telegram_desk]\ntoken = "{DESK_TOKEN}"\ngroup = {GROUP}\napi_base = "{telegram.url}"\n'
        blocks = [inbox("web", "web"), inbox("tg", "telegram", token=TOKEN, api_base=telegram.url), desk]
        (folder / "kefu.toml").write_text("\n".join(blocks), "utf-8")
        kefu = Kefu(folder, program=SHORT_MINUTE)
        hire(kefu.store_url, LI, WANG)
        people = [telegram.add_user(name) for name in ("Xiao Li", "Guest")]
        for one in people:
            telegram.join(GROUP, one)
        kefu.start()
        yield Shop(kefu, telegram, *people)
        code, lines = kefu.stop(), "".join(kefu.lines)
    assert code == 0, lines
    assert "Traceback" not in lines, lines
    assert DESK_TOKEN not in lines


async def asks(shop: Shop, agent: Agent) -> tuple[int, int, Topic]:
    """A customer who wants a person: his Telegram, the conversation and its topic."""
    customer, words = shop.telegram.add_user("王小明"), plea()
    shop.telegram.write(customer, words)
    place = await has(agent, "tg", words)
    topic = await shop.topic(place)
    await shop.reads(topic, words)
    return customer, place, topic


async def status(agent: Agent, place: int, wanted: str) -> Any:
    return await row(agent, place, lambda r: r["status"] == wanted)


def holds(name: str) -> Callable[[Any], bool]:
    return lambda r: bool(r["assignee"] and r["assignee"]["name"] == name)


async def test_a_day_in_the_group(shop: Shop, logs_in: LogsIn) -> None:
    telegram, li = shop.telegram, await logs_in(shop.kefu, LI)

    # He links his account with the code that the web desk gives him.
    offered = (await li.post("/me/telegram")).json()
    telegram.write(shop.li, f"/start {offered['code']}", to=DESK_TOKEN)

    async def linked() -> bool:
        return bool((await li.get("/me/telegram"))["linked"])

    await until(linked, "an account that is linked")

    # A customer wants a person: a topic with card and transcript. Whoever is no agent reaches nobody there.
    customer, place, topic = await asks(shop, li)
    card = telegram.thread(topic.id)[0]["text"]
    assert ("王小明" in card, "待认领" in card, f"/desk/c/{place}" in card) == (True, True, True)
    telegram.say(shop.guest, "我来回答一下", topic=topic.id)
    await shop.reads(topic, "没有连接坐席账号")

    # Claimed with a button, answered by writing, a note among colleagues: the web desk shows the same.
    assert await shop.taps(topic, "claim", place) == "已认领"
    await row(li, place, holds(LI.name))
    answer, note = f"您好，我是小李，马上为您查 {next(COUNT)}", f"仓库说明天发 {next(COUNT)}"
    telegram.say(shop.li, answer, topic=topic.id)
    telegram.say(shop.li, f"// {note}", topic=topic.id)
    await shop.customer_reads(customer, answer)
    await message(li, place, answer, delivered("sent"))
    assert (await message(li, place, note))["note"] is True
    thanks = f"好的，谢谢 {next(COUNT)}"
    telegram.write(customer, thanks)
    await shop.reads(topic, thanks)

    # What is done at the web desk stands in the topic.
    web = f"明天就发出 {next(COUNT)}"
    say([await li.replies(place, web)])
    await shop.reads(topic, web)
    await shop.customer_reads(customer, web)

    # The customer blocks us: that is said under the words it is about, and they go out again when he is back.
    telegram.block(customer)
    lost = f"单号发您 {next(COUNT)}"
    telegram.say(shop.li, lost, topic=topic.id)
    failed = await message(li, place, lost, delivered("failed"))
    await shop.reads(topic, "没有发出去")
    fault = next(m for m in telegram.thread(topic.id) if "没有发出去" in m["text"])
    back = f"我又回来了 {next(COUNT)}"
    telegram.write(customer, back)
    assert await has(li, "tg", back) == place
    await row(li, place, lambda r: not r["window"] or r["window"]["by"] != "unfollow")
    assert await shop.taps(topic, "retry", failed["id"], fault["message_id"]) == "正在重新发送"
    await shop.customer_reads(customer, lost)

    # Closing the topic resolves; the card says so, in both desks.
    telegram.close(shop.li, topic.id)
    await status(li, place, "resolved")
    await shop.reads(topic, "状态：已解决")
    said = [m["text"] for m in await messages(li, place) if m["author"] == "agent" and not m["note"]]
    assert said == [answer, web, lost]
    for text in (answer, web, lost):
        assert shop.got(customer).count(text) == 1
    assert not [text for text in shop.got(customer) if note in text or "我来回答一下" in text]


async def test_a_deleted_topic_is_made_again(shop: Shop, logs_in: LogsIn) -> None:
    telegram, wang = shop.telegram, await logs_in(shop.kefu, WANG)
    customer, place, first = await asks(shop, wang)
    await wang.does("claim", place)
    await shop.reads(first, WANG.name)
    telegram.delete(first.id)
    more = f"还在吗 {next(COUNT)}"
    telegram.write(customer, more)
    topic = await shop.topic(place, but=first.id)
    await shop.reads(topic, more)
    await shop.reads(topic, f"{WANG.name} (1002) 处理中")
    answer = f"在的 {next(COUNT)}"
    say([await wang.replies(place, answer)])
    await shop.customer_reads(customer, answer)
    await shop.reads(topic, answer)
    await wang.does("resolve", place)
    await shown(lambda: topic.closed, "a closed topic", 60)
