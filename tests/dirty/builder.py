"""A made-up wholesaler's orders, how they are written into files, and what must become of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

RUN_DATE = dt.date(2025, 12, 31)

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "cp1252": "cp1252",
    "utf-16": "utf-8",
    "utf-16-le": "utf-16-le",
}
"""How a file is encoded → what its study says; a mark at the start of the file tells the rest."""

ALL = tuple(ENCODINGS)
USUAL = ("utf-8", "cp1252", "utf-16")
ONE = ("utf-8",)


@dataclass(frozen=True)
class Order:
    """One order line, as it must arrive in ``transactions``."""

    customer_id: str
    name: str
    order_id: str
    order_date: dt.date
    market: str
    amount: Decimal


NAMES = (
    "Müller & Söhne",
    "Bäckerei Groß",
    "Café Zoë",
    "Spülküche Jürgens",
    "Öl- und Farbenhaus",
    "Łuk i Syn",
)
MARKETS = ("Büro", "Küche", "Möbel")
AMOUNTS = ("1234.56", "0.05", "-100.00", "12345678.90", "10.50", "99.99", "1000.00", "7.00")


def _order(number: int) -> Order:
    # Two orders a month; days over and under 12, so that swapped months show.
    day = dt.date(2025, 1 + number // 2, (3, 8, 17, 24, 12, 28)[number % 6])
    name = NAMES[:5][number % 5]
    return Order(
        f"{100 + number % 7}",
        name,
        f"A{4000 + number}",
        day,
        MARKETS[number % 3],
        Decimal(AMOUNTS[number % 8]),
    )


ORDERS = tuple(map(_order, range(24)))
HEADER = ("Kunde", "Name", "Auftrag", "Datum", "Sparte", "Umsatz")
CANONICAL = ("customer_id", "name", "order_id", "order_date", "market", "amount")

STUDY: dict[str, Any] = {
    "title": "Großhandel",
    "currency": "EUR",
    "sources": {
        "transactions": {
            "files": ["sales*"],
            "format": {"delimiter": ";", "decimal": ",", "thousands": ".", "date": "%d.%m.%Y"},
            "columns": dict(zip(CANONICAL, HEADER, strict=True)),
            "gates": {"quarantine": {"stop": "never"}},
        }
    },
    "variables": {"recency": {"classes": 2}},
    "breaks": {"policy": "refit"},
    "segments": {"Good": {}, "Bad": {}},
}


@dataclass(frozen=True)
class Style:
    """How an ERP system writes values."""

    delimiter: str = ";"
    decimal: str = ","
    thousands: str = "."
    date: str = "%d.%m.%Y"
    newline: str = "\r\n"

    def number(self, value: Decimal) -> str:
        """A number with two decimals."""
        plain = f"{value:,.2f}"
        return plain.translate(str.maketrans({",": self.thousands, ".": self.decimal}))

    def cells(self, order: Order) -> list[str]:
        """The cells of a record, in the order of :data:`HEADER`."""
        day = order.order_date.strftime(self.date)
        return [
            order.customer_id,
            order.name,
            order.order_id,
            day,
            order.market,
            self.number(order.amount),
        ]

    def lines(self, orders: Iterable[Order] = ORDERS, header: Sequence[str] = HEADER) -> list[str]:
        """The header and one line per order, without ends of lines."""
        rows = [list(header), *map(self.cells, orders)]
        return [self.delimiter.join(row) for row in rows]

    def text(self, lines: Iterable[str]) -> str:
        """Lines as the text of a file."""
        return "".join(line + self.newline for line in lines)


GERMAN = Style()


@dataclass(frozen=True)
class Refusal:
    """A record that must stand in quarantine; a rule of "" is any."""

    record: int
    column: str | None = ""
    rule: str = ""
    file: str = ""


@dataclass(frozen=True)
class Expected:
    """What must become of a delivery.

    Parameters
    ----------
    rows
        The orders that are loaded, and no others.
    quarantined
        The records that are refused, and no others.
    refused
        Words of the one sentence that refuses the delivery; rows do not matter then.
    stopped, warned
        The gate that must say so.
    or_refused, or_stopped
        Whether refusing the whole file is right, too, and which gates may stop.
    or_quarantined
        Records that may be refused although they could be read.
    skipped, duplicates, after, excluded
        How many lines or records must be told as such; None if that does not matter.
    """

    rows: tuple[Order, ...] = ORDERS
    quarantined: tuple[Refusal, ...] = ()
    refused: str | None = None
    stopped: str = ""
    warned: str = ""
    or_refused: bool = False
    or_stopped: tuple[str, ...] = ()
    or_quarantined: tuple[int, ...] = ()
    skipped: int | None = None
    duplicates: int | None = None
    after: int | None = None
    excluded: int | None = None
    tables: Mapping[str, tuple[tuple[Any, ...], ...]] = field(default_factory=dict)
    """Further queries with their rows, in any order."""


READ = Expected()


def but(*numbers: int, **changes: Any) -> Expected:
    """All orders but some; ``changes`` say what becomes of those."""
    rows = tuple(order for n, order in enumerate(ORDERS) if n not in numbers)
    return Expected(rows, **changes)


def refusing(number: int, column: str | None = "", rule: str = "", **changes: Any) -> Expected:
    """All orders but one, whose record is refused for the sake of a column."""
    return but(number, quarantined=(Refusal(number + 2, column, rule),), **changes)


def refused(words: str) -> Expected:
    """The whole delivery is refused."""
    return Expected(refused=words)


def changed(number: int, **values: Any) -> Expected:
    """All orders are read, one of them with other values than usual."""
    return Expected(tuple(replace(o, **values) if n == number else o for n, o in enumerate(ORDERS)))


def with_cell(number: int, column: str, raw: str, style: Style = GERMAN) -> str:
    """The usual file with another text in one cell."""
    rows = [style.cells(order) for order in ORDERS]
    rows[number][CANONICAL.index(column)] = raw
    return style.text([style.delimiter.join(HEADER), *map(style.delimiter.join, rows)])


@dataclass(frozen=True)
class Draft:
    """A delivery before it is encoded: text is written in each encoding, bytes stay as they are."""

    files: Mapping[str, str | bytes]
    expected: Expected = READ
    study: Mapping[str, Any] = field(default_factory=dict)


def one(content: str | bytes, expected: Expected = READ, /, **source: Any) -> Draft:
    """A delivery of one file; ``source`` is what the study says otherwise of its transactions."""
    name = source.pop("file", "sales.csv")
    return Draft({name: content}, expected, {"sources": {"transactions": source}})


@dataclass(frozen=True)
class Case:
    """One delivery with its study and what must become of it."""

    number: str
    what: str
    variant: int
    encoding: str
    files: Mapping[str, bytes]
    study: Mapping[str, Any]
    expected: Expected

    @property
    def id(self) -> str:
        """Its name among all cases."""
        return f"{self.number}-{self.what.replace(' ', '_')}-{self.variant}-{self.encoding}"


VARIANTS = 3
"""So many variants of a class are written in all of its encodings; further ones in the first."""


def cases(
    number: str, what: str, drafts: Iterable[Draft], encodings: tuple[str, ...] = ALL
) -> Iterator[Case]:
    """One case for each draft and each encoding that has all its letters."""
    for variant, draft in enumerate(drafts, 1):
        text = any(isinstance(content, str) for content in draft.files.values())
        for encoding in encodings[: None if variant <= VARIANTS else 1] if text else ("bytes",):
            files = _encoded(draft.files, encoding)
            if files is not None:
                study = merged(STUDY, {"sources": _said(encoding)}, draft.study)
                yield Case(number, what, variant, encoding, files, study, draft.expected)


def _said(encoding: str) -> dict[str, Any]:
    said = ENCODINGS.get(encoding)
    return {"transactions": {"format": {"encoding": said}}} if said else {}


def _encoded(files: Mapping[str, str | bytes], encoding: str) -> dict[str, bytes] | None:
    try:
        return {n: c if isinstance(c, bytes) else c.encode(encoding) for n, c in files.items()}
    except UnicodeEncodeError:
        return None


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Later parts into earlier ones, level by level; None takes a key away."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if value is None:
                result.pop(key, None)
            elif isinstance(value, Mapping):
                before = result.get(key)
                result[key] = merged(before if isinstance(before, Mapping) else {}, value)
            else:
                result[key] = value
    return result
