"""What the model does with the customers: its classes, its rules, and which variables decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import model as models
from segcore import tables
from segcore.engine.sql import quote_name, quote_names, quote_text

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable


def classes(engine: Engine, model: Model) -> pd.DataFrame:
    """How many customers each class has.

    Parameters
    ----------
    engine
        Holds ``customers``; gets the table ``classes``.
    model
        The model of the segments.

    Returns
    -------
    DataFrame
        variable, position (from 0), class (1 to k, k best), lower, upper (as shown: years, not
        days; the values (lower, upper], None where there is no end), customers, share (of all
        customers, 0 to 1). Empty classes stand with 0.
    """
    sizes = models.class_sizes(engine, model, "customers")
    positions = {variable.name: position for position, variable in enumerate(model.variables)}
    total = sum(sizes[model.variables[0].name])
    rows = [
        (name, positions[name], place, *_bounds(model.by_name[name], place), customers, customers / total)
        for name, counted in sizes.items()
        for place, customers in enumerate(counted, start=1)
    ]
    columns = {
        "variable": "VARCHAR", "position": "SMALLINT", "class": "SMALLINT", "lower": "DOUBLE",
        "upper": "DOUBLE", "customers": "BIGINT", "share": "DOUBLE",
    }  # fmt: skip
    return tables.put(engine, "classes", columns, rows)


def _bounds(variable: ModelVariable, place: int) -> list[float | None]:
    return [None if end is None else float(end) / variable.shown_per for end in variable.bounds(place)]


def rules(engine: Engine, model: Model) -> pd.DataFrame:
    """How many customers each rule takes.

    Parameters
    ----------
    engine
        Holds ``customers``; gets the table ``rules``.
    model
        The model of the segments.

    Returns
    -------
    DataFrame
        line, segment, rule (the condition in words, with the model's values), customers (whom it
        takes), fits (whom it would take if no rule stood above it), note; in the order of the rule
        table.
    """
    counted = [
        f"count(*) filter (rule = {rule.line}), count(*) filter ({rule.sql()})" for rule in model.rules.rules
    ]
    found = iter(engine.rows(f"select {', '.join(counted)} from customers")[0])
    rows = [
        (rule.line, rule.segment, rule.condition(model.by_name), next(found), next(found), rule.note)
        for rule in model.rules.rules
    ]
    columns = {
        "line": "SMALLINT", "segment": "VARCHAR", "rule": "VARCHAR", "customers": "BIGINT",
        "fits": "BIGINT", "note": "VARCHAR",
    }  # fmt: skip
    return tables.put(engine, "rules", columns, rows)


def differences(engine: Engine, used: Model, candidate: Model) -> pd.DataFrame:
    """Whom the candidate would put into another segment than the model in use does.

    Parameters
    ----------
    engine
        Holds ``customers``; gets the table ``differences``.
    used, candidate
        The two models.

    Returns
    -------
    DataFrame
        from_segment (in use), to_segment (candidate), customers: only those who would move, best
        segment first. The table has all of them together as well, in every row: moving.
    """
    frame = models.differences(engine, used, candidate, "customers")
    kept = frame.assign(moving=frame["customers"].sum())
    columns = {"from_segment": "VARCHAR", "to_segment": "VARCHAR", "customers": "BIGINT", "moving": "BIGINT"}
    tables.put(engine, "differences", columns, kept.itertuples(index=False))
    return frame


def decides(engine: Engine, model: Model) -> pd.DataFrame:
    """Whose segment hangs on each variable.

    Parameters
    ----------
    engine
        Holds ``customers``; gets the table ``decides``.
    model
        The model of the segments.

    Returns
    -------
    DataFrame
        variable, position (from 0), customers: how many would be in another segment if only this
        variable's class were another one. A variable with 0 could be left out.

    Notes
    -----
    Customers with the same classes are tried once, so that millions of them cost no more than some
    hundred combinations; the rule table is asked in SQL, as when it gave the segments.
    """
    columns = quote_names(variable.column for variable in model.variables)
    parts = [
        f"select {quote_text(variable.name)} as variable, {position}::SMALLINT as position, "
        "coalesce(sum(customers), 0)::BIGINT as customers from (select any_value(customers) as customers "
        f"from (select combinations.* replace (number::SMALLINT as {quote_name(variable.column)}) "
        f"from combinations, range(1, {variable.classes + 1}) as numbers(number)) "
        f"group by place having bool_or(segment is distinct from {model.segment_sql()}))"
        for position, variable in enumerate(model.variables)
    ]
    engine.execute(
        "create or replace table decides as with combinations as materialized (select *, "
        f"row_number() over () as place from (select {columns}, segment, count(*) as customers "
        f"from customers group by {columns}, segment)) {' union all '.join(parts)}"
    )
    return tables.rows(engine, "decides")
