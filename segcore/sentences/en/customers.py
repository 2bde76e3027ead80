"""What the page of all customers says around its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.en.causes import MARKS
from segcore.spelling import SPELLINGS
from segcore.wording import count, join, long_date, plural, short_date

STATES = {
    "up": "Up",
    "down": "Down",
    "stayed": "Stayed",
    "unranked": "Segment no longer exists",
    "new": "New",
    "returned": "Returned",
    "gone": "Gone",
}
"""State of a move → how the page names it."""

CAUSES = MARKS
FRAGILE = "yes"
NONE = "–"

HEADS = {
    "customer_id": "Number",
    "name": "Name",
    "segment": "Segment",
    "from": "Segment before",
    "state": "Move",
    "cause": "Cause",
    "rep": "Representative",
    "value": "Order value",
    "last_order": "Last order",
    "drop_date": "Falls on",
    "fragile": "Fragile",
}
"""Column → its head."""

WORDS = {
    "all": "all",
    "none": NONE,
    "open": "Why and history of",
    "info": "_START_ to _END_ of _TOTAL_",
    "empty": "No customer fits.",
    "shown": "{n} of {all} customers are shown.",
    "everybody": "All {all} customers are shown.",
    "unknown": "The link asks for “{value}” ({what}), which is not in this run; it is left out.",
    "first": "First",
    "last": "Last",
    "previous": "Previous",
    "next": "Next",
    "pages": "Pages of the table",
    "rows": "_MENU_ rows a page",
    "old": "This browser cannot unpack the list (it must be of 2023 or later).",
    "months": list(SPELLINGS["en"].short_months),
    "date": "{day} {month} {year}",
    "thousands": SPELLINGS["en"].thousands,
    "decimal": SPELLINGS["en"].decimal,
}
"""What the script of the page says; ``_START_`` and the like are the table library's."""


def day(date: dt.date) -> str:
    """``31 Mar 2026``."""
    return f"{short_date(date)} {date.year}"


def value_head(currency: str, window: str | None) -> str:
    """The smaller text of the column of order values."""
    return f"{currency}, {window}" if window else f"{currency}, all orders"


def finding(customers: int, gone: int, run_date: dt.date, last_run: dt.date | None) -> str:
    """How many are in the list."""
    told = f"{plural(customers, 'customer')} on {long_date(run_date)}"
    if last_run is None:
        return f"{told}. This is the first run; moves appear from the next run on."
    if not gone:
        return f"{told}. Nobody is gone since {long_date(last_run)}."
    return f"{told}, and {count(gone)} who {'is' if gone == 1 else 'are'} gone since {long_date(last_run)}."


def lacking(names: Sequence[str]) -> str:
    """What nobody in the list has anything in."""
    return f"Empty for everybody, and therefore not shown: {join(names)}."


def first_rows(shown: int, every: int) -> str:
    """What the page shows where scripts do not run."""
    if shown == every:
        return "Without scripts, the table cannot be searched. It shows everybody."
    return (
        f"Without scripts, the table cannot be searched and shows {count(shown)} of {count(every)} customers."
    )


def part(name: str, page: int, pages: int) -> str:
    """What a part of the list is."""
    return f"{name}, part {page} of {pages}" if pages > 1 else name


def part_holds(title: str, customers: int, first: str, last: str) -> str:
    """What a link to a part of the list says: how many are in it, and with which numbers."""
    numbers = f"number {first}" if customers == 1 else f"numbers {first} to {last}"
    return f"{title}: {plural(customers, 'customer')}, {numbers}"


HOW_TO_READ = (
    "A row opens what this run says of the customer: why it is in its segment, when it falls, what would "
    "lift it, and where it has been."
)
IN_PARTS = (
    "There are too many customers for one page that can be searched, so every segment has pages of its own, "
    "in the order of the customers’ numbers."
)
TITLE = "Customers"


def back(run_date: dt.date) -> str:
    """The link to the report."""
    return f"Report of {long_date(run_date)}"
