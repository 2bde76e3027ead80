"""How a file is written of which nothing is known yet: encoding, delimiter, quotes, place of the header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from segcore.errors import InputError
from segcore.init.names import MEANINGS, speaks_for
from segcore.init.sheets import sheet_names
from segcore.params import Format
from segcore.sources.formats import Delivery, Reader
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.sap_list import READER as LIST
from segcore.sources.formats.sap_list import RULE
from segcore.sources.formats.table import reader_of, splits_lines

DELIMITERS = ";,\t|"
FALLBACK = "cp1252"  # what is neither UTF-8 nor UTF-16
ABOVE = 50  # rows that may stand above the header
FIRST = 400  # rows that are looked at to find it
START = 1 << 19  # bytes of them
VALUE = re.compile(r"[-+(]?[\d.,' \u00a0/:€$£%-]*\d[\d.,' \u00a0/:T€$£%)-]*(EUR|USD|CHF|CR|DR)?")


@dataclass(frozen=True)
class Layout:
    """How a file is written, and its header.

    Parameters
    ----------
    written
        What the study says about it.
    header
        The names in the header, "" where a column has none.
    above
        How many rows stand before the header.
    plain
        Whether nothing tells the encoding, for all is ASCII.
    """

    written: Format
    header: tuple[str, ...]
    above: int
    plain: bool = False


def layout_of(path: Path, scratch: Path) -> Layout:
    """How a file is written, read by the reader of its format.

    Parameters
    ----------
    path
        The file.
    scratch
        An empty folder for what reading needs to write.

    Raises
    ------
    InputError
        If it cannot be read, or nothing in its first rows is a header.
    """
    delivery = Delivery(path, str(path), Format(encoding=FALLBACK), scratch)
    reader = reader_of(delivery)
    if splits_lines(reader):
        return _of_text(delivery)
    for written in _sheets(delivery) if reader.typed else (Format(),):
        rows = _first_rows(reader, replace(delivery, layout=written))
        if found := header_in(rows):
            return Layout(written, *_placed(found))
    raise _no_header(path, " ".join(rows[0]) if rows else "")


def _placed(found: tuple[float, int, tuple[str, ...]]) -> tuple[tuple[str, ...], int]:
    _, above, header = found
    return header, above


def _of_text(delivery: Delivery) -> Layout:
    text = decoded(delivery)
    with text.path.open("rb") as file:
        plain = all(piece.isascii() for piece in iter(lambda: file.read(START), b""))
        file.seek(0)
        start = codecs.getincrementaldecoder("utf-8")(errors="ignore").decode(file.read(START))
    start = start.removeprefix("\ufeff")
    if sum(bool(re.fullmatch(RULE, line)) and "--" in line for line in start.split("\n")[:FIRST]) > 1:
        written = Format(type="list", encoding=_declared(text.encoding, "|", plain=plain))
        if found := header_in(_first_rows(LIST, replace(delivery, layout=written))):
            return Layout(written, *_placed(found), plain)
    best: tuple[float, str, str, int, tuple[str, ...]] | None = None
    for delimiter in DELIMITERS:
        quote = _quote(start, delimiter)
        found = header_in(_rows(start, delimiter, quote))
        if found is not None and (best is None or found[0] > best[0]):
            best = (found[0], delimiter, quote, *found[1:])
    if best is None:
        first = next((line for line in start.split("\n") if line.strip()), "")
        raise _no_header(delivery.path, first)
    _, delimiter, quote, above, header = best
    encoding = _declared(text.encoding, delimiter, plain=plain)
    written = Format.model_validate({"encoding": encoding, "delimiter": delimiter, "quote": quote})
    return Layout(written, header, above, plain)


def _declared(encoding: str, delimiter: str, *, plain: bool) -> str:
    """What a study must say: UTF-8, byte order marks and UTF-16 are recognised without it."""
    if plain:
        # Exports with semicolons are mostly Windows'.
        return FALLBACK if delimiter == ";" else "utf-8"
    return encoding if encoding == FALLBACK else "utf-8"


def _sheets(delivery: Delivery) -> Iterator[Format]:
    """The sheets to read: the only one; else the fullest, and with it those that have the same header."""
    reader = reader_of(delivery)
    names = sheet_names(delivery)
    if len(names) < 2:
        yield Format()
        return
    looks = {name: header_in(_first_rows(reader, replace(delivery, layout=_only(name)))) for name in names}
    found = {name: look for name, look in looks.items() if look}
    for name in sorted(found, key=lambda name: -found[name][0]):
        yield _only(*(other for other, look in found.items() if look[2] == found[name][2]))


def _only(*names: str) -> Format:
    return Format.model_validate({"sheets": names})


def _first_rows(reader: Reader, delivery: Delivery) -> list[list[str]]:
    rows: list[list[str]] = []
    for batch in reader.rows(delivery):
        for row in batch.to_pylist():
            fields = row["fields"] if row["fields"] is not None else [row["text"] or ""]
            rows.append([field.strip() for field in fields])
        if len(rows) >= FIRST:
            break
    return rows[:FIRST]


def _no_header(path: Path, first: str) -> InputError:
    return InputError(
        f"{path}: must have a header in its first {ABOVE} rows, with a name for each column, and records of "
        f"as many fields below it (it begins with {first[:60]!r}); put one there"
    )


def header_in(rows: Sequence[Sequence[str]]) -> tuple[float, int, tuple[str, ...]] | None:
    """The row that is most like a header: how much so, how many rows stand above it, and its names."""
    best: tuple[float, int, tuple[str, ...]] | None = None
    for place, row in enumerate(rows[:ABOVE]):
        names = tuple(name.strip() for name in row)
        filled = [name for name in names if name]
        if len(filled) < 2 or len(filled) * 2 < len(names) or any(map(VALUE.fullmatch, filled)):
            continue
        below = [other for other in rows[place + 1 :] if sum(map(bool, other)) > 1]
        lengths = Counter(map(len, below))
        alike = lengths[len(row)] / len(below) if below else float(len(rows) == place + 1)
        known = sum(any(speaks_for(meaning, name) for meaning in MEANINGS) for name in filled)
        much = (len(filled) + 2 * known) * alike * (len(set(filled)) / len(filled))
        if alike >= 0.5 and (best is None or much > best[0]):
            best = (much, place, names)
    return best


def _rows(text: str, delimiter: str, quote: str) -> list[list[str]]:
    """The first rows; the last may be cut."""
    lines = io.StringIO(text, newline="")
    if quote == "none":
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([field.strip() for field in row])
            if len(rows) == FIRST:
                return rows
    except csv.Error:
        pass
    return rows[:-1] if len(text) >= START // 4 else rows


def _quote(text: str, delimiter: str) -> str:
    """The quote of the fields; "none" where it only stands inside of them, as for inches."""
    at = re.escape(delimiter)
    for quote in "\"'":
        opened = len(re.findall(rf"(?:^|{at}){quote}", text, re.MULTILINE))
        closed = len(re.findall(rf"{quote}(?:\r?$|{at})", text, re.MULTILINE))
        if opened and opened >= 0.9 * closed and (quote == '"' or opened > text.count("\n")):
            return quote
    return "none" if '"' in text else '"'
