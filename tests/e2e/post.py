"""Mails as customers and strangers write them, and the way they come to the desk."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from email.header import Header
from typing import Any

import httpx

from tests.stories.serving import Kefu

PROGRAM = """
import channels
channels.CHANNELS = {**channels.CHANNELS, "email": "tests.e2e.letterbox:Letterbox"}
from bot.cli import main
main()
"""
"""kefu with a mailbox that needs no mail server."""

QUOTED = """您好，杯子收到时已经碎了，照片在附件里。
请问可以换一个吗？

谢谢
王芳

------------------ 原始邮件 ------------------
发件人: "客服" <support@shop.example>
发送时间: 2026年11月20日(星期五) 上午9:12
收件人: "王芳" <wang@qq.com>
主题: 订单 A1024 已发货

您的订单已于今天发出，预计三天内送达。
"""


def part(kind: str, data: bytes, **fields: str) -> bytes:
    """A part of a multipart mail."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    head = {"Content-Type": kind, "Content-Transfer-Encoding": "base64", **named}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return lines.encode() + b"\r\n" + b64encode(data) + b"\r\n"


def mail(
    *parts: bytes,
    number: int = 1,
    subject: str = "收到的杯子碎了，想换货",
    sender: str = "wang@qq.com",
    name: str = "王芳",
    to: str = "=?utf-8?b?5a6i5pyN?= <support@shop.example>",
    kind: str = "mixed",
    **fields: str,
) -> bytes:
    """A raw mail of these parts; headers beyond the usual ones by name."""
    head = {
        "Message-ID": f"<m{number}@mail.example>",
        "Date": "Fri, 20 Nov 2026 10:05:00 +0800",
        "Subject": Header(subject, "utf-8").encode(),
        "From": f"{Header(name, 'utf-8').encode()} <{sender}>" if name else sender,
        "To": to,
        **{name.replace("_", "-"): value for name, value in fields.items()},
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/{kind}; boundary="b{number}"',
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode() + b"\r\n"
    mark = f"--b{number}".encode()
    return lines + b"".join(mark + b"\r\n" + one for one in parts) + mark + b"--\r\n"


def text(words: str) -> bytes:
    return part("text/plain; charset=utf-8", words.encode())


def markup(words: str) -> bytes:
    return part("text/html; charset=utf-8", words.encode())


class Post:
    """The postman: brings raw mails to the mailbox."""

    def __init__(self, kefu: Kefu) -> None:
        self._kefu = kefu
        self.count = 0

    def next(self) -> int:
        """A number no mail had yet."""
        self.count += 1
        return self.count

    def brings(self, raw: bytes, **told: Any) -> None:
        """`told`: what the channel finds out beside the mail, see `letterbox`."""
        self._send(raw, told)

    def reports(self, message: int, delivery: str, error: str) -> None:
        """What came back about a message of ours."""
        self._send(b"", {"report": f"kefu-{message}", "delivery": delivery, "error": error})

    def _send(self, raw: bytes, told: Mapping[str, Any]) -> None:
        headers = {"x-told": json.dumps(told)}
        answer = httpx.post(f"{self._kefu.url}/webhooks/post", content=raw, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text


def addresses(*names: str) -> str:
    return ", ".join(f"{name}@example.com" for name in names)


__all__ = ["PROGRAM", "QUOTED", "Post", "addresses", "mail", "markup", "part", "text"]
