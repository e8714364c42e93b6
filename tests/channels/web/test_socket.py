from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from channels.web.channel import WebChannel
from tests.channels.web.client import HASTY, HOST, PATIENT, Socket, app_of, shows
from tests.channels.web.memory import MemoryVisits


async def until(true: Any) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.005)


async def test_hello_replays_what_was_missed_and_goes_on_live(app: Starlette, visits: MemoryVisits, token: str) -> None:
    for text in ("一", "二", "三"):
        visits.say("v1", "agent", text)
    async with Socket(app) as socket:
        heard = await socket.hello(token, after=1)
        assert [f.get("d", {}).get("text") for f in heard] == ["二", "三", None]
        assert heard[-1] == {"t": "ok", "seq": 3}
        visits.say("v1", "agent", "四")
        live = await socket.hear()
        assert (live["seq"], live["t"], live["d"]["text"]) == (4, "message", "四")
        visits.put("v1", "status", {"status": "resolved", "agent": None}, skip=3)
        assert (await socket.hear())["seq"] == 8


async def test_a_new_visitor_starts_with_an_empty_log(app: Starlette, token: str) -> None:
    async with Socket(app) as socket:
        assert await socket.hello(token) == [{"t": "ok", "seq": 0}]


async def test_ephemeral_frames_have_no_seq(app: Starlette, visits: MemoryVisits, token: str) -> None:
    frame = {"t": "typing", "d": {"author": "agent", "name": "小李"}}
    async with Socket(app) as socket:
        await socket.hello(token)
        visits.signal("v1", frame)
        assert await socket.hear() == frame


@pytest.mark.parametrize("after", [9, 2**31, 10**40])
async def test_a_cursor_of_another_log_gets_a_fresh_start(
    app: Starlette, visits: MemoryVisits, token: str, after: int
) -> None:
    visits.say("v1", "agent", "一")
    async with Socket(app) as socket:
        heard = await socket.hello(token, after=after)
        assert [f["t"] for f in heard] == ["reset", "message", "ok"]
        visits.say("v1", "agent", "二")
        assert (await socket.hear())["seq"] == 2


async def test_who_missed_too_much_gets_the_newest(app: Starlette, visits: MemoryVisits, token: str) -> None:
    for n in range(600):
        visits.say("v1", "agent", f"{n}")
    async with Socket(app) as socket:
        heard = await socket.hello(token, after=5)
        assert heard[0] == {"t": "reset"}
        assert [f["seq"] for f in heard[1:-1]] == list(range(101, 601))
        assert heard[-1] == {"t": "ok", "seq": 600, "earlier": True}


