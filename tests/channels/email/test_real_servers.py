"""What real servers send back, as the tables take it: Exim's bounces, delays and holiday, and exchanges of machines.

Whoever answers here answers as the table allows, over a real relay and real mailboxes, and keeps his own count.
"""

from __future__ import annotations

import hashlib
import smtplib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from channels.email import tokens
from channels.email.autoreply import HOUR_TO_ADDRESS, SAME_TEXT, Sort, Standing, Verdict, verdict
from channels.email.mail import About, Mail
from channels.email.reading import read
from channels.email.threading import Evidence, Known, asked, placed
from tests.peers.dovecot import Dovecot, dovecot
from tests.peers.exim import Exim, exim

SHOP, OTHER, CUSTOMER = "support@shop.example", "kefu@other.example", "wang@customer.example"
SECRET = b"of this installation"
WITHIN = 120.0


@dataclass
class Post:
    """A relay, and the mailboxes behind it."""

    relay: Exim
    boxes: Dovecot
    read: Counter[str] = field(default_factory=Counter)

    def send(self, mail: bytes, sender: str, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.relay.port) as smtp:
            smtp.sendmail(sender, [to], mail)

    def fresh(self, user: str) -> list[Mail]:
        """What came since the last time."""
        raws = self.boxes.mails(user)[self.read[user] :]
        self.read[user] += len(raws)
        return [read(raw) for raw in raws]

    def comes(self, user: str) -> Mail:
        end = time.monotonic() + WITHIN
        while not (got := self.fresh(user)):
            assert time.monotonic() < end, self.relay.log()
            time.sleep(0.05)
        assert len(got) == 1
        return got[0]

    def still(self) -> bool:
        """Nothing is under way any more."""
        return not any((self.relay.folder / "spool" / "input").rglob("*-H"))


@pytest.fixture
def post() -> Iterator[Post]:
    with dovecot(SHOP, OTHER, CUSTOMER) as boxes, exim(boxes.lmtp_port, SHOP, OTHER, CUSTOMER) as relay:
        yield Post(relay, boxes)


