"""A further view of the FAQ: every way to ask as a unit vector of somebody's embedding model, and how near is near.

What counts as near is taken from the operator's own FAQ: how near its questions come to entries they do not belong to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.matching import Action, Candidate, Match

Vectors = NDArray[np.float32]
SURE: Final = 0.98
"""An answer is nearer than this share of the FAQ's questions come to a wrong entry …"""
NEAR: Final = 0.9
"""… something to ask back about than this share."""
MARGIN: Final = 0.02
FEWEST: Final = 8
"""Ways to ask below which nothing can be told from them."""


@dataclass(frozen=True, slots=True)
class Space:
    """Row r of `vectors` is a way to ask entry `ids[r]`. `sure` and `near` are cosines."""

    ids: tuple[str, ...]
    vectors: Vectors
    sure: float
    near: float

    @classmethod
    def of(cls, ids: Sequence[str], vectors: Vectors) -> Space:
        """From all ways to ask; what is near is measured among them, one row at a time."""
        if len(ids) < FEWEST or len(set(ids)) < 2:
            return cls(tuple(ids), vectors, 2.0, 2.0)
        owners = np.unique(np.array(ids), return_inverse=True)[1]
        wrong = [
            float(np.max(vectors[owners != owner] @ row)) for row, owner in zip(vectors, owners.tolist(), strict=True)
        ]
        return cls(tuple(ids), vectors, float(np.quantile(wrong, SURE)), float(np.quantile(wrong, NEAR)))

    def nearest(self, vector: Vectors, most: int) -> list[Candidate]:
        """The nearest entries, best first, with their cosines."""
        best: dict[str, float] = {}
        for id_, cosine in zip(self.ids, (self.vectors @ vector).tolist(), strict=True):
            best[id_] = max(best.get(id_, -1.0), cosine)
        ranked = sorted(best.items(), key=lambda pair: -pair[1])
        return [Candidate(id_, round(cosine, 4)) for id_, cosine in ranked[:most]]


def joined(match: Match, space: Space, near: Sequence[Candidate]) -> Match:
    """The match, helped by another view: it may answer or ask back where the match would have missed, never less."""
    if match.action is Action.ANSWER or not near:
        return match
    first, second = near[0], near[1].score if len(near) > 1 else -1.0
    if first.score > space.sure and first.score - second >= MARGIN:
        return Match(Action.ANSWER, first.id, (first, *[one for one in match.candidates if one.id != first.id][:2]))
    close = [one for one in near[:3] if one.score > space.near]
    if not close:
        return match
    others = [one for one in match.candidates if one.id not in [c.id for c in close]]
    return Match(Action.CLARIFY, None, (*close, *others)[:3])


def stacked(parts: Sequence[Vectors]) -> Vectors | None:
    """All batches in one; None if they are not of one length."""
    return np.concatenate(list(parts)) if parts and len({part.shape[1] for part in parts}) == 1 else None


def read_vectors(answer: Mapping[str, Any], count: int) -> Vectors | None:
    """The unit vectors of an `/embeddings` answer in the order asked; None if it does not hold together."""
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        made = np.array([row["embedding"] for row in rows], dtype=np.float32)
        indexes = [row["index"] for row in rows]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if made.ndim != 2 or indexes != list(range(count)) or not 1 <= made.shape[1] <= 8192 or not np.isfinite(made).all():
        return None
    norms = np.linalg.norm(made, axis=1, keepdims=True)
    return made / norms if bool((norms > 0).all()) else None
