"""What we write, our own reader and the standard library's read back the same; nothing said in it becomes a header."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.bodies import linked
from channels.email.charsets import printable
from channels.email.mail import Address, File
from channels.email.mime import Sheet, file_name, speakable, written
from channels.email.reading import read

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
SHEET = Sheet(
    sender=Address("support@shop.example", "示例商店"),
    to=[Address("wang@customer.example", "王先生")],
    subject="Re: 退款 [KF-1024]",
    message_id="<kf.1024.7.0123456789abcdef@shop.example>",
    date=NOW,
    text="您好\n",
)
NASTY = [
    "",
    "退款",
    "x\r\nBcc: evil@x.example",
    "=?utf-8?q?a?=",
    "a" * 300,
    "很" * 300,
    "a  b",
    " lead",
    "\x00\x1b[31m",
    "\ud800",
    "a\u2028b",
    '"quoted" \\ name',
    "，,;<>",
    "🧧👨‍👩‍👧‍👦" * 20,
    "\x85next",
    "From here",
]
anything = st.text(max_size=300) | st.sampled_from(NASTY)
LONG_ID = "<" + "CAJ" * 60 + "@mail.gmail.com>"


def stdlib(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def folded(value: str) -> str:
    """As a header can hold it: one line."""
    return " ".join(printable(value).encode("utf-8", "replace").decode().split())


def sound(raw: bytes) -> None:
    """RFC 5322: CRLF only, lines of at most 998, in a header 78 but for ids; encoded words of at most 75."""
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    head = raw.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        assert len(line) <= 998
        for word in line.split(b" "):
            assert not word.startswith(b"=?") or len(word) <= 75
        assert line.strip(), "an empty line in the head"


@given(subject=anything, name=anything, said=st.text(max_size=2000) | st.sampled_from(NASTY))
def test_it_is_read_back_the_same(subject: str, name: str, said: str) -> None:
    sheet = replace(SHEET, subject=subject, to=[Address("wang@customer.example", name)], text=said, html="<p>x</p>")
    raw = written(sheet)
    sound(raw)
    ours, theirs = read(raw), stdlib(raw)
    assert ours.subject == folded(subject)[:900].strip()
    assert [one.email for one in ours.to] == ["wang@customer.example"]
    assert set(theirs.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
    assert str(theirs["Subject"]).strip() == ours.subject
    part = theirs.get_body(("plain",))
    assert part is not None
    lines = said.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or (c >= " " and c != "\x7f"))
    expected = kept.encode("utf-8", "replace").decode()
    assert part.get_content().replace("\r\n", "\n") == (expected if expected.endswith("\n") else expected + "\n")


@given(name=anything)
def test_names_of_people(name: str) -> None:
    raw = written(replace(SHEET, sender=Address("support@shop.example", name)))
    sound(raw)
    expected = folded(name)[:200].strip()
    assert read(raw).sender.email == "support@shop.example"
    assert read(raw).sender.name == expected
    (theirs,) = stdlib(raw)["From"].addresses
    assert theirs.addr_spec == "support@shop.example"
    # Between encoded words of a name it leaves the blank that folds them (cpython#92081).
    assert theirs.display_name.replace(" ", "") == expected.replace(" ", "")


LONG_NAME = "二〇二六年十一月二十六日订单一千零二十四退款说明及照片汇总最终版本.pdf"


@pytest.mark.parametrize(
    "name",
    [
        "发票.pdf",
        LONG_NAME,
        "report.pdf",
        "a b;c.txt",
        "=?x?.png",
        "x" * 200 + ".jpg",
        "смета и счёт.docx",
        "照片 🧧.jpeg",
        "../../etc/passwd",
        "C:\\temp\\a.txt",
        'a"b.txt',
        "a\r\nX-Evil: 1.txt",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["application/pdf", "message/rfc822", "rubbish\r\nX: y", "text/html"])
def test_a_files_name_is_read_right_by_both_ways_of_telling_it(name: str, kind: str) -> None:
    data = bytes(range(256)) * 9
    raw = written(replace(SHEET, files=[File(name, kind, data)], html="<p>x</p>"))
    sound(raw)
    (ours,) = read(raw).files
    (theirs,) = stdlib(raw).iter_attachments()
    assert (ours.name, ours.data) == (file_name(name), data)
    assert (theirs.get_filename(), theirs.get_payload(decode=True)) == (file_name(name), data)
    assert str(theirs.get_content_type()) == (
        kind if kind in ("application/pdf", "text/html") else "application/octet-stream"
    )
    assert "evil" not in {key.lower() for key in theirs.keys()}  # noqa: SIM118


def test_long_ids_stay_as_they_are() -> None:
    """The standard library makes encoded words of them, and threads break (cpython#100991)."""
    many = [f"<{n}.{'x' * 120}@mail.example>" for n in range(20)]
    raw = written(replace(SHEET, in_reply_to=LONG_ID, references=[*many, LONG_ID]))
    sound(raw)
    assert f"In-Reply-To: {LONG_ID}\r\n".encode() in raw
    ours = read(raw)
    assert (ours.in_reply_to, list(ours.references)) == (LONG_ID, [*many, LONG_ID])


@pytest.mark.parametrize("evil", ["<a@b>\r\nBcc: x@y", "a@b", "<a b@c>", "<a@b\x00>", "<" + "x" * 2000 + "@y>"])
def test_an_id_that_is_none_is_left_out(evil: str) -> None:
    raw = written(replace(SHEET, references=["<good@x>", evil]))
    assert b"References: <good@x>\r\nMIME-Version" in raw


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("wang@customer.example", True),
        ("o'neil+x@customer.example", True),
        ("用户@例子.example", True),
        ("a@b\r\nBcc: c@d", False),
        ("a b@c", False),
        ("<a@b>", False),
        ("a@b>", False),
        ("@b", False),
        ("a@", False),
        ("a,b@c", False),
        ("a@b@c", False),
        ("", False),
        ("a" * 65 + "@b", False),
        ('"a b"@c', False),
        ("a@b\u202e", False),
    ],
)
def test_only_an_address_is_written(address: str, good: bool) -> None:
    assert speakable(address) is good


def test_the_same_sheet_gives_the_same_bytes() -> None:
    sheet = replace(SHEET, html="<p>您好</p>", files=[File("a.txt", "text/plain", b"a")])
    assert written(sheet) == written(sheet)


@pytest.mark.parametrize(
    ("said", "how"),
    [
        ("hello\n", "7bit"),
        ("caf\u00e9 is a place where people meet and talk\n", "quoted-printable"),
        ("您好，退款已办理。\n", "base64"),
        ("x" * 2000, "quoted-printable"),
        ("From me to you\n", "base64"),
        ("trailing \n", "quoted-printable"),
        ("", "7bit"),
    ],
)
def test_no_server_on_the_way_can_harm_a_text(said: str, how: str) -> None:
    assert f"Content-Transfer-Encoding: {how}\r\n".encode() in written(replace(SHEET, text=said))


@pytest.mark.parametrize(
    "said", ["a" * 100_000, "https://" * 20_000, "<" * 100_000, "@" * 100_000, " \n" * 50_000, "%" * 100_000]
)
def test_long_rubbish_is_written_soon(said: str) -> None:
    """Nothing here is worse than linear: a quadratic pattern would take minutes."""
    sheet = replace(SHEET, subject=said, text=said, html=f"<p>{said}</p>", sender=Address("a@b.example", said))
    assert written(replace(sheet, references=[said], files=[File(said, said, b"x")]))
    assert not speakable(said)
    assert linked(said)
