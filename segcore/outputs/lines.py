"""How files for spreadsheets are written, and what keeps a text in them from being a formula."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.transitions.names import reps_sql

if TYPE_CHECKING:
    from segcore.engine import Engine

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
BYTE_ORDER_MARK = "\ufeff"


def write_lines(engine: Engine, path: Path, columns: Mapping[str, str], source: str) -> None:
    """Write the rows of a query as CSV that Excel opens by itself.

    Parameters
    ----------
    engine
        Where SQL runs.
    path
        The file: UTF-8 with a byte order mark, by which Excel knows the encoding; commas.
    columns
        Heading → expression over ``source``; texts go through :func:`guarded`.
    source
        What follows ``from``, ordered by a unique key.
    """
    # The mark is written as part of the first heading, for COPY has no option for it.
    heads = (BYTE_ORDER_MARK * (place == 0) + name for place, name in enumerate(columns))
    made = (f"{sql} as {quote_name(head)}" for sql, head in zip(columns.values(), heads, strict=True))
    engine.execute(
        f"copy (select {', '.join(made)} from {source}) to {quote_text(str(path))} (format csv, header)"
    )


def guarded(sql: str) -> str:
    """A text that no spreadsheet takes for a formula.

    One that starts with ``= + - @``, also in full width, or with a tab or line break gets an
    apostrophe in front.
    """
    starts = ", ".join(quote_text(character) for character in FORMULA_STARTS)
    text = f"({sql})::VARCHAR"
    return f"case when left({text}, 1) in ({starts}) then '''' || {text} else {text} end"


def value_head(engine: Engine) -> str:
    """The heading of the order value, with the time within which orders count: ``order_value_12_months``.

    Parameters
    ----------
    engine
        Holds ``facts`` if the run has it.
    """
    found = engine.rows("select value_window from facts") if engine.has("facts") else []
    window = (found[0][0] if found else None) or "all orders"
    return f"order_value_{window.replace(' ', '_')}"


def named(engine: Engine, rep: str) -> tuple[str, str]:
    """The name of a representative, or else its number: an expression, and the join that it needs."""
    return f"coalesce(rep_name, {rep})", f"left join ({reps_sql(engine)}) named on named.rep = trim({rep})"
