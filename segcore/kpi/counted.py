"""Eligible, followed, reached and expected: by run and segment, and by representative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.engine.sql import quote_text
from segcore.intervals import FEW, LIMITS, wilson
from segcore.transitions.names import of_nobody, reps_sql

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

SUMS = ("after", "expected", "ordered_after", "expected_ordered")
"""Who first ordered in followed days and reached, how many of them were expected; the same of orders."""

COUNTS = """count(*) as eligible, count(followed_on) as followed, count(*) filter (reached) as reached,
    count(*) filter (up) as up, count(*) filter (up <> reached) as apart,
    count(*) - count(followed_on) as unfollowed, sum(value_after)::DECIMAL(38, 4) as value_after"""
COUNTED = {
    **dict.fromkeys(("eligible", "followed", "reached", "up", "apart", "unfollowed"), "BIGINT"),
    "value_after": "DECIMAL(38, 4)",
    **dict.fromkeys(SUMS, "DOUBLE"),
    "difference": "DOUBLE",
    **dict.fromkeys(("share", "low", "high"), "DOUBLE"),
}
ENDS = dict.fromkeys(("low95", "high95", "low998", "high998"), "DOUBLE")
FOLLOWED = {
    "run_date": "DATE",
    **dict.fromkeys(("segment", "left_out"), "VARCHAR"),
    **dict.fromkeys(("runs", "rests"), "BIGINT"),
    **COUNTED,
    **ENDS,
}
BOOKS = {
    "position": "SMALLINT",
    "rep": "VARCHAR",
    "name": "VARCHAR",
    "recorded": "BOOLEAN",
    "few": "BOOLEAN",
    **COUNTED,
    **ENDS,
    **dict.fromkeys(("shrunken", "shrunken_low", "shrunken_high", "colleagues"), "DOUBLE"),
}

COMPARED = "from followable where not rests"
"""Who was held out the time before stands in neither arm."""


@dataclass(frozen=True)
class Measured:
    """The customer-runs that are compared, and what was expected of each.

    Parameters
    ----------
    rows
        What :func:`compared` gives.
    told
        Aligned with it, what :func:`segcore.kpi.persontime.expected` gives; None where too few were
        not followed up, so that there is nothing to compare with.
    """

    rows: pd.DataFrame
    told: pd.DataFrame | None


def measure(engine: Engine) -> Measured:
    """Compare followed with unfollowed days, once for all tables.

    Parameters
    ----------
    engine
        Holds ``followable``; ``expectations`` is left in it, see :func:`expect`.
    """
    rows = compared(engine)
    return Measured(rows, expect(engine, rows))


def compared(engine: Engine) -> pd.DataFrame:
    """The rows that are compared, as a frame for the statistics: those of ``followable`` that do not rest."""
    return engine.frame(f"select * exclude (value_after) {COMPARED} order by run_date, customer_id")


def expect(engine: Engine, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Make ``expectations``: what was to be expected of the followed days, and what came.

    Parameters
    ----------
    engine
        Where the table goes.
    rows
        What :func:`compared` gives.

    Returns
    -------
    DataFrame or None
        Aligned with the rows, see :func:`segcore.kpi.persontime.expected`; None where too few were
        not followed up, so that there is nothing to compare with. The table has no rows then.

    Notes
    -----
    Columns out: run_date, segment, rep, then those of :data:`SUMS`.
    """
    from segcore.kpi.persontime import enough, expected

    columns = {"run_date": "DATE", "segment": "VARCHAR", "rep": "VARCHAR", **dict.fromkeys(SUMS, "DOUBLE")}
    found: list[tuple[Any, ...]] = []
    each = expected(rows) if len(rows) and enough(rows) else None
    if each is not None:
        told = each[["reached", "expected_reached", "ordered", "expected_ordered"]].astype(float)
        keys = [rows["run_date"].astype("datetime64[s]").dt.date, rows["segment"], rows["rep"].fillna("")]
        sums = told.groupby(keys).sum()
        found = [
            (day, segment, rep or None, *row)
            for (day, segment, rep), row in zip(sums.index, sums.to_numpy().tolist(), strict=True)
        ]
    tables.put(engine, "expectations", columns, found)
    return each


