"""Lines, quotes, headers and what stands around them (classes 1 to 14, 41 to 46, 53 to 55, 68, 70)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
    Style,
    but,
    cases,
    changed,
    one,
    refused,
    refusing,
    with_cell,
)

LINES = GERMAN.lines()
TITLE = ["Umsatzbericht Großhandel", "Stand: 31.12.2025", ""]
TAB = Style(delimiter="\t")


def text(*lines: str, style: Style = GERMAN) -> str:
    """Lines as the text of a file."""
    return style.text(lines)


def inserted(at: int, *lines: str) -> str:
    """The usual file with lines before its line ``at`` (from 0)."""
    return text(*LINES[:at], *lines, *LINES[at:])


def replaced(number: int, line: str) -> str:
    """The usual file with another line for one order."""
    return text(*LINES[: number + 1], line, *LINES[number + 2 :])


def quoted(orders: tuple[int, ...]) -> list[str]:
    """The usual lines, with every field of some orders in quotes."""
    wrapped = [";".join(f'"{cell}"' for cell in GERMAN.cells(ORDERS[n])) for n in range(len(ORDERS))]
    return [LINES[0], *(wrapped[n] if n in orders else LINES[n + 1] for n in range(len(ORDERS)))]


# How files are written.


def delimiters() -> Iterator[Draft]:
    for sign in (",", "\t", "|", ";"):
        style = Style(delimiter=sign, thousands="", decimal="." if sign == "," else ",")
        said = {"delimiter": sign, "decimal": style.decimal, "thousands": None}
        yield one(style.text(style.lines()), READ, format=said)


def other_delimiter_than_declared() -> Iterator[Draft]:
    for sign in (",", "\t", "|"):
        style = Style(delimiter=sign, thousands="")
        yield one(style.text(style.lines()), refused("sales.csv"))


def ends_of_lines() -> Iterator[Draft]:
    for newline in ("\n", "\r\n", "\r"):
        yield one(replace(GERMAN, newline=newline).text(LINES))
    yield one("\r\n".join(LINES))
    yield one("\n".join(LINES[:5]) + "\n" + "\r\n".join(LINES[5:]) + "\r\n")


def sep_line() -> Iterator[Draft]:
    yield one(text("sep=;", *LINES))
    yield one(text("sep=;", "", *LINES))
    yield one(text("SEP=;", *LINES))
    yield one(TAB.text(["sep=\t", *TAB.lines()]), format={"delimiter": "\t"})


def delimiter_in_a_name() -> Iterator[Draft]:
    for said in ({}, {"quote": "none"}):
        for n in (4, 8):
            name = ORDERS[n].name
            line = LINES[n + 1].replace(name, f"{name}; Filiale")
            yield one(replaced(n, line), refusing(n, None, "columns"), format=said)


def quote_inside_a_field() -> Iterator[Draft]:
    for name in ('Müller "Büro" GmbH', '19" Regal', 'Zoë "'):
        changes = changed(4, name=name)
        yield one(with_cell(4, "name", name), replace(changes, or_quarantined=(6,)))
        yield one(with_cell(4, "name", name), changes, format={"quote": "none"})


def unclosed_quote() -> Iterator[Draft]:
    for n in (4, 12, 23):
        name = ORDERS[n].name
        torn = replaced(n, LINES[n + 1].replace(name, f'"{name}'))
        # Until the end of the file nothing closes it; at the least this record is refused.
        rest = tuple(k + 2 for k in range(n, len(ORDERS)))
        yield one(torn, Expected(or_quarantined=rest, or_refused=True))
        yield one(torn, changed(n, name=f'"{name}'), format={"quote": "none"})


def quote_that_closes_later() -> Iterator[Draft]:
    for first, last in ((3, 5), (6, 14), (0, 1)):
        lines = list(LINES)
        for n, sign in ((first, '"{}'), (last, '{}"')):
            lines[n + 1] = lines[n + 1].replace(ORDERS[n].name, sign.format(ORDERS[n].name))
        lost = tuple(range(first + 2, last + 3))
        yield one(text(*lines), Expected(ORDERS, or_quarantined=lost, or_refused=True))


def stray_quotes() -> Iterator[Draft]:
    for column in ("customer_id", "order_id", "market"):
        raw = {"customer_id": '"1"03', "order_id": 'A"', "market": '"Büro" neu'}[column]
        expected = changed(6, **{column: raw})
        yield one(with_cell(6, column, raw), replace(expected, or_quarantined=(8,)))


def sound_quotes() -> Iterator[Draft]:
    yield one(text(*quoted(tuple(range(24)))))
    yield one(text(*quoted((0, 5, 23))))
    yield one(with_cell(4, "name", '"Groß; Söhne ""Nord"""'), changed(4, name='Groß; Söhne "Nord"'))
    single = [line.replace('"', "'") for line in quoted(tuple(range(24)))]
    yield one(text(*single), format={"quote": "'"})


