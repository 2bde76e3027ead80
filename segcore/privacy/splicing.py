"""A Parquet file with some of its row groups made anew; all others are copied as they are.

Of a table of a million customers one group in nine holds a person, and of ten million orders one in eighty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

from segcore.privacy.thrift import Reader, Struct, written

MAGIC = b"PAR1"
SCHEMA, ROWS, GROUPS = 2, 3, 4
COLUMNS, GROUP_ROWS, GROUP_AT = 1, 3, 5
AT, META, OFFSETS, BOUNDS = 2, 3, (4, 5), (6, 7)
PAGES = (9, 10, 11)
"""Fields of the metadata of a column: where its pages begin, its index page and its dictionary."""
BLOOM, PACKED = (14, 15), 7
BUFFER = 1 << 22

Range = tuple[int, int]


def groups_of(path: Path) -> list[Range]:
    """The first row of every row group and the first one behind it, from 0."""
    counts = [group[GROUP_ROWS][1] for group in _groups(_footer(path)[0])]
    ends = [*accumulate(counts)]
    return [(end - count, end) for end, count in zip(ends, counts, strict=True)]


def same_columns(one: Path, other: Path) -> bool:
    """Whether two files have the same columns, also in which of them NULL may stand."""
    first, second = (_footer(path)[0][SCHEMA] for path in (one, other))
    return first == second


def splice(path: Path, target: Path, made: Callable[[int], Path | None], places: Sequence[int]) -> bool:
    """Write a Parquet file whose row groups at some places are those of other files.

    Parameters
    ----------
    path, target
        The file, and where to write the new one.
    made
        Place of a group → a file that holds what stands there instead, None for no row.
    places
        The places of the groups.

    Returns
    -------
    bool
        False if a file is not such that this can be done; then nothing of use is written.
    """
    footer, end = _footer(path)
    groups: list[Struct] = []
    _check_whole(footer, end)
    dropped = sorted(span for place in places for span in _spans(_groups(footer)[place]))
    with target.open("wb") as out, path.open("rb") as source:
        _copy_without(source, out, end, dropped)
        for place, group in enumerate(_groups(footer)):
            if place not in places:
                groups.append(_moved(group, lambda at: at - _before(dropped, at)))
            elif (other := made(place)) is not None:
                new, length = _footer(other)
                if new[SCHEMA] != footer[SCHEMA]:
                    return False
                groups += _appended(other, out, new, length)
        rows = sum(group[GROUP_ROWS][1] for group in groups)
        told = {**footer, ROWS: (footer[ROWS][0], rows), GROUPS: (footer[GROUPS][0], (12, groups))}
        foot = written(told)
        out.write(foot + len(foot).to_bytes(4, "little") + MAGIC)
    return True


def _check_whole(footer: Struct, end: int) -> None:
    """Make sure that every byte belongs to a row group: what does not might be of one that goes."""
    at = len(MAGIC)
    for start, behind in sorted(span for group in _groups(footer) for span in _spans(group)):
        if start != at:
            raise ValueError("every byte must belong to a row group")
        at = behind
    if at != end:
        raise ValueError("every byte must belong to a row group")


def _footer(path: Path) -> tuple[Struct, int]:
    """What a file says of itself, and where that begins."""
    with path.open("rb") as file:
        size = file.seek(-8, 2) + 8
        tail = file.read(8)
        if tail[4:] != MAGIC:
            raise ValueError(f"{path}: must be a Parquet file")
        start = size - 8 - int.from_bytes(tail[:4], "little")
        file.seek(start)
        return Reader(file.read(size - 8 - start)).struct(), start


def _groups(footer: Struct) -> list[Struct]:
    found: list[Struct] = footer[GROUPS][1][1]
    return found


def _appended(path: Path, out: IO[bytes], footer: Struct, end: int) -> Iterator[Struct]:
    """Write the groups of another file behind what is written; gives what to say of them."""
    by = out.tell() - len(MAGIC)
    with path.open("rb") as file:
        file.seek(len(MAGIC))
        _copy(file, out, end - len(MAGIC))
    yield from (_moved(group, lambda at: at + by) for group in _groups(footer))


def _spans(group: Struct) -> Iterator[Range]:
    """Where the bytes of a row group lie, with filters and indexes of its columns."""
    for chunk in group[COLUMNS][1][1]:
        meta: Struct = chunk[META][1]
        starts = [meta[field][1] for field in PAGES if field in meta and meta[field][1] > 0]
        yield min(starts), min(starts) + meta[PACKED][1]
        for fields, struct in ((BLOOM, meta), (OFFSETS, chunk), (BOUNDS, chunk)):
            if fields[0] in struct and fields[1] in struct:
                yield struct[fields[0]][1], struct[fields[0]][1] + struct[fields[1]][1]
            elif fields[0] in struct:
                raise ValueError("a filter must say how long it is")


def _moved(group: Struct, to: Callable[[int], int]) -> Struct:
    """What is said of a group whose bytes lie elsewhere."""
    chunks = []
    for chunk in group[COLUMNS][1][1]:
        meta = _shifted(chunk[META][1], (*PAGES, BLOOM[0]), to)
        chunks.append(_shifted({**chunk, META: (12, meta)}, (AT, OFFSETS[0], BOUNDS[0]), to))
    return _shifted({**group, COLUMNS: (group[COLUMNS][0], (12, chunks))}, (GROUP_AT,), to)


def _shifted(struct: Struct, fields: Sequence[int], to: Callable[[int], int]) -> Struct:
    def value(field: int, kind: int, known: Any) -> tuple[int, Any]:
        return (kind, to(known)) if field in fields and known > 0 else (kind, known)

    return {field: value(field, *told) for field, told in struct.items()}


def _before(spans: Sequence[Range], at: int) -> int:
    return sum(end - start for start, end in spans if end <= at)


def _copy_without(source: IO[bytes], out: IO[bytes], end: int, spans: Sequence[Range]) -> None:
    at = 0
    for start, behind in [*spans, (end, end)]:
        if start < at:
            raise ValueError("parts of row groups must not overlap")
        source.seek(at)
        _copy(source, out, start - at)
        at = behind


def _copy(source: IO[bytes], out: IO[bytes], size: int) -> None:
    while size > 0:
        piece = source.read(min(size, BUFFER))
        if not piece:
            raise ValueError("the file must not end before what it says")
        out.write(piece)
        size -= len(piece)


__all__ = ["groups_of", "same_columns", "splice"]
