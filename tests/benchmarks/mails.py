"""Mails for benchmarks, as a Chinese support mailbox gets them: each has a sender, a subject and an id of its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from email.header import Header

ASKED = (
    "您好，我上周买的杯子到现在还没有收到，订单号 20261100{n:05}。请问什么时候发货？如果发不了货，请给我退款，谢谢。"
)
RULE = "\n\n------------------ 原始邮件 ------------------"
QUOTED = f"{RULE}\n发件人: 小店客服<support@shop.example>\n发送时间: 2026年11月20日\n\n"
PROMISED = "您好，您的来信我们已经收到，客服会在一个工作日内答复您。\n" * 8


def head(number: int, kind: str, encoding: str) -> bytes:
    subject = Header(f"订单 {number:05} 什么时候发货", "utf-8").encode(linesep="\r\n")
    sender = f"customer{number:05}@mail{number % 50}.example"
    return (
        f"Received: from mx by mx; Wed, 25 Nov 2026 10:00:00 +0800\r\nFrom: {Header('王小明', 'utf-8').encode()} "
        f"<{sender}>\r\nTo: support@shop.example\r\nSubject: {subject}\r\nMessage-ID: <bench.{number}@mail.example>\r\n"
        f"Date: Wed, 25 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0800\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode()


def plain(number: int) -> bytes:
    """A QQ user's, with a quote below."""
    text = ASKED.format(n=number) + QUOTED + PROMISED
    return head(number, 'text/plain; charset="gb2312"', "base64") + _lines(text.encode("gb18030"))


def both(number: int) -> bytes:
    """HTML beside the text."""
    text = ASKED.format(n=number)
    rows = "".join(f'<tr><td style="padding:4px">{line}</td></tr>' for line in PROMISED.split("\n"))
    markup = (
        f"<html><head><style>td{{color:#333}}</style></head><body><div>{text}</div><table>{rows}</table></body></html>"
    )
    parts = ((f'text/plain; charset="{c}"', t.encode(c)) for c, t in (("utf-8", text),))
    return head(number, 'multipart/alternative; boundary="b1"', "7bit") + _multipart(
        "b1", [*parts, ('text/html; charset="utf-8"', markup.encode())]
    )


def attached(number: int, size: int = 60_000) -> bytes:
    """With a picture."""
    picture = b"\xff\xd8\xff\xe0" + bytes(n * 7 & 0xFF for n in range(1021)) * (size // 1021)
    told = [('text/plain; charset="utf-8"', ASKED.format(n=number).encode()), ('image/jpeg; name="a.jpg"', picture)]
    return head(number, 'multipart/mixed; boundary="b2"', "7bit") + _multipart("b2", told)


def many(number: int) -> Iterator[bytes]:
    """So many: of ten, five plain ones, four with HTML, and one with a picture."""
    for n in range(number):
        yield (attached if n % 10 == 9 else both if n % 2 else plain)(n)


def _multipart(boundary: str, parts: list[tuple[str, bytes]]) -> bytes:
    pieces = (
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + _lines(data)
        for kind, data in parts
    )
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


def _lines(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
