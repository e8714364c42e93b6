"""The mails we write: to whom they go, in which thread they are, and what they say and hide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PermanentSendError
from bot.messages import Attachment, Author, Kind, Outgoing, Said, Thread
from channels.email import tokens
from channels.email.autoreply import verdict
from channels.email.mail import File, Mail
from channels.email.options import read as read_options
from channels.email.outbound import Composed, House, composed, heading
from channels.email.phrases import PHRASES
from channels.email.reading import read
from channels.email.threading import Evidence, Known, asked, placed

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
SECRET = b"secret-of-this-installation"
OPTIONS = read_options(
    "mail",
    {
        "address": "support@shop.example",
        "password": "x",
        "provider": "exmail",
        "from_name": "示例商店",
        "aliases": ["sales@shop.example"],
    },
)
HOUSE = House(OPTIONS, SECRET, UTC)
PLUS = replace(HOUSE, options=replace(OPTIONS, plus=True))
WANG, LI, EVE = "wang@customer.example", "li@customer.example", "eve@elsewhere.example"
BOT = Outgoing(
    "kefu-20",
    WANG,
    "您好，来信已收到。\n\n我们会在 2 小时内回复。",
    author=Author.BOT,
    author_name="小助手",
    language="zh-Hans",
    conversation=1024,
    queued_at=NOW,
)
AGENT = replace(BOT, author=Author.AGENT, author_name="小美", author_number="1001", text="退款已办理。")


def person(email: str, name: str = "") -> dict[str, str]:
    return {"email": email, "name": name}


def letter(message: int, sender: str = WANG, text: str = "退款怎么还没到？", **extra: Any) -> Said:
    told = {
        "subject": "退款",
        "from": person(sender, "王先生"),
        "to": [person("support@shop.example")],
        "message_id": f"<{message}@customer.example>",
        "verdict": "human",
    } | extra
    at = NOW - timedelta(minutes=60 - message)
    return Said(message, Author.CUSTOMER, text, at, str(told["message_id"]), "王先生", told)


def thread(*said: Said) -> Thread:
    return Thread(1024, "t", WANG, NOW, said=said or (letter(10),))


def made(outgoing: Outgoing, *said: Said, house: House = HOUSE, files: tuple[File, ...] = ()) -> tuple[Composed, Mail]:
    ready = composed(outgoing, thread(*said), house, files)
    return ready, read(ready.letter.raw)


def test_what_stands_over_a_mail_is_known_before_it_is_written() -> None:
    said = (letter(10, cc=[person("boss@customer.example")]), letter(12, LI, subject="Re: 退款到账"))
    for outgoing in (AGENT, BOT):
        ready, mail = made(outgoing, *said)
        told = heading(replace(outgoing, key=f"kefu-{10**17}", text=""), thread(*said), HOUSE)
        assert [told["to"], told["cc"]] == [ready.extra["to"], ready.extra.get("cc", [])]
        assert told["subject"] == mail.subject
        assert all(line in mail.body for line in told["signature"])
    with pytest.raises(PermanentSendError):
        heading(replace(AGENT, recipient="nobody"), replace(thread(), said=()), HOUSE)


def test_an_automatic_answer() -> None:
    ready, mail = made(BOT, letter(10, references=["<1@a>", "<2@a>"]))
    assert (ready.automatic, ready.letter.sender, list(ready.letter.recipients)) == (True, OPTIONS.address, [WANG])
    assert (mail.subject, mail.sender.name, mail.sender.email) == ("Re: 退款 [KF-1024]", "示例商店", OPTIONS.address)
    assert (mail.in_reply_to, list(mail.references)) == (
        "<10@customer.example>",
        ["<1@a>", "<2@a>", "<10@customer.example>"],
    )
    first = mail.headers.first
    assert (first("auto-submitted"), first("x-auto-response-suppress"), first("precedence")) == (
        "auto-replied",
        "All",
        "bulk",
    )
    assert tokens.of_loop(SECRET, first("x-kefu-loop")) == tokens.Ours(1024, 20)
    assert tokens.of_message_id(SECRET, mail.message_id) == tokens.Ours(1024, 20)
    assert list(tokens.in_text(SECRET, mail.body)) == [tokens.Ours(1024)]
    assert "我们会在 2 小时内回复。" in mail.body
    assert "系统自动发出" in mail.body
    assert "退款怎么还没到" not in mail.body + mail.markup, "automatic mail must not carry a customer's text"
    assert mail.date == NOW
    assert verdict(mail).key == "auto_replied"


def test_a_persons_answer() -> None:
    _, mail = made(AGENT)
    assert not mail.headers.has("auto-submitted", "x-auto-response-suppress", "precedence", "x-kefu-loop")
    assert mail.sender.name == "小美 · 示例商店"
    assert mail.body.startswith("退款已办理。\n\n——\n小美（工号 1001）\n示例商店\n")
    assert "在 2026-11-26 01:10 +0000，王先生 <wang@customer.example> 写道：\n> 退款怎么还没到？" in mail.body
    assert "<blockquote" in mail.markup
    assert verdict(mail).may_answer


@pytest.mark.parametrize("language", PHRASES)
def test_each_language(language: str) -> None:
    for outgoing in (BOT, AGENT):
        _, mail = made(replace(outgoing, language=language), letter(10, subject=""))
        assert mail.subject == f"Re: {PHRASES[language]['subject']} [KF-1024]"
        assert "KF-1024" in mail.body
        assert f'lang="{language}"' in mail.markup


def test_the_phrases_are_the_same_in_each_language() -> None:
    assert len({tuple(sorted(told)) for told in PHRASES.values()}) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("退款", "Re: 退款 [KF-1024]"),
        ("Re: 回复：退款", "Re: 退款 [KF-1024]"),
        ("答复: Re: hello", "Re: hello [KF-1024]"),
        ("Re: 退款 [KF-1024]", "Re: 退款 [KF-1024]"),
        ("Fwd: 退款", "Re: Fwd: 退款 [KF-1024]"),
        ("[KF-7]", "Re: 您的来信 [KF-1024]"),
        ("  ", "Re: 您的来信 [KF-1024]"),
        ("x" * 5000, f"Re: {'x' * 200} [KF-1024]"),
        ("a\r\nBcc: evil@x.example", "Re: a Bcc: evil@x.example [KF-1024]"),
    ],
)
def test_the_subject(before: str, after: str) -> None:
    _, mail = made(BOT, letter(10, subject=before))
    assert mail.subject == after
    assert not mail.headers.has("bcc")


def test_the_latest_subject_is_answered() -> None:
    _, mail = made(AGENT, letter(10), letter(11, subject="另外一件事"))
    assert mail.subject == "Re: 另外一件事 [KF-1024]"


def test_many_references_keep_the_first_and_the_last() -> None:
    _, mail = made(AGENT, letter(10, references=[f"<{n}@a>" for n in range(50)]))
    assert len(mail.references) == 20
    assert (mail.references[0], mail.references[-1]) == ("<0@a>", "<10@customer.example>")


def test_a_reference_that_is_none_is_left_out() -> None:
    evil = ["<a@b>\r\nBcc: evil@x.example", "rubbish", "<ok@b>"]
    _, mail = made(
        AGENT, letter(10, references=evil, message_id=""), replace(letter(11), external_id="raw:abc", extra={})
    )
    assert (mail.in_reply_to, mail.references) == ("", ())
    _, mail = made(AGENT, letter(10, references=evil))
    assert list(mail.references) == ["<ok@b>", "<10@customer.example>"]


@pytest.mark.parametrize(
    ("said", "to", "cc"),
    [
        ([letter(10)], [WANG], []),
        ([letter(10, cc=[person(LI), person("Sales@shop.example")])], [WANG], [LI]),
        ([letter(10), letter(11, LI)], [LI], [WANG]),
        ([letter(10), letter(11, EVE, placing={"stranger": True})], [WANG], []),
        ([letter(10, reply_to=[person(EVE)])], [WANG], []),
        ([letter(10, reply_to=[person(LI)], authentication={"dmarc": "pass"})], [LI], [WANG]),
        ([letter(10, reply_to=[person(LI)], authentication={"dmarc": "pass"}, verdict="list")], [WANG], []),
        ([letter(10, WANG.replace("@", "+tag@"))], [WANG.replace("@", "+tag@")], []),
        ([letter(10), letter(11, verdict="auto_replied", subject="自动回复: 退款")], [WANG], []),
        (
            [letter(10, cc=[person(f"c{n}@customer.example") for n in range(99)])],
            [WANG],
            [f"c{n}@customer.example" for n in range(20)],
        ),
        ([letter(10, cc=[person("evil@x>\r\nDATA"), person("")])], [WANG], []),
    ],
)
def test_who_gets_a_persons_answer(said: list[Said], to: list[str], cc: list[str]) -> None:
    ready, mail = made(AGENT, *said)
    assert [one.email for one in mail.to] == to
    assert [one.email for one in mail.cc] == cc
    assert list(ready.letter.recipients) == [*to, *cc]
    assert mail.subject == "Re: 退款 [KF-1024]"


@pytest.mark.parametrize(
    "more",
    [
        {"cc": [person(LI)]},
        {"reply_to": [person(LI)], "authentication": {"dmarc": "pass"}},
    ],
)
def test_an_automatic_answer_goes_to_one_address_only(more: Mapping[str, Any]) -> None:
    for said in ([letter(10, **more)], [letter(10, **more), letter(11, LI)]):
        ready, mail = made(BOT, *said)
        assert list(ready.letter.recipients) == [WANG]
        assert mail.cc == ()


def test_a_domain_of_other_letters_is_written_as_every_server_takes_it() -> None:
    ready, mail = made(AGENT, letter(10, "wang@例子.example"))
    assert list(ready.letter.recipients) == ["wang@xn--fsqu00a.example", WANG]
    assert mail.to[0].email == "wang@xn--fsqu00a.example"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("王先生", "王先生"),
        ("J. R. Wang", "J. R. Wang"),
        ("Win at http://evil.example", ""),
        ("evil.example", ""),
        ("support@bank.example", ""),
    ],
)
def test_a_name_that_lures_is_not_passed_on(name: str, kept: str) -> None:
    """Anybody may forge a sender: he who gets our answer then must not read the forger's words."""
    told: dict[str, Any] = {"from": person(WANG, name)}
    _, mail = made(BOT, letter(10, WANG, "hello", **told))
    assert mail.to[0].name == kept


