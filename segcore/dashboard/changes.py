"""What was another in the model of a run than in that of the run before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from segcore import variables
from segcore.dashboard.reading import RunSeen, Seen
from segcore.errors import SegcoreError
from segcore.model import Model, ModelVariable
from segcore.rules import shown
from segcore.rules.words import condition
from segcore.sentences import dashboard as say
from segcore.transitions.rulers import Rulers

BOUNDARY, RULES, POPULATION, UNKNOWN = "boundary", "rules", "population", "unknown"


@dataclass(frozen=True)
class Change:
    """What changed with a run.

    Parameters
    ----------
    before, date
        The run before, and the run.
    kinds
        What is another: boundary, rules, model, population or unknown.
    told
        The same in words, one sentence without its full stop each.
    """

    before: dt.date
    date: dt.date
    kinds: Sequence[str]
    told: Sequence[str]


def changes(seen: Seen) -> list[Change]:
    """What changed in which run, ascending; runs with the model of the run before are not in it."""
    found = []
    says = {row["run_date"]: row["model_changed"] for row in seen.flows}
    for before, date in pairwise(seen.dates):
        old, new = seen.at(before), seen.at(date)
        kinds, told = _between(old, new, seen.renamed) if old and new else ((), ())
        if says[date] and not kinds:
            kinds, told = (UNKNOWN,), (say.UNKNOWN,)
        if kinds:
            found.append(Change(before, date, kinds, told))
    return found


def _between(old: RunSeen, new: RunSeen, renamed: Mapping[str, str]) -> tuple[Sequence[str], Sequence[str]]:
    kinds, told = [], []
    facts = [next(iter(run.tables["facts"]), {}) for run in (old, new)]
    for name, what in (("population", say.POPULATION), ("exclude", say.EXCLUDED)):
        before, now = (row.get(name) for row in facts)
        if all(name in row for row in facts) and before != now:
            kinds.append(POPULATION)
            told.append(say.others(what, before, now))
    if old.model is None or new.model is None:
        return kinds, told
    try:
        by_model = Rulers(old.model, new.model, renamed).changed
    except (SegcoreError, KeyError, ValueError):
        by_model = (UNKNOWN,)
    for kind in by_model:
        kinds.append(kind)
        told += _words(kind, old.model, new.model)
    return list(dict.fromkeys(kinds)), told


def _words(kind: str, old: Model, new: Model) -> Iterator[str]:
    if kind == BOUNDARY:
        for variable in new.variables:
            before = old.by_name[variable.name]
            if before.edges != variable.edges:
                was, now = (_shown(one) for one in (before, variable))
                yield say.edges(variables.label(variable), was, now, variables.unit_alone(variable))
    elif kind == RULES:
        old_rules, new_rules = _rules(old), _rules(new)
        told = [
            *(say.rule(*rule, added=False) for rule in old_rules if rule not in new_rules),
            *(say.rule(*rule, added=True) for rule in new_rules if rule not in old_rules),
        ]
        yield from told or [say.ORDER]
    else:
        yield say.UNKNOWN if kind == UNKNOWN else say.VARIABLES


def _shown(variable: ModelVariable) -> list[str]:
    return [shown(edge, variable) for edge in variable.edges]


def _rules(model: Model) -> list[tuple[str, str]]:
    return [(rule.segment, condition(rule.cells)) for rule in model.rules.rules]
