"""``moves.csv``: the moves of every customer, for people who work in spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.outputs import lines
from segcore.outputs.lines import drop_head, guarded, latest, money, named, reason, value_head, write_lines

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study
    from segcore.variables import Variable


FRAGILE = "customers.fragile or coalesce(previous.fragile, false)"


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the file of a study's run, see :func:`write_moves`."""
    variables, windowed = study.resolved_variables(), lines.windowed(study)
    write_moves(engine, path, variables, spreadsheet=study.spreadsheet, windowed=windowed)


def write_moves(
    engine: Engine,
    path: Path,
    variables: Mapping[str, Variable],
    *,
    spreadsheet: str = "default",
    windowed: bool = False,
) -> None:
    """Write one line for every customer of this or the previous run, ordered by customer_id.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves; ``clock``, ``rules`` and
        ``reps`` if the run has them.
    path
        The file, see :func:`segcore.outputs.lines.write_lines`.
    variables
        The study's variables by name; values are divided by ``shown_per``.
    spreadsheet
        See :func:`segcore.outputs.lines.write_lines`.
    windowed
        Whether a variable has a window, see :func:`segcore.outputs.lines.drop_head`.

    Notes
    -----
    Columns: customer_id, name, rep, representative (the name of rep), from_segment, to_segment,
    state, mark, reason (in words, of who is in another segment), order_value (and of which time),
    last_order, drop_date (or drop_date_or_earlier), fragile (now or at the last run), rule (in words),
    then the variables as they are now. What is not known of somebody, or no more of somebody who is
    gone, is empty. Name and representative of somebody who is gone are those of the last run, and so is
    the order value.
    """
    known, moved = engine.columns("customers"), engine.columns("moves")
    ruled, timed = engine.has("rules") and "rule" in known, engine.has("clock")
    representative, reps = named(engine, "told.rep")
    texts = ("from_segment", "to_segment", "state", "mark")
    columns = {
        **{name: guarded(f"told.{name}") for name in ("customer_id", "name", "rep")},
        "representative": guarded(representative),
        **{name: guarded(f"told.{name}") for name in texts},
        "reason": f"case when from_segment is distinct from to_segment then {reason('why')} end",
        value_head(engine): money("moved.value"),
        "last_order": "spent.last_order",
        drop_head(windowed): "clock.drop_date" if timed else "NULL",
        "fragile": "told.fragile",
        "rule": guarded("rules.rule" if ruled else "NULL"),
        **{name: f"told.value_{place}" for place, name in enumerate(variables)},
    }
    values = (f", {_shown(v, known)} as value_{place}" for place, v in enumerate(variables.values()))
    # Attributes of customers may have any name, also those of the columns here: so none is taken unasked.
    told = f"""
        select moves.customer_id, from_segment, to_segment, state,
            {"mark" if "mark" in moved else "NULL"} as mark,
            {"coalesce(mark, state)" if "mark" in moved else "state"} as why,
            {latest("name", known)} as name, nullif(trim({latest("rep", known)}), '') as rep,
            {FRAGILE if "fragile" in known else "NULL"} as fragile,
            {"customers.rule" if ruled else "NULL"} as line {"".join(values)}
        from moves left join customers using (customer_id) left join previous using (customer_id)"""
    source = f"""({told}) as told join moved using (customer_id) left join spent using (customer_id) {reps}
        {"left join clock using (customer_id)" if timed else ""}
        {"left join rules on rules.line = told.line" if ruled else ""} order by told.customer_id"""
    write_lines(engine, path, columns, source, spreadsheet=spreadsheet)


def _shown(variable: Variable, known: Mapping[str, str]) -> str:
    column = f"customers.{quote_name(variable.name)}"
    if known[variable.name] == "VARCHAR":
        return guarded(column)
    return column if variable.shown_per == 1 else f"round({column} / {variable.shown_per}, 1)"
