"""A strict qyapi.weixin.qq.com for customer service: it takes what is documented and refuses the rest.

As a process of its own: `python -m tests.fakes.wecom --port 9101` (see tests.fakes.server for its controls).
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import Response

from tests.fakes import media, tokens, wecom_codes, wecom_messages
from tests.fakes.server import Answer, Call, Handler, Refusal, Sent, serve
from tests.fakes.shapes import Malformed, a_list, an_integer, names, read_json, read_upload
from tests.fakes.wecom_codes import (
    BAD_CODE,
    BAD_CURSOR,
    COUNT_LIMIT,
    NOT_ALLOWED,
    REPEATED_MSGID,
    TIME_LIMIT,
    UNKNOWN_CUSTOMER,
)
from tests.fakes.wecom_log import BadCursor, Page
from tests.fakes.wecom_world import (
    BOT,
    CORPID,
    ENDED,
    LATER,
    NEW,
    OPEN_KFID,
    PERSON,
    POOL,
    SECRET,
    SESSION_LASTS,
    SOON,
    Code,
    Session,
    World,
)

__all__ = ["BAD_CODE", "CORPID", "OPEN_KFID", "REPEATED_MSGID", "SECRET", "WeCom"]

TOKEN = "/cgi-bin/gettoken"
SYNC = "/cgi-bin/kf/sync_msg"
SEND = "/cgi-bin/kf/send_msg"
SEND_ON_EVENT = "/cgi-bin/kf/send_msg_on_event"
STATE = "/cgi-bin/kf/service_state/get"
CHANGE_STATE = "/cgi-bin/kf/service_state/trans"
CUSTOMERS = "/cgi-bin/kf/customer/batchget"
ACCOUNTS = "/cgi-bin/kf/account/list"
UPLOAD = "/cgi-bin/media/upload"
DOWNLOAD = "/cgi-bin/media/get"
OK = {"errcode": 0, "errmsg": "ok"}
RULES = {
    "image": media.Rule(10 * media.MB, frozenset({"jpg", "png"})),
    "voice": media.Rule(2 * media.MB, frozenset({"amr"})),
    "video": media.Rule(10 * media.MB, frozenset({"mp4"})),
    "file": media.Rule(20 * media.MB),
}
LEADS = {
    NEW: {BOT, POOL, PERSON, ENDED},
    BOT: {POOL, PERSON, ENDED},
    POOL: {PERSON, ENDED},
    PERSON: {PERSON, ENDED},
    ENDED: set[int](),
}
"""From which state a call may change a session to which."""


class WeCom(World):
    """A corporation's customer service: its accounts, customers and sessions.

    `accounts`: open_kfid → name; `servicers`: userid → takes customers now. `tokenless_per_minute`: how often sync_msg
    may be called without a callback's token.
    """

    def handlers(self) -> dict[str, tuple[str, Handler]]:
        return {
            TOKEN: ("GET", self._get_token),
            SYNC: ("POST", self._sync),
            SEND: ("POST", self._send),
            SEND_ON_EVENT: ("POST", self._send_on_event),
            STATE: ("POST", self._get_state),
            CHANGE_STATE: ("POST", self._change_state),
            CUSTOMERS: ("POST", self._customers),
            ACCOUNTS: ("POST", self._accounts),
            UPLOAD: ("POST", self._upload),
            DOWNLOAD: ("GET", self._download),
        }

    def explain(self, code: int, hint: str) -> str:
        return wecom_codes.explain(code, hint)

    def _get_token(self, call: Call) -> Answer:
        checks = (("corpid", 41002, 40013, self.corpid), ("corpsecret", 41004, 40001, self.secret))
        for name, missing, wrong, right in checks:
            if not call.query.get(name):
                raise Refusal(missing)
            if call.query[name] != right:
                raise Refusal(wrong)
        value, lasts = self._corporate.get(self.now())
        return {**OK, "access_token": value, "expires_in": lasts}

    def _authorise(self, call: Call) -> None:
        value = call.query.get("access_token", "")
        if not value:
            raise Refusal(41001)
        try:
            self._issued.check(value, self.now())
        except tokens.Unknown as error:
            raise Refusal(40014) from error
        except tokens.Expired as error:
            raise Refusal(42001) from error
        if self._blocked_ip:
            raise Refusal(60020, self._blocked_ip)

    def _body(self, call: Call) -> dict[str, Any]:
        self._authorise(call)
        return read_json(call.body)

    def _account(self, told: dict[str, Any]) -> str:
        open_kfid = told.get("open_kfid")
        if not isinstance(open_kfid, str) or open_kfid not in self.accounts:
            raise Refusal(95000)
        return open_kfid

    def _at(self, told: dict[str, Any], name: str) -> tuple[str, str, Session]:
        """The account, the customer that `name` names, and their session."""
        open_kfid, customer = self._account(told), told.get(name)
        known = self.customers.get(customer) if isinstance(customer, str) else None
        if known is None or open_kfid not in known.sessions:
            raise Refusal(UNKNOWN_CUSTOMER)
        return open_kfid, str(customer), known.sessions[open_kfid]

    def _sync(self, call: Call) -> Answer:
        told = names(self._body(call), "the body", set(), {"cursor", "token", "limit", "voice_format", "open_kfid"})
        open_kfid, cursor, token = self._account(told), told.get("cursor", ""), told.get("token", "")
        limit = an_integer(told.get("limit", 1000), "limit", range(1, 1001))
        an_integer(told.get("voice_format", 0), "voice_format", (0, 1))
        if not isinstance(cursor, str) or not isinstance(token, str):
            raise Malformed("cursor and token are texts")
        if token and not self.log.token_holds(token, self.now()):
            raise Refusal(95007)
        if not token and not self._tokenless.take(self.now()):
            raise Refusal(45009, "use the callback's token")
        page = self._page(open_kfid, cursor, limit)
        return {**OK, "next_cursor": page.cursor, "has_more": int(page.more), "msg_list": page.items}

    def _page(self, open_kfid: str, cursor: str, limit: int) -> Page:
        try:
            if self._empty_pages:
                self._empty_pages -= 1
                return self.log.empty(open_kfid, cursor)
            return self.log.read(open_kfid, cursor, limit, self.now())
        except BadCursor as error:
            raise Refusal(BAD_CURSOR, "cursor") from error

    def _send(self, call: Call) -> Answer:
        told = self._body(call)
        open_kfid, customer, session = self._at(told, "touser")
        kind = wecom_messages.check(told, {"touser", "open_kfid"}, self._has_media)
        msgid = self._msgid(open_kfid, told)
        if self.now() - session.spoke >= SESSION_LASTS:
            raise Refusal(TIME_LIMIT)
        if self._state(session) not in (NEW, BOT):
            raise Refusal(95018)
        if not session.left:
            raise Refusal(COUNT_LIMIT)
        session.left -= 1
        return self._take(call, open_kfid, customer, kind, {**told, "msgid": msgid})

    def _msgid(self, open_kfid: str, told: dict[str, Any]) -> str:
        msgid = str(told.get("msgid") or secrets.token_hex(16))
        if (open_kfid, msgid) in self.msgids:
            raise Refusal(self.repeated_msgid)
        return msgid

    def _take(self, call: Call, open_kfid: str, customer: str, kind: str, told: dict[str, Any]) -> Answer:
        msgid = told["msgid"]
        self.msgids.add((open_kfid, msgid))
        self.sent.append(Sent(call.path, customer, kind, told, self.now()))
        if self._failures:
            fail = {"event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": self._failures.pop(0)}
            self._event(open_kfid, customer, fail)
        return {**OK, "msgid": msgid}

    def _has_media(self, media_id: Any, kinds: frozenset[str]) -> None:
        medium = self.shelf.get(media_id, self.now()) if isinstance(media_id, str) else None
        if medium is None or medium.kind not in kinds:
            raise Refusal(40007)

    def _send_on_event(self, call: Call) -> Answer:
        told = self._body(call)
        code = self._code(told.get("code"))
        kind = wecom_messages.check(told, {"code"}, self._has_media, code.kinds)
        msgid = self._msgid(code.open_kfid, told)
        del self.codes[told["code"]]
        if code.welcomes:
            self._session(code.open_kfid, code.customer).welcomed = self.now()
        return self._take(call, code.open_kfid, code.customer, kind, {**told, "msgid": msgid})

    def _code(self, value: Any) -> Code:
        code = self.codes.get(value) if isinstance(value, str) else None
        if code is None or self.now() >= code.until:
            raise Refusal(BAD_CODE)
        return code

    def _get_state(self, call: Call) -> Answer:
        told = names(self._body(call), "the body", set(), {"open_kfid", "external_userid"})
        _, _, session = self._at(told, "external_userid")
        return {**OK, "service_state": self._state(session), "servicer_userid": session.servicer}

    def _change_state(self, call: Call) -> Answer:
        allowed = {"open_kfid", "external_userid", "service_state", "servicer_userid"}
        told = names(self._body(call), "the body", {"service_state"}, allowed)
        open_kfid, customer, session = self._at(told, "external_userid")
        wanted = an_integer(told["service_state"], "service_state", range(5))
        if (current := self._state(session)) == ENDED:
            raise Refusal(95013)
        if wanted not in LEADS[current]:
            raise Refusal(NOT_ALLOWED, f"{current} to {wanted}")
        servicer = told.get("servicer_userid", "") if wanted == PERSON else ""
        if wanted == PERSON and not self.servicers.get(servicer):
            raise Refusal(95014)
        session.state, session.servicer = wanted, servicer
        return {**OK, **self._answer_code(open_kfid, customer, current, wanted)}

    def _answer_code(self, open_kfid: str, customer: str, before: int, after: int) -> dict[str, str]:
        """The code that a change of state brings, for send_msg_on_event."""
        if after == ENDED:
            return {"msg_code": self.new_code(open_kfid, customer, SOON, "text", "msgmenu")}
        if after == POOL or (after == PERSON and before == POOL):
            return {"msg_code": self.new_code(open_kfid, customer, LATER, "text")}
        return {}

    def _customers(self, call: Call) -> Answer:
        told = names(
            self._body(call), "the body", {"external_userid_list"}, {"need_enter_session_context"}
        )  # fmt: skip
        asked = a_list(told["external_userid_list"], "external_userid_list", 100)
        an_integer(told.get("need_enter_session_context", 0), "need_enter_session_context", (0, 1))
        if not asked:
            raise Malformed("external_userid_list is empty")
        known = [each for each in asked if each in self.customers]
        return {
            **OK,
            "customer_list": [self._profile(each) for each in known],
            "invalid_external_userid": [each for each in asked if each not in self.customers],
        }

    def _profile(self, customer: str) -> dict[str, Any]:
        avatar = "http://wx.qlogo.cn/mmhead/0"
        nickname = self.customers[customer].nickname
        return {"external_userid": customer, "nickname": nickname, "avatar": avatar, "gender": 0, "unionid": ""}

    def _accounts(self, call: Call) -> Answer:
        told = names(self._body(call), "the body", set(), {"offset", "limit"})
        offset = an_integer(told.get("offset", 0), "offset", range(10_000))
        limit = an_integer(told.get("limit", 100), "limit", range(1, 101))
        found = list(self.accounts.items())[offset : offset + limit]
        listed = [{"open_kfid": i, "name": name, "avatar": "", "manage_privilege": True} for i, name in found]
        return {**OK, "account_list": listed}

    def _upload(self, call: Call) -> Answer:
        self._authorise(call)
        kind = call.query.get("type", "")
        if kind not in RULES:
            raise Refusal(40005)
        upload = read_upload(call.headers.get("content-type", ""), call.body)
        if upload.field != "media":
            raise Refusal(41005, f"the field is {upload.field!r}")
        try:
            media.check(RULES[kind], upload.filename, upload.data)
        except (media.Empty, media.TooBig) as error:
            raise Refusal(40006, str(error)) from error
        except media.WrongFormat as error:
            raise Refusal(40004, str(error)) from error
        medium = self.shelf.put(kind, upload.filename, upload.data, self.now())
        return {**OK, "type": kind, "media_id": medium.media_id, "created_at": str(int(medium.created))}

    def _download(self, call: Call) -> Answer:
        self._authorise(call)
        medium = self.shelf.get(call.query.get("media_id", ""), self.now())
        if medium is None:
            raise Refusal(40007)
        return Response(medium.data, headers=media.headers(medium))


if __name__ == "__main__":
    serve(WeCom, 9101)
