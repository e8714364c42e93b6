"""Agents answer by mail: only their own words go out, and only if somebody we trust vouches for them."""

from __future__ import annotations

import pytest

from bot.messages import Attachment, Kind
from channels.email import answers, tokens
from channels.email.answers import LINE
from channels.email.authentication import Authentication
from channels.email.autoreply import verdict
from channels.email.mail import Mail
from tests.channels.email.raw import mail

SECRET = b"0123456789abcdef0123456789abcdef"
ID = tokens.notification_id(SECRET, 12, "shop.example")
VOUCHED = Authentication(dmarc="pass", server="mx.shop.example")
TOLD = f"{LINE}\n\n王女士在等您（严重）\n同事备注：老客户，别得罪\n\nhttps://desk.example/desk/c/5"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def answered(body: str, **fields: str | None) -> Mail:
    return mail(body, **{"From": "小李 <li@shop.example>", "In_Reply_To": ID, "Subject": "Re: [kefu] 王女士", **fields})


def read(one: Mail, vouched: Authentication = VOUCHED, files: tuple[Attachment, ...] = ()) -> tuple[str, str]:
    told = answers.answer(one, 12, verdict(one), vouched, files)
    return told.text, told.refused


QQ = (
    "------------------ 原始邮件 ------------------",
    '发件人: "kefu" <help@shop.example>;',
    "发送时间: 2026年1月5日(星期一) 上午9:00",
    '收件人: "小李"<li@shop.example>;',
    "主题: [kefu] 王女士",
    "",
)
NETEASE = (
    "发件人: kefu <help@shop.example>",
    "发送时间: 2026年1月5日 9:00",
    "收件人: 小李 <li@shop.example>",
    "主题: [kefu] 王女士",
    "",
)
OUTLOOK = (
    "From: kefu <help@shop.example>",
    "Sent: Monday, January 5, 2026 9:00 AM",
    "To: Li <li@shop.example>",
    "Subject: [kefu] Ms Wang",
    "",
)
WRAPPED = TOLD.replace("write your answer", "write your\nanswer")


@pytest.mark.parametrize(
    "below",
    [
        f"On Mon, 5 Jan 2026 at 09:00, kefu <help@shop.example> wrote:\n{quoted(TOLD)}",
        f"kefu <help@shop.example> 于2026年1月5日周一 09:00写道：\n\n{quoted(TOLD)}",
        "\n".join([*QQ, TOLD]),
        "\n".join([*NETEASE, TOLD]),
        "\n".join([*OUTLOOK, TOLD]),
        f"-----Original Message-----\nFrom: kefu\n\n{TOLD}",
        TOLD,
        quoted(TOLD),
        WRAPPED,
        quoted(WRAPPED),
    ],
)
def test_only_what_stands_above_the_line_goes_out(below: str) -> None:
    said, refused = read(answered(f"王女士您好，我马上为您补发。\n请稍候。\n\n{below}"))
    assert refused == ""
    assert said == "王女士您好，我马上为您补发。\n请稍候。"


def test_a_program_that_quotes_nothing() -> None:
    assert read(answered("马上补发\n\n-- \n小李\n13800000000")) == ("马上补发", "")


def test_what_is_left_of_our_mail_is_never_sent() -> None:
    body = "好的\n\n王女士在等您（严重）\n\nhttps://desk.example/desk/c/5"
    assert read(answered(body))[1] == "quoted"


@pytest.mark.parametrize(
    ("fields", "vouched", "why"),
    [
        ({}, Authentication(), "unproven"),
        ({}, Authentication(dmarc="fail", dkim="pass", spf="pass"), "unproven"),
        ({"Auto_Submitted": "auto-replied"}, VOUCHED, "automatic"),
        ({"Subject": "自动回复: [kefu] 王女士"}, VOUCHED, "automatic"),
        ({"X_QQ_AUTO_REPLY": "true"}, VOUCHED, "automatic"),
    ],
)
def test_what_nobody_may_believe(fields: dict[str, str], vouched: Authentication, why: str) -> None:
    assert read(answered(f"我在休假\n\n{quoted(TOLD)}", **fields), vouched)[1] == why


def test_an_answer_without_words() -> None:
    one = answered(quoted(TOLD))
    assert read(one) == ("", "empty")
    assert read(one, files=(Attachment(Kind.IMAGE, "a.png", "image/png", 3, key="k"),)) == ("", "")


def test_an_agent_may_have_a_tag_in_his_address() -> None:
    one = answered("好的", From="Li+Work@shop.example")
    assert answers.answer(one, 12, verdict(one), VOUCHED).email == "li+work@shop.example"


def test_whose_answer_it_is() -> None:
    told = answers.answer(answered("好的"), 12, verdict(answered("好的")), VOUCHED)
    assert (told.email, told.notification) == ("li@shop.example", 12)


@pytest.mark.parametrize(
    ("value", "found"),
    [(ID, 12), (ID.replace("kfn.12", "kfn.13"), None), (ID.replace("kfn", "kf"), None), ("<a@b>", None), (None, None)],
)
def test_only_an_id_we_signed_is_a_notifications(value: str | None, found: int | None) -> None:
    assert answers.number(answered("好的", In_Reply_To=value), SECRET) == found
    assert answers.number(answered("好的", In_Reply_To=value), b"another secret of ours 0123456789") is None


def test_it_may_stand_in_the_references_too() -> None:
    assert answers.number(answered("好的", In_Reply_To=None, References=f"<a@b> {ID}"), SECRET) == 12
