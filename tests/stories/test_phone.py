"""A call is logged in the real program: judged, handed on, and called back to when its day has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import build, running
from bot.settings import load
from bot.store import agents, desk, listing, phone
from bot.store.phone import CallLog


async def soon(look: Callable[[], Any]) -> Any:
    """What it finds, as soon as it is true."""
    async with asyncio.timeout(20):
        while not (found := await look()):
            await asyncio.sleep(0.05)
        return found


GRAVE = "客户说充电器冒烟起火，把孩子的手烫伤了"


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize(
    ("type_", "tier", "text", "category", "becomes"),
    [
        ("", "", GRAVE, "complaint", "critical"),
        ("complaint", "", GRAVE, "complaint", "critical"),
        ("complaint", "", "问几点开门", "complaint", "minor"),
        ("complaint", "moderate", GRAVE, "complaint", "moderate"),
        ("inquiry", "", "问几点开门", "inquiry", ""),
    ],
)
async def test_a_call_from_its_log_to_the_call_back(
    tmp_path: Path, type_: str, tier: str, text: str, category: str, becomes: str, settled: bool
) -> None:
    settings = load(None, {"KEFU_STORE_URL": f"sqlite:///{tmp_path}/kefu.db"})
    app = await build(settings)
    try:
        async with running(app.engine, app.store, app.live):
            mei = await app.store.write(agents.add, "mei", name="小美", number="007", password_hash="x")
            inbox = app.engine.inboxes["phone"].id
            now = app.store.now()
            call = CallLog(
                *("cid-00001", "in", text, "callback", now, "+8613800138000", "138 0013 8000"),
                type=type_,
                tier=tier,
                follow_up=now + timedelta(seconds=1),
                follow_up_note="三点后",
            )
            done = await app.store.write(phone.log_call, inbox, mei, call)
            app.live.ring_turn()

            if settled:
                await app.store.write(desk.resolve, done.conversation_id, mei)
            app.live.ring_turn()

            async def called() -> dict[str, Any] | None:
                row = await app.store.read(listing.row, done.conversation_id)
                return row if row["waiting_since"] and (row["category"], row["tier"]) == (category, becomes) else None

            row = await soon(called)
            assert (row["status"], row["assignee"]["name"]) == ("open", "小美")
            if settled:
                assert "三点后" in row["handoff"]["reason"]
                assert row["handoff"]["status"] == "offered"
    finally:
        await app.close()
