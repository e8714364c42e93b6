"""All ways to ask, ready to be searched: built once for an FAQ, kept on disk, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.encoder import Encoder, Vectors
from replies.faq.sounds import Spelling
from replies.faq.sparse import EMPTY, Corpus, Postings
from replies.faq.table import Entry
from replies.faq.wording import canonical, spoken

_BATCH: Final = 256


@dataclass(frozen=True)
class Index:
    """Row r is one way to ask entry `ids[owners[r]]`: `plains[r]` as it is compared, `said[r]` as it is encoded.

    `vectors` has the rows' sentence vectors (half precision), made by the encoder called `encoder`; None without one.
    """

    ids: tuple[str, ...]
    plains: tuple[str, ...]
    said: tuple[str, ...]
    owners: NDArray[np.int64]
    corpus: Corpus
    vectors: NDArray[np.float16] | None = None
    encoder: str = ""

    @property
    def rows(self) -> int:
        return len(self.plains)

    @cached_property
    def exact(self) -> dict[str, list[int]]:
        """The entries that are asked in exactly these words."""
        found: dict[str, list[int]] = {}
        for plain, owner in zip(self.plains, self.owners.tolist(), strict=True):
            found.setdefault(plain, []).append(owner)
        return found

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.plains)

    @cached_property
    def postings(self) -> Postings:
        return Postings(self.corpus)

    @cached_property
    def sketches(self) -> NDArray[np.float16]:
        return self.postings.sketches().astype(np.float16)

    @cached_property
    def meaning(self) -> Vectors | None:
        """The rows' sentence vectors as they are multiplied."""
        return None if self.vectors is None else self.vectors.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of the texts are encoded."""

    done: int
    total: int


def build(entries: Iterable[Entry], before: Index | None = None) -> Index:
    """The index by letters, words and sounds. What stands in `before` is taken from there."""
    ids, plains, said, owners = _rows(entries)
    known = {} if before is None else {plain: row for row, plain in enumerate(before.plains)}
    old = EMPTY if before is None else before.corpus
    fresh = [plain for plain in dict.fromkeys(plains) if plain not in known]
    places = known | {plain: old.rows + number for number, plain in enumerate(fresh)}
    corpus = old.extended(fresh).chosen([places[plain] for plain in plains])
    return Index(tuple(ids), tuple(plains), tuple(said), np.array(owners, np.int64), corpus.compact())


def _rows(entries: Iterable[Entry]) -> tuple[list[str], list[str], list[str], list[int]]:
    ids: list[str] = []
    plains: list[str] = []
    said: list[str] = []
    owners: list[int] = []
    for entry in entries:
        ways = {canonical(way): way for ways in entry.questions.values() for way in reversed(ways)}
        plains += ways
        said += map(spoken, ways.values())
        owners += [len(ids)] * len(ways)
        ids.append(entry.id)
    return ids, plains, said, owners


def encoded(index: Index, encoder: Encoder, before: Index | None = None) -> Iterator[Progress | Index]:
    """The same index with sentence vectors, at last; progress until then. Vectors in `before` are not made again."""
    known: dict[str, Sequence[float] | NDArray[np.float16]] = {}
    if before is not None and before.vectors is not None and before.encoder == encoder.name:
        known = dict(zip(before.said, before.vectors, strict=True))
    missing = [text for text in dict.fromkeys(index.said) if text not in known]
    for first in range(0, len(missing), _BATCH):
        yield Progress(first, len(missing))
        part = missing[first : first + _BATCH]
        known |= dict(zip(part, encoder.encode(part).astype(np.float16), strict=True))
    vectors = np.array([known[text] for text in index.said], np.float16).reshape(index.rows, -1)
    yield Index(index.ids, index.plains, index.said, index.owners, index.corpus, vectors, encoder.name)
