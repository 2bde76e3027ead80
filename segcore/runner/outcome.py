"""What a run says that came to harm: what is published, by looking, and never by guessing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segcore import archive, disk
from segcore.errors import SegcoreError, StageError, StoppedError


@contextmanager
def truthful(places: archive.Places, wanted: str) -> Iterator[Callable[[], None]]:
    """Put the study in order after a failure, and say what became of its runs.

    Parameters
    ----------
    places
        The study's folders.
    wanted
        What was asked for, in a few words.

    Yields
    ------
    callable
        To be called as soon as the study's lock is held: from then on there may be something to mend.

    Raises
    ------
    StageError
        In the place of an OSError, as a sentence.
    StoppedError
        In the place of KeyboardInterrupt.
    """
    before: dict[str, str] | None = None

    def begin() -> None:
        nonlocal before
        before = _published(places)

    try:
        yield begin
    except (OSError, SegcoreError, KeyboardInterrupt) as error:
        said = "nothing was published"
        if before is not None:
            with contextlib.suppress(OSError, SegcoreError), archive.locked(places):
                archive.heal(places)
            said = _said(places, before)
        if isinstance(error, KeyboardInterrupt):
            raise StoppedError.of(error, f"{wanted}: {said}; stopped") from None
        if isinstance(error, OSError):
            raise StageError(f"{disk.told(error, places.runs)}. {wanted}: {said}") from None
        if said != "nothing was published":
            error.problems = (*error.problems, f"{wanted}: {said}")
        raise


def _said(places: archive.Places, before: dict[str, str]) -> str:
    made = [date for date, digest in _published(places).items() if before.get(date) != digest]
    waiting = [str(date) for date in archive.sealed(places)]
    told = [f"published {', '.join(made)}"] if made else []
    told += [f"sealed {', '.join(waiting)}, which segcore list publishes"] if waiting else []
    return "; ".join(told) or "nothing was published"


def _published(places: archive.Places) -> dict[str, str]:
    """Run date → what tells one publication from another."""
    found = {}
    for folder in archive.published(places.runs):
        with contextlib.suppress(OSError):
            status = (folder / archive.MANIFEST).stat()
            found[folder.name] = f"{status.st_ino} {status.st_mtime_ns}"
    return found
