"""Updates of the Bot API, as the records every wing shares. Pure.

No shape of an update may raise: the page it came in would be fetched, and fail, for ever. What cannot be read but came
from a customer is kept raw (Kind.OTHER), so that a person sees it. Only private chats count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import PayloadError, TooLargeError
from bot.messages import Incoming, Kind, Window
from channels.telegram.content import SERVICE, UNREADABLE, beside, content
from channels.telegram.fields import Json, called, languages, moment, number, part, word
from channels.telegram.outbound import CHOSEN, CUT

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates we ask for."""
OPEN = Window("open", timedelta(days=36_500))
GONE = Window("unfollow", timedelta(), 0)
BIGGEST = 4 * 2**20
"""Bytes of a push; what people write has some thousand."""
RECORDED = frozenset({"message_id", "from", "chat", "date", "text", "caption"})
"""What an Incoming says already."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was tapped: Telegram shows its customer a clock until `query` is answered. `message` has the button
    (None: too old to be told), `label` what stands on it."""

    query: str
    chat: str = ""
    message: int | None = None
    label: str = ""


def load(body: bytes) -> Json:
    """One update as it is pushed. Raises PayloadError."""
    if len(body) > BIGGEST:
        raise TooLargeError(f"an update of {len(body)} bytes")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise PayloadError("the push is not JSON") from None
    if not isinstance(told, Mapping):
        raise PayloadError("the push is not an update: it must be an object with an update_id")
    return told


def reread(payload: bytes) -> list[Incoming]:
    """A recorded update, several in a list, or the answer of getUpdates."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        raise PayloadError("that is not JSON: record an update, or what getUpdates answers") from None
    if isinstance(told, Mapping):
        told = told.get("result", [told])
    if not isinstance(told, list):
        raise PayloadError("there is no update in it: record an update, or what getUpdates answers")
    return [one for update in told for one in read(update)]


def read(update: Any, bot: str = "") -> list[Incoming]:
    """What an update says, in order; nothing for what nobody has to know. `bot`: the bot's id, part of every id."""
    if not isinstance(update, Mapping):
        return []
    try:
        return _read(update, bot)
    except Exception:  # whatever it is, the next page must come
        return _raw(update, bot)


def tap(update: Any) -> Tap | None:
    """The tap in an update, whoever's it is: all of them want an answer."""
    query = part(update, "callback_query")
    if not (name := word(query, "id")):
        return None
    message = part(query, "message")
    data, chat = word(query, "data"), word(part(message, "chat"), "id")
    told = number(message, "message_id") if message.get("reply_markup") and data != CHOSEN else None
    return Tap(name, chat, told, _label(message, data))


def _read(update: Json, bot: str) -> list[Incoming]:
    for name, reader in (("message", _message), ("edited_message", _edited)):
        if message := part(update, name):
            sender = _customer(message)
            return reader(message, sender, bot) if sender else []
    if query := part(update, "callback_query"):
        return _tapped(query, bot)
    if change := part(update, "my_chat_member"):
        return _changed(change, bot)
    return []


def _customer(message: Json) -> str:
    """The customer's id, which is that of his private chat; "" for all that is said elsewhere, or by a bot."""
    if word(part(message, "chat"), "type") != "private" or part(message, "from").get("is_bot") is True:
        return ""
    return word(part(message, "chat"), "id")


def _about(message: Json, sender: str) -> dict[str, Any]:
    user = part(message, "from")
    return {
        "sender": sender,
        "sender_name": called(user),
        "language": languages(word(user, "language_code")),
        "window": OPEN,
    }


# ---- messages -------------------------------------------------------------------------------------------------------


def _message(message: Json, sender: str, bot: str) -> list[Incoming]:
    if SERVICE & message.keys():
        return []
    key = f"{bot}:m:{sender}:{word(message, 'message_id') or _digest(message)}"
    about, at = _about(message, sender), moment(message, "date")
    if (source := _started(word(message, "text"))) is not None:
        told = f"客户打开了对话（来源：{source}）" if source else "客户打开了对话"
        extra = _beyond(message) | ({"source": source} if source else {})
        return [Incoming(key, text=told, kind=Kind.EVENT, value="enter", sent_at=at, extra=extra, **about)]
    said = content(message)
    one = Incoming(key, text=said.text, kind=said.kind, attachments=said.attachments, sent_at=at,
                   extra=_beyond(message), **about)  # fmt: skip
    return [*_prelude(message, key, about), one]


