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

from segcore import tables, variables
from segcore.dates import next_due
from segcore.engine.sql import quote_name, quote_text
from segcore.holdout import draw_sql
from segcore.rules import shown
from segcore.sentences import calls as say
from segcore.transitions.lists import EARLIER, called_sql, put_places

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine
    from segcore.model import Model
    from segcore.params import Study

TOP, FIRST, MOST = 10, 10, 30
"""How many who fall a page names, how many of each list, and up to how many lists."""
MISTYPED, MOST_MISTYPED = 0.001, 20
"""The share of a source's records, and their number, up to which those after the run date may be slips of
a hand; in a long history the share alone would let whole days pass."""

RUN = "run.json"
WHY = {
    "reason": "reason",
    "segment": "segment",
    "drop_date": "case when falls then drop_date end",
    "by": '"by"',
    "edge": "edge",
    "last_order": "case when reason = 'follow_up' then last_order end",
}
WHY_TYPES = ("VARCHAR", "VARCHAR", "DATE", "VARCHAR", "DOUBLE", "DATE")
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
    position (in the list that the representative gets, NULL off it).

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
    engine.execute(f"create or replace table _called as {called_sql(engine, followed, until)}")
    number = draw_sql(quote_text(study.name), quote_text(day.isoformat()), "customer_id")
    put_places(engine, study.follow_up.capacity, study.follow_up.holdout if ahead else 0.0, number)
    actions = {name: segment.action for name, segment in study.segments.items()}
    _put_words(engine, used, day, actions)
    engine.execute(
        f"""create or replace table calls as
        select _called.* exclude ("by", edge), says, listed, held_out, position
        from _called join _places using (customer_id) left join _words on {_same(WHY)}"""
    )
    for name in ("_called", "_places", "_words"):
        engine.execute(f"drop table {name}")
    _put_draw(engine, followed, study.follow_up.holdout, ahead=ahead, before=before)
    return _count(engine)


def next_date(study: Study, run_date: dt.date) -> dt.date:
    """The date of the next run, up to which the lists look."""
    return next_due(run_date, study.run_every)


def _ahead(engine: FileEngine, run_dir: Path) -> bool:
    """Whether the list is published before the time that it is for: nothing later is known yet.

    A mistyped year among thousands of records says nothing of when the run was made.
    """
    path = run_dir / RUN
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if record.get("backfill") or not engine.has("reconciliation"):
        return False
    later = engine.rows(
        "select 1 from reconciliation where source in ('transactions', 'followups') "
        f"group by source having sum(after_run_date) > least({MISTYPED} * sum(records), {MOST_MISTYPED})"
    )
    return not later


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


def _put_words(engine: FileEngine, used: Model, day: dt.date, actions: Mapping[str, str]) -> None:
    """Make ``_words``: every reason that there is, in words; customers with the same are told once."""
    kept = ", ".join(f"{sql} as {quote_name('_' + name)}" for name, sql in WHY.items())
    alike = engine.rows(f"select distinct {kept} from _called")
    rows = [(*row, _says(row, used, day, actions)) for row in alike]
    columns = dict(zip((f"_{name}" for name in WHY), WHY_TYPES, strict=True))
    tables.put(engine, "_words", {**columns, "says": "VARCHAR"}, rows)


def _same(columns: Mapping[str, str]) -> str:
    return " and ".join(
        f"{sql} is not distinct from {quote_name('_' + name)}" for name, sql in columns.items()
    )


def _says(row: Sequence[Any], used: Model, day: dt.date, actions: Mapping[str, str]) -> str:
    reason, segment, drop_date, by, edge, last_order = row
    if last_order:
        return say.to_do((day - last_order).days, segment, actions.get(segment, ""))
    limit = ""
    if by:
        variable = used.by_name[by]
        now = int(edge // 1) + 1 - (drop_date - day).days
        named = variables.label(variable), shown(now, variable), variables.unit(variable)
        limit = say.limit(*named, shown(int(edge // 1), variable))
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
    none), rep, name, recorded, customers (on the list), would_fall (how many of them fall up to the next
    run), falling (how many of all customers do) and value (their order value), to_follow (how many more
    are to be followed up), follow_value and follow_cut (how many of them the capacity leaves off),
    held_out, cut (left off by the capacity, whyever they would be on it), first. ``call_first``: the
    rows of ``calls`` that are among the ten of highest value who fall (top) or among the first ten of a
    list; where there are more than 30 lists, only the former.
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
                count(*) filter (listed and not held_out and falls) as would_fall,
                count(*) filter (falls) as falling,
                count(*) filter (eligible and not falls and not held_out) as to_follow,
                coalesce(sum(value) filter (eligible and not falls and not held_out), 0)
                    ::DECIMAL(38, 4) as follow_value,
                count(*) filter (eligible and not falls and not listed) as follow_cut,
                coalesce(sum(value) filter (falls), 0)::DECIMAL(38, 4) as value,
                count(*) filter (held_out) as held_out, count(*) filter (not listed) as cut,
                count(*) filter (first) as first
            from calls group by grouping sets ((rep), ())
        )"""
    )
    engine.execute(
        f"""create or replace table call_first as
        with worth as (
            select customer_id from calls where falls and position is not null
            order by value desc, customer_id limit {TOP}
        )
        select *, customer_id in (from worth) as top from calls
        where top or (position <= {FIRST} and (select count(*) from call_reps) <= {MOST} + 1)"""
    )
    return tables.rows(engine, "call_reps")