def followed(engine: Engine, measured: Measured) -> pd.DataFrame:
    """Make ``followed``: for every run and segment who was followed up, who reached, and what was expected.

    Parameters
    ----------
    engine
        Holds ``followable``, ``left_out`` and ``expectations``, see :func:`segcore.kpi.gather` and
        :func:`expect`.
    measured
        What :func:`measure` gives.

    Notes
    -----
    Columns out: run_date (NULL over all runs), segment (NULL over all of them), left_out (why a run
    does not count, see :func:`segcore.kpi.gather`; else NULL), runs (that are counted together), rests
    (who was to be followed up, too, but was held out at the run before, and so is not eligible here);
    eligible, followed, reached, up (of all eligible), apart (who did one of these two and not the
    other), unfollowed, value_after (ordered after the day of the first follow-up); after and expected
    (who first ordered in followed days and reached, and how many of them were to be expected),
    ordered_after and expected_ordered (the same of orders), difference (after − expected) with the
    limits of chance around zero, over all runs with what is left to chance in the expected number
    itself; share (reached / eligible) with its Wilson 95 % interval. Expected and what rests on it are
    NULL where there is no comparison.
    """
    grouped = "group by grouping sets ((run_date, segment), (run_date), (segment), ())"
    rows = _rows(
        engine,
        f"""select counted.*, coalesce(resting.rests, 0) as rests, expected.* exclude (day, part)
        from (select run_date, segment, count(distinct run_date) as runs, {COUNTS} {COMPARED} {grouped})
            counted
        left join (select run_date as day, segment as part, count(*) as rests
                from followable where rests {grouped}) resting
            on counted.run_date is not distinct from resting.day
            and counted.segment is not distinct from resting.part
        left join (select run_date as day, segment as part, {_SUMS} from expectations {grouped}) expected
            on counted.run_date is not distinct from expected.day
            and counted.segment is not distinct from expected.part
        where eligible > 0 order by run_date, segment""",
    )
    for row in rows:
        if row["run_date"] is None and row["expected"] is not None:
            row |= _strayed(measured.rows, row["segment"])
    out = engine.rows("select run_date, why from left_out order by run_date")
    nobody: dict[str, Any] = dict.fromkeys(COUNTED)
    rows += [{**nobody, "run_date": day, "left_out": why} for day, why in out]
    return _put(engine, "followed", FOLLOWED, rows)


def _strayed(rows: pd.DataFrame, segment: str | None) -> dict[str, float]:
    """The limits of a difference over all runs, in which customers recur and the expected is estimated."""
    from segcore.kpi.persontime import deviation

    chosen = None if segment is None else (rows["segment"] == segment).to_numpy()
    strays = deviation(rows, chosen=chosen)
    wide = {name: NormalDist().inv_cdf((1 + within) / 2) * strays for name, within in LIMITS.items()}
    return {
        f"{side}{name}": sign * w for name, w in wide.items() for side, sign in (("low", -1), ("high", 1))
    }


POINTS = 48
"""How many points of the limits are drawn."""


def limits(engine: Engine) -> pd.DataFrame:
    """Make ``limits``: where chance alone stays, for books of every size whose customers are like all.

    Parameters
    ----------
    engine
        Holds ``books`` and ``followed``.

    Notes
    -----
    Columns out: followed (0 to somewhat above the largest book), then the limits of chance around
    zero, as in :func:`books`, at the expected number per followed customer over all runs. No rows
    where there is no comparison.
    """
    import pandas as pd

    from segcore.kpi.funnel import funnel

    columns = {"followed": "DOUBLE", **ENDS}
    of = engine.rows(
        "select expected / followed from followed "
        "where run_date is null and segment is null and expected > 0 and followed > 0"
    )
    most = engine.rows("select max(followed) from books where recorded")[0][0] if of else 0
    if not most:
        return tables.put(engine, "limits", columns, [])
    sizes = pd.Series([most * 1.08 * n / POINTS for n in range(POINTS + 1)])
    drawn = funnel(sizes * of[0][0])
    rows = [(size, *row) for size, row in zip(sizes.to_list(), drawn.to_numpy().tolist(), strict=True)]
    return tables.put(engine, "limits", columns, rows)


