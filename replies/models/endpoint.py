"""One model behind an OpenAI-compatible address: every call within a time and a daily budget, and written down."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx
import structlog

from replies.models.hiding import hide

logger = structlog.get_logger(__name__)

FAILURES: Final = 3
"""After so many in a row nobody is asked for a while …"""
REST: Final = 30.0
"""… of so many seconds, twice as long each further time …"""
LONGEST_REST: Final = 600.0
"""… up to these."""
MOST_BYTES: Final = 4_000_000
_SHOWN: Final = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """`within`: seconds a call may take. `daily_tokens`: no more calls after so many on one (UTC) day. `price`: of a
    million tokens, for the log."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    within: float = 1.5
    daily_tokens: int = 500_000
    price: float = 0.0


class Endpoint:
    """`ask` answers None whenever there is no good answer in time: slow, broken, over budget, or resting."""

    def __init__(self, terms: Terms, *, clock: Callable[[], float] = time.monotonic) -> None:
        headers = {"Authorization": f"Bearer {terms.api_key}"} if terms.api_key else {}
        self.terms = terms
        self._clock = clock
        self._http = httpx.AsyncClient(headers=headers, trust_env=False, follow_redirects=False)
        self._failures = 0
        self._rests_until = 0.0
        self._day: date | None = None
        self._tokens = 0

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self, path: str, body: Mapping[str, Any], today: date, prompt: str, *, within: float | None = None
    ) -> dict[str, Any] | None:
        """The answer to a POST, if it is a JSON object. `prompt` is what the log shows, without personal data;
        `within`: another time than the terms', where nobody waits."""
        if (why := self._refuses(today)) is not None:
            logger.info("model.not_asked", model=self.terms.model, why=why)
            return None
        began = self._clock()
        try:
            async with asyncio.timeout(within or self.terms.within):
                answer, outcome = await self._post(path, body), "ok"
        except TimeoutError:
            answer, outcome = None, "late"
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            answer, outcome = None, f"{type(error).__name__}: {str(error)[:200]}"
        self._judge(answer is not None)
        tokens = _tokens(answer)
        self._tokens += tokens
        logger.info(
            "model.called",
            model=self.terms.model,
            path=path,
            outcome=outcome,
            ms=round((self._clock() - began) * 1000),
            tokens=tokens,
            cost=round(tokens * self.terms.price / 1_000_000, 6),
            prompt=hide(prompt)[:_SHOWN],
        )
        return answer

    def _refuses(self, today: date) -> str | None:
        if today != self._day:
            self._day, self._tokens = today, 0
        if self._tokens >= self.terms.daily_tokens:
            return "the day's tokens are used up"
        return "it rests after failures" if self._clock() < self._rests_until else None

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        url = self.terms.base_url.rstrip("/") + path
        async with self._http.stream("POST", url, json={"model": self.terms.model, **body}) as response:
            response.raise_for_status()
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise ValueError("the answer is too long")
        made = json.loads(data)
        if not isinstance(made, dict):
            raise ValueError("the answer is no JSON object")
        return made

    def _judge(self, good: bool) -> None:
        self._failures = 0 if good else self._failures + 1
        if self._failures >= FAILURES:
            rest = min(REST * 2 ** min(self._failures - FAILURES, 10), LONGEST_REST)
            self._rests_until = self._clock() + rest

    def spoiled(self) -> None:
        """The answer came, and made no sense: that counts as a failure too."""
        self._judge(False)


def _tokens(answer: Mapping[str, Any] | None) -> int:
    usage = answer.get("usage") if answer else None
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and 0 <= total < 10**9 else 0
