"""What a spreadsheet makes of the files of a run, seen through LibreOffice."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from office import Cell, active, all_opened, opened, sheets
from small_runs import make_run

from segcore import tables
from segcore.engine import DuckDB
from segcore.outputs import call_list_csv, crm_csv, moves_csv
from segcore.outputs.lines import SPREADSHEETS, guarded_text
from segcore.outputs.workbook import write_run
from segcore.params import Study
from segcore.params.file import load_study
from segcore.printable import LAYOUT, UNPRINTABLE

pytestmark = pytest.mark.slow

CSV = "CSV:{},34,76,1"
"""How LibreOffice reads CSV: code of the separator, quote, UTF-8, from the first line on."""

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "＝1+1",
    "＋1+1",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://a.example";"b")',
    '=WEBSERVICE("http://a.example")',
    '=DDE("soffice";"/etc/passwd";"A1")',
    "=1+1;=2+2",
    "{=1+1}",
)
BEFORE = ("", " ", "x;", "x,", "x\t", "x|", "x\n", "\t", "\n", '"', '";"', "';", "\u00a0")
OTHERS = (
    "https://a.example/?b=1&c=2",
    "mailto:a@b.example",
    "file:///etc/passwd",
    "\\\\server\\share",
    "javascript:alert(1)",
    "</t></is></c><c><f>1+1</f></c>",
    '<r></is></c><c r="Z9"><f>1+1</f></c></r>',
    "_x003D_1+1",
    "&=1+1 %1 &[File]",
    "<script>alert(1)</script>",
    "#REF!",
    "x\x01=1+1",
    "=1+1\u202e",
    "'=1+1",
    "007",
    "2025-03-01",
    "1e5",
    "TRUE",
    "12,5",
    "Ümlaut “ß” 字",
)
PAYLOADS = [*(before + formula for before, formula in product(BEFORE, FORMULAS)), *OTHERS]
DAY, NEXT = dt.date(2025, 2, 15), dt.date(2025, 4, 1)

STUDY = """\
title: {evil}
currency: EUR
sources:
  transactions:
    files: [sales.csv]
    columns: {{customer_id: customer, order_id: order, order_date: date, market: market, amount: amount}}
