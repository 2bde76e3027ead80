"""A study's SQL expressions, bound against its columns before any work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.errors import ParamsError
from segcore.params import DATES, DECIMALS, Column, Study
from segcore.sources.parse import output

if TYPE_CHECKING:
    from segcore.engine import Engine

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = (*WHOLE, *(f"U{kind}" for kind in WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
# What engines call it when a value does not do for an expression; anything else is not the study's fault.
VALUE_FAULTS = {"ConversionException", "OutOfRangeException", "InvalidInputException"}


@dataclass(frozen=True)
class _Expression:
    """A piece of SQL in a study: its key, its text, a query that uses it, and what it may name."""

    key: str
    sql: str
    query: str
    names: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    def problem(self, path: object, fault: str) -> str:
        """The sentence for the analyst."""
        return f"{path}: {self.key}: must be SQL over {', '.join(self.names)} (got {self.sql!r}: {fault})"


def check_expressions(engine: Engine, study: Study) -> None:
    """Check that columns, exclusions and variables of a study are SQL over the columns it maps.

    Raises
    ------
    ParamsError
        With the file, the key and the engine's words for every expression that does not bind.
    """
    problems: list[str] = []
    for kind in study.sources.given():
        columns, faults = _columns(engine, study, kind)
        problems += faults
        problems += [
            expression.problem(study.path, fault)
            for expression in _over(study, kind, columns)
            if (fault := _fault(engine, expression))
        ]
    if problems:
        raise ParamsError(*problems)


@contextmanager
def working_expressions(study: Study, key: str) -> Iterator[None]:
    """Say whose fault it is when an expression that binds fails for a value all the same.

    Raises
    ------
    ParamsError
        With the engine's words.
    """
    try:
        yield
    except Exception as error:  # each engine has its own classes of errors
        if type(error).__name__ not in VALUE_FAULTS or "CSV" in str(error):
            raise
        raise ParamsError(
            f"{study.path}: {key}: every sql: and exclude: must work for all records "
            f"(got {_first_line(error)}); try_cast gives NULL where cast fails"
        ) from None


def _columns(engine: Engine, study: Study, kind: str) -> tuple[str, list[str]]:
    """A query without rows that has the source's columns, typed; and what is wrong with them."""
    columns = study.sources.given()[kind].columns
    from_file = {name: column for name, column in columns.items() if column.sql is None}
    empty = _empty({name: _type(name, column) for name, column in from_file.items()})
    outputs, problems = [], []
    for name, column in columns.items():
        sql = output(name, column)
        if column.sql is not None:
            query = f"select {sql} from ({empty})"
            expression = _Expression(
                f"sources.{kind}.columns.{name}.sql", column.sql, query, tuple(from_file)
            )
            if fault := _fault(engine, expression):
                problems.append(expression.problem(study.path, fault))
                sql = f"NULL as {quote_name(name)}"
        outputs.append(sql)
    if kind == "transactions" and "market" not in columns:
        outputs.append("NULL::VARCHAR as market")
    return f"select {', '.join(outputs)} from ({empty})", problems


def _over(study: Study, kind: str, columns: str) -> Iterator[_Expression]:
    """The exclusions of a source, and the variables over transactions."""
    source = study.sources.given()[kind]
    names = tuple(source.columns)
    if kind == "transactions" and "market" not in names:
        names = (*names, "market")
    for rule, predicate in source.exclude.items():
        query = f"select ({predicate}) as it from ({columns})"
        yield _Expression(f"sources.{kind}.exclude.{rule}", predicate, query, names, ("BOOLEAN",))
    for name, variable in study.variables.items() if kind == "transactions" else ():
        if variable.sql is not None:
            sql = variable.sql.replace("$run_date", "DATE '2000-01-01'")
            query = f"select {sql} as it from ({columns}) group by customer_id"
            yield _Expression(f"variables.{name}.sql", variable.sql, query, names, NUMBERS)


def _fault(engine: Engine, expression: _Expression) -> str:
    try:
        engine.execute(f"create or replace temp view _expression as {expression.query}")
        kind = next(iter(engine.columns("_expression").values()))
    except Exception as error:  # each engine has its own classes of errors
        return _first_line(error)
    if expression.kinds and not kind.startswith(expression.kinds):
        wanted = "true or false" if expression.kinds == ("BOOLEAN",) else "a number"
        return f"it gives {kind}, not {wanted}"
    return ""


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].strip()


def _empty(types: Mapping[str, str]) -> str:
    """A query with the columns and no rows."""
    typed = ", ".join(f"NULL::{kind} as {quote_name(name)}" for name, kind in types.items())
    return f"select {typed or '1'} where false"


def _type(name: str, column: Column) -> str:
    if name in DATES or column.date is not None:
        return "DATE"
    if name in DECIMALS or column.decimal is not None:
        return "DECIMAL(38, 4)"
    return "VARCHAR"
