"""The customers of a WeCom customer service, its agents, and what they may be made to do."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import media, tokens
from tests.fakes.server import Fake, control
from tests.fakes.wecom_codes import BAD_PARAMETER, REPEATED_MSGID
from tests.fakes.wecom_log import Log
from tests.fakes.windows import HOUR

CORPID, SECRET = "ww12345678910", "kf-secret-kf-secret-kf-secret-kf-secret-000"
OPEN_KFID = "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q"
SESSION_LASTS = 48 * HOUR
PER_MESSAGE = 5
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
"""`origin` in sync_msg."""
NEW, BOT, POOL, PERSON, ENDED = range(5)
"""`service_state`."""
SOON, LATER = 20.0, 48 * HOUR
"""How long a code for send_msg_on_event may be used."""


@dataclass(slots=True)
class Session:
    """One customer at one account."""

    state: int = ENDED
    servicer: str = ""
    spoke: float = float("-inf")
    """When the customer last wrote."""
    left: int = 0
    """Messages that may still be sent."""
    welcomed: float = float("-inf")


@dataclass(slots=True)
class Code:
    """A permission to answer an event once."""

    open_kfid: str
    customer: str
    until: float
    kinds: frozenset[str]
    welcomes: bool = False


@dataclass(slots=True)
class Customer:
    nickname: str = "张三"
    sessions: dict[str, Session] = field(default_factory=dict)


class World(Fake):
    """The part of the fake that a test moves."""

    malformed = BAD_PARAMETER
    repeated_msgid = REPEATED_MSGID
    """The errcode for a msgid used before; a test may set another."""

    def __init__(
        self,
        *,
        corpid: str = CORPID,
        secret: str = SECRET,
        accounts: Mapping[str, str] | None = None,
        servicers: Mapping[str, bool] | None = None,
        tokenless_per_minute: int = 10,
        clock: Callable[[], float] = time.time,
        port: int = 0,
    ) -> None:
        self.corpid, self.secret = corpid, secret
        self.accounts = dict(accounts or {OPEN_KFID: "售后"})
        self.servicers = dict({"zhangsan": True} if servicers is None else servicers)
        self.customers: dict[str, Customer] = {}
        self.codes: dict[str, Code] = {}
        self.shelf, self.log = media.Shelf(), Log()
        self.msgids: set[tuple[str, str]] = set()
        self._issued = tokens.Issued()
        self._corporate = tokens.Corporate(self._issued)
        self._tokenless = tokens.Rate(tokenless_per_minute, tokens.MINUTE)
        self._blocked_ip = ""
        self._empty_pages = 0
        self._failures: list[int] = []
        super().__init__(clock=clock, port=port)

    # -- customers ---------------------------------------------------------------------------------------------------

    @control
    def say(self, customer: str, text: str, open_kfid: str = OPEN_KFID) -> str:
        """The customer writes; the msgid."""
        return self.give(customer, "text", {"content": text}, open_kfid)

    @control
    def tap(self, customer: str, menu_id: str, text: str, open_kfid: str = OPEN_KFID) -> str:
        """The customer taps a click item of a msgmenu."""
        return self.give(customer, "text", {"content": text, "menu_id": menu_id}, open_kfid)

    @control
    def give(self, customer: str, kind: str, content: dict[str, Any], open_kfid: str = OPEN_KFID) -> str:
        """The customer sends anything: image, voice, video, file (by a media_id), location, link, business_card, …"""
        session = self._session(open_kfid, customer)
        if self._state(session) == ENDED:
            session.state, session.servicer = NEW, ""
        session.spoke, session.left = self.now(), PER_MESSAGE
        return self._said(open_kfid, customer, CUSTOMER, kind, content)

    @control
    def enter(self, customer: str, scene: str = "", scene_param: str = "", open_kfid: str = OPEN_KFID) -> str:
        """The customer opens the chat; the welcome_code, if it is a time to welcome."""
        session = self._session(open_kfid, customer)
        told = {"event_type": "enter_session", "scene": scene, "scene_param": scene_param}
        code = ""
        if self.now() - max(session.spoke, session.welcomed) >= SESSION_LASTS:
            code = told["welcome_code"] = self.new_code(open_kfid, customer, SOON, "text", "msgmenu")
            self.codes[code].welcomes = True
        self._event(open_kfid, customer, told)
        return code

    @control
    def recall(self, customer: str, msgid: str, open_kfid: str = OPEN_KFID) -> None:
        """The customer takes a message back."""
        self._event(open_kfid, customer, {"event_type": "user_recall_msg", "recall_msgid": msgid})

    @control
    def reject(self, customer: str, rejects: bool = True, open_kfid: str = OPEN_KFID) -> None:
        """The customer wants no messages, or wants them again."""
        told = {"event_type": "reject_customer_msg_switch_change", "reject_switch": int(rejects)}
        self._event(open_kfid, customer, told)

    @control
    def user_media(self, kind: str, data: bytes, filename: str = "") -> str:
        """A file that a customer sends; its media_id, to `give`."""
        return self.shelf.put(kind, filename, data, self.now()).media_id

    # -- agents in the WeCom client ----------------------------------------------------------------------------------

    @control
    def servicer_says(self, servicer: str, customer: str, text: str, open_kfid: str = OPEN_KFID) -> str:
        item = self._item(open_kfid, customer, SERVICER, "text", {"content": text})
        return self.log.add(open_kfid, self.now(), {**item, "servicer_userid": servicer})

    @control
    def servicer_takes(self, servicer: str, customer: str, open_kfid: str = OPEN_KFID) -> str:
        """An agent takes the customer from the pool; the code for a text within 48 hours."""
        return self._changes(
            open_kfid, customer, 1, PERSON, servicer, self.new_code(open_kfid, customer, LATER, "text")
        )

    @control
    def servicer_ends(self, customer: str, open_kfid: str = OPEN_KFID) -> str:
        """An agent ends the session; the code for a closing text or menu within 20 seconds."""
        code = self.new_code(open_kfid, customer, SOON, "text", "msgmenu")
        return self._changes(open_kfid, customer, 3, ENDED, "", code)

    @control
    def set_servicer(self, servicer: str, active: bool) -> None:
        """An agent begins or stops taking customers."""
        self.servicers[servicer] = active
        for open_kfid in self.accounts:
            told = {
                "event_type": "servicer_status_change", "servicer_userid": servicer, "status": 1 if active else 2,
                "open_kfid": open_kfid,
            }  # fmt: skip
            self.log.add(open_kfid, self.now(), {"origin": SYSTEM, "msgtype": "event", "event": told})

    # -- the network -------------------------------------------------------------------------------------------------

    @control
    def callback(self, open_kfid: str = OPEN_KFID) -> dict[str, str]:
        """The fields of a kf_msg_or_event callback: a fresh Token that holds ten minutes, and the OpenKfId."""
        return {"Token": self.log.token(self.now()), "OpenKfId": open_kfid}

    @control
    def fail_next(self, fail_type: int) -> None:
        """The next message is taken, and later told to have failed (msg_send_fail)."""
        self._failures.append(fail_type)

    @control
    def empty_pages(self, count: int) -> None:
        """So many sync_msg calls answer an empty page with has_more."""
        self._empty_pages = count

    @control
    def expire_media(self, media_id: str) -> None:
        self.shelf.expire(media_id)

    @control
    def expire_tokens(self) -> None:
        """Every access token is answered with 42001."""
        self._issued.expire(self.now())

    @control
    def revoke_tokens(self) -> None:
        """Every access token is answered with 40014."""
        self._issued.revoke()

    @control
    def block_ip(self, ip: str = "203.0.113.9") -> None:
        """Calls come from an address that is not trusted; "" for one that is."""
        self._blocked_ip = ip

    @control
    def set_state(self, customer: str, state: int, servicer: str = "", open_kfid: str = OPEN_KFID) -> None:
        """Put a session into a state, allowed or not."""
        session = self._session(open_kfid, customer)
        session.state, session.servicer = state, servicer

    def state(self, customer: str, open_kfid: str = OPEN_KFID) -> int:
        with self.lock:
            return self._state(self._session(open_kfid, customer))

    def new_code(self, open_kfid: str, customer: str, lasts: float, *kinds: str) -> str:
        """A code for send_msg_on_event."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(open_kfid, customer, self.now() + lasts, frozenset(kinds))
        return code

    def _session(self, open_kfid: str, customer: str) -> Session:
        known = self.customers.setdefault(customer, Customer())
        return known.sessions.setdefault(open_kfid, Session())

    def _state(self, session: Session) -> int:
        """A session ends by itself 48 hours after the customer's last message."""
        if session.state != ENDED and self.now() - session.spoke >= SESSION_LASTS:
            session.state, session.servicer = ENDED, ""
        return session.state

    def _item(self, open_kfid: str, customer: str, origin: int, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        around = {"open_kfid": open_kfid, "external_userid": customer, "origin": origin}
        return {**around, "msgtype": kind, kind: content}

    def _said(self, open_kfid: str, customer: str, origin: int, kind: str, content: dict[str, Any]) -> str:
        return self.log.add(open_kfid, self.now(), self._item(open_kfid, customer, origin, kind, content))

    def _event(self, open_kfid: str, customer: str, told: dict[str, Any]) -> None:
        inside = {**told, "open_kfid": open_kfid, "external_userid": customer}
        self.log.add(open_kfid, self.now(), {"origin": SYSTEM, "msgtype": "event", "event": inside})

    def _changes(self, open_kfid: str, customer: str, change: int, state: int, servicer: str, code: str) -> str:
        session = self._session(open_kfid, customer)
        told = {
            "event_type": "session_status_change", "change_type": change, "old_servicer_userid": session.servicer,
            "new_servicer_userid": servicer, **({"msg_code": code} if code else {}),
        }  # fmt: skip
        session.state, session.servicer = state, servicer
        self._event(open_kfid, customer, told)
        return code
