"""A day at an Official Account's desk: real pushes come in, and what is said stands at a strict api.weixin.qq.com."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.store import Store
from bot.store.sql import Statement, Tx, p
from bot.tables import Contact, ContactIdentity
from tests import samples
from tests.fakes import inbound, media
from tests.fakes.wechat import DOWNLOAD, SEND, UPLOAD
from tests.stories.conftest import Follows, LogsIn
from tests.stories.networks import (
    MODES,
    OA,
    SMALL,
    Networks,
    attach,
    delivered,
    has,
    message,
    messages,
    networks,
    row,
    say,
    shown,
    until,
)
from tests.stories.people import COUNT, Agent, plea
from tests.stories.serving import LI, hire, in_store
from tests.stories.words import faq, said

QUESTION = "什么时候发货"
COMPLAINT = "杯子碎了，我要退款，转人工"


def ours(store_url: str, openid: str, **values: Any) -> dict[str, Any]:
    """A follower's contact as the database has it; with `values`, changed first."""
    k, i = Contact.__table__, ContactIdentity.__table__  # type: ignore[attr-defined]
    import sqlalchemy as sa

    his = k.c.id.in_(sa.select(i.c.contact_id).where(i.c.external_id == p("openid")))
    found = Statement(sa.select(k.c.name, k.c.attributes).where(his))
    change = Statement(sa.update(k).where(his).values(name=p("name")))

    def script(tx: Tx) -> dict[str, Any]:
        if values:
            assert tx.count(change, openid=openid, **values) == 1
        got = tx.first(found, openid=openid)
        assert got is not None
        return {"name": got.name, "attributes": got.attributes}

    async def work(store: Store) -> dict[str, Any]:
        return await store.write(script)

    told: dict[str, Any] = in_store(store_url, work)
    return told


async def test_a_whole_service_from_the_first_word_to_the_rating(
    world: Networks, follows: Follows, logs_in: LogsIn
) -> None:
    """WX-15, WX-21, WX-22, and all that lies between."""
    kefu, wechat = world.kefu, world.wechat
    zhang, li = follows(kefu, wechat), await logs_in(kefu, LI)
    await zhang.pusher.verify()
    wechat.follow(zhang.openid)
    welcome = (await zhang.tells(inbound.subscribe(zhang.openid))).reply
    assert welcome is not None
    assert said("welcome", "zh-Hans", welcome.text)

    # The FAQ's answer rides on the webhook, spoken or written, and costs nothing.
    spoken = await zhang.writes(zhang.records(media.AMR, recognition=QUESTION))
    assert spoken is not None
    assert faq("ship_time", "zh-Hans") in spoken.text
    assert faq("return_how", "zh-Hans") in await zhang.says("怎么退货")
    assert zhang.got() == []
    assert wechat.left(zhang.openid) >= 5

    asked = f"{COMPLAINT} {next(COUNT)}"
    told = await zhang.says(asked)
    assert said("moderate", "zh-Hans", told) or said("handoff", "zh-Hans", told)
    place = await has(li, OA, asked)
    heard = await messages(li, place)
    (voice,) = [m for m in heard if m["kind"] == "voice"]
    await played(li, place, voice["text"], media.AMR)
    handed = (await li.get(f"/conversations/{place}"))["handoffs"][-1]
    assert "ship_time" in [tried["id"] for tried in handed["summary"]["tried"]]

    assert (await li.does("claim", place))["assignee"]["name"] == LI.name
    answers = [f"第 {n} 条：我来为您处理。" for n in range(1, 7)]
    say([await li.replies(place, answer) for answer in answers])
    for answer in answers[:5]:
        await message(li, place, answer, delivered("sent"))
    parked = await message(li, place, answers[5], delivered("queued", "parked.quota"))
    assert parked["error"] == "parked.quota"
    seen = await row(li, place, lambda r: r["parked"] == 1)
    assert seen["window"]["left"] == 0
    assert zhang.texts() == answers[:5]
    assert (SEND, 45047) not in [(path, code) for path, code, _ in wechat.refused], "parked by us, not by WeChat"

    # He writes again: what waited goes first.
    again = f"好的 {next(COUNT)}"
    assert await zhang.says(again) in ("", answers[5])
    await message(li, place, answers[5], delivered("sent"))

    # A picture twice, uploaded once.
    before = wechat.counts[UPLOAD]
    key = await attach(li, place, "cup.png", samples.png(32, 20))
    for words in ("这是新杯子", "再发一次图"):
        say([await li.replies(place, words, attachments=[key])])
        await message(li, place, words, delivered("sent"))
    pictures = zhang.got("image")
    assert len(pictures) == 2
    assert pictures[0]["image"] == pictures[1]["image"]
    assert wechat.counts[UPLOAD] == before + 1
    assert zhang.texts()[-2:] == ["这是新杯子", "再发一次图"]

    await zhang.says(f"收到了，谢谢 {next(COUNT)}")
    assert (await li.does("resolve", place))["status"] == "resolved"
    menu = await zhang.menu()
    assert said("rate", "zh-Hans", menu["head_content"])
    assert [item["id"] for item in menu["list"]] == [f"rate:{n}" for n in (5, 4, 3, 2, 1)]
    thanks = await zhang.taps(menu["list"][0])
    assert said("rated", "zh-Hans", thanks)
    (mark,) = (await li.get(f"/conversations/{place}"))["ratings"]
    assert (mark["score"], mark["agent"]["name"]) == (5, LI.name)

    ours(kefu.store_url, zhang.openid, name="张三")
    assert (await li.row(place))["contact"]["name"] == "张三"
    wechat.unfollow(zhang.openid)
    left = await zhang.tells(inbound.unsubscribe(zhang.openid))
    assert left.reply is None
    assert ours(kefu.store_url, zhang.openid) == {"name": "", "attributes": {}}
    assert (await li.row(place))["contact"]["name"] == ""
    assert (await row(li, place, lambda r: r["window"]["by"] == "unfollow"))["window"]["left"] == 0


