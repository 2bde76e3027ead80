"""The edges in use, how sure they are, and whether they still fit the customers of today."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from segcore import tables
from segcore.features import histogram

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable

CALENDAR = ("years",)
"""Variables that grow by the calendar: their drift is shown, and says nothing about the edges."""
LOSS = 0.01
"""Of the spread, how much more today's own edges must explain for the loss to count."""


def edges(engine: Engine, used: Model, candidate: Model) -> pd.DataFrame:
    """The edges in use with their intervals, beside those that this run's customers would give.

    Parameters
    ----------
    engine
        Gets the table ``edges``.
    used, candidate
        Two models of the same variables and numbers of classes.

    Returns
    -------
    DataFrame
        position (of the variable, from 0), edge (from 1, ascending in values), variable, value, low,
        high (None where the interval is not known), candidate: as shown (years, not days).
    """
    columns = {
        "position": "SMALLINT", "edge": "SMALLINT", "variable": "VARCHAR", "value": "DOUBLE",
        "low": "DOUBLE", "high": "DOUBLE", "candidate": "DOUBLE",
    }  # fmt: skip
    rows = [
        (position, edge, variable.name, *(None if v is None else float(v) / variable.shown_per for v in four))
        for position, variable in enumerate(used.variables)
        for edge, four in enumerate(_four(variable, candidate.by_name[variable.name]), start=1)
    ]
    return tables.put(engine, "edges", columns, rows)


def _four(used: ModelVariable, own: ModelVariable) -> Iterator[tuple[int | float | Decimal | None, ...]]:
    unknown: tuple[None, ...] = (None,) * len(used.edges)
    return zip(used.edges, used.low or unknown, used.high or unknown, own.edges, strict=True)


def drift(engine: Engine, used: Model, candidate: Model) -> pd.DataFrame:
    """Whether the edges in use still fit the customers of today.

    Parameters
    ----------
    engine
        Holds ``customers`` and ``classes`` (see :func:`segcore.profile.classes`); gets the table
        ``drift``.
    used, candidate
        The model of the segments, and the one that this run's customers would give.

    Returns
    -------
    DataFrame
        position (from 0), variable; psi and psi_limit, see :class:`segcore.drift.Shift`, of the
        customers of each class then and now; gvf (goodness of variance fit of the edges in use for the
        customers whom they were fitted on), gvf_now (for those of today), gvf_own (of today's own
        edges for these); outside (how many of today's own edges lie outside the intervals of those in
        use), judged (not where the calendar alone shifts customers), says: ``fits`` if none of the three
        signs speaks for new edges, ``signs`` if some do, ``refit`` if all three do, ``calendar`` if it is
        not judged. The signs: psi above its limit and above 0.10; gvf_own above gvf_now by 0.01 or more;
        an edge outside. None where the model does not say what is needed.
    """
    counted: dict[str, list[int]] = {}
    for name, customers in engine.rows("select variable, customers from classes order by position, class"):
        counted.setdefault(name, []).append(customers)
    rows = [
        (position, variable.name, *_drift(engine, variable, candidate, counted[variable.name]))
        for position, variable in enumerate(used.variables)
    ]
    columns = {
        "position": "SMALLINT", "variable": "VARCHAR", "psi": "DOUBLE", "psi_limit": "DOUBLE",
        "gvf": "DOUBLE", "gvf_now": "DOUBLE", "gvf_own": "DOUBLE", "outside": "SMALLINT",
        "judged": "BOOLEAN", "says": "VARCHAR",
    }  # fmt: skip
    return tables.put(engine, "drift", columns, rows)


def _drift(
    engine: Engine, used: ModelVariable, candidate: Model, now: list[int]
) -> tuple[float | int | bool | str | None, ...]:
    from segcore.drift import shift

    own = candidate.by_name[used.name]
    gvf_now, gvf_own = _fits(engine, used, own)
    moved = shift(used.sizes, now) if used.sizes else None
    outside = _outside(used, own) if used.known else None
    lost = gvf_now is not None and gvf_own is not None and gvf_own - gvf_now >= LOSS
    signs = [moved is not None and moved.shifted, lost, bool(outside)]
    judged = used.name not in CALENDAR
    says = ("refit" if all(signs) else "signs" if any(signs) else "fits") if judged else "calendar"
    psi = (moved.psi, moved.limit) if moved else (None, None)
    return (*psi, used.gvf, gvf_now, gvf_own, outside, judged, says)


def _fits(engine: Engine, used: ModelVariable, own: ModelVariable) -> tuple[float | None, float | None]:
    """How well two cuts fit the customers of today, on the scale of the one in use."""
    from segcore.jenks import Cut

    values, counts = histogram(engine, used.name, "customers")
    if used.scale == "log" and float(values[0]) <= -1:  # the study has left that scale, and now it must
        return None, None
    now, best = (Cut.at(values, counts, v.edges, scale=used.scale).gvf for v in (used, own))
    return now, best


def _outside(used: ModelVariable, own: ModelVariable) -> int:
    spans = zip(used.low, own.edges, used.high, strict=True)
    return sum(not low <= edge <= high for low, edge, high in spans)
