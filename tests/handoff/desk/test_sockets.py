"""The desk's socket: what it brings, when, and how it ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.store import agents, shelf
from handoff.desk import sockets, switchboard
from tests.handoff.desk.house import Browser, House, Socket

HELLO = {"t": "hello", "tab": "all"}


def act(browser: Browser, place: int, action: str, **body: object) -> None:
    answer = browser.post(f"/api/desk/conversations/{place}/{action}", json=body)
    assert answer.status_code == 200, answer.text


def look(socket: Socket, place: int, after: int = 0) -> None:
    socket.say(t="view", conv=place, after=after)
    socket.hears("ok")


def test_a_hello_is_answered_with_the_list(house: House) -> None:
    place = house.conversation("在吗")
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        told = socket.hears("snapshot")["d"]
        assert [r["id"] for r in told["rows"]] == [place]
        assert (told["tab"], told["more"], told["me"]["login"]) == ("all", False, "mei")
        assert told["counts"] == {"mine": 0, "unassigned": 0, "all": 1, "abuse": 0}


def test_troubles_come_with_the_hello_and_when_they_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switchboard, "SWEEP", 0.05)
    house.write(shelf.tell, house.shop.inbox, "token", {"en": "Renew the secret"})
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        (told,) = socket.hears("snapshot")["d"]["troubles"]
        assert (told["inbox"], told["channel"], told["key"]) == ("shop", "test", "token")
        assert told["said"] == {"en": "Renew the secret"}
        assert socket.silent("troubles", within=0.2)
        house.shop.clock.forward(timedelta(seconds=1))
        house.write(shelf.tell, house.shop.inbox, "quota", {"en": "Buy more"})
        assert [one["key"] for one in socket.hears("troubles")["d"]] == ["token", "quota"]
        house.write(shelf.mended, house.shop.inbox)
        assert socket.hears("troubles")["d"] == []


def test_only_an_agent_on_a_page_of_ours_gets_in(house: House) -> None:
    with house.browser().socket() as socket:
        assert socket.ended() == 4401
    for origin in ("http://evil.test", "null", ""):
        with house.agent().socket(origin=origin) as socket:
            assert socket.ended() == 4403


def test_a_new_message_arrives_with_its_row(house: House) -> None:
    place = house.conversation("在吗")
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.hears("snapshot")
        look(socket, place, after=1)
        house.says("有人吗")
        told = socket.hears("message")
        assert (told["conv"], told["seq"], told["d"]["text"]) == (place, 2, "有人吗")
        assert socket.hears("row")["d"]["last"]["text"] == "有人吗"


def test_whoever_comes_back_gets_what_he_missed_once_and_in_order(house: House) -> None:
    place = house.conversation("一", "二", "三")
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.say(t="view", conv=place, after=1)
        assert [socket.hears("message", "ok").get("seq") for _ in range(3)] == [2, 3, 3]
        house.says("四")
        assert socket.hears("message")["seq"] == 4


def test_a_cursor_from_another_world_is_reset(house: House) -> None:
    place = house.conversation("一")
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.say(t="view", conv=place, after=999)
        assert socket.hears("reset")["conv"] == place


def test_what_an_agent_does_is_seen_by_the_others(house: House) -> None:
    place = house.conversation()
    mei, bo = house.agent("mei"), house.agent("bo")
    with bo.socket() as socket:
        socket.say(**HELLO)
        look(socket, place, after=1)
        act(mei, place, "claim")
        assert socket.hears("status")["d"]["agent"]["name"] == "小美"
        assert socket.hears("row")["d"]["assignee"]["name"] == "小美"
        assert socket.hears("counts")["d"] == {"mine": 0, "unassigned": 0, "all": 1, "abuse": 0}


def test_conversations_nobody_looks_at_bring_only_their_row(house: House) -> None:
    house.conversation(sender="li")
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.hears("snapshot")
        other = house.says("在吗", sender="wang")
        assert socket.hears()["t"] == "row"
        assert other
        assert socket.silent("message")


def test_many_changes_of_one_row_are_few_patches(house: House) -> None:
    place = house.conversation()
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.hears("snapshot")
        for n in range(30):
            house.says(f"第{n}句")
        patches = [socket.hears("row")["d"]]
        while patches[-1]["last"]["text"] != "第29句":
            patches.append(socket.hears("row")["d"])
        assert len(patches) < 12
        assert all(p["id"] == place for p in patches)


def test_agents_see_who_else_is_there_and_who_types(house: House) -> None:
    place = house.conversation()
    with house.agent("mei").socket() as mei, house.agent("bo").socket() as bo:
        for socket in (mei, bo):
            socket.say(**HELLO)
            socket.say(t="view", conv=place, after=1)
            socket.hears("ok")
        assert [who["name"] for who in mei.hears("viewers")["d"]] in ([], ["阿伯"])
        bo.say(t="typing", note=True)
        told = mei.hears("typing")
        assert (told["conv"], told["d"]["name"], told["d"]["note"]) == (place, "阿伯", True)
        assert bo.silent("typing")
        bo.say(t="view", conv=None)
        assert mei.hears("viewers")["d"] == []


def test_a_customer_sees_an_agent_typing_an_answer_but_not_a_note(house: House) -> None:
    place = house.conversation()
    with house.live.watch(place) as customer, house.agent().socket() as socket:
        socket.say(**HELLO)
        look(socket, place)
        socket.say(t="typing", note=True)
        assert house.run(customer.wait(0.3)) is None
        assert house.typed == []
    with house.live.watch(place) as customer, house.agent().socket() as socket:
        socket.say(**HELLO)
        look(socket, place)
        socket.say(t="typing")
        frames = house.run(customer.wait(2))
        assert [(f["t"], f["d"]["name"]) for f in frames] == [("typing", "小美")]
        assert house.typed == [place]


def test_a_customers_typing_reaches_who_looks(house: House) -> None:
    place = house.conversation()
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        look(socket, place)
        house.live.signal(place, {"t": "typing", "d": {"author": "customer"}, "to": "desk"})
        assert socket.hears("typing") == {"t": "typing", "conv": place, "d": {"author": "customer"}}


def test_ping_and_nonsense(house: House) -> None:
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        for text in (
            "",
            "[",
            "[]",
            '"x"',
            "null",
            '{"t":7}',
            '{"t":"view","conv":"x"}',
            "x" * 10_000,
            '{"t":"typing"}',
        ):
            socket.say_raw(text)
        socket.say(t="ping")
        assert socket.hears("pong") == {"t": "pong"}


def test_logging_out_ends_the_sockets_of_that_login_only(house: House) -> None:
    here, there = house.agent(), house.agent()
    with here.socket() as mine, there.socket() as other:
        for socket in (mine, other):
            socket.say(**HELLO)
            socket.hears("snapshot")
        here.post("/desk/logout")
        assert mine.ended() == 4401
        other.say(t="ping")
        assert other.hears("pong")


def test_a_login_that_ended_elsewhere_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "RECHECK", 0.05)
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        house.write(agents.set_active, "mei", False)
        assert socket.ended() == 4401


def test_a_browser_that_never_says_hello_is_let_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_WITHIN", 0.05)
    with house.agent().socket() as socket:
        assert socket.silent(within=0.2)
        assert house.run(_done(socket))


async def _done(socket: Socket) -> bool:
    return socket._task.done()


def test_a_browser_that_does_not_read_is_cut_off_and_holds_up_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switchboard, "QUEUE", 8)
    place = house.conversation()
    with house.agent("mei").socket() as slow, house.agent("bo").socket() as quick:
        for socket in (slow, quick):
            socket.say(**HELLO)
            socket.hears("snapshot")
            look(socket, place)
        slow.reading.clear()
        for n in range(12):
            house.says(f"第{n}句")
            assert quick.hears("message")["d"]["text"] == f"第{n}句"
        slow.reading.set()
        assert slow.ended() == 1013


def test_nothing_listens_when_nobody_is_there(house: House) -> None:
    with house.agent().socket() as socket:
        socket.say(**HELLO)
        socket.hears("snapshot")
        assert len(house.live._desks) == 1
    house.run(_rest())
    assert len(house.live._desks) == 0


async def _rest() -> None:
    await asyncio.sleep(0.05)
