"""Kernels that are started ahead, so that no notebook waits for its own.

A kernel needs about a second and a half until it can run a first cell: Python, IPython, and the
imports. So two are made ready while another one works, where possible as forks of a process that has
imported everything, and one more process draws the pictures of all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from segcore.charts.service import ADDRESS, COMMAND
from segcore.errors import StageError
from segcore.runner.forks import AVAILABLE, ForkProvisioner, Parent
from segcore.runner.kernel import (
    PATIENCE,
    Imports,
    Kernel,
    connect,
    environment,
    fits_socket,
    new_manager,
    warm,
)

AHEAD = 2
PREFIX, LOCK = "segcore-kernels-", "lock"
_YOUNG = 60  # seconds
T = TypeVar("T")


class Kernels:
    """Kernels for stages, in the order in which they will be taken.

    Parameters
    ----------
    folder
        Where they work: the project's folder.
    expected
        How many will probably be taken; no more than that are started ahead.
    forked
        Whether they are forks of one process; by default where the system is made for it.
    """

    def __init__(self, folder: Path, expected: int, *, forked: bool = AVAILABLE) -> None:
        self._folder = folder
        self._expected = expected
        self._forked = forked
        self._started = 0
        self._stages: Future[Sequence[Imports]] = Future()
        self._queue: deque[Future[Kernel]] = deque()
        self._parent: Parent | None = None
        self._loading: asyncio.Task[None] | None = None
        self._pictures: subprocess.Popen[bytes] | None = None
        self._taken: list[Kernel] = []
        self._ending: list[Future[None]] = []
        self._guard = threading.RLock()  # two runs may be at work
        self.aborted = False

    def __enter__(self) -> Kernels:
        remove_abandoned()
        self._temporary = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
        self._private = Path(self._temporary.name)
        self._lock = FileLock(self._private / LOCK)
        self._lock.acquire()
        self._env = environment(os.environ, self._private)
        if fits_socket(self._private / "pictures"):
            self._env[ADDRESS] = str(self._private / "pictures")
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
        if self._pictures:
            self._pictures.kill()
            self._pictures.communicate()
        self._lock.release()
        self._temporary.cleanup()

    def start(self) -> None:
        """Begin to make the next kernels ready, if that has not begun."""
        while len(self._queue) < AHEAD and self._started < self._expected:
            self._add()

    def prepare(self, stages: Sequence[Imports]) -> None:
        """Say what the stages import, in their order, which begins anew after the last one."""
        self._stages.set_result(stages)
        if any("charts" in members for stage in stages for _, members in stage):
            self._draw()

    def take(self) -> Kernel:
        """The kernel of the next stage, as soon as it is ready; the ones after it are started.

        Raises
        ------
        StageError
            If it cannot be started.
        """
        with self._guard:
            if not self._queue:
                self._add()
            ready = self._queue.popleft()
            self.start()
        try:
            kernel = ready.result()
        except (RuntimeError, TimeoutError, OSError) as error:
            raise StageError(
                f"a kernel must be ready within {PATIENCE} seconds (got {error}); see whether "
                f"{sys.executable} -m ipykernel_launcher starts"
            ) from None
        with self._guard:
            self._taken.append(kernel)
            if self.aborted:
                self.stop(kernel)
        return kernel

    def stop(self, kernel: Kernel) -> None:
        """End a kernel, without waiting for its end."""
        with self._guard:
            if kernel in self._taken:
                self._taken.remove(kernel)
            self._ending.append(self._soon(self._stop(kernel)))

    def abort(self) -> None:
        """End the kernels that work now; notebooks in them fail at once."""
        with self._guard:
            self.aborted = True
            for kernel in list(self._taken):
                self.stop(kernel)

    def _add(self) -> None:
        if self._forked and self._parent is None:
            self._parent = Parent(self._private / "parent.log", self._env)
        self._queue.append(self._soon(self._start(self._started)))
        self._started += 1

    def _draw(self) -> None:
        """Start the process that draws; without it every kernel draws for itself."""
        if ADDRESS in self._env:
            self._pictures = subprocess.Popen(
                [*COMMAND, self._env[ADDRESS]],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _soon(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _stop(self, kernel: Kernel) -> None:
        await kernel.manager.shutdown_kernel(now=True)

    async def _start(self, number: int) -> Kernel:
        place = self._private / f"{number}"
        manager, log = new_manager(place), place.with_suffix(".log")
        if self._parent:
            await self._load(self._parent)
            manager.provisioner = ForkProvisioner.of(manager, self._parent, log)
        try:
            with log.open("wb") as file:
                await manager.start_kernel(
                    cwd=str(self._folder.absolute()),
                    env=dict(self._env),
                    extra_arguments=["--HistoryManager.hist_file=:memory:"],
                    stdout=file,
                    stderr=file,
                )
            client = await connect(manager)
            stages = await asyncio.wrap_future(self._stages)
            await warm(client, stages[number % len(stages)])
        except BaseException:
            await manager.give_up()
            raise
        manager.disconnect()
        return Kernel(manager, log)

    async def _load(self, parent: Parent) -> None:
        """Import once what any of the stages wants."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_all(parent))
        await asyncio.shield(self._loading)

    async def _load_all(self, parent: Parent) -> None:
        stages = await asyncio.wrap_future(self._stages)
        await asyncio.to_thread(parent.load, [imported for stage in stages for imported in stage])


def remove_abandoned() -> None:
    """Remove the private folders of runners that were killed; tables that did not fit lie there."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(Timeout, OSError):
            of_folder = folder.lstat()
            if of_folder.st_uid != os.getuid() or time.time() - of_folder.st_mtime < _YOUNG:
                continue  # somebody else's, or one whose runner has not locked it yet
            with FileLock(folder / LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
