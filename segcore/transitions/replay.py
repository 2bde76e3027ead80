"""What the variables were at the last run by this delivery, and would be now with nothing bought since.

Most customers need not be looked at again: without an order since the last run, and without one that
left a window meanwhile, their counts are those of now and their days are as many fewer as lie between
the runs. The others are made from their order lines.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names, quote_text
from segcore.errors import ParamsError
from segcore.features import attributes, computing, features_sql
from segcore.params import Population, StudyVariable
from segcore.sources.expressions import SOME_DAY
from segcore.variables import VARIABLES, counts_days

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable
    from segcore.params import Study

OF_LINES = ("customer_id", "order_id", "order_date")


@dataclass(frozen=True)
class Between:
    """The dates of two runs."""

    last_run: dt.date
    run_date: dt.date

    @property
    def days(self) -> int:
        """How many days lie between them."""
        return (self.run_date - self.last_run).days


def replay(engine: Engine, study: Study, between: Between, prefix: str, *, now: bool) -> None:
    """Make the values of those who are in both runs: ``<prefix>before`` and ``<prefix>idle``.

    Parameters
    ----------
    engine
        Holds ``moves``, ``transactions`` and, if the study has it, ``customers_source`` of this run.
    study
        Its variables; its population is not asked, for who is outside ages, too.
    between
        The dates of the two runs.
    prefix
        How the names of the tables begin.
    now
        Whether ``customers`` holds these variables; else ``<prefix>now`` is made, too.

    Notes
    -----
    Columns out: customer_id, then one for each variable, in the study's order. ``before`` is at the
    last run, ``idle`` at this one with the orders up to the last. Who has no such order has no row.

    Raises
    ------
    ParamsError
        If the SQL of a variable fails for an order.
    """
    lines, again = f"{prefix}lines", f"{prefix}again"
    cut = f"order_date <= DATE '{between.last_run}'"
    engine.execute(f"create or replace temp table {again} as {_again(study, between, now=now)}")
    columns = quote_names(_needed(study, engine.columns("transactions")))
    kept = f"select {columns} from transactions semi join {again} using (customer_id)"
    try:
        if not now:
            engine.execute(f"create or replace temp table {lines} as {kept}")
            make_values(engine, study, between.run_date, f"{prefix}now", lines)
        engine.execute(f"create or replace temp table {lines} as {kept} where {cut}")
        for step, day, fewer in (("before", between.last_run, between.days), ("idle", between.run_date, 0)):
            make_values(engine, study, day, f"{prefix}{step}", lines)
            if now:
                engine.execute(f"insert into {prefix}{step} {_unchanged(study, again, fewer)}")
    finally:
        engine.execute(f"drop table if exists {lines}")
        engine.execute(f"drop table if exists {again}")


def make_values(engine: Engine, study: Study, day: dt.date, into: str, lines: str = "transactions") -> None:
    """Make a table with the values of everybody at a day, whether in the population or not.

    Parameters
    ----------
    engine
        Holds ``transactions`` and, if the study has it, ``customers_source``.
    study
        Its variables are the columns, after customer_id.
    day
        The only "today".
    into
        The table to make.
    lines
        The table of the order lines that exist.

    Raises
    ------
    ParamsError
        If the SQL of a variable fails for an order.
    """
    everybody = study.model_copy(update={"population": Population()})
    # Who somebody is does not matter here; since may begin the years.
    since = [name for name in attributes(engine) if name == "since"]
    query = features_sql(everybody, day, since, {}, only=lines)
    columns = quote_names(["customer_id", *study.variables])
    with computing(engine, everybody):
        engine.execute(f"create or replace temp table {quote_name(into)} as select {columns} from ({query})")


def _again(study: Study, between: Between, *, now: bool) -> str:
    """Who of both runs must be looked at again: customer_id."""
    both = "select customer_id from moves where from_rank is not null and to_rank is not null"
    own = [variable.sql or "" for variable in study.variables.values()]
    if not now or any("$run_date" in sql for sql in own):
        return both
    windows = {quote_text(v.window) for v in study.variables.values() if v.window}
    since = [f"order_date > DATE '{between.last_run}'"]
    since += [
        f"(order_date > DATE '{between.last_run}' - interval {window} "
        f"and order_date <= DATE '{between.run_date}' - interval {window})"
        for window in sorted(windows)
    ]
    lines = f"select distinct customer_id from transactions where {' or '.join(since)}"
    return f"{both} and customer_id in ({lines})"


def _unchanged(study: Study, again: str, fewer: int) -> str:
    known = study.resolved_variables().items()
    values = [f"{quote_name(n)}{f' - {fewer}' if counts_days(v.sql) else ''}" for n, v in known]
    return f"""select customer_id, {", ".join(values)} from customers
        semi join (select customer_id from moves where from_rank is not null and to_rank is not null) two
        using (customer_id) anti join {again} using (customer_id)"""


def _needed(study: Study, lines: Mapping[str, str]) -> list[str]:
    """The columns of order lines that the variables of a study use."""
    sql = " ".join(variable.sql for variable in study.resolved_variables().values())
    words = {word.casefold() for word in re.findall(r"\w+", sql)}
    return [name for name in lines if name in OF_LINES or name.casefold() in words]


def can_make(engine: Engine, study: Study) -> bool:
    """Whether a study's variables can be made from this delivery: whether it has the columns they ask for.

    Parameters
    ----------
    engine
        Holds ``transactions``.
    study
        Mostly one of :func:`as_fitted`, whose variables may be of a time when deliveries had other columns.

    Notes
    -----
    Nothing is computed: the SQL is guarded and bound. So what fails later is not for want of a column.
    """
    try:
        with computing(engine, study):
            for variable in study.resolved_variables().values():
                asked = variable.by_order[0] if variable.by_order else variable.sql
                asked = asked.replace("$run_date", SOME_DAY)
                engine.execute(
                    f"create or replace temp view _asked as select {asked} as it "
                    "from transactions group by customer_id"
                )
    except (ParamsError, engine.errors):
        return False
    engine.execute("drop view if exists _asked")
    return True


def as_fitted(study: Study, model: Model) -> Study:
    """A study with the variables that a model was made for, whatever they are called and count today."""
    variables = {
        variable.name: StudyVariable(
            classes=variable.classes,
            window=variable.window,
            better=variable.better,
            sql=None if variable.name in VARIABLES else variable.sql,
        )
        for variable in model.variables
    }
    return study.model_copy(update={"variables": variables})


def same_values(one: Iterable[ModelVariable], other: Iterable[ModelVariable]) -> bool:
    """Whether two models look at the same numbers of a customer, in whichever order."""
    return sorted(map(_defined, one)) == sorted(map(_defined, other))


def _defined(variable: ModelVariable) -> tuple[str, str, str, str]:
    """What makes a variable's number; what segcore knows by name it may compute in a new way."""
    own = "" if variable.name in VARIABLES else " ".join(variable.sql.split())
    return variable.name, variable.better, variable.window or "", own
