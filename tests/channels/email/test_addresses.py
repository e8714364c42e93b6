"""Address headers as people, and their programs, write them."""

from __future__ import annotations

import pytest

from channels.email.addresses import addresses, normal
from channels.email.mail import Address
from channels.email.mail import Address as A  # noqa: N817

WANTED: dict[str, tuple[Address, ...]] = {
    '"Doe, John" <j@x.com>, a@b.cn (张三)': (A("j@x.com", "Doe, John"), A("a@b.cn", "张三")),
    "Müller, Hans <h@m.de>": (A("h@m.de", "Müller, Hans"),),
    "Test test@example.com": (A("test@example.com", "Test"),),
    "MAILER-DAEMON (Mail Delivery System)": (A("MAILER-DAEMON", "Mail Delivery System"),),
    "MAILER-DAEMON <p@x.com> (Mail Delivery System)": (A("p@x.com", "MAILER-DAEMON"),),
    "<<a@b.c>>": (A("a@b.c"),),
    "Team: a@b, c@d;": (A("a@b"), A("c@d")),
    "undisclosed-recipients:;": (),
    "=?utf-8?B?5byg5LiJIDxhQGIuY29tPg==?=": (A("a@b.com", "张三"),),
    "=?utf-8?Q?Doe=2C_J?= <j@x>, <k@x>": (A("j@x", "Doe, J"), A("k@x")),
    '"=?gb2312?B?1cXI/Q==?=" <z@qq.com>': (A("z@qq.com", "张三"),),
    '"a b"@c.d': (A('"a b"@c.d'),),
    "Name [mailto:a@b.c]": (A("a@b.c", "Name"),),
    "<mailto:a@b.c>": (A("a@b.c"),),
    "'a@b.c'": (A("a@b.c"),),
    "x <a@b.c": (A("a@b.c", "x"),),
    "张三 <a＠b.c>；李四<d@e.f>": (A("a@b.c", "张三"), A("d@e.f", "李四")),
    "a@[1.2.3.4]": (A("a@[1.2.3.4]"),),
    '"" <a@b.c>': (A("a@b.c"),),
    "a.@docomo.ne.jp, b..c@docomo.ne.jp": (A("a.@docomo.ne.jp"), A("b..c@docomo.ne.jp")),
    r'"Say \"hi\"" <a@b.c>': (A("a@b.c", 'Say "hi"'),),
    "\"'王小明'\" <w@qq.com>": (A("w@qq.com", "王小明"),),
    "root": (A("root"),),
    "[??????]": (A("", "[??????]"),),
    "": (),
}


@pytest.mark.parametrize("value", WANTED)
def test_who_a_header_names(value: str) -> None:
    assert addresses(value) == WANTED[value]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang@Example.COM", "wang@example.com"),
        ("me+tag@x.cn", "me@x.cn"),
        (" a@b ", "a@b"),
        ("+@x", "+@x"),
        ("root", "ROOT"),
    ],
)
def test_two_ways_to_write_one_address(one: str, other: str) -> None:
    assert normal(one) == normal(other)
