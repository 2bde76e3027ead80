"""What the files beside the orders are: customers, products, representatives or follow-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from segcore.init.forms import date_layouts
from segcore.init.guesses import Guess, Mapped, pick
from segcore.init.looking import Look, Seen
from segcore.init.names import speaks_for
from segcore.kinds import VALIDITY

Known = dict[str, str | int]
"""Canonical name → what the orders call it."""

ATTRIBUTES = ("name", "rep", "since", "region", "city", "country")


def find_others(
    orders: Guess, heads: Guess | None, groups: Sequence[Sequence[Look]]
) -> tuple[list[Guess], list[Sequence[Look]]]:
    """The sources beside the orders, and the files of which nobody knows what they are.

    Parameters
    ----------
    orders, heads
        The orders, and their heads if they are files of their own; their columns say how keys are called.
    groups
        The files that are left; those with the same header stand together.
    """
    columns = [*(heads.columns if heads else ()), *orders.columns]
    known: Known = {m.name: m.source for m in columns if m.source}
    made: list[Guess] = []
    left = list(groups)
    for kind, recognise in KINDS.items():
        for group in left:
            found = recognise(group[0], known)
            if found:
                made.append(Guess(kind, tuple(group), tuple(found)))
                # Representatives may be known from the customers.
                known = {**{m.name: m.source for m in found if m.name == "rep"}, **known}
                left.remove(group)
                break
    return made, left


def _key(look: Look, name: str, known: Known) -> Seen | None:
    """The column with this key: the one that is called as it is elsewhere, else the likeliest."""
    return look.by_key.get(known.get(name, "")) or pick(look, name, such=_no_dates)


def _dates(column: Seen) -> bool:
    return bool(date_layouts(column))


def _no_dates(column: Seen) -> bool:
    return not _dates(column)


def _mapped(name: str, seen: Seen) -> Mapped:
    return Mapped(name, source=seen.key)


def _validity(look: Look) -> list[Mapped]:
    """From when and until when records hold, so that one key may stand in several."""
    return [_mapped(name, seen) for name in VALIDITY if (seen := pick(look, name, such=_dates))]


def _customers(look: Look, known: Known) -> list[Mapped]:
    key = _key(look, "customer_id", known)
    valid = _validity(look)
    if key is None or not (key.unique or valid):
        return []
    return [_mapped("customer_id", key), *_attributes(look, key, "customer_id", ATTRIBUTES), *valid]


def _products(look: Look, known: Known) -> list[Mapped]:
    key = _key(look, "product", known)
    market = pick(look, "market", taken={key.key} if key else ())
    valid = _validity(look)
    if "product" not in known or "market" in known or key is None or market is None:
        return []
    return [_mapped("product", key), _mapped("market", market), *valid] if key.unique or valid else []


def _reps(look: Look, known: Known) -> list[Mapped]:
    key = _key(look, "rep", known)
    valid = _validity(look)
    if key is None or not (key.unique or valid):
        return []
    return [_mapped("rep", key), *_attributes(look, key, "rep", ("name", "email")), *valid]


def _followups(look: Look, known: Known) -> list[Mapped]:
    key, rep = _key(look, "customer_id", known), _key(look, "rep", known)
    day = pick(look, "date", such=_dates)
    if key is None or rep is None or day is None or key.unique:
        return []
    outcome = pick(look, "outcome", taken={key.key, rep.key, day.key})
    columns = [_mapped("customer_id", key), _mapped("rep", rep), _mapped("date", day)]
    return columns + ([_mapped("outcome", outcome)] if outcome else [])


def _attributes(look: Look, key: Seen, of: str, names: Sequence[str]) -> list[Mapped]:
    made: list[Mapped] = []
    taken: set[str | int] = {key.key}
    for name in names:
        seen = pick(look, name, taken=taken, such=_dates if name == "since" else _no_dates)
        if seen is None and name == "name":
            # In a list of resellers, Reseller beside ResellerKey is the name.
            seen = next(
                (c for c in look.columns if c is not key and speaks_for(of, c.name) and not c.numeric), None
            )
        if seen is not None:
            made.append(_mapped(name, seen))
            taken.add(seen.key)
    return made


# In this order, for customers say who represents them.
KINDS: dict[str, Callable[[Look, Known], list[Mapped]]] = {
    "products": _products,
    "customers": _customers,
    "reps": _reps,
    "followups": _followups,
}
