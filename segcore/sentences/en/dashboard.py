"""What the dashboard says of all runs of a study, and of two of them beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from segcore.sentences.en.followup import more
from segcore.sentences.rows import Row
from segcore.wording import between, count, in_words, join, long_date, percent, plural, sentence, signed

TITLES = {
    "sizes": "Segments",
    "headline": "Those who needed attention",
    "flows": "Moves",
    "causes": "Why they moved",
    "followup": "Follow-ups",
    "compare": "Two runs compared",
    "changes": "What changed in breaks and rules",
}
"""Section → its label."""
HEADS = {
    "run": "Run",
    "all": "All",
    "value": "Order value",
    "before": "Before",
    "share": "Share",
    "interval": "95% interval",
    "in_target": "Now in a target",
    "difference": "Difference",
    "limits": "By chance alone",
    "eligible": "To be followed up",
    "followed": "Followed",
    "reached": "Reached",
    "after": "Reached after a follow-up",
    "expected": "Expected",
    "what": "What changed",
}
"""Column → its head."""
MOVES = {"up": "Moved up", "down": "Moved down", "new": "New", "returned": "Returned", "gone": "Gone"}
"""Kind of move → how a key and a column name it."""
WAYS = {"up": "up", "down": "down"}
NUMBERS = {
    "sizes": "The sizes as numbers",
    "headline": "The shares as numbers",
    "flows": "The moves as numbers",
    "causes": "The causes as numbers",
    "followup": "The follow-ups as numbers",
    "compare": "All figures of both runs",
}
"""Section → what leads to the numbers behind its chart."""
CHARTS = {
    "sizes": "Customers of each segment in every run, one small chart for each segment on one scale",
    "headline": "The share that is in a target at the next run, for every run, with its 95% interval",
    "flows": "Customers who moved up and down in every run, and those who came and went",
    "causes": "Moves up and down in every run by cause",
    "followup": "How many more reached a target after a follow-up than were to be expected, for every run",
    "compare": "Customers of each segment in both runs, on the same scale for every pair of runs",
}
"""Section → what its chart shows, for those who do not see it."""
KINDS = {
    "boundary": "breaks",
    "rules": "rules",
    "model": "model",
    "population": "who counts",
    "unknown": "model",
}
"""What is another than in the run before → its word at the line in a chart."""
PANELS = ("Moved up and down", "New, returned and gone")
"""What the two charts of the moves count, as their titles."""
MEASURES = {"customers": "Customers", "share": "Share of all", "value": "Order value"}
"""What the chart of the segments can show."""
CONTROLS = {
    "measure": "Show",
    "first": "Earlier run",
    "second": "Later run",
    "runs": "All runs of all studies",
    "newest": "Report of the newest run",
    "new": "New or back",
    "gone": "Gone",
    "from": "From",
    "figure": "Figure",
}
"""Words of controls, links and tables that a script fills."""
LOCALE = {
    "decimal": ".",
    "thousands": ",",
    "percent": "%",
    "date": "%-d %b %y",
    "months": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
               "October", "November", "December"),
    "short": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}  # fmt: skip
"""How the axes of the charts write numbers and dates."""

HOW_TO_READ = {
    "headline": "**How to read.** The line is the share, the band its 95% interval: where bands overlap "
    "widely, runs do not differ. It does not show that a follow-up helped.",
    "flows": "**How to read.** Above the line who moved up or came, below it who moved down or left; "
    "both charts count customers from one run to the next.",
    "causes": "**How to read.** Solid is what customers did or did not do. White with a line around it is "
    "what we changed; do not count it as success or loss.",
    "followup": "**How to read.** The area is what chance alone makes likely in 95 of 100 runs. A filled "
    "dot lies outside, an open one inside: the difference may be chance.",
    "compare": "**How to read.** Light: the earlier run; solid: the later one. The scale is the same for "
    "every pair of runs.",
}
"""Section → how its picture is read."""
LINE = (
    "**A dotted line** stands before a run whose segments were made with another model; its word says what "
    "is another. Part of the step there is not the customers’ doing."
)
ANY_TWO = "Any two runs on the same scale"
NO_SCRIPT = "The charts need a script, which this browser does not run; the tables show the same numbers."
FIRST = "There is one run so far. The dashboard begins with the second: it shows what changed between runs."
NONE = "No run can be shown: none keeps the tables that this page is made of; make one again with --force."
NO_HEADLINE = "No segment is to be followed up, so there is nothing to show here."
NO_COMPARISON = "In no run were there enough customers without a follow-up to say what was to be expected."
NO_CAUSES = "No run has causes of moves: they are kept since a later version of segcore."


def title(study: str) -> str:
    """The heading of the page."""
    return f"{study}: all runs"


def span(dates: Sequence[dt.date]) -> str:
    """Which runs the page shows."""
    if len(dates) == 1:
        return f"1 run: {long_date(dates[0])}"
    return f"{sentence(in_words(len(dates)))} runs from {long_date(dates[0])} to {long_date(dates[-1])}"


def left_out(dates: Sequence[dt.date]) -> str:
    """Which runs a picture lacks because they do not keep its numbers; nothing if none."""
    if not dates:
        return ""
    one = len(dates) == 1
    return (
        f"The run{'' if one else 's'} of {join([long_date(day) for day in dates])} {'is' if one else 'are'} "
        f"left out here: {'it was' if one else 'they were'} made before segcore kept these numbers."
    )


def unread(dates: Sequence[dt.date]) -> str:
    """Which runs the page lacks altogether; nothing if none."""
    if not dates:
        return ""
    one = len(dates) == 1
    return (
        f"The run{'' if one else 's'} of {join([long_date(day) for day in dates])} cannot be shown on this "
        f"page: {'it lacks' if one else 'they lack'} its tables, or {'is' if one else 'are'} damaged; "
        "segcore verify says which."
    )


def newest_only(shown: int, of: int, since: dt.date) -> str:
    """That not every run can be chosen for a comparison, and since when."""
    return (
        f"The newest {in_words(shown)} of {in_words(of)} runs can be chosen, since {long_date(since)}; "
        "the charts and tables above show all."
    )


def size(segment: str, day: dt.date, customers: int, share: float) -> str:
    """A segment in a run."""
    return f"{segment}, {long_date(day)}: {plural(customers, 'customer')}, {percent(share)} of all"


def change(customers: int, first: str) -> str:
    """By how many a segment has grown since the month of the first run, beside its small chart."""
    return f"{signed(customers)} since {first}"


def reached(row: Row) -> str:
    """The headline of a run in a few words."""
    told = f"{long_date(row['run_date'])}: {count(row['in_target'])} of {count(row['customers'])}"
    if row["few"]:
        return f"{told}, too few for a percentage"
    return f"{told}, {percent(row['share'])} (95% interval {between(row['low'], row['high'])})"


def moved(kind: str, day: dt.date, customers: int) -> str:
    """How many moved so in a run."""
    return f"{MOVES[kind]}, {long_date(day)}: {plural(customers, 'customer')}"


def because(direction: str, mark: str, day: dt.date, customers: int) -> str:
    """How many moved for a cause in a run; ``mark`` as a key names it."""
    return f"{MOVES[direction]}, {long_date(day)}, {mark}: {plural(customers, 'customer')}"


def against(row: Row) -> str:
    """What came of the follow-ups of a run beside what was to be expected."""
    return f"{long_date(row['run_date'])}: {more(row['difference'])} customers, by chance alone {limits(row)}"


def limits(row: Row) -> str:
    """What chance alone makes likely of a difference."""
    return f"{more(row['low95'])} to {more(row['high95'])}"


def balance(flows: Sequence[Row]) -> str:
    """The finding about moves: in how many runs more moved up than down."""
    found = [row for row in flows if row["up"] is not None]
    if not found:
        return "Moves appear from the second run on"
    up = sum(1 for row in found if row["up"] > row["down"])
    down = sum(1 for row in found if row["up"] < row["down"])
    if not up and not down:
        return "As many moved up as down in every run"
    most, way, other = (up, "up", "down") if up >= down else (down, "down", "up")
    if most == len(found):
        when = "in every run" if most > 1 else "since the run before"
    else:
        when = f"in {in_words(most)} of {in_words(len(found))} runs"
    return f"{sentence(when)} more customers moved {way} than {other}"


def own(marks: Mapping[str, int], ours: Sequence[str], *, every: bool = True) -> str:
    """The finding about causes: how many of all moves our method made.

    Parameters
    ----------
    marks
        Mark → how many moves {over} have it.
    ours
        The marks of what the model did.
    every
        Whether these are all runs; else some are left out.
    """
    total, by_us = sum(marks.values()), sum(marks.get(mark, 0) for mark in ours)
    if not total:
        return "Nobody moved"
    over = "over all runs" if every else "over the runs shown here"
    if not by_us:
        return f"None of {plural(total, 'move')} {over} came from our method"
    return f"{sentence(percent(by_us / total))} of {plural(total, 'move')} {over} came from our method"


def changed(runs: int, of: int) -> str:
    """The finding about models: in how many runs it was another."""
    if not runs:
        return "All runs were made with the same breaks and rules"
    return f"Breaks or rules changed in {in_words(runs)} of {in_words(of)} runs"


def edges(label: str, before: Sequence[str], now: Sequence[str], unit: str) -> str:
    """The edges of a variable that are others than in the run before."""
    return f"{label}: {join(before)} became {join(now)}{f' {unit}' if unit else ''}"


def rule(segment: str, condition: str, *, added: bool) -> str:
    """A rule that is new, or no longer there."""
    return f"{'New rule' if added else 'Rule dropped'}: {segment} if {condition}"


def others(what: str, before: str | None, now: str | None) -> str:
    """A setting that is another: who counts, or which records."""
    return f"{what}: {before or 'everybody'} became {now or 'everybody'}"


POPULATION, EXCLUDED = "Population", "Left out"
ORDER = "The rules stand in another order"
VARIABLES = "Variables, numbers of classes or segments are others"
UNKNOWN = "Another model; what is another in it can no longer be read"
