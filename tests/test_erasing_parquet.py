"""Rows and texts are taken out of Parquet files: most row groups stay as they are, byte by byte."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from segcore.engine.duckdb import DuckDB
from segcore.privacy import parquet
from segcore.privacy.person import Person
from segcore.privacy.splicing import groups_of, splice
from segcore.privacy.thrift import Reader, written

ROWS, GROUP = 20_000, 2_048
TABLE = f"""
select 'K-' || lpad((i // 10)::VARCHAR, 5, '0') as customer_id, 'Firma ' || md5((i // 10)::VARCHAR) as name,
    'M' || (i % 8)::VARCHAR as market, (i % 97)::DECIMAL(38, 4) as value,
    DATE '2024-01-01' + (i % 900)::INTEGER as day, (i % 7)::SMALLINT as class, i % 3 = 0 as fragile,
    case when i % 5 = 0 then 'says ' || i end as says
from range({ROWS}) t(i)
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.parquet"
    with duckdb.connect() as engine:
        engine.execute(
            f"copy ({TABLE}) to '{path}' (format parquet, compression zstd, row_group_size {GROUP})"
        )
    return path


def rows(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as engine:
        return engine.execute(f"from '{path}'").fetchall()


def rewritten(path: Path, person: Person) -> Path:
    target = path.with_name("new.parquet")
    with DuckDB(folders=[path.parent]) as engine:
        found = parquet.found(engine, path, person, {})
        assert found
        parquet.rewrite(engine, path, target, found)
        assert not parquet.found(engine, target, person, {})
    return target


@pytest.mark.parametrize("number", ["K-00000", "K-00204", "K-01000", "K-01999"])
def test_the_rows_of_a_customer_go_and_all_others_stay_in_order(table, number):
    target = rewritten(table, Person((number,)))
    assert rows(target) == [row for row in rows(table) if row[0] != number]
    assert pq.read_schema(target).equals(pq.read_schema(table))
    assert number.encode() not in target.read_bytes()


def test_most_of_the_file_is_copied_byte_by_byte(table):
    target = rewritten(table, Person(("K-01000",)))
    old, new = (pq.ParquetFile(path).metadata for path in (table, target))
    assert (old.num_row_groups, new.num_row_groups) == (10, 10)
    same = [
        old.row_group(place).column(1).statistics.min == new.row_group(place).column(1).statistics.min
        and old.row_group(place).num_rows == new.row_group(place).num_rows
        for place in range(10)
    ]
    assert same.count(False) == 1
    first = old.row_group(0).total_byte_size
    assert table.read_bytes()[4 : first // 2] == target.read_bytes()[4 : first // 2]


def test_texts_in_rows_of_others_get_the_marker(table):
    target = rewritten(table, Person(("K-99999",), ("says 10005", "Firma " + "0" * 32)))
    was, is_now = rows(table), rows(target)
    changed = [(old[-1], new[-1]) for old, new in zip(was, is_now, strict=True) if old != new]
    assert changed == [("says 10005", "erased")]


def test_a_group_of_nobody_else_goes_whole(tmp_path):
    path = tmp_path / "table.parquet"
    ids = ["K-00001"] * 10 + ["K-00002"] * 10 + ["K-00003"] * 10
    pq.write_table(pa.table({"customer_id": ids, "value": range(30)}), path, row_group_size=10)
    target = rewritten(path, Person(("K-00002",)))
    assert [row[1] for row in rows(target)] == [*range(10), *range(20, 30)]


def test_files_of_other_programs_are_rewritten_too(tmp_path):
    path = tmp_path / "table.parquet"
    made = {
        "customer_id": [f"K-0000{number}" for number in range(8)],
        "at": [dt.datetime(2025, 1, 1, number) for number in range(8)],
        "many": [[{"raw": f"x{number}"}] for number in range(8)],
    }
    pq.write_table(pa.table(made), path, row_group_size=2, write_page_index=True, compression="gzip")
    target = rewritten(path, Person(("K-00005",)))
    assert rows(target) == [row for row in rows(path) if row[0] != "K-00005"]


def test_a_file_with_bytes_of_nobody_knows_what_is_not_spliced(table):
    data = table.read_bytes()
    foot = int.from_bytes(data[-8:-4], "little") + 8
    table.write_bytes(data[:-foot] + b"K-00000" + data[-foot:])
    with pytest.raises(ValueError, match="every byte must belong to a row group"):
        splice(table, table.with_name("new.parquet"), lambda place: None, [0])
    target = rewritten(table, Person(("K-01000",)))
    assert b"K-00000" not in target.read_bytes()[-foot - 7 : -foot]


def test_what_a_file_says_of_itself_is_read_and_written_alike(table):
    data = table.read_bytes()
    foot = data[-8 - int.from_bytes(data[-8:-4], "little") : -8]
    assert written(Reader(foot).struct()) == foot
    assert groups_of(table)[0] == (0, GROUP) and groups_of(table)[-1][1] == ROWS
    with pytest.raises(ValueError, match="the end of a struct"):
        Reader(foot[:-1]).struct()
