"""The Bot API as the desk uses it. The only page here that knows aiogram; its errors become ours.

`Bot` itself repeats nothing: what to do about an error is the caller's business.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    CreateForumTopic,
    EditMessageText,
    SendDocument,
    SendMessage,
    SendPhoto,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
    User,
)

from handoff.telegram_desk.cards import Buttons
from handoff.telegram_desk.faults import (
    BarredError,
    BusyError,
    CallError,
    GoneError,
    LaterError,
    MovedError,
    VagueError,
)

UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
POLL_WITHIN = 25
"""Seconds Telegram may keep a poll that has nothing to tell."""
CALL_WITHIN = 20
LONGEST_DOWNLOAD = 60
GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
PHOTOS, VOICES = ("image/jpeg", "image/png"), ("audio/ogg",)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
MOST_PHOTO, MOST_UPLOAD = 10 * 1024 * 1024, 50 * 1024 * 1024


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates, unread: one update that aiogram cannot read must not keep all others from us."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"
    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


def _unread(method: Any) -> Any:
    """The method with an answer that is not read: were anything in it that aiogram does not know yet, what was done
    would seem not to be, and be done again."""
    return type(method.__name__, (method,), {"__returning__": dict[str, Any], "__module__": __name__})


Say, Photo, Voice, Document, Change, Make = map(
    _unread, (SendMessage, SendPhoto, SendVoice, SendDocument, EditMessageText, CreateForumTopic)
)


class Calls:
    """One bot at one Bot API server. Every method raises a `faults.CallError` and nothing else."""

    def __init__(self, token: str, *, api_base: str, proxy: str = "") -> None:
        session = AiohttpSession(proxy=proxy or None, api=TelegramAPIServer.from_base(api_base), timeout=CALL_WITHIN)
        self._bot = Bot(token, session=session)

    async def close(self) -> None:
        await self._bot.session.close()

    # ---- asking ---------------------------------------------------------------------------------------------------

    async def me(self) -> Mapping[str, Any]:
        with told():
            return (await self._bot.get_me()).model_dump(mode="json", exclude_none=True)

    async def group(self, chat: int) -> Mapping[str, Any]:
        with told():
            return (await self._bot.get_chat(chat)).model_dump(mode="json", exclude_none=True)

    async def member(self, chat: int, user: int) -> Mapping[str, Any]:
        with told():
            return (await self._bot.get_chat_member(chat, user)).model_dump(mode="json", exclude_none=True)

    async def webhook(self) -> str:
        """Where updates are pushed to instead; empty: nowhere."""
        with told():
            return (await self._bot.get_webhook_info()).url

    async def updates(self, offset: int | None, *, wait: int = POLL_WITHIN) -> Sequence[Mapping[str, Any]]:
        with told():
            method = RawUpdates(offset=offset, timeout=wait, allowed_updates=UPDATES)
            return await self._bot(method, request_timeout=wait + CALL_WITHIN)

    async def download(self, file_id: str) -> bytes:
        with told():
            found = await self._bot.get_file(file_id)
            got = await self._bot.download_file(found.file_path or "", timeout=LONGEST_DOWNLOAD)
            return b"" if got is None else got.read()

    # ---- saying ---------------------------------------------------------------------------------------------------

    async def say(
        self, chat: int, thread: int | None, text: str, *, buttons: Buttons | None = None, reply_to: int = 0,
        mentions: Sequence[Mapping[str, Any]] = (),
    ) -> int:  # fmt: skip
        """A message; its number."""
        return await self._number(
            Say(
                chat_id=chat, text=text, message_thread_id=thread, entities=_entities(mentions),
                reply_markup=_markup(buttons), reply_parameters=_reply(reply_to), link_preview_options=NO_PREVIEW,
            )
        )  # fmt: skip

    async def give(self, chat: int, thread: int, data: bytes, media_type: str, name: str, caption: str) -> int:
        """A file, shown as what it is where Telegram can."""
        file, place = BufferedInputFile(data, name or "file"), {"chat_id": chat, "message_thread_id": thread}
        if media_type in PHOTOS and len(data) <= MOST_PHOTO:
            try:
                return await self._number(Photo(photo=file, caption=caption, **place))
            except CallError as error:
                if type(error) is not CallError:
                    raise  # anything but a picture that Telegram cannot draw: that one goes as a file
        if media_type in VOICES:
            return await self._number(Voice(voice=file, caption=caption, **place))
        return await self._number(Document(document=file, caption=caption, **place))

    async def change(self, chat: int, number: int, text: str, buttons: Buttons) -> None:
        """Other words in a message of ours; the same ones are no fault."""
        with told(fine="message is not modified"):
            words = {"text": text, "reply_markup": _markup(buttons), "link_preview_options": NO_PREVIEW}
            await self._bot(Change(chat_id=chat, message_id=number, **words))

    async def react(self, chat: int, number: int, emoji: str) -> None:
        with told():
            await self._bot.set_message_reaction(chat, number, reaction=[ReactionTypeEmoji(emoji=emoji)])

    async def answer(self, query: str, text: str, *, alert: bool) -> None:
        """To whoever tapped a button; one that waited too long is no fault."""
        with told(fine="query is too old"):
            await self._bot.answer_callback_query(query, text=text, show_alert=alert)

    async def pin(self, chat: int, number: int) -> None:
        with told():
            await self._bot.pin_chat_message(chat, number, disable_notification=True)

    async def _number(self, method: Any, name: str = "message_id") -> int:
        with told():
            return int((await self._bot(method))[name])

    # ---- topics ---------------------------------------------------------------------------------------------------

    async def make_topic(self, chat: int, name: str, color: int) -> int:
        return await self._number(Make(chat_id=chat, name=name, icon_color=color), "message_thread_id")

    async def name_topic(self, chat: int, thread: int, name: str) -> None:
        with told(fine="topic_not_modified"):
            await self._bot.edit_forum_topic(chat, thread, name=name)

    async def turn_topic(self, chat: int, thread: int, *, open: bool) -> None:  # noqa: A002
        """Open it, or close it; one that is so already is no fault."""
        with told(fine="topic_not_modified"):
            if open:
                await self._bot.reopen_forum_topic(chat, thread)
            else:
                await self._bot.close_forum_topic(chat, thread)


def _entities(mentions: Sequence[Mapping[str, Any]]) -> list[MessageEntity] | None:
    return [
        MessageEntity(
            type="text_mention", offset=m["offset"], length=m["length"],
            user=User(id=m["user"], is_bot=False, first_name="."),
        )
        for m in mentions
    ] or None  # fmt: skip


def _markup(buttons: Buttons | None) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.model_validate({"inline_keyboard": buttons}) if buttons else None


def _reply(number: int) -> ReplyParameters | None:
    return ReplyParameters(message_id=number, allow_sending_without_reply=True) if number else None


@contextlib.contextmanager
def told(fine: str = "") -> Iterator[None]:
    """aiogram's errors as ours; what Telegram says with the words `fine` is none."""
    try:
        yield
    except TelegramRetryAfter as error:
        raise LaterError(float(error.retry_after)) from error
    except TelegramMigrateToChat as error:
        raise MovedError(error.migrate_to_chat_id) from error
    except TelegramConflictError as error:
        raise BusyError(error.message) from error
    except (TelegramUnauthorizedError, TelegramForbiddenError, TelegramNotFound) as error:
        raise BarredError(error.message) from error
    except (TelegramBadRequest, TelegramEntityTooLarge) as error:
        said = error.message.lower()
        if fine and fine in said:
            return
        raise (GoneError if any(words in said for words in GONE) else CallError)(error.message) from error
    except TelegramAPIError as error:  # network, 5xx: nobody can say whether it was done
        raise VagueError(error.message) from error
    except (AiogramError, OSError, TimeoutError) as error:
        raise VagueError(f"{type(error).__name__}: {error}"[:300]) from error
