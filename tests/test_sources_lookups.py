"""Lookups: one record per key on the run date, heads of orders, and customers with another number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from small_sources import DAY, HEADER, Change, deliver, ingest_files, line, written

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError, SegcoreError
from segcore.params.file import load_study
from segcore.sources import collect, ingest
from segcore.sources.parsing import parse_extract

PRODUCT = ("market: Sparte", "product: Sparte")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def with_sources(*sources: str) -> Change:
    """The small study with more sources."""
    return ("variables:", "".join(f"  {source}\n" for source in sources) + "variables:")


class TestUniqueOnTheRunDate:
    """A lookup must not multiply what looks it up."""

    def test_a_wider_key_of_products_is_refused(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales.csv": HEADER + line(market="P1") + line(order="A2", market="P2"),
            "products.csv": "Ware;Sparte\nP1;Büro\nP2;Büro\nP1;Küche\n",
        }
        products = (
            "products: {files: [products.csv], columns: {product: Ware, market: Sparte}, "
            "unique: [product, market]}"
        )
        with pytest.raises(InputError) as error:
            ingest_files(engine, tmp_path, files, PRODUCT, with_sources(products))
        assert str(error.value) == (
            "sources.products: must have one record per product, by which other sources look it up (1 have "
            "several: P1: products.csv record 2 and products.csv record 4); map valid_from and valid_to, "
            "exclude the records that do not apply, or say unique: [product], so that the later one wins"
        )

    def test_customers_with_a_history_are_as_on_the_run_date(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales.csv": HEADER + line(),
            "accounts.csv": (
                "Kunde;Name;Von;Bis\nK1;Alt;01.01.2020;30.12.2025\nK1;Jetzt;31.12.2025;\n"
                "K1;Bald;01.01.2026;\nK2;Ende;;31.12.2025\n"
            ),
        }
        customers = (
            "customers: {files: [accounts.csv], columns: {customer_id: Kunde, name: Name, "
            "valid_from: Von, valid_to: Bis}}"
        )
        ingest_files(engine, tmp_path, files, with_sources(customers))
        assert engine.rows("select customer_id, name from customers_source order by 1") == [
            ("K1", "Jetzt"),
            ("K2", "Ende"),
        ]
        assert engine.rows("select rule, position, records from exclusions") == [
            ("not valid on the run date", 1, 2)
        ]
        assert engine.rows("select records, loaded, duplicates, excluded from records order by 1 desc") == [
            (4, 2, 0, 2),
            (1, 1, 0, 0),
        ]

    @pytest.mark.parametrize(
        ("mapped", "name"), [("valid_from: Tag", "Mitte"), ("valid_to: Tag", "Bald")], ids=["from", "to"]
    )
    def test_where_one_end_is_known_the_nearest_is_valid(
        self, engine: Engine, tmp_path: Path, mapped: str, name: str
    ) -> None:
        files = {
            "sales.csv": HEADER + line(),
            "accounts.csv": "Kunde;Name;Tag\nK1;Alt;01.01.2020\nK1;Mitte;01.01.2025\nK1;Bald;01.01.2026\n",
        }
        customers = (
            f"customers: {{files: [accounts.csv], columns: {{customer_id: Kunde, name: Name, {mapped}}}}}"
        )
        ingest_files(engine, tmp_path, files, with_sources(customers))
        assert engine.rows("select name from customers_source") == [(name,)]
        assert engine.rows("select rule, records from exclusions") == [("not valid on the run date", 2)]

    def test_two_records_that_are_valid_at_once_are_refused(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales.csv": HEADER + line(),
            "accounts.csv": "Kunde;Von;Bis\nK1;01.01.2020;\nK1;01.01.2025;\n",
        }
        columns = "customer_id: Kunde, valid_from: Von, valid_to: Bis"
        customers = f"customers: {{files: [accounts.csv], columns: {{{columns}}}}}"
        with pytest.raises(InputError) as error:
            ingest_files(engine, tmp_path, files, with_sources(customers))
        assert str(error.value) == (
            "sources.customers: must have one record per customer_id on the run date 2025-12-31, by which "
            "other sources look it up (1 have several: K1: accounts.csv record 2 and accounts.csv record 3); "
            "mend valid_from and valid_to, exclude the records that do not apply, or say unique: "
            "[customer_id], so that the later one wins"
        )


class TestHeadsOfOrders:
    """Order lines in one file, what holds for the whole order in another."""

    LINES = (
        "Auftrag;Position;Sparte;Umsatz\nA1;10;X;1,00\nA1;20;X;2,00\nA2;10;X;3,00\nA9;10;X;4,00\n"
        "A3;10;X;5,00\n"
    )
    HEADS = (
        "Auftrag;Kunde;Datum;Status\nA1;K1;01.02.2025;ok\nA2;K2;01.01.2026;ok\nA3;K3;01.02.2025;weg\n"
        "A4;K4;01.02.2025;ok\n"
    )
    CHANGES = (
        ("      customer_id: Kunde\n", ""),
        ("      order_date: Datum\n", ""),
        ("unique: record", "unique: [order_id, item]\n    exclude: {gone: state = 'weg'}"),
        with_sources(
            "orders: {files: [heads.csv], columns: {order_id: Auftrag, customer_id: Kunde, "
            "order_date: Datum, state: Status}}"
        ),
    )

    def test_fill_what_the_lines_lack(self, engine: Engine, tmp_path: Path) -> None:
        study = load_study(written(tmp_path, *self.CHANGES))
        data = deliver(tmp_path, {"sales.csv": self.LINES, "heads.csv": self.HEADS})
        store = tmp_path / "inputs"
        ingest(engine, study, DAY, collect(study, data, store), store)
        assert engine.rows(
            "select customer_id, order_id, order_date, amount, state from transactions order by item"
        ) == [
            ("K1", "A1", dt.date(2025, 2, 1), Decimal(1), "ok"),
            ("K1", "A1", dt.date(2025, 2, 1), Decimal(2), "ok"),
        ]
        assert engine.rows('select record, "column", raw, rule, reason from quarantine') == [
            (5, "order_id", "A9", "orders", "no order with this number in orders")
        ]
        assert engine.rows(
            "select loaded, after_run_date, excluded, quarantined from records where source = 'transactions'"
        ) == [(2, 1, 1, 1)]

    def test_lines_of_an_excluded_head_are_excluded_with_it(self, engine: Engine, tmp_path: Path) -> None:
        heads = (
            "orders: {files: [heads.csv], columns: {order_id: Auftrag, state: Status}, "
            "exclude: {gone: state = 'weg'}}"
        )
        files = {
            "sales.csv": HEADER + line() + line(order="A2") + line(order="A9"),
            "heads.csv": "Auftrag;Status\nA1;ok\nA2;weg\nA3;ok\n",
        }
        ingest_files(engine, tmp_path, files, with_sources(heads))
        assert engine.rows("select order_id, state from transactions") == [("A1", "ok")]
        assert engine.rows("select source, rule, records from exclusions order by 1") == [
            ("orders", "gone", 1),
            ("transactions", "excluded with its order", 1),
        ]
        assert engine.rows("select source, loaded, quarantined, unused from records order by 1") == [
            ("orders", 2, 0, 1),
            ("transactions", 1, 1, None),
        ]


class TestRenumbered:
    """Customers whom the ERP gave another number."""

    RENUMBERED = "renumbered: {files: [new.csv], columns: {customer_id: Alt, becomes: Neu, valid_from: Ab}}"
    CUSTOMERS = "customers: {files: [accounts.csv], columns: {customer_id: Kunde, name: Name}}"

    def test_orders_and_customers_have_the_number_of_today(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales.csv": HEADER
            + line("A")
            + line("B", "A2")
            + line("C", "A3")
            + line("D", "A4")
            + line("E", "A5"),
            "new.csv": "Alt;Neu;Ab\nA;B;\nB;C;01.01.2025\nD;X;01.01.2026\n",
            "accounts.csv": "Kunde;Name\nC;Neu\nA;Alt\nD;Bleibt\n",
        }
        ingest_files(engine, tmp_path, files, with_sources(self.RENUMBERED, self.CUSTOMERS))
        assert engine.rows("select order_id, customer_id from transactions order by 1") == [
            ("A1", "C"),
            ("A2", "C"),
            ("A3", "C"),
            ("A4", "D"),
            ("A5", "E"),
        ]
        assert engine.rows("from renumbered") == [("A", "C"), ("B", "C")]
        assert engine.rows("select customer_id, name from customers_source order by 1") == [
            ("C", "Neu"),
            ("D", "Bleibt"),
        ]
        assert engine.rows("select rule, records from exclusions where records > 0 order by 1") == [
            ("not valid on the run date", 1),
            ("renumbered", 1),
        ]

    def test_the_attributes_go_with_the_number(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales.csv": HEADER + line("A"),
            "new.csv": "Alt;Neu;Ab\nA;C;\nB;C;\n",
            "accounts.csv": "Kunde;Name\nA;Erster\nB;Zweiter\n",
        }
        ingest_files(engine, tmp_path, files, with_sources(self.RENUMBERED, self.CUSTOMERS))
        assert engine.rows("select customer_id, name from customers_source") == [("C", "Erster")]
        assert engine.rows("select excluded from records where source = 'customers'") == [(1,)]

    def test_a_circle_is_refused(self, engine: Engine, tmp_path: Path) -> None:
        files = {"sales.csv": HEADER + line(), "new.csv": "Alt;Neu;Ab\nX;A;\nA;B;\nB;C;\nC;A;\n"}
        with pytest.raises(InputError) as error:
            ingest_files(engine, tmp_path, files, with_sources(self.RENUMBERED))
        assert str(error.value) == (
            "sources.renumbered: must not lead back to where it began (A → B → C → A); take out the record "
            "that does not hold any more, or map valid_from"
        )


class TestTheAccount:
    """Every figure is compared with one that was counted apart."""

    PRODUCTS = "products: {files: [products.csv], columns: {product: Ware, market: Sparte}, unique: record}"

    def test_a_lookup_that_multiplied_lines_would_be_seen(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = {
            "sales.csv": HEADER + line(market="P1"),
            "products.csv": "Ware;Sparte\nP1;Büro\nP1;Küche\n",
        }
        monkeypatch.setattr("segcore.sources.check_single", lambda *_: None)
        with pytest.raises(SegcoreError) as error:
            ingest_files(engine, tmp_path, files, PRODUCT, with_sources(self.PRODUCTS))
        assert str(error.value) == (
            "products: must have one row per product (2 rows of 1 and 2 records); this is a fault of segcore"
        )
        monkeypatch.setattr("segcore.sources.check_unique", lambda *_: None)
        with pytest.raises(SegcoreError) as error:
            ingest_files(engine, tmp_path / "again", files, PRODUCT, with_sources(self.PRODUCTS))
        assert str(error.value) == (
            "sales.csv: every one of its 1 records must have exactly one outcome (2 have one); "
            "this is a fault of segcore"
        )

    def test_a_parsed_form_must_hold_the_lines_that_were_counted(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def shortened(*given: object) -> Path:
            made = parse_extract(*given)  # type: ignore[arg-type]
            short = tmp_path / "short.parquet"
            engine.execute(
                f"copy (from read_parquet('{made}') where record < 3) to '{short}' "
                "(format parquet, kv_metadata {lines: '3'})"
            )
            return short

        monkeypatch.setattr("segcore.sources.together.parse_extract", shortened)
        with pytest.raises(SegcoreError) as error:
            ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + line(order="A2")})
        assert str(error.value) == (
            "sales.csv: the parsed form must hold the 3 lines that were counted (it holds 2); delete the "
            "folder inputs/parsed of the study's runs and run again"
        )
