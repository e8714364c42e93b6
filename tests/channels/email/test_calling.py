"""The mail that calls an agent: all he needs, in his language, and nothing of it in his answer."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.errors import PermanentSendError
from bot.messages import Notification
from channels.email import answers, calling, tokens
from channels.email.answers import LINE
from channels.email.reading import read
from tests.channels.email.raw import mail
from tests.channels.email.test_outbound import HOUSE, NOW

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAID = (
    {"author": "customer", "name": "", "text": "杯子碎了\n我要退款", "at": "2026-01-05T01:02:03+00:00"},
    {"author": "bot", "name": "", "text": "非常抱歉", "at": "2026-01-05T01:02:04+00:00"},
    {"author": "agent", "name": "小王", "text": "老客户，小心", "at": "2026-01-05T01:03:04+00:00"},
)
TOLD = Notification(
    number=12, conversation=5, inbox="support", channel="email", to="li@shop.example", agent="小李", about="handoff",
    customer="王女士", tier="serious", reason="客户要求退款", summary={"wish": "退款"}, said=SAID,
    url="https://desk.example/desk/c/5", language="zh-Hans",
)  # fmt: skip


def test_an_agent_reads_all_he_needs() -> None:
    subject, text = calling.words(TOLD, SHANGHAI)
    assert subject == "[严重] 王女士 在等人工客服 · KF-5"
    for part in (
        "小李，您好",
        "严重",
        "客户要求退款",
        "杯子碎了",
        "非常抱歉",
        "老客户",
        "王女士  01-05 09:02",  # by the shop's clock
        "https://desk.example/desk/c/5",
    ):
        assert part in text
    assert text.startswith(LINE)


@pytest.mark.parametrize("language", calling.WORDS)
def test_every_language_has_the_same_words(language: str) -> None:
    assert list(calling.WORDS[language]) == list(calling.WORDS["zh-Hans"])


def test_the_mail_can_be_answered_and_wakes_no_machine() -> None:
    sent = calling.letter(TOLD, HOUSE, NOW)
    told = read(sent.raw)
    assert (sent.recipients, told.to[0].email, told.to[0].name) == (("li@shop.example",), "li@shop.example", "小李")
    assert told.body.startswith(LINE)
    assert tokens.of_notification_id(HOUSE.secret, told.message_id) == 12
    assert told.headers.first("auto-submitted") == "auto-generated"
    assert tokens.of_loop(HOUSE.secret, told.headers.first("x-kefu-loop"))
    again = calling.letter(TOLD, HOUSE, NOW)
    assert read(again.raw).message_id == told.message_id


@pytest.mark.parametrize("address", ["support@shop.example", "Support+x@shop.example", "no address", "a@b\r\nRCPT"])
def test_nobody_is_called_at_an_address_that_is_none_or_ours(address: str) -> None:
    with pytest.raises(PermanentSendError):
        calling.letter(replace(TOLD, to=address), HOUSE, NOW)


def test_a_name_with_line_ends_is_one_line() -> None:
    subject, _ = calling.words(replace(TOLD, customer="王\r\nBcc: x@y"), SHANGHAI)
    assert "\n" not in subject


def test_what_it_tells_is_never_sent_to_the_customer() -> None:
    _, text = calling.words(TOLD, SHANGHAI)
    for quoted in (text, "\n".join(f"> {line}" for line in text.split("\n"))):
        assert (
            answers.said(mail(f"今天补寄。\n\n在 2026年1月5日，kefu <help@shop.example> 写道：\n{quoted}"))
            == "今天补寄。"
        )
