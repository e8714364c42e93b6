"""A mail as the message a conversation holds."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.messages import Attachment, Kind
from channels.email.inbound import attachment, incoming
from tests.channels.email.raw import mail

PICTURE = (
    '--b\r\nContent-Type: text/html\r\n\r\n<p>Look: <img src="cid:p@1"></p>\r\n'
    "--b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <p@1>\r\n\r\nxyz\r\n--b--"
)


def test_a_mail_is_a_message() -> None:
    told = mail(
        "Berlin.\n\nOn 5/6/24 09:12, Help wrote:\n> address?",
        From='"Wang" <Wang+shop@Example.com>',
        Message_ID="<1@example.com>",
        Date="Mon, 06 May 2024 09:12:00 +0800",
        Subject="Re: x",
    )
    got = incoming(told, (), "7")
    assert (got.external_id, got.sender, got.sender_name, got.thread) == (
        "<1@example.com>",
        "wang@example.com",
        "Wang",
        "7",
    )
    assert got.text == "Berlin."
    assert got.extra["body"] == told.body
    assert got.sent_at == datetime(2024, 5, 6, 1, 12, tzinfo=UTC)


def test_a_file_keeps_its_kind_and_the_html_shows_it_from_where_it_is_kept() -> None:
    told = mail(PICTURE, Content_Type="multipart/related; boundary=b")
    (file,) = told.files
    kept = attachment(file, "files/1")
    assert kept == Attachment(Kind.IMAGE, "p.png", "image/png", 3, key="files/1")
    assert incoming(told, (kept,)).extra["html"] == '<p>Look: <img src="files/1"></p>'


def test_without_an_id_the_bytes_name_a_mail_and_without_a_sender_nobody_is_shared() -> None:
    one, other = mail("one", From=None), mail("other", From=None)
    ids = {incoming(told, ()).external_id for told in (one, other)}
    senders = {incoming(told, ()).sender for told in (one, other)}
    assert len(ids) == len(senders) == 2
    assert all(senders)
    assert incoming(one, ()) == incoming(mail("one", From=None), ())


def test_a_date_that_is_none_is_none() -> None:
    for date in ("yesterday", "Mon, 99 Foo 2024 99:99:99", "", "=?utf-8?q?x?=", "Fri, 31 Dec 9999 23:59:59 -2359"):
        assert mail(Date=date).date is None
