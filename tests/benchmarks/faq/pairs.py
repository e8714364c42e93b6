"""Which two Chinese characters stand together in what kefu itself says and was taught with: `python -m
tests.benchmarks.faq.pairs` writes `replies/faq/pairs.txt`.

A line a first character, followed by those that stand behind it at least twice, in Simplified characters. Nothing of
`tests` is in it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

from replies.faq.sounds import PAIRS
from replies.source import CONTENT
from replies.text import fold
from replies.triage.examples import TRAINING

OFTEN = 2
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")


def main() -> None:
    found: Counter[str] = Counter()
    for folder in (CONTENT, TRAINING):
        for path in sorted(folder.rglob("*.*")):
            for run in _RUN.findall(fold(path.read_text("utf-8"))):
                found.update(one + other for one, other in pairwise(run))
    behind: dict[str, str] = defaultdict(str)
    for pair in sorted(pair for pair, count in found.items() if count >= OFTEN):
        behind[pair[0]] += pair[1]
    PAIRS.write_text("".join(f"{one}{others}\n" for one, others in behind.items()), "utf-8")
    print(f"{sum(map(len, behind.values()))} pairs")


if __name__ == "__main__":
    main()
