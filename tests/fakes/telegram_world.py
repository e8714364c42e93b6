"""Telegram as a place: people, bots, chats, forum topics, and what people do there.

Message ids count up in each chat. Updates wait at each bot until it fetches or is pushed them.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Fake, control
from tests.fakes.telegram_shapes import Refused, bad, utf16

TOKEN, DESK_TOKEN = "1001:customers-token-of-the-fake-000000000", "1002:desk-token-of-the-fake-00000000000000"
GROUP = -1001234567890
PER_MINUTE = 20
"""Messages a bot may send into one group in a minute."""
GENERAL = 1
BIG = 20 * 1024 * 1024
"""Bytes that getFile gives out."""
RIGHTS = ("can_manage_topics", "can_pin_messages", "can_delete_messages")
DEFAULT_UPDATES = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)

Json = dict[str, Any]


@dataclass(slots=True)
class Topic:
    id: int
    name: str
    icon_color: int
    by: int
    closed: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Chat:
    """A group: who is in it and with which rights (None: a plain member); `gone_to`: the supergroup it became."""

    id: int
    title: str
    is_forum: bool = True
    members: dict[int, frozenset[str] | None] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    gone_to: int | None = None
    last: int = GENERAL
    """The first message is that of the group's making; it stands for General."""

    def object(self) -> Json:
        about: Json = {"id": self.id, "type": "supergroup", "title": self.title}
        return about | ({"is_forum": True} if self.is_forum else {})


@dataclass(slots=True)
class Private:
    """What stands between one bot and one person."""

    user: int
    blocked: bool = False
    messages: dict[int, Json] = field(default_factory=dict)
    last: int = 0


@dataclass(slots=True)
class Bot:
    token: str
    user: Json
    reads_all: bool = False
    updates: deque[Json] = field(default_factory=deque)
    taken: deque[Json] = field(default_factory=lambda: deque(maxlen=100))
    """Confirmed ones, for those who want them twice."""
    next_update: int = 700_000_001
    privates: dict[int, Private] = field(default_factory=dict)
    webhook: Json = field(default_factory=dict)
    allowed: frozenset[str] = DEFAULT_UPDATES
    poll: int = 0
    """The number of the getUpdates that holds the line."""
    commands: list[Json] = field(default_factory=list)


