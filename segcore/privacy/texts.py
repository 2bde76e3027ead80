"""Somebody is taken out of texts: pages, notebooks, logs, and what is packed within them.

A row of a table that is the person's goes as a whole; in a sentence the marker stands for number and name.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from segcore.language import LANGUAGES, say, spoken
from segcore.privacy.packed import PIECE, held, pack, pieces
from segcore.privacy.person import Person
from segcore.sentences import customers, workbook

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
    return any(inner and (person.may_be_in(inner) or b"base64" in inner) for inner in map(held, pieces(data)))


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
    text = _text_in(piece, person)
    made = _rows_or_tokens(text, person)
    return piece if made == text else pack(made, piece)


def _rows_or_tokens(text: str, person: Person) -> str:
    """What is packed without the person: rows of a page of customers, else any text."""
    if text.startswith(ROWS):
        with suppress(ValueError, KeyError, TypeError, IndexError):  # else somebody changed it
            return without_customer(text, person)
    return tokens(text, person)


def _holds(piece: str, person: Person) -> bool:
    """Whether a piece of base64 would be another one without the person; it is not made for that."""
    text = _text_in(piece, person)
    if person.is_in(text):
        return True
    if text.startswith(ROWS):
        with suppress(ValueError, KeyError, TypeError, IndexError):  # else somebody changed it
            return bool(_theirs(json.loads(text), person))
    return any(_holds(found[0], person) for found in PIECE.finditer(text))


def _text_in(piece: str, person: Person) -> str:
    """The text that a piece of base64 holds; "" if it is none, or cannot hold the person."""
    data = held(piece.encode("ascii"))
    if data is None or not (person.may_be_in(data) or b"base64" in data):
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def without_customer(text: str, person: Person) -> str:
    """The rows of a page of customers, see :func:`segcore.customers.rows.packed`, without the person's."""
    given = json.loads(text)
    gone = _theirs(given, person)
    if gone:
        for column in given["columns"]:
            _take_rows(column, gone)
        cards = given["cards"]
        said = {place for row in gone for place in cards["rows"][row][1::2]}
        cards["rows"] = list(_but(cards["rows"], gone))
        for row in cards["rows"]:
            said.difference_update(row[1::2])  # what a card of somebody else says too
        for place in said:
            cards["texts"][place] = ""
    made = json.dumps(given, ensure_ascii=False, separators=(",", ":")) if gone else text
    return person.taken_out(made)


def _theirs(given: Mapping[str, Any], person: Person) -> set[int]:
    """Which rows of a page of customers are the person's."""
    numbers = next((c["values"] for c in given["columns"] if c["key"] == "customer_id"), ())
    return {place for place, number in enumerate(numbers) if number in person.ids}


def _take_rows(column: dict[str, Any], gone: set[int]) -> None:
    """Take rows from a column, and of a coded one the codes that no other row had."""
    before = column["values"]
    column["values"] = list(_but(before, gone))
    if "keys" not in column:
        return
    unused = {before[place] for place in gone} - {*column["values"], -1}
    left = [code for code in range(len(column["keys"])) if code not in unused]
    now = {code: place for place, code in enumerate(left)}
    column["keys"], column["names"] = ([column[of][code] for code in left] for of in ("keys", "names"))
    column["values"] = [now.get(code, -1) for code in column["values"]]


def _but(values: list[Any], gone: set[int]) -> Iterator[Any]:
    return (value for place, value in enumerate(values) if place not in gone)
