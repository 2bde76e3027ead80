"""Everything that was learned or decided: breaks, rule table and the order of segments."""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from segcore.engine.sql import quote_name, quote_names, quote_text
from segcore.errors import ModelError
from segcore.model.variable import CLASS, EXACT, ModelVariable
from segcore.rules import CellError, Rule, RuleTable, read_cell

_RULE = quote_name("rule")
_NUMBER = re.compile(rf'"{re.escape(json.dumps(EXACT)[1:-1])}([-.0-9]+)"')


@dataclass(frozen=True)
class Model:
    """What turns the values of a customer into a segment.

    Parameters
    ----------
    study
        The study's name.
    fitted_as_of
        The run date whose customers the edges were fitted on.
    variables
        The variables with their edges, in the study's order.
    rules
        The rule table, made for these variables; it also holds the segments, best first.
    """

    schema: ClassVar[int] = 2

    study: str
    fitted_as_of: dt.date
    variables: tuple[ModelVariable, ...]
    rules: RuleTable

    def __post_init__(self) -> None:
        classes = {variable.name: variable.classes for variable in self.variables}
        if list(self.rules.variables.items()) != list(classes.items()):
            raise ModelError(
                f"the rule table must be one for {counted(classes)} (got {counted(self.rules.variables)})"
            )

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments, best first."""
        return self.rules.segments

    @property
    def by_name(self) -> dict[str, ModelVariable]:
        """Name → variable, in the study's order; what the sentences of rules ask for."""
        return {variable.name: variable for variable in self.variables}

    @property
    def known(self) -> bool:
        """Whether it is known of every edge how far it could lie elsewhere."""
        return all(variable.known for variable in self.variables)

    def class_sql(self, name: str) -> str:
        """A CASE expression over the column ``name`` that gives its class, 1 to k, k being best."""
        return self.by_name[name].class_sql()

    def classes_sql(self, suffix: str = CLASS) -> str:
        """The classes of all variables as columns ``<variable><suffix>`` of a SELECT."""
        return ", ".join(
            f"cast({variable.class_sql()} as smallint) as {quote_name(variable.name + suffix)}"
            for variable in self.variables
        )

    def segment_sql(self, suffix: str = CLASS) -> str:
        """A CASE expression over the columns ``<variable><suffix>`` that gives the segment."""
        return self.rules.segment_sql(suffix)

    def rank_sql(self, suffix: str = CLASS) -> str:
        """A CASE expression over the columns ``<variable><suffix>`` that gives the rank."""
        return self.rules.rank_sql(suffix)

    def rule_sql(self, suffix: str = CLASS) -> str:
        """A CASE expression over the columns ``<variable><suffix>`` that gives the rule's line."""
        return self.rules.line_sql(suffix)

    def query(self, columns: Iterable[str], table: str) -> str:
        """One SELECT that adds classes, segment, rank and rule to the rows of a table.

        Parameters
        ----------
        columns
            The columns of ``table`` to keep, in order; they hold the variables.
        table
            The name of a table with one row per customer.
        """
        kept = quote_names(columns)
        classes = quote_names(variable.column for variable in self.variables)
        classed = f"select {kept}, {self.classes_sql()} from {quote_name(table)}"
        ruled = (
            f"select {kept}, {classes}, cast({self.rule_sql()} as smallint) as {_RULE} "
            f"from ({classed}) as classed"
        )
        return (
            f"select {kept}, {classes}, {self._by_line(lambda rule: quote_text(rule.segment))} as segment, "
            f"cast({self._by_line(lambda rule: str(self.rules.rank(rule.segment)))} as smallint) as "
            f"{quote_name('rank')}, {_RULE} from ({ruled}) as ruled"
        )

    def _by_line(self, given: Callable[[Rule], str]) -> str:
        """What each rule gives, found by its line, so that the rules are written and tried once."""
        whens = " ".join(f"when {rule.line} then {given(rule)}" for rule in self.rules.rules)
        return f"case {_RULE} {whens} end"

    def sql(self, dialect: str = "duckdb", *, table: str = "features") -> str:
        """The model as one SELECT in the words of another database.

        Parameters
        ----------
        dialect
            A dialect that SQLGlot knows, like ``"spark"``, ``"snowflake"`` or ``"bigquery"``.
        table
            A table with customer_id and one column per variable.

        Raises
        ------
        ModelError
            If the dialect is unknown.
        """
        import sqlglot
        from sqlglot.dialects import DIALECTS

        names = sorted(name.casefold() for name in DIALECTS if name != "Dialect")
        if dialect not in names:
            close = difflib.get_close_matches(dialect, names, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            raise ModelError(f"dialect must be one of {', '.join(names)} (got {dialect!r}){guess}")
        query = self.query(["customer_id", *self.by_name], table)
        return sqlglot.transpile(query, read="duckdb", write=dialect, pretty=True)[0] + "\n"

    def to_json(self) -> str:
        """The model as JSON text; its bytes depend on nothing but what was learned or decided.

        Edges are JSON numbers, written so that the same values are read back; ``kind`` says of
        which type they are.
        """
        content = {
            "schema": self.schema,
            "study": self.study,
            "fitted_as_of": self.fitted_as_of.isoformat(),
            "variables": [variable.to_dict() for variable in self.variables],
            "segments": list(self.segments),
            "rules": [_rule_to_dict(rule) for rule in self.rules.rules],
        }
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        return (
            re.sub(rf'"{json.dumps(EXACT)[1:-1]}'.replace("\\", "\\\\") + r'([-.0-9]+)"', r"\1", text) + "\n"
        )

    @classmethod
    def from_json(cls, text: str, *, file: str = "model.json") -> Model:
        """Read a model.

        Parameters
        ----------
        text
            What :meth:`to_json` wrote.
        file
            Its name, for messages.

        Raises
        ------
        ModelError
            If the text is no whole model, or one with another schema number.
        """
        try:
            raw = json.loads(text, parse_float=Decimal)
        except json.JSONDecodeError as error:
            raise ModelError(f"{file}: must be a model in JSON ({error})") from None
        number = raw.get("schema") if isinstance(raw, dict) else None
        if number != cls.schema:
            raise ModelError(
                f"{file}: must be a model with schema {cls.schema} (got {number!r}); "
                "another version of segcore wrote it: use that one, or fit anew"
            )
        try:
            return cls._from_dict(raw)
        except KeyError as error:
            raise ModelError(f"{file}: must be a whole model (the key {error} is missing)") from None
        except (ModelError, CellError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise ModelError(f"{file}: must be a whole model ({error})") from None

    @classmethod
    def _from_dict(cls, raw: Mapping[str, Any]) -> Model:
        variables = tuple(ModelVariable.from_dict(item) for item in raw["variables"])
        classes = {variable.name: variable.classes for variable in variables}
        rules = tuple(_rule_from_dict(item, classes) for item in raw["rules"])
        table = RuleTable(rules, classes, tuple(raw["segments"]))
        return cls(raw["study"], dt.date.fromisoformat(raw["fitted_as_of"]), variables, table)


def counted(classes: Mapping[str, int]) -> str:
    """Variables with their numbers of classes, as messages write them."""
    return ", ".join(f"{name} {count}" for name, count in classes.items()) or "no variable"


def _rule_to_dict(rule: Rule) -> dict[str, Any]:
    when = {cell.variable: cell.text for cell in rule.cells}
    return {"line": rule.line, "segment": rule.segment, "when": when, "note": rule.note}


def _rule_from_dict(item: Mapping[str, Any], classes: Mapping[str, int]) -> Rule:
    cells = tuple(read_cell(item["when"][name], name, count) for name, count in classes.items())
    return Rule(item["segment"], cells, item["note"], item["line"])
