"""TG-01, TG-02, TG-11: the real program, unmodified, against a Bot API that others wrote (lo-bot-api-emulator)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import samples
from tests.channels.telegram.updates import said, tapped
from tests.fakes.telegram import TOKEN
from tests.stories.networks import attach, delivered, has, inbox, message, messages, say, shown, until
from tests.stories.people import Agent, plea
from tests.stories.serving import LI, Kefu, free_port, hire
from tests.stories.words import faq

CODE = "import sys; from lo_bot_api_emulator import main; sys.exit(main())"


class Emulator:
    """The process, and its journal: method and status of every call."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "journal.jsonl"
        self.journal.touch()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = ["--port", str(port), "--enable-control", "--allow-insecure-loopback-webhooks"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", CODE, *options, "--journal", str(self.journal)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until_ = time.monotonic() + 300
        while time.monotonic() < until_:
            try:
                httpx.get(self.url, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()

    def ask(self, method: str, **values: Any) -> Any:
        return httpx.post(f"{self.url}/bot{TOKEN}/{method}", json=values, trust_env=False).json()

    def tells(self, update: dict[str, Any]) -> None:
        told = {"token": TOKEN, "update": {k: v for k, v in update.items() if k != "update_id"}}
        answer = httpx.post(f"{self.url}/__fixture/updates", json=told, trust_env=False, timeout=120)
        assert answer.json()["ok"], answer.text

    def calls(self) -> Counter[str]:
        """`method:status`, how often."""
        lines = [json.loads(line) for line in self.journal.read_text("utf-8").splitlines()]
        return Counter(f"{one.get('method', one.get('event'))}:{one.get('status', '')}" for one in lines)

    async def sees(self, call: str, times: int = 1) -> None:
        await shown(lambda: self.calls()[call] >= times, call)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    made = Emulator(tmp_path)
    yield made
    made.end()


@pytest.fixture
def kefu(tmp_path: Path) -> Iterator[Kefu]:
    made = Kefu(tmp_path / "kefu")
    made.folder.mkdir()
    hire(made.store_url, LI)
    yield made
    made.kill()


@pytest.fixture
async def li(kefu: Kefu) -> AsyncIterator[Agent]:
    made = Agent(kefu, LI)
    yield made
    await made.goes()


def serve(kefu: Kefu, emulator: Emulator, **options: Any) -> None:
    blocks = [inbox("web", "web"), inbox("tg", "telegram", token=TOKEN, api_base=emulator.url, **options)]
    (kefu.folder / "kefu.toml").write_text("\n".join(blocks), "utf-8")
    kefu.start()


async def answered(li: Agent, place: int) -> None:
    """The bot's answer about shipping is out."""

    async def look() -> bool:
        told = [m for m in await messages(li, place) if faq("ship_time", "zh-Hans") in m["text"]]
        return bool(told) and told[-1]["delivery"] == "sent"

    await until(look, "the answer, sent")


async def test_polling_answers_buttons_and_files(kefu: Kefu, emulator: Emulator, li: Agent) -> None:
    """TG-01."""
    emulator.tells(said("什么时候发货"))
    serve(kefu, emulator)
    await li.logs_in()
    place = await has(li, "tg", "什么时候发货")
    await answered(li, place)
    emulator.tells(tapped("faq:refund_time", "退款多久到账"))
    await has(li, "tg", "退款多久到账")
    await shown(lambda: [c for c in emulator.calls() if c.startswith("answerCallbackQuery")], "the tap is answered")

    asked = plea()
    emulator.tells(said(asked, number=9))
    await has(li, "tg", asked)
    await li.does("claim", place)
    for name, data, method in (("图.png", samples.png(20, 20), "sendPhoto"), ("账单.pdf", b"%PDF-1.4", "sendDocument")):
        say([await li.replies(place, f"请看 {name}", attachments=[await attach(li, place, name, data)])])
        await message(li, place, f"请看 {name}", delivered("sent"))
        assert emulator.calls()[f"{method}:200"] == 1
    refused = {c for c in emulator.calls() if not c.endswith(":200") and not c.endswith(":")}
    assert refused <= {"editMessageReplyMarkup:400", "answerCallbackQuery:400"}, "it never sent what was tapped"


async def test_pushes_with_the_secret_and_none_without(kefu: Kefu, emulator: Emulator, li: Agent) -> None:
    """TG-02: persisted before 200; wrong, missing or not even ASCII: 403, never 500."""
    serve(kefu, emulator, mode="webhook", public_url=kefu.url)
    await emulator.sees("setWebhook:200")
    await li.logs_in()
    emulator.tells(said("什么时候发货"))
    await emulator.sees("webhook:200")
    place = await has(li, "tg", "什么时候发货")
    await answered(li, place)
    assert emulator.ask("getWebhookInfo")["result"]["pending_update_count"] == 0
    header = b"x-telegram-bot-api-secret-token"
    async with httpx.AsyncClient(trust_env=False) as client:
        for secret in ([], [(header, b"wrong")], [(header, b"")], [(header, "密".encode())], [(header, b"\xff\xfe")]):
            answer = await client.post(f"{kefu.url}/webhooks/tg", json=said("假的", number=99), headers=secret)
            assert (answer.status_code, answer.text) == (403, "refused")
        assert (await client.get(f"{kefu.url}/webhooks/tg")).status_code == 403
    assert "假的" not in [m["text"] for m in await messages(li, place)]
    # Back to polling: the webhook was ours, and goes; what comes is fetched.
    kefu.stop()
    serve(kefu, emulator)
    emulator.tells(said("还在吗", number=10))
    await has(li, "tg", "还在吗")
    assert emulator.ask("getWebhookInfo")["result"]["url"] == ""


async def test_while_a_webhook_is_active_nothing_is_taken_and_people_are_told(
    kefu: Kefu, emulator: Emulator, li: Agent
) -> None:
    """TG-11."""
    assert emulator.ask("setWebhook", url="https://crm.example/hook")["ok"]
    serve(kefu, emulator)
    await emulator.sees("getUpdates:409")
    await li.logs_in()

    async def troubles() -> Any:
        return "crm.example" in json.dumps(await li.get("/troubles"), ensure_ascii=False)

    await until(troubles, "the trouble at the desk")
    assert emulator.ask("deleteWebhook")["ok"]
    emulator.tells(said("在吗"))
    await has(li, "tg", "在吗")
