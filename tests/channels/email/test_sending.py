"""A mail is handed over once, to servers that refuse, hang up, stall and lie; people hear what they have to mend."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, StoreError, TemporarySendError
from bot.messages import Attachment, Kind, Outgoing
from bot.ports import Stored
from channels.email import mending, tokens
from channels.email.filing import Filing
from channels.email.oauth import Access
from channels.email.options import Options
from channels.email.options import read as read_options
from channels.email.reading import read
from channels.email.sending import CAPABILITIES, Sender, render
from channels.email.signing import Secret
from tests.channels.email.test_calling import TOLD
from tests.channels.email.test_outbound import AGENT, BOT, LI, WANG, letter, person, thread
from tests.channels.wechat.shelf import MemoryShelf
from tests.peers.dovecot import PASSWORD, dovecot
from tests.peers.process import free_ports
from tests.peers.sink import sink
from tests.peers.smtp_liar import DROP, HANG, smtp_liar

SHOP = "support@shop.example"


def options(port: int, **more: Any) -> Options:
    given = {"address": SHOP, "password": "a-code", "imap_host": "127.0.0.1", "imap_security": "none",
             "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "keep_sent": False}  # fmt: skip
    return read_options("mail", given | more)


class Hasty(Options):
    """Options with a relay that has a second for each answer."""

    def relay(self, token: str = "") -> Any:
        return replace(super().relay(token), patience=1.0, final=1.0)


def sender(port: int, shelf: MemoryShelf | None = None, **more: Any) -> Sender:
    made = options(port, **more)
    hasty = Hasty(**{name: getattr(made, name) for name in Options.__dataclass_fields__})
    kept = shelf or MemoryShelf()
    if not kept.conversations:
        kept.conversations = [thread(letter(10, cc=[person(LI)]))]
    access = Access(hasty, kept)
    return Sender(hasty, kept, Secret(kept, "secret-of-this-installation"), access, Filing(hasty, access.token))


async def say(made: Sender, outgoing: Outgoing) -> Any:
    (call,) = render(outgoing)
    assert call.key == outgoing.key
    return await made.send(call)


async def test_it_goes_out_as_it_should() -> None:
    with sink() as peer:
        receipt = await say(sender(peer.port), AGENT)
        (mail,) = peer.mails
    assert (mail.sender, mail.recipients) == (SHOP, (WANG, LI))
    assert tokens.of_message_id(b"secret-of-this-installation", receipt.external_id) == tokens.Ours(1024, 20)
    assert read(mail.raw).message_id == receipt.external_id
    assert receipt.extra["to"] == [person(WANG, "王先生")]
    assert receipt.problem == ""


async def test_what_is_quoted_was_said_by_the_shops_clock() -> None:
    shelf = MemoryShelf()
    shelf.zone = timezone(timedelta(hours=8))
    with sink() as peer:
        await say(sender(peer.port, shelf), AGENT)
        (mail,) = peer.mails
    body = read(mail.raw).body
    assert "+0800" in body
    assert "+0000" not in body


@pytest.mark.parametrize(("phase", "fault", "outcome", "trouble"), [
    ("greet", DROP, TemporarySendError, ""), ("greet", HANG, TemporarySendError, ""),
    ("greet", "421 busy", TemporarySendError, ""), ("auth", "535 Login Fail", TemporarySendError, mending.LOGIN),
    ("auth", "454 later", TemporarySendError, ""),
    ("auth", "535 Login fail: system busy", TemporarySendError, ""),
    ("mail", "451 greylisted", TemporarySendError, ""),
    ("mail", "501 mail from address must be same as authorization user", PermanentSendError, mending.SENDER),
    ("rcpt", "450 greylisted", TemporarySendError, ""), ("rcpt", "550 no such user", PermanentSendError, ""),
    ("rcpt", "553 no such user", PermanentSendError, ""), ("data", "451 later", TemporarySendError, ""),
    ("data", "554 spam", PermanentSendError, ""), ("dot", "451 later", TemporarySendError, ""),
    ("dot", "554 spam", PermanentSendError, ""), ("dot", DROP, AmbiguousSendError, ""),
    ("dot", HANG, AmbiguousSendError, ""),
])  # fmt: skip
@pytest.mark.parametrize("outgoing", [AGENT, BOT])
async def test_each_outcome_and_the_attempt_after_it(
    outgoing: Outgoing, phase: str, fault: str, outcome: type[SendError], trouble: str
) -> None:
    """Whatever certainly did not go out may be sent; what perhaps did is never sent by itself."""
    shelf = MemoryShelf()
    with smtp_liar({phase: fault}) as peer:
        first = sender(peer.port, shelf)
        with pytest.raises(outcome) as told:
            await say(first, outgoing)
        assert (told.value.trouble.key if told.value.trouble else "") == trouble
        peer.clear()
        before = len(peer.taken)
        again = sender(peer.port, shelf)  # another process
        if outcome is AmbiguousSendError:
            for _ in range(2):
                with pytest.raises(AmbiguousSendError):
                    await say(again, outgoing)
            assert len(peer.taken) == before
        else:
            await say(again, outgoing)
            assert len(peer.taken) == before + 1


@pytest.mark.parametrize(("outgoing", "again"), [(AGENT, True), (BOT, False)])
async def test_people_may_send_theirs_once_more_under_the_same_id(outgoing: Outgoing, again: bool) -> None:
    """What is unclear of the machine's stays so, even when somebody asks for it."""
    with smtp_liar({"dot": DROP}) as peer:
        made = sender(peer.port)
        with pytest.raises(AmbiguousSendError):
            await say(made, outgoing)
        peer.clear()
        resent = replace(outgoing, queued_at=outgoing.queued_at + timedelta(hours=1) if outgoing.queued_at else None)
        if again:
            receipt = await say(made, resent)
            ids = {read(mail.raw).message_id for mail in peer.taken}
            assert (len(peer.taken), ids) == (2, {receipt.external_id})
        else:
            with pytest.raises(AmbiguousSendError):
                await say(made, resent)
            assert len(peer.taken) == 1


