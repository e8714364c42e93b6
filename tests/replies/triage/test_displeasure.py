"""Displeasure is no praise, and praise that tells of a trouble is no displeasure."""

from __future__ import annotations

import pytest

from replies.brain import Scripted
from replies.text import language_of
from replies.triage.displeasure import displeased
from replies.triage.reading import read


@pytest.fixture(scope="module")
def brain() -> Scripted:
    return Scripted.load()


@pytest.mark.parametrize(
    "text",
    [
        "质量太差了，用了两天就坏了",
        "差评！再也不买了",
        "客服不理人，太差劲了",
        "你们太差劲了",
        "你们的杯子又碎了，客服一直不理人，太差劲了 @小店",
        "品質太差了，用兩天就壞了",
        "Worst shop ever, the lid broke on day one",
        "The driver threw my parcel over the fence and it cracked",
        "my package arrived damaged and nobody answers",
    ],
)
def test_displeasure_is_a_complaint(brain: Scripted, text: str) -> None:
    understood = brain.knowledge.triage.understand(text, language_of(text) or "zh-Hans")
    assert understood.category == "complaint"


@pytest.mark.parametrize(
    "text",
    [
        "质量很好，用了两年都没坏过",
        "客服很耐心，一点也没让人失望",
        "Never disappointed with this shop, love it",
    ],
)
def test_praise_that_tells_of_a_trouble_stays_praise(brain: Scripted, text: str) -> None:
    assert not displeased(read(text).folded)
    assert brain.knowledge.triage.understand(text, language_of(text) or "zh-Hans").category == "praise"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("太差了", True), ("真不差", False), ("差不多", False), ("没坏", False), ("不会坏掉", False), ("坏了", True),
        ("没有失望", False),
        ("上次坏了你们马上换了新的，太感谢了", False), ("It broke and you replaced it at once, thank you", False),
        ("很失望", True), ("not disappointed", False), ("it broke", True), ("never broken", False),
        ("nothing was damaged", False), ("nobody has called me", True),
        ("差" * 100_000, False),
    ],
)  # fmt: skip
def test_words(text: str, told: bool) -> None:
    assert displeased(text) is told
