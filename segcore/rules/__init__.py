"""The rule table: read it, check every combination of classes, explain a rule in words and as SQL.

A table turns classes into segments; its first row that matches wins. What executes also explains:
the same cells make the condition in SQL, the lookup in Python and the sentence in a report.
"""

from __future__ import annotations

from segcore.rules.cells import Cell, CellError, any_class, read_cell
from segcore.rules.linter import Finding, check, lint, rank_grid
from segcore.rules.reading import parse_rules, read_rules, rules_bytes
from segcore.rules.table import Rule, RuleTable, combination
from segcore.rules.words import Described, interval, plain, shown

__all__ = [
    "Cell",
    "CellError",
    "Described",
    "Finding",
    "Rule",
    "RuleTable",
    "any_class",
    "check",
    "combination",
    "interval",
    "lint",
    "parse_rules",
    "plain",
    "rank_grid",
    "read_cell",
    "read_rules",
    "rules_bytes",
    "shown",
]
