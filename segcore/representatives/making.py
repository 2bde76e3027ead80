"""The pages and workbooks of all representatives of a run, by two processes where they are many."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import language, model, tables
from segcore.engine import open_engine
from segcore.files import write_text
from segcore.representatives import own
from segcore.representatives.book import write_book
from segcore.representatives.folder import PAGE, WORKBOOK, Record, is_linked, put
from segcore.representatives.frame import Frame, frame
from segcore.representatives.own import Own
from segcore.representatives.page import page

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.params import Study
    from segcore.representatives.secret import Secret

MANY, PROCESSES = 300, 2
"""From how many representatives on further processes pay, and how many."""
AT_ONCE, AHEAD = 25, 6
"""Representatives that a process gets at once, and such parcels that may wait."""


@dataclass(frozen=True)
class Made:
    """What became of the pages.

    Parameters
    ----------
    folders
        How many representatives have theirs.
    edited
        How many files were kept aside, for somebody had changed them.
    refused
        Why folders could not be written, as the system says it; one for each.
    linked
        How many are not written, for they lead to another place by a link.
    """

    folders: int = 0
    edited: int = 0
    refused: tuple[str, ...] = ()
    linked: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(
            self.folders + other.folders,
            self.edited + other.edited,
            (*self.refused, *other.refused),
            self.linked + other.linked,
        )


@dataclass(frozen=True)
class Job:
    """What every process knows.

    Parameters
    ----------
    frame
        What the pages have in common.
    root
        The folder with a folder for each representative.
    record
        The run and the secret by which the folders are named.
    """

    frame: Frame
    root: Path
    record: Record


Parcel = Sequence[tuple[str, Own]]
"""Folder and what is the representative's own."""


def opened(study: Study, run_dir: Path) -> FileEngine:
    """An engine with those tables of a run of which pages are made."""
    engine = open_engine(study, run_dir)
    tables.load(engine, run_dir, *own.TABLES)
    return engine


def write(study: Study, run_dir: Path, root: Path, secret: Secret, *, seal: str) -> Made:
    """Write page and workbook of each representative of a run.

    Parameters
    ----------
    study, run_dir
        The study as the run keeps it, and the folder of the published run.
    root
        The folder with a folder for each representative.
    secret
        Gives the folders their names.
    seal
        The hash of the run's manifest.
    """
    used = model.read(run_dir / "model.json")
    with opened(study, run_dir) as engine, language.spoken(study.language):
        everybody = own.people(engine)
        job = Job(frame(engine, study, used), root, Record(run_dir.name, seal, secret.mark, {}))
        shares = ((secret.folder(study.name, one.rep), one) for one in own.shares(engine))
        parcels = _parcels(shares)
        found = _here(job, parcels) if len(everybody) < MANY else _by_processes(job, parcels)
        return sum(found, Made())


def _parcels(shares: Iterable[tuple[str, Own]]) -> Iterator[Parcel]:
    every = iter(shares)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _here(job: Job, parcels: Iterable[Parcel]) -> Iterator[Made]:
    for parcel in parcels:
        yield _put(job, parcel)


def _by_processes(job: Job, parcels: Iterable[Parcel]) -> Iterator[Made]:
    """The same by processes that begin from nothing: a fork of one with an engine may hang."""
    waiting: deque[Future[Made]] = deque()
    processes = min(PROCESSES, os.cpu_count() or 1)
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (job,)) as pool:
        for parcel in parcels:
            waiting.append(pool.submit(_done, parcel))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


_JOBS: list[Job] = []  # of a process, which has one job as long as it lives


def _begin(job: Job) -> None:
    language.use(job.frame.language)
    _JOBS[:] = [job]


def _done(parcel: Parcel) -> Made:
    return _put(_JOBS[0], parcel)


def _put(job: Job, parcel: Parcel) -> Made:
    made = Made()
    for folder, share in parcel:
        writers = {
            PAGE: partial(_write_page, job.frame, share),
            WORKBOOK: partial(write_book, job.frame, share),
        }
        if is_linked(job.root / folder):
            made += Made(linked=1)
            continue
        try:
            made += Made(1, put(job.root / folder, job.record, writers))
        except OSError as error:
            made += Made(refused=(error.strerror or str(error),))
    return made


def _write_page(made_of: Frame, share: Own, path: Path) -> None:
    write_text(path, page(made_of, share))