def line_breaks_in_quotes() -> Iterator[Draft]:
    for raw in ("Groß\r\nHandel", "Groß\nHandel", "Zoë\n\nCafé"):
        # Every end of a line is one sign.
        expected = changed(4, name=raw.replace("\r", ""))
        yield one(with_cell(4, "name", f'"{raw}"'), replace(expected, or_quarantined=(6,)))


def line_break_and_delimiter() -> Iterator[Draft]:
    for raw in ("Groß\r\nHandel; Nord", "A;B\nC", "103;Groß\n104;Zoë"):
        # Nobody knows whether it is one record or two: each line is refused.
        both = (Refusal(6, None, "quotes"), Refusal(7, None, "quotes"))
        yield one(with_cell(4, "name", f'"{raw}"'), but(4, quarantined=both))


def trailing_delimiters() -> Iterator[Draft]:
    yield one(text(*(f"{line};" for line in LINES)))
    yield one(text(*(f"{line};;" for line in LINES)))
    yield one(text(LINES[0], *(f"{line};" for line in LINES[1:])), replace(READ, or_refused=True))


def ragged_rows() -> Iterator[Draft]:
    line = LINES[8]
    for bad in (line.rsplit(";", 1)[0], f"{line};99", f"{line};;1", "107;Zoë", line.split(";", 1)[1]):
        yield one(replaced(7, bad), refusing(7, None, "columns"))


# What stands around the records.


def above_the_header() -> Iterator[Draft]:
    yield one(text(*TITLE, *LINES))
    yield one(text("Bericht;Umsatz;2025", "Von;01.01.2025", *LINES))
    yield one(text("", "", *LINES))
    yield one(text("Werk: 1000 (Köln)", *(f"Auswahl {n}: ja;nein" for n in range(20)), "", *LINES))
    yield one(text(*TITLE, *LINES), format={"header": 4})


def header_elsewhere() -> Iterator[Draft]:
    yield one(text(*TITLE, *LINES[1:]), refused("sales.csv"))
    yield one(text(*TITLE, *LINES), refused("sales.csv"), format={"header": 2})
    yield one(text(*(f"Zeile {n}" for n in range(70)), *LINES), format={"header": 71})


def page_headers() -> Iterator[Draft]:
    pages = [[*LINES[:1], *LINES[n : n + 8]] for n in range(1, 25, 8)]
    yield one(text(*(line for page in pages for line in page)))
    yield one(text(*(line for page in pages for line in (*page, ""))))
    titled = [[f"Seite {n}", *page] for n, page in enumerate(pages, 1)]
    yield one(text(*(line for page in titled for line in page)), skip={"page": "Seite *"})


def totals() -> Iterator[Draft]:
    total = sum(order.amount for order in ORDERS)
    for word, skip in (
        ("Summe", "Summe*"),
        ("Gesamtergebnis", "*ergebnis"),
        ("* Total", "*Total"),
        ("**", ""),
    ):
        row = f"{word};;;;;{GERMAN.number(total)}"
        yield one(text(*LINES, row), Expected(ORDERS, (Refusal(26),)))
        if skip:
            yield one(text(*LINES, row), Expected(skipped=2), skip={"total": skip})


def subtotals_that_look_like_records() -> Iterator[Draft]:
    never = {"control": {"stop": "never"}}
    for word in ("Ergebnis", "Summe", "Overall Result"):
        order = replace(ORDERS[7], customer_id=word, order_id="A9999")
        row = ";".join(GERMAN.cells(order))
        yield one(inserted(9, row), Expected(ORDERS, (Refusal(10),)))
        yield one(inserted(9, row), Expected(skipped=2), skip={"subtotal": word}, gates=never)


def footers() -> Iterator[Draft]:
    yield one(text(*LINES, "", "24 Zeilen"), Expected(ORDERS, (Refusal(27),)))
    yield one(
        text(*LINES, "24 Zeilen", "Erstellt: Jürgen"), skip={"footer": "24 Zeilen", "signature": "Erstellt*"}
    )
    yield one(text(*LINES, "", "", ""))
    yield one(text(*LINES, ";;;;;"), Expected(ORDERS, skipped=2))
    yield one(text(*LINES, "\x1a"), Expected(ORDERS, or_quarantined=(26,), or_refused=True))


# The header.


def repeated_names() -> Iterator[Draft]:
    double = [f"{line};{line.rsplit(';', 1)[1]}" for line in LINES]
    yield one(text(*double), refused("Umsatz"))
    spare = [f"{line};x;y" for line in LINES]
    yield one(text(f"{LINES[0]};Text;Text", *spare[1:]))
    yield one(text(f"{LINES[0]};;", *spare[1:]))
    twice = [";".join((line.split(";")[0], line)) for line in LINES]
    yield one(text(*twice), refused("Kunde"))


def missing_and_other_names() -> Iterator[Draft]:
    yield one(text(*(line.rsplit(";", 1)[0] for line in LINES)), refused("Umsatz"))
    yield one(text(LINES[0].replace("Kunde", "Debitor"), *LINES[1:]), refused("Kunde"))
    yield one(text(LINES[0].replace("Umsatz", "Umsatz VJ"), *LINES[1:]), refused("Umsatz"))
    yield one(text("Customer;Name;Order;Date;Division;Sales", *LINES[1:]), refused("sales.csv"))


