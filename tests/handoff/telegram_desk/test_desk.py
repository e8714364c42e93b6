"""The desk in a group, from the handoff to the last word: everything through the Bot API."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.messages import Delivery
from bot.ports import Stored
from bot.store import agents, desk, listing, log, outbox
from tests import samples
from tests.fakes.telegram import DESK_TOKEN, GROUP
from tests.handoff.telegram_desk.conftest import WITHIN, Handed, Team
from tests.store.shop import HOLD, Shop, rows


async def texts(team: Team, where: str = "author = 'agent'") -> list[str]:
    found = await team.store.read(rows, f"SELECT text FROM message WHERE {where} ORDER BY id")
    return [row.text for row in found]


async def said(team: Team, *wanted: str, where: str = "author = 'agent'") -> None:
    """These words, and no others, are said."""

    async def there() -> None:
        while await texts(team, where) != list(wanted):
            await asyncio.sleep(0.02)

    try:
        await asyncio.wait_for(there(), WITHIN)
    except TimeoutError:
        raise AssertionError(f"{await texts(team, where)}, not {wanted}; {team.seen()}") from None


async def test_a_handoff_opens_a_topic_with_card_and_transcript(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over(tier="serious")
    topic = await team.topic()
    assert topic.name == f"🟠 王小明 · 网页 #{place}"
    assert topic.icon_color == 16749490
    card = team.card(topic)["text"]
    for fact in (
        "严重",
        "王小明",
        "退款",
        "孩子划伤了手",
        "可以退换",
        "待认领",
        f"http://desk.test/desk/c/{place}",
        "//",
    ):
        assert fact in card, card
    await team.reads(topic, "这就为您转人工")
    words = team.telegram.said(topic.id)
    assert words.index("王小明") < words.index("这就为您转人工")
    await team.until(lambda: team.telegram.groups[GROUP].pinned, "pinned card")


async def test_an_agent_answers_and_the_customer_writes_on(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    team.telegram.say(team.mei, "您好，我是小美。", topic=topic.id)
    await said(team, "您好，我是小美。")
    row = await team.store.read(listing.row, place)
    assert (row["status"], row["assignee"]["name"]) == ("open", "小美")
    await team.reads(topic, "小美 (007) 已认领")
    await shop.accept("谢谢")
    await shop.accept("我等您")
    team.live.changed(place)
    await team.reads(topic, "谢谢\n我等您")
    assert team.telegram.said(topic.id).count("您好，我是小美。") == 1, "what was written there is not repeated"
    await team.until(lambda: "小美 (007) 处理中" in team.card(topic)["text"], "card that says who has it")


async def test_both_desks_show_the_same(team: Team, hand_over: Handed) -> None:
    """What is done in the web desk stands in the topic."""
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.write(desk.claim, place, team.other)
    await team.reads(topic, "阿伯 (008) 已认领")
    await team.write(desk.reply, place, team.other, cid="web-1", text="我来处理", pull=True)
    await team.write(desk.note, place, team.other, cid="web-2", text="等仓库")
    await team.reads(topic, "我来处理")
    await team.reads(topic, "阿伯 · 内部备注")
    await team.write(desk.resolve, place, team.other)
    await team.until(lambda: team.telegram.topics()[0].closed, "closed topic")
    assert "已解决" in team.telegram.said(topic.id)
    assert "状态：已解决" in team.card(topic)["text"]


async def test_notes_are_for_colleagues(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    number = team.telegram.say(team.mei, "// 他上个月也来过", topic=topic.id)
    await said(team, "他上个月也来过")
    assert await texts(team, "audience = 'desk'") == ["他上个月也来过"]
    await team.until(lambda: team.telegram.reactions.get((GROUP, number)) == "👌", "sign that it is kept")
    assert (await team.store.read(listing.row, place))["assignee"] is None


async def test_who_is_not_linked_is_told_how_and_reaches_no_customer(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    for text in ("我来回答", "// 备注", "/claim"):
        team.telegram.say(team.li_hua, text, topic=topic.id)
    await team.reads(topic, "没有连接坐席账号")
    await team.reads(topic, "@kefu_desk_bot")
    number = team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")
    assert team.telegram.said(topic.id).count("没有连接坐席账号") == 1, "one stranger does not eat up the minute"
    assert number


async def test_whoever_is_out_is_refused(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    await team.store.write(agents.set_active, "mei", False)
    team.telegram.say(team.mei, "我来回答", topic=topic.id)
    await team.reads(topic, "账号已停用")
    assert await texts(team) == []


async def test_another_agents_conversation_is_left_alone(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.write(desk.claim, place, team.other)
    number = team.telegram.say(team.mei, "我也来", topic=topic.id)
    await team.reads(topic, "阿伯 正在处理这个会话")
    refusal = next(m for m in team.telegram.thread(topic.id) if "阿伯 正在" in m["text"])
    assert refusal["reply_to_message"]["message_id"] == number
    assert await texts(team) == []


async def test_what_comes_twice_is_said_once(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")
    await team.until(lambda: team.telegram.bots[DESK_TOKEN].taken, "confirmed update")
    team.telegram.again(DESK_TOKEN, 9)
    team.telegram.say(team.mei, "还有", topic=topic.id)
    await said(team, "您好", "还有")


async def test_buttons_and_commands(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    card = team.card(topic)["message_id"]
    alerts = team.telegram.alerts

    async def tapped(act: str, user: int) -> str:
        query = team.telegram.tap(user, card, f"{act}:{place}")
        return str(await team.until(lambda: alerts.get(query), f"answer to {act}"))

    assert await tapped("claim", team.mei) == "已认领"
    assert "没有连接" in await tapped("claim", team.li_hua)
    assert "//" in await tapped("note", team.mei)
    assert await tapped("decline", team.mei) == "已告知同事"
    assert await tapped("back", team.mei) == "已交还机器人"
    assert (await team.store.read(listing.row, place))["status"] == "pending"
    await team.until(lambda: team.telegram.topics()[0].closed, "closed topic")
    team.telegram.say(team.mei, "/claim@kefu_desk_bot", topic=topic.id)
    await team.until(lambda: not team.telegram.topics()[0].closed, "open topic")
    team.telegram.say(team.mei, "/dance", topic=topic.id)
    await team.reads(topic, "/retry 重发")
    team.telegram.say(team.mei, "/claim@some_other_bot", topic=topic.id)
    team.telegram.say(team.mei, "/resolve", topic=topic.id)
    await team.until(lambda: team.telegram.topics()[0].closed, "closed topic")
    assert (await team.store.read(listing.row, place))["status"] == "resolved"


async def test_closing_the_topic_resolves_and_a_stranger_cannot(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.write(desk.claim, place, team.agent)
    team.telegram.close(team.li_hua, topic.id)
    await team.until(lambda: not team.telegram.topics()[0].closed, "topic that was opened again")
    assert (await team.store.read(listing.row, place))["status"] == "open"
    team.telegram.close(team.mei, topic.id)
    await team.reads(topic, "已解决")
    assert (await team.store.read(listing.row, place))["status"] == "resolved"
    assert team.telegram.topics()[0].closed


async def test_a_customer_who_comes_back_opens_his_topic(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    await team.write(desk.resolve, place, team.agent)
    await team.until(lambda: team.telegram.topics()[0].closed, "closed topic")
    for lease in await shop.claim():
        await shop.commit(lease, "再见")
    assert await hand_over("又碎了一个") == place
    await team.until(lambda: not team.telegram.topics()[0].closed, "open topic")
    await team.reads(topic, "又碎了一个")
    assert len(team.telegram.topics()) == 1


async def test_a_deleted_topic_is_made_again_with_all_that_stood_in_it(
    team: Team, hand_over: Handed, shop: Shop
) -> None:
    """TG-08."""
    await team.desk()
    place = await hand_over()
    first = await team.topic()
    team.telegram.delete(first.id)
    await shop.accept("还在吗")
    team.live.changed(place)
    topic = await team.until(
        lambda: next((t for t in team.telegram.topics() if t.id != first.id), None), "second topic"
    )  # fmt: skip
    await team.reads(topic, "还在吗")
    assert "杯子碎了" in team.telegram.said(topic.id)
    assert "退款" in team.card(topic)["text"]
    team.telegram.say(team.mei, "在的", topic=topic.id)
    await said(team, "在的")


async def test_general_is_for_people(team: Team, hand_over: Handed) -> None:
    """TG-07: nothing said there goes to a customer, and no reply there is taken for a topic's."""
    await team.desk()
    await hand_over()
    topic = await team.topic()
    first = team.telegram.say(team.mei, "大家中午吃什么")
    team.telegram.say(team.mei, "面", reply_to=first)
    team.telegram.say(team.mei, "好的", reply_to=topic.id)
    team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")


