"""The figure on top of every report: of those who needed attention, how many are better off now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.engine.sql import quote_text
from segcore.intervals import FEW, wilson
from segcore.transitions.earlier import next_run, view
from segcore.transitions.names import of_nobody, reps_sql

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

BECAME = ("in_target", "still", "rose", "fell", "gone")
COUNTS = ", ".join(
    ["count(became) as customers", *(f"count(*) filter (became = '{w}') as {w}" for w in BECAME)]
)

COUNTED = {
    **dict.fromkeys(("customers", *BECAME), "BIGINT"),
    "few": "BOOLEAN",
    "share": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
}
HEADLINE = {"run_date": "DATE", "segment": "VARCHAR", **COUNTED}
REPRESENTATIVES = {
    "position": "SMALLINT",
    "rep": "VARCHAR",
    "name": "VARCHAR",
    "recorded": "BOOLEAN",
    **COUNTED,
}


def ends(study: Study) -> tuple[str, tuple[str, ...]] | None:
    """From which segment to which ones the headline looks.

    It starts in the best segment that is to be followed up and leads to ``follow_up.target``, or
    else to the two best segments that stand above it.

    Returns
    -------
    tuple of str and tuple of str, or None
        The segment, and the targets, best first; None if no segment is to be followed up or
        no target stands above it.
    """
    segments = list(study.segments)
    start = next((name for name, segment in study.segments.items() if segment.follow_up), None)
    if start is None:
        return None
    wanted = study.follow_up.target or segments[: segments.index(start)][:2]
    targets = tuple(name for name in segments if name in wanted and name != start)
    return (start, targets) if targets else None


def healthy(study: Study) -> int:
    """How many segments, from the best on, stand above the first that is to be followed up."""
    followed = [segment.follow_up for segment in study.segments.values()]
    return followed.index(True) if True in followed else len(followed)


def headline(engine: Engine, study: Study) -> pd.DataFrame:
    """Make ``headline``: for every run, what became of those who were in the segment before it.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves.
    study
        The study, for :func:`ends`: the path of all runs is the one of today.

    Notes
    -----
    Columns out: run_date, segment, customers (in the segment at the run before), in_target (now in a
    target), still (in the segment), rose, fell (in a better or a worse one that is no target),
    gone, few (under 20 customers), share (in_target / customers) with its Wilson 95 % interval low
    and high, NULL if there was nobody. One row for every run that has one before it, ascending,
    then one over all of them whose run_date is NULL; in it a customer counts once for every run.
    Earlier runs are read as they were published. No rows for a first run, and where the study has
    no such segments.
    """
    path, this = ends(study), next_run(engine)
    if path is None or not this:
        return tables.put(engine, "headline", HEADLINE, [])
    every_run = " union all ".join(
        f"select {run} as run, ({_became(*path)}) as became from {table}"
        for run, table in [*((run, view("moves", run)) for run in range(this)), (this, "moves")]
    )
    found = engine.rows(
        f"select run_date, {COUNTS} from ({every_run}) join runs using (run) "
        "group by run_date order by run_date"
    )
    every = [sum(row[n] for row in found) for n in range(1, len(BECAME) + 2)]
    rows = [(row[0], path[0], *_rated(row[1:])) for row in [*found, (None, *every)]]
    return tables.put(engine, "headline", HEADLINE, rows)


def representatives(engine: Engine, study: Study) -> pd.DataFrame:
    """Make ``representatives``: the headline of this run for each representative.

    Parameters
    ----------
    engine, study
        As for :func:`headline`; names are taken from the table ``reps`` if the engine has it.

    Notes
    -----
    Columns out: position, rep, name, recorded, then customers to high as :func:`headline` has them.
    The representative is the one at the last run; the name is that of ``reps``, or else the rep
    itself. Rows are in alphabetical order of names, for it is no ranking, and last stand the
    customers whose representative is not recorded; their rep is NULL. No rows where there is no
    headline.
    """
    path = ends(study)
    if path is None:
        return tables.put(engine, "representatives", REPRESENTATIVES, [])
    found = engine.rows(
        f"""select rep, coalesce(rep_name, rep, {quote_text(of_nobody())}) as name,
            rep is not null as recorded, counted.* exclude (rep)
        from (
            select nullif(trim(rep), '') as rep, {COUNTS}
            from (select rep, {_became(*path)} as became from moves join previous using (customer_id))
            where became is not null group by 1
        ) counted left join ({reps_sql(engine)}) using (rep)
        order by recorded desc, strip_accents(lower(name)), rep"""
    )
    rows = [(n, *row[:3], *_rated(row[3:])) for n, row in enumerate(found, start=1)]
    return tables.put(engine, "representatives", REPRESENTATIVES, rows)


def _rated(counts: Sequence[int]) -> tuple[Any, ...]:
    customers, there = counts[:2]
    return (*counts, customers < FEW, *wilson(there, customers).or_nothing)


def _became(start: str, targets: tuple[str, ...]) -> str:
    """What became of a customer of the segment, as SQL over ``moves``; NULL for all others.

    Where a run did not know the segment there was nobody in it: it has no rank there.
    """
    return f"""case when from_segment is distinct from {quote_text(start)} or from_rank is null then NULL
        when to_segment in ({", ".join(map(quote_text, targets))}) then 'in_target'
        when to_segment is null then 'gone' when to_rank > from_rank then 'rose'
        when to_rank < from_rank then 'fell' else 'still' end"""
