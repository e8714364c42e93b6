"""What letters need of the store: messages that wake nobody, what people said elsewhere, threads, files kept ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreError
from bot.keepable import heard
from bot.media import KeptFiles, MediaFolder
from bot.messages import Author, Delivery, Heard, Kind, Report, SaidElsewhere, Thread
from bot.ports import Stored
from bot.shelf import InboxShelf, PaperShelf
from bot.store import arrivals, desk, log, outbox, pages
from tests.store.shop import DAY, HOLD, LEASE, Shop

HOUR = timedelta(hours=1)


@pytest.fixture
def shelf(shop: Shop, tmp_path: Path) -> InboxShelf:
    files = KeptFiles(shop.store, MediaFolder(tmp_path / "media"), 10)
    return InboxShelf(shop.store, shop.inbox, files.file, files.ahead)


async def told(shop: Shop, *said: Heard) -> pages.Page:
    return await shop.store.write(pages.keep, shop.inbox, said, None, lease=LEASE, reopen=DAY, wake=timedelta())


async def waits(shop: Shop) -> list[bool]:
    return [bool(r.w) for r in await shop.rows("SELECT waiting_since IS NOT NULL AS w FROM conversation ORDER BY id")]


# ---- what wakes nobody --------------------------------------------------------------------------------------------


async def test_an_automatic_reply_leaves_a_resolved_conversation_resolved(shop: Shop) -> None:
    first = await shop.accept("broken")
    await shop.resolve(first.conversation_id)
    shop.clock.forward(timedelta(days=90))
    away = await shop.accept("I am away", wakes=False)
    assert away.conversation_id == first.conversation_id
    assert (await shop.conversation(first.conversation_id)).status == "resolved"
    again = await shop.accept("still broken")
    assert again.conversation_id != first.conversation_id


async def test_what_begins_with_a_machine_is_resolved_until_somebody_writes(shop: Shop) -> None:
    first = await shop.accept("your newsletter", wakes=False)
    assert (await shop.conversation(first.conversation_id)).status == "resolved"
    assert await waits(shop) == [False]
    second = await shop.accept("a question")
    assert second.conversation_id == first.conversation_id
    assert (await shop.conversation(first.conversation_id)).status == "pending"
    assert await waits(shop) == [True]


async def test_in_an_open_conversation_it_makes_nobody_wait(shop: Shop) -> None:
    lease = await shop.taken("hello")
    await shop.commit(lease, "hi")
    assert await waits(shop) == [False]
    await shop.accept("I am away", wakes=False)
    assert await waits(shop) == [False]
    await shop.accept("now for real")
    assert await waits(shop) == [True]


async def test_it_has_its_turn_and_says_so_in_the_payload(shop: Shop) -> None:
    lease = await shop.taken("I am away", wakes=False, mute="auto_replied")
    assert lease.status == "resolved"
    assert lease.pending[0].payload == {"mute": "auto_replied", "wakes": False}
    await shop.commit(lease)
    assert (await shop.conversation(lease.conversation_id)).idle


# ---- said elsewhere -----------------------------------------------------------------------------------------------


def elsewhere(text: str = "We sent it.", *, key: str = "<a@shop>", thread: str = "li", **more: Any) -> SaidElsewhere:
    return SaidElsewhere(key, "li", thread, text, author_name="Mei", **more)


async def test_words_from_another_program_stand_in_the_conversation_and_are_not_sent(shop: Shop) -> None:
    first = await shop.accept("where is it?")
    page = await told(shop, elsewhere(extra={"subject": "Re: cup"}))
    assert page.changed == [first.conversation_id]
    assert await waits(shop) == [False]
    (event,) = [e.d for e in (await shop.store.read(log.desk_events, first.conversation_id, after=1)).events]
    assert (event["author"], event["name"], event["text"], event["delivery"]) == ("agent", "Mei", "We sent it.", "sent")
    assert await shop.dues() == []
    assert (await told(shop, elsewhere())).changed == []


async def test_words_older_than_the_question_answer_nothing(shop: Shop) -> None:
    await shop.accept("and now?", sent_at=shop.clock.at)
    await told(shop, elsewhere(sent_at=shop.clock.at - HOUR))
    assert await waits(shop) == [True]
    await told(shop, elsewhere(key="<b@shop>", sent_at=shop.clock.at + HOUR))
    assert await waits(shop) == [False]


async def test_who_is_written_to_first_has_a_resolved_conversation(shop: Shop) -> None:
    (place,) = (await told(shop, elsewhere())).changed
    assert (await shop.conversation(place)).status == "resolved"
    assert (await shop.accept("thanks")).conversation_id == place


async def test_nothing_a_database_refuses_is_refused(shop: Shop) -> None:
    said = elsewhere("a\0b", key="<\0>" + "x" * 9000, extra={"n\0": "\ud800"})
    assert len((await told(shop, heard(said))).changed) == 1


async def test_a_delay_is_news_once_and_a_failure_the_last_word(shop: Shop) -> None:
    place = await shop.said("hello")
    (due,) = await shop.dues()
    await shop.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    late = Report(due.outgoing.key, Delivery.SENT, "delay: mailbox full")
    assert [(await told(shop, late)).changed for _ in range(2)] == [[place], []]
    assert (await told(shop, Report(due.outgoing.key, Delivery.SENT))).changed == []
    assert (await told(shop, Report(due.outgoing.key, Delivery.FAILED, "bounce: no such user"))).changed == [place]
    assert (await told(shop, late)).changed == []
    (row,) = await shop.rows("SELECT delivery, error FROM message WHERE author = 'bot'")
    assert (row.delivery, row.error) == ("failed", "bounce: no such user")


# ---- threads ------------------------------------------------------------------------------------------------------


async def numbers(shelf: InboxShelf, **asked: Sequence[Any]) -> list[int]:
    return [one.conversation for one in await shelf.threads(**asked)]


async def test_a_thread_is_found_by_message_number_and_customer(shop: Shop, shelf: InboxShelf) -> None:
    one = await shop.accept("cup", key="<1@x>", thread="t1", extra={"subject": "杯子"}, sender_name="Li")
    two = await shop.accept("plate", key="<2@x>", thread="t2")
    other = await shop.accept("bowl", key="<3@x>", thread="t3", sender="han")
    assert await numbers(shelf) == []
    assert await numbers(shelf, external_ids=["<no@x>", "<1@x>"]) == [one.conversation_id]
    assert await numbers(shelf, conversations=[two.conversation_id, 999, -1, 2**70]) == [two.conversation_id]
    assert await numbers(shelf, senders=["li", "nobody"]) == [one.conversation_id, two.conversation_id]
    found = await numbers(shelf, external_ids=["<1@x>"], conversations=[one.conversation_id], senders=["han"])
    assert found == [one.conversation_id, other.conversation_id]
    (thread,) = await shelf.threads(external_ids=["<1@x>"])
    (said,) = thread.said
    assert (thread.thread, thread.sender, thread.touched) == ("t1", "li", shop.clock.at)
    assert (said.external_id, said.author, said.text, said.extra) == (
        "<1@x>",
        Author.CUSTOMER,
        "cup",
        {"subject": "杯子"},
    )
    assert (said.author_name, said.key) == ("Li", f"kefu-{one.message_id}")


async def test_a_thread_shows_what_was_said_and_nothing_inside(shop: Shop, shelf: InboxShelf) -> None:
    lease = await shop.taken("hello")
    await shop.commit(lease, "hi")
    place = lease.conversation_id
    await shop.store.write(desk.note, place, shop.agent, cid="n", text="a secret")
    await shop.store.write(desk.reply, place, shop.agent, cid="r", text="I help", pull=True)
    await shop.accept("scanned", kind=Kind.EVENT)
    (thread,) = await shelf.threads(conversations=[place])
    assert [(s.author.value, s.text) for s in thread.said] == [
        ("customer", "hello"),
        ("bot", "hi"),
        ("agent", "I help"),
    ]
    assert (thread.attended, thread.resolved) == (True, False)
    await shop.resolve(place)
    (thread,) = await shelf.threads(conversations=[place])
    assert (thread.attended, thread.resolved) == (False, True)


async def test_of_a_long_thread_the_last_fifty(shop: Shop, shelf: InboxShelf) -> None:
    for n in range(60):
        await shop.accept(str(n))
    (thread,) = await shelf.threads(senders=["li"])
    assert [said.text for said in thread.said] == [str(n) for n in range(10, 60)]
    (thread,) = await shelf.threads(external_ids=["m3", "m55"])
    assert [said.text for said in thread.said] == ["3", *(str(n) for n in range(10, 60))]


async def test_no_inbox_sees_anothers_threads(shop: Shop) -> None:
    mine = await shop.accept("cup", key="<1@x>")
    other = InboxShelf(shop.store, await shop.store.write(arrivals.keep_inbox, "other", "test"))
    found: Sequence[Thread] = await other.threads(
        external_ids=["<1@x>"], conversations=[mine.conversation_id], senders=["li"]
    )
    assert found == []


# ---- files kept ahead ---------------------------------------------------------------------------------------------


async def test_a_file_kept_ahead_belongs_to_the_message_that_brings_it(shop: Shop, shelf: InboxShelf) -> None:
    (kept,) = await shelf.keep(Stored(b"From: a@b\r\n\r\nlonger than ten", "message/rfc822", "杯子.eml"))
    assert (kept.kind, kept.media_type, kept.name) == (Kind.FILE, "message/rfc822", "杯子.eml")
    assert kept.key
    arrived = await shop.accept("cup", attachments=(kept,))
    (row,) = await shop.rows("SELECT key, conversation_id, size FROM media")
    assert (row.key, row.conversation_id, row.size) == (kept.key, arrived.conversation_id, kept.size)
    stored = await shelf.file(kept.key)
    assert (stored.data, stored.media_type) == (b"From: a@b\r\n\r\nlonger than ten", "message/rfc822")
    (photo,) = await shelf.keep(Stored(b"\x89PNG\r\n\x1a\n...", "text/plain", "a.png"))
    await told(shop, elsewhere(attachments=(photo,)))
    assert len(await shop.rows("SELECT key FROM media")) == 2
    assert await shop.rows("SELECT id FROM media_fetch") == []


@pytest.mark.parametrize(
    ("data", "declared", "called", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "text/html", "image/png", Kind.IMAGE),
        (b"<svg onload=alert(1)>", "image/svg+xml", "application/octet-stream", Kind.FILE),
        (b"<script>", "image/png", "application/octet-stream", Kind.FILE),
        (b"a,b", "Text/CSV", "text/csv", Kind.FILE),
        (b"a", "text/x\r\nSet-Cookie: a", "application/octet-stream", Kind.FILE),
        (b"a", "", "application/octet-stream", Kind.FILE),
    ],
)
async def test_what_it_is_is_told_by_its_bytes(
    shelf: InboxShelf, data: bytes, declared: str, called: str, kind: Kind
) -> None:
    (kept,) = await shelf.keep(Stored(data, declared, "f"))
    assert (kept.media_type, kept.kind) == (called, kind)


async def test_where_there_is_no_folder_nothing_is_lost_in_silence(shop: Shop) -> None:
    with pytest.raises(StoreError, match="no folder"):
        await InboxShelf(shop.store, shop.inbox).keep(Stored(b"x", "", "x"))
    paper = PaperShelf(shop.clock.now)
    (kept,) = await paper.keep(Stored(b"x", "text/plain", "x"))
    assert kept.key
    assert (await paper.file(kept.key)).data == b"x"
    assert await paper.threads(senders=["li"]) == ()
