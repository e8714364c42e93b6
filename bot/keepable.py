"""What a network sends, as every database can hold it: refused once, it would be delivered again for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from bot.messages import AgentReply, Attachment, Heard, Incoming, Report, SaidElsewhere

LONGEST_ID = 500
"""Characters of an external id; PostgreSQL's indexes take no more than 2700 bytes."""
BIGGEST = 2**63


def heard(one: Heard) -> Heard:
    """Whatever a network told, as every database can hold it."""
    match one:
        case Incoming():
            return keepable(one)
        case Report():
            return replace(one, error=clean(one.error))
        case SaidElsewhere():
            return _said(one)
        case AgentReply(stranger=Incoming() as stranger):
            return replace(one, stranger=keepable(stranger))
        case _:
            return one


def keepable(incoming: Incoming) -> Incoming:
    """The message without what a database would refuse; nothing a person can read is lost."""
    return replace(
        incoming,
        text=clean(incoming.text),
        external_id=_outside(clean(incoming.external_id)),
        sender=clean(incoming.sender),
        sender_name=clean(incoming.sender_name),
        thread=None if incoming.thread is None else clean(incoming.thread),
        language=None if incoming.language is None else clean(incoming.language),
        value=None if incoming.value is None else clean(incoming.value),
        attachments=tuple(map(_attachment, incoming.attachments)),
        extra=_extra(incoming.extra),
        incident=clean(incoming.incident),
    )


def _extra(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """Most of it is as it should be, and that is found out quickly."""
    try:
        told = orjson.dumps(extra, option=orjson.OPT_STRICT_INTEGER)
    except (TypeError, ValueError):  # a lone surrogate, a number too large, a key that is no text
        return dict(clean_json(extra))
    return dict(clean_json(extra)) if b"\\u0000" in told else extra


def _said(said: SaidElsewhere) -> SaidElsewhere:
    return replace(
        said,
        external_id=_outside(clean(said.external_id)),
        recipient=clean(said.recipient),
        thread=clean(said.thread),
        text=clean(said.text),
        author_name=clean(said.author_name),
        attachments=tuple(map(_attachment, said.attachments)),
        extra=_extra(said.extra),
    )


def _attachment(attachment: Attachment) -> Attachment:
    texts = (attachment.name, attachment.media_type, attachment.url or "", attachment.key or "", attachment.source)
    if "".join(texts).isascii() and "\0" not in "".join(texts) and (attachment.size or 0) < BIGGEST:
        return attachment
    return Attachment(**clean_json(asdict(attachment)))


def clean(text: str) -> str:
    """Text as every database and client can hold it: NUL and lone surrogates become U+FFFD, pairs their character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_json(value: Any) -> Any:
    """The same for JSON: every text in it; and numbers no database has room for become text."""
    match value:
        case str():
            return clean(value)
        case Mapping():
            return {clean(str(k)): clean_json(v) for k, v in value.items()}
        case list() | tuple():
            return [clean_json(v) for v in value]
        case int() if not -BIGGEST <= value < BIGGEST:
            return str(value)
        case _:
            return value


def _outside(external_id: str) -> str:
    """Ids that start with kefu: are our own; a network's that does is kept apart. An endless one is cut to a digest."""
    if len(external_id) > LONGEST_ID:
        return f"sha256:{hashlib.sha256(external_id.encode()).hexdigest()}"
    return f"external:{external_id}" if external_id.startswith(("kefu:", "sha256:")) else external_id
