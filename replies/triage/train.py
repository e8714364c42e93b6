"""Train the weights of triage: `python -m replies.triage.train`, or `kefu triage train` with examples of one's own.

Multinomial logistic regression on hashed pieces of words, and on these beside nearness of sentence vectors. It is
solved over the examples instead of over the weights (a kernel machine: thousands of unknowns, not hundreds of
thousands), by accelerated descent, in a few minutes of numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from replies.triage.encoder import sentence_encoder
from replies.triage.examples import TRAINING, Example, read_examples
from replies.triage.features import SIZE, bucketed, buckets
from replies.triage.folds import FOLDS, groups, parts
from replies.triage.judge import Judge
from replies.triage.landmarks import Landmarks
from replies.triage.model import ANGRY, LABELS, VECTOR, WEIGHTS, Floats, Model, centred, pack, softmax
from replies.triage.reading import read
from replies.triage.report import Judged
from replies.triage.signs import see
from replies.understanding import CALM, Understanding

Encode = Callable[[Sequence[str]], Floats]
Tell = Callable[[str], None]
Rows = npt.NDArray[np.int64]

_RIDGE: Final = 0.02
_STEPS: Final = 200
_NAMED: Final = 9.0
"""The least a rule's or a cue's name counts for: about as much as the rarest piece of a word. By cross-validation."""
FEW: Final = 40


def shipped_examples() -> list[Example]:
    """The examples in the repository."""
    return [example for path in sorted(TRAINING.glob("*.tsv")) for example in read_examples(path)]


def train(examples: Sequence[Example], encode: Encode | None, tell: Tell, *, validate: bool = True) -> Model:
    """Weights from examples; before that, if asked, what cross-validation makes of them."""
    view = look(examples, None if encode is None else _vectors(examples, encode))
    if encode is None:
        tell("no sentence encoder: only the weights for words alone are trained")
    if validate:
        tell(f"{len(examples)} examples; judged in {FOLDS} parts, each by what the others teach, likes kept together:")
        for name, judged in cross_validated(view):
            tell(f"{name}:\n{judged.figures()}")
    return view.learn(np.arange(len(examples)))


@dataclass(frozen=True, slots=True)
class View:
    """Examples as the model reads them: `table` of their words (n, SIZE); `vectors` and `places` of those, if any."""

    examples: Sequence[Example]
    idf: Floats
    table: Floats
    vectors: Floats | None
    marks: Landmarks
    places: Floats
    target: Floats
    alone: Floats
    both: Floats

    def learn(self, rows: Rows) -> Model:
        """Weights from some of the examples."""
        block, target = np.ix_(rows, rows), self.target[rows]
        words = _solve(self.alone[block], target)
        fused = words if self.vectors is None else _solve(self.both[block], target)
        near, level = self.marks.weights(self.places[rows].T @ fused)
        both = np.zeros((len(self.table), 2 * (ANGRY + 1)), dtype=np.float32)  # cheaper than a copy of the table
        both[rows] = np.hstack([words, fused])
        words, fused = np.hsplit(self.table.T @ both, 2)
        dangers, perils = self._perils(rows)
        marks = self.marks
        return Model(self.idf, words, fused, near, level, marks.vectors, marks.centre, dangers, perils)

    def _perils(self, rows: Rows) -> tuple[tuple[str, ...], Floats | None]:
        """The dangers of critical examples in which a rule sees one, and the mean vector of each."""
        if self.vectors is None:
            return (), None
        told: dict[str, list[int]] = {}
        for row in rows:
            example = self.examples[int(row)]
            if example.tier == "critical" and (name := see(read(example.text)).danger):
                told.setdefault(name, []).append(int(row))
        means = [centred(self.vectors[of], self.marks.centre).mean(axis=0) for of in told.values()]
        perils = np.array(means, dtype=np.float32).reshape(-1, VECTOR)
        return tuple(told), perils / (np.linalg.norm(perils, axis=1, keepdims=True) + 1e-9)


def look(examples: Sequence[Example], vectors: Floats | None) -> View:
    """Prepare examples, with the sentence vectors of them if there are any, (n, VECTOR)."""
    named = [see(read(example.text)).names for example in examples]
    seen = [buckets(read(example.text).plain, names) for example, names in zip(examples, named, strict=True)]
    idf = _rarity(seen, bucketed(frozenset().union(*named)))
    table = _table(seen, idf)
    marks = Landmarks.among(np.ones((1, VECTOR), dtype=np.float32) if vectors is None else vectors)
    places = np.zeros((len(table), len(marks.vectors)), np.float32) if vectors is None else marks.place(vectors)
    alone = _alike(table, seen)
    return View(examples, idf, table, vectors, marks, places, _target(examples), alone, alone + places @ places.T)


def cross_validated(view: View) -> Iterator[tuple[str, Judged]]:
    """How examples are judged by rules and weights that were learnt without them and without any that are like them.

    The rules were written with many of these examples in sight: on other texts they do worse than here.
    """
    own = None if view.vectors is None else centred(view.vectors, view.marks.centre)
    part = parts(groups(view.alone, own), [example.label for example in view.examples])
    judges = [Judge(view.learn(np.flatnonzero(part != fold))) for fold in range(FOLDS)]
    yield (
        "words alone",
        Judged(view.examples, [_judged(view, judges[part[row]], row, None) for row in range(len(part))]),
    )
    if (vectors := view.vectors) is not None:
        meant = [_judged(view, judges[part[row]], row, vectors[row]) for row in range(len(part))]
        yield "words and vector", Judged(view.examples, meant)


def _judged(view: View, judge: Judge, row: int, vector: Floats | None) -> Understanding:
    return judge.weigh(view.examples[row].text, view.examples[row].language, CALM, vector)


def save(model: Model, path: Path) -> None:
    """Store weights where `load_model` finds them."""
    np.savez_compressed(path, allow_pickle=False, **pack(model))


def _rarity(seen: Sequence[Rows], names: Rows) -> Floats:
    """What each bucket counts for: the more, the fewer messages have it; names of rules and cues count as if rare."""
    count = np.zeros(SIZE)
    for found in seen:
        count[found] += 1
    rarity = np.asarray(np.log((len(seen) + 1) / (count + 1)) + 1, dtype=np.float32)
    rarity[names] = np.maximum(rarity[names], _NAMED)
    return rarity


def _table(seen: Sequence[Rows], idf: Floats) -> Floats:
    table = np.zeros((len(seen), SIZE), dtype=np.float32)
    for row, found in zip(table, seen, strict=True):
        row[found] = idf[found] / np.linalg.norm(idf[found])
    return table


def _vectors(examples: Sequence[Example], encode: Encode) -> Floats:
    found = [encode([example.text for example in examples[at : at + 64]]) for at in range(0, len(examples), 64)]
    return np.concatenate(found)


def _alike(table: Floats, seen: Sequence[Rows]) -> Floats:
    """`table @ table.T`, many times faster: of the buckets that few messages share, only those are multiplied."""
    count = np.bincount(np.concatenate(seen), minlength=SIZE)
    common = np.ascontiguousarray(table[:, count > FEW])
    alike = common @ common.T
    row = np.repeat(np.arange(len(seen)), [len(found) for found in seen])
    bucket = np.concatenate(seen)
    rare = (count[bucket] > 1) & (count[bucket] <= FEW)
    row, bucket = row[rare], bucket[rare]
    order = np.argsort(bucket, kind="stable")
    ends = np.flatnonzero(np.diff(bucket[order])) + 1
    for among in np.split(order, ends):
        rows = row[among]
        values = table[rows, bucket[among]]
        alike[np.ix_(rows, rows)] += np.outer(values, values)
    diagonal = np.arange(len(table))
    alike[diagonal, diagonal] = 1
    return np.asarray(alike, dtype=np.float32)


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


if __name__ == "__main__":
    import sys

    def _say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    save(train(shipped_examples(), sentence_encoder(), _say), WEIGHTS)
    _say(f"wrote {WEIGHTS}, {WEIGHTS.stat().st_size / 1024:.0f} kB")
