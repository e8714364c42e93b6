"""Asking why the bot said something, and putting right what it took a conversation for."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store import corrections
from handoff.desk.words import RULES
from tests.handoff.desk.house import House

TEXT = "充电器冒烟了😀，怎么办"
FACTS = {"meant": {"evidence": [["tier.critical.fire", "冒烟"]]}}


def judged(house: House, text: str = TEXT, tier: str = "critical") -> int:
    """A customer's message that had its turn; his is number 1, the bot's number 2."""
    lease = house.run(house.shop.taken(text))
    house.run(house.shop.commit(lease, "请先断电", category="complaint", tier=tier, facts=FACTS))
    return int(lease.conversation_id)


def one(place: int, rest: str) -> str:
    return f"/api/desk/conversations/{place}{rest}"


def test_an_agent_asks_why(house: House) -> None:
    place = judged(house)
    told = house.agent().get(one(place, "/why/2?lang=zh-Hans")).json()
    assert told["because"] == RULES["zh-Hans"]["why.other"]
    assert ["理解为", "投诉 · 危急"] in told["lines"]
    assert (told["quote"], told["marks"], told["seq"]) == (TEXT, [[3, 5]], 1)
    assert told["at"].startswith("2026-01-05T09:00")
    english = house.agent().get(one(place, "/why/2?lang=en")).json()
    assert ["Understood as", "Complaint · Critical"] in english["lines"]


def test_what_nobody_knows_is_said(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    agent.post(one(place, "/messages"), json={"cid": "c0ffee00-1", "text": "您好"})
    assert agent.get(one(place, "/why/1?lang=en")).json()["because"] == RULES["en"]["why.undecided"]
    said = next(e["seq"] for e in agent.get(one(place, "/events")).json()["events"] if e["d"].get("author") == "agent")
    assert agent.get(one(place, f"/why/{said}?lang=en")).json()["because"] == RULES["en"]["why.person"]
    for path in (one(place, "/why/99"), one(99, "/why/1"), one(place, f"/why/{2**40}")):
        assert agent.get(path).status_code == 404
    assert house.browser().get(one(place, "/why/1")).status_code == 401


def test_one_click_puts_it_right_for_everybody(house: House) -> None:
    place = judged(house)
    agent, colleague = house.agent(), house.agent("bo")
    with colleague.socket() as socket:
        socket.say(t="hello", tab="all")
        socket.hears("snapshot")
        socket.say(t="view", conv=place, after=0)
        socket.hears("ok")
        answer = agent.post(one(place, "/judgement"), json={"category": "inquiry", "tier": ""}).json()
        assert (answer["row"]["category"], answer["row"]["tier"]) == ("inquiry", "")
        told = socket.hears("judgement")["d"]
        assert (told["category"], told["was"], told["by"]["name"]) == (
            "inquiry", {"category": "complaint", "tier": "critical"}, "小美",
        )  # fmt: skip
        row = socket.hears("row")["d"]
        assert (row["id"], row["category"]) == (place, "inquiry")
    (example,) = house.run(house.store.read(corrections.examples))
    assert (example.text, example.category) == (TEXT, "inquiry")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"category": "complaint"},
        {"category": "complaint", "tier": "huge"},
        {"category": "inquiry", "tier": "minor"},
        {"category": "gossip", "tier": ""},
        {"category": ["complaint"], "tier": "minor"},
        {"category": "complaint", "tier": {"a": 1}},
        {"category": "inquiry", "seq": "1"},
    ],
)
def test_what_is_no_judgement_changes_nothing(house: House, body: dict[str, Any]) -> None:
    place = judged(house)
    answer = house.agent().post(one(place, "/judgement"), json=body)
    assert answer.status_code in (400, 422)
    assert house.run(house.store.read(corrections.examples)) == []


def test_only_agents_judge_and_only_what_there_is(house: House) -> None:
    place = judged(house)
    right = {"category": "inquiry", "tier": ""}
    assert house.browser().post(one(place, "/judgement"), json=right).status_code == 401
    assert house.agent().post(one(99, "/judgement"), json=right).status_code == 404
    assert house.agent().post(one(place, "/judgement"), json={**right, "seq": 2}).status_code == 404


def test_why_a_conversation_is_held_to_be_what_it_is(house: House) -> None:
    place = judged(house)
    agent = house.agent()
    told = agent.get(one(place, "/judgement?lang=en")).json()
    assert (told["seq"], told["quote"], told["marks"]) == (1, TEXT, [[3, 5]])
    agent.post(one(place, "/judgement"), json={"category": "inquiry", "tier": ""})
    told = agent.get(one(place, "/judgement?lang=en")).json()
    assert (told["because"], told["seq"], told["lines"]) == (RULES["en"]["why.corrected"], None, [])
    assert agent.get(one(99, "/judgement")).status_code == 404
    assert house.browser().get(one(place, "/judgement")).status_code == 401
