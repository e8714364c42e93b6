"""Three attempts, newly signed, cut when nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes import inbound
from tests.fakes.pusher import Delivery, Pusher
from tests.fakes.pushes import Account, Fault, Pushes, WeComPushes

FIELDS = inbound.text("oUser", "在吗")
PATIENCE = 0.2


class Shop:
    """A webhook that answers what it is told to, one answer after another; a number is how long to think."""

    def __init__(self, *answers: Response | float) -> None:
        self.answers = list(answers)
        self.got: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.got.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Response):
            return answer
        await asyncio.sleep(answer)
        return PlainTextResponse("success")


@asynccontextmanager
async def pusher(shop: Callable[..., object], **options: bool) -> AsyncIterator[Pusher]:
    app = Starlette(routes=[Route("/hook", shop, methods=["GET", "POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop") as client:
        yield Pusher(client, "/hook", Pushes(Account()), patience=PATIENCE, **options)


async def deliver(*answers: Response | float, **options: bool) -> tuple[Shop, Delivery]:
    shop = Shop(*answers)

    async def hook(request: Request) -> Response:
        return await shop(request)

    async with pusher(hook, **options) as ready:
        return shop, await ready.deliver(FIELDS)


async def test_an_answer_ends_it() -> None:
    shop, delivery = await deliver(PlainTextResponse("success"))
    assert len(shop.got) == len(delivery.attempts) == 1
    assert delivery.seen() is None


async def test_three_attempts_without_an_answer_are_a_fault() -> None:
    _, delivery = await deliver(9.0)
    assert [a.status for a in delivery.attempts] == [0, 0, 0]
    assert all("no answer" in a.error for a in delivery.attempts)
    with pytest.raises(Fault, match="3 attempts"):
        delivery.seen()


async def test_a_retry_is_the_same_message_newly_signed() -> None:
    shop, delivery = await deliver(9.0, PlainTextResponse(""))
    assert [a.status for a in delivery.attempts] == [0, 200]
    assert delivery.seen() is None
    signatures = {request.query_params["msg_signature"] for request in shop.got}
    assert len(signatures) == 2
    assert {"CreateTime", "ToUserName", "MsgId"} <= set(delivery.fields)


async def test_a_bad_status_is_a_fault_at_once_unless_stubborn() -> None:
    _, delivery = await deliver(Response(status_code=500))
    assert [a.status for a in delivery.attempts] == [500]
    with pytest.raises(Fault, match="HTTP 500"):
        delivery.seen()
    _, delivery = await deliver(Response(status_code=500), PlainTextResponse("success"), stubborn=True)
    assert [a.status for a in delivery.attempts] == [500, 200]
    assert delivery.seen() is None


async def test_nobody_there_is_tried_three_times() -> None:
    async with httpx.AsyncClient() as client:
        gone = Pusher(client, "http://127.0.0.1:9/hook", WeComPushes(Account()), patience=PATIENCE)
        delivery = await gone.deliver({"MsgType": "event", "Event": "kf_msg_or_event"})
    assert len(delivery.attempts) == 3
    assert "Connect" in delivery.attempts[0].error


async def test_the_url_check_wants_its_echo_and_nothing_else() -> None:
    async def right(request: Request) -> Response:
        return PlainTextResponse(request.query_params["echostr"])

    async def quoted(request: Request) -> Response:
        return PlainTextResponse(f'"{request.query_params["echostr"]}"')

    async with pusher(right) as ready:
        await ready.verify()
    async with pusher(quoted) as ready:
        with pytest.raises(Fault, match="URL check"):
            await ready.verify()
