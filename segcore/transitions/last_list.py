"""What became of those of whom the last run said that they would fall unless they ordered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import tables

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine

LAST_LIST = {
    "run_date": "DATE",
    **dict.fromkeys(
        ("named", "fell", "ordered", "gone", "others", "unnamed", "unnamed_ordered"),
        "BIGINT",
    ),
}


def last_list(engine: FileEngine, earlier: Sequence[Path]) -> pd.DataFrame:
    """Make ``last_list``: one row, or none where there is no run before or it said nothing of the kind.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves, and ``renumbered`` if the run has it.
    earlier
        Folders of the earlier runs, ascending; the last is the previous one.

    Notes
    -----
    Columns out: run_date (of the previous run), named (of whom it said that they would fall up to the next
    run unless they ordered, on a list or not), and what became of each of them: fell (is in a worse
    segment), gone (in none), ordered (neither, and ordered since), others; unnamed (who fell and was not
    named), unnamed_ordered (of these, who ordered since).
    """
    path = earlier[-1] / "data" / "calls.parquet" if earlier else None
    if path is None or not path.exists():
        return tables.put(engine, "last_list", LAST_LIST, [])
    engine.read_parquet(path, "_calls_of_last")
    if "falls" not in engine.columns("_calls_of_last"):
        return tables.put(engine, "last_list", LAST_LIST, [])
    now, joined = "customer_id", ""
    if engine.has("renumbered"):
        now, joined = "coalesce(becomes, customer_id)", "left join renumbered using (customer_id)"
    engine.execute(
        f"""create or replace table last_list as
        with told as (select distinct {now} as customer_id from _calls_of_last {joined} where falls),
        became as (
            select told.customer_id is not null as named, state, coalesce(ordered, false) as ordered
            from told full join (select customer_id, state, ordered from moved) using (customer_id)
        )
        select DATE '{path.parent.parent.name}' as run_date, count(*) filter (named) as named,
            count(*) filter (named and state = 'down') as fell,
            count(*) filter (named and state not in ('down', 'gone') and ordered) as ordered,
            count(*) filter (named and state = 'gone') as gone,
            count(*) filter (named and state not in ('down', 'gone') and not ordered) as others,
            count(*) filter (not named and state = 'down') as unnamed,
            count(*) filter (not named and state = 'down' and ordered) as unnamed_ordered
        from became"""
    )
    return tables.rows(engine, "last_list")
