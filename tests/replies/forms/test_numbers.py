from __future__ import annotations

import pytest

from replies.forms.numbers import read_order, read_phone
from replies.forms.secrets import mask


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0013 8000", "13800138000"),
        ("电话是13800138000", "13800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("0912-345-678", "0912345678"),
        ("+886 912 345 678", "+886912345678"),
        ("02-2345 6789", "0223456789"),
        ("9123 4567", "91234567"),
        ("+852 9123 4567", "+85291234567"),
        ("010-12345678转802", "01012345678-802"),
        ("400-820-8820", "4008208820"),
        ("+1 (555) 010-1234", "+15550101234"),
        ("電話：１３８００１３８０００", "13800138000"),
        ("1380013800", ""),
        ("12345", ""),
        ("没有电话", ""),
        ("QH13800138000", ""),
    ],
)
def test_phones(text: str, number: str) -> None:
    assert read_phone(text) == number


def test_only_what_is_hardly_anything_else_is_a_phone_by_itself() -> None:
    assert read_phone("13800138000", sure=True)
    assert read_phone("订单 91234567", sure=True) == ""


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("QH20261101", "QH20261101"),
        ("订单号是 QH20261101，谢谢", "QH20261101"),
        ("order no. A-12345", "A-12345"),
        ("my order number is 2026110112345678", "2026110112345678"),
        ("订单找不到了", ""),
        ("A12", ""),
        ("hello", ""),
        ("A" * 30 + "1" * 10, ""),
    ],
)
def test_order_numbers(text: str, order: str) -> None:
    assert read_order(text) == order


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("卡号 4111 1111 1111 1111", "卡号 ****"),
        ("6222021001116245 是订单吗", "6222021001116245 是订单吗"),
        ("密码是abc123", "密码是****"),
        ("驗證碼：482913", "驗證碼：****"),
        ("my password is hunter2", "my password is ****"),
        ("password: hunter", "password: ****"),
        ("身份证11010519491231002X", "身份证****"),
        ("A123456789", "****"),
        ("A123456(3)", "****"),
        ("密码忘记了", "密码忘记了"),
        ("my password is wrong", "my password is wrong"),
        ("订单 QH20261101，电话 13800138000", "订单 QH20261101，电话 13800138000"),
        ("11010519491331002X", "11010519491331002X"),
    ],
)
def test_secrets_are_made_unreadable_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_long_order_number_is_no_card_unless_the_text_says_so() -> None:
    assert mask("4111111111111111", order=True) == "4111111111111111"
    assert mask("银行卡 4111111111111111", order=True) == "银行卡 ****"
