"""Whether a kept model belongs to a study, and the model that a run then uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from segcore.errors import ModelError
from segcore.model.definition import Model, counted
from segcore.model.variable import ModelVariable
from segcore.rules import RuleTable
from segcore.variables import VARIABLES

if TYPE_CHECKING:
    from segcore.params import Study


def check_belongs(model: Model, study: Study) -> None:
    """Make sure that the values of a study can be classed by the edges of a model.

    Names, numbers of classes, which way is better, windows and a study's own SQL must be the same.
    Labels, scales, rules and segments may have changed: they do not touch the meaning of an edge.

    Raises
    ------
    ModelError
        With every difference: the key of the study, what the model has, what the study has.
    """
    way_out = "change it back, or fit anew by setting breaks.from to the date of this run"
    problems = [f"{study.path}: {sentence}; {way_out}" for sentence in _differences(model, study)]
    if problems:
        raise ModelError(*problems)


def keep_breaks(model: Model, study: Study, rules: RuleTable) -> Model:
    """The model of a run that keeps earlier breaks: those edges, the study's words and rules.

    Parameters
    ----------
    model
        The model whose edges are kept, with their scale and date and what is known of their fit.
    study
        Its labels and units are used.
    rules
        The rule table as it is now.

    Raises
    ------
    ModelError
        If the model does not belong to the study; see :func:`check_belongs`.
    """
    check_belongs(model, study)
    kept = model.by_name
    variables = tuple(
        replace(
            ModelVariable.of(study, name, kept[name].edges, scale=kept[name].scale),
            **{what: getattr(kept[name], what) for what in ("sizes", "gvf", "low", "high")},
        )
        for name in study.variables
    )
    return Model(model.study, model.fitted_as_of, variables, rules)


def _differences(model: Model, study: Study) -> Iterator[str]:
    there = f"the model of {model.fitted_as_of}"
    if model.study != study.name:
        yield f"{there} must be one of the study {study.name} (got one of {model.study})"
    has = {variable.name: variable.classes for variable in model.variables}
    asked = {name: variable.classes for name, variable in study.variables.items()}
    for name in (name for name in has if name not in asked):
        yield f"variables.{name} must be there as in {there}, {counted(has)} (got {counted(asked)})"
    for name in asked:
        if name not in has:
            yield f"variables.{name} must not be there as {there} is {counted(has)} (got {counted(asked)})"
        else:
            yield from _changes(model.by_name[name], study, there)


def _changes(kept: ModelVariable, study: Study, there: str) -> Iterator[str]:
    wanted, resolved = study.variables[kept.name], study.resolved_variables()[kept.name]
    pairs = {
        "classes": (kept.classes, wanted.classes),
        "better": (kept.better, resolved.better),
        "window": (kept.window, wanted.window if resolved.windowed else None),
    }
    if kept.name not in VARIABLES:  # what segcore knows by name it may compute in a new way
        pairs["sql"] = (" ".join(kept.sql.split()), " ".join(resolved.sql.split()))
    for key, (had, got) in pairs.items():
        if had != got:
            must = f"be {had}" if had else "be left out"
            yield f"variables.{kept.name}.{key} must {must} as in {there} (got {got or 'none'})"