async def test_a_burst_while_connected_is_not_lost(app: Starlette, visits: MemoryVisits, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        for n in range(450):
            visits.say("v1", "agent", f"{n}")
        assert [(await socket.hear())["seq"] for _ in range(450)] == list(range(1, 451))


async def test_nothing_falls_between_replay_and_live(visits: MemoryVisits, token: str) -> None:
    class Sly(MemoryVisits):
        """Something happens right after the log was read."""

        async def events(self, visitor: Any, *, after: int, limit: int = 500) -> Any:
            page = await super().events(visitor, after=after, limit=limit)
            if not after:
                self.say(visitor.sender, "agent", "恰好这时")
            return page

    sly = Sly()
    token = await sly.admit("web", language=None)
    async with Socket(app_of(sly)) as socket:
        assert (await socket.hello(token))[-1]["seq"] == 0
        assert (await socket.hear())["d"]["text"] == "恰好这时"


async def test_what_the_visitor_does_is_passed_on(app: Starlette, visits: MemoryVisits, token: str) -> None:
    visits.say("v1", "agent", "一")
    visits.say("v1", "agent", "二")
    async with Socket(app) as socket:
        await socket.hello(token)
        await socket.say({"t": "typing"})
        await socket.say({"t": "typing"})
        await socket.say({"t": "read", "upto": 2})
        assert (await socket.hear())["d"] == {"by": "visitor", "upto": 2}
        for upto in (1, 99, -1, "2", None, True, 1.5):
            await socket.say({"t": "read", "upto": upto})
        await socket.say({"t": "news from the future"})
        await socket.say({"t": "pong"})
        visits.say("v1", "agent", "三")
        assert (await socket.hear())["d"]["text"] == "三"
    assert visits.threads["v1"].typed == 1
    assert visits.threads["v1"].read == 2


async def test_silence_is_broken_by_pings(app: Starlette, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        assert json.loads((await socket.message())["text"]) == {"t": "ping"}


async def test_a_client_without_a_sign_of_life_is_let_go(visits: MemoryVisits, token: str) -> None:
    app = app_of(visits, pace=replace(PATIENT, silent=1))
    async with Socket(app) as dead, Socket(app) as alive:
        await dead.hello(token)
        await alive.hello(token)
        gone = asyncio.ensure_future(dead.code())
        while not gone.done():
            await alive.say({"t": "pong"})
            await asyncio.sleep(0.02)
        assert gone.result() == 1013
        await alive.say({"t": "pong"})
        visits.say("v1", "agent", "还在")
        assert (await alive.hear())["d"]["text"] == "还在"


async def test_a_client_that_never_reads_delays_nobody(app: Starlette, visits: MemoryVisits, token: str) -> None:
    async with Socket(app, reads=False) as stuck, Socket(app) as other:
        await stuck.accepted()
        await stuck.say({"t": "hello", "token": token, "after": 0})
        await other.hello(token)
        visits.say("v1", "agent", "快")
        async with asyncio.timeout(PATIENT.send / 2):
            assert (await other.hear())["d"]["text"] == "快"
        stuck.task.cancel()
        await asyncio.wait([stuck.task])
        stuck.task = asyncio.ensure_future(asyncio.sleep(0))
    assert visits.ears() == 0


async def test_a_client_that_never_reads_is_dropped(visits: MemoryVisits, token: str) -> None:
    async with Socket(app_of(visits, pace=replace(PATIENT, send=0.1)), reads=False) as stuck:
        await stuck.accepted()
        await stuck.say({"t": "hello", "token": token, "after": 0})
        assert await stuck.code() == 1013
    assert visits.ears() == 0


@pytest.mark.parametrize("token_shown", ["wrong", "", None, 7, "ü", "a" * 300])
async def test_a_dead_token_is_told_so(app: Starlette, token_shown: Any) -> None:
    async with Socket(app) as socket:
        await socket.accepted()
        await socket.say({"t": "hello", "token": token_shown, "after": 0})
        assert await socket.code() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"http://{HOST}:81"])
async def test_a_foreign_origin_is_told_so(app: Starlette, visits: MemoryVisits, origin: str) -> None:
    async with Socket(app, origin=origin) as socket:
        await socket.accepted()
        assert await socket.code() == 4403
    assert visits.ears() == 0


async def test_a_program_without_origin_may_connect(app: Starlette, token: str) -> None:
    async with Socket(app, origin=None) as socket:
        await socket.hello(token)


BAD_FRAMES: dict[str, tuple[Any, int]] = {
    "no json": ("{", 1008),
    "a list": ("[]", 1008),
    "deep nesting": ("[" * 8000, 1008),
    "too large": (json.dumps({"t": "x", "pad": "好" * 2800}, ensure_ascii=False), 1009),
}


@pytest.mark.parametrize("case", BAD_FRAMES)
@pytest.mark.parametrize("first", [True, False])
async def test_a_bad_frame_ends_the_connection(app: Starlette, token: str, case: str, first: bool) -> None:
    frame, code = BAD_FRAMES[case]
    async with Socket(app) as socket:
        if first:
            await socket.accepted()
        else:
            await socket.hello(token)
        await socket.say(frame)
        assert await socket.code() == code


