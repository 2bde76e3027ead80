"""The workbook of one representative: the own call list, moves and customers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.outputs.workbook import About, Column, Sheet, known_column, write_workbook
from segcore.sentences import representatives as say
from segcore.sentences import workbook as words

if TYPE_CHECKING:
    from segcore.representatives.frame import Frame
    from segcore.representatives.own import Own

CALLS = (
    "place", "customer", "name", "segment", "from", "move", "mark", "value", "last_order", "drop_date",
    "falls_to", "reason", "rule",
)  # fmt: skip
MOVES = ("customer", "name", "move", "from", "to", "mark", "value", "last_order")
CUSTOMERS = ("customer", "name", "segment", "since", "at_least", "rule", "value", "last_order")
"""Without drop dates: who falls and stands on no call list would be seen to be held out."""


def write_book(frame: Frame, own: Own, path: Path) -> None:
    """Write the workbook of a representative.

    Parameters
    ----------
    frame, own
        As for :func:`segcore.representatives.page.page`.
    path
        The file. The same arguments give the same bytes.
    """
    calls = [
        (
            *(call.place, call.customer, call.name, call.segment, call.before),
            *(_move(call.state), _why(call.mark or call.state)),
            *(call.value, call.last_order, call.drop_date, call.falls_to, call.reason, call.rule),
        )
        for call in own.calls
    ]
    moves = [
        (
            *(move.customer, move.name, _move(move.state), move.before, move.segment),
            *(_why(move.mark or move.state), move.value, move.last_order),
        )
        for move in own.moves
    ]
    about = About(
        say.title(own.name, frame.title, frame.run_date),
        frame.run_date,
        frame.currency,
        [say.about(own.name), words.run(frame.run_date, frame.last_run), *words.READ],
    )
    sheets = [
        Sheet(words.CALLS, say.SHEETS["calls"], _columns(frame, CALLS), calls, 3),
        Sheet(words.MOVERS, say.SHEETS["moves"], _columns(frame, MOVES), moves, 2),
        Sheet(words.CUSTOMERS, say.SHEETS["customers"], _columns(frame, CUSTOMERS), own.customers, 2),
    ]
    write_workbook(path, about, sheets)


def _columns(frame: Frame, names: tuple[str, ...]) -> list[Column]:
    return [known_column(name, frame.currency, frame.window) for name in names]


def _move(state: str | None) -> str | None:
    return words.MOVE.get(state or "")


def _why(mark: str | None) -> str | None:
    return words.WHY.get(mark or "")
