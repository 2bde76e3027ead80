"""What a second method found, by variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FACTS = ("worse", "same", "tied", "better", "none")
"""How the candidate's edges stand beside those of the other method, in the order in which it is said."""


def found(compared: pd.DataFrame) -> list[tuple[str, str, list[str]]]:
    """Every fact with the method that found it, and the variables that it is true of.

    Parameters
    ----------
    compared
        variable, method, worse_by and same_edges of :func:`segcore.crosscheck.against_jenkspy`.
    """
    facts = [_fact(*row) for row in zip(compared["worse_by"], compared["same_edges"], strict=True)]
    parts = compared.assign(fact=facts)
    return [
        (fact, str(method), rows["variable"].tolist())
        for fact in FACTS
        for method, rows in parts[parts["fact"] == fact].groupby("method")
    ]


def _fact(worse_by: float | None, same_edges: bool | None) -> str:
    if worse_by is None or worse_by != worse_by:
        return "none"
    if worse_by == 0:
        return "same" if same_edges else "tied"
    return "worse" if worse_by > 0 else "better"
