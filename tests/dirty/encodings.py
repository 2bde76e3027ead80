"""How text becomes bytes (classes 1 to 7)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace

from .builder import (
    GERMAN,
    ORDERS,
    READ,
    Case,
    Draft,
    Expected,
    Style,
    cases,
    changed,
    one,
    refused,
    with_cell,
)

TAB = Style(delimiter="\t")
FILE = GERMAN.text(GERMAN.lines())


def unicode_text() -> Iterator[Draft]:
    content = TAB.text(TAB.lines())
    for name in ("sales.csv", "sales.txt", "sales_2025.TXT"):
        yield one(content.encode("utf-16"), READ, file=name, format={"delimiter": "\t"})
    yield one(FILE.encode("utf-16"), READ, format={"encoding": "cp1252"})


def marks() -> Iterator[Draft]:
    for content in (
        FILE.encode(),
        codecs.BOM_UTF8 + FILE.encode(),
        codecs.BOM_UTF8 + f'"Kunde"{FILE[5:]}'.encode(),
    ):
        for said in ("utf-8", "cp1252"):
            # Without a mark cp1252 would read any UTF-8: what is UTF-8 is read as such.
            yield one(content, READ, format={"encoding": said})


def cp1252() -> Iterator[Draft]:
    yield one(FILE.encode("cp1252"), READ, format={"encoding": "cp1252"})
    fine = with_cell(3, "name", "„Öl“ – 5 €")
    yield one(fine.encode("cp1252"), changed(3, name="„Öl“ – 5 €"), format={"encoding": "cp1252"})
    yield one(FILE.encode("cp1252"), refused("sales.csv"))


def polish() -> Iterator[Draft]:
    for codec in ("cp1250", "iso8859-2", "iso8859-16"):
        content = with_cell(3, "name", "Łódź Süd")
        yield one(content.encode(codec), changed(3, name="Łódź Süd"), format={"encoding": codec})


def dos() -> Iterator[Draft]:
    yield one(FILE.encode("cp850"), READ, format={"encoding": "cp850"})
    # Ä, ö and ü of DOS are quotation marks and controls of Windows.
    yield one(FILE.encode("cp850"), refused("sales.csv"), format={"encoding": "cp1252"})
    plain = tuple(replace(o, name="Bäcker", market="Räder") for o in ORDERS)
    content = GERMAN.text(GERMAN.lines(plain)).encode("cp850")
    yield one(content, Expected(plain, refused="sales.csv"), format={"encoding": "cp1252"})
    homes = tuple(replace(o, name="Höfe", market="Möbel") for o in ORDERS)
    content = GERMAN.text(GERMAN.lines(homes)).encode("cp850")
    yield one(content, Expected(homes, refused="sales.csv"), format={"encoding": "cp1252"})


def utf_16_without_a_mark() -> Iterator[Draft]:
    yield one(codecs.BOM_UTF16_BE + FILE.encode("utf-16-be"))
    for codec in ("utf-16-le", "utf-16-be"):
        yield one(FILE.encode(codec), READ, format={"encoding": codec})
        yield one(FILE.encode(codec), replace(READ, or_refused=True))
        yield one(FILE.encode(codec), replace(READ, or_refused=True), format={"encoding": "cp1252"})
    yield one(FILE.encode("utf-16")[:-1], refused("sales.csv"))


def mixed() -> Iterator[Draft]:
    lines = GERMAN.lines()
    loud = Expected(or_refused=True, or_quarantined=tuple(range(2, 26)))
    for n in (1, 5, 20):
        content = b"".join(
            f"{line}\r\n".encode("cp1252" if k == n else "utf-8") for k, line in enumerate(lines)
        )
        yield one(content, refused("sales.csv"))
        yield one(content, loud, format={"encoding": "cp1252"})
        content = b"".join(
            f"{line}\r\n".encode("utf-8" if k == n else "cp1252") for k, line in enumerate(lines)
        )
        yield one(content, loud, format={"encoding": "cp1252"})
    both = FILE.encode() + codecs.BOM_UTF8 + GERMAN.text(lines[1:]).encode()
    yield one(both, Expected(ORDERS, duplicates=24, or_refused=True))


def made() -> Iterator[Case]:
    """All of these cases."""
    for number, function in (
        ("1", unicode_text),
        ("2", marks),
        ("3", cp1252),
        ("4", polish),
        ("5", dos),
        ("6", utf_16_without_a_mark),
        ("1.8", mixed),
    ):
        yield from cases(number, function.__name__.replace("_", " "), function())
