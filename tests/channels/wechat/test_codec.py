"""The codec against published vectors, an independent implementation, wechatpy itself, and bytes of all kinds."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.errors import PayloadError, SettingsError, SignatureError, TooLargeError
from channels.wechat.codec import MAX_BODY, Codec, Form, form_of, read, write
from tests.fakes import crypto, passive
from tests.fakes.wording import Wording

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
APP = "wx5823bf96d3bd56c7"
CODEC = Codec("token", APP, KEY)


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(v, id=v["id"]) for v in VECTORS if v["kind"] == kind]


def query(sealed: str, codec: Codec = CODEC) -> dict[str, str]:
    return {"timestamp": "1", "nonce": "2", "msg_signature": codec.sign("1", "2", sealed)}


@pytest.mark.parametrize("v", of_kind("sha1"))
def test_published_signatures(v: dict[str, str]) -> None:
    codec = Codec(v["token"], "wx")
    codec.verify(v)
    for change in ({"signature": v["signature"].upper()}, {"nonce": ""}, {"timestamp": v["timestamp"] + "1"}):
        with pytest.raises(SignatureError):
            codec.verify({**v, **change})


@pytest.mark.parametrize("v", of_kind("decrypt"))
def test_published_envelopes_open(v: dict[str, str]) -> None:
    plain = Codec(v["token"], v["receiver_id"], v["aes_key"]).open(v, v["encrypt"]).decode()
    assert plain == v["plain"] if "plain" in v else v["contains"] in plain


@pytest.mark.parametrize("v", of_kind("encrypt"))
def test_published_envelopes_are_made(v: dict[str, str]) -> None:
    codec = Codec(v.get("token", ""), v["receiver_id"], v["aes_key"])
    assert codec.encrypt(v["plain"].encode(), v["random"].encode()) == v["encrypt"]
    if "msg_signature" in v:
        assert codec.sign(v["timestamp"], v["nonce"], v["encrypt"]) == v["msg_signature"]


def test_a_sealed_body_that_is_no_json_is_a_payload_error() -> None:
    v = next(v for v in VECTORS if v["id"] == "WECOM-JSON-NEG")
    with pytest.raises(PayloadError):
        read(Codec(v["token"], v["receiver_id"], v["aes_key"]).open(v, v["encrypt"]))


@pytest.mark.parametrize("key", ["", "short", KEY + "=", KEY[:-1] + "!", KEY[:-1] + "é", KEY + "\n"])
def test_a_wrong_aes_key(key: str) -> None:
    if not key:
        with pytest.raises(SignatureError):
            Codec("token", APP, key).decrypt(CODEC.encrypt(b"x"))
        return
    with pytest.raises(SettingsError, match="aes_key must be"):
        Codec("token", APP, key)


def _with_padding(full: bytes) -> str:
    return base64.b64encode(crypto._cipher(KEY).encryptor().update(full)).decode()


GOOD = b"r" * 16 + (2).to_bytes(4, "big") + b"hi" + APP.encode()
"""Forty bytes: 24 more make two blocks of 32."""
FORGED = {
    "empty": "",
    "not base64": "!" + CODEC.encrypt(b"hi"),
    "a line break in base64": CODEC.encrypt(b"hi")[:20] + "\n" + CODEC.encrypt(b"hi")[20:],
    "not ASCII": "好" * 44,
    "no whole block": base64.b64encode(b"x" * 17).decode(),
    "one block": base64.b64encode(b"x" * 16).decode(),
    "padding 0": _with_padding(GOOD + b"\0" * 24),
    "padding too long": _with_padding(GOOD + b"\x21" * 24),
    "padding unequal": _with_padding(GOOD + b"\1" * 23 + b"\x18"),
    "all padding": _with_padding(b"\x20" * 32),
    "length too large": _with_padding(GOOD.replace(b"\0\0\0\2", b"\xff\xff\xff\xff") + b"\x18" * 24),
    "length too small": _with_padding(GOOD.replace(b"\0\0\0\2", b"\0\0\0\1") + b"\x18" * 24),
    "other receiver": Codec("token", "wx0", KEY).encrypt(b"hi"),
    "receiver missing": Codec("token", "", KEY).encrypt(b"hi"),
    "other key": Codec("token", APP, "A" * 43).encrypt(b"hi"),
}


@pytest.mark.parametrize("sealed", FORGED.values(), ids=list(FORGED))
def test_forged_envelopes_are_refused_alike(sealed: str) -> None:
    with pytest.raises(SignatureError) as refused:
        CODEC.open(query(sealed), sealed)
    with pytest.raises(SignatureError) as unsigned:
        CODEC.open({}, CODEC.encrypt(b"hi"))
    assert str(refused.value) == str(unsigned.value)
    assert CODEC.decrypt(_with_padding(GOOD + b"\x18" * 24)) == b"hi"


def test_a_flipped_bit_is_refused() -> None:
    sealed = CODEC.encrypt(b"hello")
    for at in range(0, len(sealed) - 2, 7):
        other = sealed[:at] + ("B" if sealed[at] == "A" else "A") + sealed[at + 1 :]
        with pytest.raises(SignatureError):
            CODEC.open(query(sealed), other)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_here_there_and_in_wechatpy(plain: bytes) -> None:
    sealed = CODEC.encrypt(plain)
    assert CODEC.open(query(sealed), sealed) == plain
    assert crypto.decrypt(KEY, sealed, APP) == plain
    assert CODEC.decrypt(crypto.encrypt(KEY, plain, APP)) == plain


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_wechatpy_reads_our_envelope(text: str) -> None:
    envelope = CODEC.envelope(text.encode(), {"timestamp": "1409659813", "nonce": "n]]>"}, Form.XML)
    fields = read(envelope)
    told = WeChatCrypto("token", KEY, APP).decrypt_message(fields, fields["MsgSignature"], "1409659813", "n]]>")
    assert told == text


@pytest.mark.parametrize("form", Form)
def test_an_envelope_has_what_the_documentation_wants(form: Form) -> None:
    envelope = passive.parse(CODEC.envelope(b"hi", {"timestamp": "12", "nonce": "3"}, form), Wording(form.value))
    assert (str(envelope["TimeStamp"]), envelope["Nonce"]) == ("12", "3")
    assert crypto.decrypt(KEY, envelope["Encrypt"], APP) == b"hi"


def test_texts_stay_as_written() -> None:
    body = "<xml><A>  hi \n</A><B><![CDATA[ \t]]></B><C/><D> <E>1</E> </D><F>&lt;&#20320;😀</F></xml>".encode()
    assert read(body) == {"A": "  hi \n", "B": " \t", "C": "", "D": {"E": "1"}, "F": "<你😀"}


def test_repeated_elements_are_a_list_inside_and_refused_outside() -> None:
    body = b"<xml><L><item>1</item><item><a>2</a></item><item>3</item></L></xml>"
    assert read(body) == {"L": {"item": ["1", {"a": "2"}, "3"]}}
    for twice in (b"<xml><A>1</A><A>2</A></xml>", b'{"A":1,"A":2}', b'{"B":{"A":1,"A":2}}'):
        with pytest.raises(PayloadError, match="twice"):
            read(twice)


def test_the_first_character_tells_the_form() -> None:
    assert read(b'\xef\xbb\xbf\n {"A": 1, "B": "\\ud83d\\ude00"}') == {"A": 1, "B": "😀"}
    assert read(b"\xef\xbb\xbf\n <xml><A>1</A></xml>") == {"A": "1"}
    assert [form_of(b) for b in (b" {", b"<xml>", b"")] == [Form.JSON, Form.XML, Form.XML]


def test_json_the_store_could_not_keep_is_mended_or_refused() -> None:
    told = read(b'{"A": "a\\u0000b\\ud800", "N": 9223372036854775808, "L": [{"\\u0000": "\\udfff"}], "T": true}')
    assert told == {"A": "a\ufffdb\ufffd", "N": "9223372036854775808", "L": [{"\ufffd": "\ufffd"}], "T": True}
    for bad in (b'{"A": NaN}', b'{"A": 1e999}', b'{"A": %s}' % (b"9" * 5000), b'{"A"', b'{"A":"\xff"}', b"{} {}"):
        with pytest.raises(PayloadError):
            read(bad)


BOMB = b'<!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>'
XXE = b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><A>&x;</A></xml>'


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b" ", b"<xml></xml>", b"<xml/>", b"<xml>hi</xml>", b"<html><body>1</body></html>", b"[1]", b"null"),
        *(BOMB, XXE, b"<!DOCTYPE xml><xml><A>1</A></xml>", b"<xml><A>&nope;</A></xml>", b"<xml><A>1</xml>"),
        *(b"<xml><A>\xff</A></xml>", b"<xml><A>\x01</A></xml>", b"<xml><A>1</A></xml><xml/>", b"\xff\xfe<\0x\0"),
        *(b"<xml>" + b"<a>" * 10_000, b'{"a":' * 10_000, b'{"a":' + b"[" * 100 + b"]" * 100 + b"}"),
        b"<xml><A>" + b"<a>" * 20 + b"</a>" * 20 + b"</A></xml>",
    ],
)
def test_bodies_that_make_no_sense(body: bytes) -> None:
    with pytest.raises(PayloadError):
        read(body)


def test_a_body_over_the_cap_is_not_even_looked_at() -> None:
    with pytest.raises(TooLargeError):
        read(b"<" * (MAX_BODY + 1))


def test_a_declared_encoding_is_ignored() -> None:
    assert read('<?xml version="1.0" encoding="gbk"?><xml><A>你</A></xml>'.encode()) == {"A": "你"}


@given(st.one_of(st.binary(), st.text().map(lambda t: f"<xml><A>{t}</A></xml>".encode("utf-8", "replace"))))
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    with contextlib.suppress(PayloadError):
        assert isinstance(read(body), dict)


@given(st.text(), st.dictionaries(st.sampled_from(["signature", "msg_signature", "timestamp", "nonce"]), st.text()))
def test_no_text_crashes_the_opener(sealed: str, asked: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        CODEC.decrypt(sealed)
    with pytest.raises(SignatureError):
        CODEC.open(asked, sealed)
    with pytest.raises(SignatureError):
        CODEC.verify(asked)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSONS))
def test_what_is_read_from_json_can_be_kept(fields: dict[str, Any]) -> None:
    try:
        told = read(json.dumps(fields).encode())
    except PayloadError:
        return
    kept = json.dumps(told, ensure_ascii=False, allow_nan=False)
    assert "\0" not in kept
    assert kept.encode()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1)


@given(TEXTS | st.sampled_from(["]]>", "]]]]>>", "<![CDATA[x]]>", "&amp;", "  "]), st.sampled_from(Form))
def test_what_is_written_reads_back(text: str, form: Form) -> None:
    body = write({"A": text, "B": {"C": text}}, form)
    assert form_of(body) is form
    assert read(body) == {"A": text, "B": {"C": text}}


def test_what_xml_cannot_carry_is_left_out() -> None:
    assert read(write({"A": "a\0b\ud800c\ufffe\x0bd", "N": 12}, Form.XML)) == {"A": "abcd", "N": "12"}
    assert write({"A": "\ud800"}, Form.JSON) == b'{"A": "?"}'
