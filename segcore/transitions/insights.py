"""Who the movers are: what those who moved up, or down, have in common by more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segcore import tables
from segcore.intervals import FEW
from segcore.transitions.attributes import LOOKED, Attribute, look
from segcore.transitions.earlier import last_run
from segcore.transitions.lifted import false_discoveries, lift
from segcore.transitions.telling import WAYS, Level, told

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

INSIGHTS = {
    "position": "INTEGER",
    "direction": "VARCHAR",
    "kind": "VARCHAR",
    "attribute": "VARCHAR",
    "level": "VARCHAR",
    "name": "VARCHAR",
    "variable": "BOOLEAN",
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
    read it), variable (whether segments are made of it), movers and customers (at the level: who moved this
    way, and who could), of_movers and of_customers (in all), expected, lift (movers / expected, stratified by
    the segment that they came from), low, high, p_value (see :func:`segcore.transitions.lifted.lift`),
    q_value (Benjamini-Hochberg over all levels tested, both directions), told.

    Who could: in both runs, and in a segment with a better, or worse, one beyond it. Whom only another
    boundary, rule table or model moved counts neither as mover nor as customer. A level of fewer than
    :data:`segcore.intervals.FEW` customers is not tested: expected and all behind it are NULL. Told are at
    most :data:`segcore.transitions.telling.TOLD`: of those with a q value of at most
    :data:`segcore.intervals.MOST_FALSE` and a lift of at least
    :data:`segcore.transitions.telling.WORTH` or at most its inverse the strongest, each group of customers
    once. A first run has no rows.
    """
    if last_run(engine) is None:
        return tables.put(engine, "insights", INSIGHTS, [])
    try:
        attributes = look(engine, study)
        levels = _with_q_values(list(_tested(engine, attributes)))
        first = told(engine, levels)
    finally:
        engine.execute(f"drop table if exists {LOOKED}")
    rows = [replace(level, told=True) for level in first]
    rows += sorted((level for level in levels if level not in first), key=lambda level: level.place)
    return tables.put(engine, "insights", INSIGHTS, [(n, *_row(row)) for n, row in enumerate(rows, 1)])


def _row(level: Level) -> tuple[object, ...]:
    of, found = level.attribute, level.found
    tested = (None,) * 5 if found is None else tuple(None if x != x else x for x in found)
    names = (level.direction, of.kind, of.name, level.level, of.called(level.level), of.variable)
    return (*names, *level.counts, *tested, level.q_value, level.told)


def _tested(engine: Engine, attributes: Sequence[Attribute]) -> Iterator[Level]:
    """Every level, both ways."""
    of_all, *counted = _counted(engine, ["NULL::VARCHAR", *(of.level for of in attributes)])
    for attribute, levels in zip(attributes, counted, strict=True):
        for level, own in levels.items():
            for direction, could in (("up", slice(0, -1)), ("down", slice(1, None))):
                way = 1 + WAYS.index(direction)
                every = of_all[None]
                parts = (own[could, way], own[could, 0], every[could, way], every[could, 0])
                movers, customers, of_movers, of_customers = (int(part.sum()) for part in parts)
                found = lift(*parts) if customers >= FEW and of_movers else None
                if customers:
                    yield Level(
                        direction, attribute, level, (movers, of_movers, customers, of_customers), found
                    )


def _counted(engine: Engine, levels: Sequence[str]) -> list[dict[str | None, np.ndarray]]:
    """Per attribute: level → ranks × (customers, those who moved up, those who moved down)."""
    import numpy as np

    best = int(engine.rows("select max(rank) from segment_codes")[0][0])
    found: list[dict[str | None, np.ndarray]] = [{} for _ in levels]
    each = (
        f"select {n} as place, {level} as level, from_rank, count(*), count(*) filter (up), "
        f"count(*) filter (down) from {LOOKED} group by 2, 3"
        for n, level in enumerate(levels)
    )
    for place, name, rank, *counts in engine.rows(f"{' union all '.join(each)} order by 1, 2, 3"):
        found[place].setdefault(name, np.zeros((best + 1, 3), dtype=np.int64))[rank] = counts
    return found


def _with_q_values(levels: Sequence[Level]) -> list[Level]:
    import numpy as np

    p_values = {n: level.found.p_value for n, level in enumerate(levels) if level.found}
    known = {n: p for n, p in p_values.items() if p is not None}
    q_values = dict(zip(known, false_discoveries(np.array(list(known.values()))).tolist(), strict=True))
    return [replace(level, q_value=q_values.get(n)) for n, level in enumerate(levels)]
