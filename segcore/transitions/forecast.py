"""How large the segments are going to be at the next run, and how the last forecast did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import tables
from segcore.dates import next_due
from segcore.transitions import generator
from segcore.transitions.unusual import apart, degrees_of_freedom, likely, to_expect

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import FileEngine
    from segcore.params import Study
    from segcore.transitions.panel import Panel

Z = 1.959963984540054  # 95 % of a normal distribution lie within so many deviations

FORECAST = {
    "run_date": "DATE",
    "rank": "SMALLINT",
    "segment": "VARCHAR",
    "expected": "DOUBLE",
    "low": "BIGINT",
    "high": "BIGINT",
    "arrivals": "DOUBLE",
    "actual": "BIGINT",
    "in_the_end": "DOUBLE",
}


def forecast(engine: FileEngine, study: Study, panel: Panel, *, earlier: Sequence[Path]) -> pd.DataFrame:
    """Make ``forecast``: the sizes of all segments at the next run, and what came of the last forecast.

    Parameters
    ----------
    engine
        Where the table is made.
    study
        The study, for ``run_every``.
    panel
        The moves so far, see :func:`segcore.transitions.panel.panel`.
    earlier
        Folders of the earlier runs, ascending.

    Notes
    -----
    Columns out: run_date (the day it is for), rank, segment, expected (customers), low and high (the
    band in which the size lies 95 times in 100, if customers go on as so far), arrivals (those of the
    expected who are not customers today: new or returned), actual (the customers of this run, for the
    forecast that the previous run made), in_the_end (the share at which the segment settles if
    moving, coming and going stay as they are; NULL for a forecast that is past, and where it depends on
    the beginning). Today's customers move by the rates of all runs that the model of today made;
    arrivals come at the mean number per day of the same runs and into the same segments. The band
    counts the chance of moving, how well so few moves tell the rates, arrivals that come unevenly, and
    is widened where runs so far differed by more than chance. No rows without moves. The previous
    run's forecast is left out if it was for a day that is more than a quarter of ``run_every`` away,
    or if the model is another one since.
    """
    rows = _past(engine, earlier, panel, study.run_every) + _next(panel, study.run_every)
    return tables.put(engine, "forecast", FORECAST, rows)


def _past(engine: FileEngine, earlier: Sequence[Path], panel: Panel, every: str) -> list[tuple[object, ...]]:
    path = earlier[-1] / "data" / "forecast.parquet" if earlier else None
    # A panel without moves begins with this run: another model made the sizes that were forecast.
    if path is None or not path.exists() or not panel.moved:
        return []
    engine.read_parquet(path, "last_forecast")
    found = engine.rows(
        "select run_date, segment, expected, low, high, arrivals from last_forecast where actual is null"
    )
    today, sizes = panel.dates[-1], dict(zip(panel.segments, panel.sizes[-1], strict=True))
    near = (next_due(today, every) - today).days / 4
    return [
        (day, panel.segments.index(segment), segment, expected, low, high, came, int(sizes[segment]), None)
        for day, segment, expected, low, high, came in found
        if segment in sizes and abs((day - today).days) <= near
    ]


def _next(panel: Panel, every: str) -> list[tuple[object, ...]]:
    today = panel.dates[-1]
    day = next_due(today, every)
    if not panel.moved or day == today:  # at the end of the calendar there is no next run
        return []
    expected, spread, came, settled = ahead(panel, (day - today).days)
    return [
        (
            day, rank, segment, round(float(expected[rank]), 2),
            max(0, round(float(expected[rank] - Z * spread[rank]))),
            round(float(expected[rank] + Z * spread[rank])),
            round(float(came[rank]), 2), None,
            None if settled is None else round(float(settled[rank]), 6),
        )
        for rank, segment in enumerate(panel.segments)
    ]  # fmt: skip


def ahead(panel: Panel, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """The sizes to expect some days after the last run.

    Parameters
    ----------
    panel
        The moves so far.
    days
        How many days ahead.

    Returns
    -------
    tuple of ndarray
        Expected sizes of the segments, their standard deviations, the arrivals among them, and the
        shares at which segments settle, or None.
    """
    import numpy as np

    q = panel.rates
    p, size = generator.chances(q, days)[:-1, :-1], panel.sizes[-1]
    # A short gap tells less of a long one than a gap as long would.
    watched = (panel.counts[:, :-1].sum(axis=2) * np.minimum(1, panel.days / days)[:, None]).sum(axis=0)
    unsure = 1 + size / np.where(watched > 0, watched, np.inf)
    moving = ((size * unsure)[:, None] * p * (1 - p)).sum(axis=0) * _more_than_chance(panel)
    daily = panel.arrivals.sum(axis=0) / panel.days.sum()
    came = daily * days
    uneven = came * _uneven(panel, daily) * (1 + days / panel.days.sum())
    return size @ p + came, np.sqrt(moving + uneven), came, _settled(q, daily)


def _more_than_chance(panel: Panel) -> float:
    """By how much runs so far differ more than chance makes them, at least 1."""
    if len(panel.counts) < 2:
        return 1.0
    seen, shape = likely(panel)
    degrees = degrees_of_freedom(seen)
    return max(1.0, float(apart(seen, to_expect(seen, shape))) / degrees) if degrees else 1.0


def _uneven(panel: Panel, daily: np.ndarray) -> np.ndarray:
    """The same for the arrivals in each segment."""
    import numpy as np

    if len(panel.counts) < 2:
        return np.ones_like(daily)
    steady = panel.days[:, None] * daily
    parts = np.divide((panel.arrivals - steady) ** 2, steady, out=np.zeros_like(steady), where=steady > 0)
    found: np.ndarray = (parts.sum(axis=0) / (len(steady) - 1)).clip(1)
    return found


def _settled(q: np.ndarray, daily: np.ndarray) -> np.ndarray | None:
    """Whoever goes is replaced by somebody who arrives where arrivals do."""
    import numpy as np

    if not daily.sum():
        return None
    closed = q[:-1, :-1] + np.outer(q[:-1, -1], daily / daily.sum())
    return generator.steady(closed)
