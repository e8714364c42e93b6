"""Whose word is taken for who sent a mail."""

from __future__ import annotations

import pytest

from channels.email.authentication import Authentication, authentication
from channels.email.mail import Headers

GOOD = (
    "mx.shop.example; dmarc=pass (p=reject) header.from=bank.example; dkim=pass header.d=bank.example; "
    "spf=fail smtp.mailfrom=x"
)


def told(
    *values: str, trusted: tuple[str, ...] = ("MX.shop.example",), senders: tuple[str, ...] = ("Bank <a@Bank.example>",)
) -> Authentication:
    fields = [*(("authentication-results", value) for value in values), *(("from", sender) for sender in senders)]
    return authentication(Headers(tuple(fields)), trusted)


def test_a_trusted_servers_word() -> None:
    assert told(GOOD) == Authentication("pass", "pass", "fail", "mx.shop.example")
    assert told(GOOD).proven


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("mx.evil.example; dmarc=pass header.from=bank.example",),
        ("mx.evil.example; dmarc=fail", GOOD),
        ("mx.shop.example.evil.example; dmarc=pass",),
        ("mx.shop.example",),
        ("mx.shop.example; dmarc",),
        ("spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=x; dkim=pass; dmarc=pass action=none",),
        ("",),
    ],
)
def test_anybody_elses_proves_nothing(values: tuple[str, ...]) -> None:
    assert not told(*values).proven


@pytest.mark.parametrize(
    "senders",
    [
        (),
        ("li@shop.example",),
        ("a@bank.example", "li@shop.example"),
        ("li@shop.example", "a@bank.example"),
        ("li@shop.example, a@bank.example",),
        ('"li@shop.example" <a@bank.example>',),
        ("a@bank.example.evil.example",),
    ],
)
def test_a_server_vouches_for_the_one_sender_it_looked_at(senders: tuple[str, ...]) -> None:
    """Servers look at one From, and which of two we read is another question."""
    assert told(GOOD).proven
    assert not told(GOOD, senders=senders).proven


def test_without_a_list_of_servers_nothing_is_proven() -> None:
    assert told(GOOD, trusted=()) == Authentication()


def test_one_good_signature_is_enough_and_a_missing_result_is_none() -> None:
    found = told(
        "mx.shop.example; dkim=fail header.d=a.example; dkim=pass header.d=b.example; dmarc=fail header.from=b.example"
    )
    assert (found.dkim, found.dmarc, found.spf, found.proven) == ("pass", "fail", "none", False)
