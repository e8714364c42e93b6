"""What kf/sync_msg reads: each account's messages, the cursors into them and the tokens of the callbacks."""

from __future__ import annotations

import itertools
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

KEPT = 3 * 86400
TOKEN_LASTS = 600

Item = dict[str, Any]


class BadCursor(Exception):
    """Not one of ours, or of another account."""


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Item]
    cursor: str
    more: bool


class Log:
    """Messages in the order they came, per account."""

    def __init__(self) -> None:
        self._items: defaultdict[str, list[tuple[float, Item]]] = defaultdict(list)
        self._cursors: dict[str, tuple[str, int]] = {}
        self._tokens: dict[str, float] = {}
        self._ids = itertools.count(4_622_416_642_169_452_483)

    def add(self, open_kfid: str, now: float, item: Item) -> str:
        """The msgid it got."""
        msgid = f"from_msgid_{next(self._ids)}"
        self._items[open_kfid].append((now, {"msgid": msgid, "send_time": int(now), **item}))
        return msgid

    def token(self, now: float) -> str:
        """What a callback carries."""
        token = "ENC" + secrets.token_urlsafe(32)
        self._tokens[token] = now
        return token

    def token_holds(self, token: str, now: float) -> bool:
        return token in self._tokens and now - self._tokens[token] < TOKEN_LASTS

    def read(self, open_kfid: str, cursor: str, limit: int, now: float) -> Page:
        """What comes after the cursor and is not too old."""
        items = self._items[open_kfid]
        start = self._position(open_kfid, cursor)
        while start < len(items) and now - items[start][0] >= KEPT:
            start += 1
        end = min(start + limit, len(items))
        return Page([item for _, item in items[start:end]], self._cursor(open_kfid, end), end < len(items))

    def empty(self, open_kfid: str, cursor: str) -> Page:
        """A page with nothing on it, though there is more."""
        return Page([], self._cursor(open_kfid, self._position(open_kfid, cursor)), True)

    def _position(self, open_kfid: str, cursor: str) -> int:
        if not cursor:
            return 0
        account, position = self._cursors.get(cursor, ("", 0))
        if account != open_kfid:
            raise BadCursor
        return position

    def _cursor(self, open_kfid: str, position: int) -> str:
        cursor = secrets.token_urlsafe(15)
        self._cursors[cursor] = (open_kfid, position)
        return cursor
