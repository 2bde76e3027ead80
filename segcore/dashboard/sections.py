"""The sections of the dashboard: what each finds, how it is read, and the numbers behind its chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from segcore.dashboard import rows, tables
from segcore.dashboard.changes import Change
from segcore.dashboard.pairs import MOST
from segcore.dashboard.reading import Seen
from segcore.report.parts import Table
from segcore.sentences import attention, causes, evidence, stale_runs
from segcore.sentences import dashboard as say
from segcore.sentences import followup as of_followup
from segcore.sentences import runs as of_runs

Found = Sequence[Change]


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Parameters
    ----------
    name, finding
        Its name, which is that of its chart too, and its heading.
    says, notes
        Paragraphs above the chart, and beside it.
    drawn
        The rows of its chart; none: it has no chart.
    key
        Looks and words of the chart's key.
    table
        The same in numbers.
    """

    name: str
    finding: str
    says: Sequence[str] = ()
    notes: Sequence[str] = ()
    drawn: rows.Rows = field(default_factory=list)
    key: Sequence[tuple[str, str]] = ()
    table: Table | None = None

    @property
    def title(self) -> str:
        """Its label."""
        return say.TITLES[self.name]


def sections(seen: Seen, changed: Found) -> list[Section]:
    """The sections of the page, in order; those that a study has nothing for are left out."""
    found = (made(seen, changed) for made in SECTIONS)
    return [one for one in found if one]


def _some(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _sizes(seen: Seen, changed: Found) -> Section:
    dates = [one.date for one in changed]
    sized = seen.sizes
    return Section(
        "sizes",
        of_runs.over_runs(sized, dates),
        says=[of_runs.flows(seen.flows)],
        notes=of_runs.how_to_read(sized, dates),
        drawn=rows.sizes(seen, changed),
        table=tables.sizes(seen),
    )


def _headline(seen: Seen, changed: Found) -> Section | None:
    found, told, last = seen.of("headline"), seen.last.told["headline"], seen.last
    before = seen.after.before.get(last.date)
    if not told or (seen.fresh and (before is None or not found or found[-1]["run_date"] != last.date)):
        return Section("headline", say.NO_HEADLINE)
    finding, series = stale_runs.AGAIN, []
    if seen.fresh and before:
        finding = attention.headline(found[-1], told["targets"], before, sure=True)
        series = attention.series(found, last.one("headline", run_date=None))
    return Section(
        "headline",
        finding,
        says=_some(*series, stale_runs.left_out(seen.stale)),
        notes=[say.HOW_TO_READ["headline"], *([say.LINE] if changed else [])],
        drawn=rows.headline(seen),
        table=tables.headline(seen),
    )


def _flows(seen: Seen, changed: Found) -> Section:
    drawn = rows.flows(seen)
    several = len({row["day"] for row in drawn}) > 1
    return Section(
        "flows",
        say.balance(seen.flows) if seen.fresh or several else stale_runs.AGAIN,
        says=_some(stale_runs.left_out(seen.stale)),
        notes=[say.HOW_TO_READ["flows"], *([say.LINE] if changed else [])],
        drawn=drawn,
        key=[
            (look, " / ".join(say.MOVES[kind] for kind in say.MOVES if rows.MOVES[kind] == look))
            for look in dict.fromkeys(rows.MOVES.values())
        ],
        table=tables.flows(seen),
    )


def _causes(seen: Seen, changed: Found) -> Section:
    counted: dict[str, int] = {}
    for _, row in rows.marked(seen):
        counted[row["mark"]] = counted.get(row["mark"], 0) + row["customers"]
    if not counted:
        return Section("causes", say.NO_CAUSES if seen.fresh else stale_runs.AGAIN)
    used = [mark for mark in causes.MARKS if counted.get(mark)]
    return Section(
        "causes",
        say.own(counted, causes.OURS, every=seen.fresh),
        says=_some(say.left_out(seen.lacking("marks")), stale_runs.left_out(seen.stale)),
        notes=[say.HOW_TO_READ["causes"], *(causes.MEANING[m] for m in used if m in causes.MEANING)],
        drawn=rows.by_cause(seen),
        key=[(rows.CAUSES[mark], causes.MARKS[mark]) for mark in used],
        table=tables.by_cause(seen),
    )


def _followup(seen: Seen, changed: Found) -> Section:
    found, drawn = rows.in_runs(seen), rows.followed(seen)
    if not seen.last.tables["followed"] or not seen.last.told["headline"] or (seen.fresh and not found):
        return Section("followup", of_followup.NO_LOG)
    finding, told = stale_runs.AGAIN, stale_runs.left_out(seen.stale)
    if seen.fresh:
        reached = seen.last.one("effect", what="reached")
        pooled = of_followup.pooled(seen.last.tables["followed"])
        finding = evidence.finding(pooled, reached, seen.last.told["headline"]["targets"])
        told = evidence.evidence(reached)
    return Section(
        "followup",
        finding,
        says=_some(told, "" if drawn or not seen.fresh else say.NO_COMPARISON),
        notes=_some(say.HOW_TO_READ["followup"] if drawn else "", of_followup.NOT_SHOWN["effect"]),
        drawn=drawn,
        table=tables.in_runs(seen),
    )


def _compare(seen: Seen, changed: Found) -> Section:
    chosen, every = seen.dates[-MOST:], len(seen.dates)
    older = say.newest_only(len(chosen), every, chosen[0]) if len(chosen) < every else ""
    return Section("compare", say.ANY_TWO, _some(older), [say.HOW_TO_READ["compare"]], drawn=[{}])


def _changes(seen: Seen, changed: Found) -> Section:
    finding = say.changed(len(changed), len(seen.dates) - 1)
    return Section("changes", finding, table=tables.changes(changed) if changed else None)


SECTIONS: tuple[Callable[[Seen, Found], Section | None], ...] = (
    _sizes,
    _headline,
    _flows,
    _causes,
    _followup,
    _compare,
    _changes,
)
"""The sections of the page, in order."""
