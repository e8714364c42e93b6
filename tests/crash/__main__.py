"""`python -m tests.crash [--kills N] [--seed N] [sqlite|postgresql]`: one long ordeal, printed."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.ordeal import Trial, endure
from tests.databases import postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("database", nargs="?", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31))
    parser.add_argument("--once", action="store_true", help="upstream does not drop repeated keys")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kefu-crash-") as name:
        folder = Path(name)
        if given.database == "sqlite":
            return run(
                Trial(f"sqlite:///{folder}/kefu.db", folder, given.seed, 1, given.kills, idempotent=not given.once)
            )
        with postgres() as server:
            return run(Trial(server.fresh(), folder, given.seed, 2, given.kills, idempotent=not given.once))


def run(trial: Trial) -> int:
    print(f"seed {trial.seed}, {trial.kills} kills, {trial.processes} processes on {trial.url}", flush=True)
    outcome = asyncio.run(endure(trial))
    print(outcome)
    for name, found in outcome.verdict.faults.items():
        print(f"{name}: {found[:20]}")
    return 1 if outcome.verdict.faults or not outcome.calm or any(outcome.codes) else 0


if __name__ == "__main__":
    sys.exit(main())
