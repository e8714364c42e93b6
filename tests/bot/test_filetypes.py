"""What a file is, by its content, and what it may be called."""

from __future__ import annotations

import pytest

from bot.filetypes import LONGEST_NAME, SHOWN, UNKNOWN, file_name, kind_of, media_type, wordy
from bot.messages import Kind
from tests import samples

FTYP = b"\0\0\0\x20ftyp"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (samples.png(), "image/png"),
        (b"GIF89a\1\0\1\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"BM" + bytes(4) + bytes(4) + b"\x36\0\0\0\x28\0\0\0", "image/bmp"),
        (FTYP + b"heic", "image/heic"),
        (FTYP + b"avif", "image/avif"),
        (FTYP + b"isom", "video/mp4"),
        (FTYP + b"mp42", "video/mp4"),
        (FTYP + b"qt  ", "video/quicktime"),
        (FTYP + b"M4A ", "audio/mp4"),
        (FTYP + b"3gp4", "video/3gpp"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x88matroska", "video/x-matroska"),
        (b"RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"),
        (samples.AMR, "audio/amr"),
        (b"#!AMR-WB\n\0", "audio/amr-wb"),
        (b"#!SILK_V3\0", "audio/silk"),
        (b"\x02#!SILK_V3\0", "audio/silk"),
        (b"OggS\0\2" + bytes(22) + b"Speex   1.2", "audio/x-speex"),
        (b"OggS\0\2" + bytes(22) + b"OpusHead", "audio/ogg"),
        (b"OggS\0\2" + bytes(22) + b"\x80theora", "video/ogg"),
        (b"ID3\3\0", "audio/mpeg"),
        (b"\xff\xfb\x90\0", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (samples.wav(0.01), "audio/wav"),
        (samples.PDF, "application/pdf"),
        (samples.archive("a.txt"), "application/zip"),
        (samples.archive("[Content_Types].xml", "word/document.xml"), WORD),
        (samples.archive("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (samples.archive(), "application/zip"),
        (b"", UNKNOWN),
        (b"BMW is a car", UNKNOWN),
        (samples.PAGE, UNKNOWN),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', UNKNOWN),
        (b"#!/bin/sh\nrm -rf /", UNKNOWN),
        (b"MZ\x90\0", UNKNOWN),
        ("姓名,电话\n".encode(), UNKNOWN),
        (b" \xff\xd8\xff", UNKNOWN),
    ],
)
def test_the_content_says_what_it_is(data: bytes, found: str) -> None:
    assert media_type(data) == found


def test_nothing_that_may_hold_a_script_is_shown() -> None:
    assert not [kind for kind in SHOWN if "svg" in kind or "html" in kind or "xml" in kind or "pdf" in kind]
    assert {kind.partition("/")[0] for kind in SHOWN} == {"image", "audio", "video"}


@pytest.mark.parametrize(
    ("found", "kind"),
    [("image/png", Kind.IMAGE), ("audio/amr", Kind.VOICE), ("video/mp4", Kind.VIDEO), (UNKNOWN, Kind.FILE)],
)
def test_what_a_message_with_it_is_called(found: str, kind: Kind) -> None:
    assert kind_of(found) is kind


@pytest.mark.parametrize("data", [samples.PAGE, b'\xef\xbb\xbf {"errcode":40007}', b"\n<xml>", b"[]"])
def test_what_a_server_answers_that_has_no_file(data: bytes) -> None:
    assert wordy(data)
    assert not wordy(samples.png())


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("报价 2026.pdf", "报价 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        ("a\0b\r\n\x7f.png", "ab.png"),
        ("photo\u202egnp.exe", "photognp.exe"),  # it would read photoexe.png
        ("\ud800.png", "png"),
        ("..", "image.jpg"),
        ("", "image.jpg"),
        (" . ", "image.jpg"),
        ('"a"; filename=b', '"a"; filename=b'),
    ],
)
def test_a_name_that_can_be_saved_anywhere(given: str, named: str) -> None:
    assert file_name(given, "image/jpeg", Kind.IMAGE) == named


def test_an_endless_name_keeps_its_ending() -> None:
    assert file_name("长" * 500 + ".docx", UNKNOWN, Kind.FILE) == "长" * (LONGEST_NAME - 5) + ".docx"
    assert file_name("长" * 500, UNKNOWN, Kind.FILE) == "长" * (LONGEST_NAME - 1)
    assert len(file_name("a." + "b" * 500, UNKNOWN, Kind.FILE)) <= LONGEST_NAME
