"""Somebody is taken out of CSV files for people: the customer's records go, the others stay."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator

from segcore.privacy.person import Person
from segcore.privacy.readable import Where

NUMBERS = "customer_id"
MARK = "\ufeff".encode()
AMOUNT = re.compile(r"""["']*[+-]?\d+[.,]\d+["']*""")


def without(data: bytes, person: Person) -> bytes:
    """A CSV file in UTF-8 without the records of the person; elsewhere the marker stands in its place."""
    table = _header(data)
    is_theirs = _judge(data, table, person)
    pieces, at = [], 0
    for start, end in _records(data, person):
        record = data[start:end].decode("utf-8", "surrogateescape")
        made = _cleaned(record, table, is_theirs, person)
        if made != record:
            pieces += [data[at:start], made.encode("utf-8", "surrogateescape")]
            at = end
    return b"".join([*pieces, data[at:]])


def _header(data: bytes) -> tuple[str, int | None]:
    """The separator, and the place of the customers' numbers; None if there is no such column."""
    line = data[: data.find(b"\n") + 1 or len(data)].removeprefix(MARK).decode("utf-8", "replace")
    separator = max(",;\t|", key=line.count)
    heads = next(csv.reader([line], delimiter=separator), [])
    return separator, heads.index(NUMBERS) if NUMBERS in heads else None


def may_hold(data: bytes, person: Person) -> bool:
    """Whether a CSV file in UTF-8 may hold the person, also without the zeros in front of the number."""
    return person.may_be_in(data) or any(bare.encode() in data for bare in _bare(person))


def _bare(person: Person) -> set[str]:
    """The person's numbers as programs for spreadsheets write them that take digits for an amount."""
    return {number.lstrip("0") for number in person.ids if number.isdigit() and number[0] == "0"} - {""}


def _judge(data: bytes, table: tuple[str, int | None], person: Person) -> Callable[[str], bool]:
    """Whether a cell of customers' numbers is the person's; without zeros if no such cell has any."""
    ids = {*person.ids}
    if _bare(person) and not _has_zeros(data, table):
        ids |= _bare(person)
    return lambda cell: cell in ids or cell.removeprefix("'") in ids


def _has_zeros(data: bytes, table: tuple[str, int | None]) -> bool:
    """Whether a customer's number begins with a zero, so that none was taken off; or nobody can tell."""
    separator, place = table
    if place is None:
        return True
    lines = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="")
    try:
        found = (cells[place] for cells in csv.reader(lines, delimiter=separator) if place < len(cells))
        return any(number.removeprefix("'").startswith("0") for number in found)
    except csv.Error:
        return True


def _cleaned(
    record: str, table: tuple[str, int | None], is_theirs: Callable[[str], bool], person: Person
) -> str:
    separator, place = table
    cells = next(csv.reader(record.splitlines(keepends=True), delimiter=separator), [])
    if place is not None and place < len(cells) and is_theirs(cells[place]):
        return ""
    return person.taken_out(record, _but_amounts(record, separator))


def _but_amounts(record: str, separator: str) -> Where:
    """Where words stand in a record: in no cell that is an amount such as ``20100342,5``."""
    cell = re.compile(rf'"(?:[^"]|"")*"|[^{re.escape(separator)}\r\n"]+')
    amounts = [one.span() for one in cell.finditer(record) if AMOUNT.fullmatch(one[0])]
    return lambda begin, end: not any(start <= begin and end <= behind for start, behind in amounts)


def _records(data: bytes, person: Person) -> Iterator[tuple[int, int]]:
    """Where the records begin and end that may hold the person, ascending, each once."""
    done, quotes, counted = 0, 0, 0
    for hit in _hits(data, person):
        if hit < done:
            continue
        start = data.rfind(b"\n", done, hit) + 1 or done
        quotes, counted = quotes + data.count(b'"', counted, start), start
        while quotes % 2 and start > done:  # the line end before it stands within a quote
            before = data.rfind(b"\n", done, start - 1) + 1 or done
            quotes, start = quotes - data.count(b'"', before, start), before
            counted = start
        end = _end(data, start)
        yield start, end
        quotes, counted, done = quotes + data.count(b'"', counted, end), end, end


def _end(data: bytes, start: int) -> int:
    """Where a record that begins at a place ends: behind the line end that no quote holds."""
    end, quotes = start, 0
    while True:
        line = data.find(b"\n", end)
        behind = len(data) if line < 0 else line + 1
        quotes += data.count(b'"', end, behind)
        end = behind
        if quotes % 2 == 0 or end >= len(data):
            return end


def _hits(data: bytes, person: Person) -> list[int]:
    found = set(person.places(data))
    for number in (*person.ids, *_bare(person)):
        whole = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(number.encode()) + rb"(?![0-9A-Za-z])")
        found |= {match.start() for match in whole.finditer(data)}
    return sorted(found)
