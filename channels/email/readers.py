"""What the value of each option of a mailbox must be; a reader raises ValueError with the mend."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.email.providers import BY_NAME
from channels.email.smtp import Security
from channels.wechat.options import Reader, address, flag, matching, values

LATER = "now"
HOST = r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+"
EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+"


@dataclass(frozen=True, slots=True)
class OAuth:
    """How an access token is asked for. `kind` is microsoft or google. Without `refresh_token` Microsoft is asked on
    the application's own behalf (client credentials)."""

    kind: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    tenant: str = "common"
    token_url: str = ""


def _text(words: str, most: int = 256) -> Reader:
    def reader(value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
            raise ValueError(words)
        return value.strip()

    return reader


def _password(value: Any) -> str:
    """Of figures alone, too: a variable of the environment reads as a number then."""
    number = isinstance(value, int) and not isinstance(value, bool)
    return str(_text("must be the password or authorisation code, as text", 4096)(str(value) if number else value))


def _number(low: int, high: int, what: str) -> Reader:
    def reader(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be {what} from {low} to {high}")
        return value

    return reader


def _security(value: Any) -> Security:
    if value not in [one.value for one in Security]:
        raise ValueError('must be "tls", "starttls" or "none"')
    return Security(value)


def _provider(value: Any) -> str:
    if value not in BY_NAME:
        raise ValueError(f"must be one of: {', '.join(BY_NAME)} – or leave it out and set imap_host and smtp_host")
    return str(value)


def _list(one: Reader, words: str) -> Reader:
    def reader(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError(words)
        return tuple(map(one, value))

    return reader


def _history(value: Any) -> timedelta | None:
    if value == LATER:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 3650:
        raise ValueError('must be "now" (what comes from now on) or the number of days back to begin at, 1 to 3650')
    return timedelta(days=value)


def _trusted(value: Any) -> str:
    """PEM, or a file of it."""
    if not isinstance(value, str) or not value:
        raise ValueError("must be a file of certificates (PEM)")
    try:
        pem = value if "-----BEGIN" in value else Path(value).read_text("ascii")
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise ValueError("must be a file of certificates in PEM form: -----BEGIN CERTIFICATE-----") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    return pem


def _oauth(value: Any) -> OAuth:
    if not isinstance(value, Mapping):
        raise ValueError('must be a table like {kind = "microsoft", client_id = "…", refresh_token = "env:NAME"}')
    told, problems = values(value, OAUTH)
    wanted = {"kind": 'kind is missing: "microsoft" or "google"', "client_id": "client_id is missing"}
    problems += [("", words) for key, words in wanted.items() if key not in value]
    alone = told.get("kind") == "microsoft" and told.get("client_secret") and told.get("tenant")
    if "refresh_token" not in value and not alone:
        problems.append(("", "refresh_token is missing (only Microsoft does without: client_secret and tenant)"))
    if problems:
        raise ValueError("is wrong: " + "; ".join(words for _, words in problems))
    return OAuth(**told)


def _kind(value: Any) -> str:
    if value not in ("microsoft", "google"):
        raise ValueError('must be "microsoft" or "google"')
    return str(value)


OAUTH: Mapping[str, Reader] = {
    "kind": _kind,
    "client_id": matching(r"[!-~]{4,256}", "must be the application's id, without spaces"),
    "client_secret": matching(r"[!-~]{1,512}", "must be the application's secret (its value, not its id)"),
    "refresh_token": matching(r"[!-~]{8,8192}", "must be a refresh token, without spaces"),
    "tenant": matching(r"[A-Za-z0-9.-]{1,128}", "must be the directory (tenant) id"),
    "token_url": address("https://login.microsoftonline.com/…/oauth2/v2.0/token"),
}
_address = matching(EMAIL, 'must be an address like "support@shop.example" (a domain of other letters as xn--…)')
_host = matching(HOST, 'must be a host\'s name like "imap.shop.example"')
READERS: Mapping[str, Reader] = {
    "address": _address,
    "password": _password,
    "from_name": _text('must be how the company calls itself, like "示例商店客服", 100 characters at most', 100),
    "login": _text("must be the name the mailbox logs in with"),
    "provider": _provider,
    "imap_host": _host,
    "imap_port": _number(1, 65535, "a port"),
    "imap_security": _security,
    "smtp_host": _host,
    "smtp_port": _number(1, 65535, "a port"),
    "smtp_security": _security,
    "smtp_login": _text("must be the name mail is handed in with"),
    "smtp_password": _password,
    "aliases": _list(_address, 'must be a list of addresses like ["sales@shop.example"]'),
    "trusted_certificate": _trusted,
    "history": _history,
    "junk_folder": _text("must be the folder's name"),
    "sent_folder": _text("must be the folder's name"),
    "keep_sent": flag,
    "authserv_ids": _list(matching(r"[!-~]{1,253}", "must be names like mx.google.com"), "must be a list of names"),
    "plus_addressing": flag,
    "empty_envelope": flag,
    "secret": matching(r"[!-~]{16,256}", "must be at least 16 letters and digits, without spaces, kept for ever"),
    "poll_seconds": _number(10, 86_400, "a whole number of seconds"),
    "limit_megabytes": _number(1, 200, "a whole number of megabytes"),
    "oauth": _oauth,
}
