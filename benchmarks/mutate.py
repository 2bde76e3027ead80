"""Plant mistakes one at a time, and count which the kept notebooks and the tests find.

``python -m benchmarks.mutate [--draw N] [--seed N] [--workers N] [TEXT…]``; with texts, only mistakes
whose file or words hold one of them. Everything happens in copies of the project, in processes that are
forked when everything but segcore is imported, for imports would take most of the time.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import in_process
from benchmarks.drawn import drawn
from benchmarks.mutations import BY_HAND, Mutation

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 3600  # seconds; what does not end by then is found, for nobody would wait longer
OWN_TEST = "tests/test_mutations.py"
DATA = os.environ.get("SEGCORE_DATA_DIR") or str(ROOT.parent / "shared" / "data")

# The tests that concern a module, where its name does not say so.
TESTS = {
    "segcore/archive": ("archive", "runner"),
    "segcore/intervals.py": ("intervals", "transitions"),
    "segcore/jenks": ("jenks",),
    "segcore/rules": ("rule", "published_rules"),
    "segcore/sources": ("sources", "parse", "formats", "gates", "dirty"),
    "segcore/variables.py": ("features", "model"),
}


@dataclass(frozen=True)
class Found:
    """Who found a mistake."""

    mutation: Mutation
    by_hand: bool
    notebooks: bool
    tests: str

    @property
    def survived(self) -> bool:
        """Whether nobody did."""
        return not (self.notebooks or self.tests)

    def __str__(self) -> str:
        who = ["nbval" if self.notebooks else "     ", self.tests or ("SURVIVED" if self.survived else "-")]
        kind = "hand " if self.by_hand else "drawn"
        return f"{kind} {' '.join(who):50} {self.mutation.file}: {self.mutation.what[:100]}"


def copy_project(folder: Path) -> Path:
    """The project as it is now, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@contextmanager
def planted(mutation: Mutation, project: Path) -> Iterator[None]:
    """The mistake in a copy, and afterwards what was there."""
    path = project / mutation.file
    right = path.read_text(encoding="utf-8")
    try:
        _write(path, mutation.planted(right))
        yield
    finally:
        _write(path, right)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    # Compiled code is known by the second and the size of its source, which may be the same.
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def judge(mutation: Mutation, project: Path, *, by_hand: bool, quick: bool) -> Found:
    """Plant a mistake and see who finds it; quickly, without the tests of other modules."""
    with planted(mutation, project):
        notebooks = not _notebooks_pass(project)
        own = tests_of(mutation.file, project)
        found = _failed([*own, "-m", "not slow"], project)
        if not (found or notebooks):
            found = _failed([*own, "-m", "slow"], project)
        if not (found or notebooks or quick):
            found = _failed(["tests"], project)
    return Found(mutation, by_hand, notebooks, found)


def tests_of(file: str, project: Path) -> list[str]:
    """The test modules that concern a module of segcore."""
    part = Path(file).parts[1].removesuffix(".py")
    names = next((names for start, names in TESTS.items() if file.startswith(start)), (part,))
    found = sorted({path for name in names for path in (project / "tests").glob(f"test_{name}*.py")})
    return [path.relative_to(project).as_posix() for path in found]


def _notebooks_pass(project: Path) -> bool:
    return _apart(lambda: bool(in_process.differences(project, project / "scratch")), project)[0]


