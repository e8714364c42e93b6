"""Which two Chinese characters stand together: `python -m tests.benchmarks.faq.pairs DICT` writes
`replies/faq/pairs.txt`.

DICT is the word list of jieba 0.42.1 (`jieba/dict.txt` of its package, MIT): a word, how often it was met, its kind. A
pair is as customers use to if its words were met `OFTEN` times and it stands twice in what kefu itself says and was
taught with; very often are those met `VERY_OFTEN` times, often those met `OFTEN` times or only said twice by kefu. In
Simplified characters. Nothing of `tests` is in it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from replies.faq.spelling import PAIRS
from replies.source import CONTENT
from replies.text import fold
from replies.triage.examples import TRAINING

TWICE = 2
VERY_OFTEN = 1000
OFTEN = 100
LONGEST = 4
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")


def own() -> set[str]:
    """The pairs that kefu uses more than once."""
    found: Counter[str] = Counter()
    for folder in (CONTENT, TRAINING):
        for path in sorted(folder.rglob("*.*")):
            for run in _RUN.findall(fold(path.read_text("utf-8"))):
                found.update(one + other for one, other in pairwise(run))
    return {pair for pair, count in found.items() if count >= TWICE}


def anybodys(words: Path) -> Counter[str]:
    """How often the pairs of a word list were met."""
    found: Counter[str] = Counter()
    for line in words.read_text("utf-8").splitlines():
        word, times, *_ = line.split()
        word = fold(word)
        if len(word) <= LONGEST and _RUN.fullmatch(word):
            for one, other in pairwise(word):
                found[one + other] += int(times)
    return found


def main(words: Path) -> None:
    """Write the file."""
    met, ours = anybodys(words), own()
    behind: dict[str, tuple[list[str], ...]] = defaultdict(lambda: ([], [], []))
    for pair in sorted(ours | {pair for pair, times in met.items() if times >= OFTEN}):
        group = 0 if pair in ours and met[pair] >= OFTEN else 1 if met[pair] >= VERY_OFTEN else 2
        behind[pair[0]][group].append(pair[1])
    lines = ((one + " ".join(map("".join, groups))).rstrip() for one, groups in behind.items())
    PAIRS.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{sum(len(group) for groups in behind.values() for group in groups)} pairs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
