"""What `segcore init` guesses about orders, the files beside them, and where they lie."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from small_init import (
    ENGLISH,
    FIRST,
    checks,
    deliver,
    drafted,
    lines,
    made,
    orders,
    used,
    works,
)
from small_sources import read_here
from unseen import sheet

from segcore.params import Format
from segcore.params.sources import Delivered
from segcore.project import find_project


@pytest.fixture(autouse=True)
def _no_other_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


class TestTheOrders:
    """Columns by name and by content, in English and German."""

    def test_a_plain_english_file(self, tmp_path: Path) -> None:
        study, result = made(tmp_path, deliver(tmp_path, "orders.csv", ENGLISH))
        source = study.sources.transactions
        assert source.columns_by_file() == {
            "CustomerID": "customer_id",
            "OrderNo": "order_id",
            "OrderDate": "order_date",
            "Category": "market",
            "Sales": "amount",
        }
        assert source.format is not None
        assert source.format == Format()
        assert (source.files, source.unique, source.exclude) == (("orders.csv",), ("order_id", "market"), {})
        assert checks(result) == ["currency EUR: please check: no column says it"]
        assert works(tmp_path, study)

    def test_quantity_times_price_where_there_is_no_amount(self, tmp_path: Path) -> None:
        text = orders(
            "Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID",
            "{n},{market}7,2,{day} 10:00:00,{amount},{customer}.0",
        )
        text += "C7,X7,-2,2024-05-01 10:00:00,1.50,101.0\n8,Y7,1,2024-05-01 10:00:00,0,\n"
        study, result = made(tmp_path, deliver(tmp_path, "retail.csv", text))
        source = study.sources.transactions
        assert source.columns["amount"].sql == "quantity * price"
        assert source.columns["customer_id"].strip_suffix == ".0"
        assert source.columns["market"].from_ == "StockCode"
        assert source.exclude == {
            "no customer": "customer_id is null",
            "cancelled": "order_id like 'C%'",
            "quantity": "quantity <= 0",
            "price": "price <= 0",
        }
        assert source.format is not None
        assert source.format.date == ("%Y-%m-%d %H:%M:%S",)
        assert checks(result)[1:] == [
            "market: please check: no column of product groups, so every product counts as a market "
            "(X7 · Y7)",
            "exclude cancelled: please check: C stands before the digits (C7): 1 record, together -3.00",
        ]
        assert works(tmp_path, study)

    def test_without_order_numbers_and_markets(self, tmp_path: Path) -> None:
        text = orders("client,date,revenue", "{customer},{day},{amount}")
        study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text))
        source = study.sources.transactions
        assert source.columns["order_id"].sql == "customer_id || ' ' || order_date"
        assert source.columns["market"].sql == "'all'"
        assert source.unique == "record"
        assert list(study.variables) == ["recency", "frequency", "years", "monetary"]
        assert study.rules_path.read_text().startswith("segment,recency,frequency,years,monetary,note\n")
        assert checks(result)[1:] == [
            "order_id: please check: no column of order numbers, so what a customer orders in one day "
            "is one order",
            "market: please check: no column of product groups, so all orders are in one market",
        ]
        assert "products: 1 different value for 2 classes; it is left out" in result.lines
        assert works(tmp_path, study)

    def test_a_key_that_two_different_records_share_is_none(self, tmp_path: Path) -> None:
        header, first, *rest = ENGLISH.splitlines()
        text = "\n".join([header, first, first.replace("0.5", "7.5"), *rest])
        study, _ = made(tmp_path, deliver(tmp_path, "orders.csv", text))
        assert study.sources.transactions.unique == "record"

    def test_equal_records_do_not_speak_against_a_key(self, tmp_path: Path) -> None:
        header, first, *rest = ENGLISH.splitlines()
        text = "\n".join([header, first, first, *rest])
        study, _ = made(tmp_path, deliver(tmp_path, "orders.csv", text))
        assert study.sources.transactions.unique == ("order_id", "market")

    def test_another_currency_is_read_from_its_column(self, tmp_path: Path) -> None:
        text = orders("Kunde;Beleg;Datum;Sparte;Betrag;Währung", "{customer};{n};{day};{market};{amount};CHF")
        study, _ = made(tmp_path, deliver(tmp_path, "orders.csv", text))
        assert study.currency == "CHF"
        assert study.sources.transactions.columns["currency"].from_ == "Währung"

    def test_names_that_yaml_would_misread_are_quoted(self, tmp_path: Path) -> None:
        text = orders(
            '"Customer #1: ""x""",order,date,Y,null amount', "{customer},{n},{day},{market},{amount}"
        )
        study, _ = made(tmp_path, deliver(tmp_path, "or[d]ers.csv", text))
        columns = study.sources.transactions.columns
        assert (columns["customer_id"].from_, columns["amount"].from_) == ('Customer #1: "x"', "null amount")
        assert works(tmp_path, study)

    def test_a_date_far_after_all_others_does_not_date_the_breaks(self, tmp_path: Path) -> None:
        slip = "101,9999,2099-12-31,X,1.0\n"
        text = orders(ENGLISH.split("\n")[0], "{customer},{n},{day},{market},{amount}", count=2000, days=1)
        study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text + slip))
        assert study.breaks.from_ == FIRST + dt.timedelta(days=1999)
        assert "please check: the newest order is of 2099-12-31, long after nearly all others" in result.lines

    def test_the_run_date_can_be_given(self, tmp_path: Path) -> None:
        day = FIRST + dt.timedelta(days=300)
        study, result = made(tmp_path, deliver(tmp_path, "orders.csv", ENGLISH), run_date=day)
        assert study.breaks.from_ == result.run_date == day

    def test_a_column_of_any_name_that_numbers_the_lines_is_part_of_the_key(self, tmp_path: Path) -> None:
        """Unless another delivery numbers them anew."""

        def key(name: str, later: int) -> tuple[tuple[str, ...], str | int]:
            deliveries = [
                "Kunde;Beleg;Datum;Warengruppe;Umsatz;Menge;lfd\n"
                + "".join(
                    f"{n % 7};B{n};2025-01-{1 + n % 28:02};W;{n}{i},5;{n % 3};{i + start * (n % 2)}0\n"
                    for n in range(start, start + 40)
                    for i in (1, 2, 3)
                )
                for start in (0, later)
            ]
            files = [deliver(tmp_path, f"{name}{n}.csv", text, name) for n, text in enumerate(deliveries)]
            (tmp_path / name).mkdir(exist_ok=True)
            found = drafted(tmp_path / name, *files).guesses[0]
            item = found.named("item")
            return found.unique, item.source if item else ""

        assert key("same", 0) == (("order_id", "item"), "lfd")
        assert key("anew", 20) == ((), "")


