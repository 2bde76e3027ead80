"""The model of a run in words, beside that of another run, and as SQL for other databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from segcore import archive
from segcore import model as models
from segcore.errors import ArchiveError
from segcore.model import Model, ModelVariable
from segcore.review.diffing.parts import Change, keyed
from segcore.rules import shown
from segcore.sentences import drift as of_drift
from segcore.wording import count, join, plural

USED, CANDIDATE = "model.json", "candidate.json"


def read_model(folder: Path, *, candidate: bool = False) -> Model:
    """The model of a sealed run, which must be as it was sealed.

    Parameters
    ----------
    folder
        The run.
    candidate
        Whether it is the one that this run's own customers would give, not the one in use.

    Raises
    ------
    ArchiveError
        If the folder is no sealed run, or the model was altered or is not there.
    ModelError
        If another version of segcore wrote it.
    """
    run, name = archive.open_run(folder), CANDIDATE if candidate else USED
    if name not in run.outputs:
        raise ArchiveError(
            f"{folder / name}: the run must have a model (it has none); its segment notebook must call "
            "model.save, then make the run again with --force"
        )
    problems = archive.differences(run, [name])
    if problems:
        raise ArchiveError(*problems)
    return models.read(folder / name)


def model_lines(held: Model) -> Iterator[str]:
    """A model in words: where it comes from, every variable with its classes, every rule."""
    yield f"{held.study}: breaks of {held.fitted_as_of}, {_sure(held)}"
    for variable in held.variables:
        yield from _variable(variable)
    yield f"segments, best first: {join(held.segments)}"
    for rule in held.rules.rules:
        yield f"line {rule.line}: {rule.sentence(held.by_name)}{f' [{rule.note}]' if rule.note else ''}"


def _sure(held: Model) -> str:
    if not held.known:
        return "the intervals of its edges are not known, for no run uses it"
    return "each edge with the values between which it lies in 95 of 100 fits"


def _variable(variable: ModelVariable) -> Iterator[str]:
    unit = f", {variable.unit}" if variable.unit else ""
    fitted = f"; fitted to {plural(sum(variable.sizes), 'customer')}" if variable.sizes else ""
    left = (
        "" if variable.gvf is None else f", {of_drift.unexplained(variable.gvf)} of their spread unexplained"
    )
    window = f" in {variable.window}" if variable.window else ""
    yield (
        f"{variable.name} ({variable.label}{unit}{window}): {variable.classes} classes, {variable.scale} "
        f"scale{fitted}{left}"
    )
    for number in range(variable.classes, 0, -1):
        size = f", {count(variable.sizes[number - 1])} at the fit" if variable.sizes else ""
        yield f"  class {number}: {_values(variable, number)}{size}"


def _values(variable: ModelVariable, number: int) -> str:
    """The values of a class between its two edges, each with its interval."""
    above = number if variable.better == "high" else variable.classes + 1 - number
    ends = (("above", above - 1), ("up to", above))
    return " ".join(f"{word} {_edge(variable, at)}" for word, at in ends if 0 < at < variable.classes)


def _edge(variable: ModelVariable, place: int) -> str:
    text, between = shown(variable.edges[place - 1], variable), models.between(variable, place)
    return f"{text} ({between})" if variable.known and between != text else text


def model_changes(old: Model, new: Model) -> list[Change]:
    """In what two models differ: date, edges with their scale, intervals, segments, rules in words."""
    return keyed(*(dict(_facts(held)) for held in (old, new)))


def _facts(held: Model) -> Iterator[tuple[str, str]]:
    yield "study", held.study
    yield "breaks of", str(held.fitted_as_of)
    for v in held.variables:
        yield v.name, f"{' · '.join(shown(edge, v) for edge in v.edges)} ({v.scale})"
        if v.known:
            between = " · ".join(models.between(v, place) for place in range(1, v.classes))
            yield f"{v.name} between", between
    yield "segments, best first", join(held.segments)
    for rule in held.rules.rules:
        yield f"line {rule.line}", rule.sentence() + (f" [{rule.note}]" if rule.note else "")
