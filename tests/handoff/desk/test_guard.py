"""Who may send what from where, and what browsers are told about our pages."""

from __future__ import annotations

import pytest

from bot.errors import StoreError
from handoff.desk.guard import may_change
from tests.handoff.desk.house import URL, House

HOST = ("host", "desk.test")


def scope(*headers: tuple[str, str], scheme: str = "http") -> dict[str, object]:
    return {"scheme": scheme, "headers": [(n.encode(), v.encode()) for n, v in headers]}


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([("sec-fetch-site", "same-origin")], True),
        ([("sec-fetch-site", "none")], True),
        ([("sec-fetch-site", "same-site")], False),
        ([("sec-fetch-site", "cross-site"), ("origin", URL)], False),
        ([("origin", URL)], True),
        ([("origin", "http://desk.test:8080")], False),
        ([("origin", "https://desk.test")], False),
        ([("origin", "http://evil.test")], False),
        ([("origin", "null")], False),
        ([("origin", "")], False),
        ([], False),
    ],
)
def test_only_pages_of_ours_change_anything(headers: list[tuple[str, str]], allowed: bool) -> None:
    assert may_change(scope(HOST, *headers), URL) is allowed


def test_the_public_address_counts_also_behind_a_proxy_that_speaks_plain_http() -> None:
    asked = scope(("host", "10.0.0.7:8000"), ("origin", "https://kefu.example"))
    assert may_change(asked, "https://kefu.example")


def test_an_address_that_is_not_the_public_one_works_as_long_as_it_is_the_one_asked() -> None:
    asked = scope(("host", "192.168.1.5:8000"), ("origin", "http://192.168.1.5:8000"))
    assert may_change(asked, "http://127.0.0.1:8000")


def test_a_strangers_form_changes_nothing(house: House) -> None:
    place = house.conversation()
    agent = house.agent()
    answer = agent.post(f"/api/desk/conversations/{place}/claim", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
    assert agent.get(f"/api/desk/conversations/{place}").json()["conversation"]["assignee"] is None
    assert house.browser().post("/desk/login", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("path", ["/desk/login", "/desk", "/api/desk/me", "/desk/assets/x/base.css"])
def test_every_answer_carries_the_headers(house: House, path: str) -> None:
    headers = house.browser().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "camera=()" in headers["permissions-policy"]


def test_private_pages_are_not_kept(house: House) -> None:
    assert house.agent().get("/api/desk/me").headers["cache-control"] == "no-store"


def test_a_store_that_fails_is_an_honest_503(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*args: object, **kwargs: object) -> None:
        raise StoreError("disk full")

    agent = house.agent()
    monkeypatch.setattr(house.store, "write", fail)
    answer = agent.post("/api/desk/conversations/1/claim")
    assert (answer.status_code, answer.json()["error"]) == (503, "store")
    assert "disk full" not in answer.text
