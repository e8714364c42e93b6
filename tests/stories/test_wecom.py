"""A day at a WeCom account's desk: callbacks ring, kefu fetches, and what is said stands at a strict qyapi."""

from __future__ import annotations

from tests import samples
from tests.fakes import media
from tests.fakes.wecom import SEND_ON_EVENT, SYNC, UPLOAD
from tests.stories.conftest import Calls, LogsIn
from tests.stories.networks import (
    KF,
    Networks,
    attach,
    delivered,
    has,
    message,
    messages,
    row,
    say,
    shown,
    until,
)
from tests.stories.people import COUNT, plea
from tests.stories.serving import LI
from tests.stories.words import faq, said


async def test_a_whole_service_from_the_door_to_the_rating(world: Networks, calls: Calls, logs_in: LogsIn) -> None:
    """KF-06 and all that follows it."""
    wang, li, wecom = calls(world.kefu, world.wecom), await logs_in(world.kefu, LI), world.wecom
    await wang.pusher.verify()
    code = wecom.enter(wang.id)
    assert code
    await wang.rings()
    welcome = await shown(wang.got, "a welcome")
    assert code not in wecom.codes, "the code was used: who has not written may be answered by it alone"
    assert [s.path for s in wecom.sent if s.to == wang.id] == [SEND_ON_EVENT]
    assert said("welcome", "zh-Hans", welcome[0]["msgmenu"]["head_content"])

    await wang.says("什么时候发货")
    await wang.reads(faq("ship_time", "zh-Hans"))
    asked, heard = plea(), len(wang.got())
    msgid = await wang.says(asked)
    place = await has(li, KF, asked)
    await shown(lambda: len(wang.got()) > heard, "the words of the handover")
    assert (await li.row(place))["contact"]["name"] == "张三"
    await li.does("claim", place)

    # WeCom takes it, and says later that it was not delivered.
    wecom.fail_next(10)
    say([await li.replies(place, "您好，我是小李。")])
    await shown(lambda: "您好，我是小李。" in wang.texts(), "the answer at WeCom")
    await wang.rings()
    failed = await message(li, place, "您好，我是小李。", delivered("failed"))
    assert failed["error"] == "客户拒收了客服消息"
    again = await li.post(f"/messages/{failed['id']}/retry")
    assert again.status_code == 200, again.text
    await wang.reads("您好，我是小李。", times=2)
    await message(li, place, "您好，我是小李。", delivered("sent"))
    ids = [body["msgid"] for body in wang.got("text") if body["text"]["content"] == "您好，我是小李。"]
    assert len(set(ids)) == 2

    # The second attempt may be told to have failed as well.
    wecom.fail_next(13)
    say([await li.replies(place, "请看这里。")])
    await shown(lambda: "请看这里。" in wang.texts(), "the answer at WeCom")
    for times, reason in ((1, 13), (2, 10)):
        await wang.rings()
        failed = await message(li, place, "请看这里。", delivered("failed"))
        assert times == wang.texts().count("请看这里。")
        if times == 1:
            assert failed["error"] == "消息未通过安全检查"
            wecom.fail_next(reason)
        await wang.says(f"嗯 {next(COUNT)}")
        assert (await li.post(f"/messages/{failed['id']}/retry")).status_code == 200
        await wang.reads("请看这里。", times=times + 1)
    await message(li, place, "请看这里。", delivered("sent"))

    wecom.recall(wang.id, msgid)
    await wang.rings()

    async def taken_back() -> bool | None:
        page = await li.get(f"/conversations/{place}/events")
        return any(e["t"] == "recall" for e in page["events"]) or None

    assert await until(taken_back, "a message marked as taken back")

    before = wecom.counts[UPLOAD]
    key = await attach(li, place, "cup.png", samples.png(30, 20))
    say([await li.replies(place, "", attachments=[key])])
    await shown(lambda: wang.got("image"), "a picture")
    assert wecom.counts[UPLOAD] == before + 1
    sound = wecom.user_media("voice", media.AMR)
    wecom.give(wang.id, "voice", {"media_id": sound})
    await wang.rings()
    await message(li, place, "", lambda m: bool(m["kind"] == "voice" and m["attachments"][0].get("key")))

    await li.does("resolve", place)
    menu = (await shown(lambda: [m for m in wang.got("msgmenu") if said("rate", "zh-Hans", m["msgmenu"]
                    .get("head_content", ""))], "a request to rate"))[-1]["msgmenu"]  # fmt: skip
    await wang.taps(menu["list"][0])

    async def marks() -> list[dict[str, object]] | None:
        found: list[dict[str, object]] = (await li.get(f"/conversations/{place}"))["ratings"]
        return found

    (mark,) = await until(marks, "a rating")
    assert mark["score"] == 5
    assert mark["agent"]["name"] == LI.name  # type: ignore[index]


