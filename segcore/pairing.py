"""``notebooks/NAME.ipynb`` for JupyterLab beside ``notebooks/NAME.py`` for git: the same cells in both.

JupyterLab keeps the two in step when it saves. Other tools do not, so before a notebook is made anew it
is looked at: what was edited in it, and is not in the percent source yet, is taken over first.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.errors import UsageError
from segcore.files import write_text
from segcore.grammars import without_grammars
from segcore.runner.cells import as_written, laid_out, notebook_text, percent_text
from segcore.runner.notebooks import Notebook

SOURCE = "source_sha256"
"""Metadata of a notebook below ``segcore``: the hash of the percent source that it was in step with."""

RAW = "# %% [raw]"
"""How a percent source begins that jupytext --sync has written from a notebook."""


@dataclass(frozen=True)
class Pair:
    """A percent source, and the notebook beside it.

    Parameters
    ----------
    source
        The percent source.
    there
        The notebook beside it, as JSON; None if there is none.
    """

    source: Notebook
    there: Mapping[str, Any] | None

    @property
    def edited(self) -> bool:
        """Whether the notebook was edited since the two were in step, and the source was not."""
        return self._differ and self._base == _sha256(self.written)

    @property
    def apart(self) -> bool:
        """Whether both were edited since they were in step."""
        return self._differ and self._base not in (_sha256(self.written), _sha256(self.text))

    @property
    def text(self) -> str:
        """The percent source that the notebook gives."""
        return percent_text(self.there["cells"]) if self.there else ""

    def made(self) -> dict[str, Any]:
        """The notebook as it should be: with what its cells put out, unless the source was edited."""
        if self.there is None or (self._differ and not self.edited):
            return stamped(self.source.as_json())
        return stamped({**self.there, "cells": laid_out(as_written(self.there["cells"]))})

    @property
    def _differ(self) -> bool:
        return self.there is not None and self.text != self.written

    @property
    def written(self) -> str:
        """The percent source, in the form that jupytext gives it."""
        return percent_text(self.source.cells)

    @property
    def _base(self) -> str | None:
        base: str | None = (self.there or {})["metadata"].get("segcore", {}).get(SOURCE)
        return base


def write_notebooks(notebooks: Sequence[Notebook]) -> list[str]:
    """Write the ``.ipynb`` beside each percent source.

    Returns
    -------
    list of str
        One sentence for each percent source that was written: edits of its notebook were taken over.

    Raises
    ------
    UsageError
        With every notebook that cannot be read, or was edited apart from its source; nothing was
        written then.
    """
    pairs, problems = [], []
    for notebook in notebooks:
        try:
            pair = Pair(notebook, _read(_file(notebook)))
            problems += [_told(notebook)] if pair.apart else []
            pairs.append(pair)
        except (OSError, ValueError, KeyError, AttributeError):  # as nbformat happens to fail
            problems.append(f"{_file(notebook)}: must be a notebook (it cannot be read); mend or remove it")
    if problems:
        raise UsageError(*problems)
    taken = []
    for pair in pairs:
        source, file = pair.source.path, _file(pair.source)
        made = notebook_text(pair.made())
        if pair.edited:
            write_text(source, pair.text)
            taken.append(f"{source}: took over what was edited in {file.name}")
        elif source.read_text(encoding="utf-8").startswith(RAW):
            write_text(source, pair.written)
            taken.append(f"{source}: put its front matter back into a markdown cell")
        if not file.exists() or file.read_text(encoding="utf-8") != made:
            write_text(file, made)
            # jupytext refuses to open a notebook that is newer than its source and differs from it.
            times = source.stat()
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    return taken


def stamped(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A notebook that says with which percent source it is in step."""
    stamp = {SOURCE: _sha256(percent_text(notebook["cells"]))}
    return {**notebook, "metadata": {**notebook["metadata"], "segcore": stamp}}


def _told(notebook: Notebook) -> str:
    source, file = notebook.path, _file(notebook)
    return (
        f"{file}: must be in step with {source.name}, or only one of the two be edited (both were); "
        f"take over into {source.name} what shall stay, and remove {file.name}; "
        f"jupytext --diff {source} {file} shows it"
    )


def _file(notebook: Notebook) -> Path:
    return notebook.path.with_suffix(".ipynb")


def _read(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    without_grammars()
    import nbformat

    found: dict[str, Any] = nbformat.reads(file.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
