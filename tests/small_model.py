"""A small study, its rule table and models, for tests of the model."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from segcore.engine import DuckDB
from segcore.model import Model, ModelVariable
from segcore.params import Study
from segcore.rules import RuleTable, parse_rules

SEGMENTS = ("Loyal", "At risk", "Lost")
DAY = date(2025, 12, 31)
COLUMNS = {name: name for name in ("customer_id", "order_id", "order_date", "market", "amount")}
RECENCY_AND_FREQUENCY = {"recency": {"classes": 3}, "frequency": {"classes": 2}}


def study(variables: dict[str, Any] | None = None, **more: Any) -> Study:
    return Study(
        **{
            "name": "acme",
            "path": Path("params/acme.yaml"),
            "title": "ACME",
            "currency": "EUR",
            "sources": {"transactions": {"files": ["sales.csv"], "columns": COLUMNS}},
            "variables": variables or RECENCY_AND_FREQUENCY,
            "breaks": {},
            "segments": {segment: {} for segment in SEGMENTS},
            **more,
        }
    )


def rules(rows: str = "Loyal,3,2,\nAt risk,>=2,*,call them\nLost,*,*,\n") -> RuleTable:
    variables = {"recency": 3, "frequency": 2}
    header = "segment,recency,frequency,note\n"
    return parse_rules(header + rows, file="acme.rules.csv", variables=variables, segments=SEGMENTS)


def anything(variables: dict[str, int]) -> RuleTable:
    """A rule table that puts everybody into the worst segment."""
    header = ",".join(["segment", *variables])
    row = ",".join(["Lost", *("*" for _ in variables)])
    return parse_rules(f"{header}\n{row}\n", file="any.csv", variables=variables, segments=SEGMENTS)


def model(recency: tuple[int, ...] = (30, 90), frequency: tuple[int, ...] = (4,), **more: Any) -> Model:
    variables = (
        ModelVariable.of(study(), "recency", recency),
        ModelVariable.of(study(), "frequency", frequency),
    )
    return Model(**{"study": "acme", "fitted_as_of": DAY, "variables": variables, "rules": rules(), **more})


def variable(edges: tuple[int | float | Decimal, ...], better: str = "high") -> ModelVariable:
    return ModelVariable(
        name="share",
        label="Share",
        unit="",
        better="low" if better == "low" else "high",
        classes=len(edges) + 1,
        scale="linear",
        shown_per=1.0,
        sql="avg(amount)",
        window=None,
        edges=edges,
    )


def fill(engine: DuckDB, rows: str, columns: str = "customer_id, recency, frequency") -> None:
    """Make the table ``features`` from rows as SQL writes them."""
    engine.execute(f"create or replace table features as from (values {rows}) as t({columns})")