async def test_two_processes_at_once_send_it_once() -> None:
    shelf = MemoryShelf()
    with sink() as peer:
        made = [sender(peer.port, shelf) for _ in range(4)]
        told = await asyncio.gather(*(say(one, BOT) for one in made), return_exceptions=True)
        assert len(peer.mails) == 1
    assert sum(isinstance(one, AmbiguousSendError) for one in told) == 3


async def test_cut_off_before_the_text_it_may_be_sent_and_after_it_not() -> None:
    for phase, taken in (("rcpt", 1), ("dot", 1)):
        shelf = MemoryShelf()
        with smtp_liar({phase: HANG}) as peer:
            made = sender(peer.port, shelf)
            task = asyncio.create_task(say(made, BOT))
            while not (peer.taken if phase == "dot" else peer.tries):
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            peer.clear()
            if phase == "dot":
                with pytest.raises(AmbiguousSendError):
                    await say(sender(peer.port, shelf), BOT)
            else:
                await say(sender(peer.port, shelf), BOT)
            assert len(peer.taken) == taken


async def test_those_who_were_refused_are_named() -> None:
    with smtp_liar() as peer:
        peer.refused[LI] = "550 no such user"
        receipt = await say(sender(peer.port), AGENT)
    assert receipt.problem == f"{LI}: 550 no such user"
    assert receipt.extra["refused"] == {LI: "550 no such user"}


async def test_a_password_that_is_refused_is_told_and_not_tried_with_every_mail() -> None:
    shelf = MemoryShelf()
    with smtp_liar({"auth": "535 Login Fail. Please enter your authorization code to login"}) as peer:
        made = sender(peer.port, shelf)
        for n in range(5):
            with pytest.raises(TemporarySendError) as told:
                await say(made, replace(AGENT, key=f"kefu-{20 + n}"))
            assert told.value.trouble
            assert "authorization code" in told.value.trouble.said["zh-Hans"]
            assert 200 < (told.value.retry_after or 0) < 400
            assert "a-code" not in f"{told.value} {told.value.trouble}"
        assert peer.tries == 1
        peer.clear()
        shelf.time += timedelta(minutes=6)
        for n in range(5):
            await say(made, replace(AGENT, key=f"kefu-{20 + n}"))
        assert len(peer.taken) == 5


async def test_a_server_that_is_away_is_left_alone_and_people_hear_of_it_when_it_stays_so() -> None:
    shelf = MemoryShelf()
    with smtp_liar({"greet": DROP}) as peer:
        made = sender(peer.port, shelf)
        for _ in range(5):
            with pytest.raises(TemporarySendError, match="could not be asked") as told:
                await say(made, AGENT)
            assert told.value.trouble is None, "it is tried for a day, and not for as long as people take"
        assert peer.tries == 1
        assert shelf.troubles == {}
        for _ in range(2):
            shelf.time += timedelta(minutes=1)
            with pytest.raises(TemporarySendError):
                await say(made, AGENT)
        assert peer.tries == 3
        assert "smtp_port" in shelf.troubles[mending.AWAY].said["zh-Hans"]
        peer.clear()
        shelf.time += timedelta(minutes=1)
        await say(made, AGENT)
        assert shelf.troubles == {}


