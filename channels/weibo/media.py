"""Pictures and voices of customers, fetched by their `tovfid`.

Source: open.weibo.com/wiki/Receive_General_Message (msget).
"""

from __future__ import annotations

from pathlib import PurePath

from bot.errors import PermanentSendError, TemporarySendError
from bot.messages import Attachment, Kind
from bot.ports import Stored
from channels.wechat.media import sniff
from channels.weibo.api import Api
from channels.weibo.errors import RefusedError

MSGET = "/2/mss/msget"
FAMILY = {Kind.IMAGE: "image/", Kind.VOICE: "audio/"}


async def fetch(api: Api, attachment: Attachment, *, limit: int) -> Stored:
    """Raises TemporarySendError to try again, PermanentSendError when it will never come."""
    if not attachment.source:
        raise PermanentSendError("Weibo named no file")
    try:
        data = await api.download(api.options.upload_base + MSGET, {"fid": attachment.source}, limit)
    except RefusedError as refusal:
        raise refusal.meaning from None
    return _judged(attachment, data)


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
