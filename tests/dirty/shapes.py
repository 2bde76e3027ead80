"""Other formats, packed files, and sources that look others up (classes 29, 47, 48, 64, 69; 1.1, 1.5)."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .builder import (
    ALL,
    GERMAN,
    HEADER,
    ONE,
    ORDERS,
    READ,
    USUAL,
    Case,
    Draft,
    Expected,
    Refusal,
    cases,
    one,
    refused,
)

LINES = GERMAN.lines()
FILE = GERMAN.text(LINES)
WIDTHS = (8, 20, 8, 12, 8, 16)
MEMBER = "sales.csv"


def padded(widths: tuple[int, ...] = WIDTHS) -> list[list[str]]:
    """The usual cells as wide as their columns, amounts to the right."""
    rows = [list(HEADER), *map(GERMAN.cells, ORDERS)]
    last = len(widths) - 1
    return [
        [c.rjust(w) if n == last else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))]
        for row in rows
    ]


# Lists and fixed width.


def sap_lists() -> Iterator[Draft]:
    rows = ["|" + "|".join(cells) + "|" for cells in padded()]
    rule = "-" * len(rows[0])
    said = {"type": "list"}
    yield one(GERMAN.text([rule, rows[0], rule, *rows[1:], rule]), READ, format=said)
    titled = ["31.12.2025   Dynamische Listenausgabe   1", "", rule, rows[0], rule, *rows[1:], rule]
    yield one(GERMAN.text(titled), READ, format=said)
    pages = [[rule, rows[0], rule, *rows[n : n + 8], rule, ""] for n in (1, 9, 17)]
    yield one(GERMAN.text([line for page in pages for line in page]), READ, format=said)
    total = "|" + "|".join("*".ljust(w) for w in WIDTHS[:-1]) + "|" + "1,00".rjust(WIDTHS[-1]) + "|"
    listed = [rule, rows[0], rule, *rows[1:], rule, total, rule]
    yield one(GERMAN.text(listed), Expected(ORDERS, (Refusal(len(listed) - 1),)), format=said)
    short = [rule, rows[0], rule, *rows[1:6], rows[6].rsplit("|", 2)[0], *rows[7:], rule]
    kept = tuple(o for n, o in enumerate(ORDERS) if n != 5)
    yield one(GERMAN.text(short), Expected(kept, (Refusal(9),)), format=said)


def lists_cut_at_255() -> Iterator[Draft]:
    for wide in (195, 196, 197, 210, 250):
        rows = ["|" + "|".join(cells) + "|" for cells in padded((8, wide, 8, 12, 8, 16))]
        expected = refused("sales.txt") if len(rows[0]) > 255 else READ
        yield one(GERMAN.text(row[:255] for row in rows), expected, file="sales.txt", format={"type": "list"})


def fixed_width() -> Iterator[Draft]:
    rows = ["".join(cells) for cells in padded()]
    said = {"type": "fixed", "widths": list(WIDTHS)}
    yield one(GERMAN.text(rows), READ, file="sales.txt", format=said)
    yield one(
        GERMAN.text(["Umsatzliste", "", *rows]),
        Expected(READ.rows, or_refused=True),
        file="sales.txt",
        format=said,
    )
    numbers = dict(
        zip(("customer_id", "name", "order_id", "order_date", "market", "amount"), range(1, 7), strict=True)
    )
    yield one(
        GERMAN.text(rows[1:]), READ, file="sales.dat", columns=numbers, format={**said, "header": "none"}
    )
    kept = tuple(o for n, o in enumerate(ORDERS) if n != 4)
    torn = [*rows[:5], rows[5][:40], *rows[6:]]
    yield one(GERMAN.text(torn), Expected(kept, (Refusal(6),)), file="sales.txt", format=said)
    wide = [*rows[:5], rows[5] + "99", *rows[6:]]
    yield one(GERMAN.text(wide), Expected(kept, (Refusal(6),)), file="sales.txt", format=said)
    shifted = [*rows[:5], " " + rows[5], *rows[6:]]
    yield one(GERMAN.text(shifted), Expected(kept, (Refusal(6),)), file="sales.txt", format=said)


# Packed files and endings.


def archive(members: Mapping[str, bytes]) -> bytes:
    """A ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return made.getvalue()


