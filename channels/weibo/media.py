"""Pictures and voices of customers, fetched by their `tovfid`; those of posts by their address.

Source: open.weibo.com/wiki/Receive_General_Message (msget).
"""

from __future__ import annotations

import re
from pathlib import PurePath

from bot.errors import PermanentSendError, TemporarySendError
from bot.messages import Attachment, Kind
from bot.ports import Stored
from channels.wechat.media import sniff
from channels.weibo.api import Api
from channels.weibo.errors import RefusedError

MSGET = "/2/mss/msget"
HOSTS = re.compile(r"https://(?:[a-z0-9-]{1,30}\.){1,3}(?:sinaimg|sina\.com)\.cn/")
FAMILY = {Kind.IMAGE: "image/", Kind.VOICE: "audio/"}


async def fetch(api: Api, attachment: Attachment, *, limit: int) -> Stored:
    """Raises TemporarySendError to try again, PermanentSendError when it will never come."""
    if attachment.url and not attachment.source:
        return _judged(attachment, await _picture(api, attachment.url, limit))
    if not attachment.source:
        raise PermanentSendError("Weibo named no file")
    try:
        data = await api.download(api.options.upload_base + MSGET, {"fid": attachment.source}, limit)
    except RefusedError as refusal:
        raise refusal.meaning from None
    return _judged(attachment, data)


async def _picture(api: Api, url: str, limit: int) -> bytes:
    """A picture of a post, from Sina's hosts alone: whoever posts must not choose where we look. They want to hear
    from which page they are asked."""
    if not (HOSTS.match(url) or url.startswith(f"{api.options.upload_base}/")):
        raise PermanentSendError("the picture is not on Weibo's hosts")
    return await api.open(url, {"Referer": "https://weibo.com/"}, limit)


def _judged(attachment: Attachment, data: bytes) -> Stored:
    """The file under the type its bytes show. A voice may be of a kind that has no mark."""
    if not data:
        raise PermanentSendError("the file is empty")
    media_type, ending = sniff(data)
    if not media_type and data.lstrip()[:1] == b"<":
        raise TemporarySendError("Weibo answered with a page instead of the file")
    unmarked = not media_type and attachment.kind is Kind.VOICE
    if not (unmarked or media_type.startswith(FAMILY.get(attachment.kind, ""))):
        raise PermanentSendError(f"the file is no {attachment.kind.value}")
    name = PurePath(attachment.name).stem or attachment.kind.value
    return Stored(data, media_type or attachment.media_type, f"{name}.{ending}" if ending else attachment.name)
