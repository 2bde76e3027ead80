"""Sound files in several formats, and mutations of their bytes."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

HEADER = ("Kunde", "Name", "Auftrag", "Datum", "Sparte", "Umsatz")
WIDTHS = (8, 16, 12, 12, 8, 14)
ORDERS = 24
NAMES = ("Müller & Söhne", "Bäcker Groß", "Café Zoë", "Jürgens", "Öl und Farben")
AMOUNTS = ("1.234,56", "0,05", "-100,00", "12.345.678,90", "10,50", "99,99", "1.000,00", "7,00")

Row = tuple[str, ...]


def orders(prefix: str) -> list[Row]:
    """Orders whose numbers no other file has, as they stand in a file."""
    return [
        (
            f"K{100 + n % 7}",
            NAMES[n % len(NAMES)],
            f"{prefix}-{n:02}",
            f"{(3, 8, 17, 24, 12, 28)[n % 6]:02}.{1 + n // 2:02}.2025",
            ("Büro", "Küche", "Möbel")[n % 3],
            AMOUNTS[n % len(AMOUNTS)],
        )
        for n in range(ORDERS)
    ]


@dataclass(frozen=True)
class Form:
    """A format of files.

    Parameters
    ----------
    ending
        Of the file's name.
    said
        What a study says of it.
    write
        Rows with their header → the bytes of the file.
    encoding
        How its text is encoded; "" where it is no text.
    quotes, packed
        Whether quotes mean something in it, and whether its text is packed with gzip.
    share
        How many of all files are in it.
    delimiter
        What stands between its columns; "" where nothing does.
    """

    ending: str
    said: Mapping[str, Any]
    write: Callable[[list[Row]], bytes]
    encoding: str = ""
    quotes: bool = False
    packed: bool = False
    share: int = 0
    delimiter: str = ""


def _joined(sign: str, encoding: str, newline: str = "\r\n") -> Callable[[list[Row]], bytes]:
    return lambda rows: "".join(sign.join(row) + newline for row in rows).encode(encoding)


def _quoted(rows: list[Row]) -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows).encode()


def _listed(rows: list[Row]) -> bytes:
    lines = ["|" + "|".join(c.ljust(w) for c, w in zip(row, WIDTHS, strict=True)) + "|" for row in rows]
    rule = "-" * len(lines[0])
    return "".join(line + "\r\n" for line in (rule, lines[0], rule, *lines[1:], rule)).encode("cp1252")


def _fixed(rows: list[Row]) -> bytes:
    lines = ("".join(c.ljust(w) for c, w in zip(row, WIDTHS, strict=True)) for row in rows)
    return "".join(line + "\r\n" for line in lines).encode("cp1252")


def _workbook(rows: list[Row]) -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            for k, cell in enumerate(row):
                sheet.write_string(n, k, cell)
    return made.getvalue()


FORMS: Mapping[str, Form] = {
    "semicolons": Form(
        ".csv",
        {"encoding": "cp1252", "delimiter": ";", "quote": "none"},
        _joined(";", "cp1252"),
        "cp1252",
        share=30,
        delimiter=";",
    ),
    "quoted": Form(".csv", {"delimiter": ","}, _quoted, "utf-8", quotes=True, share=25, delimiter=","),
    "tabs": Form(
        ".txt",
        {"delimiter": "\t", "quote": "none"},
        _joined("\t", "utf-16"),
        "utf-16",
        share=15,
        delimiter="\t",
    ),
    "list": Form(".txt", {"type": "list", "encoding": "cp1252"}, _listed, "cp1252", share=10, delimiter="|"),
    "fixed": Form(
        ".txt", {"type": "fixed", "encoding": "cp1252", "widths": list(WIDTHS)}, _fixed, "cp1252", share=10
    ),
    "gzip": Form(
        ".csv.gz", {"delimiter": ";"}, _joined(";", "utf-8"), "utf-8", True, True, share=8, delimiter=";"
    ),
    "workbook": Form(".xlsx", {}, _workbook, share=2),
}
"""The formats by name."""


@dataclass(frozen=True)
class Mutant:
    """A file with mutations.

    Parameters
    ----------
    content
        Its bytes.
    text
        The bytes of its text; None where it has none, or they can no longer be unpacked.
    touched
        The orders that mutations touched, by number; None if all may be.
    what
        What was done, for messages.
    """

    content: bytes
    text: bytes | None
    touched: frozenset[int] | None
    what: tuple[str, ...]


def mutant(random: Random, form: Form, rows: list[Row]) -> Mutant:
    """A sound file with one to four mutations: of one record each, or of the file as a whole."""
    sound = form.write([HEADER, *rows])
    if form.encoding and not form.quotes and random.random() < 0.5:
        return _of_records(random, form, sound)
    content, done = sound, []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        name = random.choice(list(WHOLE))
        content = WHOLE[name](random, content, form)
        done.append(name)
    if not form.packed:
        return Mutant(content, content if form.encoding else None, None, tuple(done))
    if random.random() < 0.7:
        return Mutant(gzip.compress(content, mtime=0), content, None, tuple(done))
    torn = WHOLE[done[0]](random, gzip.compress(sound, mtime=0), replace(form, encoding="latin-1"))
    return Mutant(torn, None, None, (done[0],))


def _of_records(random: Random, form: Form, sound: bytes) -> Mutant:
    """Mutations within single lines that hold an order, of a format in which quotes are nothing."""
    lines = sound.decode(form.encoding).splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if "Kunde" in line) + 1
    places = [n for n in range(first, len(lines)) if lines[n].strip("-\r\n")]
    touched, done = set(), []
    for _ in range(random.choice((1, 2, 3, 4))):
        at = random.choice(range(len(places)))
        name = random.choice(list(SINGLE))
        body = lines[places[at]].rstrip("\r\n")
        lines[places[at]] = SINGLE[name](random, body, form) + "\r\n"
        touched.add(at)
        done.append(f"{name} in order {at}")
    content = "".join(lines).encode(form.encoding, errors="replace")
    return Mutant(content, content, frozenset(touched), tuple(done))


# Mutations of one line. What ends a line may not be in it, or it would be two.

ODD = "\0\x01\x1a\x1c\x1f\x7f\xa0\xad#'=-+*()0123456789eE.,;|\t\"%äÄß€ "


def _replace(random: Random, line: str, form: Form) -> str:
    at = random.randrange(len(line) or 1)
    return line[:at] + random.choice(ODD) + line[at + 1 :]


def _insert(random: Random, line: str, form: Form) -> str:
    at = random.randrange(len(line) + 1)
    return line[:at] + random.choice(ODD) * random.choice((1, 1, 1, 2, 300)) + line[at:]


def _drop(random: Random, line: str, form: Form) -> str:
    at = random.randrange(len(line) or 1)
    return line[:at] + line[at + random.randrange(1, 12) :]


def _cut(random: Random, line: str, form: Form) -> str:
    return line[: random.randrange(len(line) or 1)]


def _swap(random: Random, line: str, form: Form) -> str:
    if not form.delimiter:
        return line[::-1]
    cells = line.split(form.delimiter)
    random.shuffle(cells)
    return form.delimiter.join(cells)


def _again(random: Random, line: str, form: Form) -> str:
    return line + line


SINGLE: Mapping[str, Callable[[Random, str, Form], str]] = {
    "another character": _replace,
    "characters more": _insert,
    "characters fewer": _drop,
    "a line cut off": _cut,
    "columns swapped": _swap,
    "a line twice in one": _again,
}
"""What is done to one record."""


# Mutations of a whole file.


def _flip(random: Random, content: bytes, form: Form) -> bytes:
    if not content:
        return content
    at = random.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1 :]


def _tail(random: Random, content: bytes, form: Form) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _gap(random: Random, content: bytes, form: Form) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + content[at + random.randrange(1, 200) :]


def _splice(random: Random, content: bytes, form: Form) -> bytes:
    start, to = (random.randrange(len(content) + 1) for _ in range(2))
    return content[:to] + content[start : start + random.randrange(1, 300)] + content[to:]


def _signs(random: Random, content: bytes, form: Form) -> bytes:
    sign = random.choice(
        ('"', "'", ";", ",", "\t", "\r", "\n", "\r\n", '""', '"\n', "\0", "\x1a", "\ufeff", "|")
    )
    piece = sign.encode("utf-16-le" if form.encoding == "utf-16" else "utf-8")
    at = random.randrange(len(content) + 1)
    return content[:at] + piece + content[at:]


def _line_twice(random: Random, content: bytes, form: Form) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at, to = random.randrange(len(lines)), random.randrange(len(lines) + 1)
    return b"".join([*lines[:to], lines[at], *lines[to:]])


def _block_twice(random: Random, content: bytes, form: Form) -> bytes:
    return content + content[random.randrange(len(content) + 1) :]


def _encoding(random: Random, content: bytes, form: Form) -> bytes:
    try:
        text = content.decode(form.encoding or "latin-1")
        at = random.randrange(len(text) + 1)
        codec = random.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "cp850"))
        rest = text[at:].encode(form.encoding or "latin-1", errors="replace")
        return text[:at].encode(codec, errors="replace") + (rest if random.random() < 0.5 else b"")
    except UnicodeDecodeError:
        return content


def _ends(random: Random, content: bytes, form: Form) -> bytes:
    end = random.choice((b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r\n"))
    if random.random() < 0.5:
        return re.sub(rb"\r?\n", lambda _: end, content)
    return re.sub(rb"\r?\n", lambda found: end if random.random() < 0.2 else found[0], content)


WHOLE: Mapping[str, Callable[[Random, bytes, Form], bytes]] = {
    "a bit flipped": _flip,
    "the end cut off": _tail,
    "a piece cut out": _gap,
    "a piece elsewhere": _splice,
    "a sign more": _signs,
    "a line twice": _line_twice,
    "a block twice": _block_twice,
    "another encoding": _encoding,
    "other ends of lines": _ends,
}
"""What is done to a file."""
