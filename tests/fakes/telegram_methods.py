"""What a bot may ask of the Bot API, method by method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.telegram_shapes import (
    MOST_CAPTION,
    MOST_NAME,
    MOST_TEXT,
    Refused,
    Told,
    Upload,
    bad,
    entities,
    keyboard,
    plain,
    sayable,
    utf16,
)
from tests.fakes.telegram_world import BIG, COLORS, GENERAL, RIGHTS, Bot, Chat, Json, Private, Topic, World

SENDS = "chat_id message_thread_id disable_notification protect_content reply_parameters reply_markup"
CAPTIONED = "caption parse_mode caption_entities show_caption_above_media has_spoiler"
BESIDE = "duration width height emoji disable_content_type_detection supports_streaming"
MEDIA = {
    "sendPhoto": ("photo", 10 * 1024 * 1024),
    "sendDocument": ("document", 50 * 1024 * 1024),
    "sendVoice": ("voice", 50 * 1024 * 1024),
    "sendAudio": ("audio", 50 * 1024 * 1024),
    "sendVideo": ("video", 50 * 1024 * 1024),
    "sendAnimation": ("animation", 50 * 1024 * 1024),
    "sendSticker": ("sticker", 512 * 1024),
}
EMOJI = frozenset(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker"
    " find_location record_video_note upload_video_note"
)
OTHER_RIGHTS = (
    "can_be_edited is_anonymous can_manage_chat can_manage_video_chats can_restrict_members can_promote_members"
    " can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
    " can_send_welcome_messages"
)


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


Method = Callable[["Methods", Bot, Told], Any]


class Methods(World):
    """The server's side of every method that kefu may use, and of no other."""

    def method(self, name: str) -> tuple[Method, frozenset[str]]:
        """What serves it, and the parameters it knows; 404 for what this server does not have."""
        if name in MEDIA:
            return Methods._send_media, _names(f"{SENDS} {CAPTIONED} {BESIDE} {MEDIA[name][0]}")
        if name not in METHODS:
            raise Refused(404, "Not Found: method not found")
        served, known = METHODS[name]
        return served, _names(known)

    # ---- oneself and others ---------------------------------------------------------------------------------------

    def _get_me(self, bot: Bot, told: Told) -> Any:
        return bot.user | {
            "can_join_groups": True,
            "can_read_all_group_messages": bot.reads_all,
            "supports_inline_queries": False,
        }

    def _get_chat(self, bot: Bot, told: Told) -> Any:
        number = told.number("chat_id") or 0
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        )
        full = {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": gifts}
        if number > 0:
            return self._private(self._user(bot, number).user) | full
        return self._group(bot, number).object() | full

    def _get_chat_member(self, bot: Bot, told: Told) -> Any:
        chat, user = self._group(bot, told.number("chat_id") or 0), told.number("user_id")
        if user not in self.users:
            raise bad("PARTICIPANT_ID_INVALID")
        if user not in chat.members:
            return {"status": "left", "user": self.users[user]}
        rights = chat.members[user]
        if rights is None:
            return {"status": "member", "user": self.users[user]}
        others = dict.fromkeys(_names(OTHER_RIGHTS), False)
        return {"status": "administrator", "user": self.users[user], **others, **{r: r in rights for r in RIGHTS}}

    def _set_commands(self, bot: Bot, told: Told) -> Any:
        commands = told.json("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad("commands must be an array")
        bot.commands = commands
        return True

    # ---- saying ---------------------------------------------------------------------------------------------------

    def _send_message(self, bot: Bot, told: Told) -> Any:
        text = sayable(plain(told.text("text"), told.text("parse_mode")), MOST_TEXT)
        content: Json = {"text": text}
        if found := entities(text, told.json("entities")):
            content["entities"] = found
        return self._said(bot, told, content)

    def _send_media(self, bot: Bot, told: Told) -> Any:
        kind = next(kind for kind, _ in MEDIA.values() if kind in told.values or kind in told.uploads)
        most = next(most for k, most in MEDIA.values() if k == kind)
        return self._said(bot, told, {kind: self._medium(kind, told.file(kind), most)} | self._caption(told))

    def _caption(self, told: Told) -> Json:
        text = plain(told.text("caption"), told.text("parse_mode"))
        text = sayable(text, MOST_CAPTION, needed=False)
        found = entities(text, told.json("caption_entities"))
        return ({"caption": text} if text else {}) | ({"caption_entities": found} if found else {})

    def _medium(self, kind: str, brought: Upload | str, most: int) -> Any:
        if isinstance(brought, str):
            if brought not in self.files:
                raise bad("wrong file identifier/HTTP URL specified")
            file_id, (name, data) = brought, self.files[brought]
        else:
            if not brought.data:
                raise bad("file must be non-empty")
            if len(brought.data) > most:
                raise Refused(413, "Request Entity Too Large")
            name, data = brought.name, brought.data
            file_id = f"FILE-{next(self._ids)}"
            self.files[file_id] = (name, data)
        about: Json = {"file_id": file_id, "file_unique_id": f"U{file_id}", "file_size": len(data)}
        if kind == "photo":
            if not data.startswith((b"\x89PNG", b"\xff\xd8")):
                raise bad("IMAGE_PROCESS_FAILED")
            return [about | {"width": 90, "height": 60}, about | {"width": 900, "height": 600}]
        if kind in ("document", "audio", "video", "animation"):
            about |= {"file_name": name, "mime_type": "application/octet-stream"}
        if kind in ("voice", "audio", "video", "animation"):
            about["duration"] = 1
        if kind in ("video", "animation", "sticker"):
            about |= {"width": 100, "height": 100}
        return about | ({"type": "regular", "is_animated": False, "is_video": False} if kind == "sticker" else {})

    def _send_location(self, bot: Bot, told: Told) -> Any:
        try:
            place = {name: float(told.values[name]) for name in ("latitude", "longitude")}
        except (KeyError, ValueError):
            raise bad("a location has a latitude and a longitude") from None
        return self._said(bot, told, {"location": place})

    def _send_album(self, bot: Bot, told: Told) -> Any:
        items = told.json("media")
        if not isinstance(items, list) or not 2 <= len(items) <= 10:
            raise bad("media must include 2 to 10 items")
        kinds = {item.get("type") for item in items}
        if not kinds <= {"photo", "video"} and len(kinds) != 1:
            raise bad("documents and audio can't be mixed with other media types")
        made, group = [], f"album-{next(self._ids)}"
        for item in items:
            one = Told({k: v for k, v in item.items() if k != "type"} | told.values, told.uploads)
            brought = Told({"media": item["media"]}, told.uploads).file("media")
            content = {item["type"]: self._medium(item["type"], brought, 50 * 1024 * 1024)} | self._caption(one)
            made.append(self._said(bot, told, content | {"media_group_id": group}))
        return made

    def _send_action(self, bot: Bot, told: Told) -> Any:
        self._where(bot, told)
        if told.text("action") not in _names(ACTIONS):
            raise bad("wrong parameter action in request")
        return True

    def _said(self, bot: Bot, told: Told, content: Json) -> Json:
        """Put a message where the call wants it."""
        place, extra = self._where(bot, told)
        markup = keyboard(told.json("reply_markup"))
        extra |= self._reply(place, told)
        if isinstance(place, Chat):
            self._spend(bot, place.id)
            return self._put(place, content | extra | ({"reply_markup": markup} if markup else {}), sender=bot.user)
        place.last += 1
        message = self._message(place.last, self._private(place.user), bot.user, "", content | extra)
        place.messages[place.last] = message | ({"reply_markup": markup} if markup else {})
        return place.messages[place.last]

    def _where(self, bot: Bot, told: Told) -> tuple[Chat | Private, Json]:
        number, thread = told.number("chat_id"), told.number("message_thread_id")
        if number is None:
            raise bad("chat_id is empty")
        if number > 0:
            if thread is not None:
                raise bad("message thread not found")
            return self._user(bot, number), {}
        chat = self._group(bot, number)
        if thread is None:
            return chat, {}
        topic = self._topic(chat, thread)
        if topic.closed and not self._may(bot, chat):
            raise bad("TOPIC_CLOSED")
        return chat, {"message_thread_id": thread, "is_topic_message": True}

    def _user(self, bot: Bot, number: int) -> Private:
        private = bot.privates.get(number)
        if private is None:
            raise bad("chat not found")
        if private.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return private

    def _topic(self, chat: Chat, thread: int) -> Topic:
        found = chat.topics.get(thread)
        if not chat.is_forum or thread == GENERAL or found is None or found.deleted:
            raise bad("message thread not found")
        return found

    def _may(self, bot: Bot, chat: Chat, right: str = "can_manage_topics") -> bool:
        return right in (chat.members.get(bot.user["id"]) or ())

    def _reply(self, place: Chat | Private, told: Told) -> Json:
        wanted = told.json("reply_parameters")
        if wanted is None:
            return {}
        if not isinstance(wanted, dict) or not isinstance(wanted.get("message_id"), int):
            raise bad("can't parse reply parameters JSON object")
        found = place.messages.get(wanted["message_id"])
        if found is None:
            if wanted.get("allow_sending_without_reply"):
                return {}
            raise bad("message to be replied not found")
        return {"reply_to_message": {k: v for k, v in found.items() if k != "reply_to_message"}}

    # ---- changing -------------------------------------------------------------------------------------------------

    def _edit(self, bot: Bot, told: Told) -> Any:
        place, message = self._own(bot, told)
        changes: Json = {}
        if "text" in told.values:
            changes["text"] = sayable(plain(told.text("text"), told.text("parse_mode")), MOST_TEXT)
            changes["entities"] = entities(changes["text"], told.json("entities"))
        if "caption" in told.values:
            changes |= self._caption(told)
        markup = keyboard(told.json("reply_markup"))
        changes["reply_markup"] = markup
        if all((message.get(name) or None) == (value or None) for name, value in changes.items()):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a"
                " current content and reply markup of the message"
            )
        if isinstance(place, Chat):
            self._spend(bot, place.id)
        message.update({k: v for k, v in changes.items() if v})
        if not markup:
            message.pop("reply_markup", None)
        message["edit_date"] = int(self.now())
        return message

    def _own(self, bot: Bot, told: Told) -> tuple[Chat | Private, Json]:
        place, _ = self._where(bot, told)
        message = place.messages.get(told.number("message_id") or 0)
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != bot.user["id"]:
            raise bad("message can't be edited")
        return place, message

    def _delete_message(self, bot: Bot, told: Told) -> Any:
        place, _ = self._where(bot, told)
        if place.messages.pop(told.number("message_id") or 0, None) is None:
            raise bad("message to delete not found")
        return True

    def _react(self, bot: Bot, told: Told) -> Any:
        place, _ = self._where(bot, told)
        number = told.number("message_id") or 0
        if number not in place.messages:
            raise bad("message to react not found")
        wanted = told.json("reaction") or []
        if any(r.get("type") != "emoji" or r.get("emoji") not in EMOJI for r in wanted) or len(wanted) > 1:
            raise bad("REACTION_INVALID")
        where = place.id if isinstance(place, Chat) else place.user
        self.reactions[where, number] = wanted[0]["emoji"] if wanted else ""
        return True

    def _answer_tap(self, bot: Bot, told: Told) -> Any:
        query, text = told.text("callback_query_id"), told.text("text")
        if not query.startswith(str(bot.user["id"])) or query in self.alerts:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if utf16(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.alerts[query] = text
        return True

    def _pin(self, bot: Bot, told: Told) -> Any:
        place, _ = self._where(bot, told)
        number = told.number("message_id") or 0
        if number not in place.messages:
            raise bad("message to pin not found")
        if isinstance(place, Chat):
            if not self._may(bot, place, "can_pin_messages"):
                raise bad("not enough rights to manage pinned messages in the chat")
            self._spend(bot, place.id)
            place.pinned.append(number)
            pinned = place.messages[number]
            extra = {k: pinned[k] for k in ("message_thread_id", "is_topic_message") if k in pinned}
            self._heard(place, self._put(place, {"pinned_message": pinned} | extra, sender=bot.user))
        return True

    # ---- topics ---------------------------------------------------------------------------------------------------

    def _forum(self, bot: Bot, told: Told) -> Chat:
        chat = self._group(bot, told.number("chat_id") or 0)
        if not chat.is_forum:
            raise bad("the chat is not a forum")
        if not self._may(bot, chat):
            raise bad("not enough rights to manage topics")
        return chat

    def _create_topic(self, bot: Bot, told: Told) -> Any:
        chat, name = self._forum(bot, told), told.text("name").strip()
        color = told.number("icon_color", COLORS[0])
        if not 1 <= utf16(name) <= MOST_NAME:
            raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
        if color not in COLORS:
            raise bad("TOPIC_ICON_COLOR_INVALID")
        self._spend(bot, chat.id)
        content = {"forum_topic_created": {"name": name, "icon_color": color}}
        message = self._put(chat, content, sender=bot.user)
        thread = int(message["message_id"])
        message |= {"message_thread_id": thread, "is_topic_message": True}
        chat.topics[thread] = Topic(thread, name, color, bot.user["id"])
        self._heard(chat, message)
        return {"message_thread_id": thread, "name": name, "icon_color": color}

    def _changed_topic(self, bot: Bot, told: Told) -> tuple[Chat, Topic]:
        chat, thread = self._forum(bot, told), told.number("message_thread_id") or 0
        found = chat.topics.get(thread)
        if found is None or found.deleted:
            raise bad("TOPIC_ID_INVALID" if found is None else "TOPIC_DELETED")
        return chat, found

    def _edit_topic(self, bot: Bot, told: Told) -> Any:
        chat, topic = self._changed_topic(bot, told)
        name = told.text("name", topic.name)
        if not 1 <= utf16(name) <= MOST_NAME:
            raise bad("TOPIC_TITLE_TOO_LONG")
        if name == topic.name:
            raise bad("TOPIC_NOT_MODIFIED")
        self._spend(bot, chat.id)
        topic.name = name
        self._event(chat, topic.id, {"forum_topic_edited": {"name": name}}, bot.user)
        return True

    def _close_topic(self, bot: Bot, told: Told) -> Any:
        return self._turn_topic(bot, told, closed=True)

    def _reopen_topic(self, bot: Bot, told: Told) -> Any:
        return self._turn_topic(bot, told, closed=False)

    def _turn_topic(self, bot: Bot, told: Told, *, closed: bool) -> Any:
        chat, topic = self._changed_topic(bot, told)
        if topic.closed == closed:
            raise bad("TOPIC_NOT_MODIFIED")
        self._spend(bot, chat.id)
        topic.closed = closed
        self._event(chat, topic.id, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, bot.user)
        return True

    def _delete_topic(self, bot: Bot, told: Told) -> Any:
        chat, topic = self._changed_topic(bot, told)
        self.delete(topic.id, group=chat.id)
        return True

    # ---- files ----------------------------------------------------------------------------------------------------

    def _get_file(self, bot: Bot, told: Told) -> Any:
        file_id = told.text("file_id")
        if file_id not in self.files:
            raise bad("wrong file_id or the file is temporarily unavailable")
        _, data = self.files[file_id]
        if len(data) > BIG:
            raise bad("file is too big")
        about = {"file_id": file_id, "file_unique_id": f"U{file_id}", "file_size": len(data)}
        return about | {"file_path": f"files/{file_id}"}


METHODS: Mapping[str, tuple[Method, str]] = {
    "getMe": (Methods._get_me, ""),
    "getChat": (Methods._get_chat, "chat_id"),
    "getChatMember": (Methods._get_chat_member, "chat_id user_id"),
    "setMyCommands": (Methods._set_commands, "commands scope language_code"),
    "sendMessage": (Methods._send_message, f"{SENDS} text parse_mode entities link_preview_options"),
    "sendLocation": (Methods._send_location, f"{SENDS} latitude longitude"),
    "sendMediaGroup": (Methods._send_album, f"{SENDS} media"),
    "sendChatAction": (Methods._send_action, "chat_id message_thread_id action"),
    "editMessageText": (
        Methods._edit,
        "chat_id message_id text parse_mode entities reply_markup link_preview_options",
    ),
    "editMessageCaption": (Methods._edit, "chat_id message_id caption parse_mode caption_entities reply_markup"),
    "editMessageReplyMarkup": (Methods._edit, "chat_id message_id reply_markup"),
    "deleteMessage": (Methods._delete_message, "chat_id message_id"),
    "setMessageReaction": (Methods._react, "chat_id message_id reaction is_big"),
    "answerCallbackQuery": (Methods._answer_tap, "callback_query_id text show_alert url cache_time"),
    "pinChatMessage": (Methods._pin, "chat_id message_id disable_notification"),
    "createForumTopic": (Methods._create_topic, "chat_id name icon_color icon_custom_emoji_id"),
    "editForumTopic": (Methods._edit_topic, "chat_id message_thread_id name icon_custom_emoji_id"),
    "closeForumTopic": (Methods._close_topic, "chat_id message_thread_id"),
    "reopenForumTopic": (Methods._reopen_topic, "chat_id message_thread_id"),
    "deleteForumTopic": (Methods._delete_topic, "chat_id message_thread_id"),
    "getFile": (Methods._get_file, "file_id"),
}
