"""A strict Weibo: m.api.weibo.com (under /m), api.weibo.com (/api) and upload.api.weibo.com (/upload) in one server.

It takes what the documentation allows and refuses the rest with Weibo's own codes, as numbers or as text. What is said
in public is in tests.fakes.weibo_public. As a process of its own: `python -m tests.fakes.weibo --port 9300` (see
tests.fakes.server for its controls).
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from tests.fakes import media
from tests.fakes.server import Answer, Call, Handler, Refusal, Sent, serve
from tests.fakes.shapes import Malformed, names
from tests.fakes.weibo_public import Square
from tests.fakes.weibo_world import SECRET, TOKEN, UID, Customer, form, query

__all__ = ["SECRET", "TOKEN", "UID", "Weibo"]

REPLY = "/m/2/messages/reply.json"
TOKEN_INFO = "/api/oauth2/get_token_info"
MSGET = "/upload/2/mss/msget"
MOST = 300
"""Characters a private message must have fewer of."""


class Weibo(Square):
    """One verified account and its customers."""

    def handlers(self) -> dict[str, tuple[str, Handler]]:
        return {
            REPLY: ("POST", self._reply),
            TOKEN_INFO: ("POST", self._token_info),
            MSGET: ("GET", self._msget),
            **self.public_handlers(),
        }

    def options(self, **more: Any) -> dict[str, Any]:
        """What an inbox on this account is set up with."""
        bases = {"messages_base": f"{self.url}/m", "api_base": f"{self.url}/api", "upload_base": f"{self.url}/upload"}
        return {"uid": self.uid, "app_secret": self.secret, "access_token": self.token, **bases, **more}

    def _reply(self, call: Call) -> Answer:
        told = form(call, {"type", "data", "receiver_id"}, {"save_sender_box"})
        self.authorise(told)
        body = _data(told)
        if told.get("save_sender_box", "1") not in ("0", "1"):
            raise Refusal(10017, "save_sender_box")
        self._spend(told["receiver_id"])
        self.sent.append(Sent(call.path, told["receiver_id"], told["type"], body, self.now()))
        return {"result": True, "sender_id": int(self.uid), "receiver_id": int(told["receiver_id"]), **_kind(told)}

    def _spend(self, receiver: str) -> None:
        if not (receiver.isascii() and receiver.isdigit()):
            raise Refusal(10017, "receiver_id")
        customer = self.customers.get(receiver, Customer())
        if self.now() >= customer.until or customer.left == 0:
            raise Refusal(26403)
        if customer.left is not None:
            customer.left -= 1

    def _token_info(self, call: Call) -> Answer:
        told = form(call, {"access_token"})
        self.authorise(told)
        return {
            "uid": int(self.uid),
            "appkey": 1352222456,
            "scope": "",
            "create_at": int(self.now()),
            "expire_in": int(self._ends - self.now()),
        }

    def _msget(self, call: Call) -> Answer:
        told = query(call, {"fid"})
        self.authorise(told)
        data = self.files.get(told["fid"])
        if data is None:
            raise Refusal(10017, "fid")
        kind = media.TYPES.get(media.format_of(data), "application/octet-stream")
        return Response(data, headers={"Content-Type": kind})


def _kind(told: dict[str, str]) -> dict[str, str]:
    return {"type": told["type"], "data": told["data"]}


def _data(told: dict[str, str]) -> dict[str, Any]:
    """The message in `data`, which is JSON, encoded once by the form it stands in; under the name of its kind."""
    try:
        data = json.loads(told["data"])
    except ValueError:
        raise Refusal(10017, "data") from None
    if told["type"] == "text":
        text = names(data, "data", {"text"})["text"]
        if not isinstance(text, str) or not text:
            raise Refusal(20008)
        if len(text) >= MOST:
            raise Refusal(20013)
        return {"text": {"content": text}}
    if told["type"] == "articles":
        articles = names(data, "data", {"articles"})["articles"]
        if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
            raise Malformed("one article to eight")
        return {"articles": [names(one, "an article", {"display_name", "summary", "image", "url"}) for one in articles]}
    if told["type"] == "position":
        return {"position": names(data, "data", {"longitude", "latitude"})}
    raise Refusal(10017, "type")


if __name__ == "__main__":
    serve(Weibo, 9300)
