"""An extract's bytes → UTF-8 text that a reader can be given; and its header.

The encoding is never guessed: a byte order mark decides, else strict UTF-8, else what the source
declares.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from segcore.errors import InputError
from segcore.params import Format, Source, Study
from segcore.sources.extracts import Found, chunks

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_candidates(start: bytes, declared: str) -> tuple[str, ...]:
    """Encodings to try, in order, for a file that begins with ``start``."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return (encoding,)
    name = codecs.lookup(declared).name
    # In UTF-16 plain letters are sound UTF-8 as well, with zeros between them.
    if name.startswith(("utf-16", "utf-32")) and b"\0" in start:
        return (declared,)
    return ("utf-8",) if name == "utf-8" else ("utf-8", declared)


def transcode(path: Path, declared: str, target: Path, *, name: str) -> None:
    """Write an extract as UTF-8 with plain line ends, its header first.

    Parameters
    ----------
    path
        The extract, packed or not.
    declared
        The encoding of the source, for files that are not UTF-8.
    target
        The file to write.
    name
        The extract's name as delivered, for messages.

    Raises
    ------
    InputError
        If the bytes are text in none of the encodings.
    """
    candidates = encoding_candidates(start_of(path, name=name), declared)
    for encoding in candidates:
        try:
            with target.open("w", encoding="utf-8", newline="") as out:
                for piece in _decoded(path, encoding, name):
                    out.write(piece)
            return
        except UnicodeDecodeError as error:
            problem = error
    raise InputError(not_text(name, candidates, problem))


def not_text(name: str, encodings: tuple[str, ...], error: UnicodeDecodeError) -> str:
    """The message for bytes that cannot be read in the encodings that the source allows."""
    often = "" if "cp1252" in encodings else ", often cp1252"
    return (
        f"{name}: must be text in {' or '.join(encodings)} "
        f"(byte 0x{error.object[error.start]:02x} is not); "
        f"set format.encoding to what the export writes{often}"
    )


def start_of(path: Path, *, name: str) -> bytes:
    """The first bytes of an extract, enough to tell encodings apart."""
    return next(chunks(path, name=name, size=64), b"")


def _decoded(path: Path, encoding: str, name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    held, begun = "", False
    for piece in chain(chunks(path, name=name), [b""]):
        text = held + decoder.decode(piece, final=not piece)
        # A line end of two characters must not be cut in two by the border between pieces.
        held = "\r" if piece and text.endswith("\r") else ""
        text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        # DuckDB would take an empty line before the header for the header.
        text = text if begun else text.lstrip("\n")
        begun = begun or bool(text)
        yield text


def header_of(path: Path, layout: Format, *, name: str) -> list[str]:
    """The names in the header of an extract, stripped of blanks around them."""
    return _first_records(path, layout, name)[0]


def _first_records(path: Path, layout: Format, name: str) -> list[list[str]]:
    """The header and, if there is one, the first record (or what fits into the first piece)."""
    start = next(chunks(path, name=name, size=1 << 18), b"")
    candidates = encoding_candidates(start, layout.encoding)
    for encoding in candidates:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(start)
            break
        except UnicodeDecodeError as error:
            problem = error
    else:
        raise InputError(not_text(name, candidates, problem))
    # The piece may end inside a quoted field: not strict, for only the first two records count.
    records = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    try:
        first = list(islice(filter(None, records), 2))
    except csv.Error:
        raise InputError(
            f"{name}: every quote must be closed (one in the header or the first record is still open "
            f"{csv.field_size_limit():,} characters later); mend the file or ask for the export again"
        ) from None
    if first and any("\0" in field for field in first[0]):
        raise InputError(
            f"{name}: must be text in {' or '.join(candidates)} (its header holds zero bytes, "
            "as UTF-16 does); set format.encoding to what the export writes, often utf-16-le"
        )
    return [[field.strip() for field in record] for record in first]


def check_header(found: Found, source: Source) -> Iterator[str]:
    """What is wrong with the header of a file, one sentence each; columns are found by name."""
    layout = source.format or Format()
    try:
        records = _first_records(found.path, layout, found.name)
    except InputError as error:
        yield from error.problems
        return
    again = "ask for the export again"
    if not records:
        yield f"{found.name}: must hold a header and records (the file is empty); {again}"
        return
    header = records[0]
    yield from _wrong_names(found.name, header, source.columns_by_file(), layout.delimiter)
    if len(records) == 1:
        yield f"{found.name}: must hold records below its header (it holds none); {again}"


def _wrong_names(name: str, header: list[str], wanted: Mapping[str, str], delimiter: str) -> Iterator[str]:
    missing = {file: canonical for file, canonical in wanted.items() if file not in header}
    other = next((d for d in ";,|\t" if d != delimiter and len(header) == 1 and d in header[0]), None)
    if missing and other:
        yield (
            f"{name}: must be separated by {delimiter!r}, as format.delimiter says "
            f"(the header looks separated by {other!r}); mend format.delimiter"
        )
        return
    for column in sorted({h for h in header if header.count(h) > 1 and h in wanted}):
        yield (
            f"{name}: the column {column!r} must stand in the header once "
            f"(got it {header.count(column)} times); rename one in the export"
        )
    for column, canonical in missing.items():
        spare = [h for h in header if h not in wanted]
        close = difflib.get_close_matches(column, spare, n=1, cutoff=0.5)
        hint = (
            f"did {column!r} become {close[0]!r}? then mend" if close else "ask for the export again, or mend"
        )
        yield (
            f"{name}: must have the column {column!r} for {canonical} (got {', '.join(header)}); "
            f"{hint} columns.{canonical}"
        )


def check_headers(study: Study, found: list[Found]) -> None:
    """Check the header of every file before any work.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    sources = study.sources.given()
    problems = [text for file in found for text in check_header(file, sources[file.source])]
    if problems:
        raise InputError(*problems)
