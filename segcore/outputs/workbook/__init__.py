"""``workbook.xlsx``: segments, call lists, movers and customers of a run, as a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.outputs.workbook.of_a_run import sheets
from segcore.outputs.workbook.sheets import Asked, known_column
from segcore.outputs.workbook.writing import About, Column, Sheet, write_workbook
from segcore.sentences import workbook as say

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

__all__ = ["About", "Column", "Sheet", "known_column", "write", "write_run", "write_workbook"]

LIMIT = 100_000
"""Customers of a run up to which all of them are listed."""


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the workbook of a run, see :func:`write_run`."""
    write_run(engine, study, path)


def write_run(engine: Engine, study: Study, path: Path, *, limit: int = LIMIT) -> None:
    """Write the workbook of a run.

    Parameters
    ----------
    engine
        Holds what the transitions notebook made; ``segments``, ``calls``, ``clock`` and ``rules`` if the
        run has them.
    study
        The study.
    path
        The file.
    limit
        Up to how many customers of the run all of them are listed; of more only those who moved and
        who are to be called.
    """
    day, window = engine.rows("select run_date, value_window from facts")[0]
    customers = engine.rows("select count(*) from customers")[0][0]
    last = engine.rows("select last_run from last_run")[0][0]
    everybody = customers <= limit
    lines = [say.run(day, last), say.counted(customers, window, study.currency), *say.READ]
    about = About(study.title, day, study.currency, lines if everybody else [*lines, say.left_out(limit)])
    write_workbook(path, about, list(sheets(Asked(engine, study, window), everybody=everybody)))
