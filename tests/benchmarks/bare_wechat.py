"""The least that can answer WeChat: check the signature, say a constant. No parsing, no database, no bot."""

from __future__ import annotations

import hashlib
import hmac
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = (
    b"<xml><ToUserName><![CDATA[openid]]></ToUserName><FromUserName><![CDATA[gh]]></FromUserName>"
    b"<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content></xml>"
)


def main() -> None:
    port, token = int(sys.argv[1]), sys.argv[2]

    async def webhook(request: Request) -> Response:
        query = request.query_params
        parts = sorted((token, query["timestamp"], query["nonce"]))
        wanted = hashlib.sha1("".join(parts).encode()).hexdigest()  # WeChat's choice
        await request.body()
        if not hmac.compare_digest(wanted, query["signature"]):
            return Response("refused", 403)
        return Response(ANSWER, media_type="application/xml")

    app = Starlette(routes=[Route("/webhooks/wx", webhook, methods=["POST"]), Route("/readyz", lambda _: Response())])
    uvicorn.run(app, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
