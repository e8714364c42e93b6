"""Phone numbers: however they are typed, the same number is the same customer's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.numbers import Number, read


@pytest.mark.parametrize(
    "typed",
    [
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "+86 139 1234 5678",
        "0086 13912345678",
        "１３９１２３４５６７８",
        "(+86)13912345678",
        " 13912345678\n",
    ],
)
def test_one_number_in_many_hands(typed: str) -> None:
    assert read(typed) == Number("+8613912345678", "139 1234 5678")


@pytest.mark.parametrize(
    ("typed", "country", "key", "shown"),
    [
        ("010-12345678", "CN", "+861012345678", "010 1234 5678"),
        ("021 6123 4567 转 8012", "CN", "+862161234567;ext=8012", "021 6123 4567 ext. 8012"),
        ("021-61234567分机12", "CN", "+862161234567;ext=12", "021 6123 4567 ext. 12"),
        ("400-820-8888", "CN", "+864008208888", "400 820 8888"),
        ("95588", "CN", "+8695588", "95588"),
        ("+852 6123 4567", "CN", "+85261234567", "+852 6123 4567"),
        ("6123 4567", "HK", "+85261234567", "6123 4567"),
        ("0912-345-678", "TW", "+886912345678", "0912 345 678"),
        ("110", "CN", "110", "110"),
    ],
)
def test_numbers_of_all_kinds(typed: str, country: str, key: str, shown: str) -> None:
    assert read(typed, country) == Number(key, shown)


@pytest.mark.parametrize("typed", ["", "  ", "匿名", "未知", "Anonymous", "隱藏號碼"])
def test_who_shows_no_number_has_none(typed: str) -> None:
    assert read(typed) is None


@pytest.mark.parametrize("typed", ["王女士", "12", "1" * 41, "<b>", "a1b2"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        read(typed)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        found = read(typed)
    except ValueError:
        return
    assert found is None or (found.key and found.shown and len(found.key) <= 60)
