"""Somebody is taken out of texts: pages, notebooks, logs, and what is packed within them.

A row of a table that is the person's goes as a whole; in a sentence the marker stands for number and name.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import string
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from segcore.customers.rows import GZIP
from segcore.language import LANGUAGES, say, spoken
from segcore.privacy.person import Person
from segcore.sentences import customers, workbook

PIECE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{120,}={0,2}")
"""What may be base64."""

SIGNS = frozenset(string.ascii_letters + string.digits + "+/")
SAME = bytes(ord("A") if chr(byte) in SIGNS else ord(" ") for byte in range(256))
"""Every sign of base64 as the same one, and what is none as another: long runs of it are found at once."""
ROWS = '{"columns":'
"""How the rows of a page of customers begin."""

CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
COLUMNS = re.compile(r"\S {2,}\S")


def page(text: str, person: Person) -> str:
    """A page of HTML without the person."""
    made = PIECE.sub(lambda found: _unpacked(found[0], person), text)
    if person.common:
        made = TABLE.sub(lambda found: _numbered_rows(found[0], person), made)
    if person.is_in(made):
        made = _without_rows(made, person)
    return person.taken_out(made)


def plain(text: str, person: Person) -> str:
    """A text in lines: what looks like a row of a table goes, else the marker stands in it."""
    if not person.is_in(text):
        return text
    lines = text.splitlines(keepends=True)
    return "".join(
        person.taken_out(line)
        for line in lines
        if not (COLUMNS.search(line.strip("\r\n")) and person.is_in(line))
    )


def notebook(text: str, person: Person) -> str:
    """An executed notebook; its cells' code as well, for somebody may have asked for the customer there."""
    node = json.loads(text)
    for cell in node.get("cells", ()):
        for output in cell.get("outputs", ()):
            _output(output, person)
    made = within(node, person)
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def tokens(text: str, person: Person) -> str:
    """Any other text: only number and name are replaced, also within what is packed."""
    return person.taken_out(PIECE.sub(lambda found: _unpacked(found[0], person), text))


def may_hold(data: bytes, person: Person) -> bool:
    """Whether a text in UTF-8 may hold the person, also packed within it: false for most, and told soon."""
    if person.may_be_in(data):
        return True
    for piece in pieces(data):
        raw = _decoded(piece.decode("ascii")) or b""
        held = _inflated(raw) if raw.startswith(b"\x1f\x8b") else raw
        if held and (person.may_be_in(held) or b"base64" in held):
            return True
    return False


def pieces(data: bytes) -> Iterator[bytes]:
    """What :data:`PIECE` finds in a text in UTF-8, in a tenth of the time."""
    signs, run = data.translate(SAME), b"A" * 120
    at = signs.find(run)
    while at >= 0:
        end = signs.find(b" ", at)
        end = end if end >= 0 else len(signs)
        filled = len(data[end : end + 2]) - len(data[end : end + 2].lstrip(b"="))
        yield data[at : end + filled]
        at = signs.find(run, end)


def holds(text: str, person: Person) -> bool:
    """Whether a text holds the person, also packed within it."""
    if person.may_be_in(text.encode("utf-8", "surrogateescape")) and (
        person.is_in(text) or (person.common and _numbered(text, person))
    ):
        return True
    return any(_holds(found[0], person) for found in PIECE.finditer(text))


def _output(output: dict[str, Any], person: Person) -> None:
    if "text" in output:
        output["text"] = _like(output["text"], plain, person)
    for kind, data in output.get("data", {}).items():
        if kind == "text/html":
            output["data"][kind] = _like(data, page, person)
        elif kind == "text/plain":
            output["data"][kind] = _like(data, plain, person)


def _like(data: Any, clean: Any, person: Person) -> Any:
    """A text that a notebook keeps whole or in lines, cleaned and kept in the same way."""
    whole = data if isinstance(data, str) else "".join(data)
    made = clean(whole, person)
    if made == whole:
        return data
    return made if isinstance(data, str) else made.splitlines(keepends=True)


def within(value: Any, person: Person) -> Any:
    """A JSON value with the marker in its texts; those that are cut into lines are looked at as a whole."""
    if isinstance(value, str):
        return tokens(value, person)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return _like(value, tokens, person)
    if isinstance(value, list):
        return [within(one, person) for one in value]
    if isinstance(value, dict):
        return {person.taken_out(key): within(one, person) for key, one in value.items()}
    return value