async def played(agent: Agent, place: int, text: str, sound: bytes) -> None:
    """The recording comes to the desk, and is what was sent."""

    def there(m: dict[str, Any]) -> bool:
        return bool(m["kind"] == "voice" and m["attachments"][0].get("key"))

    kept = (await message(agent, place, text, there))["attachments"][0]
    answer = await agent.http.get(f"/api/desk/media/{kept['key']}")
    assert (answer.status_code, answer.content) == (200, sound)
    assert answer.headers["content-type"] == "audio/amr"


async def test_a_voice_without_words_goes_to_a_person(world: Networks, follows: Follows, logs_in: LogsIn) -> None:
    zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
    sound = media.AMR + str(next(COUNT)).encode()
    reply = await zhang.writes(zhang.records(sound))
    assert reply is not None
    assert said("media", "zh-Hans", reply.text)
    mark = plea()
    await zhang.says(mark)
    await played(li, await has(li, OA, mark), "", sound)


@pytest.mark.parametrize("name", MODES)
async def test_every_way_a_console_may_be_set(world: Networks, follows: Follows, logs_in: LogsIn, name: str) -> None:
    zhang, li = follows(world.kefu, world.wechat, name), await logs_in(world.kefu, LI)
    await zhang.pusher.verify()
    assert faq("ship_time", "zh-Hans") in await zhang.says(QUESTION)
    asked = plea()
    assert said("handoff", "zh-Hans", await zhang.says(asked))
    place = await has(li, name, asked)
    say([await li.replies(place, "您好 😀 ]]> & <b>")])
    assert await zhang.reads("您好") == ["您好 😀 ]]> & <b>"]
    await li.does("resolve", place)
    assert said("rated", "zh-Hans", await zhang.taps((await zhang.menu())["list"][1]))


