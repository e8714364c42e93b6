"""Train the weights of triage: `python -m replies.triage.train`, or `kefu triage train` with examples of one's own.

Multinomial logistic regression on hashed pieces of words, and on these beside sentence vectors. It is solved over the
examples instead of over the weights (a kernel machine: thousands of unknowns, not hundreds of thousands), by
accelerated descent, in a minute or two of numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from replies.triage.encoder import sentence_encoder
from replies.triage.examples import TRAINING, Example, read_examples
from replies.triage.features import SIZE, buckets
from replies.triage.model import ANGRY, LABELS, OTHERS, VECTOR, WEIGHTS, Floats, Model, centred, pack, softmax
from replies.triage.reading import read
from replies.triage.signs import see

Encode = Callable[[Sequence[str]], Floats]
Tell = Callable[[str], None]

FOLDS: Final = 5
_RIDGE: Final = 0.05
_STEPS: Final = 120


def shipped_examples() -> list[Example]:
    """The examples in the repository."""
    return [example for path in sorted(TRAINING.glob("*.tsv")) for example in read_examples(path)]


def train(examples: Sequence[Example], encode: Encode | None, tell: Tell, *, validate: bool = True) -> Model:
    """Weights from examples; before that, if asked, what cross-validation makes of them."""
    seen = [_features(example) for example in examples]
    idf = _rarity(seen)
    table = _table(seen, idf)
    vectors = _vectors(examples, encode, tell)
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(VECTOR, dtype=np.float32)
    own = centred(vectors, centre)
    target = _target(examples)
    alone = table @ table.T
    both = alone + own @ own.T
    if validate:
        tell(f"{len(examples)} examples; cross-validation in {FOLDS} parts, neighbours in the file kept together:")
        tell(f"  words alone:      {_validate(alone, target, examples)}")
        if encode is not None:
            tell(f"  words and vector: {_validate(both, target, examples)}")
    words = _solve(alone, target)
    fused = _solve(both, target) if encode is not None else words
    return Model(idf, table.T @ words, table.T @ fused, own.T @ fused, centre)


def save(model: Model, path: Path) -> None:
    """Store weights where `load_model` finds them."""
    np.savez_compressed(path, allow_pickle=False, **pack(model))


def _features(example: Example) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    reading = read(example.text)
    return buckets(reading.plain, see(reading).names)


def _rarity(seen: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> Floats:
    count = np.zeros(SIZE)
    for found in seen:
        count[found] += 1
    return np.asarray(np.log((len(seen) + 1) / (count + 1)) + 1, dtype=np.float32)


def _table(seen: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]], idf: Floats) -> Floats:
    table = np.zeros((len(seen), SIZE), dtype=np.float32)
    for row, found in zip(table, seen, strict=True):
        row[found] = idf[found] / np.linalg.norm(idf[found])
    return table


def _vectors(examples: Sequence[Example], encode: Encode | None, tell: Tell) -> Floats:
    if encode is None:
        tell("no sentence encoder: only the weights for words alone are trained")
        return np.ones((len(examples), VECTOR), dtype=np.float32)
    parts = [encode([example.text for example in examples[at : at + 64]]) for at in range(0, len(examples), 64)]
    return np.concatenate(parts)


def _target(examples: Sequence[Example]) -> Floats:
    target = np.zeros((len(examples), ANGRY + 1), dtype=np.float32)
    for row, example in zip(target, examples, strict=True):
        row[LABELS.index(example.label)] = 1
        row[ANGRY] = example.mood == "angry"
    return target


def _solve(kernel: Floats, target: Floats) -> Floats:
    """Coefficients of the examples that make their labels likely, by Nesterov's descent in the kernel's space."""
    found = np.zeros_like(target)
    ahead = found.copy()
    pace = 1.0
    step = 1 / (0.5 * _largest(kernel) + _RIDGE)
    for _ in range(_STEPS):
        scores = kernel @ ahead
        wrong = np.empty_like(scores)
        wrong[:, :ANGRY] = softmax(scores[:, :ANGRY]) - target[:, :ANGRY]
        wrong[:, ANGRY] = 1 / (1 + np.exp(-scores[:, ANGRY])) - target[:, ANGRY]
        moved = ahead - step * (wrong + _RIDGE * ahead)
        following = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = moved + np.float32((pace - 1) / following) * (moved - found)
        found, pace = moved, following
    return found


def _largest(kernel: Floats) -> float:
    direction = np.ones(len(kernel), dtype=np.float32)
    size = 1.0
    for _ in range(10):
        direction = kernel @ direction
        size = float(np.linalg.norm(direction))
        direction /= size
    return size


def _validate(kernel: Floats, target: Floats, examples: Sequence[Example]) -> str:
    part = _parts(examples)
    given = np.zeros_like(target)
    for fold in range(FOLDS):
        known, asked = np.flatnonzero(part != fold), np.flatnonzero(part == fold)
        coefficients = _solve(kernel[np.ix_(known, known)], target[known])
        given[asked] = kernel[np.ix_(asked, known)] @ coefficients
    truth, guess = target[:, :ANGRY].argmax(axis=1), given[:, :ANGRY].argmax(axis=1)
    same = np.minimum(truth, OTHERS) == np.minimum(guess, OTHERS)
    return f"category {same.mean():.3f}, category and tier {(truth == guess).mean():.3f}"


def _parts(examples: Sequence[Example]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Each language's examples of a label are cut into consecutive parts: what resembles one another stays together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, example in enumerate(examples):
        groups.setdefault((example.language, example.label), []).append(index)
    part = np.zeros(len(examples), dtype=np.int64)
    for group in groups.values():
        for order, index in enumerate(group):
            part[index] = order * FOLDS // len(group)
    return part


if __name__ == "__main__":
    import sys

    def _say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    save(train(shipped_examples(), sentence_encoder(), _say), WEIGHTS)
    _say(f"wrote {WEIGHTS}, {WEIGHTS.stat().st_size / 1024:.0f} kB")
