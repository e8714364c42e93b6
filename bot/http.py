"""HTTP as plain records, so that a channel can be tested without a web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook request. Header names are lower case; `query` keeps the first value of each name, `doubled` names those
    that came more than once."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    doubled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Response:
    """What the network gets back."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
