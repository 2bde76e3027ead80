"""A model and its customers as small tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.model.definition import Model

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine


def edges(used: Model, candidate: Model) -> pd.DataFrame:
    """The edges that a run uses beside those that its own customers would give.

    Parameters
    ----------
    used, candidate
        Two models of the same variables and numbers of classes.

    Returns
    -------
    DataFrame
        variable, unit, class_up_to and class_above (the classes of values up to the edge and above
        it), used, candidate (the edge; years in days). One row per edge, ascending in values.
    """
    import pandas as pd

    rows = []
    for variable in used.variables:
        other = candidate.by_name[variable.name]
        unit = "days" if variable.shown_per != 1 else variable.unit
        for place, (ours, theirs) in enumerate(zip(variable.edges, other.edges, strict=True), start=1):
            high = variable.better == "high"
            below, above = (
                (place, place + 1) if high else (variable.classes + 1 - place, variable.classes - place)
            )
            rows.append((variable.name, unit, below, above, ours, theirs))
    columns = ["variable", "unit", "class_up_to", "class_above", "used", "candidate"]
    return pd.DataFrame(rows, columns=columns).astype({"used": object, "candidate": object})


def rule_counts(engine: Engine, model: Model, table: str = "customers") -> pd.DataFrame:
    """How many customers each rule takes.

    Parameters
    ----------
    engine
        Holds ``table``, as :func:`segcore.model.apply` made it with ``model``.

    Returns
    -------
    DataFrame
        line, segment, rule (the condition in words, with the model's values), customers, note; in
        the order of the rule table.
    """
    import pandas as pd

    counts = dict(engine.rows(f"select rule, count(*) from {quote_name(table)} group by rule"))
    rows = [
        (rule.line, rule.segment, rule.condition(model.by_name), counts.get(rule.line, 0), rule.note)
        for rule in model.rules.rules
    ]
    return pd.DataFrame(rows, columns=["line", "segment", "rule", "customers", "note"])


def segment_counts(engine: Engine, model: Model, table: str = "customers") -> pd.DataFrame:
    """How many customers each segment has.

    Parameters
    ----------
    engine
        Holds ``table``, as :func:`segcore.model.apply` made it with ``model``.

    Returns
    -------
    DataFrame
        segment, rank (worst 0), customers, share (of all customers, 0 to 1); best first, empty
        segments too.
    """
    import pandas as pd

    counts = dict(engine.rows(f"select segment, count(*) from {quote_name(table)} group by segment"))
    total = sum(counts.values())
    rows = [
        (segment, model.rules.rank(segment), count := counts.get(segment, 0), count / total if total else 0.0)
        for segment in model.segments
    ]
    return pd.DataFrame(rows, columns=["segment", "rank", "customers", "share"])
