"""Our fakes and our envelope against clients that other people wrote: wechatpy, wechat-api and two crypto packages."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from tests.fakes import inbound, media
from tests.fakes.crypto import decrypt, encrypt, signature
from tests.fakes.node import ORACLES, Node
from tests.fakes.pushes import Account, Mode, Pushes, Wording
from tests.fakes.wechat import APPID, CLASSIC, SECRET, SEND, WeChat

USER = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
ACCOUNT = Account()


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Node:
    cache: Any = pytestconfig.cache
    return Node(Path(cache.mkdir("oracles")))


@pytest.fixture
def now() -> Iterator[WeChat]:
    """A fake on the real clock, as these clients look at theirs."""
    with WeChat() as fake:
        fake.write(USER)
        yield fake


class Theirs(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's client, its two addresses turned to the fake."""

    def __init__(self, fake: WeChat) -> None:
        self.API_BASE_URL = f"{fake.url}/cgi-bin/"
        self._fake = fake
        super().__init__(APPID, SECRET)

    def fetch_access_token(self) -> Any:
        asked = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        return self._fetch_access_token(url=self._fake.url + CLASSIC, params=asked)


def code_of(call: Any, *given: Any) -> int:
    """The errcode a call of theirs fails with; 0 if it does not."""
    try:
        call(*given)
    except WeChatClientException as error:
        return int(error.errcode)
    return 0


def talk(fake: WeChat, tmp_path: Path) -> None:
    """What wechatpy does, in a thread: it blocks."""
    client = Theirs(fake)
    with client._http:
        client.message.send_text(USER, "你好")
        picture = tmp_path / "a.png"
        picture.write_bytes(media.PNG)
        with picture.open("rb") as opened:
            media_id = client.media.upload("image", opened)["media_id"]
        client.message.send_image(USER, media_id)
        assert client.media.download(media_id).content == media.PNG
        article = {"title": "标题", "description": "d", "url": "http://a", "image": "http://b"}
        client.message.send_articles(USER, [article])
        assert client.user.get(USER)["subscribe"] == 1
        fake.expire_tokens()
        client.message.send_text(USER, "还在")
        assert code_of(client.message.send_text, USER, "") == 44004
        assert code_of(client.message.send_text, USER, "啊" * 683) == 45002
        assert code_of(client.message.send_text, "o-nobody", "a") == 40003
        assert code_of(client.message.send_articles, USER, [article, article]) == 45008
        client.message.send_text(USER, "五")
        assert code_of(client.message.send_text, USER, "六") == 45047
        fake.trouble(SEND, errcode=45009)
        assert code_of(client.message.send_text, USER, "七") == 45009


async def test_wechatpy_is_served(now: WeChat, tmp_path: Path) -> None:
    await asyncio.to_thread(talk, now, tmp_path)
    assert [sent.kind for sent in now.sent] == ["text", "image", "news", "text", "text"]
    assert now.heard(USER) == ["你好", "还在", "五"]
    assert now.counts[CLASSIC] == 2


def test_wechat_api_is_served(now: WeChat, node: Node, tmp_path: Path) -> None:
    picture, thumb = tmp_path / "图.png", tmp_path / "a.jpg"
    picture.write_bytes(media.PNG)
    thumb.write_bytes(media.JPEG)
    sound = now.user_media("voice", media.AMR, "a.amr")
    steps: list[list[Any]] = [
        ["sendText", USER, "你好"],
        ["uploadMedia", str(picture), "image"],
        ["uploadThumb", str(thumb)],
        ["uploadMedia", str(picture), "voice"],
        ["getMedia", sound],
        ["sendVoice", USER, sound],
        ["sendNews", USER, [{"title": "标题", "description": "d", "url": "http://a", "picurl": "http://b"}]],
        ["sendText", "o-nobody", "a"],
        ["sendImage", USER, "M"],
        ["sendTemplate", USER, "TEMPLATE-1", "http://a", "#FF0000", {"first": {"value": "好了", "color": "#173177"}}],
        ["getUser", USER],
    ]
    told = node.run("client.js", {"url": now.url, "appid": APPID, "secret": SECRET, "steps": steps})
    ok = {"errcode": 0, "errmsg": "ok"}
    assert told[0] == told[5] == told[6] == ok
    assert told[1]["type"] == "image"
    assert "thumb_media_id" in told[2]
    assert told[3] == {"error": 40005}
    assert base64.b64decode(told[4]["base64"]) == media.AMR
    assert told[7:9] == [{"error": 40003}, {"error": 40007}]
    assert told[9]["msgid"] > 0
    assert told[10]["openid"] == USER
    assert [sent.kind for sent in now.sent] == ["text", "voice", "news", "template"]


@pytest.mark.parametrize("library", ["wechat", "wecom"])
@pytest.mark.parametrize("text", ["hello", "你好,世界 🙂", "a" * 5000])
def test_envelopes_open_both_ways(node: Node, library: str, text: str) -> None:
    token, key, receiver = ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.receiver
    sealed = encrypt(key, text.encode(), receiver)
    given = {"library": library, "token": token, "key": key, "id": receiver, "sealed": sealed, "plain": text}
    told = node.run("envelope.js", given)
    assert (told["message"], told["id"]) == (text, receiver)
    assert decrypt(key, told["sealed"], receiver).decode() == text
    assert told["signature"] == signature(token, "1713424427", "n1", sealed)


@pytest.mark.parametrize("library", ["wechat", "wecom"])
def test_a_push_is_theirs_to_open_and_their_reply_ours(node: Node, library: str) -> None:
    pushes = Pushes(ACCOUNT, Mode.SAFE, Wording.JSON)
    fields = pushes.complete(inbound.text(USER, "你好"))
    reply = {"ToUserName": USER, "FromUserName": ACCOUNT.original_id, "CreateTime": 1713424427}
    plain = json.dumps({**reply, "MsgType": "text", "Content": "好的"}, ensure_ascii=False)
    sealed = json.loads(pushes.push(fields).body)["Encrypt"]
    around = {"token": ACCOUNT.token, "key": ACCOUNT.aes_key, "id": ACCOUNT.receiver}
    told = node.run("envelope.js", {"library": library, **around, "sealed": sealed, "plain": plain})
    assert json.loads(told["message"]) == fields
    signed = signature(ACCOUNT.token, "1713424427", "n1", told["sealed"])
    envelope = {"Encrypt": told["sealed"], "MsgSignature": signed, "TimeStamp": 1713424427, "Nonce": "n1"}
    answer = pushes.read(fields, 200, json.dumps(envelope).encode())
    assert answer is not None
    assert answer.text == "好的"


def test_the_lock_names_no_registry() -> None:
    lock = (ORACLES / "package-lock.json").read_text("utf-8")
    packages = json.loads(lock)["packages"]
    assert not [name for name, about in packages.items() if "resolved" in about]
    assert not re.search(r"https?://(?!github\.com/sponsors/|opencollective\.com/)", lock)
    wanted = {"wechat-api": "1.35.1", "wechat-crypto": "0.0.2", "@wecom/crypto": "1.0.1"}
    assert json.loads((ORACLES / "package.json").read_text("utf-8"))["dependencies"] == wanted
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
