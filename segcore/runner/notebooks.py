"""The notebooks of a project: read from percent form, their parameters checked before any work."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from segcore.errors import ParamsError
from segcore.grammars import without_grammars
from segcore.outputs import STAGES
from segcore.runner import cells as layout

PARAMETERS = ("study", "run_date", "run_dir", "previous_run_dir", "data_dir")
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

TYPES: dict[str, tuple[type, str]] = {
    "str": (str, "text"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (bool, "true or false"),
    "list": (list, "a list"),
    "dict": (dict, "keys and values"),
}


@dataclass(frozen=True)
class Notebook:
    """One notebook of a project.

    Parameters
    ----------
    path
        Its source in percent form.
    sha256
        Hash of the source.
    cells
        Its cells as nbformat has them, without outputs.
    declared
        Parameter → name of its type, from the parameters cell.
    """

    path: Path
    sha256: str
    cells: tuple[Any, ...]
    declared: Mapping[str, str]

    @property
    def name(self) -> str:
        """The stage that it is."""
        return self.path.stem

    def as_json(self) -> dict[str, Any]:
        """The notebook as nbformat 4.5 has it, with the kernel that runs it; front matter is raw."""
        metadata = {
            "kernelspec": KERNELSPEC,
            "language_info": {"name": "python"},
            "jupytext": layout.JUPYTEXT,
        }
        cells = layout.numbered(layout.laid_out(self.cells))
        return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def read_notebooks(folder: Path) -> tuple[Notebook, ...]:
    """Read the notebooks of all stages, in the order in which they run.

    Raises
    ------
    ParamsError
        With every notebook that is missing or has no proper parameters cell.
    """
    found: list[Notebook] = []
    problems: list[str] = []
    for stage in STAGES:
        try:
            found.append(read_notebook(folder / f"{stage}.py"))
        except ParamsError as error:
            problems += error.problems
    if problems:
        raise ParamsError(*problems)
    return tuple(found)


def read_notebook(path: Path) -> Notebook:
    """Read one notebook in percent form.

    Raises
    ------
    ParamsError
        If it is missing, or its parameters cell does not declare what every stage is given.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: there must be a notebook in percent form ({_reason(error)})") from None
    # After jupytext --sync the source may have the layout of a notebook, which Quarto reads as well.
    cells = layout.as_written(_cells_of(text))
    return _notebook(path, hashlib.sha256(text.encode()).hexdigest(), cells)


@lru_cache(maxsize=16)
def _cells_of(text: str) -> Sequence[Mapping[str, Any]]:
    """The cells of a source in percent form; the runs of a history have the same, and nobody changes them."""
    without_grammars()
    import jupytext

    found: Sequence[Mapping[str, Any]] = jupytext.reads(text, fmt="py:percent").cells
    return found


def executed_notebook(executed: Path, source: Path, sha256: str) -> tuple[Notebook, dict[str, Any]]:
    """The notebook that a run executed, and the parameters that it was given.

    Parameters
    ----------
    executed
        The executed notebook of the run.
    source
        Where its source lay.
    sha256
        Hash of that source, as the run's manifest has it.
    """
    node = json.loads(executed.read_text(encoding="utf-8"))
    cells = [{**cell, "source": layout.source_of(cell)} for cell in node["cells"]]
    given = [cell for cell in cells if layout.tagged(cell, layout.INJECTED)]
    own = [_unexecuted(cell) for cell in cells if cell not in given]
    assignments = (s for s in ast.parse(given[0]["source"]).body if isinstance(s, ast.Assign))
    parameters = {ast.unparse(s.targets[0]): ast.literal_eval(s.value) for s in assignments}
    return _notebook(source, sha256, layout.as_written(own)), parameters


def _unexecuted(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {**cell}


def _notebook(path: Path, sha256: str, written: Iterable[Mapping[str, Any]]) -> Notebook:
    import nbformat

    cells = tuple(map(nbformat.from_dict, written))
    tagged = [cell for cell in cells if layout.tagged(cell, layout.PARAMETERS)]
    if len(tagged) != 1:
        raise ParamsError(
            f'{path}: must have one cell "# %% {{"tags": ["parameters"]}}" (got {len(tagged)}); '
            "see docs/extending.md"
        )
    declared = _declared(path, tagged[0].source)
    missing = [name for name in PARAMETERS if declared.get(name) != "str"]
    if missing:
        raise ParamsError(
            *(f'{path}: the parameters cell must declare {name}: str = "…" (it does not)' for name in missing)
        )
    return Notebook(path, sha256, cells, declared)


def _reason(error: Exception) -> str:
    return "no such file" if isinstance(error, FileNotFoundError) else str(error)


def own_parameters(notebooks: Sequence[Notebook], given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the parameters that a user gave to notebooks of their own making.

    Parameters
    ----------
    notebooks
        Say which parameters there are, and their types.
    given
        Name → value; text is read as the type that the notebook declares.

    Returns
    -------
    dict
        Name → value of a JSON type.

    Raises
    ------
    ParamsError
        With every unknown name, name that the runner sets itself, and value of a wrong type.
    """
    declared = {name: kind for n in notebooks for name, kind in n.declared.items()}
    own = [name for name in declared if name not in PARAMETERS]
    values: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in given.items():
        if name in PARAMETERS:
            problems.append(f"-P {name} must be left out, for every run sets it itself")
        elif name not in own:
            problems.append(f"-P {name} must be a parameter of a notebook{_meant(name, own)}")
        else:
            try:
                values[name] = _read(value, declared[name])
            except ValueError:
                wanted = TYPES[declared[name]][1]
                problems.append(f"-P {name} must be {wanted}, as the notebook declares it (got {value!r})")
    if problems:
        raise ParamsError(*problems)
    return values


def _meant(name: str, own: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, own, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(own)}" if own else "; the notebooks have none of their own"


def _read(value: Any, kind: str) -> Any:
    if isinstance(value, str) and kind != "str":
        value = json.loads(value)
    wanted = TYPES[kind][0]
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise ValueError(kind)
    return value


def _declared(path: Path, source: str) -> dict[str, str]:
    """Name → type of the parameters cell, from annotations or else from defaults."""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParamsError(f"{path}: the parameters cell must be Python (line {error.lineno})") from None
    declared: dict[str, str] = {}
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            declared[statement.target.id] = ast.unparse(statement.annotation).split("[")[0]
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value.value if isinstance(statement.value, ast.Constant) else None
            declared[statement.targets[0].id] = type(value).__name__
    problems = [
        f"{path}: the parameter {name} must be one of {', '.join(TYPES)} (got {kind})"
        for name, kind in declared.items()
        if kind not in TYPES
    ]
    if problems:
        raise ParamsError(*problems)
    return declared
