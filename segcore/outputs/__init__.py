"""The files that a run leaves for people, in its ``report/`` and so in ``reports/STUDY/RUN_DATE/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.outputs import call_list_csv, moves_csv

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

PAGE = "report.html"
FOLDER = "report"


@dataclass(frozen=True)
class Output:
    """A file for people.

    Parameters
    ----------
    what
        What it is, in the list of runs.
    write
        Writes it: (engine, study, path), where the engine holds what the transitions notebook made;
        None for the page, which is made of the report notebook when that is done.
    """

    what: str
    write: Callable[[Engine, Study, Path], None] | None


def write(engine: Engine, study: Study, run_dir: Path) -> None:
    """Write every file of :data:`OUTPUTS` into a run's folder."""
    (run_dir / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, output in OUTPUTS.items():
        if output.write:
            output.write(engine, study, run_dir / FOLDER / name)


OUTPUTS: dict[str, Output] = {
    PAGE: Output("the report: one page for everybody", None),
    "call_list.csv": Output(
        "whom to call before the next run, by representative, for spreadsheets", call_list_csv.write
    ),
    "moves.csv": Output(
        "every customer of both runs and what became of each, for spreadsheets", moves_csv.write
    ),
}
"""Name of the file → what it is and how it is written. The list of runs links all files, these first."""
