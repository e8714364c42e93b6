"""What becomes of a mail: which conversation, whether anybody is woken, and why nothing may be said. On a real store.

Every row of the table that places mails, and of the one that says what may be answered, comes by here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import AgentReply, Heard
from bot.store import Store
from channels.email import options, tokens
from channels.email.admitting import Admitting
from channels.email.autoreply import HOUR_TO_ADDRESS, SAME_TEXT
from channels.email.cases import INBOX, JUNK, SENT, Found
from channels.email.reading import read
from channels.email.signing import Secret
from channels.email.tally import Tally
from tests.channels.email.mailroom import ME, SECRET, Letter, MailRoom, letter
from tests.channels.email.mailroom import options as given
from tests.channels.email.raw import raw
from tests.store.shop import StandingClock, stop_clock

KEY = SECRET.encode()
WANG, LI = "Wang <wang@example.com>", "Li <li@example.com>"
AUTHSERV = "mx.shop.example"


@dataclass
class Counter:
    """Where mails are handed in."""

    room: MailRoom
    clock: StandingClock
    admitting: Admitting
    numbers: list[int] = field(default_factory=list)

    async def take(self, mail: bytes, role: str = INBOX, **more: Any) -> list[Letter]:
        """What was kept of it."""
        before = len(await self.room.letters())
        (heard,) = await self.admitting.heard([Found(read(mail), mail, role, **more)])
        await self.room.accept(heard)
        return (await self.room.letters())[before:]

    async def one(self, mail: bytes, role: str = INBOX, **more: Any) -> Letter:
        (kept,) = await self.take(mail, role, **more)
        return kept

    async def heard(self, mail: bytes, role: str = INBOX) -> list[Heard]:
        (heard,) = await self.admitting.heard([Found(read(mail), mail, role)])
        return list(heard)

    async def begun(self, number: int | str = 1, **fields: str) -> Letter:
        """A conversation of Wang's."""
        return await self.one(letter(number, **fields))

    def ours(self, place: int, out: int = 7) -> str:
        return tokens.message_id(KEY, place, out, "shop.example")


@pytest.fixture
async def counter(mail_store: Store, tmp_path: Path) -> Counter:
    room = await MailRoom.open(mail_store, tmp_path / "media")
    clock = stop_clock(mail_store)
    mailbox = options.read(
        "mail", given(9, plus_addressing=True, authserv_ids=[AUTHSERV], aliases=["sales@shop.example"])
    )
    return Counter(room, clock, Admitting(mailbox, room.shelf(), Secret(room.shelf(), SECRET)))


def answer(number: int | str, said: str = "", text: str = "还没到呢", **fields: Any) -> bytes:
    more = {"In_Reply_To": said} if said else {}
    return letter(number, text, **{"Subject": "Re: 杯子 1", **more, **fields})


# ---- which conversation -------------------------------------------------------------------------------------------


async def test_a_signed_address_is_enough_and_its_stranger_hears_nothing(counter: Counter) -> None:
    first = await counter.begun()
    to = tokens.address(KEY, ME, first.place)
    mine = await counter.one(letter(2, "我还想问", to=to))
    assert (mine.place, mine.rule, mine.mute) == (first.place, "address", "told_before")
    his = await counter.one(letter(3, "我是他太太", to=to, From=LI))
    assert (his.place, his.rule, his.mute, his.wakes) == (first.place, "address", "stranger", True)
    assert (his.row.sender, his.row.name) == ("wang@example.com", "Li")
    bad = await counter.one(letter(4, "猜一猜", to=to.replace(f"+kf{first.place}.", f"+kf{first.place}.0"), From=LI))
    assert bad.place != first.place


async def test_an_answer_to_a_message_we_have(counter: Counter) -> None:
    first = await counter.begun()
    again = await counter.one(answer(2, "<1@example.com>"))
    assert (again.place, again.rule) == (first.place, "reference")
    by_reference = await counter.one(answer(3, References="<0@x.example> <2@example.com> <unknown@x.example>"))
    assert by_reference.place == first.place


