"""The options of a mailbox, read strictly. With a provider we know, `address` and `password` are enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from bot.errors import OptionsError
from channels.email.addresses import normal
from channels.email.imap import Account
from channels.email.providers import BY_NAME, Code, Place, Provider, provider
from channels.email.readers import READERS, OAuth
from channels.email.smtp import Relay, Security
from channels.wechat.options import Problem, values

PORTS = {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143}
SMTP_PORTS = {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class Options:
    """One mailbox.

    `name` is how the company calls itself in From. `server_in` and `server_out`: IMAP and SMTP; `trusted`: PEM of the
    certificates believed besides the machine's own. `history`: how much of what lay there before the first start is
    taken in (None: nothing). `junk`, `sent`: folders by name, "" where the server's word is taken. `files`: a mail
    handed in by SMTP lies in Sent by itself; `keep_sent`: otherwise we put it there. `authserv`: the servers whose
    Authentication-Results count. `plus`: mail to name+anything@ arrives. `secret` signs what goes out ("": one is made
    and kept). `empty_envelope`: automatic mail is sent from <> (RFC 3834), which QQ and 163 refuse.
    """

    address: str
    server_in: Place
    server_out: Place
    password: str = field(default="", repr=False)
    login: str = ""
    smtp_login: str = ""
    smtp_password: str = field(default="", repr=False)
    name: str = ""
    aliases: tuple[str, ...] = ()
    trusted: str = field(default="", repr=False)
    history: timedelta | None = None
    junk: str = ""
    sent: str = ""
    files: bool = False
    keep_sent: bool = True
    authserv: tuple[str, ...] = ()
    plus: bool = False
    empty_envelope: bool = False
    secret: str = field(default="", repr=False)
    poll_seconds: int = 180
    limit_megabytes: int = 40
    oauth: OAuth | None = None
    provider: Provider | None = None

    @property
    def own(self) -> frozenset[str]:
        """Our addresses, as `addresses.normal` has them."""
        return frozenset(map(normal, (self.address, *self.aliases)))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def envelope(self) -> str:
        """Who the server is told the mail is from: whoever logs in, as QQ and 163 will have it."""
        login = self.smtp_login or self.login
        return login if login.lower().endswith(f"@{self.domain}") and "/" not in login else self.address

    def imap(self, token: str = "") -> Account:
        """`token`: of OAuth, which then stands in place of the password."""
        place = self.server_in
        return Account(
            place.host, place.port, self.login, self.password, place.security, self.trusted,
            limit=self.limit_megabytes * 1_000_000, token=token,
        )  # fmt: skip

    def relay(self, token: str = "") -> Relay:
        place = self.server_out
        login, password = self.smtp_login or self.login, self.smtp_password or self.password
        return Relay(place.host, place.port, place.security, login, password, self.trusted, token=token)


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    told, problems = values(options, READERS)
    if not options.get("address"):
        problems.append(("", 'address is missing: the mailbox customers write to, like "support@shop.example"'))
        raise OptionsError(name, problems)
    known = provider(told.get("address", ""), told.get("provider", ""))
    if "address" in told:
        problems += _servers(told, known)
        problems += _entrance(told, options, known)
    if problems:
        raise OptionsError(name, problems)
    return _made(told, known)


def _servers(told: dict[str, Any], known: Provider | None) -> list[Problem]:
    """Puts `server_in` and `server_out` into what was told."""
    problems: list[Problem] = []
    for ours, kind, ports in (("server_in", "imap", PORTS), ("server_out", "smtp", SMTP_PORTS)):
        usual = getattr(known, kind) if known else None
        host = told.pop(f"{kind}_host", "") or (usual.host if usual else "")
        security = told.pop(f"{kind}_security", None)
        port = told.pop(f"{kind}_port", None)
        same = usual is not None and host == usual.host and security in (None, usual.security)
        security = security or (usual.security if same and usual else _guessed(port))
        told[ours] = Place(host, port or (usual.port if same and usual else ports[security]), security)
        if not host:
            problems.append(("", f"{kind}_host is missing: {_domain(told)} is at no provider known here. Set "
                             f"{kind}_host, or provider to the one that hosts it: {', '.join(BY_NAME)}"))  # fmt: skip
        elif security is Security.NONE and not _near(host):
            problems.append((f"{kind}_security", f'{kind}_security = "none" would send the password through the net '
                             f'for all to read: set "tls" or "starttls" ({host} is not in this network)'))  # fmt: skip
    return problems


def _guessed(port: int | None) -> Security:
    return Security.STARTTLS if port in (25, 143, 587) else Security.TLS


def _domain(told: Mapping[str, Any]) -> str:
    return str(told["address"]).rpartition("@")[2]


def _near(host: str) -> bool:
    """This machine, or one in its own network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".localdomain"))


def _entrance(told: Mapping[str, Any], options: Mapping[str, Any], known: Provider | None) -> list[Problem]:
    """What we log in with."""
    if known and known.code is Code.OAUTH and "oauth" not in options:
        return [
            ("password", f"{known.name} takes no password from programs any more: set oauth = {{…}} ({known.where})")
        ]
    if "password" in options and "oauth" in options:
        return [("password", "password and oauth are two ways in: give one")]
    if "password" in options or "oauth" in options:
        return []
    what = f"{known.code}" if known else "what the mailbox logs in with"
    where = f" ({known.where})" if known and known.where else ""
    return [("", f'password is missing: {what}{where}. Write password = "env:NAME" to keep it out of this file')]


def _made(told: dict[str, Any], known: Provider | None) -> Options:
    told["provider"] = known
    told.setdefault("login", told["address"])
    told["plus"] = told.pop("plus_addressing", known.plus if known else False)
    told["files"] = known.files if known else False
    told.setdefault("authserv", known.authserv if known else ())
    if known and known.code is Code.APP and "password" in told:
        told["password"] = told["password"].replace(" ", "")  # they are shown in groups
    for option, ours in RENAMED.items():
        if option in told:
            told[ours] = told.pop(option)
    return Options(**told)


RENAMED = {
    "from_name": "name",
    "junk_folder": "junk",
    "sent_folder": "sent",
    "authserv_ids": "authserv",
    "trusted_certificate": "trusted",
}
