"""What became of every customer, and of every segment, over all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import model as models
from segcore import tables
from segcore.engine.sql import literal, quote_name, quote_names
from segcore.errors import ModelError
from segcore.transitions.earlier import next_run, view, walk
from segcore.transitions.orders import values
from segcore.transitions.rulers import Rulers
from segcore.transitions.states import MOVES

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine, FileEngine

AWAY = "away"
"""What a path says of the runs that a customer is not in."""


def history(engine: Engine) -> None:
    """Make ``history``: one row for every customer whom this or any earlier run knows.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.

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
    - at_least: the stay began at the first run, or before it, so its days are the least it can be.
    - best_segment, best_rank: the best segment ever held, by this run's order; retired segments
      do not count.
    - first_run, last_run: dates of the first and the last run that know the customer.
    - path: all segments in the order in which they were entered, retired ones too, with ``away``
      for an absence: ``Loyal > At risk > away > Loyal``.

    ``since``, the three counts and ``at_least`` are NULL where ``segment`` is. Beside it is left
    ``walked``, the same paths as :func:`segcore.transitions.earlier.walk` makes them.
    """
    this = next_run(engine)
    engine.execute(f"create or replace table walked as {walk(this, 'customers')}")
    engine.execute(f"create or replace table history as {_history_sql(this, _name(engine))}")


def _name(engine: Engine) -> str:
    """An expression: the segment of a step, by its place, for codes follow each other without a gap."""
    found = engine.rows("select code, segment from segment_codes order by code")
    names = ", ".join(literal(name) for name in (AWAY, *(segment for _, segment in found)))
    return f"[{names}][coalesce(step.code - ({found[0][0]}) + 2, 1)]"


def _history_sql(this: int, name: str) -> str:
    """``history`` from ``walked``, ``runs`` and ``segment_codes``."""
    return f"""
    with split as (
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
            array_to_string(list_transform(path, lambda step: {name}), ' > ') as path,
            list_max(list_transform(path, lambda step: case when step.code >= 0 then step.code end)) as best
        from split
    )
    select customer_id, now.segment, now.rank, was.segment as previous_segment,
        since.run_date as since,
        ({this} - entered + 1) as runs_in_segment,
        times::INTEGER as times_entered,
        date_diff('day', since.run_date, today.run_date) as days_in_segment,
        entered = 0 as at_least,
        ever.segment as best_segment, ever.rank as best_rank,
        begun.run_date as first_run, seen.run_date as last_run, path
    from found join runs today on today.run = {this}
    left join segment_codes now on now.code = found.code
    left join segment_codes was on was.code = before
    left join segment_codes ever on ever.code = best
    left join runs since on since.run = entered
    left join runs begun on begun.run = first
    left join runs seen on seen.run = last"""


def between(engine: Engine) -> pd.DataFrame:
    """Make ``between_runs``: for every earlier run where its customers are now.

    Parameters
    ----------
    engine
        Holds what :func:`history` leaves.

    Notes
    -----
    Columns out: run_date (of the earlier run), from_segment (NULL for who was not in it), to_segment (NULL
    for who is not in this one), customers. What became of anybody in the runs in between does not count.
    """
    this = next_run(engine)
    then = "list_last(list_filter(path, lambda step: step.run <= {})).code"
    counted = [
        f"select {run} as run, {then.format(run)} as was, code as now, sum(alike)::BIGINT as customers "
        "from paths group by all"
        for run in range(this)
    ] or ["select 0 as run, 0 as was, 0 as now, 0::BIGINT as customers where false"]
    engine.execute(
        f"""create or replace table between_runs as
        with paths as materialized (select path, code, count(*) as alike from walked group by all)
        select run_date, was.segment as from_segment, now.segment as to_segment, customers
        from ({" union all ".join(counted)}) counted join runs using (run)
        left join segment_codes was on was.code = counted.was
        left join segment_codes now on now.code = counted.now
        where counted.was is not null or counted.now is not null"""
    )
    return tables.rows(engine, "between_runs")


def sizes(engine: Engine) -> pd.DataFrame:
    """Make ``sizes``: one row for every run, this one included, and every segment of any of them.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.

    Notes
    -----
    Columns out: run_date, segment, rank (NULL for a retired segment), customers (0 where a run had
    none), value (sum of ``monetary`` of these customers; NULL if the run has no such variable).
    """
    this = next_run(engine)
    members = [view("customers", run) for run in range(this)] + ["customers"]
    counted = " union all ".join(_counted(engine, run, table) for run, table in enumerate(members))
    engine.execute(
        f"""create or replace table sizes as
        select run_date, segment, rank, customers, value
        from ({counted}) join runs using (run) join segment_codes using (segment)"""
    )
    return tables.rows(engine, "sizes")


def _counted(engine: Engine, run: int, table: str) -> str:
    """Customers and value of one run by segment, all segments of ``segment_codes``."""
    known = engine.columns(table).get("monetary", "").startswith("DECIMAL")
    return (
        f"select {run} as run, segment, coalesce(members, 0) as customers, "
        f"{'coalesce(total, 0)' if known else 'NULL'}::DECIMAL(38, 4) as value "
        "from segment_codes left join (select segment, count(*) as members, "
        f"{'sum(monetary)' if known else 'NULL'} as total from {table} group by segment) using (segment)"
    )


def flows(
    engine: FileEngine, *, run_dir: Path, earlier: Sequence[Path], names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Make ``flows``: one row for every run, this one included: how many moved.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves and needs.
    run_dir, earlier
        Folders of this run and of the earlier ones, for their ``model.json``.
    names
        A segment's name in earlier runs → its name of today, see :func:`segcore.transitions.renamed`.

    Notes
    -----
    Columns out: run_date, customers, value (ordered within ``facts.value_window`` up to that date,
    NULL where the orders at hand do not reach back so far), both (in this run and the one before
    it), one count for each of :data:`segcore.transitions.MOVES` (NULL for a run that had none
    before it), model_changed (whether segments were made with other breaks, rules, variables, population
    or exclusions than in the run before, NULL where that cannot be said; another name is no other
    segment). Moves of earlier runs are those that they published.
    """
    this = next_run(engine)
    runs = [(view("customers", run), view("moves", run)) for run in range(this)] + [("customers", "moves")]
    conditions = {"both": "from_segment is not null and to_segment is not null", **MOVES}
    counts = ", ".join(
        f"case when count(*) > 0 then count(*) filter ({condition}) end as {quote_name(name)}"
        for name, condition in conditions.items()
    )
    counted = " union all ".join(
        f"select {run} as run, (select count(*) from {customers}) as customers, {counts}, "
        f"{changed}::BOOLEAN as model_changed from {table}"
        for run, ((customers, table), changed) in enumerate(
            zip(runs, _model_changed(engine, [*earlier, run_dir], names or {}), strict=True)
        )
    )
    engine.execute(
        f"""create or replace table flows as
        select run_date, customers, value, {quote_names(conditions)}, model_changed
        from ({counted}) join runs using (run) join ({values(engine)}) using (run_date)"""
    )
    return tables.rows(engine, "flows")


