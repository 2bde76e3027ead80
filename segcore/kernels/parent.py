"""Kernels that need no start: forks of a process that has imported everything already.

Four kernels for each run of a backfill would import the same packages four times, which takes more
of the processor than what most cells do. Linux only; elsewhere each kernel is a process of its own.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

AVAILABLE = sys.platform == "linux"
PATIENCE = 60  # seconds until a process that does not answer is given up


class Parent:
    """The runner's side of the process that forks; see :mod:`segcore.kernels.forked`.

    Parameters
    ----------
    log
        Where it and its kernels print to.
    env
        Its environment; kernels get their own.
    later
        Modules that it imports once a first kernel works.
    """

    def __init__(self, log: Path, env: Mapping[str, str], later: Sequence[str] = ()) -> None:
        self._lock = threading.Lock()
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "segcore.kernels.forked", *later],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                # A library for matrices would start threads, and a fork takes none along.
                env={**env, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process that forks."""
        return self._process.pid

    def fork(self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], log: Path) -> Forked:
        """Make a kernel.

        Raises
        ------
        RuntimeError
            If the process has ended.
        """
        order = {"do": "fork", "argv": list(argv), "cwd": cwd, "env": dict(env), "log": str(log)}
        return Forked(self._order(order)["pid"], self)

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


class ForkProvisioner(LocalProvisioner):
    """How Jupyter's manager of a kernel gets one that is forked."""

    parent_process: Parent
    log_file: Path

    @classmethod
    def of(cls, manager: KernelManager, parent: Parent, log: Path) -> ForkProvisioner:
        """One for a manager whose kernel was not started yet."""
        made = cls(parent=manager, kernel_id=str(uuid.uuid4()), kernel_spec=manager.kernel_spec)
        made.parent_process, made.log_file = parent, log
        return made

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel where the command would have started one."""
        argv = cmd[cmd.index("-f") - 1 :]
        process = self.parent_process.fork(argv, cwd=options["cwd"], env=options["env"], log=self.log_file)
        self.process = process  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        return self.connection_info
