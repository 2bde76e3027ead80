"""How sure the edges are, whose segment hangs on that, and whether the edges still fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.facts import drift as facts
from segcore.sentences.facts.drift import unexplained as unexplained
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import EN_DASH, count, join, percent, plural

SURE = (
    "An edge is only as sure as the customers whom it was fitted on. **Between** holds it in 95 of 100 fits "
    "to customers drawn anew from these; whoever lies there may be on either side by chance."
)
UNKNOWN = "How sure the edges are is not known."
CALENDAR = "Years grow by the calendar, so their drift is shown and not judged."


def fragile(uncertain: int, customers: int) -> str:
    """How many customers may be in their segment by chance.

    Parameters
    ----------
    uncertain
        Those who would be in another segment if edges lay elsewhere within their intervals.
    customers
        All.
    """
    if not uncertain:
        return (
            "No customer lies so near the edge of a class that chance could have put it into another segment."
        )
    lies, it = ("lies", "it") if uncertain == 1 else ("lie", "them")
    share = percent(uncertain / customers)
    return (
        f"{count(uncertain)} of {plural(customers, 'customer')} ({share}) {lies} so near the edge of a class "
        f"that chance could have put {it} into another segment."
    )


def by_segment(segments: Table) -> str:
    """The same for all segments together, and the least sure one.

    Parameters
    ----------
    segments
        segment, customers, fragile: the run's table ``segments``.
    """
    told, least = of_all(segments), facts.least_sure(segments)
    if not least:
        return told
    share = percent(least["fragile"] / least["customers"])
    of = f"{count(least['fragile'])} of {count(least['customers'])}"
    return f"{told} The least sure is {least['segment']}: {of} ({share})."


def of_followed(segments: Table, names: Sequence[str]) -> str:
    """The same of the segments that are to be followed up, each; nothing where it is not known.

    Parameters
    ----------
    segments
        segment, customers, fragile: the run's table ``segments``.
    names
        The segments to follow up.
    """
    found = facts.followed(segments, names)
    if not found:
        return ""
    near = [row for row in found if row["fragile"]]
    if not near:
        where = join([row["segment"] for row in found], "or")
        return f"Chance could have put nobody in {where} into another segment."
    each = [
        f"{count(row['fragile'])} of {count(row['customers'])} in {row['segment']} "
        f"({percent(row['fragile'] / row['customers'])})"
        for row in near
    ]
    return f"Of those who are to be followed up, chance could have put {join(each)} into another segment."


def of_all(segments: Table) -> str:
    """How many customers of all segments may be there by chance; see :func:`by_segment`."""
    found = rows(segments)
    if any(row["fragile"] is None for row in found):
        return UNKNOWN
    return fragile(sum(row["fragile"] for row in found), sum(row["customers"] for row in found))


def drift(table: Table) -> list[str]:
    """Whether the edges of each variable still fit; table: the run's ``drift``."""
    return [f"{row['variable']}: {WHAT[row['says']]}. {_signs(row)}" for row in rows(table)]


WHAT = {
    "fits": "the edges still fit",
    "signs": "not all signs speak for new edges",
    "refit": "all three signs speak for new edges",
    "calendar": "it grows by the calendar and is not judged",
}
"""What a row of ``drift`` says → in words."""

WORD = {"fits": "fits", "signs": "mixed", "refit": "new edges", "calendar": "not judged"}
"""The same in a table."""


def _signs(row: Row) -> str:
    signs = []
    if row["psi"] is not None:
        more = "more" if row["psi"] > row["psi_limit"] else "no more"
        signs.append(f"shift (PSI) {row['psi']:.3f}, {more} than the {row['psi_limit']:.3f} of chance")
    if row["gvf_now"] is not None:
        left, own = (unexplained(row[name]) for name in ("gvf_now", "gvf_own"))
        signs.append(f"{left} of the spread left unexplained, {own} by this run's own edges")
    if row["outside"] is not None:
        own = plural(row["outside"], "own edge") if row["outside"] else "no own edge"
        signs.append(f"{own} outside the intervals")
    return f"Signs: {'; '.join(signs)}." if signs else "No sign is known."


def beside(row: Row) -> str:
    """What was unexplained at the fit, and what this run's own edges leave, beside that of today."""
    return f"at the fit {unexplained(row['gvf'])}, own edges {unexplained(row['gvf_own'])}"


def places(psi: float | None) -> str:
    """A shift to three places, – if it is not known."""
    return EN_DASH if psi is None else f"{psi:.3f}"


def proposal(table: Table, dates: Sequence[dt.date], run_date: dt.date, fitted: dt.date) -> str:
    """Whether a refit is proposed, with the line to write; it is never done unasked.

    Parameters
    ----------
    table
        variable, says: the run's ``drift``.
    dates
        What ``breaks.from`` of the study says; none if breaks are made anew in every run.
    run_date, fitted
        The run's date, and that of the breaks in use.
    """
    if not dates or fitted >= run_date:
        return "The breaks in use are not older than this run, so there is nothing to refit."
    asked, line = facts.asked(table), facts.line(dates, run_date)
    if not asked:
        return (
            "On no variable do all three signs speak for new edges, so no refit is proposed. Whoever wants "
            f"this run's own breaks all the same writes {line} in the study."
        )
    return (
        f"A refit is proposed, for on {join(asked)} all three signs speak for new edges: write {line} in the "
        "study, and runs from this one on use this run's own breaks."
    )
