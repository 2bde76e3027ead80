"""``moves.csv``: the moves of every customer, for people who work in spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study
    from segcore.variables import Variable

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
BYTE_ORDER_MARK = "\ufeff"


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the file of a study's run, see :func:`write_moves`."""
    write_moves(engine, path, study.resolved_variables())


def write_moves(engine: Engine, path: Path, variables: Mapping[str, Variable]) -> None:
    """Write one line for every customer of this or the previous run, ordered by customer_id.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.
    path
        The file: UTF-8 with a byte order mark, by which Excel knows the encoding; commas.
    variables
        The study's variables by name; values are divided by ``shown_per``.

    Notes
    -----
    Columns: customer_id, name, rep, from_segment, to_segment, state, then the variables as they
    are now, empty for somebody who is gone. Name and representative of somebody who is gone are
    those of the last run. A text that a spreadsheet would take for a formula (it starts with one
    of ``= + - @``, also in full width, or with a tab or line break) gets an apostrophe in front.
    """
    known = engine.columns("customers")
    texts = {
        # The mark is written as part of the first heading, for COPY has no option for it.
        f"{BYTE_ORDER_MARK}customer_id": "moves.customer_id",
        "name": _latest("name", known),
        "rep": _latest("rep", known),
        **{name: f"moves.{name}" for name in ("from_segment", "to_segment", "state")},
    }
    columns = [f"{_guarded(sql)} as {quote_name(name)}" for name, sql in texts.items()]
    columns += [f"{_shown(variable, known)} as {quote_name(name)}" for name, variable in variables.items()]
    engine.execute(
        f"""copy (
            select {", ".join(columns)} from moves
            left join customers using (customer_id) left join previous using (customer_id)
            order by moves.customer_id
        ) to {quote_text(str(path))} (format csv, header)"""
    )


def _latest(attribute: str, known: Mapping[str, str]) -> str:
    """What this run says of a customer, or the last one of somebody who is gone."""
    now = f"customers.{attribute}" if attribute in known else "NULL"
    return f"case when moves.state = 'gone' then previous.{attribute} else {now} end"


def _guarded(sql: str) -> str:
    starts = ", ".join(quote_text(character) for character in FORMULA_STARTS)
    text = f"({sql})::VARCHAR"
    return f"case when left({text}, 1) in ({starts}) then '''' || {text} else {text} end"


def _shown(variable: Variable, known: Mapping[str, str]) -> str:
    column = f"customers.{quote_name(variable.name)}"
    if known[variable.name] == "VARCHAR":
        return _guarded(column)
    return column if variable.shown_per == 1 else f"round({column} / {variable.shown_per}, 1)"
