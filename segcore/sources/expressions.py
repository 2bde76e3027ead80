"""A study's SQL expressions, bound against its columns before any work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.errors import ParamsError
from segcore.params import DATES, DECIMALS, Column, Study

if TYPE_CHECKING:
    from segcore.engine import Engine


def check_expressions(engine: Engine, study: Study) -> None:
    """Check that columns, exclusions and variables of a study are SQL over the columns it maps.

    Raises
    ------
    ParamsError
        With the file, the key and the engine's words for every expression that does not bind.
    """
    problems = [
        f"{study.path}: {key}: must be SQL over {', '.join(names)} (got {sql!r}: {fault})"
        for key, sql, query, names in _queries(study)
        if (fault := _fault(engine, query))
    ]
    if problems:
        raise ParamsError(*problems)


def _fault(engine: Engine, query: str) -> str:
    try:
        engine.execute(f"explain {query}")
    except Exception as error:  # each engine has its own classes of errors
        return str(error).splitlines()[0].strip()
    return ""


def _queries(study: Study) -> Iterator[tuple[str, str, str, list[str]]]:
    """Key, expression, a query that uses it, and the columns that it may name."""
    for kind, source in study.sources.given().items():
        from_file = {n: c for n, c in source.columns.items() if c.sql is None}
        for name, column in source.columns.items():
            if column.sql is not None:
                query = f"select ({column.sql}) from ({_empty(from_file)})"
                yield f"sources.{kind}.columns.{name}.sql", column.sql, query, list(from_file)
        everything = dict(source.columns)
        if kind == "transactions":
            everything.setdefault("market", Column.model_validate("market"))
        for rule, predicate in source.exclude.items():
            query = f"select 1 from ({_empty(everything)}) where ({predicate})"
            yield f"sources.{kind}.exclude.{rule}", predicate, query, list(everything)
        if kind == "transactions":
            yield from _variable_queries(study, everything)


def _variable_queries(
    study: Study, columns: Mapping[str, Column]
) -> Iterator[tuple[str, str, str, list[str]]]:
    for name, variable in study.variables.items():
        if variable.sql is not None:
            sql = variable.sql.replace("$run_date", "DATE '2000-01-01'")
            query = f"select {sql} from ({_empty(columns)}) group by customer_id"
            yield f"variables.{name}.sql", variable.sql, query, list(columns)


def _empty(columns: Mapping[str, Column]) -> str:
    """A query with the columns and no rows."""
    typed = ", ".join(f"NULL::{_type(name, c)} as {quote_name(name)}" for name, c in columns.items())
    return f"select {typed} where false"


def _type(name: str, column: Column) -> str:
    if name in DATES or column.date is not None:
        return "DATE"
    if name in DECIMALS or column.decimal is not None:
        return "DECIMAL(38, 4)"
    return "VARCHAR"
