"""How a request to the Bot API is written: JSON, form or multipart, its values checked one by one."""

from __future__ import annotations

import email.parser
import email.policy
import html.parser
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MOST_TEXT, MOST_CAPTION, MOST_NAME, MOST_DATA = 4096, 1024, 128, 64
MOST_BUTTONS, MOST_IN_ROW = 100, 8
TAGS = "b strong i em u ins s strike del code pre a blockquote tg-spoiler span"


class Refused(Exception):
    """`{"ok": false}` with this code; `parameters` may tell when to come again, or where the chat went."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(code, description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(description: str, **parameters: Any) -> Refused:
    return Refused(400, f"Bad Request: {description}", **parameters)


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    media_type: str
    data: bytes


@dataclass(slots=True)
class Told:
    """The parameters of one call; `seen` are those the method knows."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def only(self, known: Collection[str]) -> None:
        """A parameter that the method does not know is a mistake, which the real server would keep to itself."""
        strange = set(self.values) - set(known)
        if strange:
            raise bad(f"there is no parameter {', '.join(sorted(strange))}")

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise bad(f"{name} must be a string")
        return value

    def number(self, name: str, default: int | None = None) -> int | None:
        value = self.values.get(name, default)
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                raise bad(f"{name} must be an integer") from None
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise bad(f"{name} must be an integer")
        return value

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if value in (True, "true", "True", "1", 1):
            return True
        if value in (False, "false", "False", "0", "", 0):
            return False
        raise bad(f"{name} must be a boolean")

    def json(self, name: str, default: Any = None) -> Any:
        value = self.values.get(name, default)
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                raise bad(f"can't parse {name} JSON object") from None
        return value

    def file(self, name: str) -> Upload | str:
        """What a parameter brings: bytes, or the id of a file that is known."""
        if name in self.uploads:
            return self.uploads[name]
        value = self.text(name)
        if value.startswith("attach://"):
            if value.removeprefix("attach://") not in self.uploads:
                raise bad(f"there is no file {value}")
            return self.uploads[value.removeprefix("attach://")]
        if not value:
            raise bad(f"there is no {name} in the request")
        return value


def read(headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Told:
    """The parameters of a request, in any of the ways the server takes them."""
    kind = headers.get("content-type", "")
    values: dict[str, Any] = dict(query)
    if not body:
        return Told(values)
    if kind.startswith("application/json"):
        try:
            told = json.loads(body)
        except ValueError:
            raise bad("can't parse JSON") from None
        if not isinstance(told, dict):
            raise bad("an object was expected")
        return Told(values | {k: v for k, v in told.items() if v is not None})
    if kind.startswith("application/x-www-form-urlencoded"):
        return Told(values | dict(parse_qsl(body.decode(), keep_blank_values=True)))
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, values, body)
    raise bad("unsupported content type")


def _multipart(kind: str, values: dict[str, Any], body: bytes) -> Told:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    told = Told(values)
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            raise bad("a part without a name")
        if part.get_filename() is None:
            told.values[name] = data.decode()
        else:
            told.uploads[name] = Upload(part.get_filename() or "", part.get_content_type(), data)
    return told


def utf16(text: str) -> int:
    """How long Telegram thinks it is."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, parse_mode: str) -> str:
    """What is shown of a text; markup that the server could not read is refused."""
    if parse_mode == "":
        return text
    if parse_mode.upper() != "HTML":
        raise bad(f"this server reads no {parse_mode}")
    reader = _Html()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise bad(f"can't parse entities: can't find end tag corresponding to start tag \"{reader.open[-1]}\"")
    return "".join(reader.said)


class _Html(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS.split():
            raise bad(f'can\'t parse entities: unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise bad(f'can\'t parse entities: unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def sayable(text: str, most: int, *, needed: bool = True) -> str:
    """A text as the server keeps it."""
    text = text.strip()
    if not text and needed:
        raise bad("message text is empty")
    if utf16(text) > most:
        raise bad("message is too long" if most == MOST_TEXT else "message caption is too long")
    return text


def entities(text: str, told: Any) -> list[dict[str, Any]]:
    """Entities that lie within the text."""
    if told is None:
        return []
    if not isinstance(told, list):
        raise bad("entities must be an array")
    for one in told:
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            raise bad("an entity has a type")
        start, length = one.get("offset"), one.get("length")
        if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length < 1:
            raise bad("an entity has an offset and a length")
        if start + length > utf16(text):
            raise bad("an entity ends outside of the text")
    return list(told)


def keyboard(told: Any) -> dict[str, Any] | None:
    """Inline and reply keyboards, as strictly as the documentation has them."""
    if told is None:
        return None
    if not isinstance(told, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in told:
        return _inline(told)
    if told.get("remove_keyboard") is True or told.get("force_reply") is True or isinstance(told.get("keyboard"), list):
        return None  # they are not part of the message that comes back
    raise bad("invalid reply markup")


def _inline(told: dict[str, Any]) -> dict[str, Any]:
    rows = told["inline_keyboard"]
    if set(told) != {"inline_keyboard"} or not isinstance(rows, list):
        raise bad("invalid reply markup")
    buttons = [button for row in rows for button in (row if isinstance(row, list) else [None])]
    if len(buttons) > MOST_BUTTONS or any(not 1 <= len(row) <= MOST_IN_ROW for row in rows):
        raise bad("reply markup is too long")
    for button in buttons:
        _button(button)
    return told


def _button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if len(actions) != 1:
        raise bad("text buttons are allowed in reply keyboards only")
    (action,) = actions
    value = button[action]
    if action == "callback_data":
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= MOST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    elif action == "url":
        _link(value)
    elif action not in ("switch_inline_query", "switch_inline_query_current_chat", "copy_text", "web_app"):
        raise bad(f"unknown button action {action}")


def _link(value: Any) -> None:
    parts = urlsplit(value) if isinstance(value, str) else None
    host = "" if parts is None else parts.hostname or ""
    if parts is None or parts.scheme not in ("http", "https", "tg") or not host:
        raise bad("BUTTON_URL_INVALID")
    if parts.scheme == "http" and host == "localhost":  # as the real one says of what it cannot open
        raise bad(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
