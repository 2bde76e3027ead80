"""The header of a file: found by the names that the study maps, wherever it stands."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from segcore.errors import InputError
from segcore.params import Source
from segcore.sources.formats import COVERED
from segcore.sources.values import BLANKS, UNSEEN

WITHIN = 50
"""Rows in which the header must stand; titles and prompts above it are fewer."""

WIDEST = 2_000
"""Columns of a file. Real extracts have up to 300."""

AGAIN = "ask for the export again"


@dataclass(frozen=True)
class Header:
    """Where a header stands and what it says.

    Parameters
    ----------
    record
        Its line or row; 0 if the file has none.
    names
        Its fields, without blanks around them; "" where a column has no name.
    fields
        The fields as they stand in the file, to know them again on the next page.
    """

    record: int
    names: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def open_end(self) -> bool:
        """Whether a delimiter at the end of each line makes a last column without a name."""
        return bool(self.record and self.names) and not self.names[-1]


def find_header(
    name: str, source: Source, rows: Iterable[tuple[int, Sequence[str]]], *, splits: bool
) -> Header:
    """Find the header of a file.

    Parameters
    ----------
    name
        The file's name, for messages.
    source
        What the study says about it.
    rows
        Line or row → its fields, from the beginning.
    splits
        Whether fields are told apart by a delimiter that the study declares.

    Raises
    ------
    InputError
        With every column that there is not, or what else is wrong with the header.
    """
    layout, filled = source.layout, [(at, tuple(row)) for at, row in rows if any(map(clean, row))]
    if not filled:
        raise InputError(f"{name}: must hold a header and records (the file is empty); {AGAIN}")
    if layout.header == "none":
        width = len(filled[0][1])
        return _checked(name, source, Header(0, ("",) * width, ()), splits=splits)
    if layout.header is not None:
        at, row = next(((a, r) for a, r in filled if a == layout.header), (0, ()))
        if not at:
            raise InputError(
                f"{name}: must have its header in line {layout.header}, as format.header says (nothing "
                "stands there); mend format.header, or leave it out so that the header is found by its names"
            )
        return _checked(name, source, _header(at, row), splits=splits)
    wanted = set(source.columns_by_file())
    if not wanted:
        raise InputError(
            f"{name}: must say where its header stands, since every column is given by position; "
            "set format.header to its line, or to none"
        )
    header, matching = likeliest(filled, lambda names: len(wanted & set(names)))
    place = matching.index(max(matching))
    early = next((n for n, held in enumerate(matching[:place]) if held > 1 and held * 2 >= len(wanted)), None)
    if early is not None:
        raise InputError(
            f"{name}: must have one header (lines {filled[early][0]} and {filled[place][0]} both look like "
            "one, and what stands between them would be lost); deliver the parts as files of their own, or "
            "say which it is in format.header"
        )
    return _checked(name, source, header, splits=splits)


def likeliest(
    rows: Sequence[tuple[int, Sequence[str]]], like: Callable[[tuple[str, ...]], float]
) -> tuple[Header, list[float]]:
    """The row that is most like a header, the first of equals; and how much so each of them is.

    Parameters
    ----------
    rows
        Line or row → its fields, from the beginning; blank ones left out.
    like
        How much a row of names is like a header.
    """
    headers = [_header(*row) for row in rows[:WITHIN]]
    likeness = [like(header.names) for header in headers]
    return headers[likeness.index(max(likeness))], likeness


def _header(at: int, row: Sequence[str]) -> Header:
    return Header(at, tuple(map(clean, row)), tuple(row))


def clean(text: str | None) -> str:
    """A name as people read it: without blanks around it and signs that nobody sees; none where a cell
    before it or above it covers its place.
    """
    seen = "" if text in (None, COVERED) else text.translate(dict.fromkeys(map(ord, UNSEEN)))
    return unicodedata.normalize("NFC", seen).strip(BLANKS)


def _checked(name: str, source: Source, header: Header, *, splits: bool) -> Header:
    if len(header.names) > WIDEST:
        raise InputError(
            f"{name}: must have at most {WIDEST:,} columns (line {header.record} has {len(header.names):,}); "
            "deliver the table alone"
        )
    problems = [*_wrong_names(name, source, header, splits=splits), *_wrong_places(name, source, header)]
    if problems:
        raise InputError(*problems)
    return header


def _wrong_names(name: str, source: Source, header: Header, *, splits: bool) -> Iterator[str]:
    wanted, names = source.columns_by_file(), header.names
    missing = {column: canonical for column, canonical in wanted.items() if column not in names}
    if missing and any("\0" in text for text in names):
        yield (
            f"{name}: must be text in {source.layout.encoding} (its header holds zero bytes, "
            "as UTF-16 does); set format.encoding to what the export writes, often utf-16-le"
        )
        return
    if missing and splits and (told := _other_delimiter(source.layout.delimiter, names)):
        yield f"{name}: {told}"
        return
    if missing and splits and any(text.startswith(source.layout.quote) for text in names):
        yield (
            f"{name}: every quote must be closed (one in the header, line {header.record}, is open); "
            "mend the file"
        )
        return
    times = Counter(names)
    for column in sorted(column for column in wanted if times[column] > 1):
        first = names.index(column) + 1
        yield (
            f"{name}: the column {column!r} must stand in the header once (got it {times[column]} "
            f"times); rename one in the export, or give its position, like from: {first}"
        )
    if len(missing) == len(wanted) > 0:
        yield _no_header(name, header, wanted)
        return
    for column, canonical in missing.items():
        yield _missing(name, column, canonical, names, wanted)


def _other_delimiter(delimiter: str, names: Sequence[str]) -> str:
    other = next((d for d in ";,|\t" if d != delimiter and len(names) == 1 and d in names[0]), None)
    if other is None:
        return ""
    return (
        f"must be separated by {delimiter!r}, as format.delimiter says "
        f"(the header looks separated by {other!r}); mend format.delimiter"
    )


def _no_header(name: str, header: Header, wanted: Mapping[str, str]) -> str:
    return (
        f"{name}: must have a header with {', '.join(map(repr, wanted))} in its first {WITHIN} lines "
        f"(none of them is there; line {header.record} is {', '.join(header.names)[:200]}); {AGAIN}, "
        "or mend the names in columns:"
    )


def _missing(name: str, column: str, canonical: str, names: Sequence[str], wanted: Mapping[str, str]) -> str:
    spare = [n for n in names if n and n not in wanted]
    close = difflib.get_close_matches(column, spare, n=1, cutoff=0.5)
    hint = f"did {column!r} become {close[0]!r}? then mend" if close else f"{AGAIN}, or mend"
    return (
        f"{name}: must have the column {column!r} for {canonical} (got {', '.join(names)}); "
        f"{hint} columns.{canonical}"
    )


def unlike(name: str, source: Source, header: Header, first: tuple[str, Header]) -> Iterator[str]:
    """What is wrong with the header of a file beside another file of the source: its name and header.

    Columns that are known by position stand at the same places in all files.
    """
    places = [column.from_ for column in source.columns.values() if isinstance(column.from_, int)]
    other, known = first
    mine, theirs = header.names, known.names
    if not places:
        return
    why = f"for the study knows columns by position; {AGAIN} in the form of the others, or give their names"
    if not header.record and len(mine) != len(theirs):
        yield f"{name}: must have as many columns as {other} (it has {len(mine)}, not {len(theirs)}), {why}"
    for at, (own, there) in enumerate(zip(mine[: max(places)], theirs, strict=False), start=1):
        if own != there:
            yield f"{name}: must have the columns of {other} (column {at} is {own!r}, there {there!r}), {why}"
            return


def contradictions(name: str, source: Source, *, typed: bool) -> Iterator[str]:
    """What a study says of columns and their format contradicts; ``typed`` if cells have their own types."""
    layout = source.layout
    forms = {form for column in source.columns.values() for form in column.date or layout.date}
    if typed and (form := next((form for form in sorted(forms) if form.startswith("%Y-%d-%m")), "")):
        yield (
            f"{name}: must not be read with dates like {form}, for the days of its cells are told like "
            "%Y-%m-%d, and one text would be two dates; deliver it as CSV"
        )
    for canonical, column in source.columns.items():
        if column.thousands and column.thousands == (column.decimal or layout.decimal):
            yield (
                f"{name}: columns.{canonical}.thousands must differ from its decimal sign (both are "
                f"{column.thousands!r}); say decimal: there, too"
            )
        if typed and column.decimal not in (None, layout.decimal):
            yield (
                f"{name}: columns.{canonical}.decimal must be that of the format, {layout.decimal!r}, for so "
                f"the numbers of its cells are told (got {column.decimal!r}); say it in format.decimal"
            )


def _wrong_places(name: str, source: Source, header: Header) -> Iterator[str]:
    width = len(header.names)
    for canonical, column in source.columns.items():
        if isinstance(column.from_, int) and column.from_ > width:
            yield (
                f"{name}: must have a column {column.from_} for {canonical} (it has {width}); "
                f"mend columns.{canonical}"
            )
