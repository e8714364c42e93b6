"""Mails made to break a reader: each is read as far as it goes, loses nothing a person could read, and costs what its
size costs. A reader that hangs here fails the whole run."""

from __future__ import annotations

import base64
import json
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.email import html, quotes
from channels.email.addresses import addresses
from channels.email.inbound import understood
from channels.email.mail import Mail
from channels.email.reading import read
from tests.channels.email.raw import raw

KEYS = {
    *("from_email", "from_name", "to", "subject", "body", "new_text", "attachments"),
    *("message_id", "in_reply_to", "references", "auto_reply"),
}


def nested(levels: int) -> bytes:
    opened = "".join(f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(levels))
    inner = f"--b{levels}\r\nContent-Type: text/plain\r\n\r\nthe innermost words\r\n--b{levels}--\r\n"
    closed = "".join(f"--b{n}--\r\n" for n in reversed(range(levels)))
    return raw(opened + inner + closed, Content_Type='multipart/mixed; boundary="b0"')


def test_a_mail_nested_three_thousand_levels_is_kept_whole() -> None:
    told = read(nested(3000))
    assert told.sender.email == "wang@example.com"
    assert not told.quarantine
    assert any("deeper" in problem for problem in told.problems)
    assert any(b"the innermost words" in file.data for file in told.files)


def test_a_mail_nested_forty_levels_is_read() -> None:
    assert read(nested(40)).body == "the innermost words"


def test_fifty_megabytes_attached() -> None:
    data = random.Random(5).randbytes(50_000_000)
    body = (
        b"--x\r\nContent-Type: text/plain\r\n\r\nSee the film.\r\n"
        b'--x\r\nContent-Type: video/mp4; name="film.mp4"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(data).replace(b"\n", b"\r\n")
        + b"--x--\r\n"
    )
    told = read(raw(body, Content_Type="multipart/mixed; boundary=x"))
    assert told.body == "See the film."
    assert [(file.name, file.data == data) for file in told.files] == [("film.mp4", True)]


def test_a_zip_bomb_stays_packed() -> None:
    packed = base64.b64decode(b"UEsDBBQAAAAIAA==") + bytes(1000)
    body = b"--x\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    told = read(raw(body + base64.b64encode(packed) + b"\r\n--x--", Content_Type="multipart/mixed; boundary=x"))
    assert told.files[0].data == packed


MARKS = ["(<", '"\\', ",a", "(", "<>", "a@", ";:", "group:", "mailto:", "=?a?q?", '"a"@', "(a<b>"]


@pytest.mark.parametrize(
    "value", ["(" * 1000 + ")" * 1000, *((mark * 60_000)[:60_000] for mark in MARKS)], ids=lambda v: v[:8]
)
def test_an_address_header_of_nothing_but_marks(value: str) -> None:
    addresses(value)
    assert read(raw("Hello", From=value)).body == "Hello"


def test_a_comment_of_a_thousand_brackets_hides_nobody() -> None:
    told = read(raw("Hello", From="(" * 1000 + "x" + ")" * 1000 + " wang@example.com"))
    assert told.sender.email == "wang@example.com"


@pytest.mark.parametrize(
    "markup",
    [
        *(tag * 20_000 for tag in ("<div>", "<table><tr><td>", "<ul><li>", "<b><p>", "<a>", "<svg>")),
        "<blockquote type=cite>" * 20_000,
        *("<" * 500_000, "<!--" * 100_000, "<script" * 90_000, "<td>x" * 90_000, "&amp" * 100_000),
        "<p style='" * 50_000,
        "<img src='" + "x" * 800_000,
        "<p>hello</p>" * 200_000,
    ],
    ids=lambda m: m[:8],
)  # fmt: skip
def test_html_made_to_hang_a_parser(markup: str) -> None:
    html.lines(markup)
    html.safe(markup)
    assert read(raw(markup + "the end", Content_Type="text/html")).sender.email == "wang@example.com"


def test_text_below_any_depth_of_html_is_not_lost() -> None:
    assert "words" in html.text("<div>" * 5000 + "words")
    assert "words" in html.text("<p>x</p>" * 200_000 + "words")


