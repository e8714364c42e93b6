"""What we say, as calls of the Bot API; judged by a rule checker that others wrote."""

from __future__ import annotations

from typing import Any

import pytest
from aiogram import Bot
from aiogram.methods import SendMessage, SendPhoto
from aiogram.types import InlineKeyboardMarkup
from hypothesis import given
from hypothesis import strategies as st
from teremok import ApiRuleViolation
from teremok.validation import validate_method

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from channels.fit import fit
from channels.telegram import outbound
from channels.telegram.channel import CAPABILITIES
from tests.fakes.telegram import TOKEN

PICTURE = Attachment(Kind.IMAGE, "a.png", "image/png", key="k1")
FILE = Attachment(Kind.FILE, "账单.pdf", "application/pdf", key="k2")
YES = QuickReply("好", "yes")


def say(text: str = "您好", **more: Any) -> Outgoing:
    return Outgoing("kefu-1", "5001", text, **more)


def shape(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Each call: what it is, and the words it carries."""
    calls = outbound.render(outgoing)
    assert len({call.key for call in calls}) == len(calls)
    assert all(call.params["chat_id"] == "5001" for call in calls)
    boards = ["reply_markup" in call.params for call in calls]
    assert boards == [False] * (len(calls) - 1) + [bool(outgoing.quick_replies)] if calls else True
    return [(c.params.get("as", c.name), str(c.params.get("text", c.params.get("caption", "")))) for c in calls]


@pytest.mark.parametrize(
    ("outgoing", "calls"),
    [
        (say(), [("sendMessage", "您好")]),
        (say("<b>5*6</b>"), [("sendMessage", "<b>5*6</b>")]),
        (say(quick_replies=(YES,)), [("sendMessage", "您好")]),
        (say("", quick_replies=(YES,)), [("sendMessage", "请选择：")]),
        (say(attachments=(PICTURE,)), [("photo", "您好")]),
        (say("", attachments=(PICTURE,)), [("photo", "")]),
        (say("长" * 1025, attachments=(PICTURE,)), [("sendMessage", "长" * 1025), ("photo", "")]),
        (say(attachments=(PICTURE, FILE)), [("sendMessage", "您好"), ("photo", ""), ("document", "")]),
        (say(attachments=(PICTURE, FILE), quick_replies=(YES,)),
         [("photo", ""), ("document", ""), ("sendMessage", "您好")]),
        (say(attachments=(Attachment(Kind.LINK, "新品", "", url="https://x.example"),)),
         [("sendMessage", "您好\n新品 https://x.example")]),
        (say("  "), []),
    ],
)  # fmt: skip
def test_what_goes_out_in_which_order(outgoing: Outgoing, calls: list[tuple[str, str]]) -> None:
    assert shape(outgoing) == calls


def test_no_text_is_read_as_markup() -> None:
    for call in outbound.render(say("*a* <b>", attachments=(PICTURE,))):
        assert not {"parse_mode", "caption_parse_mode"} & call.params.keys()


@pytest.mark.parametrize(
    ("button", "data"),
    [
        (YES, "yes"), (QuickReply("好", "x" * 64), "x" * 64), (QuickReply("好的", "x" * 65), "~好的"),
        (QuickReply("好", "退" * 21), "退" * 21), (QuickReply("好", "退" * 22), "~好"),
        (QuickReply("好", "~x"), "~好"), (QuickReply("好", "="), "~好"), (QuickReply("好", ""), "~好"),
        (QuickReply("退" * 40, "y" * 99), "~" + "退" * 21),
    ],
)  # fmt: skip
def test_what_a_button_sends_fits(button: QuickReply, data: str) -> None:
    assert outbound.data(button) == data
    assert 1 <= len(outbound.data(button).encode()) <= 64


def test_marks_stand_side_by_side_and_sentences_one_a_row() -> None:
    marks = [QuickReply(f"{n} 分", f"rate:{n}") for n in range(1, 6)]
    questions = [QuickReply("我收到的商品坏了怎么办？", "a"), QuickReply("怎么修改收货地址？", "b")]
    assert [len(row) for row in outbound.keyboard(marks)["inline_keyboard"]] == [4, 1]
    assert [len(row) for row in outbound.keyboard(questions)["inline_keyboard"]] == [1, 1]


LABELS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
BUTTONS = st.lists(st.builds(QuickReply, LABELS, st.text(max_size=90)), max_size=25).map(tuple)
TEXTS = st.text(st.sampled_from("a。中😀 \n<*&_"), max_size=9000)


@given(TEXTS, BUTTONS, st.sampled_from([(), (PICTURE,), (PICTURE, FILE)]))
def test_whatever_we_say_keeps_the_rules_of_the_bot_api(text: str, buttons: Any, files: Any) -> None:
    bot = Bot(TOKEN)
    for part in fit(say(text, quick_replies=buttons, attachments=files), CAPABILITIES):
        for call in outbound.render(part):
            given_ = {k: v for k, v in call.params.items() if k not in ("upload", "as", "name")}
            if markup := given_.pop("reply_markup", None):
                given_["reply_markup"] = InlineKeyboardMarkup.model_validate(markup)
            method = SendMessage(**given_) if call.name == "sendMessage" else SendPhoto(photo="x", **given_)
            validate_method(bot, method)


def test_the_checker_checks() -> None:
    with pytest.raises(ApiRuleViolation):
        validate_method(Bot(TOKEN), SendMessage(chat_id=1, text="😀" * 2049))
