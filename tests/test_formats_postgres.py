"""Queries on a real PostgreSQL: asked once, kept like an extract, and never with the address."""

from __future__ import annotations

import datetime as dt
import json
import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_postgres import PASSWORD, Server, served
from small_project import JUNE, REAL_SEGMENT, Project

from segcore.engine import DuckDB
from segcore.errors import InputError
from segcore.files import sha256_of
from segcore.params.file import load_study
from segcore.review.repeating import repeat
from segcore.runner.due import when_due
from segcore.sources import check
from segcore.sources.extracts import Extract, find
from segcore.sources.formats.postgres import Query, check_query, columns_of, fetch
from segcore.sources.store import keep, kept_before

VARIABLE = "ACME_DATABASE"
WHERE = "params/acme.yaml: sources.transactions"
SALES = """
create table sales (
    customer text, item int, ordered date, amount numeric(12, 2), at timestamptz, price money);
insert into sales select 'K' || (n % 7), n, date '2025-01-01' + n % 300, n / 4.0, now(), n::numeric::money
from generate_series(1, 20) n
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as made:
        made.run(*SALES.strip().split(";\n"))
        yield made


@pytest.fixture
def address(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, server.address())
    return server.address()


def query(sql: str, *, seconds: float = 60) -> Query:
    return Query(WHERE, sql, VARIABLE, seconds)


def fetched(folder: Path, sql: str, *, seconds: float = 60) -> Path:
    folder.mkdir(exist_ok=True)
    fetch(query(sql, seconds=seconds), folder / "answer.parquet", folder)
    return folder / "answer.parquet"


def refused(folder: Path, sql: str, *, seconds: float = 60) -> str:
    with pytest.raises(InputError) as caught:
        fetched(folder, sql, seconds=seconds)
    return "\n".join(caught.value.problems)


@pytest.mark.usefixtures("address")
class TestAnAnswer:
    def test_holds_every_value_exactly_as_the_database_does(self, tmp_path: Path) -> None:
        sql = """
            select 'ä'::text as t, '0001'::char(6) as c, 12.3400::numeric as n, 1e-9::numeric(20, 10) as tiny,
                2::bigint as b, 1.5::float8 as f, true as yes, null::numeric as nothing,
                date '2025-01-02' as d, timestamp '2025-01-02 03:04:05.5' as m, time '10:00' as clock,
                '{"a": 1}'::jsonb as j, '454b2784-0a81-4ef2-85b0-3aaa84a72cbc'::uuid as u -- the end
            ;"""
        (row,) = pq.read_table(fetched(tmp_path, sql)).to_pylist()
        assert row == {
            "t": "ä", "c": "0001  ", "n": Decimal("12.34"), "tiny": Decimal("0.000000001"), "b": 2, "f": 1.5,
            "yes": True, "nothing": None, "d": dt.date(2025, 1, 2),
            "m": dt.datetime(2025, 1, 2, 3, 4, 5, 500_000), "clock": dt.time(10), "j": '{"a": 1}',
            "u": "454b2784-0a81-4ef2-85b0-3aaa84a72cbc",
        }  # fmt: skip

    def test_is_the_same_file_in_whatever_order_the_rows_come(self, tmp_path: Path) -> None:
        rows = "select n % 100 as a, (n::bigint * 7919 % 300007) / 8.0 as b from generate_series(1, 300000) n"
        one = fetched(tmp_path / "1", f"{rows} order by n")
        other = fetched(tmp_path / "2", f"{rows} order by n desc")
        assert sha256_of(one) == sha256_of(other)
        assert pq.read_metadata(one).num_rows == 300_000

    def test_of_a_database_with_another_encoding_is_text(self, server: Server, tmp_path: Path) -> None:
        latin = "create database latin encoding 'LATIN1' locale 'C' template template0"
        server.run(latin)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, server.address(database="latin"))
            answer = fetched(tmp_path, "select U&'M\\00FCller' as name")
        assert pq.read_table(answer).to_pylist() == [{"name": "Müller"}]

    def test_has_its_columns_before_it_is_asked_for(self) -> None:
        assert columns_of(query("select customer, amount as value from sales;-- x")) == [
            "customer",
            "value",
        ]


ANSWERED = f"{WHERE}.query: must be answered by the database "


@pytest.mark.usefixtures("address")
class TestAQueryThatIsRefused:
    @pytest.mark.parametrize(
        ("sql", "found"),
        [
            ("select nope from sales", '(Failed to prepare query: ERROR: column "nope" does not exist'),
            ("select 1 / (item - 20) as x from sales", "division by zero"),
            ("select nextval('pg_catalog.nope')", "does not exist"),
        ],
    )  # fmt: skip
    def test_by_the_database(self, tmp_path: Path, sql: str, found: str) -> None:
        sentence = refused(tmp_path, sql)
        assert sentence.startswith(ANSWERED) and sentence.endswith("); mend it") and found in sentence
        assert "\n" not in sentence

    def test_because_it_writes_by_a_function(self, server: Server, tmp_path: Path) -> None:
        server.run(
            "create function empty() returns int language sql as 'delete from sales; select 1'",
        )
        assert "cannot execute DELETE in a read-only transaction" in refused(tmp_path, "select empty() as x")

    def test_because_it_takes_too_long(self, tmp_path: Path) -> None:
        assert refused(tmp_path, "select 1 as one from pg_sleep(20)", seconds=0.3) == (
            f"{ANSWERED}(it is not done after 0.3 seconds, as limits.sql says); mend it"
        )

    def test_because_it_gives_no_row(self, tmp_path: Path) -> None:
        assert refused(tmp_path, "select * from (select 1 as a) x where false") == (
            f"{WHERE}.query: must give rows (it gives none); look at its conditions"
        )

    def test_for_types_that_would_be_read_wrongly(self, tmp_path: Path) -> None:
        text = (
            f"{WHERE}.query: the column %s must be text, a number, a date or a time without zone (it is %s)"
        )
        sql = "select at, price, array[1] as many, interval '1 day' as span, '\\x00'::bytea as raw from sales"
        assert refused(tmp_path, sql).split("\n") == [
            text % ("'at'", "timestamptz") + "; cast it, like \"at\" at time zone 'Europe/Berlin'",
            text % ("'price'", "money") + '; cast it, like "price"::numeric',
            text % ("'many'", "_int4") + '; cast it, like "many"::text',
            text % ("'span'", "interval") + '; cast it, like "span"::text',
            text % ("'raw'", "bytea") + '; cast it, like "raw"::text',
        ]

    def test_for_columns_of_one_name(self, tmp_path: Path) -> None:
        assert refused(tmp_path, "select 1 as a, 2 as a") == (
            f"{WHERE}.query: must name each column once (got 'a' twice)"
        )

    @pytest.mark.parametrize("value", ["'NaN'::numeric", "1e40::numeric"])
    def test_for_numbers_that_no_column_holds(self, tmp_path: Path, value: str) -> None:
        sentence = refused(tmp_path, f"select {value} as amount union all select 1.5")
        assert sentence.startswith(
            f"{WHERE}.query: the column 'amount' must hold numbers of at most 38 digits"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "delete from sales",
        "select 1; drop table sales",
        "with gone as (delete from sales returning *) select * from gone",
        "select * into copied from sales",
        "select * from sales for update",
        "copy sales to '/tmp/x'",
        "set role admin",
        "create table x (a int)",
        "select from where",
        "",
    ],
)
def test_only_one_select_is_sent(sql: str, address: str) -> None:
    (sentence,) = check_query(query(sql))
    assert sentence.startswith(f"{WHERE}.query: must be one SELECT of PostgreSQL (")
    assert sentence.endswith("); mend it")


@pytest.mark.parametrize(
    "sql",
    [
        "with a as (select 1 as x) select * from a union all select 2",
        "select distinct on (customer) customer, item from sales order by customer, item desc; -- newest",
        "select sum(amount) filter (where item > 3) over (partition by customer) from sales",
        "select left(customer, 2), at at time zone 'Europe/Berlin' from sales where item > 2",
    ],
)
def test_a_select_may_be_as_postgresql_writes_it(sql: str, address: str) -> None:
    assert list(check_query(query(sql))) == []


def test_the_variable_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert list(check_query(query("select 1"))) == [
        f"{WHERE}.connection: {VARIABLE} must be set in the environment to the address of the database, "
        "like postgresql://USER@HOST/DATABASE (it is not set)"
    ]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://anna:{secret}@127.0.0.1:{port}/firma",
        "host=127.0.0.1 port={port} user=anna password={secret} dbname=firma",
        "postgresql://anna:{secret}@no-such-host.invalid/firma",
        "postgresql://anna:100%{secret}@127.0.0.1/firma",
        "{secret}",
        "postgresql://anna:{secret}@{socket}/firma",
        "postgresql://anna:{secret}@/firma?host={socket}",
        "postgresql://segcore:{secret}@/postgres?host={socket}",
        "postgresql://segcore:{right}@/firma_gmbh?host={socket}",
    ],
)
def test_the_address_stands_in_no_message(
    server: Server, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    known = {"secret": "p3!xyz", "port": str(free_port()), "socket": str(server.socket), "right": PASSWORD}
    monkeypatch.setenv(VARIABLE, address.format(**known))
    with pytest.raises(InputError) as caught:
        columns_of(query("select 1 as one"))
    (sentence,) = caught.value.problems
    assert sentence.startswith(f"{WHERE}.connection: the database in {VARIABLE} must answer (")
    assert sentence.endswith("); see whether it runs, or mend the variable")
    parts = {*known.values(), "anna", "firma", "firma_gmbh", "no-such-host", "127.0.0.1"}
    assert [part for part in parts if part in sentence] == []
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


STUDY = """\
title: ACME
currency: EUR
sources:
  transactions:
    query: select customer, item, ordered, amount from sales
    connection: ACME_DATABASE
    columns:
      {customer_id: customer, order_id: item, order_date: ordered, amount: amount, market: {sql: "'all'"}}
