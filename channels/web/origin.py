"""Whose page is asking: our own frame, an allowed page, or a stranger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


def welcome(headers: Mapping[str, str], origins: Sequence[str], public_url: str = "") -> bool:
    """Whether a request may act. Programs send no Origin and are welcome: a token, not a cookie, is what counts."""
    origin = headers.get("origin")
    if origin is None or headers.get("sec-fetch-site") == "same-origin":
        return True
    # A proxy that ends TLS makes our own scheme unknowable, so our own host is enough.
    own = {_address(headers.get("host", ""), origin), _address(public_url, origin)} - {None}
    return _address(origin) in own or any(matches(origin.lower(), one) for one in origins)


def matches(origin: str, allowed: str) -> bool:
    """Whether an origin is the allowed one, or under it where that starts with `*.`."""
    scheme, wild, host = allowed.partition("://*.")
    if not wild:
        return origin == allowed
    return origin.startswith(f"{scheme}://") and origin.endswith(f".{host}")


def _address(url: str, like: str = "") -> tuple[str, int | None] | None:
    """Host and port; a bare host gets the default port of the scheme of `like`."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        port = parts.port or PORTS.get(parts.scheme or urlsplit(like).scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None
