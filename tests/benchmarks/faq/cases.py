"""Questions whose answers are known, to fit the shipped gate on and to measure with.

- CLINC150 (Larson et al. 2019, github.com/clinc/oos-eval, CC BY 3.0) and HWU64 (Liu et al. 2019,
  github.com/xliuhw/NLU-Evaluation-Data, CC BY 4.0), as `clinc_faq.csv`, `clinc_queries.csv` and so on in a folder of
  yours: the columns of `kefu faq ask --faq` and of `kefu faq eval --queries`. They are too large to lie here.
- `everyday.tsv`: written for kefu. A question, another way to ask it, and another question about the same thing.
- `firms.tsv`: written for kefu as well, of what firms are asked: a question and its answer, another way to ask it, one
  with hardly a word of it, and another question about the same thing. No line of it is one of `tests/data`.
- The shipped FAQ and the questions of its tests.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import opencc

from replies.faq.report import read_queries
from replies.faq.sounds import sound
from replies.faq.table import Entry, read_faq
from replies.knowledge import faq_files

HERE = Path(__file__).parent
SHOP = HERE.parents[1] / "replies" / "faq" / "queries.csv"
_HARD = 0.4
WAYS = ("plain", "traditional", "typo")


@dataclass(frozen=True)
class Query:
    """`id` is empty where the FAQ has no answer; `weight`: how much it counts in fitting."""

    text: str
    id: str
    weight: float = 1.0


@dataclass(frozen=True)
class Case:
    """An FAQ and what it is asked."""

    name: str
    entries: Sequence[Entry]
    queries: Sequence[Query]


def everything(folder: Path | None, seed: int = 0) -> Iterator[Case]:
    """All cases; those of a folder only where there is one."""
    chance = random.Random(seed)
    for name, sizes in (("clinc", (1, 3, 6, 20)), ("hwu64", (1, 3, 10, 30))):
        if folder and (folder / f"{name}_faq.csv").exists():
            for size in sizes:
                yield intents(folder, name, size, chance, share=0.75)
                yield intents(folder, name, size, chance, share=0.1)
    for number in range(6):
        yield everyday(number, chance)
        yield everyday(number, chance, kept=chance.choice((3, 8, 20)))
    for way in WAYS:
        yield firms(way, chance, kept=120)
        yield firms(way, chance, kept=20)
    yield from shop(chance)


def intents(folder: Path, name: str, size: int, chance: random.Random, share: float = 1.0) -> Case:
    """So many ways to ask each entry; `share` of the entries, the questions of the others being out of scope."""
    faq = read_faq(folder / f"{name}_faq.csv")
    kept = set(chance.sample(sorted(faq.entries), int(len(faq) * share)))
    entries = [few(entry, size, chance) for entry in faq if entry.id in kept]
    queries = [
        Query(one.text, one.id if one.id in kept else "") for one in read_queries(folder / f"{name}_queries.csv")
    ]
    chance.shuffle(queries)
    return Case(f"{name} {size}", entries, queries[:400] if share < 1 else queries)


def few(entry: Entry, size: int, chance: random.Random) -> Entry:
    ways = [way for ways in entry.questions.values() for way in ways]
    return Entry(entry.id, {"en": tuple(chance.sample(ways, min(size, len(ways))))}, {"en": entry.id})


def everyday(number: int, chance: random.Random, kept: int = 90) -> Case:
    """One way to ask each entry; as written, in Traditional characters, or with a homophone typed by mistake."""
    rows = table("everyday")
    inside = set(chance.sample(range(len(rows)), kept))
    entries, queries = [], []
    for place, row in enumerate(rows):
        own, asked = (row["question"], row["paraphrase"])[:: -1 if number > 2 else 1]
        if place in inside:
            entries.append(Entry(str(place), {"zh-Hans": (own,)}, {"zh-Hans": own}))
        queries.append(Query(asked, str(place) if place in inside else ""))
        queries.append(Query(row["other"], "", _HARD if place in inside else 1.0))
    return Case(f"everyday {number}", entries, written(queries, WAYS[number % 3], chance))


def firms(way: str, chance: random.Random, kept: int = 1000, column: str = "paraphrase") -> Case:
    """One way to ask each entry; the questions of `column`, and those about the same things that have no answer."""
    rows = table("firms")
    inside = set(chance.sample(range(len(rows)), min(kept, len(rows))))
    entries, queries = [], []
    for place, row in enumerate(rows):
        if place in inside:
            entries.append(Entry(str(place), {"zh-Hans": (row["question"],)}, {"zh-Hans": row["answer"]}))
        queries.append(Query(row[column], str(place) if place in inside else ""))
        queries.append(Query(row["other"], "", _HARD if place in inside else 1.0))
    return Case(f"firms {column} {way}", entries, written(queries, way, chance))


def table(name: str) -> list[dict[str, str]]:
    """The rows of a file beside this one."""
    with (HERE / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def written(queries: Sequence[Query], way: str, chance: random.Random) -> list[Query]:
    """As they are, in Traditional characters, or each with a homophone typed by mistake."""
    changes: dict[str, Callable[[str], str]] = {
        "plain": str,
        "traditional": opencc.OpenCC("s2twp").convert,
        "typo": lambda text: mistyped(text, chance),
    }
    change = changes[way]
    return [Query(change(one.text), one.id, one.weight) for one in queries]


@cache
def _homophones() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for high in range(0xB0, 0xD7):
        for low in range(0xA1, 0xFF):
            char = bytes((high, low)).decode("gb2312")
            found.setdefault(sound(char), []).append(char)
    return found


def mistyped(text: str, chance: random.Random) -> str:
    """With one character replaced by another that sounds the same."""
    places = [place for place, char in enumerate(text) if len(_homophones().get(sound(char), ())) > 2]
    if not places:
        return text
    place = chance.choice(places)
    others = [char for char in _homophones()[sound(text[place])] if char != text[place]]
    return text[:place] + chance.choice(others) + text[place + 1 :]


def shop(chance: random.Random) -> Iterator[Case]:
    """The shipped FAQ: whole, with one way to ask each entry and language, and with entries left out."""
    faq = read_faq(*faq_files())
    queries = [Query(one.text, one.id) for one in read_queries(SHOP)]
    yield Case("shop", list(faq), queries)
    short = [Entry(one.id, {tongue: ways[:1] for tongue, ways in one.questions.items()}, one.answers) for one in faq]
    yield Case("shop 1", short, queries)
    for name, number in (("shop less", 36), ("shop small", 6)):
        kept = set(chance.sample(sorted(faq.entries), number))
        entries = [one for one in faq if one.id in kept]
        yield Case(name, entries, [Query(one.text, one.id if one.id in kept else "") for one in queries])
