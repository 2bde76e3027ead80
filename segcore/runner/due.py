"""Whether a run is due: for a timer that asks every day."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.dates import latest_due, next_due
from segcore.errors import InputError
from segcore.files import sha256_of
from segcore.runner.identity import newer_inputs
from segcore.sources.extracts import data_folder, find
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.sources.extracts import Found

QUIET = 60
"""Seconds for which no extract may have changed, or the delivery is not complete."""

PATIENCE = 900
"""Seconds to wait for a delivery that is still being written."""


@dataclass(frozen=True)
class Due:
    """What a timer should do.

    Parameters
    ----------
    run_date
        The date of the run to make, None if there is nothing to do.
    told
        Why, as a sentence.
    """

    run_date: dt.date | None
    told: str


def when_due(study: Study, today: dt.date, *, root: Path) -> Due:
    """Which run of a study is due on a day.

    The run date is the latest one up to today that lies whole intervals of ``run_every`` after the
    latest run; a study's first run is due today. It is made if extracts came that neither the latest
    run has read nor one that was withdrawn: what was taken back must not return the next morning.

    Parameters
    ----------
    study
        The study.
    today
        The day on which somebody asks.
    root
        The project's folder.

    Raises
    ------
    InputError
        If a source has no file.
    ArchiveError
        If the latest run was altered.
    """
    places = archive.Places(root, study.name)
    latest = [archive.open_run(folder) for folder in archive.published(places.runs)[-1:]]
    withdrawn = _withdrawn(places)
    if not (latest or withdrawn):
        return Due(today, f"{study.name}: the first run is due")
    date = latest_due(latest[0].run_date, study.run_every, today) if latest else today
    if date is None:
        following = next_due(latest[0].run_date, study.run_every)
        return Due(None, f"{study.name}: no run is due before {following}")
    found = find(study, data_folder(study, root=root))
    # What a database holds by now is not known before it is asked, so it counts as new.
    now = [{"name": file.name, "sha256": "" if file.query else sha256_of(file.path)} for file in found]
    newer = newer_inputs([entry for run in (*latest, *withdrawn) for entry in run.read], now)
    if not newer:
        last = max((*latest, *withdrawn), key=lambda run: run.run_date)
        since = f"no new extract has come since the run of {last.run_date}"
        which = ", which was withdrawn" if last in withdrawn else ""
        return Due(None, f"{study.name}: a run of {date} is due, but {since}{which}")
    return Due(date, f"{study.name}: {plural(len(newer), 'new extract')}; the run of {date} is due")


def _withdrawn(places: archive.Places) -> list[archive.Run]:
    """The runs that are withdrawn now, as they are kept."""
    entries = archive.read_ledger(places.runs).withdrawn
    kept = (archive.kept_aside(places, dt.date.fromisoformat(e.run_date or ""), e.old or "") for e in entries)
    return archive.opened(folder for folder in kept if folder)[0]


def wait_until_complete(
    study: Study,
    *,
    root: Path,
    quiet: float = QUIET,
    patience: float = PATIENCE,
    tell: Callable[[str], None] = lambda told: None,
) -> None:
    """Wait until no extract of a study has changed for a minute.

    Parameters
    ----------
    study, root
        As for :func:`when_due`.
    quiet
        Seconds without a change after which a delivery counts as complete.
    patience
        Seconds after which one that still changes is given up.
    tell
        Called once, with a sentence, if there is something to wait for.

    Raises
    ------
    InputError
        If an extract changes for all that time.
    """
    until = time.monotonic() + patience
    seen, since = _state(find(study, data_folder(study, root=root))), time.monotonic()
    age = time.time() - max((changed for _, _, changed in seen), default=0)
    since -= max(0.0, min(age, quiet))
    if time.monotonic() - since < quiet:
        tell(f"{study.name}: waits until no extract has changed for {quiet:.0f} seconds")
    while time.monotonic() - since < quiet:
        if time.monotonic() > until:
            raise InputError(
                f"{study.name}: the extracts must be complete (one of them still changes after "
                f"{patience / 60:.0f} minutes); run again when the delivery is done"
            )
        time.sleep(min(1.0, quiet / 4))
        now = _state(find(study, data_folder(study, root=root)))
        if now != seen:
            seen, since = now, time.monotonic()


def _state(found: Sequence[Found]) -> list[tuple[str, int, float]]:
    stats = ((file.name, file.path.stat()) for file in found if not file.query)
    return [(name, stat.st_size, stat.st_mtime) for name, stat in stats]
