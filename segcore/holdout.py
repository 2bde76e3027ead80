"""Who is held out of a call list: a draw that anybody can repeat from study, run date and customer.

Nothing is thrown: a number from a hash stands for the dice, so that neither the order of the rows
nor the time of the run can be tried until the draw pleases.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

DIGITS = 13
"""How many hexadecimal digits of the hash make the number: 52 bits, which a double holds exactly."""


def draw_number(study: str, run_date: str, customer_id: str) -> float:
    """The number of a customer in the draw of a run.

    Parameters
    ----------
    study
        Name of the study.
    run_date
        ISO date of the run.
    customer_id
        The customer's number as the run has it.

    Returns
    -------
    float
        In [0, 1), evenly spread over customers and independent from run to run.

    Examples
    --------
    >>> draw_number("demo", "2026-03-31", "C0001")
    0.5243117357573732
    """
    # Imported here: a run without a hold-out has no use for it.
    from hashlib import sha256

    text = f"{study}|{run_date}|{customer_id}"
    return int(sha256(text.encode()).hexdigest()[:DIGITS], 16) / 2.0 ** (4 * DIGITS)


def draw_sql(study: str, run_date: str, customer: str) -> str:
    """The same number in SQL: expressions of DuckDB for study, run date and customer → an expression.

    Examples
    --------
    >>> draw_sql("$study", "$run_date", "customer_id").count("sha256")
    1
    """
    text = f"concat({study}, '|', {run_date}, '|', {customer})"
    return f"cast('0x' || substr(sha256({text}), 1, {DIGITS}) as bigint) / {2.0 ** (4 * DIGITS)!r}::double"


def how_many(customers: int, share: float) -> int:
    """How many of a segment's customers are held out: the share of them, halves rounded up."""
    return math.floor(share * customers + 0.5)


def held_out(rows: Iterable[tuple[str, str, float]], share: float) -> set[str]:
    """Draw who is held out: within each segment those of the smallest numbers.

    Parameters
    ----------
    rows
        ``(customer_id, segment, number)`` of everybody who may be held out, in any order.
    share
        Between 0 and 1, see :func:`how_many`.

    Returns
    -------
    set of str
        Their customer_ids.

    Examples
    --------
    >>> rows = [("a", "Lost", 0.7), ("b", "Lost", 0.2), ("c", "At risk", 0.9), ("d", "At risk", 0.1)]
    >>> sorted(held_out(rows, 0.5))
    ['b', 'd']
    """
    segments: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for customer_id, segment, number in rows:
        segments[segment].append((number, customer_id))
    return {
        customer_id
        for drawn in segments.values()
        for _, customer_id in sorted(drawn)[: how_many(len(drawn), share)]
    }
