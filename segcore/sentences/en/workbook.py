"""What the workbook of a run says beside its rows: its sheets, its columns, and how to read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from segcore.sentences.en import causes
from segcore.wording import count, long_date, plural, sentence

ABOUT, SEGMENTS, CALLS, MOVERS = "About", "Segments", "Call list", "Movers"
CUSTOMERS, COLUMNS = "Customers", "Columns"
OF_SHEETS = ("Sheet", "Rows", "What it holds")
OF_COLUMNS = ("Sheet", "Column", "What it means")
YES, NO = "yes", "no"

WHO_MOVED = "who moved up or down, who is new, who returned and who is gone"

_WHAT = {
    SEGMENTS: "the segments, best first: how large they are, and who came in and went out since the last run",
    CALLS: "whom to call before the next run, by representative and in the order of calling",
    MOVERS: WHO_MOVED,
    CUSTOMERS: "every customer of this run, the best segments and the highest order value first",
}
"""Sheet → what its rows are."""
WHAT_COLUMNS = "what every column means"

MOVE = {
    **{state: state for state in ("up", "down", "stayed", "new", "returned", "gone")},
    "unranked": "from a segment that no longer exists",
}
"""State of a customer → how a sheet names it."""
WHY = {**causes.REASONS, "masked": "Hidden by the new model"}
"""Mark, or the state of who has none → how a sheet names it; nothing of who stayed."""

READ = (
    "The arrows in the headings filter and sort. A note on every heading says what the column means; the "
    "last sheet has all of them.",
    "Dates are dates and amounts are numbers, so that they can be sorted and added up. A text is only a "
    "text: nothing here is computed when the workbook is opened, and nothing leads out of it.",
    "An empty cell: it is not known, or there is none.",
)

COLUMN: Mapping[str, tuple[str, str]] = {
    "representative": (
        "Representative",
        "Who looks after the customer, by name where the study knows it; empty for nobody.",
    ),
    "place": ("Place", "The place in the call list of the representative: 1 is to be called first."),
    "customer": ("Customer no.", "The number of the customer, a text: zeros in front belong to it."),
    "name": ("Name", "The name of the customer."),
    "segment": ("Segment", "The segment of the customer in this run."),
    "from": ("From segment", "The segment of the customer at the last run; empty if it was in none."),
    "to": ("To segment", "The segment of the customer in this run; empty for one who is gone."),
    "move": (
        "Move",
        "What became of the customer since the last run: up, down or stayed (in both runs); new (no order up "
        "to the last run); returned (not in the last run, but ordered before); gone (in the last run, not in "
        "this).",
    ),
    "mark": (
        "Why",
        "The largest part of the move: what the customer did, what time did, or what we changed; and why "
        "somebody came or left.",
    ),
    "value": ("Order value", "What the customer ordered"),
    "last_order": ("Last order", "The day of the last order."),
    "drop_date": (
        "Falls on",
        "The first day on which the segment is a lower one if nothing is ordered; it may be an earlier one "
        "where a variable has a window, for orders that leave it are not foreseen.",
    ),
    "falls_to": (
        "Falls to",
        "The segment from that day on; empty for one that is then not counted any more.",
    ),
    "reason": ("Reason", "Why the customer is on the list."),
    "fragile": (
        "Fragile",
        "Yes for a customer so near to an edge that other customers to fit on could have given another "
        "segment; of movers, now or at the last run.",
    ),
    "rule": ("Rule", "The rule that gave the segment, in words."),
    "since": ("In it since", "The run since which the customer has been in the segment."),
    "days": ("Days in it", "From that run to this one."),
    "at_least": ("At least", "Yes if the customer was in it at the first run: nobody knows how much longer."),
    "best": ("Best ever", "The best segment that the customer was in at any run."),
    "path": ("Path", "The segments that the customer entered, one after the other; away for an absence."),
    "lift_to": ("Orders lift to", "The segment to which the fewest orders today would lift the customer."),
    "lift_orders": ("Orders needed", "How many orders today that would take."),
    "lift_products": ("In new markets", "In how many markets these orders must be that are new to it."),
    "classes": ("Classes", "The class in every variable, in the order of the columns before; k is the best."),
    "of_segment": ("Segment", "The segment; the best one stands first."),
    "action": ("What to do", "What the study wants done about the segment."),
    "customers": ("Customers", "How many are in the segment in this run."),
    "share": ("Share", "Their share of all customers."),
    "worth": ("Order value", "What the customers of the segment ordered"),
    "worth_share": ("Share of value", "Its share of the order value of all customers."),
    "near": ("Fragile", "How many of them are so near to an edge that chance may have decided."),
    "start": ("At the last run", "How many were in the segment at the last run."),
    "up into": ("+ up into", "How many moved up into the segment."),
    "down into": ("+ down into", "How many moved down into the segment."),
    "other into": ("+ other into", "How many came from segments that no longer exist."),
    "new": ("+ new", "How many are in it and had no order up to the last run."),
    "returned": ("+ returned", "How many are in it and were not in the last run, but ordered before."),
    "up out of": ("− up out of", "How many moved up out of the segment."),
    "down out of": ("− down out of", "How many moved down out of the segment."),
    "other out of": ("− other out of", "How many left it for segments that cannot be compared."),
    "gone": ("− gone", "How many were in it at the last run and are in no segment now."),
    "end": ("= now", "How many are in the segment in this run: the sum of the columns before."),
}
"""Column → its heading, and what it means. Meanings of money go on with :func:`within`."""


def what(sheet: str) -> str:
    """What the rows of a sheet are."""
    return _WHAT[sheet]


def within(meaning: str, window: str | None, currency: str) -> str:
    """The meaning of a column of money: within which time, in which currency."""
    return f"{meaning} {f'in the last {window}' if window else 'in all orders'}, in {currency}."


def of_variable(label: str, unit: str, window: str | None) -> str:
    """The heading of a variable: ``Orders in 12 months``, ``Last order, days ago``."""
    counted = f", {unit}" if unit and not label.lower().endswith(unit.lower()) else ""
    return f"{label}{counted}{f' in {window}' if window else ''}"


def of_attribute(name: str) -> str:
    """The heading of an attribute: ``Region``."""
    return sentence(name.replace("_", " "))


def variable(label: str, unit: str, window: str | None) -> str:
    """The meaning of the column of a variable."""
    counted = f" in {unit}" if unit else ""
    return (
        f"{label}{counted}{f', in the last {window}' if window else ''}: one of the variables of the study."
    )


def attribute(name: str) -> str:
    """The meaning of the column of an attribute."""
    return f"The attribute {name} of the customers source, as delivered."


def run(day: dt.date, last: dt.date | None) -> str:
    """Which run it is, and with which one it is compared."""
    other = f"compared with the run of {long_date(last)}" if last else "the first one: nobody has moved yet"
    return f"Run of {long_date(day)}, {other}."


def counted(customers: int, window: str | None, currency: str) -> str:
    """How many customers the run has, and what order value is."""
    value = f"in the last {window}" if window else "in all"
    return f"{plural(customers, 'customer')}. Order value is what a customer ordered {value}, in {currency}."


def left_out(limit: int) -> str:
    """Why the customers who stayed are not in the workbook."""
    return (
        f"The sheet {CUSTOMERS} is left out, for more than {count(limit)} customers are too many for a "
        "workbook: only who moved and who is to be called stand here. All of both runs are in moves.csv "
        "beside it."
    )
