from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from replies.brain import Scripted
from replies.faq.fused import FusedMatcher
from replies.faq.matching import Action
from replies.faq.table import read_faq
from replies.freshness import Freshness
from replies.triage.judge import Judge

HEAD = "id,question,answer,language\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "faq.csv"
    path.write_text(HEAD + "fee,运费多少,满 99 元包邮。,zh-Hans\n", "utf-8")
    return path


@pytest.fixture
def brain(table: Path) -> Scripted:
    return Scripted.load(faq=read_faq(table))


def asked(brain: Scripted, text: str) -> str | None:
    return brain.knowledge.matcher.match(text, "zh-Hans").id


def test_a_changed_file_is_taken_in_and_a_broken_one_is_not(table: Path, brain: Scripted) -> None:
    fresh = Freshness(brain, [table], wrong_answers=0.05, encoder=False)
    assert not fresh.look()
    table.write_text(HEAD + "hours,几点上班,九点。,zh-Hans\n", "utf-8")
    os.utime(table, (1, 1))
    assert fresh.look()
    assert (asked(brain, "几点上班"), asked(brain, "运费多少")) == ("hours", None)
    assert list(brain.knowledge.faq.entries) == ["hours"]
    table.write_text("rubbish", "utf-8")
    os.utime(table, (2, 2))
    assert not fresh.look()
    assert asked(brain, "几点上班") == "hours"


async def test_it_answers_at_once_and_gets_the_encoder_when_that_is_loaded(table: Path, brain: Scripted) -> None:
    fresh = Freshness(brain, [table], wrong_answers=0.05)
    fresh.start()
    assert brain.knowledge.matcher.match("运费多少", "zh-Hans").action is Action.ANSWER

    def loaded() -> bool:
        matcher = brain.knowledge.matcher
        return isinstance(matcher, FusedMatcher) and matcher.index.vectors is not None

    while not loaded():
        await asyncio.sleep(0.05)
    fresh.stop()
    assert asked(brain, "运费多少") == "fee"


def test_a_look_that_fails_is_not_the_last(
    table: Path, brain: Scripted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[bool] = []

    def failing() -> bool:
        looks.append(len(looks) == 0)
        if looks[-1]:
            raise RuntimeError("nobody thought of this")
        fresh.stop()
        return False

    fresh = Freshness(brain, [table], wrong_answers=0.05, encoder=False)
    monkeypatch.setattr(fresh, "look", failing)
    monkeypatch.setattr("replies.freshness._LOOKS_EVERY", 0.01)
    fresh.start()
    fresh._thread.join(20)
    assert looks == [True, False]
    assert "nobody thought of this" in caplog.text


def test_without_the_encoder_neither_faq_nor_triage_has_it(table: Path) -> None:
    brain = Scripted.load(faq=read_faq(table), encoder=False)
    assert isinstance(brain.knowledge.triage, Judge)
    assert not brain.knowledge.triage.sees_meaning
    assert isinstance(brain.knowledge.matcher, FusedMatcher)
    assert brain.knowledge.matcher.index.vectors is None
