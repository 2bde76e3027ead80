"""A study's SQL expressions, bound against its columns before any work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.errors import ParamsError
from segcore.params import Column, Study, type_of
from segcore.params.forms import in_seconds
from segcore.sources.parse import output

if TYPE_CHECKING:
    from segcore.engine import Engine

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = (*WHOLE, *(f"U{kind}" for kind in WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
TRIAL = 2
"""Seconds for an expression on a single record, which takes a thousandth of one."""

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
    sound: list[_Expression] = []
    for kind in study.sources.given():
        columns, bound = _columns(engine, study, kind)
        bound += [(expression, _fault(engine, expression)) for expression in _over(study, kind, columns)]
        problems += [expression.problem(study.path, fault) for expression, fault in bound if fault]
        sound += [expression for expression, fault in bound if not fault]
    if problems:
        raise ParamsError(*problems)
    for expression in sound:
        _check_end(engine, study, expression)


def _check_end(engine: Engine, study: Study, expression: _Expression) -> None:
    """Try an expression on one record, without a value in it."""
    try:
        with engine.limited(TRIAL):
            engine.rows(f"select * from ({expression.query})")
    except TimeoutError:
        raise ParamsError(
            f"{study.path}: {expression.key}: must be SQL that ends (got {expression.sql!r}, which takes "
            f"more than {TRIAL} seconds for a single record); leave out what counts or joins long ranges"
        ) from None
    except Exception:  # what a value does not do for is told when there are values
        return


@contextmanager
def working_expressions(engine: Engine, study: Study, key: str) -> Iterator[None]:
    """Say whose fault it is when expressions that bind fail for a value all the same, or do not end.

    Parameters
    ----------
    engine
        Where they are computed.
    study
        The study.
    key
        ``variables``, or ``sources`` and a kind of source.

    Raises
    ------
    ParamsError
        With the engine's words, or the keys that take too long.
    """
    own = list(_own_keys(study, key))
    try:
        with engine.limited(in_seconds(study.limits.sql)) if own else nullcontext():
            yield
    except TimeoutError:
        raise ParamsError(
            f"{study.path}: {' and '.join(own)}: must be done with all records within {study.limits.sql}, "
            "as limits.sql says (more was needed); make it simpler, or raise limits.sql"
        ) from None
    except Exception as error:  # each engine has its own classes of errors
        if type(error).__name__ not in VALUE_FAULTS or "CSV" in str(error):
            raise
        raise ParamsError(
            f"{study.path}: {key}: every sql: and exclude: must work for all records "
            f"(got {_first_line(error)}); try_cast gives NULL where cast fails"
        ) from None


def _own_keys(study: Study, key: str) -> Iterator[str]:
    """The keys below one that hold SQL."""
    if key == "variables":
        yield from (f"{key}.{name}.sql" for name, v in study.variables.items() if v.sql)
        return
    source = study.sources.given()[key.partition(".")[2]]
    yield from (f"{key}.columns.{name}.sql" for name, column in source.columns.items() if column.sql)
    yield from (f"{key}.exclude.{rule}" for rule in source.exclude)


def _columns(engine: Engine, study: Study, kind: str) -> tuple[str, list[tuple[_Expression, str]]]:
    """A query of one row that has the source's columns, typed; and its expressions with their faults."""
    columns = study.sources.given()[kind].columns
    from_file = {name: column for name, column in columns.items() if column.sql is None}
    row = _row({name: _type(kind, name, column) for name, column in from_file.items()})
    outputs, bound = [], []
    for name, column in columns.items():
        sql = output(kind, name, column)
        if column.sql is not None:
            query = f"select {sql} from ({row})"
            expression = _Expression(
                f"sources.{kind}.columns.{name}.sql", column.sql, query, tuple(from_file)
            )
            bound.append((expression, _fault(engine, expression)))
            if bound[-1][1]:
                sql = f"NULL as {quote_name(name)}"
        outputs.append(sql)
    if kind == "transactions" and "market" not in columns:
        outputs.append("NULL::VARCHAR as market")
    return f"select {', '.join(outputs)} from ({row})", bound


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


def _row(types: Mapping[str, str]) -> str:
    """A query with the columns and one row, in which nothing has a value."""
    typed = ", ".join(f"NULL::{kind} as {quote_name(name)}" for name, kind in types.items())
    return f"select {typed or '1'}"


def _type(kind: str, name: str, column: Column) -> str:
    return {"date": "DATE", "number": "DECIMAL(38, 4)", "text": "VARCHAR"}[type_of(kind, name, column)]
