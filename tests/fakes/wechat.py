"""A strict api.weixin.qq.com: it takes what the documentation allows and refuses the rest with WeChat's own codes.

As a process of its own: `python -m tests.fakes.wechat --port 9100` (see tests.fakes.server for its controls).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from tests.fakes import media, tokens, wechat_codes, wechat_messages
from tests.fakes.server import Answer, Call, Handler, Refusal, Sent, serve
from tests.fakes.shapes import ESCAPED, Malformed, names, read_json, read_upload
from tests.fakes.wechat_world import APPID, SECRET, Person, World
from tests.fakes.windows import Closed, Exhausted

__all__ = ["APPID", "SECRET", "WeChat"]

SEND = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
UPLOAD = "/cgi-bin/media/upload"
DOWNLOAD = "/cgi-bin/media/get"
USER = "/cgi-bin/user/info"
TEMPLATE = "/cgi-bin/message/template/send"
NOTICE = "/cgi-bin/message/subscribe/bizsend"
VIDEO = "/_video/"
"""Where the `video_url` of a download points."""
OK = {"errcode": 0, "errmsg": "ok"}
RULES = {
    "image": media.Rule(2 * media.MB, frozenset({"jpg", "png", "gif"})),
    "voice": media.Rule(2 * media.MB, frozenset({"amr", "mp3"})),
    "video": media.Rule(10 * media.MB, frozenset({"mp4"})),
    "thumb": media.Rule(64 * media.KB, frozenset({"jpg"})),
}
TYPING_NEEDS, TYPING_LASTS = 30, 15


class WeChat(World):
    """One Official Account and its users.

    `certified=False`: an account that may not send of its own accord. `templates`: the ids of its message templates.
    The limits of the token endpoints may be lowered with `per_minute`, `per_day`, `forced` and `classic_per_day`.
    """

    def __init__(self, **options: Any) -> None:
        self._notice_ids = itertools.count(200_163_836)
        self._notices_sent: dict[tuple[str, str], int] = {}
        super().__init__(**options)

    def handlers(self) -> dict[str, tuple[str, Handler]]:
        return {
            STABLE: ("POST", self._stable_token),
            CLASSIC: ("GET", self._classic_token),
            SEND: ("POST", self._send),
            TYPING: ("POST", self._typing),
            UPLOAD: ("POST", self._upload),
            DOWNLOAD: ("GET", self._download),
            VIDEO: ("GET", self._video),
            USER: ("GET", self._user),
            TEMPLATE: ("POST", self._template),
            NOTICE: ("POST", self._notice),
        }

    def explain(self, code: int, hint: str) -> str:
        return wechat_codes.explain(code, hint)

    def _stable_token(self, call: Call) -> Answer:
        told = names(self._json(call), "the body", set(), {"grant_type", "appid", "secret", "force_refresh"})
        self._credentials(told)
        force = told.get("force_refresh", False)
        if not isinstance(force, bool):
            raise Malformed("force_refresh is no boolean")
        return self._token(lambda: self._stable.get(self.now(), force))

    def _classic_token(self, call: Call) -> Answer:
        self._credentials(dict(call.query))
        return self._token(lambda: self._classic.get(self.now()))

    def _credentials(self, told: dict[str, Any]) -> None:
        if told.get("grant_type") != "client_credential":
            raise Refusal(40002)
        for name, missing, wrong, right in (("appid", 41002, 40013, self.appid), ("secret", 41004, 40125, self.secret)):
            if not told.get(name):
                raise Refusal(missing)
            if told[name] != right:
                raise Refusal(wrong)
        if self._blocked_ip:
            raise Refusal(40164, self._blocked_ip)

    def _token(self, get: Callable[[], tuple[str, int]]) -> Answer:
        try:
            value, lasts = get()
        except tokens.TooOften as error:
            raise Refusal(45011) from error
        except tokens.SpentToday as error:
            raise Refusal(45009) from error
        return {"access_token": value, "expires_in": lasts}

    def _authorise(self, call: Call) -> None:
        value = call.query.get("access_token", "")
        if not value:
            raise Refusal(41001)
        try:
            self._issued.check(value, self.now())
        except tokens.Unknown as error:
            raise Refusal(40001) from error
        except tokens.Expired as error:
            raise Refusal(42001) from error

    def _json(self, call: Call) -> dict[str, Any]:
        if ESCAPED.search(call.body):
            raise Refusal(40033)
        return read_json(call.body)

    def _addressed(self, call: Call) -> tuple[dict[str, Any], Person]:
        """An authorised body with a `touser` we know."""
        self._authorise(call)
        if not self.certified:
            raise Refusal(48001)
        told = self._json(call)
        to = told.get("touser")
        if not isinstance(to, str) or to not in self.people:
            raise Refusal(40003)
        return told, self.people[to]

    def _send(self, call: Call) -> Answer:
        told, person = self._addressed(call)
        kind = wechat_messages.check(told, self._has_media)
        try:
            person.windows.spend(self.now())
        except Closed as error:
            raise Refusal(45015) from error
        except Exhausted as error:
            raise Refusal(45047) from error
        person.typing_until = float("-inf")
        self._record(call, kind, told)
        return OK

    def _record(self, call: Call, kind: str, told: dict[str, Any]) -> None:
        self.sent.append(Sent(call.path, told["touser"], kind, told, self.now()))

    def _has_media(self, media_id: Any, kinds: frozenset[str]) -> None:
        medium = self.shelf.get(media_id, self.now()) if isinstance(media_id, str) else None
        if medium is None or medium.kind not in kinds:
            raise Refusal(40007)

    def _typing(self, call: Call) -> Answer:
        told, person = self._addressed(call)
        names(told, "the body", {"touser"}, {"command"})
        if told.get("command") not in ("Typing", "CancelTyping"):
            raise Refusal(45072)
        if told["command"] == "CancelTyping":
            person.typing_until = float("-inf")
            return OK
        if self.now() - person.seen > TYPING_NEEDS:
            raise Refusal(45080)
        if self.now() < person.typing_until:
            raise Refusal(45081)
        person.typing_until = self.now() + TYPING_LASTS
        return OK

    def _upload(self, call: Call) -> Answer:
        self._authorise(call)
        kind = call.query.get("type", "")
        if kind not in RULES:
            raise Refusal(40004)
        upload = read_upload(call.headers.get("content-type", ""), call.body)
        if upload.field != "media":
            raise Refusal(41005, f"the field is {upload.field!r}")
        try:
            media.check(RULES[kind], upload.filename, upload.data)
        except media.Empty as error:
            raise Refusal(40006) from error
        except media.TooBig as error:
            raise Refusal(45001, str(error)) from error
        except media.WrongFormat as error:
            raise Refusal(40005, str(error)) from error
        medium = self.shelf.put(kind, upload.filename, upload.data, self.now())
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, name: medium.media_id, "created_at": int(medium.created)}

    def _download(self, call: Call) -> Answer:
        self._authorise(call)
        medium = self.shelf.get(call.query.get("media_id", ""), self.now())
        if medium is None:
            raise Refusal(40007)
        if medium.kind == "video":
            return {"video_url": f"{self.url}{VIDEO}{medium.media_id}"}
        return Response(medium.data, headers=media.headers(medium))

    def _video(self, call: Call) -> Answer:
        medium = self.shelf.get(call.path.removeprefix(VIDEO), self.now())
        if medium is None:
            return Response(status_code=404)
        return Response(medium.data, headers=media.headers(medium))

    def _user(self, call: Call) -> Answer:
        self._authorise(call)
        openid = call.query.get("openid", "")
        person = self.people.get(openid)
        if person is None:
            raise Refusal(40003)
        if not person.follows:
            return {"subscribe": 0, "openid": openid}
        return {
            "subscribe": 1, "openid": openid, "subscribe_time": int(person.since), "remark": "", "groupid": 0,
            "tagid_list": [], "subscribe_scene": "ADD_SCENE_QR_CODE" if person.scene else "ADD_SCENE_SEARCH",
            "qr_scene": int(person.scene) if person.scene.isdecimal() else 0,
            "qr_scene_str": "" if person.scene.isdecimal() else person.scene,
        }  # fmt: skip

    def _template(self, call: Call) -> Answer:
        told, person = self._addressed(call)
        wechat_messages.check_notice(told, {"url", "client_msg_id"})
        self._known_template(told)
        if not person.follows:
            raise Refusal(43004)
        key = (told["touser"], str(told.get("client_msg_id") or next(self._notice_ids)))
        if key not in self._notices_sent:
            self._notices_sent[key] = next(self._notice_ids)
            self._record(call, "template", told)
        return {**OK, "msgid": self._notices_sent[key]}

    def _notice(self, call: Call) -> Answer:
        told, person = self._addressed(call)
        wechat_messages.check_notice(told, {"page"})
        self._known_template(told)
        if not person.granted[told["template_id"]]:
            raise Refusal(43101)
        person.granted[told["template_id"]] -= 1
        self._record(call, "notice", told)
        return OK

    def _known_template(self, told: dict[str, Any]) -> None:
        if told["template_id"] not in self.templates:
            raise Refusal(40037)


if __name__ == "__main__":
    serve(WeChat, 9100)
