"""What every endpoint of the web chat works with, and who may come in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from bot.lent import Visitor, Visits
from bot.messages import QuickReply
from channels.web.channel import WebChannel
from channels.web.gate import Gate
from channels.web.origin import welcome
from channels.web.refusal import foreign, unauthorized, unknown_inbox

FirstView = Callable[[str, str], Mapping[str, Any]]
"""(inbox, language) → {"greeting": text, "topics": [{"label", "value"}], "company": name}."""

Suggest = Callable[[str, str, str], Awaitable[Sequence[QuickReply]]]
"""(inbox, what is typed so far, language) → what the visitor may mean, best first. Keeps nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: a hello must come within `hello`, silence is broken after `ping`, a frame must go out within `send`.

    A socket that let `silent` seconds pass without a sign of life is dead. `poll` is the longest long poll.
    """

    hello: float = 10
    ping: float = 20
    send: float = 10
    silent: float = 65
    poll: float = 25


DEFAULT_PACE = Pace()


class Lobby:
    """The inboxes, the ground behind them, and a gate for each."""

    def __init__(
        self,
        channels: Mapping[str, WebChannel],
        visits: Visits,
        first_view: FirstView,
        *,
        suggest: Suggest | None = None,
        public_url: str = "",
        pace: Pace = DEFAULT_PACE,
    ) -> None:
        self.channels, self.visits, self.first_view, self.suggest = channels, visits, first_view, suggest
        self.public_url, self.pace = public_url, pace
        self.gates = {name: Gate(channel.options) for name, channel in channels.items()}

    def inbox(self, connection: HTTPConnection[Any]) -> tuple[WebChannel, Gate]:
        """The inbox in the path."""
        name = connection.path_params["inbox"]
        if name not in self.channels:
            raise unknown_inbox()
        return self.channels[name], self.gates[name]

    def at_home(self, headers: Headers, channel: WebChannel) -> None:
        """Refuse what a stranger's page sends."""
        if not welcome(headers, channel.options.origins, self.public_url):
            raise foreign()

    async def visitor(self, headers: Headers, channel: WebChannel) -> Visitor:
        """Who shows a Bearer token."""
        visitor = await self.visits.visitor(channel.name, bearer(headers))
        if visitor is None:
            raise unauthorized()
        return visitor


def bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not plausible(token := token.strip()):
        raise unauthorized()
    return token


def plausible(token: str) -> bool:
    """Whether it is worth asking the store about."""
    return 0 < len(token) <= 256 and token.isascii() and token.isprintable()


def address(connection: HTTPConnection[Any]) -> str:
    return connection.client.host if connection.client else "unknown"
