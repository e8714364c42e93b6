"""WeCom's callbacks: always sealed, always XML, and no message inside: they only say that there is something to fetch.

Pure. The envelope is that of the Official Account, sealed for the company (corp_id); here the echostr is sealed too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import PayloadError
from bot.http import Request, Response
from channels.wechat.codec import Codec, Form, form_of, read

ARRIVED = "kf_msg_or_event"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a callback says. `token` lets us fetch without the strict limit, for ten minutes."""

    event: str
    account: str = ""
    token: str = field(default="", repr=False)


def verify(codec: Codec, request: Request) -> None:
    """Raises SignatureError unless it was signed and sealed for us; PayloadError if it is no envelope at all."""
    _opened(codec, request)


def notice(codec: Codec, request: Request) -> Notice | None:
    """What the callback says; None for the check of our address. Raises PayloadError when it makes no sense."""
    if request.method != "POST":
        return None
    opened = _opened(codec, request)
    if form_of(opened) is not Form.XML:
        raise PayloadError("the callback is not XML")
    fields = read(opened)
    event, account, token = (fields.get(name) for name in ("Event", "OpenKfId", "Token"))
    return Notice(_word(event), _word(account), _word(token))


def acknowledge(codec: Codec, request: Request) -> Response:
    """The check of our address wants its echostr back, opened; a callback wants `success`."""
    if request.method != "POST":
        return Response(body=_opened(codec, request))
    return Response(body=b"success")


def _opened(codec: Codec, request: Request) -> bytes:
    if request.method != "POST":
        return codec.open(request.query, request.query.get("echostr"))
    return codec.open(request.query, read(request.body).get("Encrypt"))


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
