"""Whom to call before the next run, and who is left alone on purpose so that the effect can be seen.

The list of a representative is cut to the study's capacity first; only then are customers held out, and
only from those on the list: whoever would not have been called cannot show what a call does.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.dates import next_due
from segcore.engine.sql import literal, quote_name, quote_text
from segcore.holdout import draw_sql
from segcore.rules import shown
from segcore.sentences import calls as say

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine
    from segcore.model import Model
    from segcore.params import Study

TOP, FIRST, MOST = 10, 10, 30
"""How many who fall a page names, how many of each list, and up to how many lists."""

RUN, EARLIER = "run.json", "calls_of_last_run"
WHY = {
    "reason": "reason",
    "segment": "segment",
    "drop_date": "case when falls then drop_date end",
    "by": '"by"',
    "edge": "edge",
}
WHY_TYPES = ("VARCHAR", "VARCHAR", "DATE", "VARCHAR", "DOUBLE")
"""What a reason in words depends on, so that customers who are alike are told once."""

DRAW = {
    "segment": "VARCHAR",
    "eligible": "BIGINT",
    "listed": "BIGINT",
    "held_out": "BIGINT",
    "share": "DOUBLE",
    "published_ahead": "BOOLEAN",
    "listed_before": "BOOLEAN",
}


def calls(
    engine: FileEngine, study: Study, used: Model, *, run_dir: Path, earlier: Sequence[Path]
) -> pd.DataFrame:
    """Make ``calls``, ``draw``, ``call_reps`` and ``call_first``.

    Parameters
    ----------
    engine
        Holds ``customers``, ``facts``, ``clock``, what :func:`segcore.transitions.moves` leaves, and
        ``reconciliation`` and ``reps`` if the run has them; marks of ``moves`` are taken over.
    study, used
        The study and the model of the segments.
    run_dir, earlier
        Folders of this run and of the earlier ones, the last of which may have a list, too.

    Notes
    -----
    ``calls`` has one row for everybody who falls up to the date of the next run if nothing is
    bought, who is in a segment with ``follow_up``, or who was held out at the last run and is no
    better off since. Columns: customer_id, name, rep, rep_name, segment, segment_from (at the
    previous run), state, mark, value (order value), last_order, drop_date, falls_to, reason
    (``held out``, ``falls`` or ``follow_up``, the first that holds) and says (it in words), rule
    (its line), fragile, eligible (in a segment with ``follow_up``), falls (up to the next run),
    listed (on the list after the cut), held_out (drawn from it), first (held out at the last run),
    position (in the list that the representative gets, NULL off it), worth (place by value among all
    on a list who fall).

    A list begins with those held out at the last run, then goes by value. It is cut to
    ``follow_up.capacity`` for each representative; where none is recorded nothing is cut. Held out
    is, in each segment, the share ``follow_up.holdout`` of the eligible who are on a list and were
    not held out at the last run, see :mod:`segcore.holdout`; and nobody where the list was not
    published before the period began: in a backfill, and where the extracts have records after the
    run date.

    ``draw``: segment, eligible, listed (of these), held_out, share, published_ahead, listed_before
    (whether the previous run made a list), a row for each segment with ``follow_up``, best first.

    Returns
    -------
    DataFrame
        ``call_reps``, see :func:`_count`.
    """
    day = engine.rows("select run_date from facts")[0][0]
    until, ahead = next_date(study, day), _ahead(engine, run_dir)
    before = _read_before(engine, earlier)
    followed = [name for name in used.segments if name in study.segments and study.segments[name].follow_up]
    engine.execute(f"create or replace table _called as {_called(engine, followed, until)}")
    share = study.follow_up.holdout if ahead else 0.0
    engine.execute(
        _listed(study, share, draw_sql(quote_text(study.name), quote_text(str(day)), "customer_id"))
    )
    _put_words(engine, used, day)
    engine.execute(
        f"""create or replace table calls as
        select _drawn.* exclude ("by", edge), says from _drawn left join _words on {_same(WHY)}"""
    )
    for name in ("_called", "_drawn", "_words"):
        engine.execute(f"drop table {name}")
    _put_draw(engine, followed, study.follow_up.holdout, ahead=ahead, before=before)
    return _count(engine)


def next_date(study: Study, run_date: dt.date) -> dt.date:
    """The date of the next run, up to which the lists look."""
    return next_due(run_date, study.run_every)


def _ahead(engine: FileEngine, run_dir: Path) -> bool:
    """Whether the list is published before the time that it is for: nothing later is known yet."""
    path = run_dir / RUN
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if record.get("backfill") or not engine.has("reconciliation"):
        return False
    later = engine.rows(
        "select coalesce(sum(after_run_date), 0) from reconciliation "
        "where source in ('transactions', 'followups')"
    )
    return not later[0][0]


def _read_before(engine: FileEngine, earlier: Sequence[Path]) -> bool:
    """Make those held out at the last run available; whether that run made a list at all."""
    path = earlier[-1] / "data" / "calls.parquet" if earlier else None
    if path is None or not path.exists():
        engine.execute(f"create or replace table {EARLIER} (customer_id VARCHAR)")
        return False
    engine.read_parquet(path, "_calls_before")
    now = "customer_id"
    joined = ""
    if engine.has("renumbered"):
        now, joined = "coalesce(becomes, customer_id)", "left join renumbered using (customer_id)"
    engine.execute(
        f"create or replace table {EARLIER} as select distinct {now} as customer_id "
        f"from _calls_before {joined} where held_out"
    )
    return True


def _called(engine: FileEngine, followed: Sequence[str], until: dt.date) -> str:
    """Who might be called, and why."""
    there, moved = engine.columns("customers"), engine.columns("moves")
    named = engine.has("reps") and "name" in engine.columns("reps")
    name, rep = (f"customers.{c}" if c in there else "NULL::VARCHAR" for c in ("name", "rep"))
    rep = f"nullif(trim({rep}), '')"
    eligible = f"customers.segment in ({', '.join(map(quote_text, followed))})" if followed else "false"
    return f"""
        select * exclude (up, "by", edge),
            case when falls then "by" end as "by", case when falls then edge end as edge,
            case when first then 'held out' when falls then 'falls' else 'follow_up' end as reason
        from (
            select customers.customer_id, {name} as name, {rep} as rep,
                {"coalesce(nullif(trim(reps.name), ''), " + rep + ")" if named else rep} as rep_name,
                customers.segment, moves.from_segment as segment_from, moves.state,
                {"moves.mark" if "mark" in moved else "NULL::VARCHAR"} as mark,
                coalesce(spent.value, 0)::DECIMAL(38, 4) as value, spent.last_order,
                clock.drop_date, clock.falls_to, clock."by", clock.edge, customers.rule,
                {"customers.fragile" if "fragile" in there else "NULL::BOOLEAN"} as fragile,
                {eligible} as eligible,
                coalesce(clock.drop_date <= {literal(until.isoformat())}::DATE, false) as falls,
                coalesce(moves.to_rank > moves.from_rank, false) as up,
                {EARLIER}.customer_id is not null and not up as first
            from customers join clock using (customer_id)
            left join moves using (customer_id) left join spent using (customer_id)
            {"left join reps on reps.rep = " + rep if named else ""}
            left join {EARLIER} using (customer_id)
        ) where eligible or falls or first"""


def _listed(study: Study, share: float, number: str) -> str:
    """The lists: cut first, then drawn from, then counted anew."""
    capacity = study.follow_up.capacity
    cut = f"rep is null or place <= {capacity}" if capacity else "true"
    drawn = (
        "pool and row_number() over (partition by segment, pool order by number, customer_id) "
        f"<= floor({share!r}::DOUBLE * count(*) over (partition by segment, pool) + 0.5)"
        if share
        else "false"
    )
    order = "order by first desc, value desc, customer_id"
    return f"""
        create or replace table _drawn as
        select * exclude (place, pool, number),
            case when listed and not held_out then row_number() over
                (partition by rep, listed and not held_out {order}) end::INTEGER as position,
            case when listed and not held_out and falls then row_number() over
                (partition by listed and not held_out and falls order by value desc, customer_id)
                end::INTEGER as worth
        from (
            select *, {drawn} as held_out
            from (
                select *, {cut} as listed, eligible and not first and ({cut}) as pool,
                    {number if share else "NULL"} as number
                from (select *, row_number() over (partition by rep {order}) as place from _called)
            )
        )"""


def _put_words(engine: FileEngine, used: Model, day: dt.date) -> None:
    """Make ``_words``: every reason that there is, in words; customers with the same are told once."""
    kept = ", ".join(f"{sql} as {quote_name('_' + name)}" for name, sql in WHY.items())
    rows = [(*row, _says(row, used, day)) for row in engine.rows(f"select distinct {kept} from _called")]
    columns = dict(zip((f"_{name}" for name in WHY), WHY_TYPES, strict=True))
    tables.put(engine, "_words", {**columns, "says": "VARCHAR"}, rows)


def _same(columns: Mapping[str, str]) -> str:
    return " and ".join(
        f"{sql} is not distinct from {quote_name('_' + name)}" for name, sql in columns.items()
    )


def _says(row: Sequence[Any], used: Model, day: dt.date) -> str:
    reason, segment, drop_date, by, edge = row
    limit = ""
    if by:
        variable = used.by_name[by]
        now = int(edge // 1) + 1 - (drop_date - day).days
        limit = say.limit(
            variable.label, shown(now, variable), variable.unit, shown(int(edge // 1), variable)
        )
    return say.reason(reason, segment, limit)


def _put_draw(
    engine: FileEngine, followed: Sequence[str], share: float, *, ahead: bool, before: bool
) -> None:
    found = {
        segment: counts
        for segment, *counts in engine.rows(
            "select segment, count(*), count(*) filter (listed), count(*) filter (held_out) "
            "from calls where eligible group by segment"
        )
    }
    rows = [(segment, *found.get(segment, (0, 0, 0)), share, ahead, before) for segment in followed]
    tables.put(engine, "draw", DRAW, rows)


def _count(engine: FileEngine) -> pd.DataFrame:
    """Make ``call_reps`` and ``call_first``, what a page shows of the lists.

    Notes
    -----
    ``call_reps``: position (0 for all together, then representatives by name, last the customers of
    none), rep, name, recorded, customers (on the list), falling (of all their customers: how many
    fall up to the next run) and value (their order value), held_out, cut (left off by the capacity),
    first. ``call_first``: the rows of ``calls`` that are among the ten of highest value who fall (top)
    or among the first ten of a list; where there are more than 30 lists, only the former.
    """
    engine.execute(
        """create or replace table call_reps as
        select row_number() over (order by together desc, recorded desc, strip_accents(lower(name)), rep)
            - 1 as position, * exclude (together)
        from (
            select grouping(rep) = 1 as together, rep,
                case when grouping(rep) = 0 then any_value(rep_name) end as name,
                grouping(rep) = 0 and rep is not null as recorded,
                count(*) filter (listed and not held_out) as customers,
                count(*) filter (falls) as falling,
                coalesce(sum(value) filter (falls), 0)::DECIMAL(38, 4) as value,
                count(*) filter (held_out) as held_out, count(*) filter (not listed) as cut,
                count(*) filter (first) as first
            from calls group by grouping sets ((rep), ())
        )"""
    )
    engine.execute(
        f"create or replace table call_first as select *, coalesce(worth <= {TOP}, false) as top from calls "
        f"where top or (position <= {FIRST} and (select count(*) from call_reps) <= {MOST} + 1)"
    )
    return tables.rows(engine, "call_reps")