variables: {recency: {classes: 2}}
breaks: {policy: refit}
segments: {Good: {}, Bad: {}}
"""


def kept(folder: Path) -> Extract:
    path = folder / "acme.yaml"
    path.write_text(STUDY, encoding="utf-8")
    (extract,) = keep(find(load_study(path), folder / "data"), folder / "inputs")
    return extract


def test_an_answer_is_kept_like_an_extract_and_read_without_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    extract = kept(tmp_path)
    again = kept(tmp_path)
    assert again == extract
    record = extract.as_json()
    assert record == {
        "source": "transactions",
        "pattern": 0,
        "name": "transactions.query",
        "delivered": None,
        "bytes": extract.path.stat().st_size,
        "sha256": sha256_of(extract.path),
        "query": "select customer, item, ordered, amount from sales",
    }
    assert extract.path == tmp_path / "inputs" / f"{extract.sha256}.parquet"
    assert [path.name for path in (tmp_path / "inputs").iterdir()] == [extract.path.name]
    everything = json.dumps(record).encode() + extract.path.read_bytes()
    assert PASSWORD.encode() not in everything and address.encode() not in everything
    monkeypatch.delenv(VARIABLE)
    assert kept_before([record], tmp_path / "data", tmp_path / "inputs") == (extract,)


def test_an_answer_that_is_gone_is_not_asked_for_again(tmp_path: Path, address: str) -> None:
    extract = kept(tmp_path)
    extract.path.unlink()
    with pytest.raises(InputError) as caught:
        kept_before([extract.as_json()], tmp_path / "data", tmp_path / "inputs")
    assert caught.value.problems == (
        f"transactions.query: must be kept as the database answered ({extract.path} was altered or is "
        "missing); put it back from a copy",
    )


def test_other_rows_are_another_extract(tmp_path: Path, server: Server, address: str) -> None:
    before = kept(tmp_path)
    server.run("insert into sales values ('K9', 21, '2025-12-31', 1)")
    after = kept(tmp_path)
    server.run("delete from sales where customer = 'K9'")
    assert (before.name, before.sha256) != (after.name, after.sha256)
    assert kept(tmp_path) == before


def test_the_columns_that_a_study_maps_are_looked_for_before_a_run(tmp_path: Path, address: str) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(STUDY.replace("customer_id: customer", "customer_id: kunde"), encoding="utf-8")
    study = load_study(path)
    with DuckDB() as engine, pytest.raises(InputError) as caught:
        check(engine, study, tmp_path)
    assert caught.value.problems == (
        "transactions.query: must have the column 'kunde' for customer_id (got customer, item, ordered, "
        "amount); ask for the export again, or mend columns.customer_id",
    )


@pytest.mark.slow
def test_a_run_names_its_query_and_is_repeated_without_the_database(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    project = Project(tmp_path / "project", {"segment": REAL_SEGMENT})
    study = STUDY.replace("recency: {classes: 2}", "recency: {classes: 2}, frequency: {classes: 2}")
    project.study.write_text(study, encoding="utf-8")
    run = project.run(JUNE).run_dir
    (entry,) = json.loads((run / "manifest.json").read_text())["inputs"]
    assert entry["query"] == "select customer, item, ordered, amount from sales"
    assert sha256_of(project.runs / "inputs" / f"{entry['sha256']}.parquet") == entry["sha256"]
    assert project.run(JUNE).status == "unchanged"
    due = when_due(load_study(project.study), JUNE + dt.timedelta(days=400), root=project.root)
    assert due.told.startswith("acme: 1 new extract; the run of ")

    server.run("delete from sales where item > 10")
    monkeypatch.delenv(VARIABLE)
    assert repeat(run, root=project.root).differs == ()
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
