"""Real kernels, forked and not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from segcore.errors import StageError
from segcore.runner.execute import Failure, execute
from segcore.runner.forks import Parent
from segcore.runner.kernels import Kernels

pytestmark = pytest.mark.slow

CELLS = [
    "x: int = 0",
    "import sys\n\nleft = [n for n in ('wanted', 'module', 'json') if n in globals()]\n"
    "(x, __name__, left, 'fractions' in sys.modules)",
    "import os\n\nprint(os.getcwd(), os.environ['PYTHONHASHSEED'], hash('a'))",
]


def notebook(folder: Path, *sources: str) -> Path:
    empty = {"cell_type": "code", "outputs": [], "execution_count": None}
    cells = [
        {**empty, "id": f"c{i}", "source": source, "metadata": {"tags": ["parameters"] * (i == 0)}}
        for i, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / "source.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}))
    return path


def outcome(folder: Path, kernels: Kernels, *sources: str) -> list[dict]:
    """The cells of a notebook that was executed in the next kernel."""
    kernel = kernels.take()
    source = notebook(folder, *sources)
    try:
        node = execute(source, folder / "made.ipynb", {"x": 5}, kernel=kernel, on_cell=lambda done, of: None)
    finally:
        kernels.stop(kernel)
    return node["cells"]


def hash_of_a() -> int:
    """The hash of a text where hashes are those of seed 0."""
    command = [sys.executable, "-c", "print(hash('a'))"]
    return int(subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": "0"}))


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_is_prepared_and_looks_untouched(tmp_path, forked):
    with Kernels(tmp_path, expected=1, forked=forked) as kernels:
        kernels.start()
        kernels.prepare([[("json", []), ("fractions", ["Fraction"]), ("no.such.module", [])]])
        cells = outcome(tmp_path, kernels, *CELLS)
    assert [c["execution_count"] for c in cells] == [1, 2, 3, 4]
    assert cells[2]["outputs"][0]["data"]["text/plain"] == "(5, '__main__', [], True)"
    assert cells[3]["outputs"][0]["text"] == f"{tmp_path} 0 {hash_of_a()}\n"


@pytest.mark.parametrize("forked", [True, False])
def test_kernels_share_nothing_and_leave_no_process(tmp_path, forked):
    set_it = "import json\n\njson.leaked = True\nos_pid = __import__('os').getpid()\nos_pid"
    with Kernels(tmp_path, expected=2, forked=forked) as kernels:
        kernels.prepare([[("json", [])]])
        first = outcome(tmp_path, kernels, "x = 0", set_it)
        second = outcome(
            tmp_path, kernels, "x = 0", "import json\n\nhasattr(json, 'leaked') or 'os_pid' in globals()"
        )
        with pytest.raises(Failure) as caught:
            outcome(tmp_path, kernels, "x = 0", "import os\n\nos._exit(7)")
    assert second[2]["outputs"][0]["data"]["text/plain"] == "False"
    assert caught.value.problems == ("the kernel died: exit code 7",)
    assert caught.value.cell == 3
    pid = int(first[2]["outputs"][0]["data"]["text/plain"])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_kernel_that_cannot_be_forked_is_told(tmp_path):
    with Kernels(tmp_path, expected=1, forked=True) as kernels:
        kernels.start()
        kernels._parent._process.kill()
        kernels.prepare([[]])
        with pytest.raises(StageError) as caught:
            kernels.take()
    assert caught.value.problems == (
        "a kernel must be ready within 120 seconds (got the process that makes kernels has ended); "
        f"see whether {sys.executable} -m ipykernel_launcher starts",
    )


def test_what_a_killed_runner_left_is_removed_and_what_others_use_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "segcore-kernels-left"
    (left / "tmp").mkdir(parents=True)
    os.utime(left, (0, 0))
    with Kernels(tmp_path, expected=0), Kernels(tmp_path, expected=0):
        assert not left.exists()
        assert len(list(tmp_path.glob("segcore-kernels-*"))) == 2
    assert list(tmp_path.iterdir()) == []


def test_modules_that_print_or_exit_when_imported_do_not_end_the_parent(tmp_path):
    (tmp_path / "exiting.py").write_text("print('bye')\nraise SystemExit(3)\n")
    log = tmp_path / "log"
    parent = Parent(log, {**os.environ, "PYTHONPATH": str(tmp_path)})
    try:
        parent.load([("this", []), ("exiting", []), ("fractions", [])])
        assert "Beautiful is better than ugly" in log.read_text()
        assert "bye" in log.read_text()
    finally:
        parent.close()