class TestTheOthers:
    """Files beside the orders."""

    def test_numbers_that_differ_only_in_capitals_stay_apart_and_are_told(self, tmp_path: Path) -> None:
        text = orders("OrderNo,Account,Day,Category,Sales", "{n},00{customer}X,{day},{market},{amount}")
        path = deliver(tmp_path, "orders.csv", text + "999,00100x,2025-01-01,X,5\n")
        customer = drafted(tmp_path, path).guesses[0].named("customer_id")
        assert customer and (customer.source, customer.note) == (
            "Account",
            "please check: 00100X · 00100x differ only in capitals, and count as others",
        )

    def test_keys_that_differ_only_in_capitals_are_one(self, tmp_path: Path) -> None:
        text = orders("OrderNo,Email,Day,Category,Sales", "{n},{customer}@x.example,{day},{market},{amount}")
        text += "999,A@x.example,2025-01-01,X,5\n998,a@X.example,2025-01-01,X,5\n997,#,2025-01-01,X,5\n"
        people = "Email,Name,City\n" + "".join(f"{n}@x.example,N{n},Bonn\n" for n in range(100, 130))
        files = [
            deliver(tmp_path, "orders.csv", text),
            deliver(tmp_path, "customers.csv", people + "a@x.example,Ann,Bonn\n"),
        ]
        study, result = made(tmp_path, *files)
        sources = study.sources.given()
        assert [sources[kind].columns["customer_id"].sql for kind in ("transactions", "customers")] == [
            "lower(written_customer_id)"
        ] * 2
        told = "customer_id: please check: A@x.example · a@X.example · a@x.example differ only in capitals"
        assert f"{told}, and count as one" in checks(result)
        with used(tmp_path, study) as engine:
            found = engine.rows("select count(*) from transactions where customer_id = 'a@x.example'")
            nobody = engine.rows("select records from excluded where rule = 'no customer'")
        assert (found, nobody) == ([(2,)], [(1,)])

    def test_customers_products_and_representatives_with_numbers_that_overlap(self, tmp_path: Path) -> None:
        text = orders(
            "OrderNumber|Day|ProductKey|ResellerKey|EmployeeKey|Sales", "{n}|{day}|{n}|{customer}|7|{amount}"
        )
        files = [
            deliver(tmp_path, "Sales.csv", text),
            deliver(tmp_path, "Product.csv", lines("ProductKey|Product|Category", 120, "{n}|Frame {n}|K{k}")),
            deliver(tmp_path, "Reseller.csv", lines("ResellerKey|Reseller|City", 200, "{n}|Shop {n}|C{k}")),
            deliver(tmp_path, "People.csv", "EmployeeKey|Salesperson|UPN\n7|Ann Lee|ann@x.example\n"),
            deliver(tmp_path, "Targets.csv", "EmployeeID|TargetAmount\n1|5\n1|6\n"),
        ]
        study, result = made(tmp_path, *files)
        sources = study.sources.given()
        assert {
            kind: source.columns_by_file() for kind, source in sources.items() if kind != "transactions"
        } == {
            "products": {"ProductKey": "product", "Category": "market"},
            "customers": {"ResellerKey": "customer_id", "Reseller": "name", "City": "city"},
            "reps": {"EmployeeKey": "rep", "Salesperson": "name", "UPN": "email"},
        }
        assert "market" not in sources["transactions"].columns
        assert result.lines[4] == (
            "left out: Targets.csv (neither orders nor customers, products, representatives or follow-ups)"
        )
        assert works(tmp_path, study)

    def test_heads_and_lines_on_two_sheets_of_a_workbook_are_joined(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read_here(monkeypatch)
        heads = [["Order ID", "Customer ID", "Order Date"]]
        heads += [[f"A{n}", f"K{min(n % 19, n % 23)}", FIRST + dt.timedelta(days=n)] for n in range(60)]
        sold = [["Order ID", "Item", "Category", "Amount"]]
        sold += [[f"A{n // 2}", str(n % 2), "XY"[n % 2], 1.5 + n] for n in range(120)]
        book = sheet(heads, ("Lines", sold), ("Notes", [["for us only"]]))
        study, result = made(tmp_path, deliver(tmp_path, "shop.xlsx", book))
        assert result.lines[:2] == ("transactions: shop.xlsx (Lines)", "orders: shop.xlsx (Tabelle1)")
        assert {kind: source.layout.sheets for kind, source in study.sources.given().items()} == {
            "orders": ("Tabelle1",),
            "transactions": ("Lines",),
        }
        with used(tmp_path, study) as engine:
            ((count, customers, total),) = engine.rows(
                "select count(*), count(distinct customer_id), sum(amount) from transactions"
            )
        assert (count, customers, total) == (120, 19, 7320)

    def test_customers_may_have_a_history(self, tmp_path: Path) -> None:
        history = "".join(
            f"{100 + n},Old {n},01.01.2020,31.12.2023\n{100 + n},New {n},01.01.2024,31.12.9999\n"
            for n in range(31)
        )
        study, result = made(
            tmp_path,
            deliver(tmp_path, "orders.csv", ENGLISH),
            deliver(tmp_path, "accounts.csv", f"CustomerID,Name,Valid from,Valid to\n{history}"),
        )
        customers = study.sources.given()["customers"]
        assert customers.columns_by_file() == {
            "CustomerID": "customer_id",
            "Name": "name",
            "Valid from": "valid_from",
            "Valid to": "valid_to",
        }
        assert (
            "customers: 62 records = 31 loaded + 31 excluded (not valid on the run date: 31)" in result.lines
        )
        with used(tmp_path, study) as engine:
            assert engine.rows("select count(*), min(name) from customers_source") == [(31, "New 0")]

    def test_a_file_written_in_another_form_has_its_own(self, tmp_path: Path) -> None:
        accounts = "CustomerID;Name;Since\n" + "".join(
            f"{100 + n};Nö {n};{1 + n % 9}.5.2012\n" for n in range(31)
        )
        study, _ = made(
            tmp_path,
            deliver(tmp_path, "orders.csv", ENGLISH),
            deliver(tmp_path, "accounts.csv", accounts.encode("cp1252")),
        )
        customers = study.sources.given()["customers"]
        assert customers.format is not None
        assert (customers.format.delimiter, customers.format.encoding) == (";", "cp1252")
        assert customers.columns["since"].date == ("%d.%m.%Y",)
        with used(tmp_path, study) as engine:
            assert engine.rows("select count(*), count(since) from features") == [(28, 28)]


class TestWhereTheFilesLie:
    """The study finds the files wherever they are."""

    def test_in_the_data_folder(self, tmp_path: Path) -> None:
        study, _ = made(tmp_path, deliver(tmp_path, "orders.csv", ENGLISH, "data/acme"))
        assert (study.data_dir, study.sources.transactions.files) == (None, ("acme/orders.csv",))

    def test_elsewhere_in_the_project(self, tmp_path: Path) -> None:
        study, _ = made(tmp_path, deliver(tmp_path, "orders.csv", ENGLISH, "exports/new"))
        assert (study.data_dir, study.sources.transactions.files) == ("exports/new", ("orders.csv",))
        assert works(tmp_path, study)

    def test_outside(self, tmp_path: Path) -> None:
        study, _ = made(tmp_path / "project", deliver(tmp_path, "orders.csv", ENGLISH, "out side"))
        assert study.data_dir == f"{tmp_path}/out side"
        assert works(tmp_path / "project", study)

    @pytest.mark.parametrize("here", ["project", "project/params/deep"])
    def test_outside_and_named_as_seen_from_a_folder_of_the_project(
        self, here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "project" / "params" / "deep").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / here)
        orders = os.path.relpath(deliver(tmp_path, "orders.csv", ENGLISH, "outside"))
        root = find_project()
        study, _ = made(root, Path(orders))
        assert study.data_dir == "../outside"
        assert works(root, study)

    def test_in_the_folder_that_the_environment_names(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEGCORE_DATA_DIR", str(tmp_path / "shared"))
        study, _ = made(tmp_path / "project", deliver(tmp_path, "orders.csv", ENGLISH, "shared/acme"))
        assert (study.data_dir, study.sources.transactions.files) == (None, ("acme/orders.csv",))

    def test_several_files_without_a_date_in_their_names_are_listed(self, tmp_path: Path) -> None:
        files = [deliver(tmp_path, name, ENGLISH) for name in ("south.csv", "north.csv")]
        study, result = made(tmp_path, *files)
        assert study.sources.transactions.files == ("south.csv", "north.csv")
        assert checks(result)[1] == (
            "transactions: please check: where they overlap, the later one in this list counts"
        )

    def test_a_date_of_eight_digits_is_one_too(self, tmp_path: Path) -> None:
        """A run as on that day needs no other; that of the newest order is told."""
        study, result = made(tmp_path, deliver(tmp_path, "orders_20241231.csv", ENGLISH))
        source = study.sources.transactions
        assert study.breaks.from_ == result.run_date == dt.date(2024, 12, 31)
        told = "run date: the newest delivery is of 2024-12-31, and the newest order of 2024-12-23"
        assert told in result.lines
        assert source.files == ("orders_*.csv",)
        assert source.delivered == Delivered(name=r"orders_(\d{8})", date="%Y%m%d")
        assert works(tmp_path, study)
