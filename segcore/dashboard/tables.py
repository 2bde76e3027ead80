"""The numbers of all runs as tables: what the charts of the dashboard show."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.dashboard import rows
from segcore.dashboard.changes import Change
from segcore.dashboard.reading import Seen
from segcore.report.parts import Cell, Table, number
from segcore.sentences import causes, followup
from segcore.sentences import dashboard as say
from segcore.wording import EN_DASH, between, long_date, money, percent

NONE = Cell(EN_DASH, kind="num")


def _heads(*names: str) -> list[Cell]:
    return [Cell(say.HEADS["run"]), *(Cell(name, kind="num") for name in names)]


def sizes(seen: Seen) -> Table:
    """Customers of every segment in every run, and what all of them ordered for."""
    found = {(row["run_date"], row["segment"]): row["customers"] for row in seen.sizes}
    named = list(rows.shown(seen))
    told = [
        [
            Cell(long_date(row["run_date"])),
            *(number(found.get((row["run_date"], s))) for s in named),
            number(row["customers"]),
            NONE if row["value"] is None else Cell(money(row["value"], seen.currency), kind="num"),
        ]
        for row in seen.flows
    ]
    return Table(_heads(*named, say.HEADS["all"], say.HEADS["value"]), told)


def headline(seen: Seen) -> Table:
    """Of those who needed attention, who is in a target now, for every run."""
    told = [
        [
            Cell(long_date(row["run_date"])),
            number(row["customers"]),
            number(row["in_target"]),
            NONE if row["few"] else Cell(percent(row["share"], short=True), kind="num"),
            NONE if row["few"] else Cell(between(row["low"], row["high"]), kind="num"),
        ]
        for row in seen.of("headline")
    ]
    names = ("before", "in_target", "share", "interval")
    return Table(_heads(*(say.HEADS[name] for name in names)), told)


def flows(seen: Seen) -> Table:
    """Who moved, came and left with every run."""
    told = [
        [Cell(long_date(row["run_date"])), *(number(row[kind]) for kind in say.MOVES)] for row in seen.flows
    ]
    return Table(_heads(*say.MOVES.values()), told)


def by_cause(seen: Seen) -> Table:
    """Who moved up and down for which cause; causes that nobody moved for are left out."""
    found = {(date, row["direction"], row["mark"]): row["customers"] for date, row in rows.marked(seen)}
    columns = [
        (way, mark)
        for way in say.WAYS
        for mark in causes.MARKS
        if any(number for (_, *key), number in found.items() if tuple(key) == (way, mark))
    ]
    told = [
        [Cell(long_date(date)), *(number(found[date, *column]) for column in columns)]
        for date in dict.fromkeys(date for date, *_ in found)
    ]
    heads = [Cell(say.MOVES[way], causes.MARKS[mark], "num") for way, mark in columns]
    return Table([Cell(say.HEADS["run"]), *heads], told)


def in_runs(seen: Seen) -> Table:
    """What came of follow-ups in every run, and the difference that each run knew of all up to then."""
    names = ("eligible", "followed", "reached", "after", "expected", "difference", "limits")
    told = []
    for row in rows.in_runs(seen):
        known = row["expected"] is not None
        cells = (
            [
                number(round(row["after"])),
                Cell(followup.tenths(row["expected"]), kind="num"),
                Cell(followup.more(row["difference"]), kind="num"),
                Cell(say.limits(row), kind="num"),
            ]
            if known
            else [NONE] * 4
        )
        counted = [number(row[name]) for name in ("eligible", "followed", "reached")]
        told.append([Cell(long_date(row["run_date"])), *counted, *cells])
    return Table(_heads(*(say.HEADS[name] for name in names)), told)


def changes(found: Sequence[Change]) -> Table:
    """What changed with which run."""
    told = [[Cell(long_date(one.date)), Cell(f"{'; '.join(one.told)}.")] for one in found]
    return Table([Cell(say.HEADS["run"]), Cell(say.HEADS["what"])], told)
