"""Mails that S/MIME wraps whole (RFC 8551): what is only signed is taken out, what is encrypted is told. Pure.

The signature is not checked. The walk goes forward only and enters just what leads to the content, so a container
costs what its size costs; BER with lengths that are not told before (Outlook, OpenSSL's streams) is read as well.
"""

from __future__ import annotations

from collections.abc import Iterator

SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
ENCRYPTED = "it is encrypted: only its receiver's key opens what it says"
UNREADABLE = "a signed container (S/MIME) that cannot be opened"
ARMOUR = "-----BEGIN PGP MESSAGE-----"

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
ENCRYPTED_DATA = frozenset(
    bytes.fromhex(oid) for oid in ("2a864886f70d010703", "2a864886f70d010706", "2a864886f70d0109100117")
)
"""enveloped-data, encrypted-data, authEnvelopedData."""
SEQUENCE, OID, EXPLICIT, OCTETS, CONSTRUCTED = 0x30, 0x06, 0xA0, 0x04, 0x20
DEEPEST = 16


def is_container(kind: str, filename: str) -> bool:
    """Whether a part is such a container; some gateways forget its type and leave its name."""
    return kind in SMIME or (kind == "application/octet-stream" and filename.lower() == "smime.p7m")


def is_encrypted(data: bytes) -> bool:
    try:
        return _kind(data)[0] in ENCRYPTED_DATA
    except ValueError:
        return False


def content(data: bytes) -> bytes | None:
    """What was signed; None if the container is not of that sort. ValueError if it is broken."""
    kind, at = _kind(data)
    if kind != SIGNED_DATA:
        return None
    at = _enter(data, _enter(data, at, EXPLICIT), SEQUENCE)
    at = _after(data, _after(data, at))  # the version, the digests' names
    _, start, size = _element(data, at)
    at = _after(data, start)  # the content's type
    if at == (None if size is None else start + size) or data[at : at + 2] == b"\0\0":
        return None  # signed apart, or only certificates
    return b"".join(_octets(data, _enter(data, at, EXPLICIT)))


def _kind(data: bytes) -> tuple[bytes, int]:
    """The container's type, and where the rest begins."""
    at = _enter(data, 0, SEQUENCE)
    tag, start, size = _element(data, at)
    if tag != OID or size is None:
        raise ValueError("no type")
    return data[start : start + size], start + size


def _element(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Its tag, where its content starts, and the size of that; None where a mark ends it."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise ValueError("no element")
    tag, size, start = data[at], data[at + 1], at + 2
    if size == 0x80:
        if not tag & CONSTRUCTED:
            raise ValueError("no end")
        return tag, start, None
    if size > 0x80:
        more = size & 0x7F
        size, start = int.from_bytes(data[start : start + more]), start + more
    if start + size > len(data):
        raise ValueError("cut off")
    return tag, start, size


def _enter(data: bytes, at: int, wanted: int) -> int:
    tag, start, _ = _element(data, at)
    if tag != wanted:
        raise ValueError("something else")
    return start


def _after(data: bytes, at: int, depth: int = 0) -> int:
    """Where the next element begins."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    _, at, size = _element(data, at)
    if size is not None:
        return at + size
    while data[at : at + 2] != b"\0\0":
        at = _after(data, at, depth + 1)
    return at + 2


def _octets(data: bytes, at: int, depth: int = 0) -> Iterator[bytes]:
    """A string of bytes, which may be told in pieces of pieces."""
    tag, at, size = _element(data, at)
    if depth > DEEPEST or tag & ~CONSTRUCTED != OCTETS:
        raise ValueError("no bytes")
    if size is not None and not tag & CONSTRUCTED:
        yield data[at : at + size]
        return
    end = len(data) + 1 if size is None else at + size
    while at < end and data[at : at + 2] != b"\0\0":
        yield from _octets(data, at, depth + 1)
        at = _after(data, at)
