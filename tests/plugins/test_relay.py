"""A channel that another distribution brings: found by its entry point, and as good a channel as ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.engine import Engine, InboxHandle
from bot.errors import SettingsError
from bot.live import Live
from bot.store import Store, arrivals
from bot.web import Ground, application
from channels import fit, kinds, load
from tests.crash.upstream import Upstream
from tests.engine.works import QUICK, until
from tests.plugins.clerk import Clerk, Clipboard
from tests.plugins.kefu_relay import SIGNATURE, payload, sign

HERE = Path(__file__).parent
SECRET = "quite secret"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin's distribution is on the path, as pip would have put it."""
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as server:
        yield server


def test_without_its_distribution_there_is_no_such_kind() -> None:
    assert "relay" not in kinds()
    with pytest.raises(SettingsError, match="no channel 'relay'"):
        load("relay")


def test_its_distribution_alone_brings_the_kind() -> None:
    """In a process of its own, with nothing but the folder on its path."""
    told = subprocess.run(
        [sys.executable, "-c", "import channels; print(channels.kinds(), channels.load('relay').__module__)"],
        env={"PYTHONPATH": f"{HERE}:{HERE.parent.parent}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "'relay'" in told.stdout
    assert "kefu_relay" in told.stdout


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "options", [{}, {"upstream": "http://x"}, {"upstream": "http://x", "secret": "s", "colour": 1}]
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        load("relay")("shop", options)


@pytest.mark.usefixtures("installed")
async def test_a_signed_message_is_answered_upstream_once(store: Store, upstream: Upstream) -> None:
    channel = load("relay")("shop", {"upstream": upstream.url, "secret": SECRET})
    inbox = await store.write(arrivals.keep_inbox, "shop", channel.kind)
    handles = {"shop": InboxHandle(inbox, "shop", channel)}
    engine = Engine(store, Live(), handles, brain=Clerk(), desk=Clipboard(), fit=fit, pace=QUICK)
    app = application(Ground(engine, "Shop").routes(), lambda _: nullcontext())
    await engine.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as web:
        body = payload(("1", "li", "你好"), ("2", "li", "在吗"))
        forged = await web.post("/webhooks/shop", content=body, headers={SIGNATURE: sign("a guess", body)})
        assert (forged.status_code, forged.text) == (403, "refused")
        assert (await web.post("/webhooks/shop", content=body)).status_code == 403
        for nonsense in (b"", b"[]", b'{"messages": [{"sender": "li"}]}', b"\xff"):
            headers = {SIGNATURE: sign(SECRET, nonsense)}
            assert (await web.post("/webhooks/shop", content=nonsense, headers=headers)).status_code == 400
        for _ in range(2):
            answer = await web.post("/webhooks/shop", content=body, headers={SIGNATURE: sign(SECRET, body)})
            assert (answer.status_code, answer.json()) == (200, {"taken": True})
        await until(lambda: len(upstream.taken) == 2)
    await engine.stop()
    await channel.close()
    assert upstream.heard("li") == ["re: 你好", "re: 在吗"]
    assert all(key.startswith("kefu-") for key in upstream.taken)
