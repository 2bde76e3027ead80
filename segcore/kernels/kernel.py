"""One kernel: how it is made, how it is talked to, and how it ended.

Kernels talk over sockets of the file system in a private folder, which neither the network nor other
users reach; only where its path is too long for that do they use the loopback interface, encrypted.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from segcore.charts import CHARTS
from segcore.forking import SURROUNDINGS, WITHHELD

PATIENCE = 120  # seconds until a kernel that does not answer is given up
_RESEND = 0.1  # seconds after which a kernel that does not answer is asked again
_LONGEST_SOCKET = 90  # the path of a socket may have about 100 characters


class Client(AsyncKernelClient):
    """Jupyter's connection to a kernel, which knows sooner that it stands.

    Jupyter's own waits a fifth of a second for outputs that nobody sent; once for each notebook.
    """

    def start_channels(self, **channels: bool) -> None:  # type: ignore[override]
        """Connect, but without the thread that feels the kernel's pulse.

        On a busy machine it may begin when the connection is closed already; whether a kernel lives is
        seen by its process.
        """
        super().start_channels(**{**channels, "hb": False})

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and until its outputs arrive here too.

        Raises
        ------
        RuntimeError
            If it has died, or does not answer in time (in seconds).
        """
        given_up = time.monotonic() + (timeout or PATIENCE)
        while not await self._is_idle_after(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("it died")
            if time.monotonic() > given_up:
                raise RuntimeError("no answer")

    async def _is_idle_after(self, request: str) -> bool:
        """Whether the outputs say that a request was answered; they are lost before all is connected."""
        with contextlib.suppress(Empty):
            while True:
                said = await self.get_iopub_msg(timeout=_RESEND)
                of_this = said["parent_header"].get("msg_id") == request
                if of_this and said["content"].get("execution_state") == "idle":
                    return True
        return False


class Manager(AsyncKernelManager):
    """Jupyter's manager of one kernel, which also remembers who talks to the kernel."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_factory=Client, **options)
        self.clients: list[AsyncKernelClient] = []

    def client(self, **options: Any) -> AsyncKernelClient:  # type: ignore[override]
        """A new connection to the kernel."""
        client = super().client(**options)
        self.clients.append(client)
        return client

    async def give_up(self) -> None:
        """End a kernel that may not even have begun."""
        self.disconnect()
        if self.has_kernel:
            await self.shutdown_kernel(now=True)
        else:
            await self.cleanup_resources()

    def disconnect(self) -> None:
        """Close all connections; to be called by the thread that opened them."""
        while self.clients:
            self.clients.pop().stop_channels()


@dataclass(frozen=True)
class Kernel:
    """A kernel that is ready.

    Parameters
    ----------
    manager
        Jupyter's manager of it.
    log
        What it printed beside the outputs of its cells.
    """

    manager: Manager
    log: Path

    @property
    def process(self) -> Any:
        """The process, like one of :mod:`subprocess`."""
        return getattr(self.manager.provisioner, "process", None)

    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self.process is not None and self.process.poll() is None

    def is_stopped(self) -> bool:
        """Whether somebody stopped the process, or the one that it is a fork of, from outside."""
        return any(_is_stopped(pid) for pid in self._pids)

    def kill(self) -> None:
        """End the process, and the one that it is a fork of if that is stopped, for it cannot answer."""
        for pid in self._pids:
            if pid == self.process.pid or _is_stopped(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    @property
    def _pids(self) -> list[int]:
        if self.process is None:
            return []
        parent = getattr(self.manager.provisioner, "parent_process", None)
        return [self.process.pid, *([parent.pid] if parent else [])]

    def fate(self) -> str:
        """How a dead kernel ended, in words."""
        code = self.process.poll() if self.process else None
        if code is None:
            return "it does not answer"
        if code < 0:
            memory = ", often for lack of memory" if -code == signal.SIGKILL else ""
            return f"stopped by {signal.Signals(-code).name}{memory}"
        return f"exit code {code}"


def _is_stopped(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:
        return False


def new_manager(place: Path) -> Manager:
    """The manager of a kernel that is not started yet.

    Parameters
    ----------
    place
        In a private folder; its sockets and files are named after it.
    """
    # No folders of kernels: one that the user installed under the same name may be another Python.
    manager = Manager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    manager.connection_file = f"{place}.json"
    if fits_socket(place):
        manager.transport, manager.ip = "ipc", str(place)
    else:
        manager.transport_encryption = "auto"
    return manager


def fits_socket(place: Path) -> bool:
    """Whether there can be a socket at a path of the file system."""
    return len(str(place)) < _LONGEST_SOCKET and sys.platform != "win32"


async def connect(manager: Manager) -> AsyncKernelClient:
    """A connection to a kernel that was started, as soon as it answers."""
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=PATIENCE)
    return client


def environment(of_runner: Mapping[str, str], private: Path) -> dict[str, str]:
    """The environment of a kernel.

    Nothing of the user's own IPython set-up, time zone or language may change a result, sets of
    texts have the same order in every run, temporary files go with the kernels, and charts are left
    to the runner to draw, whether or not the user does without them elsewhere. The secret that names
    folders of representatives is the runner's alone.
    """
    temporary = private / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {key: value for key, value in of_runner.items() if key not in WITHHELD}
    return {
        **kept,
        "IPYTHONDIR": str(private / "ipython"),
        "TMPDIR": str(temporary),
        **SURROUNDINGS,
        CHARTS: "specification",
    }
