"""``reports/STUDY/RUN_DATE/report.pdf``: the report on paper, where a study asks for it.

It is made of the published page after the run, and no part of it. Its last line names the page that it
was made of, and what it was when it was written, so that an edited one is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segcore import printing
from segcore.archive.copies import keep_aside
from segcore.archive.finding import published
from segcore.archive.manifest import Run, open_run
from segcore.archive.places import REPORT, Places, dated
from segcore.errors import ArchiveError
from segcore.files import flush, make_folder, what_it_is, whole
from segcore.outputs import PAGE, PAPER

MARK = re.compile(rb"%segcore ([0-9a-f]{64}) ([0-9a-f]{64})\n$")
LAST = 9 + 64 + 1 + 64 + 1
"""The last line, in bytes."""


@dataclass(frozen=True)
class Paper:
    """The PDF of one run date.

    Parameters
    ----------
    path
        Where it is, or would be.
    run
        The published run, None if none is.
    wanted
        Whether it must be there.
    page
        The hash of the page that the PDF there was made of; "" if there is none of ours.
    """

    path: Path
    run: Run | None
    wanted: bool
    page: str

    @property
    def of(self) -> str:
        """The hash of the run's page."""
        return str(self.run.outputs.get(f"{REPORT}/{PAGE}", {}).get("sha256", "")) if self.run else ""


def missing(places: Places) -> list[Path]:
    """The PDFs that are not as the published runs would have them, as far as one can print here."""
    found = list(_wrong(places))
    try:
        printing.program()
    except printing.PrintError:
        found = [paper for paper in found if not paper.wanted]
    return [paper.path for paper in found]


def write(places: Places) -> list[str]:
    """Make the PDFs what the published runs would have them; says what could not be printed, and why."""
    told: list[str] = []
    for paper in _wrong(places):
        if not paper.wanted:
            told += _removed(places, paper.path)
            continue
        try:
            told += _print(places, paper)
        except printing.PrintError as error:
            return [*told, f"{paper.path}: not printed: {error}"]
    return told


def print_one(places: Places, day: dt.date) -> tuple[Path, list[str]]:
    """Print the report of a published run, also where the study does not ask for it.

    Returns
    -------
    tuple of Path and list of str
        Where it is, and what a user should know about it.
    """
    folder = places.published(day)
    run = open_run(folder)
    path = places.reports / folder.name / PAPER
    return path, _print(places, Paper(path, run, True, _made_of(path)))


def page_of(path: Path) -> str:
    """The hash of the page that a PDF is of; "" if it is not as it was printed here."""
    return _made_of(path) if _is_ours(path) else ""


def _wrong(places: Places) -> Iterator[Paper]:
    runs = {folder.name: folder for folder in published(places.runs)}
    for name in sorted({*runs, *(folder.name for folder in dated(places.reports))}):
        path = places.reports / name / PAPER
        try:
            run = open_run(runs[name]) if name in runs else None
        except ArchiveError:
            continue  # verify tells what is wrong with it
        wanted = run is not None and run.manifest.get("params", {}).get("report", {}).get("pdf") is True
        paper = Paper(path, run, wanted, _made_of(path))
        if (wanted or paper.page) and paper.page != paper.of:
            yield paper


def _made_of(path: Path) -> str:
    """The hash of the page that a PDF says it was made of; "" of any other file, or none."""
    if what_it_is(path):
        return ""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - LAST, 0))
        marked = MARK.search(file.read())
    return marked[1].decode() if marked else ""


def _is_ours(path: Path) -> bool:
    """Whether a PDF is as it was printed here."""
    if what_it_is(path):
        return False
    made, mark = (content := path.read_bytes())[:-LAST], content[-LAST:]
    marked = MARK.fullmatch(mark)
    return marked is not None and _sha256(made) == marked[2]


def _print(places: Places, paper: Paper) -> list[str]:
    assert paper.run is not None
    page = paper.run.folder / REPORT / PAGE
    if what_it_is(page):
        raise ArchiveError(f"{page}: must be the page of a published run (it is {what_it_is(page)})")
    made = printing.printed(page, dt.date.fromisoformat(paper.run.folder.name)).rstrip(b"\n") + b"\n"
    told = []
    make_folder(paper.path.parent)
    if os.path.lexists(paper.path) and not _is_ours(paper.path):
        told.append(keep_aside(paper.path, places.edited / paper.run.folder.name / PAPER))
    with whole(paper.path, durable=True) as partial:
        partial.write_bytes(made + b"%%segcore %s %s\n" % (paper.of.encode(), _sha256(made)))
    return told


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _removed(places: Places, path: Path) -> list[str]:
    """Remove the PDF of a page that is published no more, and its folder if nothing else is in it."""
    if not _is_ours(path):
        return [keep_aside(path, places.edited / path.parent.name / PAPER)]
    path.unlink()
    try:
        path.parent.rmdir()
        flush(path.parent.parent)
    except OSError:
        pass
    return []
