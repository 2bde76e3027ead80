"""Any two runs beside each other, as texts that the page's script puts into tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from segcore.dashboard.reading import Seen
from segcore.dashboard.rows import looks_of, shown
from segcore.report.data import Row
from segcore.sentences import dashboard as say
from segcore.sentences import two_runs as of_two
from segcore.wording import EN_DASH, between, count, long_date, money, percent, signed

ENDS = {"new": ("from_segment",), "returned": ("from_segment",), "gone": ("to_segment",)}
"""Kind of move → where it is in no segment."""
MOST = 24
"""How many runs, the newest, can be chosen from: the texts of all their pairs are in the page."""


def pairs(seen: Seen) -> dict[str, Any]:
    """What the script needs to show any two runs.

    Returns
    -------
    dict
        - runs: the runs as they are called; segments: their names, numbers and colours.
        - sizes: for each run the customers of each segment, as a number, as text, and what it says.
        - figures: what is listed of both runs: its name, a text for each run, and differences by pair.
        - pairs: "0 3" → what is said, the rows of the table of who went where, None without one, and why.
    """
    dates = seen.dates[-MOST:]
    segments = shown(seen)
    known = {(row["run_date"], row["segment"]): row["customers"] for row in seen.sizes}
    sizes = [[known.get((date, name), 0) for name in segments] for date in dates]
    flows = [next(row for row in seen.flows if row["run_date"] == date) for date in dates]
    return {
        "runs": [long_date(date) for date in dates],
        "segments": [{"name": name, **looks_of(colour)} for name, colour in segments.items()],
        "sizes": [
            [[n, count(n), of_two.pair(name, date, n)] for name, n in zip(segments, row, strict=True)]
            for date, row in zip(dates, sizes, strict=True)
        ],
        "figures": _figures(seen, flows, sizes),
        "pairs": {
            f"{one} {two}": {
                "says": of_two.compared(
                    (dates[one], dates[two]),
                    (flows[one]["customers"], flows[two]["customers"]),
                    dict(zip(segments, zip(sizes[one], sizes[two], strict=True), strict=True)),
                ),
                "rows": _went(seen, (dates[one], dates[two]), list(segments)),
                "why": _why(seen, (dates[one], dates[two])),
            }
            for one, two in combinations(range(len(dates)), 2)
        },
    }


def _figures(seen: Seen, flows: Sequence[Row], sizes: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Customers, order value, the headline and the moves of each run, and how two runs differ in them."""
    head = {row["run_date"]: row for row in seen.of("headline")}

    def listed(
        name: str, values: Sequence[Any], text: Callable[[Any], str], more: Callable[[Any], str]
    ) -> Any:
        texts = [EN_DASH if value is None else text(value) for value in values]
        both = {
            f"{one} {two}": EN_DASH if None in (values[one], values[two]) else more(values[two] - values[one])
            for one, two in combinations(range(len(values)), 2)
        }
        return {"name": name, "texts": texts, "more": both}

    def worth(value: Any) -> str:
        return ("+" if value > 0 else "") + money(value, seen.currency)

    shares = [_share(head.get(row["run_date"])) for row in flows]
    told = [
        *(
            listed(name, [row[place] for row in sizes], count, signed)
            for place, name in enumerate(shown(seen))
        ),
        listed(say.HEADS["all"], [row["customers"] for row in flows], count, signed),
        listed(say.HEADS["value"], [row["value"] for row in flows], lambda v: money(v, seen.currency), worth),
        listed(say.HEADS["in_target"], shares, lambda s: percent(s, short=True), of_two.points),
        *(listed(say.MOVES[kind], [row[kind] for row in flows], count, signed) for kind in say.MOVES),
    ]
    intervals = [head.get(row["run_date"]) for row in flows]
    told[len(sizes[0]) + 2]["texts"] = [
        EN_DASH
        if share is None or row is None
        else f"{percent(share, short=True)} ({between(row['low'], row['high'])})"
        for share, row in zip(shares, intervals, strict=True)
    ]
    return told


def _share(row: Row | None) -> float | None:
    return None if row is None or row["few"] else row["share"]


def _why(seen: Seen, dates: tuple[Any, Any]) -> str:
    """Why there is no table of who went where; nothing if there is one."""
    if not seen.after.knows(dates[1], dates[0]):
        return of_two.stale(seen.study)
    return of_two.NO_FLOWS if _counted(seen, dates) is None else ""


def _went(seen: Seen, dates: tuple[Any, Any], segments: Sequence[str]) -> list[list[str]] | None:
    """Who went where between two runs: a row for each segment and one for new ones, each with its sum."""
    found = _counted(seen, dates)
    if found is None:
        return None
    ends = [*segments, None]
    rows = [[found.get((start, end), 0) for end in ends] for start in ends]
    return [[*map(count, row), count(sum(row))] for row in rows]


def _counted(seen: Seen, dates: tuple[Any, Any]) -> dict[tuple[str | None, str | None], int] | None:
    """Segment before and segment now → customers; None where the later run did not count them.

    It counts those of the run that was published when it was made, which may be another one now.
    """
    run = seen.at(dates[1])
    if run is None or not seen.after.knows(dates[1], dates[0]):
        return None
    rows = [row for row in run.tables["between_runs"] if row["run_date"] == dates[0]]
    follows = seen.after.before[dates[1]] == dates[0] and dates[1] not in seen.after.gaps
    if not rows and follows:  # made before runs kept that table
        rows = [{**row, **dict.fromkeys(ENDS.get(row["state"], ()))} for row in run.tables["matrix"]]
    found: dict[tuple[str | None, str | None], int] = {}
    for row in rows:
        start, end = row["from_segment"], row["to_segment"]
        ends = start and seen.today(start, run), end and seen.today(end, run)
        found[ends] = found.get(ends, 0) + row["customers"]
    return found or None
