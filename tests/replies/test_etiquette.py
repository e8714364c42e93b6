from __future__ import annotations

import csv
import re
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.etiquette import check, warm
from replies.etiquette.tables import table
from replies.text import LANGUAGES, Language

FAULTS: list[tuple[Language, str, str, str]] = [
    ("zh-Hans", "你好，请稍等一分钟。", "familiar", "你"),
    ("zh-Hans", "感谢你们的支持。", "familiar", "你们"),
    ("zh-Hans", "这个我不知道。", "forbidden", "不知道"),
    ("zh-Hans", "这不归我管。", "forbidden", "不归我管"),
    ("zh-Hans", "您听不懂吗？", "forbidden", "听不懂"),
    ("zh-Hans", "这个没办法。", "forbidden", "没办法"),
    ("zh-Hans", "规定就是这样。", "forbidden", "规定就是"),
    ("zh-Hans", "这不可能。", "forbidden", "不可能"),
    ("zh-Hans", "请您自己看说明书。", "forbidden", "自己看"),
    ("zh-Hans", "您有证据吗？", "doubt", "您有证据吗"),
    ("zh-Hans", "难道不是这样？", "counter-question", "难道"),
    ("zh-Hans", "这是您自己的问题。", "blame", "是您自己的问题"),
    ("zh-Hans", "是您填错了地址。", "blame", "您填错"),
    ("zh-Hans", "这是快递公司的问题。", "blame", "快递公司的问题"),
    ("zh-Hans", "是仓库同事弄错了。", "blame", "仓库同事弄错"),
    ("zh-Hans", "我们会尽快处理。", "promise", "尽快"),
    ("zh-Hans", "请稍后再试。今天有活动。", "promise", "稍后"),
    ("zh-Hans", "客服会第一时间联系您。", "promise", "第一时间"),
    ("zh-Hans", "您的訂單已经发出。", "script", "訂"),
    ("zh-Hant", "妳好。", "familiar", "妳"),
    ("zh-Hant", "這個我不清楚。", "forbidden", "不清楚"),
    ("zh-Hant", "我們會儘快處理。", "promise", "儘快"),
    ("zh-Hant", "是您寫錯了。", "blame", "您寫錯"),
    ("zh-Hant", "您的订單已出貨。", "script", "订"),
    ("zh-Hant", "請看簡訊裡的視頻。", "region", "視頻"),
    ("zh-Hant", "3 個工作日內退款。", "region", "工作日"),
    ("en", "I don't know.", "forbidden", "I don't know"),
    ("en", "That is not our department.", "forbidden", "not our department"),
    ("en", "Sorry, we can't help you.", "forbidden", "can't help you"),
    ("en", "That's our policy.", "forbidden", "That's our policy"),
    ("en", "Please calm down.", "forbidden", "calm down"),
    ("en", "You must send it back.", "forbidden", "You must"),
    ("en", "Are you sure about that?", "doubt", "Are you sure"),
    ("en", "What do you want?", "counter-question", "What do you want"),
    ("en", "It was your mistake.", "blame", "your mistake"),
    ("en", "You should have checked.", "blame", "You should have"),
    ("en", "It is the courier's fault.", "blame", "courier's fault"),
    ("en", "We will reply as soon as possible.", "promise", "as soon as possible"),
    ("en", "A colleague will be with you shortly. Today is a holiday.", "promise", "shortly"),
    ("en", "Contact 青禾.", "script", "青"),
]


@pytest.mark.parametrize(("language", "text", "rule", "words"), FAULTS)
def test_a_fault_is_found_with_its_words_and_a_better_way(language: Language, text: str, rule: str, words: str) -> None:
    start = text.index(words)
    found = check(text, language)
    assert [one for one in found if one.rule == rule and one.start < start + len(words) and start < one.end]
    assert all(one.why and one.mend and text[one.start : one.end] == one.words for one in found)


DATA = Path(__file__).parent.parent / "data"