@pytest.mark.parametrize(("trusted", "why"), [(False, "self-signed"), (True, "IP address mismatch")])
async def test_a_certificate_that_does_not_match_is_a_trouble_to_mend(trusted: bool, why: str) -> None:
    with dovecot(SHOP, tls=True, host="imap.elsewhere.example") as peer:  # whatever speaks TLS will do
        assert peer.certificate
        more: dict[str, Any] = {"trusted_certificate": str(peer.certificate.certificate)} if trusted else {}
        with pytest.raises(TemporarySendError, match=why) as told:
            await say(sender(peer.tls_port, smtp_security="tls", **more), AGENT)
    assert told.value.trouble
    assert told.value.trouble.key == mending.CERTIFICATE
    assert "trusted_certificate" in told.value.trouble.said["en"]


async def test_files_go_along_and_one_that_is_gone_is_told() -> None:
    shelf = MemoryShelf()
    shelf.files["k"] = Stored(b"%PDF-1.7" * 1000, "application/pdf", "发票.pdf")
    attached = Attachment(Kind.FILE, "发票.pdf", "application/pdf", key="k")
    with sink() as peer:
        await say(sender(peer.port, shelf), replace(AGENT, attachments=(attached,)))
        (mail,) = peer.mails
        (file,) = read(mail.raw).files
        assert (file.name, file.data) == ("发票.pdf", shelf.files["k"].data)
        with pytest.raises(PermanentSendError, match="no longer kept"):
            await say(sender(peer.port, shelf), replace(AGENT, attachments=(replace(attached, key="gone"),)))
        assert len(peer.mails) == 1


class Away(MemoryShelf):
    """A store that stops answering at the moment a mail is about to go out."""

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        raise StoreError("away")


async def test_without_the_store_nothing_goes_out() -> None:
    with smtp_liar() as peer:
        with pytest.raises(TemporarySendError, match="the store is away"):
            await say(sender(peer.port, Away()), BOT)
        assert peer.taken == []


async def test_the_secret_is_made_once_for_all_processes() -> None:
    shelf = MemoryShelf()
    made = {await Secret(shelf).get() for _ in range(3)}
    assert len(made) == 1
    assert len(next(iter(made))) == 64
    assert await Secret(shelf, "of-the-settings!").get() == b"of-the-settings!"


@pytest.mark.parametrize(("more", "filed"), [({"keep_sent": True}, 2), ({"keep_sent": False}, 0)])
async def test_what_was_sent_lies_in_the_sent_folder(more: dict[str, Any], filed: int) -> None:
    with dovecot(SHOP) as box, sink() as peer:
        made = sender(peer.port, imap_port=box.port, password=PASSWORD, **more)
        for key in ("kefu-20", "kefu-21"):
            await say(made, replace(AGENT, key=key))
        await made.close()
        assert box.mails(SHOP, "Sent") == [mail.raw for mail in peer.mails][:filed]
        if filed:
            assert all("\\Seen" in flags for flags in box.flags(SHOP, "Sent"))


async def test_a_mailbox_that_is_away_does_not_matter_to_what_is_sent() -> None:
    with sink() as peer:
        made = sender(peer.port, imap_port=free_ports(1)[0], keep_sent=True)
        await say(made, AGENT)
        await made.close()
        assert len(peer.mails) == 1


def test_letters_are_tried_for_a_day_and_wait_longer_for_people() -> None:
    minutes = [pause.total_seconds() / 60 for pause in CAPABILITIES.pauses]
    assert (minutes, CAPABILITIES.retry_for) == ([1, 5, 15, 60], timedelta(hours=24))
    assert CAPABILITIES.letters
    assert not CAPABILITIES.idempotent_send


# ---- calling agents -------------------------------------------------------------------------------------------------


async def test_an_agent_is_called_by_a_mail_he_can_answer() -> None:
    with sink() as server:
        await sender(server.port).notify(TOLD)
    (came,) = server.mails
    assert (came.sender, came.recipients) == (SHOP, ("li@shop.example",))
    assert tokens.of_notification_id(b"secret-of-this-installation", read(came.raw).message_id) == 12


async def test_who_cannot_be_called_now_may_be_later() -> None:
    (port,) = free_ports(1)
    with pytest.raises(TemporarySendError):
        await sender(port).notify(TOLD)
    with sink() as server, pytest.raises(PermanentSendError):
        await sender(server.port).notify(replace(TOLD, to=SHOP))
