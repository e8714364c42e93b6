"""Starting and stopping a server of somebody else's: free ports, ready when it answers, gone when the test is over."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

READY_WITHIN = 300.0
STOPPED_WITHIN = 60.0
INSTALL = "make mail (as root), or: sudo apt-get install dovecot-imapd dovecot-lmtpd exim4-daemon-light"


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def program(*names: str) -> str:
    """Where the first of these programs is; what to install, if there is none."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        raise RuntimeError(f"the e-mail tests need {names[0]}. Install it: {INSTALL}")
    return found


@contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """A folder with a short path (sockets live in it) that another user may enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"kefu-{prefix}-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_user(name: str) -> list[str]:
    """What to put before a command that refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def answers(port: int) -> bool:
    """A server on this port greets us (as those for mail do)."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as line:
            return bool(line.recv(1))
    except OSError:
        return False


class Server:
    """A process in a group of its own. What it says goes to `log`."""

    def __init__(self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> None:
        self.command, self.log, self.environ = list(command), log, dict(environ or {})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool]) -> None:
        assert self._process is None, "it runs already"
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **self.environ}, cwd="/",
            )  # fmt: skip
        deadline = time.monotonic() + READY_WITHIN
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.command[:8]} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """TERM, then KILL, to everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.terminate()
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
