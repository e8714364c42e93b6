"""All ways to ask, ready to be searched: built once for an FAQ, kept on disk, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.encoder import Encoder
from replies.faq.sense import Answers, Sense
from replies.faq.sparse import EMPTY, Corpus, Postings
from replies.faq.spelling import Spelling
from replies.faq.squeezed import Squeezed
from replies.faq.table import Entry
from replies.faq.wording import answered, canonical, spoken

_BATCH: Final = 256


@dataclass(frozen=True)
class Index:
    """Row r is one way to ask entry `ids[owners[r]]`: `plains[r]` as it is compared, `said[r]` as it is encoded.

    Behind the rows `said` has what each entry's answer says, which tells what it is about in other words than those
    that are asked. `vectors` are the sentence vectors of `said`, made by the encoder called `encoder`; None without.
    """

    ids: tuple[str, ...]
    plains: tuple[str, ...]
    said: tuple[str, ...]
    owners: NDArray[np.int64]
    corpus: Corpus
    vectors: Squeezed | None = None
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
    def sketches(self) -> Squeezed:
        return Squeezed.of(self.postings.sketches(self.corpus))

    @cached_property
    def sense(self) -> Sense | None:
        """The rows' sentence vectors, to be searched."""
        return None if self.vectors is None else Sense(self.vectors.chosen(slice(self.rows)))

    @cached_property
    def answers(self) -> Answers | None:
        """What the entries' answers mean, by entry."""
        if self.vectors is None:
            return None
        given = np.array([bool(text) for text in self.said[self.rows :]], np.bool_)
        return Answers(self.vectors.chosen(slice(self.rows, None)), given)

    def ready(self) -> None:
        """Make all that is made when it is first asked for now, so that no customer waits for it."""
        _ = self.exact, self.spelling, self.postings, self.sketches, self.sense, self.answers


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of the texts are encoded."""

    done: int
    total: int


Telling = Callable[[Progress], None]


def quiet(progress: Progress) -> None:
    """Tell nobody."""


def build(entries: Iterable[Entry], before: Index | None = None) -> Index:
    """The index by letters, words and sounds. What stands in `before` is taken from there."""
    ids, plains, said, owners = rows_of(entries)
    known = {} if before is None else {plain: row for row, plain in enumerate(before.plains)}
    old = EMPTY if before is None else before.corpus
    if before is not None and old.rows != before.rows:  # made by other code: its vectors are all that is left
        known, old = {}, EMPTY
    fresh = [plain for plain in dict.fromkeys(plains) if plain not in known]
    places = known | {plain: old.rows + number for number, plain in enumerate(fresh)}
    corpus = old.extended(fresh).chosen([places[plain] for plain in plains])
    return Index(tuple(ids), tuple(plains), tuple(said), np.array(owners, np.int64), corpus.compact())


def rows_of(entries: Iterable[Entry]) -> tuple[list[str], list[str], list[str], list[int]]:
    """The entries' ids; of every way to ask how it is compared, how encoded (then the answers), and whose it is."""
    ids: list[str] = []
    plains: list[str] = []
    said: list[str] = []
    told: list[str] = []
    owners: list[int] = []
    for entry in entries:
        ways = {canonical(way): way for ways in entry.questions.values() for way in reversed(ways)}
        plains += ways
        said += map(spoken, ways.values())
        owners += [len(ids)] * len(ways)
        ids.append(entry.id)
        told.append(answered(next(iter(entry.answers.values()), "")))
    return ids, plains, said + told, owners


def encoded(index: Index, encoder: Encoder, before: Index | None = None, told: Telling = quiet) -> Index:
    """The same index with sentence vectors. Those that `before` has are not made again."""
    places: dict[str, int] = {}
    made: list[Squeezed] = []
    if before is not None and before.vectors is not None and before.encoder == encoder.name:
        places = {text: row for row, text in enumerate(before.said) if text}
        made = [before.vectors]
    wanted = [*index.said[: index.rows], *filter(None, index.said[index.rows :])]
    missing = [text for text in dict.fromkeys(wanted) if text not in places]
    places |= {text: place for place, text in enumerate(missing, len(made[0]) if made else 0)}
    for first in range(0, len(missing), _BATCH):
        told(Progress(first, len(missing)))
        made.append(Squeezed.of([encoder.encode(missing[first : first + _BATCH])]))
    told(Progress(len(missing), len(missing)))
    vectors = Squeezed.joined(made).chosen([places.get(text, 0) for text in index.said])
    return replace(index, vectors=vectors, encoder=encoder.name)
