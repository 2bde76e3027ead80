"""A look at an extract of which nothing is known yet: encoding, delimiter, header, and its columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from segcore.engine import Engine
from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.sources.text import start_of, transcode
from segcore.sources.values import trimmed

DELIMITERS = ";,\t|"
MOST_RECORDS = 1_000_000
SAMPLE = 2_000
PART = 100_000
NUMBER = re.compile(r"[+-]?[\d.,' \u00a0]*\d[\d.,' \u00a0]*-?")


@dataclass(frozen=True)
class Seen:
    """One column of a file as it was seen.

    Parameters
    ----------
    name
        Its name in the header.
    sql
        The column of the look's table that holds its text, trimmed, NULL if it is empty.
    table
        That table.
    filled
        How many records have a value.
    different
        Different values per value, from 0 to 1.
    values
        Different values from all over the file, in the order of the file.
    step
        Every so many records are enough to tell the form of the values.
    """

    name: str
    sql: str
    table: str
    filled: int
    different: float
    values: tuple[str, ...]
    step: int

    @property
    def unique(self) -> bool:
        """Whether every record has a value of its own, give or take a few."""
        return self.different >= 0.99

    @property
    def numeric(self) -> bool:
        """Whether the values look like numbers in some form."""
        matching = sum(NUMBER.fullmatch(value) is not None for value in self.values)
        return bool(self.values) and matching >= 0.95 * len(self.values)


@dataclass(frozen=True)
class Look:
    """A file that was looked at; its text is a table of the engine with the columns c0, c1, …"""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[Seen, ...]
    records: int

    @property
    def name(self) -> str:
        """The file's name without its folder, for sentences."""
        return self.path.name

    @cached_property
    def by_name(self) -> dict[str, Seen]:
        """The columns by their names in the header."""
        return {column.name: column for column in self.columns}


def look_at(engine: Engine, path: Path, table: str, scratch: Path) -> Look:
    """Look at a file.

    Parameters
    ----------
    engine
        Where the look's table is made.
    path
        The file, ``.csv`` or ``.csv.gz``.
    table
        The name of the table.
    scratch
        A folder for the decoded text.

    Raises
    ------
    InputError
        If it is no text, has no header, or no records.
    """
    text = scratch / f"{table}.csv"
    encoding = _decoded(path, text)
    delimiter, header = _layout(path, text)
    if encoding == "ascii":
        # Nothing tells yet; exports with semicolons are mostly Windows', and UTF-8 is read anyway.
        encoding = "cp1252" if delimiter == ";" else "utf-8"
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    texts = ", ".join(f"{trimmed(f'c{i}')} as c{i}" for i in range(len(header)))
    engine.execute(
        f"create or replace temp table {table} as "
        f"select row_number() over () as _record, {texts} from read_csv("
        f"{quote_text(str(text))}, columns = {{{columns}}}, header = true, auto_detect = false, "
        f"delim = {quote_text(delimiter)}, quote = '\"', escape = '\"', ignore_errors = true, "
        f"max_line_size = 10000000) limit {MOST_RECORDS}"
    )
    text.unlink()
    records = int(engine.rows(f"select count(*) from {table}")[0][0])
    if not records:
        raise InputError(f"{path}: must hold records below its header (it holds none)")
    return Look(path, encoding, delimiter, header, _seen(engine, table, header, records), records)


def _decoded(path: Path, text: Path) -> str:
    """Decode a file to UTF-8 and say what it is written in; "ascii" if nothing tells."""
    start = start_of(path, name=str(path))
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16-be" if start.startswith(b"\0") else "utf-16-le"
        transcode(path, encoding, text, name=str(path))
        return encoding
    try:
        transcode(path, "utf-8", text, name=str(path))
    except InputError as error:
        if "must be text" not in str(error):
            raise
        transcode(path, "cp1252", text, name=str(path))
        return "cp1252"
    with text.open("rb") as file:
        plain = all(piece.isascii() for piece in iter(lambda: file.read(1 << 20), b""))
    return "ascii" if plain and not start.startswith(b"\xef") else "utf-8"


def _layout(path: Path, text: Path) -> tuple[str, tuple[str, ...]]:
    """The delimiter by which most of the first records have as many fields as the header; the header."""
    with text.open(encoding="utf-8", newline="") as file:
        start = "".join(islice(file, 200))
    best: tuple[float, int, str, list[str]] | None = None
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            continue
        if rows and len(rows[0]) > 1:
            alike = Counter(map(len, rows[1:]))[len(rows[0])] / max(1, len(rows) - 1)
            best = max(best or (0.0, 0, "", []), (alike, len(rows[0]), delimiter, rows[0]))
    if best is None or (best[0] < 0.5 and start.count("\n") > 1):
        raise InputError(
            f"{path}: must begin with a header, and its records must have as many fields as the header "
            f"(it begins with {start.split(chr(10))[0][:60]!r}); remove what stands above the header"
        )
    header = tuple(name.strip() for name in best[3])
    odd = [name for name in header if not name or NUMBER.fullmatch(name)]
    if odd or len(set(header)) < len(header):
        raise InputError(
            f"{path}: must begin with a header in which every column has a name of its own "
            f"(got {', '.join(map(repr, header))[:200]}); put one there"
        )
    return best[2], header


def _seen(engine: Engine, table: str, header: Sequence[str], records: int) -> tuple[Seen, ...]:
    texts = [f"c{i}" for i in range(len(header))]
    (filled,) = engine.rows(f"select {', '.join(f'count({text})' for text in texts)} from {table}")
    # Different values are counted over a part of a large file, which tells as much in a tenth of the time.
    part = f"(from {table} where _record <= {PART})"
    ratios = ", ".join(f"count(distinct {text}) / greatest(count({text}), 1)" for text in texts)
    (different,) = engine.rows(f"select {ratios} from {part}")
    step = max(1, records // SAMPLE)
    sample = engine.rows(
        f"select {', '.join(texts)} from {table} where _record % {step} = 0 order by _record limit {SAMPLE}"
    )
    values = [
        tuple(dict.fromkeys(v for v in column if v is not None)) for column in zip(*sample, strict=True)
    ]
    return tuple(
        Seen(name, texts[i], table, filled[i], different[i], values[i], max(1, records // PART))
        for i, name in enumerate(header)
    )
