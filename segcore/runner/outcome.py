"""What a run says that came to harm: what is published, by looking, and never by guessing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from segcore import archive, disk
from segcore.errors import SegcoreError, StageError, StoppedError


@contextmanager
def truthful(places: archive.Places, wanted: str) -> Iterator[None]:
    """Put the study in order after a failure, and say what became of its runs; its lock is held.

    Parameters
    ----------
    places
        The study's folders.
    wanted
        What was asked for, in a few words.

    Raises
    ------
    StageError
        In the place of an OSError, as a sentence.
    StoppedError
        In the place of KeyboardInterrupt.
    """
    before = _published(places)
    try:
        yield
    except (OSError, SegcoreError, KeyboardInterrupt) as error:
        with contextlib.suppress(OSError, SegcoreError):
            archive.heal(places)
        made = [date for date, digest in _published(places).items() if before.get(date) != digest]
        said = f"{wanted}: published {', '.join(made)}" if made else f"{wanted}: nothing was published"
        if isinstance(error, KeyboardInterrupt):
            raise StoppedError(f"{said}; stopped", exit_code=_exit_code(error)) from None
        if isinstance(error, OSError):
            raise StageError(f"{disk.told(error, places.runs)}. {said}") from None
        if made:
            error.problems = (*error.problems, said)
        raise


def _published(places: archive.Places) -> dict[str, str]:
    """Run date → what tells one publication from another."""
    found = {}
    for folder in archive.published(places.runs):
        with contextlib.suppress(OSError):
            status = (folder / archive.MANIFEST).stat()
            found[folder.name] = f"{status.st_ino} {status.st_mtime_ns}"
    return found


def _exit_code(error: KeyboardInterrupt) -> int:
    return 143 if error.args == ("SIGTERM",) else 130
