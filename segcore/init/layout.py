"""How a file is written of which nothing is known yet: encoding, delimiter, quotes, place of the header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from segcore.errors import InputError
from segcore.init.names import MEANINGS, speaks_for
from segcore.params import Format
from segcore.sources.formats import Delivery
from segcore.sources.formats.decoding import decoded, first_lines
from segcore.sources.formats.quotes import first_records
from segcore.sources.formats.table import reader_of, splits_lines
from segcore.sources.formats.workbook import WORKBOOK, starts
from segcore.sources.headers import WITHIN, Header, clean, likeliest
from segcore.sources.parsing import first_rows

DELIMITERS = ";,\t|"
FALLBACK = "cp1252"  # what is neither UTF-8 nor UTF-16
RULE = re.compile(r"[-|=+ \t]*--[-|=+ \t]*")  # a line of dashes in a list that SAP printed
FIRST = 400  # rows that are looked at to find the header
MOST, NEARLY_ALL = (
    0.5,
    0.9,
)  # of the rows have as many fields as the header, or as the first where there is none
VALUE = re.compile(r"[-+(]?[\d.,' \u00a0/:€$£%-]*\d[\d.,' \u00a0/:T€$£%)-]*(EUR|USD|CHF|CR|DR)?")
SURE = 3  # known names make a header of a row although there are values in it, like 2025

Row = tuple[int, Sequence[str]]
"""A line or row, and its fields."""


@dataclass(frozen=True)
class Layout:
    """How a file, or some sheets of it, are written.

    Parameters
    ----------
    written
        What the study says about it.
    header
        Its header; of record 0 where it has none.
    likely
        How much the header is like one.
    """

    written: Format
    header: Header
    likely: float = 0


def layouts_of(path: Path, scratch: Path) -> list[Layout]:
    """How a file is written, read by the reader of its format; one for each table of a workbook.

    Raises
    ------
    InputError
        If it cannot be read, or is no table.
    """
    delivery = Delivery(path, str(path), Format(encoding=FALLBACK), scratch)
    reader = reader_of(delivery)
    if splits_lines(reader):
        return [_of_text(delivery)]
    if reader is not WORKBOOK:
        return [_best(delivery, [(Format(), first_rows(delivery))])]
    sheets = starts(delivery)
    if len(sheets) < 2:
        return [_best(delivery, [(Format(), rows) for rows in sheets.values()])]
    return _alike(sheets) or [_best(delivery, [(_only(name), rows) for name, rows in sheets.items()])]


def _of_text(delivery: Delivery) -> Layout:
    encoding = decoded(delivery).encoding
    lines = first_lines(delivery)[:FIRST]
    with decoded(delivery).path.open("rb") as file:
        plain = all(piece.isascii() for piece in iter(lambda: file.read(1 << 19), b""))
    readings: list[tuple[Format, Iterable[Row]]] = []
    if sum(RULE.fullmatch(line) is not None for line in lines) > 1:
        written = Format(type="list", encoding=_declared(encoding, "|", plain=plain))
        readings = [(written, first_rows(replace(delivery, layout=written)))]
    for delimiter in DELIMITERS:
        quote = _quote("\n".join(lines), delimiter)
        said = {"encoding": _declared(encoding, delimiter, plain=plain), "delimiter": delimiter}
        rows = first_records(lines, delimiter, quote)
        readings.append((Format.model_validate({**said, "quote": quote}), rows))
    return _best(delivery, readings)


def _declared(encoding: str, delimiter: str, *, plain: bool) -> str:
    """What a study must say: UTF-8, byte order marks and UTF-16 are recognised without it."""
    if plain:
        # Exports with semicolons are mostly Windows'.
        return FALLBACK if delimiter == ";" else "utf-8"
    return encoding if encoding == FALLBACK else "utf-8"


def _quote(text: str, delimiter: str) -> str:
    """The quote of the fields; "none" where it only stands inside of them, as for inches."""
    at = re.escape(delimiter)
    for quote in "\"'":
        opened = len(re.findall(rf"(?:^|{at}){quote}", text, re.MULTILINE))
        closed = len(re.findall(rf"{quote}(?:$|{at})", text, re.MULTILINE))
        if opened and opened >= 0.9 * closed and (quote == '"' or opened > text.count("\n")):
            return quote
    return "none" if '"' in text else '"'


def _only(*names: str) -> Format:
    return Format.model_validate({"sheets": names})


def _alike(sheets: dict[str, list[tuple[int, list[str]]]]) -> list[Layout]:
    """The tables of a workbook, the fullest first: sheets with the same header are one."""
    found = {name: _look(_only(name), rows) for name, rows in sheets.items()}
    tables: dict[tuple[str, ...], dict[str, Layout]] = {}
    for name, layout in sorted(found.items(), key=lambda one: -one[1].likely):
        if layout.likely:
            tables.setdefault(layout.header.names, {})[name] = layout
    return [replace(next(iter(same.values())), written=_only(*same)) for same in tables.values()]


def _best(delivery: Delivery, readings: Iterable[tuple[Format, Iterable[Row]]]) -> Layout:
    """The reading with the likeliest header; where none has one, columns are known by their places."""
    held = [(written, list(islice(rows, FIRST))) for written, rows in readings]
    layouts = [_look(written, rows) for written, rows in held]
    best = max(layouts, key=lambda layout: layout.likely, default=None)
    if best is None or not best.likely:
        layouts = [layout for written, rows in held for layout in _without_header(written, rows)]
        best = max(layouts, key=lambda layout: layout.likely, default=None)
    if best is None:
        first = next((clean(" ".join(row)) for _, row in (held[0][1] if held else ()) if any(row)), "")
        raise InputError(
            f"{delivery.path}: must be a table, with a header in its first {WITHIN} rows, or rows of as many "
            f"fields (it begins with {first[:60]!r}); deliver the table alone"
        )
    return best


def _look(written: Format, rows: Iterable[Row]) -> Layout:
    filled = [(at, row) for at, row in rows if any(map(clean, row))]
    lengths = Counter(len(row) for _, row in filled if sum(map(bool, row)) > 1)
    if not lengths:
        return Layout(written, Header(0, (), ()))

    def like(names: tuple[str, ...]) -> float:
        texts = [name for name in names if name]
        alike = lengths[len(names)] / lengths.total()
        values = sum(VALUE.fullmatch(text) is not None for text in texts)
        if len(texts) < 2 or len(texts) * 2 < len(names) or alike < MOST or values * 2 > len(texts):
            return 0
        known = sum(map(_known, texts))
        if values and known < SURE:
            return 0
        return (len(texts) + 2 * known) * alike * len(set(texts)) / len(texts)

    header, likely = likeliest(filled, like)
    return Layout(written, header, max(likely))


@cache
def _known(name: str) -> bool:
    return any(speaks_for(meaning, name) for meaning in MEANINGS)


def _without_header(written: Format, rows: Iterable[Row]) -> Iterator[Layout]:
    """The layout of records alone, if nearly all have as many fields as the first."""
    widths = [len(row) for _, row in rows if any(map(clean, row))]
    alike = widths.count(widths[0]) / len(widths) if widths else 0
    if alike >= NEARLY_ALL and widths[0] > 1:
        alone = written.model_copy(update={"header": "none"})
        yield Layout(alone, Header(0, ("",) * widths[0], ()), widths[0] * alike)