def written(sender: str, to: str, text: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = sender, to, format_datetime(datetime.now(UTC))
    for name, value in {"Subject": "杯子什么时候发货", **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@dataclass
class Responder:
    """Answers what the table lets it. `answers`: always with something of use, so that only the counts stop it."""

    address: str
    secret: bytes = SECRET
    answers: bool = True
    sent: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def judge(self, mail: Mail) -> Verdict:
        to = mail.sender.email
        digest = hashlib.sha256(mail.new_text.encode()).hexdigest()
        standing = Standing(
            own=frozenset({self.address}), secret=self.secret, now=datetime.now(UTC), answers=self.answers,
            acknowledged=datetime.now(UTC) if self.sent[to] else None, hour_to_address=self.sent[to],
            day_to_address=self.sent[to], hour_to_domain=self.sent[to], same_text=self.texts[digest],
        )  # fmt: skip
        found = verdict(mail, standing)
        self.told.append(found.key)
        if found.may_answer:
            self.sent[to] += 1
            self.texts[digest] += 1
        return found

    def answer(self, mail: Mail) -> bytes:
        number = sum(self.sent.values())
        return written(
            self.address, mail.sender.email, f"您的来信已收到 {number}", Subject=f"Re: {mail.subject} [KF-1]",
            Message_ID=tokens.message_id(self.secret, 1, number, "shop.example"), In_Reply_To=mail.message_id,
            Auto_Submitted="auto-replied", X_Auto_Response_Suppress="All", Precedence="bulk",
            X_Kefu_Loop=tokens.loop(self.secret, 1, number),
        )  # fmt: skip


def exchange(post: Post, sides: Mapping[str, Callable[[Mail], bytes | None]], most: int = 40) -> int:
    """Each side answers until nobody has anything left to say; how many mails it took."""
    mails, quiet = 0, 0
    while quiet < 3:
        moved = 0
        for user, side in sides.items():
            for mail in post.fresh(user):
                moved += 1
                if (reply := side(mail)) is not None:
                    post.send(reply, user, mail.sender.email)
        mails, quiet = mails + moved, 0 if moved or not post.still() else quiet + 1
        assert mails < most, "they go on for ever"
        time.sleep(0.1)
    return mails


def shop(responder: Responder) -> Callable[[Mail], bytes | None]:
    return lambda mail: responder.answer(mail) if responder.judge(mail).may_answer else None


def ours(number: int = 7) -> dict[str, str]:
    return {"Message_ID": tokens.message_id(SECRET, 5, number, "shop.example")}


def test_a_bounce_names_the_very_mail_and_wakes_nobody(post: Post) -> None:
    sent = ours()
    post.send(written(SHOP, "bounceme@customer.example", "您好", **sent), SHOP, "bounceme@customer.example")
    mail = post.comes(SHOP)
    found = verdict(mail)
    assert (found.sort, found.may_answer, found.reopens) == (Sort.BOUNCE, False, False)
    assert mail.report is not None
    assert mail.report.about is About.DELIVERY
    assert mail.report.ids == (sent["Message_ID"],)
    assert [fate.recipient for fate in mail.report.failed] == ["bounceme@customer.example"]


def test_a_delay_is_no_failure(post: Post) -> None:
    sent = ours()
    post.send(written(SHOP, "laggard@customer.example", "您好", **sent), SHOP, "laggard@customer.example")
    mail = post.comes(SHOP)
    assert verdict(mail).sort is Sort.DELAY
    assert mail.report is not None
    assert (mail.report.delayed, mail.report.failed) == (True, ())
    assert mail.report.ids == (sent["Message_ID"],)


def test_a_holiday_is_put_into_its_conversation_and_not_answered(post: Post) -> None:
    sent = ours()
    post.send(written(SHOP, "away@customer.example", "您好", **sent), SHOP, "away@customer.example")
    mail = post.comes(SHOP)
    found = verdict(mail)
    assert (found.sort, found.may_answer, found.reopens) == (Sort.AUTO_REPLY, False, False)
    known = Known(5, SHOP, frozenset({"away@customer.example"}), datetime.now(UTC))
    questions = asked(mail, SECRET)
    assert questions.ids == (sent["Message_ID"],)
    evidence = Evidence(SHOP, SECRET, datetime.now(UTC), by_id={sent["Message_ID"]: known}, by_number={5: known})
    assert (placed(mail, evidence).conversation, placed(mail, evidence).rule) == (5, "reference")


@pytest.mark.parametrize("name", ["away", "bounceme"])
def test_one_answer_to_a_machine_and_then_silence(post: Post, name: str) -> None:
    """Somebody on holiday (or whose mailbox is gone) wrote: he gets one answer, his machine gets none."""
    responder, address = Responder(SHOP), f"{name}@customer.example"
    post.send(written(address, SHOP, "什么时候发货？"), address, SHOP)
    assert exchange(post, {SHOP: shop(responder)}) == 2
    assert responder.told == ["human", {"away": "auto_replied", "bounceme": "bounce"}[name]]


def test_two_kefus_say_one_word_to_each_other(post: Post) -> None:
    """A customer's mail goes to one with the other's address as its sender."""
    one, other = Responder(SHOP), Responder(OTHER, b"of another installation")
    post.send(written(OTHER, SHOP, "什么时候发货？"), OTHER, SHOP)
    assert exchange(post, {SHOP: shop(one), OTHER: shop(other)}) == 2
    assert (one.told, other.told) == (["human"], ["auto_replied"])


def test_qq_answers_by_itself_and_says_so_in_its_own_way(post: Post) -> None:
    """No Auto-Submitted, no Precedence: a header of its own, and an envelope with +auto_=."""
    responder = Responder(SHOP)

    def qq(mail: Mail) -> bytes:
        return written(CUSTOMER, mail.sender.email, "我在度假，稍后回复。", X_QQ_AUTO_REPLY="true",
                       Subject=f"自动回复: {mail.subject}")  # fmt: skip

    post.send(written(CUSTOMER, SHOP, "什么时候发货？"), CUSTOMER, SHOP)
    assert exchange(post, {SHOP: shop(responder), CUSTOMER: qq}) == 3
    assert responder.told == ["human", "auto_header"]


@pytest.mark.parametrize(("answers", "same", "most"), [
    (False, False, 1), (True, False, HOUR_TO_ADDRESS), (True, True, SAME_TEXT),
])  # fmt: skip
def test_a_machine_that_hides_is_stopped_by_the_count(post: Post, answers: bool, same: bool, most: int) -> None:
    """It answers everything at once, with nothing that says what it is."""
    responder, number = Responder(SHOP, answers=answers), Counter[str]()

    def rude(mail: Mail) -> bytes:
        number["n"] += 1
        return written(CUSTOMER, SHOP, "收到" if same else f"收到 {number['n']}", Subject=f"Re: {mail.subject}")

    post.send(written(CUSTOMER, SHOP, "收到" if same else "什么时候发货？"), CUSTOMER, SHOP)
    exchange(post, {SHOP: shop(responder), CUSTOMER: rude})
    assert responder.sent[CUSTOMER] == most
    assert responder.told[-1] == ("breaker" if answers else "told_before")