def test_nobody_to_write_to() -> None:
    nameless = letter(10, "")
    with pytest.raises(PermanentSendError, match="no mail can go"):
        made(replace(BOT, recipient="nobody:abc"), nameless)


def test_what_was_said_later_is_not_answered() -> None:
    """A send that is tried again hours later is still the answer it was."""
    first = made(AGENT, letter(10))
    later = made(AGENT, letter(10), letter(30, subject="later"))
    assert (later[1].in_reply_to, later[1].subject) == (first[1].in_reply_to, first[1].subject)
    assert later[0].message_id == first[0].message_id


def test_what_nobody_asked_for_is_a_notice() -> None:
    ours = Said(15, Author.BOT, "已转人工", NOW, extra={})
    _, mail = made(BOT, letter(10), ours)
    assert mail.headers.first("auto-submitted") == "auto-generated"


def test_an_answer_comes_back_by_every_way_there_is() -> None:
    """Signed address, id, mark in the text, number in the subject: each alone leads back into the conversation."""
    _, mail = made(AGENT, house=PLUS)
    known = Known(1024, "mail", frozenset({WANG}), NOW, "退款")
    (reply_to,) = mail.reply_to
    base = replace(
        mail,
        sender=mail.to[0],
        to=(),
        headers=mail.headers,
        message_id="<new@customer.example>",
        subject="Re: x",
        in_reply_to="",
        references=(),
        body="谢谢",
        new_text="谢谢",
        delivered_to=(),
    )
    ways = [
        replace(base, to=(reply_to,)),
        replace(base, in_reply_to=mail.message_id),
        replace(base, body=f"谢谢\n> {mail.body}"),
        replace(base, subject=mail.subject),
    ]
    rules = []
    for way in ways:
        wanted = asked(way, SECRET)
        evidence = Evidence("mail", SECRET, NOW, by_number={n: known for n in wanted.conversations if n == 1024})
        rules.append(placed(way, evidence).rule)
    assert rules == ["address", "own_id", "marker", "number"]


