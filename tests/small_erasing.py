"""A study of five customers with three runs that hold tables, pages, a workbook and stored extracts."""

from __future__ import annotations

import base64
import datetime as dt
import html
import io
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pypdf
from small_archive import APRIL, JUNE, MARCH, filled, kept_input
from small_project import STUDY
from small_workbooks import written

from segcore import archive
from segcore.archive import Places
from segcore.files import sha256_of
from segcore.outputs.workbook import About, Column, Sheet, write_workbook

OTHERS = {"K-20001": "Adler AG", "K-20002": "Bussard GmbH", "K-20003": "Condor KG", "K-20004": "Drossel"}
DATES = (MARCH, APRIL, JUNE)
PACKED = '<script type="application/gzip" id="rows">{}</script>'


def project(root: Path, number: str, name: str, *, study: str = STUDY) -> Places:
    """Three runs of a study, with a customer of a number and a name and four others."""
    places = Places(root, "acme")
    (root / "params").mkdir(parents=True)
    (root / "params" / "acme.yaml").write_text(study, encoding="utf-8")
    data = root / "data"
    data.mkdir()
    for date in DATES:
        (data / f"sales_{date}.csv").write_text(orders(number, date), encoding="utf-8")
    for date in DATES:
        run(places, date, {number: name, **OTHERS})
    archive.finish(places)
    return places


def orders(number: str, date: dt.date) -> str:
    """An extract: two records of the customer, one of them with too many fields, and one of each other."""
    lines = [f"{one},{date}-{place},2025-01-0{place},north,1024" for place, one in enumerate(OTHERS, start=1)]
    mine = [f"{number},91,2025-01-02,north,5", f"{number},92,{date},north,7,more,fields"]
    return "\n".join(["customer,order,date,market,amount", *lines, *mine]) + "\n"


def run(
    places: Places,
    date: dt.date,
    names: dict[str, str],
    *,
    words: str = "",
    more: Sequence[dict[str, object]] = (),
    pdf: bool = False,
) -> archive.Run:
    """A published run of a date, in the place of one that is there."""
    facts = {**filled(places, date), "params": {"report": {"pdf": pdf}}}
    folder = places.staging(date)
    (folder / "study" / "acme.yaml").write_bytes((places.root / "params" / "acme.yaml").read_bytes())
    _tables(folder / "data", names)
    _pages(folder / "report", names, words)
    entries = [*(_entry(places, day) for day in DATES if day <= date), *more]
    (folder / "run.json").write_text(json.dumps({"inputs": entries, "runs": []}), encoding="utf-8")
    (folder / "run.log").write_text(f"{date} ingest 1.2 s\n", encoding="utf-8")
    staged = archive.seal(folder, {**facts, "inputs": entries})
    return archive.publish(places, staged, replace=True)


def _entry(places: Places, date: dt.date) -> dict[str, object]:
    name = f"sales_{date}.csv"
    path = places.root / "data" / name
    kept = kept_input(places, path.read_text(encoding="utf-8"), name)
    return {
        **kept,
        "source": "transactions",
        "pattern": 0,
        "delivered": None,
        "bytes": path.stat().st_size,
    }


def workbook_input(places: Places, number: str) -> dict[str, object]:
    """A workbook in the store of inputs in which the customer stands; what a run records of it."""
    heads = ["customer", "order", "date", "market", "amount"]
    made = written(places.root / "book.xlsx", {"Orders": [heads, [number, "1", "2025-01-01", "north", 5]]})
    digest = sha256_of(made)
    made.rename(places.inputs / f"{digest}.xlsx")
    more = {"source": "transactions", "pattern": 0, "delivered": None, "bytes": 1}
    return {"name": "sales_book.xlsx", "sha256": digest, **more}


def foreign_book(number: str) -> bytes:
    """A workbook as other programs write it: its cells share texts."""
    made = io.BytesIO()
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{row - 1}</v></c></row>' for row in (1, 2, 3))
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst><si><t>Who</t></si><si><t>{number}</t></si></sst>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    return made.getvalue()


