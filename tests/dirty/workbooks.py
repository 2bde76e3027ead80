"""Workbooks, and what only calls itself one (classes 26, 38, 49 to 52)."""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import xlsxwriter

from .builder import (
    GERMAN,
    HEADER,
    ORDERS,
    READ,
    Case,
    Draft,
    Expected,
    Order,
    Refusal,
    cases,
    changed,
    one,
    refused,
    refusing,
)

Sheet = Any
LATER = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}


def workbook(fill: Callable[[Any], None], **options: Any) -> bytes:
    """A workbook that a function fills."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {**LATER, **options}) as book:
        fill(book)
    return made.getvalue()


def write_orders(
    book: Any, sheet: Sheet, orders: Sequence[Order] = ORDERS, *, top: int = 0, header: bool = True
) -> None:
    """Orders with numbers and dates of their own, from the row ``top``."""
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    if header:
        sheet.write_row(top, 0, HEADER)
        top += 1
    for n, o in enumerate(orders, top):
        sheet.write_row(n, 0, (int(o.customer_id), o.name, o.order_id))
        sheet.write_datetime(n, 3, dt.datetime.combine(o.order_date, dt.time()), day)
        sheet.write_string(n, 4, o.market)
        sheet.write_number(n, 5, float(o.amount))


def with_sheet(change: Callable[[Any, Sheet], None], *, top: int = 0, **options: Any) -> bytes:
    """The usual workbook, changed after it was filled."""

    def fill(book: Any) -> None:
        sheet = book.add_worksheet("Umsatz")
        write_orders(book, sheet, top=top)
        change(book, sheet)

    return workbook(fill, **options)


def typed() -> Iterator[Draft]:
    plain = with_sheet(lambda book, sheet: None)
    yield one(plain, READ, file="sales.xlsx")
    old = with_sheet(lambda book, sheet: None, date_1904=True)
    yield one(old, READ, file="sales.xlsx")

    def as_text(book: Any) -> None:
        sheet = book.add_worksheet()
        for n, cells in enumerate([list(HEADER), *map(GERMAN.cells, ORDERS)]):
            for k, cell in enumerate(cells):
                sheet.write_string(n, k, cell)

    yield one(workbook(as_text), READ, file="sales.xlsx")


def serial_numbers() -> Iterator[Draft]:
    day = changed(9, order_date=dt.date(2025, 5, 24))
    for value, expected in (
        (45801, day),
        (45801.5, refusing(9, "order_date")),
        (1, refusing(9, "order_date")),
    ):

        def number(book: Any, sheet: Sheet, v: float = value) -> None:
            sheet.write_number(10, 3, v)

        # A whole number of days since 1900 may be a day whose cell lost its form.
        yield one(with_sheet(number), replace(expected, or_quarantined=(11,)), file="sales.xlsx")


def error_cells() -> Iterator[Draft]:
    for formula, error in (("=1/0", "#DIV/0!"), ("=NA()", "#N/A"), ("=foo", "#NAME?")):
        for column, name in ((5, "amount"), (0, "customer_id")):

            def fail(book: Any, sheet: Sheet, f: str = formula, e: str = error, c: int = column) -> None:
                sheet.write_formula(10, c, f, None, e)

            yield one(with_sheet(fail), refusing(9, name), file="sales.xlsx")


def formulas_without_value() -> Iterator[Draft]:
    for column, name in ((5, "amount"), (0, "customer_id"), (3, "order_date")):

        def empty(book: Any, sheet: Sheet, c: int = column) -> None:
            sheet.write_formula(10, c, "=A1", None, "")

        yield one(with_sheet(empty), refusing(9, name), file="sales.xlsx")


def titles_and_merged_cells() -> Iterator[Draft]:
    def title(book: Any, sheet: Sheet) -> None:
        sheet.merge_range(0, 0, 0, 5, "Umsatzbericht Großhandel")
        sheet.write(1, 0, "Stand 31.12.2025")

    yield one(with_sheet(title, top=3), READ, file="sales.xlsx")
    yield one(with_sheet(title, top=3), READ, file="sales.xlsx", format={"header": 4})

    def total(book: Any, sheet: Sheet) -> None:
        sheet.write(25, 0, "Summe")
        sheet.write_number(25, 5, float(sum(o.amount for o in ORDERS)))

    yield one(with_sheet(total), Expected(ORDERS, (Refusal(26),)), file="sales.xlsx")
    yield one(with_sheet(total), Expected(skipped=2), file="sales.xlsx", skip={"total": "Summe"})
    yield one(
        with_sheet(
            lambda book, sheet: (
                sheet.autofilter(0, 0, 24, 5) or sheet.set_row(5, None, None, {"hidden": True})
            )
        ),
        READ,
        file="sales.xlsx",
    )


def several_sheets() -> Iterator[Draft]:
    def two(book: Any, *, hidden: bool = False, other: bool = False) -> None:
        first, second = book.add_worksheet("2024"), book.add_worksheet("2025")
        write_orders(book, first, ORDERS[:10])
        if other:
            second.write(0, 0, "Erläuterung")
        else:
            write_orders(book, second, ORDERS[10:])
        if hidden:
            second.hide()

    both = workbook(two)
    yield one(both, READ, file="sales.xlsx", format={"sheets": ["2024", "2025"]})
    first = Expected(ORDERS[:10])
    within = {"months": {"stop": "never"}}
    yield one(both, first, file="sales.xlsx", format={"sheets": "2024"}, gates=within)
    yield one(both, refused("sheet"), file="sales.xlsx")
    yield one(both, refused("2026"), file="sales.xlsx", format={"sheets": ["2026"]})
    noted = workbook(lambda book: two(book, other=True))
    yield one(noted, first, file="sales.xlsx", format={"sheets": ["2024"]}, gates=within)
    hidden = workbook(lambda book: two(book, hidden=True))
    yield one(hidden, replace(first, or_refused=True), file="sales.xlsx", gates=within)


def html_tables() -> Iterator[Draft]:
    rows = [list(HEADER), *map(GERMAN.cells, ORDERS)]
    cells = "\n".join("<tr>" + "".join(f"<td>{_escaped(c)}</td>" for c in row) + "</tr>" for row in rows)
    for encoding in ("utf-8", "cp1252"):
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">'
        page = f"<html><head>{meta}</head><body><table>\n{cells}\n</table></body></html>"
        yield one(page.encode(encoding), READ, file="sales.xls", format={"encoding": encoding})
    yield one(f"<table>{cells}</table>".encode(), READ, file="sales.xls")
    ragged = cells.replace("<td>A4005</td>", "", 1)
    kept = tuple(o for n, o in enumerate(ORDERS) if n != 5)
    yield one(
        f"<table>{ragged}</table>".encode(), Expected(kept, (Refusal(7),), or_refused=True), file="sales.xls"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def text_called_xls() -> Iterator[Draft]:
    tab = replace(GERMAN, delimiter="\t")
    content = tab.text(tab.lines())
    yield one(content.encode("utf-16"), READ, file="sales.xls", format={"delimiter": "\t"})
    yield one(content.encode(), READ, file="sales.xls", format={"delimiter": "\t"})
    yield one(
        GERMAN.text(GERMAN.lines()).encode("cp1252"), READ, file="sales.xls", format={"encoding": "cp1252"}
    )


def ole(*streams: str) -> bytes:
    """The smallest compound file with some streams, as encrypted workbooks are."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    head += struct.pack("<108I", *[free] * 108)
    table = struct.pack("<128I", fat, end, *[free] * 126)
    entries = b""
    for n, name in enumerate(("Root Entry", *streams)):
        raw = name.encode("utf-16-le").ljust(64, b"\0")
        size = 2 * len(name) + 2
        child = 1 if n == 0 and streams else free
        after = n + 1 if 0 < n < len(streams) else free
        kind = 5 if n == 0 else 2
        entries += raw + struct.pack("<HBBIII36xIQ", size, kind, 1, free, after, child, end, 0)
    return (head + table + entries).ljust(512 * 4, b"\0")


def encrypted() -> Iterator[Draft]:
    locked = ole("EncryptionInfo", "EncryptedPackage")
    for name in ("sales.xlsx", "sales.xls"):
        yield one(locked, refused(name), file=name)
    yield one(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), refused("sales.xls"), file="sales.xls")
    yield one(with_sheet(lambda book, sheet: None)[:900], refused("sales.xlsx"), file="sales.xlsx")
    yield one(b"PK\x03\x04" + bytes(200), refused("sales.xlsx"), file="sales.xlsx")


def made() -> Iterator[Case]:
    """All of these cases."""
    for number, function in (
        ("26", typed),
        ("26", serial_numbers),
        ("38", error_cells),
        ("52", formulas_without_value),
        ("51", titles_and_merged_cells),
        ("51", several_sheets),
        ("49", html_tables),
        ("49", text_called_xls),
        ("50", encrypted),
    ):
        yield from cases(number, function.__name__.replace("_", " "), function())
