"""Logins in a browser: an opaque cookie, kept as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.store import agents
from bot.store.agents import Account, Login
from handoff.desk.ground import DeskGround


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


class Sessions:
    """Begins, looks up and ends logins."""

    def __init__(self, ground: DeskGround) -> None:
        self._store = ground.store
        self._secure = ground.secure
        # The prefix binds the cookie to exactly this host; browsers take it only with Secure.
        self.cookie = "__Host-kefu" if ground.secure else "kefu"

    async def look(self, connection: HTTPConnection) -> Login | None:
        """Whose request this is; None if nobody's."""
        token = connection.cookies.get(self.cookie)
        return None if not token else await self.by_digest(digest(token))

    async def by_digest(self, key: bytes) -> Login | None:
        found = await self._store.read(agents.look, key)
        if found is None:
            return None
        login, stale = found
        if stale:
            await self._store.write(agents.touch, key)
        return login

    async def begin(self, connection: HTTPConnection, agent: Account, response: Response) -> None:
        """Log the agent in with a fresh cookie; whatever cookie the browser came with ends."""
        token = secrets.token_urlsafe(32)
        old = connection.cookies.get(self.cookie)
        await self._store.write(
            agents.begin,
            agent.id,
            digest(token),
            address=address(connection),
            user_agent=connection.headers.get("user-agent", ""),
            old=digest(old) if old else None,
        )
        age = int(agents.LIFETIME / timedelta(seconds=1))
        response.set_cookie(
            self.cookie, token, max_age=age, path="/", httponly=True, secure=self._secure, samesite="lax"
        )  # fmt: skip

    async def end(self, connection: HTTPConnection, response: Response) -> bytes | None:
        """Log out; the digest of the login that ended."""
        token = connection.cookies.get(self.cookie)
        response.delete_cookie(self.cookie, path="/", httponly=True, secure=self._secure, samesite="lax")
        if not token:
            return None
        key = digest(token)
        await self._store.write(agents.end, key)
        return key