def _tables(folder: Path, names: dict[str, str]) -> None:
    with duckdb.connect() as engine:
        engine.execute("create table listed (customer_id VARCHAR, name VARCHAR, value DECIMAL(38, 4))")
        for number, name in names.items():
            engine.execute("insert into listed values (?, ?, 1024)", [number, name])
        for table in ("listed", "customers"):
            engine.execute(
                f"copy listed to '{folder / f'{table}.parquet'}' (format parquet, compression zstd)"
            )
        engine.execute("create table orders (customer_id VARCHAR, order_id VARCHAR)")
        for place, number in enumerate(OTHERS, start=1):
            engine.execute("insert into orders values (?, ?)", [number, f"2025-03-01-{place}"])
        engine.execute(f"copy orders to '{folder / 'orders.parquet'}' (format parquet)")
        engine.execute(f"copy (select 'Good' as segment, 5 as customers) to '{folder / 'segments.parquet'}'")


def _pages(folder: Path, names: dict[str, str], words: str) -> None:
    rows = "\n".join(
        f'<tr><td>{html.escape(number)}</td><td class="name">{html.escape(name)}</td>'
        '<td class="num">1024</td></tr>'
        for number, name in names.items()
    )
    table = (
        f"<table><thead><tr><th>customer_id</th><th>Name</th><th>Value</th></tr></thead><tbody>\n{rows}\n"
        f"</tbody></table><p>1,024 customers, 1024 pixels{words}</p>"
    )
    held = {
        "columns": [
            {"key": "customer_id", "values": [*names]},
            {"key": "name", "values": [*names.values()]},
        ],
        "cards": {
            "heads": ["name"],
            "texts": [f"called {name}" for name in names.values()],
            "rows": [[0, place] for place in range(len(names))],
        },
    }
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    told = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
    packed = base64.b64encode(packer.compress(told) + packer.flush()).decode()
    (folder / "report.html").write_text(f"<html>{table}</html>\n", encoding="utf-8")
    (folder / "customers.html").write_text(table + PACKED.format(packed), encoding="utf-8")
    head = Column("Customer no."), Column("Name"), Column("Value", kind="whole")
    sheet = Sheet("Customers", "all", head, [(number, name, 1024) for number, name in names.items()], 1)
    write_workbook(folder / "workbook.xlsx", About("ACME", JUNE, "EUR"), [sheet])
    quoted = [f'{number},"{name.replace(chr(34), chr(34) * 2)}",1024' for number, name in names.items()]
    lines = "\n".join(["\ufeffcustomer_id,name,value", *quoted])
    (folder / "moves.csv").write_text(f"{lines}\n", encoding="utf-8")


def supersede(places: Places, names: dict[str, str]) -> None:
    """Make the last run again with other words, so that the old one is kept aside."""
    run(places, JUNE, names, words=" again")
    archive.finish(places)


def hits(needles: Sequence[str], *folders: Path) -> list[str]:
    """The files, members and pieces below folders in which one of some texts stands, however it is packed."""
    found = []
    with duckdb.connect() as engine:
        for path in (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()):
            data = path.read_bytes()
            if path.suffix == ".parquet":
                rows = engine.execute(f"from read_parquet('{path}')").fetchall()
                data += "\n".join(map(str, rows)).encode()
            found += [
                where
                for where, piece in layers_of(str(path), data)
                if any(needle in text for text in _texts(piece) for needle in needles)
            ]
    return found


def layers_of(where: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Bytes, and those of all that is packed in them: members, gzip, base64, words on paper; with a name."""
    yield where, data
    if data.startswith(b"%PDF") and b"%%EOF" in data:
        pages = pypdf.PdfReader(io.BytesIO(data)).pages
        yield f"{where}!pdf", "\n".join(page.extract_text() for page in pages).encode()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            for name in members.namelist():
                yield from layers_of(f"{where}!{name}", members.read(name))
    if data.startswith(b"\x1f\x8b"):
        yield from layers_of(f"{where}!gzip", zlib.decompress(data, 31))
    for piece in re.findall(rb"[A-Za-z0-9+/]{60,}={0,2}", data):
        raw = base64.b64decode(piece) if len(piece) % 4 == 0 else b""
        if raw.startswith((b"\x1f\x8b", b"<svg", b"<?xml", b"{")):
            yield from layers_of(f"{where}!base64", raw)


def _texts(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    yield from (text, html.unescape(text), data.decode("cp1252", "replace"))
    yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def copied_project(places: Places, root: Path) -> Places:
    """A copy of a project, to be changed."""
    shutil.copytree(places.root, root, symlinks=True)
    return Places(root, places.study)