async def test_who_is_in_copy_takes_part_and_a_stranger_with_an_id_does_not(counter: Counter) -> None:
    first = await counter.begun(Cc=LI)
    mine = await counter.one(answer(2, "<1@example.com>", From=LI))
    assert (mine.place, mine.mute) == (first.place, "")
    other = await counter.one(answer(3, "<1@example.com>", From="Eve <eve@example.com>"))
    assert (other.place != first.place, other.rule) == (True, "refused")
    assert other.extra["placing"]["related"] == first.place


async def test_our_own_id_lets_him_who_has_it_write_and_hear_nothing(counter: Counter) -> None:
    first = await counter.begun()
    mine = await counter.one(answer(2, counter.ours(first.place)))
    assert (mine.place, mine.rule) == (first.place, "own_id")
    other = await counter.one(answer(3, counter.ours(first.place), From=LI))
    assert (other.place, other.mute) == (first.place, "stranger")
    forged = await counter.one(answer(4, counter.ours(first.place)[:-20] + "0@shop.example>", From=LI))
    assert forged.place != first.place


async def test_an_answer_of_an_agents_is_known_by_its_id(counter: Counter) -> None:
    first = await counter.begun()
    number = await counter.room.answered(first.place)
    stop_clock(counter.room.store)
    again = await counter.one(answer(2, counter.ours(first.place, number), Subject="完全不同的主题"))
    assert (again.place, again.rule, again.extra["placing"]["new_topic"]) == (first.place, "own_id", True)


async def test_a_marker_in_the_quoted_text(counter: Counter) -> None:
    first = await counter.begun()
    mine = await counter.one(letter(2, f"好的\n\n> {tokens.marker(KEY, first.place)}", Subject="Re: x"))
    assert (mine.place, mine.rule) == (first.place, "marker")


async def test_a_number_in_the_subject_opens_nothing_of_anothers(counter: Counter) -> None:
    first = await counter.begun()
    mine = await counter.one(letter(2, Subject=f"杯子 [KF-{first.place}]"))
    assert (mine.place, mine.rule) == (first.place, "number")
    other = await counter.one(letter(3, Subject=f"杯子 [KF-{first.place}]", From=LI))
    assert other.place != first.place
    counter.clock.forward(timedelta(days=31))
    late = await counter.one(letter(4, Subject=f"杯子 [KF-{first.place}]"))
    assert late.place not in (first.place, other.place)


async def test_alike_is_suggested_and_not_done(counter: Counter) -> None:
    first = await counter.begun()
    alike = await counter.one(answer(2, "<unknown@x.example>"))
    assert (alike.place != first.place, alike.rule) == (True, "alike")
    assert alike.extra["placing"]["suggested"] == first.place
    assert (await counter.one(letter(3, Subject="Re: 杯子 1"))).rule == "new"


async def test_what_a_stranger_forwards_begins_something_new(counter: Counter) -> None:
    first = await counter.begun()
    passed = await counter.one(letter(2, Subject="转发: 杯子 1", References=counter.ours(first.place), From=LI))
    assert (passed.place != first.place, passed.rule) == (True, "passed_on")


async def test_another_mailbox_has_other_conversations(counter: Counter, tmp_path: Path) -> None:
    await counter.begun()
    room = await MailRoom.open(counter.room.store, tmp_path / "media", name="other")
    mailbox = options.read("other", given(9))
    elsewhere = Counter(room, counter.clock, Admitting(mailbox, room.shelf(), Secret(room.shelf(), SECRET)))
    assert (await elsewhere.one(answer(2, "<1@example.com>"))).rule == "new"
    assert (await elsewhere.one(letter(1))).mute == "told_before"  # the same mail in two mailboxes is two mails


# ---- may it be answered -------------------------------------------------------------------------------------------

