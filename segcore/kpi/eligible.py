"""Who was to be followed up at the previous run, and what happened to each of them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import model as models
from segcore import tables
from segcore.engine.sql import literal, quote_name, quote_names, quote_text
from segcore.errors import ParamsError
from segcore.transitions import ends
from segcore.transitions.earlier import known, next_run, view
from segcore.transitions.names import renamed, today_sql
from segcore.transitions.replay import as_fitted, can_make, make_values, same_values

if TYPE_CHECKING:
    from segcore.engine import Engine, FileEngine
    from segcore.model import Model
    from segcore.params import Study

ELIGIBLE = {
    "customer_id": "VARCHAR",
    "segment": "VARCHAR",
    "rep": "VARCHAR",
    "recency_class": "SMALLINT",
    "frequency_class": "SMALLINT",
    "days": "INTEGER",
    "followed_on": "INTEGER",
    "followups": "INTEGER",
    "order_on": "INTEGER",
    "reached": "BOOLEAN",
    "up": "BOOLEAN",
    "listed": "BOOLEAN",
    "held_out": "BOOLEAN",
    "counts": "BOOLEAN",
    "rests": "BOOLEAN",
    "value_after": "DECIMAL(38,4)",
    "drop_date": "DATE",
}
"""The columns of ``eligible`` and their types; an earlier run counts if it has all of them."""


def has_log(engine: Engine) -> bool:
    """Whether the study's sources tell of any follow-up up to the run date."""
    return engine.has("followups") and bool(engine.rows("select 1 from followups limit 1"))


def eligible(engine: FileEngine, study: Study, used: Model, earlier: Sequence[Path]) -> None:
    """Make ``eligible``: one row for every customer who was to be followed up at the previous run.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves, ``followups`` if the study has them, and
        ``clock`` if it was made.
    study
        Says which segments are to be followed up, and where that should lead.
    used
        The model of this run.
    earlier
        Folders of the earlier runs, ascending; the last is the previous one.

    Notes
    -----
    Columns out, see :data:`ELIGIBLE`. Days count from the previous run's date: ``days`` to this
    run, ``followed_on`` to the first follow-up and ``order_on`` to the first order, both NULL for
    none. ``reached``: now in a target, and an order between; ``up``: now in a better segment, and an
    order between; both dates under the previous run's model. ``listed``, ``held_out``: as the
    previous run's call list had it, and ``counts``: that list was published ahead. ``rests``: held out at
    the run before the previous one, and so in neither arm now. ``value_after``: ordered after the day
    of the first follow-up. ``drop_date``: when those who reached fall if they order nothing.

    Follow-ups of one customer on one day count once. A first run has no rows, nor has one in which the
    previous run's model cannot place the customers, for its variables cannot be made any more.
    """
    path, run = ends(study), next_run(engine)
    if path is None or not run:
        tables.put(engine, "eligible", ELIGIBLE, [])
        return
    was = models.read(earlier[-1] / "model.json")
    _judge(engine, study, used, was)
    if not engine.rows("select 1 from judged limit 1"):
        tables.put(engine, "eligible", ELIGIBLE, [])
        return
    _assign(engine, earlier, run)
    _follow(engine)
    wanted = [name for name, segment in study.segments.items() if segment.follow_up]
    engine.execute(_query(engine, wanted, path[1], run))


def _judge(engine: Engine, study: Study, used: Model, was: Model) -> None:
    """Make ``judged``: the segments of now under the previous run's model, by their names of today.

    Where that model cannot be fed from this delivery it has no rows, and nobody can be compared.
    """
    names = renamed(study)
    engine.execute(f"create or replace temp table ranked as {_ranks(was.segments, names)}")
    same = (used.variables, used.rules) == (was.variables, was.rules)
    source = "select customer_id, segment from customers" if same else _placed(engine, study, used, was)
    engine.execute(
        f"create or replace temp table judged as select customer_id, segment, rank from "
        f"(select customer_id, {today_sql('segment', names)} as segment from ({source})) "
        "join ranked using (segment)"
    )