variables: {{recency: {{classes: 3}}, monetary: {{classes: 2, label: "=2+2"}}}}
breaks: {{policy: refit}}
segments:
"""


@dataclass(frozen=True)
class Made:
    """A run in an engine whose every text is a payload, and the files of it."""

    engine: DuckDB
    folder: Path
    csv: dict[str, list[Path]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("office")
    study = _study(folder)
    with DuckDB() as engine:
        _make(engine, folder)
        write_run(engine, study, folder / "workbook.xlsx")
        files: dict[str, list[Path]] = {}
        for spreadsheet in SPREADSHEETS:
            suited = study.model_copy(update={"spreadsheet": spreadsheet})
            for writer in (call_list_csv, crm_csv, moves_csv):
                path = folder / f"{writer.__name__.rpartition('.')[2]}_{spreadsheet}.csv"
                writer.write(engine, suited, path)
                files.setdefault(spreadsheet, []).append(path)
        yield Made(engine, folder, files)


def _study(folder: Path) -> Study:
    """Whose segments are called like formulas and have such actions."""
    path = folder / "params" / "acme.yaml"
    path.parent.mkdir()
    acts = "".join(f"  {json.dumps(one)}: {{action: {json.dumps(one)}}}\n" for one in _names())
    path.write_text(STUDY.format(evil=json.dumps("=1+1")) + acts, encoding="utf-8")
    return load_study(path)


def _names() -> list[str]:
    """Payloads that a study takes for names of segments: in one line, without blanks around them."""
    return [one for one in PAYLOADS if one.isprintable() and one == one.strip()]


def _make(engine: DuckDB, folder: Path) -> None:
    """Everybody is a payload, lives in one, is looked after by one, and moves from one to the next."""
    names = _names()
    was = {one: names[place % len(names)] for place, one in enumerate(PAYLOADS)}
    now = {one: names[(place + 1) % len(names)] for place, one in enumerate(PAYLOADS)}
    themselves = {one: one for one in PAYLOADS}
    columns = dict.fromkeys(("name", "rep", "region", "=1+1"), ("VARCHAR", themselves))
    columns["recency"] = ("BIGINT", {one: place for place, one in enumerate(PAYLOADS)})
    columns["monetary"] = ("DECIMAL(38, 4)", {one: Decimal(n) / 4 for n, one in enumerate(PAYLOADS)})
    columns["rule"] = ("SMALLINT", {one: place for place, one in enumerate(PAYLOADS)})
    orders = [(one, "2025-02-01", place + 1) for place, one in enumerate(PAYLOADS)]
    made = {"segments": names, **columns}
    old = make_run(engine, folder / "2025-01-01", was, **made)
    make_run(engine, folder / str(DAY), now, earlier=[old], orders=orders, **made)
    source = dict.fromkeys(("customer_id", "name", "rep", "region", "=1+1"), "VARCHAR")
    tables.put(engine, "customers_source", source, [])
    tables.put(engine, "reps", {"rep": "VARCHAR", "name": "VARCHAR"}, [(one, one) for one in PAYLOADS])
    rules = [*enumerate(PAYLOADS)]
    tables.put(engine, "rules", {"line": "SMALLINT", "rule": "VARCHAR"}, rules)
    texts = ("customer_id", "name", "rep", "rep_name", "segment", "segment_from", "falls_to", "says")
    kinds = dict.fromkeys((*texts, "state", "mark"), "VARCHAR")
    kinds |= {"value": "DECIMAL(38, 4)", "last_order": "DATE", "drop_date": "DATE"}
    kinds |= {"rule": "SMALLINT", "fragile": "BOOLEAN", "position": "INTEGER"}
    tables.put(engine, "calls", kinds, [
        (*[one] * len(texts), "down", "aged", Decimal(place) / 4, DAY, NEXT, place, True, place + 1)
        for place, one in rules
    ])  # fmt: skip
    clock = dict.fromkeys(("customer_id", "falls_to", "lift_to"), "VARCHAR")
    clock |= {"drop_date": "DATE", "lift_orders": "INTEGER", "lift_products": "INTEGER"}
    tables.put(engine, "clock", clock, [(one, one, one, NEXT, 2, 0) for one in PAYLOADS])


def test_a_formula_in_a_file_is_seen_as_one(tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text('a;b\n=1+1;"=HYPERLINK(""http://a"")"\nx;2.5\n2025-03-01;\n', encoding="utf-8")
    bare = tmp_path / "bare.csv"
    with bare.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([one] for one in PAYLOADS)
    flat, unguarded = all_opened([path, bare], "fods", reading=CSV.format(ord(";")))
    assert len(active(unguarded)) > 20
    assert sheets(flat) == {
        "evil": [
            [Cell("string", "a"), Cell("string", "b")],
            [Cell("float", "2", "of:=1+1"), Cell("string", "http://a", 'of:=HYPERLINK("http://a")')],
            [Cell("string", "x"), Cell("float", "2.5")],
            [Cell("date", "2025-03-01")],
        ]
    }
    assert active(flat) == ["table-cell: of:=1+1", 'table-cell: of:=HYPERLINK("http://a")']


def test_a_file_that_is_none_is_said_to_be(tmp_path):
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(AssertionError, match="could not open all files"):
        opened(tmp_path / "torn.xlsx", "fods")


def test_payloads_are_enough():
    assert len({*PAYLOADS}) == len(PAYLOADS) > 170
    assert len(_names()) > 90


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_text_of_a_csv_file_becomes_a_formula_whatever_it_is_split_at(made, separator):
    files = [path for paths in made.csv.values() for path in paths]
    for flat in all_opened(files, "fods", reading=CSV.format(ord(separator))):
        assert active(flat) == [], flat.name
        assert len(next(iter(sheets(flat).values()))) > len(PAYLOADS)


@pytest.mark.parametrize("spreadsheet", SPREADSHEETS)
def test_a_csv_file_has_its_cells_in_the_spreadsheet_that_it_is_for(made, spreadsheet):
    """All columns read as texts, as one chooses for numbers of customers with zeros in front."""
    separator = SPREADSHEETS[spreadsheet].separator
    as_texts = f"{CSV.format(ord(separator))},{'/'.join(f'{place}/2' for place in range(1, 25))}"
    for path, flat in zip(
        made.csv[spreadsheet], all_opened(made.csv[spreadsheet], "fods", reading=as_texts), strict=True
    ):
        with path.open(encoding="utf-8-sig", newline="") as file:
            written = [*csv.reader(file, delimiter=separator)]
        assert len(written) == len(PAYLOADS) + 1
        found = [[_lines(cell.value) for cell in row] for row in sheets(flat)[path.stem]]
        assert found == [_ended([_lines(text) for text in row]) for row in written], path.name
        place = written[0].index("customer_id")
        assert sorted(row[place] for row in written[1:]) == sorted(map(guarded_text, PAYLOADS))


def _lines(text: str) -> str:
    """As a flat document can hold it, which is XML."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x01", "")


