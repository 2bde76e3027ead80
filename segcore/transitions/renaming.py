"""A run as it reads with the segments' names of today, before a run of today is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from segcore.transitions.names import customers_sql, renamed

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study


def under_new_names(engine: Engine, study: Study, used: Model) -> Model:
    """Give the customers of a run, and its model, the segments' names of today: a new name moves nobody.

    Parameters
    ----------
    engine
        Holds the view ``customers`` of the run, in whose place a table comes.
    study
        The study of today.
    used
        The model of the run.
    """
    names = renamed(study)
    if not names:
        return used
    engine.execute(f"create table named_today as {customers_sql('customers', names)}")
    engine.execute("drop view customers")
    engine.execute("alter table named_today rename to customers")
    rules = [replace(rule, segment=names.get(rule.segment, rule.segment)) for rule in used.rules.rules]
    segments = dict.fromkeys(names.get(name, name) for name in used.segments)
    return replace(used, rules=replace(used.rules, rules=tuple(rules), segments=tuple(segments)))
