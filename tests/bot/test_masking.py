"""What is kept to learn from names nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import MASK, mask


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("我的手机是13800138000，怎么改", f"我的手机是{MASK}，怎么改"),
        ("电话 138 0013 8000", f"电话 {MASK}"),
        ("call +1 (415) 555-0132 please", f"call {MASK} please"),
        ("手机１３８００１３８０００", f"手机{MASK}"),
        ("打一三八零零一三八零零零", f"打{MASK}"),
        ("卡号6222 0212 3456 7890 123", f"卡号{MASK}"),
        ("身份证11010519491231002X有效吗", f"身份证{MASK}有效吗"),
        ("订单20261125-998877在哪", f"订单{MASK}在哪"),
        ("快递SF1234567890123到哪了", f"快递SF{MASK}到哪了"),
        ("code A8F3K29Z71 fails", f"code {MASK} fails"),
        ("写信到 mei.li+shop@example.com.cn 吗", f"写信到 {MASK} 吗"),
        # No person's numbers:
        ("赔我5000元", "赔我5000元"),
        ("iPhone15 和 RTX4090 哪个好", "iPhone15 和 RTX4090 哪个好"),
        ("48小时内发货吗", "48小时内发货吗"),
        ("12315是什么", "12315是什么"),
        ("百分之三十", "百分之三十"),
        ("", ""),
    ],
)
def test_numbers_of_persons_go_and_the_question_stays(text: str, kept: str) -> None:
    assert mask(text) == kept


@given(st.text(alphabet="1aA零 -@.+()x好", max_size=300))
def test_no_long_number_is_left(text: str) -> None:
    masked = mask(text)
    assert not any(len(run) > 6 for run in "".join(c if c.isdigit() else " " for c in masked).split())


@pytest.mark.parametrize("piece", ["1", "a", "1 ", "a@", "a.", "零", "A1", "@.", "+", "1-("])
def test_a_flood_is_masked_at_once(piece: str) -> None:
    assert len(mask(piece * (100_000 // len(piece)))) <= 100_000
