"""One run of Online Retail II: next to the same work as users do it today, in one process, and its memory.

Needs ``online_retail_ii.csv.gz`` in the data folder. The run is the second of its study, so that there
is somebody to move; the extract is parsed anew each time.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jupytext

from benchmarks.harness import BIN, peak_memory, real_data, scratch_project, spread, timed
from benchmarks.table import Row

EXTRACT = "online_retail_ii.csv.gz"
STUDY = "params/online_retail.yaml"
RUN_DATE, PREVIOUS = "2011-12-10", "2011-10-26"
RUNS = Path("runs", "online_retail")
PEERS = Path(__file__).parent / "peers"
ROUNDS = 3
MOST_OF_PEER, MOST_ADDED, MOST_MEMORY = 0.25, 3, 1.5e9


def rows() -> list[Row]:
    data = real_data(EXTRACT)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ours, theirs = _our_project(folder / "ours", data), _peer(folder / "peer", data)
        taken: dict[str, list[float]] = {"ours": [], "theirs": [], "plain": [], "first": []}
        for _ in range(ROUNDS):
            taken["theirs"].append(timed(_notebooks_today(RUN_DATE, data), theirs))
            with _copy(ours) as project:
                taken["ours"].append(_run(project, data))
            with _copy(ours) as project:
                taken["plain"].append(timed([_plain_calls(data)], project))
            taken["first"].append(_run(scratch_project(folder / f"first{len(taken['first'])}"), data))
        with _copy(ours) as project:
            peak = peak_memory(_command(), project, SEGCORE_DATA_DIR=str(data))
    middle = {what: statistics.median(seconds) for what, seconds in taken.items()}
    added = middle["ours"] - middle["plain"]
    return [
        *(_against_peer(what, taken[which], taken["theirs"]) for what, which in WHICH.items()),
        Row(
            "what notebooks add to that run",
            f"{added:.2f} s (one plain process {spread(taken['plain'])})",
            f"at most {MOST_ADDED} s",
            added <= MOST_ADDED,
        ),
        Row(
            "peak memory of that run, all processes",
            f"{peak / 1e9:.2f} GB",
            f"under {MOST_MEMORY / 1e9} GB",
            peak < MOST_MEMORY,
        ),
    ]


WHICH = {
    "one run of Online Retail II, extract not parsed before": "ours",
    "the same as the first run of the study": "first",
}


def _against_peer(what: str, ours: list[float], theirs: list[float]) -> Row:
    ratio = statistics.median(ours) / statistics.median(theirs)
    return Row(
        what,
        f"{ratio:.2f} × papermill and pandas ({spread(ours)}, {spread(theirs)})",
        f"at most {MOST_OF_PEER} ×",
        ratio <= MOST_OF_PEER,
    )


def _command(run_date: str = RUN_DATE) -> list[str]:
    return [str(BIN / "segcore"), "run", STUDY, "--date", run_date]


def _run(project: Path, data: Path, run_date: str = RUN_DATE) -> float:
    return timed([_command(run_date)], project, SEGCORE_DATA_DIR=str(data))


def _our_project(folder: Path, data: Path) -> Path:
    """A project with the previous run."""
    _run(scratch_project(folder), data, PREVIOUS)
    return folder


@contextmanager
def _copy(project: Path) -> Iterator[Path]:
    """A copy of a project, without the parsed forms of its extracts."""
    copy = project.with_name("copy")
    shutil.copytree(project, copy)
    shutil.rmtree(copy / RUNS / "inputs" / "parsed")
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def _plain_calls(data: Path) -> list[str]:
    script = Path(__file__).with_name("plain_calls.py")
    run_dir, previous = str(RUNS / RUN_DATE), str(RUNS / PREVIOUS)
    return [str(BIN / "python"), str(script), STUDY, RUN_DATE, run_dir, previous, str(data)]


def _peer(folder: Path, data: Path) -> Path:
    """The peer's notebooks, and what it kept of the previous run."""
    folder.mkdir()
    for source in sorted(PEERS.glob("*.py")):
        notebook = jupytext.read(source)
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        jupytext.write(notebook, folder / f"{source.stem}.ipynb")
    timed(_notebooks_today(PREVIOUS, data)[:2], folder)
    return folder


def _notebooks_today(run_date: str, data: Path) -> list[list[str]]:
    names = [source.stem for source in sorted(PEERS.glob("*.py"))]
    common = ["--log-level", "ERROR", "--no-progress-bar", "-p", "run_date", run_date]
    own = {names[0]: ["-p", "extract", str(data / EXTRACT)]}
    for name in names[2:]:
        own[name] = ["-p", "previous", PREVIOUS]
    execute = [
        ["papermill", f"{name}.ipynb", f"{name}.out.ipynb", *common, *own.get(name, [])] for name in names
    ]
    return [*execute, *(["jupyter", "nbconvert", "--to", "html", f"{name}.out.ipynb"] for name in names)]