def _placed(engine: Engine, study: Study, used: Model, was: Model) -> str:
    """The customers of now in the segments of the previous run's model, as a query."""
    table, now = "customers", used.by_name
    alike = was.by_name.keys() <= now.keys() and same_values(
        [now[name] for name in was.by_name], was.variables
    )
    if not alike:
        table, then = "values_of_then", as_fitted(study, was)
        nobody = "select NULL::VARCHAR as customer_id, NULL::VARCHAR as segment where false"
        today = engine.rows("select run_date from facts")[0][0]
        if not can_make(engine, then):
            return nobody
        try:
            make_values(engine, then, today, table)
        except ParamsError:  # its SQL fails for an order of this delivery
            return nobody
    return f"select customer_id, segment from ({was.query(['customer_id', *was.by_name], table)})"


def _ranks(segments: Sequence[str], names: Mapping[str, str]) -> str:
    rows = ", ".join(f"({quote_text(name)}, {rank})" for rank, name in enumerate(reversed(segments)))
    old = f"select {today_sql('segment', names)} as segment, rank from (values {rows}) ranks(segment, rank)"
    return f"select segment, max(rank) as rank from ({old}) group by segment"


def _assign(engine: FileEngine, earlier: Sequence[Path], run: int) -> None:
    """Make ``assigned``: whom the call lists of the two runs before held out and listed."""
    engine.execute(
        "create or replace temp table assigned "
        "(customer_id VARCHAR, back SMALLINT, listed BOOLEAN, held_out BOOLEAN, counts BOOLEAN)"
    )
    number, renumbered = "customer_id", ""
    if engine.has("renumbered"):
        number, renumbered = "coalesce(becomes, customer_id)", "left join renumbered using (customer_id)"
    for back, folder in enumerate(reversed(earlier[-2:]), start=1):
        paths = {name: folder / "data" / f"{name}.parquet" for name in ("calls", "draw")}
        if not all(path.exists() for path in paths.values()):
            continue  # made before there were call lists: nobody was held out
        for name, path in paths.items():
            engine.read_parquet(path, view(name, run - back))
        calls, draw = (view(name, run - back) for name in paths)
        engine.execute(
            f"insert into assigned select {number}, {back}, bool_or(listed), bool_or(held_out), "
            f"bool_or(coalesce(published_ahead, false)) from {calls} {renumbered} "
            f"left join (select segment, published_ahead from {draw}) using (segment) group by 1"
        )


def _follow(engine: Engine) -> None:
    """Make ``log``: the first follow-up of every customer since the previous run, and how many days."""
    source = "select NULL::VARCHAR as customer_id, NULL::DATE as date where false"
    if engine.has("followups"):
        source = "select customer_id, date::DATE as date from followups"
    engine.execute(
        f"""create or replace temp table log as
        select customer_id, min(date) as first, count(distinct date)::INTEGER as followups
        from ({source}), last_run, facts where date > last_run and date <= run_date group by customer_id"""
    )


