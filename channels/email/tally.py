"""How many automatic mails went where: what the circuit breakers go by, kept on the shelf for all processes."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.ports import Shelf
from channels.email.addresses import normal
from channels.email.autoreply import ACKNOWLEDGED_FOR, Standing
from channels.email.mail import Mail
from channels.email.providers import provider

HOUR, DAY = 3600, 24 * 3600
MOST = 50
"""Times that are remembered: more than any breaker counts to."""


class Tally:
    """Counts by address and by domain. A mail that may be answered is counted before anybody answers it, so that a
    hundred at once are not answered a hundred times; what was really sent is counted by whoever sends."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._seen: tuple[str, Mapping[str, Any], Mapping[str, Any]] | None = None
        self._unwritten: dict[str, Mapping[str, Any]] = {}

    async def standing(self, mail: Mail, known: Standing) -> Standing:
        """What is known of a mail's sender, filled in. Big providers' domains are nobody's: their count is left out."""
        email, now = normal(mail.sender.email), self._shelf.now()
        at = int(now.timestamp())
        address, domain = await self._known(email)
        self._seen = _id(mail), address, domain
        # A process that died between this count and the mail's own transaction has told nobody anything.
        itself = address.get("for") == _id(mail)
        told = 0 if itself else address.get("told", 0)
        texts = [one for one in (address.get("texts") or {}).get(_text(mail), ()) if one > at - DAY]
        of_domain = {} if _shared(email) else domain
        return replace(
            known,
            now=now,
            acknowledged=datetime.fromtimestamp(told, UTC) if told else None,
            hour_to_address=_most(address, at - HOUR, itself),
            day_to_address=_most(address, at - DAY, itself),
            hour_to_domain=_most(of_domain, at - HOUR, _id(mail) in of_domain.get("of", ())),
            same_text=len(texts) - (address.get("last") == _id(mail)),
        )

    async def permitted(self, mail: Mail, *, told: bool) -> None:
        """A mail may be answered automatically. `told`: with a receipt, not only with something of use. Counted once,
        however often a process dies before it has kept the mail. `settle` writes it down."""
        email, at = normal(mail.sender.email), int(self._shelf.now().timestamp())
        known = self._seen[1:] if self._seen and self._seen[0] == _id(mail) else await self._known(email)
        address, domain = map(dict, known)
        if address.get("last") == _id(mail):
            return
        texts = {text: times for text, times in (address.get("texts") or {}).items() if times and times[-1] > at - DAY}
        texts[_text(mail)] = [*texts.get(_text(mail), ()), at][-MOST:]
        address["texts"], address["last"] = dict(list(texts.items())[-MOST:]), _id(mail)
        if told:
            address["told"], address["for"] = at, _id(mail)
            address["may"] = _with(_times(address, "may"), at)
        if _id(mail) not in domain.get("of", ()):
            domain["may"] = _with(_times(domain, "may"), at)
            domain["of"] = [*domain.get("of", ()), _id(mail)][-MOST:]
        self._unwritten |= {_domain(email): domain, _address(email): address}

    async def settle(self) -> None:
        """Write down what was permitted: before the mails are kept, and for all of a page together."""
        unwritten, self._unwritten = self._unwritten, {}
        await asyncio.gather(*(self._put(*one, ACKNOWLEDGED_FOR) for one in unwritten.items()))

    async def _known(self, email: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What is kept about an address, and about its domain."""
        return await asyncio.gather(self._get(_address(email)), self._get(_domain(email)))

    async def sent(self, email: str) -> None:
        """An automatic mail is about to go to this address."""
        at = int(self._shelf.now().timestamp())
        for name in (_address(normal(email)), _domain(normal(email))):
            await self._count(name, "sent", at)

    async def _count(self, name: str, what: str, at: int) -> None:
        kept = await self._get(name)
        await self._put(name, {**kept, what: _with(_times(kept, what), at)}, ACKNOWLEDGED_FOR)

    async def _get(self, name: str) -> Mapping[str, Any]:
        if name in self._unwritten:
            return self._unwritten[name]
        kept = await self._shelf.get(name)
        found = json.loads(kept) if kept else {}
        return found if isinstance(found, dict) else {}

    async def _put(self, name: str, value: Mapping[str, Any], lasts: timedelta) -> None:
        await self._shelf.put(name, json.dumps(value, separators=(",", ":")), lasts=lasts)


def _shared(email: str) -> bool:
    known = provider(email, "")
    return known is not None and bool(known.domains)


def _address(email: str) -> str:
    return f"tally:{hashlib.sha256(email.encode()).hexdigest()[:32]}"


def _domain(email: str) -> str:
    return f"tally@{hashlib.sha256(email.rpartition('@')[2].encode()).hexdigest()[:32]}"


def _id(mail: Mail) -> str:
    return mail.sha256[:16]


def _text(mail: Mail) -> str:
    return hashlib.sha256(mail.new_text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _times(kept: Mapping[str, Any], name: str) -> list[int]:
    return [one for one in kept.get(name) or () if isinstance(one, int)]


def _with(times: list[int], at: int) -> list[int]:
    return [one for one in (*times, at) if one > at - DAY][-MOST:]


def _most(kept: Mapping[str, Any], since: int, itself: bool) -> int:
    """How many went out, or were allowed to, whichever is more. `itself`: the mail in question is among those."""
    return max(_since(_times(kept, "sent"), since), _since(_times(kept, "may"), since) - itself)


def _since(times: list[int], at: int) -> int:
    return len([one for one in times if one > at])
