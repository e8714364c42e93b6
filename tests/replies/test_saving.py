"""Several processes and threads change one file, and no change is lost."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import ContentError
from replies.faq.table import read_faq
from replies.library import FaqFile
from replies.saving import save

ADDS = """
import sys
from pathlib import Path
from replies.library import FaqFile
for n in range(15):
    FaqFile(Path(sys.argv[1])).add([f"question {n} of {sys.argv[2]}"], "Yes.", "en")
"""


def test_no_entry_is_lost_between_processes_and_threads(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    adding = [subprocess.Popen([sys.executable, "-c", ADDS, str(path), name]) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        mine = [threads.submit(FaqFile(path).add, [f"question {n} of mine"], "Yes.", "en") for n in range(15)]
    assert [process.wait() for process in adding] == [0, 0]
    assert len({task.result() for task in mine}) == 15
    assert len(read_faq(path)) == 45
    assert [file.name for file in tmp_path.iterdir()] == ["faq.csv"]


def test_a_link_stays_a_link_and_a_mode_the_mode(tmp_path: Path) -> None:
    path, link = tmp_path / "faq.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    save(link, "new")
    assert link.is_symlink()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ContentError, match="cannot be written"):
        save(tmp_path / "file" / "faq.csv", "x")
    with pytest.raises(ContentError, match="cannot be written"):
        FaqFile(tmp_path / "file" / "faq.csv").add(["a"], "b", "en")
