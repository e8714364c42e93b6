"""Answers that ride on the webhook: in time or not at all, the same however often the network asks, never twice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.messages import Incoming, Window
from bot.ports import Capabilities
from bot.store import agents, desk
from tests.engine.works import Network, Works, deliver, site, until, works

AGAIN = timedelta(seconds=1)
PUSHES = Capabilities(answer_within=timedelta(seconds=10), asks_again=AGAIN)
ANSWERS_ONLY = Capabilities(answer_within=timedelta(seconds=10), asks_again=AGAIN, pushes=False)
HASTY = replace(PUSHES, answer_within=timedelta(seconds=0.3))
HASTY_ANSWERS_ONLY = replace(ANSWERS_ONLY, answer_within=timedelta(seconds=0.3))
MESSAGE = Window("message", timedelta(hours=48), 5)


def network(capabilities: Capabilities) -> Network:
    made = Network(capabilities)
    made.opens = MESSAGE
    return made


async def deliveries(shop: Works) -> list[tuple[str, str, str]]:
    found = await shop.rows(
        "SELECT text, delivery, error FROM message WHERE delivery <> '' ORDER BY conversation_id, seq"
    )
    return [(r.text, r.delivery, r.error) for r in found]


async def all_sent(shop: Works) -> bool:
    return all(delivery == "sent" for _, delivery, _ in await deliveries(shop))


@pytest.mark.parametrize("can", [PUSHES, ANSWERS_ONLY], ids=["pushes", "answers only"])
async def test_the_answer_comes_with_the_call(store_url: str, can: Capabilities) -> None:
    async with works(store_url, network=network(can)) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"
        assert (await deliver(web, ("2", "li", "twice"))).text == "re: twice\n\nagain: twice"
        assert (await deliver(web, ("3", "li", "silent"))).text == "taken"
        await until(lambda: all_sent(shop))
        assert shop.network.sent == []


async def test_asked_again_at_the_same_time_it_is_one_turn_and_one_answer(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        answers = await asyncio.gather(*(deliver(web, ("1", "li", "slow=0.1")) for _ in range(3)))
        assert {a.text for a in answers} == {"re: slow=0.1"}
        assert shop.clerk.asked == ["slow=0.1"]
        await until(lambda: all_sent(shop))
        assert shop.network.sent == []


async def test_asked_again_later_and_after_a_restart_it_is_the_same(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        await deliver(web, ("1", "li", "hi"))
        await deliver(web, ("2", "li", "and?"))
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"
        assert shop.clerk.asked == []
        await shop.quiet()
        assert shop.network.sent == []


async def test_a_turn_that_takes_too_long_answers_by_a_message_of_its_own(store_url: str) -> None:
    async with works(store_url, network=network(HASTY)) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "slow=0.8"))).text == "taken"
        await until(lambda: shop.network.heard("li"))
        assert shop.network.heard("li") == ["re: slow=0.8"]
        assert (await deliver(web, ("1", "li", "slow=0.8"))).text == "taken", "it went the other way"


async def test_where_only_answers_reach_the_customer_a_late_one_waits_for_his_next_message(store_url: str) -> None:
    shy = network(HASTY_ANSWERS_ONLY)
    async with works(store_url, network=shy) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "slow=0.8"))).text == "taken"

        async def waits() -> bool:
            return await deliveries(shop) == [("re: slow=0.8", "queued", "parked.passive")]

        await until(waits)
        shy.capabilities = ANSWERS_ONLY
        assert (await deliver(web, ("2", "li", "hello?"))).text == "re: slow=0.8\n\nre: hello?"
        await until(lambda: all_sent(shop))
        assert shy.sent == []


async def test_or_for_the_network_s_repetition(store_url: str) -> None:
    shy = network(HASTY_ANSWERS_ONLY)
    async with works(store_url, network=shy) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "slow=0.8"))).text == "taken"
        shy.capabilities = ANSWERS_ONLY
        assert (await deliver(web, ("1", "li", "slow=0.8"))).text == "re: slow=0.8"
        await until(lambda: all_sent(shop))


async def test_an_agent_s_words_wait_likewise_and_go_first(store_url: str) -> None:
    async with works(store_url, network=network(ANSWERS_ONLY)) as shop, site(shop) as web:
        mei = await shop.store.write(agents.add, "mei", name="小美", number="7", password_hash="x")
        await deliver(web, ("1", "li", "hand"))
        (row,) = await shop.rows("SELECT id FROM conversation")
        for n in (1, 2):
            await shop.store.write(desk.reply, row.id, mei, cid=f"cid-{n:06}", text=f"answer {n}", pull=False)
            shop.live.ring_delivery()

        async def parked() -> bool:
            return [d[1:] for d in (await deliveries(shop))[1:]] == [("queued", "parked.passive")] * 2

        await until(parked)
        assert (await deliver(web, ("2", "li", "still there?"))).text == "answer 1\n\nanswer 2"
        assert (await deliver(web, ("3", "li", "thanks"))).text == "taken"
        await until(lambda: all_sent(shop))


async def test_a_process_that_dies_with_the_answer_in_hand_leaves_it_to_the_repetition(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        shop.engine.answering.over = lambda *_, **__: None  # type: ignore[method-assign]  # nobody says what became of it
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"
        await until(lambda: all_sent(shop))
        assert shop.network.sent == []


async def test_without_a_repetition_nobody_knows(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES), speed=40) as shop, site(shop) as web:
        shop.engine.answering.over = lambda *_, **__: None  # type: ignore[method-assign]
        assert (await deliver(web, ("1", "li", "hi"))).text == "re: hi"

        async def unknown() -> bool:
            return [d[1] for d in await deliveries(shop)] == ["unknown"]

        await until(unknown)
        assert shop.network.sent == []


async def test_a_call_that_was_cut_is_answered_again_or_by_a_message(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES), speed=20) as shop:
        answer = await shop.engine.ask("shop", Incoming("1", "li", "hi", window=MESSAGE))
        assert answer is not None
        shop.engine.answering.over(answer, PUSHES, sent=False)
        await until(lambda: shop.network.heard("li"))
        assert shop.network.heard("li") == ["re: hi"]
        assert await shop.engine.ask("shop", Incoming("1", "li", "hi", window=MESSAGE)) is None


async def test_another_process_answers_the_repetition(postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        shops = [await stack.enter_async_context(works(postgres_url, network=network(PUSHES))) for _ in range(2)]
        webs = [await stack.enter_async_context(site(shop)) for shop in shops]
        first, second = await asyncio.gather(*(deliver(web, ("1", "li", "slow=0.2")) for web in webs))
        assert first.text == second.text == "re: slow=0.2"
        assert shops[0].clerk.asked + shops[1].clerk.asked == ["slow=0.2"]
        await until(lambda: all_sent(shops[0]))
        assert shops[0].network.sent + shops[1].network.sent == []


async def test_many_at_once_are_all_answered(store_url: str) -> None:
    async with works(store_url, network=network(PUSHES)) as shop, site(shop) as web:
        texts = [f"{n}" for n in range(64)]
        answers = await asyncio.gather(*(deliver(web, (t, f"c{int(t) % 16}", t)) for t in texts))
        taken = [a.text for a in answers].count("taken")
        assert {a.text for a in answers} - {"taken"} <= {f"re: {t}" for t in texts}
        await until(lambda: all_sent(shop))
        assert len(shop.network.taken) == taken, "each went one way"


async def test_where_only_answers_reach_the_customer_a_long_one_takes_several_of_his_messages(store_url: str) -> None:
    """Each brings the next piece; it used to be the first one again, for ever, and nothing behind it came through."""
    shy = network(replace(ANSWERS_ONLY, max_text=12))
    async with works(store_url, network=shy) as shop, site(shop) as web:

        async def waits() -> bool:
            return all(delivery == "queued" for _, delivery, _ in (await deliveries(shop))[:1])

        assert (await deliver(web, ("1", "li", "一二三四。五六七八九十。甲乙丙丁戊己。"))).text == "re: 一二三四。"
        for number, text in enumerate(("五六七八九十。", "甲乙丙丁戊己。"), 2):
            await until(waits)
            await shop.quiet()
            assert (await deliver(web, (str(number), "li", "silent"))).text == text
        await until(lambda: all_sent(shop))
        assert (await deliver(web, ("9", "li", "hi"))).text == "re: hi"
