"""Delivers a push as WeChat does: it hangs up after five seconds and tries again, three times in all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import httpx

from tests.fakes.passive import Fault, Reply
from tests.fakes.pushes import Push, Sender
from tests.fakes.wording import Fields

ATTEMPTS = 3
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt got: a status and a body, or (`status` 0) the reason why it got nothing."""

    push: Push
    status: int
    body: bytes
    took: float
    error: str = ""


@dataclass(slots=True)
class Delivery:
    """A push, what each attempt got, and what the user sees in the end: `reply`, or `fault` with its reason."""

    fields: Fields
    attempts: list[Attempt] = field(default_factory=list)
    reply: Reply | None = None
    fault: str = ""

    def seen(self) -> Reply | None:
        """The reply; a Fault if the user would read that the service is out of order."""
        if self.fault:
            raise Fault(self.fault)
        return self.reply


class Pusher:
    """`patience` is the five seconds, `pause` the time between attempts.

    An answer ends the delivery, a bad one too; `stubborn` tries again after a bad status as well, which the real
    server may do and which must do no harm.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        sender: Sender,
        *,
        attempts: int = ATTEMPTS,
        patience: float = PATIENCE,
        pause: float = 0.0,
        stubborn: bool = False,
    ) -> None:
        self._client, self._url, self.sender = client, url, sender
        self._attempts, self._patience, self._pause, self._stubborn = attempts, patience, pause, stubborn

    async def verify(self, echo: str | None = None) -> None:
        """The console's check of our URL: the echo must come back as it is, and nothing else."""
        push, wanted = self.sender.verification(echo)
        answer = await self._client.get(self._url, params=push.params)
        if (answer.status_code, answer.content) != (200, wanted.encode()):
            raise Fault(f"the URL check got {answer.status_code} {answer.content[:80]!r}, not {wanted!r}")

    async def deliver(self, fields: Fields) -> Delivery:
        """Send the fields until somebody answers; the same message each time, newly signed."""
        delivery = Delivery(self.sender.complete(fields))
        for number in range(self._attempts):
            if number:
                await asyncio.sleep(self._pause)
            attempt = await self.send(self.sender.push(delivery.fields))
            delivery.attempts.append(attempt)
            if attempt.status == 200 or (attempt.status and not self._stubborn):
                break
        self._conclude(delivery)
        return delivery

    async def send(self, push: Push) -> Attempt:
        """One attempt with exactly this request; for retries by hand, and for forged ones."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._client.post(
                    self._url, params=push.params, content=push.body, headers=push.headers, timeout=None
                )
        except TimeoutError:
            return Attempt(push, 0, b"", time.monotonic() - began, f"no answer in {self._patience:g} s")
        except httpx.TransportError as error:
            return Attempt(push, 0, b"", time.monotonic() - began, repr(error))
        return Attempt(push, answer.status_code, answer.content, time.monotonic() - began)

    def _conclude(self, delivery: Delivery) -> None:
        last = delivery.attempts[-1]
        if not last.status:
            delivery.fault = f"{len(delivery.attempts)} attempts without an answer; the last: {last.error}"
            return
        try:
            delivery.reply = self.sender.read(delivery.fields, last.status, last.body)
        except Fault as fault:
            delivery.fault = str(fault)
