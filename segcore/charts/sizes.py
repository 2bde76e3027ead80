"""How many customers each segment has, and how many orders each month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segcore import language, wording
from segcore.charts.colours import INK, INK_2, Colour, looks
from segcore.charts.theme import PLAIN, Chart, altair, chips, segment, unchecked

if TYPE_CHECKING:
    import pandas as pd


@unchecked
def segment_sizes(segments: pd.DataFrame, palette: Mapping[str, Colour] | None = None) -> Chart:
    """A bar for each segment, with the number and the share of its customers.

    Parameters
    ----------
    segments
        segment, customers, share (0 to 1); best first.
    palette
        Their colours; without, the bars are grey.
    """
    alt = altair()
    shown = looks(palette or {}, segments["segment"])
    rows = segments[["segment", "customers"]].assign(
        told=[
            f"{wording.count(int(n))} ({wording.percent(float(share))})"
            for n, share in zip(segments["customers"], segments["share"], strict=True)
        ],
        number=[str(shown[name].number or "") for name in segments["segment"]],
    )
    rows["says"] = rows["segment"] + ": " + rows["told"]
    base = alt.Chart(rows).encode(
        alt.Y("segment:N", sort=None, title=None, axis=alt.Axis(offset=24, labelLimit=140, labelColor=INK)),
        alt.X("customers:Q", title=language.say("customers"), axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(strokeWidth=1).encode(
        segment(alt.Fill, shown, "fill"), segment(alt.Stroke, shown, "outline"), alt.Description("says:N")
    )
    numbers = base.mark_text(**PLAIN, dx=6).encode(alt.Text("told:N"))
    layers = [bars, numbers, *(chips(base, shown, alt.XValue(-14)) if palette else [])]
    says = f"{language.say('Customers of each segment')}. {'; '.join(rows['says'])}"
    return alt.layer(*layers, width=500, height=alt.Step(28), description=says)


@unchecked
def orders_by_month(frame: pd.DataFrame) -> Chart:
    """Orders of every month as bars; ``frame`` has month (its first day, ascending) and orders."""
    alt = altair()
    months = [wording.middle_month(month) for month in frame["month"]]
    orders = [int(number) for number in frame["orders"]]
    words = language.say("order"), language.say("orders")
    says = [f"{month}: {wording.plural(n, *words)}" for month, n in zip(months, orders, strict=True)]
    rows = frame[["orders"]].assign(month=[f"{month:%Y-%m-%d}" for month in frame["month"]], says=says)
    told = {"first": months[0], "last": months[-1], "most": says[orders.index(max(orders))]}
    said = language.say("{first} to {last}; most in {most}", **told)
    return (
        alt.Chart(rows, width=640, height=160)
        .mark_bar(color=INK_2)
        .encode(
            alt.X("month:T", timeUnit="utcyearmonth", title=None),
            alt.Y("orders:Q", title=language.say("orders")),
            alt.Description("says:N"),
        )
        .properties(description=f"{language.say('Orders of every month')}. {said}")
    )
