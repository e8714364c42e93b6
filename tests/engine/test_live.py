"""Bells: whoever watches is woken for what is his, and a ring that nobody waits for is not forgotten."""

from __future__ import annotations

import asyncio

from bot.live import FRAMES, Bell, Live

LONG = 30.0
TYPING = {"t": "typing", "d": {"author": "agent"}}


async def test_a_bell_that_rang_before_is_heard_once() -> None:
    bell = Bell()
    bell.ring()
    bell.ring()
    await bell.wait(LONG)
    waiting = asyncio.ensure_future(bell.wait(LONG))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    bell.ring()
    await waiting


async def test_a_bell_is_waited_for_only_so_long() -> None:
    await asyncio.wait_for(Bell().wait(0.01), LONG)


async def test_a_customer_is_woken_for_his_own_conversation() -> None:
    live = Live()
    with live.watch(1) as mine, live.watch(2) as other:
        live.changed(1)
        assert await mine.wait(LONG) == ()
        assert await other.wait(0) is None
    live.changed(1)
    assert await mine.wait(0) is None


async def test_a_customer_without_a_conversation_is_woken_for_any() -> None:
    live = Live()
    with live.watch(None) as stranger:
        live.changed(7)
        assert await stranger.wait(LONG) == ()
        live.bind(stranger, 7)
        live.changed(8)
        assert await stranger.wait(0) is None
        live.changed(7)
        assert await stranger.wait(LONG) == ()


async def test_nothing_new_is_told_only_after_the_time_is_up() -> None:
    """A ring that was heard must not end the next waiting early."""
    live = Live()
    with live.watch(1) as watch, live.watch_desk() as desk:
        live.changed(1)
        assert await watch.wait(LONG) == ()
        assert await desk.wait(LONG) == ({1}, [])
        waits = [asyncio.ensure_future(watch.wait(LONG)), asyncio.ensure_future(desk.wait(LONG))]
        await asyncio.sleep(0.01)
        assert not any(w.done() for w in waits)
        live.changed(1)
        assert await asyncio.gather(*waits) == [(), ({1}, [])]


async def test_a_passing_frame_reaches_those_who_watch_and_is_not_kept() -> None:
    live = Live()
    with live.watch(1) as customer, live.watch_desk() as desk:
        live.signal(1, TYPING)
        assert await customer.wait(LONG) == (TYPING,)
        assert await desk.wait(LONG) == (set(), [(1, TYPING)])
        live.signal(1, {**TYPING, "to": "desk"})
        assert await customer.wait(0) is None
        assert await desk.wait(LONG) is not None
    with live.watch(1) as late:
        assert await late.wait(0) is None


async def test_a_client_that_never_reads_costs_no_more_than_a_few_frames() -> None:
    live = Live()
    with live.watch(1) as customer, live.watch_desk() as desk:
        for n in range(FRAMES * 10):
            live.signal(1, {"t": "typing", "n": n})
        frames = await customer.wait(LONG)
        assert frames is not None
        assert [f["n"] for f in frames] == list(range(FRAMES * 9, FRAMES * 10))
        heard = await desk.wait(LONG)
        assert heard is not None
        assert len(heard[1]) == FRAMES


async def test_when_rings_may_have_been_lost_everybody_looks() -> None:
    live = Live()
    with live.watch(1) as watch:
        live.wake_all()
        assert await watch.wait(LONG) == ()
        await asyncio.wait_for(live.turn.wait(LONG), 1)
        await asyncio.wait_for(live.delivery.wait(LONG), 1)
