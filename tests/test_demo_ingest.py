"""What was planted in a small demo comes out of the ingest, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from segcore.demo import RUN_DATES, Demo, write_demo
from segcore.engine import DuckDB, Engine
from segcore.params.file import load_study
from segcore.sources import check, collect, ingest

STUDY = Path(__file__).parents[1] / "params" / "demo.yaml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return write_demo(tmp_path_factory.mktemp("demo"), customers=300)


@pytest.fixture(scope="module")
def engine(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    study, store = load_study(STUDY), tmp_path_factory.mktemp("store")
    with DuckDB() as made:
        check(made, study, demo.folder)
        ingest(made, study, RUN_DATES[-1], collect(study, demo.folder, store), store)
        yield made


def test_every_delivery_s_equation(engine: Engine, demo: Demo) -> None:
    assert engine.rows(
        "select file, records, loaded, duplicates, after_run_date, excluded, quarantined "
        "from reconciliation where source = 'transactions' order by file"
    ) == [
        (x.name, x.records, x.loaded, x.duplicates, 0, x.no_customer + x.cancelled, x.quarantined)
        for x in demo.deliveries
    ]


def test_every_exclusion_with_what_was_credited(engine: Engine, demo: Demo) -> None:
    query = "select file, records, amount from exclusions where rule = $rule order by file"
    assert engine.rows(query, {"rule": "cancelled"}) == [
        (x.name, x.cancelled, x.credited) for x in demo.deliveries
    ]
    assert [row[:2] for row in engine.rows(query, {"rule": "no customer"})] == [
        (x.name, x.no_customer) for x in demo.deliveries
    ]


def test_every_sum_to_the_cent(engine: Engine, demo: Demo) -> None:
    assert engine.rows("select file, sum(amount) from transactions group by 1 order by 1") == [
        (x.name, x.amount) for x in demo.deliveries
    ]


def test_every_correction_is_a_conflict_over_the_amount(engine: Engine, demo: Demo) -> None:
    found = engine.rows('select dropped_file, "column", count(*) from conflicts group by all order by 1')
    assert found == [(x.name, "amount", x.conflicts) for x in demo.deliveries if x.conflicts]


def test_the_master_data(engine: Engine, demo: Demo) -> None:
    assert engine.rows("select count(*) from customers_source") == [(demo.customers,)]
    assert engine.rows("select count(*) from customers_source where rep is null") == [
        (demo.customers_without_rep,)
    ]
    assert engine.rows("select count(*) from reps") == [(demo.reps,)]
    assert engine.rows("select file, count(*) from followups group by 1 order by 1") == [
        (f"visits_{date}.csv", count) for date, count in zip(RUN_DATES, demo.visits, strict=True)
    ]


def test_the_first_and_the_last_order(engine: Engine, demo: Demo) -> None:
    query = "select min(order_date), max(order_date) from transactions"
    assert engine.rows(query) == [(demo.first_order, demo.last_order)]


def test_an_earlier_run_date_only_sees_earlier_orders(demo: Demo, tmp_path: Path) -> None:
    study = load_study(STUDY)
    with DuckDB() as engine:
        ingest(engine, study, RUN_DATES[3], collect(study, demo.folder, tmp_path), tmp_path)
        assert engine.rows("select max(order_date) <= $day from transactions", {"day": RUN_DATES[3]}) == [
            (True,)
        ]
        ((records, later),) = engine.rows(
            "select sum(records)::BIGINT, sum(after_run_date)::BIGINT from reconciliation "
            "where source = 'transactions'"
        )
        assert records == demo.records
        assert later > 0
