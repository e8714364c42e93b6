"""The desk's JSON API, on a real store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Delivery
from bot.store import outbox, shelf
from bot.store.sql import DIALECTS
from bot.tables import UtcTime
from tests.handoff.desk.house import Browser, House

CID = "c0ffee00-1"


def one(place: int, rest: str = "") -> str:
    return f"/api/desk/conversations/{place}{rest}"


def reply(browser: Browser, place: int, text: str = "您好", cid: str = CID, **more: Any) -> Any:
    return browser.post(one(place, "/messages"), json={"cid": cid, "text": text, **more})


def texts(browser: Browser, place: int) -> list[str]:
    events = browser.get(one(place, "/events")).json()["events"]
    return [e["d"]["text"] for e in events if e["t"] == "message"]


@pytest.mark.parametrize("path", ["/me", "/troubles", "/conversations", "/conversations/1", "/conversations/1/events"])
def test_nobody_reads_without_a_login(house: House, path: str) -> None:
    answer = house.browser().get(f"/api/desk{path}")
    assert (answer.status_code, answer.json()["error"]) == (401, "signed_out")


@pytest.mark.parametrize("action", ["claim", "resolve", "return", "read", "messages", "notes"])
def test_nobody_acts_without_a_login(house: House, action: str) -> None:
    place = house.conversation()
    assert house.browser().post(one(place, f"/{action}"), json={"cid": CID, "text": "x"}).status_code == 401


def test_an_agent_sees_who_he_is(house: House) -> None:
    me = house.agent().get("/api/desk/me").json()["me"]
    assert me == {
        "id": house.shop.agent,
        "login": "mei",
        "name": "小美",
        "number": "007",
        "role": "agent",
        "mail": None,
        "telegram": False,
    }


def test_troubles_are_seen_by_every_agent(house: House) -> None:
    assert house.agent().get("/api/desk/troubles").json() == {"troubles": []}
    house.write(shelf.tell, house.shop.inbox, "token", {"en": "Renew the secret"})
    (told,) = house.agent("bo").get("/api/desk/troubles").json()["troubles"]
    assert (told["inbox"], told["key"], told["said"]["en"]) == ("shop", "token", "Renew the secret")


def test_an_inbox_that_is_gone_has_no_troubles(house: House) -> None:
    house.write(shelf.tell, house.shop.inbox, "token", {})
    house.inboxes = frozenset({"another"})
    assert house.agent().get("/api/desk/troubles").json() == {"troubles": []}


def test_a_row_tells_the_reply_window_and_what_is_parked(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    row = agent.get(one(place)).json()["conversation"]
    assert (row["window"], row["parked"]) == (None, 0)
    until = house.shop.clock.at + timedelta(hours=48)
    window(house, place, granted=5, used=4)
    assert agent.get(one(place)).json()["conversation"]["window"] == {
        "by": "message", "granted": 5, "used": 4, "left": 1, "until": until.isoformat(),
    }  # fmt: skip
    window(house, place, granted=5, used=7)
    (row,) = agent.get("/api/desk/conversations?tab=all").json()["rows"]
    assert row["window"]["left"] == 0
    window(house, place, granted=None, used=9)
    row = reply(agent, place).json()["row"]
    assert (row["window"]["left"], row["window"]["granted"]) == (None, None)
    house.write(sql, "UPDATE outbox SET parked = 'window'")
    assert agent.get(one(place)).json()["conversation"]["parked"] == 1


def window(house: House, place: int, *, granted: int | None, used: int) -> None:
    until = UtcTime().process_bind_param(house.shop.clock.at + timedelta(hours=48), DIALECTS["sqlite"])
    house.write(
        sql,
        f"UPDATE conversation SET window_by = 'message', window_granted = {granted or 'NULL'}, window_used = {used},"
        f" window_until = {until} WHERE id = {place}",
    )


def sql(tx: Any, text: str) -> None:
    tx._execute(text)


def test_conversations_stand_in_their_tabs(house: House) -> None:
    mine, free = house.conversation(sender="li"), house.conversation(sender="wang")
    agent = house.agent()
    agent.post(one(mine, "/claim"))
    agent.post(one(free, "/claim"))
    agent.post(one(free, "/resolve"))
    rows = {tab: agent.get(f"/api/desk/conversations?tab={tab}").json() for tab in ("mine", "all", "resolved")}
    assert [r["id"] for r in rows["mine"]["rows"]] == [mine]
    assert [r["id"] for r in rows["all"]["rows"]] == [mine]
    assert [r["id"] for r in rows["resolved"]["rows"]] == [free]
    assert rows["mine"]["counts"] == {"mine": 1, "unassigned": 0, "all": 1, "abuse": 0}
    assert agent.get("/api/desk/conversations?tab=nonsense").status_code == 404


def test_a_long_list_comes_in_pages_without_a_gap(house: House) -> None:
    places = []
    for n in range(60):
        house.shop.clock.forward(timedelta(seconds=1))
        places.append(house.conversation(sender=f"customer-{n}"))
    agent = house.agent()
    first = agent.get("/api/desk/conversations?tab=all").json()
    assert (len(first["rows"]), first["more"]) == (50, True)
    before = first["rows"][-1]["last"]["at"]
    second = agent.get("/api/desk/conversations", params={"tab": "all", "before": before}).json()
    assert (len(second["rows"]), second["more"]) == (10, False)
    assert [r["id"] for r in [*first["rows"], *second["rows"]]] == places[::-1]


def test_a_conversation_with_all_about_it(house: House) -> None:
    place = house.conversation("你好")
    found = house.agent().get(one(place)).json()
    assert found["conversation"]["id"] == place
    assert found["contact"]["id"]
    assert (found["handoffs"], found["others"], found["poison"]) == ([], [], [])
    assert house.agent().get(one(place + 1)).json()["error"] == "not_found"
    assert house.agent().get(one(10**15)).status_code == 404


def test_the_log_by_cursor_forwards_and_backwards(house: House) -> None:
    place = house.conversation(*(f"第{n}句" for n in range(100)))
    agent = house.agent()
    newest = agent.get(one(place, "/events")).json()
    assert newest["earlier"]
    assert newest["events"][-1]["d"]["text"] == "第99句"
    before = newest["events"][0]["seq"]
    older = agent.get(one(place, f"/events?before={before}")).json()
    assert not older["earlier"]
    assert len(older["events"]) + len(newest["events"]) == 100
    after = newest["events"][-3]["seq"]
    assert [e["d"]["text"] for e in agent.get(one(place, f"/events?after={after}")).json()["events"]] == [
        "第98句",
        "第99句",
    ]
    assert agent.get(one(place, "/events?after=99999")).json()["reset"]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "before=1.5", "after=99999999999", "before=%00"])
def test_a_cursor_that_makes_no_sense_is_refused(house: House, query: str) -> None:
    place = house.conversation()
    assert house.agent().get(one(place, f"/events?{query}")).json()["error"] == "bad_cursor"


def test_taking_answering_and_resolving(house: House) -> None:
    place = house.conversation("我要转人工")
    agent = house.agent()
    row = agent.post(one(place, "/claim")).json()["row"]
    assert (row["status"], row["assignee"]["name"]) == ("open", "小美")
    done = reply(agent, place, "您好，我是小美").json()
    assert [e["d"]["text"] for e in done["events"]] == ["您好，我是小美"]
    assert done["events"][0]["d"]["delivery"] == "queued"
    assert house.rung == ["turn", "delivery"]
    assert agent.post(one(place, "/resolve")).json()["row"]["status"] == "resolved"
    assert texts(agent, place) == ["我要转人工", "您好，我是小美"]


def test_where_clients_read_our_log_an_answer_is_sent_when_it_is_kept(house: House) -> None:
    house.pull = True
    place = house.conversation()
    done = reply(house.agent(), place).json()
    assert done["events"][-1]["d"]["delivery"] == "sent"
    assert "delivery" not in house.rung


def test_the_same_cid_again_is_the_same_message(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    first, again = reply(agent, place).json(), reply(agent, place).json()
    assert first["events"][-1] == again["events"][-1]
    assert texts(agent, place) == ["你好", "您好"]


def test_two_agents_cannot_hold_one_conversation(house: House) -> None:
    place = house.conversation()
    mei, bo = house.agent("mei"), house.agent("bo")
    mei.post(one(place, "/claim"))
    for refused in (bo.post(one(place, "/claim")), reply(bo, place), bo.post(one(place, "/resolve"))):
        assert refused.status_code == 409
        assert refused.json()["current"] == "小美"
        assert refused.json()["row"]["assignee"]["name"] == "小美"
    assert texts(bo, place) == ["你好"]


def test_an_answer_on_top_of_a_colleagues_is_asked_about_first(house: House) -> None:
    place = house.conversation()
    mei, bo = house.agent("mei"), house.agent("bo")
    seen = bo.get(one(place, "/events")).json()["seq"]
    reply(mei, place, "已经处理好了")
    mei.post(one(place, "/return"))
    refused = reply(bo, place, "我来处理", seen=seen)
    assert (refused.status_code, refused.json()["current"]) == (409, "answered")
    assert reply(bo, place, "我来处理", seen=None).status_code == 200


def test_a_note_is_for_colleagues_and_does_not_take_the_conversation(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    done = agent.post(one(place, "/notes"), json={"cid": CID, "text": "VIP，请小心"}).json()
    assert (done["events"][0]["d"]["note"], done["row"]["assignee"]) == (True, None)
    assert house.rung == []


def test_back_to_the_bot_wakes_it(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    agent.post(one(place, "/claim"))
    house.rung.clear()
    assert agent.post(one(place, "/return")).json()["row"]["status"] == "pending"
    assert house.rung == ["turn"]


def test_what_was_read_counts_as_read(house: House) -> None:
    place = house.conversation("一", "二")
    agent = house.agent()
    agent.post(one(place, "/claim"))
    assert agent.get(one(place)).json()["conversation"]["unread"] == 2
    upto = agent.get(one(place, "/events")).json()["seq"]
    assert agent.post(one(place, "/read"), json={"upto": upto}).json()["row"]["unread"] == 0


def test_a_failed_message_is_really_sent_again(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    message = reply(agent, place).json()["events"][-1]["d"]["id"]
    assert agent.post(f"/api/desk/messages/{message}/retry").json()["current"] == "queued"
    (due,) = house.write(outbox.claim, limit=1, hold=timedelta(seconds=30))
    house.write(outbox.settle, due, Delivery.FAILED, "closed", hold=timedelta(seconds=30))
    house.rung.clear()
    done = agent.post(f"/api/desk/messages/{message}/retry").json()
    assert done["events"][0]["d"]["delivery"] == "queued"
    assert house.rung == ["delivery"]
    assert len(house.write(outbox.claim, limit=1, hold=timedelta(seconds=30))) == 1
    assert agent.post("/api/desk/messages/99999/retry").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "bad_cid"),
        (b"not json", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b'{"cid":"c0ffee00-1"}', 400, "bad_text"),
        (b'{"cid":"c0ffee00-1","text":7}', 400, "bad_text"),
        (b'{"cid":"c0ffee00-1","text":" \\u0000 "}', 422, "empty"),
        (b'{"cid":"short","text":"x"}', 400, "bad_cid"),
        ('{"cid":"不是ascii编号编号","text":"x"}'.encode(), 400, "bad_cid"),
        (b'{"cid":"c0ffee00-1","text":"x","seen":"1"}', 400, "bad_number"),
        (b'{"cid":"c0ffee00-1","text":"\\ud800"}', 400, "bad_json"),
        (b'{"cid":"c0ffee00-1","text":"' + b"x" * 4001 + b'"}', 422, "too_long"),
        (b'{"cid":"c0ffee00-1","text":"' + b"x" * 1_000_000 + b'"}', 413, "too_large"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused(house: House, body: bytes, status: int, error: str) -> None:
    place = house.conversation()
    agent = house.agent()
    answer = agent.post(one(place, "/messages"), content=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"]
    assert texts(agent, place) == ["你好"]


def test_what_no_database_keeps_is_left_out_of_a_message(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    assert reply(agent, place, " a\0b \n").status_code == 200
    assert texts(agent, place)[-1] == "ab"


def test_an_agent_says_where_and_when_he_is_told_by_mail(house: House) -> None:
    house.mails = True
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["mail"] == {"email": "", "notify": "never"}
    told = browser.post("/api/desk/me/mail", json={"email": " mei@shop.example ", "notify": "away"})
    assert told.json() == {"mail": {"email": "mei@shop.example", "notify": "away"}}
    assert browser.get("/api/desk/me").json()["me"]["mail"] == {"email": "mei@shop.example", "notify": "away"}
    assert browser.post("/api/desk/me/mail", json={"email": "", "notify": "always"}).json()["mail"]["notify"] == "never"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"email": "mei at shop", "notify": "away"}, "bad_email"),
        ({"email": "a@b\r\nBcc: c@d", "notify": "away"}, "bad_email"),
        ({"email": "mei@shop.example", "notify": "often"}, "bad_mail"),
        ({"email": 7, "notify": "away"}, "bad_mail"),
        ({}, "bad_mail"),
    ],
)
def test_a_wish_that_makes_no_sense_changes_nothing(house: House, told: dict[str, Any], error: str) -> None:
    house.mails = True
    browser = house.agent()
    assert browser.post("/api/desk/me/mail", json=told).json()["error"] == error
    assert browser.get("/api/desk/me").json()["me"]["mail"]["email"] == ""


def test_without_a_mailbox_nobody_is_asked(house: House) -> None:
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["mail"] is None
