from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from channels.web.channel import WebChannel
from tests.channels.web.client import HASTY, HOST, PATIENT, app_of, browser, shows
from tests.channels.web.memory import MemoryVisits

MESSAGES, EVENTS = "/api/w/web/messages", "/api/w/web/events"


async def post(http: httpx.AsyncClient, token: str, **body: Any) -> httpx.Response:
    return await http.post(MESSAGES, json={"cid": "c1", "text": "您好", **body}, headers=shows(token))


# ---- visitors ----------------------------------------------------------------------------------------------------


async def test_a_visitor_gets_a_token(http: httpx.AsyncClient, visits: MemoryVisits) -> None:
    answer = await http.post("/api/w/web/visitors")
    assert answer.status_code == 201
    assert list(answer.json()) == ["token"]
    assert answer.headers["cache-control"] == "no-store"
    assert await visits.visitor("web", answer.json()["token"])


@pytest.mark.parametrize(
    ("tag", "kept"), [("zh-TW", "zh-Hant"), ("en-GB", "en"), ("fr", None), (7, None), (None, None)]
)
async def test_a_visitors_language_is_one_of_ours(
    http: httpx.AsyncClient, visits: MemoryVisits, tag: Any, kept: Any
) -> None:
    answer = await http.post("/api/w/web/visitors", json={"language": tag})
    visitor = await visits.visitor("web", answer.json()["token"])
    assert visitor
    assert visitor.language == kept


async def test_visitors_of_one_address_are_limited(visits: MemoryVisits) -> None:
    app = app_of(visits, WebChannel("web", {"visitors_per_minute": 2}))
    async with browser(app, "192.0.2.1") as here, browser(app, "192.0.2.2") as there:
        codes = [(await here.post("/api/w/web/visitors")).status_code for _ in range(2)]
        refused = await here.post("/api/w/web/visitors")
        assert codes == [201, 201]
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"] == "rate_limited"
        assert (await there.post("/api/w/web/visitors")).status_code == 201


# ---- messages ----------------------------------------------------------------------------------------------------


