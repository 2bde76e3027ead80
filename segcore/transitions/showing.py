"""What the transitions notebook shows: the moves in a form that people check by eye."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from segcore.transitions.attention import Headline
from segcore.transitions.states import Accounting
from segcore.wording import count, join, percent, plural, short_date

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

ARRIVALS = ("new", "returned")
FIRST_RUN = "This is the first run of the study; moves appear from the next run on."


def equation(book: Accounting | None) -> str:
    """The accounts in one line, and what those who stayed did in another."""
    if book is None:
        return FIRST_RUN
    known = f", {count(book.unranked)} left a segment that no longer exists" if book.unranked else ""
    return (
        f"{count(book.start)} at the last run + {count(book.new)} new + {count(book.returned)} returned "
        f"− {count(book.gone)} gone = {count(book.end)} now\n"
        f"Of {count(book.stayed)} who stayed, {count(book.up)} moved up, {count(book.down)} moved down, "
        f"{count(book.same)} kept their segment{known}."
    )


def dates(engine: Engine, run_date: dt.date) -> tuple[str, str]:
    """The dates of the previous run and of this one, short, as charts write them."""
    before = engine.rows("select max(run_date) from runs")[0][0]
    return short_date(before), short_date(run_date)


def crosstab(matrix: pd.DataFrame) -> pd.DataFrame:
    """The matrix as people read it: from in rows, to in columns, ``count (share of the row)``.

    Parameters
    ----------
    matrix
        As :func:`segcore.transitions.matrix` gives it.

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


def _cell(cell: Mapping[Hashable, Any]) -> str:
    if cell["few"] or not cell["customers"]:
        return count(cell["customers"])
    return f"{count(cell['customers'])} ({percent(cell['share'])})"


def sentence(found: Headline | None) -> str:
    """The headline in words, with what became of the others."""
    if found is None:
        return "There is no headline: this is the first run, or no segment is to be followed up."
    if not found.customers:
        return f"Nobody was in {found.segment} at the last run."
    others = [
        f"{count(number)} {words}"
        for number, words in (
            (found.still, f"still in {found.segment}"),
            (found.rose, "in a better segment below that"),
            (found.fell, "in a worse one"),
            (found.gone, "gone"),
        )
        if number
    ]
    rest = f" The others: {join(others)}." if others else ""
    return (
        f"Of {plural(found.customers, 'customer')} in {found.segment} at the last run, "
        f"{count(found.reached)} reached {join(found.targets, 'or')}: {percent(found.share)} "
        f"(95% interval {percent(found.low)} to {percent(found.high)}).{rest}"
    )


def stays(engine: Engine) -> pd.DataFrame:
    """How long customers have been where they are.

    Parameters
    ----------
    engine
        Holds ``history``.

    Returns
    -------
    pandas.DataFrame
        segment (best first), customers, entered now (in this run), median days, back again (were
        in this segment before, left it and returned), were better (once held a better one).
    """
    return engine.frame(
        'select segment, count(*) as customers, count(*) filter (runs_in_segment = 1) as "entered now", '
        'median(days_in_segment) as "median days", '
        'count(*) filter (times_entered > 1) as "back again", '
        'count(*) filter (best_rank > rank) as "were better" '
        "from history where segment is not null group by segment, rank order by rank desc"
    )


def changed_models(engine: Engine) -> list[dt.date]:
    """The dates of runs whose segments were made with another model than in the run before.

    Parameters
    ----------
    engine
        Holds ``flows``.
    """
    rows = engine.rows("select run_date from flows where model_changed order by run_date")
    return [row[0] for row in rows]
