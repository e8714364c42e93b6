"""An empty folder, `kefu serve`, and the first login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.people import Agent, Visitor
from tests.stories.serving import Kefu, Person

ADMIN = Person("admin", "admin", "")


@pytest.fixture
def kefu(tmp_path: Path) -> Iterator[Kefu]:
    made = Kefu(tmp_path).start()
    yield made
    assert made.stop() == 0


async def test_the_printed_password_works_once_and_the_own_one_from_then_on(kefu: Kefu) -> None:
    told = "".join(kefu.lines)
    assert f"{kefu.url}/w/web" in told
    assert f"{kefu.url}/desk" in told
    admin = Agent(kefu, ADMIN)
    answer = await admin.logs_in(kefu.one_time_password)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/password")
    assert (await admin.http.get("/api/desk/conversations")).status_code == 403, "nothing before it is changed"
    short = {"old": kefu.one_time_password, "new": "short", "again": "short"}
    assert (await admin.http.post("/desk/password", data=short)).status_code == 400
    own = {"old": kefu.one_time_password, "new": "a long enough one", "again": "a long enough one"}
    assert (await admin.http.post("/desk/password", data=own)).headers["location"] == "/desk"
    assert (await admin.get("/me"))["me"]["role"] == "admin"
    other = Agent(kefu, ADMIN)
    assert (await other.logs_in(kefu.one_time_password)).status_code == 401
    assert (await other.logs_in("a long enough one")).headers["location"] == "/desk"
    await admin.http.post("/desk/logout")
    assert (await admin.http.get("/api/desk/me")).status_code == 401
    assert (await other.get("/me"))["me"]["login"] == "admin"
    for agent in (admin, other):
        await agent.goes()


async def test_a_second_start_prints_no_password_and_knows_everybody(kefu: Kefu) -> None:
    visitor = await Visitor.comes(kefu)
    await visitor.says("你好")
    assert kefu.stop() == 0
    kefu.start()
    assert not [line for line in kefu.lines if "first login" in line]
    assert "你好" in await visitor.texts()
    await visitor.goes()


async def test_the_pages_are_there(kefu: Kefu) -> None:
    visitor = Visitor(kefu)
    for path, kind in {
        "/": "text/html",
        "/w/web": "text/html",
        "/kefu.js": "text/javascript",
        "/desk/login": "text/html",
    }.items():
        answer = await visitor.http.get(kefu.url + path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    desk = await visitor.http.get(f"{kefu.url}/desk")
    assert (desk.status_code, desk.headers["location"]) == (303, "/desk/login?next=/desk")
    assert (await visitor.http.get(f"{kefu.url}/w/nobody")).status_code == 404
    assert (await visitor.http.get(f"{kefu.url}/nothing")).status_code == 404
    await visitor.goes()


async def test_operations(kefu: Kefu) -> None:
    visitor = await Visitor.comes(kefu)
    await visitor.says("你好")
    await visitor.says("你好", cid="twice")
    await visitor.says("你好", cid="twice")
    http = visitor.http
    assert (await http.get(f"{kefu.url}/healthz")).json() == {"alive": True}
    assert (await http.get(f"{kefu.url}/readyz")).json() == {"ready": True, "store": True, "workers": True}
    metrics = await http.get(f"{kefu.url}/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = metrics.text.splitlines()
    assert 'kefu_accepted_total{outcome="duplicate"} 1.0' in lines
    assert 'kefu_accepted_total{outcome="new"} 2.0' in lines
    assert 'kefu_waiting{what="unassigned"} 0.0' in lines
    assert (await http.get(f"{kefu.url}/webhooks/nobody")).status_code == 404
    assert (await http.post(f"{kefu.url}/webhooks/nobody", content=b"{}")).status_code == 404
    refused = await http.post(f"{kefu.url}/webhooks/web", content=b"{}")
    assert (refused.status_code, refused.text) == (403, "refused")
    await visitor.goes()
