"""CSV for spreadsheets: no text becomes a formula, and numbers suit the reader's own."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segcore import tables
from segcore.engine import DuckDB
from segcore.outputs.lines import SPREADSHEETS, guarded, guarded_text, write_lines

SIGNS = "=+-@＝＋－＠"
SEPARATORS = ",;\t|"
EVIL = st.text(alphabet=f"{SIGNS}{SEPARATORS}\r\n \xa0\"'ab1", max_size=12)


@pytest.fixture(scope="module")
def engine():
    with DuckDB() as engine:
        yield engine


@given(EVIL)
@example("x;=cmd|'/C calc'!A0;y")
@example('a";"=1')
def test_no_piece_of_a_text_begins_like_a_formula_wherever_it_is_split(text):
    safe = guarded_text(text)
    assert not safe.startswith(tuple(f"{SIGNS}\t\r\n"))
    for separator in [*SEPARATORS, "\n", "\r"]:
        for piece in safe.split(separator):
            assert not piece.lstrip(' \xa0"').startswith(tuple(SIGNS))


@settings(deadline=None)
@given(st.lists(EVIL, min_size=1, max_size=20))
def test_sql_and_python_guard_alike(engine, texts):
    tables.put(engine, "evil", {"place": "BIGINT", "text": "VARCHAR"}, list(enumerate(texts)))
    found = engine.rows(f"select {guarded('text')} from evil order by place")
    assert [row[0] for row in found] == [guarded_text(text) for text in texts]


@pytest.mark.parametrize("spreadsheet", SPREADSHEETS)
@settings(deadline=None)
@given(texts=st.lists(st.tuples(EVIL, EVIL), min_size=1, max_size=8))
def test_no_cell_is_a_formula_for_readers_that_split_elsewhere(engine, tmp_path_factory, spreadsheet, texts):
    path = tmp_path_factory.mktemp("lines") / "made.csv"
    columns = {"one": "VARCHAR", "two": "VARCHAR", "place": "BIGINT"}
    tables.put(engine, "made", columns, [(*pair, n) for n, pair in enumerate(texts)])
    heads = {"one": guarded("one"), "two": guarded("two"), "place": "place"}
    write_lines(engine, path, heads, "made order by place", spreadsheet=spreadsheet)
    for delimiter in SEPARATORS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.reader(file, delimiter=delimiter, quoting=quoting):
                    assert not [cell for cell in row if cell.lstrip(' "').startswith(tuple(SIGNS))]


def test_a_text_that_is_no_formula_stays_as_it_is():
    for text in ("Karl-Otto = 1", "A-1", "a@b.example", "Meyer; Söhne", "", "'quoted'"):
        assert guarded_text(text) == text


@pytest.mark.parametrize(
    ("spreadsheet", "text"),
    [
        ("default", 'name,value,share,on,n\n"Meyer, Söhne",1234.5000,0.25,2025-03-01,7\nb;c,,,,\n'),
        ("german", 'name;value;share;on;n\nMeyer, Söhne;1234,5000;0,25;2025-03-01;7\n"b;c";;;;\n'),
    ],
)
def test_columns_and_decimals_suit_the_spreadsheet_of_the_reader(engine, tmp_path, spreadsheet, text):
    columns = {"name": "VARCHAR", "value": "DECIMAL(18, 4)", "share": "DOUBLE", "on": "DATE", "n": "BIGINT"}
    rows = [
        ("Meyer, Söhne", Decimal("1234.5"), 0.25, dt.date(2025, 3, 1), 7),
        ("b;c", None, None, None, None),
    ]
    tables.put(engine, "told", columns, rows)
    heads = {"name": guarded("name"), "value": "value", "share": "share", "on": '"on"', "n": "n"}
    path = tmp_path / "told.csv"
    write_lines(engine, path, heads, "told order by name", spreadsheet=spreadsheet)
    assert path.read_bytes() == b"\xef\xbb\xbf" + text.encode()
