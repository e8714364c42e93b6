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
        ("95588", "CN", "95588", "95588"),
        ("+852 6123 4567", "CN", "+85261234567", "+852 6123 4567"),
        ("6123 4567", "HK", "+85261234567", "6123 4567"),
        ("0912-345-678", "TW", "+886912345678", "0912 345 678"),
        ("110", "CN", "110", "110"),
    ],
)
def test_numbers_of_all_kinds(typed: str, country: str, key: str, shown: str) -> None:
    assert read(typed, country) == Number(key, shown)


@pytest.mark.parametrize("typed", ["", "  ", "匿名", "未知", "Anonymous", "隱藏號碼", "未知 号码", "No Caller ID"])
def test_who_shows_no_number_has_none(typed: str) -> None:
    assert read(typed) is None


@pytest.mark.parametrize("typed", ["王女士", "12", "1" * 41, "<b>", "a1b2"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        read(typed)


MOBILE = ("+8613800138000", "138 0013 8000")
READ: tuple[tuple[str, str, str], ...] = (
    ("13800138000", *MOBILE),
    ("138 0013 8000", *MOBILE),
    ("138-0013-8000", *MOBILE),
    ("１３８００１３８０００", *MOBILE),
    ("138—0013—8000", *MOBILE),
    ("+8613800138000", *MOBILE),
    ("+86 138-0013-8000", *MOBILE),
    ("＋８６　１３８００１３８０００", *MOBILE),
    ("86 13800138000", *MOBILE),
    ("008613800138000", *MOBILE),
    ("(0755) 2688 1234", "+8675526881234", "0755 2688 1234"),
    ("（0755）26881234", "+8675526881234", "0755 2688 1234"),
    ("010-62881234", "+861062881234", "010 6288 1234"),
    ("0512-66881234", "+8651266881234", "0512 6688 1234"),
    ("400-820-8820", "+864008208820", "400 820 8820"),
    ("8008208820", "+868008208820", "800 820 8820"),
    ("010-62881234 转 801", "+861062881234;ext=801", "010 6288 1234 ext. 801"),
    ("010-62881234转801", "+861062881234;ext=801", "010 6288 1234 ext. 801"),
    ("010-62881234 分机：801", "+861062881234;ext=801", "010 6288 1234 ext. 801"),
    ("010-62881234 ext. 801", "+861062881234;ext=801", "010 6288 1234 ext. 801"),
    ("010-62881234-801", "+861062881234;ext=801", "010 6288 1234 ext. 801"),
    ("+852 2345 6789", "+85223456789", "+852 2345 6789"),
    ("852-23456789", "+85223456789", "+852 2345 6789"),
    ("00852 2345 6789", "+85223456789", "+852 2345 6789"),
    ("853 6612 3456", "+85366123456", "+853 6612 3456"),
    ("+886 912-345-678", "+886912345678", "+886 912 345 678"),
    ("886912345678", "+886912345678", "+886 912 345 678"),
    ("+1 (415) 555-2671", "+14155552671", "+1 415-555-2671"),
    ("19912345678", "+8619912345678", "199 1234 5678"),
    ("95588", "95588", "95588"),
    ("12315", "12315", "12315"),
    ("6288 1234", "62881234", "6288 1234"),
)
NONE = (
    "王女士",
    "1380013800",
    "138001380001",
    "abc",
    "12",
    "+",
    "13800138000x",
    "1" * 30,
    "a" * 100,
    "138\n0013",
    "¼½",
    "+86",
)


@pytest.mark.parametrize(("typed", "key", "shown"), READ)
def test_however_it_is_typed_and_a_key_reads_as_itself(typed: str, key: str, shown: str) -> None:
    assert read(typed) == read(key) == Number(key, shown)


@pytest.mark.parametrize("typed", NONE)
def test_a_digit_too_few_or_too_many_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        read(typed)


@given(st.text(max_size=60) | st.text(alphabet="0123456789+-() .转ext#", max_size=48))
def test_whatever_is_typed_is_a_number_or_refused(typed: str) -> None:
    try:
        found = read(typed)
    except ValueError:
        return
    assert found is None or found == read(found.key)


@pytest.mark.parametrize("piece", ["1", "-", "转", "ext ", "0-", " "])
def test_a_book_is_no_number(piece: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        read(piece * 100_000)
