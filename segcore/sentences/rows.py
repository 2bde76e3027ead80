"""How tables reach a sentence: as frames in notebooks, as plain rows elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = Mapping[str, Any]
Table: TypeAlias = "pd.DataFrame | Sequence[Row]"


def rows(table: Table) -> Sequence[Row]:
    """The rows of a table by column, with None for what is not known."""
    if isinstance(table, Sequence):
        return table
    found: list[Any] = table.astype(object).where(table.notna(), None).to_dict("records")
    return found


def date(day: dt.date) -> dt.date:
    """A day of a table; in a frame it has a time."""
    return day.date() if isinstance(day, dt.datetime) else day