def _ended(row: list[str]) -> list[str]:
    """Without empty cells at the end."""
    while row and not row[-1]:
        row.pop()
    return row


@pytest.fixture(scope="module")
def book(made: Made) -> dict[str, list[dict[str, Cell]]]:
    """The sheets of the workbook as LibreOffice has them: every row by its heads."""
    flat = opened(made.folder / "workbook.xlsx", "fods")
    assert active(flat) == []
    found, there = {}, sheets(flat)
    for name in ("Segments", "Call list", "Movers", "Customers"):
        rows = there[name]
        head = [cell.value for cell in rows[0]]
        full = ([*row, *[Cell("", "")] * (len(head) - len(row))] for row in rows[1:])
        found[name] = [dict(zip(head, row, strict=True)) for row in full]
    return found


def in_a_cell(text: str) -> str:
    return UNPRINTABLE.sub(lambda found: found[0] if found[0] in LAYOUT else "\ufffd", text)


def test_a_workbook_holds_every_text_as_it_is(made, book):
    told = made.engine.rows("""
        select customer_id, moves.from_segment, moves.to_segment, name, region, "=1+1"
        from customers join moves using (customer_id)""")
    wanted = sorted(tuple(map(in_a_cell, row)) for row in told)
    for sheet in ("Customers", "Movers"):
        now = "Segment" if sheet == "Customers" else "To segment"
        heads = ("Customer no.", "From segment", now, "Name", "Region", "=1+1")
        rows = [tuple(row[head] for head in heads) for row in book[sheet]]
        assert {cell.kind for row in rows for cell in row} == {"string"}
        assert sorted(tuple(cell.value for cell in row) for row in rows) == wanted
    calls = [(row["Customer no."].value, row["Reason"].value, row["Rule"].value) for row in book["Call list"]]
    assert sorted(calls) == sorted((in_a_cell(one),) * 3 for one in PAYLOADS)


def test_a_workbook_holds_numbers_and_days_as_such(made, book):
    told = made.engine.rows("""
        select customer_id, value, monetary, recency, last_order, drop_date
        from customers join spent using (customer_id) join clock using (customer_id)""")
    wanted = {
        in_a_cell(one): [("float", float(v)), ("float", float(m)), ("float", r), ("date", d), ("date", f)]
        for one, v, m, r, d, f in told
    }
    assert len(book["Customers"]) == len(wanted) == len(PAYLOADS)
    heads = [*next(iter(book["Customers"]))]
    recency = next(head for head in heads if head.startswith("Last order") and head != "Last order")
    for row in book["Customers"]:
        cells = [row[head] for head in ("Order value", "=2+2", recency, "Last order", "Falls on")]
        read = {"float": float, "date": dt.date.fromisoformat}
        shown = [(cell.kind, read[cell.kind](cell.value)) for cell in cells]
        assert shown == wanted[row["Customer no."].value]
