"""Bytes of WeChat's and WeCom's callbacks to fields and back: signature, envelope, XML, JSON. One exception type.

wechatpy gives the signature and the cipher; everything it does not check is checked here. Its parser is not used: it
strips texts, loses empty ones, and reads no JSON.
Source: developers.weixin.qq.com/doc/service/guide/dev/push (message push, encryption).
"""

from __future__ import annotations

import base64
import hmac
import json
import math
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NoReturn
from xml.parsers import expat

from wechatpy.crypto.base import WeChatCipher
from wechatpy.utils import WeChatSigner

from bot.errors import PayloadError, SettingsError, SignatureError, TooLargeError

Fields = dict[str, Any]

MAX_BODY = 64 * 1024
MAX_DEPTH = 16
MAX_INT = 2**63 - 1
BLOCK = 32
"""WeChat pads to 32 bytes; AES itself would do with 16."""
HEAD = 20
"""Sixteen random bytes and the length of the text."""
REFUSED = "the request does not prove that the network sent it"
"""Said of every forged request: which check failed is nobody's business."""

AES_KEY = re.compile(r"[A-Za-z0-9]{43}", re.ASCII)
SPACE = b"\xef\xbb\xbf \t\r\n"
UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""What JSON can say and no store can keep."""
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot carry."""


class Form(StrEnum):
    """How a body is written; an account's owner chooses (数据格式), and answers are written alike."""

    XML = "xml"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return f"application/{self.value}; charset=utf-8"


class Codec:
    """Signs, checks, opens and seals for one account. `receiver` is the appid, or the corpid at WeCom.

    Without `aes_key` nothing can be opened or sealed.
    """

    def __init__(self, token: str, receiver: str, aes_key: str = "") -> None:
        self._token, self._receiver = token.encode(), receiver.encode()
        self._cipher: WeChatCipher | None = None
        if aes_key:
            if not AES_KEY.fullmatch(aes_key):
                raise SettingsError("aes_key must be the 43 letters and digits the console shows as EncodingAESKey")
            self._cipher = WeChatCipher(base64.b64decode(aes_key + "="))

    def sign(self, *parts: str) -> str:
        """SHA-1 over the token and the parts, in byte order."""
        signer = WeChatSigner()
        signer.add_data(self._token, *(part.encode("utf-8", "surrogatepass") for part in parts))
        return str(signer.signature)

    def verify(self, query: Mapping[str, str]) -> None:
        """Raises SignatureError unless `signature` is that of `timestamp` and `nonce`."""
        self._compare(query, "signature")

    def verify_sealed(self, query: Mapping[str, str], sealed: str) -> None:
        """Raises SignatureError unless `msg_signature` is that of `timestamp`, `nonce` and what is sealed."""
        self._compare(query, "msg_signature", sealed)

    def open(self, query: Mapping[str, str], sealed: object) -> bytes:
        """The text in an `Encrypt` or an encrypted echostr whose signature is right; else SignatureError."""
        if not isinstance(sealed, str):
            refuse()
        self.verify_sealed(query, sealed)
        return self.decrypt(sealed)

    def decrypt(self, sealed: str) -> bytes:
        """The text inside, if it was sealed with our key and for us; else SignatureError."""
        try:
            raw = base64.b64decode(sealed, validate=True)
        except ValueError:
            refuse()
        if self._cipher is None or not raw or len(raw) % 16:
            refuse()
        full: bytes = self._cipher.decrypt(raw)
        pad = full[-1]
        if not 1 <= pad <= BLOCK or not full.endswith(full[-1:] * pad) or len(full) < HEAD + pad:
            refuse()
        end = HEAD + int.from_bytes(full[HEAD - 4 : HEAD], "big")
        if end > len(full) - pad or not hmac.compare_digest(full[end:-pad], self._receiver):
            refuse()
        return full[HEAD:end]

    def encrypt(self, plain: bytes, random: bytes = b"") -> str:
        """What stands in `Encrypt`. `random`: sixteen bytes, for tests."""
        if self._cipher is None:
            raise ValueError("without an aes_key nothing can be sealed")
        head = random or secrets.token_hex(8).encode()
        full = head + len(plain).to_bytes(4, "big") + plain + self._receiver
        pad = BLOCK - len(full) % BLOCK
        return base64.b64encode(self._cipher.encrypt(full + bytes([pad]) * pad)).decode()

    def envelope(self, plain: bytes, query: Mapping[str, str], form: Form) -> bytes:
        """A sealed answer to a request, under the request's own timestamp and nonce, as Tencent's sample does it."""
        timestamp, nonce, sealed = query.get("timestamp", ""), query.get("nonce", ""), self.encrypt(plain)
        signed = self.sign(timestamp, nonce, sealed)
        stamp = int(timestamp) if timestamp.isascii() and timestamp.isdigit() else timestamp
        return write({"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": stamp, "Nonce": nonce}, form)

    def _compare(self, query: Mapping[str, str], name: str, *sealed: str) -> None:
        given, timestamp, nonce = (query.get(key, "") for key in (name, "timestamp", "nonce"))
        right = self.sign(timestamp, nonce, *sealed)
        same = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
        if not same or not timestamp or not nonce:
            refuse()


