"""How the segments were made: the breaks on the values of today's customers, and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts, language, variables
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
    from segcore.report.data import Report, Row


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
        _classes(report).behind(language.say("Customers of every class")),
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
        Cell(language.say("Variable")),
        Cell(language.say("Class"), kind="num"),
        Cell(language.say("Values")),
        Cell(language.say("Customers"), kind="num"),
        Cell(language.say("Share"), kind="num"),
    ]
    rows = [
        [
            Cell(variables.label(report.used.by_name[row["variable"]]), row["unit"]),
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
    heads = [Cell(language.say("Variable")), _in_use(report)]
    heads += [Cell(language.say("Between"), language.say("95 of 100 fits"))] if report.used.known else []
    heads += [Cell(language.say("This run’s customers"), language.say("would give"))] if differs else []
    rows = []
    for used, own in pairs:
        same = used.edges == own.edges
        # Two edges may look the same in years although some days lie between them.
        close = language.say("a few days off") if not same and _listed(used) == _listed(own) else ""
        candidate = [
            Cell(language.say("the same") if same else _listed(own), close, "nums z" if same else "nums")
        ]
        rows.append(
            [
                Cell(variables.label(used), unit_of(used)),
                Cell(_listed(used), kind="nums"),
                *([Cell(_between(used), kind="nums")] if report.used.known else []),
                *(candidate if differs else []),
            ]
        )
    caption = language.say("Edges between classes, the best class first")
    return Table(heads, rows, caption, unshown.NOT_SHOWN["edges"] if report.used.known else "", kind="br")


def _in_use(report: Report) -> Cell:
    fitted = long_date(report.used.fitted_as_of)
    return Cell(language.say("In use"), language.say("breaks of {day}", day=fitted))


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
        Cell(language.say("Variable")),
        Cell(language.say("Shift"), "PSI", "num"),
        Cell(language.say("Unexplained"), language.say("today"), "num"),
        Cell(language.say("Own edges"), language.say("outside"), "num"),
        Cell(language.say("Verdict")),
    ]
    cells = [
        [
            Cell(variables.label(used.by_name[row["variable"]])),
            Cell(
                of_drift.places(row["psi"]),
                language.say("chance up to {limit}", limit=of_drift.places(row["psi_limit"])),
                "num",
            ),
            Cell(of_drift.unexplained(row["gvf_now"]), of_drift.beside(row), "num"),
            number(row["outside"]),
            Cell(of_drift.WORD[row["says"]]),
        ]
        for row in rows
    ]
    told = of_drift.proposal(rows, dates, report.run_date, used.fitted_as_of)
    return [
        text(told),
        Table(heads, cells, below=unshown.NOT_SHOWN["drift"]).behind(language.say("Do the edges still fit?")),
    ]


def _shift(row: Row) -> Cell:
    limit = language.say("chance up to {limit}", limit=of_drift.places(row["psi_limit"]))
    return Cell(of_drift.places(row["psi"]), limit, "num")


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
        [
            Cell(language.say("Segment")),
            Cell(language.say("Rule")),
            Cell(language.say("Line"), kind="num"),
            Cell(language.say("Customers"), kind="num"),
        ],
        rows,
        language.say("Rules, applied from top to bottom; the first that fits decides"),
        total=[Cell(language.say("All customers")), Cell(""), Cell(""), number(report.facts["customers"])],
        kind="ru",
    )
