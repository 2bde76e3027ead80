"""Transactions → customers at a date: one row per customer, one column per variable.

The definitions stand in :mod:`segcore.variables`. Known variables are computed in two steps, by
order and then by customer, which is the faster way over many order lines; a test holds the results
against the definitions.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from segcore import variables
from segcore.engine.sql import quote_name
from segcore.errors import InputError
from segcore.params import Study
from segcore.sources.expressions import working_expressions
from segcore.variables import Variable
from segcore.wording import short

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import Engine

PROVENANCE = ("file", "record")


def build(engine: Engine, study: Study, run_date: dt.date) -> None:
    """Make the table ``features`` from ``transactions`` (and ``customers_source``).

    Parameters
    ----------
    engine
        Where SQL runs.
    study
        The study: its variables, windows and population.
    run_date
        The only "today".

    Notes
    -----
    Columns out: customer_id, name, rep (NULL where nobody says), the further attributes of the
    customers source (since, region, …), then one column per variable of the study. Days are whole
    days; a count or sum over nothing is 0.

    Raises
    ------
    InputError
        If an order lies after the run date, or no customer is in the population at it.
    ParamsError
        If the SQL of a variable fails for an order.
    """
    _check_no_later(engine, run_date)
    query = features_sql(study, run_date, attributes(engine), engine.columns("transactions"))
    with computing(engine, study):
        engine.execute(f"create or replace table features as {query}")
    if not engine.rows("select 1 from features limit 1"):
        raise InputError(
            f"{study.path}: population.active_within: at least one customer must have ordered "
            f"within {study.population.active_within} up to {run_date} (none did); "
            "deliver newer extracts, or widen the population"
        )


@contextmanager
def computing(engine: Engine, study: Study) -> Iterator[None]:
    """Let the variables of a study be computed; see :func:`segcore.sources.expressions.working_expressions`.

    What a study wrote itself may depend on the order of rows (sums of floats, first, any_value), which
    several threads leave to chance; the known variables do not.
    """
    own = any(variable.sql for variable in study.variables.values())
    with working_expressions(engine, study, "variables"), engine.one_thread() if own else nullcontext():
        yield


def _check_no_later(engine: Engine, run_date: dt.date) -> None:
    later, newest = engine.rows(
        "select count(*), max(order_date) from transactions where order_date > $day", {"day": run_date}
    )[0]
    if later:
        raise InputError(
            f"the order lines of the run of {run_date} must end with that day (got {later:,} later ones, the "
            f"newest of {newest}); they were made for another run date: run ingest for this one first"
        )


def features_sql(
    study: Study,
    run_date: dt.date,
    attributes: Sequence[str],
    lines: Mapping[str, str],
    *,
    only: str = "",
) -> str:
    """The query behind :func:`build`.

    Parameters
    ----------
    study
        The study.
    run_date
        The run date, written into the query.
    attributes
        Columns of ``customers_source`` beside customer_id; none if there is no such table.
    lines
        The columns of ``transactions``.
    only
        The table of the lines that exist, if not all of ``transactions`` do.
    """
    wanted = [_Wanted.of(study, variable) for variable in study.resolved_variables().values()]
    steps = {"orders": _orders(wanted), "people": _people(study, wanted)}
    for number, cutoff in enumerate(dict.fromkeys(w.cutoff for w in wanted if w.kind == "direct")):
        steps[f"direct_{number}"] = _direct([w for w in wanted if w.kind == "direct"], cutoff)
    for w in (w for w in wanted if w.kind == "distinct"):
        steps[f"distinct_{w.variable.name}"] = _distinct(w)
    if "rep" in lines:
        steps["latest"] = (
            "select customer_id, max_by(rep, (order_date, order_id, rep)) as _order_rep "
            "from transactions where rep is not null group by customer_id"
        )
    columns = [f"{_name(attributes)} as name", f"{_rep(attributes, lines)} as rep"]
    columns += [f"c.{quote_name(name)}" for name in attributes if name not in ("name", "rep")]
    since = "c.since" if "since" in attributes else "NULL::DATE"
    columns += [w.finished(since) for w in wanted]
    extra = [name for name in steps if name not in ("orders", "people")]
    joins = "".join(f" left join {name} using (customer_id)" for name in extra)
    source = " left join customers_source c using (customer_id)" if attributes else ""
    if only:  # under the same name, so that no step knows of other lines
        steps = {"transactions": f"select * from {quote_name(only)}", **steps}
    with_steps = ", ".join(f"{name} as ({sql})" for name, sql in steps.items())
    query = f"with {with_steps} select customer_id, {', '.join(columns)} from people{joins}{source}"
    return query.replace("$run_date", f"DATE '{run_date.isoformat()}'")


def attributes(engine: Engine) -> tuple[str, ...]:
    """The columns of ``customers_source`` that say something of a customer; none without such a table."""
    columns = engine.columns("customers_source") if engine.has("customers_source") else {}
    return tuple(c for c in columns if c not in ("customer_id", *PROVENANCE))


def _name(attributes: Sequence[str]) -> str:
    return "c.name" if "name" in attributes else "NULL::VARCHAR"


def _rep(attributes: Sequence[str], lines: Mapping[str, str]) -> str:
    """The representative: what the customers source says, else that of the latest order."""
    known = [sql for sql, there in (("c.rep", "rep" in attributes), ("_order_rep", "rep" in lines)) if there]
    return f"coalesce({', '.join(known)})" if known else "NULL::VARCHAR"


@dataclass(frozen=True)
class _Wanted:
    """A variable as the study wants it: the day after which orders count, and how it is made."""

    variable: Variable
    cutoff: str | None
    kind: str

    @classmethod
    def of(cls, study: Study, variable: Variable) -> _Wanted:
        window = study.variables[variable.name].window
        cutoff = f"$run_date - interval '{window}'" if window and variable.windowed else None
        kind = "by order" if variable.by_order else "distinct" if variable.distinct else "direct"
        return cls(variable, cutoff, kind)

    @property
    def name(self) -> str:
        return quote_name(self.variable.name)

    def finished(self, since: str) -> str:
        """The column of the result; a count or sum over nothing is 0."""
        value = self.name
        if self.variable.by_order:
            value = re.sub(r"\bsince\b", since, self.variable.by_order[2]).format(x=self.name)
        elif self.cutoff:
            # Who has no order in the window has no row; the aggregate says what it is over nothing.
            value = f"coalesce({value}, (select {self.variable.sql} from transactions where false))"
        if re.match(r"\s*sum\s*\(", self.variable.sql, re.IGNORECASE):
            value = f"coalesce({value}, 0)"
        return f"{value} as {self.name}"

    def filter(self, keyword: str = "where") -> str:
        return f" {keyword} order_date > {self.cutoff}" if self.cutoff else ""


def _orders(wanted: Sequence[_Wanted]) -> str:
    values = ["max(order_date) as _last_day"]
    for w in wanted:
        if w.variable.by_order:
            within = f" filter ({w.filter().strip()})" if w.cutoff else ""
            values.append(f"{w.variable.by_order[0]}{within} as {w.name}")
    return (
        f"select customer_id, order_id, {', '.join(values)} from transactions group by customer_id, order_id"
    )


def _people(study: Study, wanted: Sequence[_Wanted]) -> str:
    """Who is in the population, and the variables that are made by order."""
    values = [f"{w.variable.by_order[1].format(x=w.name)} as {w.name}" for w in wanted if w.variable.by_order]
    active = study.population.active_within
    having = f" having max(_last_day) > $run_date - interval '{active}'" if active else ""
    return f"select {', '.join(['customer_id', *values])} from orders group by customer_id{having}"


def _direct(wanted: Sequence[_Wanted], cutoff: str | None) -> str:
    """A study's own variables, as it wrote them."""
    same = [w for w in wanted if w.cutoff == cutoff]
    values = ", ".join(f"{w.variable.sql} as {w.name}" for w in same)
    return f"select customer_id, {values} from transactions{same[0].filter()} group by customer_id"