def refuse() -> NoReturn:
    raise SignatureError(REFUSED) from None


def form_of(body: bytes) -> Form:
    """How a body is written, by its first character; the Content-Type says nothing reliable."""
    return Form.JSON if body[:64].lstrip(SPACE).startswith(b"{") else Form.XML


def read(body: bytes, *, cap: int = MAX_BODY) -> Fields:
    """The fields of an XML or JSON body. An XML field is text, a Fields, or a list where an element is repeated."""
    if len(body) > cap:
        raise TooLargeError(f"the body has {len(body)} bytes; {cap} are the most")
    return _read_json(body) if form_of(body) is Form.JSON else _Reader().read(body)


def write(fields: Mapping[str, Any], form: Form) -> bytes:
    """A body of text, numbers and nested fields."""
    if form is Form.JSON:
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return f"<xml>{_elements(fields)}</xml>".encode()


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{UNWRITABLE.sub('', str(value)).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _read_json(body: bytes) -> Fields:
    try:
        fields = json.loads(body.lstrip(SPACE).decode(), object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError):
        raise PayloadError("the body is not JSON in UTF-8") from None
    tidy: Fields = _tidy(fields, 1)
    return tidy


def _once(pairs: list[tuple[str, Any]]) -> Fields:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise PayloadError("a field comes twice")
    return fields


def _constant(name: str) -> NoReturn:
    raise PayloadError(f"{name} is no number")


def _tidy(value: Any, depth: int) -> Any:
    """The value without what the store, or the JSON of others, cannot keep."""
    if isinstance(value, str):
        return UNKEPT.sub("\ufffd", value)
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        raise PayloadError("the body is nested too deeply")
    if isinstance(value, dict):
        return {UNKEPT.sub("\ufffd", name): _tidy(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_tidy(inner, depth + 1) for inner in value]
    if isinstance(value, int) and abs(value) > MAX_INT:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise PayloadError("a number is too large")
    return value


class _Reader:
    """XML to fields. No DTD, hence no entities; white space in texts stays as it was written."""

    def __init__(self) -> None:
        self._open: list[tuple[Fields, list[str]]] = [({}, [])]

    def read(self, body: bytes) -> Fields:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(body.lstrip(SPACE), True)
        except (expat.ExpatError, ValueError):
            raise PayloadError("the body is neither XML nor JSON in UTF-8") from None
        root = self._open[0][0].get("xml")
        if not isinstance(root, dict):
            raise PayloadError("the body has no fields under <xml>")
        return root

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise PayloadError("the body is nested too deeply")
        self._open.append(({}, []))

    def _characters(self, data: str) -> None:
        self._open[-1][1].append(data)

    def _end(self, name: str) -> None:
        fields, texts = self._open.pop()
        value: Any = fields or "".join(texts)
        above = self._open[-1][0]
        if name not in above:
            above[name] = value
        elif len(self._open) <= 2:
            raise PayloadError("a field comes twice")
        elif isinstance(above[name], list):
            above[name].append(value)
        else:
            above[name] = [above[name], value]

    def _doctype(self, *_: object) -> NoReturn:
        raise PayloadError("the body has a DTD")
