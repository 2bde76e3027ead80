"""The figure on top of every report: of those who needed attention, how many are better off now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.intervals import FEW, wilson, with_rates

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.params import Study

NO_REP = "not recorded"
BECAME = ("reached", "still", "rose", "fell", "gone")
COUNTS = ", ".join(["count(*) as customers", *(f"count(*) filter (became = '{w}') as {w}" for w in BECAME)])


@dataclass(frozen=True)
class Headline:
    """Of the customers in a segment at the last run, how many have reached another by this one.

    Parameters
    ----------
    segment
        Where they were.
    targets
        What counts as reached, best first.
    customers
        How many they were; reached + still + rose + fell + gone.
    reached
        Now in one of the targets.
    still, rose, fell, gone
        Others: in the same segment, in a better or worse one that is no target, in no segment.
    share, low, high
        ``reached / customers`` with its Wilson 95 % interval; ``nan`` if there was nobody.
    """

    segment: str
    targets: tuple[str, ...]
    customers: int
    reached: int
    still: int
    rose: int
    fell: int
    gone: int
    share: float
    low: float
    high: float


def ends(study: Study) -> tuple[str, tuple[str, ...]] | None:
    """From which segment to which ones the headline looks.

    It starts in the best segment that is to be followed up and leads to ``follow_up.target``, or
    else to the two best segments that stand above it.

    Returns
    -------
    tuple of str and tuple of str, or None
        The segment, and the targets, best first; None if no segment is to be followed up or
        nothing can be reached from it.
    """
    segments = list(study.segments)
    start = next((name for name, segment in study.segments.items() if segment.follow_up), None)
    if start is None:
        return None
    wanted = study.follow_up.target or segments[: segments.index(start)][:2]
    targets = tuple(name for name in segments if name in wanted and name != start)
    return (start, targets) if targets else None


def healthy(study: Study) -> int:
    """How many segments, from the best on, stand above the first that is to be followed up."""
    followed = [segment.follow_up for segment in study.segments.values()]
    return followed.index(True) if True in followed else len(followed)


def headline(engine: Engine, study: Study) -> Headline | None:
    """Count the headline.

    Parameters
    ----------
    engine
        Holds ``moves`` and ``previous``, see :func:`segcore.transitions.moves`.
    study
        The study, for :func:`ends`.

    Returns
    -------
    Headline or None
        None for a first run, and where the study has no such segments.
    """
    path = ends(study)
    if path is None or not engine.rows("select 1 from previous limit 1"):
        return None
    row = engine.rows(f"select {COUNTS} from ({_became(*path)})")[0]
    counts = dict(zip(("customers", *BECAME), row, strict=True))
    rate = wilson(counts["reached"], counts["customers"])
    return Headline(segment=path[0], targets=path[1], **counts, **vars(rate))


def by_representative(engine: Engine, study: Study) -> pd.DataFrame:
    """Count the headline for each representative.

    Parameters
    ----------
    engine, study
        As for :func:`headline`; names are taken from the table ``reps`` if the engine has it.

    Returns
    -------
    pandas.DataFrame
        rep, name, customers, reached, still, rose, fell, gone, few, share, low, high; alphabetical
        by name, for it is no ranking, and last the customers whose representative is not recorded.
        The representative is the one at the last run; the name is that of ``reps``, or else the
        rep itself. ``few`` marks fewer than 20 customers. No rows where there is no headline.
    """
    path = ends(study)
    source = _became(*path) if path else "select '' as rep, '' as became where false"
    named = engine.has("reps") and "name" in engine.columns("reps")
    names = "left join (select rep, name as known from reps) using (rep)" if named else ""
    frame = engine.frame(
        f"select rep, coalesce({'known' if named else 'NULL'}, rep) as name, counted.* exclude (rep) "
        f"from (select rep, {COUNTS} from ({source}) group by rep) counted {names} "
        f"order by rep = '{NO_REP}', strip_accents(lower(name)), rep"
    )
    frame["few"] = frame["customers"] < FEW
    return with_rates(frame, "reached", "customers")


def _became(start: str, targets: tuple[str, ...]) -> str:
    """One row for every customer of the segment at the last run: representative, what became of it."""
    return f"""
    select coalesce(nullif(trim(rep), ''), '{NO_REP}') as rep,
        case when to_segment in ({", ".join(map(quote_text, targets))}) then 'reached'
            when state = 'gone' then 'gone' when to_rank > from_rank then 'rose'
            when to_rank < from_rank then 'fell' else 'still' end as became
    from moves join previous using (customer_id)
    where from_segment = {quote_text(start)}"""
