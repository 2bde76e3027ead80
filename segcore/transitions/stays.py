"""How long stays in a segment last, and the ways that lead into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import tables
from segcore.transitions.earlier import next_run

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

STAYS = {
    "segment": "VARCHAR",
    "rank": "SMALLINT",
    "customers": "BIGINT",
    "entered_now": "BIGINT",
    "since_first": "BIGINT",
    "days_since_first": "INTEGER",
    "stays": "BIGINT",
    "ended": "BIGINT",
    "median_days": "DOUBLE",
    "at_least": "BOOLEAN",
    "back_again": "BIGINT",
    "were_better": "BIGINT",
    "usual_path": "VARCHAR",
    "took_it": "BIGINT",
}

Stay = tuple[int, int, bool]
"""Days, how many stays, and whether they have ended: a stay that goes on is longer than its days."""


def stays(engine: Engine) -> pd.DataFrame:
    """Make ``stays``: for every segment, who is in it, and how long a stay in it lasts.

    Parameters
    ----------
    engine
        Holds ``history`` and what it leaves, ``runs`` and ``segment_codes``.

    Notes
    -----
    Columns out: segment, rank, customers, entered_now (in this run), since_first (there since the
    first run or before it) and days_since_first (the least that those can have been there), stays
    and ended (seen to begin after the first run; how many of them are over), median_days, at_least,
    back_again (were in this segment before, left it and returned), were_better (once held a better
    one), usual_path (the way by which most of its customers came, of those who came from elsewhere;
    NULL if there are none) and took_it (how many took it).

    ``median_days`` is the Kaplan-Meier median of how long a stay lasts, of all customers and all
    runs, also of stays that are over. A stay begins at the run that first sees the customer in the
    segment and ends at the first that does not, for being elsewhere or gone, so days are whole steps
    from run to run. One that goes on today counts as censored. A stay that the first run already saw
    is not in the estimate: its beginning is not known, and it is no fair sample either, for long
    stays are met more often than short ones (counted from the first run it would make the median too
    long wherever stays grow firmer with time, and as censored everywhere). Such stays are told apart
    by ``since_first``. Where fewer than half of the stays have ended within the days that could be
    watched, ``median_days`` is those days and ``at_least`` is true; it is NULL where no stay that was
    seen to begin could be watched yet.
    """
    this, found = next_run(engine), _lasting(engine)
    counted = engine.rows(
        """select segment_codes.segment, segment_codes.rank, segment_codes.code,
            count(customer_id), count(*) filter (runs_in_segment = 1), count(*) filter (at_least),
            (select date_diff('day', min(run_date), max(run_date)) from runs),
            count(*) filter (times_entered > 1), count(*) filter (best_rank > history.rank)
        from segment_codes left join history using (segment)
        where segment_codes.rank is not null group by all order by all"""
    )
    ways = _ways(engine) if this else {}
    rows = []
    for segment, rank, code, customers, now, first, days, again, better in counted:
        seen = found.get(code, [])
        number, ended = (sum(n for _, n, over in seen if over or not only) for only in (False, True))
        told = (number, ended, *median(seen), again, better, *ways.get(segment, (None, None)))
        rows.append((segment, rank, customers, now, first, days, *told))
    return tables.put(engine, "stays", STAYS, rows)


def _lasting(engine: Engine) -> dict[int, list[Stay]]:
    """Code of a segment → the stays in it that were seen to begin after the first run."""
    found: dict[int, list[Stay]] = {}
    for code, days, ended, number in engine.rows(
        """with steps as (
            select unnest(path) as step, unnest(list_append(path[2:], NULL)) as after from walked
        )
        select step.code, date_diff('day', begun.run_date, until.run_date) as days,
            after is not null as ended, count(*)
        from steps join runs begun on begun.run = step.run
        join runs until on until.run = coalesce(after.run, (select max(run) from runs))
        where step.run > 0 and step.code is not null group by all order by all"""
    ):
        found.setdefault(code, []).append((days, number, ended))
    return found


def median(stays: Sequence[Stay]) -> tuple[float | None, bool | None]:
    """The Kaplan-Meier median of how long stays last.

    Parameters
    ----------
    stays
        Days, number of stays, and whether they have ended.

    Returns
    -------
    tuple of float or None and bool or None
        The first day by which half of them have ended, and whether this is only the least that it
        can be, the curve not falling so far within the days watched. Nothing if none was watched for
        a day.

    Notes
    -----
    The curve is that of statsmodels (``SurvfuncRight``), which takes numbers of stays as weights.
    """
    if not any(days for days, _, _ in stays):
        return None, None
    # Importing it takes a second, and a study's first two runs have nothing to ask it.
    from statsmodels.duration.survfunc import SurvfuncRight

    days, numbers, ended = zip(*stays, strict=True)
    curve = SurvfuncRight(days, [int(over) for over in ended], freq_weights=numbers)
    # The curve is a product of shares: a half that it meets exactly may miss it by a last digit.
    over = [day for day, left in zip(curve.surv_times, curve.surv_prob, strict=True) if left <= 0.5 + 1e-9]
    return (float(over[0]), False) if over else (float(max(days)), True)


def _ways(engine: Engine) -> dict[str, tuple[str, int]]:
    """Segment → the path that most of its customers took who were elsewhere before, and how many."""
    found = engine.rows(
        """select segment, path, count(*) as took from history
        where segment is not null and previous_segment is not null
        group by segment, path
        qualify row_number() over (partition by segment order by took desc, path) = 1"""
    )
    return {segment: (path, took) for segment, path, took in found}
