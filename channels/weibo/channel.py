"""One Weibo account: what the ground calls, handed to the parts that do it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.http import Request, Response
from bot.messages import Attachment, Incoming, Outgoing
from bot.ports import Accept, Call, Capabilities, Finding, Measure, Receipt, Shelf, Stored
from channels.weibo import checking, inbound, life, media, outbound, sending, signing, statuses
from channels.weibo.api import Api
from channels.weibo.budget import Budget
from channels.weibo.fields import ident, load
from channels.weibo.options import Options, read
from channels.weibo.polling import Polling
from channels.weibo.publishing import Publishing
from channels.weibo.spam import Account
from channels.weibo.troubles import ON_SEND

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

PUBLIC = Capabilities(
    max_text=outbound.MAX_COMMENT,
    measure=Measure.HALF_WIDTHS,
    remembers=True,
    pauses=tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800)),
    retry_for=timedelta(hours=26),
    mend_for=timedelta(hours=50),
    send_mends=(*ON_SEND, "calls"),
)
"""A comment: no window, no file, no button. It may wait for tomorrow's calls; each attempt costs one."""


def capabilities(options: Options) -> Capabilities:
    """Weibo takes no files from us: the interface for private messages has none."""
    return Capabilities(
        max_text=outbound.MAX_TEXT,
        reply_window=timedelta(hours=options.window_hours),
        quota=options.window_messages,
        reserve=1 if (options.window_messages or 0) > 1 else 0,
        answer_within=timedelta(seconds=4.5),
        asks_again=timedelta(seconds=15),
        mend_for=timedelta(hours=options.window_hours),
        send_mends=ON_SEND,
        public=PUBLIC,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs a shelf."""

    shelf: Shelf
    api: Api
    budget: Budget
    polling: Polling
    publishing: Publishing


class WeiboChannel:
    """A Channel, and a Listener, Borrower, Fetcher and Rereader."""

    kind = "weibo"

    def __init__(
        self, name: str, given: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name, self.options = name, read(name, given)
        self.capabilities = capabilities(self.options)
        self._transport = transport
        self._lent: _Parts | None = None

    def borrow(self, shelf: Shelf) -> None:
        api = Api(self.options, shelf, self._transport)
        budget = Budget(self.options, shelf)
        polling = Polling(self.options, api, shelf, budget)
        self._lent = _Parts(shelf, api, budget, polling, Publishing(self.options, api, shelf, budget))

    @property
    def _parts(self) -> _Parts:
        if self._lent is None:
            raise RuntimeError("a Weibo inbox needs a shelf first (borrow)")
        return self._lent

    # ---- webhook ----

    def verify(self, request: Request) -> None:
        signing.verify(request, self.options.app_secret)

    def parse(self, request: Request) -> Sequence[Incoming]:
        if request.method == "GET":
            return []
        allowed = inbound.Allowed(timedelta(hours=self.options.window_hours), self.options.window_messages)
        told = inbound.messages(load(request.body), own=self.options.uid, allowed=allowed)
        told = statuses.pushed(told, Account(self.options.uid, self.options.ignore))
        # What is public is looked up first (`ring`): a push names neither the author nor what he speaks of.
        looked_up = self._lent is not None and self._lent.polling.running
        return [one for one in told if not (one.public and looked_up)]

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        """The echo for the console's check; else nothing, or what the customer reads at once."""
        if request.method == "GET":
            headers = {"X-Content-Type-Options": "nosniff"}
            return Response(200, request.query["echostr"].encode("utf-8", "replace"), TEXT, headers)
        if answer is None or not answer.text.strip():
            return Response(200, b"", TEXT)
        push = load(request.body)
        sender, receiver = ident(push, "sender_id"), ident(push, "receiver_id") or self.options.uid
        return Response(200, outbound.passive(answer, push, sender, receiver), JSON)

    def ring(self, request: Request) -> None:
        """A push may tell of a public word that it does not tell whole."""
        if request.method == "POST":
            self._parts.polling.ring(request)

    @staticmethod
    def reread(payload: bytes) -> Sequence[Incoming]:
        return inbound.reread(payload)

    # ---- calls ----

    async def listen(self, accept: Accept) -> None:
        """The token's life is watched always, what is said in public only where that is wanted."""
        tasks = [asyncio.create_task(life.watch(self._parts.api, self._parts.shelf))]
        if self.options.public:
            tasks.append(asyncio.create_task(self._parts.polling.run(accept)))
        try:
            over, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in over:
                task.result()  # what ended it is told to the ground as it is, which begins anew
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return outbound.calls(outgoing)

    async def send(self, call: Call) -> Receipt:
        if call.name == outbound.PUBLIC:
            return await self._parts.publishing.send(call)
        return await sending.send(self._parts.api, self._parts.shelf, call)

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        return await media.fetch(self._parts.api, attachment, limit=limit)

    async def check(self) -> Sequence[Finding]:
        return await checking.findings(self._parts.api, self._parts.shelf, self._parts.budget)

    async def close(self) -> None:
        if self._lent is not None:
            await self._lent.api.close()
