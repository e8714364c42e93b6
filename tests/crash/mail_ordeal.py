"""One crash run with e-mail as the network: a real Dovecot holds the mail, and a server takes what goes out."""

from __future__ import annotations

import asyncio
import imaplib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bot.store import open_store
from bot.store.runner import Store
from tests.crash.fleet import Fleet
from tests.crash.inboxes import MAILBOX
from tests.crash.server import Orders
from tests.crash.verdict import _left
from tests.crash.wechat_ordeal import SPREAD, still
from tests.peers.dovecot import Dovecot, dovecot
from tests.peers.sink import Sink, sink
from tests.store.shop import rows

WISHES = (*["once"] * 12, *["again"] * 2, *["nameless"] * 2, "copy")
"""How a mail comes: once; a second time, byte for byte; without a Message-ID; and with other bytes under its ID."""
PATIENCE = 120.0


@dataclass(frozen=True)
class MailTrial:
    """What to do. `resets`: how often the mailbox gets another UIDVALIDITY in mid-run. `crash_at`: the fail point at
    which the first server dies, once. `mails`: how many come at least; they come until it is dead."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 4
    mails: int = 40
    resets: int = 1
    crash_at: str = ""
    mutant: str = ""
    wishes: tuple[str, ...] = WISHES
    patience: float = PATIENCE


@dataclass
class MailVerdict:
    """Each list must be empty."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    sent_twice: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        return {name: found for name, found in vars(self).items() if found}


@dataclass(frozen=True)
class MailOutcome:
    verdict: MailVerdict
    mails: int
    kills: int
    unknown: int
    calm: bool
    codes: list[int]

    def __str__(self) -> str:
        return f"{self.kills} kills, {self.mails} mails, {self.unknown} unknown; {self.verdict.faults}"


@dataclass
class Crowd:
    """Customers who write one mail each; `texts` by the address they write from. `copies`: whose mail came with other
    bytes, too; `unsure`: whose mail was handed over again, because the server went away in the middle."""

    boxes: Dovecot
    random: Random
    wishes: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict)
    copies: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    async def write(self, number: int) -> None:
        """Every sender is of a domain of its own: nobody's breaker trips."""
        sender, text, wish = f"c{number}@d{number}.example", f"letter-{number}", self.random.choice(self.wishes)
        head = f"From: <{sender}>\r\nTo: <{MAILBOX}>\r\nSubject: {text}\r\n"
        head += "" if wish == "nameless" else f"Message-ID: <{number}@d{number}.example>\r\n"
        raw = f"{head}\r\n{text}\r\n".encode()
        self.texts[sender] = text
        if wish == "again":
            await asyncio.to_thread(self._insist, sender, lambda: self.boxes.append(MAILBOX, raw, raw))
            return
        await asyncio.to_thread(self._insist, sender, lambda: self.boxes.deliver(MAILBOX, raw, sender))
        if wish == "copy":
            self.copies.add(sender)
            await asyncio.to_thread(
                self._insist, sender, lambda: self.boxes.deliver(MAILBOX, raw + b"a list\r\n", sender)
            )

    def _insist(self, sender: str, put: Callable[[], None]) -> None:
        """Until the server takes it: it may be away for a moment."""
        end = time.monotonic() + 30
        while True:
            try:
                put()
            except (OSError, imaplib.IMAP4.error):
                assert time.monotonic() < end
                self.unsure.add(sender)
                time.sleep(0.1)
            else:
                return


