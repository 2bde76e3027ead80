"""From files that nobody has described to the draft of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from segcore.engine import FileEngine
from segcore.errors import InputError
from segcore.init.amounts import sign_by_product, with_amount
from segcore.init.defaults import VARIABLES
from segcore.init.deliveries import dates_of, files_of, folder_of
from segcore.init.exclusions import with_exclusions
from segcore.init.forms import DateForm, NumberForm, date_form, date_layouts, number_form
from segcore.init.guesses import Guess
from segcore.init.keys import with_key, with_keys_alike, with_one_case
from segcore.init.looking import Look, Seen, looks_at
from segcore.init.money import currency_of
from segcore.init.orders import find_orders, with_every_line, with_market
from segcore.init.others import find_others
from segcore.init.pace import Window
from segcore.init.rhythm import rhythm_of
from segcore.init.writing import FOREVER, Draft
from segcore.kinds import VALIDITY

SIGNS = {";": ",", ",": ".", "%d.": ",", "%m/": "."}
"""Delimiter, or how dates begin → the decimal sign that is usual beside it."""
NEITHER = " (neither orders nor customers, products, representatives or follow-ups)"
MONEY = ("amount", "quantity", "price", "discount")


def draft_from(
    engine: FileEngine, name: str, files: Sequence[Path], *, root: Path, scratch: Path
) -> tuple[Draft, list[str]]:
    """The draft of a study of these files, without date, window and rules; and the files left out.

    Raises
    ------
    InputError
        If no file can be read as a table.
    """
    looks, unread = _looks(engine, files, scratch)
    found, left = find_orders(engine, _groups(looks))
    others, left = find_others(found, left)
    likely = sign_by_product(engine, found[0]) or _usual_sign(found)
    numbers = number_form(engine, _numbers(found[0]), likely=likely)
    dates = _dates(engine, found, numbers)
    orders = with_amount(engine, with_every_line(engine, found[0]), numbers)
    orders = with_market(orders, products=any(other.kind == "products" for other in others))
    known = with_exclusions(engine, with_key(engine, orders), *found[1:])
    guesses = with_one_case(engine, with_keys_alike(engine, [*known, *others]))
    guesses = [_with_dates(engine, guess, dates, comma=numbers.decimal == ",") for guess in guesses]
    folder = folder_of(files, root)
    currency, currency_note = currency_of(guesses)
    draft = Draft(
        name=name,
        currency=currency,
        currency_note=currency_note,
        folder=folder,
        guesses=tuple(guesses),
        files={guess.kind: files_of(guess.looks, folder) for guess in guesses},
        numbers=numbers,
        dates=dates,
        variables=VARIABLES,
        window=Window(),
        rules="",
        breaks_from=FOREVER,
        rhythm=rhythm_of(dates_of(guesses[0].looks)),
    )
    unknown = (", ".join(look.name for look in group) + NEITHER for group in left)
    return draft, [*unread, *unknown]


def _looks(engine: FileEngine, files: Sequence[Path], scratch: Path) -> tuple[list[Look], list[str]]:
    """The tables in the files, and what is wrong with those that hold none."""
    looks: list[Look] = []
    unread: list[str] = []
    for n, path in enumerate(files):
        try:
            looks += looks_at(engine, path, f"look_{n}", scratch)
        except InputError as error:
            unread += error.problems
    if not looks:
        raise InputError(*unread)
    return looks, unread


def _groups(looks: Sequence[Look]) -> list[list[Look]]:
    groups: dict[tuple[str, ...], list[Look]] = {}
    for look in looks:
        groups.setdefault(tuple(sorted(look.header)), []).append(look)
    return list(groups.values())


def _numbers(orders: Guess) -> list[Seen]:
    """The columns that tell how numbers are written; the candidates where the amount is a gap."""
    gap = [seen for mapped in orders.gaps if mapped.name == "amount" for seen in mapped.gap or ()]
    return [seen for name in MONEY for seen in orders.seen(name)] or gap


def _usual_sign(orders: Sequence[Guess]) -> str:
    """The decimal sign for which delimiter and dates of the orders speak, "" if they disagree."""
    written = orders[0].looks[0].written
    days = next((date_layouts(seen) for guess in orders for seen in guess.seen("order_date")), ())
    begins = {day[:3] for day in days}
    said = begins if len(begins) == 1 else set[str]()  # 01/02/2024 may be both
    if "delimiter" in written.model_fields_set:  # else it is no text
        said.add(written.delimiter)
    signs = {SIGNS[text] for text in said if text in SIGNS}
    return signs.pop() if len(signs) == 1 else ""


def _dates(engine: FileEngine, guesses: Sequence[Guess], numbers: NumberForm) -> DateForm:
    """How the dates of orders are written, in whichever source they stand."""
    for guess in guesses:
        for seen in guess.seen("order_date")[:1]:
            return date_form(engine, seen, comma=numbers.decimal == ",")
    return DateForm(("%Y-%m-%d",))


def _with_dates(engine: FileEngine, guess: Guess, orders: DateForm, *, comma: bool) -> Guess:
    """The source with a form of their own for dates that are written unlike the orders'."""
    for name in ("date", "since", *VALIDITY):
        for seen in guess.seen(name)[:1]:
            own = date_form(engine, seen, comma=comma)
            columns = tuple(
                replace(m, note="; ".join(filter(None, (m.note, own.doubt)))) if m.name == name else m
                for m in guess.columns
            )
            guess = replace(guess, columns=columns)
            guess = guess.having(name, date=own.said if own.layouts != orders.layouts else "")
    return guess