MUTED: tuple[tuple[str, dict[str, Any], bool], ...] = (
    ("bounce_like", {"Return_Path": "<>"}, True),
    ("auto_replied", {"Auto_Submitted": "auto-replied"}, False),
    ("auto_generated", {"Auto_Submitted": "auto-generated"}, False),
    ("auto_header", {"X_QQ_AUTO_REPLY": "true"}, False),
    ("list", {"List_Unsubscribe": "<mailto:x@x.example>"}, True),
    ("auto_subject", {"Subject": "自动回复: 我在度假"}, False),
    ("suppressed", {"X_Auto_Response_Suppress": "All"}, True),
    ("machine", {"From": "no-reply@example.com"}, True),
    ("unnamed", {"To": "somebody@else.example"}, True),
    ("suspicious", {"Authentication_Results": f"{AUTHSERV}; dmarc=fail (p=REJECT) header.from=example.com"}, True),
    ("nobody", {"From": "Wang"}, True),
)


@pytest.mark.parametrize(("key", "fields", "wakes"), MUTED, ids=[key for key, _, _ in MUTED])
async def test_what_may_not_be_answered_is_kept_with_the_reason(
    counter: Counter, key: str, fields: dict[str, Any], wakes: bool
) -> None:
    kept = await counter.one(letter(1, **{"to": ME, **fields} if "To" not in fields else fields))
    assert (kept.mute, kept.extra["verdict"], kept.wakes) == (key, key, wakes)
    assert set(kept.extra["why_not"]) == {"zh-Hans", "zh-Hant", "en"}
    assert kept.row.status == ("pending" if wakes else "resolved")
    assert kept.payload["attachments"][-1]["media_type"] == "message/rfc822"


async def test_a_holiday_responder_reopens_nothing(counter: Counter) -> None:
    first = await counter.begun()
    away = await counter.one(answer(2, counter.ours(first.place), Auto_Submitted="auto-replied", Return_Path="<>"))
    assert (away.place, away.mute, away.wakes) == (first.place, "auto_replied", False)


async def test_dmarc_counts_only_from_our_own_server(counter: Counter) -> None:
    fields = {"Authentication_Results": "mx.evil.example; dmarc=fail (p=REJECT)"}
    assert (await counter.one(letter(1, **fields))).mute == ""
    passed = {"Authentication_Results": f"{AUTHSERV}; dmarc=pass header.from=example.com"}
    kept = await counter.one(letter(2, From=LI, **passed))
    assert kept.extra["authentication"]["dmarc"] == "pass"
    softly = {"Authentication_Results": f"{AUTHSERV}; dmarc=fail (p=NONE)"}
    assert (await counter.one(letter(3, From="a@b.example", **softly))).mute == ""


async def test_junk_wakes_only_for_whom_we_know(counter: Counter) -> None:
    spam = await counter.one(letter(1, "赢大奖", From="x@spam.example"), JUNK)
    assert (spam.mute, spam.wakes, spam.extra["folder"]) == ("suspicious", False, "junk")
    await counter.begun(2)
    known = await counter.one(letter(3), JUNK)
    assert (known.mute, known.wakes) == ("suspicious", True)


async def test_what_is_taken_out_of_junk_counts(counter: Counter) -> None:
    spam = await counter.one(letter(1), JUNK)
    assert await counter.take(letter(1), JUNK) == []
    rescued = await counter.one(letter(1), INBOX)
    assert (rescued.place, rescued.mute, rescued.wakes) == (spam.place, "", True)
    assert await counter.take(letter(1), INBOX) == []


async def test_told_before_and_for_a_week(counter: Counter) -> None:
    assert (await counter.one(letter(1))).mute == ""
    assert (await counter.one(letter(2, "另一个问题"))).mute == "told_before"
    assert (await counter.one(letter(3, From=LI))).mute == ""
    counter.clock.forward(timedelta(days=7))
    assert (await counter.one(letter(4, "又一个"))).mute == ""


async def test_a_mail_that_was_judged_and_not_kept_is_not_told_before_itself(counter: Counter) -> None:
    """The process died between the two."""
    await counter.heard(letter(1))
    assert (await counter.one(letter(1))).mute == ""
    assert (await counter.one(letter(2, "另一个问题"))).mute == "told_before"


async def test_a_mail_is_counted_once_however_often_a_process_dies(counter: Counter) -> None:
    others = [f"p{n}@example.com" for n in range(3)]
    for _ in range(25):
        for one in others:
            (heard,) = await counter.heard(letter(1, From=one))
            assert (heard.mute, heard.wakes) == ("", True)  # type: ignore[union-attr]
    assert [(await counter.one(letter(1, From=one))).mute for one in others] == [""] * 3


