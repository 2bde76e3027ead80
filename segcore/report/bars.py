"""A variable's customers in at most 60 bars, counted where they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from segcore.charts import Bars
from segcore.charts.histogram import nice_step
from segcore.engine.sql import quote_name
from segcore.report.cells import unit_of
from segcore.rules import shown

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable

MOST = 60
AIM = 46
"""How many bars a chart of 300 px is to have, about."""


def bars(engine: Engine, used: Model, candidate: Model, table: str = "customers") -> tuple[Bars, ...]:
    """Every variable of a model, counted by value and segment.

    Parameters
    ----------
    engine
        Holds ``table``: the variables and the segment of each customer.
    used, candidate
        The model of the segments, and the one that this run's customers would give.

    Returns
    -------
    tuple of Bars
        In the study's order. A few customers far out may be beyond the last bar; they are counted.
    """
    return tuple(_bars(engine, v, (used, candidate), table) for v in used.variables)


def _bars(engine: Engine, variable: ModelVariable, models: tuple[Model, Model], table: str) -> Bars:
    used, candidate = (model.by_name[variable.name] for model in models)
    name, source = quote_name(variable.name), quote_name(table)
    query = f"select min({name}), quantile_disc({name}, 0.99), max({name}) from {source}"
    low, usual, high = (float(value) for value in engine.rows(query)[0])
    last = max(usual, *map(float, used.edges))
    log = variable.scale == "log" and low >= 0
    # Far out there may be a few; they are drawn if that costs little detail among the others.
    room = max(1.5 * (last - low), 12 if is_whole(variable) else 0)
    end = high if log or high - low <= room else last
    ends = starts(low, end, whole=is_whole(variable), log=log, per=variable.shown_per)
    whens = " ".join(f"when {name} <= {bound!r} then {i}" for i, bound in enumerate(ends[1:]))
    frame = engine.frame(
        f"select case {whens} end as bar, segment, count(*) as customers from {source} "
        "group by bar, segment order by bar, segment"
    )
    inside = frame.dropna(subset=["bar"]).astype({"bar": "int64"})
    same = used.edges == candidate.edges
    return Bars(
        label=variable.label,
        unit=unit_of(variable),
        frame=inside,
        starts=[bound / variable.shown_per for bound in ends],
        segments=models[0].segments,
        edges=_edges(used),
        candidate=() if same else _edges(candidate),
        whole=is_whole(variable),
        log=log,
        better=variable.better,
        beyond=int(frame["customers"].sum() - inside["customers"].sum()),
    )


def is_whole(variable: ModelVariable) -> bool:
    """Whether the variable is shown in whole numbers."""
    return variable.kind == "integer" and variable.shown_per == 1


def _edges(variable: ModelVariable) -> list[tuple[float, str]]:
    """Where each edge is drawn and how it is written; whole numbers stand in the middle of their bar."""
    half = 0.5 if is_whole(variable) else 0.0
    return [(float(edge) / variable.shown_per + half, shown(edge, variable)) for edge in variable.edges]


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
    first = math.floor(low / step) * step - shift
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
