"""What a mail says, as Incoming and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.messages import Attachment, Incoming, Kind
from channels.email import html
from channels.email.addresses import normal
from channels.email.autoreply import verdict
from channels.email.mail import Address, File, Mail
from channels.email.reading import read

SHOWN = 200_000
"""Characters of a text a conversation holds; the whole one is in the raw mail."""


def incoming(mail: Mail, files: Sequence[Attachment], thread: str | None = None) -> Incoming:
    """The mail as a message. `files`: where its files are kept, in their order.

    A mail without a sender is from somebody of its own: two of them are not from the same person.
    """
    shown = {file.cid: kept.key for file, kept in zip(mail.files, files, strict=True) if file.cid and kept.key}
    return Incoming(
        external_id=mail.message_id or f"raw:{mail.sha256}",
        sender=normal(mail.sender.email) or f"nobody:{mail.sha256}",
        text=mail.new_text[:SHOWN],
        attachments=tuple(files),
        thread=thread,
        sender_name=mail.sender.name,
        sent_at=mail.date,
        extra=_beyond(mail, shown),
    )


def attachment(file: File, key: str | None = None) -> Attachment:
    """The record of a file; `key` under which it is kept."""
    kinds = {"image": Kind.IMAGE, "audio": Kind.VOICE, "video": Kind.VIDEO}
    kind = kinds.get(file.media_type.partition("/")[0], Kind.FILE)
    return Attachment(kind, file.name, file.media_type, len(file.data), key=key)


def _beyond(mail: Mail, shown: Mapping[str, str]) -> dict[str, Any]:
    """What the desk shows of a mail besides its text."""
    told = {
        "subject": mail.subject,
        "from": _person(mail.sender),
        "to": [_person(one) for one in mail.to],
        "cc": [_person(one) for one in mail.cc],
        "reply_to": [_person(one) for one in mail.reply_to],
        "message_id": mail.message_id,
        "sha256": mail.sha256,
        "body": mail.body[:SHOWN] if mail.body != mail.new_text else "",
        "html": html.safe(mail.markup, shown) if mail.markup else "",
        "problems": list(mail.problems),
        "quarantine": mail.quarantine,
    }
    return {name: value for name, value in told.items() if value}


def _person(one: Address) -> dict[str, str]:
    return {"email": one.email, "name": one.name}


def understood(raw: bytes) -> dict[str, Any]:
    """What a mail is understood as, for `kefu replay --dry-run`; whatever the bytes are."""
    mail = read(raw)
    told = verdict(mail)
    line = {
        "from_email": mail.sender.email,
        "from_name": mail.sender.name,
        "to": [one.email for one in mail.to if one.email],
        "subject": mail.subject,
        "body": mail.body,
        "new_text": mail.new_text,
        "attachments": [{"name": f.name, "type": f.media_type, "size": len(f.data)} for f in mail.files],
        "message_id": mail.message_id or None,
        "in_reply_to": mail.in_reply_to or None,
        "references": list(mail.references),
        "auto_reply": f"{told.key}: {told.said['en']}" if told.said else None,
    }
    return {**line, "quarantine": mail.quarantine} if mail.quarantine else line
