"""Lines on standard input, for commands that answer each with one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Final

_CHUNK: Final = 1 << 16


def arriving(most: int = 64) -> Iterator[list[str]]:
    """Lines as they come: what is there already together (judging many at once is quicker), and none waits for more."""
    rest: list[bytes] = []
    while chunk := os.read(sys.stdin.fileno(), _CHUNK):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest.append(chunk)  # of a very long line, joined once only
            continue
        lines = b"".join([*rest, head]).split(b"\n")
        rest = [tail]
        for at in range(0, len(lines), most):
            yield [_text(line) for line in lines[at : at + most]]
    if (last := b"".join(rest)).strip():
        yield [_text(last)]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
