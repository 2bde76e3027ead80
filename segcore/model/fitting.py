"""From the customers of a date to a model, and what other numbers of classes would give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segcore.errors import BreaksError
from segcore.features import histogram
from segcore.model.applying import check_values, class_sizes
from segcore.model.definition import Model
from segcore.model.variable import ModelVariable, Scale
from segcore.rules import RuleTable, shown
from segcore.wording import count

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.jenks import Breaks
    from segcore.params import Study

SEPARATOR = " · "
_USUAL = {"recency": (4, 5), "frequency": (4, 5), "years": (2, 3), "products": (2, 3)}


def fit(engine: Engine, study: Study, rules: RuleTable, run_date: dt.date) -> Model:
    """Cut every variable of a study into its classes.

    Parameters
    ----------
    engine
        Holds the table ``features``, one row per customer at the run date.
    study
        Its variables, their classes and scales.
    rules
        The rule table, which becomes part of the model.
    run_date
        The date of ``features``.

    Returns
    -------
    Model
        What these customers would give; :func:`with_intervals` adds how sure that is.

    Raises
    ------
    BreaksError
        For every variable that is no number for some customer, or that has fewer distinct values
        than classes.
    """
    check_values(engine, study.variables)
    variables: list[ModelVariable] = []
    problems: list[str] = []
    for name, variable in study.variables.items():
        try:
            found = _breaks(engine, name, variable.classes, variable.scale)
            cut = ModelVariable.of(study, name, found.edges)
            sizes = _best_last(found.sizes, cut.better)
            variables.append(replace(cut, sizes=sizes, gvf=found.gvf))
        except BreaksError as error:
            problems += error.problems
    if problems:
        raise BreaksError(*problems)
    return Model(study.name, run_date, tuple(variables), rules)


def with_intervals(engine: Engine, fitted: Model, table: str = "features") -> Model:
    """A fitted model that also knows how far each edge could lie elsewhere.

    Parameters
    ----------
    engine
        Holds ``table``.
    fitted
        The model; one that knows already is given back as it is.
    table
        The customers whom it was fitted on, and no others.
    """
    if fitted.known:
        return fitted
    return replace(fitted, variables=tuple(_interval(engine, v, table) for v in fitted.variables))


def _interval(engine: Engine, variable: ModelVariable, table: str) -> ModelVariable:
    from segcore.jenks_draws import edge_intervals

    values, counts = histogram(engine, variable.name, table)
    low, high = edge_intervals(values, counts, variable.edges, scale=variable.scale)
    return replace(variable, low=low, high=high)


def alternatives(engine: Engine, study: Study) -> pd.DataFrame:
    """What one class more or fewer would give, for every variable on the study's scale.

    Parameters
    ----------
    engine, study
        As for :func:`fit`.

    Returns
    -------
    DataFrame
        variable, scale, classes, in_study (whether it is the study's own number), gvf (goodness of
        variance fit, 0 to 1), edges (as they are shown: years in years), sizes (customers of class 1
        to k, k being best). 4 and 5 classes of recency and frequency, 2 and 3 of years and products,
        one fewer and the study's own number of others; the study's own number always stands there.
        A number of classes above that of distinct values is left out.
    """
    import pandas as pd

    rows = []
    for name, variable in study.variables.items():
        usual = _USUAL.get(name, (max(2, variable.classes - 1), variable.classes))
        for classes in sorted({*usual, variable.classes}):
            try:
                found = _breaks(engine, name, classes, variable.scale)
            except BreaksError:  # the study's own number was fitted before; this is a mere idea
                continue
            cut = ModelVariable.of(study, name, found.edges)
            edges = SEPARATOR.join(shown(edge, cut) for edge in cut.edges)
            sizes = _listed(_best_last(found.sizes, cut.better))
            rows.append((name, variable.scale, classes, classes == variable.classes, found.gvf, edges, sizes))
    columns = ["variable", "scale", "classes", "in_study", "gvf", "edges", "sizes"]
    return pd.DataFrame(rows, columns=columns)


def thin(engine: Engine, model: Model, table: str = "features") -> pd.DataFrame:
    """Classes with so few customers that little can be said about them.

    Parameters
    ----------
    engine, model, table
        The customers and the model by which they are classed.

    Returns
    -------
    DataFrame
        variable, class, customers, sizes (customers of class 1 to k under the model, as text),
        other_scale, other_sizes (what fitting anew on the other scale would give; empty if that
        cannot be done).
    """
    import pandas as pd

    from segcore.jenks import thin_classes

    rows: list[tuple[object, ...]] = []
    counted = class_sizes(engine, model, table)
    for variable in model.variables:
        sizes = counted[variable.name]
        few = thin_classes(sizes)
        if few:
            scale, other = _other_scale(engine, variable, table)
            told = (_listed(sizes), scale, _listed(other))
            rows += [(variable.name, place + 1, sizes[place], *told) for place in few]
    columns = ["variable", "class", "customers", "sizes", "other_scale", "other_sizes"]
    return pd.DataFrame(rows, columns=columns)


def _other_scale(engine: Engine, variable: ModelVariable, table: str) -> tuple[Scale, tuple[int, ...]]:
    scale: Scale = "linear" if variable.scale == "log" else "log"
    try:
        found = _breaks(engine, variable.name, variable.classes, scale, table=table)
    except BreaksError:  # values of -1 and less have no logarithm here
        return scale, ()
    return scale, _best_last(found.sizes, variable.better)


def _breaks(engine: Engine, name: str, classes: int, scale: Scale, *, table: str = "features") -> Breaks:
    from segcore.jenks import natural_breaks

    values, counts = histogram(engine, name, table)
    return natural_breaks(values, counts, classes, scale=scale, name=name)


def _listed(sizes: Sequence[int]) -> str:
    return SEPARATOR.join(map(count, sizes))


def _best_last(sizes: Sequence[int], better: str) -> tuple[int, ...]:
    return tuple(sizes if better == "high" else reversed(sizes))
