"""How files for spreadsheets are written, and what keeps a text in them from being a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.sentences import causes as of_causes
from segcore.transitions.names import reps_sql

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

BYTE_ORDER_MARK = "\ufeff"

_SPLITS = r",;|\t\r\n"
_SIGNS = "=+@＝＋－＠-"
_FORMULA = rf'((?:^|[{_SPLITS}])[{_SPLITS} \xa0"]*)([{_SIGNS}])'
"""A sign with which a formula begins, at the start of a text or of what a reader may split from it.

A reader that splits at another sign than the file does not see its quotes either: of ``"x;=1"`` it makes
the cells ``"x`` and ``=1"``. It may drop quotes at the start of a cell, and so do we.
"""


@dataclass(frozen=True)
class Spreadsheet:
    """What a reader's spreadsheet takes for columns and numbers without being asked.

    Parameters
    ----------
    separator
        What stands between columns.
    decimal
        What stands before the decimals.
    """

    separator: str
    decimal: str


SPREADSHEETS = {"default": Spreadsheet(",", "."), "german": Spreadsheet(";", ",")}
"""``spreadsheet`` in a study → what it means."""
FRACTIONS = re.compile(r"DECIMAL\(\d+,\s*[1-9]\d*\)|DOUBLE|FLOAT")


def write_lines(
    engine: Engine, path: Path, columns: Mapping[str, str], source: str, *, spreadsheet: str = "default"
) -> None:
    """Write the rows of a query as CSV that a spreadsheet opens by itself.

    Parameters
    ----------
    engine
        Where SQL runs.
    path
        The file: UTF-8 with a byte order mark, by which Excel knows the encoding.
    columns
        Heading → expression over ``source``; texts go through :func:`guarded`.
    source
        What follows ``from``, ordered by a unique key.
    spreadsheet
        For whose separators, one of :data:`SPREADSHEETS`.
    """
    form = SPREADSHEETS[spreadsheet]
    made = dict(columns)
    if form.decimal != ".":
        plain = ", ".join(f"{sql} as {quote_name(head)}" for head, sql in columns.items())
        kinds = engine.rows(f"describe select {plain} from {source}")
        for head, kind in ((row[0], row[1]) for row in kinds if FRACTIONS.fullmatch(row[1])):
            made[head] = f"replace(({columns[head]})::{kind}::VARCHAR, '.', {quote_text(form.decimal)})"
    # The mark is written as part of the first heading, for COPY has no option for it.
    heads = (BYTE_ORDER_MARK * (place == 0) + name for place, name in enumerate(made))
    told = ", ".join(f"{sql} as {quote_name(head)}" for sql, head in zip(made.values(), heads, strict=True))
    engine.execute(
        f"copy (select {told} from {source}) to {quote_text(str(path))} "
        f"(format csv, header, delimiter {quote_text(form.separator)})"
    )


def guarded(sql: str) -> str:
    """A text that no spreadsheet takes for a formula, whatever it splits columns at.

    Where it starts with ``= + - @``, also in full width, or with a tab or line break, an apostrophe
    stands in front; and so it does before such a sign after a comma, semicolon, bar, tab or line break.
    """
    text = f"regexp_replace(({sql})::VARCHAR, {quote_text(_FORMULA)}, '\\1''\\2', 'g')"
    starts = ", ".join(quote_text(character) for character in "\t\r\n")
    return f"case when left(({sql})::VARCHAR, 1) in ({starts}) then '''' || {text} else {text} end"


def guarded_text(text: str) -> str:
    """The same of a text in Python."""
    safe = re.sub(_FORMULA, r"\1'\2", text)
    return f"'{safe}" if text.startswith(("\t", "\r", "\n")) else safe


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


def windowed(study: Study) -> bool:
    """Whether a variable has a window: orders may leave it, and somebody fall before the drop date."""
    return any(variable.window for variable in study.variables.values())


def drop_head(windowed: bool) -> str:
    """The heading of the drop date, which says so: ``drop_date_or_earlier``."""
    return "drop_date_or_earlier" if windowed else "drop_date"


def money(sql: str) -> str:
    """An amount as people read it, in hundredths, rounded half away from zero."""
    return f"round({sql}, 2)::DECIMAL(38, 2)"


def reason(mark: str) -> str:
    """Why somebody is in another segment, in words: of a mark, or of a state where there is none."""
    told = of_causes.REASONS.items()
    whens = " ".join(f"when {quote_text(key)} then {quote_text(text)}" for key, text in told)
    return f"case {mark} {whens} end"


def named(engine: Engine, rep: str) -> tuple[str, str]:
    """The name of a representative, or else its number: an expression, and the join that it needs."""
    return f"coalesce(rep_name, {rep})", f"left join ({reps_sql(engine)}) named on named.rep = trim({rep})"


def latest(attribute: str, known: Mapping[str, str]) -> str:
    """What this run says of a customer, or the last one of somebody who is gone; an expression.

    Parameters
    ----------
    attribute
        name or rep.
    known
        The columns of ``customers``.
    """
    now = f"customers.{attribute}" if attribute in known else "NULL"
    return f"case when moves.state = 'gone' then previous.{attribute} else {now} end"