def _prelude(message: Json, key: str, about: Mapping[str, Any]) -> list[Incoming]:
    """What people should read before it and the bot must not take for the customer's words."""
    told = "\n".join(beside(message))
    at = moment(message, "date")
    return [Incoming(f"{key}:beside", text=told, kind=Kind.EVENT, sent_at=at, **about)] if told else []


def _started(text: str) -> str | None:
    """What stands behind /start (where the customer came from: t.me/our_bot?start=…); None for all other texts."""
    command, _, rest = text.partition(" ")
    return rest.strip() if command == "/start" else None


def _edited(message: Json, sender: str, bot: str) -> list[Incoming]:
    """What it was, an agent can read above; what it is now is said once more, and judged like all he says."""
    if message.get("location") or SERVICE & message.keys():
        return []  # a live position, told every few seconds
    said = content(message)
    key = f"{bot}:e:{sender}:{word(message, 'message_id')}:{word(message, 'edit_date')}:{_digest(said.text)[:12]}"
    about, at = _about(message, sender), moment(message, "edit_date")
    extra = _beyond(message) | {"edited": word(message, "message_id")}
    note = Incoming(
        f"{key}:beside", text="客户修改了之前的消息，改成：", kind=Kind.EVENT, sent_at=at, extra=extra, **about
    )
    return [
        note,
        Incoming(key, text=said.text, kind=said.kind, attachments=said.attachments, sent_at=at, extra=extra, **about),
    ]


# ---- buttons --------------------------------------------------------------------------------------------------------


def _tapped(query: Json, bot: str) -> list[Incoming]:
    message, user, data = part(query, "message"), part(query, "from"), word(query, "data")
    sender, name = word(user, "id"), word(query, "id")
    if word(part(message, "chat"), "type") not in ("private", "") or not sender or not name or data in ("", CHOSEN):
        return []
    about = _about({"from": user}, sender)
    value = None if data.startswith(CUT) else data
    extra = {"telegram": {"tapped": number(message, "message_id")}}
    return [Incoming(f"{bot}:c:{name}", text=_label(message, data), value=value, extra=extra, **about)]


def _label(message: Json, data: str) -> str:
    """What stands on the button with this data; of a message too old to be told, as much as the data knows."""
    rows = part(message, "reply_markup").get("inline_keyboard")
    buttons = [b for row in rows if isinstance(row, list) for b in row] if isinstance(rows, list) else []
    found = (word(b, "text") for b in buttons if isinstance(b, Mapping) and word(b, "callback_data") == data)
    return next(found, "") or data.removeprefix(CUT)


# ---- coming and going -----------------------------------------------------------------------------------------------


def _changed(change: Json, bot: str) -> list[Incoming]:
    sender, status = _customer(change), word(part(change, "new_chat_member"), "status")
    before = word(part(change, "old_chat_member"), "status")
    if not sender or status not in CHANGES or (status == "member" and before != "kicked"):
        return []
    told, value, window = CHANGES[status]
    key = f"{bot}:s:{sender}:{word(change, 'date')}:{status}"
    about = _about(change, sender) | {"window": window}
    return [Incoming(key, text=told, kind=Kind.EVENT, value=value, sent_at=moment(change, "date"), **about)]


CHANGES: Mapping[str, tuple[str, str, Window]] = {
    "kicked": ("客户停用了机器人，现在发不到他那里", "unfollow", GONE),
    "member": ("客户重新启用了机器人", "return", OPEN),
}


# ---- all ------------------------------------------------------------------------------------------------------------


def _beyond(message: Json) -> dict[str, Any]:
    """What the wire said beyond the record: links under words, what is quoted, the album."""
    beyond = {name: value for name, value in message.items() if name not in RECORDED}
    return {"telegram": beyond} if beyond else {}


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=repr).encode()).hexdigest()


def _raw(update: Json, bot: str) -> list[Incoming]:
    message = part(update, "message") or part(update, "edited_message")
    sender = word(part(message, "chat"), "id")
    if not sender or word(part(message, "chat"), "type") != "private":
        return []
    raw = json.dumps(update, default=repr)
    return [Incoming(f"{bot}:raw:{_digest(raw)}", sender, UNREADABLE, Kind.OTHER, extra={"raw": raw}, window=OPEN)]
