"""All moves that can be compared with those of this run, as numbers: who went where in which gap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from segcore.transitions import generator
from segcore.transitions.earlier import next_run, view

if TYPE_CHECKING:
    import numpy as np

    from segcore.engine import Engine


@dataclass(frozen=True)
class Panel:
    """The moves of several runs in a row whose segments one model made.

    Parameters
    ----------
    segments
        The segments, worst first: the place of each is its rank.
    dates
        The run dates, ascending: that of the run before the first move, and of every run after it.
    counts
        Gaps × states × states, from in rows: customers. The last state is gone, whose row is empty.
    arrivals
        Gaps × segments: customers who are new, returned, or come from a segment that is no more.
    sizes
        Runs × segments: customers in each.
    """

    segments: tuple[str, ...]
    dates: tuple[dt.date, ...]
    counts: np.ndarray
    arrivals: np.ndarray
    sizes: np.ndarray

    @property
    def days(self) -> np.ndarray:
        """The lengths of the gaps."""
        import numpy as np

        return np.array([(b - a).days for a, b in zip(self.dates, self.dates[1:], strict=False)], dtype=float)

    @property
    def even(self) -> bool:
        """Whether all gaps are equally long."""
        return len(set(self.days)) < 2

    @property
    def moved(self) -> bool:
        """Whether there is anybody whose move could be seen."""
        return bool(self.counts.sum())

    @cached_property
    def rates(self) -> np.ndarray:
        """The generator of all moves, per day."""
        return generator.fit(self.counts, self.days)[0]


def panel(engine: Engine) -> Panel:
    """What runs up to this one saw, from the last one on that changed the model.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves, ``sizes`` and ``flows``.

    Notes
    -----
    A run whose model is another than that of the run before begins anew, for its moves are partly
    those of the boundaries. Moves of earlier runs are those that they published.
    """
    import numpy as np

    names = [row[0] for row in engine.rows("select segment from segment_codes where rank >= 0 order by rank")]
    dates = [row[0] for row in engine.rows("select run_date from runs order by run")]
    first = _begins(engine)
    gone, gaps = len(names), len(dates) - 1 - first
    counts = np.zeros((gaps, gone + 1, gone + 1))
    arrivals = np.zeros((gaps, gone))
    for run, before, after, number in _pairs(engine, range(first + 1, len(dates))):
        if before is not None:
            counts[run - first - 1, before, gone if after is None else after] += number
        elif after is not None:
            arrivals[run - first - 1, after] += number
    sizes = np.zeros((len(dates), gone))
    places = {date: place for place, date in enumerate(dates)}
    for date, rank, number in engine.rows(
        "select run_date, rank, customers from sizes where rank is not null"
    ):
        sizes[places[date], rank] = number
    return Panel(tuple(names), tuple(dates[first:]), counts, arrivals, sizes[first:])


def _begins(engine: Engine) -> int:
    """The number of the run whose model is that of today, and was not that of the run before."""
    found = engine.rows("select max(run) from flows join runs using (run_date) where model_changed")
    return int(found[0][0] or 0)


def _pairs(engine: Engine, runs: range) -> list[tuple[int, int | None, int | None, int]]:
    """Run, rank before, rank after and customers; a rank is NULL where a segment is not of today."""
    this = next_run(engine)
    read = " union all ".join(
        f"select {run} as run, from_segment, to_segment, count(*) as customers "
        f"from {'moves' if run == this else view('moves', run)} group by all"
        for run in runs
    )
    if not read:
        return []
    return engine.rows(
        f"""select run, was.rank, now.rank, sum(customers)::BIGINT from ({read})
        left join segment_codes was on was.segment = from_segment
        left join segment_codes now on now.segment = to_segment
        group by all order by all"""
    )
