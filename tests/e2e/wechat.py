"""A WeChat user and the Official Account he writes to: the strict fake, and pushes to a real kefu."""

from __future__ import annotations

import httpx

from tests.fakes import inbound
from tests.fakes.pushes import Account, Pushes
from tests.fakes.wechat import SECRET, WeChat
from tests.fakes.wording import Fields
from tests.stories.serving import Kefu

ACCOUNT = Account()


def settings(fake: WeChat) -> dict[str, str]:
    """An inbox `oa` of this account, beside the web chat."""
    options = {
        "CHANNEL": "wechat",
        "APP_ID": ACCOUNT.receiver,
        "APP_SECRET": SECRET,
        "TOKEN": ACCOUNT.token,
        "AES_KEY": ACCOUNT.aes_key,
        "API_BASE": fake.url,
    }
    return {"KEFU_INBOX_WEB_CHANNEL": "web"} | {f"KEFU_INBOX_OA_{name}": value for name, value in options.items()}


class Follower:
    """Does things in WeChat; `heard` is everything he got, in webhook answers and otherwise, in no certain order."""

    def __init__(self, kefu: Kefu, fake: WeChat, openid: str) -> None:
        self.fake, self.openid = fake, openid
        self.answers: list[str] = []
        self._pushes = Pushes(ACCOUNT)
        self._url = f"{kefu.url}/webhooks/oa"

    @property
    def heard(self) -> list[str]:
        return self.answers + self.fake.heard(self.openid)

    def says(self, text: str, menu_id: str | None = None) -> None:
        if menu_id is None:
            self.fake.write(self.openid)
        else:
            self.fake.click(self.openid)
        self._push(inbound.text(self.openid, text, menu_id=menu_id))

    def shows(self, picture: bytes) -> None:
        media_id = self.fake.user_media("image", picture, "photo.png")
        self.fake.write(self.openid)
        self._push(inbound.image(self.openid, media_id))

    def follows(self) -> None:
        self.fake.follow(self.openid)
        self._push(inbound.subscribe(self.openid))

    def leaves(self) -> None:
        self.fake.unfollow(self.openid)
        self._push(inbound.unsubscribe(self.openid))

    def taps(self, label: str) -> None:
        """An item of the last menu he was sent."""
        menu = next(sent for sent in reversed(self.fake.sent) if sent.to == self.openid and sent.kind == "msgmenu")
        item = next(item for item in menu.body["msgmenu"]["list"] if item["content"] == label)
        self.says(label, item["id"])

    def _push(self, fields: Fields) -> None:
        told = self._pushes.complete(fields)
        push = self._pushes.push(told)
        answer = httpx.post(
            self._url, params=push.params, content=push.body, headers=push.headers, timeout=20, trust_env=False
        )
        reply = self._pushes.read(told, answer.status_code, answer.content)
        if reply is not None:
            self.answers.append(reply.text)
