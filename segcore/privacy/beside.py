"""What lies beside the runs of a study and is past its retention: failed runs, copies, inputs."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Entry, Run
from segcore.archive.gone_pages import is_one
from segcore.archive.own_pages import FOLDER
from segcore.archive.places import DRY_RUN, EDITED, FAILED, REPORT, SCRATCH, date_of, dated
from segcore.archive.verify import STORED
from segcore.errors import ArchiveError
from segcore.files import files_in
from segcore.outputs import PAGE
from segcore.pruning import Old, size_of
from segcore.sources import Extract
from segcore.sources.parsing import cache_key

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.privacy.expiry import Expiry

PARSED = "parsed"
FOLDERS = {FAILED: "left of a run that failed", DRY_RUN: "mails that were written and not sent"}
"""Hidden folders of a study with a folder for each run date → what is in it."""


def beside(expiry: Expiry) -> Iterator[Old]:
    """What goes beside the runs themselves."""
    places = expiry.places
    for kind, what in FOLDERS.items():
        for folder in dated(places.runs / kind):
            if expiry.takes(date_of(folder.name)):
                yield Old(folder, f"{what}, {expiry.why}", size_of(folder))
    yield from _reports(expiry)
    yield from _edited(expiry)
    yield from _scratch(expiry)
    yield from _inputs(expiry)


def _reports(expiry: Expiry) -> Iterator[Old]:
    """What people left in the folders of reports whose runs are published no more."""
    places = expiry.places
    for parent in (places.reports, places.edited):
        for folder in dated(parent):
            date = date_of(folder.name)
            told = [path.name for path in folder.iterdir()] == [PAGE] and is_one(folder / PAGE)
            if date and expiry.takes(date) and not places.published(date).exists() and not told:
                why = f"left of the {REPORT} of a run that is gone, {expiry.why}"
                yield Old(folder, why, size_of(folder))


def _edited(expiry: Expiry) -> Iterator[Old]:
    """Edited pages that belong to no date; those of representatives lie where nobody should be told."""
    places = expiry.places
    there = [path for path in _files(places.edited) if not date_of(path.relative_to(places.edited).parts[0])]
    private = [path for folder in (places.reports / FOLDER).glob(f"*/{EDITED}") for path in _files(folder)]
    for path in (*there, *private):
        if expiry.takes(_day(path)):
            shown = places.reports / FOLDER if path in private else None
            yield Old(path, f"an edited file, {expiry.why}", size_of(path), shown=shown)


def _scratch(expiry: Expiry) -> Iterator[Old]:
    """Copies of runs, opened or repeated, and lone runs, by the study that they say."""
    for place in sorted((expiry.places.runs.parent / SCRATCH).glob("**/????-??-??")):
        if expiry.takes(date_of(place.name)) and place.is_dir() and _study_of(place) == expiry.study.name:
            yield Old(place, f"a copy of a run, {expiry.why}", size_of(place))


def _study_of(place: Path) -> str:
    """The study of a scratch run, else the name of the folder that it is in."""
    try:
        return str(json.loads((place / "run.json").read_text(encoding="utf-8"))["study"])
    except (OSError, ValueError, TypeError, KeyError):
        return place.parent.name


def _inputs(expiry: Expiry) -> Iterator[Old]:
    """Inputs that no run names any more that stays, as they were delivered and as they were parsed.

    Those that came after the newest run that stays was published are for the next one.
    """
    places, going = expiry.places, set(expiry.runs())
    staying, gone = _runs(expiry, going)
    named = {entry["sha256"] for run in staying for entry in run.inputs}
    dropped = {entry["sha256"] for run in gone for entry in run.inputs} - named
    newest = max((run.folder for run in staying), key=lambda folder: folder.name[:10], default=None)
    until = (newest / archive.MANIFEST).stat().st_mtime if newest else math.inf
    copied = (expiry.places.runs.parent / SCRATCH).glob(f"*/{expiry.study.name}*/inputs")
    # What was made of inputs holds nothing past its retention before any run or input has been.
    some = bool(gone) or any(entry.event == "expired" for entry in expiry.ledger.entries)
    for store in (places.inputs, *sorted(copied)):
        for name, path in _files_of(store).items():
            stored = STORED.fullmatch(name)
            needless = stored and stored[1] not in named
            if stored and needless and (stored[1] in dropped or path.lstat().st_mtime < until):
                entry = Entry("expired", None, old=stored[1]) if store == places.inputs else None
                some = True
                yield Old(path, "no run that stays names it", size_of(path), entry)
    parsed, needed = places.inputs / PARSED, _parsed(expiry.study, staying)
    if some and any(path.stem not in needed and path.lstat().st_mtime < until for path in parsed.glob("*")):
        why = "made of inputs, some of which no run that stays names; made again when it is needed"
        yield Old(parsed, why, size_of(parsed))


def _runs(expiry: Expiry, going: set[dt.date]) -> tuple[list[Run], list[Run]]:
    """The runs that stay, published, withdrawn or superseded, and those that go."""
    places = expiry.places
    published = archive.published(places.runs)
    aside = places.asides()
    stay = [folder for folder in published if date_of(folder.name) not in going]
    stay += [folder for folder in aside if not expiry.takes(date_of(folder.name[:10]))]
    staying, problems = archive.opened(stay)
    if problems:
        raise ArchiveError(
            *problems, f"{places.inputs}: nobody knows which inputs those runs name; mend them first"
        )
    return staying, archive.opened({*published, *aside} - set(stay))[0]


def _parsed(study: Study, staying: Iterable[Run]) -> set[str]:
    """Under which names the inputs of runs are kept in their parsed form, as the study is now."""
    sources = study.sources.given()
    entries = {(e["source"], e["name"], e["sha256"]): e for run in staying for e in run.inputs}
    return {
        cache_key(Extract.from_json(entry, Path()), source, study.currency)
        for entry in entries.values()
        if (source := sources.get(entry["source"]))
    }


def _files(folder: Path) -> list[Path]:
    return list(_files_of(folder).values())


def _files_of(folder: Path) -> dict[str, Path]:
    return files_in(folder) if folder.is_dir() else {}


def _day(path: Path) -> dt.date:
    return dt.date.fromtimestamp(path.lstat().st_mtime)
