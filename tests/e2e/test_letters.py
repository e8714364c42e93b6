"""Mails at the desk, in a real browser: read, distrusted, answered, and nothing in them that gets out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from channels.email.reading import read
from tests import samples
from tests.e2e import axe
from tests.e2e.conftest import Sits
from tests.e2e.desk import Desk
from tests.e2e.post import PROGRAM, QUOTED, Post, addresses, mail, markup, part, text
from tests.e2e.test_screens import PHONES, fits, on_screen, phone
from tests.stories.serving import LI, WANG, Kefu, hire

WHY = {
    "zh-Hans": "对方要求不要自动回复",
    "zh-Hant": "對方要求不要自動回覆",
    "en": "its sender wants no automatic answer",
}
HTML = """<div style="color:#333"><h2 style="color:rgb(204,0,0)">杯子碎了</h2><p>您好，杯子<b>已经碎了</b>。</p>
<img src="cid:photo@x" width="300"><table border="1"><tr><td>订单</td><td>A1024</td></tr></table></div>"""


class Spy:
    """A server of the sender's; it writes down whatever is asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        spy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                spy.asked.append((self.path, self.headers.get("referer")))
                body = samples.png(40, 30) if self.path.endswith(".png") else b"<p>outside</p>"
                self.send_response(200)
                self.send_header("Content-Type", "image/png" if self.path.endswith(".png") else "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 – as the base class calls it

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – the base class's name
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def spy() -> Iterator[Spy]:
    made = Spy()
    yield made
    made.close()


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    folder = tmp_path_factory.mktemp("kefu")
    settings = {
        "KEFU_INBOX_WEB_CHANNEL": "web",
        "KEFU_INBOX_POST_CHANNEL": "email",
        "KEFU_INBOX_POST_FOLDER": str(folder / "sent"),
    }
    made = Kefu(folder, settings=settings, program=PROGRAM)
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture(scope="module")
def post(kefu: Kefu) -> Post:
    return Post(kefu)


@pytest.fixture
def opened(sits: Sits, post: Post) -> Callable[..., Desk]:
    """An agent who has opened the conversation a mail began."""

    def open_(*parts: bytes, told: dict[str, Any] | None = None, fields: Any = None, **options: Any) -> Desk:
        number = post.next()
        post.brings(mail(*parts, number=number, **(fields or {})), **{"mute": "suppressed", **(told or {})})
        desk = sits(**options)
        desk.tab("all")
        expect(desk.rows.first).to_be_visible()
        desk.rows.first.click()
        expect(letter(desk)).to_be_visible()
        return desk

    return open_


def letter(desk: Desk) -> Locator:
    return desk.log.locator(".said.letter.customer").last


def press(desk: Desk, name: str) -> None:
    letter(desk).get_by_role("button", name=name).click()


def frame(desk: Desk) -> FrameLocator:
    return letter(desk).frame_locator("iframe")


def test_a_mail_is_read(opened: Callable[..., Desk], shots: Path | None) -> None:
    desk = opened(
        text(QUOTED),
        told={"extra": {"why_not": WHY}},
        fields={"Cc": addresses("a", "b", "c", "d"), "Reply_To": "home@qq.com"},
    )
    mail_ = letter(desk)
    expect(mail_.get_by_role("heading")).to_have_text("收到的杯子碎了，想换货")
    head = mail_.locator(".letter-head")
    expect(head).to_contain_text("王芳 <wang@qq.com>")
    expect(head).to_contain_text("回复至home@qq.com")
    expect(head).to_contain_text("客服 <support@shop.example>")
    expect(head).to_contain_text("2026年11月20日")
    expect(head).not_to_contain_text("d@example.com")
    press(desk, "另外 1 人")
    expect(head).to_contain_text("d@example.com")
    expect(mail_).to_contain_text("没有自动回复：对方要求不要自动回复。")
    body = mail_.locator(".letter-body")
    expect(body).to_contain_text("杯子收到时已经碎了")
    expect(body).not_to_contain_text("原始邮件")
    press(desk, "全文（含引用）")
    expect(body).to_contain_text("原始邮件")
    expect(body).to_contain_text("预计三天内送达")
    axe.clean(desk.page, "letter, whole")
    press(desk, "全文（含引用）")
    expect(body).not_to_contain_text("原始邮件")
    row = desk.rows.first
    expect(row.locator(".row-subject")).to_contain_text("收到的杯子碎了，想换货")
    expect(row).to_contain_text("邮件")
    if shots:
        desk.page.screenshot(path=shots / "letter.png")


def test_who_was_acknowledged_before_may_be_answered_all_the_same(opened: Callable[..., Desk]) -> None:
    """The note must be true where an answer of the FAQ stands below it, too."""
    desk = opened(text("再问一下"), told={"mute": "told_before", "extra": {"why_not": WHY}})
    expect(letter(desk)).to_contain_text("常见问题的答案和安全提示仍会发")
    expect(letter(desk)).not_to_contain_text("没有自动回复")


def test_the_original_can_be_fetched_and_is_no_attachment(opened: Callable[..., Desk]) -> None:
    pdf = part('application/pdf; name="a.pdf"', samples.PDF, Content_Disposition='attachment; filename="a.pdf"')
    desk = opened(text("见附件"), pdf)
    expect(letter(desk).locator(".file-card")).to_have_count(1)
    expect(letter(desk).locator(".file-card")).to_contain_text("a.pdf")
    with desk.page.expect_download() as download:
        letter(desk).get_by_role("link", name="下载原件").click()
    assert download.value.suggested_filename.endswith(".eml")
    assert Path(download.value.path()).read_bytes().startswith(b"Message-ID: <m")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_html_is_shown_with_its_images(opened: Callable[..., Desk], scheme: str, shots: Path | None) -> None:
    photo = part('image/png; name="p.png"', samples.png(320, 200), Content_ID="<photo@x>", Content_Disposition="inline")
    desk = opened(markup(HTML), photo, fields={"kind": "related"}, color_scheme=scheme)
    expect(letter(desk).locator(".picture img")).to_have_count(1)
    press(desk, "原样显示")
    page = frame(desk)
    expect(page.locator("h2")).to_have_css("color", "rgb(204, 0, 0)")  # the policy lets its styles be
    image = page.locator("img")
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("(e) => e.naturalWidth") == 320
    expect(letter(desk).locator(".picture")).to_have_count(0)  # it is not shown twice
    expect(letter(desk).get_by_role("button", name="显示外部图片")).to_have_count(0)  # there are none
    box = letter(desk).locator("iframe").bounding_box()
    inner = page.locator("html").evaluate("(e) => e.getBoundingClientRect().height")
    assert box
    assert abs(box["height"] - inner) <= 3, (box, inner)  # as high as what is in it, no bar of its own
    axe.clean(desk.page, "letter, as it was written")
    if shots:
        desk.page.screenshot(path=shots / f"letter-html-{scheme}.png")


def hostile(at: str) -> str:
    return f"""<img src="{at}/pixel.png" width="300" height="200"><img src="{at}/lazy.png" width="300" loading="eager">
    <img srcset="{at}/set.png 1x"><picture><source srcset="{at}/source.png"></picture>
    <script>document.title='pwned';fetch('{at}/script')</script><img src="x" onerror="fetch('{at}/onerror')">
    <style>@import url({at}/import.css);body{{background:url({at}/style.png)}}</style>
    <link rel="stylesheet" href="{at}/link.css"><link rel="prefetch" href="{at}/prefetch">
    <div style="background-image:url({at}/background.png);color:red">styled</div>
    <div style="list-style-type:url({at}/list.png);border:1px solid url({at}/border.png)">styled</div>
    <table background="{at}/table.png"><tr><td background="{at}/cell.png">cell</td></tr></table>
    <iframe src="{at}/frame"></iframe><object data="{at}/object"></object><embed src="{at}/embed">
    <video poster="{at}/poster.png" src="{at}/video" autoplay></video><audio src="{at}/audio" autoplay></audio>
    <meta http-equiv="refresh" content="0;url={at}/refresh"><base href="{at}/">
    <form action="{at}/form" id="f"><input name="a" autofocus onfocus="this.form.submit()">
    <button>确认账户</button></form>
    <svg onload="fetch('{at}/svg')"><image href="{at}/svg.png"/></svg>
    <a href="{at}/away" target="_top" ping="{at}/ping">点我</a>
    <a href="javascript:top.location='{at}/js'">再点我</a>"""


def test_a_hostile_mail_reaches_nobody_until_its_images_are_asked_for(opened: Callable[..., Desk], spy: Spy) -> None:
    desk = opened(markup(hostile(spy.url)), forgiven="sandbox")
    press(desk, "原样显示")
    page = frame(desk)
    expect(page.get_by_text("styled").first).to_have_css("color", "rgb(255, 0, 0)")
    expect(letter(desk)).to_contain_text("外部图片没有载入")
    for name in (
        "script",
        "form",
        "input",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "svg",
        "meta[http-equiv]",
        "base",
    ):
        expect(page.locator(f"body {name}")).to_have_count(0)
    desk.page.wait_for_timeout(500)
    assert spy.asked == []
    press(desk, "显示外部图片")
    expect(letter(desk)).to_contain_text("外部图片已载入")
    expect(page.locator("img").first).to_have_js_property("naturalWidth", 40)
    assert {path for path, _ in spy.asked} == {"/pixel.png", "/lazy.png"}
    assert {referrer for _, referrer in spy.asked} == {None}  # and do not learn where they are looked at


def test_a_link_of_a_mail_opens_beside_the_desk(opened: Callable[..., Desk], spy: Spy) -> None:
    desk = opened(markup(hostile(spy.url)))
    press(desk, "原样显示")
    with desk.page.context.expect_page() as other:
        frame(desk).get_by_text("点我", exact=True).click()
    other.value.wait_for_load_state()
    assert other.value.evaluate("window.opener") is None
    assert other.value.evaluate("document.referrer") == ""
    other.value.close()
    frame(desk).get_by_text("再点我").click()
    desk.page.wait_for_timeout(300)
    assert re.search(r"/desk/c/\d+$", desk.page.url)
    assert [path for path, _ in spy.asked if path != "/favicon.ico"] == ["/away"]


def test_even_html_that_nobody_made_safe_can_do_nothing(opened: Callable[..., Desk], spy: Spy) -> None:
    """The page's own policy holds where the sanitizer has failed."""
    desk = opened(text("x"), told={"extra": {"html": hostile(spy.url)}}, forgiven=" ")
    press(desk, "原样显示")
    page = frame(desk)
    expect(page.get_by_text("cell")).to_be_visible()
    page.get_by_role("button", name="确认账户").click()
    desk.page.wait_for_timeout(700)
    assert spy.asked == []
    assert desk.page.title() != "pwned"
    assert re.search(r"/desk/c/\d+$", desk.page.url)


def test_what_to_beware_of_and_what_to_know(opened: Callable[..., Desk], post: Post, kefu: Kefu) -> None:
    first = opened(text("第一封"))
    other = int(first.page.url.rsplit("/", 1)[1])
    told = {
        "extra": {
            "folder": "junk",
            "authentication": {"dmarc": "fail"},
            "quarantine": "could not be read: RecursionError",
            "verdict": "suspicious",
            "placing": {"rule": "refused", "related": other, "stranger": True, "new_topic": True},
        }
    }
    desk = opened(
        text("请点击链接"), told=told, fields={"subject": "账户异常", "name": "", "sender": "it@bank.example"}
    )
    mail_ = letter(desk)
    for words in ("没能完整读懂", "没有通过验证", "垃圾邮件文件夹", "没有参与这个会话", "新话题"):
        expect(mail_).to_contain_text(words)
    expect(desk.page.locator(".thread-who h2")).to_have_text("it@bank.example")
    axe.clean(desk.page, "letter with warnings")
    mail_.get_by_role("link", name=f"会话 {other}").click()
    expect(letter(desk)).to_contain_text("第一封")
    assert desk.page.url == f"{kefu.url}/desk/c/{other}"


def test_a_long_mail_is_cut_until_it_is_opened(opened: Callable[..., Desk]) -> None:
    lines = "\n".join(f"第 {n} 行，说明情况。" for n in range(1, 401))
    desk = opened(text(lines))
    expect(letter(desk).locator(".text")).not_to_contain_text("第 400 行")
    press(desk, "展开全部")
    expect(letter(desk).locator(".text")).to_contain_text("第 400 行")
    expect(letter(desk).get_by_role("button", name="收起")).to_be_focused()  # who works by keyboard stays there
    desk.page.keyboard.press("Enter")
    expect(letter(desk).locator(".text")).not_to_contain_text("第 400 行")


def test_what_cannot_be_fetched_can_be_tried_again(opened: Callable[..., Desk]) -> None:
    desk = opened(markup('<p>样子</p><blockquote type="cite">原来的邮件</blockquote>'))
    desk.page.route("**/api/desk/letters/*", lambda route: route.abort())
    press(desk, "全文（含引用）")
    expect(letter(desk).get_by_role("alert")).to_contain_text("没能取到邮件内容")
    desk.page.unroute("**/api/desk/letters/*")
    press(desk, "重试")
    expect(letter(desk).locator(".text")).to_contain_text("原来的邮件")
    desk.page.route("**/api/desk/letters/*/page", lambda route: route.fulfill(status=500, body="{}"))
    press(desk, "原样显示")
    expect(letter(desk).get_by_role("alert")).to_contain_text("没能取到邮件内容")
    desk.page.unroute("**/api/desk/letters/*/page")
    press(desk, "重试")
    expect(frame(desk).get_by_text("样子")).to_be_visible()


def test_a_mail_is_answered(opened: Callable[..., Desk], kefu: Kefu, shots: Path | None) -> None:
    desk = opened(text(QUOTED), fields={"Cc": "boss@example.com"})
    desk.act("接入")
    number = desk.page.url.rsplit("/", 1)[1]
    head = desk.page.locator(".answer-head")
    expect(head).to_contain_text("收件人王芳 <wang@qq.com>")
    expect(head).to_contain_text("抄送boss@example.com")
    expect(head).to_contain_text(f"主题Re: 收到的杯子碎了，想换货 [KF-{number}]")
    desk.page.locator(".account").click()
    desk.page.locator("#set-send").select_option("enter")
    desk.page.keyboard.press("Escape")
    desk.field.click()
    expect(desk.page.locator(".signature")).to_have_text("署名：小李（工号 1001） · 青禾生活")
    desk.field.press_sequentially("王女士，您好：")
    desk.field.press("Enter")  # who chats with Enter does not send half a letter
    desk.field.press_sequentially("马上为您换货。")
    expect(desk.field).to_have_value("王女士，您好：\n马上为您换货。")
    axe.clean(desk.page, "answering a letter")
    if shots:
        desk.page.screenshot(path=shots / "letter-answer.png")
    desk.field.press("Control+Enter")
    sent = desk.said("马上为您换货", "agent")
    expect(sent).to_be_visible()
    expect(sent.locator(".letter-sent")).to_contain_text("抄送boss@example.com")  # as soon as it is out
    desk.page.reload()
    expect(desk.said("马上为您换货", "agent").locator(".letter-sent")).to_contain_text("收件人王芳 <wang@qq.com>")
    (raw,) = (
        path.read_bytes() for path in (kefu.folder / "sent").glob("*.eml") if b"boss@example.com" in path.read_bytes()
    )
    went = read(raw)
    assert [one.email for one in (*went.to, *went.cc)] == ["wang@qq.com", "boss@example.com"]
    assert went.subject == f"Re: 收到的杯子碎了，想换货 [KF-{number}]"
    assert "王女士，您好：\n马上为您换货。" in went.body


def test_what_became_of_an_answer_is_told_at_it(opened: Callable[..., Desk], post: Post, kefu: Kefu) -> None:
    desk = opened(text("请回复"), fields={"Cc": "boss@example.com"})
    desk.act("接入")
    for words in ("PARTLY 一", "UNKNOWN 二", "REFUSED 三", "退信 四"):
        desk.reply(words)
        expect(desk.said(words, "agent")).to_be_visible()
    expect(desk.said("PARTLY 一").locator(".state")).to_contain_text("已发送，但：boss@example.com: 550 no such user")
    expect(desk.said("PARTLY 一").locator(".letter-sent")).to_contain_text("boss@example.com （被拒收）")
    unknown = desk.said("UNKNOWN 二")
    expect(unknown.locator(".state")).to_contain_text("客户可能收到两次")
    expect(unknown.get_by_role("button", name="重新发送")).to_be_visible()
    expect(desk.said("REFUSED 三").locator(".state")).to_contain_text("邮件服务器拒收：550 no such user")
    place = desk.page.url.rsplit("/", 1)[1]
    answer = desk.page.request.get(f"{kefu.url}/api/desk/conversations/{place}/events").json()
    number = next(e["d"]["id"] for e in answer["events"] if e["t"] == "message" and e["d"]["text"] == "退信 四")
    post.reports(number, "sent", "delay: wang@qq.com 4.2.2 mailbox full")
    bounced = desk.said("退信 四")
    expect(bounced.locator(".state")).to_contain_text("已发送，但：还没有送达，对方服务器会继续尝试：wang@qq.com 4.2.2")
    post.reports(number, "failed", "bounce: wang@qq.com 5.1.1 user unknown")
    expect(desk.page.locator(".row.open")).to_contain_text("回复未送达")
    expect(bounced.locator(".state.broken")).to_contain_text("被退回：wang@qq.com 5.1.1 user unknown")


def test_what_a_colleague_wrote_elsewhere_is_his(opened: Callable[..., Desk], post: Post) -> None:
    desk = opened(text("在吗"), told={"thread": "elsewhere"})
    number = post.next()
    raw = mail(
        text("我在 Outlook 里回的。"), number=number, sender="support@shop.example", name="小王", to="wang@qq.com"
    )
    post.brings(raw, thread="elsewhere", elsewhere="wang@qq.com")
    said = desk.said("我在 Outlook 里回的", "agent")
    expect(said).to_contain_text("从自己的邮件程序发出")
    expect(said.locator(".letter-head")).to_contain_text("收件人wang@qq.com")


@pytest.mark.parametrize("size", PHONES, ids=lambda s: f"{s['width']} px")
def test_mails_on_a_phone(opened: Callable[..., Desk], size: Any, shots: Path | None) -> None:
    wide = "<table width='900'><tr><td>" + "wide " * 60 + "</td></tr></table><p>" + "x" * 300 + "</p>"
    photo = part('image/png; name="p.png"', samples.png(900, 300), Content_ID="<photo@x>", Content_Disposition="inline")
    fields = {"subject": "Re: " + "A very long subject without an end " * 4, "name": "", "kind": "related"}
    fields |= {"sender": "a-very-long-address-that-nobody-would-type-by-hand@subdomain.customers.example"}
    desk = opened(markup(wide + HTML), photo, fields=fields, locale="en-US", **phone(size))
    fits(desk.page)
    letter(desk).get_by_role("button", name="As it was written").tap()
    expect(frame(desk).locator("h2")).to_be_visible()
    fits(desk.page)
    desk.act("Take it")
    desk.field.tap()
    desk.field.fill("Dear customer,\n\nthank you.")
    on_screen(desk.page.locator(".send"), size)
    fits(desk.page)
    if shots:
        desk.page.screenshot(path=shots / f"letter-{size['width']}.png")


@pytest.mark.parametrize(("locale", "words"), [("zh-TW", "寄件人"), ("en-US", "From")])
def test_in_other_languages(opened: Callable[..., Desk], locale: str, words: str) -> None:
    desk = opened(text("hello"), told={"extra": {"why_not": WHY}}, locale=locale)
    expect(letter(desk).locator(".letter-head")).to_contain_text(words)
    expect(letter(desk)).to_contain_text(WHY["zh-Hant"] if locale == "zh-TW" else WHY["en"])
