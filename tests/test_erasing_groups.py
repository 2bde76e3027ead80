"""Parquet files without some rows, written group by group: they are read as before, and hold no rest."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from segcore.privacy import groups

PLAIN = {
    "says": "case when i % 3 > 0 then 'text ' || i end",
    "market": "'M' || (i % 3)",
    "day": "DATE '1969-12-30' + (i % 90)::INTEGER",
    "sure": "i % 2 = 0",
    **{name: f"(i % 100)::{name}" for name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")},
    **{name: f"(i % 100)::{name}" for name in ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "DOUBLE")},
    "small": "(i / 7)::FLOAT",
    "nan": "if(i % 4 = 0, 'nan'::DOUBLE, -0.0)",
    **{f"d{width}": f"((i % 9)::DECIMAL({width}, 2))" for width in (4, 9, 18, 38)},
    "never": "NULL::VARCHAR",
    "sort": "'a'::ENUM ('a', 'b')",
}
OTHERS = {
    "at": "TIMESTAMP '2025-01-01'",
    "zoned": "TIMESTAMPTZ '2025-01-01'",
    "hour": "TIME '12:00'",
    "bytes": "'x'::BLOB",
    "json": "'{}'::JSON",
    "id": "uuid()",
    "listed": "['a', 'b']",
    "held": "{'a': 1}",
    "mapped": "map {'a': 1}",
    "span": "INTERVAL 1 DAY",
}


def written(path, columns, number=1_000):
    shown = ", ".join(f'{how} as "{name}"' for name, how in columns.items())
    with duckdb.connect() as engine:
        engine.execute(f"copy (select {shown} from range({number}) t(i)) to '{path}' (row_group_size 2048)")
    return path


def read(path, more=""):
    with duckdb.connect() as engine:
        source = f"read_parquet('{path}', file_row_number = true)"
        told = engine.execute(f"describe from '{path}'").fetchall()
        return told, list(map(repr, engine.execute(f"select * from {source} {more} order by all").fetchall()))


@pytest.mark.parametrize("gone", [[0], [5, 6, 7, 4_095, 4_096], [9_999], range(2_048, 4_096)])
def test_columns_of_each_plain_type_are_read_as_before(tmp_path, gone):
    path = written(tmp_path / "old.parquet", PLAIN, 10_000)
    assert groups.can_cut(path)
    groups.cut(path, tmp_path / "new.parquet", gone)
    with duckdb.connect() as engine:
        listed = ", ".join(map(str, gone))
        engine.execute(
            f"copy (select * exclude (file_row_number) from read_parquet('{path}', file_row_number = true) "
            f"where file_row_number not in ({listed})) to '{tmp_path / 'sql.parquet'}'"
        )
    assert read(tmp_path / "new.parquet") == read(tmp_path / "sql.parquet")


def test_a_table_may_have_no_rows_then(tmp_path):
    path = written(tmp_path / "old.parquet", PLAIN, 3)
    groups.cut(path, tmp_path / "new.parquet", [0, 1, 2])
    told, rows = read(tmp_path / "new.parquet")
    assert (told, rows) == (read(path)[0], [])


@pytest.mark.parametrize("name", OTHERS)
def test_tables_with_other_columns_are_left_to_sql(tmp_path, name):
    assert not groups.can_cut(written(tmp_path / "one.parquet", {"n": "i", name: OTHERS[name]}, 3))


def test_so_are_groups_that_would_take_much_memory(tmp_path, monkeypatch):
    path = written(tmp_path / "one.parquet", PLAIN, 3_000)
    monkeypatch.setattr(groups, "MOST", 2_047)
    assert not groups.can_cut(path)


def test_no_list_of_values_keeps_one_that_is_in_no_row(tmp_path):
    path, target = tmp_path / "old.parquet", tmp_path / "new.parquet"
    names = pa.DictionaryArray.from_arrays([0, 1, None, 0], ["Adler AG", "Kanari KG", "Nobody now"])
    more = {"for": "Kanari KG", "ARROW:schema": "Kanari KG"}
    table = pa.table({"customer_id": ["1", "2", "3", "4"], "name": names}).replace_schema_metadata(more)
    pq.write_table(table, path, store_schema=False, compression="none")
    before = path.read_bytes()
    assert b"Kanari KG" in before and b"Nobody now" in before
    assert groups.can_cut(path)
    groups.cut(path, target, [1])
    with pq.ParquetFile(target, read_dictionary=["name"]) as file:
        assert file.metadata.metadata is None
        column = file.read().column("name").chunk(0)
        assert column.dictionary.to_pylist() == ["Adler AG"]
        assert column.to_pylist() == ["Adler AG", None, "Adler AG"]
        assert file.metadata.row_group(0).column(1).statistics.max == "Adler AG"


def test_the_same_file_comes_of_it_each_time(tmp_path):
    path = written(tmp_path / "old.parquet", PLAIN, 5_000)
    made = [tmp_path / f"{place}.parquet" for place in range(2)]
    for target in made:
        groups.cut(path, target, [17])
    assert made[0].read_bytes() == made[1].read_bytes()
