"""Bytes to text, whatever their label says. Pure; nothing raises.

Senders label GBK as gb2312, UTF-8 as us-ascii, and everything as iso-8859-1. So a label is read as the widest
charset people mean by it, a result that cannot be is not believed, and only then is guessed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

BAD = "\ufffd"
GUESSED = 16_384
"""Bytes a guess looks at."""
FEW = 8
"""Bytes that are too few for statistics."""

MEANT = """
gb18030: gb2312 gbk x-gbk iso-gb2312 cp936 936 ms936 windows-936 gb18030 gb_2312-80 gb2312_charset euc-cn euccn
gb18030: x-euc-cn csgb2312 iso-ir-58 chinese gb gb2312-80 gb_2312
big5hkscs cp950: big5 big-5 x-x-big5 cn-big5 csbig5 big5-hkscs big5hkscs
utf-8: us-ascii ascii ansi_x3.4-1968 646 7bit 8bit utf8 utf-8 utf8mb4
cp1252: iso-8859-1 latin1 latin-1 iso8859-1 windows-1252 cp1252 l1 cp-1252 ansi
cp949: ks_c_5601 ks_c_5601-1987 ks_c_5601-1989 euc-kr ksc5601 windows-949 cp949
cp932: shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932
cp1254: iso-8859-9 latin5 windows-1254
iso-8859-8: iso-8859-8-i iso-8859-8-e visual
cp874: tis-620 iso-8859-11 windows-874
hz: hz hz-gb-2312 hz-gb2312 chinese-hz
utf-7: utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 utf7
iso2022_jp_ext iso2022_jp_3: iso-2022-jp
mac_roman: x-mac-roman macintosh
"""
"""What a label is tried as: codecs, and the labels that mean them."""
NOT_TEXT = """
base64 bz2 hex quopri rot13 rot-13 uu zlib idna punycode undefined mbcs oem unicode-escape raw-unicode-escape
"""
"""Python's codecs that are no charsets of a mail."""


def _meanings(table: str) -> dict[str, tuple[str, ...]]:
    rows = [row.partition(": ") for row in table.strip().splitlines()]
    return {label: tuple(codecs_.split()) for codecs_, _, labels in rows for label in labels.split()}


WIDER = _meanings(MEANT)

ESCAPES = ((re.compile(rb"~\{(?:[!-w][!-~]){1,500}~\}"), "hz"), (re.compile(rb"\x1b\$[@B]"), "iso2022_jp_ext"),
           (re.compile(rb"\x1b\$\)C"), "iso2022_kr"))  # fmt: skip
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WIDE = frozenset({"big5hkscs", "cp950", "cp949", "cp932"})
HIGH = re.compile(rb"[\x80-\xff]+")
SHIFTED = re.compile(r"\+([A-Za-z0-9+/]*)-?")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def text(data: bytes, label: str = "", hint: str = "") -> str:
    """The text. `label` is what the sender says it is, `hint` what its neighbours are (for unlabelled headers)."""
    if data.isascii() and not _escaped(data) and not _stateful(label):
        return data.decode("ascii")
    for codec in _candidates(data, label, hint):
        told = _shifted(data) if codec == "utf-7" else strictly(data, codec)
        if told is not None and not _unlikely(data, codec):
            return told.removeprefix("\ufeff")
    return _guess(data, label or hint)


def strictly(data: bytes, codec: str) -> str | None:
    """The text if these bytes can be that."""
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError, AssertionError):
        return None


def _shifted(data: bytes) -> str | None:
    """UTF-7, each run by itself: one that nothing ends is read all the same, one that says nothing stays as it is.
    None where a run is no text: then it is base64 of something else, under a wrong label."""
    if not data.isascii():
        return None
    written = data.decode("ascii")
    said = {run: strictly(b"+" + run.encode() + b"-", "utf-7") for run in SHIFTED.findall(written)}
    if not all(_is_text(run, told) for run, told in said.items()):
        return None
    return SHIFTED.sub(lambda run: said[run[1]] or run[0], written)


def _is_text(run: str, told: str | None) -> bool:
    if told is None:
        return len(run) < 3  # too short for a character: a plus sign somebody meant
    return not any(unicodedata.category(c) in {"Cs", "Cn", "Co"} for c in told)


