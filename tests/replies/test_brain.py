from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue import Question
from bot.errors import ContentError
from bot.ports import Brain
from replies.brain import Scripted
from replies.faq.table import read_faq
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
