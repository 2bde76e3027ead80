"""The power goes off within seconds after a run's exit code 0: what the disk has by then is whole.

As root on a system with loop devices an image is mounted, copied while the run's pages may still be in
memory, and the copy is mounted as after a power cut. Everywhere the calls of a run are read: what was
written or named, and not waited for before the end, may be lost.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.faults import shim, small
from benchmarks.faults.small import APRIL, MARCH, Project
from benchmarks.table import Row, print_table
from segcore import archive
from segcore.archive import index
from segcore.errors import SegcoreError

SEED, CUTS, SECONDS, SIZE = 20250530, 20, 4.0, 256 << 20
WRITES = ("write", "pwrite", "pwrite64", "writev", "sendfile", "sendfile64", "copy_file_range", "ftruncate64")
MADE_AGAIN = (".index.lock", ".lock", "/inputs/parsed", "/inputs/models", "/reports/index.html")
"""What may be lost, for the next command makes it again."""


def unwaited(calls: Iterable[str], project: Path) -> list[str]:
    """What a power cut after these calls may take, of all that must outlive it.

    Parameters
    ----------
    calls
        One line for each call that changes files, as the library writes them down.
    project
        The folder that relative paths are seen from.
    """
    content: set[Path] = set()
    names: set[Path] = set()
    for line in calls:
        call, path, other = line.rstrip("\n").split("\t")
        here, there = project / path, project / other
        if call in WRITES:
            content.add(here)
        elif call.startswith(("open", "fopen", "mkdir")):
            names.add(here)
        elif call in ("fsync", "fdatasync"):
            content.discard(here)
            names -= {name for name in names if name.parent == here}
        elif call == "rename":
            content, names = _moved(content, here, there), _moved(names, here, there) | {there}
    lost = [f"content of {path}" for path in content] + [f"name of {path}" for path in names]
    return sorted(text for text in lost if _matters(text, project))


def _moved(paths: set[Path], source: Path, target: Path) -> set[Path]:
    return {
        target / path.relative_to(source) if path.is_relative_to(source) else path
        for path in paths
        if path == source or path != target
    }


def _matters(text: str, project: Path) -> bool:
    path = Path(text.split(" of ", 1)[1])
    kept = any(path.is_relative_to(project / name) for name in small.KEPT)
    return kept and path.exists() and not any(name in text for name in MADE_AGAIN)


def calls_of(project: Path, *words: str) -> list[str]:
    """The calls of a command, which ends with exit code 0."""
    log = project.parent / "log"
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_APPEND)
    done = small.in_child(
        small.command(project, *words),
        project.parent,
        before=lambda: shim.arm("NOTHING", 0, project, descriptor),
        after=shim.disarm,
    )
    os.close(descriptor)
    assert done.code == 0, done.said
    return log.read_text().splitlines()


def lost_by_strict_reading(room: Path) -> list[str]:
    """What a first run, one more, and one made again do not wait for."""
    project = Project(room / "project", {"segment": small.REAL_SEGMENT})
    lost = unwaited(calls_of(project.root, *_run(MARCH)), project.root)
    lost += unwaited(calls_of(project.root, *_run(APRIL)), project.root)
    project.deliver(14)
    return lost + unwaited(calls_of(project.root, *_run(MARCH), "--force"), project.root)


def _run(date: object) -> list[str]:
    return ["run", "acme", "--date", str(date), "--quiet"]


def mountable() -> bool:
    """Whether images can be mounted here."""
    return os.geteuid() == 0 and Path("/dev/loop-control").exists() and shutil.which("mkfs.ext4") is not None


@contextmanager
def mounted(image: Path, folder: Path) -> Iterator[Path]:
    """An image as a folder."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def faults_after(room: Path, number: int, seconds: float) -> list[str]:
    """What is wrong after a power cut some seconds after a run; every other one replaces a run."""
    image, cut, disk = room / "image", room / "cut", room / "disk"
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(image, disk):
        project = Project(disk / "project", {"segment": small.REAL_SEGMENT})
        if number % 2:
            _must(project.root, room, *_run(MARCH))
            project.deliver(14)
        subprocess.run(["sync", "-f", disk], check=True)
        _must(project.root, room, *_run(MARCH), *(["--force"] if number % 2 else []))
        wanted = small.state(project.root)
        time.sleep(seconds)
        subprocess.run(["cp", "--sparse=always", image, cut], check=True)
    with mounted(cut, disk):
        return list(_faults(disk / "project", wanted, room))


def _must(project: Path, room: Path, *words: str) -> None:
    done = small.in_child(small.command(project, *words), room)
    assert done.code == 0, done.said


def _faults(project: Path, wanted: dict[str, str], room: Path) -> Iterator[str]:
    """What is wrong on the disk as it was cut, and after the next command."""
    places = small.places(project)
    if not archive.is_whole(places.published(MARCH)):
        yield "the published run is not whole"
    now = small.state(project)
    lost = (name for name in wanted if now.get(name) != wanted[name])
    yield from (f"lost: {name}" for name in lost if not any(again in f"/{name}" for again in MADE_AGAIN))
    then = small.in_child(small.command(project, "list"), room)
    try:
        archive.verify_all(project / "runs")
    except SegcoreError as error:
        yield f"not healed: {error}"
    if then.code or index.missing(places):
        yield f"the next command does not heal: {then.said}"


def main(share: float) -> bool:
    """Print the table and every fault; whether all bars were met."""
    chance, rows = random.Random(SEED), []
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        room = Path(folder)
        small.warm(room / "warm")
        lost = lost_by_strict_reading(room / "strict")
        for text in lost:
            print(text)
        rows.append(Row("not waited for, in three runs", f"{len(lost)}", "0", not lost))
        cuts = round(share * CUTS) if mountable() else 0
        whole = 0
        for number in range(cuts):
            seconds = chance.uniform(0, SECONDS)
            wrong = faults_after(room, number, seconds)
            for text in wrong:
                print(f"cut {number}, {seconds:.1f} s after: {text}")
            whole += not wrong
        if cuts:
            rows.append(Row("power cuts that left all whole", f"{whole} of {cuts}", f"{cuts}", whole == cuts))
        else:
            rows.append(Row("power cuts", "none (they need root and loop devices)", "", True))
    print_table(rows)
    return all(row.ok for row in rows)
