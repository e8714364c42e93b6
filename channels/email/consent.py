"""How a person lets kefu into a mailbox of Microsoft or Google, once: what his browser is shown, what it brings back,
and the refresh token for it (RFC 6749 4.1, RFC 7636, RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bot.errors import KefuError
from channels.email.oauth import MICROSOFT

KINDS = ("microsoft", "google")
GOOGLE = ("https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token")
LOGIN, MAIL, _ = MICROSOFT
SCOPES = {
    "microsoft": f"{MAIL}/IMAP.AccessAsUser.All {MAIL}/SMTP.Send offline_access",
    "google": "https://mail.google.com/",
}


@dataclass(frozen=True, slots=True)
class Application:
    """One registered there. The addresses: where its people are asked, and where tokens are given ("": the usual)."""

    kind: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    tenant: str = "common"
    asks: str = ""
    gives: str = ""

    @property
    def authorize(self) -> str:
        usual = GOOGLE[0] if self.kind == "google" else f"{LOGIN}/{self.tenant}/oauth2/v2.0/authorize"
        return self.asks or usual

    @property
    def token(self) -> str:
        usual = GOOGLE[1] if self.kind == "google" else f"{LOGIN}/{self.tenant}/oauth2/v2.0/token"
        return self.gives or usual


def question(application: Application, redirect: str, state: str, verifier: str) -> str:
    """The page that asks him. `state` and `verifier`: random, and known to us only."""
    digest = hashlib.sha256(verifier.encode()).digest()
    told = {
        "client_id": application.client_id,
        "response_type": "code",
        "redirect_uri": redirect,
        "scope": SCOPES[application.kind],
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if application.kind == "google":  # or it gives no refresh token to who was asked before
        told |= {"access_type": "offline", "prompt": "consent"}
    return f"{application.authorize}?{urlencode(told)}"


def answered(address: str, state: str) -> str:
    """The code in the address his browser was sent to. Raises KefuError where he said no, or it is not our question."""
    told = parse_qs(urlsplit(address.strip()).query)
    if "error" in told:
        raise KefuError(f"it was refused: {told['error'][0]} {told.get('error_description', [''])[0]}".strip()[:300])
    if "code" not in told:
        raise KefuError("there is no code in this address. Copy the whole of it from the browser, with ?code=… in it.")
    if not hmac.compare_digest(told.get("state", [""])[0].encode(), state.encode()):
        raise KefuError("this is the answer to another question. Begin again, and use the newest page.")
    return told["code"][0]


async def exchanged(application: Application, code: str, redirect: str, verifier: str) -> str:
    """The refresh token for a code. Raises KefuError."""
    form: Mapping[str, str] = {
        "client_id": application.client_id,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": verifier,
        **({"client_secret": application.client_secret} if application.client_secret else {}),
    }
    try:
        async with httpx.AsyncClient(timeout=20.0) as client:
            answer = await client.post(application.token, data=form)
            told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise KefuError(f"{httpx.URL(application.token).host} could not be asked: {type(error).__name__}") from None
    if not isinstance(told, dict) or not told.get("refresh_token"):
        said = told.get("error_description", told.get("error", "")) if isinstance(told, dict) else ""
        words = str(said).split("\n")[0][:200] or "it gave no refresh token"
        raise KefuError(f"no permission was given: {words}. Compare client id, secret, tenant and redirect address.")
    return str(told["refresh_token"])
