"""Why customers moved: what they did, what time did, and what another model did.

From the last run to this one a customer goes over a path. First the orders up to the last run are
corrected by the new delivery; then, in the average over all orders of doing it (Shapley), values
change, breaks change and rules change, and of the values time goes before orders. Every part is an
integer in sixths of a rank, so that they add up exactly for everybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import model as models
from segcore import tables
from segcore.engine.sql import literal
from segcore.errors import ParamsError, SegcoreError
from segcore.transitions.earlier import last_run
from segcore.transitions.names import renamed
from segcore.transitions.replay import Between, as_fitted, can_make
from segcore.transitions.rulers import Rulers, known_sql
from segcore.transitions.shares import CAUSES, MARKS, MASKED, MODEL, mark_sql, parts_sql
from segcore.transitions.steps import OF_MOVES, looked_sql, replayed, values_of

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study

LISTED = [(way, mark) for way in ("up", "down") for mark in MARKS.values()] + [(MASKED, MASKED)]
BRIDGE = {"from_segment": "VARCHAR", "to_segment": "VARCHAR", "customers": "BIGINT"}


def causes(engine: Engine, study: Study, used: Model, earlier: Sequence[Path]) -> pd.DataFrame:
    """Widen ``moves`` by why everybody moved, and count it: ``marks``, ``causes`` and ``bridge``.

    Parameters
    ----------
    engine
        Holds ``customers``, ``transactions``, ``facts``, ``customers_source`` if the study has it, and
        what :func:`segcore.transitions.moves` leaves.
    study
        The study.
    used
        The model of this run.
    earlier
        Folders of the earlier runs, ascending; the model of the last one is compared with this run's.

    Returns
    -------
    DataFrame
        ``marks``.

    Notes
    -----
    Columns added to ``moves``, for everybody who is in both runs and whose segment of then has a rank,
    else NULL:

    - correction, ageing, activity, boundary, rules, model: SMALLINT, the parts of the move in sixths of
      a rank; together they are 6 × (to_rank − from_rank). Where the variables, their classes or the
      segments are others than in the run before, boundary and rules cannot be told apart and are model,
      and so is the whole move of somebody whom the model before puts into a segment that no longer
      exists. Who has no order any more up to the last run is moved by the correction alone.
    - mark: of who moved up or down, one of :data:`segcore.transitions.MARKS`: if the model before would
      not have moved the customer this way, the largest part in the direction of the move among
      correction, boundary, rules and model, else among correction, activity and ageing; of equal ones
      the first. Of who stayed, ``masked`` if the model before would have moved the customer. Else NULL.

    ``marks``: position, direction (up, down or masked), mark, customers, ordered (since the last run),
    fragile (at this run or the last one; NULL where the run does not know), value (as
    :func:`segcore.transitions.movers` has it).
    ``causes``: the same for every segment of this run, of those who were in it at the last one: segment,
    rank, then as ``marks``. ``bridge``: from_segment (by the model before, under its name of today),
    to_segment, customers: all customers of this run, and the sum of each segment on either side, with
    NULL on the other. It has no rows if the model is the same, or if the one before cannot be applied
    to this delivery. None of them has rows in a first run.

    Raises
    ------
    ModelError
        If the model of the last run cannot be read.
    SegcoreError
        If the parts of somebody's move do not add up to it.
    """
    before, rulers = last_run(engine), Rulers(used, used, {})
    tables.put(engine, "bridge", BRIDGE, [])
    if before is None:
        _widen(engine, _untold("NULL"), ())
    else:
        rulers = Rulers(models.read(earlier[-1] / "model.json"), used, renamed(study))
        _find(engine, study, rulers, before)
    _check(engine)
    _count(engine)
    return tables.rows(engine, "marks")


def _find(engine: Engine, study: Study, rulers: Rulers, before: dt.date) -> None:
    today = engine.rows("select run_date from facts")[0][0]
    if not rulers.one_kind and not can_make(engine, as_fitted(study, rulers.old)):
        _cannot_tell(engine)
        return
    try:
        with replayed(engine, study, rulers, Between(before, today)):
            _widen(engine, looked_sql(rulers), rulers.changed)
            if rulers.changed:
                _bridge(engine, rulers)
    except ParamsError:
        if rulers.one_kind:
            raise
        _cannot_tell(engine)  # the SQL of the model before fails for an order of this delivery


def _cannot_tell(engine: Engine) -> None:
    """Put every move down to the model: that before cannot be fed from this delivery any more."""
    told = f"case when from_rank is not null and to_rank is not null then '{MODEL}' end"
    _widen(engine, _untold(told), ())


def _untold(how: str) -> str:
    """What :func:`segcore.transitions.steps.looked_sql` gives where nobody was looked through a model."""
    return f"""select {OF_MOVES}, 0 as way, {how} as how, NULL::SMALLINT as before_0,
        NULL::SMALLINT as idle_0, NULL::SMALLINT as now_0 from moves"""


def _widen(engine: Engine, looked: str, changed: Sequence[str]) -> None:
    """Add causes and marks to ``moves``."""
    engine.execute(
        f"""create or replace table moves as
        with looked as ({looked}),
        parted as (select *, {parts_sql(changed)} from looked)
        select {OF_MOVES}, {", ".join(CAUSES)}, {mark_sql(changed)} as mark from parted"""
    )


def _check(engine: Engine) -> None:
    parts = " + ".join(CAUSES)
    wrong = engine.rows(
        f"select customer_id, {parts}, 6 * (to_rank - from_rank) from moves where from_rank is not null "
        f"and to_rank is not null and ({parts}) is distinct from 6 * (to_rank - from_rank) order by 1 limit 1"
    )
    if wrong:
        customer, found, must = wrong[0]
        raise SegcoreError(
            f"causes of customer {customer} must add up to the move, {must} sixths of a rank (got {found}); "
            "the segments are not those of this run's model: make this run again"
        )


def _count(engine: Engine) -> None:
    listed = ", ".join(f"({n}::SMALLINT, {literal(d)}, {literal(m)})" for n, (d, m) in enumerate(LISTED, 1))
    fragile = "fragile" in engine.columns("customers")
    counts = f"""count(customer_id) as customers, count(customer_id) filter (ordered) as ordered,
        {"count(customer_id) filter (fragile)" if fragile else "NULL::BIGINT"} as fragile,
        coalesce(sum(value), 0)::DECIMAL(38, 4) as value"""
    engine.execute(
        f"""create or replace temp table marked as
        select customer_id, from_segment as segment, mark, ordered, value,
            {"customers.fragile or coalesce(previous.fragile, false)" if fragile else "NULL"} as fragile,
            case when mark = '{MASKED}' then mark else moves.state end as direction
        from moves join moved using (customer_id) join customers using (customer_id)
        left join previous using (customer_id)
        where mark is not null"""
    )
    kinds = f"(from (values {listed}) listed(position, direction, mark) where exists (from moves))"
    engine.execute(
        f"""create or replace table marks as
        select position, direction, mark, {counts}
        from {kinds} left join marked using (direction, mark) group by position, direction, mark"""
    )
    engine.execute(
        f"""create or replace table causes as
        select segment, rank, position, direction, mark, {counts}
        from (select segment, rank from segment_codes where rank is not null) cross join {kinds}
        left join marked using (segment, direction, mark) group by segment, rank, position, direction, mark"""
    )
    engine.execute("drop table marked")


def _bridge(engine: Engine, rulers: Rulers) -> None:
    """The customers of this run by the model before and by that of this run."""
    classed = (
        f"select customer_id, {known_sql([rulers.old])} as known, {rulers.old.classes_sql('_by_0')} "
        f"from {values_of(rulers, 'now', rulers.old)}"
    )
    engine.execute(
        f"""create or replace table bridge as
        select {rulers.segment_sql("_by_0")} as from_segment, segment as to_segment, count(*) as customers
        from ({classed}) as classed join (select customer_id, segment from customers) now using (customer_id)
        where known group by grouping sets ((from_segment, to_segment), (from_segment), (to_segment))"""
    )
