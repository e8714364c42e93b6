"""A WeChat customer at the desk: his limits, what did not reach him, his pictures, and what he thinks of it all."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import clean
from tests.e2e.conftest import Sits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits, phone
from tests.e2e.wechat import Follower, settings
from tests.fakes.wechat import SEND, STABLE, TYPING, WeChat
from tests.samples import png
from tests.stories.serving import LI, WANG, Kefu, hire

Meets = Callable[[], Follower]
NUMBERS = itertools.count(1001)


@pytest.fixture(scope="module")
def wechat() -> Iterator[WeChat]:
    with WeChat() as fake:
        yield fake


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory, wechat: WeChat) -> Iterator[Kefu]:
    """A serving process with an Official Account's inbox."""
    made = Kefu(tmp_path_factory.mktemp("kefu"), settings=settings(wechat))
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture
def meets(kefu: Kefu, wechat: WeChat) -> Iterator[Meets]:
    """Somebody else each time, who has asked for a person."""

    def meet() -> Follower:
        who = Follower(kefu, wechat, f"oDF3iYx0ro3_7jD4HFRDfrjdC{next(NUMBERS)}")
        who.says("你好")
        who.says("转人工")
        return who

    yield meet
    wechat.end_troubles()


def taken(desk: Desk) -> Desk:
    desk.open_first()
    desk.act("接入")
    expect(desk.standing).to_have_text("由您受理")
    desk.tab("mine")
    return desk


def pictures(desk: Desk, folder: Path | None, name: str) -> None:
    """For people to look at: light and dark, a wide screen and a narrow one."""
    if not folder:
        return
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme)
        for size in ({"width": 1280, "height": 800}, {"width": 360, "height": 740}):
            desk.page.set_viewport_size(size)  # type: ignore[arg-type]
            desk.page.screenshot(path=folder / f"{name}-{size['width']}-{scheme}.png")
    desk.page.emulate_media(color_scheme="light")
    desk.page.set_viewport_size({"width": 1280, "height": 800})


def test_the_sixth_answer_waits_for_the_customer(meets: Meets, sits: Sits, shots: Path | None) -> None:
    li, desk = meets(), sits()
    name = f"微信用户 …{li.openid[-4:]}"
    expect(desk.page.locator("#tab-unassigned .count")).to_have_text("1")
    taken(desk)
    expect(desk.rows.first.locator(".row-name")).to_have_text(name)
    expect(desk.rows.first.locator(".chip", has_text="微信")).to_be_visible()
    expect(desk.page.locator(".thread-who h2")).to_have_text(name)
    expect(desk.page.locator(".info .who-name")).to_have_text(name)
    expect(desk.page.locator("#compose-about")).to_contain_text(f"通过微信发给 {name}")
    line = desk.page.locator(".composer .window")
    expect(line).to_have_text("还可发 5 条 · 47 小时")
    for n in range(1, 6):
        desk.reply(f"第{n}句")
        expect(desk.said(f"第{n}句", "agent").locator(".state")).to_have_text("已发送")
        if n == 4:
            expect(line).to_contain_text("还可发 1 条")
    expect(line).to_contain_text("可发条数已用完")
    desk.reply("第6句")
    expect(desk.said("第6句", "agent").locator(".state")).to_contain_text("可发条数已用完")
    expect(desk.rows.first).to_contain_text("1 条等客户来信后发送")
    clean(desk.page, "a WeChat customer")
    pictures(desk, shots, "wechat-parked")
    assert "第6句" not in li.heard
    li.says("好的，谢谢")
    expect(desk.said("第6句", "agent").locator(".state")).to_have_text("已发送")
    expect(line).to_contain_text("还可发")
    assert [text for text in li.heard if text.startswith("第")].count("第6句") == 1
    pictures(desk, shots, "wechat-after")


