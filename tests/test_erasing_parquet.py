"""Rows and texts are taken out of Parquet files: all others stay, in order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from segcore.engine.duckdb import DuckDB
from segcore.privacy import parquet
from segcore.privacy.decoding import OpaqueError
from segcore.privacy.files import Eraser
from segcore.privacy.person import Person
from segcore.privacy.rows import Rows

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
        eraser = Eraser(engine, person)
        assert eraser.holds(path)
        eraser.rewrite(path, target)
        assert not eraser.holds(target)
    return target


@pytest.mark.parametrize("number", ["K-00000", "K-00204", "K-01000", "K-01999"])
def test_the_rows_of_a_customer_go_and_all_others_stay_in_order(table, number):
    target = rewritten(table, Person((number,)))
    assert rows(target) == [row for row in rows(table) if row[0] != number]
    old, new = pq.read_schema(table), pq.read_schema(target)
    assert (new.names, new.types) == (old.names, old.types)
    assert pq.ParquetFile(target).metadata.row_group(0).column(0).compression == "ZSTD"
    assert number.encode() not in target.read_bytes()


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


def test_a_level_that_only_the_customer_has_goes_from_insights(tmp_path):
    with DuckDB(folders=[tmp_path]) as engine:
        engine.execute(
            "create table customers as from (values ('K-00001', 'petra@mail.example', 'north'), "
            "('K-00002', 'info@mail.example', 'north')) v(customer_id, contact, region)"
        )
        engine.execute(
            "create table insights as select 'attribute' as kind, attribute, level "
            "from (values ('contact', 'petra@mail.example'), ('contact', 'info@mail.example'), "
            "('region', 'north'), ('of a source', 'petra@mail.example')) v(attribute, level)"
        )
        for name in ("customers", "insights"):
            engine.write_parquet(f"from {name}", tmp_path / f"{name}.parquet")
        path, person = tmp_path / "insights.parquet", Person(("K-00001",))
        known = Rows(engine, person.ids, ())
        for _ in range(2):
            assert parquet.found(engine, path, person, {}, known).rows == (0,)
            (tmp_path / "customers.parquet").unlink(missing_ok=True)
            engine.write_parquet(
                "from customers where customer_id != 'K-00001'", tmp_path / "customers.parquet"
            )
        assert parquet.found(engine, path, person, {}).rows == ()


def test_tables_of_other_programs_lose_the_customer_in_every_type(tmp_path):
    path = tmp_path / "table.parquet"
    at, price = dt.datetime(2025, 1, 1), Decimal("1.50")
    others = {
        "customer_id": [7, 161026],
        "many": [["of Kanari KG", "b"], ["c"]],
        "held": [{"a": "by 0000061026", "n": 1, "at": at, "price": price}, None],
        "bytes": ["Kanari KG ä".encode(), "nobody ä".encode()],
        "says": ["x", "y"],
    }
    mine = {"customer_id": 61026, "many": [], "held": None, "bytes": None, "says": None}
    pq.write_table(pa.table({name: [*values, mine[name]] for name, values in others.items()}), path)
    target = rewritten(path, Person(("0000061026",), ("Kanari KG",)))
    held = {"a": "by erased", "n": 1, "at": at, "price": price}
    assert rows(target) == [
        (7, ["of erased", "b"], held, "erased ä".encode(), "x"),
        (161026, ["c"], None, "nobody ä".encode(), "y"),
    ]
    assert pq.read_schema(target).types == pq.read_schema(path).types


def test_a_table_with_pictures_is_one_that_nobody_can_look_into(tmp_path):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"customer_id": ["K-00001"], "picture": [b"\x89PNG\xff"]}), path)
    with DuckDB(folders=[tmp_path]) as engine:
        assert parquet.found(engine, path, Person(("K-00001",)), {}).rows == (0,)
        with pytest.raises(OpaqueError):
            parquet.found(engine, path, Person(("K-00002",)), {})
