"""Cases' routes: what is known before anybody types, what is refused with its mend, and who hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.handoff.desk.house import Browser, House

CASE = {"cid": "case-0001", "tier": "serious", "fields": {"what": "锅炸了", "wish": "退款", "note": " "}}


def file(agent: Browser, place: int, **other: Any) -> Any:
    return agent.post(f"/api/desk/conversations/{place}/cases", json={**CASE, **other})


def seen(agent: Browser, place: int) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = agent.get(f"/api/desk/conversations/{place}").json()["cases"]
    return cases


def test_a_case_is_registered_once_and_seen_by_everybody(house: House) -> None:
    place = house.conversation("锅炸了", sender="li")
    mei, bo = house.agent(), house.agent("bo")
    answer = file(mei, place).json()
    assert [e["t"] for e in answer["events"]] == ["case"]
    assert answer["row"]["tier"] == "serious"
    assert file(mei, place).json()["events"] == []
    (case,) = seen(bo, place)
    assert case["fields"] == {"what": "锅炸了", "wish": "退款"}
    assert case["owner"]["name"] == "小美"


def test_what_is_known_comes_with_when_it_would_be_due(house: House) -> None:
    place = house.conversation("锅炸了")
    found = house.agent().get(f"/api/desk/conversations/{place}/case").json()
    assert found["fields"] == {"what": "锅炸了"}
    hours = {tier: datetime.fromisoformat(at) - house.store.now() for tier, at in found["due"].items()}
    assert [round(hours[tier] / timedelta(hours=1)) for tier in ("critical", "serious", "moderate")] == [1, 4, 24]


def test_it_is_seen_through(house: House) -> None:
    place = house.conversation()
    mei = house.agent()
    file(mei, place)
    (case,) = seen(mei, place)
    everybody = mei.get("/api/desk/colleagues").json()["agents"]
    assert [one["name"] for one in everybody] == ["小美", "阿伯"]
    bo = everybody[1]["id"]
    path = f"/api/desk/cases/{case['id']}"
    assert mei.post(path, json={"owner": bo, "status": "working"}).status_code == 200
    assert mei.post(path, json={"status": "closed", "agreed": "yes"}).status_code == 200
    (case,) = seen(mei, place)
    assert (case["owner"]["name"], case["status"], case["agreed"]) == ("阿伯", "closed", "yes")
    assert mei.post("/api/desk/cases/4711", json={"status": "working"}).status_code == 404
    assert mei.post(path, json={"owner": 4711}).status_code == 404


@pytest.mark.parametrize(
    ("other", "status", "error"),
    [
        ({"fields": {"what": "  "}}, 422, "no_what"),
        ({"fields": {}}, 422, "no_what"),
        ({"fields": []}, 400, "bad_case"),
        ({"fields": {"what": "锅炸了", "colour": "红"}}, 400, "bad_case"),
        ({"fields": {"what": 7}}, 400, "bad_case"),
        ({"fields": {"what": "字" * 2001}}, 422, "too_long"),
        ({"fields": {"what": "锅炸了", "wish": "字" * 501}}, 422, "too_long"),
        ({"tier": "terrible"}, 422, "bad_tier"),
        ({"tier": ""}, 422, "bad_tier"),
        ({"due": "2020-01-01T00:00:00Z"}, 422, "bad_due"),
        ({"due": "tomorrow"}, 400, "bad_case"),
        ({"due": 5}, 400, "bad_case"),
        ({"cid": "short"}, 400, "bad_cid"),
    ],
)
def test_nonsense_is_refused_with_its_mend_and_nothing_is_kept(
    house: House, other: dict[str, Any], status: int, error: str
) -> None:
    place = house.conversation()
    mei = house.agent()
    answer = file(mei, place, **other)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert seen(mei, place) == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"status": "gone"}, "bad_case"),
        ({"status": "closed"}, "no_agreed"),
        ({"status": "closed", "agreed": "perhaps"}, "no_agreed"),
        ({"status": "working", "agreed": "yes"}, "no_agreed"),
        ({"owner": -1}, "bad_case"),
        ({"owner": True}, "bad_case"),
        ({"owner": "mei"}, "bad_case"),
        ({"tier": "none"}, "bad_case"),
        ({"due": "2020-01-01"}, "bad_due"),
        ({"fields": {"what": ""}}, "no_what"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(house: House, wanted: dict[str, Any], error: str) -> None:
    place = house.conversation()
    mei = house.agent()
    file(mei, place)
    before = seen(mei, place)
    assert mei.post(f"/api/desk/cases/{before[0]['id']}", json=wanted).json()["error"] == error
    assert seen(mei, place) == before


def test_what_nobody_may_keep_is_hidden(house: House) -> None:
    house.hide = lambda text, order: text if order else text.replace("6222", "****")
    place = house.conversation()
    mei = house.agent()
    file(mei, place, fields={"what": "卡 6222", "order": "6222"})
    assert seen(mei, place)[0]["fields"] == {"what": "卡 ****", "order": "6222"}


def test_whoever_has_another_conversation_of_his_open_hears_of_it(house: House) -> None:
    first = house.run(house.shop.accept("@小店", sender="li", thread="post:1")).conversation_id
    place = house.conversation("在吗", sender="li")
    mei, bo = house.agent(), house.agent("bo")
    with bo.socket() as ear:
        ear.say(t="hello", tab="all")
        ear.hears("snapshot")
        ear.say(t="view", conv=first, after=0)
        ear.hears("viewers")
        file(mei, place)
        assert ear.hears("cases")["conv"] == first


def test_only_agents_see_and_file(house: House) -> None:
    place = house.conversation()
    stranger = house.browser()
    assert file(stranger, place).status_code == 401
    assert stranger.get(f"/api/desk/conversations/{place}/case").status_code == 401
    assert stranger.get("/api/desk/colleagues").status_code == 401
