"""What the files beside the orders are: customers, products, representatives or follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segcore.init.forms import date_layouts
from segcore.init.guesses import Guess, Mapped, pick
from segcore.init.looking import Look, Seen
from segcore.init.names import speaks_for
from segcore.kinds import KINDS, VALIDITY

Known = dict[str, str | int]
"""Canonical name → what the orders call it."""


@dataclass(frozen=True)
class Sort:
    """By what files of one kind are known.

    Parameters
    ----------
    keys
        The columns that say what a record is of; a lookup has the first once only, or says from when.
    needed, more
        Further columns, without which it is none, and which are taken if they are there.
    """

    keys: tuple[str, ...]
    needed: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


# In this order, for customers say who represents them.
SORTS = {
    "products": Sort(("product",), needed=("market",)),
    "customers": Sort(("customer_id",), more=("name", "rep", "since", "region", "city", "country")),
    "reps": Sort(("rep",), more=("name", "email")),
    "followups": Sort(("customer_id", "rep"), needed=("date",), more=("outcome",)),
}
DATES = ("date", "since", *VALIDITY)


def find_others(
    orders: Sequence[Guess], groups: Sequence[Sequence[Look]]
) -> tuple[list[Guess], list[Sequence[Look]]]:
    """The sources beside the orders, whose columns say how keys are called, and the files that are none."""
    known: Known = {m.name: m.source for guess in reversed(orders) for m in guess.columns if m.source}
    made: list[Guess] = []
    left = list(groups)
    for kind in SORTS:
        if kind == "products" and ("product" not in known or "market" in known):
            continue
        for group in left:
            if found := _recognised(kind, group[0], known):
                made.append(Guess(kind, tuple(group), found))
                # Representatives may be known from the customers.
                known = {**{m.name: m.source for m in found if m.name == "rep"}, **known}
                left.remove(group)
                break
    return made, left


def _recognised(kind: str, look: Look, known: Known) -> tuple[Mapped, ...]:
    """The columns of a file, if it is of this kind."""
    sort, found = SORTS[kind], dict[str, Seen]()
    for name in sort.keys:
        # The column that is called as it is elsewhere, else the likeliest.
        seen = look.by_key.get(known.get(name, "")) or pick(look, name, such=_no_dates)
        if seen is None:
            return ()
        found[name] = seen
    key = found[sort.keys[0]]
    ends = [name for name in VALIDITY if KINDS[kind].lookup and pick(look, name, such=_dates)]
    if (key.unique or bool(ends)) is not KINDS[kind].lookup:
        return ()
    for name in (*sort.needed, *sort.more, *ends):
        taken = {seen.key for seen in found.values()}
        seen = pick(look, name, taken=taken, such=_dates if name in DATES else _no_dates)
        if seen is None and name == "name":
            seen = _name_of(look, sort.keys[0], key)
        if seen is not None:
            found[name] = seen
        elif name in sort.needed:
            return ()
    return tuple(Mapped(name, source=seen.key) for name, seen in found.items())


def _name_of(look: Look, of: str, key: Seen) -> Seen | None:
    """In a list of resellers, Reseller beside ResellerKey is the name."""
    named = (c for c in look.columns if c is not key and speaks_for(of, c.name) and not c.numeric)
    return next(named, None)


def _dates(column: Seen) -> bool:
    return bool(date_layouts(column))


def _no_dates(column: Seen) -> bool:
    return not _dates(column)
