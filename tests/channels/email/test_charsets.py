"""Bytes with a wrong label or none."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from channels.email import charsets

COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
TEXT = st.text(COMMON, min_size=6, max_size=40)


@given(TEXT, st.sampled_from(["gb2312", "GBK", '"gb2312"', "x-gbk", "iso-gb2312"]))
def test_simplified_chinese_under_a_label_of_its_own(text: str, label: str) -> None:
    data = text.encode("gbk")
    assume(charsets.strictly(data, "utf-8") is None)  # such bytes (一一一) are both, and nobody can tell which
    assert charsets.text(data, label) == text


@pytest.mark.parametrize("label", ["utf-8", "us-ascii", "iso-8859-1", "", "nonsense"])
def test_simplified_chinese_under_a_wrong_label_or_none(label: str) -> None:
    text = "您好，我上周买的电饭煲到现在还没有发货，麻烦帮我查一下，谢谢。"
    assert charsets.text(text.encode("gbk"), label) == text


@given(
    TEXT,
    st.sampled_from(["utf-8", "us-ascii", "iso-8859-1", "windows-1252", "gb2312", "big5", "ks_c_5601-1987", "", "y"]),
)
def test_utf8_under_any_label(text: str, label: str) -> None:
    assert charsets.text(text.encode(), label) == text


@given(TEXT, st.sampled_from(["hz-gb-2312", "us-ascii", "gb2312", ""]))
def test_hz_under_any_label(text: str, label: str) -> None:
    assert charsets.text(text.encode("hz"), label) == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("朱镕基、李喆", "gb18030", "gb2312"),
        ("𠮷野家", "gb18030", "gbk"),
        ("着裏嘅啲", "big5hkscs", "big5"),
        ("①髙橋様", "cp932", "shift_jis"),
        ("똠방각하", "cp949", "ks_c_5601-1987"),
        ("“quotes” – dash…", "cp1252", "iso-8859-1"),
        ("café", "latin-1", "us-ascii"),
        ("Straße größer Übung für Ärger", "latin-1", "iso-8859-1"),
        ("créée, dîner à l'hôtel", "latin-1", "iso-8859-15"),
        ("Привет, заказ не пришёл", "koi8-r", "koi8-r"),
        ("Привет, мой заказ ещё не пришёл", "cp1251", ""),
        *((text, codec, "") for text in ("Привет", "Спасибо", "Где мой заказ?") for codec in ("cp1251", "koi8-r")),
        *((text, "cp949", "") for text in ("안녕하세요", "주문이 아직 안 왔어요", "감사합니다 환불해 주세요")),
        ("您好，退货", "utf-7", "utf-7"),
        ("您好", "utf-16", "utf-16"),
        ("您好", "utf-8-sig", "gb2312"),
    ],
)
def test_a_label_is_read_as_the_widest_charset_people_mean_by_it(text: str, codec: str, label: str) -> None:
    assert charsets.text(text.encode(codec), label) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hi +YKhZfQ", "Hi 您好"),
        (b"+YKhZfQ 1 +- 1, +YKhZfQ-!", "您好 1 + 1, 您好!"),
        (b"a + b, C+x, +YKhZfQ", "a + b, C+x, 您好"),
    ],
)
def test_utf7_that_nothing_ends_is_read(data: bytes, text: str) -> None:
    assert charsets.text(data, "utf-7") == text


@pytest.mark.parametrize("part", ["DcSvj+ehjWyUdGLWV", "X70y8+2AA=", "+2ADYAA-", "a+//8-b", "+4AA-"])
def test_base64_under_the_label_of_utf7_stays_as_it_is(part: str) -> None:
    written = f"Hello\n-----BEGIN PGP SIGNATURE-----\n{part}\n"
    assert charsets.text(written.encode(), "utf-7") == written


@pytest.mark.parametrize(("told", "codec"), [("MacCyrillic", "cp1251"), ("MacRoman", "cp1252"), ("koi8-t", "koi8-r")])
def test_what_a_guess_calls_a_macs_is_a_windows_text(told: str, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chardet.detect", lambda data: {"encoding": told})
    assert charsets.text("Жду".encode("cp1251")) == "Жду".encode("cp1251").decode(codec)


def test_code_is_no_hz() -> None:
    assert charsets.text(b"set -- ~{a,b} ~}x~{", "us-ascii") == "set -- ~{a,b} ~}x~{"


@pytest.mark.parametrize(
    "label", ["base64", "zlib", "rot13", "idna", "unicode_escape", "hex", "\0", "é", "x" * 5000, "undefined"]
)
def test_what_is_no_charset_decodes_nothing(label: str) -> None:
    assert charsets.known(label) == ()
    assert charsets.text("您好，我的订单".encode(), label) == "您好，我的订单"


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_become_text(data: bytes, label: str) -> None:
    charsets.whole(charsets.text(data, label)).encode()