@pytest.mark.parametrize(
    "line", [">", "> > ", "在", "写道：", "On ", " wrote:", "发件人：", "-- ", "--", "_", "|", "&nbsp;", "<a@b> "]
)
def test_a_hundred_thousand_marks_of_a_quote(line: str) -> None:
    for told in ([line] * 100_000, [line * 100_000], ["x", *[line] * 5000, "y"]):
        assert quotes.new_text(told).strip() or not "".join(told).strip()


def test_line_ends_in_encoded_words_inject_no_header() -> None:
    subject = "=?utf-8?Q?Hi=0D=0ABcc=3A_everybody=40example=2Ecom?="
    told = read(raw("Hello", Subject=subject, From="=?UTF-8?Q?=0AMy?= <wang@example.com>"))
    assert told.subject == "Hi  Bcc: everybody@example.com"
    assert told.sender.name == "My"
    assert not told.headers.has("bcc")


@pytest.mark.parametrize("value", ["<[x@y]>", "<a b@c>", "x", "<>", "<<a@b>>", "a@b", "<" * 5000, "\x00"])
def test_odd_message_ids(value: str) -> None:
    told = read(raw("Hello", Message_ID=value, References=value, In_Reply_To=value))
    assert told.body == "Hello"
    if value == "<[x@y]>":
        assert told.message_id == told.in_reply_to == "<[x@y]>"


@pytest.mark.parametrize("sent", [b"", b"\n", b"\r\n\r\n", b"\0", b"From ", b":", b"--", b" ", b"\xff\xfe"])
def test_next_to_nothing(sent: bytes) -> None:
    told = understood(sent)
    assert told.keys() >= KEYS
    assert bool(told.get("quarantine")) == (not sent.strip())


# ---- anything at all ------------------------------------------------------------------------------------------------

PIECES = (
    b"From: ",
    b"Subject: ",
    b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: text/html; charset=gb2312\n",
    b"--x\n",
    b"--x--\n",
    b"\n\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"=?utf-8?B?5L2g",
    b"?=",
    b"=?gbk?q?=C4=E3?=",
    b"Content-Disposition: attachment; filename*0*=utf-8''%E4;",
    b"<a@b.c>",
    "在 2020年1月1日，张三写道：\n> 你好\n".encode(),
    "发件人：张三\n发送时间：今天\n收件人：我\n".encode("gbk"),
    b"<blockquote type=cite>",
    b"Content-Type: message/delivery-status\n\nAction: failed\n",
    b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n",
    b"Content-Type: application/ms-tnef; name=winmail.dat\n\n\x78\x9f\x3e\x22",
    b"\x1b$B",
    b"~{",
    b"+AGE-",
    b"begin 644 a\n",
)
MIXED = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=30).map(b"".join)


def well_told(sent: bytes) -> None:
    told = understood(sent)
    assert told.keys() >= KEYS
    json.dumps(told, ensure_ascii=False).encode()  # no lone surrogates
    assert "\0" not in told["body"] + told["subject"] + told["from_name"] + told["new_text"]
    assert not {"\n", "\r"} & {*told["subject"], *told["from_name"], *told["from_email"]}
    assert told.get("quarantine", "").find("could not be read") < 0
    assert bool(told["new_text"]) == bool(told["body"].strip())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=300), MIXED))
@example(b"From: \xed\xa0\x80@x\nSubject: =?utf-16?B?2AA=?=\n\n\xed\xa0\x80")
def test_any_bytes_are_a_raw(raw: bytes) -> None:
    well_told(raw)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_mail_with_holes_and_rubbish_is_a_raw(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from([nested(3), raw("Grüße", Content_Type="text/plain; charset=latin1"), b"".join(PIECES)])
    )
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    well_told(whole[:at] + data.draw(st.binary(max_size=10)) + whole[at + length :])


def test_what_breaks_the_reader_is_saved_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Mail:
        raise RecursionError

    monkeypatch.setattr("channels.email.reading.content", broken)
    told = read(raw("Hello there", Message_ID="<1@x>"))
    assert told.quarantine == "could not be read: RecursionError"
    assert (told.sender.email, told.subject, told.message_id) == ("wang@example.com", "Question", "<1@x>")
    assert "Hello there" in told.body
