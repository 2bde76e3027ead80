"""LibreOffice without a window: opens a file and writes what it made of it in another form."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

SECONDS = 120
"""After which a conversion that has not ended is stopped; one takes about a second."""

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
LINK = "{http://www.w3.org/1999/xlink}href"
ACTIVE = ("library-embedded", "library-linked", "event-listeners", "object", "object-ole", "plugin", "applet")
"""Elements that do something when a document is opened or clicked at."""


def opened(path: Path, to: str) -> Path:
    """What LibreOffice makes of a file in another form, such as ``fods``, ``fodp`` or ``pdf``."""
    return all_opened([path], to)[0]


def all_opened(paths: Sequence[Path], to: str, *, reading: str = "") -> list[Path]:
    """Many files in one start of LibreOffice; what it writes is in a new folder beside the first of them.

    Parameters
    ----------
    paths
        The files; no two have one name without its ending.
    to
        The ending of the form to write.
    reading
        How to read them, as in ``CSV:59,34,76,1`` (separator, quote, UTF-8, first line); else by the name.
    """
    assert len({path.stem for path in paths}) == len(paths), "they would be written over each other"
    folder = Path(tempfile.mkdtemp(prefix="opened-", dir=paths[0].parent))
    call = [_program(), f"-env:UserInstallation={_profile().as_uri()}", "--headless", "--norestore"]
    if reading:
        call.append(f"--infilter={reading}")
    said = _run([*call, "--convert-to", to, "--outdir", str(folder), *map(str, paths)])
    made = [folder / f"{path.stem}.{to}" for path in paths]
    missing = [path.name for path in made if not path.is_file()]
    assert missing == [], f"LibreOffice could not open all files; it said: {said}"
    return made


def _program() -> str:
    program = shutil.which("soffice")
    if program is None:
        pytest.fail(
            "the tests of spreadsheets and slides need LibreOffice: apt-get install --no-install-recommends "
            "libreoffice-calc-nogui libreoffice-impress-nogui",
            pytrace=False,
        )
    return program


@cache
def _profile() -> Path:
    """Of its own, for LibreOffice starts only once with each."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _run(call: Sequence[str]) -> str:
    """What a program said; it and what it started are ended if it takes too long."""
    process = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        return process.communicate(timeout=SECONDS)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail(f"LibreOffice took more than {SECONDS} seconds: {' '.join(call)}", pytrace=False)


@dataclass(frozen=True)
class Cell:
    """A cell as LibreOffice has it: float, date, boolean, string, or "" where nothing is in it."""

    kind: str
    value: str
    formula: str = ""


def sheets(flat: Path) -> dict[str, list[list[Cell]]]:
    """The cells of all sheets of a flat document (``fods``), without empty ones at the ends."""
    root = ElementTree.parse(flat).getroot()
    return {
        str(table.get(f"{TABLE}name")): _trimmed([_row(row) for row in _repeated(table, "row", "rows")])
        for table in root.iter(f"{TABLE}table")
    }


def active(flat: Path) -> list[str]:
    """Everything in a flat document that would calculate, lead elsewhere, load or run something."""
    found = []
    for one in ElementTree.parse(flat).getroot().iter():
        name = one.tag.rpartition("}")[2]
        formula, link = one.get(f"{TABLE}formula"), one.get(LINK)
        found += [name] * (name in ACTIVE)
        found += [f"{name}: {what}" for what in (formula, link) if what is not None]
    return found


def _row(row: ElementTree.Element) -> list[Cell]:
    cells = [cell for one in _repeated(row, "cell", "covered") for cell in [_cell(one)]]
    while cells and cells[-1] == Cell("", ""):
        cells.pop()
    return cells


def _cell(cell: ElementTree.Element) -> Cell:
    kind = cell.get(f"{OFFICE}value-type", "")
    typed = [cell.get(f"{OFFICE}{name}") for name in ("value", "date-value", "boolean-value", "string-value")]
    lines = ["".join(_said(line)) for line in cell.findall(f"{TEXT}p")]
    value = next((one for one in typed if one is not None), "\n".join(lines))
    return Cell(kind, value, cell.get(f"{TABLE}formula", ""))


def _said(line: ElementTree.Element) -> Iterator[str]:
    """The text of a paragraph, in which runs of spaces and tabs are elements."""
    yield line.text or ""
    for one in line:
        name = one.tag.rpartition("}")[2]
        if name == "s":
            yield " " * int(one.get(f"{TEXT}c", "1"))
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n"
        else:
            yield from _said(one)
        yield one.tail or ""


def _repeated(parent: ElementTree.Element, one: str, inside: str) -> Iterator[ElementTree.Element]:
    """The rows of a table or the cells of a row, each as often as it stands there."""
    for child in parent:
        name = child.tag.removeprefix(TABLE)
        if name == f"table-{one}":
            times = int(child.get(f"{TABLE}number-{'columns' if one == 'cell' else 'rows'}-repeated", "1"))
            yield from [child] * (1 if times > 1000 and not len(child.findall(f".//{TEXT}p")) else times)
        elif name in (f"table-{inside}", f"table-header-{inside}", f"table-{one}-group"):
            yield from _repeated(child, one, inside)


def _trimmed(rows: list[list[Cell]]) -> list[list[Cell]]:
    while rows and not rows[-1]:
        rows.pop()
    return rows