@pytest.mark.parametrize(
    "hello",
    [
        {"t": "typing"},
        {"t": "hello", "token": "x", "after": -1},
        {"t": "hello", "token": "x", "after": "1"},
        {"t": "hello", "token": "x", "after": None},
        {"t": "hello", "token": "x", "after": True},
        {"t": "hello", "token": "x", "after": 1.5},
    ],
)
async def test_a_hello_that_makes_no_sense_is_refused(app: Starlette, hello: dict[str, Any]) -> None:
    async with Socket(app) as socket:
        await socket.accepted()
        await socket.say(hello)
        assert await socket.code() == 1008


async def test_bytes_are_not_our_language(app: Starlette, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        await socket.to_app.put({"type": "websocket.receive", "bytes": b"\0"})
        assert await socket.code() == 1003


async def test_who_says_nothing_is_sent_away(visits: MemoryVisits) -> None:
    async with Socket(app_of(visits, pace=HASTY)) as socket:
        await socket.accepted()
        assert await socket.code() == 1013


async def test_a_sixth_socket_is_too_many(app: Starlette, visits: MemoryVisits, token: str) -> None:
    other = await visits.admit("web", language=None)
    sockets = [await Socket(app).__aenter__() for _ in range(5)]
    for socket in sockets:
        await socket.hello(token)
    async with Socket(app) as sixth:
        await sixth.accepted()
        await sixth.say({"t": "hello", "token": token, "after": 0})
        assert await sixth.code() == 1013
    async with Socket(app) as of_another:
        await of_another.hello(other)
    await sockets.pop().__aexit__(None, None, None)
    async with Socket(app) as sixth:
        await sixth.hello(token)
    for socket in sockets:
        await socket.__aexit__(None, None, None)
    assert visits.ears() == 0


async def test_connections_of_one_address_are_limited(visits: MemoryVisits) -> None:
    app = app_of(visits, WebChannel("web", {"connects_per_minute": 2}))
    for _ in range(2):
        async with Socket(app) as socket:
            await socket.accepted()
    async with Socket(app) as socket:
        await socket.accepted()
        assert await socket.code() == 1013
    async with Socket(app, address="192.0.2.9") as socket:
        await socket.accepted()


async def test_an_unknown_inbox_is_refused(app: Starlette) -> None:
    async with Socket(app, "/api/w/nope/ws") as socket:
        await socket.accepted()
        assert await socket.code() == 4403


async def test_a_flood_of_frames_ends_the_connection(app: Starlette, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        for _ in range(300):
            await socket.say({"t": "typing"})
        assert await socket.code() == 1013


async def test_logout_hangs_up(app: Starlette, http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        await http.post("/api/w/web/logout", headers=shows(token))
        assert await socket.code() == 4401
    assert visits.ears() == 0


async def test_a_token_revoked_elsewhere_dies_within_a_few_pings(
    app: Starlette, visits: MemoryVisits, token: str
) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        await visits.revoke("web", token)
        assert await socket.code() == 4401


async def test_closing_the_channel_says_restart(
    app: Starlette, visits: MemoryVisits, channel: WebChannel, token: str
) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        await channel.close()
        assert await socket.code() == 1012
    assert visits.ears() == 0


async def test_a_stopping_server_says_restart(app: Starlette, visits: MemoryVisits, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        socket.task.cancel()
        assert await socket.code() == 1012
        with pytest.raises(asyncio.CancelledError):
            await socket.task
        socket.task = asyncio.ensure_future(asyncio.sleep(0))
    assert visits.ears() == 0


async def test_a_failing_store_says_later(app: Starlette, visits: MemoryVisits, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        visits.broken = True
        visits.say("v1", "agent", "读不到")
        assert await socket.code() == 1013
    visits.broken = False
    async with Socket(app) as socket:
        assert (await socket.hello(token))[0]["d"]["text"] == "读不到"


async def test_who_leaves_leaves_nothing_behind(app: Starlette, visits: MemoryVisits, token: str) -> None:
    async with Socket(app) as socket:
        await socket.hello(token)
        await until(lambda: visits.ears() == 1)
    await until(lambda: visits.ears() == 0)
