"""Segments over runs: small charts on one scale that starts at zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segcore import language, wording
from segcore.charts.colours import INK, INK_2, WHITE, Colour, looks
from segcore.charts.theme import HALO, PLAIN, Chart, altair, chips, segment, unchecked

if TYPE_CHECKING:
    import pandas as pd

HEIGHT, GAP, AXIS = 84, 14, 72
"""The height of a small chart in px, the gap between two, and what the y axis takes with a margin."""


@unchecked
def history(
    sizes: pd.DataFrame,
    palette: Mapping[str, Colour],
    *,
    changed: Sequence[dt.date] = (),
    phone: bool = False,
) -> Chart:
    """One small chart for every segment: its customers in every run, and how many more or fewer now.

    Parameters
    ----------
    sizes
        run_date, segment, customers; every segment for every run, at least two runs.
    palette
        The colours of the study's segments, best first; retired segments come after them, in grey.
    changed
        Run dates at which segments were made with another model than in the run before; a dotted
        line stands before each.
    phone
        Whether it is for 358 px instead of 720: three beside each other.
    """
    alt = altair()
    shown = looks(palette, sorted(set(sizes["segment"]) - set(palette)))
    rows = _rows(sizes, shown, changed)
    many = len(shown)
    across = 3 if phone else many if many <= 6 else -(-many // 2)
    width = min(150, ((358 if phone else 720) - AXIS - GAP * (across - 1)) // across)
    first, last = rows["day"].min(), rows["day"].max()
    days = language.say("%-d %b") if first[:7] == last[:7] else language.say("%b %y")
    axis = alt.Axis(values=[first, last], format=days, ticks=False)
    base = alt.Chart().encode(
        alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=axis),
        alt.Y("customers:Q", title=language.say("customers"), axis=alt.Axis(tickCount=2)),
    )
    ends = rows[rows["last"]].set_index("segment").loc[list(shown)]
    told = "; ".join(
        f"{name} {now} ({change})" for name, now, change in ends[["written", "change"]].itertuples()
    )
    title = language.say("Customers of each segment, and the change since {day}", day=_long(first))
    # The head is drawn by layers, as a header cannot hold a chip; so it is left without text.
    head = alt.Header(title=None, labelExpr="''", labelFontSize=1, labelPadding=0)
    layers = [*_areas(base, shown), *_heads(base, shown, width + GAP, phone)]
    return alt.layer(*layers, data=rows, width=width, height=HEIGHT).facet(
        facet=alt.Facet("segment:N", sort=list(shown), header=head),
        columns=across,
        resolve=alt.Resolve(axis=alt.AxisResolveMap(x="independent")),
        bounds="flush",
        spacing={"column": GAP, "row": 90},
        description=f"{title}. {told}",
    )


def _long(day: str) -> str:
    return wording.long_date(dt.date.fromisoformat(day))


def _rows(sizes: pd.DataFrame, shown: Mapping[str, Colour], changed: Sequence[dt.date]) -> pd.DataFrame:
    """The rows that are drawn: with what each says, and where the line of a changed model stands."""
    import pandas as pd

    rows = sizes.assign(when=pd.to_datetime(sizes["run_date"])).sort_values("when")
    runs, customers = rows.groupby("segment"), rows["customers"].astype("int64")
    middle = rows["when"] - runs["when"].diff() / 2
    made = pd.DataFrame(
        {
            "segment": rows["segment"],
            "day": rows["when"].dt.strftime("%Y-%m-%d"),
            "customers": customers,
            "first": rows["when"] == rows["when"].min(),
            "last": rows["when"] == rows["when"].max(),
            "changed": rows["when"].isin(pd.to_datetime(list(changed))) & middle.notna(),
            "between": middle.fillna(rows["when"]).dt.strftime("%Y-%m-%d"),
            "halfway": customers - runs["customers"].diff().fillna(0) / 2,
            "written": customers.map(wording.compact),
            "change": (customers - runs["customers"].transform("first")).map(wording.signed),
            "number": [str(shown[name].number or "") for name in rows["segment"]],
        }
    )
    facts = zip(made["segment"], made["day"], made["customers"], strict=True)
    return made.assign(says=[f"{name}, {_long(day)}: {wording.count(n)}" for name, day, n in facts])


def _areas(base: Chart, shown: Mapping[str, Colour]) -> list[Chart]:
    """The area with its first and last value, and dotted lines, white and ink in turn, on any colour."""
    alt = altair()
    dots: Any = {"strokeDash": [2, 2], "aria": False}
    rule = base.transform_filter("datum.changed").encode(
        alt.X("between:T"), alt.Y("halfway:Q"), alt.Y2Datum(0)
    )
    value = base.encode(alt.Text("written:N"))
    return [
        base.mark_area(opacity=1, aria=False).encode(segment(alt.Fill, shown, "fill")),
        base.mark_line(strokeWidth=1.5, aria=False).encode(segment(alt.Stroke, shown, "outline")),
        rule.mark_rule(color=WHITE, **dots),
        rule.mark_rule(color=INK, strokeDashOffset=2, **dots),
        base.mark_square(fillOpacity=0, opacity=1, size=144).encode(alt.Description("says:N")),
        value.transform_filter("datum.first").mark_text(**HALO, align="left", dx=3, dy=-9),
        value.transform_filter("datum.last").mark_text(**HALO, align="right", dy=-9, fontWeight="bold"),
    ]


def _heads(base: Chart, shown: Mapping[str, Colour], pitch: int, phone: bool) -> list[Chart]:
    """Above each chart its chip, its name, and the change from the first run to the last."""
    alt = altair()
    one = base.transform_filter("datum.last")
    upper = alt.XValue(20), alt.YValue(-42)
    lower = alt.XValue(0 if phone else 20), alt.YValue(-25)
    name, change = (lower, upper) if phone else (upper, lower)
    return [
        *chips(one, shown, alt.XValue(8), alt.YValue(-42)),
        one.mark_text(**PLAIN, limit=pitch - (4 if phone else 24)).encode(alt.Text("segment:N"), *name),
        one.mark_text(**PLAIN, color=INK_2, fontWeight="bold").encode(alt.Text("change:N"), *change),
    ]
