"""What may not be answered automatically: understood, perhaps handed over, and met with silence on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.asking import muted
from bot.dialogue import Decision, Gap, HandoffRequest, Question, Reply, TimerRequest
from bot.messages import Author, Kind, Status
from bot.ports import Capabilities
from bot.store import poison
from bot.store.why import why
from tests.engine.works import QUICK, Network, works
from tests.store.shop import DAY

LETTERS = Capabilities(idempotent_send=True, letters=True)


class Eager:
    """Does everything a brain may do about a message, and keeps the questions."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked: list[Question] = []
        self.fails = fails

    async def decide(self, question: Question) -> Decision:
        self.asked.append(question)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("no idea")
        return Decision(
            rule="eager",
            replies=(Reply("收到"), Reply("请评价", purpose="rating")),
            state={"n": question.state.get("n", 0) + 1},
            language="zh-Hant",
            handoff=HandoffRequest("tier", "it burns", "critical"),
            timers=(TimerRequest("again", DAY),),
            cancel_timers=("again",) if question.mute else (),
            facts={"saw": question.text},
            rating=1,
            gap=Gap(question.text),
            form={"name": "complaint"},
            category="complaint",
            tier="critical",
        )


async def test_a_muted_message_is_judged_and_handed_over_and_nothing_is_said(store_url: str) -> None:
    brain = Eager()
    async with works(store_url, network=Network(LETTERS), brain=brain) as shop:
        accepted = await shop.say("着火了", mute="auto_replied", sender_name="李雷", extra={"subject": "急"})
        await shop.quiet()
        assert await shop.told() == [(Author.CUSTOMER.value, "着火了")]
        assert shop.network.sent == []
        (row,) = await shop.rows("SELECT status, tier, category, language, state FROM conversation")
        assert (row.status, row.tier, row.category) == (Status.OPEN.value, "critical", "complaint")
        assert row.language == "zh-Hant"
        ((timers,),) = await shop.rows("SELECT count(*) AS n FROM timer")
        ((handoffs,),) = await shop.rows("SELECT count(*) AS n FROM handoff")
        ((gaps,),) = await shop.rows("SELECT count(*) AS n FROM suggestion")
        ((ratings,),) = await shop.rows("SELECT count(*) AS n FROM rating")
        assert (timers, handoffs, gaps, ratings) == (0, 1, 0, 0)
        found = await shop.store.read(why, accepted.conversation_id, accepted.seq)
        assert found["decision"]["mute"] == found["asked"]["mute"] == "auto_replied"
        assert found["decision"]["saw"] == "着火了"


async def test_nothing_of_a_muted_message_is_remembered_for_the_next(store_url: str) -> None:
    brain = Eager()
    async with works(store_url, network=Network(LETTERS), brain=brain) as shop:
        for text, mute in (("一", ""), ("二", "told_before"), ("三", "")):
            await shop.say(text, mute=mute)
            await shop.quiet()
        assert [(q.text, q.mute, q.state.get("n", 0)) for q in brain.asked] == [
            ("一", "", 0),
            ("二", "told_before", 1),
            ("三", "", 1),
        ]
        ((timers,),) = await shop.rows("SELECT count(*) AS n FROM timer")
        assert timers == 1  # the muted one takes away no timer that another set


def test_who_was_told_before_is_told_what_answers_him() -> None:
    receipt, answer = (
        Decision("letter.received", (Reply("收到"),)),
        Decision("letter.answered", (Reply("可以", source="a"),)),
    )
    question = Question("能退吗", datetime(2026, 11, 1, tzinfo=UTC), mute="told_before")
    assert muted(question, receipt).replies == ()
    assert muted(question, answer) == answer
    assert muted(replace(question, mute="breaker"), answer).replies == ()


def test_who_is_in_danger_is_told_what_to_do_though_he_was_told_before() -> None:
    safety = Decision("letter.critical", (Reply("请先离开，拨打 119", vital=True),))
    question = Question("着火了", datetime(2026, 11, 1, tzinfo=UTC), mute="told_before")
    assert muted(question, safety) == safety
    for reason in ("breaker", "auto_replied", "stranger"):
        assert muted(replace(question, mute=reason), safety).replies == ()


async def test_only_a_network_of_letters_asks_for_letters(store_url: str) -> None:
    for capabilities in (LETTERS, Capabilities(idempotent_send=True)):
        brain = Eager()
        async with works(store_url, network=Network(capabilities), brain=brain) as shop:
            await shop.say("x", sender_name="李雷", extra={"subject": "退货"}, key=f"{capabilities.letters}")
            await shop.quiet()
        (question,) = brain.asked
        letter = capabilities.letters
        assert (question.letter, question.contact_name, question.subject) == (
            (True, "李雷", "退货") if letter else (False, "", "")
        )


async def test_a_message_that_is_replayed_is_as_mute_as_it_was(store_url: str) -> None:
    brain = Eager(fails=1)
    async with works(store_url, network=Network(LETTERS), brain=brain, pace=IMPATIENT) as shop:
        accepted = await shop.say("救命", mute="list", sender_name="李雷", kind=Kind.OTHER)
        await shop.quiet()
        await shop.store.write(poison.replay, accepted.message_id)
        shop.live.ring_turn()
        await shop.quiet()
        assert [(q.text, q.mute, q.contact_name) for q in brain.asked] == [("救命", "list", "李雷")] * 2
        assert shop.network.sent == []
        assert await shop.told() == [(Author.CUSTOMER.value, "救命")]


IMPATIENT = replace(QUICK, max_attempts=1)