def test_without_plus_parts_there_is_no_reply_to() -> None:
    assert made(AGENT)[1].reply_to == ()


def test_files_go_along_and_links_are_told() -> None:
    linked = Attachment(Kind.FILE, "清单.pdf", "application/pdf", url="https://files.example/1")
    data = bytes(range(256)) * 100
    _, mail = made(replace(AGENT, attachments=(linked,)), files=(File("退款凭证.pdf", "application/pdf", data),))
    (file,) = mail.files
    assert (file.name, file.data) == ("退款凭证.pdf", data)
    assert "附件 清单.pdf：https://files.example/1" in mail.body


def test_history_is_bounded() -> None:
    said = [letter(n, text="很长" * 100_000) for n in range(1, 15)]
    ready, mail = made(AGENT, *said)
    assert len(ready.letter.raw) < 400_000
    assert mail.body.count("写道：") == 3
    assert "（以下从略）" in mail.body


def test_what_people_see_of_it_afterwards() -> None:
    ready, _ = made(AGENT, letter(10, cc=[person(LI, "李")]))
    assert ready.extra == {
        "to": [person(WANG, "王先生")],
        "cc": [person(LI, "李")],
        "subject": "Re: 退款 [KF-1024]",
        "message_id": ready.message_id,
    }


@pytest.mark.parametrize(("outgoing", "sender"), [(BOT, ""), (AGENT, "support@shop.example")])
def test_the_empty_envelope_is_for_automatic_mail(outgoing: Outgoing, sender: str) -> None:
    ready, _ = made(outgoing, house=replace(HOUSE, options=replace(OPTIONS, empty_envelope=True)))
    assert ready.letter.sender == sender


wild = st.text(max_size=200)


@given(text=wild, subject=wild, name=wild, agent=wild, quoted=wild, references=st.lists(wild, max_size=5))
def test_nothing_that_is_said_becomes_a_header(
    text: str, subject: str, name: str, agent: str, quoted: str, references: list[str]
) -> None:
    told: dict[str, Any] = {"subject": subject, "references": references, "from": person(WANG, name)}
    said = letter(10, WANG, quoted, **told)
    ready, mail = made(replace(AGENT, text=text, author_name=agent), said)
    names = {known for known, _ in mail.headers.fields}
    assert names <= {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
    }
    assert list(ready.letter.recipients) == [WANG]
    assert mail.problems == ()
    assert "<script" not in mail.markup
