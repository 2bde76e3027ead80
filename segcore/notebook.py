"""What every notebook begins with, and how it shows a table."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive, charts, language, tables
from segcore.engine import open_engine
from segcore.params.file import parse_run_date

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine
    from segcore.params import Study


@dataclass(frozen=True)
class Entered:
    """The run that a notebook works on.

    Parameters
    ----------
    study
        The study that the run keeps, or the one in ``params/`` if it keeps none.
    day
        The run date.
    folder
        The run's folder, seen from the project's, which is the working folder.
    """

    study: Study
    day: dt.date
    folder: Path

    def engine(self, *names: str, earlier: Sequence[Path] = ()) -> FileEngine:
        """A new engine with tables of the run; those that the run lacks are left out.

        It reaches the run, the store of inputs beside it and the earlier runs that it is given, and
        no other files.
        """
        engine = open_engine(self.study, self.folder, self.folder.parent / "inputs", *earlier)
        tables.load(engine, self.folder, *names)
        return engine


def enter(study: str, run_date: str, run_dir: str) -> Entered:
    """Begin a notebook: go to the project, make sure that the run may be written, read its study.

    Charts appear in the report's look from here on, and tables whole; sentences are in the study's language.

    Parameters
    ----------
    study, run_date, run_dir
        The notebook's parameters of these names.

    Raises
    ------
    ArchiveError
        If the run is sealed, or is the run of another date.
    ParamsError
        If the study or the date cannot be read.
    """
    charts.enable()
    show_whole_tables()
    enter_project(study)
    archive.check_writable(Path(run_dir), run_date)
    day, the_study = parse_run_date(run_date, option="run_date"), archive.study_of(Path(run_dir), study)
    language.use(the_study.language)
    return Entered(the_study, day, Path(run_dir))


def enter_project(study: str) -> None:
    """Work in the project's folder, wherever the notebook was started.

    papermill starts a notebook in the folder of its caller, JupyterLab and Quarto in the one where it
    lies. Parameters are seen from the project's folder, so the notebook goes there first.

    Parameters
    ----------
    study
        The study's file, seen from the project's folder. The working folder becomes the nearest one,
        from the present one upwards, that has it; if none has, it stays as it is.
    """
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if (folder / study).is_file()), here)
    if project != here:
        os.chdir(project)


def show_whole_tables() -> None:
    """Make pandas cut no cell and no column, for a rule or a hash that is cut cannot be read.

    It changes pandas' settings, so it is called in notebooks and nowhere else.
    """
    import pandas as pd

    for option, value in DISPLAY.items():
        pd.set_option(option, value)


def show(frame: pd.DataFrame, *says: str, none: str = "") -> None:
    """Show a table and what it says; without rows only that, for a head alone says too little.

    Parameters
    ----------
    frame
        The table.
    says
        Sentences that interpret it, and hold for an empty one too.
    none
        What an empty table says if there are no such sentences.
    """
    from IPython.display import display

    if not frame.empty:
        display(frame)  # type: ignore[no-untyped-call]
    elif not says:
        print(none or language.say("There is nothing to show."))
    if says:
        print(*says, sep="\n")


def say(*texts: str) -> None:
    """Print sentences, one a line, without the marks that a page makes bold; empty ones are left out."""
    print(*(text.replace("**", "") for text in texts if text), sep="\n")


def rounded(frame: pd.DataFrame, places: int = 2) -> pd.DataFrame:
    """The table with its fractions cut to some places, as people read them; the run keeps them whole."""
    return frame.round(dict.fromkeys(frame.select_dtypes("float").columns, places))


def show_each(figures: Iterable[object], sentences: Iterable[str]) -> None:
    """Show figures, each with what it says below."""
    from IPython.display import Pretty, display

    for figure, sentence in zip(figures, sentences, strict=True):
        display(figure, Pretty(sentence))  # type: ignore[no-untyped-call]


DISPLAY = {
    "display.max_colwidth": None,
    "display.max_columns": None,
    "display.max_rows": 200,
    # Or two amounts in $ would be set as a formula between them.
    "display.html.use_mathjax": False,
}
"""How tables appear in notebooks: pandas' option → value."""
