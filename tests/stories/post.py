"""A kefu with mailboxes: Dovecot keeps them, Exim carries the mail, and customers read and write real mail."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

from bot.store import Store
from channels.email.mail import Mail
from channels.email.reading import read
from tests.peers.dovecot import PASSWORD, Dovecot, dovecot
from tests.peers.exim import Exim, exim
from tests.store.shop import rows
from tests.stories.networks import inbox, shown
from tests.stories.people import COUNT
from tests.stories.serving import Kefu, in_store

SHOP, BROKEN, SISTER = "support@shop.example", "broken@shop.example", "help@sister.example"
TRUSTED = "mx.shop.example"
"""The server whose word on senders we take."""
CUSTOMERS = tuple(f"c{n}@customer.example" for n in range(1, 41))
AGENT = "xiaoli@staff.example"
BOXES = (SHOP, BROKEN, SISTER, AGENT, *CUSTOMERS)
_free = iter(CUSTOMERS)


@dataclass(frozen=True, slots=True)
class Post:
    """The servers between kefu and the world."""

    relay: Exim
    boxes: Dovecot

    def mailbox(self, name: str, address: str = SHOP, **options: Any) -> str:
        """The block of a mailbox in kefu.toml."""
        basis = {
            "address": address, "password": PASSWORD, "poll_seconds": 10, "authserv_ids": [TRUSTED],
            "imap_host": "127.0.0.1", "imap_port": self.boxes.port, "imap_security": "none",
            "smtp_host": "127.0.0.1", "smtp_port": self.relay.port, "smtp_security": "none",
        }  # fmt: skip
        return inbox(name, "email", **{**basis, **options})

    def writer(self, address: str = "", name: str = "王女士") -> Writer:
        """Somebody with a mailbox nobody else uses."""
        return Writer(self, address or next(_free), name)


@contextmanager
def post() -> Iterator[Post]:
    with ExitStack() as running:
        boxes = running.enter_context(dovecot(*BOXES))
        yield Post(running.enter_context(exim(boxes.lmtp_port, *BOXES)), boxes)


@contextmanager
def shop(folder: Path, made: Post, *blocks: str, **options: Any) -> Iterator[Kefu]:
    """A kefu with these inboxes; not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kefu.toml").write_text("\n".join([inbox("web", "web"), *(blocks or (made.mailbox("mail"),))]), "utf-8")
    kefu = Kefu(folder, **options)
    try:
        yield kefu
    finally:
        kefu.kill()


def open_for(kefu: Kefu, *inboxes: str) -> None:
    """Until these mailboxes are listened to: what lies there before is history."""
    known = "SELECT b.name FROM kept k JOIN inbox b ON b.id = k.inbox_id WHERE k.name LIKE 'mail:INBOX'"

    async def work(store: Store) -> None:
        while not set(inboxes) <= {row.name for row in await store.read(rows, known)}:
            await asyncio.sleep(0.05)

    in_store(kefu.store_url, work)


class Writer:
    """Somebody who writes mail, and reads what comes."""

    def __init__(self, post: Post, address: str, name: str) -> None:
        self.post, self.address, self.name = post, address, name

    def writes(
        self, subject: str, body: str, *, to: str = SHOP, answers: Mail | None = None, sender: str | None = None,
        headers: Mapping[str, str] | None = None, files: Sequence[tuple[str, bytes]] = (), html: str = "",
    ) -> str:  # fmt: skip
        """A mail; its Message-ID. `answers`: with the headers and the quote of an answer. `sender`: the envelope's."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{self.name} <{self.address}>", to, subject
        mail["Message-ID"] = make_msgid(f"{next(COUNT)}", "customer.example")
        mail["Date"] = format_datetime(datetime.now(UTC))
        for name, value in (headers or {}).items():
            mail[name] = value
        if answers is not None:
            mail["In-Reply-To"] = answers.message_id
            mail["References"] = " ".join([*answers.references, answers.message_id])
            quoted = "\n".join(f"> {line}" for line in answers.body.splitlines())
            body = f"{body}\n\nOn Mon, 5 Jan 2026 at 09:00, {answers.sender.email} wrote:\n{quoted}\n"
        mail.set_content(body)
        if html:
            mail.add_alternative(html, subtype="html")
        for name, data in files:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        self.post_raw(mail.as_bytes(), to=to, sender=sender)
        return str(mail["Message-ID"])

    def post_raw(self, raw: bytes, *, to: str = SHOP, sender: str | None = None) -> None:
        with smtplib.SMTP("127.0.0.1", self.post.relay.port) as smtp:
            smtp.sendmail(self.address if sender is None else sender, [to], raw)

    def vouched(self) -> dict[str, str]:
        """The headers of a mail that our own server found to be his."""
        domain = self.address.rpartition("@")[2]
        return {"Authentication-Results": f"{TRUSTED}; dmarc=pass header.from={domain}"}

    def box(self) -> list[Mail]:
        """Everything he has got, oldest first."""
        return [read(raw) for raw in self.post.boxes.mails(self.address)]

    async def gets(self, number: int = 1, within: float = 120.0) -> list[Mail]:
        """What he has got, once it is so many mails."""

        def look() -> list[Mail] | None:
            found = self.box()
            return found if len(found) >= number else None

        found = await shown(look, f"{number} mails to {self.address}", within)
        assert len(found) == number, [mail.subject for mail in found]
        return found

    async def gets_no_more(self, number: int, seconds: float = 3.0) -> list[Mail]:
        """After a while it is still so many."""
        await asyncio.sleep(seconds)
        return await self.gets(number) if number else self.box()
