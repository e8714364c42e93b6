"""Who vouches for a mail: the Authentication-Results of a server we trust (RFC 8601). Pure.

Only the top-most header counts, and only from a server that is configured: anybody can write one further down.
Without a list of servers nothing is ever `pass`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from channels.email.mail import Headers

UNVERIFIED = "unverified"
DOMAIN = re.compile(r"[@＠]([^\s<>()\[\],;:\"'@＠]{1,255})")
LOOKED_AT = re.compile(r"\bheader\.from=\"?(?:[^\s;@\"]{0,64}@)?([^\s;@\"]{1,255})", re.IGNORECASE)
METHODS = ("dmarc", "dkim", "spf")


@dataclass(frozen=True, slots=True)
class Authentication:
    """What the server found (RFC 8601 §2.7: pass, fail, none, temperror …); `unverified` where nobody we trust says."""

    dmarc: str = UNVERIFIED
    dkim: str = UNVERIFIED
    spf: str = UNVERIFIED
    server: str = ""

    @property
    def proven(self) -> bool:
        """Whether the sender is who he says."""
        return self.dmarc == "pass"


def authentication(headers: Headers, trusted: Collection[str]) -> Authentication:
    """`trusted`: the authserv-ids of the servers that take mail for us, and drop what others wrote in their name."""
    value = headers.first("authentication-results")
    server = value.partition(";")[0].strip().partition(" ")[0].lower()
    if not value or server not in {one.lower() for one in trusted}:
        return Authentication()
    found = _parsed(value, server)
    # The server looked at one From. Where there are two, or it names another, it vouches for somebody else.
    return replace(found, dmarc=UNVERIFIED) if found.proven and not _one_sender(headers, value) else found


def _one_sender(headers: Headers, told: str) -> bool:
    written = list(headers.each("from"))
    domains = {domain.lower() for one in written for domain in DOMAIN.findall(one)}
    looked_at = {domain.lower() for domain in LOOKED_AT.findall(told)}
    return len(written) == 1 and len(domains) == 1 and looked_at <= domains


def _parsed(value: str, server: str) -> Authentication:
    import authres  # only where servers are configured

    try:
        header = authres.AuthenticationResultsHeader.parse_value(value)
        found = [(str(one.method).lower(), str(one.result).lower()) for one in header.results]
    except Exception:  # it raises several kinds; Microsoft's own form is one of the things it does not know
        return Authentication()
    told = {method: _best([result for name, result in found if name == method]) for method in METHODS}
    return Authentication(told["dmarc"], told["dkim"], told["spf"], server)


def _best(results: list[str]) -> str:
    """A mail may have several signatures; one that holds is enough."""
    return "pass" if "pass" in results else results[0] if results else "none"
