"""Which requests are Weibo's: the app's secret, the time and a nonce, sorted, joined and hashed.

Source: open.weibo.com/wiki/Messages_api_start (the App Secret stands where WeChat has a token). It vouches for the
address, not for the body, and a clock that is wrong here must not lose messages: the time is not compared.
"""

from __future__ import annotations

import hashlib
import hmac

from bot.errors import SignatureError
from bot.http import Request

FIELDS = ("signature", "timestamp", "nonce")


def signature(secret: str, timestamp: str, nonce: str) -> str:
    """What Weibo signs a call with (hex SHA-1)."""
    joined = "".join(sorted([secret, timestamp, nonce]))
    return hashlib.sha1(joined.encode("utf-8", "replace")).hexdigest()  # noqa: S324 (Weibo's choice)


def verify(request: Request, secret: str) -> None:
    """Raise SignatureError unless the request proves to be Weibo's. A GET asks for the echo, and must bring one."""
    told, timestamp, nonce = (request.query.get(name, "") for name in FIELDS)
    once = request.doubled.isdisjoint((*FIELDS, "echostr"))
    good = bool(told and timestamp and nonce and once) and hmac.compare_digest(
        signature(secret, timestamp, nonce).encode(), told.lower().encode("utf-8", "replace")
    )
    if (
        not good
        or request.method not in ("GET", "POST")
        or (request.method == "GET" and "echostr" not in request.query)
    ):
        raise SignatureError("not signed by Weibo")
