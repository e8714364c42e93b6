"""Logs: one line an event, and nobody can read in them what a customer said or who he is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs
from bot.errors import StoreError
from bot.setting_sections import Log


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    noisy = {name: logging.getLogger(name).level for name in logs.NOISY}
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
    for name, before in noisy.items():
        logging.getLogger(name).setLevel(before)


def logged(log: Log, *events: tuple[str, dict[str, Any]]) -> list[str]:
    stream = io.StringIO()
    logs.configure(log, stream)
    for event, keys in events:
        structlog.get_logger("t").warning(event, **keys)
    return stream.getvalue().splitlines()


def test_json_is_one_object_a_line() -> None:
    (line,) = logged(Log(format="json"), ("turn.failed", {"conversation": 12, "kind": "ValueError"}))
    entry = json.loads(line)
    assert entry.pop("at").endswith("Z")
    assert entry == {"event": "turn.failed", "level": "warning", "conversation": 12, "kind": "ValueError"}


def test_console_is_one_line_even_when_a_value_breaks_lines() -> None:
    (line,) = logged(Log(), ("send.broke", {"error": "first\nsecond 茶\x1b[31m", "inbox": "web"}))
    assert line.endswith('warning send.broke error="first\\nsecond 茶\\x1b[31m" inbox=web')


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_a_customer_said_and_who_he_is_is_hidden(form: str) -> None:
    keys = {
        "text": "我的订单呢",
        "contact_name": "张三",
        "error": "cannot send to zhang.san@example.com or 13812345678, card 6222021234567890123",
        "nested": {"phone": "12345", "list": ["call +86 138 1234 5678"]},
    }
    (line,) = logged(Log(format=form), ("e", keys))
    for told in ("订单", "张三", "zhang", "13812345678", "6222", "12345", "5678"):
        assert told not in line
    assert "[e-mail]" in line


def test_numbers_that_belong_to_nobody_stay() -> None:
    (line,) = logged(Log(), ("e", {"conversation": 13812345678, "took": "0.123456789012345678", "id": "a13812345678"}))
    assert "13812345678" in line
    assert "0.123456789012345678" in line


def test_personal_data_on_request_but_never_a_secret() -> None:
    (line,) = logged(Log(personal_data=True), ("e", {"text": "我的订单呢 a@b.cn", "token": "t0p", "password": "pw"}))
    assert "我的订单呢 a@b.cn" in line
    assert "t0p" not in line
    assert "pw" not in line.replace("password", "")


def fail() -> None:
    try:
        raise ValueError("bad text: 我的地址是长安街1号")
    except ValueError as error:
        raise StoreError("the database could not keep it") from error


@pytest.mark.parametrize("personal", [False, True])
def test_an_exception_says_where_and_which_without_quoting_a_customer(personal: bool) -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json", personal_data=personal), stream)
    try:
        fail()
    except StoreError:
        structlog.get_logger("t").exception("turn.failed")
    told = json.loads(stream.getvalue())["exception"]
    assert told.startswith("StoreError: the database could not keep it (test_logs.py:")
    assert "; from ValueError" in told
    assert ("长安街" in told) is personal


def test_the_level_is_kept() -> None:
    stream = io.StringIO()
    logs.configure(Log(level="error"), stream)
    structlog.get_logger("t").warning("quiet")
    logging.getLogger("lib").warning("quiet too")
    assert stream.getvalue() == ""


def test_libraries_take_the_same_way() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    logging.getLogger("asyncio").error("Task of %s failed", "zhang@example.com")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.example/bot123:SECRET/send")
    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["event"] == "Task of [e-mail] failed"
    assert entry["logger"] == "asyncio"
