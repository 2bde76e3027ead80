"""Follow-ups that cannot be what they say, and what the checks against gaming and mistakes found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from segcore.sentences.en.followup import NOT_SHOWN
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, percent, plural

NOTHING = "The checks found nothing to ask about."

SHOWN = 3
"""How many customers a sentence names."""


def late(table: Table) -> list[str]:
    """What is wrong with follow-ups, one sentence for each kind; nothing where nothing is.

    Parameters
    ----------
    table
        ``late``, one row for each such follow-up.
    """
    found = rows(table)
    told = []
    for kind, words in LATE.items():
        mine = [row for row in found if row["kind"] == kind]
        if mine:
            one = len(mine) == 1
            told.append(f"{plural(len(mine), 'follow-up')} {words[0] if one else words[1]}{_first(mine)}.")
    return told


def future(reconciliation: Table) -> str:
    """How many follow-ups lie after the run date; nothing if none does."""
    found = sum(row["after_run_date"] for row in rows(reconciliation) if row["source"] == "followups")
    if not found:
        return ""
    are = "is" if found == 1 else "are"
    return f"{plural(found, 'follow-up')} {are} dated after the run date and {are} not counted yet."


def told(late_ones: Table, reconciliation: Table, found: Table) -> list[str]:
    """What is wrong with follow-ups, and what the checks found or that they found nothing.

    Parameters
    ----------
    late_ones, reconciliation, found
        The run's ``late``, ``reconciliation`` and ``suspicions``.
    """
    texts = [*late(late_ones), future(reconciliation), *(suspicions(found) or [NOTHING])]
    return [text for text in texts if text]


def not_shown(late_ones: Table, found: Table) -> list[str]:
    """What these do not show; nothing where there are none."""
    after = any(row["kind"] == "after the order" for row in rows(late_ones))
    return [*([NOT_SHOWN["late"]] if after else []), *([NOT_SHOWN["suspicions"]] if rows(found) else [])]


LATE: Mapping[str, tuple[str, str]] = {
    "unknown customer": (
        "is of a customer whom neither orders nor accounts know; mend the number",
        "are of customers whom neither orders nor accounts know; mend the numbers",
    ),
    "before the first order": (
        "lies before the customer's first order and counts nowhere",
        "lie before the customer's first order and count nowhere",
    ),
    "logged late": (
        "was logged late: the earlier run did not have it and counted the customer as not followed up, "
        "unless there was another one; earlier runs stay as they are, and nobody changes group for it",
        "were logged late: the earlier run did not have them and counted the customers as not followed up, "
        "unless there was another one; earlier runs stay as they are, and nobody changes group for them",
    ),
    "unknown representative": (
        "is of a representative who is not in the list of representatives; it counts for the customer",
        "are of representatives who are not in the list of representatives; they count for the customers",
    ),
    "twice": (
        "stands there a second time, of the same customer, day and representative; it counts once",
        "stand there a second time, of the same customer, day and representative; they count once",
    ),
    "after the order": (
        "came after the customer's order and claims nothing: the days up to the order count as unfollowed",
        "came after the customer's order and claim nothing: the days up to the order count as unfollowed",
    ),
}
"""Kind of follow-up → what is said of one and of several."""


def _first(found: Sequence[Row]) -> str:
    """The first few of them, so that they can be found; there may be very many."""
    shown = [f"{row['customer_id']} on {row['date']:%Y-%m-%d}" for row in found[:SHOWN]]
    more = len(found) - len(shown)
    return f" ({'; '.join(shown)}{f'; {count(more)} more' if more else ''})"


def suspicions(table: Table) -> list[str]:
    """What the checks found, one sentence for each representative and for each kind of fact."""
    found = rows(table)
    told = [_of_book(row) for row in found if row["customer_id"] is None]
    facts = [row for row in found if row["customer_id"] is not None]
    for check, mine in groupby(facts, key=lambda row: str(row["check"])):
        told.append(_of_customers(check, list(mine)))
    return told


def _of_book(row: Row) -> str:
    shares = (
        f"{count(row['hits'])} of {count(row['of'])} customers ({percent(row['hits'] / row['of'])}), with "
        f"all others {count(row['others_hits'])} of {count(row['others_of'])} "
        f"({percent(row['others_hits'] / row['others_of'])})"
    )
    return SIGNS[row["check"]].format(name=row["name"], detail=row["detail"], shares=shares)


SIGNS: Mapping[str, str] = {
    "just above an edge": (
        "**{name}: just above an edge.** Of the customers at an edge of {detail}, so many lie just above "
        "it: {shares}. Look whether orders were cut to pass it."
    ),
    "orders on adjacent days": (
        "**{name}: orders on adjacent days.** So many who ordered have two orders within a day: {shares}. "
        "Look whether one order was written as two."
    ),
    "credited afterwards": (
        "**{name}: credited afterwards.** Of those who moved up, so many were credited half of it or more: "
        "{shares}. Their orders still count; look whether they were meant."
    ),
    "followed up after the order": (
        "**{name}: followed up after the order.** So many first follow-ups came within a week after an "
        "order: {shares}. They claim nothing; look whether they are logged to claim it."
    ),
    "followed up by another": (
        "**{name}: followed up in other books.** So many whom this representative followed up belong to "
        "another: {shares}. They count for the other one; look whose accounts these are."
    ),
}
"""Check → what is said of a representative with whom it is not as with all others."""


def _of_customers(check: str, found: Sequence[Row]) -> str:
    shown = [f"{row['customer_id']}: {_names(row)}" for row in found[:SHOWN]]
    more = len(found) - len(shown)
    listed = f"{'; '.join(shown)}{f'; {count(more)} more' if more else ''}"
    one, several = FACTS[check]
    return f"{one if len(found) == 1 else several.format(count(len(found)))} ({listed})."


def _names(row: Row) -> str:
    if row["check"] == "another representative now":
        return f"{row['name']}, now {row['detail']}"
    return join(str(row["detail"]).split(" / "))


FACTS: Mapping[str, tuple[str, str]] = {
    "another representative now": (
        "1 customer has another representative than at the last run and counts for the earlier one",
        "{} customers have another representative than at the last run and count for the earlier one",
    ),
    "in two books": (
        "1 customer has orders of two representatives since the last run and counts for the one of that run",
        "{} customers have orders of two representatives since the last run and count for the one of that "
        "run",
    ),
}
"""Check → what is said of one and of several customers."""
