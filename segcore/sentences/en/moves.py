"""Who moved and what they did: ordered or not, came or went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from segcore.intervals import FEW
from segcore.sentences.facts.moves import shares_that_stayed
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import MINUS, between, count, join, money, percent, plural, sentence, signed

FIRST_RUN = "This is the first run; moves appear from the next run on."

MOVES = {
    "up": "Moved up",
    "down": "Moved down",
    "stayed": "Stayed in their segment",
    "unranked": "From a segment that no longer exists",
    "new": "New to the data",
    "returned": "Returned",
    "gone": "Gone",
}
"""Kind of move → how a table names it."""


def equation(movers: Table) -> str:
    """The accounts of all customers in one line."""
    n = {row["move"]: row["customers"] for row in rows(movers)}
    if not n:
        return FIRST_RUN
    both = n["up"] + n["down"] + n["stayed"] + n["unranked"]
    return (
        f"{count(both + n['gone'])} at the last run + {count(n['new'])} new + {count(n['returned'])} "
        f"returned {MINUS} {count(n['gone'])} gone = {count(both + n['new'] + n['returned'])} now."
    )


def moved(movers: Table, *, since: str = "") -> str:
    """The finding about all moves: who ordered and who did not; ``since`` is a date in words, or nothing."""
    found = {row["move"]: row for row in rows(movers)}
    when = f"since {since} " if since else ""
    retired = found["unranked"]["customers"]
    left = f"; {plural(retired, 'customer')} came from a segment that no longer exists" if retired else ""
    if not found["up"]["customers"] and not found["down"]["customers"]:
        return sentence(f"{when}no {'other ' if left else ''}customer changed segment{left}")
    return sentence(f"{when}{_rose(found['up'])}; {_fell(found['down'])}{left}")


def _rose(row: Row) -> str:
    customers, ordered = row["customers"], row["ordered"]
    if customers < 2:
        did = "and ordered" if ordered else "without an order"
        return f"1 customer moved up {did}" if customers else "nobody moved up"
    return f"{count(customers)} moved up, {_all(ordered, customers)} of them ordered"


def _fell(row: Row) -> str:
    customers, without = row["customers"], row["idle"]
    if customers < 2:
        did = "without an order" if without else "in spite of an order"
        return f"1 customer moved down {did}" if customers else "nobody moved down"
    if not without:
        return f"{count(customers)} moved down, {_all(customers, customers)} of them in spite of an order"
    return f"{count(customers)} moved down, {_all(without, customers)} of them without an order"


def _all(number: int, of: int) -> str:
    if number == of:
        return "both" if of == 2 else "all"
    return count(number) if number else "none"


def ordered_shortly(movers: Table) -> str:
    """How many of those who moved up, and down, ordered, where there is little room."""
    found = {row["move"]: row for row in rows(movers)}
    if not found["up"]["customers"] and not found["down"]["customers"]:
        return "nobody moved"
    return f"{count(found['up']['ordered'])} / {count(found['down']['ordered'])} of them ordered"


def what_others_did(movers: Table) -> str:
    """Whether those who stayed ordered; nothing if nobody stayed."""
    row = next(row for row in rows(movers) if row["move"] == "stayed")
    customers, ordered = row["customers"], row["ordered"]
    if customers < 2:
        return f"1 customer stayed and ordered {'again' if ordered else 'nothing'}." if customers else ""
    if not ordered:
        return f"{count(customers)} stayed in their segment, none of them ordered."
    return f"{count(customers)} stayed in their segment, {_all(ordered, customers)} of them ordered."


def worth(movers: Table, currency: str, window: str | None) -> str:
    """What movers, newcomers and those who are gone order; nothing if there are none.

    Parameters
    ----------
    movers
        The table, see :func:`segcore.transitions.movers`.
    currency
        Of the study.
    window
        ``facts.value_window``: within which time orders count, None for all of them.
    """
    found = {row["move"]: row for row in rows(movers)}
    parts = [
        f"{money(found[move]['value'], currency)} of {who}"
        for move, who in (
            ("up", "those who moved up"),
            ("down", "those who moved down"),
            ("new", "new ones"),
            ("returned", "returned ones"),
            ("gone", "those who are gone"),
        )
        if found[move]["customers"]
    ]
    when = f"of the last {window}" if window else "of all orders"
    return f"Order value {when}: {join(parts)}." if parts else ""


def came_and_went(movers: Table) -> str:
    """Who is new, has returned or is gone; nothing if nobody."""
    n = {row["move"]: row["customers"] for row in rows(movers)}
    told = [
        (n[move], one if n[move] == 1 else many)
        for move, one, many in (
            ("new", "is new", "are new"),
            ("returned", "has returned", "have returned"),
            ("gone", "is gone", "are gone"),
        )
        if n[move]
    ]
    parts = [f"{count(number)} {verb}" for number, verb in told]
    if parts:
        parts[0] = f"{plural(told[0][0], 'customer')} {told[0][1]}"
    return f"{join(parts)}." if parts else ""


def gone(movers: Table, within: str | None) -> str:
    """Why customers are gone; nothing if nobody is.

    Parameters
    ----------
    movers
        The table, see :func:`segcore.transitions.movers`.
    within
        The study's ``population.active_within``, None if everybody counts who ever ordered.
    """
    row = next(row for row in rows(movers) if row["move"] == "gone")
    customers, lost = row["customers"], row["missing"] if within else row["customers"]
    if not customers:
        return ""
    late = f"ordered nothing for {within}"
    if lost in (0, customers):
        absent = "is no longer in the data" if customers == 1 else "are no longer in the data"
        why = f"{'it' if customers == 1 else 'they'} {absent if lost else late}"
    else:
        absent = "is no longer in the data" if lost == 1 else "are no longer in the data"
        why = f"{count(customers - lost)} {late}, {count(lost)} {absent}"
    return f"{plural(customers, 'customer')} {'is' if customers == 1 else 'are'} gone: {why}."


IN = {
    "up into": "up",
    "down into": "down",
    "other into": "from a segment that no longer exists",
    "new": "new",
    "returned": "returned",
}
OUT = {"up out of": "up", "down out of": "down", "other out of": "to other segments", "gone": "gone"}


def flowed(part: str, customers: int) -> str:
    """How many came into a segment or went out of it, with a sign: ``+12``, ``−12``."""
    return signed(-customers if part in OUT else customers)


def account(parts: Sequence[Row]) -> str:
    """What came into a segment and went out of it: the rows of one segment of ``accounts``."""
    n = {row["part"]: row["customers"] for row in parts}
    name, rank = parts[0]["segment"], parts[0]["rank"]
    more = n["end"] - n["start"]
    into, out = (
        join([f"{count(n[part])} {words}" for part, words in sides.items() if n[part]]) or "nobody"
        for sides in (IN, OUT)
    )
    if rank is None:
        return f"{name} no longer exists. Out: {out}."
    how = f"has {'grown' if more > 0 else 'shrunk'} by {count(abs(more))} to" if more else "still has"
    return f"{name} {how} {plural(n['end'], 'customer')}. In: {into}. Out: {out}."


def accounts(table: Table) -> str:
    """:func:`account` for every segment, one line each, best first."""
    found = groupby(rows(table), key=lambda row: row["segment"])
    return "\n".join(account(list(parts)) for _, parts in found) or FIRST_RUN


def kept(matrix: Table) -> str:
    """Of which segments most and fewest stayed, among those of 20 customers or more."""
    shares = shares_that_stayed(matrix)
    if not shares:
        return f"No segment had {FEW} customers or more at the last run, so shares would say little."
    most, fewest = max(shares), min(shares)
    told = f"Of {join(shares[most])} {percent(most)} stayed"
    if len(shares) == 1:
        return f"{told}{' each' if len(shares[most]) > 1 else ''}."
    each = [" each" if len(shares[share]) > 1 else "" for share in (most, fewest)]
    return f"{told}{each[0]}, the most, and of {join(shares[fewest])} {percent(fewest)}{each[1]}, the fewest."


def sure(matrix: Table) -> str:
    """How many rates of the matrix say something, and which of them is the least sure."""
    cells = [row for row in rows(matrix) if row["customers"]]
    judged = [row for row in cells if not row["few"]]
    if not judged:
        return f"No cell holds {FEW} customers, so no rate says much."
    least = max(judged, key=lambda row: row["high"] - row["low"])
    where = f"from {least['from_segment']} to {least['to_segment']}"
    return (
        f"{count(len(judged))} of {plural(len(cells), 'cell')} with somebody in "
        f"{'it' if len(cells) == 1 else 'them'} hold{'s' * (len(judged) == 1)} {FEW} customers or more. "
        f"Least sure of these is the rate {where}: {percent(least['share'])}, "
        f"95% interval {between(least['low'], least['high'])}."
    )


def how_to_read(counted: Mapping[str, int]) -> list[str]:
    """How the picture of the moves is read.

    Parameters
    ----------
    counted
        Kind of move → customers, as a row of ``flows`` has them.
    """
    stayed, left = counted["stayed"], counted["unranked"]
    told = [
        "**How to read.** Each coloured band is a group of customers that changed segment. It has the colour "
        "of the segment they left; the thicker, the more customers."
    ]
    if counted["up"] or counted["down"]:
        told.append("Bands rising to the right moved up, falling ones moved down.")
    if stayed:
        who = f"the {plural(stayed, 'customer')} who stayed in their segment"
        told.append(f"Grey bands are {who}. They all have the same thickness so that the movers can be seen.")
    if left:
        told.append(f"{plural(left, 'customer')} came from a segment that no longer exists.")
    return told


def not_drawn(movers: Table) -> str:
    """Whom the picture of the moves leaves out; nothing if nobody."""
    words = (("new", "new customer"), ("returned", "returned customer"), ("gone", "customer who is gone"))
    number = {row["move"]: row["customers"] for row in rows(movers)}
    absent = [
        plural(number[move], one, one.replace("customer", "customers").replace("is", "are"))
        for move, one in words
        if number[move]
    ]
    return f"Not drawn: {join(absent)}." if absent else ""
