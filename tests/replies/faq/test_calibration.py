"""The gate fitted to one FAQ: what its own questions show when they are left out, and what is made of that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.faq import fused, gate, kernel
from replies.faq.calibration import BARS, MOST, Own, calibrated, described, older, own_gate, trusts
from replies.faq.evidence import SIGNS, find
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.index import Index
from replies.faq.kept import Kept
from replies.faq.leftout import LeftOut, leave_out
from replies.faq.table import Entry

SHIPPED = gate.shipped(meaning=True, regression=True)
PLAIN = gate.shipped(meaning=False, regression=False)
KNOWN, LEAD = SIGNS.index("known"), SIGNS.index("lead")


def entries(**ways: str) -> list[Entry]:
    return [Entry(id_, {"en": tuple(said.split("|"))}, {"en": id_}) for id_, said in ways.items()]


CLEAR = entries(
    fee="how much is shipping|what does shipping cost|price of shipping|shipping cost please",
    back="how do i return an item|can i return the item|return my item|i want to return an item",
    open="when do you open|opening hours|when are you open|hours you open",
)


def made(right: float, lead: float, count: int = 400, ways: int = 20) -> LeftOut:
    """Left-out questions that all look alike, of which this share was right; as many without their entry look bad."""
    signs = np.zeros((2 * count, len(SIGNS)), np.float32)
    signs[:, 0], signs[:, KNOWN] = 1, 1
    signs[:count, LEAD] = lead
    inside = np.arange(2 * count) < count
    return LeftOut(signs, inside & (np.arange(2 * count) < right * count), inside, np.full(2 * count, ways))


def asked_back(seen: LeftOut) -> tuple[float, float]:
    """The chance of the first left-out question by the fitted gate, and its bar."""
    judge = own_gate(SHIPPED, calibrated(SHIPPED, seen), 0.05)
    return judge.chance(seen.signs[0]), judge.answer


def test_every_question_is_left_out_alone_and_with_its_entry() -> None:
    index = make_matcher(CLEAR).index
    for regression in (True, False):
        seen = leave_out(index, regression)
        assert int(seen.inside.sum()) == int((~seen.inside).sum()) == index.rows
        assert not seen.right[~seen.inside].any(), "without its entry nothing is right"
        assert seen.right[seen.inside].mean() > 0.7
        assert set(seen.ways.tolist()) == {4}


def test_an_entry_that_is_left_out_is_not_found_by_what_the_regression_knows_of_it() -> None:
    matcher = make_matcher(CLEAR)
    assert matcher.weights is not None
    near = kernel.nearness(matcher.index, "how much is shipping", None)
    rows = np.flatnonzero(matcher.index.owners == 0)
    whole = find(matcher.index, near, None, matcher.weights, rows)
    without = find(matcher.index, near, None, matcher.weights, rows, hidden=0)
    assert whole is not None
    assert without is not None
    assert whole.owners[0] == 0
    assert without.owners[0] != 0


def test_words_that_only_a_left_out_question_has_are_unknown() -> None:
    index = make_matcher([*CLEAR, *entries(odd="zymurgy|quokka wallaby|xylophone|bandicoot")]).index
    seen = leave_out(index, False)
    odd = seen.signs[:, KNOWN] < 0.5
    assert odd.sum() >= 4, "the words of the odd entry are in none of its other ways"
    assert (~odd[seen.inside]).sum() >= 8, "those of the others are"


def test_what_two_entries_share_is_not_asked_alone() -> None:
    shared = entries(a="how much is it|what is the price|cost of it", b="how much is it|the fee|what is to be paid")
    seen = leave_out(make_matcher(shared).index, False)
    assert int(seen.inside.sum()) == 4


@pytest.mark.parametrize("ways", ["one way only", "one way|another way"])
def test_few_ways_to_ask_leave_the_shipped_gate_as_it_is(ways: str) -> None:
    faq = [Entry(f"{word}", {"en": tuple(f"{word} {way}" for way in ways.split("|"))}, {}) for word in "abcdefgh"]
    matcher = make_matcher(faq, calibrate=True)
    assert "as shipped" in described(matcher.own)
    judge = own_gate(PLAIN, None, 0.05)
    assert np.array_equal(matcher.gate.weights, judge.weights)
    assert (matcher.gate.answer, matcher.gate.clarify) == (judge.answer, judge.clarify)


def test_an_faq_that_misleads_its_own_questions_is_answered_from_less() -> None:
    lead = 0.9
    before = own_gate(SHIPPED, None, 0.05)
    good, bad = asked_back(made(1.0, lead)), asked_back(made(0.3, lead))
    before_chance = before.chance(made(1.0, lead).signs[0])
    assert bad[0] < before_chance, "less sure"
    assert good[0] > bad[0]
    assert bad[0] < bad[1], "what was wrong in seven of ten is not answered"
    assert good[0] >= good[1], "what was right each time is"


def test_the_shipped_examples_are_never_outweighed() -> None:
    for count in (10, 1000, 5000):
        assert trusts(made(1.0, 0.5, count)).sum() <= MOST + 1e-6 < BARS
    assert trusts(made(1.0, 0.5, 10)).sum() < 20, "and a few examples weigh little"


@given(st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 1), st.floats(-2, 2))
def test_who_accepts_more_wrong_answers_is_never_answered_less(
    one: float, other: float, right: float, lead: float
) -> None:
    own = calibrated(SHIPPED, made(right, lead, 20))
    for known in (own, None):
        shy, bold = (own_gate(SHIPPED, known, rate) for rate in sorted((one, other)))
        assert bold.answer <= shy.answer
        assert shy.clarify <= shy.answer
    assert own.stretch > 0, "what has more for it never counts for less"


def test_no_wrong_answers_accepted_is_hardly_ever_answered() -> None:
    assert own_gate(SHIPPED, None, 0.0).answer >= 0.95


@pytest.mark.parametrize(("alike", "answered"), [(0.05, True), (0.2, False)])
def test_what_comes_near_though_its_entry_is_missing_is_answered_as_rarely_as_what_is_wrong(
    alike: float, answered: bool
) -> None:
    """Not only as a share of all answers, among which it may be lost."""
    seen = made(1.0, 0.9)
    near = np.arange(len(seen.inside)) >= len(seen.inside) * (1 - alike / 2)
    seen.signs[near] = seen.signs[0]
    chance, bar = asked_back(seen)
    assert (chance >= bar) == answered


class Asked(AssertionError):
    """The FAQ was asked again."""


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows the FAQ had each time it was asked."""
    seen: list[int] = []

    def counting(index: Index, regression: bool) -> LeftOut:
        seen.append(index.rows)
        return leave_out(index, regression)

    monkeypatch.setattr(fused, "leave_out", counting)
    return seen


