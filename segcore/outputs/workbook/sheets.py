"""The sheets of a run: which columns they have, and the SQL that fills them from the run's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from segcore.engine.sql import literal, quote_name
from segcore.outputs.workbook.writing import Column, Sheet
from segcore.sentences import workbook as say
from segcore.transitions.books import PARTS

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

Columns: TypeAlias = dict[str | Column, str]
"""Column, or the name of a known one → the expression that gives its values."""

BATCH = 5_000
"""Rows that are asked for at once."""

SHAPES: Mapping[str, tuple[str, int]] = {
    "representative": ("text", 22),
    "place": ("whole", 8),
    "customer": ("text", 14),
    "name": ("text", 34),
    "move": ("text", 12),
    "mark": ("text", 20),
    "value": ("money", 15),
    "worth": ("money", 18),
    "last_order": ("date", 12),
    "drop_date": ("date", 12),
    "since": ("date", 12),
    "reason": ("text", 38),
    "rule": ("text", 60),
    "path": ("text", 50),
    "action": ("text", 34),
    "fragile": ("yes", 10),
    "at_least": ("yes", 10),
    **dict.fromkeys(("share", "worth_share"), ("share", 10)),
    **dict.fromkeys(("days", "lift_orders", "lift_products", "customers", "near"), ("whole", 11)),
}
"""Column → its kind and width, where it is not a text of the width of a segment's name."""

TEXT = ("text", 18)
FROZEN = ("of_segment", "customer", "name")
"""The columns that stay where they are, where a sheet begins with them."""


@dataclass(frozen=True)
class Asked:
    """Whose workbook it is.

    Parameters
    ----------
    engine
        Holds what the transitions notebook made.
    study
        The study.
    window
        The time within which order value counts; None for all orders.
    """

    engine: Engine
    study: Study
    window: str | None

    def sheet(self, title: str, columns: Columns, source: str, order: str) -> Sheet:
        """A sheet of a query.

        Parameters
        ----------
        title
            One that :func:`segcore.sentences.workbook.what` knows.
        columns
            Its columns; expressions are over ``source``.
        source, order
            What follows ``from``, and ``order by``: a unique key.
        """
        shown = [
            known_column(column, self.study.currency, self.window) if isinstance(column, str) else column
            for column in columns
        ]
        made = ", ".join(f"{sql} as _{place}" for place, sql in enumerate(columns.values()))
        query = f"select row_number() over (order by {order}) as _row, {made} from {source}"
        rows = Found(self.engine, f"sheet {title}", query)
        frozen = next(place for place, column in enumerate(columns) if column not in FROZEN)
        return Sheet(title, say.what(title), shown, rows, frozen)


def known_column(name: str, currency: str, window: str | None) -> Column:
    """A column that has the same name, meaning and look in every workbook.

    Parameters
    ----------
    name
        One of :data:`segcore.sentences.workbook.COLUMN`.
    currency, window
        Of order value, and the time within which it counts; None for all orders.
    """
    kind, width = SHAPES.get(name, ("whole", 12) if name in PARTS else TEXT)
    head, meaning = say.COLUMN[name]
    return Column(head, say.within(meaning, window, currency) if kind == "money" else meaning, kind, width)


class Found:
    """The rows of a query: how many there are, and some thousand at a time, never all in memory.

    Parameters
    ----------
    engine
        Where it runs.
    name
        Of the table that holds them until they were read.
    query
        The rows, with ``_row``, their number from 1.
    """

    def __init__(self, engine: Engine, name: str, query: str) -> None:
        self._engine, self._table = engine, quote_name(name)
        engine.execute(f"create or replace table {self._table} as {query}")
        self._count = int(engine.rows(f"select count(*) from {self._table}")[0][0])
        if not self._count:
            self._drop()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for start in range(0, self._count, BATCH):
            found = self._engine.rows(
                f"""select * exclude (_row) from {self._table}
                where _row > {start} and _row <= {start + BATCH} order by _row"""
            )
            if start + BATCH >= self._count:  # whoever has read the last row does not ask again
                self._drop()
            yield from found

    def _drop(self) -> None:
        self._engine.execute(f"drop table {self._table}")


def in_words(column: str, words: Mapping[str, str]) -> str:
    """An expression: what a column says, in words; NULL of what has none."""
    whens = " ".join(f"when {literal(name)} then {literal(text)}" for name, text in words.items())
    return f"case {column} {whens} end"