def packed() -> Iterator[Draft]:
    for encoding, said in (("utf-8", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-8")):
        content = FILE.encode(encoding)
        layout = {"encoding": said}
        yield one(gzip.compress(content), READ, file="sales.csv.gz", format=layout)
        yield one(archive({MEMBER: content}), READ, file="sales.zip", format=layout)
        yield one(gzip.compress(content)[:-12], refused("sales.csv.gz"), file="sales.csv.gz", format=layout)
        yield one(archive({MEMBER: content})[:-30], refused("sales.zip"), file="sales.zip", format=layout)


def wrong_endings() -> Iterator[Draft]:
    content = FILE.encode()
    yield one(gzip.compress(content), Expected(or_refused=True), file="sales.csv")
    yield one(content, Expected(or_refused=True), file="sales.csv.gz")
    yield one(archive({MEMBER: content}), Expected(or_refused=True), file="sales.csv")
    yield one(archive({}), refused("sales.zip"), file="sales.zip")
    yield one(archive({"a.exe": b"MZ"}), refused("sales.zip"), file="sales.zip")
    yield one(b"%PDF-1.7 \x00\x01", refused("sales.csv"), file="sales.csv")


def any_ending() -> Iterator[Draft]:
    for name in ("sales.txt", "sales.dat", "sales.TSV", "sales"):
        yield one(FILE, Expected(or_refused=name == "sales"), file=name, format={"type": "text"})


# Sources that look others up.

BY_PRODUCT = {"product": "Sparte", "market": None}
PRODUCTS = {"files": ["products.csv"], "columns": {"product": "Artikel", "market": "Gruppe"}}
GROUPS = {"Büro": "Büro", "Küche": "Küche", "Möbel": "Möbel"}


def _draft(
    files: Mapping[str, str], expected: Expected, transactions: Mapping[str, Any], /, **more: Any
) -> Draft:
    return Draft(
        {"sales.csv": FILE, **files}, expected, {"sources": {"transactions": dict(transactions), **more}}
    )


def products_known_twice() -> Iterator[Draft]:
    """1.1: no order line is doubled, whatever a lookup holds."""
    groups = "".join(f"{name};{name}\r\n" for name in GROUPS)
    same = groups + "Büro;Büro\r\n"
    other = groups + "Küche;Möbel\r\n"
    both = "".join(f"{name};{other}\r\n" for name in GROUPS for other in GROUPS)
    for text, expected in (
        (groups, READ),
        (same, READ),
        (other, Expected(or_refused=True, stopped="repeated")),
        (both, Expected(or_refused=True, stopped="repeated")),
    ):
        files = {"products.csv": "Artikel;Gruppe\r\n" + text}
        yield _draft(files, expected, {"columns": BY_PRODUCT}, products=PRODUCTS)
        by_both = {**PRODUCTS, "unique": ["product", "market"]}
        loud = replace(READ, or_refused=True, or_stopped=("repeated",))
        yield _draft(
            files, READ if expected is READ else _loud(loud), {"columns": BY_PRODUCT}, products=by_both
        )


def _loud(expected: Expected) -> Expected:
    return replace(expected, stopped="repeated")


CUSTOMERS = {
    "files": ["customers.csv"],
    "columns": {"customer_id": "Kunde", "name": "Name", "rep": "Vertreter", "since": "Seit"},
}
IDS = sorted({o.customer_id for o in ORDERS})


def _customers(raw: str) -> str:
    lines = [f"{c};Haus {c};V{n % 2};{raw if c == '103' else '01.02.2019'}" for n, c in enumerate(IDS)]
    return GERMAN.text(["Kunde;Name;Vertreter;Seit", *lines])


WHO = "select name, rep, since::VARCHAR from customers_source where customer_id = '103'"
UNREAD = "select \"column\", raw from unread where source = 'customers'"


def optional_attributes() -> Iterator[Draft]:
    """1.5: one bad attribute does not throw the customer away."""
    initial = ("00.00.0000", "00000000", "31.12.9999", "")
    bad = ("01.01.0001", "01.01.1900", "irgendwann", "30.02.2019", "2019", "#N/A")
    for raw in (*initial, *bad):
        tables: dict[str, tuple[tuple[Any, ...], ...]] = {WHO: (("Haus 103", "V1", None),)}
        if raw in bad:
            tables[UNREAD] = (("since", raw),)
        said = {**CUSTOMERS, "gates": {"unread": {"warn": "never"}}}
        yield _draft({"customers.csv": _customers(raw)}, Expected(tables=tables), {}, customers=said)


def customers_with_validity() -> Iterator[Draft]:
    """1.1: what a lookup says is what it says on the run date."""
    names = {"customer_id": "Kunde", "name": "Name", "rep": "Vertreter"}
    columns = {**names, "valid_from": "Von", "valid_to": "Bis"}
    who = "select customer_id, rep from customers_source"
    for ends in (("30.06.2025", "01.07.2025"), ("31.12.2024", "01.01.2025"), ("30.12.2025", "31.12.2025")):
        lines = []
        for c in IDS:
            lines += [f"{c};Haus;V1;01.01.2010;{ends[0]}", f"{c};Haus;V2;{ends[1]};31.12.9999"]
        files = {"customers.csv": GERMAN.text(["Kunde;Name;Vertreter;Von;Bis", *lines])}
        expected = Expected(tables={who: tuple((c, "V2") for c in IDS)})
        for key in (["customer_id", "valid_from"], ["customer_id", "valid_from", "valid_to"]):
            said = {"files": ["customers.csv"], "columns": columns, "unique": key}
            yield _draft(files, expected, {}, customers=said)
    overlap = [f"{c};Haus;V{n};01.01.20{10 + n};31.12.9999" for c in IDS for n in (1, 2)]
    files = {"customers.csv": GERMAN.text(["Kunde;Name;Vertreter;Von;Bis", *overlap])}
    said = {"files": ["customers.csv"], "columns": columns, "unique": ["customer_id", "valid_from"]}
    yield _draft(files, Expected(or_refused=True, stopped="repeated"), {}, customers=said)


def lookups_that_know_nobody() -> Iterator[Draft]:
    for prefix in ("K", "9", "Kunde "):
        lines = [f"{prefix}{c};Haus {c};V1;01.02.2019" for c in IDS]
        files = {"customers.csv": GERMAN.text(["Kunde;Name;Vertreter;Seit", *lines])}
        yield _draft(files, Expected(stopped="match"), {}, customers=CUSTOMERS)
    for missing in IDS[:3]:
        lines = [f"{c};Haus {c};V1;01.02.2019" for c in IDS if c != missing]
        files = {"customers.csv": GERMAN.text(["Kunde;Name;Vertreter;Seit", *lines])}
        yield _draft(files, Expected(warned="match"), {}, customers=CUSTOMERS)


def padded_lookups() -> Iterator[Draft]:
    who = "select customer_id, name from customers_source"
    for width in (5, 8, 10):
        lines = [f"{c.zfill(width)};Haus {c};V1;01.02.2019" for c in IDS]
        files = {"customers.csv": GERMAN.text(["Kunde;Name;Vertreter;Seit", *lines])}
        key = {"from": "Kunde", "zero_pad": width}
        rows = tuple(replace(o, customer_id=o.customer_id.zfill(width)) for o in ORDERS)
        expected = Expected(rows, tables={who: tuple((c.zfill(width), f"Haus {c}") for c in IDS)})
        said = {**CUSTOMERS, "columns": {**CUSTOMERS["columns"], "customer_id": key}}  # type: ignore[dict-item]
        yield _draft(files, expected, {"columns": {"customer_id": key}}, customers=said)


def renumbered_customers() -> Iterator[Draft]:
    for pairs in ({"100": "900"}, {"100": "900", "101": "900"}, {"100": "103"}):
        lines = [f"{old};{new}" for old, new in pairs.items()]
        files = {"numbers.csv": GERMAN.text(["Alt;Neu", *lines])}
        rows = tuple(replace(o, customer_id=pairs.get(o.customer_id, o.customer_id)) for o in ORDERS)
        said = {"files": ["numbers.csv"], "columns": {"customer_id": "Alt", "becomes": "Neu"}}
        yield _draft(files, Expected(rows), {}, renumbered=said)


def heads_and_lines() -> Iterator[Draft]:
    """Order heads and order lines in two files, joined."""
    heads = GERMAN.text(
        ["Auftrag;Kunde;Datum", *(";".join((c[2], c[0], c[3])) for c in map(GERMAN.cells, ORDERS))]
    )
    lines = GERMAN.text(
        [
            "Auftrag;Name;Sparte;Umsatz",
            *(";".join((c[2], c[1], c[4], c[5])) for c in map(GERMAN.cells, ORDERS)),
        ]
    )
    source = {
        "files": ["heads.csv"],
        "columns": {"order_id": "Auftrag", "customer_id": "Kunde", "order_date": "Datum"},
    }
    without = {"columns": {"customer_id": None, "order_date": None}}
    kept = tuple(o for o in ORDERS if o.order_id != "A4005")
    lost = heads.replace("A4005;", "A9005;")
    torn = heads.replace("A4005;105;28.03.2025", "A4005;105;28.03.25")
    again = heads + "A4005;105;28.03.2025\r\n"
    for text, expected in (
        (heads, READ),
        (again, READ),
        (lost, Expected(kept, (Refusal(7),))),
        (torn, Expected(kept, (Refusal(7),))),
    ):
        more = {**source, "gates": {"quarantine": {"stop": "never"}, "match": {"stop": "never"}}}
        yield _draft({"sales.csv": lines, "heads.csv": text}, expected, without, orders=more)


def made() -> Iterator[Case]:
    """All of these cases."""
    for number, function, encodings in (
        ("47", sap_lists, ALL),
        ("48", lists_cut_at_255, USUAL),
        ("47", fixed_width, USUAL),
        ("69", packed, ONE),
        ("69", wrong_endings, ONE),
        ("69", any_ending, USUAL),
        ("1.1", products_known_twice, ONE),
        ("1.5", optional_attributes, ONE),
        ("1.1", customers_with_validity, ONE),
        ("1.2", lookups_that_know_nobody, ONE),
        ("29", padded_lookups, ONE),
        ("64", renumbered_customers, ONE),
        ("54", heads_and_lines, ONE),
    ):
        yield from cases(number, function.__name__.replace("_", " "), function(), encodings)