async def test_five_messages_and_no_more(world: Networks, calls: Calls, logs_in: LogsIn) -> None:
    wang, li = calls(world.kefu, world.wecom), await logs_in(world.kefu, LI)
    asked = plea()
    await wang.says(asked)
    place = await has(li, KF, asked)
    answers = [f"第 {n} 条 {next(COUNT)}" for n in range(1, 6)]
    say([await li.replies(place, answer) for answer in answers])
    await message(li, place, answers[3], delivered("sent"))  # the bot's own word was the first of the five
    await message(li, place, answers[4], delivered("queued", "parked.quota"))
    assert (await row(li, place, lambda r: r["parked"] == 1))["window"]["left"] == 0
    await wang.says(f"好 {next(COUNT)}")
    await message(li, place, answers[4], delivered("sent"))
    assert [t for t in wang.texts() if t in answers] == answers


async def test_what_was_rung_in_vain_is_fetched_once(own_world: Networks, calls: Calls, logs_in: LogsIn) -> None:
    """KF-02: many pages, empty ones among them, and a kefu that dies between two of them: nothing lost or doubled."""
    kefu, wecom = own_world.kefu, own_world.wecom
    kefu.start()
    customers = [calls(kefu, wecom) for _ in range(12)]
    kefu.kill()
    wecom.empty_pages(2)
    sent = [(customer, f"问题 {n}") for n in range(100) for customer in customers]
    for customer, text in sent:
        wecom.say(customer.id, text)
    kefu.launch(KEFU_CRASH_AT="after_page_commit:2")
    assert kefu.wait(60) == 9
    kefu.start()
    await customers[0].rings()
    li = await logs_in(kefu, LI)

    async def rows() -> list[dict[str, object]] | None:
        found: list[dict[str, object]] = (await li.get("/conversations?tab=all"))["rows"]
        found = [r for r in found if r["inbox"] == KF]
        return found if len(found) == len(customers) else None

    for one in await until(rows, "a conversation for every customer"):
        wanted = [f"问题 {n}" for n in range(100)]

        async def whole(place: int = int(str(one["id"])), most: int = len(wanted)) -> list[str] | None:
            heard = [m["text"] for m in await messages(li, place) if m["author"] == "customer"]
            return heard if len(heard) >= most else None

        assert await until(whole, "every message", 60) == wanted
    assert kefu.stop() == 0
    assert wecom.counts[SYNC] > 3


async def test_a_welcome_too_late_is_no_harm(own_world: Networks, calls: Calls, logs_in: LogsIn) -> None:
    """KF-06: the code dies after 20 seconds; who never wrote cannot be greeted then, and nothing is said to fail."""
    kefu, wecom = own_world.kefu, own_world.wecom
    wang = calls(kefu, wecom)
    wecom.enter(wang.id)
    wecom.advance(21)
    kefu.start()
    li = await logs_in(kefu, LI)

    async def entered() -> dict[str, object] | None:
        rows = [r for r in (await li.get("/conversations?tab=all"))["rows"] if r["inbox"] == KF]
        return rows[0] if rows else None

    place = int(str((await until(entered, "a conversation"))["id"]))
    await row(li, place, lambda r: r["parked"] == 1)
    assert wang.got() == []
    asked = plea()
    await wang.says(asked)
    await message(li, place, asked)
    await shown(lambda: wang.texts()[1:], "what waited, and the answer")
    assert kefu.stop() == 0


async def test_a_callback_that_is_lost_costs_only_time(own_world: Networks, calls: Calls, logs_in: LogsIn) -> None:
    """What was said while nobody listened is there after the start, without any callback."""
    kefu, wecom = own_world.kefu, own_world.wecom
    wang = calls(kefu, wecom)
    asked = plea()
    wecom.say(wang.id, asked)
    kefu.start()
    li = await logs_in(kefu, LI)
    await has(li, KF, asked)
    assert kefu.stop() == 0
