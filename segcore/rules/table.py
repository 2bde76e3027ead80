"""The rule table: an ordered list of rules, of which the first that matches wins."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from segcore.engine.sql import literal
from segcore.errors import RulesError
from segcore.rules.cells import Cell
from segcore.rules.words import Described, condition
from segcore.sentences import conditions as say

SEGMENT, NOTE = "segment", "note"


@dataclass(frozen=True)
class Rule:
    """One row of a rule table: which customers it takes, and their segment.

    Parameters
    ----------
    segment
        The segment of the customers that the rule matches.
    cells
        One cell for each variable, in the study's order; all of them must match.
    note
        What the analyst wrote beside it.
    line
        Its row in the file as a spreadsheet numbers it; the header is line 1.
    """

    segment: str
    cells: tuple[Cell, ...]
    note: str = ""
    line: int = 0

    def matches(self, classes: Mapping[str, int]) -> bool:
        """Whether a customer with these classes (name → class) is taken by the rule."""
        return all(classes[cell.variable] in cell.allowed for cell in self.cells)

    def sql(self, suffix: str = "_class") -> str:
        """The rule as a condition over the columns ``<variable><suffix>``."""
        return " and ".join(cell.sql(suffix) for cell in self.cells if not cell.any) or "true"

    def condition(
        self, variables: Mapping[str, Described] | None = None, windows: Mapping[str, str] | None = None
    ) -> str:
        """Which customers the rule takes, in words.

        Parameters
        ----------
        variables
            Name → variable with edges (those of a model), to speak of values; without, of classes.
        windows
            Name → window of orders that count, where it speaks of classes.
        """
        return condition(self.cells, variables, windows)

    def sentence(
        self, variables: Mapping[str, Described] | None = None, windows: Mapping[str, str] | None = None
    ) -> str:
        """The rule as one sentence without a full stop.

        Examples
        --------
        >>> Rule("Loyal", (Cell("recency", (4, 5), classes=5), Cell("products", (2,), classes=2))).sentence()
        'Loyal if recency is class 4 or 5 and products is class 2'
        """
        return say.rule(self.segment, self.condition(variables, windows))


@dataclass(frozen=True)
class RuleTable:
    """Rules in order; the first that matches wins.

    Parameters
    ----------
    rules
        The rules, in order, each with a line of its own.
    variables
        Name → number of classes, in the study's order.
    segments
        The study's segments, best first.
    warnings
        What :func:`segcore.rules.check` found that is allowed but seldom meant.
    """

    rules: tuple[Rule, ...]
    variables: Mapping[str, int]
    segments: tuple[str, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if len({rule.line for rule in self.rules}) < len(self.rules):
            raise ValueError("rules must have a line of their own each")

    def segment_of(self, classes: Mapping[str, int]) -> tuple[str, int]:
        """The segment of a customer with these classes, and the line of the rule that says so.

        Raises
        ------
        RulesError
            If no rule matches; a table that passed :func:`segcore.rules.check` has one for all.
        """
        for rule in self.rules:
            if rule.matches(classes):
                return rule.segment, rule.line
        raise RulesError(f"a rule must match {combination(classes)} (none does); add a last row with *")

    def rank(self, segment: str) -> int:
        """How many segments stand below this one."""
        return len(self.segments) - 1 - self.segments.index(segment)

    def line_sql(self, suffix: str = "_class") -> str:
        """A CASE expression over ``<variable><suffix>`` that gives the line of the first match."""
        whens = " ".join(f"when {rule.sql(suffix)} then {rule.line}" for rule in self.rules)
        return f"case {whens} end"

    def segment_sql(self, suffix: str = "_class") -> str:
        """A CASE expression over ``<variable><suffix>`` that gives the segment."""
        whens = " ".join(f"when {rule.sql(suffix)} then {literal(rule.segment)}" for rule in self.rules)
        return f"case {whens} end"

    def rank_sql(self, suffix: str = "_class") -> str:
        """A CASE expression over ``<variable><suffix>`` that gives the segment's rank."""
        whens = " ".join(f"when {rule.sql(suffix)} then {self.rank(rule.segment)}" for rule in self.rules)
        return f"case {whens} end"

    def to_csv(self) -> str:
        """The table as segcore writes it: commas, every variable, one line per rule."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([SEGMENT, *self.variables, NOTE])
        writer.writerows(
            [rule.segment, *(cell.text for cell in rule.cells), rule.note] for rule in self.rules
        )
        return out.getvalue()


def combination(classes: Mapping[str, int]) -> str:
    """One combination of classes as messages write it: ``recency 5-frequency 1``."""
    return "-".join(f"{name} {number}" for name, number in classes.items())
