"""One row for each thing measured, and the table that shows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Row(NamedTuple):
    """What was measured, what came out, what had to come out, and whether it did."""

    what: str
    measured: str
    bar: str
    ok: bool


def print_table(rows: Iterable[Row]) -> None:
    """Print the rows under their headings, as wide as they need."""
    lines = [("what", "measured", "bar", ""), *((*row[:3], "ok" if row.ok else "MISSED") for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def best_times(*calls: Callable[[], Any], rounds: int = 5) -> list[float]:
    """The shortest time of each call in seconds; they take turns, so that all see the same machine."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for position, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[position] = min(best[position], time.perf_counter() - start)
    return best
