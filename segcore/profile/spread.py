"""How a variable is spread over customers, in at most 60 bars, counted where the customers are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

from segcore import tables
from segcore.engine.sql import literal, quote_name, quote_text

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

MOST = 60
AIM = 46
"""How many bars a chart of 300 px is to have, about."""


class Spreading(Protocol):
    """What bars need to know of a variable; those of a model and :class:`Uncut` ones know it."""

    @property
    def name(self) -> str:
        """Its column."""

    @property
    def scale(self) -> Literal["linear", "log"]:
        """Whether bars grow with the value."""

    @property
    def shown_per(self) -> float:
        """Values are divided by this when they are shown."""

    @property
    def kind(self) -> str:
        """Of which type its values are: integer, float or decimal."""

    @property
    def edges(self) -> Sequence[int | float | Decimal]:
        """The inner edges, ascending; none before it is cut."""


@dataclass(frozen=True)
class Uncut:
    """A variable of a study before it is cut: as a model's variable, but without classes.

    Parameters
    ----------
    name, label, unit, better, shown_per, window, scale, kind
        As in :class:`segcore.model.ModelVariable`.
    edges
        None yet.
    """

    name: str
    label: str
    unit: str
    better: Literal["high", "low"]
    shown_per: float
    window: str | None
    scale: Literal["linear", "log"]
    kind: str
    edges: tuple[float, ...] = ()


def uncut(engine: Engine, study: Study) -> tuple[Uncut, ...]:
    """The variables of a study as ``features`` has them, for a look before breaks are chosen."""
    types = engine.columns("features")
    return tuple(
        Uncut(
            name=name,
            label=variable.label,
            unit=study.currency if variable.unit == "currency" else variable.unit,
            better=variable.better,
            shown_per=variable.shown_per,
            window=study.variables[name].window if variable.windowed else None,
            scale=study.variables[name].scale,
            kind=_kind(types[name]),
        )
        for name, variable in study.resolved_variables().items()
    )


def _kind(sql_type: str) -> str:
    if sql_type.startswith("DECIMAL"):
        return "decimal"
    return "float" if sql_type in ("FLOAT", "DOUBLE") else "integer"


def spread(engine: Engine, variables: Iterable[Spreading], table: str = "customers") -> pd.DataFrame:
    """Customers by value of each variable, and by segment where they have one.

    Parameters
    ----------
    engine
        Holds ``table``, one row per customer; gets the table ``spread``.
    variables
        Those of a study or of a model, in the study's order.
    table
        ``features`` before segments exist, ``customers`` then.

    Returns
    -------
    DataFrame
        variable, position (from 0), bar, lower, upper (as shown: years, not days; a bar holds the
        values (lower, upper]), segment (if ``table`` has it), customers. One row for each bar and
        segment that has anybody in it. A few far out may be beyond the last bar: their ``upper`` is
        NULL.
    """
    variables, source = tuple(variables), quote_name(table)
    ranges = ", ".join(
        f"min({name})::DOUBLE, quantile_disc({name}, 0.99)::DOUBLE, max({name})::DOUBLE"
        for name in (quote_name(variable.name) for variable in variables)
    )
    found = iter(engine.rows(f"select {ranges} from {source}")[0])
    by_segment = "segment, " if "segment" in engine.columns(table) else ""
    parts = []
    for position, variable in enumerate(variables):
        ends = _ends(variable, next(found), next(found), next(found))
        drawn = ", ".join(literal(end / variable.shown_per) for end in ends)
        parts.append(
            f"select {quote_text(variable.name)} as variable, {position}::SMALLINT as position, bar, "
            f"([{drawn}]::DOUBLE[])[bar + 1] as lower, ([{drawn}]::DOUBLE[])[bar + 2] as upper, "
            f"{by_segment}count(*) as customers "
            f"from (select {by_segment}({_search(ends, 0, len(ends) - 1)})::INTEGER as bar "
            f"from (select {by_segment}{quote_name(variable.name)}::DOUBLE as x from {source})) "
            f"group by {by_segment}bar"
        )
    engine.execute(f"create or replace table spread as {' union all '.join(parts)}")
    return tables.rows(engine, "spread")


def _ends(variable: Spreading, low: float, usual: float, high: float) -> list[float]:
    last = max(usual, *map(float, variable.edges)) if variable.edges else usual
    log, whole = variable.scale == "log" and low >= 0, is_whole(variable)
    # Far out there may be a few; they are drawn if that costs little detail among the others.
    room = max(1.5 * (last - low), 12 if whole else 0)
    end = high if log or high - low <= room else last
    return starts(low, end, whole=whole, log=log, per=variable.shown_per)


def _search(ends: Sequence[float], low: int, high: int) -> str:
    """A CASE that finds the bar of x by halves, some six comparisons instead of sixty."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    return (
        f"case when x <= {literal(ends[middle + 1])} then {_search(ends, low, middle)} "
        f"else {_search(ends, middle + 1, high)} end"
    )


def is_whole(variable: Spreading) -> bool:
    """Whether the variable is shown in whole numbers, which get bars of their own."""
    return variable.kind == "integer" and variable.shown_per == 1


def starts(low: float, high: float, *, whole: bool, log: bool, per: float = 1.0) -> list[float]:
    """Where bars start, and last where the last one ends, so that all of low..high is inside.

    Parameters
    ----------
    low, high
        The least and the greatest value to be drawn, ``low <= high``.
    whole
        Whether values are whole numbers; then bars start halfway between two of them.
    log
        Whether bars grow with the value, as the axis shows ln(1 + value).
    per
        What one unit of the axis is worth, see ``shown_per``; bars start at round numbers of it.

    Returns
    -------
    list of float
        Ascending, in values; bar i holds the values (starts[i], starts[i + 1]].

    Examples
    --------
    >>> starts(1, 4, whole=True, log=False)
    [0.5, 1.5, 2.5, 3.5, 4.5]
    """
    if log and high > low:
        return _growing(low, high, whole=whole)
    step = nice_step(max(high - low, 1e-9 * max(abs(high), 1)) / per / AIM) * per
    step = max(1.0, float(round(step))) if whole else step
    shift = 0.5 if whole else 0.0
    first = min(math.floor(low / step) * step - shift, low)  # the quotient may round up to a whole number
    count = max(1, math.ceil((high - first) / step - 1e-9))
    ends = [first + i * step for i in range(count + 1)]
    return [*ends[:-1], max(ends[-1], high)]


def _growing(low: float, high: float, *, whole: bool) -> list[float]:
    for growth in (0.06, 0.1, 0.15, 0.25, 0.4, 0.7):
        ends = [low - 0.5 if whole else low]
        while ends[-1] < high and len(ends) <= MOST:
            step = (ends[-1] + 1) * growth
            ends.append(ends[-1] + (max(1.0, round(step)) if whole else step))
        if ends[-1] >= high and len(ends) > 1:
            return ends
    return _few(low, high)


def _few(low: float, high: float) -> list[float]:
    """Bars over a range so wide that any growth worth a look would be too many."""
    first, last = math.log1p(low), math.log1p(high)
    step = (last - first) / AIM
    return [low, *(math.expm1(first + i * step) for i in range(1, AIM)), high]


def nice_step(rough: float) -> float:
    """The smallest 1, 2, 2.5 or 5 times a power of ten that is not below."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
