from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.wecom import msgid

TAG = "ab12"


@given(st.integers(1, 10**12 - 1), st.integers(1, 99), st.integers(1, 9), st.text())
def test_the_ground_s_keys_come_back(number: int, piece: int, call: int, said: str) -> None:
    key = f"kefu-{number}" if piece == 1 else f"kefu-{number}#{piece}"
    sealed = TAG + msgid.part(key, call, said)
    assert re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", sealed)
    assert msgid.key_of(sealed, TAG) == key


@given(st.text(min_size=1, max_size=80), st.integers(1, 9))
def test_any_key_gives_a_valid_msgid_that_says_the_truth_or_nothing(key: str, call: int) -> None:
    sealed = TAG + msgid.part(key, call, "x")
    assert re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", sealed, re.ASCII)
    assert msgid.key_of(sealed, TAG) in (key, None)


@given(st.text(min_size=1, max_size=80), st.integers(1, 9))
def test_what_goes_again_has_another_msgid_of_the_same_key(key: str, call: int) -> None:
    first = TAG + msgid.part(key, call, "x")
    second = msgid.again(first)
    third = msgid.again(second)
    assert len({first, second, third}) == 3
    for sealed in (second, third):
        assert re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", sealed, re.ASCII)
        assert msgid.key_of(sealed, TAG) == msgid.key_of(first, TAG)


@given(st.text(), st.sampled_from([TAG, "zzzz"]))
def test_what_others_sent_is_not_ours(told: str, tag: str) -> None:
    assert msgid.key_of(told, tag) is None or told.startswith(tag)


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(1, 5)), unique=True, max_size=30))
def test_no_two_are_the_same(keys: list[tuple[str, int]]) -> None:
    assert len({msgid.part(key, call, "same") for key, call in keys}) == len(keys)


def test_what_is_said_is_in_it() -> None:
    """A restored database counts the same numbers again, for other messages."""
    assert msgid.part("kefu-7", 1, "您好") != msgid.part("kefu-7", 1, "再见")
    assert msgid.part("kefu-7", 1, "您好") == msgid.part("kefu-7", 1, "您好")


@pytest.mark.parametrize("told", ["ab12cdef", "ab12cdef_xffffffffff_", "ab12cdef_x110000_", "ab12_h" + "a" * 26])
def test_what_only_looks_like_ours_gives_nothing(told: str) -> None:
    assert msgid.key_of(told, TAG) is None