_SUMS = ", ".join(f"sum({name}) as {name}" for name in SUMS)


def books(engine: Engine) -> pd.DataFrame:
    """Make ``books``: the same over all runs for each representative, as at the earlier run of each.

    Parameters
    ----------
    engine
        As for :func:`followed`; names are taken from the table ``reps`` if it is there.

    Notes
    -----
    Columns out: position, rep, name, recorded, few (under 20 followed), then as in :func:`followed`,
    and shrunken (the share, pulled towards that of all as far as the book is small) with its 90 %
    interval, and colleagues (the share of all other books). In alphabetical order of names, for it is
    no ranking; last stand customers whose representative is not recorded, with rep NULL.
    """
    rows = _rows(
        engine,
        f"""select rep, coalesce(rep_name, rep, {quote_text(of_nobody())}) as name,
            rep is not null as recorded, counted.* exclude (rep), expected.* exclude (of)
        from (select rep, {COUNTS} {COMPARED} group by rep) counted left join ({reps_sql(engine)}) using (rep)
        left join (select rep as of, {_SUMS} from expectations group by rep) expected
            on rep is not distinct from of
        order by recorded desc, strip_accents(lower(name)), rep""",
    )
    eligible, reached = (sum(row[name] for row in rows) for name in ("eligible", "reached"))
    for number, (row, shrunken) in enumerate(zip(rows, _shrunken(rows), strict=True), start=1):
        others = eligible - row["eligible"]
        row |= {"position": number, "few": row["followed"] < FEW, **shrunken}
        row["colleagues"] = (reached - row["reached"]) / others if others and row["recorded"] else None
    return _put(engine, "books", BOOKS, rows)


def _shrunken(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float | None]]:
    import pandas as pd

    from segcore.kpi.shrinkage import shrinkage

    if not rows:
        return []
    groups = pd.DataFrame({"hits": [row["reached"] for row in rows], "of": [row["eligible"] for row in rows]})
    found = shrinkage(groups).rename(columns={"low": "shrunken_low", "high": "shrunken_high"})
    return [dict(zip(found.columns, row, strict=True)) for row in found.to_numpy().tolist()]


def _rows(engine: Engine, query: str) -> list[dict[str, Any]]:
    """The rows of a query, each with its difference, the limits of chance, and its share."""
    import pandas as pd

    from segcore.kpi.funnel import funnel

    engine.execute(f"create or replace temp table counted_up as {query}")
    names = list(engine.columns("counted_up"))
    rows = [dict(zip(names, row, strict=True)) for row in engine.rows("from counted_up")]
    known = [row for row in rows if row["expected"] is not None]
    limits = funnel(pd.Series([row["expected"] for row in known], dtype=float)).to_numpy().tolist()
    for row, four in zip(known, limits, strict=True):
        row |= dict(zip(ENDS, four, strict=True))
        row["difference"] = row["after"] - row["expected"]
    for row in rows:
        row |= dict(
            zip(("share", "low", "high"), wilson(row["reached"], row["eligible"]).or_nothing, strict=True)
        )
    return rows


def _put(
    engine: Engine, name: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    return tables.put(engine, name, columns, [[row.get(column) for column in columns] for row in rows])


def drawn(books: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``books`` that a funnel can show: a known representative who followed somebody up."""
    return books[books["recorded"] & (books["followed"] > 0)].reset_index(drop=True)
