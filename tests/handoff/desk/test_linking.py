"""An agent's Telegram account, from the web desk."""

from __future__ import annotations

from bot.store import arrivals, linking, shelf
from handoff.telegram_desk.naming import CHANNEL, INBOX, USERNAME
from tests.handoff.desk.house import House

ME = "/api/desk/me/telegram"


def test_a_code_and_the_way_to_the_bot(house: House) -> None:
    house.telegram = True
    row = house.write(arrivals.keep_inbox, INBOX, CHANNEL)
    house.write(shelf.put, row, USERNAME, "kefu_desk_bot", until=None)
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["telegram"] is True
    assert browser.get(ME).json() == {"linked": False}
    told = browser.post(ME, json={}).json()
    assert told["link"] == f"https://t.me/kefu_desk_bot?start={told['code']}"
    assert len(told["code"]) <= 64, "a deep link carries no more"
    found = house.write(linking.link, told["code"], 42, "Mei")
    assert found.login == "mei"
    assert browser.get(ME).json() == {"linked": True}
    assert browser.post(f"{ME}/end", json={}).json() == {"linked": False}
    assert house.run(house.store.read(linking.member, 42)) is None


def test_before_the_bot_was_seen_there_is_a_code_without_a_link(house: House) -> None:
    house.telegram = True
    told = house.agent().post(ME, json={}).json()
    assert (told["bot"], told["link"]) == ("", "")
    assert told["code"]


def test_where_there_is_no_such_desk(house: House) -> None:
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["telegram"] is False
    assert browser.post(ME, json={}).status_code == 404
    assert house.browser().post(ME, json={}).status_code == 401
