"""The list of all customers of a run, for whoever wants to find one or to act on many.

:mod:`segcore.customers.listed` says who is in it and with which columns, :mod:`segcore.customers.rows` reads
them with their why cards, and :mod:`segcore.customers.page` makes the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore import charts, model, transitions
from segcore.customers.listed import LISTED, columns, listed
from segcore.customers.page import Frame
from segcore.customers.rows import packed, rows
from segcore.files import write_text
from segcore.sentences import customers as say
from segcore.why import Told

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

BEST_FIRST = "value desc, customer_id"


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the list of customers of a run.

    Parameters
    ----------
    engine
        Holds what the transitions notebook made.
    study
        The study.
    path
        The page, in the folder ``report`` of the run.
    """
    used = model.read(path.parent.parent / "model.json")
    listed(engine, study)
    counted = engine.rows(
        f"select (select run_date from facts), count(segment), count(*) - count(segment) from {LISTED}"
    )
    run_date, customers, gone = counted[0]
    palette = charts.palette(used.segments, transitions.healthy(study))
    frame = Frame(study, run_date, transitions.last_run(engine), palette, customers, gone)
    told = Told(study, used)
    found = rows(engine, columns(engine, study, used.segments), "true", BEST_FIRST)
    page = frame.with_table(say.TITLE, found, packed(engine, found, told, run_date), ())
    write_text(path, page)
    engine.execute(f"drop table {LISTED}")
