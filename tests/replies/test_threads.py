from __future__ import annotations

import os
import subprocess
import sys

import pytest

COUNT = """
import os, sys
import {module}
import numpy as np
many = np.ones((1500, 1500), np.float32)
many @ many
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads where Linux lists them")
@pytest.mark.parametrize("module", ["bot.app", "bot.commands.judging", "bot.commands.questions", "replies.brain"])
def test_a_process_multiplies_in_one_thread(module: str) -> None:
    """So that several processes on one machine do not fight for its cores."""
    command = [sys.executable, "-c", COUNT.format(module=module)]
    unsaid = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    assert subprocess.run(command, check=True, capture_output=True, text=True, env=unsaid).stdout == "1\n"