def _model_changed(engine: FileEngine, folders: Sequence[Path], names: Mapping[str, str]) -> list[str]:
    """Whether the run of each folder used another model than the one before, as SQL literals.

    Other customers or other order lines change segments as another model does, so it counts too if the
    population or the exclusions are others.
    """
    made = [_made_with(engine, folder) for folder in folders]
    pairs = zip([None, *made], made, strict=False)
    return [
        "NULL" if old is None or new is None else str(_differ(old, new, names)).upper() for old, new in pairs
    ]


@dataclass(frozen=True)
class _Made:
    """What made a run's segments: the model's file, and population and exclusions if the run says them."""

    file: Path
    of: tuple[object, ...] | None


def _differ(old: _Made, new: _Made, names: Mapping[str, str]) -> bool:
    return (None not in (old.of, new.of) and old.of != new.of) or _other_model(old.file, new.file, names)


def _other_model(old: Path, new: Path, names: Mapping[str, str]) -> bool:
    """Whether two models give other segments; what is only known of the fit, and words, give none."""
    if old.read_bytes() == new.read_bytes():
        return False
    try:
        return bool(Rulers(models.read(old), models.read(new), names).changed)
    except ModelError:
        return True  # one of another schema: nothing says that they are the same


def _made_with(engine: FileEngine, folder: Path) -> _Made | None:
    model, facts = folder / "model.json", folder / "data" / "facts.parquet"
    if not model.exists():
        return None
    if not facts.exists():
        return _Made(model, None)
    engine.read_parquet(facts, "facts_of_run")
    return _Made(model, engine.rows("select population, exclude from facts_of_run")[0])
