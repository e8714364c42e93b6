"""Answering what everybody reads: there or aside, within the network's limit, in words the scripts lend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Kind, Window
from tests.handoff.desk.house import Browser, House


def post(house: House, sender: str = "li") -> int:
    more: Any = {"public": True, "extra": {"public": {"kind": "status", "author": {"name": "小李", "followers": 3}}}}
    return int(
        house.run(house.shop.accept("坏了！", sender=sender, thread=f"public:1:{sender}", **more)).conversation_id
    )


def answer(agent: Browser, place: int, text: str = "您好", **more: Any) -> Any:
    return agent.post(f"/api/desk/conversations/{place}/messages", json={"cid": "reply-001", "text": text, **more})


def test_the_page_knows_what_is_public_and_how_long_an_answer_may_be(house: House) -> None:
    house.public_most = 140
    place, agent = post(house), house.agent()
    found = agent.get(f"/api/desk/conversations/{place}").json()
    assert (found["conversation"]["public"], found["public_most"], found["linked"]) == (True, 140, [])
    (said,) = [e["d"] for e in agent.get(f"/api/desk/conversations/{place}/events").json()["events"]]
    assert said["public"]["author"]["name"] == "小李"


def test_an_answer_aside_names_the_private_conversation(house: House) -> None:
    place, agent = post(house), house.agent()
    told = answer(agent, place, private=True).json()
    assert (told["row"]["public"], told["row"]["id"]) == (False, place + 1)
    seen = agent.get(f"/api/desk/conversations/{place}").json()
    assert [row["id"] for row in seen["linked"]] == [place + 1]


def test_the_page_knows_what_may_be_said_aside(house: House) -> None:
    place, agent = post(house), house.agent()
    where = f"/api/desk/conversations/{place}"
    assert agent.get(where).json()["aside"] == {"conversation": None, "window": None, "parked": 0}
    house.windowed = True
    shut = agent.get(where).json()["aside"]["window"]
    assert (shut["by"], shut["left"]) == ("none", 0), "he never did anything that lets us write"
    once: Any = {"window": Window("mention", timedelta(hours=48), 1), "kind": Kind.EVENT, "wakes": False}
    private = house.run(house.shop.accept("@了我们", **once)).conversation_id
    told = agent.get(where).json()["aside"]
    assert (told["conversation"], told["window"]["by"], told["window"]["left"]) == (private, "mention", 1)
    assert agent.get(f"/api/desk/conversations/{private}").json()["aside"] is None


def test_a_public_answer_stays_where_it_is(house: House) -> None:
    place, agent = post(house), house.agent()
    assert answer(agent, place).json()["row"]["id"] == place


def test_what_is_too_long_for_everybody_is_not_for_one(house: House) -> None:
    house.public_most = 10
    place, agent = post(house), house.agent()
    refused = answer(agent, place, "字" * 11)
    assert (refused.status_code, refused.json()["error"]) == (422, "too_long")
    assert answer(agent, place, "字" * 11, private=True).status_code == 200


def test_it_is_measured_as_the_network_does(house: House) -> None:
    house.public_most, house.public_halves = 280, True
    place, agent = post(house), house.agent()
    assert agent.get(f"/api/desk/conversations/{place}").json()["public_measure"] == "half-widths"
    assert answer(agent, place, "字" * 141).json()["error"] == "too_long"
    assert answer(agent, place, "字" * 140).status_code == 200


def test_whether_it_is_private_is_said_clearly(house: House) -> None:
    place, agent = post(house), house.agent()
    assert answer(agent, place, private="yes").json()["error"] == "bad_private"


@pytest.mark.parametrize("situation", ["public_closing", "public_to_private"])
def test_words_are_lent(house: House, situation: str) -> None:
    place, agent = post(house), house.agent()
    said = agent.get(f"/api/desk/conversations/{place}/phrases?situation={situation}&nth=1").json()
    assert said == {"text": f"{situation} None 1"}


@pytest.mark.parametrize("situation", ["", "welcome", "../x"])
def test_no_other_words(house: House, situation: str) -> None:
    place, agent = post(house), house.agent()
    assert agent.get(f"/api/desk/conversations/{place}/phrases", params={"situation": situation}).status_code == 404
