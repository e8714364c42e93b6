"""The phone log's routes: who calls, what is refused and why, and what a logged call comes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.handoff.desk.house import Browser, House

CALL = {
    "cid": "call-0001",
    "number": "139 1234 5678",
    "name": "王女士",
    "direction": "in",
    "summary": "杯子碎了，要求换货",
    "result": "open",
}


def log(agent: Browser, **other: Any) -> Any:
    return agent.post("/api/desk/calls", json={**CALL, **other})


def test_a_call_is_logged_and_the_bot_is_rung(house: House) -> None:
    agent = house.agent()
    answer = log(agent).json()
    assert (answer["row"]["channel"], answer["row"]["assignee"]["name"]) == ("phone", "小美")
    assert "turn" in house.rung
    again = log(agent).json()
    assert again["row"]["id"] == answer["row"]["id"]
    found = agent.get("/api/desk/calls/number?text=%2B86%2013912345678").json()
    assert found["number"] == {"key": "+8613912345678", "shown": "139 1234 5678"}
    assert (found["contact"]["name"], found["contact"]["conversations"]) == ("王女士", 1)


def test_a_complaint_by_telephone_opens_its_case_once(house: House) -> None:
    agent = house.agent()
    for _ in range(2):
        answer = log(agent, type="complaint", tier="serious", case=True)
        assert answer.status_code == 200, answer.text
    (case,) = agent.get(f"/api/desk/conversations/{answer.json()['row']['id']}").json()["cases"]
    assert case["fields"] == {"what": CALL["summary"], "name": "王女士", "phone": "139 1234 5678"}
    assert (case["tier"], case["owner"]["name"]) == ("serious", "小美")


def test_a_long_call_opens_a_case_with_its_beginning(house: House) -> None:
    agent = house.agent()
    answer = log(agent, type="complaint", case=True, summary="字" * 3000).json()
    (case,) = agent.get(f"/api/desk/conversations/{answer['row']['id']}").json()["cases"]
    assert case["fields"]["what"] == "字" * 2000
    assert case["tier"] == "moderate"


@pytest.mark.parametrize("text", ["", "1", "王女士"])
def test_what_is_no_number_yet_is_no_error(house: House, text: str) -> None:
    answer = house.agent().get("/api/desk/calls/number", params={"text": text})
    assert answer.json() == {"number": None, "contact": None}


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"summary": "  "}, "no_summary"),
        ({"number": "没有"}, "bad_phone"),
        ({"direction": "sideways"}, "bad_call"),
        ({"case": True}, "bad_call"),
        ({"case": "yes", "type": "complaint"}, "bad_call"),
        ({"result": "gone"}, "bad_call"),
        ({"type": "nonsense"}, "bad_call"),
        ({"type": "inquiry", "tier": "serious"}, "bad_call"),
        ({"at": "2030-01-01T00:00:00Z"}, "bad_at"),
        ({"at": "yesterday"}, "bad_call"),
        ({"result": "callback"}, "no_follow_up"),
        ({"follow_up": "2020-01-01T00:00:00Z"}, "bad_follow_up"),
        ({"recording": "http://pbx.example/1"}, "bad_recording"),
        ({"recording": "javascript:alert(1)"}, "bad_recording"),
        ({"recording": "https://"}, "bad_recording"),
        ({"summary": "字" * 20_001}, "too_long"),
        ({"seconds": -1}, "bad_call"),
        ({"seconds": True}, "bad_call"),
        ({"contact": "1"}, "bad_call"),
        ({"contact": 4711}, "not_found"),
        ({"cid": "short"}, "bad_cid"),
        ({"name": 5}, "bad_call"),
    ],
)
def test_what_makes_no_sense_is_refused_and_keeps_nothing(house: House, other: dict[str, Any], error: str) -> None:
    agent = house.agent()
    answer = log(agent, **other)
    assert (answer.status_code // 100, answer.json()["error"]) == (4, error)
    assert agent.get("/api/desk/conversations?tab=all").json()["rows"] == []


def test_nobody_logs_without_a_login(house: House) -> None:
    assert log(house.browser()).status_code == 401


def test_a_promise_has_its_time_and_a_caller_may_stay_unknown(house: House) -> None:
    agent = house.agent()
    due = (house.store.now() + timedelta(days=1)).isoformat()
    assert log(agent, number="匿名", result="callback", follow_up=due).status_code == 200


def test_nothing_is_sent_where_nothing_can_be_said(house: House) -> None:
    house.speaks = False
    agent = house.agent()
    place = log(agent).json()["row"]["id"]
    assert agent.get(f"/api/desk/conversations/{place}").json()["speaks"] is False
    said = agent.post(f"/api/desk/conversations/{place}/messages", json={"cid": "reply-001", "text": "您好"})
    assert (said.status_code, said.json()["error"]) == (422, "silent")
    noted = agent.post(f"/api/desk/conversations/{place}/notes", json={"cid": "note-0001", "text": "已回电"})
    assert noted.status_code == 200
