"""What we say, as calls of the Bot API. Pure; `sending` adds the files.

No parse_mode: a text is what it says, whatever is written in it. Texts are measured in UTF-16 units.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Call, Measure
from channels.fit import MEASURES, split

MAX_TEXT, MAX_CAPTION = 4096, 1024
MAX_DATA = 64
"""Bytes of what a button sends."""
MAX_BUTTONS = 20
ROW = 24
"""Columns that fit side by side on a telephone; a Chinese character takes two."""
CUT, CHOSEN = "~", "="
"""CUT begins the data of a button whose value did not fit: its label says all. CHOSEN is what a tapped one sends."""
PROMPT = {"zh-Hans": "请选择：", "zh-Hant": "請選擇：", "en": "Please choose:"}

TEXT, FILE = "sendMessage", "file"
"""Names of calls; which method takes a file, its bytes tell."""
Params = dict[str, Any]


def render(outgoing: Outgoing) -> list[Call]:
    """The calls that say it, in order. The buttons stand under the last one."""
    calls = []
    for n, (name, params) in enumerate(_said(outgoing), 1):
        calls.append(Call(name, {"chat_id": outgoing.recipient, **params}, f"{outgoing.key}/{n}"))
    return calls


def _said(outgoing: Outgoing) -> Iterator[tuple[str, Params]]:
    text = "\n".join(filter(None, [outgoing.text.strip(), *map(_mention, outgoing.attachments)]))
    files = [_file(one) for one in outgoing.attachments if one.key]
    board = {"reply_markup": keyboard(outgoing.quick_replies)} if outgoing.quick_replies else {}
    if len(files) == 1 and size(text) <= MAX_CAPTION:
        yield FILE, files[0] | ({"caption": text} if text else {}) | board
        return
    if board and not text:
        text = PROMPT.get(outgoing.language or "zh-Hans", PROMPT["en"])
    texts: list[tuple[str, Params]] = [(TEXT, {"text": one}) for one in (pieces(text) if text else ())]
    sent: list[tuple[str, Params]] = [(FILE, one) for one in files]
    if board:
        *first, (name, params) = [*sent, *texts]
        yield from [*first, (name, params | board)]
    else:
        yield from [*texts, *sent]


def pieces(text: str) -> list[str]:
    return [part for part in split(text, MAX_TEXT, Measure.UTF16_UNITS) if part.strip()]


def size(text: str) -> int:
    return MEASURES[Measure.UTF16_UNITS](text)


def keyboard(buttons: Sequence[QuickReply]) -> Params:
    """An inline keyboard: short labels side by side, long ones one a row."""
    rows: list[list[Params]] = []
    room = 0
    for button in buttons:
        label = button.label.strip() or button.value.strip() or "…"
        wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in label) + 2
        if not rows or wide > room:
            rows.append([])
            room = ROW
        room -= wide
        rows[-1].append({"text": label, "callback_data": data(button)})
    return {"inline_keyboard": rows}


def chosen(label: str) -> Params:
    """The keyboard once a button was tapped: what was chosen, and nothing to choose any more."""
    return {"inline_keyboard": [[{"text": f"✓ {label}", "callback_data": CHOSEN}]]}


def data(button: QuickReply) -> str:
    """What a tap sends back: the value, or the beginning of the label where that is too long or means something."""
    value = button.value or ""
    if value and value != CHOSEN and not value.startswith(CUT) and len(_bytes(value)) <= MAX_DATA:
        return value
    return CUT + _bytes(button.label)[: MAX_DATA - len(CUT)].decode("utf-8", "ignore")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


SORTS: Mapping[Kind, str] = {Kind.IMAGE: "photo", Kind.VOICE: "voice", Kind.VIDEO: "video"}


def _file(attachment: Attachment) -> Params:
    return {"upload": attachment.key, "as": SORTS.get(attachment.kind, "document"), "name": attachment.name}


def _mention(attachment: Attachment) -> str:
    """What is no file of ours goes as words."""
    return "" if attachment.key else " ".join(filter(None, (attachment.name, attachment.url)))
