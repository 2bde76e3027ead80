"""What the charts of the dashboard draw: plain rows, with every text of a study as data and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from segcore.charts import Colour
from segcore.charts.colours import INK, RULE, WHITE, looks
from segcore.dashboard.changes import Change
from segcore.dashboard.reading import Seen
from segcore.report.data import Row
from segcore.sentences import causes
from segcore.sentences import dashboard as say
from segcore.wording import compact, middle_month

GREY = "#6B7686"

Rows: TypeAlias = list[dict[str, Any]]

LOOKS: dict[str, tuple[str, list[int]]] = {
    "ink": (INK, [1, 0]),
    "grey": (GREY, [1, 0]),
    "light": (RULE, [1, 0]),
    "white": (WHITE, [1, 0]),
    "dashed": (WHITE, [4, 2]),
    "dotted": (WHITE, [1, 2]),
}
"""Look → its area, and the dashes of the line around it; the keys of the page have the same."""
MOVES = {"up": "ink", "down": "grey", "new": "ink", "returned": "light", "gone": "grey"}
"""Kind of move → its look."""
CAUSES = {
    "earned": "ink",
    "aged": "grey",
    "corrected": "light",
    "boundary": "white",
    "rules": "dashed",
    "model": "dotted",
}
"""Mark → its look: white is what the model did."""

BELOW = ("down", "gone")
"""The moves that a chart draws below its line."""


def shown(seen: Seen) -> dict[str, Colour]:
    """Every segment of any run → its colours: those of today, best first, then retired ones in grey."""
    return looks(seen.palette, sorted({row["segment"] for row in seen.sizes} - set(seen.palette)))


def looks_of(colour: Colour) -> dict[str, str]:
    """A segment's number and colours, as rows hold them; a retired one has no number."""
    return {
        "number": str(colour.number or ""),
        "fill": colour.fill,
        "outline": colour.outline,
        "text": colour.text,
    }


def sizes(seen: Seen, changed: Sequence[Change]) -> Rows:
    """Every segment in every run: customers, share of all, and order value."""
    all_of = {row["run_date"]: row["customers"] for row in seen.flows}
    known = {(row["segment"], row["run_date"]): row for row in seen.sizes}
    lines = {one.date: _middle(one) for one in changed}
    rows: Rows = []
    for place, (segment, colour) in enumerate(shown(seen).items()):
        numbers = [known.get((segment, date), {}).get("customers", 0) for date in seen.dates]
        for date, customers in zip(seen.dates, numbers, strict=True):
            share = customers / all_of[date] if all_of[date] else 0.0
            value = known.get((segment, date), {}).get("value")
            rows.append(
                {
                    "place": place,
                    **looks_of(colour),
                    "segment": segment,
                    "day": date.isoformat(),
                    "customers": customers,
                    "share": round(share, 6),
                    "value": None if value is None else float(value),
                    "first": date == seen.dates[0],
                    "last": date == seen.dates[-1],
                    "line": lines.get(date),
                    "written": compact(customers),
                    "change": say.change(numbers[-1] - numbers[0], middle_month(seen.dates[0])),
                    "says": say.size(segment, date, customers, share),
                }
            )
    return rows


def lines(changed: Sequence[Change]) -> Rows:
    """Where another model begins: half-way between two runs, with what is another."""
    return [
        {"day": _middle(one), "words": " + ".join(say.KINDS[kind] for kind in one.kinds)} for one in changed
    ]


def ends(seen: Seen) -> Rows:
    """The first and the last run, between which all charts lie."""
    return [{"day": date.isoformat()} for date in (seen.dates[0], seen.dates[-1])]


def days(seen: Seen) -> list[int]:
    """The run dates in milliseconds since 1970, as axes take them."""
    return [(date - dt.date(1970, 1, 1)).days * 86_400_000 for date in seen.dates]


def most(seen: Seen) -> Rows:
    """The most customers that a segment has in any run, for a scale that fits all of them."""
    return [{"customers": max(row["customers"] for row in seen.sizes), "place": 0}]


def _middle(one: Change) -> str:
    half = dt.datetime.combine(one.before, dt.time()) + (one.date - one.before) / 2
    return half.strftime("%Y-%m-%dT%H:%M:%S")


def headline(seen: Seen) -> Rows:
    """Of those who needed attention, the share now in a target, for every run that has enough of them."""
    return [
        {
            "day": row["run_date"].isoformat(),
            **{name: round(row[name], 6) for name in ("share", "low", "high")},
            "last": row["run_date"] == seen.dates[-1],
            "says": say.reached(row),
        }
        for row in seen.of("headline")
        if not row["few"]
    ]


def flows(seen: Seen) -> Rows:
    """Who moved, came and left with every run; below the line as numbers below zero."""
    return [
        {
            "day": row["run_date"].isoformat(),
            "kind": place,
            "panel": int(kind not in say.WAYS),
            "customers": row[kind] * (-1 if kind in BELOW else 1),
            "fill": LOOKS[MOVES[kind]][0],
            "dash": LOOKS[MOVES[kind]][1],
            "says": say.moved(kind, row["run_date"], row[kind]),
        }
        for row in seen.flows
        if row["up"] is not None
        for place, kind in enumerate(say.MOVES)
    ]


def by_cause(seen: Seen) -> Rows:
    """Who moved for which cause with every run that keeps it."""
    marks = list(causes.MARKS)
    return [
        {
            "day": date.isoformat(),
            "kind": marks.index(row["mark"]),
            "fill": LOOKS[CAUSES[row["mark"]]][0],
            "dash": LOOKS[CAUSES[row["mark"]]][1],
            "customers": row["customers"] * (-1 if row["direction"] in BELOW else 1),
            "says": say.because(row["direction"], causes.MARKS[row["mark"]], date, row["customers"]),
        }
        for date, row in marked(seen)
        if row["customers"]
    ]


def marked(seen: Seen) -> Iterator[tuple[dt.date, Row]]:
    """Every run that keeps causes with each of its rows about somebody who moved."""
    for date in seen.dates:
        run = seen.at(date)
        for row in run.tables["marks"] if run and date not in seen.stale else ():
            if row["mark"] in causes.MARKS:
                yield date, row


def in_runs(seen: Seen) -> list[Row]:
    """The follow-ups of each run as it counted them, all segments together."""
    return [row for row in seen.of("followed") if row["segment"] is None and not row["left_out"]]


def followed(seen: Seen) -> Rows:
    """How many more reached a target after a follow-up than expected, where that can be said."""
    return [
        {
            "day": row["run_date"].isoformat(),
            **{name: round(row[name], 4) for name in ("difference", "low95", "high95")},
            "fill": WHITE if row["low95"] <= row["difference"] <= row["high95"] else INK,
            "says": say.against(row),
        }
        for row in in_runs(seen)
        if row["expected"] is not None
    ]
