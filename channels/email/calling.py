"""The mail that calls an agent to a conversation, in his company's language. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from bot.errors import PermanentSendError
from bot.messages import Notification
from channels.email import subjects, tokens
from channels.email.addresses import normal
from channels.email.answers import LINE
from channels.email.mail import Address
from channels.email.mime import Sheet, speakable, written
from channels.email.outbound import House
from channels.email.smtp import Letter

QUOTED = 2000
"""Characters of one message that are told; the desk has the rest."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "handoff": "{who} 在等人工客服",
        "message": "{who} 又写了一条",
        "hello": "{agent}，您好：",
        "tier": "投诉等级：{tier}",
        "why": "转人工原因：{reason}",
        "wish": "客户希望：{wish}",
        "where": "渠道：{inbox}",
        "said": "最近的消息",
        "open": "在工作台打开：{url}",
        "how": "直接回复这封邮件，写在最上面那一行以上：内容会以您的名义发给客户，会话由您受理。"
        "七天内有效，只能回复一次；不能证明是您本人写的，不会发出。",
        "critical": "紧急",
        "serious": "严重",
        "moderate": "一般",
        "minor": "轻微",
        "nobody": "一位客户",
        "bot": "智能助手",
    },
    "zh-Hant": {
        "handoff": "{who} 在等真人客服",
        "message": "{who} 又寫了一則",
        "hello": "{agent}，您好：",
        "tier": "客訴等級：{tier}",
        "why": "轉真人原因：{reason}",
        "wish": "客戶希望：{wish}",
        "where": "管道：{inbox}",
        "said": "最近的訊息",
        "open": "在工作台開啟：{url}",
        "how": "直接回覆這封信，寫在最上面那一行以上：內容會以您的名義寄給客戶，對話由您受理。"
        "七天內有效，只能回覆一次；無法證明是您本人寫的，不會寄出。",
        "critical": "緊急",
        "serious": "嚴重",
        "moderate": "一般",
        "minor": "輕微",
        "nobody": "一位客戶",
        "bot": "智慧助理",
    },
    "en": {
        "handoff": "{who} is waiting for a person",
        "message": "{who} wrote again",
        "hello": "Hello {agent},",
        "tier": "Complaint: {tier}",
        "why": "Why a person: {reason}",
        "wish": "Wants: {wish}",
        "where": "Inbox: {inbox}",
        "said": "Last messages",
        "open": "Open it at the desk: {url}",
        "how": "Or answer this mail, above the line at its top: your words go to the customer in your name, and the "
        "conversation is yours. This works once, within seven days, and only if it is proven that you wrote it.",
        "critical": "critical",
        "serious": "serious",
        "moderate": "moderate",
        "minor": "minor",
        "nobody": "A customer",
        "bot": "Bot",
    },
}


def letter(told: Notification, house: House, now: datetime) -> Letter:
    """The mail with its envelope. Raises PermanentSendError for an address nobody can write to, or of our own."""
    options = house.options
    if not speakable(told.to) or normal(told.to) in options.own:
        raise PermanentSendError(f"no agent can be told at an address like {told.to[:100]!r}")
    subject, text = words(told, house.zone)
    sheet = Sheet(
        sender=Address(options.address, options.name or "kefu"),
        to=(Address(told.to, told.agent),),
        subject=subject,
        message_id=tokens.notification_id(house.secret, told.number, options.domain),
        date=now,
        text=text,
        more=(
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("X-Kefu-Loop", tokens.loop(house.secret, told.conversation, 0)),
        ),
    )
    return Letter(options.envelope, (told.to,), written(sheet))


def words(told: Notification, zone: tzinfo) -> tuple[str, str]:
    """Subject and text of the mail."""
    say = WORDS.get(told.language, WORDS["en"])
    who = " ".join(told.customer.split()) or say["nobody"]
    grave = f"[{say[told.tier]}] " if told.tier in ("critical", "serious") else ""
    subject = f"{grave}{say[told.about].format(who=who)} · {subjects.number(told.conversation)}"
    return subject, "\n".join(_lines(told, say, who, zone))


def _lines(told: Notification, say: Mapping[str, str], who: str, zone: tzinfo) -> Iterator[str]:
    yield from (LINE, "", say["hello"].format(agent=told.agent), "", say[told.about].format(who=who))
    yield say["where"].format(inbox=told.inbox)
    if told.tier in say:
        yield say["tier"].format(tier=say[told.tier])
    if told.reason:
        yield say["why"].format(reason=told.reason)
    if wish := told.summary.get("wish"):
        yield say["wish"].format(wish=wish)
    yield from ("", say["open"].format(url=told.url), say["how"], "", f"—— {say['said']} ——")
    for message in told.said:
        yield from ("", *_message(message, say, who, zone))


def _message(message: Mapping[str, Any], say: Mapping[str, str], who: str, zone: tzinfo) -> Iterator[str]:
    author = {"customer": who, "bot": say["bot"]}.get(str(message["author"]), str(message.get("name", "")))
    at = datetime.fromisoformat(str(message["at"])).astimezone(zone)
    yield f"{author}  {at:%m-%d %H:%M}"
    yield from (f"    {line}" for line in str(message["text"])[:QUOTED].split("\n"))
