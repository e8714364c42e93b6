"""Keeps a running brain's FAQ as fresh as its files, and gives it the sentence encoder once that is loaded.

All of it in a thread of its own: meanwhile the brain answers with what it has, and the new one is put in whole.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Final

from bot.errors import ContentError
from replies.brain import Scripted
from replies.faq.encoder import Encoder, sentence_encoder
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.index import Progress
from replies.faq.kept import Kept
from replies.faq.table import Faq, read_faq

_LOOKS_EVERY: Final = 2.0
_LONG: Final = 1024
_log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """What is being built is not wanted any more."""


class Freshness:
    """Looks every other second whether one of `files` has changed. A broken file is told of, and the old FAQ stays."""

    def __init__(
        self,
        brain: Scripted,
        files: Sequence[Path],
        *,
        wrong_answers: float,
        encoder: bool = True,
        kept: Kept | None = None,
    ) -> None:
        self._brain, self._files, self._kept = brain, files, kept
        self._wrong_answers, self._wanted = wrong_answers, encoder
        self._encoder: Encoder | None = None
        self._over = Event()
        self._thread = Thread(target=self._work, name="faq", daemon=True)
        self._seen = self._state()

    def start(self) -> None:
        """Load the encoder, then look after the files."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what is being built is thrown away."""
        self._over.set()

    def _work(self) -> None:
        with contextlib.suppress(_StoppedError):
            self._try(self._wake)
            while not self._over.wait(_LOOKS_EVERY):
                self._try(self.look)

    def _try(self, do: Callable[[], object]) -> None:
        """Whatever goes wrong once is told, and is no end of looking."""
        try:
            do()
        except _StoppedError:
            raise
        except Exception:
            _log.exception("the FAQ cannot be taken in, the old one stays")

    def _wake(self) -> None:
        self._encoder = sentence_encoder() if self._wanted else None
        self._put(self._brain.knowledge.faq)

    def look(self) -> bool:
        """Take the FAQ in if its files have changed; whether it was."""
        state = self._state()
        if state == self._seen:
            return False
        self._seen = state
        try:
            faq = read_faq(*self._files)
        except ContentError as error:
            _log.error("the FAQ has changed and cannot be used, the old one stays: %s", error)
            return False
        self._put(faq)
        _log.info("the FAQ has changed: %d entries", len(faq))
        return True

    def _put(self, faq: Faq) -> None:
        before = self._brain.knowledge.matcher
        matcher = make_matcher(
            faq,
            self._encoder,
            wrong_answers=self._wrong_answers,
            before=before if isinstance(before, FusedMatcher) else None,
            kept=self._kept,
            told=self._tell,
            calibrate=True,
        )
        if not self._over.is_set():
            self._brain.knowledge = replace(self._brain.knowledge, faq=faq, matcher=matcher)

    def _tell(self, progress: Progress) -> None:
        """In a log that somebody watches a few lines are enough, and a small FAQ is not worth one."""
        if progress.total > _LONG and progress.done % _LONG == 0:
            _log.info("the FAQ: %d of %d ways to ask are read for their meaning", progress.done, progress.total)
        if self._over.is_set():
            raise _StoppedError

    def _state(self) -> list[tuple[int, int] | None]:
        return [_stamp(path) for path in self._files]


def _stamp(path: Path) -> tuple[int, int] | None:
    """When it was written and how long it is; None of a file that is not there, or cannot be looked at just now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
