"""What of a mail is its text, what a file, and what its files are called."""

from __future__ import annotations

import pytest

from tests.channels.email.raw import mail

FORMS = "--a\r\n\r\nHello Wang\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>Wang</b></p>\r\n"
FILE = "--a\r\nContent-Type: text/plain; name=n.txt\r\nContent-Disposition: attachment\r\n\r\nnote\r\n--a--\r\n"


@pytest.mark.parametrize("end", ["", "--a--\r\n", "--a--\r\n\r\n"])
@pytest.mark.parametrize("boundary", ["a", "b", ""])
def test_forms_of_a_text_under_the_boundary_of_what_holds_them_are_one_text(boundary: str, end: str) -> None:
    inner = f"--a\r\nContent-Type: Multipart/Alternative; boundary={boundary}\r\n\r\n"
    told = mail(f"{inner}{FORMS}{end}{FILE}", Content_Type="multipart/mixed; boundary=a")
    assert told.body == "Hello Wang"
    assert "<b>" in told.markup
    assert [(file.name, file.data) for file in told.files] == [("n.txt", b"note")]


def test_two_texts_are_two_texts() -> None:
    told = mail(f"--a\r\n\r\nOne\r\n--a\r\n\r\nTwo\r\n{FILE}", Content_Type="multipart/mixed; boundary=a")
    assert told.body == "One\n\nTwo"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/rfc822-headers", "text.txt"),
        ("message/delivery-status", "message.txt"),
        ("message/disposition-notification", "message.txt"),
        ("message/feedback-report", "message.txt"),
        ("message/rfc822-headers", "message.txt"),
        ("message/external-body", "message.txt"),
        ("message/global", "message.eml"),
        ("message/rfc822", "Old.eml"),
        ("application/x-who-knows", "application.bin"),
    ],
)
def test_what_has_no_name_is_named_by_its_kind(kind: str, name: str) -> None:
    told = mail(f"--a\r\nContent-Type: {kind}\r\n\r\nSubject: Old\r\n", Content_Type="multipart/mixed; boundary=a")
    assert [file.name for file in told.files] == [name]
