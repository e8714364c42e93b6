"""The trained part of triage: linear weights over pieces of words and, where there is an encoder, over how near the
message's vector is to those of a few hundred examples.

Trained by `replies.triage.train` from the examples in `training/`; shipped as `weights.npz`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.errors import ContentError
from replies.triage.features import SIZE, buckets
from replies.understanding import CATEGORIES, TIERS

Floats = npt.NDArray[np.float32]

LABELS: Final = (*(category for category in CATEGORIES if category != "complaint"), *TIERS)
"""Classes: the categories that are no complaint, then the tiers of one."""
OTHERS: Final = len(CATEGORIES) - 1
"""So many labels are no complaint."""
ANGRY: Final = len(LABELS)
"""The column after the classes: how angry."""
VECTOR: Final = 512
LIKE: Final = 0.42
"""Cosine from which a message tells of a danger …"""
DESPERATE: Final = 0.3
"""… and of self-harm, where the hotline must not be missing."""
GRAIN: Final = np.float32(1 / 254)
"""Of a landmark's coordinates, which are stored in a byte: all are within ±0.5."""
WEIGHTS: Final = Path(__file__).parent / "weights.npz"


@dataclass(frozen=True, slots=True)
class Model:
    """`idf` (SIZE,), `words` (SIZE, classes + 1) for messages without a vector; for those with one `fused` (SIZE, …),
    `nearness` (landmarks, …) less `level` (classes + 1,). `landmarks` (…, VECTOR), `centred` on `centre` (VECTOR,).
    `perils` (dangers, VECTOR) are the means of the vectors that tell of each danger."""

    idf: Floats
    words: Floats
    fused: Floats
    nearness: Floats
    level: Floats
    landmarks: Floats
    centre: Floats
    dangers: tuple[str, ...] = ()
    perils: Floats | None = None

    def judge(self, folded: str, rules: Sequence[str] = (), vector: Floats | None = None) -> tuple[Floats, float]:
        """Probability of each label, and of anger. Both from the words alone where there is no vector."""
        found = buckets(folded, rules)
        values = self.idf[found]
        values /= np.linalg.norm(values)
        if vector is None:
            scores = values @ self.words[found]
        else:
            near = nearness(centred(vector, self.centre), self.landmarks)
            scores = values @ self.fused[found] + near @ self.nearness - self.level
        return softmax(scores[:ANGRY]), float(1 / (1 + np.exp(-scores[ANGRY])))

    def danger(self, vector: Floats) -> str:
        """The danger that a critical message is most like, "" if it is like none."""
        if self.perils is None or not self.dangers:
            return ""
        near = self.perils @ centred(vector, self.centre)
        best = int(near.argmax())
        name = self.dangers[best]
        return name if near[best] >= (DESPERATE if name == "self_harm" else LIKE) else ""


def centred(vectors: Floats, centre: Floats) -> Floats:
    """What of a sentence's vector is its own: all sentences have something in common."""
    moved = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True) - centre
    return np.asarray(moved / (np.linalg.norm(moved, axis=-1, keepdims=True) + 1e-9), dtype=np.float32)


def nearness(vectors: Floats, landmarks: Floats) -> Floats:
    """A Gaussian of the distance to each landmark; all have length one."""
    return np.asarray(np.exp(2 * (vectors @ landmarks.T - 1)), dtype=np.float32)


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=-1, keepdims=True), dtype=np.float32)


@cache
def load_model(path: Path = WEIGHTS) -> Model:
    """Read weights; raises ContentError if they are not of this version's shape."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            parts = {name: stored[name] for name in stored.files}
        return unpack(parts)
    except (OSError, KeyError, ValueError) as error:
        raise ContentError(f"{path}: cannot be used as weights of triage: {error} → train them again") from error


def pack(model: Model) -> dict[str, npt.NDArray[Any]]:
    """As stored: a byte a weight, and only the buckets that are used."""
    used = np.flatnonzero(np.abs(model.words).max(axis=1) + np.abs(model.fused).max(axis=1)).astype(np.uint16)
    parts: dict[str, npt.NDArray[Any]] = {"used": used, "idf": model.idf.astype(np.float16)[used]}
    for name in ("words", "fused"):
        weights = getattr(model, name)[used]
        scale = np.abs(weights).max(axis=0) / 127 + 1e-9
        parts[name] = np.round(weights / scale).astype(np.int8)
        parts[f"{name}_scale"] = scale.astype(np.float32)
    return parts | {
        "nearness": model.nearness,
        "level": model.level,
        "landmarks": np.round(model.landmarks / GRAIN).astype(np.int8),
        "centre": model.centre.astype(np.float16),
        "dangers": np.array(model.dangers, dtype=np.str_),
        "perils": np.zeros((0, VECTOR)) if model.perils is None else model.perils.astype(np.float16),
    }


def unpack(parts: dict[str, npt.NDArray[Any]]) -> Model:
    """The inverse of `pack`; unseen buckets weigh nothing, but count in the length of a message."""
    used = parts["used"]
    idf = np.full(SIZE, parts["idf"].max(), dtype=np.float32)
    idf[used] = parts["idf"]
    spread = {}
    for name in ("words", "fused"):
        whole = np.zeros((SIZE, ANGRY + 1), dtype=np.float32)
        whole[used] = parts[name].astype(np.float32) * parts[f"{name}_scale"]
        spread[name] = whole
    landmarks, centre = parts["landmarks"].astype(np.float32) * GRAIN, parts["centre"].astype(np.float32)
    shapes = {landmarks.shape[1:], centre.shape} | {(len(landmarks), ANGRY + 1), parts["nearness"].shape}
    if shapes != {(VECTOR,), (len(landmarks), ANGRY + 1)}:
        raise ValueError("other shape")
    return Model(
        idf,
        spread["words"],
        spread["fused"],
        parts["nearness"],
        parts["level"],
        landmarks,
        centre,
        tuple(map(str, parts["dangers"])),
        parts["perils"].astype(np.float32),
    )
