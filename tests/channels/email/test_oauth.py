"""Access tokens: asked for early, by one process, kept, replaced when they are refused, and never told to anybody."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import TemporarySendError
from channels.email import mending
from channels.email.filing import Filing
from channels.email.imap import Mailbox, MailboxError
from channels.email.oauth import Access, request
from channels.email.options import Options
from channels.email.options import read as read_options
from channels.email.readers import OAuth
from channels.email.sending import Sender
from channels.email.signing import Secret
from tests.channels.email.test_outbound import AGENT, letter, thread
from tests.channels.email.test_sending import say
from tests.channels.wechat.shelf import MemoryShelf
from tests.peers.dovecot import dovecot
from tests.peers.sink import sink
from tests.peers.token_server import TokenServer, token_server

SHOP = "support@shop.example"
OUTLOOK = "https://outlook.office.com"
RIGHTS = f"{OUTLOOK}/IMAP.AccessAsUser.All {OUTLOOK}/SMTP.Send offline_access"


def options(peer: TokenServer, *, imap: int = 1, smtp: int = 1, **more: Any) -> Options:
    oauth = {"kind": "microsoft", "client_id": "an-id", "refresh_token": "refresh-0-secret", "token_url": peer.url}
    given = {
        "address": SHOP,
        "oauth": oauth | more,
        "imap_host": "127.0.0.1",
        "imap_port": imap,
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp,
        "smtp_security": "none",
    }
    return read_options("mail", given)


async def test_a_token_is_asked_for_once_and_kept_until_shortly_before_its_end() -> None:
    shelf = MemoryShelf()
    with token_server() as peer:
        made = [Access(options(peer), shelf) for _ in range(3)]
        assert {await one.token() for one in made} == {"access-0-secret"}
        shelf.time += timedelta(minutes=54)
        assert await made[0].token() == "access-0-secret"
        shelf.time += timedelta(minutes=2)
        assert await made[1].token() == "access-1-secret"
        assert len(peer.asked) == 2


async def test_many_at_once_ask_once() -> None:
    shelf = MemoryShelf()
    with token_server() as peer:
        made = [Access(options(peer), shelf) for _ in range(5)]
        assert set(await asyncio.gather(*(one.token() for one in made))) == {"access-0-secret"}
        assert len(peer.asked) == 1


async def test_a_refresh_token_that_changes_is_kept_until_another_one_is_in_the_settings() -> None:
    shelf = MemoryShelf()
    with token_server(rotates=True) as peer:
        await Access(options(peer), shelf).token()
        shelf.time += timedelta(hours=1)
        assert await Access(options(peer), shelf).token() == "access-1-secret"
        assert [form["refresh_token"] for form in peer.asked] == ["refresh-0-secret", "refresh-1-secret"]
        peer.refresh = "another-secret"
        assert await Access(options(peer, refresh_token="another-secret"), shelf).token() == "access-2-secret"


async def test_a_refused_token_is_replaced() -> None:
    shelf = MemoryShelf()
    with token_server() as peer:
        made = Access(options(peer), shelf)
        first = await made.token()
        assert await made.token(refused=first) == "access-1-secret"
        assert await made.token(refused=first) == "access-1-secret"
        assert len(peer.asked) == 2


async def test_without_oauth_there_is_none() -> None:
    plain = read_options("mail", {"address": "a@qq.com", "password": "x"})
    assert await Access(plain, MemoryShelf()).token() == ""


@pytest.mark.parametrize(
    ("answer", "person", "words"),
    [
        (
            (400, {"error": "invalid_grant", "error_description": "AADSTS70008: expired.\r\nTrace ID: 1"}),
            True,
            "AADSTS70008",
        ),
        ((401, {"error": "invalid_client"}), True, "invalid_client"),
        ((503, {"error": "temporarily_unavailable"}), False, "temporarily_unavailable"),
        ((500, "<html>"), False, "could not be asked"),
        ((200, []), False, "HTTP 200"),
        ((200, {}), False, "HTTP 200"),
    ],
)
async def test_what_is_wrong_is_told_and_what_a_person_has_to_mend(answer: Any, person: bool, words: str) -> None:
    shelf = MemoryShelf()
    with token_server(answer=answer) as peer:
        with pytest.raises(TemporarySendError, match=words) as told:
            await Access(options(peer), shelf).token()
        trouble = told.value.trouble
        assert (trouble is not None and trouble.key == mending.TOKEN) is person
        assert "secret" not in f"{told.value} {trouble}".replace("client_secret", "")
        peer.answer = None
        assert await Access(options(peer), shelf).token() == "access-0-secret"


async def test_nothing_of_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with token_server() as peer:
        await Access(options(peer, client_secret="client-secret"), MemoryShelf()).token()
    assert "refresh-0" not in caplog.text
    assert "access-0" not in caplog.text
    assert "client-secret" not in caplog.text


@pytest.mark.parametrize(
    ("terms", "china", "url", "form"),
    [
        (
            OAuth("google", "i", "s", "r"),
            False,
            "https://oauth2.googleapis.com/token",
            {"client_id": "i", "client_secret": "s", "grant_type": "refresh_token", "refresh_token": "r"},
        ),
        (
            OAuth("microsoft", "i", "", "r", "t"),
            False,
            "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            {
                "client_id": "i",
                "grant_type": "refresh_token",
                "refresh_token": "r",
                "scope": RIGHTS,
            },
        ),
        (
            OAuth("microsoft", "i", "s", "", "t"),
            False,
            "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            {
                "client_id": "i",
                "client_secret": "s",
                "grant_type": "client_credentials",
                "scope": "https://outlook.office365.com/.default",
            },
        ),
        (
            OAuth("microsoft", "i", "s", "", "t"),
            True,
            "https://login.partner.microsoftonline.cn/t/oauth2/v2.0/token",
            {
                "client_id": "i",
                "client_secret": "s",
                "grant_type": "client_credentials",
                "scope": "https://partner.outlook.cn/.default",
            },
        ),
    ],
)
def test_what_each_of_them_is_asked(terms: OAuth, china: bool, url: str, form: dict[str, str]) -> None:
    assert request(terms, terms.refresh_token, china) == (url, form)


async def test_real_servers_let_us_in_with_it() -> None:
    """Dovecot asks whether the token is good; the SMTP server refuses as Google and Microsoft do."""
    shelf = MemoryShelf()
    shelf.conversations = [thread(letter(10))]
    with token_server() as peer, dovecot(SHOP, introspection=peer.introspection) as box, sink() as relay:
        relay.bearer = peer.good
        made = options(peer, imap=box.port, smtp=relay.port)
        access = Access(made, shelf)
        sender = Sender(made, shelf, Secret(shelf), access, Filing(made, access.token))
        await say(sender, AGENT)
        await sender.close()
        assert len(relay.mails) == len(box.mails(SHOP, "Sent")) == 1

        peer.revoked.add(await access.token())  # ended before its time: a new one is asked for, and it goes out
        receipt = await say(sender, replace(AGENT, key="kefu-21"))
        assert receipt.external_id
        assert (len(relay.mails), len(peer.given)) == (2, 2)

        with pytest.raises(MailboxError) as told:
            await asyncio.to_thread(Mailbox(made.imap("rubbish")).open)
        assert told.value.key == "login"