def other_order_and_more() -> Iterator[Draft]:
    back = [";".join(reversed(line.split(";"))) for line in LINES]
    yield one(text(*back))
    more = [f"neu;{line}" for line in LINES]
    yield one(text("Stand;" + LINES[0], *more[1:]))
    swapped = [";".join((c[3], c[0], c[1], c[2], c[5], c[4])) for c in (line.split(";") for line in LINES)]
    yield one(text(*swapped))
    # Names change places although the columns do not: the dates are then no dates.
    wrong = ";".join((*HEADER[:3], HEADER[4], HEADER[3], HEADER[5]))
    nothing = Expected((), tuple(Refusal(n + 2, "order_date") for n in range(24)), or_refused=True)
    yield one(text(wrong, *LINES[1:]), nothing)


def names_written_otherwise() -> Iterator[Draft]:
    yield one(text(LINES[0].replace("Kunde", " Kunde "), *LINES[1:]))
    yield one(text(LINES[0].replace("Kunde", '"Kunde"'), *LINES[1:]))
    yield one(text(LINES[0].replace("Kunde", "Kunde\u00a0"), *LINES[1:]))


def by_position() -> Iterator[Draft]:
    numbers = dict(
        zip(("customer_id", "name", "order_id", "order_date", "market", "amount"), range(1, 7), strict=True)
    )
    yield one(
        text("Customer;Name;Order;Date;Division;Sales", *LINES[1:]), columns=numbers, format={"header": 1}
    )
    yield one(text(*LINES[1:]), columns=numbers, format={"header": "none"})
    yield one(
        text(";".join(["Kunde", "", "", "Datum", "Datum", ""]), *LINES[1:]),
        columns=numbers,
        format={"header": 1},
    )
    beyond = {**numbers, "customer_id": 9}
    yield one(text(*LINES), refused("sales.csv"), columns=beyond, format={"header": 1})


# The file as a whole.


def nothing_in_it() -> Iterator[Draft]:
    for content in ("", "\r\n\r\n", LINES[0] + "\r\n", LINES[0]):
        yield one(content, refused("sales.csv"))


def payloads() -> Iterator[Draft]:
    for name in (
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "+49 221 1234",
        "@SUM(A1:A9)",
        "x" * 20_000,
    ):
        yield one(with_cell(4, "name", name), changed(4, name=name))


def cut_at_the_end() -> Iterator[Draft]:
    whole = text(*LINES)
    yield one(whole[: -(2 + 9)], Expected(stopped="limit"))
    for missing in (2 + 1, 2 + 3):
        content = whole[:-missing]
        # Nobody can know it of a number alone, but a last line without its end is suspect.
        yield one(content, Expected(but(23).rows, (Refusal(25),), or_refused=True))


def mixed_decimals() -> Iterator[Draft]:
    point = Style(decimal=".", thousands=",")
    for numbers in ((0,), (0, 8, 16), (4, 6)):
        lines = [";".join((point if n in numbers else GERMAN).cells(order)) for n, order in enumerate(ORDERS)]
        yield one(
            text(LINES[0], *lines),
            Expected(but(*numbers).rows, tuple(Refusal(n + 2, "amount") for n in numbers), or_refused=True),
        )
    # 1,234 next to 1.234,56: a thousand, or a little more than one?
    yield one(
        with_cell(9, "amount", "1,234"), Expected(but(9).rows, (Refusal(11, "amount"),), or_refused=True)
    )


def made() -> Iterator[Case]:
    """All of these cases."""
    for number, function, encodings in (
        ("8", delimiters, ALL),
        ("8", other_delimiter_than_declared, USUAL),
        ("8", ends_of_lines, ALL),
        ("9", sep_line, ALL),
        ("10", delimiter_in_a_name, USUAL),
        ("11", quote_inside_a_field, USUAL),
        ("11", unclosed_quote, USUAL),
        ("1.4", quote_that_closes_later, ALL),
        ("11", stray_quotes, USUAL),
        ("11", sound_quotes, ALL),
        ("12", line_breaks_in_quotes, ALL),
        ("1.4", line_break_and_delimiter, USUAL),
        ("13", trailing_delimiters, USUAL),
        ("14", ragged_rows, USUAL),
        ("43", above_the_header, ALL),
        ("43", header_elsewhere, USUAL),
        ("44", page_headers, ALL),
        ("45", totals, USUAL),
        ("45", subtotals_that_look_like_records, USUAL),
        ("46", footers, USUAL),
        ("53", repeated_names, USUAL),
        ("54", missing_and_other_names, USUAL),
        ("42", missing_and_other_names, ONE),
        ("54", other_order_and_more, USUAL),
        ("55", names_written_otherwise, USUAL),
        ("55", by_position, USUAL),
        ("68", nothing_in_it, ALL),
        ("70", payloads, ONE),
        ("1.8", cut_at_the_end, USUAL),
        ("15", mixed_decimals, USUAL),
    ):
        yield from cases(number, function.__name__.replace("_", " "), function(), encodings)
