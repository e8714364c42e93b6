"""The envelope against published examples, and against wechatpy."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import PrpCrypto

from tests.fakes.crypto import CipherError, decrypt, encrypt, key_of, seal, signature, unseal

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "channels/wechat/vectors.json").read_text("utf-8")
)
KEY, APP = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] in kinds]


def test_every_vector_is_of_a_known_kind_and_names_its_source() -> None:
    assert len(VECTORS) == 17
    assert {vector["kind"] for vector in VECTORS} == {"sha1", "sha1list", "decrypt", "encrypt"}
    assert all(len(vector["source"]) > 10 for vector in VECTORS)


@pytest.mark.parametrize("vector", of_kind("sha1", "sha1list"))
def test_signatures_are_the_published_ones(vector: dict[str, Any]) -> None:
    parts = vector.get("parts") or [vector["token"], vector["timestamp"], vector["nonce"]]
    assert signature(*parts) == vector["signature"]


@pytest.mark.parametrize("vector", of_kind("decrypt"))
def test_published_envelopes_open(vector: dict[str, Any]) -> None:
    stamp, nonce = vector["timestamp"], vector["nonce"]
    assert signature(vector["token"], stamp, nonce, vector["encrypt"]) == vector["msg_signature"]
    if "signature" in vector:
        assert signature(vector["token"], stamp, nonce) == vector["signature"]
    random, plain, receiver = unseal(vector["aes_key"], vector["encrypt"])
    assert (random.decode(), receiver) == (vector["random"], vector["receiver_id"])
    assert plain == decrypt(vector["aes_key"], vector["encrypt"], vector["receiver_id"])
    if "plain" in vector:
        assert plain.decode() == vector["plain"]
    else:
        assert vector["contains"] in plain.decode()


@pytest.mark.parametrize("vector", of_kind("encrypt"))
def test_sealing_gives_the_published_envelope(vector: dict[str, Any]) -> None:
    plain, random = vector["plain"].encode(), vector["random"].encode()
    sealed = seal(vector["aes_key"], plain, random, vector["receiver_id"])
    assert sealed == vector["encrypt"]
    if "msg_signature" in vector:
        signed = signature(vector["token"], vector["timestamp"], vector["nonce"], sealed)
        assert signed == vector["msg_signature"]


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 31, 32, 33, 5000])
def test_wechatpy_opens_what_is_sealed_and_the_other_way_round(size: int) -> None:
    plain = "啊" * size
    theirs = PrpCrypto(key_of(KEY))
    assert theirs.decrypt(encrypt(KEY, plain.encode(), APP), APP) == plain
    assert decrypt(KEY, theirs.encrypt(plain, APP).decode(), APP).decode() == plain


def raw(change: int, by: int = 1) -> str:
    """A good envelope with one byte changed."""
    data = bytearray(base64.b64decode(seal(KEY, b"hello", b"0" * 16, APP)))
    data[change] ^= by
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        ("", "no whole number"),
        ("AAAA", "no whole number"),
        ("not base64!", "not base64"),
        (raw(-17, 0xFF), "padding"),
        (encrypt(KEY, b"hello", "wx-another"), "encrypted for 'wx-another'"),
        (encrypt("A" * 43, b"hello", APP), "padding"),
    ],
    ids=["empty", "short", "no base64", "bad padding", "another's", "another key"],
)
def test_what_is_not_for_us_does_not_open(sealed: str, why: str) -> None:
    with pytest.raises(CipherError, match=why):
        decrypt(KEY, sealed, APP)


def padded(pad: bytes) -> str:
    """An envelope for us with a padding of our own making."""
    full = b"0" * 16 + (5).to_bytes(4, "big") + b"hello" + APP.encode()
    encryptor = Cipher(algorithms.AES(key_of(KEY)), modes.CBC(key_of(KEY)[:16])).encryptor()
    return base64.b64encode(encryptor.update(full + pad) + encryptor.finalize()).decode()


def test_the_padding_is_to_32_bytes_and_all_of_it_counts() -> None:
    assert decrypt(KEY, padded(bytes([21]) * 21), APP) == b"hello"
    with pytest.raises(CipherError, match="padded to 16"):
        decrypt(KEY, padded(bytes([5]) * 5), APP)
    with pytest.raises(CipherError, match="padding is wrong"):
        decrypt(KEY, padded(bytes(20) + bytes([21])), APP)


def test_a_key_of_another_length_is_no_key() -> None:
    with pytest.raises(CipherError, match="43 characters"):
        key_of("A" * 42)
