"""What a run reads of the runs before it, which must be as they were sealed.

A notebook of the run, and what it calls, opens no other file of an earlier run: a test makes rubbish of
all others, and the run comes out the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segcore import archive
from segcore.kinds import KINDS

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
