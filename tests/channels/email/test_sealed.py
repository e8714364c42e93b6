"""Mails that are signed as a whole are read; of those that are encrypted it is told why there is nothing to read."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from channels.email import sealed
from channels.email.mail import Mail
from tests.channels.email.raw import mail

INNER = (
    "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "请退款\r\n--i\r\nContent-Type: image/png; name=p.png\r\n\r\nxyz\r\n--i--\r\n"
).encode()
KEY = rsa.generate_private_key(65537, 2048)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wang@example.com")])
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
PASS = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), 7, SINCE, UNTIL).sign(KEY, hashes.SHA256())
SIGNING = pkcs7.PKCS7SignatureBuilder().add_signer(PASS, KEY, hashes.SHA256())
TO_WANG = pkcs7.PKCS7EnvelopeBuilder().add_recipient(PASS)


def signed(data: bytes) -> bytes:
    return SIGNING.set_data(data).sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def encrypted() -> bytes:
    return TO_WANG.set_data(INNER).encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def streamed(data: bytes) -> bytes:
    """A container as streams write it: no length is told before, the content comes in pieces."""

    def within(tag: int, *inside: bytes) -> bytes:
        return bytes([tag, 0x80]) + b"".join(inside) + b"\0\0"

    pieces = [bytes([4, len(data[n : n + 50])]) + data[n : n + 50] for n in range(0, len(data), 50)]
    data_type = bytes.fromhex("06092a864886f70d010701")
    content = within(0x30, data_type, within(0xA0, within(0x24, *pieces)))
    signed_type = bytes.fromhex("06092a864886f70d010702")
    return within(0x30, signed_type, within(0xA0, within(0x30, b"\2\1\1", within(0x31, within(0x30)), content)))


def in_pieces(data: bytes) -> bytes:
    """The same with lengths told before, of two bytes each."""

    def within(tag: int, *inside: bytes) -> bytes:
        return bytes([tag, 0x82]) + len(b"".join(inside)).to_bytes(2) + b"".join(inside)

    octets = within(0x24, within(4, data[:20]), within(0x24, within(4, data[20:])))
    content = within(0x30, bytes.fromhex("06092a864886f70d010701"), within(0xA0, octets))
    parts = within(0xA0, within(0x30, b"\2\1\1", within(0x31), content, within(0xA0)))
    return within(0x30, bytes.fromhex("06092a864886f70d010702"), parts)


def wrapped(data: bytes, kind: str = "application/pkcs7-mime; name=smime.p7m") -> Mail:
    return mail(base64.encodebytes(data), Content_Type=kind, Content_Transfer_Encoding="base64")


@pytest.mark.parametrize("container", [signed(INNER), streamed(INNER), in_pieces(INNER), signed(b"\r\n" + INNER)])
@pytest.mark.parametrize(
    "kind",
    ["application/pkcs7-mime", "application/x-pkcs7-mime; name=x", 'application/octet-stream; name="SMIME.p7m"'],
)
def test_a_mail_signed_as_a_whole_is_read(container: bytes, kind: str) -> None:
    told = wrapped(container, kind)
    assert (told.body, told.problems) == ("请退款", ())
    assert [(file.name, file.data) for file in told.files] == [("p.png", b"xyz")]


def test_signed_within_signed() -> None:
    again = b"Content-Type: application/pkcs7-mime\r\n\r\n" + signed(INNER)
    assert wrapped(signed(again)).body == "请退款"


def test_a_signed_document_is_the_file_it_is() -> None:
    data = signed(b"%PDF-1.7")
    told = wrapped(data, "application/pkcs7-mime; name=contract.pdf.p7m")
    assert [(file.name, file.data) for file in told.files] == [("contract.pdf.p7m", data)]
    assert told.problems == ()


def test_certificates_and_a_signature_of_something_apart_are_files() -> None:
    apart = SIGNING.set_data(INNER).sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])
    for data in (apart, pkcs7.serialize_certificates([PASS], Encoding.DER)):
        told = wrapped(data, "application/pkcs7-mime; smime-type=certs-only; name=smime.p7c")
        assert [(file.name, file.data) for file in told.files] == [("smime.p7c", data)]
        assert told.problems == ()


@given(st.data())
def test_a_broken_container_is_kept(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([signed(INNER), streamed(INNER), encrypted()]))
    cut = whole[: data.draw(st.integers(1, 150))]
    told = wrapped(cut)
    assert [file.data for file in told.files] == [cut]
    assert told.problems in {(sealed.UNREADABLE,), (sealed.ENCRYPTED,)}


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert not wrapped(data).quarantine
    assert not wrapped(b"0\x80\6\x09*\x86H\x86\xf7\r\1\7\2" + data).quarantine


@pytest.mark.parametrize("tag", [b"\x24\x80", b"\x30\x80"])
def test_a_container_of_a_million_levels_is_only_kept(tag: bytes) -> None:
    start = streamed(b"x").partition(b"\x24\x80")[0]
    assert wrapped(start + tag * 1_000_000).problems == (sealed.UNREADABLE,)


ARMOURED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
BY_PGP = (
    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    f"--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n{ARMOURED}\r\n--b--\r\n"
)


def test_of_an_encrypted_mail_it_is_told_why_it_says_nothing_and_its_files_are_kept() -> None:
    by_pgp = mail(BY_PGP, Content_Type="multipart/encrypted; boundary=b")
    by_smime = wrapped(encrypted())
    for told, name in ((by_pgp, "encrypted.asc"), (by_smime, "smime.p7m")):
        assert (told.body, told.problems) == ("", (sealed.ENCRYPTED,))
        assert name in [file.name for file in told.files]
    assert mail(ARMOURED).problems == (sealed.ENCRYPTED,)
    assert mail("Why does " + ARMOURED).problems == ()


def test_a_signature_beside_the_text_is_no_file_of_the_customers() -> None:
    for kind in sealed.SIGNATURES:
        said = f"--b\r\n\r\nPay back.\r\n--b\r\nContent-Type: {kind}; name=smime.p7s\r\n\r\nxyz\r\n--b--\r\n"
        told = mail(said, Content_Type="multipart/signed; boundary=b")
        assert (told.body, told.files) == ("Pay back.", ())
        assert [one.name for one in mail(said, Content_Type="multipart/mixed; boundary=b").files] == ["smime.p7s"]
