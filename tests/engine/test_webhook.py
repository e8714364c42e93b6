"""The webhook: what is answered "taken" is durable, and everything else tells the network what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from bot.errors import StoreError, Trouble
from bot.http import Request
from bot.shelf import InboxShelf
from bot.store import arrivals
from bot.webhooks import MAX_BODY
from tests.engine.works import Network, deliver, site, works


async def test_a_message_is_taken_and_answered(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        answer = await deliver(web, ("1", "li", "hi"))
        assert (answer.status_code, answer.text) == (200, "taken")
        assert (await shop.told())[0] == ("customer", "hi")
        await shop.quiet()
        assert shop.network.heard("li") == ["re: hi"]


async def test_a_call_with_several_messages_keeps_their_order(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        await deliver(web, *((f"{n}", "li", f"{n}") for n in range(10)))
        await shop.quiet()
        assert shop.network.heard("li") == [f"re: {n}" for n in range(10)]


async def test_a_redelivery_is_taken_and_changes_nothing(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        answers = await asyncio.gather(*(deliver(web, ("1", "li", "hi")) for _ in range(3)))
        answers.append(await deliver(web, ("1", "li", "hi"), ("2", "li", "ho")))
        assert [a.status_code for a in answers] == [200] * 4
        await shop.quiet()
        assert shop.network.heard("li") == ["re: hi", "re: ho"]


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("/webhooks/nowhere", b"[]", {}, 404),
        ("/webhooks/shop", b'[["1", "li", "hi"]]', {"x-forged": "1"}, 403),
        ("/webhooks/shop", b"\xff\x00 no json", {}, 400),
        ("/webhooks/shop", b'{"a": 1}', {}, 400),
        ("/webhooks/shop", b"[" + b" " * MAX_BODY + b"]", {}, 413),
    ],
)
async def test_what_is_no_message_is_refused_and_not_kept(
    store_url: str, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    async with works(store_url) as shop, site(shop) as web:
        answer = await web.post(path, content=content, headers=headers)
        assert answer.status_code == status
        assert await shop.rows("SELECT id FROM message") == []
        if status == 403:
            assert answer.text == "refused"


async def test_odd_characters_are_no_reason_to_refuse_a_customer(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        body = '[["\\u0000\\ud800", "li", "a\\u0000b\\udc00 \\ud83d\\ude00"]]'
        for _ in range(2):
            assert (await web.post("/webhooks/shop", content=body)).status_code == 200
        await shop.quiet()
        assert await shop.told() == [("customer", "a\ufffdb\ufffd 😀"), ("bot", "re: a\ufffdb\ufffd 😀")]


async def test_a_store_that_cannot_keep_it_is_told_as_try_again(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise StoreError("the disk is full")

    async with works(store_url) as shop, site(shop) as web:
        with monkeypatch.context() as trouble:
            trouble.setattr(arrivals, "accept", full)
            answer = await deliver(web, ("1", "li", "hi"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert (await deliver(web, ("1", "li", "hi"))).status_code == 200
        await shop.quiet()
        assert shop.network.heard("li") == ["re: hi"]


async def test_health_readiness_and_numbers(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        assert (await web.get("/healthz")).status_code == 200
        ready = await web.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "store": True, "workers": True})
        await deliver(web, ("1", "li", "hi"))
        await shop.quiet()
        numbers = (await web.get("/metrics")).text
        assert 'kefu_accepted_total{outcome="new"}' in numbers
        assert 'kefu_waiting{what="outbox"} 0.0' in numbers
        await shop.engine.stop()
        ready = await web.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "store": True, "workers": False})
        assert (await web.get("/healthz")).status_code == 200


async def test_troubles_are_numbers_until_they_are_mended(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        mine = InboxShelf(shop.engine.store, shop.engine.inboxes["shop"].id)
        await mine.tell(Trouble("token", {"en": "Renew the secret"}))
        gone = await shop.engine.store.write(arrivals.keep_inbox, "gone", "test")
        await InboxShelf(shop.engine.store, gone).tell(Trouble("token"))
        told = [
            line for line in (await web.get("/metrics")).text.splitlines() if line.startswith("kefu_inbox_trouble{")
        ]
        assert told == ['kefu_inbox_trouble{inbox="shop",key="token"} 1.0']
        await mine.mended("token")
        assert "kefu_inbox_trouble{" not in (await web.get("/metrics")).text


async def test_a_worker_that_broke_is_seen_from_outside(store_url: str) -> None:
    async with works(store_url) as shop, site(shop) as web:
        assert shop.engine.deliverer._loop is not None
        shop.engine.deliverer._loop.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (await web.get("/readyz")).status_code == 503


async def test_what_goes_wrong_inside_a_worker_does_not_end_it(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.store import outbox, timers, turns

    broken = {"left": 3}

    def once(script: object) -> object:
        def spoiled(*args: object, **kwargs: object) -> object:
            if broken["left"]:
                broken["left"] -= 1
                raise ZeroDivisionError
            return script(*args, **kwargs)  # type: ignore[operator]

        return spoiled

    for module, name in ((turns, "claim"), (timers, "fire"), (outbox, "claim")):
        monkeypatch.setattr(module, name, once(getattr(module, name)))
    async with works(store_url) as shop, site(shop) as web:
        await asyncio.sleep(0.2)
        assert (await web.get("/readyz")).status_code == 200
        await shop.say("timer=0.1")
        await shop.quiet()


async def test_the_first_of_two_parameters_of_one_name_counts(sqlite_url: str) -> None:
    """What was signed is what is read: one appended by somebody else changes nothing, and a channel may refuse it."""
    asked: list[tuple[Mapping[str, str], frozenset[str]]] = []

    class Curious(Network):
        def verify(self, request: Request) -> None:
            asked.append((request.query, request.doubled))

    async with works(sqlite_url, network=Curious()) as shop, site(shop) as web:
        await web.post("/webhooks/shop?signature=ours&nonce=&signature=theirs", json=[["1", "li", "hi"]])
        await web.post("/webhooks/shop?signature=ours&nonce=", json=[["2", "li", "hi"]])
        query = {"signature": "ours", "nonce": ""}
        assert asked == [(query, frozenset({"signature"})), (query, frozenset())]
