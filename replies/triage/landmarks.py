"""What the vectors of messages say of their labels: by nearness to a few hundred of the examples (Nyström's method)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from replies.triage.model import GRAIN, Floats, centred, nearness

MOST: Final = 640
"""Landmarks, of half a kilobyte each in the weights. More of them judged other examples no better."""
_WEIGHT: Final = 2.0
"""Of the vectors beside the words, chosen by cross-validation."""
_FLOOR: Final = 1e-4
_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Landmarks:
    """`turn` makes of nearness to the landmarks coordinates in which near messages are near; `middle` is their mean."""

    vectors: Floats
    turn: Floats
    middle: Floats
    centre: Floats

    @classmethod
    def among(cls, vectors: Floats) -> Self:
        """Chosen by lot among examples' vectors, always the same."""
        centre = vectors.mean(axis=0)
        own = centred(vectors, centre)
        chosen = np.random.RandomState(_SEED).permutation(len(own))[:MOST]
        marks = np.asarray(np.clip(np.round(own[chosen] / GRAIN), -127, 127) * GRAIN, dtype=np.float32)
        found, axes = np.linalg.eigh(nearness(marks, marks).astype(np.float64) + _FLOOR * np.eye(len(marks)))
        turn = np.asarray(_WEIGHT * axes / np.sqrt(np.maximum(found, _FLOOR)), dtype=np.float32)
        return cls(marks, turn, (nearness(own, marks) @ turn).mean(axis=0), centre)

    def place(self, vectors: Floats) -> Floats:
        """Coordinates of messages, (n, landmarks)."""
        return nearness(centred(vectors, self.centre), self.vectors) @ self.turn - self.middle

    def weights(self, of_places: Floats) -> tuple[Floats, Floats]:
        """Weights of nearness, and the level to be taken off, from those of coordinates."""
        return self.turn @ of_places, self.middle @ of_places
