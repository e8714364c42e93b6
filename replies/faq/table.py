"""The FAQ as a table that a shop can keep in a spreadsheet, and the entries read from it.

Columns `id,question,answer,language`. Several rows with one id and language are ways to ask the same; the answer
stands on the first of them, and on the others it is left empty or repeated. A file is taken whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from replies.faq.decoding import read_table
from replies.source import Fault, refuse
from replies.text import FALLBACKS, LANGUAGES, Language, bare, clean, clip, detect, fold, language_of

COLUMNS: Final = ("id", "question", "answer", "language")
MAX_ID: Final = 100
MAX_QUESTION: Final = 1000
MAX_ANSWER: Final = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """One way to ask, as it stands in the file; `answer` may be empty where an earlier row gave it."""

    id: str
    question: str
    answer: str
    language: Language
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing customers ask: ways to ask it and the answer, by language."""

    id: str
    questions: Mapping[Language, tuple[str, ...]]
    answers: Mapping[Language, str]

    def answer(self, language: Language) -> str:
        """The answer in the customer's language, or in the nearest one there is."""
        return next((self.answers[near] for near in FALLBACKS[language] if near in self.answers), "")

    def title(self, language: Language) -> str:
        """The first way to ask, as the entry's name on a button."""
        return next((self.questions[near][0] for near in FALLBACKS[language] if self.questions.get(near)), self.id)


@dataclass(frozen=True, slots=True)
class Faq:
    """All entries by id, in the order of the file."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def get(self, id_: str) -> Entry | None:
        """The entry, None if it is not (or no longer) in the FAQ."""
        return self.entries.get(id_)


def read_faq(*paths: Path) -> Faq:
    """The entries of one file, or of several that complete one another (one a language).

    Raises ContentError with every fault's file and line; nothing of a broken file is used.
    """
    rows, faults = read_rows(*paths)
    refuse(faults or contradictions(rows))
    return collect(rows)


def read_rows(*paths: Path) -> tuple[list[Row], list[Fault]]:
    """The good rows and what is wrong with the others."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for path in paths:
        good, bad = parse(read_table(path).text, str(path))
        rows += good
        faults += bad
    return rows, faults


def parse(text: str, file: str = "<faq>") -> tuple[list[Row], list[Fault]]:
    """Read the CSV text of one file."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Row] = []
    faults: list[Fault] = []
    line = 1
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if fault := _header_fault(header, file):
            return [], [fault]
        places = [header.index(name) for name in COLUMNS]
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = _row(cells, places, len(header), file, line)
                faults.append(row) if isinstance(row, Fault) else rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault(file, line, f"is not CSV: {error}", "look for a quotation mark that is not closed"))
    return rows, faults


def _header_fault(header: Sequence[str], file: str) -> Fault | None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        mend = f"the first line must be {','.join(COLUMNS)}"
        return Fault(file, 1, f"column {', '.join(missing)} is missing", mend)
    twice = [name for name in COLUMNS if header.count(name) > 1]
    return Fault(file, 1, f"column {', '.join(twice)} stands twice", "keep one of them") if twice else None


def _row(cells: Sequence[str], places: Sequence[int], width: int, file: str, line: int) -> Row | Fault:
    if len(cells) != width:
        mend = "put a text with commas in quotation marks"
        return Fault(file, line, f"has {len(cells)} cells instead of {width}", mend)
    id_, question, answer, tag = (clean(cells[place]).strip() for place in places)
    language = language_of(tag) if tag else detect(question)
    if not id_:
        return Fault(file, line, "has no id", "rows with one id are ways to ask the same thing")
    if len(id_) > MAX_ID:
        return Fault(file, line, f"id {clip(id_, 40)!r} is too long", f"at most {MAX_ID} characters")
    if not bare(fold(clip(question))):
        return Fault(file, line, f"{id_}: the question is empty", "write it, or delete the row")
    if len(question) > MAX_QUESTION or len(answer) > MAX_ANSWER:
        mend = f"a question has at most {MAX_QUESTION} characters, an answer at most {MAX_ANSWER}"
        return Fault(file, line, f"{id_}: the text is too long", mend)
    if language is None:
        return Fault(file, line, f"{id_}: language {clip(tag, 40)!r} is not known", f"one of {', '.join(LANGUAGES)}")
    return Row(id_, question, answer, language, file, line)


def contradictions(rows: Iterable[Row]) -> list[Fault]:
    """Two answers for one id and language, and an id that is given no answer in a language."""
    faults: list[Fault] = []
    answers: dict[tuple[str, Language], Row] = {}
    asked: dict[tuple[str, Language], Row] = {}
    for row in rows:
        key = (row.id, row.language)
        asked.setdefault(key, row)
        if row.answer and answers.setdefault(key, row).answer != row.answer:
            first = answers[key]
            faults.append(
                _at(row, f"{row.id}: another answer than in {first.file}:{first.line}", "keep one of the two")
            )
    answerless = (row for key, row in asked.items() if key not in answers)
    faults += [
        _at(row, f"{row.id}: no answer in {row.language}", "write it in the first row of the id") for row in answerless
    ]
    return faults


def shared_questions(rows: Iterable[Row]) -> list[Fault]:
    """One question under two ids: usable, since the matcher asks back, but rarely meant."""
    faults: list[Fault] = []
    firsts: dict[tuple[str, Language], Row] = {}
    for row in rows:
        first = firsts.setdefault((bare(fold(row.question)), row.language), row)
        if first.id != row.id:
            faults.append(
                _at(row, f"{row.id}: asks the same as {first.id} in {first.file}:{first.line}", "keep one of the two")
            )
    return faults


def _at(row: Row, text: str, mend: str) -> Fault:
    return Fault(row.file, row.line, text, mend)


def collect(rows: Iterable[Row]) -> Faq:
    """The entries of rows that hold together."""
    questions: dict[str, dict[Language, dict[str, None]]] = {}
    answers: dict[str, dict[Language, str]] = {}
    for row in rows:
        questions.setdefault(row.id, {}).setdefault(row.language, {})[row.question] = None
        if row.answer:
            answers.setdefault(row.id, {}).setdefault(row.language, row.answer)
    return Faq(
        {
            id_: Entry(id_, {language: tuple(ways) for language, ways in asked.items()}, answers.get(id_, {}))
            for id_, asked in questions.items()
        }
    )


def format_faq(entries: Iterable[Entry], languages: Sequence[Language] = LANGUAGES) -> str:
    """CSV text that `read_faq` reads back; begins with a BOM, without which Excel garbles Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        for language in languages:
            for number, question in enumerate(entry.questions.get(language, ())):
                writer.writerow((entry.id, question, "" if number else entry.answers.get(language, ""), language))
    return "\ufeff" + out.getvalue()