class World(Fake):
    """`reactions`: (chat, message) → emoji. `alerts`: what answered a tap, by its callback id."""

    malformed = 400

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.bots: dict[str, Bot] = {}
        self.users: dict[int, Json] = {}
        self.groups: dict[int, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.reactions: dict[tuple[int, int], str] = {}
        self.alerts: dict[str, str] = {}
        self.calls: list[tuple[str, Json]] = []
        """(method, values) of everything that was done."""
        self.own_events = True
        """Whether a bot hears of what it did itself. Nothing says so; ours has to live with either."""
        self._spent: defaultdict[tuple[str, int], deque[float]] = defaultdict(deque)
        self._ids = itertools.count(5001)
        self.per_minute = PER_MINUTE
        self.add_bot(TOKEN, "kefu_shop_bot", "小店客服")
        self.add_bot(DESK_TOKEN, "kefu_desk_bot", "客服台")
        self.add_group(GROUP, "客服群")
        self.join(GROUP, DESK_TOKEN, list(RIGHTS))

    # ---- who is there ---------------------------------------------------------------------------------------------

    @control
    def add_bot(self, token: str, username: str, name: str = "Bot") -> int:
        about: Json = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": name, "username": username}
        self.bots[token] = Bot(token, about)
        self.users[about["id"]] = about
        return int(about["id"])

    @control
    def add_user(self, name: str, username: str = "", language: str = "zh-hans", last_name: str = "") -> int:
        """Somebody; his id."""
        about: Json = {"id": next(self._ids), "is_bot": False, "first_name": name, "language_code": language}
        about |= {"username": username} if username else {}
        self.users[about["id"]] = about | ({"last_name": last_name} if last_name else {})
        return int(about["id"])

    @control
    def add_group(self, group: int, title: str, *, is_forum: bool = True) -> None:
        self.groups[group] = Chat(group, title, is_forum)

    @control
    def set_forum(self, group: int, is_forum: bool) -> None:
        self.groups[group].is_forum = is_forum

    @control
    def join(self, group: int, who: str | int, rights: list[str] | None = None) -> None:
        """A person or a bot (by its token) comes into a group; with a list of rights, as an administrator."""
        user = self.bots[who].user["id"] if isinstance(who, str) else who
        self.groups[group].members[user] = None if rights is None else frozenset(rights)

    @control
    def leave(self, group: int, who: str | int) -> None:
        self.groups[group].members.pop(self.bots[who].user["id"] if isinstance(who, str) else who)

    @control
    def migrate(self, group: int, to: int) -> None:
        """The group becomes another one (as a basic group does that becomes a supergroup)."""
        old = self.groups[group]
        new = Chat(to, old.title, old.is_forum, dict(old.members), old.topics, old.messages, old.pinned, None, old.last)
        old.gone_to, self.groups[to] = to, new
        self._heard(old, self._put(old, {"migrate_to_chat_id": to}))

    # ---- what people do -------------------------------------------------------------------------------------------

    @control
    def write(self, user: int, text: str = "", *, to: str = TOKEN, **content: Any) -> int:
        """A person writes to a bot in private; the message's id. `content`: photo, voice … and anything else."""
        bot = self.bots[to]
        private = bot.privates.setdefault(user, Private(user))
        if private.blocked:
            private.blocked = False
            self._member(bot, user, "kicked", "member")
        private.last += 1
        message = self._message(private.last, self._private(user), self.users[user], text, content)
        private.messages[private.last] = message
        self._update(bot, "message", message)
        return private.last

    @control
    def edit(self, user: int, message_id: int, text: str, *, to: str = TOKEN) -> None:
        message = self.bots[to].privates[user].messages[message_id]
        message |= {"text": text, "edit_date": int(self.now())}
        self._update(self.bots[to], "edited_message", message)

    @control
    def block(self, user: int, *, bot: str = TOKEN) -> None:
        self.bots[bot].privates.setdefault(user, Private(user)).blocked = True
        self._member(self.bots[bot], user, "member", "kicked")

    @control
    def say(
        self, user: int, text: str = "", *, group: int = GROUP, topic: int | None = None, reply_to: int | None = None,
        **content: Any,
    ) -> int:  # fmt: skip
        """A person writes in a group (`topic` None: in General); the message's id."""
        chat = self.groups[group]
        extra = self._place(chat, topic, reply_to)
        message = self._put(chat, extra | content, text, self.users[user])
        self._heard(chat, message)
        return int(message["message_id"])

    @control
    def change(self, user: int, message_id: int, text: str, *, group: int = GROUP) -> None:
        """He edits what he said in a group."""
        message = self.groups[group].messages[message_id]
        message |= {"text": text, "edit_date": int(self.now())}
        self._heard(self.groups[group], message, "edited_message")

    @control
    def tap(self, user: int, message_id: int, data: str, *, group: int | None = GROUP, to: str = DESK_TOKEN) -> str:
        """He taps a button with this data; the callback's id. `group` None: in private."""
        bot = self.bots[to]
        messages = bot.privates[user].messages if group is None else self.groups[group].messages
        message = messages[message_id]
        found = [b for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
        if not any(b.get("callback_data") == data for b in found):
            raise KeyError(f"the message has no button {data!r}, but {found}")
        query = f"{bot.user['id']}{next(self._ids)}"
        told = {"id": query, "from": self.users[user], "message": message, "chat_instance": "1", "data": data}
        self._update(bot, "callback_query", told)
        return query

    @control
    def close(self, user: int, topic: int, *, group: int = GROUP) -> None:
        """He closes a topic by hand."""
        self.groups[group].topics[topic].closed = True
        self._event(self.groups[group], topic, {"forum_topic_closed": {}}, self.users[user])

    @control
    def reopen(self, user: int, topic: int, *, group: int = GROUP) -> None:
        self.groups[group].topics[topic].closed = False
        self._event(self.groups[group], topic, {"forum_topic_reopened": {}}, self.users[user])

    @control
    def delete(self, topic: int, *, group: int = GROUP) -> None:
        """Somebody deletes a topic with all that is in it: nobody is told."""
        chat = self.groups[group]
        chat.topics[topic].deleted = True
        for number in [n for n, m in chat.messages.items() if m.get("message_thread_id") == topic]:
            del chat.messages[number]

    @control
    def keep(self, name: str, data: bytes) -> str:
        """A file at Telegram's; its id."""
        file_id = f"FILE-{next(self._ids)}"
        self.files[file_id] = (name, data)
        return file_id

    @control
    def inject(self, token: str, update: Json) -> None:
        """Any update at all; with an update_id of its own, as it is."""
        bot = self.bots[token]
        if "update_id" in update:
            bot.updates.append(update)
        else:
            ((kind, told),) = update.items()
            self._update(bot, kind, told)

    @control
    def again(self, token: str, n: int = 1) -> None:
        """The last confirmed updates come once more, under their old numbers."""
        bot = self.bots[token]
        bot.updates.extendleft(list(bot.taken)[-n:][::-1])

    # ---- what it looks like ---------------------------------------------------------------------------------------

    def topics(self, group: int = GROUP) -> list[Topic]:
        """The topics that are there, in the order they were made."""
        with self.lock:
            return [t for t in self.groups[group].topics.values() if not t.deleted]

    def thread(self, topic: int | None, group: int = GROUP) -> list[Json]:
        """The messages of a topic (None: of General), without service messages."""
        with self.lock:
            return [
                m for m in self.groups[group].messages.values()
                if m.get("message_thread_id") == topic and ("text" in m or "caption" in m or "media" in m or _file(m))
            ]  # fmt: skip

    def said(self, topic: int | None, group: int = GROUP) -> str:
        """All words of a topic, one after another."""
        return "\n".join(str(m.get("text", m.get("caption", ""))) for m in self.thread(topic, group))

    def card(self, topic: int, group: int = GROUP) -> int:
        """The message at the head of a topic that has buttons; 0 if there is none yet."""
        found = [m for m in self.thread(topic, group) if "reply_markup" in m]
        return int(found[0]["message_id"]) if found else 0

    def private(self, user: int, token: str = TOKEN) -> list[Json]:
        """What stands between a person and a bot."""
        with self.lock:
            found = self.bots[token].privates.get(user)
            return [] if found is None else list(found.messages.values())

    # ---- within ---------------------------------------------------------------------------------------------------

    def _private(self, user: int) -> Json:
        about = self.users[user]
        return {"id": user, "type": "private"} | {k: about[k] for k in ("first_name", "username") if k in about}

    def _message(self, number: int, chat: Json, sender: Json, text: str, content: Json) -> Json:
        message: Json = {"message_id": number, "date": int(self.now()), "chat": chat, "from": sender} | content
        if text:
            where = "caption" if _file(message) else "text"
            message[where] = text
            if text.startswith("/"):
                length = utf16(text.split()[0])
                message[f"{'caption_' if where == 'caption' else ''}entities"] = [
                    {"type": "bot_command", "offset": 0, "length": length}
                ]
        return message

    def _put(self, chat: Chat, content: Json, text: str = "", sender: Json | None = None) -> Json:
        chat.last += 1
        message = self._message(chat.last, chat.object(), sender or next(iter(self.users.values())), text, content)
        chat.messages[chat.last] = message
        return message

    def _place(self, chat: Chat, topic: int | None, reply_to: int | None) -> Json:
        extra: Json = {}
        if topic is not None:
            if chat.topics[topic].deleted:
                raise KeyError("that topic is deleted")
            extra = {"message_thread_id": topic, "is_topic_message": True}
        root = reply_to if reply_to is not None else topic
        if root is not None and root in chat.messages:
            extra["reply_to_message"] = {k: v for k, v in chat.messages[root].items() if k != "reply_to_message"}
        if topic is None and reply_to is not None:
            extra["message_thread_id"] = reply_to  # as General does, where no topic is meant
        return extra

    def _event(self, chat: Chat, topic: int, content: Json, sender: Json) -> None:
        extra = {"message_thread_id": topic, "is_topic_message": True}
        self._heard(chat, self._put(chat, content | extra, sender=sender))

    def _heard(self, chat: Chat, message: Json, kind: str = "message") -> None:
        """Bots in a group hear what they may: administrators and those without privacy mode all of it."""
        for bot in self.bots.values():
            if bot.user["id"] not in chat.members or (bot.user == message["from"] and not self.own_events):
                continue
            text = str(message.get("text", ""))
            to_it = text.startswith("/") or message.get("reply_to_message", {}).get("from") == bot.user
            said = any(k in message for k in ("text", "caption")) or _file(message)
            if chat.members[bot.user["id"]] is not None or bot.reads_all or to_it or not said:
                self._update(bot, kind, message)

    def _member(self, bot: Bot, user: int, old: str, new: str) -> None:
        about = {"user": bot.user}
        states = [{**about, "status": s} | ({"until_date": 0} if s == "kicked" else {}) for s in (old, new)]
        told = {"chat": self._private(user), "from": self.users[user], "date": int(self.now())}
        self._update(bot, "my_chat_member", told | {"old_chat_member": states[0], "new_chat_member": states[1]})

    def _update(self, bot: Bot, kind: str, told: Json) -> None:
        if kind in bot.allowed:
            bot.updates.append({"update_id": bot.next_update, kind: _copy(told)})
            bot.next_update += 1

    def _spend(self, bot: Bot, group: int) -> None:
        """One of the twenty messages a minute."""
        spent, now = self._spent[bot.token, group], self.now()
        while spent and spent[0] <= now - 60:
            spent.popleft()
        if len(spent) >= self.per_minute:
            after = math.ceil(spent[0] + 60 - now) or 1
            raise Refused(429, f"Too Many Requests: retry after {after}", retry_after=after)
        spent.append(now)

    def _group(self, bot: Bot, number: int) -> Chat:
        chat = self.groups.get(number)
        if chat is None:
            raise bad("chat not found")
        if chat.gone_to is not None:
            told = "group chat was upgraded to a supergroup chat"
            raise bad(told, migrate_to_chat_id=chat.gone_to)
        if bot.user["id"] not in chat.members:
            raise Refused(403, "Forbidden: bot is not a member of the supergroup chat")
        return chat


def _file(message: Json) -> bool:
    kinds = (
        "photo",
        "document",
        "voice",
        "audio",
        "video",
        "animation",
        "sticker",
        "video_note",
        "location",
        "contact",
    )
    return any(kind in message for kind in kinds)


def _copy(told: Json) -> Json:
    return {k: _copy(v) if isinstance(v, dict) else v for k, v in told.items()}
