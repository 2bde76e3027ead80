"""Rows of Parquet files in which a customer's numbers or names stand: a file is read once for all of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.privacy.patterns import core, forms
from segcore.privacy.person import Person, is_telling

if TYPE_CHECKING:
    from segcore.engine import FileEngine

NUMBERS = ("customer_id", "becomes")
"""Columns that say whose row it is."""

Stamp = tuple[Path, int, int, int]
"""A file, and by what it is told that it was written anew."""

AMOUNT = re.compile(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$|DECIMAL|DOUBLE|FLOAT")
"""Types of columns of numbers."""

MOST = 1000
"""Rows of one file of which is kept where they are."""


@dataclass(frozen=True)
class Hits:
    """What a file says of some numbers and names.

    Parameters
    ----------
    numbers, names
        Those that stand in a row of somebody else.
    rows
        Numbers, from 0, of the rows that may hold one of them; None if they are too many to be kept.
    """

    numbers: frozenset[str]
    names: frozenset[str]
    rows: tuple[int, ...] | None


@dataclass(frozen=True)
class Rows:
    """Looks for a customer's numbers and names in Parquet files.

    Parameters
    ----------
    engine
        Where SQL runs.
    ids
        The customer's numbers. Those that may be amounts are looked for in columns of numbers only.
    names
        The customer's names that may be nobody else's.
    found, levels
        What was found so far, also in files beside those; written as they are read.
    """

    engine: FileEngine
    ids: tuple[str, ...]
    names: tuple[str, ...]
    found: dict[Stamp, Hits] = field(default_factory=dict)
    levels: dict[Stamp, tuple[int, ...]] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those that are looked for wherever text stands."""
        return tuple(filter(is_telling, self.ids))

    def of(self, path: Path) -> Hits:
        """What a file says of them."""
        stamp = stamp_of(path)
        if stamp not in self.found:
            self.found[stamp] = self._looked_for(path)
        return self.found[stamp]

    def may_hold(self, path: Path, person: Person) -> tuple[int, ...] | None:
        """Numbers of the rows of a file that may hold a person; None if nobody knows."""
        known = {*person.told} <= {*self.numbers, *self.names} and {*person.ids} <= {*self.ids}
        return self.of(path).rows if known else None

    def _looked_for(self, path: Path) -> Hits:
        source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
        columns = {row[0]: row[1] for row in self.engine.rows(f"describe from {source}")}
        shown = as_text(columns)
        mine = " or ".join(f"coalesce({one}, false)" for one in of_customer(columns, self.ids)) or "false"
        amounts = [name for name, kind in columns.items() if AMOUNT.match(kind) and name != "file_row_number"]
        hows = [_whole(number, shown, amounts) for number in self.numbers]
        hows += [_part(name, shown) for name in self.names]
        asked = [f"bool_or({how}) filter (not ({mine}))" for how in hows]
        kept = f"case when count(*) <= {MOST} then list(file_row_number order by file_row_number) end"
        near = [mine, *containing(shown, (*self.numbers, *self.names))]
        near += [how for number in self.numbers for how in _equal(number, amounts)]
        said = ", ".join(["count(*)", kept, *asked])
        row = self.engine.rows(f"select {said} from {source} where {' or '.join(near)}")[0]
        places = tuple(row[1] or ()) if row[0] <= MOST else None
        told, split = row[2:], len(self.numbers)
        return Hits(_those(self.numbers, told[:split]), _those(self.names, told[split:]), places)


def stamp_of(path: Path) -> Stamp:
    """What another file in the place of this one would not have."""
    there = path.stat()
    return path, there.st_ino, there.st_size, there.st_mtime_ns


def as_text(columns: Mapping[str, str]) -> list[str]:
    """SQL of those of some columns in which text stands, given with their types."""
    return [text_of(name, kind) for name, kind in columns.items() if has_text(kind)]


def has_text(kind: str) -> bool:
    """Whether texts stand in a column of a type, also within lists or as bytes."""
    return any(text in kind for text in ("VARCHAR", "JSON", "BLOB"))


def text_of(name: str, kind: str) -> str:
    """SQL of a column as a text; of bytes that are none NULL."""
    if kind == "VARCHAR":
        return quote_name(name)
    return f"try(decode({quote_name(name)}))" if kind == "BLOB" else f"{quote_name(name)}::VARCHAR"


def of_numbers(columns: Collection[str], ids: Iterable[str]) -> list[str]:
    """Conditions of which one is true of a row that says that it is of one of some numbers."""
    return of_customer(dict.fromkeys(columns, "VARCHAR"), ids)


def of_customer(columns: Mapping[str, str], ids: Iterable[str]) -> list[str]:
    """The same, given with the types of columns: one of integers has none of the zeros in front."""
    listed = [*ids]
    bare = [number.lstrip("0") for number in listed if number.isdigit()]
    made = []
    for name in NUMBERS:
        kind = columns.get(name, "")
        if AMOUNT.match(kind) and bare:
            whole = f"try_cast({quote_name(name)} as HUGEINT)::VARCHAR"
            made.append(f"{whole} in ({', '.join(map(quote_text, bare))})")
        elif kind and not AMOUNT.match(kind):
            made.append(f"{text_of(name, kind)} in ({', '.join(map(quote_text, listed))})")
    return made


def containing(shown: Iterable[str], texts: Iterable[str]) -> Iterator[str]:
    """Conditions of which one is true wherever a text stands, however it is written."""
    parts = sorted({part for text in texts for part in ([core(text)] if core(text) else forms(text))})
    for column in shown:
        for part in parts:  # a text that is too short need not be looked through, which takes longest
            yield f"(strlen({column}) >= {len(part.encode())} and contains({column}, {quote_text(part)}))"


def _part(name: str, shown: Iterable[str]) -> str:
    """Whether a column holds a name."""
    held = (f"contains({one}, {quote_text(form)})" for one in shown for form in forms(name))
    return " or ".join(held) or "false"


def _whole(number: str, shown: Iterable[str], amounts: Iterable[str]) -> str:
    """The same for a number beside which no letter or digit stands, or that is an amount."""
    alone = quote_text(f"(^|[^0-9A-Za-z]){re.escape(number)}([^0-9A-Za-z]|$)")
    held = [f"regexp_matches({one}, {alone})" for one in shown]
    return " or ".join([*held, *_equal(number, amounts)]) or "false"


def _equal(number: str, amounts: Iterable[str]) -> Iterator[str]:
    """Conditions of which one is true of a row with an amount that would be written as a number is."""
    if number.isascii() and number.isdigit() and not number.startswith("0"):
        yield from (
            f"coalesce(round({quote_name(one)}::DOUBLE) = {number}::DOUBLE, false)" for one in amounts
        )


def _those(texts: tuple[str, ...], told: tuple[bool | None, ...]) -> frozenset[str]:
    return frozenset(text for text, is_there in zip(texts, told, strict=True) if is_there)
