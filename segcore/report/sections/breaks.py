"""How the segments were made: the breaks on the values of today's customers, and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts, sentences
from segcore.report.parts import Cell, Part, Table, chart, finding, fragment, note, number
from segcore.report.sections.segments import unit_of
from segcore.rules import shown
from segcore.wording import long_date, sentence

if TYPE_CHECKING:
    from segcore.model import ModelVariable
    from segcore.report.data import Report


def parts(report: Report) -> list[Part]:
    """A chart for every variable, the edges and class sizes in numbers, and the rules."""
    say, used, today = sentences.model, report.used, report.run_date
    own = used.fitted_as_of == today and not report.moving
    key = fragment("body", "key", segments=list(report.palette.items()))
    notes = note(
        "**Solid lines** are the edges between classes in use; the numbers on top are the classes, the "
        "highest the best. Bars have the colours of the segments.",
        ""
        if own
        else "**Dotted lines** are the edges that this run’s own customers would give. They are "
        "shown, not used: as long as the edges stay, only customers move.",
        say.origin(used.fitted_as_of, today, policy=report.study.breaks.policy, moving=report.moving),
        say.beyond(report.where("spread", upper=None)),
    )
    return [
        finding(say.made(used.fitted_as_of, today, report.moving)),
        key,
        *(_spread(report, variable) for variable in used.variables),
        _classes(report).behind("Customers of every class"),
        notes,
        _edges(report).part(),
        _rules(report).part(),
    ]


def _spread(report: Report, variable: ModelVariable) -> Part:
    import pandas as pd

    frame = pd.DataFrame(report.where("spread", variable=variable.name))
    candidate = report.candidate.by_name[variable.name].edges
    other = () if candidate == variable.edges else candidate
    return chart(charts.spread(frame, variable, report.palette, candidate=other))


def _classes(report: Report) -> Table:
    heads = [
        Cell("Variable"),
        Cell("Class", kind="num"),
        Cell("Values", kind="num"),
        Cell("Customers", kind="num"),
    ]
    rows = []
    for variable in report.used.variables:
        for row in report.where("classes", variable=variable.name):
            values = sentences.model.values(row["lower"], row["upper"])
            rows.append([
                Cell(variable.label, unit_of(variable)),
                number(row["class"]),
                Cell(values, kind="num"),
                number(row["customers"]),
            ])  # fmt: skip
    return Table(heads, rows)


def _edges(report: Report) -> Table:
    """The edges in numbers, the best class first."""
    pairs = [(v, report.candidate.by_name[v.name]) for v in report.used.variables]
    differs = any(used.edges != own.edges for used, own in pairs)
    heads = [Cell("Variable"), Cell("In use", f"breaks of {long_date(report.used.fitted_as_of)}")]
    heads += [Cell("This run’s customers", "would give")] if differs else []
    rows = []
    for used, own in pairs:
        same = used.edges == own.edges
        candidate = [Cell("the same" if same else _listed(own), kind="nums z" if same else "nums")]
        rows.append(
            [
                Cell(used.label, unit_of(used)),
                Cell(_listed(used), kind="nums"),
                *(candidate if differs else []),
            ]
        )
    return Table(heads, rows, "Edges between classes, the best class first", kind="br")


def _listed(variable: ModelVariable) -> str:
    edges = variable.edges if variable.better == "low" else tuple(reversed(variable.edges))
    return " · ".join(shown(edge, variable) for edge in edges)


def _rules(report: Report) -> Table:
    rows = [
        [
            Cell(row["segment"], colour=report.palette[row["segment"]]),
            Cell(sentence(row["rule"]), row["note"] or ""),
            Cell(number(row["customers"]).text, kind="num" if row["customers"] else "num z"),
        ]
        for row in report.tables["rules"]
    ]
    return Table(
        [Cell("Segment"), Cell("Rule"), Cell("Customers", kind="num")],
        rows,
        "Rules, applied from top to bottom; the first that fits decides",
        total=[Cell("All customers"), Cell(""), number(report.facts["customers"])],
        kind="ru",
    )
