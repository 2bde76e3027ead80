"""Whether those who reached a target are still there when it would have fallen by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import tables
from segcore.engine.sql import literal
from segcore.intervals import wilson
from segcore.transitions import ends
from segcore.transitions.earlier import known, next_run

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

SUSTAINED = {
    "run_date": "DATE",
    "segment": "VARCHAR",
    "reached": "BIGINT",
    "undated": "BIGINT",
    "due": "BIGINT",
    "sustained": "BIGINT",
    "share": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
}


def sustained(engine: Engine, study: Study) -> pd.DataFrame:
    """Make ``sustained``: of those who reached a target, who is still in one after the drop date.

    Parameters
    ----------
    engine
        Holds ``followable``, ``runs``, ``customers`` and the customers of earlier runs.
    study
        Its targets.

    Notes
    -----
    Columns out: run_date (at which they reached it; NULL over all runs), segment (from which; NULL
    over all), reached, undated (of whom that run held no date on which they fall if they order
    nothing), due (of whom a run after that date is there), sustained (in a target at the first such
    run), share (sustained / due) with its Wilson 95 % interval. Whoever ordered again in between is
    sustained, too: that is what was hoped for. A run before the drop date proves nothing, for until
    then the one order of then is enough.
    """
    path, runs = ends(study), next_run(engine)
    targets = ", ".join(map(literal, path[1])) if path else "NULL"
    engine.execute(
        """create or replace temp table due as
        select run_date, customer_id, segment, drop_date, min(run) as run
        from followable left join (select run, run_date as later from runs) on later > drop_date
        where reached group by all"""
    )
    asked = [run for (run,) in engine.rows("select distinct run from due where run is not null order by 1")]
    there = " union all ".join(
        f"select {run} as run, customer_id from {_customers(run, runs)} where segment in ({targets})"
        for run in asked
    )
    there = there or "select NULL::INTEGER as run, NULL::VARCHAR as customer_id where false"
    counts = engine.rows(
        f"""select run_date, segment, count(*), count(*) filter (drop_date is null), count(due.run),
            count(kept.run)
        from due left join ({there}) kept on kept.run = due.run and kept.customer_id = due.customer_id
        group by grouping sets ((run_date, segment), (run_date), (segment), ()) having count(*) > 0
        order by run_date, segment"""
    )
    rows = [(*row, *wilson(row[5], row[4]).or_nothing) for row in counts]
    return tables.put(engine, "sustained", SUSTAINED, rows)


def _customers(run: int, runs: int) -> str:
    return "customers" if run == runs else known(run)
