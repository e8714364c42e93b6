"""What could be better in a table that holds together: entries with one way to ask, and those that steal questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq import kernel
from replies.faq.encoder import Encoder
from replies.faq.index import Index, build, encoded
from replies.faq.table import Row, collect
from replies.faq.wording import canonical
from replies.source import Fault
from replies.text import clip

_NAMED: Final = 5
_CLEARLY: Final = 0.2
"""By so much another entry has to be nearer: less is what ways to ask that differ, as they should, bring with them."""


def advise(rows: Sequence[Row], encoder: Encoder | None = None) -> list[Fault]:
    """In the order of the file. Rows that hold together, see `table.read_rows`."""
    return sorted([*lonely(rows), *stolen(rows, encoder)], key=lambda fault: (fault.file, fault.line))


def lonely(rows: Sequence[Row]) -> list[Fault]:
    """One remark a file on its entries that are asked in one way only in a language."""
    ways: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        ways.setdefault((row.id, row.language), []).append(row)
    alone: dict[str, list[Row]] = {}
    for found in ways.values():
        if len(found) == 1:
            alone.setdefault(found[0].file, []).append(found[0])
    return [_lonely(found) for found in alone.values()]


def _lonely(rows: Sequence[Row]) -> Fault:
    names = ", ".join(row.id for row in rows[:_NAMED]) + (", …" if len(rows) > _NAMED else "")
    told = (
        f"{len(rows)} entries have one way to ask only: {names}" if len(rows) > 1 else f"{names}: one way to ask only"
    )
    return Fault(rows[0].file, rows[0].line, told, "write two or three more, in other words")


def stolen(rows: Sequence[Row], encoder: Encoder | None = None) -> Iterable[Fault]:
    """Ways to ask that would lead to another entry if they did not stand in the table, with the row that draws them."""
    faq = collect(rows)
    index = build(faq)
    if encoder is not None and index.rows:
        index = encoded(index, encoder)
    index.ready()
    lines: dict[tuple[str, str], Row] = {}
    for row in rows:
        lines.setdefault((row.id, canonical(row.question)), row)
    of_row = [lines.get((index.ids[owner], plain)) for owner, plain in zip(index.owners, index.plains, strict=True)]
    same: dict[str, list[int]] = {}
    for place, plain in enumerate(index.plains):
        same.setdefault(plain, []).append(place)
    sizes = np.bincount(index.owners, minlength=len(index.ids))
    for place, asked in enumerate(of_row):
        if asked is None or sizes[index.owners[place]] < 2:
            continue
        thief = _thief(index, place, np.array(same[index.plains[place]]))
        if thief is not None and (other := of_row[thief]) is not None:
            told = f"{asked.id}: “{clip(asked.question, 60)}” is nearer to {other.id} in {other.file}:{other.line}"
            mend = f"“{clip(other.question, 60)}” asks nearly the same: word them apart, or make one entry of the two"
            yield Fault(asked.file, asked.line, told, mend)


def _thief(index: Index, place: int, same: NDArray[np.int64]) -> int | None:
    """The row of another entry that a way to ask is clearly nearest to, when it is asked without itself."""
    vector = None if index.sense is None else index.sense.rows(np.array([place]))[0]
    near = kernel.nearness(index, index.plains[place], vector)
    scores = kernel.scores(index, near, same)
    if not len(scores.owners) or scores.owners[0] == index.owners[place]:
        return None
    own = float(scores.values[scores.owners == index.owners[place]].sum())
    if float(scores.values[0]) - own < _CLEARLY:
        return None
    return next(int(row) for row in scores.rows if index.owners[row] == scores.owners[0])
