"""What a letter says between salutation and signature, in three languages; and never slower for a longer one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.gist import LONGEST, gist, subject_of


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("尊敬的客服：\n您好！\n想退货。\n谢谢！\n王小明\n138****5521", "想退货。"),
        ("您好，我想退货，请问怎么申请？", "我想退货，请问怎么申请？"),
        ("客服人員您好，\n請問怎麼換貨？\n麻煩您了，謝謝。\n陳怡君", "請問怎麼換貨？"),
        ("Dear Sir or Madam,\n\nI return it.\n\nKind regards,\nHelen\n+44 20 7946 0000", "I return it."),
        ("Dear Mrs Jones,\nit is broken.\n--\nTom", "it is broken."),
        ("Hi, quick question: do you ship to Canada?\nCheers, Mike", "quick question: do you ship to Canada?"),
        ("To whom it may concern,\nplease call me.", "please call me."),
        # No salutation and no signature: nothing is taken away.
        ("谢谢你们帮我解决了问题", "谢谢你们帮我解决了问题"),
        ("Thanks for the quick work, but it is broken.", "Thanks for the quick work, but it is broken."),
        # What looks like a close in the middle is none where a question follows it.
        ("东西收到了。\n谢谢\n另外请问发票怎么开？", "东西收到了。\n谢谢\n另外请问发票怎么开？"),
        ("Thanks", "Thanks"),
        ("", ""),
    ],
)  # fmt: skip
def test_salutation_and_signature_are_no_matter(text: str, body: str) -> None:
    assert gist(text).body == body


@pytest.mark.parametrize(
    ("subject", "words", "said"),
    [
        ("Re: 回复：Fwd: [External] 退货 [KF-1024]", "退货", "退货"),
        ("RE[2]: Broken lamp", "Broken lamp", "Broken lamp"),
        ("（无主题）", "（无主题）", ""),
        ("(no subject)", "(no subject)", ""),
        ("咨询", "咨询", ""),
        ("Question", "Question", ""),
        ("问题很大", "问题很大", "问题很大"),
        ("re", "re", "re"),
        ("a\r\nBcc: x", "a Bcc: x", "a Bcc: x"),
        ("", "", ""),
    ],
)
def test_a_subject_without_what_programs_add_and_only_if_it_says_something(
    subject: str, words: str, said: str
) -> None:  # fmt: skip
    assert subject_of(subject) == words
    assert gist("正文", subject).subject == said
    assert gist("正文", subject).judged == (f"{said}\n正文" if said else "正文")


def test_the_questions_are_found() -> None:
    asked = gist("您好，我买的台灯不亮了。请问怎么申请维修？另外保修多久？谢谢。\n老赵").questions
    assert asked == ("请问怎么申请维修？", "另外保修多久？")
    asked = gist("Hello,\nit broke. How can I have it repaired? I need it soon.\nBest\nTom").questions
    assert asked == ("How can I have it repaired?",)


@given(st.text(max_size=400), st.text(max_size=60))
def test_whatever_is_written_it_is_read(text: str, subject: str) -> None:
    seen = gist(text, subject)
    assert len(seen.body) <= len(text)
    assert all(question in seen.body.replace("\n", " ") or question in seen.body for question in seen.questions)


@pytest.mark.parametrize(
    "text",
    [
        "您好" * 50_000,
        "尊敬的" * 40_000,
        "dear " * 30_000,
        "hi there " * 20_000,
        "\n" * 100_000,
        "谢谢\n" * 50_000,
        " " * 100_000 + "x",
        "re: " * 30_000,
        "a" * 100_000,
        "？" * 100_000,
        "best " * 30_000,
    ],
)
def test_a_hundred_thousand_characters_do_not_hang_it(text: str) -> None:
    """It ends: a pattern that backtracks would not, within the patience of the whole run."""
    assert len(gist(text, text).judged) <= LONGEST + 201
