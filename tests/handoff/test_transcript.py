"""Transcripts: the same conversation as text, as a page and as data."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

import pytest

from handoff import transcript

BEIJING = timezone(timedelta(hours=8))
HEAD = {
    "id": 7,
    "contact": {"id": 3, "name": "李娜 <VIP>"},
    "channel": "web",
    "inbox": "shop",
    "status": "open",
    "created_at": "2026-11-22T01:00:00+00:00",
}


def message(author: str, text: str, **more: Any) -> dict[str, Any]:
    return {"author": author, "name": "", "text": text, "at": "2026-11-22T01:02:03+00:00", "kind": "text", **more}


TALK = [
    message("customer", "台灯没到\n<script>alert(1)</script>", name="李娜"),
    message("bot", "要加急吗？", name="智能助手", quick_replies=[{"label": "加急", "value": "a"}]),
    message("agent", "我来看看", name="小李", delivery="failed", error="超过 48 小时"),
    message("agent", "仓库有货", name="小李", note=True),
    message("customer", "", kind="image", attachments=[{"name": "坏了.jpg", "kind": "image"}]),
    message("customer", "", kind="location"),
]


def test_as_text_with_local_times_and_every_oddity() -> None:
    text = transcript.render(HEAD, TALK, zone=BEIJING)
    assert "会话: 7" in text
    assert "开始: 2026-11-22 09:00:00" in text
    assert "[2026-11-22 09:02:03] 李娜 (客户)\n    台灯没到\n    <script>alert(1)</script>\n" in text
    assert "智能助手\n    要加急吗？\n    [加急]" in text
    assert "我来看看\n    ! 发送失败: 超过 48 小时" in text
    assert "小李 (坐席) · 内部备注\n    仓库有货" in text
    assert "[附件] 坏了.jpg" in text
    assert "[location]" in text


@pytest.mark.parametrize(
    ("language", "line"),
    [("zh-Hans", "投诉单: 261126-7A · 已答复"), ("zh-Hant", "客訴單: 261126-7A · 已答覆"),
     ("en", "Complaint case: 261126-7A · answered")],
)  # fmt: skip
def test_its_complaint_cases_are_named(language: str, line: str) -> None:
    case = {"number": "261126-7A", "status": "answered", "fields": {"what": "<b>"}}
    head = {**HEAD, "cases": [case]}
    assert line in transcript.render(head, TALK, language=language).splitlines()
    assert json.loads(transcript.render(head, TALK, form="json"))["conversation"]["cases"] == [case]


def test_as_a_page_nothing_a_customer_wrote_is_markup() -> None:
    page = transcript.render(HEAD, TALK, form="html", language="zh-Hant")
    assert '<html lang="zh-Hant">' in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "李娜 &lt;VIP&gt;" in page
    assert page.count("<li") == len(TALK)
    assert '<li class="note">' in page


def test_as_data_it_is_what_the_log_holds() -> None:
    found = json.loads(transcript.render(HEAD, TALK, form="json"))
    assert found == {"conversation": HEAD, "messages": TALK}


def test_in_english_and_empty() -> None:
    text = transcript.render(HEAD, [], language="en")
    assert "Status: with people" in text
    assert "(no messages)" in text
    assert "no messages" in transcript.render(HEAD, [], form="html", language="en")


def test_an_unknown_language_reads_as_the_source() -> None:
    assert "状态" in transcript.render(HEAD, [], language="fr")


def test_an_unknown_form_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="text, html, json"):
        transcript.render(HEAD, [], form="pdf")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-Hans", "王女士 (客户) · 电话记录 · 来电 · 坐席 小美 记"),
        ("zh-Hant", "王女士 (客戶) · 電話記錄 · 來電 · 客服人員 小美 記"),
        ("en", "王女士 (Customer) · call · incoming · logged by 小美"),
    ],
)
def test_a_logged_call_is_told_as_one(language: str, told: str) -> None:
    call = {"direction": "in", "agent": "小美"}
    message = {
        "author": "customer",
        "name": "王女士",
        "text": "杯子碎了",
        "at": "2026-01-05T09:00:00+00:00",
        "call": call,
    }
    head = {"id": 1, "contact": {"name": "王女士"}, "channel": "phone", "inbox": "phone", "status": "open",
            "created_at": "2026-01-05T09:00:00+00:00"}  # fmt: skip
    assert told in transcript.render(head, [message], language=language)
