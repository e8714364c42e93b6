"""Files at the desk: who may bring and see them, and how a browser gets them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.messages import Kind
from bot.store import outbox
from tests import samples
from tests.handoff.desk.house import Browser, House
from tests.handoff.desk.test_api import CID, one, reply, texts
from tests.store.shop import HOLD

PNG = samples.png(8, 8)


@pytest.fixture
def desk(house: House) -> House:
    house.carries = frozenset({Kind.IMAGE, Kind.FILE})
    return house


def upload(browser: Browser, place: int, data: bytes = PNG, name: str = "a.png", **more: Any) -> httpx.Response:
    return browser.post(one(place, "/files"), params={"name": name}, content=data, **more)


def key(browser: Browser, place: int, data: bytes = PNG, name: str = "a.png") -> str:
    answer = upload(browser, place, data, name)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["key"]
    return found


def media(browser: Browser, name: str, **more: Any) -> httpx.Response:
    return browser.get(f"/api/desk/media/{name}", **more)


def test_the_page_knows_what_the_channel_carries(desk: House) -> None:
    place = desk.conversation()
    found = desk.agent().get(one(place)).json()
    assert (found["attachments"], found["attachment_bytes"]) == (["file", "image"], 1000)
    desk.carries = frozenset()
    assert desk.agent().get(one(place)).json()["attachments"] == []


def test_a_file_is_brought_sent_and_seen(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    brought = upload(agent, place, name="猫 咪.png").json()
    assert brought == {
        "key": brought["key"], "name": "猫 咪.png", "media_type": "image/png", "size": len(PNG), "kind": "image",
    }  # fmt: skip
    done = reply(agent, place, "请看", attachments=[brought["key"]]).json()
    attached = {**brought, "url": None, "source": ""}
    assert done["events"][-1]["d"]["attachments"] == [attached]
    (due,) = desk.write(outbox.claim, limit=2, hold=HOLD)
    assert [(a.kind, a.key, a.name) for a in due.outgoing.attachments] == [(Kind.IMAGE, brought["key"], "猫 咪.png")]
    seen = media(desk.agent("bo"), brought["key"])
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")


def test_a_file_needs_no_words_but_something_must_be_sent(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    assert reply(agent, place, " ", attachments=[key(agent, place)]).status_code == 200
    bare = agent.post(one(place, "/messages"), json={"cid": "c0ffee00-2", "attachments": [key(agent, place)]})
    assert bare.status_code == 200
    assert reply(agent, place, "", cid="c0ffee00-3", attachments=[]).json()["error"] == "empty"
    assert reply(agent, place, None, cid="c0ffee00-3", attachments=[]).json()["error"] == "bad_text"  # type: ignore[arg-type]


def test_nobody_brings_or_sees_without_a_login(desk: House) -> None:
    place = desk.conversation()
    name = key(desk.agent(), place)
    stranger = desk.browser()
    assert upload(stranger, place).status_code == 401
    refused = media(stranger, name)
    assert (refused.status_code, refused.json()["error"]) == (401, "signed_out")


def test_a_strangers_page_brings_nothing(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = upload(agent, place, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
    assert not desk.folder.exists()


@pytest.mark.parametrize(
    ("data", "kinds", "status", "error"),
    [
        (b"", {Kind.FILE}, 422, "empty"),
        (bytes(1001), {Kind.FILE}, 413, "too_large"),
        (bytes(100_000), {Kind.FILE}, 413, "too_large"),
        (PNG, set(), 422, "kind"),
        (samples.PDF, {Kind.IMAGE}, 422, "kind"),
        (samples.PAGE, {Kind.IMAGE}, 422, "kind"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_kept(
    desk: House, data: bytes, kinds: set[Kind], status: int, error: str
) -> None:
    desk.carries = frozenset(kinds)
    answer = upload(desk.agent(), desk.conversation(), data)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"]
    assert not desk.folder.exists()


def test_what_is_too_large_is_counted_not_believed(desk: House) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield bytes(100)

    agent, place = desk.agent(), desk.conversation()
    assert agent.post(one(place, "/files"), content=chunks()).status_code == 413
    assert upload(agent, place, bytes(1000)).status_code == 200


def test_a_picture_goes_as_a_file_where_pictures_cannot(desk: House) -> None:
    desk.carries = frozenset({Kind.FILE})
    assert upload(desk.agent(), desk.conversation()).json()["kind"] == "file"


def test_there_must_be_a_conversation(desk: House) -> None:
    agent = desk.agent()
    assert upload(agent, 99).json()["error"] == "not_found"
    assert upload(agent, 10**15).status_code == 404


def test_only_files_of_this_conversation_can_be_sent(desk: House) -> None:
    mine, other = desk.conversation(sender="a"), desk.conversation(sender="b")
    agent = desk.agent()
    name = key(agent, other)
    for keys in ([name], [key(agent, mine), name], ["a" * 32], ["../../../etc/passwd"]):
        answer = reply(agent, mine, attachments=keys)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert texts(agent, mine) == ["你好"]


@pytest.mark.parametrize(
    "keys", ["x", [1], [None], [["x"]], {"a": 1}, ["x" * 65], ["x", "x"], [f"{n}" for n in range(10)]]
)
def test_keys_that_make_no_sense_are_refused(desk: House, keys: Any) -> None:
    place, agent = desk.conversation(), desk.agent()
    assert reply(agent, place, attachments=keys).json()["error"] == "bad_attachments"
    assert texts(agent, place) == ["你好"]


def test_a_channel_that_carries_it_no_longer(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    name = key(agent, place)
    desk.carries = frozenset()
    assert reply(agent, place, attachments=[name]).json()["error"] == "kind"


def test_notes_carry_no_files(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    body = {"cid": CID, "text": "x", "attachments": [key(agent, place)]}
    assert agent.post(one(place, "/notes"), json=body).json()["events"][0]["d"]["attachments"] == []


@pytest.mark.parametrize(
    ("data", "name", "shown", "media_type"),
    [
        (PNG, "a.html", True, "image/png"),
        (samples.wav(0.02), "a.wav", True, "audio/wav"),
        (samples.PAGE, "a.png", False, "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.svg", False, "application/octet-stream"),
        (samples.PDF, "a.pdf", False, "application/pdf"),
        (samples.AMR, "a.amr", False, "audio/amr"),
        (samples.archive("word/document.xml"), "a.docx", False, "application/vnd.openxmlformats-officedocument"),
    ],
)
def test_a_browser_shows_only_what_is_safe(desk: House, data: bytes, name: str, shown: bool, media_type: str) -> None:
    place, agent = desk.conversation(), desk.agent()
    answer = media(agent, key(agent, place, data, name))
    headers = answer.headers
    assert headers["content-type"].startswith(media_type)
    assert headers["content-disposition"] == f'{"inline" if shown else "attachment"}; filename="{name}"'
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"].startswith("private")
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.content == data


def test_any_name_is_told_as_the_rules_for_headers_want(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    name = '报"价\r\nSet-Cookie: x.pdf'
    answer = media(agent, key(agent, place, samples.PDF, name))
    assert answer.headers["content-disposition"] == (
        "attachment; filename*=utf-8''%E6%8A%A5%22%E4%BB%B7Set-Cookie%3A%20x.pdf"
    )
    assert "set-cookie" not in answer.headers


def test_players_may_ask_for_a_piece(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    piece = media(agent, key(agent, place), headers={"Range": "bytes=1-3"})
    assert (piece.status_code, piece.content) == (206, b"PNG")
    assert piece.headers["content-range"] == f"bytes 1-3/{len(PNG)}"


@pytest.mark.parametrize(
    "name", ["a" * 32, "a", "..%2f..%2f..%2f..%2fetc%2fpasswd", "..", "%2e%2e%2f%2e%2e%2fkefu.db", "a" * 31 + "%00"]
)
def test_there_is_nothing_else_to_see(desk: House, name: str) -> None:
    agent = desk.agent()
    key(agent, desk.conversation())
    assert media(agent, name).status_code == 404


def test_a_row_whose_file_was_lost(desk: House) -> None:
    place, agent = desk.conversation(), desk.agent()
    name = key(agent, place)
    (desk.folder / name[:2] / name[2:4] / name).unlink()
    assert media(agent, name).json()["error"] == "not_found"


def test_a_disk_that_is_full_is_an_honest_503(desk: House) -> None:
    desk.folder.parent.joinpath("media").write_text("a file stands in the way")
    answer = upload(desk.agent(), desk.conversation())
    assert (answer.status_code, answer.json()["error"]) == (503, "store")
