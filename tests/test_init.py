"""`segcore init`: a study that works at once, from files that nobody has described."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
from small_init import checks, made, used

from segcore.demo import RUN_DATES, Demo, write_demo
from segcore.init import InitResult
from segcore.params import Study
from segcore.params.file import load_study
from segcore.params.sources import Delivered

LAST_DELIVERY = dt.date(2025, 12, 31)
SHIPPED = Path(__file__).parents[1] / "params"


@pytest.fixture(autouse=True)
def _no_other_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(root: Path) -> Demo:
    return write_demo(root / "data" / "demo", customers=300)


@pytest.fixture(scope="module")
def found(demo: Demo, root: Path) -> tuple[Study, InitResult]:
    """One delivery brings the others that lie beside it."""
    others = (path for path in sorted(demo.folder.iterdir()) if not path.name.startswith("sales_"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SEGCORE_DATA_DIR", raising=False)
        return made(root, demo.folder / demo.deliveries[-1].name, *others)


class TestTheDemo:
    """The shipped study, found out from the files alone."""

    def test_everything_is_guessed_that_the_shipped_study_says_about_its_sources(
        self, demo: Demo, found: tuple[Study, InitResult]
    ) -> None:
        study, result = found
        mine, shipped = study.sources.given(), load_study(SHIPPED / "demo.yaml").sources.given()

        assert mine.keys() == shipped.keys()
        for kind, source in mine.items():
            assert source.columns == shipped[kind].columns, kind
            assert source.format == shipped[kind].format, kind
            assert source.unique == shipped[kind].unique, kind
            assert source.exclude == shipped[kind].exclude, kind
        assert study.sources.transactions.files == ("demo/sales_*.csv",)
        assert study.sources.transactions.delivered == Delivered(name=r"demo/sales_(\d{4}-\d{2}-\d{2})")
        assert (study.currency, study.data_dir) == ("EUR", None)
        assert study.breaks.from_ == result.run_date == LAST_DELIVERY
        assert result.lines[0].count("sales_") == 8

    def test_the_study_works_at_once(self, demo: Demo, root: Path, found: tuple[Study, InitResult]) -> None:
        with used(root, found[0]) as engine:
            assert engine.rows(
                "select sum(loaded)::BIGINT from reconciliation where source = 'transactions'"
            ) == [(demo.loaded,)]

    def test_the_user_is_told_what_became_of_the_records_and_what_to_check(
        self, demo: Demo, root: Path, found: tuple[Study, InitResult]
    ) -> None:
        result = found[1]
        excluded = demo.no_customer + demo.cancelled
        logs = ", ".join(f"visits_{date}.csv" for date in RUN_DATES)
        assert result.lines[1:4] == ("customers: accounts.csv", "reps: reps.csv", f"followups: {logs}")
        assert (
            f"transactions: {demo.records:,} records = {demo.loaded:,} loaded "
            f"+ {demo.duplicates:,} duplicates + {excluded:,} excluded (no customer: {demo.no_customer:,}, "
            f"cancelled: {demo.cancelled:,}) + {demo.quarantined:,} quarantined"
        ) in result.lines
        assert result.lines[-2:] == (
            f"written: {root}/params/mine.yaml and {root}/params/mine.rules.csv; "
            "read both, then make a first run:",
            f"segcore run {root}/params/mine.yaml --date {LAST_DELIVERY}",
        )
        (check,) = checks(result)
        assert check.startswith("exclude cancelled: please check: ")


@pytest.mark.slow
def test_online_retail_is_understood_at_once(shared_data: Path, tmp_path: Path) -> None:
    study, result = made(tmp_path, shared_data / "online_retail_ii.csv.gz")
    shipped = load_study(SHIPPED / "online_retail.yaml").sources.transactions
    source = study.sources.transactions
    assert (source.format, source.unique, source.exclude) == (shipped.format, shipped.unique, shipped.exclude)
    assert source.columns["customer_id"] == shipped.columns["customer_id"]
    assert study.breaks.from_ == dt.date(2011, 12, 9)
    assert (
        "transactions: 1,067,371 records = 779,425 loaded + 34,335 duplicates + 253,611 excluded "
        "(no customer: 235,151, cancelled: 18,390, price: 70)"
    ) in result.lines


def test_adventureworks_is_understood_at_once(shared_data: Path, tmp_path: Path) -> None:
    names: Sequence[str] = ("Sales", "Reseller", "Product", "Salesperson")
    study, _ = made(tmp_path, *(shared_data / "adventureworks" / f"{name}.csv" for name in names))
    shipped = load_study(SHIPPED / "adventureworks.yaml").sources.given()
    for kind, source in study.sources.given().items():
        assert (source.format, source.unique) == (shipped[kind].format, shipped[kind].unique)
        assert source.columns.items() <= shipped[kind].columns.items()
    with used(tmp_path, study) as engine:
        assert engine.rows("select count(distinct customer_id) from transactions") == [(632,)]
