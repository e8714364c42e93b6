"""A mailbox is read by UID from a real Dovecot, from one like 163's, and from servers that lie."""

from __future__ import annotations

import ssl

import pytest

from channels.email import imap
from channels.email.imap import Account, Mailbox, MailboxError
from channels.email.smtp import Security
from tests.peers import netease as ntes
from tests.peers.certificates import make_certificate
from tests.peers.dovecot import PASSWORD, Dovecot, dovecot
from tests.peers.imap_liar import NO_LOGIN, imap_liar
from tests.peers.process import open_folder

ME = "support@shop.example"


def mail(number: int, size: int = 10) -> bytes:
    return f"From: a@x.example\r\nSubject: {number}\r\nMessage-ID: <{number}@x.example>\r\n\r\n".encode() + b"x" * size


def opened(port: int, login: str = ME, password: str = PASSWORD, **more: object) -> Mailbox:
    options = {"security": Security.NONE, "patience": 2.0, **more}
    box = Mailbox(Account("127.0.0.1", port, login, password, **options))  # type: ignore[arg-type]
    box.open()
    return box


def everything(box: Mailbox, last: int = 0) -> list[bytes]:
    got: list[bytes] = []
    while uids := box.after(last):
        got += [each.raw for each in box.fetch(uids)]
        last = uids[-1]
    return got


def test_everything_is_read_once_and_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "WINDOW", 7)
    monkeypatch.setattr(imap, "AT_ONCE", 100)
    raws = [mail(n) for n in range(30)]
    with dovecot(ME) as peer:
        peer.append(ME, *raws)
        box = opened(peer.port)
        assert box.idles
        assert box.folders() == {"sent": "Sent", "junk": "Junk"}
        box.select()
        assert everything(box) == raws
        assert box.after(30) == []
        peer.append(ME, mail(31))
        assert box.wait(10)
        box.select()
        assert everything(box, 30) == [mail(31)]
        assert not any("Seen" in flags for flags in peer.flags(ME))
        box.close()


def test_folders_of_servers_that_do_not_say_what_they_are() -> None:
    with imap_liar() as peer:
        peer.folders = ["INBOX", "Sent Messages", "其他文件夹/垃圾邮件", "Drafts"]
        box = opened(peer.port)
        assert box.folders() == {"sent": "Sent Messages", "junk": "其他文件夹/垃圾邮件"}
        box.close()


def test_what_is_too_large_comes_with_its_head() -> None:
    with dovecot(ME) as peer:
        peer.append(ME, mail(1), mail(2, 900_000), mail(3))
        box = opened(peer.port, limit=500_000)
        box.select()
        got = list(box.fetch(box.after(0)))
        box.close()
    assert [each.whole for each in got] == [True, False, True]
    assert got[1].raw == mail(2, 900_000)[: imap.HEAD]
    assert got[1].size == len(mail(2, 900_000))
    assert all(each.arrived for each in got)


def test_sparse_uids_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "STRIDE", 2)
    with dovecot(ME) as peer:
        peer.append(ME, *[mail(n) for n in range(1, 41)])
        with peer.session(ME) as session:
            session.select()
            session.uid("STORE", "2:38", "+FLAGS", r"(\Deleted)")
            session.expunge()
        box = opened(peer.port)
        box.select()
        assert everything(box) == [mail(n) for n in (1, 39, 40)]
        box.close()


def test_uids_that_are_void_are_told() -> None:
    with dovecot(ME) as peer:
        peer.append(ME, mail(1))
        first = _validity(peer)
        while _validity(peer) == first:  # it is made of seconds
            peer.forget_uids(ME)


def _validity(peer: Dovecot) -> int:
    box = opened(peer.port)
    box.select()
    box.close()
    return box.validity


def test_a_mailbox_like_163s() -> None:
    with ntes.netease() as peer:
        box = opened(peer.port, ntes.USER, ntes.PASSWORD)
        box.select()
        assert (peer.refused, box.idles) == (0, False)
        assert len(everything(box)) == len(box.after(0)) > 0
        box.close()


def test_how_many_there_are_is_not_believed() -> None:
    with imap_liar(mail(1), mail(2)) as peer:
        peer.exists = 5000
        box = opened(peer.port)
        box.select()
        assert everything(box) == [mail(1), mail(2)]
        box.close()


@pytest.mark.parametrize("cut", [False, True])
def test_a_mail_that_never_ends_takes_only_patience(cut: bool) -> None:
    with imap_liar(mail(1), mail(2)) as peer:
        peer.stall, peer.cut = 20, cut
        box = opened(peer.port, patience=1.0)
        box.select()
        with pytest.raises(MailboxError) as told:
            list(box.fetch([1, 2]))
        assert told.value.key == imap.AWAY
        box.close()
        peer.stall = None
        box = opened(peer.port)
        box.select()
        assert everything(box) == [mail(1), mail(2)]
        box.close()


def test_a_refused_login_says_so_and_not_the_password() -> None:
    with imap_liar() as peer:
        peer.login = NO_LOGIN
        with pytest.raises(MailboxError, match="password error") as told:
            opened(peer.port, password="the-secret")
        assert told.value.key == imap.LOGIN
        assert "the-secret" not in str(told.value)
    with dovecot(ME) as real, pytest.raises(MailboxError) as told:
        opened(real.port, password="wrong", patience=20.0)  # Dovecot takes two seconds to refuse
    assert told.value.key == imap.LOGIN


def test_a_certificate_for_another_name_is_refused() -> None:
    with open_folder("tls") as folder:
        pair = make_certificate(folder, "imap.elsewhere.example")
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pair.certificate, pair.key)
        with imap_liar(tls=server) as peer, pytest.raises(MailboxError, match="mismatch") as told:
            opened(peer.port, security=Security.TLS, trusted=str(pair.certificate))
    assert told.value.key == imap.CERTIFICATE
    with dovecot(ME, tls=True) as real:
        assert real.certificate
        options = {"security": Security.TLS, "trusted": str(real.certificate.certificate)}
        box = Mailbox(Account("localhost", real.tls_port, ME, PASSWORD, **options))  # type: ignore[arg-type]
        box.open()
        box.close()


def test_nobody_there() -> None:
    with pytest.raises(MailboxError) as told:
        opened(9)
    assert told.value.key == imap.AWAY