def _distinct(wanted: _Wanted) -> str:
    column = quote_name(wanted.variable.distinct or "")
    pairs = f"select distinct customer_id, {column} from transactions{wanted.filter()}"
    return f"select customer_id, count({column}) as {wanted.name} from ({pairs}) group by customer_id"


def histogram(
    engine: Engine, variable: str, table: str = "features"
) -> tuple[np.ndarray | list[int] | list[Decimal], np.ndarray]:
    """How many customers have each value of a variable.

    Returns
    -------
    values, counts
        Distinct values, ascending (whole numbers and floats as arrays, decimals and HUGEINT as
        lists, for they fit no array), and the number of customers of each, both of the same
        length. Customers without a value are left out.
    """
    import numpy as np

    name, source = quote_name(variable), quote_name(table)
    kind = engine.columns(table)[variable]
    query = (
        f"select {name} as value, count(*) as customers from {source} "
        f"where {name} is not null group by {name} order by {name}"
    )
    if kind.startswith("DECIMAL") or kind.endswith("HUGEINT"):
        rows = engine.rows(query)
        return [row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.int64)
    frame = engine.frame(query)
    return frame["value"].to_numpy(), frame["customers"].to_numpy(dtype=np.int64)


def describe(engine: Engine, study: Study) -> pd.DataFrame:
    """The spread of every variable over the customers of ``features``, as people read it.

    Returns
    -------
    DataFrame
        variable, unit, lowest, quarter, median, three_quarters, highest (values of customers, at most
        a quarter of whom lies below the second and above the fourth; as text, years in years),
        distinct_values; one row per variable, in the order of the study.
    """
    import pandas as pd

    types, rows = engine.columns("features"), []
    for name, variable in study.resolved_variables().items():
        column = quote_name(name)
        found, distinct = engine.rows(
            f"select quantile_disc({column}, [0, 0.25, 0.5, 0.75, 1])::DOUBLE[], count(distinct {column}) "
            "from features"
        )[0]
        whole = not types[name].startswith(("DECIMAL", "FLOAT", "DOUBLE"))
        values = [short(value, per=variable.shown_per, whole=whole) for value in found]
        unit = study.currency if variable.unit == "currency" else variables.unit_alone(variable)
        rows.append((name, unit, *values, distinct))
    columns = ["variable", "unit", "lowest", "quarter", "median", "three_quarters", "highest"]
    return pd.DataFrame(rows, columns=[*columns, "distinct_values"])
