"""This run against the one before it: who moved up or down, stayed, is new, returned or gone.

Every customer of either run is in exactly one cell of the matrix. Ranks are those of this run's
segment order throughout.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.intervals import FEW, wilson
from segcore.transitions.earlier import read_earlier
from segcore.transitions.orders import spent
from segcore.wording import count, percent

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine, FileEngine

NEW, RETURNED, GONE = "New", "Returned", "Gone"
"""How the matrix names where customers come from, or go, when it is no segment."""

MOVES: dict[str, str] = {
    "up": "to_rank > from_rank",
    "down": "to_rank < from_rank",
    "stayed": "to_segment = from_segment",
    "unranked": "from_rank is null and to_segment <> from_segment",
    "new": "state = 'new'",
    "returned": "state = 'returned'",
    "gone": "to_segment is null",
}
"""Kind of move → the condition on ``moves`` under which it counts. The kinds part the customers of
both runs. All but new and returned go by segments and ranks, which every published run has, also
one whose states were others."""

MATRIX = {
    "position": "SMALLINT",
    "from_segment": "VARCHAR",
    "to_segment": "VARCHAR",
    "state": "VARCHAR",
    "customers": "BIGINT",
    "row_total": "BIGINT",
    "few": "BOOLEAN",
    "share": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
}


def moves(
    engine: FileEngine,
    segments: Sequence[str],
    earlier: Sequence[Path],
    *,
    names: Mapping[str, str] | None = None,
) -> None:
    """Make ``moves``: one row for every customer of this or the previous run.

    Parameters
    ----------
    engine
        Where SQL runs; holds ``customers`` (customer_id, segment, rank, …), ``transactions`` and
        ``facts`` of this run.
    segments
        The segments of this run, best first.
    earlier
        Folders of the earlier published runs, ascending; the last one is the previous run.
    names
        A segment's name in earlier runs → its name of today, see :func:`segcore.transitions.renamed`.

    Notes
    -----
    Columns out: customer_id, from_segment, to_segment, from_rank, to_rank, state. The state is

    - up, down: in both runs, in a better or a worse segment now,
    - stayed: in both runs, in the same segment,
    - unranked: in both runs, from a segment that no longer exists,
    - new: in this run, and no order up to the previous run's date,
    - returned: in this run and not in the previous, but ordered before or was in an earlier run,
    - gone: in the previous run, not in this.

    What does not exist is NULL: the segment before for new and returned, the one after for gone,
    the rank of a segment that this run does not have. The first run has no rows. Beside it are left
    the tables of :func:`segcore.transitions.earlier.read_earlier` and ``moved``, with the same
    rows: customer_id, state, ordered, value, known, which is what :mod:`segcore.transitions.books`
    counts.

    Raises
    ------
    ArchiveError
        If an earlier run lacks a file.
    """
    read_earlier(engine, segments, earlier, names)
    spent(engine)
    engine.execute(
        f"""create or replace table moves as
        select customer_id, was.segment as from_segment, now.segment as to_segment,
            was.rank as from_rank, now.rank as to_rank,
            case when now.segment is null then 'gone'
                when past.code is null and (past.customer_id is not null or first_order <= last_run)
                    then 'returned'
                when past.code is null then 'new' when was.rank is null then 'unranked'
                when now.rank > was.rank then 'up' when now.rank < was.rank then 'down'
                else 'stayed' end as state
        from past full join (select customer_id, segment, rank from customers) now using (customer_id)
        left join segment_codes was on was.code = past.code
        left join (select customer_id, first_order from spent) using (customer_id), last_run
        where (now.segment is not null or past.code is not null) and {bool(earlier)}"""
    )
    engine.execute(
        """create or replace table moved as
        select customer_id, state, coalesce(last_order > last_run, false) as ordered,
            coalesce(case when state = 'gone' then value_before else value end, 0) as value,
            last_order is not null as known
        from moves left join spent using (customer_id), last_run"""
    )


def matrix(engine: Engine, segments: Sequence[str]) -> pd.DataFrame:
    """Make ``matrix``: from where to where, every possible pair, also those with nobody.

    Parameters
    ----------
    engine
        Holds ``moves``.
    segments
        The segments of this run, best first.

    Notes
    -----
    Columns out: position, from_segment, to_segment, state, customers, row_total, few, share, low,
    high. Rows run over the segments, best first, then retired ones by name, then New and Returned;
    within each over the segments and Gone, which does not exist for New and Returned. ``share`` is
    that of the row with its Wilson 95 % interval, NULL in an empty row; ``few`` marks 1 to 19
    customers. A first run has no rows.
    """
    counts = {
        (before, after, state if state in ("new", "returned") else ""): customers
        for state, before, after, customers in engine.rows(
            "select state, from_segment, to_segment, count(*) from moves group by all"
        )
    }
    retired = sorted({before for before, _, _ in counts if before is not None} - set(segments))
    rows = [
        [
            *((before, after, _state(before, after, segments), (before, after, "")) for after in segments),
            (before, GONE, "gone", (before, None, "")),
        ]
        for before in (*segments, *retired)
    ]
    rows += [
        [(source, after, state, (None, after, state)) for after in segments]
        for source, state in ((NEW, "new"), (RETURNED, "returned"))
    ]
    cells: list[tuple[object, ...]] = []
    for row in rows if counts else []:
        total = sum(counts.get(key, 0) for *_, key in row)
        for *names, key in row:
            here = counts.get(key, 0)
            rate = wilson(here, total)
            cells.append((len(cells) + 1, *names, here, total, 0 < here < FEW, *rate.or_nothing))
    return tables.put(engine, "matrix", MATRIX, cells)


def _state(before: str, after: str, segments: Sequence[str]) -> str:
    if before not in segments:
        return "unranked"
    step = segments.index(before) - segments.index(after)
    return "stayed" if not step else "up" if step > 0 else "down"


def crosstab(matrix: pd.DataFrame) -> pd.DataFrame:
    """The matrix as people read it: from in rows, to in columns, ``count (share of the row)``.

    Parameters
    ----------
    matrix
        As :func:`matrix` gives it.

    Notes
    -----
    Cells of fewer than 20 customers show no share, for it would say little; – marks what cannot be.
    """
    import pandas as pd

    cells = matrix.to_dict("records")
    rows = [list(row) for _, row in groupby(cells, key=lambda c: (c["state"] in ARRIVALS, c["from_segment"]))]
    targets = [cell["to_segment"] for cell in rows[0]] if rows else []
    shown = [
        [*map(_cell, row), *["–"] * (len(targets) - len(row)), count(row[0]["row_total"])] for row in rows
    ]
    return pd.DataFrame(shown, index=[row[0]["from_segment"] for row in rows], columns=[*targets, "All"])


ARRIVALS = ("new", "returned")


def _cell(cell: Mapping[Hashable, Any]) -> str:
    if cell["few"] or not cell["customers"]:
        return count(cell["customers"])
    return f"{count(cell['customers'])} ({percent(cell['share'])})"
