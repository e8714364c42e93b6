"""What WeChat's servers send to our webhook, signed and sealed, and what they make of our answer.

`Pushes` is an Official Account, `WeComPushes` a WeCom app with customer service. Both give a Push (query, body,
headers) with a new timestamp, nonce and signature each time; `read` returns what the user would see of an answer, or
raises a Fault with the reason. The messages to send come from tests.fakes.inbound; `Pusher` delivers them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from tests.fakes.crypto import CipherError, decrypt, encrypt, signature
from tests.fakes.passive import Fault, Reply, check, demand, parse, seconds
from tests.fakes.wording import TYPES, Fields, Wording, write

__all__ = ["Account", "Fault", "Mode", "Push", "Pushes", "Reply", "Sender", "WeComPushes", "Wording", "kf_event"]

ENVELOPE = {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
NOTHING = (b"", b"success")
"""Both mean: taken, and nothing to say. They are never encrypted."""


class Mode(StrEnum):
    """消息加解密方式 in WeChat's console."""

    PLAIN = "plain"
    COMPAT = "compat"
    SAFE = "safe"


class Push(NamedTuple):
    """One request to our webhook."""

    params: dict[str, str]
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """What the console and our settings have in common; `receiver` is the appid or the corpid."""

    token: str = "kefu-callback-token"
    receiver: str = "wxba5fad812f8e6fb9"
    aes_key: str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    original_id: str = "gh_97417a04a28d"


class Sender(Protocol):
    """What the Pusher needs of either."""

    def verification(self, echo: str | None = None) -> tuple[Push, str]: ...

    def complete(self, fields: Fields) -> Fields: ...

    def push(self, fields: Fields) -> Push: ...

    def read(self, fields: Fields, status: int, body: bytes) -> Reply | None: ...


class Pushes:
    """An Official Account's server configuration, from WeChat's side."""

    def __init__(
        self,
        account: Account,
        mode: Mode = Mode.SAFE,
        wording: Wording = Wording.XML,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.account, self.mode, self.wording, self._clock = account, mode, wording, clock

    def verification(self, echo: str | None = None) -> tuple[Push, str]:
        """The GET that checks our URL, and the text it wants back; never encrypted, whatever the mode."""
        told = secrets.token_hex(8) if echo is None else echo
        params = {**self._signed(), "echostr": told}
        return Push(params, b"", {}), told

    def complete(self, fields: Fields) -> Fields:
        """The fields with whom they are to and when they were written, as every attempt will carry them."""
        told = {"ToUserName": self.account.original_id, **fields}
        return {"CreateTime": int(self._clock()), **told}

    def push(self, fields: Fields) -> Push:
        """A POST with these fields, in this account's mode and wording."""
        told = self.complete(fields)
        params = {**self._signed(), "openid": str(told["FromUserName"])}
        headers = {"Content-Type": TYPES[self.wording]}
        plain = write(told, self.wording)
        if self.mode is Mode.PLAIN:
            return Push(params, plain, headers)
        sealed = encrypt(self.account.aes_key, plain, self.account.receiver)
        params |= {"encrypt_type": "aes", "msg_signature": self._over(params, sealed)}
        outside = told if self.mode is Mode.COMPAT else {"ToUserName": told["ToUserName"]}
        return Push(params, write({**outside, "Encrypt": sealed}, self.wording), headers)

    def read(self, fields: Fields, status: int, body: bytes) -> Reply | None:
        """What the user sees of our answer to these fields: a Reply, or None if there is nothing to see."""
        demand(status == 200, f"HTTP {status}")
        if body in NOTHING:
            return None
        told = parse(body, self.wording)
        if "Encrypt" in told:
            demand(self.mode is not Mode.PLAIN, "the answer is encrypted, in plain mode")
            told = parse(self._opened(told), self.wording)
        else:
            demand(self.mode is not Mode.SAFE, "the answer is not encrypted, in safe mode")
        return check(told, str(fields["FromUserName"]), str(fields.get("ToUserName", self.account.original_id)))

    def _opened(self, told: Fields) -> bytes:
        demand(set(told) == ENVELOPE, f"the envelope has {sorted(told)}, not {sorted(ENVELOPE)}")
        seconds(told["TimeStamp"], "TimeStamp")
        values = {name: str(told[name]) for name in ENVELOPE}
        demand(values["Nonce"] != "", "Nonce is empty")
        signed = signature(self.account.token, values["TimeStamp"], values["Nonce"], values["Encrypt"])
        demand(values["MsgSignature"] == signed, f"MsgSignature is {values['MsgSignature']!r}, not {signed!r}")
        try:
            return decrypt(self.account.aes_key, values["Encrypt"], self.account.receiver)
        except CipherError as error:
            raise Fault(str(error)) from error

    def _signed(self) -> dict[str, str]:
        stamp, nonce = _stamp(self._clock)
        return {"signature": signature(self.account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}

    def _over(self, params: Mapping[str, str], sealed: str) -> str:
        return signature(self.account.token, params["timestamp"], params["nonce"], sealed)


class WeComPushes:
    """The callback of a WeCom app: always encrypted, always XML, and no answer but `success` or nothing."""

    def __init__(self, account: Account, agent_id: str = "1000002", clock: Callable[[], float] = time.time) -> None:
        self.account, self.agent_id, self._clock = account, agent_id, clock

    def verification(self, echo: str | None = None) -> tuple[Push, str]:
        """The GET that checks our URL: its echostr is encrypted, the answer wanted is not."""
        told = secrets.token_hex(8) if echo is None else echo
        sealed = encrypt(self.account.aes_key, told.encode(), self.account.receiver)
        return Push({**self._signed(sealed), "echostr": sealed}, b"", {}), told

    def complete(self, fields: Fields) -> Fields:
        return {"ToUserName": self.account.receiver, "CreateTime": int(self._clock()), **fields}

    def push(self, fields: Fields) -> Push:
        told = self.complete(fields)
        sealed = encrypt(self.account.aes_key, write(told, Wording.XML), self.account.receiver)
        outside = {"ToUserName": self.account.receiver, "Encrypt": sealed, "AgentID": self.agent_id}
        return Push(self._signed(sealed), write(outside, Wording.XML), {"Content-Type": TYPES[Wording.XML]})

    def read(self, fields: Fields, status: int, body: bytes) -> Reply | None:
        demand(status == 200, f"HTTP {status}")
        demand(body in NOTHING, f"a callback is answered with success or nothing, not {body[:60]!r}")
        return None

    def _signed(self, sealed: str) -> dict[str, str]:
        stamp, nonce = _stamp(self._clock)
        signed = signature(self.account.token, stamp, nonce, sealed)
        return {"msg_signature": signed, "timestamp": stamp, "nonce": nonce}


def kf_event(name: str = "kf_msg_or_event", **fields: Any) -> Fields:
    """What WeCom calls back with: kf_msg_or_event(Token, OpenKfId) or kf_account_auth_change(AuthAddOpenKfId …)."""
    return {"MsgType": "event", "Event": name, **fields}


def _stamp(clock: Callable[[], float]) -> tuple[str, str]:
    return str(int(clock())), str(secrets.randbelow(10**9))
