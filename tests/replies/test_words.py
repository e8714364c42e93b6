from __future__ import annotations

from pathlib import Path

import pytest

from replies.knowledge import Knowledge
from replies.source import CONTENT
from replies.words import is_blank, is_emoji, load_words, ordinal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你好", "greeting"),
        ("您好！", "greeting"),
        ("hiiii", "greeting"),
        ("Hello there", "greeting"),
        ("你好吗？", "how_are_you"),
        ("在吗在吗", None),
        ("在吗？", "here"),
        ("有人在嗎", "here"),
        ("谢谢，再见", "goodbye"),
        ("好的 谢谢", "thanks"),
        ("Thanks!!!", "thanks"),
        ("唔該", "thanks"),
        ("哈哈哈哈哈", "light"),
        ("ok👌", "light"),
        ("你是机器人吗", "who_are_you"),
        ("are you a bot?", "who_are_you"),
        ("服務很棒", "praise"),
        ("你好，我要退货", None),
        ("thanks but where is my order", None),
        ("", None),
        ("？？？", None),
    ],
)
def test_small_talk_is_the_whole_message_or_none_of_it(text: str, kind: str | None, knowledge: Knowledge) -> None:
    assert knowledge.words.chat(text) == kind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("２", 2),
        ("②", 2),
        ("第二个", 2),
        ("选2", 2),
        ("我选第三个", 3),
        ("the second one", 2),
        ("no 1", 1),
        ("3.", 3),
        ("两件", None),
        ("99", None),
        ("2件", None),
        ("0", None),
        ("second hand", None),
        ("", None),
        ("a" * 10_000, None),
    ],
)
def test_a_number_chooses_only_when_it_is_all_there_is(text: str, number: int | None) -> None:
    assert ordinal(text) == number


@pytest.mark.parametrize(
    ("text", "blank", "emoji"),
    [
        ("", True, False),
        (" \n\t", True, False),
        ("？？", True, False),
        ("\u200b\ufeff", True, False),
        ("👍", False, True),
        ("[微笑]", False, True),
        ("❤️❤️", False, True),
        ("好", False, False),
        ("好👍", False, False),
    ],
)
def test_nothing_said_and_nothing_but_emoji(text: str, blank: bool, emoji: bool) -> None:
    assert (is_blank(text), is_emoji(text)) == (blank, emoji)


def test_faults_in_the_lists_are_told_with_file_line_and_mend(tmp_path: Path) -> None:
    for language in ("zh-Hans", "zh-Hant", "en"):
        (tmp_path / language).mkdir()
        source = (CONTENT / language / "words.toml").read_text("utf-8")
        (tmp_path / language / "words.toml").write_text(source, "utf-8")
    broken = tmp_path / "en" / "words.toml"
    broken.write_text('[small_talk]\ngreeting = "hi"\nsinging = ["la"]\n[choices]\n', "utf-8")
    told = [str(fault).removeprefix(str(broken)) for fault in load_words(tmp_path)[1]]
    assert [line.split(" → ")[0] for line in told] == [
        ":2: [small_talk] greeting is not a list of words",
        ":3: [small_talk] singing is not known",
        ":1: [choice] is missing",
        ":4: [choices] is not known",
    ]
