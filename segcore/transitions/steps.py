"""Where every customer would stand at each step from the last run to this one, under either model.

The steps are the orders up to the last run as this delivery has them (``before``), the same orders
looked at from this run's date, as if nothing had been bought since (``idle``), and this run
(``now``). At each, the customer is looked at through the models of :attr:`Rulers.pairs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.transitions.replay import Between, as_fitted, replay
from segcore.transitions.rulers import Rulers, known_sql
from segcore.transitions.shares import CORRECTION, FOUND, MODEL

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study

OF_MOVES = "customer_id, from_segment, to_segment, from_rank, to_rank, state"
STEPS = ("before", "idle", "now")
_VALUES, _OLD = "_values_", "_old_values_"


@contextmanager
def replayed(engine: Engine, study: Study, rulers: Rulers, between: Between) -> Iterator[None]:
    """Hold the values of every step in the engine meanwhile.

    Parameters
    ----------
    engine
        Holds ``customers``, ``moves``, ``transactions`` and, if the study has it, ``customers_source``.
    study
        The study.
    rulers
        The two models; where they look at other values, those of both are made.
    between
        The dates of the two runs.

    Raises
    ------
    ParamsError
        If the SQL of a variable fails for an order.
    """
    asked = {_VALUES: study} if rulers.one_kind else {_VALUES: study, _OLD: as_fitted(study, rulers.old)}
    try:
        for prefix, of in asked.items():
            replay(engine, of, between, prefix, now=prefix == _VALUES)
        yield
    finally:
        for prefix in (_VALUES, _OLD):
            for step in STEPS:
                engine.execute(f"drop table if exists {prefix}{step}")


def values_of(rulers: Rulers, step: str, model: Model) -> str:
    """The table with a model's values at a step."""
    if model is rulers.old and not rulers.one_kind:
        return f"{_OLD}{step}"
    return "customers" if step == "now" else f"{_VALUES}{step}"


def looked_sql(rulers: Rulers) -> str:
    """A query over ``moves``: its columns, way (−1, 0 or 1), and what :mod:`segcore.transitions.shares` asks.

    ``how`` is NULL for who is not in both runs with a rank, ``correction`` for who has no values before,
    ``model`` for whom the model before puts into a segment that no longer exists, else ``found``.
    """
    count = range(len(rulers.pairs))
    before = [f"before.rank_{n} as before_{n}" for n in count]
    idle = [f"case when idle.known then idle.rank_{n} else before.rank_{n} end as idle_{n}" for n in count]
    now = [f"now.rank_{n} as now_{n}" for n in count]
    ranks = [f"{step}_{n}" for step in STEPS for n in count]
    joins = " ".join(f"left join ({ranks_sql(rulers, step)}) {step} using (customer_id)" for step in STEPS)
    columns = ", ".join(f"moves.{name}" for name in OF_MOVES.split(", "))
    return f"""select *, case when way is null then null when known is not true then '{CORRECTION}'
            when {" or ".join(f"{rank} is null" for rank in ranks)} then '{MODEL}' else '{FOUND}' end as how
        from (select {columns}, sign(to_rank - from_rank) as way, before.known as known,
            {", ".join([*before, *idle, *now])} from moves {joins})"""


def ranks_sql(rulers: Rulers, step: str) -> str:
    """A query over a step: customer_id, known, and the rank by each of the models of ``rulers.pairs``.

    The columns are ``rank_0``, ``rank_1``, …; NULL where the old model gives a segment that no longer
    exists. ``known`` says whether there is a value for every variable.
    """
    models = list({id(breaks): breaks for breaks, _ in rulers.pairs}.values())
    tables = [values_of(rulers, step, breaks) for breaks in models]
    if len(set(tables)) == 1:
        return _ranks(rulers, tables[0], models)
    first, second = (_ranks(rulers, table, [breaks]) for table, breaks in zip(tables, models, strict=True))
    return (
        "select customer_id, one.known and other.known as known, rank_0, rank_1 "
        f"from ({first}) one join ({second}) other using (customer_id)"
    )


def _ranks(rulers: Rulers, table: str, models: Sequence[Model]) -> str:
    """The ranks of a table's customers through the breaks of these models."""
    suffixes = {id(model): f"_by_{n}" for n, model in enumerate(models)}
    classes = ", ".join(breaks.classes_sql(suffixes[id(breaks)]) for breaks in models)
    ranks = ", ".join(
        f"cast({rulers.rank_sql(rules, suffixes[id(breaks)])} as smallint) as rank_{n}"
        for n, (breaks, rules) in enumerate(rulers.pairs)
        if id(breaks) in suffixes
    )
    classed = f"select customer_id, {known_sql(models)} as known, {classes} from {quote_name(table)}"
    return f"select customer_id, known, {ranks} from ({classed}) as classed"
