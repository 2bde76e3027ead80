"""Representatives: whether they differ at all, and who lies outside the limits of chance. No ranking."""

from __future__ import annotations

from segcore.intervals import FEW, LEVEL, LIMITS, against_limits
from segcore.sentences.en import attention
from segcore.sentences.en.followup import NOT_SHOWN, also, times
from segcore.sentences.en.followup import pooled as over_all
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import in_words, join, percent

HOW_TO_READ = (
    "**How to read.** Each point is a representative. Up means that more of those followed up ordered "
    "and reached a target than expected. Inside the dark area it may be chance; a dashed point has "
    f"fewer than {FEW} followed up. Not an effect."
)

COUNTED_HOW = (
    "Reached and the two shares count all who were to be followed up; the difference is that of those who "
    "reached after a follow-up less the expected ones. "
)


def verdict(row: Row) -> str:
    """Whether representatives differ by more than chance; nothing without a row of ``verdict``."""
    if not row:
        return ""
    if row["test"] == "none":
        return "There are no two representatives to compare."
    who = (
        "The two representatives"
        if row["representatives"] == 2
        else f"The {in_words(row['representatives'])} representatives"
    )
    how = "more" if row["p_value"] <= LEVEL else "no more"
    return (
        f"{who} differ {how} than chance would make them ({_p(row['p_value'])}, exchanging whole customers)."
    )


def _p(p: float) -> str:
    """A p value with as many places as keep it on its side of the limit."""
    if p < 0.001:
        return "p < 0.001"
    places = next(n for n in range(2, 20) if (round(p, n) <= LEVEL) == (p <= LEVEL) and round(p, n) > 0)
    return f"p = {p:.{places}f}"


def by_chance(books: Table) -> str:
    """How often chance alone puts a representative outside the limits."""
    number = sum(
        1 for row in rows(books) if row["recorded"] and row["expected"] is not None and not row["few"]
    )
    if number < 2:
        return ""
    by_luck = 1 - LIMITS["95"] ** number
    told = (
        f"Among {in_words(number)} representatives one or more falls outside by chance alone in about "
        f"{percent(by_luck)} of reports"
    )
    one = sum(1 for row in rows(books) if row["recorded"] and against(row) in ("above", "below")) == 1
    return f"{told}, so wait for a second report." if one else f"{told}."


def outside(books: Table) -> str:
    """Who lies outside the 95 % limits, by name and without judging why; nothing if nobody can be judged."""
    judged = [row for row in rows(books) if row["recorded"] and against(row) in JUDGED]
    if not judged:
        return ""
    found = [row for row in judged if against(row) != "within"]
    if not found:
        return "No representative is outside the 95% limits."
    told = [f"{row['name']} ({against(row)})" for row in found]
    return f"Outside the 95% limits: {join(told)}."


JUDGED = ("above", "within", "below")
"""What :func:`against` says of a representative who can be compared."""


def against(row: Row) -> str:
    """A representative against the limits, in a word or two."""
    if row["expected"] is None:
        return "no comparison"
    if row["few"]:
        return "too few"
    return against_limits(row)


def unrecorded(books: Table, followed: Table) -> str:
    """For how many customers of all runs no representative is known; nothing if for none.

    Parameters
    ----------
    books, followed
        The run's tables of these names.
    """
    found = [{**row, "customers": row["eligible"]} for row in rows(books)]
    told, pooled = attention.not_recorded(found), over_all(followed)
    if not told or not any(row["recorded"] for row in found) or not pooled:
        return told
    return f"{told.removesuffix('.')}{also(times(pooled))}."


def told(table: Table) -> str:
    """The verdict, as a notebook says it; nothing without a headline."""
    found = rows(table)
    return verdict(found[0]) if found else ""


def funnel(books: Table, followed: Table) -> list[str]:
    """What is said below the funnel; nothing where nobody is in it."""
    texts = [HOW_TO_READ, limits_told(books, over_all(followed)), NOT_SHOWN["funnel"]]
    return [text for text in texts if text]


def limits_told(books: Table, pooled: Row) -> str:
    """Who lies outside, how often chance alone puts somebody there, and what all of them share.

    Parameters
    ----------
    books
        The table of this name.
    pooled
        The row of ``followed`` over all runs and segments.
    """
    told = [outside(books), by_chance(books)]
    side = against_limits(pooled) if pooled and pooled["expected"] is not None else "within"
    if side != "within":
        told.append(
            f"All together lie {side} what was expected, and what they share is no difference between them."
        )
    return " ".join(text for text in told if text)
