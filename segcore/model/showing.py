"""A model and its customers as small tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import variables
from segcore.model.definition import Model
from segcore.model.variable import Edges, ModelVariable
from segcore.rules import shown
from segcore.wording import EN_DASH, MINUS, spelling

if TYPE_CHECKING:
    import pandas as pd


def edges(used: Model, candidate: Model) -> pd.DataFrame:
    """The edges that a run uses beside those that its own customers would give.

    Parameters
    ----------
    used, candidate
        Two models of the same variables and numbers of classes.

    Returns
    -------
    DataFrame
        variable, unit, class_up_to and class_above (the classes of values up to the edge and above
        it), used, between (see :func:`between`), candidate (the edge as it is shown: years in years),
        same (whether they are, to the day). One row per edge, ascending in values.
    """
    import pandas as pd

    rows = []
    for variable in used.variables:
        other = candidate.by_name[variable.name]
        for place, (ours, theirs) in enumerate(zip(variable.edges, other.edges, strict=True), start=1):
            high = variable.better == "high"
            below, above = (
                (place, place + 1) if high else (variable.classes + 1 - place, variable.classes - place)
            )
            edge = [shown(value, variable) for value in (ours, theirs)]
            edge.insert(1, between(variable, place))
            rows.append((variable.name, variables.unit_alone(variable), below, above, *edge, ours == theirs))
    columns = ["variable", "unit", "class_up_to", "class_above", "used", "between", "candidate", "same"]
    return pd.DataFrame(rows, columns=columns)


def between(variable: ModelVariable, place: int) -> str:
    """The interval of an edge (from 1) as people read it: ``32–44``, ``–`` if it is not known."""
    if not variable.known:
        return EN_DASH
    low, high = (shown(ends[place - 1], variable) for ends in (variable.low, variable.high))
    if low == high:
        return low
    return f"{low} {spelling().to} {high}" if MINUS in low + high else f"{low}{EN_DASH}{high}"


def other_edges(candidate: Model, variable: ModelVariable) -> Edges:
    """The candidate's edges of a variable in use; none if they are the same."""
    other = candidate.by_name[variable.name].edges
    return () if other == variable.edges else other
