"""What recency, frequency, years, products and monetary are.

A variable is one SQL aggregate over the transactions of one customer up to the run date. This is
the only place that says which way is better, in which unit it counts and how it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from segcore.language import say
from segcore.wording import alone

Better = Literal["high", "low"]


@dataclass(frozen=True)
class Variable:
    """One number per customer from which classes are made.

    Parameters
    ----------
    name
        Canonical name; also the column in ``customers`` and in the rule table.
    label
        How reports name it.
    unit
        What the value counts, in the plural ("days", "orders").
    better
        ``"high"`` if the highest values are the best class, ``"low"`` if the lowest are.
    sql
        One aggregate in DuckDB's dialect over the customer's transactions. ``$run_date`` stands
        for the run date.
    windowed
        Whether a study's ``window`` narrows the orders that count. Recency and years look at the
        customer's first or last order ever and ignore it.
    shown_per
        Values are divided by this when they are shown (years are kept in days).
    by_order
        The same number in steps, which is faster over many lines: an aggregate over the lines of
        one order, one over the orders of a customer, and what is made of that; ``{x}`` stands for
        the step before.
    distinct
        The column whose distinct values are counted, if that is all the variable does.
    """

    name: str
    label: str
    unit: str
    better: Better
    sql: str
    windowed: bool = True
    shown_per: float = 1.0
    by_order: tuple[str, str, str] | None = None
    distinct: str | None = None


RECENCY = Variable(
    name="recency",
    label="Last order",
    unit="days ago",
    better="low",
    sql="date_diff('day', max(order_date), $run_date)",
    windowed=False,
    by_order=("max(order_date)", "max({x})", "date_diff('day', {x}, $run_date)"),
)
FREQUENCY = Variable(
    name="frequency",
    label="Orders",
    unit="orders",
    better="high",
    sql="count(distinct order_id)",
    # An order counts if it has a day; the engine takes that of recency and computes it once.
    by_order=("max(order_date)", "count({x})", "{x}"),
)
YEARS = Variable(
    name="years",
    label="With us",
    unit="years",
    better="high",
    sql="date_diff('day', least(min(order_date), min(since)), $run_date)",
    windowed=False,
    shown_per=365.25,
    by_order=("min(order_date)", "min({x})", "date_diff('day', least({x}, since), $run_date)"),
)
PRODUCTS = Variable(
    name="products",
    label="Markets",
    unit="markets",
    better="high",
    sql="count(distinct market)",
    distinct="market",
)
MONETARY = Variable(
    name="monetary",
    label="Order value",
    unit="currency",
    better="high",
    sql="sum(amount)",
    by_order=("sum(amount)", "sum({x})", "{x}"),
)

VARIABLES: dict[str, Variable] = {v.name: v for v in (RECENCY, FREQUENCY, YEARS, PRODUCTS, MONETARY)}


class Named(Protocol):
    """What is shown of a variable, also of one of a model."""

    @property
    def name(self) -> str:
        """Canonical name."""

    @property
    def label(self) -> str:
        """How reports name it."""

    @property
    def unit(self) -> str:
        """What the value counts."""


def label(variable: Named) -> str:
    """How a variable is named in the language that is spoken; a study's own label stays."""
    known = VARIABLES.get(variable.name)
    return say(variable.label) if known and known.label == variable.label else variable.label


def unit(variable: Named) -> str:
    """What a variable counts, in the language that is spoken; a study's own unit and a currency stay."""
    known = VARIABLES.get(variable.name)
    return say(variable.unit) if known and known.unit == variable.unit else variable.unit


def unit_alone(variable: Named) -> str:
    """The same where it stands by itself, as a label or the head of a column."""
    return alone(unit(variable))


_DAYS = re.compile(r"date_diff\s*\(\s*'day'\s*,(.+),\s*\$run_date\s*\)", re.IGNORECASE | re.DOTALL)
_ORDERS = re.compile(r"count\s*\(\s*distinct\s+order_id\s*\)(\s*filter\s*\(.+\))?", re.IGNORECASE | re.DOTALL)


def counts_days(sql: str) -> bool:
    """Whether a variable is the days from something up to the run date, so that it grows by one a day.

    Examples
    --------
    >>> counts_days(RECENCY.sql), counts_days(YEARS.sql), counts_days(FREQUENCY.sql)
    (True, True, False)
    """
    found = _DAYS.fullmatch(sql.strip())
    return found is not None and "$run_date" not in found[1] and _whole(found[1])


def counts_orders(sql: str) -> bool:
    """Whether a variable counts orders, all of them or some.

    Examples
    --------
    >>> counts_orders(FREQUENCY.sql), counts_orders("count(distinct order_id) filter (where amount > 9)")
    (True, True)
    """
    found = _ORDERS.fullmatch(sql.strip())
    return found is not None and _whole(found[0])


def same_sql(sql: str, variable: Variable) -> bool:
    """Whether SQL is that of a known variable, but for blanks and case."""
    return "".join(sql.split()).casefold() == "".join(variable.sql.split()).casefold()


def _whole(text: str) -> bool:
    """Whether every parenthesis in a text is closed in it, and none before it was opened."""
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0
