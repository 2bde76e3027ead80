"""Reading in a process of its own, with limits on time and memory: what a hostile file breaks is only that.

The parent starts ``python -m segcore.sources.formats.child JOB``; the child writes batches of
:data:`~segcore.sources.formats.ROWS` to its output, and problems as one line of JSON to its errors.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pyarrow as pa

from segcore.errors import InputError, SegcoreError
from segcore.files import whole
from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.limits import MIB

MEMORY = 3 * 1024 * MIB
"""How much memory a child may take. One million rows of eight cells take 0.9 GiB."""

SAID = "segcore: "
"""How the line begins in which a child says what is wrong with its file."""

LINES = "lines"
"""The file in the scratch folder that says how many lines were counted."""

_WATCHED_EVERY = 0.2  # seconds


def in_child(
    work: str, delivery: Delivery, *, seconds: int, memory: int = MEMORY
) -> Iterator[pa.RecordBatch]:
    """The batches that a function yields in a process of its own.

    Parameters
    ----------
    work
        The function, like ``segcore.sources.formats.sheets:rows``. It takes a delivery.
    delivery
        What is read.
    seconds
        How much processor time it may take; five times as much by the clock.
    memory
        How many bytes of memory it may take.

    Raises
    ------
    InputError
        What the function raises, or one sentence if the process ends otherwise.
    """
    with tempfile.TemporaryFile() as errors, _started(work, delivery, errors, (seconds, memory)) as process:
        watch = _Watch(process, 5 * seconds, memory)
        with (
            watch,
            contextlib.suppress(pa.ArrowInvalid, OSError),
            pa.ipc.open_stream(process.stdout) as stream,
        ):
            # A stream that is cut off simply ends; the exit code tells.
            yield from stream
        code = process.wait()
        if code or watch.why:
            raise InputError(*_problems(code, watch.why, _said(errors), delivery.name))


def once(work: str, delivery: Delivery, *, seconds: int) -> Iterator[pa.RecordBatch]:
    """The batches of :func:`in_child`, which are made once for a scratch folder and then kept there.

    The function says by :func:`say_lines` how many lines it counted.
    """
    kept = delivery.scratch / "rows.arrow"
    if not kept.exists():
        with whole(kept) as partial, pa.ipc.new_stream(partial, ROWS) as stream:
            for batch in in_child(work, delivery, seconds=seconds):
                stream.write_batch(batch)
    with pa.memory_map(str(kept)) as file, pa.ipc.open_stream(file) as stream:
        yield from stream


def say_lines(delivery: Delivery, lines: int) -> None:
    """Keep beside the rows of a file how many lines it has, counted in another way than by reading them."""
    (delivery.scratch / LINES).write_text(str(lines), encoding="ascii")


def lines_of(rows: Iterator[pa.RecordBatch], delivery: Delivery) -> int:
    """How many lines were counted when the rows of a file were made by :func:`once`."""
    next(rows, None)
    return int((delivery.scratch / LINES).read_text(encoding="ascii"))


@contextlib.contextmanager
def _started(
    work: str, delivery: Delivery, errors: IO[bytes], limits: tuple[int, int]
) -> Iterator[subprocess.Popen[bytes]]:
    job = {
        "work": work,
        "path": str(delivery.path),
        "name": delivery.name,
        "scratch": str(delivery.scratch),
        "layout": delivery.layout.model_dump(mode="json"),
        "limits": limits,
    }
    root = str(Path(__file__).parents[3])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        [sys.executable, "-P", "-m", __spec__.name, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class _Watch:
    """Ends a process that takes too much memory or time, where the system does not do it itself."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: int, memory: int) -> None:
        self.why = ""
        self._process, self._until, self._memory = process, time.monotonic() + seconds, memory
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with contextlib.suppress(psutil.Error):
            child = psutil.Process(self._process.pid)
            while not self.why and not self._over.wait(_WATCHED_EVERY):
                if child.memory_info().rss > self._memory:
                    self.why = "memory"
                elif time.monotonic() > self._until:
                    self.why = "time"
            if self.why:
                self._process.kill()


def _said(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - 64 * 1024))
    return errors.read().decode(errors="replace")


def _problems(code: int, why: str, said: str, name: str) -> tuple[str, ...]:
    """What became of a child, in sentences."""
    last = said.splitlines()[-1] if said.strip() else ""
    if not why and last.startswith(SAID):
        return tuple(json.loads(last.removeprefix(SAID)))
    if why == "time" or code == -signal.SIGXCPU:
        return (f"{name} must be readable within minutes; deliver it as CSV or in several files",)
    # What ends a process so, and is not this one, is a system without memory.
    killed = code == -signal.SIGKILL
    if why == "memory" or killed or "memory allocation of" in said or "MemoryError" in said:
        return (
            f"{name} must be readable within {MEMORY // (1024 * MIB)} GiB of memory; delete cells far "
            f"outside the table, or deliver it as CSV or in several files",
        )
    return (f"{name} must be a file that can be read; open it, save it anew and deliver it again",)


def _limit(seconds: int, memory: int) -> None:
    """Let the system itself end this process where it can."""
    wanted = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_FSIZE: MIB,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in wanted.items():
        hard = resource.getrlimit(kind)[1]
        within = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (within, hard))


def _read(job: dict[str, Any], out: IO[bytes]) -> None:
    from segcore.params import Format

    module, _, function = job["work"].partition(":")
    work = getattr(importlib.import_module(module), function)
    layout = Format.model_validate_json(json.dumps(job["layout"]))
    delivery = Delivery(Path(job["path"]), job["name"], layout, Path(job["scratch"]))
    with pa.ipc.new_stream(out, ROWS) as stream:
        for batch in work(delivery):
            stream.write_batch(batch)


def main() -> int:
    """Do one job and say what became of it."""
    job = json.loads(sys.argv[1])
    _limit(*job["limits"])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        with out:
            _read(job, out)
    except BrokenPipeError:
        return 1
    except SegcoreError as error:
        print(f"\n{SAID}{json.dumps(error.problems)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