def _failed(arguments: Sequence[str], project: Path) -> str:
    """The first test that fails, "" if none does."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--tb=no"]

    def test() -> bool:
        import pytest

        # 5: no test is marked so
        return pytest.main([*options, "--ignore", OWN_TEST, *arguments]) not in (0, 5)

    passes, said = _apart(test, project)
    if passes:
        return ""
    lines = [line for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].split(" - ")[0].partition("tests/")[2] if lines else "tests"


def _apart(fails: Callable[[], bool], project: Path) -> tuple[bool, str]:
    """Whether something passes in a process of its own that works in a project, and what it said."""
    log = project / "said.txt"
    child = os.fork()
    if not child:
        os.setsid()
        with log.open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        try:
            os.chdir(project)
            sys.path[:0] = [str(project), str(project / "tests")]
            os.environ |= {"PYTHONPATH": str(project), "SEGCORE_DATA_DIR": DATA}
            os._exit(fails())
        except BaseException as error:
            print(f"ERROR tests/{type(error).__name__}: {error}", flush=True)
        finally:
            os._exit(1)
    end = time.monotonic() + PATIENCE
    ended, status = 0, 1
    while not ended and time.monotonic() < end:
        time.sleep(0.05)
        ended, status = os.waitpid(child, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # also what it left
    if not ended:
        os.waitpid(child, 0)
        return False, "ERROR tests/ did not end"
    return status == 0, log.read_text(encoding="utf-8", errors="replace")


def table(results: Sequence[Found]) -> str:
    """How many of each kind were found, and by whom."""
    lines = [f"{'':10}{'planted':>8}{'nbval':>8}{'tests':>8}{'either':>8}{'survived':>10}"]
    for kind, own in (
        ("by hand", [r for r in results if r.by_hand]),
        ("drawn", [r for r in results if not r.by_hand]),
    ):
        counts = [
            len(own),
            sum(r.notebooks for r in own),
            sum(bool(r.tests) for r in own),
            sum(not r.survived for r in own),
        ]
        lines.append(f"{kind:10}" + "".join(f"{n:8}" for n in counts) + f"{sum(r.survived for r in own):10}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Plant mistakes and count who finds them.")
    parser.add_argument("texts", nargs="*", help="only mistakes that hold one of these texts")
    parser.add_argument("--draw", type=int, default=len(BY_HAND), help="how many are drawn")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--workers", type=int, default=2, help="how many mistakes at once")
    parser.add_argument("--quick", action="store_true", help="leave out the tests of other modules")
    parser.add_argument("--unchecked", action="store_true", help="do not see first whether all tests pass")
    given = parser.parse_args()
    work = [(m, True) for m in BY_HAND if not m.equivalent]
    work += [(m, False) for m in drawn(ROOT, given.draw, given.seed)]
    if given.texts:
        work = [(m, h) for m, h in work if any(t in f"{m.file} {m.what}" for t in given.texts)]
    start = time.perf_counter()
    in_process.load()
    with tempfile.TemporaryDirectory(prefix="segcore-mutations-") as folder:
        first = copy_project(Path(folder) / "0")
        if not given.unchecked:
            check(first)
        results = judge_all(work, Path(folder), given.workers, quick=given.quick)
    print(table(results))
    print(f"{time.perf_counter() - start:.0f} s")


def check(project: Path) -> None:
    """Make sure that whatever fails later does so by the mistake."""
    if not _notebooks_pass(project):
        sys.exit("make nbval must pass before mistakes are planted (it does not)")
    if failed := _failed(["tests", "-m", "not slow"], project):
        sys.exit(f"the tests must pass before mistakes are planted ({failed} does not)")


def judge_all(
    work: Sequence[tuple[Mutation, bool]], folder: Path, workers: int, *, quick: bool
) -> list[Found]:
    """All mistakes, a few at a time; each result is printed when it is there."""
    fork = multiprocessing.get_context("fork")
    copies: multiprocessing.SimpleQueue[Path] = fork.SimpleQueue()
    for number in range(workers):
        copies.put(copy_project(folder / str(number)))
    with ProcessPoolExecutor(workers, mp_context=fork, initializer=_take, initargs=(copies,)) as pool:
        results = []
        for done in as_completed([pool.submit(_one, *task, quick) for task in work]):
            results.append(done.result())
            print(results[-1], flush=True)
    return results


_mine: list[Path] = []


def _take(copies: multiprocessing.SimpleQueue[Path]) -> None:
    _mine.append(copies.get())


def _one(mutation: Mutation, by_hand: bool, quick: bool) -> Found:
    return judge(mutation, _mine[0], by_hand=by_hand, quick=quick)


if __name__ == "__main__":
    main()