async def test_the_breaker_counts_what_was_sent_and_says_so_once(counter: Counter) -> None:
    tally = Tally(counter.room.shelf())
    for _ in range(HOUR_TO_ADDRESS):
        await tally.sent("Wang@example.com")
    kept = await counter.one(letter(1))
    assert (kept.mute, kept.wakes) == ("breaker", True)
    assert "wang@example.com" in (await counter.room.troubles())["breaker"]["en"]
    assert (await counter.one(letter(2, From=LI))).mute == ""
    counter.clock.forward(timedelta(hours=1, seconds=1))
    assert (await counter.one(letter(3))).mute == ""


async def test_the_same_words_again_and_again(counter: Counter) -> None:
    told = [(await counter.one(letter(n))).mute for n in range(SAME_TEXT + 2)]
    assert told == ["", "told_before", "breaker", "breaker"]


async def test_a_whole_domain_is_counted_unless_it_is_everybodys(counter: Counter) -> None:
    senders = [f"u{n}@shop{n // 21}.example" for n in range(22)] + [f"u{n}@qq.com" for n in range(22)]
    told = [(await counter.one(letter(n, f"第 {n} 封", From=who))).mute for n, who in enumerate(senders)]
    assert told == [*[""] * 20, "breaker", "", *[""] * 22]


# ---- our own ------------------------------------------------------------------------------------------------------


async def test_what_we_sent_ourselves_is_here_already(counter: Counter) -> None:
    first = await counter.begun()
    sent = letter(2, From=ME, to="wang@example.com", Message_ID=counter.ours(first.place))
    looped = letter(3, From=ME, to="wang@example.com", X_Kefu_Loop=tokens.loop(KEY, first.place, 7))
    called = letter(4, From=ME, Message_ID=tokens.notification_id(KEY, 3, "shop.example"))
    assert [await counter.heard(mail, role) for mail in (sent, looped, called) for role in (SENT, INBOX)] == [[]] * 6


async def test_an_agents_own_mail_stands_in_the_conversation(counter: Counter) -> None:
    first = await counter.begun()
    sent = answer(2, "<1@example.com>", "明天发货", From=f"小美 <{ME}>", to="wang@example.com")
    mine = await counter.one(sent, SENT)
    assert (mine.place, mine.row.author, mine.row.name, mine.text) == (first.place, "agent", "小美", "明天发货")
    assert (mine.row.delivery, mine.row.waits) == ("sent", 0)
    assert await counter.take(sent, SENT) == []
    his = await counter.one(answer(3, "<2@example.com>", "好的"))
    assert (his.place, his.rule) == (first.place, "reference")


async def test_a_mail_passed_on_to_a_supplier_is_no_word_to_the_customer(counter: Counter) -> None:
    first = await counter.begun()
    passed = await counter.one(answer(2, "<1@example.com>", "请尽快", From=ME, to="factory@far.example"), SENT)
    assert (passed.place != first.place, passed.row.sender, passed.row.status) == (
        True,
        "factory@far.example",
        "resolved",
    )
    assert [one.row.waits for one in await counter.room.letters() if one.place == first.place] == [1]


async def test_who_only_says_that_he_is_us_wakes_nobody_and_is_kept(counter: Counter) -> None:
    first = await counter.begun()
    forged = await counter.one(answer(2, "<1@example.com>", "退款到这里", From=ME, to="wang@example.com"))
    assert (forged.row.author, forged.mute, forged.wakes) == ("customer", "own", False)
    assert [one.row.waits for one in await counter.room.letters() if one.place == first.place] == [1]
    told = {"Authentication_Results": f"{AUTHSERV}; dmarc=pass"}
    real = await counter.one(answer(3, "<1@example.com>", "退款了", From=ME, to="wang@example.com", **told))
    assert (real.place, real.row.author) == (first.place, "agent")


async def test_a_form_on_our_site_is_a_customers(counter: Counter) -> None:
    form = await counter.one(letter(1, From=ME, to=ME, Reply_To=WANG))
    assert (form.row.sender, form.row.name, form.mute, form.wakes) == ("wang@example.com", "Wang", "own", True)