def many(count: int, **more: str) -> list[Entry]:
    ways = {f"e{n}": f"thing {n} price|cost of thing {n}|thing {n} how much|pay for thing {n}" for n in range(count)}
    return entries(**ways, **more)


def same(one: FusedMatcher, other: FusedMatcher) -> bool:
    gates = one.gate, other.gate
    return bool(np.array_equal(gates[0].weights, gates[1].weights)) and gates[0].answer == gates[1].answer


def test_nothing_is_asked_again_at_a_start(tmp_path: Path, once: list[int]) -> None:
    first = make_matcher(many(6), kept=Kept(tmp_path), calibrate=True)
    again = make_matcher(many(6), kept=Kept(tmp_path), calibrate=True)
    quick = make_matcher(many(6), kept=Kept(tmp_path))
    assert once == [24]
    assert same(first, again)
    assert same(first, quick), "what is known is used by who would not wait for it"
    assert first.own is not None
    assert again.own is not None
    assert (again.own.alone, again.own.entries, again.own.trust) == (24, 24, first.own.trust)


def test_who_cannot_wait_answers_by_the_shipped_gate_and_it_is_fitted_later(tmp_path: Path, once: list[int]) -> None:
    quick = make_matcher(many(6), kept=Kept(tmp_path))
    assert not once
    assert quick.own is None
    assert "as shipped" in described(quick.own)
    fitted = make_matcher(many(6), kept=Kept(tmp_path), before=quick, calibrate=True)
    assert once == [24]
    assert f"{24} of its questions" in described(fitted.own)


def test_a_small_edit_keeps_the_fitted_gate_and_many_do_not(once: list[int]) -> None:
    before = make_matcher(many(40), calibrate=True)
    edited = make_matcher(many(40, new="quite another question|asked otherwise"), before=before, calibrate=True)
    assert once == [160]
    assert same(before, edited)
    more = {f"new{n}": f"question {n}|asked in other words {n}" for n in range(4)}
    make_matcher(many(40, **more), before=edited, calibrate=True)
    assert once == [160, 168], "two edits and six more are over a twentieth"


def test_a_gate_of_another_kind_is_not_taken_over() -> None:
    before = make_matcher(many(40), calibrate=True)
    fewer = make_matcher([Entry(one.id, {"en": one.questions["en"][:2]}, {}) for one in many(40)], before=before)
    assert fewer.own is None
    assert fewer.weights is None


def test_edits_add_up() -> None:
    none = np.zeros(1)
    own = Own("meaning", 0.0, 1.0, none, none, none, 1.0, 1, 1)
    once_more = older(own, 3, 100)
    assert once_more is not None
    assert once_more.edits == 3
    assert older(once_more, 2, 100) is not None
    assert older(once_more, 3, 100) is None
    assert older(None, 0, 100) is None
