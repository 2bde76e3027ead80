"""What the pages of all representatives of a run have in common; nothing in it is of one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore import tables, transitions
from segcore.charts import Colour, palette
from segcore.sentences.rows import Row

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study


@dataclass(frozen=True)
class Frame:
    """What the pages of all representatives of a run have in common.

    Parameters
    ----------
    title, currency, language
        Of the study.
    run_date, last_run, until
        The date of the run, of the one before if there is one, and of the next one.
    window
        The time within which order value counts; None for all orders.
    windows
        Those of the variables that have one.
    colours
        Segment, best first → its colours.
    follows
        Whether the study says who is to be followed up, and where to.
    verdict
        The row of ``verdict``: whether representatives differ by more than chance; may be empty.
    runs
        Over how many runs follow-ups are counted.
    """

    title: str
    currency: str
    language: str
    run_date: dt.date
    last_run: dt.date | None
    until: dt.date
    window: str | None
    windows: Sequence[str]
    colours: Mapping[str, Colour]
    follows: bool
    verdict: Row
    runs: int


def frame(engine: Engine, study: Study, used: Model) -> Frame:
    """What the pages of a run have in common.

    Parameters
    ----------
    engine
        Holds ``facts``; ``flows``, ``verdict`` and ``followed`` if the run has them.
    study, used
        The study and the model of the segments.
    """
    day, window = engine.rows("select run_date, value_window from facts")[0]
    dates = [row["run_date"] for row in _all(engine, "flows")]
    earlier = [date for date in dates if date < day]
    counted = {row["run_date"] for row in _all(engine, "followed") if row["run_date"] and not row["left_out"]}
    return Frame(
        title=study.title,
        currency=study.currency,
        language=study.language,
        run_date=day,
        last_run=max(earlier, default=None),
        until=transitions.next_date(study, day),
        window=window,
        windows=[variable.window for variable in used.variables if variable.window],
        colours=palette(used.segments, transitions.healthy(study)),
        follows=transitions.ends(study) is not None,
        verdict=next(iter(_all(engine, "verdict")), {}),
        runs=len(counted),
    )


def _all(engine: Engine, name: str) -> list[dict[str, Any]]:
    """The rows of a small table as plain values; none of one that the run lacks."""
    if not engine.has(name):
        return []
    names = list(engine.columns(name))
    return [dict(zip(names, row, strict=True)) for row in engine.rows(tables.ordered(engine, name))]
