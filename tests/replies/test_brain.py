from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import replies.brain
from bot.dialogue import Question
from bot.errors import ContentError
from bot.ports import Brain
from replies.brain import Scripted
from replies.faq.matching import MISS, Match
from replies.faq.table import read_faq
from replies.text import Language
from tests.replies.conversation import NOON


async def test_it_is_the_brain_the_engine_knows() -> None:
    brain: Brain = Scripted.load()
    decision = await brain.decide(Question("转人工", NOON))
    assert decision.handoff is not None


async def test_an_operators_faq_takes_the_place_of_the_sample(tmp_path: Path) -> None:
    table = tmp_path / "faq.csv"
    table.write_text("id,question,answer,language\nopen,几点开门,早上八点开门。,zh-Hans\n", "utf-8")
    brain = Scripted.load(faq=read_faq(table), company="街角面馆")
    decision = await brain.decide(Question("请问几点开门", NOON, first=True))
    assert decision.replies[0].source == "open"
    assert "街角面馆" in decision.replies[0].text
    assert "街角面馆" in brain.greeting("zh").text


def test_a_content_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"scripts\.toml"):
        Scripted.load(tmp_path)


class Ponders:
    """A matcher that takes its time, and notes in which thread."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.threads: list[bool] = []

    def match(self, text: str, language: Language) -> Match:
        self.threads.append(threading.current_thread() is threading.main_thread())
        sum(range(self.rounds))
        return MISS


async def test_what_takes_long_is_decided_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Twenty times what it is, so that a slow machine is quick enough: the slow matcher takes longer on any.
    monkeypatch.setattr(replies.brain, "ON_THE_LOOP", 0.02)
    brain, slow, quick = Scripted.load(), Ponders(6_000_000), Ponders(1)
    brain.knowledge = replace(brain.knowledge, matcher=slow)
    for _ in range(3):
        decision = await brain.decide(Question("量子力学的基本假设", NOON))
        assert decision.rule == "miss"
    assert slow.threads[0], "nothing was known of it yet"
    assert not slow.threads[-1]
    before = len(slow.threads)
    await brain.decide(Question("你好", NOON))
    assert all(slow.threads[before:]), "a greeting is not worth a thread"
    brain.knowledge = replace(brain.knowledge, matcher=quick)
    async with asyncio.timeout(300):  # and back when it is quick again
        while not quick.threads or not quick.threads[-1]:
            await brain.decide(Question("量子力学的基本假设", NOON))


def test_it_offers_an_agent_what_to_say_in_public_in_the_customers_language() -> None:
    brain = Scripted.load(company="青禾", encoder=False)
    offered = {brain.offer("public_closing", "zh-TW", nth) for nth in range(6)}
    assert len(offered) == 3
    assert all("私訊" in text for text in offered)
    assert brain.offer("public_to_private", None) != brain.offer("public_to_private", None, 1)
    assert "private" in brain.offer("public_to_private", "en-GB")
    assert brain.offer("public_reply", "zh-CN", 1).startswith("您好，这里是青禾。")
