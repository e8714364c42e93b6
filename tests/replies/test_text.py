from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.text import LANGUAGES, bare, clean, clip, detect, fold, language_of, masked, script_of, steady


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("zh-Hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("yue", "zh-Hant"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
        (None, None),
    ],
)
def test_tags_of_browsers_and_networks_mean_one_of_our_languages(tag: str | None, language: str | None) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("请问什么时候发货", None, "zh-Hans"),
        ("請問什麼時候出貨", None, "zh-Hant"),
        ("請問什麼時候出貨", "zh-CN", "zh-Hant"),
        ("請問", "en", "zh-Hant"),
        ("How long does shipping take?", "zh-CN", "en"),
        ("refund", None, "en"),
        # Nothing in the characters decides: what the customer is known to read does.
        ("你好", None, "zh-Hans"),
        ("你好", "zh-TW", "zh-Hant"),
        ("你好", "en", "zh-Hans"),
        ("ok", "zh-TW", "zh-Hant"),
        ("A10293847", "zh-CN", "zh-Hans"),
        ("👍", "en", "en"),
        ("", None, "zh-Hans"),
        ("😀", None, "zh-Hans"),
        ("12345", "zh-HK", "zh-Hant"),
        # Mixed: product names do not make a Chinese question English, one Chinese word does not make English Chinese.
        ("iPhone 15 Pro Max 有吗", None, "zh-Hans"),
        ("我的 order 呢", None, "zh-Hans"),
        ("What does 退款 mean?", None, "en"),
        ("后台 里面 台湾", None, "zh-Hans"),
        ("點解未到嘅", None, "zh-Hant"),
        ("где мой заказ", None, "en"),
        ("注文はいつ届きますか", "en", "en"),
    ],
)
def test_the_language_to_answer_in(text: str, hint: str | None, language: str) -> None:
    assert detect(text, hint) == language


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("請問訂單到哪裡了", "请问订单到哪里了"),
        ("ＡＢＣ１２３", "abc123"),
        ("WHERE  is\tit", "where is it"),
        ("退\u200b货\ufeff", "退货"),
        ("don’t", "don't"),
        ("①", "1"),
        ("\ud800退货", "退货"),
    ],
)
def test_ways_to_write_the_same_fold_to_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("char", "script"), [("们", "zh-Hans"), ("們", "zh-Hant"), ("你", None), ("后", None), ("a", None)]
)
def test_only_characters_of_one_script_tell_the_script(char: str, script: str | None) -> None:
    assert script_of(char) == script


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    text = "开头" + "中" * 100_000 + "结尾"
    assert len(clip(text, 200)) == 200
    assert clip(text, 200).startswith("开头")
    assert clip(text, 200).endswith("结尾")


@given(st.text())
def test_any_text_can_be_folded_and_folding_again_changes_nothing_seen(text: str) -> None:
    assert bare(fold(bare(fold(text)))) == bare(fold(bare(fold(bare(fold(text))))))
    assert detect(text) in LANGUAGES
    assert not any("\ud800" <= char <= "\udfff" or char == "\0" for char in clean(text) + fold(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sooooo late", "so late"),
        ("哈哈哈哈 好好笑", "哈 好好笑"),
        ("good, 看看", "good, 看看"),
        ("1000000 元", "1000000 元"),
        ("急急急！！！", "急!!!"),
    ],
)
def test_what_is_drawn_out_is_written_once(text: str, said: str) -> None:
    assert steady(fold(text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我的手机号是138-1234-5678，怎么退货", "我的手机号是 ,怎么退货"),
        ("卡号6222 0212 3456 7890 123扣款", "卡号 扣款"),
        ("单号SF1234567890123到哪了", "单号 到哪了"),
        ("call +86 138 1234 5678 please", "call   please"),
        ("mail me at wang.li+shop@example.com.cn please", "mail me at   please"),
        ("看这个https://example.com/a?b=1怎么买", "看这个 怎么买"),
        ("iphone 15 256 多少钱", "iphone 15 256 多少钱"),
        ("2024 年 12 月 5000 块 3k", "2024 年 12 月 5000 块 3k"),
        ("12315", " "),
    ],
)
def test_numbers_and_addresses_do_not_take_part_in_matching(text: str, said: str) -> None:
    assert masked(fold(text)) == said


@pytest.mark.parametrize("piece", ["a", "1 ", "1-", "a@", "https://", "+1", "a1a1", "aaab", "..@", "1a"])
def test_a_hundred_thousand_characters_are_no_trouble(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    assert len(masked(steady(long))) <= len(long)


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("保固多久", None, "zh-Hant"),
        ("希望可以支援 Apple Pay", "en", "zh-Hant"),
        ("好喔", None, "zh-Hant"),
        ("掰掰", None, "zh-Hant"),
        ("咩事", None, "zh-Hant"),
        ("保固多久", "zh-CN", "zh-Hans"),
        ("好的", None, "zh-Hans"),
        ("多久到", None, "zh-Hans"),
        ("多久到", "zh-TW", "zh-Hant"),
    ],
)
def test_words_of_taiwan_and_hong_kong_tell_where_characters_do_not(text: str, hint: str | None, language: str) -> None:
    assert detect(text, hint) == language
