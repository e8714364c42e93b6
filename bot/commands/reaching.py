"""Does the address networks call lead to this kefu? Asked from here, as a network would ask, but unsigned."""

from __future__ import annotations

import asyncio
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

WITHIN = 5.0
OURS = {403: b"refused", 405: b"a webhook is asked by GET or POST"}
"""How an unsigned question is answered by us; the beginning of it."""
BEHIND = {502, 503, 504}


class _Stay(HTTPRedirectHandler):
    """Networks do not follow."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


async def trouble(url: str) -> tuple[bool, str]:
    """Whether it is well as far as anybody here can tell, and what to mend or to look at."""
    try:
        status, body, elsewhere = await asyncio.to_thread(_asked, url)
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        return True, f"this machine itself cannot open it ({reason}): make sure that networks can"
    if elsewhere:
        return False, f"it redirects to {elsewhere[:200]}, and networks do not follow: change public_url or the proxy"
    if status in BEHIND:
        return False, f"the proxy there does not reach kefu (HTTP {status}): see where it passes /webhooks/ on to"
    if status in OURS and body.startswith(OURS[status]):
        return True, ""
    return False, f"something else answers there (HTTP {status}): see that public_url and the proxy lead to this kefu"


def _asked(url: str) -> tuple[int, bytes, str]:
    """Status, the beginning of the body, and where it sends us instead."""
    request = Request(url, headers={"User-Agent": "kefu-check"})  # noqa: S310 (the operator's own address)
    try:
        with build_opener(_Stay()).open(request, timeout=WITHIN) as answer:
            return answer.status, answer.read(200), ""
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read(200), answer.headers.get("Location", "") if 300 <= answer.code < 400 else ""
