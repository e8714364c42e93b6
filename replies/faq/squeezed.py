"""Rows of numbers in a quarter of the space: whole steps of one byte, and how large a step is in each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.sparse import Floats

_MOST: Final = 127


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Row r is about steps[r] · scales[r]; a product of two rows of length one is off by a thousandth or so."""

    steps: NDArray[np.int8]
    scales: Floats

    @classmethod
    def of(cls, parts: Iterable[Floats]) -> Squeezed:
        """From rows that come some at a time, so that never all of them are there unsqueezed."""
        return cls.joined([_squeezed(part) for part in parts])

    @classmethod
    def joined(cls, parts: Sequence[Squeezed]) -> Squeezed:
        """The rows of one after those of the other."""
        if not parts:
            return cls(np.zeros((0, 1), np.int8), np.zeros(0, np.float32))
        return cls(np.concatenate([one.steps for one in parts]), np.concatenate([one.scales for one in parts]))

    def chosen(self, rows: Sequence[int] | slice) -> Squeezed:
        """These rows in this order."""
        places = rows if isinstance(rows, slice) else list(rows)
        return Squeezed(self.steps[places], self.scales[places])

    def __len__(self) -> int:
        return len(self.scales)

    def rows(self, rows: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """All or some of the rows."""
        wide: Floats = self.steps[rows].astype(np.float32)
        wide *= self.scales[rows][:, None]
        return wide


def _squeezed(rows: Floats) -> Squeezed:
    scale = np.maximum(np.abs(rows).max(axis=1, initial=0.0), 1e-9).astype(np.float32) / np.float32(_MOST)
    return Squeezed(np.rint(rows / scale[:, None]).astype(np.int8), scale)
