"""Of those who needed attention, how many are better off: now and in every run, and by representative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import language, transitions
from segcore.intervals import FEW
from segcore.report.parts import Cell, Part, Table, finding, note, number, text
from segcore.sentences import attention as say
from segcore.sentences import books
from segcore.wording import EN_DASH, between, long_date, percent

if TYPE_CHECKING:
    from segcore.report.data import Report, Row

OTHERS = {"still": "Still there", "rose": "Better", "fell": "Fell", "gone": "Gone"}


def parts(report: Report) -> list[Part]:
    """The headline and its series over all runs."""
    path = transitions.ends(report.study)
    now = report.one("headline", run_date=report.run_date)
    if report.previous is None or path is None or not now:
        return []
    runs = [row for row in report.tables["headline"] if row["run_date"]]
    pooled = report.one("headline", run_date=None)
    told = say.others(now), *say.series(runs, pooled), say.CAUTION
    return [
        finding(say.headline(now, path[1], report.previous, sure=True)),
        *([_series(runs, pooled), note(*told)] if len(runs) > 1 else [text(*told)]),
    ]


def _rates(row: Row) -> list[Cell]:
    few = row["few"]
    return [
        number(row["customers"]),
        number(row["in_target"]),
        Cell(language.say("too few") if few else percent(row["share"], short=True), kind="num"),
        Cell(EN_DASH if few else between(row["low"], row["high"]), kind="num"),
    ]


def _heads(first: str, segment: str) -> list[Cell]:
    heads = (language.say("Now in a target"), language.say("Share"), language.say("95% interval"))
    begun = Cell(language.say("In {segment}", segment=segment), language.say("at the run before"), "num")
    return [Cell(first), begun, *(Cell(text, kind="num") for text in heads)]


def _series(runs: Sequence[Row], pooled: Row) -> Part:
    rows = [
        [Cell(long_date(row["run_date"]), kind="few" if row["few"] else ""), *_rates(row)] for row in runs
    ]
    total = [Cell(language.say("All runs together")), *_rates(pooled)]
    return Table(
        _heads(language.say("Run"), pooled["segment"]),
        rows,
        language.say("In every run"),
        total=total,
        kind="rp",
    ).part()


def by_representative(report: Report, below: str) -> list[Part]:
    """The representatives in alphabetical order, with one verdict; one line where all have too few."""
    rows = report.tables["representatives"]
    recorded = [row for row in rows if row["recorded"]]
    if not recorded:
        return []
    if all(row["few"] for row in recorded):
        return [text(say.books(rows))]
    verdict = books.verdict(report.one("verdict"))
    table = _representatives(report, recorded, below)
    return [table.part(), note(f"**{verdict}**" if verdict else "", say.not_recorded(rows))]


def behind_funnel(report: Report, below: str) -> list[Part]:
    """The same table one click away, where follow-ups have a table of their own; nothing without one."""
    recorded = [row for row in report.tables["representatives"] if row["recorded"]]
    if not recorded:
        return []
    unknown = say.not_recorded(report.tables["representatives"])
    below = " ".join(told for told in (below, unknown, say.NO_PROOF) if told)
    return [_representatives(report, recorded, below).behind(say.BY_REPRESENTATIVE)]


def _representatives(report: Report, recorded: Sequence[Row], below: str) -> Table:
    more = {name: words for name, words in OTHERS.items() if any(row[name] for row in recorded)}
    segment = report.one("headline", run_date=None)["segment"]
    heads = [*_heads(language.say("Representative"), segment)]
    heads += [Cell(language.say(words), kind="num xp") for words in more.values()]
    told = [
        [
            Cell(row["name"], kind="few" if row["few"] else ""),
            *_rates(row),
            *(number(row[name], kind="num xp") for name in more),
        ]
        for row in recorded
    ]
    few = (
        language.say("Hatched: fewer than {few} customers, no judgement.", few=FEW)
        if any(row["few"] for row in recorded)
        else ""
    )
    caption = language.say("Representatives in alphabetical order; the table is not a ranking")
    return Table(heads, told, caption, " ".join(t for t in (below, few) if t), kind="rp")
