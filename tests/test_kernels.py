"""Real kernels, forked and not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_core.utils import ensure_event_loop

from segcore.errors import StageError
from segcore.kernels import Kernels
from segcore.kernels.forked import IMPORTED
from segcore.mail.server import PASSWORD, TOKEN_COMMAND, USER
from segcore.params import Limits
from segcore.representatives import VARIABLE
from segcore.runner.execute import Failure, Watch, execute

pytestmark = pytest.mark.slow

CELLS = [
    "x: int = 0",
    "import sys\n\nleft = [n for n in ('IMPORTED', 'import_module', 'json') if n in globals()]\n"
    "(x, __name__, left)",
    "from os import environ, getcwd\n\n"
    "print(getcwd(), environ['PYTHONHASHSEED'], environ['TZ'], environ['LC_ALL'], hash('a'))",
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


def outcome(folder: Path, kernels: Kernels, *sources: str, limits: Limits = Limits()) -> list[dict]:  # noqa: B008
    """The cells of a notebook that was executed in the next kernel."""
    kernel = kernels.take()
    source = notebook(folder, *sources)
    try:
        node = execute(
            source,
            folder / "made.ipynb",
            {"x": 5},
            watch=Watch(kernel, limits),
            on_cell=lambda done, of, last: None,
        )
    finally:
        kernels.stop(kernel)
    return node["cells"]


def hash_of_a() -> int:
    """The hash of a text where hashes are those of seed 0."""
    command = [sys.executable, "-c", "print(hash('a'))"]
    return int(subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": "0"}))


@pytest.mark.parametrize("forked", [True, False])
def test_a_kernel_looks_untouched_and_has_the_same_surroundings_everywhere(tmp_path, forked):
    with Kernels(tmp_path, forked=forked) as kernels:
        cells = outcome(tmp_path, kernels, *CELLS)
    assert [c["execution_count"] for c in cells] == [1, 2, 3, 4]
    assert cells[2]["outputs"][0]["data"]["text/plain"] == "(5, '__main__', [])"
    assert cells[3]["outputs"][0]["text"] == f"{tmp_path} 0 UTC C.UTF-8 {hash_of_a()}\n"


@pytest.mark.parametrize("forked", [True, False])
def test_a_notebook_cannot_print_the_secrets_of_folders_and_of_mails(tmp_path, monkeypatch, forked):
    secrets = (VARIABLE, USER, PASSWORD, TOKEN_COMMAND)
    for name in secrets:
        monkeypatch.setenv(name, "a secret of the tests")
    monkeypatch.setenv("SEGCORE_POSTGRES", "an address that notebooks need")
    told = f"import os\n\nprint({set(secrets)!r} & set(os.environ), os.environ['SEGCORE_POSTGRES'])"
    of_parent = "from pathlib import Path\n\nPath(f'/proc/{os.getppid()}/environ').read_text()"
    with Kernels(tmp_path, forked=forked) as kernels:
        cells = outcome(tmp_path, kernels, "x = 0", told, *([of_parent] if forked else []))
    assert cells[2]["outputs"][0]["text"] == "set() an address that notebooks need\n"
    if forked:
        assert not any(name in cells[3]["outputs"][0]["data"]["text/plain"] for name in secrets)


@pytest.mark.parametrize("forked", [True, False])
def test_kernels_share_nothing_and_leave_no_process(tmp_path, forked):
    set_it = "import json\n\njson.leaked = True\nos_pid = __import__('os').getpid()\nos_pid"
    with Kernels(tmp_path, forked=forked) as kernels:
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


@pytest.mark.parametrize("forked", [True, False])
def test_kernels_outlive_the_thread_that_asked_for_the_first_one(tmp_path, forked):
    with Kernels(tmp_path, forked=forked) as kernels:
        for number in range(2):  # as each run of a backfill has a thread of its own
            with ThreadPoolExecutor(1) as worker:
                cells = worker.submit(outcome, tmp_path, kernels, "x = 0", f"x + {number}").result()
                worker.submit(lambda: ensure_event_loop().close()).result()
            assert cells[2]["outputs"][0]["data"]["text/plain"] == str(5 + number)


def test_a_kernel_that_cannot_be_forked_is_told(tmp_path):
    with Kernels(tmp_path, forked=True) as kernels:
        kernels.start()
        kernels._parent._process.kill()
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
    with Kernels(tmp_path), Kernels(tmp_path):
        assert not left.exists()
        assert len(list(tmp_path.glob("segcore-kernels-*"))) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_is_forked_has_one_thread_and_the_modules_of_its_list(tmp_path):
    """A fork takes along nothing of other threads; that of Arrow's allocator looks after itself."""
    missing = f"[name for name in {IMPORTED!r} if name not in sys.modules]"
    code = f"import os, sys\n\nos.getppid(), {missing}"
    with Kernels(tmp_path, forked=True) as kernels:
        cells = outcome(tmp_path, kernels, "x = 0", code)
        parent, missing = eval(cells[2]["outputs"][0]["data"]["text/plain"])
        threads = [(task / "comm").read_text().strip() for task in Path(f"/proc/{parent}/task").iterdir()]
        assert [name for name in threads if name != "jemalloc_bg_thd"] == ["python"]
    assert missing == []