def _query(engine: Engine, wanted: Sequence[str], targets: Sequence[str], run: int) -> str:
    there = engine.columns(known(run - 1))
    rep = "nullif(trim(rep), '')" if "rep" in there else "NULL::VARCHAR"
    classes = ", ".join(
        f"coalesce({quote_name(c) if c in there else 'NULL'}, 0)::SMALLINT as {c}"
        for c in ("recency_class", "frequency_class")
    )
    drop = "select NULL::VARCHAR as customer_id, NULL::DATE as drop_date where false"
    if engine.has("clock"):
        drop = "select customer_id, drop_date from clock"
    day = "date_diff('day', last_run, {})::INTEGER"
    return f"""create or replace table eligible as
    with was as (
        select customer_id, segment, {rep} as rep, {classes}
        from {known(run - 1)} where segment in ({_listed(wanted)})
    ),
    bought as (
        select customer_id, min(order_date) as ordered,
            sum(amount) filter (order_date > log.first) as value
        from transactions semi join was using (customer_id) left join log using (customer_id), last_run, facts
        where order_date > last_run and order_date <= run_date group by customer_id
    )
    select customer_id, was.segment, rep, recency_class, frequency_class, {day.format("run_date")} as days,
        {day.format("log.first")} as followed_on, coalesce(followups, 0)::INTEGER as followups,
        {day.format("ordered")} as order_on,
        ordered is not null and coalesce(judged.segment in ({_listed(targets)})
            and judged.segment <> was.segment, false) as reached,
        ordered is not null and coalesce(judged.rank > ranked.rank, false) as up,
        coalesce(now.listed, false) as listed, coalesce(now.held_out, false) as held_out,
        coalesce(now.counts, false) as counts, coalesce(before.held_out, false) as rests,
        case when log.first is not null then coalesce(value, 0) end::DECIMAL(38, 4) as value_after,
        case when reached then drop_date end as drop_date
    from was cross join last_run cross join facts
    left join log using (customer_id) left join bought using (customer_id)
    left join judged using (customer_id) left join ranked on ranked.segment = was.segment
    left join (from assigned where back = 1) now using (customer_id)
    left join (from assigned where back = 2) before using (customer_id)
    left join ({drop}) dropped using (customer_id)"""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(literal, names))


def gather(engine: FileEngine, earlier: Sequence[Path], *, names: Mapping[str, str] | None = None) -> None:
    """Make ``followable``: the rows of ``eligible`` of all runs, as each of them published its own.

    Parameters
    ----------
    engine
        Holds ``eligible`` of this run, see :func:`eligible`.
    earlier
        Folders of the earlier runs, ascending.
    names
        Names of segments in earlier runs → of today, see :func:`segcore.transitions.renamed`.

    Notes
    -----
    Columns out: run_date, then those of :data:`ELIGIBLE`. Customers have the number of today. Beside
    it is left ``left_out`` (run_date, why) of the runs, other than the first, that do not count:
    ``not kept`` by a run that was made when follow-ups were not counted yet, ``nobody`` to be followed up
    whom the model before could still place, and ``no follow-ups`` in the time of a run, for what nobody
    wrote down then is not known.
    """
    columns = quote_names(ELIGIBLE)
    parts, without = [f"select run_date, {columns} from eligible, facts"], []
    renumbered = engine.has("renumbered")
    for run, folder in enumerate(earlier):
        path, name = folder / "data" / "eligible.parquet", view("eligible", run)
        if path.exists():
            engine.read_parquet(path, name)
        if not path.exists() or not ELIGIBLE.keys() <= engine.columns(name).keys():
            without += [folder.name] * (run > 0)
            continue
        number = "customer_id"
        if renumbered:
            number, name = (
                "coalesce(becomes, customer_id)",
                f"{name} left join renumbered using (customer_id)",
            )
        rest = quote_names(c for c in ELIGIBLE if c not in ("customer_id", "segment"))
        segment = f"{today_sql('segment', names or {})} as segment"
        day = f"DATE '{folder.name}' as run_date"
        parts.append(f"select {day}, {number} as customer_id, {segment}, {rest} from {name}")
    engine.execute(f"create or replace temp table kept as {' union all '.join(parts)}")
    engine.execute(
        "create or replace temp table followable as select * from kept "
        "qualify sum(followups) over (partition by run_date) > 0"
    )
    old = ", ".join(f"DATE '{day}'" for day in without) or "NULL"
    engine.execute(
        f"""create or replace temp table left_out as
        select run_date, case when run_date in ({old}) then 'not kept'
            when run_date not in (select run_date from kept) then 'nobody' else 'no follow-ups' end as why
        from runs where run > 0 and run_date not in (select run_date from followable)"""
    )
