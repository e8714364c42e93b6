"""Finds FAQ entries by wording, sound and meaning, and says how sure it is: `matching.Matcher`, built on an `Index`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from replies.faq import gate, kernel, linear
from replies.faq.calibration import Own, calibrated, older, own_gate
from replies.faq.encoder import Encoder, Vectors
from replies.faq.evidence import Found, find
from replies.faq.gate import Gate
from replies.faq.index import Index, Telling, build, encoded, quiet
from replies.faq.kept import Built, Kept, key_of
from replies.faq.kernel import Nearness
from replies.faq.leftout import leave_out
from replies.faq.matching import MISS, Action, Candidate, Match
from replies.faq.sparse import Floats
from replies.faq.table import Entry
from replies.faq.wording import canonical, spoken
from replies.text import Language

_MISTYPED: Final = 0.02
"""How much nearer a question must be with a homophone corrected."""
_CANDIDATES: Final = 3
_SPREAD: Final = 0.7
"""How fast the chance of the entries behind the first falls with what they have less."""


class FusedMatcher:
    """Pure and safe in several threads. Without an encoder it goes by wording and sound alone."""

    def __init__(
        self,
        index: Index,
        gate: Gate,
        *,
        encoder: Encoder | None = None,
        weights: Floats | None = None,
        own: Own | None = None,
    ) -> None:
        self.index = index
        self.gate = gate
        self.weights = weights
        self.own = own
        self._encoder = encoder if index.vectors is not None else None

    def match(self, text: str, language: Language) -> Match:
        """An own question answers at once; else the gate decides on the best entries."""
        plain = canonical(text)
        if owners := self.index.exact.get(plain):
            return self._exactly([self.index.ids[owner] for owner in dict.fromkeys(owners)])
        found = self.found(text)
        return MISS if found is None else self._judged(found)

    def found(self, text: str) -> Found | None:
        """The best entries; None if nothing of the question is in the FAQ."""
        near, vector = self._read(text)
        return find(self.index, near, vector, self.weights)

    def _read(self, text: str) -> tuple[Nearness, Vectors | None]:
        """As it is written, or with its homophones corrected if that is clearly nearer: what looks like a mistake may
        be a word that the FAQ lacks."""
        correct, plain = self.index.spelling.corrected, canonical(text)
        nearest = self._compared(plain, spoken(text))
        if correct(plain) == plain:
            return nearest
        other = self._compared(correct(plain), correct(spoken(text)))
        return other if other[0].fused.max() > nearest[0].fused.max() + _MISTYPED else nearest

    def _compared(self, plain: str, said: str) -> tuple[Nearness, Vectors | None]:
        vector = None if self._encoder is None or not plain else self._encoder.encode([said])[0]
        return kernel.nearness(self.index, plain, vector), vector

    def prepare(self, texts: Iterable[str]) -> None:
        """Encode many questions at once, which is quicker than one by one as they are matched."""
        said = list(map(spoken, texts))
        if self._encoder is not None and said:
            self._encoder.encode([*said, *map(self.index.spelling.corrected, said)])

    def _exactly(self, ids: list[str]) -> Match:
        candidates = tuple(Candidate(id_, 1.0 / len(ids)) for id_ in ids[:_CANDIDATES])
        if len(ids) == 1:
            return Match(Action.ANSWER, ids[0], candidates, exact=True)
        return Match(Action.CLARIFY, None, candidates, exact=True)

    def _judged(self, found: Found) -> Match:
        chance = self.gate.chance(found.signs)
        behind = np.exp(-_SPREAD * (found.values[0] - found.values[:_CANDIDATES]))
        candidates = tuple(
            Candidate(self.index.ids[owner], round(chance * float(share), 4))
            for owner, share in zip(found.owners[:_CANDIDATES].tolist(), behind, strict=True)
        )
        bars = (self.gate.answer, self.gate.clarify)
        if chance >= self.gate.answer:
            return Match(Action.ANSWER, candidates[0].id, candidates, bars=bars)
        return Match(Action.CLARIFY if chance >= self.gate.clarify else Action.MISS, None, candidates, bars=bars)


def make_matcher(
    entries: Iterable[Entry],
    encoder: Encoder | None = None,
    *,
    wrong_answers: float = gate.WRONG_ANSWERS,
    before: FusedMatcher | None = None,
    kept: Kept | None = None,
    told: Telling = quiet,
    calibrate: bool = False,
) -> FusedMatcher:
    """Everything built in one go; `wrong_answers` is the share of answers that may be wrong.

    What `kept` or the matcher `before` an edit has is not made again, and what is made is kept. To `calibrate` takes a
    second or two more: who has to answer at once goes by the shipped gate first.
    """
    entries = list(entries)
    key = "" if kept is None else key_of(entries, encoder.name if encoder else "")
    found = kept.read(key) if kept else None
    built = found or _built(entries, encoder, _old(before, kept, encoder), told)
    built.index.ready()
    if calibrate and built.own is None and built.index.rows:
        seen = leave_out(built.index, built.weights is not None)
        built = replace(built, own=calibrated(_shipped(built), seen))
    if kept and built is not found and built.index.rows:
        kept.write(key, built)
    judge = own_gate(_shipped(built), built.own, wrong_answers)
    return FusedMatcher(built.index, judge, encoder=encoder, weights=built.weights, own=built.own)


def _shipped(built: Built) -> gate.Shipped:
    return gate.shipped(built.index.vectors is not None, built.weights is not None)


def _old(before: FusedMatcher | None, kept: Kept | None, encoder: Encoder | None) -> Built | None:
    """What was built last, with sentence vectors if they are wanted."""
    now = Built(before.index, before.weights, before.own) if before else None
    if before and (encoder is None or before.index.encoder == encoder.name):
        return now
    latest = kept.latest(encoder.name if encoder else "") if kept else None
    return now if latest is None else latest


def _built(entries: Sequence[Entry], encoder: Encoder | None, old: Built | None, told: Telling) -> Built:
    before = old.index if old else None
    index = build(entries, before)
    if encoder is not None and index.rows:
        index = encoded(index, encoder, before, told)
    weights = None
    if linear.worthwhile(index):
        rows = linear.inputs(index)
        start = linear.carried(old.index.ids, old.weights, index.ids, rows.shape[1]) if old else None
        weights = linear.fit(rows, index.owners, len(index.ids), start)
    built = Built(index, weights)
    return built if old is None else replace(built, own=_still(old, built))


def _still(old: Built, new: Built) -> Own | None:
    """What was known of the gate before an edit, if it holds."""
    if old.own is None or old.own.kind != _shipped(new).kind:
        return None
    ways = [
        Counter((index.ids[owner], plain) for owner, plain in zip(index.owners.tolist(), index.plains, strict=True))
        for index in (old.index, new.index)
    ]
    edits = ((ways[0] - ways[1]) + (ways[1] - ways[0])).total()
    return older(old.own, edits, new.index.rows)
