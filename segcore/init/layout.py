"""How a file is written of which nothing is known yet: encoding, delimiter, quotes, place of the header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segcore.errors import InputError
from segcore.init.names import MEANINGS, speaks_for
from segcore.params import Format
from segcore.sources.extracts import chunks

DELIMITERS = ";,\t|"
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


def text_layout(path: Path) -> Layout:
    """How a file of text is written.

    Raises
    ------
    InputError
        If it is no text, or nothing in its first rows is a header.
    """
    encoding, plain = _encoding(path)
    start = next(chunks(path, name=str(path), size=START), b"")
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start).lstrip("\ufeff")
    best: tuple[float, str, str, int, tuple[str, ...]] | None = None
    for delimiter in DELIMITERS:
        quote = _quote(text, delimiter)
        found = header_in(_rows(text, delimiter, quote))
        if found is not None and (best is None or found[0] > best[0]):
            best = (found[0], delimiter, quote, *found[1:])
    if best is None:
        raise _no_header(path, next((line for line in text.splitlines() if line.strip()), ""))
    _, delimiter, quote, above, header = best
    declared = encoding.removesuffix("-sig")
    if plain:
        # Exports with semicolons are mostly Windows', and UTF-8 is read anyway.
        declared = "cp1252" if delimiter == ";" else "utf-8"
    declared = "utf-8" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else declared
    written = Format.model_validate({"encoding": declared, "delimiter": delimiter, "quote": quote})
    return Layout(written, header, above, plain)


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


def _encoding(path: Path) -> tuple[str, bool]:
    """The encoding in which all of a file can be read, and whether it is plain ASCII."""
    start = next(chunks(path, name=str(path), size=64), b"")
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", False
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", False
    if b"\0" in start:
        return ("utf-16-be" if start.startswith(b"\0") else "utf-16-le"), False
    plain = True
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for piece in chunks(path, name=str(path)):
                plain = plain and piece.isascii()
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            plain, problem = False, error
        else:
            return encoding, plain
    raise InputError(
        f"{path}: must be text in utf-8 or cp1252 (byte 0x{problem.object[problem.start]:02x} is not); "
        "set format.encoding to what the export writes"
    )
