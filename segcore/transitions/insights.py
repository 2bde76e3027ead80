"""Who the movers are: what those who moved up, or down, have in common by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, log
from typing import TYPE_CHECKING

from segcore import tables
from segcore.intervals import FEW, LEVEL
from segcore.transitions.attributes import LOOKED, Attribute, look
from segcore.transitions.earlier import last_run
from segcore.transitions.lifted import Lift, false_discoveries, lift

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

WAYS = ("up", "down")
TOLD = 3
"""How many are told at most."""
WORTH = 1.1
"""From which lift on, or below its inverse, an effect is worth telling; with many customers any is sure."""
LOOKED_AT_AGAIN = 20
"""How many of the strongest levels are held against those that are told already."""

INSIGHTS = {
    "position": "INTEGER",
    "direction": "VARCHAR",
    "kind": "VARCHAR",
    "attribute": "VARCHAR",
    "level": "VARCHAR",
    "name": "VARCHAR",
    "movers": "BIGINT",
    "of_movers": "BIGINT",
    "customers": "BIGINT",
    "of_customers": "BIGINT",
    "expected": "DOUBLE",
    "lift": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "p_value": "DOUBLE",
    "q_value": "DOUBLE",
    "told": "BOOLEAN",
}


@dataclass(frozen=True)
class _Level:
    """A level of an attribute among those who could move one way."""

    direction: str
    attribute: Attribute
    level: str | None
    counts: tuple[int, int, int, int]
    found: Lift | None
    q_value: float | None = None
    told: bool = False

    @property
    def sure(self) -> float:
        """How strong the effect is at least: the logarithm of the nearer end of the interval."""
        if self.found is None or not self.found.low <= self.found.high:
            return -inf
        return log(self.found.low) if self.found.lift > 1 else -log(self.found.high)

    @property
    def stands_out(self) -> bool:
        """Whether it is more than chance, and worth a sentence."""
        if self.found is None or self.q_value is None:
            return False
        strong = self.found.lift >= WORTH or self.found.lift <= 1 / WORTH
        return self.q_value <= LEVEL and strong and self.sure > 0


def insights(engine: Engine, study: Study) -> pd.DataFrame:
    """Make ``insights``: of every level of every attribute how many moved, and how many were to be expected.

    Parameters
    ----------
    engine
        As for :func:`segcore.transitions.attributes.look`; holds ``moves`` with marks.
    study
        The study.

    Notes
    -----
    Columns out: position (told ones first, then by p value), direction (up or down), kind (attribute, market,
    representative, size or age), attribute, level (NULL where it is not recorded), name (the level as people
    read it), movers and customers (at the level: who moved this way, and who could), of_movers and
    of_customers (in all), expected, lift (movers / expected, stratified by the segment that they came from),
    low, high, p_value (see :func:`segcore.transitions.lifted.lift`), q_value (Benjamini-Hochberg over all
    levels tested, both directions), told.

    Who could: in both runs, and in a segment with a better, or worse, one beyond it. Whom only another
    boundary, rule table or model moved counts neither as mover nor as customer. A level of fewer than
    :data:`segcore.intervals.FEW` customers is not tested: expected and all behind it are NULL. At most
    :data:`TOLD` are told: of those with a q value of at most :data:`segcore.intervals.LEVEL` and a lift of
    at least :data:`WORTH` or at most its inverse the strongest, by the nearer end of the interval; one is not
    told if nothing of it is left among customers alike in those that are told. A first run has no rows.
    """
    if last_run(engine) is None:
        return tables.put(engine, "insights", INSIGHTS, [])
    try:
        attributes = look(engine, study)
        levels = _with_q_values(list(_tested(engine, attributes)))
        told = _told(engine, levels)
    finally:
        engine.execute(f"drop table if exists {LOOKED}")
    rows = [replace(level, told=True) for level in told]
    rows += sorted((level for level in levels if level not in told), key=_place)
    return tables.put(engine, "insights", INSIGHTS, [(n, *_row(row)) for n, row in enumerate(rows, 1)])


def _place(level: _Level) -> tuple[float, bool, str, str, str]:
    p = inf if level.found is None or level.found.p_value is None else level.found.p_value
    return p, level.direction == "down", level.attribute.kind, level.attribute.name, level.level or ""


def _row(level: _Level) -> tuple[object, ...]:
    of, found = level.attribute, level.found
    tested = (None,) * 5 if found is None else tuple(None if x != x else x for x in found)
    names = (level.direction, of.kind, of.name, level.level, of.called(level.level))
    return (*names, *level.counts, *tested, level.q_value, level.told)


def _tested(engine: Engine, attributes: Sequence[Attribute]) -> Iterator[_Level]:
    """Every level, both ways."""
    import numpy as np

    best = int(engine.rows("select max(rank) from segment_codes")[0][0])
    of_all = _counted(engine, "NULL::VARCHAR", best)[None]
    for attribute in attributes:
        for level, counts in _counted(engine, attribute.level, best).items():
            for way, direction in enumerate(WAYS, start=1):
                could = slice(0, best) if direction == "up" else slice(1, None)
                every, own = of_all[could], counts[could]
                sums = (own[:, way], every[:, way], own[:, 0], every[:, 0])
                movers, of_movers, customers, of_customers = (int(np.sum(part)) for part in sums)
                if customers:
                    enough = customers >= FEW and of_movers
                    found = lift(own[:, way], own[:, 0], every[:, way], every[:, 0]) if enough else None
                    yield _Level(
                        direction, attribute, level, (movers, of_movers, customers, of_customers), found
                    )


def _counted(engine: Engine, level: str, best: int) -> dict[str | None, np.ndarray]:
    """Level → ranks × (customers, those who moved up, those who moved down)."""
    import numpy as np

    found: dict[str | None, np.ndarray] = {}
    for name, rank, *counts in engine.rows(
        f"""select {level} as level, from_rank, count(*), count(*) filter (up), count(*) filter (down)
        from {LOOKED} group by 1, 2 order by 1, 2"""
    ):
        found.setdefault(name, np.zeros((best + 1, 3), dtype=np.int64))[rank] = counts
    return found or {None: np.zeros((best + 1, 3), dtype=np.int64)}


def _with_q_values(levels: Sequence[_Level]) -> list[_Level]:
    import numpy as np

    p_values = {n: level.found.p_value for n, level in enumerate(levels) if level.found}
    known = {n: p for n, p in p_values.items() if p is not None}
    q_values = dict(zip(known, false_discoveries(np.array(list(known.values()))).tolist(), strict=True))
    return [replace(level, q_value=q_values.get(n)) for n, level in enumerate(levels)]


def _told(engine: Engine, levels: Sequence[_Level]) -> list[_Level]:
    """Those that are told, the strongest first."""
    limit = max((level.found.p_value or 0 for level in levels if level.stands_out and level.found), default=0)
    found: list[_Level] = []
    for direction in WAYS:
        standing = [level for level in levels if level.stands_out and level.direction == direction]
        standing = sorted(standing, key=lambda level: (-level.sure, _place(level)))[:LOOKED_AT_AGAIN]
        found += _apart(engine, standing, limit)
    return sorted(found, key=lambda level: (-level.sure, _place(level)))[:TOLD]


def _apart(engine: Engine, standing: Sequence[_Level], limit: float) -> list[_Level]:
    """Of levels that stand out one way, those that tell something which the others do not."""
    left, told = list(standing), list(standing[:0])
    while left and len(told) < TOLD:
        left = _beside(engine, left, told, limit)
        told, left = [*told, *left[:1]], left[1:]
        for one in told[:-1]:
            others = [other for other in told if other is not one]
            told = told if _beside(engine, [one], others, limit) else others
    return told


def _beside(engine: Engine, levels: Sequence[_Level], told: Sequence[_Level], limit: float) -> list[_Level]:
    """The levels of which something is left among customers who are alike in those that are told."""
    import numpy as np

    if not levels or not told:
        return list(levels)
    direction = levels[0].direction
    alike = ", ".join(f"coalesce({one.attribute.is_at(one.level)}, false)" for one in told)
    counts = ", ".join(
        f"count(*) filter ({at} and {direction}), count(*) filter ({at})"
        for at in (one.attribute.is_at(one.level) for one in levels)
    )
    rows = engine.rows(
        f"select count(*) filter ({direction}), count(*), {counts} from {LOOKED} "
        f"group by from_rank, {alike} order by from_rank, {alike}"
    )
    found = np.array(rows, dtype=np.int64).T
    kept = []
    for n, level in enumerate(levels, start=1):
        left = lift(found[2 * n], found[2 * n + 1], found[0], found[1])
        same_way = level.found is not None and (left.lift > 1) == (level.found.lift > 1)
        if same_way and left.p_value is not None and left.p_value <= limit:
            kept.append(level)
    return kept
