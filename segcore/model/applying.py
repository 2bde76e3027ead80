"""A model over the customers of a date: their classes and segments, and whom other choices would move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import BreaksError, ModelError
from segcore.model.definition import Model
from segcore.model.fragile import FRAGILE, with_fragile
from segcore.rules import RuleTable

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

_FRACTIONS = ("FLOAT", "DOUBLE")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_FRACTIONS, *_WHOLE, *(f"U{kind}" for kind in _WHOLE))
_CANDIDATE = "_candidate_class"


def apply(engine: Engine, model: Model, table: str = "features", into: str = "customers") -> None:
    """Give every customer classes and a segment, in one pass.

    Parameters
    ----------
    engine
        Holds ``table``.
    model
        The model.
    table
        One row per customer with a column for each of the model's variables.
    into
        The table to make, in the order of ``table``: its columns, then ``<variable>_class``
        (SMALLINT) for each variable, segment (VARCHAR), rank (SMALLINT, worst 0), rule (SMALLINT,
        the line of the rule table that matched first) and fragile (BOOLEAN, see
        :func:`segcore.model.fragile.with_fragile`).

    Raises
    ------
    ModelError
        If a variable has no column, or a column already has the name of one to be made.
    BreaksError
        If a variable is not a number for every customer.
    """
    columns = list(engine.columns(table))
    made = [*(variable.column for variable in model.variables), "segment", "rank", "rule", FRAGILE]
    taken = [name for name in made if name in columns]
    if taken:
        raise ModelError(
            *(
                f"{name} must not be a column of {table}, for segments are written there; "
                "map it under another name in the study"
                for name in taken
            )
        )
    check_values(engine, model.by_name, table)
    query = with_fragile(model, model.query(columns, table))
    engine.execute(f"create or replace table {quote_name(into)} as {query}")


def check_values(engine: Engine, names: Iterable[str], table: str = "features") -> None:
    """Make sure that variables are numbers, and that every customer has them.

    Raises
    ------
    ModelError
        For variables without a column.
    BreaksError
        For variables that are no number, or none for some customer, all together.
    """
    types, names = engine.columns(table), list(names)
    missing = [name for name in names if name not in types]
    if missing:
        raise ModelError(*(f"{table} must have a column {name} (it has none)" for name in missing))
    problems = [
        f"{name} must be a number (its sql gives {types[name]}); change variables.{name}.sql in the study"
        for name in names
        if not types[name].startswith(("DECIMAL", *_NUMBERS))
    ]
    numbers = [name for name in names if types[name].startswith(("DECIMAL", *_NUMBERS))]
    counts = ", ".join(f"count(*) filter (where not {_known(name, types[name])})" for name in numbers)
    total, *unknown = engine.rows(f"select count(*), {counts or 0} from {quote_name(table)}")[0]
    problems += [
        f"{name} must have a value for every customer (got none for {count:,} of {total:,}); "
        f"write coalesce(…, 0) or the like into variables.{name}.sql in the study"
        for name, count in zip(numbers, unknown, strict=False)
        if count
    ]
    if problems:
        raise BreaksError(*problems)


def _known(name: str, kind: str) -> str:
    column = quote_name(name)
    finite = f" and isfinite({column})" if kind in _FRACTIONS else ""
    return f"({column} is not null{finite})"


def class_sizes(engine: Engine, model: Model, table: str = "features") -> dict[str, tuple[int, ...]]:
    """How many customers each class has under a model.

    Parameters
    ----------
    engine, model, table
        As for :func:`apply`; classes are made from the values of ``table``.

    Returns
    -------
    dict
        Variable, in the study's order → customers of class 1 to k, k being best.
    """
    queries = [
        f"select {quote_text(variable.name)}, {variable.class_sql()} as number, count(*) "
        f"from {quote_name(table)} group by number"
        for variable in model.variables
    ]
    found = {(name, number): count for name, number, count in engine.rows(" union all ".join(queries))}
    return {
        variable.name: tuple(found.get((variable.name, k), 0) for k in range(1, variable.classes + 1))
        for variable in model.variables
    }


def differences(engine: Engine, kept: Model, candidate: Model, table: str = "features") -> pd.DataFrame:
    """Whom the candidate would put into another segment than the kept model does.

    Parameters
    ----------
    engine
        Holds ``table``, one row per customer with the variables of both models.
    kept, candidate
        The two models.

    Returns
    -------
    DataFrame
        from_segment (kept), to_segment (candidate), customers: only those who would move, best
        segment first.
    """
    source = f"select {kept.classes_sql()}, {candidate.classes_sql(_CANDIDATE)} from {quote_name(table)}"
    return _moves(
        engine,
        f"select {kept.segment_sql()} as from_segment, {candidate.segment_sql(_CANDIDATE)} as to_segment "
        f"from ({source}) as classed",
        (kept.segments, candidate.segments),
    )


def preview(engine: Engine, model: Model, new_rules: RuleTable, table: str = "customers") -> pd.DataFrame:
    """Whom a new rule table would put into another segment, with the classes as they are.

    Parameters
    ----------
    engine
        Holds ``table``, as :func:`apply` made it with ``model``.
    model
        The model of the current segments.
    new_rules
        The table to try, for the same variables and classes.

    Returns
    -------
    DataFrame
        from_segment (now), to_segment (then), customers: only those who would move, best segment
        first.
    """
    query = (
        f"select segment as from_segment, {new_rules.segment_sql()} as to_segment from {quote_name(table)}"
    )
    return _moves(engine, query, (model.segments, new_rules.segments))


def _moves(engine: Engine, query: str, orders: tuple[Sequence[str], Sequence[str]]) -> pd.DataFrame:
    import pandas as pd

    moves = engine.rows(
        f"select from_segment, to_segment, count(*) from ({query}) as both_segments "
        "where from_segment is distinct from to_segment group by from_segment, to_segment"
    )
    moves.sort(key=lambda move: (orders[0].index(move[0]), orders[1].index(move[1])))
    frame = pd.DataFrame(moves, columns=["from_segment", "to_segment", "customers"])
    return frame.astype({"from_segment": "str", "to_segment": "str", "customers": "int64"})
