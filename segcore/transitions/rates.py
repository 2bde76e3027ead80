"""How fast customers move, scaled to the study's interval, however unevenly its runs were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import tables
from segcore.dates import next_due
from segcore.transitions import generator
from segcore.transitions.states import GONE

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study
    from segcore.transitions.panel import Panel

RATES = {
    "from_rank": "SMALLINT",
    "to_rank": "SMALLINT",
    "from_segment": "VARCHAR",
    "to_segment": "VARCHAR",
    "customers": "BIGINT",
    "rate": "DOUBLE",
    "share": "DOUBLE",
    "sojourn_days": "DOUBLE",
    "runs": "SMALLINT",
    "days": "INTEGER",
}
EXPECTED = {
    "run_date": "DATE",
    "rank": "SMALLINT",
    "segment": "VARCHAR",
    "customers": "BIGINT",
    "expected": "DOUBLE",
}


def rates(engine: Engine, study: Study, panel: Panel) -> pd.DataFrame:
    """Make ``rates``, and ``expected_sizes``: how fast customers move, and what that would have given.

    Parameters
    ----------
    engine
        Where the tables are made.
    study
        The study, for ``run_every``.
    panel
        The moves so far, see :func:`segcore.transitions.panel.panel`.

    Notes
    -----
    Columns of ``rates`` out: from_rank, to_rank, from_segment, to_segment, customers (who were seen
    to make this move, in all gaps), rate (of the move per ``run_every``, for a customer who is in the
    segment, see :mod:`segcore.transitions.generator`; below zero for staying, where it is that of
    leaving), share (the chance to be there one ``run_every`` later, by whatever way), sojourn_days
    (how long a stay in the segment of the row lasts on average if its rates hold; NULL if nobody was
    seen to leave), runs (moves of how many runs), days (those of ``run_every``). Rows are all pairs of
    segments, and Gone, whose rank is NULL. All runs whose segments the model of today made count.

    Columns of ``expected_sizes`` out: run_date, rank, segment, customers, expected (the customers of the
    run before moved by these rates over the days between, and those who came). Both have no rows
    where there are no such moves.
    """
    if not panel.moved:
        tables.put(engine, "expected_sizes", EXPECTED, [])
        return tables.put(engine, "rates", RATES, [])
    q = panel.rates
    today, states = panel.dates[-1], (*panel.segments, GONE)
    days = (next_due(today, study.run_every) - today).days
    shares, lasting, seen = generator.chances(q, days), generator.sojourn(q), panel.counts.sum(axis=0)
    rows = [
        (
            i, j if j < len(panel.segments) else None, segment, states[j], int(seen[i, j]),
            round(float(q[i, j]) * days, 6) + 0.0, round(float(shares[i, j]), 6),
            round(float(lasting[i]), 1) if lasting[i] < float("inf") else None, len(panel.counts), days,
        )
        for i, segment in enumerate(panel.segments)
        for j in range(len(states))
    ]  # fmt: skip
    moved = [
        size @ generator.chances(q, gap)[:-1, :-1] + came
        for size, gap, came in zip(panel.sizes, panel.days, panel.arrivals, strict=False)
    ]
    tables.put(
        engine,
        "expected_sizes",
        EXPECTED,
        [
            (date, rank, segment, int(sizes[rank]), round(float(told[rank]), 2))
            for date, sizes, told in zip(panel.dates[1:], panel.sizes[1:], moved, strict=True)
            for rank, segment in enumerate(panel.segments)
        ],
    )
    return tables.put(engine, "rates", RATES, rows)
