"""Representatives: whether they differ at all, and who lies outside the limits of chance. No ranking."""

from __future__ import annotations

from segcore.intervals import FEW, LEVEL, against_limits
from segcore.sentences.en import attention
from segcore.sentences.en.followup import NOT_SHOWN, also, times
from segcore.sentences.en.followup import pooled as over_all
from segcore.sentences.facts.books import by_luck, elsewhere, judged, places, side
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, in_words, join, percent, plural

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
    return f"p = {p:.{places(p)}f}"


def by_chance(books: Table) -> str:
    """How often chance alone puts a representative outside the limits."""
    found = judged(books)
    if len(found) < 2:
        return ""
    told = (
        f"Among {in_words(len(found))} representatives one or more falls outside by chance alone in about "
        f"{percent(by_luck(len(found)))} of reports"
    )
    one = sum(1 for _, where in found if where != "within") == 1
    return f"{told}, so wait for a second report." if one else f"{told}."


def outside(books: Table) -> str:
    """Who lies outside the 95 % limits, by name and without judging why; nothing if nobody can be judged."""
    found = judged(books)
    if not found:
        return ""
    told = [f"{name} ({where})" for name, where in found if where != "within"]
    if not told:
        return "No representative is outside the 95% limits."
    return f"Outside the 95% limits: {join(told)}."


def against(row: Row) -> str:
    """A representative against the limits, in a word or two."""
    return side(row)


def credited(table: Table) -> str:
    """How many who reached since the last run would count for another representative, and for whom.

    Parameters
    ----------
    table
        The run's ``credited``.
    """
    number, less, more = elsewhere(rows(table))
    if not number:
        return ""
    losers = [f"{name} {count(n)} fewer" for name, n in less.items()]
    gainers = [f"{name} {count(n)} more" for name, n in more.items()]
    who = f"{plural(number, 'customer')} who reached in this run {'counts' if number == 1 else 'count'}"
    return (
        f"{who} for the representative of the last run, though by the order another one had taken over. "
        f"Counted so, in the end: {join([*losers, *gainers]) or 'as many for each'}."
    )


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
