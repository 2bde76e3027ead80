"""The process whose forks are kernels: it imports once what every notebook of a run needs.

It is started by :mod:`segcore.forking` with ``python -m`` and imported by nothing. Orders come
as lines of JSON, answers go back the same way. Only what stands in :data:`IMPORTED` is imported, for
a fork takes along nothing of other threads; whatever else a notebook wants, its own cells import.
What only later stages want is named by an order, and imported once a kernel works, while no order
waits.
"""

from __future__ import annotations

import gc
import json
import os
import select
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, NoReturn

from segcore.grammars import without_grammars

IMPORTED = (
    # What a kernel of IPython imports when it starts.
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.oinspect",
    "IPython.core.completer",
    "zmq.asyncio",
    # What the notebooks of a run import; none of it starts a thread.
    "duckdb",
    "pandas",
    "altair",
    "jenkspy",
    "jinja2",
    "pyarrow.parquet",
    "scipy.special",
    "sqlglot.dialects.duckdb",
    "segcore.archive",
    "segcore.charts",
    "segcore.crosscheck",
    "segcore.customers",
    "segcore.features",
    "segcore.notebook",
    "segcore.outputs",
    "segcore.profile",
    "segcore.report",
)


QUIET = 0.3
"""Seconds without an order: a kernel that is being connected is asked after more often."""


def serve() -> None:
    """Follow orders until the runner ends."""
    die_with_parent()
    # Answers have a channel of their own: what a module prints when it is imported goes to the log.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    without_grammars()
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # what is here already need not be looked at, and so not be copied, in every fork
    for order in _orders():
        print(json.dumps(ORDERS[order["do"]](order)), file=answers, flush=True)


def _orders() -> Iterator[dict[str, Any]]:
    """The orders; after a fork, modules are imported whenever none comes for a while."""
    later: list[str] = []
    has_forked = False
    while line := sys.stdin.readline():
        order = json.loads(line)
        yield order
        later += order.get("modules", ())
        has_forked |= order["do"] == "fork"
        while has_forked and later and not select.select([sys.stdin], [], [], QUIET)[0]:
            import_module(later.pop(0))
            gc.freeze()


def die_with_parent() -> None:
    """On Linux a process can ask to be killed when its parent dies."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def fork(order: Mapping[str, Any]) -> dict[str, Any]:
    """Make a kernel, and say its process."""
    parent = os.getpid()
    process = os.fork()
    if process == 0:
        become_kernel({**order, "parent": parent})
    return {"pid": process}


def prepare(order: Mapping[str, Any]) -> dict[str, Any]:
    """Heard; the modules are imported when there is time."""
    return {}


def poll(order: Mapping[str, Any]) -> dict[str, Any]:
    """How a kernel ended: its exit code, below zero for a signal, None if it works."""
    try:
        process, status = os.waitpid(order["pid"], os.WNOHANG)
    except ChildProcessError:
        return {"code": 0}
    return {"code": os.waitstatus_to_exitcode(status) if process else None}


def become_kernel(order: Mapping[str, Any]) -> NoReturn:
    """Leave everything of the parent behind and be a kernel until it is told to end."""
    code = 1
    try:
        die_with_parent()
        os.setsid()
        _redirect(order["log"])
        os.chdir(order["cwd"])
        os.environ.clear()
        os.environ.update(order["env"])
        tempfile.tempdir = None  # it may have been looked up for another environment
        # Pandas looks at its import whether it writes for a notebook; it could not see one yet.
        sys.modules["pandas"].set_option("display.max_columns", 20)
        from ipykernel.kernelapp import IPKernelApp

        sys.argv = order["argv"]
        # Where the system does not kill it with its parent, the kernel looks every second.
        parent = f"--IPKernelApp.parent_handle={order['parent']}"
        IPKernelApp.launch_instance(argv=[*order["argv"][1:], parent])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(log: str) -> None:
    for descriptor, (path, how) in enumerate(
        [(os.devnull, os.O_RDONLY), (log, os.O_WRONLY | os.O_APPEND), (log, os.O_WRONLY | os.O_APPEND)]
    ):
        opened = os.open(path, how)
        os.dup2(opened, descriptor)
        os.close(opened)


ORDERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "fork": fork,
    "poll": poll,
    "prepare": prepare,
}
"""What can be ordered."""

if __name__ == "__main__":
    serve()
