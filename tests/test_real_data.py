"""The published facts about the real data sets, made from them by the shipped studies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from segcore.engine import DuckDB, Engine
from segcore.features import build
from segcore.params import Study
from segcore.params.file import load_study
from segcore.sources import check, collect, ingest

PARAMS = Path(__file__).parents[1] / "params"


def run(engine: Engine, name: str, data: Path, store: Path) -> Study:
    """Ingest a shipped study at the date of its breaks."""
    study = load_study(PARAMS / f"{name}.yaml")
    assert study.breaks.from_ is not None
    check(engine, study, data)
    ingest(engine, study, study.breaks.from_, collect(study, data, store), store)
    build(engine, study, study.breaks.from_)
    return study


@pytest.fixture(scope="module")
def adventureworks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    with DuckDB() as made:
        run(made, "adventureworks", shared_data, tmp_path_factory.mktemp("store"))
        yield made


@pytest.mark.slow
def test_online_retail_gives_the_published_facts(shared_data: Path, tmp_path: Path) -> None:
    """UCI 502 (Chen 2012, doi 10.24432/C5CG6D) at 2011-12-10; facts recomputed from the published file.

    One test for all of them, because reading a million records is most of the work.
    """
    with DuckDB() as engine:
        run(engine, "online_retail", shared_data, tmp_path)
        assert engine.rows("select * exclude (lines, skipped) from reconciliation") == [
            ("transactions", "online_retail_ii.csv.gz", 1_067_371, 779_425, 34_335, 0, 253_611, 0)
        ]
        assert engine.rows("select rule, records from exclusions order by position") == [
            ("no customer", 235_151),
            ("cancelled", 18_390),
            ("quantity", 0),
            ("price", 70),
        ]
        sales = "select sum(amount), count(distinct customer_id), min(order_date)::VARCHAR from transactions"
        assert engine.rows(sales) == [(Decimal("17374804.2680"), 5878, "2009-12-01")]
        # DECIMAL(18, 2) would lose the 18 lines with a price of 0.001.
        assert engine.rows("select count(*) from transactions where price < 0.005") == [(18,)]
        # Customers are written 13085.0 there.
        assert engine.rows("select count(*) from features where customer_id like '%.%'") == [(0,)]
        assert engine.rows("select count(*) from features where customer_id = '13085'") == [(1,)]


class TestAdventureWorks:
    """Microsoft's sample of orders of resellers (MIT)."""

    def test_lines_orders_resellers_and_sales(self, adventureworks: Engine) -> None:
        query = (
            "select count(*), count(distinct order_id), count(distinct customer_id), sum(amount), "
            "min(order_date)::VARCHAR, max(order_date)::VARCHAR from transactions"
        )
        assert adventureworks.rows(query) == [
            (57_851, 3_616, 632, Decimal("77548570.2000"), "2017-07-01", "2020-05-31")
        ]

    def test_no_record_is_left_out(self, adventureworks: Engine) -> None:
        assert adventureworks.rows("select source, records, loaded from reconciliation order by source") == [
            ("customers", 701, 701),
            ("products", 397, 397),
            ("reps", 18, 18),
            ("transactions", 57_851, 57_851),
        ]

    def test_17_representatives_sell_and_208_resellers_changed_theirs(self, adventureworks: Engine) -> None:
        assert adventureworks.rows("select count(distinct rep) from transactions") == [(17,)]
        changed = "select customer_id from transactions group by 1 having count(distinct rep) > 1"
        assert adventureworks.rows(f"select count(*) from ({changed})") == [(208,)]
        assert adventureworks.rows("select count(*) from features where rep is null") == [(0,)]

    def test_the_category_of_the_product_is_the_market(self, adventureworks: Engine) -> None:
        markets = adventureworks.rows("select distinct market from transactions order by 1")
        assert [market for (market,) in markets] == ["Accessories", "Bikes", "Clothing", "Components"]
