"""Sentence vectors take a quarter of the space and are searched roughly first, and nothing is lost by it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.faq.sense import FEW, Answers, Sense
from replies.faq.sparse import Floats
from replies.faq.squeezed import Squeezed


def vectors(rows: int, seed: int = 0) -> Floats:
    """Of length one, with a few main directions as sentence vectors have them."""
    chance = np.random.default_rng(seed)
    made = chance.normal(size=(rows, 512)) * np.exp(-np.arange(512) / 60)
    unit: Floats = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.mark.parametrize("rows", [1, 7, 600])
def test_squeezed_rows_are_what_they_were_but_for_a_little(rows: int) -> None:
    own = vectors(rows)
    squeezed = Squeezed.of([own[: rows // 2], own[rows // 2 :]])
    assert len(squeezed) == rows
    assert squeezed.steps.nbytes * 4 == own.nbytes
    assert np.abs(squeezed.rows() @ own.T - own @ own.T).max() < 0.01
    assert np.array_equal(squeezed.rows(np.array([rows - 1])), squeezed.rows()[-1:])
    assert np.array_equal(squeezed.chosen([0, 0]).rows(), squeezed.rows()[[0, 0]])


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=9))
def test_any_row_can_be_squeezed(row: list[float]) -> None:
    own = np.array([row], np.float32)
    assert np.abs(Squeezed.of([own]).rows() - own).max() <= np.abs(own).max() / 200 + 1e-9


def test_nothing_at_all_can_be_squeezed() -> None:
    assert len(Squeezed.of([])) == 0
    assert len(Sense(Squeezed.of([])).near(vectors(1)[0][:1])) == 0


@pytest.mark.parametrize("rows", [FEW, FEW + 1000])
def test_the_nearest_of_many_are_among_those_that_seem_near(rows: int) -> None:
    own = vectors(rows)
    sense = Sense(Squeezed.of([own]))
    assert sense.exact == (rows <= FEW)
    for asked in own[:40] + 0.5 * vectors(40, seed=1):
        right = np.argsort(-(own @ asked))[:10]
        seemed = np.argsort(-sense.near(asked))[:384]
        best = seemed[np.argsort(-sense.exactly(asked, seemed))][:10]
        assert len(set(right) & set(best)) >= 9
        assert best[0] == right[0]
        assert np.abs(sense.exactly(asked, seemed) - own[seemed] @ asked).max() < 0.01


def test_answers_say_nothing_on_the_whole_and_nothing_where_there_is_none() -> None:
    own, given = vectors(700), np.arange(700) % 7 != 0
    answers = Answers(Squeezed.of([own]), given)
    asked = vectors(1, seed=2)[0]
    nearer = answers.nearer(asked)
    assert np.abs(nearer[given] - (own @ asked)[given] + (own @ asked)[given].mean()).max() < 0.01
    assert abs(float(nearer.sum())) < 0.01
    assert not nearer[~given].any()
    some = np.array([3, 699, 0])
    assert np.allclose(answers.nearer(asked, some), nearer[some], atol=1e-5)
    assert len(Answers(Squeezed.of([own[:0]]), given[:0]).nearer(asked)) == 0
