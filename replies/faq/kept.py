"""Built indexes on disk, so that a start, or another process, need not build them again.

A file an FAQ, named by what it is made of. Whatever is wrong with a file or the folder, the index is only built anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import replies.text
from replies.faq.calibration import Own
from replies.faq.gate import PRIOR, STEPS
from replies.faq.index import Index, rows_of
from replies.faq.sparse import EMPTY, Corpus, Floats
from replies.faq.squeezed import Squeezed
from replies.faq.table import Entry

_MOST: Final = 8
"""Files of a folder; those not used for longest are dropped."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What takes long to make: the index, the regression's weights where there is one, and what the FAQ says of its
    gate, unless that has not been asked yet."""

    index: Index
    weights: Floats | None
    own: Own | None = None


@cache
def made_by() -> str:
    """Another one whenever the code is that decides what an index consists of."""
    sources = [*sorted(Path(__file__).parent.glob("*.py")), PRIOR, Path(replies.text.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def key_of(entries: Sequence[Entry], encoder: str) -> str:
    """What an index of these entries is made of."""
    told = json.dumps([made_by(), encoder, rows_of(entries)], ensure_ascii=True)
    return f"{encoder or 'wording'}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


class Kept:
    """The indexes of a folder, which several processes may use at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Where an index is or would be."""
        return self._folder / f"{key}.npz"

    def read(self, key: str) -> Built | None:
        """The index of this key, if it is here and whole."""
        path = self.path(key)
        if not path.exists():
            return None
        try:
            built = _read(path)
            os.utime(path)
        except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
            _log.warning("%s is broken (%s): the FAQ's index is built anew", path, error)
            return None
        return built

    def latest(self, encoder: str) -> Built | None:
        """The index with this encoder's vectors that was used last: of the same FAQ, likely, before it was edited."""
        own = [path.stem for path in self._paths() if path.stem.startswith(f"{encoder or 'wording'}-")]
        return self.read(own[0]) if own else None

    def write(self, key: str, built: Built) -> None:
        """Keep an index; where that cannot be done, a warning says so."""
        path = self.path(key)
        half = path.with_name(f".{key}.{os.getpid()}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                np.savez(file, allow_pickle=False, **_arrays(built))
            os.replace(half, path)
            for old in self._paths()[_MOST:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s: the FAQ's index cannot be kept: %s", path, error.strerror)

    def _paths(self) -> list[Path]:
        """Used last first."""
        found: list[tuple[float, Path]] = []
        for path in self._folder.glob("*.npz"):
            try:
                found.append((path.stat().st_mtime, path))
            except OSError:  # another process has just dropped it
                continue
        return [path for _, path in sorted(found, reverse=True)]


def _arrays(built: Built) -> dict[str, NDArray[Any]]:
    index, corpus = built.index, built.index.corpus
    kind = built.own.kind if built.own else ""
    told = [made_by(), index.encoder, index.ids, index.plains, index.said, list(corpus.vocabulary), kind]
    arrays: dict[str, NDArray[Any]] = {
        "told": np.frombuffer(json.dumps(told).encode(), np.uint8),
        "owners": index.owners.astype(np.int32),
        "starts": corpus.starts,
        "features": corpus.ids,
        "counts": corpus.counts,
    }
    if index.vectors is not None:
        arrays |= {"steps": index.vectors.steps, "scales": index.vectors.scales}
    if built.own is not None:
        own = built.own
        numbers = [own.shift, own.stretch, own.trust, own.alone, own.entries, own.edits]
        arrays |= {"own": np.array(numbers, np.float64), "bars": np.stack([own.answered, own.wrong, own.outside])}
    return arrays if built.weights is None else arrays | {"weights": built.weights}


def _read(path: Path) -> Built:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        maker, encoder, ids, plains, said, features, kind = json.loads(file["told"].tobytes())
        vectors = Squeezed(file["steps"], file["scales"]) if "steps" in file else None
        corpus, weights, own = EMPTY, None, None
        if maker == made_by():  # else only the sentence vectors are what they would be now
            vocabulary = {feature: number for number, feature in enumerate(features)}
            corpus = Corpus(vocabulary, file["starts"], file["features"], file["counts"])
            weights = file.get("weights")
            own = _own(kind, file) if kind else None
        owners = file["owners"].astype(np.int64)
    index = Index(tuple(ids), tuple(plains), tuple(said), owners, corpus, vectors, encoder)
    fitting = len(plains) == len(owners) == len(said) - len(ids)
    if not fitting or (vectors is not None and len(vectors) != len(said)):
        raise ValueError("its parts do not fit together")
    return Built(index, weights, own)


def _own(kind: str, file: Mapping[str, NDArray[Any]]) -> Own:
    shift, stretch, trust, alone, entries, edits = file["own"].tolist()
    bars = file["bars"]
    if bars.shape != (3, len(STEPS)):
        raise ValueError("its gate has other bars")
    answered, wrong, outside = bars
    return Own(kind, shift, stretch, answered, wrong, outside, trust, int(alone), int(entries), int(edits))
