"""The process whose forks are kernels, as the runner sees it.

Four kernels for each run of a backfill would import the same packages four times, which takes more
of the processor than what most cells do. Linux only; elsewhere each kernel is a process of its own.
This module imports nothing that takes long, so that the process can be started before all else.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

AVAILABLE = sys.platform == "linux"
PATIENCE = 60  # seconds until a process that does not answer is given up
SURROUNDINGS = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a warning of the debugger, which nobody uses here
}
"""What kernels see of the world, wherever they work."""

WITHHELD = (
    "PYTHONSTARTUP",
    "SEGCORE_REPS_SECRET",
    "SEGCORE_SMTP_USER",
    "SEGCORE_SMTP_PASSWORD",
    "SEGCORE_SMTP_TOKEN_COMMAND",
)
"""What kernels do not see of the runner's environment: what a user runs in a Python of the own, and the
secrets of :mod:`segcore.representatives.secret` and :mod:`segcore.mail.server`: what a notebook prints stays
in the run, for all to read. The ingest notebook asks databases, so addresses of those stay."""


class Parent:
    """The process that forks; see :mod:`segcore.kernels.forked`. It ends with the thread that starts it.

    Parameters
    ----------
    log
        Where it and its kernels print to, by default nowhere.
    """

    def __init__(self, log: Path | None = None) -> None:
        self._lock = threading.Lock()
        kept = {key: value for key, value in os.environ.items() if key not in WITHHELD}
        with (log or Path(os.devnull)).open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "segcore.kernels.forked"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                # A library for matrices would start threads, and a fork takes none along.
                env={**kept, **SURROUNDINGS, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def __enter__(self) -> Parent:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process that forks."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._process.poll() is not None

    def fork(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], log: Path) -> Forked:
        """Make a kernel.

        Raises
        ------
        RuntimeError
            If the process has ended.
        """
        order = {"do": "fork", "argv": list(argv), "cwd": cwd, "env": dict(env), "log": str(log)}
        return Forked(self._order(order)["pid"], self)

    def prepare(self, modules: Sequence[str]) -> None:
        """Let it import modules that only later kernels want, once a kernel works.

        Raises
        ------
        RuntimeError
            If the process has ended.
        """
        self._order({"do": "prepare", "modules": list(modules)})

    def poll(self, pid: int) -> int | None:
        """How a kernel ended, None if it works. With this process all its kernels end."""
        try:
            code: int | None = self._order({"do": "poll", "pid": pid})["code"]
            return code
        except RuntimeError:
            return -signal.SIGKILL

    def kill(self) -> None:
        """End the process, and with it every kernel that is left."""
        self._process.kill()

    def close(self) -> None:
        """Wait for the end of the process that was killed."""
        self.kill()
        self._process.communicate()

    def _order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        with self._lock:
            try:
                stdin.write(json.dumps(order) + "\n")
                stdin.flush()
                if not select.select([stdout], [], [], PATIENCE)[0]:
                    self._process.kill()  # it was stopped, or hangs
                answer: dict[str, Any] = json.loads(stdout.readline())
            except (OSError, ValueError):
                raise RuntimeError("the process that makes kernels has ended") from None
        return answer


class Forked:
    """A forked kernel with as much of ``subprocess.Popen`` as Jupyter asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, parent: Parent) -> None:
        self.pid = pid
        self._parent = parent
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it works."""
        if self.returncode is None:
            self.returncode = self._parent.poll(self.pid)
        return self.returncode

    def wait(self) -> int | None:
        """The exit code; it is asked for after the end only."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)