def test_what_later_kernels_want_is_imported_while_the_first_one_works(tmp_path):
    code = "import sys\n\n'this' in sys.modules"
    with Kernels(tmp_path, forked=True, later=("this",)) as kernels:
        wait = "import time\n\ntime.sleep(2)\n'this' in __import__('sys').modules"
        first = outcome(tmp_path, kernels, "x = 0", wait)
        kernels.stop(kernels.take())  # it was forked when the first one was taken
        later = outcome(tmp_path, kernels, "x = 0", code)
    assert first[2]["outputs"][0]["data"]["text/plain"] == "False"
    assert later[2]["outputs"][0]["data"]["text/plain"] == "True"


@pytest.mark.parametrize("forked", [True, False])
def test_after_the_last_kernel_that_is_wanted_no_other_one_is_made_ready_unless_it_is_taken(tmp_path, forked):
    with Kernels(tmp_path, forked=forked, wanted=2) as kernels:
        kernels.stop(kernels.take())
        assert kernels._next is not None
        kernels.stop(kernels.take())
        assert kernels._next is None
        cells = outcome(tmp_path, kernels, "x = 0", "x + 1")
    assert cells[2]["outputs"][0]["data"]["text/plain"] == "6"


@pytest.mark.parametrize("what", ["notebook", "cell"])
def test_a_notebook_that_takes_too_long_is_ended(tmp_path, what):
    limits = Limits(**{what: "2 seconds"})
    with Kernels(tmp_path) as kernels, pytest.raises(Failure) as caught:
        outcome(tmp_path, kernels, "x = 0", "1", "import time\n\ntime.sleep(60)", limits=limits)
    assert caught.value.problems == (
        f"must be done within limits.{what}: 2 seconds (it was not); give it longer in the study, "
        "or look at what it does",
    )
    assert caught.value.cell == 4


@pytest.mark.parametrize("who", ["os.getpid()", "os.getppid()"])
def test_a_kernel_that_somebody_stops_is_given_up(tmp_path, monkeypatch, who):
    monkeypatch.setattr("segcore.runner.execute.STOPPED", 2)
    stop = f"import os, signal\n\nos.kill({who}, signal.SIGSTOP)\nimport time\n\ntime.sleep(60)"
    with Kernels(tmp_path, forked=True) as kernels, pytest.raises(Failure) as caught:
        outcome(tmp_path, kernels, "x = 0", stop)
    assert caught.value.problems == ("its process was stopped from outside for 2 seconds; run again",)


def test_a_cell_whose_outputs_do_not_arrive_fails_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr("segcore.runner.execute.PATIENCE", 1)
    silent = "get_ipython().kernel._publish_status = lambda *status: None"
    with Kernels(tmp_path) as kernels, pytest.raises(Failure) as caught:
        outcome(tmp_path, kernels, "x = 0", "print('before')", silent)
    assert caught.value.problems == (
        "the outputs of a cell must arrive within 120 seconds of its end (they did not); run again when "
        "the machine has less to do",
    )
    assert caught.value.cell == 4
    assert "before" in (tmp_path / "made.ipynb").read_text()
