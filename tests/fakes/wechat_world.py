"""An Official Account's users, and what they may be made to do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes import media, tokens
from tests.fakes.server import Fake, control
from tests.fakes.windows import Windows

APPID, SECRET = "wxba5fad812f8e6fb9", "0123456789abcdef0123456789abcdef"


@dataclass(slots=True)
class Person:
    """A user who has met the account."""

    windows: Windows = field(default_factory=Windows)
    follows: bool = True
    since: float = 0.0
    scene: str = ""
    seen: float = float("-inf")
    typing_until: float = float("-inf")
    granted: Counter[str] = field(default_factory=Counter)
    """Template id → notices the user said yes to."""


class World(Fake):
    """The part of the fake that a test moves."""

    malformed = 47001

    def __init__(
        self,
        *,
        appid: str = APPID,
        secret: str = SECRET,
        certified: bool = True,
        templates: tuple[str, ...] = ("TEMPLATE-1",),
        clock: Callable[[], float] = time.time,
        port: int = 0,
        per_minute: int = 10_000,
        per_day: int = 500_000,
        forced: int = 20,
        classic_per_day: int = 2000,
    ) -> None:
        self.appid, self.secret, self.certified, self.templates = appid, secret, certified, templates
        self.people: dict[str, Person] = {}
        self.shelf = media.Shelf()
        self._blocked_ip = ""
        self._issued = tokens.Issued("57_")
        self._stable = tokens.Stable(self._issued, per_minute, per_day, forced)
        self._classic = tokens.Classic(self._issued, classic_per_day)
        super().__init__(clock=clock, port=port)

    @control
    def write(self, openid: str) -> None:
        """The user writes: five messages for 48 hours."""
        self._act(openid, "message")

    @control
    def click(self, openid: str) -> None:
        """The user clicks the account's menu, or taps an item of a msgmenu: three messages for a minute."""
        self._act(openid, "click")

    @control
    def follow(self, openid: str, scene: str = "") -> None:
        """The user follows: three messages for a minute."""
        person = self._act(openid, "follow")
        person.follows, person.since, person.scene = True, self.now(), scene

    @control
    def scan(self, openid: str, scene: str = "") -> None:
        """A follower scans our QR code: three messages for a minute."""
        self._act(openid, "scan").scene = scene

    @control
    def unfollow(self, openid: str) -> None:
        """Nothing may be sent to the user any more."""
        person = self._person(openid)
        person.follows = False
        person.windows.close()

    @control
    def grant(self, openid: str, template_id: str, times: int = 1) -> None:
        """The user says yes to so many notices."""
        self._person(openid).granted[template_id] += times

    @control
    def user_media(self, kind: str, data: bytes, filename: str = "") -> str:
        """A file that a user sends; its media_id, to be named in a push."""
        return self.shelf.put(kind, filename, data, self.now()).media_id

    @control
    def expire_media(self, media_id: str) -> None:
        self.shelf.expire(media_id)

    @control
    def expire_tokens(self) -> None:
        """Every token is answered with 42001."""
        self._issued.expire(self.now())

    @control
    def revoke_tokens(self) -> None:
        """Every token is answered with 40001."""
        self._issued.revoke()

    @control
    def block_ip(self, ip: str = "203.0.113.9") -> None:
        """Token requests come from an address that is not in the whitelist; "" for one that is."""
        self._blocked_ip = ip

    @control
    def certify(self, certified: bool) -> None:
        self.certified = certified

    def left(self, openid: str) -> int:
        """Messages that may still be sent to the user."""
        with self.lock:
            return self._person(openid).windows.left(self.now())

    def _person(self, openid: str) -> Person:
        return self.people.setdefault(openid, Person(since=self.now()))

    def _act(self, openid: str, kind: str) -> Person:
        person = self._person(openid)
        person.windows.open(kind, self.now())
        person.seen = self.now()
        return person