# ---- reports ------------------------------------------------------------------------------------------------------


def dsn(about: str, action: str, recipient: str = "wang@example.com") -> bytes:
    parts = (
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n",
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n",
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n--b--\r\n",
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return raw("\r\n".join(parts), From="MAILER-DAEMON@mx.example", Return_Path="<>", Content_Type=kind,
               Message_ID=f"<{action}@mx.example>", To=ME)  # fmt: skip


async def sent(counter: Counter) -> tuple[int, int]:
    """An answer of ours that went out: its conversation and its number."""
    first = await counter.begun(Cc=LI)
    number = await counter.room.answered(first.place)
    stop_clock(counter.room.store)
    return first.place, number


async def state(counter: Counter, number: int) -> tuple[str, str]:
    (row,) = await counter.room.rows(f"SELECT delivery, error FROM message WHERE id = {number}")
    return row.delivery, row.error


@pytest.mark.parametrize(
    ("action", "recipient", "delivery", "error"),
    [
        ("failed", "wang@example.com", "failed", "bounce: wang@example.com 5.1.1 550 no such user"),
        ("failed", "li@example.com", "sent", "bounce: li@example.com 5.1.1 550 no such user"),
        ("delayed", "wang@example.com", "sent", "delay: wang@example.com 5.1.1 550 no such user"),
        ("delivered", "wang@example.com", "delivered", ""),
    ],
)
async def test_a_report_comes_back_to_the_very_message(
    counter: Counter, action: str, recipient: str, delivery: str, error: str
) -> None:
    place, number = await sent(counter)
    bounce = await counter.one(dsn(counter.ours(place, number), action, recipient))
    assert await state(counter, number) == (delivery, error)
    assert (bounce.place, bounce.wakes, bounce.rule) == (place, False, "report")
    events = await counter.room.rows(f"SELECT data FROM event WHERE conversation_id = {place} AND type = 'delivery'")
    await counter.take(dsn(counter.ours(place, number), action, recipient))
    again = await counter.room.rows(f"SELECT data FROM event WHERE conversation_id = {place} AND type = 'delivery'")
    assert len(events) == len(again) == 1


async def test_a_report_about_nobody_we_know_is_kept_and_changes_nothing(counter: Counter) -> None:
    place, number = await sent(counter)
    forged = counter.ours(place, number).replace(f".{number}.", ".999.")
    kept = await counter.one(dsn(forged, "failed"))
    assert (kept.place != place, kept.mute, kept.wakes) == (True, "bounce", False)
    assert (await state(counter, number))[0] == "queued"


# ---- bytes --------------------------------------------------------------------------------------------------------


async def test_the_same_id_with_other_bytes(counter: Counter) -> None:
    first = await counter.begun()
    copy = await counter.one(letter(1, X_List_Copy="yes"))
    assert (copy.place, copy.mute, copy.wakes) == (first.place, "duplicate", False)
    assert await counter.heard(letter(1, X_List_Copy="yes")) == []
    more = await counter.one(letter(1, "还有一件事"))
    assert (more.place, more.mute, more.wakes) == (first.place, "duplicate", True)
    other = await counter.one(letter(1, "我的", From=LI))
    assert (other.place != first.place, other.mute) == (True, "")


async def test_two_mails_without_any_id(counter: Counter) -> None:
    one, two = letter(1, "甲", Message_ID=None), letter(1, "乙", Message_ID=None)
    places = [(await counter.one(mail)).place for mail in (one, two)]
    assert len(set(places)) == 2
    assert await counter.take(one) == []


async def test_a_mail_nobody_can_read_is_for_people_with_its_bytes(counter: Counter) -> None:
    kept = await counter.one(b"\r\n")
    assert (kept.row.kind, kept.mute, kept.wakes) == ("other", "quarantine", True)
    assert kept.payload["attachments"][-1]["size"] == 2


async def test_files_and_pictures_are_kept_beside_the_words(counter: Counter) -> None:
    body = (
        '--b\r\nContent-Type: text/html\r\n\r\n<p>看图 <img src="cid:p1"></p>\r\n'
        "--b\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "iVBORw0KGgoAAAA=\r\n--b--\r\n"
    )
    kept = await counter.one(letter(1, body, Content_Type='multipart/related; boundary="b"'))
    picture, whole = kept.payload["attachments"]
    assert (picture["kind"], picture["media_type"], whole["media_type"]) == ("image", "image/png", "message/rfc822")
    assert picture["key"] in kept.extra["html"]
    assert "看图" in kept.text


async def test_where_the_body_says_nothing_the_subject_does(counter: Counter) -> None:
    assert (await counter.one(letter(1, "", Subject="请尽快回电"))).text == "请尽快回电"


async def test_mails_that_are_looked_up_together_find_their_own(counter: Counter) -> None:
    """With more ids than are looked up at once, and what each hangs on named last of all."""
    people = [f"p{n}@d{n}.example" for n in range(4)]
    begun = [await counter.begun(n, From=one) for n, one in enumerate(people)]
    endless = " ".join(f"<{n}@unknown.example>" for n in range(98))
    mails = [
        letter(9 + n, Subject="Re: x", From=one, References=f"<{n}@example.com> {endless}", In_Reply_To="<x@y.example>")
        for n, one in enumerate(people)
    ]
    told = await counter.admitting.heard(
        [Found(read(mail), mail) for mail in [*mails, letter(20), letter(2, From=people[2])]]
    )
    await counter.room.accept([one for heard in told for one in heard])
    *answers, alone = (await counter.room.letters())[4:]
    assert [mail.place for mail in answers] == [mail.place for mail in begun]
    assert alone.place not in {mail.place for mail in begun}
    assert [len(heard) for heard in told] == [1, 1, 1, 1, 1, 0]


async def test_history_is_neither_answered_nor_counted(counter: Counter) -> None:
    for n in range(4):
        old = await counter.one(letter(n, f"第 {n} 封"), history=True)
        assert (old.mute, old.wakes, old.row.status) == ("history", False, "resolved")
    assert (await counter.one(letter(9))).mute == ""


async def test_an_agents_answer_to_the_mail_that_called_him(counter: Counter) -> None:
    called = tokens.notification_id(KEY, 3, "shop.example")
    told = {"Authentication_Results": f"{AUTHSERV}; dmarc=pass"}
    (heard,) = await counter.heard(letter(1, "好的，我来处理。", From="mei@staff.example", In_Reply_To=called, **told))
    assert isinstance(heard, AgentReply)
    assert (heard.notification, heard.refused) == (3, "")
    (heard,) = await counter.heard(letter(2, "好的", From="mei@staff.example", In_Reply_To=called))
    assert isinstance(heard, AgentReply)
    assert heard.refused == "unproven"


async def test_an_answer_nobody_vouches_for_is_kept_as_a_strangers_mail(counter: Counter) -> None:
    """Even with the marks of a customer's conversation in it: it goes into one of its own, with its files and bytes."""
    first = await counter.begun(1, From=WANG)
    told = letter(
        2, "退他双倍", From="mei@staff.example", In_Reply_To=tokens.notification_id(KEY, 3, "shop.example"),
        References=counter.ours(first.place), Subject=f"Re: 杯子 [KF-{first.place}]",
    )  # fmt: skip
    (kept,) = await counter.take(told)
    assert (kept.row.sender, kept.text, kept.mute, kept.wakes) == ("mei@staff.example", "退他双倍", "unproven", True)
    assert kept.place != first.place
    assert kept.extra["why_not"]["en"]
    assert [one["name"] for one in kept.payload["attachments"]] == [f"Re: 杯子 [KF-{first.place}].eml"]
    assert await counter.take(told) == []  # once


async def test_an_answer_of_a_machine_to_a_notification_wakes_nobody(counter: Counter) -> None:
    called = tokens.notification_id(KEY, 3, "shop.example")
    (heard,) = await counter.heard(letter(1, "休假中", In_Reply_To=called, Auto_Submitted="auto-replied"))
    assert isinstance(heard, AgentReply)
    assert (heard.refused, heard.stranger and heard.stranger.wakes) == ("automatic", False)