async def endure(trial: MailTrial) -> MailOutcome:
    random = Random(trial.seed)
    with ExitStack() as running:
        boxes, out = running.enter_context(dovecot(MAILBOX)), running.enter_context(sink())
        orders = Orders(
            trial.url, 0, f"{boxes.port} {out.port}", mutant=trial.mutant, network="email",
            folder=str(trial.folder / "files"),
        )  # fmt: skip
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await asyncio.gather(*(fleet.start(p, crash_at=trial.crash_at if n == 0 else "")
                                   for n, p in enumerate(fleet.places)))  # fmt: skip
            crowd = Crowd(boxes, random, trial.wishes)
            await _listened_to(trial.url)
            over = asyncio.Event()
            if not trial.crash_at:
                over.set()
            writing = asyncio.create_task(_write(crowd, trial.mails, over))
            for n in range(max(trial.kills, trial.resets)):
                await asyncio.sleep(random.uniform(*SPREAD))
                if n < trial.resets:
                    await asyncio.to_thread(boxes.forget_uids, MAILBOX)
                if n < trial.kills:
                    place = random.choice(fleet.places)
                    await fleet.kill(place)
                    await fleet.start(place)
            if trial.crash_at:
                await fleet.crashed(fleet.places[0])
                over.set()
                await fleet.start(fleet.places[0])
            await writing
            store = await open_store(trial.url)
            try:
                calm = await _all_in(store, crowd, trial.patience) and await still(store, trial.patience)
                codes = await fleet.stop_all()
                verdict, unknown = await judge(store, crowd, out)
            finally:
                await store.close()
            return MailOutcome(verdict, len(crowd.texts), fleet.kills, unknown, calm, codes)


async def _listened_to(url: str) -> None:
    """What lies in the mailbox before is history, and not answered."""
    store = await open_store(url)
    try:
        while not await store.read(rows, "SELECT name FROM kept WHERE name = 'mail:INBOX'"):
            await asyncio.sleep(0.05)
    finally:
        await store.close()


async def _write(crowd: Crowd, mails: int, over: asyncio.Event) -> None:
    """At least so many, and until the event."""
    for number in count():
        if over.is_set() and number >= mails:
            return
        await crowd.write(number)
        await asyncio.sleep(crowd.random.uniform(0, 0.15))


async def _all_in(store: Store, crowd: Crowd, patience: float) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if set(crowd.texts) <= set(await _kept(store)):
            return True
        await asyncio.sleep(0.2)
    return False


async def _kept(store: Store) -> Mapping[str, int]:
    found = await store.read(rows, "SELECT sender FROM conversation")
    return Counter(row.sender for row in found)


def _mute(payload: Any) -> str:
    told = json.loads(payload) if isinstance(payload, str) else payload
    return str(told.get("mute", ""))


async def judge(store: Store, crowd: Crowd, out: Sink) -> tuple[MailVerdict, int]:
    """Every mail is kept once, in one conversation, and answered once at most; whatever is called sent was taken."""
    verdict, unknown = MailVerdict(), 0
    kept = await _kept(store)
    for sender in crowd.texts:
        if kept[sender] != 1:
            (verdict.twice if kept[sender] else verdict.lost).append(f"{sender}: {kept[sender]} conversations")
        of = f"FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE c.sender = '{sender}'"
        told = [r.id for r in await store.read(rows, f"SELECT m.id {of} AND m.author = 'customer'")]
        copies = sender in crowd.copies
        if len(told) < 1 or len(told) > 1 + copies + 2 * (sender in crowd.unsure):
            verdict.twice.append(f"{sender}: {len(told)} messages")
        answers = await store.read(rows, f"SELECT m.delivery {of} AND m.author = 'bot'")
        if len(answers) != 1:
            why = [r.payload for r in await store.read(rows, f"SELECT m.payload {of} AND m.author = 'customer'")]
            verdict.twice.append(f"{sender}: {len(answers)} answers, {[_mute(one) for one in why]}")
        came, (state, *_) = out.to(sender), [a.delivery for a in answers] or ["none"]
        if len(came) > 1:
            verdict.sent_twice.append(sender)
        if state not in ("sent", "unknown") or (state == "sent" and not came):
            verdict.untrue.append(f"{sender}: {state}, and {len(came)} came")
        unknown += state == "unknown"
    verdict.left += await _left(store)
    return verdict, unknown
