"""What happens on a network beside messages: who comes is welcomed, menu keys are buttons, the rest is silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import Kind, Status
from replies.knowledge import Knowledge
from tests.replies.conversation import Conversation


@pytest.fixture
def talk(knowledge: Knowledge) -> Conversation:
    return Conversation(knowledge)


def event(talk: Conversation, value: str | None, text: str = "", **more: object) -> str:
    return talk.says(text, kind=Kind.EVENT, value=value, **more).rule  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["follow", "enter"])
def test_who_comes_is_welcomed_with_the_topics(talk: Conversation, value: str) -> None:
    assert event(talk, value, "关注了公众号") == "greeting"
    assert talk.last.replies[0].script == "welcome/0"
    assert talk.buttons[-1] == "转人工"
    assert talk.taps("查物流").replies[0].source == "order_status"


def test_somebody_who_comes_back_in_the_middle_of_a_conversation_is_not_welcomed_again(talk: Conversation) -> None:
    talk.says("运费怎么算")
    before = talk.state
    assert event(talk, "enter") == "silent.event"
    assert talk.state == before
    assert talk.says("2").rule == "choice.unsolved"  # what was asked is still asked
    assert event(talk, "enter", wait=timedelta(hours=1, minutes=1)) == "greeting"
    assert event(talk, "follow") == "greeting"


@pytest.mark.parametrize(
    "value", ["unfollow", "LOCATION", "scan", "key_of_somebody_else", "faq:no_such_entry", "", None]
)
@pytest.mark.parametrize("text", ["运费怎么算", "着火了", "转人工", "你好", "1", "解决了", ""])
def test_other_events_are_silence_whatever_their_words_say(talk: Conversation, value: str | None, text: str) -> None:
    assert event(talk, value, text) == "silent.event"
    assert talk.last.replies == ()
    talk.says("运费怎么算")
    assert event(talk, value, text) == "silent.event"


def test_events_are_no_flood(talk: Conversation) -> None:
    for _ in range(50):
        event(talk, "LOCATION", wait=timedelta(seconds=1))
    assert talk.says("运费怎么算", wait=timedelta(seconds=1)).rule == "faq.answer"


@pytest.mark.parametrize(
    ("key", "rule"),
    [("human", "person.asked"), ("faq:ship_fee", "choice.answer"), ("yes", "choice.solved"), ("none", "miss.none")],
)
def test_a_menu_key_that_is_a_button_of_ours_is_that_button(talk: Conversation, key: str, rule: str) -> None:
    talk.says("你好")
    found = event(talk, key, "着火了")
    if rule == "miss.none":
        assert talk.last.replies[0].script.startswith(("miss/", "media/"))
    else:
        assert found == rule


def test_while_a_person_has_the_conversation_events_are_silence_too(talk: Conversation) -> None:
    for value in ("follow", "enter", "human", "unfollow"):
        assert event(talk, value, status=Status.OPEN) == "silent.person"
