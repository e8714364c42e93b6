"""`kefu check` tries a mailbox as a whole against real servers, and says the mend of whatever does not work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.ports import Finding
from channels.email.autoreply import Standing, verdict
from channels.email.checking import findings
from channels.email.evidence import sent_by_us
from channels.email.mail import Address
from channels.email.oauth import Access
from channels.email.options import read as read_options
from channels.email.reading import read
from tests.channels.wechat.shelf import MemoryShelf
from tests.peers.dovecot import PASSWORD, dovecot
from tests.peers.exim import exim
from tests.peers.imap_liar import NO_LOGIN, imap_liar
from tests.peers.netease import PASSWORD as CODE
from tests.peers.netease import USER, netease
from tests.peers.process import free_ports
from tests.peers.sink import sink
from tests.peers.smtp_liar import smtp_liar
from tests.peers.token_server import token_server

SHOP = "support@shop.example"
SECRET = "of-this-installation"


async def check(imap: int, smtp: int, *, patience: float = 20.0, **more: Any) -> Mapping[str, Finding]:
    given = {
        "address": SHOP,
        "password": PASSWORD,
        "imap_host": "127.0.0.1",
        "imap_port": imap,
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp,
        "smtp_security": "none",
        "secret": SECRET,
    } | more
    options = read_options("mail", {name: value for name, value in given.items() if value is not None})
    shelf = MemoryShelf()
    told = await findings(options, shelf, Access(options, shelf), patience=patience)
    assert PASSWORD not in str(told)
    return {one.what.split(",")[0]: one for one in told}


async def test_all_is_well_and_nothing_is_left_behind() -> None:
    """A real relay brings the mail back; it is taken for our own by whoever reads it."""
    with dovecot(SHOP) as box, exim(box.lmtp_port, SHOP) as relay:
        box.deliver(SHOP, b"From: a@customer.example\r\nSubject: before\r\n\r\nx\r\n")
        told = await check(box.port, relay.port)
        assert [one.what for one in told.values() if not one.ok or one.mend] == []
        assert {"incoming mail", "junk folder Junk", "sent folder Sent", "outgoing mail", "a mail to ourselves"} == set(
            told
        )
        assert len(box.mails(SHOP)) == 1


async def test_what_it_writes_is_nobodys_question() -> None:
    with dovecot(SHOP) as box, sink() as relay:
        told = await check(box.port, relay.port, patience=0.0)
        (mail,) = relay.mails
    assert not told["a mail to ourselves"].ok
    assert "did not come" in told["a mail to ourselves"].mend
    assert verdict(read(mail.raw), Standing(own=frozenset({SHOP}))).key == "own"
    assert sent_by_us(read(mail.raw), SECRET.encode()), "a kefu at work would keep it"
    assert not verdict(replace(read(mail.raw), sender=Address("x@elsewhere.example"))).may_answer


async def test_a_mail_that_comes_into_the_junk_folder() -> None:
    with dovecot(SHOP) as box, sink() as relay:
        relay.then = lambda mail: box.append(SHOP, mail.raw, folder="Junk")
        told = await check(box.port, relay.port)
        assert told["a mail to ourselves"].ok
        assert "DKIM" in told["a mail to ourselves"].mend
        assert box.mails(SHOP, "Junk") == []


async def test_a_wrong_password_says_which_one_is_wanted() -> None:
    with dovecot(SHOP) as box, smtp_liar({"auth": "535 Login Fail"}) as relay:
        told = await check(box.port, relay.port, password="wrong", address=SHOP, provider="qq", login=SHOP)
    for what in ("incoming mail", "outgoing mail"):
        assert not told[what].ok
        assert "授权码" in told[what].mend
    assert "生成授权码" in told["incoming mail"].mend
    assert "a mail to ourselves" not in told


async def test_a_refusal_at_the_login_without_its_code() -> None:
    with imap_liar() as box, sink() as relay:
        box.login = NO_LOGIN
        assert "password" in (await check(box.port, relay.port))["incoming mail"].mend


async def test_nobody_is_there() -> None:
    one, two = free_ports(2)
    told = await check(one, two)
    assert "imap_port" in told["incoming mail"].mend
    assert "smtp_port" in told["outgoing mail"].mend
    assert set(told) == {"incoming mail", "outgoing mail"}


async def test_a_certificate_that_does_not_match() -> None:
    with dovecot(SHOP, tls=True, host="imap.elsewhere.example") as box, sink() as relay:
        told = await check(box.tls_port, relay.port, imap_security="tls")
    assert "trusted_certificate" in told["incoming mail"].mend


async def test_a_sender_that_is_not_the_account() -> None:
    with dovecot(SHOP) as box, smtp_liar({"mail": "501 mail from address must be same as authorization user"}) as relay:
        told = await check(box.port, relay.port)
    assert told["outgoing mail"].ok
    assert "compare address and login" in told["a mail to ourselves"].mend


async def test_a_server_that_tells_nothing_and_a_folder_that_is_not_there() -> None:
    with netease() as box, sink() as relay:
        told = await check(
            box.port, relay.port, patience=0.0, address=USER, login=USER, password=CODE, junk_folder="没有这个"
        )
    assert told["incoming mail"].ok
    assert "180 s" in told["incoming mail"].mend
    assert not told["junk folder 没有这个"].ok
    assert "junk_folder" in told["junk folder 没有这个"].mend


async def test_oauth_that_is_over() -> None:
    with token_server(refresh="another") as peer:
        oauth = {"kind": "google", "client_id": "an-id", "refresh_token": "an-old-one", "token_url": peer.url}
        told = await check(1, 1, password=None, oauth=oauth)
    assert list(told) == ["OAuth"]
    assert "refresh_token" in told["OAuth"].mend


@pytest.mark.parametrize("good", [True, False])
async def test_oauth(good: bool) -> None:
    with token_server() as peer, dovecot(SHOP, introspection=peer.introspection) as box, sink() as relay:
        relay.bearer = peer.good if good else lambda login, token: False
        oauth = {"kind": "google", "client_id": "an-id", "refresh_token": peer.refresh, "token_url": peer.url}
        told = await check(box.port, relay.port, password=None, oauth=oauth, patience=0.0)
    assert told["incoming mail"].ok
    assert told["outgoing mail"].ok is good
