"""A run is cut off at every call that changes a file; the next command must put all in order."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.faults import shim, small
from benchmarks.faults.small import MARCH, Done, Project
from benchmarks.table import Row, print_table
from segcore import archive
from segcore.archive import index
from segcore.archive.places import studies
from segcore.errors import SegcoreError
from segcore.files import is_partial
from segcore.runner.notebooks import read_notebooks

SEED = 20250301
HARMS = shim.KINDS[1:]
NEXT = (
    ("list",),
    ("run", "acme", "--date", str(MARCH)),
    ("verify",),
    ("run", "acme", "--date", str(MARCH), "--quiet"),
)
"""What a user may say next; every point is given one of them. A backfill would say so in run.json."""

NOT_YET = ("nothing was published", "which segcore list publishes")
"""What is said of a run that is not published."""

ALLOWED = {"segcore-runs", "segcore-runs/all.lock"}
"""What may stay in the folder for temporary files: what the runs of all users share."""


@dataclass(frozen=True)
class Point:
    """Where a run comes to harm, and what is said next.

    Parameters
    ----------
    force
        Whether a published run of the date is replaced.
    harm
        One of :data:`HARMS`.
    number
        The call that is the last one, or that fails.
    then
        The next command.
    """

    force: bool
    harm: str
    number: int
    then: Sequence[str]

    def __str__(self) -> str:
        return f"{'force' if self.force else 'first'} {self.harm} {self.number} then {self.then[0]}"


@dataclass(frozen=True)
class Base:
    """A project before and after the run that comes to harm.

    Parameters
    ----------
    project
        Its folder, before the run.
    old, new
        The hashes of the runs published before and after; ``old`` is None for a first run.
    wanted
        Everything that is kept after it.
    calls
        How many calls that change files an undisturbed run makes.
    """

    project: Path
    old: str | None
    new: str | None
    wanted: dict[str, str]
    calls: int


def bases(room: Path) -> dict[bool, Base]:
    """By whether a run is there already that is replaced."""
    shim.hurry()
    small.warm(room / "warm")
    return {force: _base(room / f"base-{force}", force) for force in (False, True)}


def _base(room: Path, force: bool) -> Base:
    project = Project(room / "project")
    if force:
        assert small.in_child(small.command(project.root, *_run(False)), room).code == 0
        project.write_notebook(
            "segment", (project.root / "notebooks" / "segment.py").read_text() + "# other\n", ""
        )
    read_notebooks(project.root / "notebooks")  # once, and not by every process that is forked from here
    old = archive.manifest_sha256(small.places(project.root).published(MARCH))
    whole = small.copied(project.root, room / "whole")
    done = harmed(whole, Point(force, "NOTHING", 0, ()))
    assert done.code == 0, done.said
    new = archive.manifest_sha256(small.places(whole).published(MARCH))
    assert old != new
    return Base(project.root, old, new, small.state(whole), done.calls)


def points(base: dict[bool, Base], share: float = 1) -> list[Point]:
    """All points, or a share of them that a seed draws."""
    chance = random.Random(SEED)
    found = [
        Point(force, harm, number, NEXT[(number + HARMS.index(harm)) % len(NEXT)])
        for force in (False, True)
        for harm in HARMS
        for number in range(1, base[force].calls + 1)
    ]
    return found if share == 1 else chance.sample(found, round(share * len(found)))


def _run(force: bool) -> list[str]:
    return ["run", "acme", "--date", str(MARCH), "--quiet", *(["--force"] if force else [])]


def harmed(project: Path, point: Point) -> Done:
    """A run that comes to harm."""
    room = project.parent
    return small.in_child(
        small.command(project, *_run(point.force)),
        room,
        before=lambda: shim.arm(point.harm, point.number, room),
        after=shim.disarm,
    )


def faults_at(base: dict[bool, Base], room: Path, point: Point) -> tuple[Point, list[str]]:
    """What is wrong after a run that came to harm at a point, and after the next commands."""
    project = small.copied(base[point.force].project, room / f"{os.getpid()}")
    try:
        done = harmed(project, point)
        wrong = [*_half(project, base[point.force]), *_untrue(project, base[point.force], point, done)]
        if not wrong:
            wrong = list(_unhealed(project, base[point.force], point, done))
        return point, [*wrong, f"it had said: {done.code} {done.said}"] if wrong else []
    finally:
        shutil.rmtree(project.parent)


def _half(project: Path, base: Base) -> Iterator[str]:
    """Published runs that are not whole, and whole runs that are nowhere."""
    places = small.places(project)
    there = archive.manifest_sha256(places.published(MARCH))
    if os.path.lexists(places.published(MARCH)) and not archive.is_whole(places.published(MARCH)):
        yield "HALF: what is published is not whole"
    if there not in (None, base.old, base.new):
        yield "HALF: another run is published"
    kept = [places.published(MARCH), *places.asides(MARCH)]
    if base.old and not any(archive.manifest_sha256(f) == base.old and archive.is_whole(f) for f in kept):
        yield "LOST: the old run is nowhere"
    promised = archive.read_ledger(places.runs).standing(MARCH) == base.new
    waiting = [places.published(MARCH), places.staging(MARCH)]
    if promised and not any(archive.manifest_sha256(f) == base.new and archive.is_whole(f) for f in waiting):
        yield "LOST: the ledger promises a run that is nowhere"


def _untrue(project: Path, base: Base, point: Point, done: Done) -> Iterator[str]:
    """What the command said that is not so."""
    published = archive.manifest_sha256(small.places(project).published(MARCH)) == base.new
    if "Traceback" in done.said or (point.harm != "SIGKILL" and done.code < 0) or done.code == 77:
        yield "UNTRUE: no sentence but a traceback"
    elif done.code == 0 and not (published and "acme 2025-03-01: published" in done.said):
        yield "UNTRUE: exit code 0, and nothing is published"
    elif done.code > 0 and published != ("published 2025-03-01" in done.said):
        yield f"UNTRUE: it is {'' if published else 'not '}published"
    elif done.code > 0 and not published and not any(text in done.said for text in NOT_YET):
        yield "UNTRUE: it does not say what is published"


def _unhealed(project: Path, base: Base, point: Point, done: Done) -> Iterator[str]:
    """What is wrong after the next command, and after the run that it may leave to be made."""
    room, places = project.parent, small.places(project)
    _age(room / "tmp")
    then = small.in_child(small.command(project, *point.then), room)
    refused = point.force and then.code == 2 and "say --force" in then.said
    if then.code and not refused:
        yield f"UNHEALED: the next command fails: {then.said}"
    if index.missing(places):
        yield "UNHEALED: the index is not what it must be"
    known = places.study in studies(places.root / "runs")  # else only the next run puts it in order
    yield from (f"LEFT: {path}" for path in (_left(project) if known else ()))
    there = archive.manifest_sha256(places.published(MARCH))
    quiet = then.code == 0 and point.then[0] in ("list", "verify")
    if quiet and there == base.new and NOT_YET[0] in done.said:
        yield "UNTRUE: nothing was published, and the next command publishes it"
    if quiet and there != base.new and NOT_YET[1] in done.said:
        yield "UNTRUE: the next command does not publish it"
    if there != base.new or quiet:
        last = small.in_child(small.command(project, *_run(point.force and there != base.new)), room)
        if last.code:
            yield f"UNHEALED: the next run fails: {last.said}"
    yield from (f"LEFT: {path}" for path in _left(project))
    yield from (f"LEFT: {path}" for path in sorted(_relative(room / "tmp") - ALLOWED))
    try:
        archive.verify_all(project / "runs")
    except SegcoreError as error:
        yield f"UNHEALED: {error}"
    found = small.state(project)
    for name in sorted({*found, *base.wanted}):
        if found.get(name) != base.wanted.get(name):
            yield f"DIFFERS: {name}: {found.get(name)} must be {base.wanted.get(name)}"


def _left(project: Path) -> list[Path]:
    """What a command must not leave in a project."""
    odd = (".staging-", ".lock-holder")
    return [p for p in project.rglob("*") if is_partial(p.name) or p.name.startswith(odd)]


def _relative(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _age(folder: Path) -> None:
    """As if the command that came to harm was some time ago: what is young may be in use."""
    for path in folder.iterdir():
        with suppress(OSError):
            os.utime(path, (time.time() - 600,) * 2)


def counts(points: Sequence[Point], wrong: dict[str, list[str]]) -> list[Row]:
    """The table: for each kind of fault, how many points have it."""
    kinds = Counter(kind for told in wrong.values() for kind in {line.split(":")[0] for line in told[:-1]})
    bars = {"HALF": "half-published", "LOST": "lost", "UNTRUE": "untrue messages", "UNHEALED": "not healed",
            "LEFT": "something left", "DIFFERS": "not byte-identical"}  # fmt: skip
    made = Counter((point.harm, "--force" if point.force else "first") for point in points)
    rows = [
        Row(f"{harm}, {how}", f"{number} points", "", True) for (harm, how), number in sorted(made.items())
    ]
    rows.append(Row("all points", f"{len(points)}", "1500", len(points) >= 1500))
    return [*rows, *(Row(text, f"{kinds[kind]}", "0", not kinds[kind]) for kind, text in bars.items())]


def explored(share: float = 1, workers: int = 2, only: str = "") -> tuple[list[Point], dict[str, list[str]]]:
    """Come to harm at every point, or at a share; the points, and what was wrong at which."""
    wrong = {}
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        base = bases(room)
        chosen = [point for point in points(base, share) if str(point).startswith(only)]
        with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
            results = pool.map(partial(faults_at, base, room), chosen, chunksize=8)
            for number, (point, told) in enumerate(results, start=1):
                print(f"\r{number} of {len(chosen)} points", end="", file=sys.stderr, flush=True)
                if told:
                    wrong[str(point)] = told
    return chosen, wrong


def main(share: float, only: str = "") -> bool:
    """Print the table and every fault; whether all bars were met."""
    chosen, wrong = explored(share, only=only)
    for point, told in wrong.items():
        print(point, *told, sep="\n    ")
    rows = counts(chosen, wrong)
    print_table(row for row in rows if (share == 1 and not only) or not row.what.startswith("all points"))
    return not wrong and (share < 1 or bool(only) or all(row.ok for row in rows))
