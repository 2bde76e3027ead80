"""Small tables as people read them: values in the variable's own size, shares and money in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segcore import variables
from segcore.language import say
from segcore.profile.spread import is_whole
from segcore.rules import shown
from segcore.wording import EN_DASH, MINUS, count, money, percent, short, spelling

if TYPE_CHECKING:
    import pandas as pd

    from segcore.model import Model, ModelVariable


def shown_segments(segments: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The table ``segments`` with shares and order value as people read them."""
    fragile = segments["fragile"]
    return segments[["segment", "customers"]].assign(
        share=[percent(share) for share in segments["share"]],
        value=[money(value, currency) for value in segments["value"]],
        value_share=[_percent(share) for share in segments["value_share"]],
        fragile=[
            EN_DASH if unknown else count(n) for n, unknown in zip(fragile, fragile.isna(), strict=True)
        ],
    )


def _percent(share: float) -> str:
    return EN_DASH if math.isnan(share) else percent(share)


def shown_classes(classes: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The table ``classes`` with the values of each class in words."""
    frame = classes[["variable", "class", "customers"]].assign(
        share=[percent(share) for share in classes["share"]]
    )
    pairs = zip(classes["variable"], classes["class"], strict=True)
    frame.insert(2, "values", [_values(model.by_name[name], int(place)) for name, place in pairs])
    frame.insert(3, "unit", [variables.unit_alone(model.by_name[name]) for name in classes["variable"]])
    return frame


def _values(variable: ModelVariable, place: int) -> str:
    lower, upper = variable.bounds(place)
    above = "" if lower is None else say("above {value}", value=shown(lower, variable))
    upto = "" if upper is None else say("up to {value}", value=shown(upper, variable))
    return f"{above} {upto}".strip()


def shown_profile(profile: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The table ``profile`` with a row for each segment and a column for each variable.

    Returns
    -------
    DataFrame
        segment, then each variable (with its unit): ``quarter–three_quarters (median)``.
    """
    import pandas as pd

    rows: dict[str, dict[str, str]] = {segment: {"segment": segment} for segment in model.segments}
    for row in profile.to_dict("records"):
        variable = model.by_name[row["variable"]]
        half = middle(row["quarter"], row["three_quarters"], variable)
        median = "" if math.isnan(row["median"]) else f" ({value(row['median'], variable)})"
        unit = variables.unit_alone(variable)
        heading = f"{variable.name}, {unit}" if unit else variable.name
        rows[row["segment"]][heading] = half + median
    return pd.DataFrame(list(rows.values()))


def middle(quarter: float, three_quarters: float, variable: ModelVariable) -> str:
    """The range between two quartiles: ``6–21``, ``4.1–8.8``, one number if equal; ``–`` for nobody."""
    if math.isnan(quarter) or math.isnan(three_quarters):
        return EN_DASH
    low, high = value(quarter, variable), value(three_quarters, variable)
    between = f" {spelling().to} {high}" if MINUS in low + high else f"{EN_DASH}{high}"
    return low if low == high else low + between


def value(number: Any, variable: ModelVariable) -> str:
    """A value as short as it can be, see :func:`segcore.wording.short`."""
    return short(number, per=variable.shown_per, whole=is_whole(variable))
