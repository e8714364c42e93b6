"""What should not be sent, sent all the same: each gets a clear answer, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import AsyncExitStack
from typing import Any

import httpx
import psutil
import pytest

from tests.stories.conftest import Comes, LogsIn, Serve
from tests.stories.people import Ear, Visitor, line, plea
from tests.stories.serving import Kefu

FOREIGN = {"Origin": "https://evil.example"}


async def test_a_repeated_cid_gets_the_very_same_answer_and_changes_nothing(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    first, *others = [await visitor.post("什么时候发货", cid="same") for _ in range(3)]
    assert first.status_code == 200
    assert [other.content for other in others] == [first.content] * 2
    other_text = await visitor.post("别的内容", cid="same")
    assert other_text.json()["d"]["text"] == "什么时候发货"
    somebody = await comes(kefu)
    assert (await somebody.says("我的消息", cid="same"))["d"]["text"] == "我的消息"
    async with visitor.listening() as chat:
        await chat.message("bot")
    assert (await visitor.texts()).count("什么时候发货") == 1


async def test_the_same_message_ten_times_at_once_is_one(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    answers = await asyncio.gather(*(visitor.post("你好", cid="burst") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (await visitor.texts()).count("你好") == 1


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 300, "令牌".encode().hex()])
async def test_a_wrong_token(kefu: Kefu, token: str) -> None:
    visitor = Visitor(kefu)
    visitor.token = token
    for answer in (await visitor.post("你好"), await visitor.ask("GET", "/events?after=0")):
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
    async with line(f"{kefu.ws}/api/w/web/ws") as ear:
        await ear.send(t="hello", token=token, after=0)
        assert await ear.closed() == 4401
    await visitor.goes()


async def test_a_token_that_was_given_back(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    await visitor.says("你好")
    async with visitor.listening() as chat:
        assert (await visitor.ask("POST", "/logout")).status_code == 204
        assert await chat.closed() == 4401, "its open tabs are sent away"
    assert (await visitor.post("你好")).status_code == 401


async def test_a_strangers_token_reads_only_his_own(kefu: Kefu, comes: Comes) -> None:
    one, other = await comes(kefu), await comes(kefu)
    await one.says("我的秘密")
    await other.says("你好")
    async with other.listening() as chat:
        await chat.message("bot")
        await one.says("另一个秘密")
        await other.says("谢谢")
        await chat.message("bot")
    assert not [text for text in [*chat.messages(), *await other.texts()] if "秘密" in text]


@pytest.fixture
async def fenced(serve: Serve) -> Kefu:
    """A kefu that only the shop may embed."""
    return serve(settings={"KEFU_INBOX_WEB_ORIGINS": '["https://shop.example"]'}).start()


async def test_a_foreign_origin(fenced: Kefu, comes: Comes) -> None:
    visitor = await comes(fenced)
    for path in ("/visitors", "/messages", "/logout"):
        answer = await visitor.ask("POST", path, {"cid": "x", "text": "hi"}, **FOREIGN)
        assert (answer.status_code, answer.json()["error"]) == (403, "forbidden_origin")
    async with line(f"{fenced.ws}/api/w/web/ws", FOREIGN) as ear:
        assert await ear.closed() == 4403
    shop = {"Origin": "https://shop.example"}
    assert (await visitor.ask("POST", "/messages", {"cid": "x", "text": "hi"}, **shop)).status_code == 200
    async with line(f"{fenced.ws}/api/w/web/ws", shop) as ear:
        await ear.send(t="hello", token=visitor.token, after=0)
        await ear.hears("ok")
    page = await visitor.http.get(f"{fenced.url}/w/web")
    assert "frame-ancestors 'self' https://shop.example" in page.headers["content-security-policy"]


async def test_the_desk_takes_nothing_from_another_site(kefu: Kefu, comes: Comes, logs_in: LogsIn) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu), plea()
    await visitor.says(asked)
    number = await li.finds(asked)
    path = f"/api/desk/conversations/{number}/claim"
    for headers in (FOREIGN, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = await li.http.post(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")
    cookie = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in li.http.cookies.jar)}
    async with line(f"{kefu.ws}/api/desk/ws", {**cookie, **FOREIGN}) as ear:
        assert await ear.closed() == 4403
    async with line(f"{kefu.ws}/api/desk/ws", {"Origin": kefu.url}) as ear:
        assert await ear.closed() == 4401
    assert (await li.row(number))["assignee"] is None


async def test_a_text_that_is_too_long(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    for text in ("长" * 4001, "x" * 60_000, "x" * 1_000_000):
        answer = await visitor.post(text)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    longest = await visitor.says("长" * 4000)
    assert len(longest["d"]["text"]) == 4000
    assert await visitor.texts() != []


async def test_a_megabyte_is_not_even_read(kefu: Kefu, comes: Comes) -> None:
    """A client that announces nothing and sends for ever is told so after what a message may take."""

    async def endless() -> Any:
        for _ in range(1000):
            yield b"x" * 10_000

    visitor = await comes(kefu)
    bearer = {"Authorization": f"Bearer {visitor.token}"}
    try:
        answer = await visitor.http.post("/messages", content=endless(), headers=bearer)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # it hung up on us, which is as clear
    await visitor.says("你好")


async def test_nul_and_lone_surrogates_arrive_as_text_people_can_read(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu), plea()
    async with visitor.listening() as chat:
        strange = f"{asked}\u0000 和 \ud800 一起 \udfff，还有 😀"
        kept = f"{asked} 和 \ufffd 一起 \ufffd，还有 😀"
        answer = await visitor.says(strange, value="va\u0000lue")
        assert answer["d"]["text"] == kept
        await chat.message("visitor", kept)
        number = await li.finds(kept)
        assert (await li.notes(number, "看\u0000这里")).status_code == 200
        assert (await visitor.post("\u0000\u0001")).status_code == 400, "nothing is left of it"
    assert kept in await visitor.texts()
    assert "看这里" in await li.texts(number)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"cid": "a"}',
        b'{"text": "hi"}',
        b'{"cid": "a b", "text": "hi"}',
        b'{"cid": "", "text": "hi"}',
        b'{"cid": 1, "text": "hi"}',
        b'{"cid": "a", "text": 1}',
        b'{"cid": "a", "text": "  "}',
        b'{"cid": "a", "text": "hi", "value": 7}',
        json.dumps({"cid": "c" * 65, "text": "hi"}).encode(),
        b'{"cid": "a", "text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
    ids=lambda body: body[:30],
)
async def test_a_body_that_makes_no_sense(kefu: Kefu, comes: Comes, body: bytes) -> None:
    visitor = await comes(kefu)
    answer = await visitor.ask("POST", "/messages", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    assert await visitor.texts() == []


async def test_cursors(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    async with visitor.listening() as chat:
        for text in ("你好", "谢谢"):
            await visitor.says(text)
            await chat.message("bot")
    whole = await visitor.log()
    seqs = [event["seq"] for event in whole["events"]]
    assert seqs == sorted(set(seqs))
    assert await visitor.log(after=seqs[1]) == await visitor.log(after=seqs[1]), "asked twice, the same"
    assert (await visitor.log(after=seqs[1]))["events"] == whole["events"][2:]
    assert (await visitor.log(after=seqs[0]))["events"] == whole["events"][1:], "back again"
    for future in (seqs[-1] + 1, 2**31, 2**63, 10**30):
        assert (await visitor.log(after=future))["reset"] is True
    for nonsense in ("-1", "1.5", "x", "１", ""):
        answer = await visitor.ask("GET", f"/events?after={nonsense}")
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    async with line(f"{kefu.ws}/api/w/web/ws") as ear:
        await ear.send(t="hello", token=visitor.token, after=10**12)
        await ear.hears("reset")
        assert (await ear.hears("ok"))["seq"] == seqs[-1]
        assert ear.messages() == await visitor.texts()
    for nonsense_cursor in (-1, "1", 1.5, None, True):
        async with line(f"{kefu.ws}/api/w/web/ws") as ear:
            await ear.send(t="hello", token=visitor.token, after=nonsense_cursor)
            assert await ear.closed() == 1008


async def test_frames_that_make_no_sense_end_only_their_own_socket(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    await visitor.says("你好")
    async with visitor.listening() as chat:
        for frame, code in {"{": 1008, "[]": 1008, '"x"': 1008, "x" * 9000: 1009}.items():
            async with visitor.listening() as ear:
                await ear.socket.send(frame)
                assert await ear.closed() == code
        async with visitor.listening() as ear:
            await ear.socket.send(b"\x00\x01")
            assert await ear.closed() == 1003
        await chat.send(t="from the future", d={"x": 1})
        await chat.send(t="read", upto=10**9)
        await chat.send(t="read", upto="1")
        await visitor.says("谢谢")
        await chat.message("visitor", "谢谢")


async def test_fifty_tabs_of_one_visitor(kefu: Kefu, comes: Comes) -> None:
    visitor, other = await comes(kefu), await comes(kefu)
    await visitor.says("你好")
    async with AsyncExitStack() as tabs:
        ears = [await tabs.enter_async_context(line(f"{kefu.ws}/api/w/web/ws")) for _ in range(50)]
        outcomes = await asyncio.gather(*(_seat(ear, visitor) for ear in ears))
        seated = [ear for ear, code in zip(ears, outcomes, strict=True) if code is None]
        assert len(seated) == 5
        assert outcomes.count(1013) == 45
        async with other.listening():
            await visitor.says("谢谢")
        for ear in seated:
            await ear.message("visitor", "谢谢")
        page = await visitor.log(after=0, wait=1)
        assert page["events"], "a tab without a seat can still ask"
        await seated[0].socket.close()
        async with visitor.listening():
            pass  # his seat is free again


async def _seat(ear: Ear, visitor: Visitor) -> int | None:
    await ear.send(t="hello", token=visitor.token, after=0)
    try:
        await ear.hears("ok")
    except Exception:
        return await ear.closed()
    return None


async def test_too_much_from_one_address_or_one_visitor(serve: Serve, comes: Comes) -> None:
    limits = {"VISITORS": "3", "MESSAGES": "4", "CONNECTS": "2"}
    kefu = serve(settings={f"KEFU_INBOX_WEB_{name}_PER_MINUTE": n for name, n in limits.items()}).start()
    visitor, other, _ = [await comes(kefu) for _ in range(3)]
    too_many = await visitor.ask("POST", "/visitors", {})
    assert (too_many.status_code, too_many.json()["error"]) == (429, "rate_limited")
    assert int(too_many.headers["retry-after"]) >= 1
    answers = [await visitor.post("你好") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    await other.says("你好")
    for _ in range(2):
        async with visitor.listening():
            pass
    async with line(f"{kefu.ws}/api/w/web/ws") as ear:
        assert await ear.closed() == 1013, "come again later"


async def test_a_chat_that_is_not_there(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    for method, path in (("POST", "visitors"), ("POST", "messages"), ("GET", "events")):
        answer = await visitor.http.request(method, f"{kefu.url}/api/w/nobody/{path}", content=b"{}")
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    async with line(f"{kefu.ws}/api/w/nobody/ws") as ear:
        assert await ear.closed() == 4403


async def test_a_client_that_never_reads_is_let_go_and_nobody_waits_for_it(serve: Serve, comes: Comes) -> None:
    kefu = serve(hurried=True).start()
    deaf, other = await comes(kefu), await comes(kefu)
    for batch in range(12):
        await asyncio.gather(*(deaf.says("长" * 4000, cid=f"{batch}-{n}") for n in range(40)))
    with socket.socket() as stopped:
        stopped.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        _hello(stopped, kefu, deaf.token)
        mine = stopped.getsockname()[1]
        assert mine in _peers(kefu)
        async with other.listening() as chat:
            await other.says("你好")
            await chat.message("bot")
            async with asyncio.timeout(15):
                while mine in _peers(kefu):
                    await asyncio.sleep(0.1)
            await other.says("谢谢")
            await chat.message("bot")
    assert len(await deaf.texts()) >= 480, "what it did not hear is still there"


def _hello(client: socket.socket, kefu: Kefu, token: str) -> None:
    """A WebSocket handshake and its hello, by hand; nothing is read after the handshake's answer."""
    client.connect(("127.0.0.1", kefu.port))
    client.sendall(
        f"GET /api/w/web/ws HTTP/1.1\r\nHost: 127.0.0.1:{kefu.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert client.recv(200).startswith(b"HTTP/1.1 101")
    body = json.dumps({"t": "hello", "token": token, "after": 0}).encode()
    client.sendall(bytes([0x81, 0x80 | len(body)]) + bytes(4) + body)


def _peers(kefu: Kefu) -> set[int]:
    """The ports of everybody connected to the server."""
    found = psutil.Process(kefu.pid).net_connections(kind="tcp")
    return {one.raddr.port for one in found if one.raddr}
