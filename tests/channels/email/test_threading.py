"""Every row of the table that finds a mail's conversation, its guards, and what people tried to get past them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email import subjects, tokens
from channels.email.mail import Mail
from channels.email.threading import Asked, Evidence, Known, Placing, asked, placed
from tests.channels.email.raw import mail

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOX = "help@shop.example"
OURS = tokens.message_id(SECRET, 1024, 7, "shop.example")
CASE = Known(1024, BOX, frozenset({"wang@example.com"}), NOW - timedelta(days=3), "[KF-1024] Order 5566")
NOBODY = Evidence(BOX, SECRET, NOW)
MET = replace(NOBODY, by_id={"<theirs@example.com>": CASE, OURS: CASE}, by_number={1024: CASE}, alike=(CASE,))


def place(evidence: Evidence = MET, **fields: str | None) -> Placing:
    return placed(mail(**{"Subject": "Re: Order 5566", **fields}), evidence)


# ---- the rows -------------------------------------------------------------------------------------------------------


def test_1_a_signed_address_is_enough() -> None:
    address = tokens.address(SECRET, BOX, 1024)
    assert place(To=address) == Placing(1024, "address")
    assert place(Delivered_To=address.upper().replace("KF1024", "kf1024"), From="li@other.example") == Placing(
        1024, "address", stranger=True
    )


def test_2_a_participants_answer_to_a_mail_we_have() -> None:
    assert place(In_Reply_To="<theirs@example.com>") == Placing(1024, "reference")
    assert place(References="<theirs@example.com> <gone@example.com>") == Placing(1024, "reference")


def test_2_the_last_reference_is_the_nearest() -> None:
    other = replace(CASE, conversation=5)
    evidence = replace(MET, by_id={"<a@x>": CASE, "<b@x>": other})
    assert place(evidence, References="<a@x> <b@x>").conversation == 5
    assert place(evidence, References="<a@x> <b@x>", In_Reply_To="<a@x>").conversation == 1024


def test_2_a_customers_second_address_comes_in_by_our_signed_id() -> None:
    assert place(In_Reply_To=OURS, From="wang@private.example") == Placing(1024, "reference", stranger=True)


def test_3_our_id_of_a_message_that_is_gone() -> None:
    assert place(replace(MET, by_id={}), References=f"<x@y> {OURS}") == Placing(1024, "own_id")


def test_4_a_mark_quoted_back() -> None:
    text = f"Blue, please.\n> … {tokens.marker(SECRET, 1024)}"
    told = placed(mail(text, Subject="Question about my order"), MET)
    assert (told.conversation, told.rule) == (1024, "marker")


def test_5_a_participants_number_in_the_subject() -> None:
    assert place(Subject="Re: [KF-1024] Order 5566") == Placing(1024, "number")


def test_6_a_likely_answer_is_only_suggested() -> None:
    assert place(In_Reply_To="<unknown@example.com>") == Placing(rule="alike", suggested=1024)


def test_7_anything_else_is_new() -> None:
    assert place() == Placing()
    assert place(NOBODY, In_Reply_To="<x@y>") == Placing()


# ---- the guards -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["[KF-1024]", "Re: [KF-1024] Order 5566", "Ticket#1024", "答复: [KF-1024] 投诉"])
def test_a_strangers_number_opens_nothing(subject: str) -> None:
    assert place(Subject=subject, From="mallory@evil.example").conversation is None


def test_an_old_number_opens_nothing() -> None:
    old = replace(MET, by_number={1024: replace(CASE, touched=NOW - timedelta(days=30))})
    assert place(old, Subject="Re: [KF-1024] Order 5566").conversation is None


def test_a_stranger_who_answers_a_customers_mail_begins_something_related() -> None:
    """Every subscriber answers the same newsletter; each gets a conversation of his own."""
    assert place(In_Reply_To="<theirs@example.com>", From="li@other.example") == Placing(rule="refused", related=1024)


@pytest.mark.parametrize(
    "forged",
    [
        "<kf.1024.7.0000000000000000@shop.example>",
        OURS.replace("1024", "1025"),
        OURS.replace(".7.", ".8."),
        OURS.upper(),
        tokens.message_id(b"another secret", 1024, 7, "shop.example"),
        "<iTop_Ticket_1024_abc@shop.example>",
        "<1024@shop.example>",
        f"<{tokens.loop(SECRET, 1024, 7)}@shop.example>",
    ],
)
def test_a_forged_id_opens_nothing(forged: str) -> None:
    both = replace(MET, by_number={1024: CASE, 1025: replace(CASE, conversation=1025)})
    assert place(both, References=forged, From="mallory@evil.example").conversation is None


def test_a_signature_for_one_use_is_worth_nothing_in_another() -> None:
    signature = tokens.address(SECRET, BOX, 1024).partition(".")[2][:16]
    told = placed(mail(f"> ref:kf1024.{signature}", From="mallory@evil.example"), MET)
    assert told.conversation is None
    assert tokens.of_message_id(SECRET, f"<kf.1024.0.{signature}@x>") is None
    assert tokens.of_loop(SECRET, f"kf.1024.0.{signature}") is None


def test_an_empty_secret_signs_for_nobody() -> None:
    assert tokens.of_message_id(b"", tokens.message_id(b"", 1, 2, "x")) is None


def test_another_mailboxs_conversation_is_not_entered() -> None:
    other = replace(CASE, mailbox="sales@shop.example")
    evidence = Evidence(BOX, SECRET, NOW, {OURS: other}, {1024: other}, (other,))
    for fields in ({"In_Reply_To": OURS}, {"To": tokens.address(SECRET, BOX, 1024)}, {"Subject": "[KF-1024] x"}):
        assert place(evidence, **fields) == Placing()


def test_a_token_of_a_conversation_that_is_gone_begins_a_new_one() -> None:
    assert place(NOBODY, To=tokens.address(SECRET, BOX, 1024), In_Reply_To=OURS) == Placing()


@pytest.mark.parametrize("prefix", ["Fwd:", "FW:", "转发：", "WG:", "TR:", "轉寄:"])
def test_a_mail_passed_on_by_a_stranger_begins_something_new(prefix: str) -> None:
    told = place(Subject=f"{prefix} [KF-1024] Order 5566", In_Reply_To=OURS, From="boss@example.com")
    assert told == Placing(rule="passed_on", related=1024)


def test_a_customer_may_forward_within_his_conversation() -> None:
    assert place(Subject="Fwd: Order 5566", In_Reply_To=OURS).conversation == 1024


def test_a_stale_or_foreign_likeness_is_not_suggested() -> None:
    for known in (
        replace(CASE, touched=NOW - timedelta(days=7)),
        replace(CASE, subject="Invoice"),
        replace(CASE, participants=frozenset()),
    ):
        assert place(replace(NOBODY, alike=(known,)), In_Reply_To="<x@y>") == Placing()


def test_a_customer_in_cc_takes_part() -> None:
    case = replace(CASE, participants=frozenset({"wang@example.com", "li@other.example"}))
    evidence = replace(MET, by_id={"<theirs@example.com>": case}, by_number={1024: case})
    told = place(evidence, In_Reply_To="<theirs@example.com>", From="Li <LI+mail@other.example>")
    assert told == Placing(1024, "reference")


def test_a_new_subject_in_an_old_thread_is_marked() -> None:
    assert place(In_Reply_To=OURS, Subject="Invoice for my tax adviser").new_topic
    assert not place(In_Reply_To=OURS, Subject="Order 5566 again").new_topic
    assert not place(In_Reply_To=OURS, Subject="AW: something").new_topic


def test_what_the_store_is_asked() -> None:
    told = mail(
        f"x {tokens.marker(SECRET, 3)}",
        Subject="Re: AW: [KF-9] 回复：Order  5566",
        In_Reply_To="<c@x>",
        References=f"<a@x> {OURS} <c@x>",
        To=tokens.address(SECRET, BOX, 4),
    )
    assert asked(told, SECRET) == Asked(("<c@x>", OURS, "<a@x>"), (4, 1024, 3, 9), "wang@example.com", "order 5566")


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: x", "x"),
        ("RE[2]: x", "x"),
        ("回复：x", "x"),
        ("回覆: x", "x"),
        ("答复: 转发: x", "x"),
        ("AW: WG: x", "x"),
        ("Re: [KF-12] x", "x"),
        ("[KF-12] Re: X  y", "x y"),
        ("Re：x", "x"),
        ("[外部] Re: x", "x"),
        ("Regarding: x", "regarding: x"),
        ("", ""),
    ],
)
def test_the_base_of_a_subject(subject: str, base: str) -> None:
    assert subjects.taken_apart(subject).base == base


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_what_we_sign_we_know_again(conversation: int, out: int) -> None:
    ours = tokens.Ours(conversation, out)
    assert tokens.of_message_id(SECRET, tokens.message_id(SECRET, conversation, out, "shop.example")) == ours
    assert tokens.of_loop(SECRET, tokens.loop(SECRET, conversation, out)) == ours
    address = tokens.address(SECRET, BOX, conversation)
    assert tokens.of_address(SECRET, address) == tokens.Ours(conversation)
    assert [*tokens.in_text(SECRET, f"> {tokens.marker(SECRET, conversation)}.")] == [tokens.Ours(conversation)]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_a_strangers_words_never_open_a_conversation(subject: str, id_: str, text: str) -> None:
    told = Mail("0" * 64, subject=f"[KF-1024] {subject}", in_reply_to=id_, references=(id_,), body=text)
    assert placed(told, MET).conversation is None