async def test_a_message_is_answered_with_its_event(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    answer = await post(http, token, text="  订单在哪\n", value="order")
    assert answer.status_code == 200
    event = answer.json()
    assert (event["seq"], event["t"]) == (1, "message")
    assert (event["d"]["author"], event["d"]["text"], event["d"]["cid"]) == ("visitor", "订单在哪", "c1")
    (incoming,) = visits.incoming
    assert (incoming.text, incoming.value, incoming.language, incoming.sender) == ("订单在哪", "order", "zh-Hans", "v1")


async def test_a_repeated_cid_gets_the_same_answer_and_is_kept_once(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    first, again = await post(http, token), await post(http, token, text="别的")
    assert again.content == first.content
    assert len(visits.incoming) == 1


async def test_a_cid_of_another_visitor_is_not_his(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    other = await visits.admit("web", language=None)
    await post(http, token, text="我的秘密")
    answer = await post(http, other, text="您好")
    assert answer.json()["d"]["text"] == "您好"


async def test_nul_and_half_surrogates_are_cleaned_away(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    body = b'{"cid": "c1", "text": "a\\u0000b\\ud800c\\r\\nd\\u0007", "value": "v\\u0000\\udfff"}'
    answer = await http.post(MESSAGES, content=body, headers=shows(token))
    assert answer.json()["d"]["text"] == "ab\ufffdc\nd"
    assert visits.incoming[0].value == "v\ufffd"


BAD_BODIES: dict[str, tuple[bytes, int, str]] = {
    "no json": (b"{", 400, "bad_request"),
    "no utf-8": (b'{"cid":"c","text":"\xff"}', 400, "bad_request"),
    "a list": (b"[]", 400, "bad_request"),
    "deep nesting": (b"[" * 50_000, 400, "bad_request"),
    "a giant number": (b'{"cid": "c", "text": ' + b"9" * 5000 + b"}", 400, "bad_request"),
    "empty": (b"", 400, "bad_request"),
    "no cid": (b'{"text":"a"}', 400, "bad_request"),
    "cid is a number": (b'{"cid":1,"text":"a"}', 400, "bad_request"),
    "cid is empty": (b'{"cid":"","text":"a"}', 400, "bad_request"),
    "cid has a line end": (b'{"cid":"a\\n","text":"a"}', 400, "bad_request"),
    "cid is too long": (b'{"cid":"' + b"c" * 65 + b'","text":"a"}', 400, "bad_request"),
    "no text": (b'{"cid":"c"}', 400, "bad_request"),
    "text is null": (b'{"cid":"c","text":null}', 400, "bad_request"),
    "blank text": (b'{"cid":"c","text":" \\n\\u0000"}', 400, "bad_request"),
    "value is a list": (b'{"cid":"c","text":"a","value":[]}', 400, "bad_request"),
    "value is too long": (b'{"cid":"c","text":"a","value":"' + b"v" * 201 + b'"}', 400, "bad_request"),
    "text over 4000": (json.dumps({"cid": "c", "text": "好" * 4001}).encode(), 413, "too_large"),
    "1 MB of text": (json.dumps({"cid": "c", "text": "a" * 1_000_000}).encode(), 413, "too_large"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_bad_body_is_refused_and_nothing_kept(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str, case: str
) -> None:
    body, status, code = BAD_BODIES[case]
    answer = await http.post(MESSAGES, content=body, headers=shows(token))
    assert answer.status_code == status
    assert answer.json()["error"] == code
    assert answer.json()["message"]
    assert visits.incoming == []


async def test_four_thousand_characters_are_not_too_many(http: httpx.AsyncClient, token: str) -> None:
    assert (await post(http, token, text="😀" * 4000)).status_code == 200


async def test_a_body_without_length_is_cut_off_at_the_cap(http: httpx.AsyncClient, token: str) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 10_000

    answer = await http.post(MESSAGES, content=endless(), headers=shows(token))
    assert answer.status_code == 413


async def test_the_cap_can_be_set(visits: MemoryVisits) -> None:
    app = app_of(visits, WebChannel("web", {"max_text": 5, "max_body": 40}))
    token = await visits.admit("web", language=None)
    async with browser(app) as http:
        assert (await post(http, token, text="12345")).status_code == 200
        assert (await post(http, token, text="123456")).json()["message"].startswith("text has 6 characters")
        assert "40 bytes" in (await post(http, token, text="1" * 40)).json()["message"]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer " + "a" * 5000, "Bearer ü"]
)
@pytest.mark.parametrize("path", [MESSAGES, EVENTS])
async def test_no_live_token_no_entry(http: httpx.AsyncClient, path: str, header: str | None) -> None:
    headers: dict[bytes, bytes] = {} if header is None else {b"authorization": header.encode()}
    method = "POST" if path == MESSAGES else "GET"
    answer = await http.request(method, path, headers=headers, content=b'{"cid":"c","text":"a"}')
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"] == "unauthorized"


async def test_a_token_of_another_inbox_is_none(visits: MemoryVisits) -> None:
    app = app_of(visits, WebChannel("web", {}), WebChannel("shop", {}))
    token = await visits.admit("shop", language=None)
    async with browser(app) as http:
        assert (await post(http, token)).status_code == 401


@pytest.mark.parametrize("path", ["/api/w/nope/visitors", "/api/w/nope/messages", "/api/w/nope/logout"])
async def test_an_unknown_inbox_is_not_found(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.post(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({}, True),
        ({"Origin": f"http://{HOST}"}, True),
        ({"Origin": f"https://{HOST}"}, True),
        ({"Origin": "https://shop.example"}, True),
        ({"Origin": "https://www.wild.example"}, True),
        ({"Origin": "https://kefu.public.example"}, True),
        ({"Origin": "https://behind.proxy", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://shop.example"}, False),
        ({"Origin": "https://shop.example.evil.example"}, False),
        ({"Origin": "https://evilwild.example"}, False),
        ({"Origin": f"http://{HOST}:8000"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://[broken"}, False),
    ],
)
@pytest.mark.parametrize("path", ["visitors", "messages", "logout"])
async def test_only_our_pages_and_allowed_ones_may_act(
    visits: MemoryVisits, headers: dict[str, str], fine: bool, path: str
) -> None:
    channel = WebChannel("web", {"origins": ["https://shop.example", "https://*.wild.example"]})
    token = await visits.admit("web", language=None)
    async with browser(app_of(visits, channel, public_url="https://kefu.public.example/")) as http:
        body = {"cid": "c", "text": "a"}
        answer = await http.post(f"/api/w/web/{path}", json=body, headers={**shows(token), **headers})
    assert answer.is_success == fine
    if not fine:
        assert (answer.status_code, answer.json()["error"]) == (403, "forbidden_origin")
        assert visits.incoming == []


async def test_messages_of_one_visitor_are_limited(visits: MemoryVisits) -> None:
    app = app_of(visits, WebChannel("web", {"messages_per_minute": 2}))
    one, other = [await visits.admit("web", language=None) for _ in range(2)]
    async with browser(app) as http:
        assert [(await post(http, one, cid=f"c{n}")).status_code for n in range(3)] == [200, 200, 429]
        assert (await post(http, other)).status_code == 200


async def test_a_store_that_cannot_keep_it_never_says_ok(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    visits.broken = True
    answer = await post(http, token)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"] == "unavailable"
    visits.broken = False
    assert (await post(http, token)).status_code == 200


# ---- events ------------------------------------------------------------------------------------------------------


async def test_events_after_a_cursor(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    await post(http, token)
    visits.say("v1", "bot", "请讲", replies=[("查订单", "order")])
    visits.put("v1", "status", {"status": "open", "agent": None}, skip=2)
    whole = (await http.get(EVENTS, headers=shows(token))).json()
    assert [(e["seq"], e["t"]) for e in whole["events"]] == [(1, "message"), (2, "message"), (5, "status")]
    assert whole["events"][1]["d"]["quick_replies"] == [{"label": "查订单", "value": "order"}]
    assert whole["seq"] == 5
    assert "reset" not in whole
    assert "earlier" not in whole
    rest = (await http.get(EVENTS, params={"after": 2}, headers=shows(token))).json()
    assert [e["seq"] for e in rest["events"]] == [5]
    again = (await http.get(EVENTS, params={"after": 2}, headers=shows(token))).json()
    assert again == rest
    none = (await http.get(EVENTS, params={"after": 5}, headers=shows(token))).json()
    assert none == {"events": [], "seq": 5}


async def test_a_long_log_comes_from_its_end_with_the_earlier_on_demand(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    for n in range(560):
        visits.say("v1", "agent", f"第 {n} 条")
    newest = (await http.get(EVENTS, params={"after": 0}, headers=shows(token))).json()
    assert newest["earlier"] is True
    assert newest["events"][0]["seq"] == 61
    older = (await http.get(EVENTS, params={"before": 61}, headers=shows(token))).json()
    assert [older["events"][0]["seq"], older["events"][-1]["seq"], older["earlier"]] == [11, 60, True]
    oldest = (await http.get(EVENTS, params={"before": 11}, headers=shows(token))).json()
    assert "earlier" not in oldest
    far = (await http.get(EVENTS, params={"after": 3}, headers=shows(token))).json()
    assert far["reset"] is True


@pytest.mark.parametrize("text", ["-1", "1.5", "abc", "", "1e3", "٣", "²", "0x10", " 1"])
@pytest.mark.parametrize("name", ["after", "before", "wait"])
async def test_a_cursor_that_is_no_number_is_refused(http: httpx.AsyncClient, token: str, name: str, text: str) -> None:
    answer = await http.get(EVENTS, params={name: text}, headers=shows(token))
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert name in answer.json()["message"]


@pytest.mark.parametrize("text", ["7", "2147483647", "2147483648", "9" * 30, "9" * 5000])
async def test_a_cursor_beyond_the_log_asks_for_a_fresh_start(http: httpx.AsyncClient, token: str, text: str) -> None:
    answer = await http.get(EVENTS, params={"after": text}, headers=shows(token))
    assert answer.status_code == 200
    assert answer.json()["reset"] is True
    assert (await http.get(EVENTS, params={"before": text}, headers=shows(token))).status_code == 200


async def test_leading_zeros_are_no_harm(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    visits.say("v1", "bot", "一")
    answer = await http.get(EVENTS, params={"after": "0" * 40 + "1"}, headers=shows(token))
    assert answer.json() == {"events": [], "seq": 1}


async def test_a_long_poll_ends_with_the_news(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    poll = asyncio.ensure_future(http.get(EVENTS, params={"after": 0, "wait": 60}, headers=shows(token)))
    await until(lambda: visits.ears() == 1)
    visits.signal("v1", {"t": "typing", "d": {"author": "agent", "name": "小李"}})
    visits.say("v1", "agent", "来了")
    answer = await poll
    assert [e["d"]["text"] for e in answer.json()["events"]] == ["来了"]
    assert visits.ears() == 0


async def test_a_long_poll_without_news_ends_in_time(visits: MemoryVisits, token: str) -> None:
    async with browser(app_of(visits, pace=HASTY)) as http:
        answer = await http.get(EVENTS, params={"after": 0, "wait": 60}, headers=shows(token))
    assert answer.json() == {"events": [], "seq": 0}
    assert visits.ears() == 0


async def test_news_that_are_there_are_not_waited_for(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    visits.say("v1", "agent", "早就来了")
    async with asyncio.timeout(PATIENT.poll / 2):
        assert (await http.get(EVENTS, params={"after": 0, "wait": 60}, headers=shows(token))).json()["events"]


async def test_long_polls_end_when_the_channel_closes(
    visits: MemoryVisits, channel: WebChannel, http: httpx.AsyncClient, token: str
) -> None:
    poll = asyncio.ensure_future(http.get(EVENTS, params={"wait": 60}, headers=shows(token)))
    await until(lambda: visits.ears() == 1)
    await channel.close()
    async with asyncio.timeout(PATIENT.poll / 2):
        assert (await poll).json() == {"events": [], "seq": 0}


async def test_a_sixth_long_poll_does_not_wait(visits: MemoryVisits, http: httpx.AsyncClient, token: str) -> None:
    polls = [asyncio.ensure_future(http.get(EVENTS, params={"wait": 60}, headers=shows(token))) for _ in range(5)]
    await until(lambda: visits.ears() == 5)
    async with asyncio.timeout(PATIENT.poll / 2):
        assert (await http.get(EVENTS, params={"wait": 60}, headers=shows(token))).status_code == 200
    visits.say("v1", "agent", "大家好")
    assert all(answer.json()["events"] for answer in await asyncio.gather(*polls))


async def test_events_of_a_broken_store_are_unavailable(
    http: httpx.AsyncClient, visits: MemoryVisits, token: str
) -> None:
    visits.broken = True
    assert (await http.get(EVENTS, headers=shows(token))).status_code == 503


async def test_even_a_poisoned_log_can_be_read(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    visits.say("v1", "agent", "half \ud800 a pair")
    visits.say("v1", "agent", "您好")
    answer = await http.get(EVENTS, headers=shows(token))
    assert [e["d"]["text"] for e in answer.json()["events"]][1] == "您好"


# ---- logout ------------------------------------------------------------------------------------------------------


async def test_logout_revokes_the_token(http: httpx.AsyncClient, visits: MemoryVisits, token: str) -> None:
    assert (await http.post("/api/w/web/logout", headers=shows(token))).status_code == 204
    assert (await post(http, token)).status_code == 401
    assert (await http.post("/api/w/web/logout", headers=shows(token))).status_code == 204
    assert (await http.post("/api/w/web/logout")).status_code == 401


@pytest.mark.parametrize("path", ["visitors", "messages", "logout"])
async def test_reading_with_post_and_posting_with_get_are_not_allowed(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(f"/api/w/web/{path}")).status_code == 405
    assert (await http.post(EVENTS)).status_code == 405


async def until(true: Any) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.005)


async def test_inboxes_do_not_share_their_limits(visits: MemoryVisits) -> None:
    app: Starlette = app_of(visits, *[WebChannel(name, {"visitors_per_minute": 1}) for name in ("web", "shop")])
    async with browser(app) as http:
        codes = [(await http.post(f"/api/w/{name}/visitors")).status_code for name in ("web", "web", "shop")]
    assert codes == [201, 429, 201]
