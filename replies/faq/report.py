"""What `kefu faq ask` and `kefu faq eval` say about a matcher."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

from replies.faq.decoding import read_table
from replies.faq.matching import Action, Match, Matcher
from replies.source import Fault, SourceError, refuse
from replies.text import Language, clean, clip, detect

_LONGEST_MISS: Final = 60
BATCH: Final = 256
"""As many questions are seen at once."""


class Preparing(Protocol):
    """A matcher that is quicker where it sees many questions before it is asked them one by one."""

    def prepare(self, texts: Iterable[str]) -> None: ...


def ask(lines: Iterable[str], matcher: Matcher, first: int = 1) -> Iterator[str]:
    """One JSON line for each `{"text": …}` line, in order; blank lines are passed over. `first`: the number of the
    first line.

    A line that is not such an object is answered with a miss and an `error`, so that the order holds.
    """
    read = [_read(line, number) for number, line in enumerate(lines, first) if line.strip()]
    prepare(matcher, (one.text for one in read if isinstance(one, _Question)))
    for one in read:
        told = one if isinstance(one, dict) else _told(matcher.match(one.text, one.language))
        yield json.dumps(told, ensure_ascii=False)


def prepare(matcher: Matcher, texts: Iterable[str]) -> None:
    """Show the matcher what it is going to be asked, if that helps it."""
    if hasattr(matcher, "prepare"):
        cast("Preparing", matcher).prepare(texts)


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    language: Language


def _read(line: str, number: int) -> _Question | dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return _told(None) | {"error": f"line {number} is not JSON: {error}"}
    text = asked.get("text") if isinstance(asked, dict) else None
    if not isinstance(text, str):
        return _told(None) | {"error": f'line {number} is not an object with a "text"'}
    hint = asked.get("language")
    return _Question(text, detect(text, hint if isinstance(hint, str) else None))


def _told(match: Match | None) -> dict[str, Any]:
    if match is None:
        return {"action": Action.MISS.value, "id": None, "candidates": []}
    candidates = [{"id": found.id, "score": found.score} for found in match.candidates]
    return {"action": match.action.value, "id": match.id, "candidates": candidates}


@dataclass(frozen=True, slots=True)
class Query:
    """A question with the entry that answers it; `id` is empty where no entry does."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and what the matcher made of it."""

    query: Query
    match: Match

    @property
    def best(self) -> str | None:
        """The matcher's first guess, whatever it would do with it."""
        return self.match.candidates[0].id if self.match.candidates else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a matcher did on a set of queries. Shares are of their own kind, None where there are none of it."""

    asked: Sequence[Asked]

    @property
    def in_scope(self) -> list[Asked]:
        """What the FAQ has an answer to."""
        return [one for one in self.asked if one.query.id]

    @property
    def out_of_scope(self) -> list[Asked]:
        """What it should be silent on."""
        return [one for one in self.asked if not one.query.id]

    @property
    def answered(self) -> list[Asked]:
        """What was answered, rightly or not."""
        return [one for one in self.asked if one.match.action is Action.ANSWER]

    @property
    def accuracy(self) -> float | None:
        """Of in-scope queries, those whose right entry came first."""
        return _share(one.best == one.query.id for one in self.in_scope)

    @property
    def coverage(self) -> float | None:
        """Of in-scope queries, those that were answered."""
        return _share(one.match.action is Action.ANSWER for one in self.in_scope)

    @property
    def precision(self) -> float | None:
        """Of all answers, those that were right."""
        return _share(one.match.id == one.query.id for one in self.answered)

    @property
    def clarified(self) -> float | None:
        """Of in-scope queries that were asked back, those whose right entry was offered."""
        back = (one for one in self.in_scope if one.match.action is Action.CLARIFY)
        return _share(any(found.id == one.query.id for found in one.match.candidates) for one in back)

    @property
    def false_answers(self) -> float | None:
        """Of out-of-scope queries, those that were answered."""
        return _share(one.match.action is Action.ANSWER for one in self.out_of_scope)

    @property
    def misses(self) -> list[Asked]:
        """In-scope queries that a customer got no right answer or offer for."""
        return [one for one in self.in_scope if not _helped(one)]

    def report(self) -> str:
        """The figures and the miss list, for a terminal."""
        inside, outside = len(self.in_scope), len(self.out_of_scope)
        lines = [
            f"queries           {len(self.asked)} ({inside} in scope, {outside} out of scope)",
            f"accuracy          {_percent(self.accuracy)} of in-scope queries have the right entry first",
            f"coverage          {_percent(self.coverage)} of in-scope queries are answered",
            f"precision         {_percent(self.precision)} of {len(self.answered)} answers are right",
            f"clarify           {_percent(self.clarified)} of in-scope clarifications offer the right entry",
            f"false answers     {_percent(self.false_answers)} of out-of-scope queries are answered",
            f"misses            {len(self.misses)}",
        ]
        for one in self.misses:
            text = clip(" ".join(clean(one.query.text).split()), _LONGEST_MISS)
            lines.append(f"  {text}\t{one.match.action.value}\twanted {one.query.id}\tfound {one.best or '-'}")
        return "\n".join(lines)


def evaluate(matcher: Matcher, queries: Iterable[Query]) -> Evaluation:
    """Ask every query."""
    waiting, asked = list(queries), []
    for first in range(0, len(waiting), BATCH):
        part = waiting[first : first + BATCH]
        prepare(matcher, (query.text for query in part))
        asked += [Asked(query, matcher.match(query.text, detect(query.text))) for query in part]
    return Evaluation(asked)


def read_queries(path: Path) -> list[Query]:
    """Queries from a CSV with the columns `text` and `id`; raises ContentError with file and line."""
    reader = csv.reader(io.StringIO(read_table(path).text, newline=""), strict=True)
    queries: list[Query] = []
    faults: list[Fault] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if not {"text", "id"} <= set(header):
            raise SourceError(Fault(str(path), 1, "column text or id is missing", "the first line must be text,id"))
        text, id_ = header.index("text"), header.index("id")
        for cells in reader:
            if len(cells) == len(header):
                queries.append(Query(cells[text], cells[id_].strip()))
            elif cells:
                faults.append(Fault(str(path), reader.line_num, f"has {len(cells)} cells instead of {len(header)}"))
    except csv.Error as error:
        faults.append(Fault(str(path), reader.line_num, f"is not CSV: {error}"))
    refuse(faults)
    return queries


def _helped(one: Asked) -> bool:
    if one.match.action is Action.ANSWER:
        return one.match.id == one.query.id
    return one.match.action is Action.CLARIFY and any(found.id == one.query.id for found in one.match.candidates)


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else None


def _percent(share: float | None) -> str:
    return "    –" if share is None else f"{share:5.1%}"
