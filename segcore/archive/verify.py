"""Whether all that a study keeps is as segcore left it: runs, inputs, copies for people, ledger."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from segcore.archive import copies, dashboards, index, mail_pages
from segcore.archive.finding import opened, published
from segcore.archive.ledger import LEDGER, Ledger, read_ledger
from segcore.archive.listing import Tell, put_in_order, silent, studies_in
from segcore.archive.manifest import Run, manifest_sha256, open_run
from segcore.archive.places import ERASING, MANIFEST, OUTBOX, Places, date_of, dated
from segcore.archive.unaltered import AGAIN, differences, unrecorded
from segcore.errors import ArchiveError
from segcore.files import LITTER, files_in, has_content, is_partial, what_it_is
from segcore.outputs import PAGE
from segcore.sources.extracts import stored_path

STORED = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]+){0,2}")
"""An extract; its ending, with that of its packing, is the delivered one's."""
KEPT = ("inputs", LEDGER, *(f"{OUTBOX}{end}" for end in ("", "-wal", "-shm", "-journal")))
"""What lies beside the runs; the last three hold what a killed process was writing into the outbox."""

CACHED = re.compile(
    r"(parsed/[0-9a-f]{64}\.parquet|models/[0-9a-f]{64}\.json|(parsed|models)/[0-9a-f]{64}\.sha256)"
)


def verify_all(runs: Path, *, study: str | None = None, tell: Tell = silent) -> list[str]:
    """Hash every file of the published runs, and all that is kept for them, again.

    Parameters
    ----------
    runs
        The folder ``runs/`` of a project. What a killed run left in it is put in order first.
    study
        Only this study.
    tell
        Called with a sentence for each thing that was put in order.

    Returns
    -------
    list of str
        One sentence per run.

    Raises
    ------
    ArchiveError
        With every file that was altered, is missing or was added, and every run that is gone.
    """
    told: list[str] = []
    problems: list[str] = []
    for places in studies_in(runs, study):
        edited = [
            *_all_of(places, _copies(places)),
            *dashboards.edited(places),
            *mail_pages.edited(places),
            *index.edited(places),
        ]  # healing keeps them aside
        put_in_order(places, tell, thorough=True)
        found, wrong = check(places)
        told += found
        problems += [*wrong, *(text for text in edited if text not in wrong)]
    if problems:
        raise ArchiveError(*problems)
    return told


def check(places: Places) -> tuple[list[str], list[str]]:
    """Hash everything of a study again.

    Returns
    -------
    tuple of list of str
        One sentence for each run that is as it was sealed, and one for each problem.
    """
    try:
        ledger = read_ledger(places.runs)
        runs, problems = opened(published(places.runs))
    except (ArchiveError, OSError) as error:
        return [], _sentences(places, error)
    told: list[str] = []
    problems = [*ledger.faults, *problems]
    for run in runs:
        found = [*differences(run), *unrecorded(run, ledger)]
        problems += found
        if not found:
            told.append(f"{run.folder}: {len(run.outputs)} files are as they were sealed")
    for part in (
        gone(places, ledger),
        _misremembered(runs, ledger),
        _aside(places, ledger),
        _inputs(places, runs),
        _copies(places),
        _orphans(places, ledger),
        _foreign(places, ledger),
        mail_pages.unread(places),
        half_erased(places),
    ):
        problems += _all_of(places, part)
    return told, problems


def _all_of(places: Places, part: Iterable[str]) -> list[str]:
    """The problems of a part, as far as it can be read."""
    found: list[str] = []
    try:
        for problem in part:
            found.append(problem)
    except (ArchiveError, OSError) as error:
        found += _sentences(places, error)
    return found


def gone(places: Places, ledger: Ledger) -> Iterator[str]:
    """What to say of published runs that somebody deleted or emptied."""
    for date in missing(places, ledger):
        yield (
            f"{places.published(date)}: must be there (the run was deleted or emptied); put it back from "
            "a copy, make it again, or take it back with "
            f"segcore withdraw {places.study}/{date} --because WHY"
        )


def missing(places: Places, ledger: Ledger) -> Iterator[dt.date]:
    """The dates of published runs that somebody deleted or emptied, ascending."""
    for date in ledger.dates:
        if ledger.standing(date) and not (places.published(date) / MANIFEST).is_file():
            yield date


