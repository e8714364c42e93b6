"""Every row of the table that says whether a mail may be answered automatically, and the order of its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.email import tokens
from channels.email.autoreply import ROWS, Sort, Standing, verdict
from channels.email.mail import Fate
from tests.channels.email.raw import mail

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KNOWN = Standing(own=frozenset({"help@shop.example"}), secret=SECRET, now=NOW)


def report(
    kind: str, status: str, returned: str = "Message-ID: <kf.7.9.0123456789abcdef@shop.example>\r\nSubject: x"
) -> dict[str, Any]:
    body = (
        f"--r\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--r\r\nContent-Type: message/{kind}\r\n\r\n"
        f"{status}\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--r--\r\n"
    )
    return {"body": body, "Content_Type": f'multipart/report; report-type={kind}; boundary="r"'}


FAILED = (
    "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; li@x.cn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 no"
)
DELAYED = "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; li@x.cn\r\nAction: delayed\r\nStatus: 4.4.1"
READ = (
    "Final-Recipient: rfc822; li@x.cn\r\nOriginal-Message-ID: <1@shop.example>\r\n"
    "Disposition: manual-action/MDN-sent-manually; displayed"
)
ABUSED = "Feedback-Type: abuse\r\nVersion: 1"

FIELDS: tuple[tuple[str, Sort, Any], ...] = (
    ("own", Sort.OWN, {"From": "Help <HELP+x@shop.example>"}),
    ("own", Sort.OWN, {"X_Kefu_Loop": tokens.loop(SECRET, 4, 5), "Auto_Submitted": "auto-replied"}),
    ("bounce", Sort.BOUNCE, report("delivery-status", FAILED)),
    ("bounce", Sort.BOUNCE, {"X_Failed_Recipients": "li@x.cn", "Auto_Submitted": "auto-replied"}),
    ("delay", Sort.DELAY, report("delivery-status", DELAYED)),
    ("receipt", Sort.RECEIPT, report("disposition-notification", READ)),
    ("complaint", Sort.COMPLAINT, report("feedback-report", ABUSED)),
    ("bounce_like", Sort.AUTO_GENERATED, {"Return_Path": "<>"}),
    ("bounce_like", Sort.AUTO_GENERATED, {"From": "MAILER-DAEMON@x.cn"}),
    ("bounce_like", Sort.AUTO_GENERATED, {"From": "MAILER-DAEMON (Mail Delivery System)"}),
    ("auto_replied", Sort.AUTO_REPLY, {"Auto_Submitted": "Auto-Replied; owner=x"}),
    ("auto_generated", Sort.AUTO_GENERATED, {"Auto_Submitted": "auto-generated (cron)", "Precedence": "bulk"}),
    ("auto_generated", Sort.AUTO_GENERATED, {"Auto_Submitted": "something-new"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_QQ_AUTO_REPLY": "true"}),
    ("auto_header", Sort.AUTO_REPLY, {"Return_Path": "<12345+auto_=help=shop.example@qq.com>"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_Autoreply": "yes"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_Autorespond": "Away"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_Autoresponder": "1"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_Auto_Reply": "1"}),
    ("auto_header", Sort.AUTO_REPLY, {"Precedence": "auto_reply"}),
    ("auto_header", Sort.AUTO_REPLY, {"X_Precedence": "auto_reply"}),
    ("list", Sort.LIST, {"X_Loop": "x"}),
    ("list", Sort.LIST, {"Precedence": "Bulk"}),
    ("list", Sort.LIST, {"Precedence": "junk"}),
    ("list", Sort.LIST, {"List_Id": "<news.x.cn>"}),
    ("list", Sort.LIST, {"List_Post": "<mailto:x@x.cn>"}),
    ("list", Sort.LIST, {"List_Unsubscribe": "<https://x.cn/u>"}),
    *(
        ("auto_subject", Sort.AUTO_REPLY, {"Subject": subject})
        for subject in ("自动回复: 您的来信", "自动答复：订单", "自動回覆: 您好",
                        "外出", "休假自动回复", "Automatic reply: Order",
                        "Auto: x", "Out of Office: x", "Out of the office", "Abwesenheitsnotiz",
                        "RE: Automatic reply: x")
    ),
    ("suppressed", Sort.HUMAN, {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}),
    ("suppressed", Sort.HUMAN, {"X_Auto_Response_Suppress": "All"}),
    ("suppressed", Sort.HUMAN, {"X_MS_Exchange_Inbox_Rules_Loop": "wang@x.cn"}),
    *(
        ("machine", Sort.AUTO_GENERATED, {"From": f"{local}@x.cn"})
        for local in ("noreply", "no-reply", "do-not-reply",
                      "donotreply", "bounce", "bounces+1=2", "postmaster",
                      "news-request",
                      "owner-news", "root", "notifications", "No_Reply",
                      "ndr", "Mail.Delivery.System", '"System Administrator"', "Postmaster\\",
                      "Antivirus_for_SMTP_Gateways")
    ),
    *(
        ("bounce_like", Sort.AUTO_GENERATED, {"Subject": subject})
        for subject in ("系统退信", "退信通知：您的邮件", "来自postmaster@x.cn的退信", "邮件投递失败",
                        "未送达: 您的订单", "無法傳遞的郵件: 訂單", "Undeliverable: your order", "Delivery failure",
                        "Undelivered Mail Returned to Sender", "Returned mail: see transcript for details",
                        "Mail delivery failed: returning message to sender", "failure notice",
                        "Delivery Status Notification (Failure)", "Mail could not be delivered")
    ),
    ("unnamed", Sort.HUMAN, {"To": "someone@else.example"}),
    ("nobody", Sort.SUSPICIOUS, {"From": None, "Return_Path": None}),
)  # fmt: skip


@pytest.mark.parametrize(("key", "sort", "fields"), FIELDS)
def test_a_mail_that_gets_no_automatic_answer(key: str, sort: Sort, fields: dict[str, Any]) -> None:
    told = verdict(mail(**{"Return_Path": "<wang@example.com>", **fields}), KNOWN)
    assert (told.key, told.sort, told.may_answer) == (key, sort, False)
    assert told.said is not None
    assert {"zh-Hans", "zh-Hant", "en"} == told.said.keys()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Auto_Submitted": "no"},
        {"X_QQ_AUTO_REPLY": "false"},
        {"Precedence": "first-class"},
        {"X_Auto_Response_Suppress": "DR, RN, NRN"},
        {"Subject": "外出时包裹丢了"[2:]},
        {"Subject": "Automatic washing machine is broken"},
        {"Subject": "Delivery failure of my parcel"},
        {"Subject": "Returned mail order, no refund"},
        {"Subject": "邮件发送失败怎么办"},
        {"Subject": "无法送达我家吗？"},
        {"From": "Smithson <smt.peter@x.cn>"},
        {"From": "Norbert <noreen@x.cn>"},
        {"To": "someone@else.example", "Cc": "Help <help+kf1.x@SHOP.example>"},
        {"To": None, "Delivered_To": "help@shop.example"},
        {"X_Kefu_Loop": tokens.loop(b"another", 4, 5)},
        {"Return_Path": "<wang@example.com>"},
    ],
)
def test_a_persons_mail_is_answered(fields: dict[str, Any]) -> None:
    told = verdict(mail(**fields), KNOWN)
    assert (told.key, told.may_answer, told.said) == ("human", True, None)


STATES: tuple[tuple[str, Standing], ...] = (
    ("own", replace(KNOWN, sent=True)),
    ("suspicious", replace(KNOWN, junk=True)),
    ("suspicious", replace(KNOWN, dmarc_failed=True)),
    ("told_before", replace(KNOWN, repeated=True, answers=True)),
    ("told_before", replace(KNOWN, acknowledged=NOW - timedelta(days=6, hours=23))),
    ("human", replace(KNOWN, acknowledged=NOW - timedelta(days=7))),
    ("human", replace(KNOWN, acknowledged=NOW - timedelta(hours=1), answers=True)),
    ("breaker", replace(KNOWN, hour_to_address=3)),
    ("human", replace(KNOWN, hour_to_address=2, day_to_address=4, hour_to_domain=19, same_text=1)),
    ("breaker", replace(KNOWN, day_to_address=5)),
    ("breaker", replace(KNOWN, hour_to_domain=20)),
    ("breaker", replace(KNOWN, same_text=2)),
)


@pytest.mark.parametrize(("key", "standing"), STATES)
def test_what_is_known_beside_the_mail(key: str, standing: Standing) -> None:
    assert verdict(mail(), standing).key == key


def test_only_a_breaker_alarms_somebody() -> None:
    assert [row.key for row in ROWS if row.alarm] == ["breaker"]
    assert verdict(mail(), replace(KNOWN, same_text=9)).alarm


def test_what_wakes_nobody_and_what_opens_nothing() -> None:
    quiet = {
        "own",
        "bounce",
        "delay",
        "receipt",
        "complaint",
        "auto_replied",
        "auto_generated",
        "auto_header",
        "auto_subject",
    }
    assert {row.key for row in ROWS if not row.reopens} == quiet
    assert {row.key for row in ROWS if not row.opens} == {"own"}


def test_the_rows_are_in_the_order_of_the_rules() -> None:
    numbers = list(dict.fromkeys(row.number for row in ROWS))
    assert numbers == [1, 2, 3, 5, 6, 7, 8, 4, *range(9, 15)]
    both = mail(
        From="noreply@x.cn", List_Id="<x>", Auto_Submitted="auto-generated", Subject="Out of office", Return_Path="<>"
    )
    assert verdict(both, KNOWN).key == "auto_generated"


@pytest.mark.parametrize(
    "sign", [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Subject": "自动回复: 您好"}]
)
def test_a_holiday_from_nobody_wakes_nobody(sign: dict[str, str]) -> None:
    """RFC 3834 has responders write from <>, as bounces do."""
    found = verdict(mail(Return_Path="<>", **sign), KNOWN)
    assert (found.sort, found.reopens) == (Sort.AUTO_REPLY, False)


def test_a_bounce_says_which_mail_and_for_whom() -> None:
    told = mail(**report("delivery-status", FAILED)).report
    assert told is not None
    assert told.fates == (Fate("li@x.cn", "failed", "5.1.1", "550 no"),)
    assert told.ids == ("<kf.7.9.0123456789abcdef@shop.example>",)
    assert not told.delayed


def test_a_delay_is_no_failure() -> None:
    told = mail(**report("delivery-status", DELAYED)).report
    assert told is not None
    assert told.delayed
    assert told.failed == ()


def test_a_bounce_with_the_whole_mail_returned() -> None:
    fields = report("delivery-status", FAILED, "From: help@shop.example\r\nMessage-Id: <1.2@shop.example>\r\n\r\nHello")
    fields["body"] = fields["body"].replace("text/rfc822-headers", "message/rfc822")
    told = mail(**fields)
    assert told.report is not None
    assert told.report.ids == ("<1.2@shop.example>",)
    assert [file.media_type for file in told.files] == ["message/delivery-status", "message/rfc822"]
    assert told.body == "Sorry."


def test_a_receipt_names_its_mail() -> None:
    told = mail(**report("disposition-notification", READ)).report
    assert told is not None
    assert told.ids[0] == "<1@shop.example>"
    assert [fate.action for fate in told.fates] == ["displayed"]


def test_exims_own_header_names_who_failed() -> None:
    told = mail(X_Failed_Recipients="li@x.cn, wu@x.cn").report
    assert told is not None
    assert [fate.recipient for fate in told.failed] == ["li@x.cn", "wu@x.cn"]
