"""This run against the one before it: who stayed, who moved, who is new, returned or gone.

Every customer of either run is in exactly one cell of the matrix, and what the cells add up to is
checked against the runs themselves. Ranks are those of this run's segment order throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.errors import SegcoreError
from segcore.intervals import FEW, with_rates
from segcore.transitions.earlier import read_earlier

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

NEW, RETURNED, GONE = "New", "Returned", "Gone"
"""How the matrix names where customers come from, or go, when it is no segment."""

CELL: dict[str, Any] = {
    "from_segment": str,
    "to_segment": str,
    "state": str,
    "customers": "int64",
    "row_total": "int64",
}

FLOWS: dict[str, str] = {
    "stayed": "state = 'stayed'",
    "up": "state = 'stayed' and to_rank > from_rank",
    "down": "state = 'stayed' and to_rank < from_rank",
    "same": "state = 'stayed' and to_segment = from_segment",
    "unranked": "state = 'stayed' and from_rank is null",
    "new": "state = 'new'",
    "returned": "state = 'returned'",
    "gone": "state = 'gone'",
}
"""What is counted of ``moves``. Who stayed went up, down, kept the same segment, or came from a
retired one, which has no rank in this run's order."""


def moves(engine: Engine, segments: Sequence[str], earlier: Sequence[Path]) -> None:
    """Make ``moves``: one row for every customer of this or the previous run.

    Parameters
    ----------
    engine
        Where SQL runs; holds ``customers`` (customer_id, segment, rank, …) of this run.
    segments
        The segments of this run, best first.
    earlier
        Folders of the earlier published runs, ascending; the last one is the previous run.

    Notes
    -----
    Columns out: customer_id, from_segment, to_segment, from_rank, to_rank, state. The state is

    - stayed: in this run and the previous, in whichever segment,
    - new: in this run and in no earlier one,
    - returned: in this run, not in the previous, in some earlier one,
    - gone: in the previous run, not in this.

    What does not exist is NULL: the segment before for new and returned, the one after for gone,
    the rank of a segment that this run does not have. The first run has no rows. The tables of
    :func:`segcore.transitions.earlier.read_earlier` are left beside it.

    Raises
    ------
    ArchiveError
        If an earlier run lacks a file.
    """
    read_earlier(engine, segments, earlier)
    engine.execute(
        f"""create or replace table moves as
        select customer_id, was.segment as from_segment, now.segment as to_segment,
            was.rank as from_rank, now.rank as to_rank,
            case when now.segment is null then 'gone' when past.code is not null then 'stayed'
                when past.customer_id is not null then 'returned' else 'new' end as state
        from past full join (select customer_id, segment, rank from customers) now using (customer_id)
        left join segment_codes was on was.code = past.code
        where (now.segment is not null or past.code is not null) and {bool(earlier)}"""
    )


@dataclass(frozen=True)
class Accounting:
    """How the customers of the previous run became those of this one.

    Parameters
    ----------
    start, end
        Customers of the previous run and of this one.
    new, returned, gone, stayed
        Customers by state, see :func:`moves`.
    up, down, same, unranked
        What became of those who stayed; unranked: their earlier segment no longer exists.
    """

    start: int
    new: int
    returned: int
    gone: int
    end: int
    stayed: int
    up: int
    down: int
    same: int
    unranked: int


def accounting(engine: Engine) -> Accounting | None:
    """Count the moves and hold them against the customers of both runs.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`moves` leaves.

    Returns
    -------
    Accounting or None
        None for a first run, which has nothing before it.

    Raises
    ------
    SegcoreError
        If start + new + returned − gone is not end, or those who stayed do not add up: the moves
        do not belong to these runs.
    """
    counts = ", ".join(f"count(*) filter ({condition})" for condition in FLOWS.values())
    found = dict(zip(FLOWS, engine.rows(f"select {counts} from moves")[0], strict=True))
    start, end = (engine.rows(f"select count(*) from {t}")[0][0] for t in ("previous", "customers"))
    if not start:
        return None
    book = Accounting(start=start, end=end, **found)
    problems = [
        f"moves: {left} must be {right} (got {got} and {want}); make this run again"
        for left, got, right, want in (
            ("start + new + returned − gone", start + book.new + book.returned - book.gone, "end", end),
            ("stayed + gone", book.stayed + book.gone, "start", start),
            (
                "up + down + same + unranked",
                book.up + book.down + book.same + book.unranked,
                "stayed",
                book.stayed,
            ),
        )
        if got != want
    ]
    if problems:
        raise SegcoreError(*problems)
    return book


def matrix(engine: Engine, segments: Sequence[str]) -> pd.DataFrame:
    """From where to where: every possible pair, also those with nobody.

    Parameters
    ----------
    engine
        Holds ``moves``.
    segments
        The segments of this run, best first.

    Returns
    -------
    pandas.DataFrame
        from_segment, to_segment, state, customers, row_total, few, share, low, high. Rows run
        over the segments, best first, then retired ones by name, then New and Returned; within
        each over the segments and Gone, which does not exist for New and Returned. ``share`` is
        that of the row with its Wilson 95 % interval, ``nan`` in an empty row; ``few`` marks
        1 to 19 customers. A first run has no rows.
    """
    import pandas as pd

    counts = {
        (state, before, after): customers
        for state, before, after, customers in engine.rows(
            "select state, from_segment, to_segment, count(*) from moves group by all"
        )
    }
    retired = sorted({b for state, b, _ in counts if state in ("stayed", "gone")} - set(segments))
    rows = [
        [(before, after, "stayed", counts.get(("stayed", before, after), 0)) for after in segments]
        + [(before, GONE, "gone", counts.get(("gone", before, None), 0))]
        for before in (*segments, *retired)
    ] + [
        [(source, after, state, counts.get((state, None, after), 0)) for after in segments]
        for source, state in ((NEW, "new"), (RETURNED, "returned"))
    ]
    cells = [(*cell, sum(c[3] for c in row)) for row in rows for cell in row] if counts else []
    frame = pd.DataFrame(cells, columns=list(CELL)).astype(CELL)
    frame["few"] = frame["customers"].between(1, FEW - 1)
    return with_rates(frame, "customers", "row_total")
