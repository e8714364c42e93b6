"""`make bench`, or `python -m tests.benchmarks [NAME…]`: figures of this machine, now, as ratios to a raw baseline."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import uvloop

from tests.benchmarks import cases, email, fleet, wechat
from tests.benchmarks.faq import bench

CASES: Mapping[str, Callable[[Path], Coroutine[Any, Any, None]]] = {
    "pipeline": cases.pipeline,
    "latency": cases.latency,
    "wechat": wechat.wechat,
    "email": email.email,
    "postgresql": fleet.fleet,
    "start": cases.start,
    "memory": cases.memory,
    "growth": cases.growth,
    "faq": bench.faq,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(CASES)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(CASES)}", file=sys.stderr)
        return 2
    loop = uvloop.new_event_loop
    sys.setswitchinterval(0.0005)
    for name in names or CASES:
        # as kefu serve does it
        with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder, asyncio.Runner(loop_factory=loop) as runner:
            runner.run(CASES[name](Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
