"""What an update means to the desk. Pure: dictionaries in, records out; whatever is unexpected is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handoff.telegram_desk import cards
from handoff.telegram_desk.measure import one_line

COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+|$)")
PUBLIC = re.compile(r"(?:/public(?:@\w{1,64})?\s+|公[开開]\s{0,3}[：:])\s*", re.IGNORECASE)
FILES = ("document", "video", "audio", "voice", "animation", "video_note")
NAMES = {"voice": "voice.ogg", "video_note": "video.mp4", "animation": "animation.mp4", "photo": "photo.jpg"}
UNSENDABLE = ("sticker", "location", "venue", "contact", "poll", "dice", "story", "paid_media", "game", "checklist")
MOST_FILES = 9

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file at Telegram's."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote in a topic. `edited`: when he changed it (epoch seconds), 0 for a new one. `root`: what the topic
    was called when we made it, whatever we know of it now. `anonymous`: nobody can say who it was. `whole`: there is
    nothing in it that no channel could carry."""

    user: int
    chat: int
    thread: int
    number: int
    text: str = ""
    files: tuple[File, ...] = ()
    album: str = ""
    edited: int = 0
    root: str = ""
    anonymous: bool = False
    whole: bool = True

    @property
    def key(self) -> str:
        """Names it, however often its update comes."""
        return f"said:{self.chat}:{self.number}:{self.edited}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command in a topic, as `name` and what stands after it."""

    said: Said
    name: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button under a message of ours."""

    query: str
    user: int
    chat: int
    number: int
    act: str
    target: int

    @property
    def key(self) -> str:
        return f"tap:{self.query}"


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody closed a topic by hand, or opened it again."""

    user: int
    chat: int
    thread: int
    number: int
    closed: bool

    @property
    def key(self) -> str:
        return f"turn:{self.chat}:{self.number}"


@dataclass(frozen=True, slots=True)
class Made:
    """A topic that we made is there. `conversation`: for which, 0 if the name does not say so."""

    chat: int
    thread: int
    name: str
    conversation: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The group has another number now."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Alone:
    """Somebody writes to the bot in private."""

    user: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """What is none of the desk's business."""

    why: str = ""


Heard = Said | Asked | Tapped | Turned | Made | Moved | Alone | Nothing


@dataclass(frozen=True, slots=True)
class Place:
    """Which group is the desk, and which bot we are."""

    chat: int
    bot: int
    username: str = ""


def hear(update: Json, place: Place) -> Heard:
    """What one update means; one that is not as Telegram documents it means nothing."""
    try:
        return _hear(update, place)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Nothing(f"{type(error).__name__}: {error}")


def gathered(heard: Iterable[Heard]) -> list[Heard]:
    """Albums come one file a message; they are one thing said."""
    found: list[Heard] = []
    for one in heard:
        last = found[-1] if found else None
        if isinstance(one, Said) and isinstance(last, Said) and _belongs(one, last):
            text = "\n".join(t for t in (last.text, one.text) if t)
            whole = last.whole and one.whole
            found[-1] = replace(last, text=text, files=(*last.files, *one.files), whole=whole)
        else:
            found.append(one)
    return found


def _belongs(one: Said, last: Said) -> bool:
    same = one.album and (one.album, one.user, one.chat) == (last.album, last.user, last.chat)
    return bool(same) and not one.edited and not last.edited and len(last.files) < MOST_FILES


def _hear(update: Json, place: Place) -> Heard:
    if "callback_query" in update:
        return _tapped(update["callback_query"], place)
    edited = "edited_message" in update
    message = update.get("edited_message" if edited else "message")
    if message is None:
        return Nothing("no kind we asked for")
    chat = message["chat"]
    if chat["type"] == "private":
        return Nothing() if edited or message["from"]["is_bot"] else _alone(message)
    if int(chat["id"]) != place.chat:
        return Nothing("another group")
    if "migrate_to_chat_id" in message:
        return Moved(place.chat, int(message["migrate_to_chat_id"]))
    if not message.get("is_topic_message"):
        return Nothing("General")  # what looks like a thread's number there is only the message replied to
    return _in_topic(message, place, edited=edited)


