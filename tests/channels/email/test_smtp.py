"""What became of a mail is told as it is, at whatever phase a real or a lying server ends it."""

from __future__ import annotations

import pytest

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from channels.email.smtp import (
    AwayError,
    Letter,
    LoginRefusedError,
    Relay,
    Security,
    SenderRefusedError,
    hand_over,
    plain,
)
from tests.peers.process import free_ports
from tests.peers.sink import sink
from tests.peers.smtp_liar import DROP, HANG, smtp_liar

SHOP, WANG, LI = "support@shop.example", "wang@customer.example", "li@customer.example"
RAW = b"From: support@shop.example\r\nSubject: hi\r\nMessage-ID: <kf.1@shop.example>\r\n\r\nhello\r\n.dot\r\n"
LETTER = Letter(SHOP, (WANG,), RAW)


def at(port: int, login: str = SHOP) -> Relay:
    return Relay("127.0.0.1", port, Security.NONE, login, "a-code" if login else "", patience=1.0, final=1.0)


async def test_it_arrives_as_it_was_given() -> None:
    with sink() as peer:
        assert await hand_over(at(peer.port), LETTER) == {}
        (mail,) = peer.mails
    assert (mail.sender, mail.recipients, mail.raw) == (SHOP, (WANG,), RAW)


@pytest.mark.parametrize(("phase", "fault", "outcome", "taken"), [
    ("greet", DROP, AwayError, 0),
    ("greet", HANG, AwayError, 0),
    ("greet", "554 go away", PermanentSendError, 0),
    ("greet", "421 busy", TemporarySendError, 0),
    ("ehlo", DROP, AwayError, 0),
    ("auth", "535 Login Fail. Please enter your authorization code to login", LoginRefusedError, 0),
    ("auth", "454 later", LoginRefusedError, 0),
    ("auth", HANG, AwayError, 0),
    ("mail", "451 greylisted", TemporarySendError, 0),
    ("mail", "501 mail from address must be same as authorization user", SenderRefusedError, 0),
    ("mail", DROP, AwayError, 0),
    ("rcpt", "450 greylisted", TemporarySendError, 0),
    ("rcpt", "550 no such user", PermanentSendError, 0),
    ("rcpt", HANG, AwayError, 0),
    ("data", "451 later", TemporarySendError, 0),
    ("data", "554 spam", PermanentSendError, 0),
    ("dot", "451 later", TemporarySendError, 1),
    ("dot", "554 spam", PermanentSendError, 1),
    ("mail", "550 Connection frequency limited", TemporarySendError, 0),
    ("dot", "550 5.7.1 sending too many messages, try again later", TemporarySendError, 1),
    ("rcpt", "550 too many recipients", PermanentSendError, 0),
    ("dot", DROP, AmbiguousSendError, 1),
    ("dot", HANG, AmbiguousSendError, 1),
])  # fmt: skip
async def test_each_phase_has_its_outcome(phase: str, fault: str, outcome: type[SendError], taken: int) -> None:
    with smtp_liar({phase: fault}) as peer:
        with pytest.raises(SendError) as told:
            await hand_over(at(peer.port), LETTER)
        assert (type(told.value), len(peer.taken)) == (outcome, taken)
        assert "a-code" not in str(told.value)
        if fault not in (DROP, HANG):
            assert fault in str(told.value)
        peer.clear()
        assert await hand_over(at(peer.port), LETTER) == {}


@pytest.mark.parametrize("fault", [DROP, HANG, "500 what?"])
async def test_what_becomes_of_the_farewell_is_all_the_same(fault: str) -> None:
    with smtp_liar({"quit": fault}) as peer:
        assert await hand_over(at(peer.port), LETTER) == {}
        assert [mail.raw for mail in peer.taken] == [RAW]


async def test_those_who_were_refused_are_named() -> None:
    with smtp_liar() as peer:
        peer.refused[LI] = "550 no such user"
        told = await hand_over(at(peer.port), Letter(SHOP, (WANG, LI), RAW))
        assert told == {LI: "550 no such user"}
        assert peer.taken[0].recipients == [WANG]


@pytest.mark.parametrize(("other", "outcome"), [("550 never", PermanentSendError), ("450 later", TemporarySendError)])
async def test_refused_for_all_it_is_tried_again_while_one_may_take_it(other: str, outcome: type[SendError]) -> None:
    with smtp_liar() as peer:
        peer.refused |= {LI: "550 no such user", WANG: other}
        with pytest.raises(outcome):
            await hand_over(at(peer.port), Letter(SHOP, (LI, WANG), RAW))
        assert peer.taken == []


async def test_nobody_there() -> None:
    with pytest.raises(TemporarySendError, match="could not be asked"):
        await hand_over(at(free_ports(1)[0]), LETTER)


@pytest.mark.parametrize(("letter", "why"), [
    (Letter(SHOP, (WANG,), RAW + b"x" * 30_000_000), "takes 30000000 at most"),
    (Letter(SHOP, ("王@customer.example",), RAW), "other letters"),
])  # fmt: skip
async def test_what_the_server_said_it_will_not_take_is_not_tried(letter: Letter, why: str) -> None:
    with smtp_liar() as peer:
        with pytest.raises(PermanentSendError, match=why):
            await hand_over(at(peer.port), letter)
        assert peer.taken == []


@pytest.mark.parametrize("header", ["x@y>\r\nRCPT TO:<other@customer.example", "x@y\r\nDATA"])
async def test_an_address_can_say_no_command(header: str) -> None:
    with smtp_liar() as peer:
        with pytest.raises(PermanentSendError, match="an address like"):
            await hand_over(at(peer.port), Letter(SHOP, (header,), RAW))
        assert peer.tries == 0


async def test_a_liar_that_offers_no_login_takes_no_password() -> None:
    with smtp_liar({"ehlo": "250 liar"}) as peer:
        with pytest.raises(SendError):
            await hand_over(at(peer.port), LETTER)
        assert peer.taken == []


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "no TLS is spoken at this port"),
        ("550 5.1.1  no such\r\nuser [Errno x]", "550 5.1.1 no such user [Errno x]"),
        ("Error connecting to x on port 9: Connect call failed ('127.0.0.1', 9)", "Connect call failed"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_went_wrong_is_told_without_what_only_programmers_read(said: object, read: str) -> None:
    assert plain(said) == read
