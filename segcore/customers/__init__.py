"""The list of all customers of a run, for whoever wants to find one or to act on many.

:mod:`segcore.customers.listed` says who is in it and with which columns, :mod:`segcore.customers.rows` reads
them with their why cards, and :mod:`segcore.customers.page` makes the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import charts, model, transitions
from segcore.customers.listed import LISTED, Column, columns, keep, lacking, listed
from segcore.customers.page import FIRST, Frame, script
from segcore.customers.parts import Link, Part, write_parts
from segcore.customers.rows import packed, rows
from segcore.files import write_text
from segcore.sentences import customers as say
from segcore.why import Told

if TYPE_CHECKING:
    from segcore.engine import Engine, FileEngine
    from segcore.params import Study

BEST_FIRST = "value desc, customer_id"
MOST = 20_000
"""Up to how many customers one page has."""
MOST_PLAIN = 2_500
"""The same for a page without script, which is as long as its list."""


def write(engine: FileEngine, study: Study, path: Path) -> None:
    """Write the list of customers of a run, and keep who is in it as the run's table ``listed``.

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
    listed(engine)
    keep(engine, path.parent.parent)
    counted = engine.rows(
        f"select (select run_date from facts), count(segment), count(*) - count(segment) from {LISTED}"
    )
    run_date, customers, gone = counted[0]
    palette = charts.palette(used.segments, transitions.healthy(study))
    last = transitions.last_run(engine)
    frame = Frame(study, run_date, last, palette, customers, gone, lacking(engine))
    told, heads = Told(study, used), columns(engine, study, used.segments)
    if customers + gone > MOST:
        page = _in_parts(engine, frame, told, heads, path.parent)
    else:
        found = rows(engine, heads, "true", BEST_FIRST)
        links = _plain(engine, frame, heads, path.parent) if len(found) > FIRST else []
        page = frame.with_table(say.TITLE, found, packed(engine, found, told, run_date), links=links)
    write_text(path, page)
    engine.execute(f"drop table {LISTED}")


def _in_parts(engine: Engine, frame: Frame, told: Told, heads: Sequence[Column], folder: Path) -> str:
    """Write pages that can be searched, by segment; gives the page that leads to them."""

    def page(part: Part) -> str:
        found = rows(engine, heads, part.where, BEST_FIRST)
        held = packed(engine, found, told, frame.run_date)
        return frame.with_table(part.title, found, held, links=(), up="../")

    links = write_parts(engine, tuple(frame.palette), folder, most=MOST, page=page)
    return frame.page(say.TITLE, scripts=(script("index"),), says=say.IN_PARTS, links=links)


def _plain(engine: Engine, frame: Frame, heads: Sequence[Column], folder: Path) -> list[Link]:
    """Write pages for those whose browser runs no scripts."""

    def page(part: Part) -> str:
        shown = rows(engine, heads, part.where, "customer_id").shown()
        return frame.page(part.title, up="../", columns=heads, shown=shown)

    return write_parts(engine, tuple(frame.palette), folder, most=MOST_PLAIN, page=page)
