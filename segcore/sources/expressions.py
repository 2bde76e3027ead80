"""A study's SQL expressions: guarded, bound against its columns before any work, and limited in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.engine.guard import Allowed, refusal
from segcore.engine.sql import quote_name
from segcore.errors import ParamsError
from segcore.kinds import KINDS, Type
from segcore.params import Study, joined, type_of
from segcore.params.forms import in_seconds
from segcore.sources.parse import output

if TYPE_CHECKING:
    from segcore.engine import Engine

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBERS = (*WHOLE, *(f"U{kind}" for kind in WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
TRIAL = 2
"""Seconds for an expression on a single record, which takes a thousandth of one."""


@dataclass(frozen=True)
class _Expression:
    """A piece of SQL in a study: its key, its text, and what it may use and give.

    ``computed`` is the text as part of a query, ``grouped`` the end of that query.
    """

    key: str
    sql: str
    allowed: Allowed
    computed: str
    grouped: str = ""
    kinds: tuple[str, ...] = ()

    def query(self, rows: str) -> str:
        """The expression over a query of rows."""
        return f"select {self.computed} from ({rows}){self.grouped}"

    def refused(self, study: Study) -> str:
        """The sentence of the guard; "" if the text may run."""
        told = refusal(self.sql, self.allowed)
        return self.problem(study, told.fault, told.advice) if told else ""

    def problem(self, study: Study, fault: str, advice: str = "") -> str:
        """The sentence for the analyst."""
        names = ", ".join(self.allowed.columns)
        end = f"; {advice}" if advice else ""
        return f"{study.path}: {self.key}: must be SQL over {names} (got {self.sql!r}: {fault}){end}"


def check_expressions(engine: Engine, study: Study) -> None:
    """Check that columns, exclusions and variables of a study are SQL over the columns it maps.

    Raises
    ------
    ParamsError
        With the file, the key and what is wrong with every expression that may not run or that does
        not bind.
    """
    problems: dict[str, str] = {}
    sound: list[tuple[_Expression, str]] = []
    for kind in study.sources.given():
        row = _row(study, kind)
        own, others = _of_columns(study, kind), [*_exclusions(study, kind), *_variables(study, kind)]
        for expression in own:
            problems[expression.key] = _problem(engine, study, expression, row)
        made = _outputs(study, kind, row, [expression.key for expression in own if problems[expression.key]])
        for expression in others:
            problems[expression.key] = _problem(engine, study, expression, made)
        sound += [(e, row) for e in own if not problems[e.key]]
        sound += [(e, made) for e in others if not problems[e.key]]
    if told := [problem for problem in problems.values() if problem]:
        raise ParamsError(*told)
    for expression, rows in sound:
        _check_end(engine, study, expression, rows)


def _check_end(engine: Engine, study: Study, expression: _Expression, rows: str) -> None:
    """Try an expression on one record, without a value in it."""
    try:
        with engine.limited(TRIAL):
            engine.rows(f"select * from ({expression.query(rows)})")
    except TimeoutError:
        raise ParamsError(
            f"{study.path}: {expression.key}: must be SQL that ends (got {expression.sql!r}, which takes "
            f"more than {TRIAL} seconds for a single record); make it simpler"
        ) from None
    except engine.errors:  # what a value does not do for is told when there are values
        return


@contextmanager
def working_expressions(engine: Engine, study: Study, key: str) -> Iterator[None]:
    """Let a study's SQL be computed: guard it, end it in time, and say whose fault it is if it fails.

    Parameters
    ----------
    engine
        Where it is computed.
    study
        The study.
    key
        What is computed: ``variables``, ``sources.KIND.columns`` or ``sources.KIND.exclude``. Without
        SQL below it nothing is guarded and there is no limit.

    Raises
    ------
    ParamsError
        With what the guard refuses, the engine's words for a value that does not do, or the keys
        that take too long.
    """
    own = [e for e in _expressions(study) if f"{e.key}.".startswith(f"{key}.")]
    if problems := [problem for expression in own if (problem := expression.refused(study))]:
        raise ParamsError(*problems)
    keys = f"{study.path}: {' and '.join(expression.key for expression in own)}"
    try:
        with engine.limited(in_seconds(study.limits.sql)) if own else nullcontext():
            yield
    except TimeoutError:
        raise ParamsError(
            f"{keys}: must be done with all records within {study.limits.sql}, as limits.sql says "
            "(more was needed); make it simpler, or raise limits.sql"
        ) from None
    except engine.value_errors as error:
        if not own:
            raise
        raise ParamsError(
            f"{keys}: must work for all records (got {_first_line(error)}); "
            "try_cast gives NULL where cast fails"
        ) from None


def _expressions(study: Study) -> Iterator[_Expression]:
    """All SQL in a study."""
    for kind in study.sources.given():
        yield from (*_of_columns(study, kind), *_exclusions(study, kind), *_variables(study, kind))


def _of_columns(study: Study, kind: str) -> list[_Expression]:
    columns = study.sources.given()[kind].columns
    allowed = Allowed(_from_file(study, kind))
    return [
        _Expression(f"sources.{kind}.columns.{name}.sql", column.sql, allowed, output(kind, name, column))
        for name, column in columns.items()
        if column.sql is not None
    ]


def _exclusions(study: Study, kind: str) -> list[_Expression]:
    allowed = Allowed(_names(study, kind))
    return [
        _Expression(f"sources.{kind}.exclude.{rule}", sql, allowed, f"({sql}) as it", kinds=("BOOLEAN",))
        for rule, sql in study.sources.given()[kind].exclude.items()
    ]


def _variables(study: Study, kind: str) -> list[_Expression]:
    if not KINDS[kind].amount:
        return []
    allowed = Allowed(_names(study, kind), ("run_date",), aggregates=True)
    return [
        _Expression(
            f"variables.{name}.sql",
            variable.sql,
            allowed,
            f"{variable.sql.replace('$run_date', SOME_DAY)} as it",
            " group by customer_id",
            NUMBERS,
        )
        for name, variable in study.variables.items()
        if variable.sql is not None
    ]


SOME_DAY = "DATE '2000-01-01'"


def _from_file(study: Study, kind: str) -> tuple[str, ...]:
    """The columns that an expression of another column may use."""
    columns = study.sources.given()[kind].columns
    return tuple(name for name, column in columns.items() if column.sql is None)


def _names(study: Study, kind: str) -> tuple[str, ...]:
    """The columns of a source; order lines also have those of other sources that are joined to them."""
    given = study.sources.given()
    return tuple(dict.fromkeys((*given[kind].columns, *joined(kind, given))))


def _row(study: Study, kind: str) -> str:
    """A query with one row of the columns that come from the file, in which nothing has a value."""
    columns = study.sources.given()[kind].columns
    types = {name: type_of(kind, name, columns[name]) for name in _from_file(study, kind)}
    return f"select {_nulls(types) or '1'}"


def _outputs(study: Study, kind: str, row: str, failed: list[str]) -> str:
    """A query with one row of a source's columns, typed; those of a failed expression are NULL."""
    given = study.sources.given()
    columns, more = given[kind].columns, joined(kind, given)
    outputs = [
        f"NULL as {quote_name(name)}"
        if f"sources.{kind}.columns.{name}.sql" in failed
        else output(kind, name, column)
        for name, column in columns.items()
    ]
    outputs.append(_nulls({name: held for name, held in more.items() if name not in columns}))
    return f"select {', '.join(filter(None, outputs))} from ({row})"


def _nulls(types: Mapping[str, Type]) -> str:
    held = {"date": "DATE", "number": "DECIMAL(38, 4)", "text": "VARCHAR"}
    return ", ".join(f"NULL::{held[kind]} as {quote_name(name)}" for name, kind in types.items())


def _problem(engine: Engine, study: Study, expression: _Expression, rows: str) -> str:
    """What is wrong with an expression; "" if it may run and binds."""
    if told := expression.refused(study):
        return told
    try:
        engine.execute(f"create or replace temp view _expression as {expression.query(rows)}")
        kind = next(iter(engine.columns("_expression").values()))
    except engine.errors as error:
        return expression.problem(study, _first_line(error))
    if expression.kinds and not kind.startswith(expression.kinds):
        wanted = "true or false" if expression.kinds == ("BOOLEAN",) else "a number"
        return expression.problem(study, f"it gives {kind}, not {wanted}")
    return ""


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].strip()