def known(label: str) -> tuple[str, ...]:
    """The codecs a label may mean; empty if nobody knows it."""
    label = _cleaned(label)
    if label in WIDER:
        return WIDER[label]
    try:
        name = codecs.lookup(label).name if label and label.isascii() and "\0" not in label else ""
    except (LookupError, ValueError):
        return ()
    return (name,) if name and name not in NOT_TEXT.split() else ()


def _cleaned(label: str) -> str:
    return label.strip().strip("\"';").partition(";")[0].strip().lower()[:60]


def _stateful(label: str) -> bool:
    """Whether ASCII bytes may mean something else under this label."""
    codecs_meant = known(label)
    return bool(codecs_meant) and codecs_meant[0].startswith(("utf-7", "utf-16", "utf_16", "utf-32", "utf_32", "cp037"))


def _escaped(data: bytes) -> bool:
    return b"~{" in data or b"\x1b$" in data


def _candidates(data: bytes, label: str, hint: str) -> Iterator[str]:
    yield from (codec for mark, codec in BOMS if data.startswith(mark))
    yield from (codec for form, codec in ESCAPES if data.isascii() and not _stateful(label) and form.search(data))
    yield from known(label)
    yield "utf-8"
    yield from known(hint)


def _unlikely(data: bytes, codec: str) -> bool:
    """Some charsets fit almost everything: they are not believed where the bytes are plainly UTF-8, or Chinese."""
    if codec == "cp1252" or codec.startswith("iso8859"):
        return _not_western(data)
    if codec == "gb18030":
        return strictly(data, "utf-8") is not None and strictly(data, "gb2312") is None
    if codec in WIDE:
        told = strictly(data, "utf-8")
        return told is not None and sum(c > "\u07ff" for c in told) >= 3
    return False


def _not_western(data: bytes) -> bool:
    high = HIGH.findall(data[:GUESSED])
    if all(len(run) == 1 for run in high):
        return False
    if strictly(data, "utf-8") is not None:
        return True
    return sum(map(len, high)) >= 8 and all(len(run) % 2 == 0 for run in high) and _common(b"".join(high))


def _common(pairs: bytes) -> bool:
    """Whether the pairs are Chinese: all of GB 2312, and nine in ten a common character (level 1) or punctuation."""
    leads = [
        lead for lead, trail in zip(pairs[::2], pairs[1::2], strict=False) if 0xA1 <= lead <= 0xF7 and trail >= 0xA1
    ]
    common = sum(0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3) for lead in leads)
    return 2 * len(leads) == len(pairs) and common * 10 >= len(leads) * 9


def _guess(data: bytes, label: str) -> str:
    """The best of what loses least; a text that was cut within a character is still its charset."""
    repaired = data.decode("utf-8", "replace")
    lost = repaired.count(BAD)
    if lost and sum(c > "\x7f" for c in repaired) >= 9 * lost:
        return repaired.removeprefix("\ufeff")
    names = [name for name in (*_detected(data), *known(label), "utf-8") if name]
    told = [data.decode(name, "replace") for name in dict.fromkeys(names)]
    return min(told, key=lambda one: one.count(BAD)).removeprefix("\ufeff")


def _detected(data: bytes) -> tuple[str, ...]:
    import chardet  # slow to import, and most mails say what they are

    start = HIGH.search(data)
    at = max(0, start.start() - 200) if start else 0
    part = data[at : at + GUESSED]
    high = HIGH.findall(part)
    if len(b"".join(high)) <= FEW and all(len(run) % 2 == 0 for run in high) and _common(b"".join(high)):
        return ("gb18030",)  # too little for statistics
    name = (chardet.detect(part)["encoding"] or "").lower()
    if name.startswith("mac"):  # short texts look like a Mac's, and hardly any is
        return ("cp1251",) if "cyrillic" in name else ("cp1252",)
    return ("koi8-r",) if name == "koi8-t" else known(name)  # Tajik mails are rarer than short Russian ones


def printable(told: str) -> str:
    """A header's text on one line: what would end the line, or is no character at all, becomes a space."""
    told = CONTROLS.sub("", told.replace("\t", " ").replace("\n", " ").replace("\r", " "))
    return whole(told)


def whole(told: str) -> str:
    """Text without lone surrogates and NUL, as JSON and every database can hold it."""
    if "\0" in told:
        told = told.replace("\0", "")
    return told if told.isascii() else told.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