def replies_of(name: str) -> list[dict[str, str]]:
    """Replies written apart from the rules: with a planted fault (`fault words`), and clean ones."""
    lines = (DATA / f"etiquette_{name}.tsv").read_text("utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def is_found(row: dict[str, str]) -> bool:
    words = row["fault words"]
    start = row["text"].index(words)
    found = check(row["text"], cast("Language", row["language"]), "grave")
    return any(one.start < start + len(words) and start < one.end for one in found)


def test_nine_of_ten_planted_faults_of_each_kind_are_found_where_they_are() -> None:
    counts: dict[tuple[str, str], list[bool]] = {}
    for row in replies_of("faults"):
        if row["kind"] != "clean":
            counts.setdefault((row["kind"], row["language"]), []).append(is_found(row))
    assert len(counts) >= 32
    missed = {kind: f"{sum(found)}/{len(found)}" for kind, found in counts.items() if sum(found) < 0.9 * len(found)}
    assert not missed


@pytest.mark.parametrize("name", ["third", "fourth"])
def test_so_are_those_of_the_later_sets(name: str) -> None:
    counts: dict[str, list[bool]] = {}
    for row in replies_of(name):
        if row["kind"] != "clean":
            counts.setdefault(row["kind"], []).append(is_found(row))
    assert {kind: sum(found) for kind, found in counts.items() if sum(found) < 0.9 * len(found)} == {}


def test_of_what_another_hand_wrote_nearly_as_many_are_found() -> None:
    found = [is_found(row) for row in replies_of("fresh") if row["kind"] != "clean"]
    assert sum(found) >= 0.88 * len(found)


@pytest.mark.parametrize(("name", "share"), [("faults", 0.03), ("third", 0.03), ("fresh", 0.045), ("fourth", 0.09)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_few_clean_replies_are_faulted(language: Language, name: str, share: float) -> None:
    clean = [row["text"] for row in replies_of(name) if (row["kind"], row["language"]) == ("clean", language)]
    faulted = [text for text in clean if check(text, language, "grave")]
    assert len(clean) >= 34
    assert len(faulted) <= share * len(clean), len(faulted)


@pytest.mark.parametrize(
    ("language", "text", "words", "instead"),
    [
        ("zh-Hans", "周三前办不了。", "周三前办不了", "周三后为您办好"),
        ("zh-Hans", "抱歉，3天内发不出。", "3天内发不出", "3天后为您发出"),
        ("zh-Hant", "週三前辦不了。", "週三前辦不了", "週三後為您辦好"),
        ("zh-Hans", "你好，请说。", "你", "您"),
        ("zh-Hant", "請看簡訊裡的視頻。", "視頻", "影片"),
        ("zh-Hans", "您的訂单。", "訂", "订"),
    ],
)
def test_what_can_stand_in_its_place_is_offered(language: Language, text: str, words: str, instead: str) -> None:
    assert (words, instead) in [(one.words, one.instead) for one in check(text, language)]


def test_what_the_customer_said_may_be_quoted() -> None:
    assert check("您提到“你们太慢了”，由我今天 18:00 前答复您。", "zh-Hans") == ()
    assert [one.rule for one in check("“收到”，你们太慢了。", "zh-Hans")] == ["familiar"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", ["您", "a ", "不", "你们", "。", "“", "the ", "请把", "1", "\n", "没有", "we will "])
def test_no_text_is_too_much(language: Language, unit: str) -> None:
    """Bounded patterns: a runaway one would not come back from this."""
    check(unit * (100_000 // len(unit)), language, "grave")


@pytest.mark.parametrize("folder", ["chinese", "english"])
def test_no_alternative_begins_with_a_word_of_any_length(folder: str) -> None:
    """Tried at every letter of a long word, each would read the rest of it: a page of digits took seconds."""
    sheets = [sheet for sheet in (files("replies.etiquette") / folder).iterdir() if sheet.name.endswith(".toml")]
    rules = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
    assert len(sheets) > 5
    assert re.findall(r"(?m)(?:^|[(|:])(?:\\w|\\d|\.|\[[^\]\n]+\])[+*].*", rules) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "客服会在 2 小时内尽快答复您。"),
        ("zh-Hans", "今天 18:00 前，请您稍后再点一次。"),
        ("zh-Hans", "再见，请您拿好小票。"),
        ("zh-Hant", "同仁會在 3 個工作天內儘快回覆您。"),
        ("zh-Hant", "請您打開訂單，輸入優惠碼。"),
        ("en", "A colleague replies within 2 hours, or sooner: as soon as possible."),
        ("en", "We will call you tomorrow, no later than 18:00."),
        ("en", "Please read on whenever you like."),
    ],
)
def test_a_promise_with_a_time_and_plain_courtesy_pass(language: Language, text: str) -> None:
    assert check(text, language) == ()


def test_particles_and_emoji_are_for_light_talk_only() -> None:
    text = "好的呢，已经登记了哦！☀"
    assert check(text, "zh-Hans", "light") == check(text, "zh-Hans", "plain") == ()
    assert [advice.words for advice in check(text, "zh-Hans", "grave")] == ["呢", "哦", "☀"]
    assert [advice.rule for advice in check("So sorry ☹", "en", "grave")] == ["levity"]


def test_once_warm_no_draft_waits_for_the_rules_to_be_compiled() -> None:
    table.cache_clear()
    warm()
    for language in LANGUAGES:
        check("x", language)
    assert table.cache_info().misses == 2


@given(st.text(), st.sampled_from(LANGUAGES))
def test_any_draft_can_be_checked(text: str, language: Language) -> None:
    assert all(advice.words for advice in check(text, language, "grave"))
