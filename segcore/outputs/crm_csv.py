"""``crm.csv``: the customers whose segment changed, for a CRM that keeps the segment of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import literal
from segcore.outputs.lines import guarded, latest, named, reason, write_lines

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write one line for every customer who is in another segment than at the last run.

    Parameters
    ----------
    engine
        Holds ``customers``, ``facts`` and what :func:`segcore.transitions.moves` leaves; ``history`` and
        ``reps`` if the run has them.
    study
        Its name stands in the column of the run.
    path
        The file, see :func:`segcore.outputs.lines.write_lines`; by customer_id.

    Notes
    -----
    Columns: customer_id, name, representative, previous and new (segments; empty for who came or is
    gone), since (the first run in which it is so), reason (in words) and run. A first run has no lines.
    """
    known, moved = engine.columns("customers"), engine.columns("moves")
    name, rep = (latest(attribute, known) for attribute in ("name", "rep"))
    mark = "coalesce(moves.mark, moves.state)" if "mark" in moved else "moves.state"
    representative, reps = named(engine, "told.rep")
    columns = {
        **{column: guarded(f"told.{column}") for column in ("customer_id", "name")},
        "representative": guarded(representative),
        "previous": guarded("told.from_segment"),
        "new": guarded("told.to_segment"),
        "since": "told.since",
        "reason": reason("told.mark"),
        "run": guarded(f"{literal(study.name)} || '/' || told.since"),
    }
    told = f"""
        select moves.customer_id, {name} as name, nullif(trim({rep}), '') as rep,
            from_segment, to_segment, {mark} as mark, run_date as since
        from moves left join customers using (customer_id) left join previous using (customer_id), facts
        where from_segment is distinct from to_segment"""
    write_lines(
        engine, path, columns, f"({told}) as told {reps} order by customer_id", spreadsheet=study.spreadsheet
    )