def test_the_customer_sees_that_an_agent_types(meets: Meets, sits: Sits, wechat: WeChat) -> None:
    meets()
    desk = taken(sits())
    before = wechat.counts[TYPING]
    desk.page.locator("#mode-note").click()
    desk.field.press_sequentially("只给同事")
    desk.page.locator("#mode-reply").click()
    for _ in range(200):  # he types on and on
        desk.field.press_sequentially("您好")
        if wechat.counts[TYPING] > before:
            break
        desk.page.wait_for_timeout(100)
    assert wechat.counts[TYPING] == before + 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [(40003, "没有找到这位客户的账号"), (48002, "客户已拒收公众号的消息"), (99999, "对方平台没有接受")],
)
def test_what_was_refused_is_told_in_words_and_sent_again(
    meets: Meets, sits: Sits, wechat: WeChat, shots: Path | None, code: int, reason: str
) -> None:
    li, desk = meets(), taken(sits())
    wechat.trouble(SEND, errcode=code, hint="for a test")
    desk.reply("已经为您补发")
    state = desk.said("已经为您补发", "agent").locator(".state")
    expect(state).to_contain_text("发送失败")
    expect(state).to_contain_text(reason)
    expect(state.locator(".why")).to_have_attribute("title", re.compile(rf"\(WeChat {code}: "))
    clean(desk.page, "a refused message")
    if code == 48002:
        pictures(desk, shots, "wechat-refused")
    state.get_by_role("button", name="重新发送").click()
    expect(desk.said("已经为您补发", "agent").locator(".state")).to_have_text("已发送")
    assert li.heard.count("已经为您补发") == 1


def test_a_picture_and_what_else_the_customer_did(meets: Meets, sits: Sits, shots: Path | None) -> None:
    li, desk = meets(), taken(sits())
    li.shows(png(320, 200))
    picture = desk.log.locator(".said.customer img")
    expect(picture).to_be_visible()
    assert picture.evaluate("e => e.decode().then(() => e.naturalWidth)") == 320
    desk.reply("收到您的照片了")
    expect(desk.said("收到您的照片了", "agent").locator(".state")).to_have_text("已发送")
    li.follows()
    expect(desk.log.locator(".activity").first).to_contain_text("关注了公众号")
    expect(desk.rows.first.locator(".badge")).to_have_count(0)
    expect(desk.rows.first.locator(".wait")).to_have_count(0)
    li.leaves()
    gone = desk.log.locator(".activity", has_text="取消关注")
    expect(gone).to_contain_text("已无法联系到客户")
    expect(desk.page.locator(".composer .window")).to_contain_text("客户已取消关注")
    expect(desk.log.locator(".said.customer", has_text="关注")).to_have_count(0)
    clean(desk.page, "what a customer did")
    pictures(desk, shots, "wechat-activity")
    english = sits(WANG, locale="en-GB", **phone({"width": 360, "height": 740}))
    english.tab("all")
    english.rows.filter(has_text=f"WeChat user …{li.openid[-4:]}").click()
    expect(english.log.locator(".activity", has_text="Unfollowed the account")).to_contain_text(
        "can no longer be reached"
    )
    fits(english.page)
    clean(english.page, "what a customer did, in English")
    if shots:
        english.page.screenshot(path=shots / "wechat-activity-en.png")


def test_a_missing_whitelist_entry_is_shown_until_it_is_there(
    meets: Meets, sits: Sits, wechat: WeChat, shots: Path | None
) -> None:
    li, desk = meets(), taken(sits())
    wechat.revoke_tokens()
    wechat.block_ip("203.0.113.9")
    try:
        desk.reply("请您稍等，我去核实")
        banner = desk.page.locator(".trouble")
        expect(banner).to_contain_text("203.0.113.9")
        expect(banner).to_contain_text("白名单")
        desk.page.reload()  # an attempt that will be repeated is told with the thread
        expect(desk.said("请您稍等", "agent").locator(".state")).to_contain_text(
            "等待重新发送：服务器 IP 不在公众号的白名单中"
        )
        clean(desk.page, "a missing whitelist entry")
        pictures(desk, shots, "wechat-whitelist")
    finally:
        wechat.block_ip("")
    li.shows(png())  # whoever needs the network next finds that it works again
    expect(banner).to_have_count(0)
    expect(desk.log.locator(".said.customer img")).to_be_visible()
    assert wechat.counts[STABLE] > 1


def test_the_customer_rates_the_service(meets: Meets, sits: Sits, wechat: WeChat, shots: Path | None) -> None:
    li, desk = meets(), taken(sits())
    for n in range(1, 5):
        desk.reply(f"答复{n}")
        expect(desk.said(f"答复{n}", "agent").locator(".state")).to_have_text("已发送")
    desk.act("解决")
    asked = desk.log.locator(".said.bot").last
    expect(asked).to_contain_text("评价")  # with the goodbye, in the one message that was kept for it
    expect(asked.locator(".state")).to_have_text("已发送")
    li.taps("满意")
    expect(desk.log.locator(".event", has_text="客户评价")).to_have_text("客户评价 小李 的服务：满意（4/5）")
    expect(desk.page.locator(".info .fact", has_text="满意度")).to_contain_text("满意 小李")
    assert any("满意" in text for text in li.answers)
    clean(desk.page, "a WeChat customer's rating")
    pictures(desk, shots, "wechat-rating")