def _tapped(query: Json, place: Place) -> Heard:
    message = query["message"]
    act, _, target = str(query.get("data") or "").partition(":")
    if int(message["chat"]["id"]) != place.chat or not target.isascii() or not target.isdigit():
        return Nothing("a button that is not the desk's")
    user, number = int(query["from"]["id"]), int(message["message_id"])
    return Tapped(str(query["id"]), user, place.chat, number, act, int(target[:18]))


def _alone(message: Json) -> Heard:
    sender = message["from"]
    name = one_line(f"{sender.get('first_name', '')} {sender.get('last_name', '')}")
    return Alone(int(sender["id"]), name, str(message.get("text", "")))


def _in_topic(message: Json, place: Place, *, edited: bool) -> Heard:
    user, thread, number = int(message["from"]["id"]), int(message["message_thread_id"]), int(message["message_id"])
    if user == place.bot:
        created = message.get("forum_topic_created")
        return Nothing("our own") if created is None else made(place.chat, thread, str(created["name"]))
    for name, closed in (("forum_topic_closed", True), ("forum_topic_reopened", False)):
        if name in message:
            return Turned(user, place.chat, thread, number, closed)
    anonymous = int(message.get("sender_chat", {}).get("id", 0)) == place.chat
    if message["from"]["is_bot"] and not anonymous:
        return Nothing("a bot")
    said = _said(message, place, edited=edited, anonymous=anonymous)
    if said is None:
        return Nothing("a service message")
    asked = None if said.text.startswith("//") or PUBLIC.match(said.text) else COMMAND.match(said.text)
    if asked is None:
        return said
    if asked[2] and asked[2].lower() != place.username.lower():
        return Nothing("another bot's command")
    return Asked(said, asked[1].lower())


def made(chat: int, thread: int, name: str) -> Made:
    """A topic of ours, by the name it was made with."""
    return Made(chat, thread, name, cards.conversation(name))


def _said(message: Json, place: Place, *, edited: bool, anonymous: bool) -> Said | None:
    text, files = str(message.get("text", message.get("caption", ""))), _files(message)
    whole = not any(kind in message for kind in UNSENDABLE)
    if not text and not files and whole:
        return None
    root = message.get("reply_to_message") or {}
    ours = int((root.get("from") or {}).get("id", 0)) == place.bot
    called = str((root.get("forum_topic_created") or {}).get("name", "")) if ours else ""
    return Said(
        int(message["from"]["id"]), place.chat, int(message["message_thread_id"]), int(message["message_id"]),
        text=text.strip(), files=files, album=str(message.get("media_group_id", "")),
        edited=int(message.get("edit_date", 1)) if edited else 0, root=called, anonymous=anonymous, whole=whole,
    )  # fmt: skip


def _files(message: Json) -> tuple[File, ...]:
    if message.get("photo"):
        largest = message["photo"][-1]
        return (File(str(largest["file_id"]), NAMES["photo"], int(largest.get("file_size") or 0)),)
    for kind in FILES:
        if kind in message:
            found = message[kind]
            name = str(found.get("file_name") or NAMES.get(kind, kind))
            return (File(str(found["file_id"]), name, int(found.get("file_size") or 0)),)
    return ()


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody means by words in a topic."""

    text: str
    note: bool = False
    public: bool = False


def meant(text: str) -> Meant:
    """`//` begins a note; 公开： and /public an answer that everybody may read."""
    if text.startswith("//"):
        return Meant(text[2:].strip(), note=True)
    if found := PUBLIC.match(text):
        return Meant(text[found.end() :].strip(), public=True)
    return Meant(text)
