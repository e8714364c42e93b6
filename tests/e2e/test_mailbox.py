"""A company's mailbox on real servers, and an agent in a real browser: a mail comes, is read and answered, the answer
goes out, and what came back of it stands at it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import samples
from tests.e2e.conftest import Sits
from tests.e2e.post import QUOTED, mail, markup, part
from tests.peers.dovecot import PASSWORD, Dovecot, dovecot
from tests.peers.sink import Arrived, Sink, sink
from tests.stories.serving import LI, WANG, Kefu, hire

ME, CUSTOMER = "support@shop.example", "wang@qq.com"
BOUNCE = """From: MAILER-DAEMON@mx.shop.example
To: support@shop.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.shop.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

Your mail could not be delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example

Final-Recipient: rfc822; wang@qq.com
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--r
Content-Type: text/rfc822-headers

Message-ID: {id}
--r--
"""


@pytest.fixture(scope="module")
def post() -> Iterator[Dovecot]:
    with dovecot(ME) as server:
        yield server


@pytest.fixture(scope="module")
def out() -> Iterator[Sink]:
    with sink() as server:
        yield server


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory, post: Dovecot, out: Sink) -> Iterator[Kefu]:
    told = {
        "CHANNEL": "email", "ADDRESS": ME, "PASSWORD": PASSWORD, "FROM_NAME": "青禾生活", "POLL_SECONDS": "10",
        "IMAP_HOST": "127.0.0.1", "IMAP_PORT": str(post.port), "IMAP_SECURITY": "none",
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(out.port), "SMTP_SECURITY": "none",
    }  # fmt: skip
    settings = {"KEFU_INBOX_WEB_CHANNEL": "web", **{f"KEFU_INBOX_MAIL_{name}": value for name, value in told.items()}}
    made = Kefu(tmp_path_factory.mktemp("kefu"), settings=settings)
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


def until(found: Callable[[], list[Arrived]], count: int) -> list[Arrived]:
    ends = time.monotonic() + 30
    while len(mails := found()) < count and time.monotonic() < ends:
        time.sleep(0.1)
    assert len(mails) >= count
    return mails


def test_a_mail_is_read_and_answered_from_the_desk(
    kefu: Kefu, sits: Sits, post: Dovecot, out: Sink, shots: Path | None
) -> None:
    words = QUOTED.replace("\n", "<br>")
    html = f'<p style="color:rgb(204,0,0)">{words}</p><img src="cid:photo@x" width="300">'
    photo = part('image/png; name="p.png"', samples.png(320, 200), Content_ID="<photo@x>", Content_Disposition="inline")
    raw = mail(markup(html), photo, kind="related", sender=CUSTOMER, Cc="boss@example.com")
    desk = sits()
    desk.tab("all")
    post.deliver(ME, raw, CUSTOMER)
    expect(desk.rows.first).to_contain_text("收到的杯子碎了，想换货")  # nobody reloaded anything
    expect(desk.rows.first).to_contain_text("邮件")
    desk.rows.first.click()
    letter = desk.log.locator(".said.letter.customer")
    expect(letter.locator(".letter-body")).to_contain_text("请问可以换一个吗？")
    expect(letter.locator(".letter-body")).not_to_contain_text("原始邮件")
    letter.get_by_role("button", name="全文（含引用）").click()
    expect(letter.locator(".letter-body")).to_contain_text("预计三天内送达")
    letter.get_by_role("button", name="原样显示").click()
    page = letter.frame_locator("iframe")
    expect(page.locator("p")).to_have_css("color", "rgb(204, 0, 0)")
    expect(page.locator("img")).to_have_js_property("naturalWidth", 320)
    with desk.page.expect_download() as download:
        letter.get_by_role("link", name="下载原件").click()
    assert raw.replace(b"\r\n", b"\n") in Path(download.value.path()).read_bytes().replace(b"\r\n", b"\n")
    automatic = until(lambda: out.to(CUSTOMER), 1)
    assert automatic[0].header("Auto-Submitted") == "auto-replied"
    desk.act("接入")
    head = desk.page.locator(".answer-head")
    expect(head).to_contain_text("抄送boss@example.com")
    subject = head.locator("dd").last.inner_text()
    desk.reply("王女士，您好：\n\n马上为您换货。")
    said = desk.said("马上为您换货", "agent")
    expect(said.locator(".letter-sent")).to_contain_text("抄送boss@example.com")
    went = until(lambda: out.to("boss@example.com"), 1)[0]
    assert set(went.recipients) == {CUSTOMER, "boss@example.com"}
    assert str(went.mail["subject"]) == subject
    assert "小李" in went.text
    desk.act("解决")
    expect(desk.standing).to_have_text("已解决")
    post.deliver(ME, BOUNCE.format(id=went.header("Message-ID")).replace("\n", "\r\n").encode(), "")
    expect(said.locator(".state.broken")).to_contain_text("被退回：wang@qq.com 5.2.2")
    expect(desk.standing).to_have_text("由您受理")  # it is not settled after all
    expect(desk.log).to_contain_text("回复没有送达，会话重新打开")
    expect(desk.rows.first).to_contain_text("回复未送达")
    expect(desk.rows.first).to_contain_text("收到的杯子碎了，想换货")  # it is still about that
    bounce = desk.log.locator(".said.letter.machine")
    expect(bounce).to_contain_text("是退信通知")
    expect(bounce.locator(".said-by")).to_contain_text("MAILER-DAEMON@mx.shop.example")  # not the customer
    expect(bounce).not_to_contain_text("could not be delivered")
    bounce.get_by_role("button", name="显示内容").click()
    expect(bounce).to_contain_text("could not be delivered")
    if shots:
        desk.page.screenshot(path=shots / "mailbox.png")
