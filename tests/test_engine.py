"""What every engine promises, over all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from small_sources import study_in

from segcore.engine import ENGINES, DuckDB, FileEngine, open_engine
from segcore.engine.sql import literal, quote_name, quote_names, quote_text
from segcore.errors import InputError, UsageError

HOSTILE = ["it's", 'a "name"', "a;b", "-- no comment", "$name", "Müller & Söhne", "x\ny", "%s {0}", "\\"]


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[FileEngine]:
    made = ENGINES[request.param]()
    yield made
    made.close()


def test_statements_make_tables_and_queries_give_rows(engine: FileEngine) -> None:
    engine.execute("create table t as select 1 as a, 'x' as b")
    assert engine.rows("select a, b from t") == [(1, "x")]


def test_values_are_bound_by_name_and_those_not_asked_for_are_left_out(engine: FileEngine) -> None:
    values = {"day": dt.date(2025, 12, 31), "da": 7, "text": "it's"}
    assert engine.rows("select $day, $text", values) == [(dt.date(2025, 12, 31), "it's")]


def test_a_statement_without_values_may_be_given_some(engine: FileEngine) -> None:
    engine.execute("create table t as select 1 as a", {"day": 1})
    assert engine.rows("select a from t", {}) == [(1,)]


def test_frames_hold_the_rows_in_their_order(engine: FileEngine) -> None:
    frame = engine.frame("select * from (values (2, 'b'), (1, 'a')) t(n, c) order by n")
    assert list(frame.columns) == ["n", "c"]
    assert frame.to_numpy().tolist() == [[1, "a"], [2, "b"]]


def test_money_stays_exact(engine: FileEngine) -> None:
    engine.execute("create table t as select 0.1::DECIMAL(18, 4) as amount from range(30)")
    assert engine.rows("select sum(amount) from t") == [(Decimal("3.0000"),)]


def test_it_knows_which_tables_and_views_there_are(engine: FileEngine) -> None:
    engine.execute("create table t as select 1 as a")
    engine.execute("create temp view v as select 1 as a")
    assert [engine.has(name) for name in ("t", "v", "w", "it's")] == [True, True, False, False]


def test_columns_come_in_order_with_their_types(engine: FileEngine) -> None:
    engine.execute('create table "my t" as select DATE \'2025-12-31\' as b, 1::BIGINT as "a c"')
    assert engine.columns("my t") == {"b": "DATE", "a c": "BIGINT"}


def test_columns_asked_for_again_are_those_of_the_table_by_now(engine: FileEngine) -> None:
    engine.execute("create table t as select 1 as a")
    engine.columns("t").clear()
    assert list(engine.columns("t")) == ["a"]
    engine.execute("create or replace table t as select 1 as b")
    assert list(engine.columns("t")) == ["b"]
    engine.rows("drop table t")
    assert not engine.has("t")
    with engine.stream("t", [], pa.schema({"c": pa.int64()})):
        assert list(engine.columns("t")) == ["c"]
    assert not engine.has("t")


def test_parquet_is_written_and_read_with_order_and_types(engine: FileEngine, tmp_path: Path) -> None:
    path = tmp_path / "it's a file.parquet"
    engine.execute("create table t as select i, (i / 4)::DECIMAL(18, 4) as d from range(5) r(i)")
    engine.write_parquet("select * from t where i > $least order by i desc", path, {"least": 2})
    engine.read_parquet(path, "back")
    assert engine.rows("from back") == [(4, Decimal("1.0000")), (3, Decimal("0.7500"))]
    assert engine.columns("back") == {"i": "BIGINT", "d": "DECIMAL(18,4)"}


def test_a_table_read_again_is_the_new_one(engine: FileEngine, tmp_path: Path) -> None:
    for number in (1, 2):
        engine.write_parquet(f"select {number} as n", tmp_path / f"{number}.parquet")
        engine.read_parquet(tmp_path / f"{number}.parquet", "t")
        assert engine.rows("from t") == [(number,)]


def test_the_same_rows_give_the_same_bytes(engine: FileEngine, tmp_path: Path) -> None:
    query = "select i, (i * 37) % 1000 as n from range(50_000) r(i) order by i"
    for name in ("a", "b"):
        engine.write_parquet(query, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


NUMBERS = pa.schema([("n", pa.int64())])


def batches(asked: list[int], *, fails: Exception | None = None) -> Iterator[pa.RecordBatch]:
    """Three batches; says when it is asked for each."""
    for number in range(3):
        asked.append(number)
        yield pa.record_batch({"n": pa.array([number, number + 10])}, schema=NUMBERS)
    if fails:
        raise fails


def test_a_stream_is_a_table_for_one_statement(engine: FileEngine) -> None:
    asked: list[int] = []
    with engine.stream("it's", batches(asked), NUMBERS):
        assert asked == []
        engine.execute('create table t as from "it\'s"')
    assert engine.rows("from t") == [(0,), (10,), (1,), (11,), (2,), (12,)]
    assert (engine.has("it's"), asked) == (False, [0, 1, 2])


def test_what_a_stream_raises_is_raised_as_it_was(engine: FileEngine) -> None:
    fault = InputError("sales.csv: must be read")
    with pytest.raises(InputError) as caught, engine.stream("s", batches([], fails=fault), NUMBERS):
        engine.execute("create table t as from s")
    assert caught.value is fault
    assert (engine.has("s"), engine.has("t")) == (False, False)


def test_a_stream_that_is_not_read_to_its_end_is_closed(engine: FileEngine) -> None:
    closed: list[bool] = []

    def endless() -> Iterator[pa.RecordBatch]:
        try:
            while True:
                yield pa.record_batch({"n": pa.array([1] * 5000)}, schema=NUMBERS)
        finally:
            closed.append(True)

    with engine.stream("s", endless(), NUMBERS):
        assert engine.rows("select n from s limit 1") == [(1,)]
    assert closed == [True]


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_can_be_a_name_and_a_value(engine: FileEngine, name: str) -> None:
    engine.execute(f"create table {quote_name(name)} as select '' as {quote_name(name)}, '' as b limit 0")
    engine.execute(f"insert into {quote_name(name)} values ({quote_text(name)}, $value)", {"value": name})
    assert engine.rows(f"select {quote_names([name, 'b'])} from {quote_name(name)}") == [(name, name)]
    assert list(engine.columns(name)) == [name, "b"]


LITERALS = [None, "it's", 7, -3, Decimal("0.0001"), Decimal("-12345678901234.5678"), 0.1, 1e300, -2.5, 5e-324]


@pytest.mark.parametrize("value", LITERALS)
def test_literals_give_their_values_back(engine: FileEngine, value: object) -> None:
    assert engine.rows(f"select {literal(value)}") == [(value,)]  # type: ignore[arg-type]


def test_the_environment_knows_better_how_much_memory_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "select value from duckdb_settings() where name = 'memory_limit'"
    with DuckDB(memory_limit="512MiB") as engine:
        assert engine.rows(asked) == [("512.0 MiB",)]
    monkeypatch.setenv("SEGCORE_MEMORY_LIMIT", "256MiB")
    with DuckDB(memory_limit="512MiB") as engine:
        assert engine.rows(asked) == [("256.0 MiB",)]


def test_a_limit_of_memory_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGCORE_MEMORY_LIMIT", "plenty")
    with pytest.raises(UsageError) as caught:
        DuckDB()
    assert str(caught.value) == "SEGCORE_MEMORY_LIMIT must be a size of memory, like 2GB (got 'plenty')"


def test_duckdb_neither_fetches_extensions_nor_leaves_a_folder_behind(tmp_path: Path) -> None:
    folder_of = "select value from duckdb_settings() where name = 'temp_directory'"
    with DuckDB() as engine:
        settings = engine.rows(
            "select value from duckdb_settings() where name in "
            "('autoinstall_known_extensions', 'autoload_known_extensions')"
        )
        spill = Path(engine.rows(folder_of)[0][0])
        assert spill.is_dir()
    assert settings == [("false",), ("false",)]
    assert not spill.exists()
    with DuckDB(spill=tmp_path / "mine") as engine:
        assert engine.rows(folder_of) == [(str(tmp_path / "mine"),)]


OUTSIDE = (
    "from read_text('/etc/passwd')",
    "from read_csv('{outside}')",
    "copy (select 1) to '{outside}' (format csv)",
    "copy (select 1) to '{inside}/../outside.csv' (format csv)",
    "copy (select 1) to '{inside}/link/new.csv' (format csv)",
    "attach '{outside}.db' as other",
    "install httpfs",
    "load httpfs",
    "export database '{outside}.folder'",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "set temp_directory = '/'",
    "set memory_limit = '1TB'",
    "reset lock_configuration",
)


@pytest.mark.parametrize("sql", OUTSIDE)
def test_an_engine_for_a_study_reaches_its_folders_only(tmp_path: Path, sql: str) -> None:
    inside, outside = tmp_path / "run", tmp_path / "outside.csv"
    (tmp_path / "elsewhere").mkdir()
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "elsewhere")
    outside.write_text("a\n1\n")
    study, before = study_in(tmp_path), sorted(tmp_path.rglob("*"))
    with open_engine(study, inside) as engine, pytest.raises(duckdb.Error) as caught:
        engine.execute(sql.format(inside=inside, outside=outside))
    assert isinstance(caught.value, duckdb.PermissionException | duckdb.InvalidInputException)
    assert (sorted(tmp_path.rglob("*")), outside.read_text()) == (before, "a\n1\n")


def test_an_engine_for_a_study_works_in_its_folders_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders may be links, seen from the working folder, and not there yet; large tables spill."""
    (tmp_path / "real").mkdir()
    (tmp_path / "runs").symlink_to(tmp_path / "real")
    study = study_in(tmp_path, ("currency: EUR", "currency: EUR\nmemory_limit: 50MB"))
    monkeypatch.chdir(tmp_path)
    with open_engine(study, Path("runs"), tmp_path / "later") as engine:
        (tmp_path / "later").mkdir()
        engine.write_parquet("select 1 as a", Path("runs") / "a.parquet")
        engine.write_parquet("select 2 as a", tmp_path / "later" / "a.parquet")
        for name in ("runs", "later"):
            engine.read_parquet(tmp_path / name / "a.parquet", name)
        assert engine.rows("from runs union all from later order by a") == [(1,), (2,)]
        with engine.stream("s", batches([]), NUMBERS):
            engine.write_parquet("from s", tmp_path / "later" / "s.parquet")
        with engine.one_thread():
            assert engine.rows("select current_setting('threads')") == [(1,)]
        engine.execute("create table t as select i, md5(i::VARCHAR) as m from range(2_000_000) r(i)")
        assert engine.rows("select count(*) from (from t order by m)") == [(2_000_000,)]


def test_no_name_in_sql_is_a_frame_of_the_caller(engine: FileEngine) -> None:
    table = pa.table({"a": [1]})
    with pytest.raises(engine.errors):
        engine.rows("from table")
    assert table.num_rows == 1
