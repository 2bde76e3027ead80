"""How far back a first study looks: so far that who has been silent for longer seldom comes back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from segcore import wording
from segcore.engine import Engine

MONTHS = (12, 24, 36)
MONTH = 365.25 / 12  # days
SELDOM = 0.2
FEW = 20  # so few say nothing about others
# A window and half of it: who was silent that long must have had time to come back, and a count over a
# window that is longer than the data grows from run to run.
COVER = 1.5
SILENT = """
with days as (select distinct customer_id, order_date as day from transactions),
steps as (select customer_id, day, lead(day) over (partition by customer_id order by day) as next from days)
select count(distinct customer_id),
  count(distinct customer_id) filter (next <= day + interval '{later} months')
from steps
where day + interval '{later} months' <= $date and (next is null or next > day + interval '{months} months')
"""


@dataclass(frozen=True)
class Window:
    """What a first study counts: the orders of so many months, or of all time.

    Parameters
    ----------
    months
        12, 24 or 36; 0 if all orders count.
    note
        Why.
    """

    months: int = 0
    note: str = ""

    @property
    def length(self) -> str:
        """As a study says it: ``12 months``."""
        return f"{self.months} months"


def window_of(engine: Engine, date: dt.date) -> Window:
    """The shortest usual window after which customers seldom come back, if the data are long enough.

    The engine holds ``transactions`` up to the date of the breaks.
    """
    ((first,),) = engine.rows("select min(order_date) from transactions")
    span = (date - first).days / MONTH
    came_back = ""
    for months in MONTHS:
        later = round(months * COVER)
        if span < later:
            short = f"the orders span {span:.0f} months, and a window of {months} months needs {later}"
            return Window(note=f"{came_back}{short}")
        query = SILENT.format(months=months, later=later)
        ((silent, back),) = engine.rows(query, {"date": date})
        if silent < FEW:
            return Window(months, f"fewer than {FEW} customers had ever ordered nothing for {months} months")
        said = (
            f"of {wording.count(silent)} customers who had ordered nothing for {months} months, "
            f"{wording.percent(back / silent)} ordered in the {later - months} after"
        )
        if back <= SELDOM * silent:
            return Window(months, said)
        came_back = f"{said}, and "
    return Window(months, f"{came_back}a longer window is not usual")
