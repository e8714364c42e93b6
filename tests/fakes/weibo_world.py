"""A Weibo account's customers, its access token and its budget of calls, and what they may be made to do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response

from tests.fakes import weibo_codes
from tests.fakes.server import Call, Fake, Refusal, control
from tests.fakes.shapes import Malformed

UID, SECRET, TOKEN = "1902538057", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "2.00abcdEFghIJklMNopQRstUVwxYZ0123"
HOUR, DAY, YEAR = 3600.0, 86400.0, 365 * 86400.0
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Customer:
    """Until when he may be written to, and how often yet (None: at will)."""

    until: float = float("-inf")
    left: int | None = 0
    follows: bool = True


class World(Fake):
    """The part of the fake that a test moves. `numeric`: error codes are numbers, as they are today; else text, as in
    the documentation. `calls_per_day`: what a user and an app may ask of the public interfaces."""

    malformed = 10008
    wrong_method: ClassVar = {"GET": 10021, "POST": 10021}
    unknown_path = 10020

    def __init__(
        self,
        *,
        uid: str = UID,
        secret: str = SECRET,
        token: str = TOKEN,
        numeric: bool = True,
        calls_per_day: int = 100,
        clock: Callable[[], float] = time.time,
        port: int = 0,
    ) -> None:
        self.uid, self.secret, self.token = uid, secret, token
        self.numeric, self.calls_per_day = numeric, calls_per_day
        self.customers: dict[str, Customer] = {}
        self.files: dict[str, bytes] = {}
        self.spent: Counter[int] = Counter()
        """Calls of the public interfaces by day."""
        self._dead = 0
        super().__init__(clock=clock, port=port)
        self._ends = self.now() + YEAR

    # -- what customers do -----------------------------------------------------------------------------------------

    @control
    def act(self, uid: str) -> None:
        """He writes, follows, subscribes, taps the menu or scans: at will for 48 hours."""
        self.customers[uid] = Customer(self.now() + 48 * HOUR, None)

    @control
    def mention(self, uid: str) -> None:
        """He names us in public: one message for 48 hours, unless he acted."""
        known = self.customers.get(uid, Customer())
        if known.left is not None or known.until <= self.now():
            self.customers[uid] = Customer(self.now() + 48 * HOUR, 1, known.follows)

    @control
    def leave(self, uid: str) -> None:
        """He unfollows, or unsubscribes: nothing may be sent any more."""
        self.customers[uid] = Customer(follows=False)

    @control
    def user_file(self, fid: str, data: bytes) -> None:
        """A picture or a voice he sends; `fid` is its tovfid."""
        self.files[fid] = data

    # -- what goes wrong -------------------------------------------------------------------------------------------

    @control
    def token_ends(self, days: float) -> None:
        """The token lives so long from now."""
        self._ends = self.now() + days * DAY

    @control
    def kill_token(self, code: int = 21316) -> None:
        """Every call is refused so; 0 for a token that is good again."""
        self._dead = code

    # -- what every call needs -------------------------------------------------------------------------------------

    def authorise(self, told: dict[str, str]) -> None:
        """The token of a form or a query, taken out of it."""
        given = told.pop("access_token", "")
        if not given:
            raise Refusal(10006)
        if given != self.token:
            raise Refusal(21332)
        if self._dead:
            raise Refusal(self._dead)
        if self.now() >= self._ends:
            raise Refusal(21327)

    def budget(self) -> None:
        """One call of today's."""
        day = int((self.now() + 8 * HOUR) // DAY)
        if self.spent[day] >= self.calls_per_day:
            raise Refusal(10023)
        self.spent[day] += 1

    def explain(self, code: int, hint: str) -> str:
        return weibo_codes.explain(code, hint)

    def _refuse(self, call: Call, refusal: Refusal) -> Response:
        told = self.explain(refusal.code, refusal.hint)
        self.refused.append((call.path, refusal.code, told))
        code = refusal.code if self.numeric else str(refusal.code)
        status = 403 if refusal.code in weibo_codes.FORBIDDEN else 400
        return JSONResponse({"error": told, "error_code": code, "request": call.path}, status)


def form(call: Call, needed: Set[str], allowed: Set[str] = frozenset()) -> dict[str, str]:
    """A form with these fields, each once, in UTF-8; `access_token` besides."""
    if call.headers.get("content-type", "").partition(";")[0] != FORM:
        raise Malformed("no form")
    if call.query:
        raise Malformed("a POST has nothing in its address")
    pairs = parse_qsl(call.body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    return _named(pairs, needed, allowed)


def query(call: Call, needed: Set[str], allowed: Set[str] = frozenset()) -> dict[str, str]:
    """A query with these names, `access_token` besides."""
    return _named(list(call.query.items()), needed, allowed)


def _named(pairs: list[tuple[str, str]], needed: Set[str], allowed: Set[str]) -> dict[str, str]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise Malformed("a field comes twice")
    if lacking := needed - {name for name, value in told.items() if value}:
        raise Refusal(10016, sorted(lacking)[0])
    if strange := set(told) - needed - allowed - {"access_token"}:
        raise Malformed(f"there is no {', '.join(sorted(strange))}")
    return told
