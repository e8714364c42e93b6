"""What everybody reads, at the desk: it is seen to be public, answered there or aside, and closed there."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import clean
from tests.e2e.conftest import Sits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits, phone
from tests.e2e.weibo import Blogger, settings
from tests.fakes.weibo import Weibo
from tests.stories.serving import LI, WANG, Kefu, hire

POST = "你们的杯子又碎了，客服一直不理人，太差劲了 @小店客服"
CALLS = 100_000
"""Enough that every push is looked up at once, at whatever time of the day."""
COUNT = itertools.count(2_400_000_001)


@pytest.fixture(scope="module")
def weibo() -> Iterator[Weibo]:
    with Weibo() as fake:
        fake.calls_per_day = CALLS
        yield fake


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory, weibo: Weibo) -> Iterator[Kefu]:
    """A serving process with a Weibo inbox."""
    made = Kefu(tmp_path_factory.mktemp("kefu"), settings=settings(weibo, calls_per_day=CALLS, history_hours=1))
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture
def meets(kefu: Kefu, weibo: Weibo) -> Callable[[], Blogger]:
    return lambda: Blogger(kefu, weibo, str(next(COUNT)))


def opened(sits: Sits, who: Blogger) -> Desk:
    """His public conversation, open."""
    desk = sits()
    desk.tab("all")
    desk.rows.filter(has_text=who.uid[-4:]).filter(has=desk.page.locator(".chip.public")).first.click()
    expect(desk.log).to_be_visible()
    return desk


def test_a_public_post_is_seen_to_be_public_and_answered_there(meets: Callable[[], Blogger], sits: Sits) -> None:
    who = meets()
    number = who.posts(POST)
    desk = opened(sits, who)
    expect(desk.rows.first.locator(".chip.public")).to_have_text("公开")
    expect(desk.page.locator(".thread-sub .chip.public")).to_be_visible()
    link = desk.page.locator(".public-about a")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert number not in (link.get_attribute("href") or ""), "in base 62"
    desk.page.locator("#mode-reply").click()
    expect(desk.page.locator(".composer .going")).to_have_text("所有人可见")
    desk.field.fill("字" * 141)
    expect(desk.page.locator(".length.over")).to_have_text("141 / 140")
    clean(desk.page, "a public conversation")
    desk.field.fill("")
    desk.page.get_by_role("button", name="邀请私信").click()
    expect(desk.field).to_have_value(re.compile("私信"))
    desk.field.press("Control+Enter")
    asked = desk.page.get_by_role("alertdialog")
    expect(asked).to_contain_text("所有人都能看到")
    clean(desk.page, "asked before it is published")
    asked.get_by_role("button", name="再改改").click()
    expect(desk.log.locator(".said.agent")).to_have_count(0)
    desk.field.press("Control+Enter")
    desk.page.get_by_role("alertdialog").get_by_role("button", name="公开发布").click()
    expect(desk.log.locator(".said.agent")).to_have_count(1)
    expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")


def test_aside_he_alone_reads_it_and_each_side_leads_to_the_other(meets: Callable[[], Blogger], sits: Sits) -> None:
    who = meets()
    who.posts(POST)
    desk = opened(sits, who)
    desk.page.locator("#mode-reply").click()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")
    expect(desk.page.locator(".composer .going")).to_contain_text("只有")
    desk.reply("您好，我是小李，杯子的事我来处理")
    expect(desk.log.locator(".event").filter(has_text="已用私信回复")).to_be_visible()
    expect(desk.page.locator(".beside")).to_contain_text("私信会话")
    desk.page.locator(".beside").get_by_role("button", name="打开").click()
    expect(desk.said("杯子的事我来处理", "agent")).to_be_visible()
    expect(desk.page.locator(".beside")).to_contain_text("公开会话")
    expect(desk.log.locator(".state.sent")).to_be_visible()
    assert who.heard() == ["您好，我是小李，杯子的事我来处理"]
    # He may go there himself: the words are ready, and a person sends them.
    asked(desk).get_by_role("button", name="只解决私信会话").click()
    expect(desk.standing).to_have_text("已解决")
    desk.page.locator(".beside").get_by_role("button", name="去公开收尾").click()
    expect(desk.page.locator("#mode-reply")).to_have_attribute("aria-selected", "true")
    expect(desk.field).not_to_have_value("")
    desk.field.press("Control+Enter")
    desk.page.get_by_role("alertdialog").get_by_role("button", name="公开发布").click()
    toast = desk.page.locator(".toast").filter(has_text="私信里已经办妥")
    toast.get_by_role("button", name="解决", exact=True).click()
    expect(desk.standing).to_have_text("已解决")


def test_words_keep_their_way(meets: Callable[[], Blogger], sits: Sits) -> None:
    who, another = meets(), meets()
    who.posts(POST)
    desk = opened(sits, who)
    at = desk.page.url
    expect(desk.log.locator(".said.bot")).to_be_visible()
    desk.page.locator("#mode-reply").click()
    desk.page.reload()
    expect(desk.page.locator("#mode-reply")).to_have_attribute("aria-selected", "true")
    expect(desk.page.locator("#reply-window")).to_have_count(0)
    desk.page.locator("#mode-private").click()
    expect(desk.page.locator("#reply-window")).to_contain_text("还可发 1 条")
    desk.field.fill("请把收货电话告诉我")
    for _ in range(2):
        desk.page.reload()
        expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")
        expect(desk.field).to_have_value("请把收货电话告诉我")
        expect(desk.page.locator(".composer .going")).to_contain_text("只有")
    # Each conversation has a way of its own, and so have the words in it.
    another.says("转人工")
    desk.tab("all")
    desk.rows.filter(has_text=another.uid[-4:]).click()
    expect(desk.page).not_to_have_url(at)
    expect(desk.page.locator("#mode-reply")).to_have_attribute("aria-selected", "true")
    desk.page.locator("#mode-note").click()
    desk.page.go_back()
    expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")
    desk.page.locator("#mode-reply").click()
    expect(desk.field).to_have_value("")
    desk.page.go_forward()
    desk.page.reload()
    expect(desk.page.locator("#mode-note")).to_have_attribute("aria-selected", "true")
    desk.page.go_back()
    desk.page.locator("#mode-private").click()
    desk.field.press("Control+Enter")
    expect(desk.page.locator("#reply-window")).to_contain_text("可发条数已用完")
    # What can be said nowhere any more is not said in public instead.
    desk.page.evaluate(
        "for (const key of Object.keys(localStorage)) if (/\\.way\\./.test(key)) localStorage[key] = '{}'"
    )
    desk.page.reload()
    expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")


def test_what_stands_around_and_who_says_the_same(
    meets: Callable[[], Blogger], sits: Sits, weibo: Weibo, shots: Path | None
) -> None:
    began, answered, says, passes, late = (meets() for _ in range(5))
    weibo.person(passes.uid, screen_name="杯子鉴赏家", followers_count=8_200, verified=True)
    root = str(weibo.post(began.uid, "新买的保温杯漏水，包都湿了"))
    above = str(weibo.comment(answered.uid, int(root), "我的也是，才用三天"))
    says.comments(root, "@小店客服 同款漏水，投诉没人管，要求退款", answers=above)
    long = "@小店客服 保温杯漏水，质量太差，投诉也没人管，要求退款"
    passes.posts(long, passes_on=root, isLongText=True)
    desk = opened(sits, says)
    about = desk.page.locator(".public-about")
    about.locator("summary").click()
    expect(about.locator("li")).to_have_count(2)
    expect(about.locator("li").first).to_contain_text("包都湿了")
    expect(about.locator("li").last).to_contain_text("才用三天")
    # The others are a step away, and each row says how many they are.
    mine = desk.rows.filter(has_text=says.uid[-4:]).filter(has=desk.page.locator(".chip.public"))
    expect(mine).to_contain_text("同一事件 2 人")
    expect(mine).not_to_contain_text(root[:10])  # nobody reads Weibo's numbers
    desk.page.reload()
    same = desk.page.locator(".beside details")
    same.locator("summary").click()
    if shots:
        desk.page.screenshot(path=shots / "incident.png")
    clean(desk.page, "what stands around a comment")
    same.get_by_role("button", name="杯子鉴赏家").click()
    expect(about).to_contain_text("8200 粉丝")
    expect(about).to_contain_text("已认证")
    expect(about).to_contain_text("原文较长")
    # Where the post is gone, nothing can be said in public: it is told, and cannot be chosen.
    weibo.delete(int(root))
    late.comments(root, "@小店客服 怎么把帖子弄没了，我还要投诉退款")
    desk.tab("all")
    desk.rows.filter(has_text=late.uid[-4:]).filter(has=desk.page.locator(".chip.public")).first.click()
    expect(about).to_contain_text("原帖已删除")
    expect(desk.page.locator("#mode-private")).to_have_attribute("aria-selected", "true")
    expect(desk.page.locator("#mode-reply")).to_have_attribute("aria-disabled", "true")
    desk.page.locator("#mode-reply").click(force=True)
    expect(desk.page.locator(".composer .going")).to_contain_text("只有")
    clean(desk.page, "a post that is gone")
    if shots:
        desk.page.screenshot(path=shots / "gone.png")


def talked(desk: Desk) -> None:
    """Goes on in private, where the matter is settled."""
    desk.page.locator("#mode-private").click()
    desk.reply("您好，新杯子已经寄出")
    desk.page.locator(".beside").get_by_role("button", name="打开").click()
    expect(desk.said("新杯子已经寄出", "agent")).to_be_visible()


def asked(desk: Desk) -> Locator:
    """He wants to resolve it, and is asked."""
    desk.log.focus()
    desk.page.keyboard.press("e")
    dialog = desk.page.get_by_role("dialog", name="公开场合收尾")
    expect(dialog).to_be_visible()
    return dialog


def test_who_resolves_in_private_is_asked_to_close_in_public(
    meets: Callable[[], Blogger], sits: Sits, weibo: Weibo, shots: Path | None
) -> None:
    who = meets()
    number = who.posts(POST)
    desk = opened(sits, who)
    talked(desk)
    dialog, field = asked(desk), desk.page.locator("#closing-text")
    expect(dialog.locator(".closing-place")).to_contain_text("公开会话")
    expect(field).to_be_focused()
    expect(field).not_to_have_value("")
    clean(desk.page, "asked for a closing line")
    if shots:
        desk.page.screenshot(path=shots / "closing.png")
    line = field.input_value()
    dialog.get_by_role("button", name="换一种说法").click()
    expect(field).not_to_have_value(line)
    field.fill("字" * 141)
    expect(dialog.locator(".length.over")).to_have_text("141 / 140")
    field.press("Control+Enter")
    expect(dialog.get_by_role("button", name="公开发布，两个都解决")).to_have_attribute("aria-disabled", "true")
    field.fill("新杯子已寄出，给您添麻烦了")
    field.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.standing).to_have_text("由您受理")
    asked(desk)
    expect(field).to_have_value("新杯子已寄出，给您添麻烦了")
    # The line is there, and nothing more gets through: neither a reload nor the next try says it twice.
    desk.page.route("**/resolve", lambda route: route.abort())
    with desk.page.expect_event("requestfailed", lambda request: request.url.endswith("/resolve")):
        field.press("Control+Enter")
    expect(dialog.get_by_role("status").filter(has_text="正在发布")).to_be_visible()
    expect(desk.standing).to_have_text("由您受理")
    desk.page.unroute("**/resolve")
    desk.page.reload()
    expect(desk.standing).to_have_text("已解决")
    desk.page.locator(".beside").get_by_role("button", name="打开").click()
    expect(desk.said("新杯子已寄出", "agent")).to_have_count(1)
    expect(desk.standing).to_have_text("已解决")
    expect(desk.log.locator(".mine-unsent")).to_have_count(0)
    expect(desk.log.locator(".state.sent")).to_be_visible()
    assert weibo.answers(int(number)).count("新杯子已寄出，给您添麻烦了") == 1


def test_only_this_one_or_a_colleague_has_the_other(meets: Callable[[], Blogger], sits: Sits, kefu: Kefu) -> None:
    who = meets()
    who.posts(POST)
    who.says("转人工，杯子碎了")
    desk, other = sits(), sits(WANG)
    desk.tab("all")
    mine = desk.rows.filter(has_text=who.uid[-4:])
    mine.filter(has_not=desk.page.locator(".chip.public")).first.click()
    desk.act("接入")
    expect(desk.standing).to_have_text("由您受理")
    dialog = asked(desk)
    public = mine.filter(has=desk.page.locator(".chip.public")).get_attribute("data-id")
    told = other.page.request.post(
        f"{kefu.url}/api/desk/conversations/{public}/claim", data={}, headers={"Origin": kefu.url}
    )  # fmt: skip
    assert told.ok
    desk.page.locator("#closing-text").press("Control+Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("小王 正在受理")
    expect(desk.page.locator("#closing-text")).not_to_have_value("")
    expect(desk.standing).to_have_text("由您受理")
    dialog.get_by_role("button", name="只解决私信会话").click()
    expect(desk.standing).to_have_text("已解决")
    assert (
        other.page.request.get(f"{kefu.url}/api/desk/conversations/{public}").json()["conversation"]["status"] == "open"
    )


def reaches(page: Page, selector: str, key: str = "Tab") -> None:
    """By the keyboard alone."""
    for _ in range(40):
        if page.evaluate("(selector) => Boolean(document.activeElement?.matches(selector))", selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to {selector}")


def test_the_whole_way_by_keyboard_on_a_narrow_screen(
    meets: Callable[[], Blogger], sits: Sits, weibo: Weibo, shots: Path | None
) -> None:
    who = meets()
    number = who.posts(POST)
    desk = sits(viewport={"width": 390, "height": 844})
    page, keys = desk.page, desk.page.keyboard
    reaches(page, "#tab-mine")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(desk.rows).to_have_count(1)
    keys.press("j")
    keys.press("Enter")
    expect(desk.log.locator(".said.bot")).to_be_visible()
    keys.press("Escape")
    expect(desk.rows).to_be_visible()
    keys.press("Enter")
    keys.press("r")
    expect(desk.field).to_be_focused()
    reaches(page, ".mode[aria-selected=true]", "Shift+Tab")
    keys.press("ArrowLeft")
    expect(page.locator("#mode-reply")).to_have_attribute("aria-selected", "true")
    reaches(page, "#compose")
    keys.insert_text("看到了，马上给您换新的")
    fits(page)
    keys.press("Control+Enter")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    keys.press("Enter")
    expect(desk.said("马上给您换新的", "agent")).to_be_visible()
    expect(page.locator("#mode-private")).to_have_attribute("aria-selected", "true")
    reaches(page, "#compose")
    keys.insert_text("新杯子寄到哪里？")
    keys.press("Control+Enter")
    reaches(page, ".beside .link")
    keys.press("Enter")
    expect(desk.said("新杯子寄到哪里", "agent")).to_be_visible()
    keys.press("e")
    expect(page.locator("#closing-text")).to_be_focused()
    expect(page.locator("#closing-text")).not_to_have_value("")
    fits(page)
    if shots:
        page.screenshot(path=shots / "closing-390.png")
    clean(page, "asked for a closing line on a narrow screen")
    line = page.locator("#closing-text").input_value()
    keys.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(desk.standing).to_have_text("已解决")
    keys.press("Escape")
    expect(desk.rows).to_have_count(0)
    expect(page.locator(".rows-box")).to_be_visible()
    assert weibo.answers(int(number)).count(line) == 1


def test_the_whole_way_in_traditional_chinese(meets: Callable[[], Blogger], sits: Sits, shots: Path | None) -> None:
    who = meets()
    who.posts(POST)
    desk = sits()
    page = desk.page
    page.goto(f"{page.url.split('/desk')[0]}/desk?lang=zh-Hant")
    desk.tab("all")
    desk.rows.filter(has_text=who.uid[-4:]).first.click()
    expect(page.locator(".thread-sub .chip.public")).to_have_text("公開")
    page.get_by_role("tab", name="公開回覆").click()
    expect(page.locator(".composer .going")).to_have_text("所有人都看得到")
    page.get_by_role("button", name="邀請私訊").click()
    desk.field.press("Control+Enter")
    page.get_by_role("alertdialog").get_by_role("button", name="公開發布").click()
    expect(desk.log.locator(".said.agent")).to_have_count(1)
    page.get_by_role("tab", name="私訊").click()
    expect(page.locator("#reply-window")).to_contain_text("還可傳 1 則")
    desk.reply("您好，新杯子已經寄出")
    expect(desk.log.locator(".event").filter(has_text="已用私訊回覆")).to_be_visible()
    if shots:
        page.screenshot(path=shots / "hant.png")
    # Resolved from the public side, it asks as well; and both are.
    desk.act("解決")
    dialog = page.get_by_role("dialog", name="公開場合收尾")
    expect(dialog).to_contain_text("旁人看不到結果")
    if shots:
        page.screenshot(path=shots / "closing-hant.png")
    dialog.get_by_role("button", name="公開發布，兩個都解決").click()
    expect(desk.standing).to_have_text("已解決")
    page.locator(".beside").get_by_role("button", name="打開").click()
    expect(desk.said("新杯子已經寄出", "agent")).to_be_visible()
    expect(desk.standing).to_have_text("已解決")


def test_on_a_narrow_screen_and_in_english(meets: Callable[[], Blogger], sits: Sits) -> None:
    who = meets()
    who.posts(POST)
    desk = sits(**phone({"width": 390, "height": 844}))
    desk.page.goto(f"{desk.page.url.split('/desk')[0]}/desk?lang=en")
    desk.tab("all")
    desk.rows.filter(has_text=who.uid[-4:]).filter(has=desk.page.locator(".chip.public")).first.click()
    expect(desk.page.locator("#mode-reply")).to_contain_text("Public reply")
    fits(desk.page)
    clean(desk.page, "a public conversation on a telephone")
