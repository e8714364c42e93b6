"""Carries out one call: the files uploaded, the session kept with us, and a repeat known for what it is."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, StoreError, TemporarySendError
from bot.ports import Call, Receipt, Shelf
from channels.wecom import msgid as msgids
from channels.wecom.api import Api, ErrcodeError
from channels.wecom.mending import BAD_MEDIA, TABLE, WRONG_STATE
from channels.wecom.tag import Tag
from channels.wecom.uploads import Uploads

logger = structlog.get_logger(__name__)

SEND = "/cgi-bin/kf/send_msg"
SEND_ON_EVENT = "/cgi-bin/kf/send_msg_on_event"
TRANSFER = "/cgi-bin/kf/service_state/trans"
WITH_US = 1
"""智能助手接待: the API may write."""
SESSION_LASTS = timedelta(hours=48)
REPEATED_WITHIN = timedelta(days=8)
"""Longer than a message waits for its customer."""
UNDELIVERED, UNDELIVERED_LASTS = "undelivered:", timedelta(days=90)
"""Begins the name under which the shelf knows a msgid of a msg_send_fail: people may send it again for so long."""
MOST_FAILURES = 50


class Sending:
    """The talking half of one account."""

    def __init__(self, open_kfid: str, api: Api, shelf: Shelf, tag: Tag, uploads: Uploads) -> None:
        self._open_kfid, self._api, self._shelf, self._tag, self._uploads = open_kfid, api, shelf, tag, uploads

    async def send(self, call: Call) -> Receipt:
        """Raises a SendError that says what to do about it."""
        try:
            msgid = await self._unused(await self._tag.get() + call.key)
            mark = f"sent:{msgid}"
            repeated = await self._shelf.get(mark) is not None
            if not repeated:
                await self._shelf.put(mark, "tried", lasts=REPEATED_WITHIN)
        except StoreError as away:
            raise TemporarySendError(f"the store is away: {away}") from away
        error: SendError
        try:
            return await self._sent(call, msgid)
        except ErrcodeError as refusal:
            # That a used msgid is refused is documented, its errcode is not. What we tried before without learning
            # how it went, and is now refused with a code nobody knows, was taken the first time.
            if repeated and refusal.code not in TABLE:
                logger.info("wecom.sent_before", msgid=msgid, errcode=refusal.code)
                return Receipt(msgid)
            error = refusal.meaning
        except StoreError as away:  # whatever needs the store comes before the message
            error = TemporarySendError(f"the store is away: {away}")
        except SendError as known:
            error = known
        await self._settled(error, "" if repeated else mark)
        raise error

    async def _unused(self, msgid: str) -> str:
        """The msgid; another one for what WeCom took and then could not deliver: it would refuse the old one."""
        for _ in range(MOST_FAILURES):
            if await self._shelf.get(UNDELIVERED + msgid) is None:
                break
            msgid = msgids.again(msgid)
        return msgid

    async def _settled(self, error: SendError, mark: str) -> None:
        """Nothing was sent, unless nobody knows."""
        with contextlib.suppress(StoreError):
            if mark and not isinstance(error, AmbiguousSendError):
                await self._shelf.drop(mark)

    async def _sent(self, call: Call, msgid: str) -> Receipt:
        params = dict(call.params)
        to, code, file = params.pop("touser"), params.pop("code", ""), params.pop("upload", "")
        body = {"msgid": msgid, **await self._with_file(params, file)}
        if code and await self._greeted({"code": code, **body}):
            return Receipt(msgid)
        await self._first_contact(to)
        body = {"touser": to, "open_kfid": self._open_kfid, **body}
        try:
            return _receipt(await self._api.post(SEND, body), msgid)
        except ErrcodeError as refusal:
            if refusal.code == WRONG_STATE:
                await self._take_over(to)
            elif refusal.code == BAD_MEDIA and file:
                body |= await self._with_file(params, file, again=True)
            else:
                raise
        return _receipt(await self._api.post(SEND, body), msgid)

    async def _greeted(self, body: Mapping[str, Any]) -> bool:
        """Whether the welcome code was good for it. It is good once, for 20 seconds; else it goes the common way."""
        try:
            await self._api.post(SEND_ON_EVENT, body)
        except ErrcodeError as refusal:
            if isinstance(error := refusal.meaning, TemporarySendError):
                raise error from None
            logger.info("wecom.welcome_code_dead", errcode=refusal.code)
            return False
        return True

    async def _with_file(self, params: Mapping[str, Any], file: str, *, again: bool = False) -> Mapping[str, Any]:
        """The body with the media id of its file."""
        if not file:
            return params
        kind = params["msgtype"]
        media_id = await self._uploads.media_id("image" if kind == "link" else kind, file, again=again)
        name = "thumb_media_id" if kind == "link" else "media_id"
        return {**params, kind: {**params[kind], name: media_id}}

    async def _first_contact(self, to: str) -> None:
        """Take a session before WeCom gives it to somebody. Whether that was needed, the send will tell."""
        if await self._shelf.get(f"ours:{to}") is None:
            await self._shelf.put(f"ours:{to}", "tried", lasts=SESSION_LASTS)
            try:
                await self._transfer(to)
            except (ErrcodeError, SendError) as error:
                logger.debug("wecom.not_taken", error=str(error))

    async def _take_over(self, to: str) -> None:
        """After "wrong state": ours again, or the reason why it cannot be."""
        try:
            await self._transfer(to)
        except ErrcodeError as refusal:
            if refusal.code in TABLE and not isinstance(error := refusal.meaning, PermanentSendError):
                raise error from None
            raise ErrcodeError(WRONG_STATE, refusal.said) from None

    async def _transfer(self, to: str) -> None:
        whose = {"open_kfid": self._open_kfid, "external_userid": to}
        await self._api.post(TRANSFER, {**whose, "service_state": WITH_US})


def _receipt(told: Mapping[str, Any], msgid: str) -> Receipt:
    given = told.get("msgid")
    return Receipt(given if isinstance(given, str) and given else msgid)
