"""The peers do what the tests that lean on them believe: each of their faults can be seen from outside."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import time

import pytest

from tests.peers.certificates import make_certificate
from tests.peers.dovecot import PASSWORD, dovecot, trusting
from tests.peers.exim import exim
from tests.peers.imap_liar import NO_LOGIN, imap_liar
from tests.peers.netease import PASSWORD as CODE
from tests.peers.netease import USER, netease
from tests.peers.process import open_folder
from tests.peers.sink import sink
from tests.peers.smtp_liar import DROP, HANG, smtp_liar

ME = "support@shop.example"
MAIL = b"""From: a@customer.example\r
To: support@shop.example\r
Subject: hi\r
Message-ID: <1@customer.example>\r
\r
hello\r
"""


def test_dovecot_takes_mail_and_forgets_uids_when_told() -> None:
    with dovecot(ME, tls=True, host="localhost") as peer:
        peer.deliver(ME, MAIL)
        peer.append(ME, MAIL, folder="Junk")
        assert peer.mails(ME)[0].endswith(MAIL)
        assert peer.mails(ME, "Junk") == [MAIL]
        before = peer.uidvalidity(ME)
        time.sleep(1.1)  # UIDVALIDITY is made of seconds
        peer.forget_uids(ME)
        assert peer.uidvalidity(ME) != before
        assert len(peer.mails(ME)) == 1
        with imaplib.IMAP4_SSL("localhost", peer.tls_port, ssl_context=trusting(peer)) as imap:
            imap.login(ME, PASSWORD)
            assert {"IDLE", "UIDPLUS", "MOVE", "SPECIAL-USE"} <= set(imap.capability()[1][0].decode().split())


def test_exim_bounces_and_answers_from_holiday() -> None:
    with dovecot(ME) as box, exim(box.lmtp_port, ME) as relay:
        for name in ("bounceme", "away"):
            with smtplib.SMTP("127.0.0.1", relay.port) as smtp:
                smtp.sendmail(ME, [f"{name}@customer.example"], MAIL)
        end = time.monotonic() + 120
        while len(got := box.mails(ME)) < 2 and time.monotonic() < end:
            time.sleep(0.1)
    bounce, away = sorted(got, key=lambda raw: b"X-Failed-Recipients" not in raw)
    assert b"report-type=delivery-status" in bounce
    assert b"<1@customer.example>" in bounce
    assert b"Auto-Submitted: auto-replied" in away
    assert b"In-Reply-To: <1@customer.example>" in away


def test_netease_wants_to_know_who_reads() -> None:
    with netease() as peer, imaplib.IMAP4("127.0.0.1", peer.port, timeout=120) as imap:
        assert not {"IDLE", "MOVE"} & set(imap.capability()[1][0].decode().split())
        imap.login(USER, CODE)
        answer, told = imap.select()
        assert (answer, peer.refused) == ("NO", 1)
        assert b"Unsafe Login" in (told[0] or b"")
        imap.xatom("ID", '("name" "kefu")')
        assert imap.select()[0] == "OK"


def test_the_sink_keeps_what_it_takes_and_may_refuse() -> None:
    with sink() as peer:
        with smtplib.SMTP("127.0.0.1", peer.port) as smtp:
            smtp.login("any", "body")
            smtp.sendmail(ME, ["a@customer.example"], MAIL)
            peer.then = lambda _: "451 later"
            with pytest.raises(smtplib.SMTPDataError):
                smtp.sendmail(ME, ["b@customer.example"], MAIL)
        (mail,) = peer.mails
    assert (mail.header("Message-ID"), mail.text.strip()) == ("<1@customer.example>", "hello")


@pytest.mark.parametrize(
    ("phase", "fault"), [("mail", "451 later"), ("rcpt", "550 no"), ("data", "554 no"), ("dot", "451 later")]
)
def test_the_smtp_liar_refuses(phase: str, fault: str) -> None:
    with (
        smtp_liar({phase: fault}) as peer,
        smtplib.SMTP("127.0.0.1", peer.port) as smtp,
        pytest.raises(smtplib.SMTPException) as told,
    ):
        smtp.sendmail(ME, ["a@customer.example"], MAIL)
    assert fault[:3] in str(told.value)


@pytest.mark.parametrize(
    ("fault", "error"), [(DROP, smtplib.SMTPServerDisconnected), (HANG, (TimeoutError, smtplib.SMTPException))]
)
def test_the_smtp_liar_has_the_mail_and_says_nothing(fault: str, error: type[Exception]) -> None:
    with smtp_liar({"dot": fault}) as peer:
        smtp = smtplib.SMTP("127.0.0.1", peer.port, timeout=5)
        with pytest.raises(error):
            smtp.sendmail(ME, ["a@customer.example"], MAIL)
        smtp.close()
        assert [mail.raw for mail in peer.taken] == [MAIL]


def test_the_smtp_liar_refuses_some_recipients() -> None:
    with smtp_liar() as peer, smtplib.SMTP("127.0.0.1", peer.port) as smtp:
        peer.refused["b@customer.example"] = "550 no such user"
        assert list(smtp.sendmail(ME, ["a@customer.example", "b@customer.example"], MAIL)) == ["b@customer.example"]
        assert peer.taken[0].recipients == ["a@customer.example"]


def test_the_imap_liar_lies_of_how_many_there_are_and_stalls() -> None:
    with imap_liar(MAIL, MAIL) as peer:
        with imaplib.IMAP4("127.0.0.1", peer.port, timeout=60) as imap:
            imap.login("a", "b")
            peer.exists = 5000
            assert imap.select()[1] == [b"5000"]
            assert imap.uid("SEARCH", "UID", "2:*")[1] == [b"2"]
            assert imap.uid("SEARCH", "UID", "9:*")[1] == [b"2"]  # as IMAP has it
            assert imap.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1] == MAIL
            peer.stall = 10
            imap.sock.settimeout(1)
            with pytest.raises((TimeoutError, imaplib.IMAP4.abort)):
                imap.uid("FETCH", "2", "(BODY.PEEK[])")
            imap.sock.close()
        peer.login = NO_LOGIN
        imap = imaplib.IMAP4("127.0.0.1", peer.port, timeout=60)
        with pytest.raises(imaplib.IMAP4.error, match="password"):
            imap.login("a", "b")
        imap.shutdown()


def test_a_certificate_for_another_name_is_refused_by_whoever_looks() -> None:
    with open_folder("tls") as folder:
        pair = make_certificate(folder, "imap.elsewhere.example")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pair.certificate, pair.key)
        client = ssl.create_default_context(cafile=str(pair.certificate))
        with imap_liar(tls=server) as peer, pytest.raises(ssl.SSLCertVerificationError, match="match"):
            imaplib.IMAP4_SSL("localhost", peer.port, ssl_context=client, timeout=60)