@pytest.mark.parametrize("together", [False, True], ids=["in turn", "at once"])
async def test_a_push_that_comes_three_times_is_one_message(
    world: Networks, follows: Follows, logs_in: LogsIn, together: bool
) -> None:
    """WX-08."""
    zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
    world.wechat.write(zhang.openid)
    asked = plea()
    fields = zhang.pusher.sender.complete(inbound.text(zhang.openid, asked))

    async def once() -> str:
        attempt = await zhang.pusher.send(zhang.pusher.sender.push(fields))
        assert attempt.status == 200, attempt
        reply = zhang.pusher.sender.read(fields, attempt.status, attempt.body)
        return "" if reply is None else reply.text

    told = list(await asyncio.gather(once(), once(), once())) if together else [await once() for _ in range(3)]
    assert said("handoff", "zh-Hans", told[0])
    assert told == [told[0]] * 3
    place = await has(li, OA, asked)
    heard = await messages(li, place)
    assert [m["text"] for m in heard] == [asked, told[0]]
    await message(li, place, told[0], delivered("sent"))
    assert zhang.got() == []


SLOW = """
import asyncio, pathlib
from replies.brain import Scripted
quick = Scripted.decide
async def decide(self, question):
    while question.text.startswith("慢") and not pathlib.Path("go").exists():
        await asyncio.sleep(0.05)
    return await quick(self, question)
Scripted.decide = decide
from bot.cli import main
main()
"""
"""The same program, which thinks about some messages until a file is there."""


async def test_what_took_too_long_comes_by_itself(tmp_path: Path, follows: Follows, logs_in: LogsIn) -> None:
    """WX-10: WeChat is told `success` in time, three concurrent attempts cost nothing, and the answer follows."""
    with networks(tmp_path / "slow", program=SLOW) as world:
        hire(world.kefu.store_url, LI)
        world.kefu.start()
        zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
        fields = zhang.pusher.sender.complete(inbound.text(zhang.openid, "慢，转人工"))
        world.wechat.write(zhang.openid)
        one, two = await asyncio.gather(*(zhang.pusher.deliver(fields) for _ in range(2)))
        assert (one.seen(), two.seen()) == (None, None)
        assert zhang.got() == []
        (tmp_path / "slow" / "go").touch()
        (told,) = await until_sent(zhang)
        assert said("handoff", "zh-Hans", told)
        place = await has(li, OA, "慢，转人工")
        assert [m["text"] for m in await messages(li, place)] == ["慢，转人工", told]
        await message(li, place, told, delivered("sent"))
        third = (await zhang.tells(fields)).reply
        assert third is None, "it went the usual way, and is not said again"
        assert zhang.texts() == [told]
        assert world.kefu.stop() == 0


async def until_sent(follower: Any) -> list[str]:
    return await shown(follower.texts, "a text of our own accord")


async def test_what_the_network_counts_overrules_us(world: Networks, follows: Follows, logs_in: LogsIn) -> None:
    """WX-15: 45047 and 45015 park the message, and the customer's next word brings it."""
    zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, OA, asked)
    for code, waits in ((45047, "quota"), (45015, "window")):
        world.wechat.trouble(SEND, errcode=code)
        answer = f"您好，{waits} {next(COUNT)}"
        say([await li.replies(place, answer)])
        await message(li, place, answer, delivered("queued", f"parked.{waits}"))
        assert answer not in zhang.texts()
        # The menu opens three messages for a minute, which is enough for what waits.
        world.wechat.click(zhang.openid)
        await zhang.tells(inbound.click(zhang.openid, waits))
        await message(li, place, answer, delivered("sent"))


