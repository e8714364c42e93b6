"""WeChat's signature and envelope as its documentation tells them; shares no line with the product."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""WeChat pads to 32 bytes; AES alone would do with 16."""


class CipherError(AssertionError):
    """Something that claims to be encrypted for us is not."""


def signature(*parts: str) -> str:
    """SHA-1 over the parts in byte order, as lower-case hex: `signature` (three parts) and `msg_signature` (four)."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def key_of(aes_key: str) -> bytes:
    """The 32 bytes behind an EncodingAESKey of 43 characters."""
    if len(aes_key) != 43:
        raise CipherError(f"an EncodingAESKey has 43 characters, not {len(aes_key)}")
    return base64.b64decode(aes_key + "=")


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = key_of(aes_key)
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def seal(aes_key: str, plain: bytes, random: bytes, receiver: str) -> str:
    """Encrypt with the sixteen given bytes in front; for whoever needs the same answer twice."""
    if len(random) != 16:
        raise CipherError("the envelope begins with 16 random bytes")
    full = random + struct.pack(">I", len(plain)) + plain + receiver.encode()
    pad = BLOCK - len(full) % BLOCK
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(full + bytes([pad]) * pad) + encryptor.finalize()).decode()


def encrypt(aes_key: str, plain: bytes, receiver: str) -> str:
    """What stands in `Encrypt`."""
    return seal(aes_key, plain, secrets.token_hex(8).encode(), receiver)


def unseal(aes_key: str, encrypted: str) -> tuple[bytes, bytes, str]:
    """The sixteen random bytes, the plain text and the receiver id."""
    try:
        raw = base64.b64decode(encrypted, validate=True)
    except binascii.Error as error:
        raise CipherError(f"Encrypt is not base64: {error}") from error
    if not raw or len(raw) % 16:
        raise CipherError(f"Encrypt holds {len(raw)} bytes, which is no whole number of AES blocks")
    decryptor = _cipher(aes_key).decryptor()
    full = _unpadded(decryptor.update(raw) + decryptor.finalize())
    if len(full) < 20:
        raise CipherError("Encrypt is too short for its own head")
    (length,) = struct.unpack(">I", full[16:20])
    if 20 + length > len(full):
        raise CipherError(f"the text should have {length} bytes; only {len(full) - 20} are there")
    return full[:16], full[20 : 20 + length], full[20 + length :].decode("utf-8", "replace")


def _unpadded(full: bytes) -> bytes:
    pad = full[-1]
    if not 1 <= pad <= BLOCK or full[-pad:] != bytes([pad]) * pad:
        raise CipherError("the padding is wrong: PKCS#7 with a block of 32 bytes, or another key was used")
    if len(full) % BLOCK:
        raise CipherError("padded to 16 bytes; WeChat pads to 32")
    return full[:-pad]


def decrypt(aes_key: str, encrypted: str, receiver: str) -> bytes:
    """The plain text, which must be meant for this receiver."""
    _, plain, to = unseal(aes_key, encrypted)
    if to != receiver:
        raise CipherError(f"encrypted for {to!r}, not for {receiver!r}")
    return plain
