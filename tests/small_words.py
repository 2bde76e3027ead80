"""What people read in the files of a run: visible words, and those that only a screen reader says."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROWS = re.compile(r'<script type="application/gzip" id="rows">([^<]*)</script>')
SAID = re.compile(r'\b(?:alt|aria-label|title|placeholder|data-l)="([^"]*)"')
PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
TEXT = re.compile(r"<(?:[a-z]+:)?t(?: [^>]*)?>([^<]*)</(?:[a-z]+:)?t>")


def of_page(path: Path) -> Iterator[str]:
    """The texts of a page, and of the pictures in it."""
    text = path.read_text(encoding="utf-8")
    for found in ROWS.findall(text):
        yield from _of_rows(json.loads(zlib.decompress(base64.b64decode(found), 31)))
    for code in PICTURE.findall(text):
        yield from _of_markup(base64.b64decode(code).decode())
    yield from _of_markup(re.sub(r"data:[a-z]+/[^\"]*", "", text))


def _of_markup(text: str) -> Iterator[str]:
    text = re.sub(r"(?s)<(style|script)\b.*?</\1>|<!--.*?-->", " ", text)
    yield from map(html.unescape, SAID.findall(text))
    yield from (html.unescape(piece).strip() for piece in re.split(r"<[^>]*>", text) if piece.strip())


def _of_rows(held: dict[str, Any]) -> Iterator[str]:
    for column in held["columns"]:
        yield from (column["title"], column["small"])
        yield from column.get("names", ()) if column["key"] in ("state", "cause", "fragile") else ()
    yield from (word for word in held["words"].values() if isinstance(word, str))
    yield from (*held["cards"]["heads"], *held["cards"]["texts"])


def of_office(path: Path) -> Iterator[str]:
    """The texts of a workbook or of slides, with notes and comments."""
    with ZipFile(path) as held:
        for name in held.namelist():
            if name.endswith(".xml") and "/_rels/" not in name:
                yield from map(html.unescape, TEXT.findall(held.read(name).decode()))


def printed(path: Path) -> Iterator[str]:
    """What the cells of an executed notebook printed."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream":
                yield "".join(output["text"])


def of_run(reports: Path, run: Path) -> Iterator[tuple[str, str]]:
    """Every text for people of a run, with the file that it stands in."""
    for page in (*reports.glob("*.html"), *reports.parent.glob("*.html")):
        yield from ((page.name, text) for text in of_page(page))
    for name in ("workbook.xlsx", "slides.pptx"):
        yield from ((name, text) for text in of_office(reports / name))
    for notebook in sorted((run / "notebooks").glob("*.ipynb")):
        yield from ((notebook.name, text) for text in printed(notebook))
