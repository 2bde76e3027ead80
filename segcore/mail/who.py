"""Whom somebody means by WHO: in ``send --to``, in ``mail log --to``, and wherever else mails are chosen."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, TypeVar


class Somebody(Protocol):
    """Who gets mails: address and name, "" where nobody says it, and the number of a representative."""

    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def rep(self) -> str | None: ...  # noqa: D102


class Reader(NamedTuple):
    """Somebody of whom nothing else is known."""

    address: str
    name: str
    rep: str | None


Some = TypeVar("Some", bound=Somebody)

_MEANT: tuple[Callable[[Somebody, str], bool], ...] = (
    lambda one, who: who.casefold() == one.address.casefold(),
    lambda one, who: who == one.rep,
    lambda one, who: who.casefold() == (one.rep or "").casefold(),
    lambda one, who: who.casefold() == one.name.casefold(),
)
"""How somebody may be meant; the first way counts in which anybody is, so a number is nobody's name."""


def meant(who: str, some: Iterable[Some]) -> list[Some]:
    """Those who are meant: whose address it is, or else whose number, or else who is called so.

    Parameters
    ----------
    who
        An address, the number of a representative, or a name; capitals count where two numbers differ in
        nothing else.
    some
        Among whom, or mails to them.

    Examples
    --------
    >>> anna = Reader("anna@acme.example", "Anna Berg", "0107")
    >>> meant("anna berg", [anna]) == meant("0107", [anna]) == meant("ANNA@acme.example", [anna]) == [anna]
    True
    >>> meant("107", [anna])
    []
    """
    who, every = who.strip(), list(some)
    ways = ([one for one in every if is_it(one, who)] for is_it in _MEANT) if who else ()
    return next(filter(None, ways), [])


def perhaps(who: str, some: Iterable[Somebody]) -> str:
    """Whom somebody may have meant who named nobody: an address, or a number; "" if that cannot be said."""
    every = list(some)
    if "@" in who:
        return next(iter(difflib.get_close_matches(who, {one.address for one in every}, n=1)), "")
    # Spreadsheets take zeros away; any other number that is near means somebody else.
    same = {one.rep for one in every if one.rep and one.rep.lstrip("0") == who.strip().lstrip("0")}
    return same.pop() if len(same) == 1 else ""
