"""``slides.pptx``: what a run says, as slides that somebody can present and change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.report import Report, load
from segcore.slides.deck import Deck
from segcore.slides.pages import attention, calls, followup, made, moves, segments, top, why
from segcore.wording import long_date

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


def write(engine: Engine, study: Study, path: Path) -> None:
    """Write the slides of a run.

    Parameters
    ----------
    engine
        Holds what the transitions notebook made.
    study
        The study.
    path
        The file, in the folder ``report`` of the run, whose tables are saved.
    """
    day = engine.rows("select run_date from facts")[0][0]
    write_report(load(study, day, path.parent.parent), path)


def write_report(report: Report, path: Path) -> None:
    """Write the slides of what a report says."""
    deck = Deck(f"{report.study.title} · {long_date(report.run_date)}", report.run_date)
    for deck.section, add in SLIDES.items():
        add(report, deck)
    top.sum_up(report, deck)
    deck.save(path)


SLIDES: dict[str, Callable[[Report, Deck], None]] = {
    "top": top.add,
    "attention": attention.add,
    "segments": segments.add,
    "moves": moves.add,
    "why": why.add,
    "followup": followup.add,
    "calls": calls.add,
    "breaks": made.add,
}
"""Section of the report → what adds its slide, if the run has something to say there."""