async def test_an_edit_is_a_note_and_a_word(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over()
    topic = await team.topic()
    number = team.telegram.say(team.mei, "明天到", topic=topic.id)
    await said(team, "明天到")
    team.telegram.change(team.mei, number, "后天到")
    await team.reads(topic, "客户看不到编辑")
    assert await texts(team, "audience = 'desk'") == ["（编辑后）后天到"]
    await said(team, "明天到", "（编辑后）后天到")


async def test_what_did_not_arrive_is_said_there_with_a_button(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    for due in await shop.dues():
        await team.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    topic = await team.topic()
    number = team.telegram.say(team.mei, "您好", topic=topic.id)
    await said(team, "您好")
    (due,) = await shop.dues()
    await team.store.write(outbox.settle, due, Delivery.FAILED, "客户拒收", hold=HOLD)
    team.live.changed(place)
    await team.reads(topic, "没有发出去: 客户拒收")
    fault = next(m for m in team.telegram.thread(topic.id) if "客户拒收" in m["text"])
    assert fault["reply_to_message"]["message_id"] == number
    (data,) = [b["callback_data"] for row in fault["reply_markup"]["inline_keyboard"] for b in row]
    query = team.telegram.tap(team.mei, fault["message_id"], data)
    await team.until(lambda: team.telegram.alerts.get(query) == "正在重新发送", "answer")
    (due,) = await shop.dues()
    await team.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    team.live.changed(place)
    await team.until(lambda: team.telegram.reactions.get((GROUP, number)) == "👍", "sign that it was sent")


def picture(team: Team) -> dict[str, Any]:
    """What a message of somebody's who sends a picture has."""
    kept = team.telegram.keep("a.png", samples.png(9, 9))
    return {"photo": [{"file_id": kept, "file_unique_id": "u", "width": 9, "height": 9}]}


async def test_files_go_both_ways(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    photo: dict[str, Any] = {
        "photo": [
            {"file_id": team.telegram.keep("a.png", samples.png(9, 9)), "file_unique_id": "u", "width": 9, "height": 9}
        ]
    }
    pdf: dict[str, Any] = {
        "document": {
            "file_id": team.telegram.keep("x", b"%PDF-1.7 bill"),
            "file_unique_id": "u",
            "file_name": "账单.pdf",
        }
    }
    team.telegram.say(team.mei, "看图", topic=topic.id, **photo, media_group_id="7")
    team.telegram.say(team.mei, "", topic=topic.id, **photo, media_group_id="7")
    team.telegram.say(team.mei, "账单", topic=topic.id, **pdf)
    await said(team, "看图", "账单")
    page = await team.store.read(log.desk_events, place, after=0)
    names = [[a["name"] for a in e.d["attachments"]] for e in page.events if e.t == "message" and e.d["attachments"]]
    assert names == [["photo.jpg", "photo.jpg"], ["账单.pdf"]]

    (picture,) = await team.files.ahead([Stored(samples.png(20, 20), "image/png", "cup.png")])
    await shop.accept("", attachments=(picture,))
    team.live.changed(place)
    await team.until(lambda: any("photo" in m for m in team.telegram.thread(topic.id)), "picture")


async def test_what_the_channel_cannot_carry_is_said(team: Team, hand_over: Handed) -> None:
    team.kinds = frozenset()
    await team.desk()
    await hand_over()
    topic = await team.topic()
    photo: dict[str, Any] = {
        "photo": [
            {"file_id": team.telegram.keep("a.png", samples.png(9, 9)), "file_unique_id": "u", "width": 9, "height": 9}
        ]
    }
    team.telegram.say(team.mei, "看图", topic=topic.id, **photo)
    await team.reads(topic, "这个渠道发不了这种消息")
    team.telegram.say(team.mei, "长" * 4050, topic=topic.id)
    await team.reads(topic, "太长了")
    assert await texts(team) == []


async def test_in_public_the_answer_goes_aside_unless_it_says_so(team: Team, hand_over: Handed) -> None:
    await team.desk()
    author = {"name": "li", "followers": 12345, "verified": True}
    post = {"kind": "status", "id": "9", "link": "https://weibo.com/1/9", "author": author}
    place = await hand_over(thread="public:1:li", public=True, extra={"public": post})
    topic = await team.topic()
    assert "公开" in topic.name
    card = team.card(topic)["text"]
    assert ("粉丝：12,345 · 认证用户" in card, "原帖：https://weibo.com/1/9" in card) == (True, True)
    assert "只发到客户的私信" in team.card(topic)["text"]
    team.telegram.say(team.mei, "您的订单号是多少？", topic=topic.id)
    await said(team, "您的订单号是多少？")
    team.telegram.say(team.mei, "公开：很抱歉，已私信您", topic=topic.id)
    await said(team, "您的订单号是多少？", "很抱歉，已私信您")
    found = await team.store.read(rows, "SELECT conversation_id FROM message WHERE author = 'agent' ORDER BY id")
    aside, public = [row.conversation_id for row in found]
    assert (aside != place, public == place) == (True, True)
    await team.reads(topic, f"转到私信回复（会话 #{aside}）")
    second = await team.topic(1)
    await team.reads(second, "您的订单号是多少？")


async def test_what_the_web_desk_refuses_is_refused_here(team: Team, hand_over: Handed) -> None:
    team.public_most = 10
    await team.desk()
    await hand_over(thread="public:1:li", public=True)
    topic = await team.topic()
    team.telegram.say(team.mei, "公开：" + "字" * 6, topic=topic.id)
    await team.reads(topic, "公开回复最多 5 字")
    team.telegram.say(team.mei, "公开：" + "字" * 5, topic=topic.id)
    await said(team, "字" * 5)
    team.speaks = False  # a telephone
    team.telegram.say(team.mei, "您好", topic=topic.id)
    await team.reads(topic, "请打电话给客户")
    assert await texts(team) == ["字" * 5]


async def test_a_critical_matter_calls_the_supervisors(team: Team, hand_over: Handed) -> None:
    await team.desk()
    await hand_over(tier="critical")
    topic = await team.topic()
    await team.until(lambda: "危急投诉需要主管" in team.telegram.said(None), "call")
    (call,) = team.telegram.thread(None)
    assert f"https://t.me/c/{str(GROUP).removeprefix('-100')}/{topic.id}" in call["text"]
    (mention,) = call["entities"]
    assert (mention["type"], mention["user"]["id"]) == ("text_mention", team.mei)
    assert call["text"][mention["offset"] : mention["offset"] + mention["length"]] == "小美"


async def test_names_are_no_markup(team: Team, hand_over: Handed) -> None:
    """TG-12."""
    await team.desk()
    await hand_over(text="<b>x</b> & *y*", name="<a href='x'>王</a>\n\u202e*_` " + "長" * 200)
    topic = await team.topic()
    assert topic.name.startswith("⚪ <a href='x'>王</a> *_` 長")
    assert len(topic.name) <= 128
    await team.reads(topic, "<b>x</b> & *y*")
