"""The files that a run leaves for people, in its ``report/`` and so in ``reports/STUDY/RUN_DATE/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

PAGE = "report.html"
PAPER, ON_PAPER = "report.pdf", "the report as PDF, for paper"
"""The page as PDF, which is made after the run where somebody asks for it, and what it is."""
FOLDER = "report"
STAGES = ("ingest", "segment", "transitions", "report")
NOTEBOOKS = {stage: f"notebooks/{stage}.html" for stage in STAGES}
"""Stage → the page with its executed notebook."""


@dataclass(frozen=True)
class Output:
    """A file for people.

    Parameters
    ----------
    what
        What it is, in the list of runs.
    module
        The module whose ``write(engine, study, path)`` writes it, below ``segcore.outputs`` or with its
        whole name; the engine holds what the transitions notebook made. It is imported when it is wanted,
        for whoever only asks which files there are. Empty for the pages that the runner makes of the
        executed notebooks.
    """

    what: str
    module: str = ""

    @property
    def write(self) -> Callable[[Engine, Study, Path], None]:
        """What writes it."""
        whole = self.module.startswith("segcore.")
        module: Any = import_module(self.module if whole else f"{__name__}.{self.module}")
        writer: Callable[[Engine, Study, Path], None] = module.write
        return writer


def write(engine: Engine, study: Study, run_dir: Path) -> None:
    """Write every file of :data:`OUTPUTS` that is made of tables into a run's folder."""
    (run_dir / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, output in OUTPUTS.items():
        if output.module:
            output.write(engine, study, run_dir / FOLDER / name)


OUTPUTS: dict[str, Output] = {
    PAGE: Output("the report: one page for everybody"),
    "customers.html": Output(
        "all customers, to search and filter, each with why it is where it is", "segcore.customers"
    ),
    "workbook.xlsx": Output(
        "segments, call lists, movers and customers, with filters and a note on every column", "workbook"
    ),
    "slides.pptx": Output(
        "slides for a meeting, with charts and tables that can be changed", "segcore.slides"
    ),
    "call_list.csv": Output(
        "whom to call before the next run, by representative, for spreadsheets", "call_list_csv"
    ),
    "crm.csv": Output("the customers whose segment changed, for a CRM", "crm_csv"),
    "moves.csv": Output("every customer of both runs and what became of each, for spreadsheets", "moves_csv"),
    **{
        page: Output(f"the executed notebook {stage}: its code and what it put out")
        for stage, page in NOTEBOOKS.items()
    },
}
"""Its place in the run's ``report/`` → what it is and what writes it. The list of runs links all files,
these first."""
