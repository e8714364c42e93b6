"""The text of a table, whatever a spreadsheet saved it as: UTF-8, or what Excel calls CSV in China and in Taiwan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from replies.source import Fault, SourceError

Encoding = Literal["UTF-8", "UTF-16", "GBK", "Big5"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how it was written in bytes."""

    text: str
    encoding: Encoding


_GBK: Final = ("gb18030", "gb2312", lambda high: 0xB0 <= high <= 0xD7)
_BIG5: Final = ("big5hkscs", "big5", lambda high: 0xA4 <= high <= 0xC6)
"""The widest codec, the one of everyday characters, and the first bytes these have in it."""


def read_table(path: Path) -> Decoded:
    """The text of a file; raises SourceError if it cannot be read, or is in none of the encodings."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        mend = "check the path and its permissions"
        raise SourceError(Fault(str(path), 1, f"cannot be read: {error.strerror}", mend)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        told = "is not UTF-8, nor GBK or Big5 throughout"
        raise SourceError(Fault(str(path), line, told, "save the file as UTF-8")) from error


def decode(data: bytes) -> Decoded:
    """As UTF-8 if it is that; else as GBK or Big5, whichever makes everyday characters of more of it.

    Raises UnicodeDecodeError, of UTF-8, if it is none of them.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Decoded(data.decode("utf-16"), "UTF-16")
    try:
        return Decoded(data.decode("utf-8-sig"), "UTF-8")
    except UnicodeDecodeError:
        gbk, big5 = _everyday(data, *_GBK), _everyday(data, *_BIG5)
        if max(gbk, big5) <= 0:
            raise
    if gbk >= big5:
        return Decoded(data.decode(_GBK[0]), "GBK")
    return Decoded(data.decode(_BIG5[0]), "Big5")


def _everyday(data: bytes, wide: str, narrow: str, first: Callable[[int], bool]) -> float:
    """The share of everyday characters among those that are not ASCII; 0 if it cannot be this encoding."""
    try:
        text = data.decode(wide)
    except UnicodeDecodeError:
        return 0.0
    if "\x00" in text:
        return 0.0
    beyond = [char for char in text if not char.isascii()]
    everyday = 0
    for char in beyond:
        code = char.encode(narrow, "ignore")
        everyday += len(code) == 2 and first(code[0])
    return everyday / max(len(beyond), 1)
