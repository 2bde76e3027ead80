"""The trend of one figure, small enough to stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import language, wording
from segcore.charts.colours import INK, INK_3, RULE
from segcore.charts.theme import PLAIN, Chart, altair, unchecked

if TYPE_CHECKING:
    import pandas as pd


@unchecked
def trend(frame: pd.DataFrame, *, says: str = "") -> Chart:
    """A line on its own scale with a dot at its end, 112 × 32 px.

    Parameters
    ----------
    frame
        run_date, ascending, and value, missing where a run has none; at least one is there. Where
        values go below zero, a line shows where zero is.
    says
        What it shows in words; otherwise that it is a trend, and the first and the last value.
    """
    alt = altair()
    known = frame.dropna(subset=["value"])
    rows = known[["value"]].astype("float64").assign(day=[f"{day:%Y-%m-%d}" for day in known["run_date"]])
    ends = {name: wording.plain(rows["value"].iloc[i]) for name, i in (("first", 0), ("last", -1))}
    base = alt.Chart(rows).encode(
        alt.X("day:T", axis=None, scale=alt.Scale(type="utc")),
        alt.Y("value:Q", axis=None, scale=alt.Scale(zero=False, nice=False)),
    )
    layers = [
        base.mark_line(color=INK_3, strokeWidth=1.5, aria=False),
        base.properties(data=rows.tail(1)).mark_circle(color=INK, size=36, opacity=1, aria=False),
    ]
    if rows["value"].min() < 0:
        zero = alt.Chart(rows.tail(1)).encode(alt.YDatum(0, axis=None))
        sign = zero.mark_text(**PLAIN, text="0", color=INK_3, dy=-5).encode(alt.XValue(0))
        layers = [zero.mark_rule(color=RULE, aria=False), sign, *layers]
    over = language.say("Trend over {runs} runs", runs=wording.count(len(rows)))
    told = says or f"{over}. {language.say('From {first} to {last}', **ends)}"
    return alt.layer(*layers, width=104, height=24, autosize="none", description=told)
