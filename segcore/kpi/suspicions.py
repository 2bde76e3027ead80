"""Checks against gaming and mistakes: what a figure about follow-ups would not survive.

There are two kinds. Some compare a representative with all others: how many customers show something
that is rare elsewhere. They speak only where chance makes as much in one run of a thousand. The
others are facts about single customers, which must be known whatever the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.kpi.signs import FACTS, SIGNS
from segcore.transitions.names import reps_sql

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model

LEAST = 5
"""How many customers must show it; of fewer nobody should talk."""

CHANCE = 0.001
"""How often a check may speak of somebody in a run in which there is nothing to say."""

SUSPICIONS = {
    "check": "VARCHAR",
    "rep": "VARCHAR",
    "customer_id": "VARCHAR",
    "name": "VARCHAR",
    "hits": "BIGINT",
    "of": "BIGINT",
    "others_hits": "BIGINT",
    "others_of": "BIGINT",
    "p_value": "DOUBLE",
    "detail": "VARCHAR",
}


def suspicions(engine: Engine, used: Model) -> pd.DataFrame:
    """Make ``suspicions``: one row for whatever a check has found.

    Parameters
    ----------
    engine
        Holds ``eligible``, ``followable``, ``followups``, ``transactions``, ``customers``, ``previous``,
        ``facts`` and ``last_run``; ``credits`` and ``reps`` if they are there.
    used
        The model of this run, for its edges.

    Notes
    -----
    Columns out: check (a key of :data:`segcore.kpi.signs.SIGNS` or of
    :data:`segcore.kpi.signs.FACTS`), rep (NULL where none is known), customer_id (NULL for what is said
    of a representative), name (of the representative), hits and of (how many of the customers that
    could show it do), others_hits and others_of (the same of all other representatives), p_value
    (one-sided, Fisher's exact test, times the representatives that were compared), detail (what the
    sentence needs: the variable, or the other representative).

    A sign is told if at least five customers show it and the p value is under 0.001. Only customers
    who were to be followed up are looked at.
    """
    found: list[tuple[Any, ...]] = []
    for check, query in SIGNS.items():
        sql = query(engine, used)
        found += _outstanding(check, engine.rows(sql)) if sql else []
    for check, query in FACTS.items():
        sql = query(engine, used)
        found += [(check, *row) for row in engine.rows(sql)] if sql else []
    names = _names(engine)
    rows = [(check, rep, who, names.get(rep, rep), *rest) for check, rep, who, *rest in found]
    return tables.put(engine, "suspicions", SUSPICIONS, rows)


def _outstanding(check: str, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The representatives, each with hits, of and a detail, who show something that others do not.

    A representative with several details is told of by the one that is least likely.
    """
    best: dict[str, tuple[Any, ...]] = {}
    details = {detail for *_, detail in rows}
    for detail in sorted(details, key=str):
        books = [row for row in rows if row[3] == detail]
        all_hits, all_of = (sum(row[n] for row in books) for n in (1, 2))
        for rep, hits, of, _ in books:
            if rep is None or hits < LEAST or all_of == of:
                continue
            p = min(1.0, _tail(hits, of, all_hits, all_of) * len(books) * len(details))
            if p < CHANCE and p < best.get(rep, (1.0,))[0]:
                best[rep] = (p, hits, of, all_hits - hits, all_of - of, detail)
    return [(check, rep, None, *row[1:5], row[0], row[5]) for rep, row in sorted(best.items())]


def _tail(hits: int, of: int, all_hits: int, all_of: int) -> float:
    from scipy.stats import hypergeom

    return float(hypergeom.sf(hits - 1, all_of, all_hits, of))


def _names(engine: Engine) -> dict[Any, str]:
    return dict(engine.rows(f"select * from ({reps_sql(engine)}) where rep_name is not null"))
