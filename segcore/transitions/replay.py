"""What a date's variables would have been: from this delivery, and with nothing bought meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names
from segcore.features import attributes, computing, features_sql
from segcore.params import Population, StudyVariable
from segcore.variables import VARIABLES

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable
    from segcore.params import Study


def replay(engine: Engine, study: Study, day: dt.date, into: str, *, until: dt.date | None = None) -> None:
    """Make a table of what the variables of a study are at a date.

    Parameters
    ----------
    engine
        Holds ``transactions`` and, if the study has it, ``customers_source`` of this run.
    study
        Its variables; its population is not asked, for who is outside ages, too.
    day
        The date from which recency and windows count.
    into
        The table to make.
    until
        The last day whose orders exist; by default all do.

    Notes
    -----
    Columns out: customer_id, then one for each variable, in the study's order. One row for every
    customer with an order that exists.

    Raises
    ------
    ParamsError
        If the SQL of a variable fails for an order.
    """
    everybody = study.model_copy(update={"population": Population()})
    # Who somebody is does not matter here; since may begin the years.
    since = [name for name in attributes(engine) if name == "since"]
    lines = {name: kind for name, kind in engine.columns("transactions").items() if name != "rep"}
    query = features_sql(everybody, day, since, lines, until=until)
    columns = quote_names(["customer_id", *study.variables])
    with computing(engine, everybody):
        engine.execute(f"create or replace table {quote_name(into)} as select {columns} from ({query})")


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
