"""The FAQ as those who write it see it: `bot.ports.Library` on the operator's own file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.errors import ContentError, TakenError
from replies.etiquette import check
from replies.faq.table import MAX_ANSWER, MAX_QUESTION, Entry, Faq, format_faq, read_faq
from replies.knowledge import faq_files
from replies.saving import alone, save
from replies.source import CONTENT
from replies.text import FALLBACKS, Language, bare, clean, fold, language_of

ALIKE: Final = 0.6
"""The share of common pairs of letters from which two questions are shown as one."""
MOST_COMPARED: Final = 200
"""Characters of a question that are compared."""


class FaqFile:
    """Implements `bot.ports.Library`. Every change reads the file anew and writes it whole, or not at all."""

    def __init__(self, path: Path | None, content: Path = CONTENT) -> None:
        self._path, self._content = path, content

    @property
    def own(self) -> str | None:
        """The operator's file; None while the content folder's samples are in use."""
        return None if self._path is None else str(self._path)

    def entries(self, language: str) -> list[tuple[str, str]]:
        """Id and title of every entry, in the order of the file."""
        spoken = language_of(language) or "zh-Hans"
        return [(entry.id, entry.title(spoken)) for entry in self._read()]

    def alike(self, texts: Sequence[str]) -> list[list[int]]:
        """Which of the texts ask about the same: places in groups, the first of each being its leader."""
        pairs = [_pairs(text) for text in texts]
        groups: list[list[int]] = []
        for place, own in enumerate(pairs):
            group = next((group for group in groups if _share(pairs[group[0]], own) >= ALIKE), None)
            if group is None:
                groups.append([place])
            else:
                group.append(place)
        return groups

    def remarks(self, answer: str, language: str) -> list[str]:
        """What the etiquette has against an answer, each with a better wording."""
        advice = check(answer, language_of(language) or "zh-Hans")
        return [f"“{one.words}”: {one.why} → {one.mend}" for one in advice]

    def add(self, questions: Sequence[str], answer: str, language: str) -> str:
        """A new entry; its id. ContentError where it does not hold together, or a question is asked already."""
        spoken = language_of(language) or "zh-Hans"
        asked, said = _questions(questions), clean(answer).strip()
        if not said:
            raise ContentError("the answer is empty: write what the customer should read")
        if len(said) > MAX_ANSWER:
            raise ContentError(f"the answer has {len(said)} characters: at most {MAX_ANSWER} fit")
        with self._alone():
            faq = self._read()
            _refuse_known(faq, asked, but="")
            id_ = _fresh(faq)
            self._write(faq, Entry(id_, {spoken: asked}, {spoken: said}))
        return id_

    def extend(self, id_: str, questions: Sequence[str], language: str) -> None:
        """More ways to ask an entry; those it has already change nothing. ContentError if there is no such entry."""
        asked = _questions(questions)
        with self._alone():
            faq = self._read()
            entry = faq.get(id_)
            if entry is None:
                raise ContentError(f"there is no entry {id_!r} (any more)")
            _refuse_known(faq, asked, but=id_)
            spoken = _answered(entry, language_of(language) or "zh-Hans")
            old = entry.questions.get(spoken, ())
            known = {_folded(question) for question in old}
            new = tuple(question for question in asked if _folded(question) not in known)
            if new:
                self._write(faq, replace(entry, questions={**entry.questions, spoken: (*old, *new)}))

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext() if self._path is None else alone(self._path)

    def _read(self) -> Faq:
        if self._path is None:
            return read_faq(*faq_files(self._content))
        return read_faq(self._path) if self._path.exists() else Faq()

    def _write(self, faq: Faq, entry: Entry) -> None:
        if self._path is None:
            raise ContentError(
                'the FAQ in use is the shipped sample: name a file of your own in [faq] path = "faq.csv"'
            )
        save(self._path, format_faq({**faq.entries, entry.id: entry}.values()))


def _folded(question: str) -> str:
    return bare(fold(question))


def _questions(questions: Sequence[str]) -> tuple[str, ...]:
    asked = {_folded(text): text for question in questions if (text := " ".join(clean(question).split()))}
    asked.pop("", None)
    if not asked:
        raise ContentError("the question is empty: write what the customer asks")
    if any(len(question) > MAX_QUESTION for question in asked.values()):
        raise ContentError(f"the question is too long: at most {MAX_QUESTION} characters fit")
    return tuple(asked.values())


def _refuse_known(faq: Faq, asked: Sequence[str], *, but: str) -> None:
    """One question under two entries makes the bot ask back for ever."""
    wanted = {_folded(question): question for question in asked}
    for entry in faq:
        for question in (way for ways in entry.questions.values() for way in ways):
            if entry.id != but and (new := wanted.get(_folded(question))) is not None:
                raise TakenError(new, entry.id)


def _fresh(faq: Faq) -> str:
    number = len(faq) + 1
    while f"faq-{number}" in faq.entries:
        number += 1
    return f"faq-{number}"


def _answered(entry: Entry, language: Language) -> Language:
    """The language of an entry under which a question can stand: one that has an answer."""
    return next((near for near in FALLBACKS[language] if near in entry.answers), language)


def _pairs(text: str) -> frozenset[str]:
    letters = _folded(text)[:MOST_COMPARED]
    return frozenset(letters[i : i + 2] for i in range(max(1, len(letters) - 1)))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other))
