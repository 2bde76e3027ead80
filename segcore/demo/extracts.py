"""The order lines as they are delivered: overlapping, corrected afterwards, and partly broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from segcore.demo.company import MARKETS, Account
from segcore.demo.orders import NOBODY, Line

HEADER = ("Kunde", "Auftrag", "Position", "Datum", "Sparte", "Umsatz", "Waehrung")
OVERLAP_DAYS = 10
ENCODING = "cp1252"

_CORRECTED = 0.02
_AT_LEAST_CORRECTED = 2
# What is wrong, by column: an impossible date, a misplaced thousands point, what BusinessObjects
# shows instead of two values, another currency, and a semicolon that nobody quoted.
_BROKEN: tuple[dict[str, str], ...] = (
    {"Datum": "31.02.2025"},
    {"Umsatz": "12.34,5"},
    {"Umsatz": "#MULTIVALUE"},
    {"Waehrung": "USD"},
    {"Sparte": "Büro;Küche"},
)


@dataclass(frozen=True)
class Delivery:
    """One sales extract and what becomes of its records.

    The counts hold when all deliveries are read as of the last delivery's date and the study's two
    exclusions are applied in their order: ``records = loaded + duplicates + no_customer +
    cancelled + quarantined``. ``first_day`` and ``last_day`` bound the orders that it covers.
    ``duplicates`` come again in the next delivery, ``conflicts`` of them with another amount
    there. ``amount`` is the exact sum of the ``loaded`` records, ``credited`` that of the cancelled
    ones (negative).
    """

    name: str
    date: dt.date
    first_day: dt.date
    last_day: dt.date
    records: int
    loaded: int
    duplicates: int
    conflicts: int
    no_customer: int
    cancelled: int
    quarantined: int
    amount: Decimal
    credited: Decimal


@dataclass(frozen=True)
class Style:
    """How one delivery happens to be formatted."""

    zero_padded: bool
    grouped: bool

    def customer(self, number: int | None) -> str:
        """Customer number, with ten digits or as short as it gets; empty if there is none."""
        if number is None:
            return ""
        return f"{number:010d}" if self.zero_padded else str(number)

    def amount(self, cents: int) -> str:
        """Money with a decimal comma: 1.234,56 or 1234,56."""
        euros, rest = divmod(abs(cents), 100)
        whole = f"{euros:,}".replace(",", ".") if self.grouped else str(euros)
        return f"{'-' if cents < 0 else ''}{whole},{rest:02d}"


@dataclass(frozen=True)
class Book:
    """All that the deliveries are cut from: lines by day, accounts, the date of day 0."""

    lines: Sequence[Line]
    accounts: Sequence[Account]
    first_day: dt.date

    def date(self, day: int) -> dt.date:
        """The date of a day."""
        return self.first_day + dt.timedelta(days=day)

    def row(self, line: Line, style: Style) -> list[str]:
        """A line as the fields of a record."""
        number = None if line.customer == NOBODY else self.accounts[line.customer].number
        return [
            style.customer(number),
            line.order,
            str(line.item),
            f"{self.date(line.day):%d.%m.%Y}",
            MARKETS[line.market],
            style.amount(line.cents),
            "EUR",
        ]


@dataclass(frozen=True)
class Cut:
    """The lines of the ``number``-th delivery.

    It covers the days ``start`` to ``end`` - 1; the lines from ``again`` on come once more in the
    next one, ``conflicts`` of them with another amount.
    """

    number: int
    start: int
    again: int
    end: int
    lines: list[Line]
    conflicts: int


def make_deliveries(
    rng: np.random.Generator, book: Book, *, dates: Sequence[dt.date]
) -> tuple[tuple[Delivery, bytes], ...]:
    """One ``sales_DATE.csv`` per date: what is in it, and its bytes.

    A delivery covers the orders from ten days before the previous one up to the day before its own
    date. In each but the first, about two in a hundred of the records that come again carry another
    amount, which is the right one. Customer numbers and amounts are formatted in turns.

    Parameters
    ----------
    rng, book
        The source of all chance, and what there is to deliver.
    dates
        Dates of delivery, ascending, further apart than the overlap.
    """
    cuts = _cut(rng, book.lines, ends=[(date - book.first_day).days for date in dates])
    return tuple(_deliver(book, cut) for cut in cuts)


def _cut(rng: np.random.Generator, lines: Sequence[Line], *, ends: list[int]) -> list[Cut]:
    starts = [0] + [end - OVERLAP_DAYS for end in ends[:-1]]
    contents = [[x for x in lines if a <= x.day < b] for a, b in zip(starts, ends, strict=True)]
    corrected = [_correct(rng, contents[n], before=ends[n - 1]) for n in range(1, len(ends))]
    again = [*starts[1:], ends[-1]]
    bounds = zip(starts, again, ends, contents, [*corrected, 0], strict=True)
    return [Cut(n, *values) for n, values in enumerate(bounds)]


def _deliver(book: Book, cut: Cut) -> tuple[Delivery, bytes]:
    style = Style(zero_padded=cut.number % 2 == 0, grouped=cut.number % 4 < 2)
    rows = [book.row(line, style) for line in cut.lines]
    quarantined = _break(rows, cut.number)
    date = book.date(cut.end)
    name = f"sales_{date}.csv"
    # Later wins: what the next delivery brings again is not loaded from this one.
    kept = [x for x in cut.lines if x.day < cut.again]
    cancelled = [x.cents for x in kept if x.cancelled]
    loaded = [x.cents for x in kept if not x.cancelled and x.customer != NOBODY]
    delivery = Delivery(
        name=name,
        date=date,
        first_day=book.date(cut.start),
        last_day=book.date(cut.end - 1),
        records=len(rows),
        loaded=len(loaded),
        duplicates=len(cut.lines) - len(kept),
        conflicts=cut.conflicts,
        no_customer=len(kept) - len(loaded) - len(cancelled),
        cancelled=len(cancelled),
        quarantined=quarantined,
        amount=_euros(loaded),
        credited=_euros(cancelled),
    )
    return delivery, _bytes(rows)


def _correct(rng: np.random.Generator, lines: list[Line], *, before: int) -> int:
    """Give some of the lines that were delivered ``before`` another amount; returns how many."""
    again = [i for i, x in enumerate(lines) if x.day < before and not x.cancelled and x.customer != NOBODY]
    count = min(len(again), max(_AT_LEAST_CORRECTED, round(_CORRECTED * len(again))))
    for i in rng.choice(again, size=count, replace=False):
        cents = lines[i].cents
        lines[i] = lines[i]._replace(cents=cents + max(1, cents // 10))
    return count


def _break(rows: list[list[str]], n: int) -> int:
    """Insert the broken records of the n-th delivery into its rows; returns how many."""
    faults = [fault for k, fault in enumerate(_BROKEN) if (n + k) % 3 == 1]
    for k, fault in enumerate(faults):
        # Without a customer it would be excluded before its currency is looked at.
        named = [i for i, row in enumerate(rows) if row[0]]
        at = named[(k + 1) * len(named) // (len(faults) + 1)]
        sound = dict(zip(HEADER, rows[at], strict=True))
        sound |= {"Auftrag": f"{80_000_000 + 10 * n + k}", "Position": "10", "Umsatz": "250,00"}
        rows.insert(at, list((sound | fault).values()))
    return len(faults)


def _bytes(rows: list[list[str]]) -> bytes:
    # No field but the broken one needs quotation marks, and that one must not get any.
    text = "\r\n".join(";".join(row) for row in [list(HEADER), *rows]) + "\r\n"
    return text.encode(ENCODING)


def _euros(cents: list[int]) -> Decimal:
    return Decimal(sum(cents)).scaleb(-2)
