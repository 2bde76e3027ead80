"""How the segments were made: the breaks on the values of today's customers, and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts
from segcore import model as models
from segcore.profile import shown_classes
from segcore.report.parts import Cell, Part, Table, chart, finding, fragment, note, number, text
from segcore.report.sections.segments import unit_of
from segcore.rules import shown
from segcore.sentences import drift as of_drift
from segcore.sentences import model as say
from segcore.sentences import unshown
from segcore.wording import long_date, sentence

if TYPE_CHECKING:
    from segcore.model import ModelVariable
    from segcore.report.data import Report


def parts(report: Report) -> list[Part]:
    """A chart for every variable, the edges and class sizes in numbers, and the rules."""
    used, today, refit = report.used, report.run_date, report.study.breaks.policy == "refit"
    own = used.fitted_as_of == today and not report.moving
    notes = note(
        say.SOLID,
        "" if own else say.DOTTED,
        of_drift.SURE if used.known else "",
        unshown.NOT_SHOWN["spread"],
        say.ANEW if refit else "",
    )
    return [
        finding(say.made(used.fitted_as_of, today, report.moving).rstrip(".")),
        fragment("body", "key", segments=list(report.palette.items())),
        *(_spread(report, variable) for variable in used.variables),
        _classes(report).behind("Customers of every class"),
        notes,
        _edges(report).part(),
        *_drift(report),
        _rules(report).part(),
    ]


def _spread(report: Report, variable: ModelVariable) -> Part:
    import pandas as pd

    frame = pd.DataFrame(report.where("spread", variable=variable.name))
    candidate = report.candidate.by_name[variable.name].edges
    other = () if candidate == variable.edges else candidate
    return chart(charts.spread(frame, variable, report.palette, candidate=other, phone=True))


def _classes(report: Report) -> Table:
    frame = shown_classes(report.frame("classes"), report.used)
    heads = [
        Cell("Variable"),
        Cell("Class", kind="num"),
        Cell("Values"),
        Cell("Customers", kind="num"),
        Cell("Share", kind="num"),
    ]
    rows = [
        [
            Cell(report.used.by_name[row["variable"]].label, row["unit"]),
            number(row["class"]),
            Cell(row["values"]),
            number(row["customers"]),
            Cell(row["share"], kind="num"),
        ]
        for row in frame.to_dict("records")
    ]
    return Table(heads, rows, below=unshown.NOT_SHOWN["classes"])


def _edges(report: Report) -> Table:
    """The edges in numbers, the best class first."""
    pairs = [(v, report.candidate.by_name[v.name]) for v in report.used.variables]
    differs = any(used.edges != own.edges for used, own in pairs)
    heads = [Cell("Variable"), Cell("In use", f"breaks of {long_date(report.used.fitted_as_of)}")]
    heads += [Cell("Between", "95 of 100 fits")] if report.used.known else []
    heads += [Cell("This run’s customers", "would give")] if differs else []
    rows = []
    for used, own in pairs:
        same = used.edges == own.edges
        # Two edges may look the same in years although some days lie between them.
        close = "a few days off" if not same and _listed(used) == _listed(own) else ""
        candidate = [Cell("the same" if same else _listed(own), close, "nums z" if same else "nums")]
        rows.append(
            [
                Cell(used.label, unit_of(used)),
                Cell(_listed(used), kind="nums"),
                *([Cell(_between(used), kind="nums")] if report.used.known else []),
                *(candidate if differs else []),
            ]
        )
    caption = "Edges between classes, the best class first"
    return Table(heads, rows, caption, unshown.NOT_SHOWN["edges"] if report.used.known else "", kind="br")


def _listed(variable: ModelVariable) -> str:
    edges = variable.edges if variable.better == "low" else tuple(reversed(variable.edges))
    return " · ".join(shown(edge, variable) for edge in edges)


def _between(variable: ModelVariable) -> str:
    """The intervals of the edges, the best class first."""
    told = [models.between(variable, place) for place in range(1, variable.classes)]
    return " · ".join(told if variable.better == "low" else reversed(told))


def _drift(report: Report) -> list[Part]:
    """Whether the edges still fit: what follows from it, and behind that the signs."""
    rows, used = report.tables["drift"], report.used
    dates = report.study.breaks.dates
    if not rows or not dates or used.fitted_as_of >= report.run_date:
        return []  # there is nothing to refit
    heads = [
        Cell("Variable"),
        Cell("Shift", "PSI", "num"),
        Cell("Unexplained", "today", "num"),
        Cell("Own edges", "outside", "num"),
        Cell("Verdict"),
    ]
    cells = [
        [
            Cell(used.by_name[row["variable"]].label),
            Cell(of_drift.places(row["psi"]), f"chance up to {of_drift.places(row['psi_limit'])}", "num"),
            Cell(of_drift.unexplained(row["gvf_now"]), of_drift.beside(row), "num"),
            number(row["outside"]),
            Cell(of_drift.WORD[row["says"]]),
        ]
        for row in rows
    ]
    told = of_drift.proposal(rows, dates, report.run_date, used.fitted_as_of)
    return [
        text(told),
        Table(heads, cells, below=unshown.NOT_SHOWN["drift"]).behind("Do the edges still fit?"),
    ]


def _rules(report: Report) -> Table:
    rows = [
        [
            Cell(row["segment"], colour=report.palette[row["segment"]]),
            Cell(sentence(row["rule"]), row["note"] or ""),
            number(row["line"]),
            number(row["customers"], kind="num" if row["customers"] else "num z"),
        ]
        for row in report.tables["rules"]
    ]
    return Table(
        [Cell("Segment"), Cell("Rule"), Cell("Line", kind="num"), Cell("Customers", kind="num")],
        rows,
        "Rules, applied from top to bottom; the first that fits decides",
        total=[Cell("All customers"), Cell(""), Cell(""), number(report.facts["customers"])],
        kind="ru",
    )
