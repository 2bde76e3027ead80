"""Kernels that are started ahead, so that no notebook waits for its own.

A kernel needs about a second and a half until it can run a first cell: Python, IPython, and the
imports. So they are forked from a process that has all that, and two are made ready while another one
works. They talk over sockets of the file system in a
private folder, which neither the network nor other users reach; only where paths are too long for
that do they use the loopback interface, encrypted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from segcore.errors import StageError
from segcore.runner.forks import AVAILABLE, ForkProvisioner, Parent

AHEAD = 2
PATIENCE = 120  # seconds until a kernel that does not answer is given up
_LONGEST_SOCKET = 90  # the path of a socket may have about 100 characters

Imports = Sequence[tuple[str, Sequence[str]]]
T = TypeVar("T")

# Runs in a kernel before its first cell, with names of its own so that it leaves none behind.
# On Linux the kernel dies with the runner; elsewhere ipykernel notices within a second.
_WARM = """
import sys
sys.modules.setdefault("rfc3987_syntax", None)
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
for name, members in wanted:
    try:
        module = __import__(name, fromlist=members)
        if name == "segcore" and "charts" in members:
            __import__("segcore.charts.renderer", fromlist=["warm"]).warm()
    except Exception:
        pass  # the cell that imports it says so
"""


class Manager(AsyncKernelManager):
    """Jupyter's manager of one kernel, which also remembers who talks to the kernel."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.clients: list[AsyncKernelClient] = []

    def client(self, **options: Any) -> AsyncKernelClient:  # type: ignore[override]
        """A new connection to the kernel."""
        client = super().client(**options)
        self.clients.append(client)
        return client

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

    def fate(self) -> str:
        """How a dead kernel ended, in words."""
        process = getattr(self.manager.provisioner, "process", None)
        code = process.poll() if process else None
        if code is None:
            return "it does not answer"
        if code < 0:
            memory = ", often for lack of memory" if -code == signal.SIGKILL else ""
            return f"stopped by {signal.Signals(-code).name}{memory}"
        return f"exit code {code}"


class Kernels:
    """Kernels for stages, in the order in which they will be taken.

    Parameters
    ----------
    folder
        Where they work: the project's folder.
    expected
        How many will probably be taken; no more than that are started ahead.
    """

    def __init__(self, folder: Path, expected: int) -> None:
        self._folder = folder
        self._expected = expected
        self._started = 0
        self._stages: Future[Sequence[Imports]] = Future()
        self._queue: deque[Future[Kernel]] = deque()
        self._parent: Parent | None = None
        self._loading: asyncio.Task[None] | None = None
        self._ending: list[Future[None]] = []

    def __enter__(self) -> Kernels:
        self._private = tempfile.TemporaryDirectory(prefix="segcore-", ignore_cleanup_errors=True)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kernels", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stages.cancel()
        for started in self._queue:
            with contextlib.suppress(Exception, CancelledError):
                self.stop(started.result())
        for ended in self._ending:
            with contextlib.suppress(Exception):
                ended.result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._parent:
            self._parent.close()
        self._private.cleanup()

    def start(self) -> None:
        """Begin to make the next kernels ready, if that has not begun."""
        while len(self._queue) < AHEAD and self._started < self._expected:
            self._add()

    def prepare(self, stages: Sequence[Imports]) -> None:
        """Say what the stages import, in their order, which begins anew after the last one."""
        self._stages.set_result(stages)

    def take(self) -> Kernel:
        """The kernel of the next stage, as soon as it is ready; the ones after it are started.

        Raises
        ------
        StageError
            If it cannot be started.
        """
        if not self._queue:
            self._add()
        ready = self._queue.popleft()
        self.start()
        try:
            return ready.result()
        except (RuntimeError, TimeoutError, OSError) as error:
            raise StageError(
                f"a kernel must be ready within {PATIENCE} seconds (got {error}); see whether "
                f"{sys.executable} -m ipykernel_launcher starts"
            ) from None

    def stop(self, kernel: Kernel) -> None:
        """End a kernel, without waiting for its end."""
        self._ending.append(self._soon(self._stop(kernel)))

    def _add(self) -> None:
        if AVAILABLE and self._parent is None:
            private = Path(self._private.name)
            self._parent = Parent(private / "parent.log", environment(os.environ, private))
        self._queue.append(self._soon(self._start(self._started)))
        self._started += 1

    def _soon(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _stop(self, kernel: Kernel) -> None:
        await kernel.manager.shutdown_kernel(now=True)

    async def _start(self, number: int) -> Kernel:
        log = Path(self._private.name) / f"{number}.log"
        manager = self._manager(number)
        if self._parent:
            await self._load(self._parent)
            manager.provisioner = ForkProvisioner.of(manager, self._parent, log)
        with log.open("wb") as file:
            await manager.start_kernel(
                cwd=str(self._folder.absolute()),
                env=environment(os.environ, log.parent),
                extra_arguments=["--HistoryManager.hist_file=:memory:"],
                stdout=file,
                stderr=file,
            )
        try:
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=PATIENCE)
            stages = await asyncio.wrap_future(self._stages)
            wanted = [(name, list(members)) for name, members in stages[number % len(stages)]]
            code = f"exec({_WARM!r}, {{'wanted': {wanted!r}}})"
            await client.execute(code, silent=True, store_history=False, reply=True, timeout=PATIENCE)
            manager.disconnect()
        except BaseException:
            manager.disconnect()
            await manager.shutdown_kernel(now=True)
            raise
        return Kernel(manager, log)

    def _manager(self, number: int) -> Manager:
        place = Path(self._private.name) / f"{number}"
        manager = Manager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        manager.connection_file = f"{place}.json"
        if len(str(place)) < _LONGEST_SOCKET and sys.platform != "win32":
            manager.transport, manager.ip = "ipc", str(place)
        else:
            manager.transport_encryption = "auto"
        return manager

    async def _load(self, parent: Parent) -> None:
        """Import once what any of the stages wants."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_all(parent))
        await asyncio.shield(self._loading)

    async def _load_all(self, parent: Parent) -> None:
        stages = await asyncio.wrap_future(self._stages)
        await asyncio.to_thread(parent.load, [imported for stage in stages for imported in stage])


def environment(of_runner: Mapping[str, str], private: Path) -> dict[str, str]:
    """The environment of a kernel.

    Nothing of the user's own IPython set-up may change a result, sets of texts have the same order
    in every run, and temporary files go with the kernels.
    """
    temporary = private / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {key: value for key, value in of_runner.items() if key != "PYTHONSTARTUP"}
    return {
        **kept,
        "IPYTHONDIR": str(private / "ipython"),
        "TMPDIR": str(temporary),
        "PYTHONHASHSEED": "0",
    }
