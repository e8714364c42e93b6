"""A webhook request, verified and opened in the account's mode; the answer, closed the same way.

Source: developers.weixin.qq.com/doc/service/guide/dev/push (message push, encryption).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import PayloadError
from bot.http import Request, Response
from channels.wechat.codec import Codec, Form, form_of, read, refuse, write
from channels.wechat.options import Options

REMEMBERED = 64
PLAIN_TEXT = "text/plain; charset=utf-8"
SUCCESS = b"success"
"""Taken, and nothing to say; never encrypted."""


@dataclass(frozen=True, slots=True)
class Push:
    """`echo`: what the console's check of our address wants back. `fields`: what was pushed. `sealed`: it was."""

    echo: str | None = None
    fields: Mapping[str, Any] | None = None
    form: Form = Form.XML
    sealed: bool = False


class Pushes:
    """Reads requests once, though they are verified, parsed and answered one after the other."""

    def __init__(self, options: Options) -> None:
        self._mode = options.mode
        self._codec = Codec(options.token, options.app_id, options.aes_key if options.mode != "plain" else "")
        self._opened: OrderedDict[int, tuple[Request, Push]] = OrderedDict()

    def open(self, request: Request) -> Push:
        """The push in a request that proves to be WeChat's; SignatureError if it does not."""
        known = self._opened.get(id(request))
        if known is not None:
            return known[1]
        push = self._read(request)
        # The request is kept with its push, so that its id stays its own.
        self._opened[id(request)] = (request, push)
        if len(self._opened) > REMEMBERED:
            self._opened.popitem(last=False)
        return push

    def answer(self, request: Request, push: Push, fields: Mapping[str, Any] | None) -> Response:
        """What WeChat gets: the echo, `success`, or fields for the customer in the form the push had."""
        if push.echo is not None:
            headers = {"X-Content-Type-Options": "nosniff"}
            return Response(200, push.echo.encode("utf-8", "replace"), PLAIN_TEXT, headers)
        if fields is None:
            return Response(200, SUCCESS, PLAIN_TEXT)
        body = write(fields, push.form)
        if push.sealed:
            body = self._codec.envelope(body, request.query, push.form)
        return Response(200, body, push.form.media_type)

    def _read(self, request: Request) -> Push:
        if request.method == "GET":
            return Push(echo=self._echo(request.query))
        if request.method != "POST":
            refuse()
        if self._mode == "plain":
            self._codec.verify(request.query)
        fields, form = read(request.body), form_of(request.body)
        if self._mode == "safe" or (self._mode == "compat" and "Encrypt" in fields):
            # The signature beside it says nothing about the body: only msg_signature does.
            inner = self._codec.open(request.query, fields.get("Encrypt"))
            return Push(fields=read(inner), form=form, sealed=True)
        self._codec.verify(request.query)
        if "MsgType" not in fields and "Encrypt" in fields:
            raise PayloadError('the account sends encrypted messages: set aes_key, or mode = "safe"')
        return Push(fields=fields, form=form)

    def _echo(self, query: Mapping[str, str]) -> str:
        """Never encrypted, says the documentation; some servers in between do it all the same."""
        if "echostr" not in query:
            refuse()
        if self._mode != "plain" and "msg_signature" in query:
            return self._codec.open(query, query["echostr"]).decode("utf-8", "replace")
        self._codec.verify(query)
        return query["echostr"]
