"""What becomes of a record, and the tables that are left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from small_sources import DAY, HEADER, KEY, ingest_files, line

from segcore import tables
from segcore.engine import DuckDB, Engine
from segcore.sentences import checks
from segcore.sources import check_gates, collect

NO_CUSTOMER = ("unique: record", "unique: record\n    exclude: {no customer: customer_id is null}")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def orders(engine: Engine) -> list[tuple[object, ...]]:
    return engine.rows("select customer_id, order_id, amount, file from transactions order by file, record")


def sources_with(source: str) -> tuple[str, str]:
    """The small study with one more source."""
    return ("variables:", f"  {source}\nvariables:")


class TestLaterWins:
    """Of the records of one key the latest stays."""

    def kept(self, engine: Engine, folder: Path, files: list[str], *changes: tuple[str, str]) -> str:
        contents = {name: HEADER + line(amount=f"{n},00") for n, name in enumerate(files)}
        ingest_files(engine, folder, contents, KEY, *changes)
        ((_, _, _, file),) = orders(engine)
        return str(file)

    def test_by_name_in_natural_order(self, engine: Engine, tmp_path: Path) -> None:
        assert self.kept(engine, tmp_path, ["sales_9.csv", "sales_10.csv"]) == "sales_10.csv"

    def test_by_the_date_of_the_delivery(self, engine: Engine, tmp_path: Path) -> None:
        files = ["sales_b_2025-01-01.csv", "sales_a_2025-02-01.csv"]
        change = (
            '["sales*"]',
            r"""["sales*"]
    delivered: '(\d{4}-\d{2}-\d{2})'""",
        )
        assert self.kept(engine, tmp_path, files, change) == "sales_a_2025-02-01.csv"

    def test_by_the_order_of_the_patterns_before_all(self, engine: Engine, tmp_path: Path) -> None:
        files = ["sales_2.csv", "sales_1.csv"]
        change = ('["sales*"]', '["sales_2*", "sales_1*"]')
        assert self.kept(engine, tmp_path, files, change) == "sales_1.csv"

    def test_in_one_file_the_first_record_stays(self, engine: Engine, tmp_path: Path) -> None:
        content = HEADER + line(amount="1,00") + line(amount="2,00") + line(amount="3,00")
        ingest_files(engine, tmp_path, {"sales.csv": content}, KEY)
        assert engine.rows("select record, amount from transactions") == [(2, Decimal(1))]
        assert engine.rows("select dropped_record, kept_record from conflicts order by 1") == [(3, 2), (4, 2)]


def test_the_same_key_with_other_values_is_a_conflict_and_with_the_same_is_none(
    engine: Engine, tmp_path: Path
) -> None:
    files = {
        "sales_1.csv": HEADER + line(amount="1,00", market="X") + line("K2", "A2"),
        "sales_2.csv": HEADER + line("K2", "A2") + line("K9", amount="1.000,00", market="X"),
    }
    ingest_files(engine, tmp_path, files, KEY)
    assert engine.rows('from conflicts order by "column"') == [
        ("transactions", "A1-10", "amount", "sales_2.csv", 3, "1000.0000", "sales_1.csv", 2, "1.0000", False),
        ("transactions", "A1-10", "customer_id", "sales_2.csv", 3, "K9", "sales_1.csv", 2, "K1", False),
    ]
    assert engine.rows("select file, loaded, duplicates from reconciliation") == [
        ("sales_1.csv", 0, 2),
        ("sales_2.csv", 2, 0),
    ]


def test_an_order_on_the_run_date_counts_and_later_ones_do_not_exist(engine: Engine, tmp_path: Path) -> None:
    content = HEADER + line(date="31.12.2025") + line(order="A2", date="01.01.2026")
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert [order for _, order, *_ in orders(engine)] == ["A1"]
    assert engine.rows("select loaded, after_run_date from reconciliation") == [(1, 1)]


def test_the_first_exclusion_that_is_true_counts_with_its_amount(engine: Engine, tmp_path: Path) -> None:
    change = (
        "unique: record",
        "exclude: {cancelled: \"order_id like 'C%'\", no customer: customer_id is null, none: amount > 1e9}",
    )
    content = HEADER + line("", "C1", amount="-5,00") + line("", "A2", amount="2,50") + line()
    ingest_files(engine, tmp_path, {"sales.csv": content}, change)
    assert engine.rows("select rule, position, records, amount from exclusions order by position") == [
        ("cancelled", 1, 1, Decimal(-5)),
        ("no customer", 2, 1, Decimal("2.5")),
        ("none", 3, 0, Decimal(0)),
    ]


def test_an_amount_in_another_currency_is_refused_and_never_converted(engine: Engine, tmp_path: Path) -> None:
    header = HEADER.replace("\n", ";Währung\n")
    lines = [line(order=f"A{n}", amount=f"1,00;{c}") for n, c in enumerate(["EUR", "USD", "", "eur"])]
    change = ("amount: Umsatz", "amount: Umsatz\n      currency: Währung")
    ingest_files(engine, tmp_path, {"sales.csv": header + "".join(lines)}, change)
    assert [order for _, order, *_ in orders(engine)] == ["A0", "A2"]
    assert engine.rows('select record, "column", raw, rule, reason from quarantine order by record') == [
        (3, "currency", "USD", "currency", "must be in EUR"),
        (5, "currency", "eur", "currency", "must be in EUR"),
    ]


def test_a_required_column_without_a_value_is_refused_last(engine: Engine, tmp_path: Path) -> None:
    content = HEADER + line() + line("", "A2") + line("", "A3", market="") + line("K4", "A4", market=" ")
    ingest_files(engine, tmp_path, {"sales.csv": content}, NO_CUSTOMER)
    assert engine.rows("from exclusions") == [("transactions", "sales.csv", "no customer", 1, 2, Decimal(2))]
    assert engine.rows("from quarantine") == [
        ("transactions", "sales.csv", 5, "market", None, "required", "must have a value"),
    ]


def test_the_first_unreadable_column_of_a_record_is_told(engine: Engine, tmp_path: Path) -> None:
    content = HEADER + line() + line(date="31.02.2025", amount="12.34,5") + line(amount="1,23456")
    ingest_files(engine, tmp_path, {"sales.csv": content})
    number = "must be a number like 1.234,56 with at most four decimals"
    assert engine.rows('select record, "column", raw, rule, reason from quarantine order by record') == [
        (3, "order_date", "31.02.2025", "date", "must be a date like 31.12.2025 (%d.%m.%Y)"),
        (4, "amount", "1,23456", "number", number),
    ]


DAMAGED = {"sales.csv": HEADER + line(item="#MULTIVALUE") + line(order="A2")}


def test_what_only_describes_an_order_line_is_left_out_and_counted(engine: Engine, tmp_path: Path) -> None:
    """The record was refused, and with it its amount."""
    ingest_files(engine, tmp_path, DAMAGED)
    assert engine.rows("select item, amount from transactions order by record") == [
        (None, Decimal(1)),
        ("10", Decimal(1)),
    ]
    assert engine.rows('select source, "column", raw, records from unread') == [
        ("transactions", "item", "#MULTIVALUE", 1)
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("unique: record", "exclude: {freight: \"Item = '9'\"}"),
        ("variables: {", 'variables: {articles: {classes: 2, sql: "count(distinct item)"}, '),
        KEY,
    ],
)
def test_it_refuses_the_record_where_a_number_may_depend_on_it(
    engine: Engine, tmp_path: Path, change: tuple[str, str]
) -> None:
    ingest_files(engine, tmp_path, DAMAGED, change)
    assert engine.rows('select "column", raw from quarantine') == [("item", "#MULTIVALUE")]


def test_products_say_the_market_where_order_lines_name_a_product(engine: Engine, tmp_path: Path) -> None:
    files = {
        "sales.csv": HEADER + line(market="P1") + line(order="A2", market="P9") + line(order="A3", market=""),
        "products.csv": "Ware;Sparte\nP1;Büro\nP2;Küche\nP1;Büro\n",
    }
    source = "products: {files: [products.csv], columns: {product: Ware, market: Sparte}}"
    ingest_files(engine, tmp_path, files, ("market: Sparte", "product: Sparte"), sources_with(source))
    assert engine.rows("select order_id, product, market from transactions") == [("A1", "P1", "Büro")]
    assert engine.rows('select record, "column", raw, reason from quarantine order by record') == [
        (3, "market", "P9", "must have a value; its product is not in products"),
        (4, "market", None, "must have a value"),
    ]
    assert engine.rows("from reconciliation where source = 'products'") == [
        ("products", "products.csv", 3, 2, 1, 0, 0, 0, 4, 1)
    ]


def test_customers_reps_and_followups_become_tables_of_their_own(engine: Engine, tmp_path: Path) -> None:
    files = {
        "sales.csv": HEADER + line(),
        "accounts.csv": "Kunde;Name;Seit\n1;Müller;01.05.2012\n;Niemand;01.05.2012\n2;Meier;00.00.0000\n",
        "reps.csv": "Nr;Mail\n7;a@b.example\n",
        "visits.csv": "Kunde;Nr;Datum\n1;7;31.12.2025\n1;7;01.01.2026\n1;7;31.12.2025\n",
    }
    key = "customer_id: {from: Kunde, zero_pad: 3}"
    sources = (
        f"customers: {{files: [accounts.csv], columns: {{{key}, name: Name, since: Seit}}}}\n"
        "  reps: {files: [reps.csv], columns: {rep: Nr, email: Mail}}\n"
        f"  followups: {{files: [visits.csv], columns: {{{key}, rep: Nr, date: Datum}}}}"
    )
    ingest_files(engine, tmp_path, files, sources_with(sources))
    assert engine.rows("select * exclude (file) from customers_source order by 1") == [
        (2, "001", "Müller", dt.date(2012, 5, 1)),
        (4, "002", "Meier", None),
    ]
    assert engine.rows("from reps") == [("reps.csv", 2, "7", "a@b.example")]
    assert engine.rows("from followups") == [("visits.csv", 2, "001", "7", DAY)]
    assert engine.rows(
        "select * exclude (files) from records where source <> 'transactions' order by 1 desc"
    ) == [
        ("reps", 1, 1, 0, 0, 0, 0),
        ("followups", 3, 1, 1, 1, 0, 0),
        ("customers", 3, 2, 0, 0, 0, 1),
    ]


VISITS = "followups: {files: [visits*.csv], columns: {customer_id: Kunde, rep: Nr, date: Datum}}"


@pytest.mark.parametrize(
    "visits",
    [
        {"visits.csv": "Kunde;Nr;Datum\n"},
        {"visits.csv": "Kunde;Nr;Datum"},
        {"visits.csv": "\n Kunde;Nr;Datum\n\n\n"},
        {"visits_1.csv": "Kunde;Nr;Datum\nK1;7;31.12.2025\n", "visits_2.csv": "Kunde;Nr;Datum\n"},
        {"visits_1.csv": "Kunde;Nr;Datum\n", "visits_2.csv": "Kunde;Nr;Datum\nK1;7;31.12.2025\n"},
    ],
    ids=["alone", "without a line end", "blank lines", "the newer one", "the older one"],
)
def test_a_log_without_records_says_that_nobody_was_followed_up(
    engine: Engine, tmp_path: Path, visits: dict[str, str | bytes]
) -> None:
    study = ingest_files(engine, tmp_path, {"sales.csv": HEADER + line(), **visits}, sources_with(VISITS))
    held = [content.count("K1") for content in map(str, visits.values())]
    assert engine.rows("select customer_id, rep, date from followups") == [("K1", "7", DAY)] * sum(held)
    counted = (
        "select records, loaded, quarantined from reconciliation where source = 'followups' order by file"
    )
    assert engine.rows(counted) == [(n, n, 0) for n in held]
    extracts = collect(study, tmp_path / "data", tmp_path / "inputs")
    assert {*check_gates(engine, study, extracts)["state"]} == {"ok"}


def test_follow_ups_in_the_future_are_put_aside_and_the_report_says_how_many(
    engine: Engine, tmp_path: Path
) -> None:
    days = ["31.12.2025", "01.01.2026", "02.01.2026"]
    files = {
        "sales.csv": HEADER + line(),
        "visits.csv": "".join(["Kunde;Nr;Datum\n", *(f"K1;7;{day}\n" for day in days)]),
    }
    source = "followups: {files: [visits.csv], columns: {customer_id: Kunde, rep: Nr, date: Datum}}"
    ingest_files(engine, tmp_path, files, sources_with(source))
    assert engine.rows("select date from followups") == [(DAY,)]
    found = tables.rows(engine, "reconciliation")
    assert checks.future(found) == "2 follow-ups are dated after the run date and are not counted yet."
    assert checks.future(found[found["source"] == "transactions"]) == ""


class TestDeliveries:
    """What older deliveries still say."""

    FILES: ClassVar = {
        "sales_1.csv": HEADER + line(amount="1,00") + line(order="A2") + "x;y\n" + line(order="A2"),
        "sales_2.csv": HEADER + line(amount="2,00") + line(order="A3") + line(order="A3"),
    }

    def test_of_snapshots_only_the_newest_counts(self, engine: Engine, tmp_path: Path) -> None:
        change = ("unique: record", "unique: [order_id, item]\n    deliveries: snapshot")
        ingest_files(engine, tmp_path, self.FILES, change)
        assert engine.rows("select order_id, amount from transactions order by 1") == [
            ("A1", Decimal(2)),
            ("A3", Decimal(1)),
        ]
        assert engine.rows("select file, loaded, duplicates, excluded, quarantined from reconciliation") == [
            ("sales_1.csv", 0, 0, 4, 0),
            ("sales_2.csv", 2, 1, 0, 0),
        ]
        assert engine.rows("select rule, records from excluded") == [("an older delivery", 4)]

    def test_files_of_one_date_are_one_delivery(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales_a_2025-01-01.csv": HEADER + line(),
            "sales_a_2025-02-01.csv": HEADER + line(order="A2"),
            "sales_b_2025-02-01.csv": HEADER + line(order="A3"),
        }
        change = (
            "unique: record",
            "unique: record\n    deliveries: snapshot\n    delivered: '(\\d{4}-\\d{2}-\\d{2})'",
        )
        ingest_files(engine, tmp_path, files, change)
        assert engine.rows("select order_id from transactions order by 1") == [("A2",), ("A3",)]

    def test_are_compared_on_the_days_that_both_cover(self, engine: Engine, tmp_path: Path) -> None:
        files = {
            "sales_1.csv": HEADER
            + line(order="A1", date="01.02.2025")
            + line(order="A2", date="02.02.2025", amount="2,00")
            + line(order="A3", date="03.02.2025", amount="4,00")
            + line(order="A4", date="01.01.2026"),
            "sales_2.csv": HEADER
            + line(order="A2", date="02.02.2025", amount="2,00")
            + line(order="B3", date="03.02.2025", amount="8,00")
            + line(order="B4", date="04.02.2025")
            + "x;y\n",
            "sales_3.csv": HEADER + line(order="C1", date="05.02.2025"),
        }
        ingest_files(engine, tmp_path, files)
        day = [dt.date(2025, 2, n) for n in range(1, 6)]
        assert engine.rows(
            "select delivery, records, loaded, first_day, last_day, amount from deliveries"
        ) == [
            ("sales_1.csv", 4, 2, day[0], day[2], Decimal(7)),
            ("sales_2.csv", 4, 3, day[1], day[3], Decimal(11)),
            ("sales_3.csv", 1, 1, day[4], day[4], Decimal(1)),
        ]
        assert engine.rows("select position, columns('common|before|equal') from deliveries") == [
            (1, *[None] * 8),
            (2, day[1], day[2], 2, Decimal(10), 2, Decimal(6), 1, 1),
            (3, *[None] * 7, 2),
        ]
        assert engine.rows("select again from deliveries") == [(1,), (0,), (0,)]

    def test_records_of_one_delivery_that_share_a_key_and_differ_are_counted(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        first = (
            line(amount="1,00") + line("K2", amount="2,00") + line("K3", amount="4,00") + line(amount="1,00")
        )
        files = {"sales_1.csv": HEADER + first, "sales_2.csv": HEADER + line(order="A2") + line(order="A2")}
        ingest_files(engine, tmp_path, files, KEY)
        assert engine.rows("from repeated") == [("transactions", "sales_1.csv", 2, 2, Decimal(6))]
        assert engine.rows("select distinct within, dropped_record from conflicts order by 2") == [
            (True, 3),
            (True, 4),
        ]
