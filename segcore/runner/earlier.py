"""What a run reads of the runs before it, which must be as they were sealed.

A notebook of the run, and what it calls, opens no other file of an earlier run: a test makes rubbish of
all others, and the run comes out the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.errors import ParamsError
from segcore.kinds import KINDS
from segcore.transitions import unnamed

if TYPE_CHECKING:
    from segcore.params import Study

TABLES = (
    "customers", "moves", "history", "sizes", "flows", "facts",
    "eligible", "calls", "draw",
)  # fmt: skip
READ = ("run.json", "model.json", "candidate.json", *(f"data/{name}.parquet" for name in TABLES))
"""What a run may read of each run before it, where that has it: an older version left fewer tables."""

DELIVERED = tuple(kind.table or name for name, kind in KINDS.items())
"""What gates compare the tables of this delivery with."""
READ_OF_LAST = tuple(f"data/{name}.parquet" for name in (*DELIVERED, "forecast"))
"""What it may read of the last of them beside this."""


def read_earlier(folders: Sequence[Path]) -> list[archive.Run]:
    """Open the runs before a run, and make sure that what it reads of them is as it was sealed.

    Parameters
    ----------
    folders
        The runs, ascending; the last is the one that it is compared with.

    Raises
    ------
    ArchiveError
        With every file that is missing, altered or was added, and every run that is not the one that was
        published.
    """
    return archive.check_unaltered(folders, READ, READ_OF_LAST)


def check_segments(study: Study, earlier: Sequence[archive.Run]) -> None:
    """Make sure that the study says what became of every segment of the last run before.

    Raises
    ------
    ParamsError
        With every segment that it neither has nor names under ``was``.
    """
    for run in earlier[-1:]:
        if problems := [*unnamed(study, _segments(run.folder / "model.json"), run.manifest["run_date"])]:
            raise ParamsError(*problems)


def _segments(model: Path) -> Sequence[str]:
    """The segments of a model; none if nobody can tell, which is for the notebook to say."""
    try:
        found = json.loads(model.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return found.get("segments", ()) if isinstance(found, dict) else ()
