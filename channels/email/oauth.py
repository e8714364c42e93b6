"""Access tokens for Microsoft and Google (XOAUTH2), asked for before the old one ends. On the shelf: all processes use
one, and only one of them asks. Nothing of it is ever logged.

learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
developers.google.com/workspace/gmail/imap/xoauth2-protocol
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from bot.errors import StoreError, TemporarySendError
from bot.ports import Shelf
from channels.email import mending
from channels.email.options import Options
from channels.email.readers import OAuth

NAME, REFRESH, ASKING = "oauth.token", "oauth.refresh", "oauth.asking"
EARLY = timedelta(minutes=5)
LEAST = timedelta(seconds=60)
HOLD = timedelta(seconds=40)
POLL, WAIT = 0.2, 30.0
WAITS_FOR_A_PERSON = 300.0
GOOGLE = "https://oauth2.googleapis.com/token"
MICROSOFT = ("https://login.microsoftonline.com", "https://outlook.office.com", "https://outlook.office365.com")
CHINA = ("https://login.partner.microsoftonline.cn", "https://partner.outlook.cn", "https://partner.outlook.cn")
"""Where Microsoft logs people in, and whose mail the token is for: a person's, and an application's."""
FINAL = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "access_denied", "invalid_request")


class Access:
    """The token of one mailbox. Without OAuth, none."""

    def __init__(self, options: Options, shelf: Shelf, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options, self._shelf, self._transport = options, shelf, transport
        self._lock = asyncio.Lock()

    async def token(self, refused: str = "") -> str:
        """The token to use now, "" where a password is used; another than the one a server `refused`.

        Raises TemporarySendError, with what a person has to mend where it is that.
        """
        terms = self._options.oauth
        if terms is None:
            return ""
        async with self._lock:
            try:
                return await self._kept(terms, refused) or await self._asked_once(terms, refused)
            except StoreError as error:
                raise TemporarySendError(f"the access token is out of reach: {error}") from error

    async def _kept(self, terms: OAuth, refused: str) -> str:
        told = _read(await self._shelf.get(NAME))
        return str(told["token"]) if told.get("of") == _mark(terms) and told.get("token") != refused else ""

    async def _asked_once(self, terms: OAuth, refused: str) -> str:
        """Ask, unless another process does: then wait for what it gets."""
        held = False
        for _ in range(int(WAIT / POLL)):
            if held := await self._shelf.take(ASKING, lasts=HOLD):
                break
            await asyncio.sleep(POLL)
            if token := await self._kept(terms, refused):
                return token
        try:
            return await self._kept(terms, refused) or await self._asked(terms)
        finally:
            if held:
                await self._shelf.drop(ASKING)

    async def _asked(self, terms: OAuth) -> str:
        kept = _read(await self._shelf.get(REFRESH))
        newest = str(kept["refresh"]) if kept.get("of") == _mark(terms) else terms.refresh_token
        told = await self._post(terms, newest)
        token, seconds = str(told["access_token"]), int(told.get("expires_in", 3600))
        rotated = told.get("refresh_token")
        if rotated and rotated != newest:  # Microsoft gives another one each time
            await self._shelf.put(REFRESH, json.dumps({"of": _mark(terms), "refresh": rotated}))
        lasts = max(timedelta(seconds=seconds) - EARLY, LEAST)
        await self._shelf.put(NAME, json.dumps({"of": _mark(terms), "token": token}), lasts=lasts)
        await self._shelf.mended(mending.TOKEN)
        return token

    async def _post(self, terms: OAuth, refresh: str) -> Mapping[str, Any]:
        url, form = request(terms, refresh, self._china)
        try:
            async with httpx.AsyncClient(timeout=20.0, transport=self._transport) as client:
                answer = await client.post(url, data=form)
                told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            host = httpx.URL(url).host
            raise TemporarySendError(f"{host} could not be asked for a token: {type(error).__name__}") from None
        if isinstance(told, dict) and answer.status_code == 200 and told.get("access_token"):
            return told
        raise self._refused(answer.status_code, told if isinstance(told, dict) else {})

    def _refused(self, status: int, told: Mapping[str, Any]) -> TemporarySendError:
        """What is wrong; the description is left out but for its first line, which names no secret."""
        what = str(told.get("error", ""))[:60] or f"HTTP {status}"
        more = str(told.get("error_description", "")).split("\n")[0].split("Trace ID")[0].strip()[:200]
        reason = f"{what}: {more}" if more else what
        if what not in FINAL:
            return TemporarySendError(f"no access token was given: {reason}")
        said = mending.trouble(mending.TOKEN, self._options, reason)
        return TemporarySendError(f"no access token was given: {reason}", retry_after=WAITS_FOR_A_PERSON, trouble=said)

    @property
    def _china(self) -> bool:
        return self._options.server_in.host.endswith(".cn")


def request(terms: OAuth, refresh: str, china: bool = False) -> tuple[str, Mapping[str, str]]:
    """Where a token is asked for, and with what."""
    form = {"client_id": terms.client_id}
    if terms.client_secret:
        form["client_secret"] = terms.client_secret
    if refresh:
        form |= {"grant_type": "refresh_token", "refresh_token": refresh}
    else:
        form["grant_type"] = "client_credentials"
    if terms.kind == "google":
        return terms.token_url or GOOGLE, form
    login, person, application = CHINA if china else MICROSOFT
    rights = f"{person}/IMAP.AccessAsUser.All {person}/SMTP.Send offline_access"
    form["scope"] = rights if refresh else f"{application}/.default"
    return terms.token_url or f"{login}/{terms.tenant}/oauth2/v2.0/token", form


def _mark(terms: OAuth) -> str:
    """Whose tokens they are: with another one in the settings, the kept ones count no more."""
    told = f"{terms.kind}\n{terms.client_id}\n{terms.tenant}\n{terms.refresh_token}\n{terms.client_secret}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _read(kept: str | None) -> Mapping[str, Any]:
    try:
        told = json.loads(kept or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
