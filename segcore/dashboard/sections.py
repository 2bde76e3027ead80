"""The sections of the dashboard: what each finds, how it is read, and the numbers behind its chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from segcore.dashboard import rows, tables
from segcore.dashboard.changes import Change
from segcore.dashboard.pairs import MOST
from segcore.dashboard.reading import Seen
from segcore.report.parts import Table
from segcore.sentences import attention, causes, evidence
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
    sized = seen.of("sizes")
    return Section(
        "sizes",
        of_runs.over_runs(sized, dates),
        says=[of_runs.flows(seen.flows)],
        notes=of_runs.how_to_read(sized, dates),
        drawn=rows.sizes(seen, changed),
        table=tables.sizes(seen),
    )


def _headline(seen: Seen, changed: Found) -> Section | None:
    found, told = seen.of("headline"), seen.last.told["headline"]
    if not found or not told:
        return Section("headline", say.NO_HEADLINE)
    pooled = seen.last.one("headline", run_date=None)
    return Section(
        "headline",
        attention.headline(found[-1], told["targets"], seen.dates[-2], sure=True),
        says=attention.series(found, pooled),
        notes=[say.HOW_TO_READ["headline"], *([say.LINE] if changed else [])],
        drawn=rows.headline(seen),
        table=tables.headline(seen),
    )


def _flows(seen: Seen, changed: Found) -> Section:
    return Section(
        "flows",
        say.balance(seen.flows),
        notes=[say.HOW_TO_READ["flows"], *([say.LINE] if changed else [])],
        drawn=rows.flows(seen),
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
        return Section("causes", say.NO_CAUSES)
    used = [mark for mark in causes.MARKS if counted.get(mark)]
    return Section(
        "causes",
        say.own(counted, causes.OURS),
        says=_some(say.left_out(seen.lacking("marks"))),
        notes=[say.HOW_TO_READ["causes"], *(causes.MEANING[m] for m in used if m in causes.MEANING)],
        drawn=rows.by_cause(seen),
        key=[(rows.CAUSES[mark], causes.MARKS[mark]) for mark in used],
        table=tables.by_cause(seen),
    )


def _followup(seen: Seen, changed: Found) -> Section:
    found, drawn = rows.in_runs(seen), rows.followed(seen)
    if not found or not seen.last.told["headline"]:
        return Section("followup", say.NO_FOLLOWUPS)
    reached = seen.last.one("effect", what="reached")
    pooled = of_followup.pooled(seen.last.tables["followed"])
    return Section(
        "followup",
        evidence.finding(pooled, reached, seen.last.told["headline"]["targets"]),
        says=_some(evidence.evidence(reached), "" if drawn else say.NO_COMPARISON),
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
