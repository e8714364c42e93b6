"""Mail is taken in from a real Dovecot: all of it, once, whatever happens in between."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import Cursor
from channels.email import collecting, imap, listening, mark, troubles
from channels.email.cases import Found
from channels.email.imap import Fetched
from channels.email.options import Options
from channels.email.providers import Place, provider
from channels.email.reading import read
from tests.channels.email.mailroom import ME, KilledError, MailRoom, letter
from tests.peers import netease as ntes
from tests.peers.dovecot import Dovecot
from tests.peers.imap_liar import NO_LOGIN, imap_liar

WEEK = timedelta(days=7)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between failures are over soon."""
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(listening, "AFTER_REFUSAL", 0.05)


def lay_there(server: Dovecot, user: str, mail: bytes, ago: timedelta) -> None:
    """A mail that came some time ago."""
    when = datetime.now(UTC) - ago
    with server.session(user) as session:
        session.append("INBOX", "", f'"{when:%d-%b-%Y %H:%M:%S +0000}"', mail)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing for a second is given up."""
    patient = Options.imap
    monkeypatch.setattr(Options, "imap", lambda self, token="": replace(patient(self, token), patience=1.0))


async def test_a_mail_becomes_a_conversation_with_all_that_was_in_it(room: MailRoom, server: Dovecot) -> None:
    async with room.listening(server.port):
        await room.begun()
        server.deliver(room.me, letter(1, to=room.me))
        (mail,) = await room.come(1)
        assert mail.text == "什么时候发货？"
        assert (mail.row.mid, mail.row.sender, mail.row.name) == ("<1@example.com>", "wang@example.com", "Wang")
        assert (mail.row.status, mail.row.waits, mail.mute, mail.wakes) == ("pending", 1, "", True)
        assert (mail.extra["subject"], mail.extra["folder"], mail.extra["verdict"]) == ("杯子 1", "inbox", "human")
        (raw,) = mail.payload["attachments"]
        assert (raw["name"], raw["media_type"]) == ("杯子 1.eml", "message/rfc822")
        assert (await room.shelf().file(raw["key"])).data == server.mails(room.me)[0]
        assert [r.key for r in await room.rows("SELECT key FROM media")] == [raw["key"]]
        assert not any("Seen" in flags for flags in server.flags(room.me))
        assert await room.troubles() == {}


async def test_what_lay_there_before_is_not_taken_in_unless_asked_for(room: MailRoom, server: Dovecot) -> None:
    server.append(room.me, *(letter(n) for n in range(3)))
    async with room.listening(server.port):
        await room.begun()
        server.append(room.me, letter("new"))
        (mail,) = await room.come(1)
    assert mail.row.mid == "<new@example.com>"


async def test_history_is_laid_down_and_answers_nobody(room: MailRoom, server: Dovecot) -> None:
    lay_there(server, room.me, letter("ancient"), timedelta(days=30))
    server.append(room.me, letter("old"))
    server.append(room.me, letter("junk"), folder="Junk")
    async with room.listening(server.port, history=7):
        await room.begun()
        server.append(room.me, letter("new", to=room.me, From="Li <li@example.com>"))
        first, second = await room.come(2)
    assert (first.row.mid, first.mute, first.wakes, first.row.status) == (
        "<old@example.com>",
        "history",
        False,
        "resolved",
    )
    assert first.extra["why_not"]["en"]
    assert (second.row.mid, second.mute, second.row.status) == ("<new@example.com>", "", "pending")


async def test_who_stops_goes_on_where_he_stopped(room: MailRoom, server: Dovecot) -> None:
    async with room.listening(server.port):
        await room.begun()
        server.append(room.me, letter(1))
        await room.come(1)
    server.append(room.me, letter(2), letter(3))
    async with room.listening(server.port):
        mails = await room.come(3)
    assert [mail.row.mid for mail in mails] == [f"<{n}@example.com>" for n in (1, 2, 3)]


async def test_an_answer_that_waits_beside_what_it_answers_goes_to_its_conversation(
    room: MailRoom, server: Dovecot
) -> None:
    asked = letter(1, to=room.me, Cc="li@example.com")
    answered = letter(
        2, "我也是", to=room.me, From="Li <li@example.com>", Subject="Re: 杯子 1", In_Reply_To="<1@example.com>"
    )
    server.append(room.me, *(letter(n, From=f"u{n}@x.example") for n in range(10, 14)), asked, answered)
    async with room.listening(server.port, history=7):
        mails = {mail.row.mid: mail for mail in await room.come(6)}
    assert mails["<2@example.com>"].place == mails["<1@example.com>"].place
    assert len({mail.place for mail in mails.values()}) == 5


def test_a_page_is_kept_before_a_mail_that_hangs_on_it() -> None:
    def found(raw: bytes) -> Found:
        return Found(read(raw), raw)

    page = collecting.Page("mail:INBOX", mark.begun(datetime.now(UTC), 1, 0, WEEK))
    page.add(Fetched(1, 9, None, b"x"), found(letter(1)))
    other = {"From": "Li <li@example.com>"}
    assert page.bears_on(found(letter(1, **other)))  # the same id
    assert page.bears_on(found(letter(2)))  # the same sender
    assert page.bears_on(found(letter(2, In_Reply_To="<1@example.com>", **other)))
    assert page.bears_on(found(letter(2, References="<0@x.example> <1@example.com>", **other)))
    assert not page.bears_on(found(letter(2, **other)))
    page.turn()
    assert not page.bears_on(found(letter(1)))
    assert page.cursor() == Cursor("mail:INBOX", str(page.at), str(page.at))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_between_fetch_and_commit_nothing_is_lost_or_doubled(
    room: MailRoom, server: Dovecot, when: str
) -> None:
    async with room.listening(server.port):
        await room.begun()
    mails = [letter(n, Message_ID=None if n % 4 == 0 else f"<{n}@example.com>") for n in range(8)]
    server.append(room.me, *mails)
    deaths = 0
    while len(await room.letters()) < 8:
        room.kill, room.taken = when, 0
        async with room.listening(server.port) as task:
            waiting = asyncio.create_task(room.come(8))
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            deaths += task.done() and isinstance(task.exception(), KilledError)
    assert deaths >= 3
    assert [letter.extra["subject"] for letter in await room.come(8)] == [f"杯子 {n}" for n in range(8)]


async def test_uids_that_are_void_repeat_nothing_and_lose_nothing(room: MailRoom, server: Dovecot) -> None:
    lay_there(server, room.me, letter("before us"), timedelta(hours=1))
    async with room.listening(server.port):
        await room.begun()
        server.append(room.me, letter(1), letter(2, Message_ID=None))
        await room.come(2)
    before = server.uidvalidity(room.me)
    server.append(room.me, letter(3))
    while server.uidvalidity(room.me) == before:  # it is made of seconds
        server.forget_uids(room.me)
    async with room.listening(server.port):
        mails = await room.come(3)
        server.append(room.me, letter(4))
        mails = await room.come(4)
    assert [mail.extra["subject"] for mail in mails] == [f"杯子 {n}" for n in (1, 2, 3, 4)]


async def test_two_listeners_share_one_mailbox(
    any_room: MailRoom, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = any_room
    monkeypatch.setattr(listening, "LEASED_FOR", timedelta(seconds=0.6))
    async with room.listening(server.port) as first:
        await room.begun()
        async with room.listening(server.port):
            server.append(room.me, *(letter(n) for n in range(5)))
            await room.come(5)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            server.append(room.me, *(letter(n) for n in range(5, 9)))
            mails = await room.come(9)
    assert sorted(mail.extra["subject"] for mail in mails) == [f"杯子 {n}" for n in range(9)]
    assert room.stale == 0  # one at a time


async def test_even_two_who_both_think_they_hold_it_keep_a_mail_once(
    any_room: MailRoom, server: Dovecot, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = any_room
    async with room.listening(server.port):
        await room.begun()
    monkeypatch.setattr(listening, "LEASE", "")
    async with room.listening(server.port):
        await room.shelf().drop("")
        monkeypatch.setattr(listening, "LEASED_FOR", timedelta(seconds=60))
        async with room.listening(server.port):
            server.append(room.me, *(letter(n) for n in range(10)))
            await room.come(10)


async def test_a_broken_mailbox_says_why_and_leaves_the_others_alone(
    room: MailRoom, other: MailRoom, server: Dovecot, hasty: None
) -> None:
    with imap_liar(letter(1)) as liar:
        liar.login = NO_LOGIN
        async with room.listening(server.port), other.listening(liar.port, history=3650):
            await room.begun()
            server.append(room.me, letter(2))
            await room.come(1)
            told = await other.until(other.troubles)
            assert "（127.0.0.1:" in told["login"]["zh-Hans"]
            assert "LOGIN Login error or password error" in told["login"]["zh-Hant"]
            assert "IMAP has to be switched on" in told["login"]["en"]
            assert not any(word in words for words in told["login"].values() for word in ("Data:", "b'"))
            assert not any("pass-of-mail" in words for words in told["login"].values())
            liar.login = ""
            await other.come(1)

            async def mended() -> bool:
                return not await other.troubles()

            await other.until(mended)


async def test_a_mailbox_that_is_gone_for_a_moment_is_no_trouble(room: MailRoom, hasty: None) -> None:
    async with room.listening(9):

        async def told() -> bool:
            return "away" in await room.troubles()

        await room.until(told)
        assert "127.0.0.1:9" in (await room.troubles())["away"]["en"]


async def test_a_folder_that_is_not_there_is_told_and_the_inbox_read(room: MailRoom, server: Dovecot) -> None:
    async with room.listening(server.port, junk_folder="垃圾"):
        await room.begun(2)
        server.append(room.me, letter(1))
        await room.come(1)
        assert "junk_folder" in (await room.troubles())["folder"]["en"]


@pytest.mark.parametrize(
    ("address", "word"), [("shop@qq.com", "authorisation code"), ("shop@163.com", "IMAP/SMTP"), (ME, "the password")]
)
def test_who_cannot_log_in_is_told_what_the_provider_wants(address: str, word: str) -> None:
    mailbox = Options(address, Place("imap.x", 993), Place("smtp.x", 465), provider=provider(address))
    told = troubles.unreadable(mailbox, imap.LOGIN, "no")
    assert word in told.said["en"]
    assert set(told.said) == {"zh-Hans", "zh-Hant", "en"}


def test_every_trouble_is_told_in_three_languages_with_nothing_left_open() -> None:
    mailbox = Options(ME, Place("imap.x", 993), Place("smtp.x", 465))
    told = [
        *(troubles.unreadable(mailbox, key, "no") for key in troubles.ON_READ),
        troubles.folder(mailbox, "垃圾", "no"), troubles.fetching(mailbox, 3, 4), troubles.breaker("a@b"),
    ]  # fmt: skip
    assert {one.key for one in told} == set(troubles.SAID)
    for one in told:
        assert list(one.said) == ["zh-Hans", "zh-Hant", "en"]
        assert not any("{" in words for words in one.said.values())


# ---- servers that lie -----------------------------------------------------------------------------------------------


async def test_how_many_there_are_is_not_believed(room: MailRoom) -> None:
    with imap_liar(letter(1), letter(2)) as liar:
        liar.exists = 5000
        async with room.listening(liar.port, history=3650):
            await room.come(2)


@pytest.mark.parametrize("cut", [False, True])
async def test_a_mail_the_server_never_ends_does_not_hold_up_the_next(
    room: MailRoom, hasty: None, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with imap_liar(letter(1), letter(2)) as liar:
        liar.stall, liar.cut = 20, cut
        impatient(monkeypatch)
        async with room.listening(liar.port, history=3650):
            first, second = await room.come(2)
        liar.stall = None
        liar.mails.append(letter(3))
        async with room.listening(liar.port):
            await room.come(3)
    assert first.extra["subject"] == "杯子 1"
    assert "again and again" in second.extra["quarantine"]
    assert "UID 2" in second.text


async def test_what_is_named_and_not_handed_out_is_told_and_passed(room: MailRoom) -> None:
    with imap_liar(letter(1), letter(2), letter(3)) as liar:
        liar.hidden = {2}
        async with room.listening(liar.port, history=3650):
            mails = await room.come(3)
    assert [bool(mail.extra.get("quarantine")) for mail in mails] == [False, True, False]


async def test_a_mail_that_is_too_large_comes_with_its_beginning(room: MailRoom, server: Dovecot) -> None:
    async with room.listening(server.port, limit_megabytes=1):
        await room.begun()
        server.append(room.me, letter(1), letter(2, "长" * 500_000), letter(3))
        mails = await room.come(3)
    large = mails[1]
    assert "too large: 1.5 MB" in large.extra["quarantine"]
    assert large.text.startswith("长长长")
    assert large.wakes
    assert large.payload["attachments"][-1]["size"] == 262_144


async def test_a_mailbox_like_163s_is_read_without_idle(room: MailRoom) -> None:
    with ntes.netease() as peer:
        given = {"address": ntes.USER, "password": ntes.PASSWORD}
        async with room.listening(peer.port, **given):
            await room.begun(1)
        with imaplib.IMAP4("127.0.0.1", peer.inner) as session:
            session.login(ntes.USER, ntes.PASSWORD)
            session.append("INBOX", "", "", letter(1))
        async with room.listening(peer.port, **given):
            await room.come(1)
        assert peer.refused == 0
        assert "IDLE" not in peer.commands


async def test_stopping_does_not_wait_for_the_server(room: MailRoom, server: Dovecot) -> None:
    loop = asyncio.get_running_loop()
    with imap_liar(letter(1)) as liar:
        liar.stall = 5
        for port in (server.port, liar.port):  # one waits in IDLE, the other in the middle of a mail
            async with room.listening(port, history=3650) as task:
                await asyncio.sleep(0.5)
                began = loop.time()
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert loop.time() - began < 45  # patience is a minute
                await room.until(lambda: nobody_left(f"mailbox {room.me}"))


async def nobody_left(name: str) -> bool:
    return all(thread.name != name for thread in threading.enumerate())


async def test_progress_of_a_long_fetch_is_told_and_then_taken_back(
    room: MailRoom, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "SOON", 0.0)
    told: list[str] = []
    server.append(room.me, *(letter(n) for n in range(20)))
    async with room.listening(server.port, history=7):

        async def both() -> bool:
            told.extend(words["en"] for key, words in (await room.troubles()).items() if key == "fetching")
            return bool(told) and len(await room.letters()) == 20 and not await room.troubles()

        await room.until(both)
    assert "to go" in told[0]


# ---- cursors --------------------------------------------------------------------------------------------------------


def test_a_mark_says_where_it_stands() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    first = mark.begun(now, 77, 100, WEEK)
    assert mark.read(str(first)) == first
    assert (first.uid, mark.begun(now, 77, 100, None).uid) == (0, 100)
    assert [first.wants(5, now - timedelta(days=d)) for d in (8, 6)] == [False, True]
    assert (first.wants(5, None), first.wants(101, now - timedelta(days=99))) == (True, True)
    assert [first.history(uid, now + WEEK) for uid in (100, 101)] == [True, False]
    assert mark.read("") is None
    assert mark.read("1:2") is None
    assert mark.read("a:b:c:d:e:f:g") is None


def test_after_a_reset_only_what_is_older_than_us_is_history() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    later = now + timedelta(days=30)
    again = mark.begun(now, 77, 100, None).moved(250, later).void(78, 300)
    assert (again.validity, again.uid, again.bound) == (78, 0, 300)
    assert [again.wants(5, later - timedelta(days=d)) for d in (3, 1)] == [False, True]
    soon = mark.begun(now, 77, 100, None).moved(101, now + timedelta(hours=1)).void(78, 300)
    assert [soon.wants(5, now + timedelta(hours=h)) for h in (-1, 0)] == [False, True]
    assert not again.history(5, later, later)
    assert again.history(5, now - timedelta(hours=1), None)
    assert again.history(5, later, now - timedelta(days=2))  # a mailbox that was moved: all of it came today
    assert not again.history(300, later, now - WEEK)
