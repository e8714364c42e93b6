"""A disk that really takes no more bytes: the network hears 503, and everything it was told "taken" is there."""

from __future__ import annotations

import asyncio
import resource
from pathlib import Path

import httpx

from tests.crash.fleet import Fleet
from tests.crash.inboxes import SECRET
from tests.crash.server import Orders
from tests.crash.upstream import Upstream
from tests.crash.verdict import judge, quiet
from tests.plugins.kefu_relay import SIGNATURE, payload, sign

ROOM = 400_000
"""Bytes the files may still grow by."""
LONG = "长" * 1500


async def post(client: httpx.AsyncClient, url: str, sender: str, text: str) -> int:
    body = payload((text, sender, text))
    answer = await client.post(f"{url}/webhooks/shop", content=body, headers={SIGNATURE: sign(SECRET, body)})
    return answer.status_code


async def test_a_disk_that_takes_no_more_is_no_reason_to_lie(tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"
    url = f"sqlite:///{path}"
    async with Upstream() as upstream, Fleet(Orders(url, 0, upstream.url), tmp_path / "servers.log") as fleet:
        (place,) = fleet.places
        await fleet.start(place)
        assert place.process is not None
        used = max(f.stat().st_size for f in (path, Path(f"{path}-wal")))
        limits = resource.prlimit(place.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(place.process.pid, resource.RLIMIT_FSIZE, (used + ROOM, limits[1]))
        taken: list[str] = []
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            statuses = []
            for n in range(1000):
                text = f"li-{n} {LONG}"
                statuses.append(await post(client, place.url, "li", text))
                if statuses[-1] == 200:
                    taken.append(text)
                if statuses[-5:] == [503] * 5:
                    break
            assert set(statuses) == {200, 503}
            assert (await client.get(f"{place.url}/healthz")).status_code == 200
            resource.prlimit(place.process.pid, resource.RLIMIT_FSIZE, limits)
            again = [f"li-{n} {LONG}" for n, status in enumerate(statuses) if status == 503]
            for text in again:
                while await post(client, place.url, "li", text) != 200:
                    await asyncio.sleep(0.1)
                taken.append(text)
        assert await quiet(url, 60)
        assert await fleet.stop_all() == [0]
        verdict = await judge(url, {"li": taken}, upstream, idempotent=True)
    verdict.disorder = [d for d in verdict.disorder if "had its turn" in d or "was said" in d]
    assert len(taken) == len(statuses)
    assert verdict.lost == verdict.twice == verdict.left == []
