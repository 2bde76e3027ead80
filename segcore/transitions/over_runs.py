"""What became of every customer, and of every segment, over all runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.transitions.earlier import next_run, view, walk
from segcore.transitions.states import FLOWS

if TYPE_CHECKING:
    from segcore.engine import Engine


def history(engine: Engine, run_date: dt.date) -> None:
    """Make ``history``: one row for every customer whom this or any earlier run knows.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.
    run_date
        The date of this run.

    Notes
    -----
    Columns out:

    - customer_id
    - segment, rank: now; NULL for somebody who is not in this run.
    - previous_segment: the last other segment before it, however long ago; for somebody who is
      not in this run, the segment last held. NULL if there was none.
    - since: date of the run in which the present stay began; an absence ends a stay.
    - runs_in_segment: runs of the present stay, this one included.
    - times_entered: stays in the present segment so far, this one included.
    - days_in_segment: days from ``since`` to the run date, 0 in the run of entering.
    - best_segment, best_rank: the best segment ever held, by this run's order; retired segments
      do not count.
    - first_run, last_run: dates of the first and the last run that know the customer.

    ``since`` and the three counts are NULL where ``segment`` is.
    """
    engine.execute(
        f"create or replace table history as {_history_sql(next_run(engine))}", {"today": run_date}
    )


def _history_sql(this: int) -> str:
    """``history`` from ``past``, ``customers``, ``runs`` and ``segment_codes``; ``$today`` is bound."""
    return f"""
    with walked as ({walk(this, "customers")}),
    split as (
        select customer_id, code, path, path[len(path)].run as turned,
            list_filter(path, lambda step: step.code = walked.code) as same,
            list_filter(path, lambda step: step.code is distinct from walked.code
                and step.code is not null) as others
        from walked
    ),
    found as (
        select customer_id, code,
            path[1].run as first,
            case when code is null then turned - 1 else {this} end as last,
            case when code is not null then turned end as entered,
            case when code is not null then len(same) end as times,
            others[len(others)].code as before,
            list_max(list_transform(path, lambda step: case when step.code >= 0 then step.code end)) as best
        from split
    ),
    dates as (select run, run_date from runs union all select {this}, $today::DATE)
    select customer_id, now.segment, now.rank, was.segment as previous_segment,
        since.run_date as since,
        ({this} - entered + 1)::INTEGER as runs_in_segment,
        times::INTEGER as times_entered,
        date_diff('day', since.run_date, $today::DATE)::INTEGER as days_in_segment,
        ever.segment as best_segment, ever.rank as best_rank,
        begun.run_date as first_run, seen.run_date as last_run
    from found
    left join segment_codes now on now.code = found.code
    left join segment_codes was on was.code = before
    left join segment_codes ever on ever.code = best
    left join dates since on since.run = entered
    left join dates begun on begun.run = first
    left join dates seen on seen.run = last"""


def sizes(engine: Engine, run_date: dt.date) -> None:
    """Make ``sizes``: one row for every run, this one included, and every segment of any of them.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.
    run_date
        The date of this run.

    Notes
    -----
    Columns out: run_date, segment, rank (NULL for a retired segment), customers (0 where a run had
    none), value (sum of ``monetary`` of these customers; NULL if the run has no such variable).
    """
    this = next_run(engine)
    tables = [view("customers", run) for run in range(this)] + ["customers"]
    counted = " union all ".join(_counted(engine, run, table) for run, table in enumerate(tables))
    engine.execute(
        f"""create or replace table sizes as
        with dates as (select run, run_date from runs union all select {this}, $today::DATE)
        select run_date, segment, rank, customers, value
        from ({counted}) join dates using (run) join segment_codes using (segment)""",
        {"today": run_date},
    )


def _counted(engine: Engine, run: int, table: str) -> str:
    """Customers and value of one run by segment, all segments of ``segment_codes``."""
    known = engine.columns(table).get("monetary", "").startswith("DECIMAL")
    return (
        f"select {run} as run, segment, coalesce(members, 0) as customers, "
        f"{'coalesce(total, 0)' if known else 'NULL'}::DECIMAL(38, 4) as value "
        "from segment_codes left join (select segment, count(*) as members, "
        f"{'sum(monetary)' if known else 'NULL'} as total from {table} group by segment) using (segment)"
    )


def flows(engine: Engine, run_date: dt.date, *, run_dir: Path, earlier: Sequence[Path]) -> None:
    """Make ``flows``: one row for every run, this one included: how many moved.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves.
    run_date
        The date of this run.
    run_dir, earlier
        Folders of this run and of the earlier ones, for their ``model.json``.

    Notes
    -----
    Columns out: run_date, one count for each of :data:`segcore.transitions.FLOWS` (NULL for a run
    that had none before it), model_changed (whether segments were made with another model than in
    the run before, NULL where that cannot be said). Counts of earlier runs are those that they
    published.
    """
    this = next_run(engine)
    tables = [view("moves", run) for run in range(this)] + ["moves"]
    counts = ", ".join(
        f"case when count(*) > 0 then count(*) filter ({condition}) end as {name}"
        for name, condition in FLOWS.items()
    )
    counted = " union all ".join(
        f"select {run} as run, {changed}::BOOLEAN as model_changed, {counts} from {table}"
        for run, (table, changed) in enumerate(zip(tables, _model_changed([*earlier, run_dir]), strict=True))
    )
    engine.execute(
        f"""create or replace table flows as
        with dates as (select run, run_date from runs union all select {this}, $today::DATE)
        select run_date, {", ".join(FLOWS)}, model_changed from ({counted}) join dates using (run)""",
        {"today": run_date},
    )


def _model_changed(folders: Sequence[Path]) -> list[str]:
    """Whether the run of each folder used another model than the one before, as SQL literals."""
    models = [path.read_bytes() if (path := f / "model.json").exists() else None for f in folders]
    pairs = zip([None, *models], models, strict=False)
    return ["NULL" if None in (old, new) else str(old != new).upper() for old, new in pairs]
