"""A complaint shouted on Weibo with a child hurt: seen, tiered, called to people in both desks, answered once in public
by a person, carried on in private, and closed in public."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import weibo_pushes
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram
from tests.fakes.telegram_world import Topic
from tests.fakes.weibo import Weibo
from tests.fakes.weibo_public import CREATE, REPLY
from tests.stories.conftest import LogsIn
from tests.stories.networks import delivered, has, inbox, message, row, say, shown, until
from tests.stories.people import Agent
from tests.stories.serving import LI, Kefu, hire
from tests.stories.weibo import WEIBO, Account, Fan

POST = "@小店客服 你们的高压锅炸了！孩子手臂大面积烫伤，正在医院抢救，你们还要不要命？！"


@dataclass(frozen=True, slots=True)
class Town:
    kefu: Kefu
    weibo: Weibo
    telegram: Telegram


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("shouted")
    with Weibo() as weibo, Telegram() as telegram:
        desk = (
            f'[telegram_desk]\ntoken = "{DESK_TOKEN}"\ngroup = {GROUP}\nper_minute = 20\napi_base = "{telegram.url}"\n'
        )
        blocks = [inbox("web", "web"), inbox(WEIBO, "weibo", **weibo.options()), desk]
        (folder / "kefu.toml").write_text("\n".join(blocks), "utf-8")
        made = Kefu(folder)
        hire(made.store_url, LI)
        made.start()
        yield Town(made, weibo, telegram)
        code, lines = made.stop(), "".join(made.lines)
    assert code == 0, lines
    assert "Traceback" not in lines, lines
    assert weibo.token not in lines
    assert DESK_TOKEN not in lines


async def topics(town: Town, n: int) -> list[Topic]:
    """The desk's topics in the Telegram group, once there are so many with a card."""

    def look() -> list[Topic] | None:
        found = [t for t in town.telegram.topics() if town.telegram.thread(t.id)]
        return found if len(found) >= n else None

    return await shown(look, f"{n} topics")


async def test_from_the_shout_to_the_closing_line(town: Town, logs_in: LogsIn) -> None:
    weibo, li = town.weibo, await logs_in(town.kefu, LI)
    mother = Fan(Account(town.kefu, weibo))
    number = str(weibo.post(mother.uid, POST))
    async with li.at_desk() as ear:
        began = time.monotonic()
        weibo.mention(mother.uid)
        await mother.tells(weibo_pushes.mention(mother.uid, "status", number, POST))
        alarm = await ear.hears("row", lambda f: f["d"]["tier"] == "critical" and f["d"]["status"] == "open")
        at_desk = time.monotonic() - began
        (topic, *_) = await topics(town, 1)
        print(f"at the web desk after {at_desk:.2f} s, in the group after {time.monotonic() - began:.2f} s")
    public = int(alarm["d"]["id"])
    assert (alarm["d"]["public"], alarm["d"]["assignee"]) == (True, None)
    assert [one["id"] for one in (await li.get("/alerts"))["rows"]] == [public]
    card = town.telegram.said(topic.id)
    assert "公开" in card
    assert "危" in topic.name + card
    assert weibo.counts[CREATE] == 0, "the bot says nothing to what is critical"

    # A person says the one public line; everybody sees it once.
    await li.does("claim", public)
    assert (await li.get("/alerts"))["rows"] == []
    line = "看到孩子受伤我们非常着急，已有专人负责此事，请您先照顾好孩子，我们马上私信联系您。"
    say([await li.replies(public, line)])
    await message(li, public, line, delivered("sent"))
    assert [sent.text for sent in weibo.sent if sent.path == CREATE] == [line]

    # The rest is for her alone.
    aside = "您好，我是客服小李（工号1001）。孩子现在在哪家医院？医疗费用由我们承担，请把单据发给我。"
    told = (await li.replies(public, aside, private=True)).json()
    private = int(told["row"]["id"])
    assert private != public
    await mother.reads(aside)
    answer = "在市一医院，单据我整理好发你"
    await mother.says(answer)
    assert await has(li, WEIBO, answer) == private
    assert (await li.row(private))["assignee"]["name"] == LI.name, "it stays with him"
    linked = (await li.get(f"/conversations/{private}"))["linked"]
    assert [one["id"] for one in linked] == [public]

    await case(li, private, public)

    # Settled in private, and closed where it began, in words that a person sends.
    say([await li.replies(private, "费用已经打到您的账户，祝孩子早日康复。")])
    await li.does("resolve", private)
    closing = (await li.get(f"/conversations/{public}/phrases?situation=public_closing"))["text"]
    assert 0 < len(closing) <= 140
    say([await li.replies(public, closing)])
    await message(li, public, closing, delivered("sent"))
    await li.does("resolve", public)
    await row(li, public, lambda r: r["status"] == "resolved")
    assert [sent.text for sent in weibo.sent if sent.path in (CREATE, REPLY)] == [line, closing]
    await both_desks_agree(town, li, topic, line, public)
    await mother.goes()


async def case(li: Agent, private: int, public: int) -> None:
    """Registered in private from what is known, and seen from both sides until she is content."""
    known = await li.get(f"/conversations/{private}/case")
    assert known["fields"]["what"]
    fields = {**known["fields"], "harm": "孩子手臂烫伤", "promise": "承担医疗费用"}
    for _ in range(2):  # a repeated click is the same case
        filed = {"cid": "case-shouted", "tier": "critical", "fields": fields}
        say([await li.post(f"/conversations/{private}/cases", filed)])
    (one,) = (await li.get(f"/conversations/{public}"))["cases"]
    assert (one["conversation"], one["tier"], one["owner"]["name"]) == (private, "critical", LI.name)
    say([await li.post(f"/cases/{one['id']}", {"status": "closed", "agreed": "yes"})])
    seen = [(await li.get(f"/conversations/{place}"))["cases"][0] for place in (private, public)]
    assert seen[0] == seen[1]
    assert (seen[0]["status"], seen[0]["agreed"]) == ("closed", "yes")


async def both_desks_agree(town: Town, li: Agent, topic: Topic, line: str, public: int) -> None:
    """What was done at the web desk stands in the group's topic, which is closed with its conversation."""

    async def closed() -> bool:
        return line in town.telegram.said(topic.id) and next(
            t for t in town.telegram.topics() if t.id == topic.id
        ).closed  # fmt: skip

    # Putting things in order waits for the rest of the group's minute, where there is much to say.
    assert await until(closed, "the topic closed with what was said", within=120)