def _without_rows(text: str, person: Person) -> str:
    """A page without the rows that hold the person, as far as no cell goes over several rows."""
    pieces, at = [], 0
    for hit in person.spans(text):
        start, end = _row_around(text, *hit)
        if start >= at and end > start and "rowspan" not in text[start:end]:
            pieces.append(text[at:start])
            at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _row_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the row of a table that a place stands in begins and ends; an empty span if it is in none."""
    for opening, closing in (("<tr", "</tr>"), ("<a:tr", "</a:tr>")):
        begin = text.rfind(opening, 0, start)
        if begin < 0 or text.find(closing, begin, start) >= 0:
            continue
        close = text.find(closing, end)
        if close >= 0 and '<th scope="col"' not in text[begin:close]:
            behind = close + len(closing)
            return begin, behind + (len(text) - behind - len(text[behind:].lstrip("\n")) > 0)
    return 0, 0


def _numbered_rows(table: str, person: Person) -> str:
    """A table without rows whose cell of customers' numbers is a common number of the person."""
    rows = list(re.finditer(r"<tr\b[^>]*>.*?</tr>\n?", table, re.DOTALL))
    gone = {row.span() for row in rows if _is_of(row[0], _place_of_numbers(rows), person)}
    if not gone:
        return table
    pieces, at = [], 0
    for start, end in sorted(gone):
        pieces.append(table[at:start])
        at = end
    return "".join([*pieces, table[at:]])


@cache
def heads() -> frozenset[str]:
    """The heads, in every language, of columns in which a customer's number stands."""
    found = {"customer_id"}
    for language in LANGUAGES:
        with spoken(language):
            found |= {customers.HEADS["customer_id"], workbook.COLUMN["customer"][0], say("Customer")}
    return frozenset(map(str.casefold, found))


def _place_of_numbers(rows: list[re.Match[str]]) -> int | None:
    found = [_words(cell[3]) for cell in CELL.finditer(rows[0][0])] if rows else []
    return next((place for place, head in enumerate(found) if head.casefold() in heads()), None)


def _is_of(row: str, place: int | None, person: Person) -> bool:
    cells = [_words(cell[3]) for cell in CELL.finditer(row)]
    return place is not None and place < len(cells) and cells[place] in person.common


def _numbered(text: str, person: Person) -> bool:
    return any(_numbered_rows(found[0], person) != found[0] for found in TABLE.finditer(text))


def _words(cell: str) -> str:
    return html.unescape(TAG.sub("", cell)).strip()


def _unpacked(piece: str, person: Person) -> str:
    """What base64 and gzip hold without the person; the same text if it holds nobody or is none."""
    text, packed = _inside(piece, person)
    clean = without_customer if text.startswith(ROWS) else tokens
    made = clean(text, person) if text else text
    if made == text:
        return piece
    data = made.encode()
    if packed:
        packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
        data = packer.compress(data) + packer.flush()
    return base64.b64encode(data).decode("ascii")


def _holds(piece: str, person: Person) -> bool:
    """Whether a piece of base64 would be another one without the person."""
    text, _ = _inside(piece, person)
    if person.is_in(text):
        return True
    if text.startswith(ROWS):
        return bool(person.common and _rows_of(json.loads(text), person))
    return any(_holds(found[0], person) for found in PIECE.finditer(text))


def _inside(piece: str, person: Person) -> tuple[str, bool]:
    """The text that base64 holds, "" if it is none or cannot hold the person, and whether gzip packed it."""
    raw = _decoded(piece) or b""
    packed = raw.startswith(b"\x1f\x8b")
    data = (_inflated(raw) if packed else raw) or b""
    if not (person.may_be_in(data) or b"base64" in data):
        return "", packed
    try:
        return data.decode(), packed
    except UnicodeDecodeError:
        return "", packed


def _decoded(piece: str) -> bytes | None:
    try:
        return base64.b64decode(piece, validate=True)
    except (ValueError, binascii.Error):
        return None


def _inflated(raw: bytes) -> bytes | None:
    try:
        return zlib.decompress(raw, GZIP)
    except zlib.error:
        return None


def without_customer(text: str, person: Person) -> str:
    """The rows of a page of customers, see :func:`segcore.customers.rows.packed`, without the person's."""
    held = json.loads(text)
    gone = _rows_of(held, person)
    if gone:
        for column in held["columns"]:
            column["values"] = list(_but(column["values"], gone))
        cards = held["cards"]
        theirs = {place for row in gone for place in cards["rows"][row][1::2]}
        cards["rows"] = list(_but(cards["rows"], gone))
        for row in cards["rows"]:
            theirs.difference_update(row[1::2])  # what a card of somebody else says too
        for place in theirs:
            cards["texts"][place] = ""
    made = json.dumps(held, ensure_ascii=False, separators=(",", ":")) if gone else text
    return person.taken_out(made)


def _rows_of(held: Mapping[str, Any], person: Person) -> set[int]:
    """Which rows of a page of customers are the person's."""
    numbers = next((c["values"] for c in held["columns"] if c["key"] == "customer_id"), ())
    return {place for place, number in enumerate(numbers) if number in person.ids}


def _but(values: list[Any], gone: set[int]) -> Iterator[Any]:
    return (value for place, value in enumerate(values) if place not in gone)
