"""From files that nobody has described to the draft of a study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from segcore.engine import Engine
from segcore.init.defaults import VARIABLES
from segcore.init.deliveries import files_of, folder_of
from segcore.init.forms import DateForm, date_form, number_form
from segcore.init.guesses import Guess, with_keys_alike
from segcore.init.looking import Look, look_at
from segcore.init.orders import find_orders, with_exclusions, with_key, with_market
from segcore.init.others import find_others
from segcore.init.pace import Window
from segcore.init.writing import Draft

FOREVER = dt.date(9999, 12, 31)


def draft_from(
    engine: Engine, name: str, files: Sequence[Path], *, root: Path, scratch: Path
) -> tuple[Draft, list[Sequence[Look]]]:
    """Look at the files and guess what a study says about them.

    Parameters
    ----------
    engine
        Where the files are looked at.
    name
        The study's name.
    files
        The extracts.
    root
        The project's root.
    scratch
        A folder for decoded texts.

    Returns
    -------
    Draft, list
        The draft, which has no date, window and rules yet, and the files of no known kind.

    Raises
    ------
    InputError
        If a file cannot be read, or none holds orders.
    """
    looks = [look_at(engine, path, f"look_{number}", scratch) for number, path in enumerate(files)]
    orders, others, left = _sources(looks, name)
    numbers = number_form(engine, [s for c in ("amount", "quantity", "price") for s in orders.seen(c)])
    comma = numbers.decimal == ","
    dates = date_form(engine, orders.seen("order_date")[0], comma=comma)
    orders = with_exclusions(engine, with_key(engine, orders), numbers)
    guesses = with_keys_alike(engine, [orders, *others])
    guesses = [_with_dates(engine, guess, dates, comma=comma) for guess in guesses]
    folder = folder_of(files, root)
    currency, currency_note = _currency(guesses[0])
    draft = Draft(
        name=name,
        currency=currency,
        currency_note=currency_note,
        folder=folder,
        guesses=tuple(guesses),
        files={guess.kind: files_of(guess.looks, folder) for guess in guesses},
        encoding=_encoding(look for guess in guesses for look in guess.looks),
        numbers=numbers,
        dates=dates,
        variables=VARIABLES,
        window=Window(),
        rules="",
        breaks_from=FOREVER,
    )
    return draft, left


def _sources(looks: Sequence[Look], name: str) -> tuple[Guess, list[Guess], list[Sequence[Look]]]:
    groups: dict[tuple[str, ...], list[Look]] = {}
    for look in looks:
        groups.setdefault(tuple(sorted(look.header)), []).append(look)
    orders, left = find_orders(list(groups.values()), name)
    others, left = find_others(orders, left)
    with_products = any(other.kind == "products" for other in others)
    return with_market(orders, products=with_products), others, left


def _with_dates(engine: Engine, guess: Guess, orders: DateForm, *, comma: bool) -> Guess:
    """The source with a form of their own for dates that are written unlike the orders'."""
    for name in ("date", "since"):
        for seen in guess.seen(name)[:1]:
            own = date_form(engine, seen, comma=comma).layout
            guess = guess.having(name, date=own if own != orders.layout else "")
    return guess


def _encoding(looks: Iterable[Look]) -> str:
    """What the study declares; UTF-8 and whatever has a byte order mark are recognised anyway."""
    return next((look.encoding for look in looks if look.encoding != "utf-8"), "utf-8")


def _currency(orders: Guess) -> tuple[str, str]:
    for seen in orders.seen("currency")[:1]:
        if seen.values and len(seen.values[0]) == 3 and seen.values[0].isupper():
            others = ", ".join(seen.values[1:4])
            return seen.values[0], f"from {seen.name}" + (f"; {others} will be set aside" if others else "")
    return "EUR", "please check: no column says it"
