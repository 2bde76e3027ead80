"""Kernels for notebooks, the next one of which becomes ready while one works.

A kernel needs about a second and a half until it can run a first cell: Python, IPython, and the
imports. So they are forks of a process that has imported everything, where the system is made for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from segcore.errors import StageError
from segcore.forking import AVAILABLE, Parent
from segcore.kernels.kernel import PATIENCE, Kernel, connect, environment, new_manager
from segcore.kernels.provisioner import ForkProvisioner
from segcore.temporary import Temporary, remove_abandoned

__all__ = ["Kernel", "Kernels"]

T = TypeVar("T")


class Kernels:
    """Kernels, one after the other.

    Parameters
    ----------
    folder
        Where they work: the project's folder.
    forked
        Whether they are forks of one process; by default where the system is made for it.
    later
        Modules that only later kernels want, imported while a first one works.
    parent
        The process that forks, if it is there already; else one is started, and ended with the kernels.
    wanted
        How many are going to be taken, so that none is made ready in vain; by default nobody knows.
    """

    def __init__(
        self,
        folder: Path,
        *,
        forked: bool = AVAILABLE,
        later: Sequence[str] = (),
        parent: Parent | None = None,
        wanted: int | None = None,
    ) -> None:
        self._folder = folder
        self._wanted = wanted
        self._later = later
        self._forked = forked
        self._number = 0
        self._next: Future[Kernel] | None = None
        self._parent, self._own_parent = parent, parent is None
        self._taken: list[Kernel] = []
        self._ending: list[Future[None]] = []

    def __enter__(self) -> Kernels:
        remove_abandoned()
        self._temporary = Temporary("kernels")
        self._private = self._temporary.path
        self._env = environment(os.environ, self._private)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kernels", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._parent and self._own_parent:
            self._parent.kill()  # a kernel that is not ready yet is not waited for
        if self._next:
            with contextlib.suppress(Exception):
                self.stop(self._next.result())
        for ended in self._ending:
            with contextlib.suppress(Exception):
                ended.result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._parent and self._own_parent:
            self._parent.close()
        self._temporary.close()

    def start(self) -> None:
        """Begin to make the next kernel ready, if that has not begun."""
        if self._forked and self._parent is None:
            self._parent = self._soon(self._new_parent()).result()
        if self._next is None:
            self._next = self._soon(self._start(self._number))
            self._number += 1

    def take(self) -> Kernel:
        """The next kernel, as soon as it is ready; the one after it is started, if one is wanted.

        Raises
        ------
        StageError
            If it cannot be started.
        """
        self.start()
        assert self._next is not None
        ready, self._next = self._next, None
        try:
            kernel = ready.result()
        except (RuntimeError, TimeoutError, OSError) as error:
            raise StageError(
                f"a kernel must be ready within {PATIENCE} seconds (got {error}); see whether "
                f"{sys.executable} -m ipykernel_launcher starts"
            ) from None
        self._taken.append(kernel)
        if self._wanted is None or self._number < self._wanted:
            self.start()
        return kernel

    def stop(self, kernel: Kernel) -> None:
        """End a kernel, without waiting for its end."""
        if kernel in self._taken:
            self._taken.remove(kernel)
        self._ending.append(self._soon(_end(kernel)))

    def abort(self) -> None:
        """End the kernels that work now; notebooks in them fail at once."""
        for kernel in self._taken:
            kernel.kill()

    def _soon(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _new_parent(self) -> Parent:
        """Started by the thread that lasts as long as kernels are wanted, for it dies with its thread."""
        return Parent(self._private / "parent.log")

    async def _start(self, number: int) -> Kernel:
        place = self._private / f"{number}"
        manager, log = new_manager(place), place.with_suffix(".log")
        if self._parent:
            manager.provisioner = ForkProvisioner.of(manager, self._parent, log)
        try:
            if self._parent and self._later:
                self._parent.prepare(self._later)
                self._later = ()
            with log.open("wb") as file:
                await manager.start_kernel(
                    cwd=str(self._folder.absolute()),
                    env=dict(self._env),
                    extra_arguments=["--HistoryManager.hist_file=:memory:"],
                    stdout=file,
                    stderr=file,
                )
            await connect(manager)
        except BaseException:
            await manager.give_up()
            raise
        manager.disconnect()
        return Kernel(manager, log)


async def _end(kernel: Kernel) -> None:
    await kernel.manager.shutdown_kernel(now=True)
