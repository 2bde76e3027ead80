"""One bit is flipped in all that is kept: it is found, or does no harm, and no wrong run is published."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.faults import small
from benchmarks.faults.small import APRIL, JUNE, MARCH, Project
from benchmarks.table import Row, print_table
from segcore import archive
from segcore.files import files_in

SEED, FLIPS = 20250415, 600
KINDS = {
    "inputs/parsed": "cache",
    "inputs/models": "cache",
    "inputs": "input",
    ".superseded": "superseded run",
    "ledger": "ledger",
    ".lock": "lock",
}
"""The sorts of files in a study's folder, by how their paths begin."""

READ = ("published run", "input", "cache", "ledger")
"""Those that the next run reads; after a flip in them it is made as well."""

NEVER_SEALED = {"timings.json", "run.log", ".lock", ".index.lock"}
"""Nothing is computed from these, and nobody promises what is in them."""


@dataclass(frozen=True)
class Flip:
    """A bit of a file.

    Parameters
    ----------
    name
        The file, from the project's folder.
    bit
        Which bit of it.
    secretly
        Whether the file's time of change is put back.
    """

    name: str
    bit: int
    secretly: bool

    def do(self, project: Path) -> None:
        """Flip it."""
        path = project / self.name
        status, content = path.stat(), bytearray(path.read_bytes())
        content[self.bit // 8] ^= 1 << self.bit % 8
        path.chmod(0o644)
        path.write_bytes(content)
        path.chmod(status.st_mode)
        if self.secretly:
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    @property
    def kind(self) -> str:
        """The sort of file that it is in."""
        if self.name.startswith("reports"):
            return "reports"
        inside = self.name.removeprefix("runs/acme/")
        return next((kind for start, kind in KINDS.items() if inside.startswith(start)), "published run")


@dataclass(frozen=True)
class Base:
    """A project with runs; all that is kept in it, and after one more run; the hash of that run."""

    project: Path
    kept: dict[str, str]
    after: dict[str, str]
    new: str | None


def base(room: Path) -> Base:
    """Two published runs, one of them made twice, whose breaks are those of a date without a run."""
    small.warm(room / "warm")
    project = Project(room / "project", {"segment": small.REAL_SEGMENT}, "{policy: keep, from: 2025-05-20}")
    for words in (_run(MARCH), _run(APRIL)):
        _must(project.root, *words)
    cells = (project.root / "notebooks" / "report.py").read_text()
    project.write_notebook("report", cells.replace("<p>", "<p>On "), "")
    _must(project.root, "backfill", "acme", "--from", str(MARCH), "--to", str(APRIL), "--force", "--quiet")
    whole = small.copied(project.root, room / "whole")
    _must(whole, *_run(JUNE))
    new = archive.manifest_sha256(small.places(whole).published(JUNE))
    return Base(project.root, small.state(project.root), small.state(whole), new)


def _run(date: object) -> list[str]:
    return ["run", "acme", "--date", str(date), "--quiet"]


def _must(project: Path, *words: str) -> None:
    done = small.in_child(small.command(project, *words), project.parent)
    assert done.code == 0, done.said


def flips(project: Path, number: int) -> list[Flip]:
    """Bits that a seed draws: of each sort of file in turn, and of each file of that sort in turn."""
    chance = random.Random(SEED)
    kept = (path for name in small.KEPT for path in files_in(project / name).values())
    kinds: dict[str, list[str]] = {}
    for name in sorted(str(path.relative_to(project)) for path in kept if path.stat().st_size):
        kinds.setdefault(Flip(name, 0, False).kind, []).append(name)
    turns = zip(*(itertools.cycle(chance.sample(files, len(files))) for files in kinds.values()), strict=True)
    drawn = list(itertools.islice(itertools.chain.from_iterable(turns), number))
    bits = (chance.randrange(8 * (project / name).stat().st_size) for name in drawn)
    secretly = chance.sample([True, False] * (number // 2 + 1), number)
    return [Flip(*each) for each in zip(drawn, bits, secretly, strict=True)]


def faults_of(base: Base, room: Path, flip: Flip) -> tuple[Flip, str, list[str]]:
    """What ``segcore verify`` makes of a flip, and what is wrong with that or with the next run."""
    mine = room / f"{os.getpid()}"
    try:
        project = small.copied(base.project, mine)
        flip.do(project)
        verified = small.in_child(small.command(project, "verify"), mine)
        found = verified.code != 0 and Path(flip.name).name in verified.said
        wrong = [] if found else list(_harm(base, project, flip, verified.said))
        if flip.kind in READ:
            project = small.copied(base.project, mine)
            flip.do(project)
            wrong += _next_run(base, project)
        return flip, "found" if found else "harmless", wrong
    finally:
        shutil.rmtree(mine)


def _harm(base: Base, project: Path, flip: Flip, said: str) -> Iterator[str]:
    """What a flip that was not found has changed for good; caches are judged by the next run."""
    if "Traceback" in said:
        yield f"NOT FOUND: a traceback: {said}"
    if (
        Path(flip.name).name not in NEVER_SEALED
        and flip.kind != "cache"
        and small.state(project) != base.kept
    ):
        yield f"NOT FOUND: {said}"


def _next_run(base: Base, project: Path) -> Iterator[str]:
    """What is wrong with a run of a new date: it is the same as ever, or there is none."""
    done = small.in_child(small.command(project, *_run(JUNE)), project.parent)
    made = archive.manifest_sha256(small.places(project).published(JUNE))
    if made not in (None, base.new) or (made and not archive.is_whole(small.places(project).published(JUNE))):
        yield f"WRONG: another run is published: {done.said}"
    if (done.code == 0) != (made is not None) or "Traceback" in done.said:
        yield f"WRONG: exit code {done.code}: {done.said}"
    if made:
        state = small.state(project)
        caches = [name for name in base.after if "/parsed/" in name or "/models/" in name]
        yield from (f"NOT REBUILT: {name}" for name in caches if state.get(name) != base.after[name])


def judged(number: int, workers: int = 2) -> tuple[list[tuple[Flip, str]], dict[str, list[str]]]:
    """Flip bits; what became of each, and what was wrong."""
    made, wrong = [], {}
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        first = base(room / "base")
        drawn = flips(first.project, number)
        with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
            for flip, became, told in pool.map(partial(faults_of, first, room), drawn, chunksize=4):
                made.append((flip, became))
                if told:
                    wrong[f"{flip}"] = told
    return made, wrong


def table(made: Sequence[tuple[Flip, str]], wrong: dict[str, list[str]], bar: int) -> list[Row]:
    """For each kind of file, what became of the flips in it."""
    kinds = Counter((flip.kind, became) for flip, became in made)
    rows = [
        Row(f"{kind}, {became}", f"{number}", "", True) for (kind, became), number in sorted(kinds.items())
    ]
    good = len(made) - len(wrong)
    published = sum(any(line.startswith("WRONG") for line in told) for told in wrong.values())
    secretly = sum(flip.secretly for flip, _ in made)
    return [
        *rows,
        Row("with the time of change put back", f"{secretly}", f"{bar // 2}", abs(2 * secretly - bar) <= 2),
        Row("found or harmless", f"{good} of {len(made)}", f"{bar} of {bar}", good == len(made) >= bar),
        Row("wrong runs published", f"{published}", "0", not published),
    ]


def main(share: float) -> bool:
    """Print the table and every fault; whether all bars were met."""
    number = round(share * FLIPS)
    made, wrong = judged(number)
    for flip, told in wrong.items():
        print(flip, *told, sep="\n    ")
    rows = table(made, wrong, number)
    print_table(rows)
    return all(row.ok for row in rows)
