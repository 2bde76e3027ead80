"""How the variables are spread, how they are cut, and what other cuts would do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segcore.wording import count, join, long_date, percent, plural

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3
"""How many moves or classes are named one by one."""


def described(frame: pd.DataFrame) -> list[str]:
    """Where the customers of each variable lie.

    Parameters
    ----------
    frame
        variable, unit, and as text lowest, quarter, median, three_quarters and highest, as
        :func:`segcore.features.describe` gives them.
    """
    return [_described(row) for row in frame.to_dict("records")]


def _described(row: Mapping[Any, Any]) -> str:
    unit = f" {row['unit']}" if row["unit"] else ""
    if row["lowest"] == row["highest"]:
        return f"{row['variable']}: all customers have {row['lowest']}{unit}."
    return (
        f"{row['variable']}: from {row['lowest']} to {row['highest']}{unit}, the median is {row['median']}. "
        f"At most a quarter of the customers lies below {row['quarter']}, at most a quarter above "
        f"{row['three_quarters']}."
    )


def alternatives(frame: pd.DataFrame) -> list[str]:
    """What other numbers of classes would do to the fit, a sentence for each variable that has others.

    Parameters
    ----------
    frame
        variable, classes, in_study, gvf, as :func:`segcore.model.alternatives` gives them.
    """
    told = []
    for name, rows in frame.groupby("variable", sort=False):
        own = rows[rows["in_study"]].iloc[0]
        others = [
            f"{int(row['classes'])} would leave {_within(float(row['gvf']))}"
            for row in rows[~rows["in_study"]].to_dict("records")
        ]
        share = _within(float(own["gvf"]))
        held = f"{name}: {int(own['classes'])} classes leave {share} of its spread unexplained"
        told.append(f"{held}; {join(others)}." if others else f"{held}.")
    return told


def _within(gvf: float) -> str:
    return percent(max(0.0, 1 - gvf), places=1)


def made(fitted: dt.date, run_date: dt.date, moving: int) -> str:
    """How the segments were made; moving: whom this run's own breaks would place elsewhere."""
    if fitted == run_date and not moving:
        return "The breaks were made from this run's own customers."
    own = {0: "nobody", 1: "1 customer"}.get(moving, f"{count(moving)} customers")
    later = ", which is after this run," if fitted > run_date else ""
    return (
        f"The breaks of {long_date(fitted)}{later} are in use; this run's own would place {own} in another "
        "segment."
    )


ANEW = "The edges are made anew in every run, so a customer may move because an edge did."


SOLID = (
    "**Solid lines** are the edges between classes in use; the numbers on top are the classes, the highest "
    "the best. Bars have the colours of the segments."
)
DOTTED = (
    "**Dotted lines** are the edges that this run's own customers would give. They are shown, not used: as "
    "long as the edges stay, only customers move."
)


def edges(frame: pd.DataFrame) -> str:
    """Which variables the candidate cuts elsewhere; frame: variable, same (one row per edge)."""
    same = frame.groupby("variable", sort=False)["same"].all()
    alike, others = list(same[same].index), list(same[~same].index)
    if not others:
        return "The candidate cuts every variable at the same values."
    if not alike:
        return "The candidate cuts every variable elsewhere."
    return f"The candidate cuts {join(others)} elsewhere, {join(alike)} at the same values."


def cuts(edges: pd.DataFrame, spread: Mapping[Any, pd.DataFrame]) -> list[str]:
    """Where each variable is cut, and who is not drawn.

    Parameters
    ----------
    edges
        variable, unit, used, candidate (as text), same, as :func:`segcore.model.edges` gives them.
    spread
        Variable → upper, customers: its rows of the run's table ``spread``.
    """
    return [_cut(rows, spread[name]) for name, rows in edges.groupby("variable", sort=False)]


def _cut(edges: pd.DataFrame, spread: pd.DataFrame) -> str:
    name, unit = edges["variable"].iloc[0], edges["unit"].iloc[0]
    used, other = list(edges["used"]), list(edges["candidate"])
    # Two edges may look the same in years although some days lie between them.
    elsewhere = f"cuts at {join(other)}" if used != other else "cuts a few days off"
    told = f"{name} is cut at {join(used)} {unit}".rstrip()
    told += f"; the candidate {'has the same' if edges['same'].all() else elsewhere}."
    beyond = int(spread.loc[spread["upper"].isna(), "customers"].sum())
    if not beyond:
        return told
    return (
        f"{told} {plural(beyond, 'customer')} {'is' if beyond == 1 else 'are'} further right than the bars."
    )


def differences(frame: pd.DataFrame) -> list[str]:
    """From where to where the candidate would move customers; nothing if it moves nobody.

    Parameters
    ----------
    frame
        from_segment, to_segment, customers: only those who would move.
    """
    if frame.empty:
        return []
    most = frame.sort_values("customers", ascending=False, kind="stable").head(NAMED)
    ways = [
        f"{count(int(row['customers']))} from {row['from_segment']} to {row['to_segment']}"
        for row in most.to_dict("records")
    ]
    if len(frame) == 1:
        return [f"The candidate would move {ways[0]}."]
    rest = int(frame["customers"].sum()) - int(most["customers"].sum())
    return [f"The candidate would move {join([*ways, *([f'{count(rest)} otherwise'] if rest else [])])}."]


def classes(frame: pd.DataFrame) -> str:
    """Which class is the largest, and which have nobody; frame: the run's table ``classes``."""
    row = frame.iloc[int(frame["customers"].argmax())].to_dict()
    share = percent(float(row["share"]))
    told = f"The largest class is {_class(row)}, with {share} of the customers."
    empty = [_class(found) for found in frame[frame["customers"] == 0].to_dict("records")]
    if not empty:
        return told
    return f"{told} Nobody is in {join(empty, 'or')}."


def thin(frame: pd.DataFrame) -> str:
    """Which classes are thin, and what the other scale would do.

    Parameters
    ----------
    frame
        variable, class, customers, other_scale, other_sizes, as :func:`segcore.model.thin` gives them.
    """
    if frame.empty:
        return "No class is thin."
    found = frame.to_dict("records")
    few = [f"{_class(row)} ({plural(int(row['customers']), 'customer')})" for row in found]
    what = "One class is thin" if len(few) == 1 else f"{count(len(few))} classes are thin"
    others = {row["variable"]: row for row in found if row["other_sizes"]}
    anew = [
        f"Cut anew on the {row['other_scale']} scale, {name} would have {row['other_sizes']} customers."
        for name, row in others.items()
    ]
    return " ".join([f"{what}: {join(few)}.", *anew])


def _class(row: Mapping[Any, Any]) -> str:
    return f"class {int(row['class'])} of {row['variable']}"
