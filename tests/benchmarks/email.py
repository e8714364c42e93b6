"""Mails out of a real Dovecot: what understanding them costs, and what taking them in as kefu does – found, understood,
judged, kept raw as a file and as a message of a conversation – against imap_tools storing the same mails raw.

`KEFU_BENCH_MAILS=1000 make bench BENCH=email` is a quick run. Each figure is of a process of its own, so that CPU and
memory are of that work alone.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop
from imap_tools.mailbox import MailBoxUnencrypted

from bot.store import open_store, schema
from channels.email.autoreply import verdict
from channels.email.inbound import attachment, incoming
from channels.email.mark import begun
from channels.email.reading import read
from tests.benchmarks.cases import say
from tests.benchmarks.mails import attached, many
from tests.channels.email.mailroom import MailRoom
from tests.peers.dovecot import PASSWORD, Dovecot, dovecot

MAILS = int(os.environ.get("KEFU_BENCH_MAILS", "10000"))
USER = "support@shop.example"
BIG = 25_000_000 * 3 // 4
"""Bytes of a file that makes a mail of 25 MB: base64 adds a third."""
PAGE = 100
Row = tuple[bytes, bytes]
ROOT = Path(__file__).parents[2]


class Figures(NamedTuple):
    mails: int
    seconds: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.mails / self.seconds:6.0f} mails/s  {self.cpu / self.mails * 1000:.2f} ms CPU a mail"


async def email(folder: Path) -> None:
    """Fetched and kept raw; fetched, kept and understood; taken in by kefu; one of 25 MB."""
    with dovecot(USER) as peer:
        waiting(peer, many(MAILS), MAILS)
        raw, understood, kefu, new = (_measured(folder, peer.port, w) for w in ("raw", "understood", "kefu", "new"))
    assert raw.mails == understood.mails == kefu.mails == new.mails == MAILS
    say("email", f"imap_tools, stored raw    {raw}")
    ratio = raw.seconds / understood.seconds
    say("", f"understood, stored raw    {understood} | ratios: rate {ratio:.2f}, CPU {understood.cpu / raw.cpu:.1f}")
    ratio = raw.seconds / kefu.seconds
    say("", f"taken in, a first look    {kefu} | ratios: rate {ratio:.2f}, CPU {kefu.cpu / raw.cpu:.1f}")
    ratio = raw.seconds / new.seconds
    say("", f"taken in, after an outage {new} | ratios: rate {ratio:.2f}, CPU {new.cpu / raw.cpu:.1f}")
    with dovecot(USER) as peer:
        waiting(peer, iter([attached(0, BIG)]), 1)
        big = [_measured(folder, peer.port, what).peak_mb for what in ("raw", "understood", "kefu")]
    say("", f"a mail of 25 MB: peak memory {big[2]:.0f} MB | understood {big[1]:.0f} MB, stored raw {big[0]:.0f} MB")


def waiting(peer: Dovecot, mails: Iterator[bytes], number: int) -> None:
    """Put them straight into the mailbox's folder: that is what it is made of."""
    with peer.session(USER) as imap:
        imap.select()
    place = peer.folder / "mail" / USER / "new"
    owner = place.stat()
    for n, raw in enumerate(mails):
        path = place / f"{1_790_000_000 + n}.M{n}.bench"
        path.write_bytes(raw)
        os.chown(path, owner.st_uid, owner.st_gid)
        _progress("email: mails put into the mailbox", n + 1, number)


def _measured(folder: Path, port: int, what: str) -> Figures:
    place = folder / f"{what}-{port}.db"
    command = [sys.executable, "-m", "tests.benchmarks.email", str(port), what, str(place)]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    return Figures(*json.loads(told.splitlines()[-1]))  # what is above it says how it goes


def _progress(what: str, done: int, number: int) -> None:
    if sys.stderr.isatty() and (done % 250 == 0 or done == number):
        print(f"\r{what}: {done} of {number}", end="\n" if done == number else "", file=sys.stderr, flush=True)


def take(port: int, what: str, place: Path) -> Figures:
    """Everything there is, committed a page at a time."""
    database = sqlite3.connect(place)
    database.executescript("PRAGMA journal_mode=wal; PRAGMA synchronous=full; CREATE TABLE mail(raw BLOB, told BLOB)")
    began, spent, done = time.perf_counter(), time.process_time(), 0
    with MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD) as box:
        waiting = len(box.uids())
        for done, row in enumerate(WAYS[what](box), 1):
            database.execute("INSERT INTO mail(raw, told) VALUES (?, ?)", row)
            if done % PAGE == 0 or done == waiting:
                database.commit()
            _progress(f"email: {what}", done, waiting)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(done, time.perf_counter() - began, time.process_time() - spent, peak)


async def take_in(port: int, place: Path, *, new: bool = False) -> Figures:
    """As kefu does it, up to where a conversation is filed or waits for its turn. Most who begin have a mailbox full of
    mails that somebody has seen to; `new`: they came while kefu was away, and each may be answered."""
    await schema.prepare(f"sqlite:///{place}")
    store = await open_store(f"sqlite:///{place}")
    with MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD) as box:
        waiting = len(box.uids())
        validity = int(box.folder.status("INBOX", ["UIDVALIDITY"])["UIDVALIDITY"])
    room = await MailRoom.open(store, place.with_suffix(".files"))
    if new:
        await room.shelf().put("mail:INBOX", str(begun(room.shelf().now(), validity, 0, None)))
    began, spent, done = time.perf_counter(), time.process_time(), 0
    async with room.listening(port, history=3650):
        while done < waiting:
            await asyncio.sleep(0.05)
            (row,) = await room.rows("SELECT count(*) AS n FROM message")
            done = row.n
            _progress("email: kefu", done, waiting)
        took = Figures(done, time.perf_counter() - began, time.process_time() - spent, 0)
    await store.close()
    return took._replace(peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _raw(box: MailBoxUnencrypted) -> Iterator[Row]:
    """As whoever uses imap_tools does it."""
    for mail in box.fetch(mark_seen=False, bulk=PAGE):
        yield mail.obj.as_bytes(), b""


def _understood(box: MailBoxUnencrypted) -> Iterator[Row]:
    uids = box.uids()
    for first in range(0, len(uids), PAGE):
        for item in box.client.uid("FETCH", ",".join(uids[first : first + PAGE]), "(UID BODY.PEEK[])")[1]:
            if isinstance(item, tuple):
                yield item[1], _told(item[1])


def _told(raw: bytes) -> bytes:
    mail = read(raw)
    told = incoming(mail, [attachment(file, f"key-{n}") for n, file in enumerate(mail.files)])
    return orjson.dumps([told.sender, told.text, told.extra, verdict(mail).key])


WAYS: Mapping[str, Callable[[MailBoxUnencrypted], Iterator[Row]]] = {"raw": _raw, "understood": _understood}


if __name__ == "__main__":
    port, what, place = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    if what in ("kefu", "new"):  # as `kefu serve` does it
        sys.setswitchinterval(0.0005)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = runner.run(take_in(port, place, new=what == "new"))
    else:
        figures = take(port, what, place)
    print(json.dumps(figures))