async def test_files_that_expire(world: Networks, follows: Follows, logs_in: LogsIn) -> None:
    """WX-20: a customer's that is gone is told to the agent; ours is uploaded again."""
    zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
    gone = zhang.records(media.AMR)
    world.wechat.expire_media(gone["MediaId"])
    await zhang.writes(gone)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, OA, asked)
    lost = await message(li, place, "", lambda m: bool(m["kind"] == "voice" and m["attachments"][0].get("error")))
    assert lost["attachments"][0]["error"] == "gone"
    key = await attach(li, place, "bowl.png", samples.png(40, 20))
    before = world.wechat.counts[UPLOAD]
    for words in ("第一张", "第二张"):
        say([await li.replies(place, words, attachments=[key])])
        await message(li, place, words, delivered("sent"))
        world.wechat.expire_media(zhang.got("image")[-1]["image"]["media_id"])
    assert world.wechat.counts[UPLOAD] == before + 2
    first, second = zhang.got("image")
    assert first["image"] != second["image"]


async def test_an_account_that_is_not_certified_answers_when_it_is_asked(
    world: Networks, follows: Follows, logs_in: LogsIn
) -> None:
    zhang, li = follows(world.kefu, world.small, SMALL), await logs_in(world.kefu, LI)
    assert faq("ship_time", "zh-Hans") in await zhang.says(QUESTION)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, SMALL, asked)
    await li.does("claim", place)
    for answer in ("您好，正在为您核对。", "订单今天发出。"):
        say([await li.replies(place, answer)])
        await message(li, place, answer, delivered("queued", "parked.passive"))
    assert (await li.row(place))["parked"] == 2
    thanks = f"在吗 {next(COUNT)}"
    assert await zhang.says(thanks) == "您好，正在为您核对。\n\n订单今天发出。"
    for answer in ("您好，正在为您核对。", "订单今天发出。"):
        await message(li, place, answer, delivered("sent"))
    assert (await li.row(place))["parked"] == 0
    assert await zhang.says(f"好 {next(COUNT)}") == "", "a person has it, and has said nothing new"

    # The closing words wait for him as well. Nobody asks him to rate days later; who says it himself is heard.
    await li.does("resolve", place)
    await row(li, place, lambda r: r["parked"] == 1)
    assert said("resolved", "zh-Hans", closing := await zhang.says("满意"))
    assert said("rated", "zh-Hans", closing)
    (mark,) = (await li.get(f"/conversations/{place}"))["ratings"]
    assert (mark["score"], mark["agent"]["name"]) == (4, LI.name)
    assert faq("ship_time", "zh-Hans") in await zhang.says(QUESTION), "nothing stands in the way of what comes after"

    # It may not fetch files either, perhaps: the agent reads that it is gone, and nobody is told what he knows.
    world.small.trouble(DOWNLOAD, errcode=48001)
    await zhang.writes(zhang.records(media.AMR))
    await message(li, place, "", lambda m: bool(m["attachments"] and m["attachments"][0].get("error") == "gone"))
    assert [t for t in (await li.get("/troubles"))["troubles"] if t["inbox"] == SMALL] == []
    assert zhang.got() == []
    assert {path for path, _, _ in world.small.refused} == {DOWNLOAD}


async def test_an_agent_reads_what_only_he_can_mend(world: Networks, follows: Follows, logs_in: LogsIn) -> None:
    """A server that is not in the whitelist: the desk names the address and the place, and it goes on by itself."""
    zhang, li = follows(world.kefu, world.wechat), await logs_in(world.kefu, LI)
    asked = plea()
    await zhang.says(asked)
    place = await has(li, OA, asked)
    world.wechat.revoke_tokens()
    world.wechat.block_ip("203.0.113.77")
    try:
        say([await li.replies(place, "您好，白名单。")])

        async def told() -> str | None:
            found = [t["said"]["zh-Hans"] for t in (await li.get("/troubles"))["troubles"] if t["inbox"] == OA]
            return next((t for t in found if "203.0.113.77" in t), None)

        assert "IP 白名单" in await until(told, "a trouble with the address")
        await message(li, place, "您好，白名单。", delivered("queued", "whitelist"))
    finally:
        world.wechat.block_ip("")