def _misremembered(runs: list[Run], ledger: Ledger) -> Iterator[str]:
    """A run knows the hash of the run before it, whatever somebody did to that one and to the ledger."""
    for run in runs:
        previous = run.manifest["previous"]
        if previous and not ledger.knows(previous["run_date"], previous["manifest_sha256"]):
            yield (
                f"{run.folder.parent / previous['run_date']}: must be the run that {run.run_date} was "
                f"compared with (the ledger knows none of that hash); {AGAIN}"
            )


def _orphans(places: Places, ledger: Ledger) -> Iterator[str]:
    """Reports of runs that the ledger does not know: somebody took its entry away."""
    for folder in dated(places.reports):
        if (folder / PAGE).exists() and not ledger.last(folder.name):
            yield (
                f"{folder}: must be the report of a published run (the ledger knows none of that date); "
                "find out what became of it, or remove the folder"
            )


def _aside(places: Places, ledger: Ledger) -> Iterator[str]:
    found = {(folder.name[:10], manifest_sha256(folder)) for folder in places.asides()}
    for date, sha256 in ledger.aside:
        if (date, sha256) not in found and not ledger.was_damaged(date, sha256):
            yield (
                f"{places.runs}: the run of {date} whose hash begins with {sha256[:8]} must be kept aside "
                "(it is missing or was altered); put it back from a copy"
            )
    for folder in places.asides():
        sha256 = manifest_sha256(folder) or ""
        if not sha256 or ledger.was_damaged(folder.name[:10], sha256):
            continue  # it was damaged already when it was taken out
        try:
            yield from (
                told.replace(AGAIN, "put it back from a copy") for told in differences(open_run(folder))
            )
        except ArchiveError as error:
            yield from (told.replace(AGAIN, "put it back from a copy") for told in error.problems)


def _inputs(places: Places, runs: list[Run]) -> Iterator[str]:
    runs = [*runs, *opened(places.aside("withdrawn").glob("*"))[0]]
    needed = {stored_path(places.inputs, i["sha256"], i["name"]) for run in runs for i in run.inputs}
    there = files_in(places.inputs) if places.inputs.is_dir() else {}
    kept = {path: found[1] for name, path in there.items() if (found := STORED.fullmatch(name))}
    for path in sorted(needed | set(kept)):
        if path not in kept or not has_content(path, kept[path]):
            yield (
                f"{path}: must be the extract as it was delivered (it was altered or is missing); "
                "put it back from a copy"
            )
    for name, path in there.items():
        if path not in kept and not CACHED.fullmatch(name) and not is_partial(name):
            yield f"{path}: must not be there (segcore did not put it there); move it elsewhere"


def _copies(places: Places) -> Iterator[str]:
    for path in copies.edited(places):
        yield (
            f"{path}: must be as it was published (it was edited); the edited one is kept in {places.edited} "
            "when the published one is written again"
        )


def half_erased(places: Places) -> Iterator[str]:
    """What to say of somebody whom a killed command had begun to erase."""
    path = places.runs / ERASING
    if path.exists():
        yield (
            f"{path}: must be gone (somebody was being erased, and may stand in files still); give that "
            f"command again: segcore erase {places.study} CUSTOMER --yes"
        )


def _foreign(places: Places, ledger: Ledger) -> Iterator[str]:
    runs = set(dated(places.runs))
    for path in sorted(places.runs.iterdir()):
        if date_of(path.name):
            if path not in runs:
                found = what_it_is(path) or "a file"
                yield f"{path}: must be the folder of a run (it is {found}); move it elsewhere"
            elif not (path / MANIFEST).is_file() and not ledger.standing(path.name):
                yield f"{path}: there must be a published run here (no manifest.json)"
        elif path.name == "inputs" and path.is_symlink():
            yield f"{path}: must be a folder (it is a link); put the folder itself there"
        elif not (path.name.startswith(".") or path.name in KEPT or LITTER.fullmatch(path.name)):
            yield f"{path}: must not be there (it is no run); move it elsewhere"


def _sentences(places: Places, error: ArchiveError | OSError) -> list[str]:
    if isinstance(error, ArchiveError):
        return list(error.problems)
    told = f"must be there to be read ({error.strerror}); mend that, or ask its owner for it"
    return [f"{error.filename or places.runs}: {told}"]
