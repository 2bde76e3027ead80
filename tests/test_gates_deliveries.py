"""Gates on deliveries, files and months."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from small_gates import gates, told
from small_sources import HEADER, KEY, line

from segcore import tables
from segcore.engine import DuckDB

INCREMENTS = ("    unique: record", "    unique: record\n    deliveries: increments")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def orders(numbers: Sequence[int], **more: str) -> str:
    """An order a day from 1 February 2025 on, each of a customer of its own, and of € 1."""
    return HEADER + "".join(line(f"K{n}", f"A{n}", date=f"{n + 1:02}.02.2025", **more) for n in numbers)


class TestShrunk:
    """A later delivery that lost what an earlier one has."""

    def test_a_delivery_with_under_ninety_percent_of_the_one_before_stops(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders([*range(5), *range(15, 27)])}
        assert told(gates(engine, tmp_path, files), "shrunk") == [
            (
                "stopped",
                "transactions: sales_2.csv: a later delivery must hold what an earlier one does (from "
                "2025-02-01 to 2025-02-25 it has 15 of the 25 records of sales_1.csv, 60% of records or sum; "
                "10 customers and €\u00a010.00 concerned; the limit is 90%); ask for the whole export, or "
                "say deliveries: increments if files stand side by side, or pass it once with --accept "
                "transactions.shrunk --because TEXT",
            )
        ]

    def test_one_that_lost_little_is_told(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders(range(1, 25))}
        files["sales_2.csv"] += line("K0", "A77", date="01.02.2025", amount="0,10")
        ((state, text),) = told(gates(engine, tmp_path, files), "shrunk")
        assert state == "ok"
        assert text == (
            "transactions: sales_2.csv: from 2025-02-01 to 2025-02-25 it has 25 of the 25 records of "
            "sales_1.csv, 96% of records or sum"
        )

    def test_a_snapshot_of_a_shorter_time_is_told(self, engine: DuckDB, tmp_path: Path) -> None:
        """On the days of both nothing lacked, and all that was before was gone."""
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders(range(18, 27))}
        change = ("    unique: record", "    unique: record\n    deliveries: snapshot")
        texts = [
            text
            for state, text in told(gates(engine, tmp_path, files, change), "shrunk")
            if state == "warned"
        ]
        assert texts == [
            "transactions: sales_2.csv: a later delivery must hold what an earlier one does (it has 9 "
            "records where sales_1.csv has 25, 36%); ask for the whole export, or say deliveries: increments "
            "if it holds changes only"
        ]

    def test_a_mistyped_year_is_no_shrunken_delivery_and_is_named(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        """One 2015 for 2025, and the next month's delivery lacked all that the one before has."""
        later = (
            orders(range(25)).replace(".02.2025", ".03.2025").replace("A", "B").replace("Buftrag", "Auftrag")
        )
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": later.replace("05.03.2025", "05.03.2015")}
        found = gates(engine, tmp_path, files)
        assert told(found, "shrunk") == told(found, "overlap") == []
        ((_, text),) = told(found, "months")
        assert (
            "only 1 order line lies before that, first sales_2.csv record 6 of 2015-03-05); look for a "
            "delivery that is missing, and at these dates" in text
        )

    def test_few_records_only_warn(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(10)), "sales_2.csv": orders([0, 9])}
        assert [state for state, _ in told(gates(engine, tmp_path, files), "shrunk")] == ["warned"]

    def test_increments_stand_side_by_side(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders([0, 24])}
        assert not [row for row in gates(engine, tmp_path, files, INCREMENTS) if row["gate"] == "shrunk"]

    def test_a_delivery_of_other_days_is_no_shrunken_one(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(20)), "sales_2.csv": orders(range(19, 25))}
        assert not [row for row in gates(engine, tmp_path, files) if row["gate"] == "shrunk"]


class TestOverlap:
    """Every order line was counted twice as soon as one unmapped column differed."""

    def test_a_date_of_refresh_makes_every_record_another(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {
            name: orders(range(25)).replace("\n", f";{stand}\n").replace(f"Umsatz;{stand}", "Umsatz;Stand")
            for name, stand in (("sales_1.csv", "01.03.2025"), ("sales_2.csv", "02.03.2025"))
        }
        assert told(gates(engine, tmp_path, files), "overlap") == [
            (
                "stopped",
                "transactions: sales_2.csv: deliveries of the same days must hold equal records, or each is "
                "counted twice (from 2025-02-01 to 2025-02-25 25 records of 25 records of sales_1.csv are in "
                "it but for Stand, and count twice; €\u00a025.00 concerned; the limit is 10%); say ignore: "
                "[Stand], or pass it once with --accept transactions.overlap --because TEXT",
            )
        ]

    def test_an_older_delivery_is_compared_where_the_one_between_has_other_days(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        """Only neighbours were compared: January, February, and January once more with another date."""
        files = self.refreshed("{:02}.02.2025", 25)
        files["sales_3.csv"] = files["sales_2.csv"]
        files["sales_2.csv"] = orders(range(20)).replace(".02.2025", ".03.2025").replace("\n", ";alt\n")
        files["sales_2.csv"] = files["sales_2.csv"].replace("Umsatz;alt", "Umsatz;Stand").replace("A", "B")
        files["sales_2.csv"] = files["sales_2.csv"].replace("Buftrag", "Auftrag")
        ((state, text),) = told(gates(engine, tmp_path, files), "overlap")
        assert state == "stopped"
        assert text.startswith("transactions: sales_3.csv: deliveries of the same days must hold equal")
        assert "25 records of 25 records of sales_1.csv are in it but for Stand, and count twice" in text

    def test_a_record_under_the_new_number_of_its_customer_is_told(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        """With unique: record it is another one, and counted twice."""
        files = {
            "sales_1.csv": orders(range(25)),
            "sales_2.csv": orders(range(25)).replace("K7;", "N7;"),
            "numbers.csv": "Alt,Neu\nK7,N7\n",
        }
        numbers = "renumbered: {files: [numbers.csv], columns: {customer_id: Alt, becomes: Neu}, format: {}}"
        assert told(
            gates(engine, tmp_path, files, ("variables:", f"  {numbers}\nvariables:")), "overlap"
        ) == [
            (
                "warned",
                "transactions: a record must not stand under the old and under the new number of its "
                "customer (1 record counts twice; 1 customer and €\u00a01.00 concerned); name the columns "
                "that tell records apart in unique, like [order_id, item]",
            )
        ]

    def refreshed(self, days: str, changed: int) -> dict[str, str]:
        """Two deliveries; of the second one the first records have another date of refresh."""
        header = HEADER.replace("\n", ";Stand\n")
        rows = [line(f"K{n}", f"A{n}", date=days.format(n + 1)).rstrip() for n in range(25)]
        return {
            f"sales_{number}.csv": header
            + "".join(f"{row};{'neu' if n < new else 'alt'}\n" for n, row in enumerate(rows))
            for number, new in ((1, 0), (2, changed))
        }

    def test_a_share_of_records_that_count_twice_warns(self, engine: DuckDB, tmp_path: Path) -> None:
        """Records of which an unmapped column changed counted twice, and the gate said ok."""
        found = gates(engine, tmp_path, self.refreshed("{:02}.02.2025", 2))
        assert told(found, "overlap") == [
            (
                "warned",
                "transactions: sales_2.csv: deliveries of the same days must hold equal records, or each is "
                "counted twice (from 2025-02-01 to 2025-02-25 2 records of 25 records of sales_1.csv are in "
                "it but for Stand, and count twice; €\u00a02.00 concerned); say ignore: [Stand]",
            )
        ]

    def test_so_does_one_of_most_records(self, engine: DuckDB, tmp_path: Path) -> None:
        ((state, text),) = told(gates(engine, tmp_path, self.refreshed("{:02}.02.2025", 12)), "overlap")
        assert state == "warned"
        assert "12 records of 25 records of sales_1.csv are in it but for Stand" in text

    def test_most_records_that_count_twice_warn(self, engine: DuckDB, tmp_path: Path) -> None:
        ((state, text),) = told(gates(engine, tmp_path, self.refreshed("{:02}.02.2025", 21)), "overlap")
        assert state == "warned"
        assert "21 records of 25 records of sales_1.csv are in it but for Stand" in text

    @pytest.mark.parametrize(("changed", "state"), [(2, "warned"), (20, "warned"), (25, "stopped")])
    def test_so_do_records_that_were_corrected(
        self, engine: DuckDB, tmp_path: Path, changed: int, state: str
    ) -> None:
        """Of two deliveries of 25 records with 20 other amounts 45 were used, and the gate said ok."""
        files = {
            "sales_1.csv": orders(range(25)),
            "sales_2.csv": orders(range(25)).replace("1,00", "1,50", changed),
        }
        pass_it = ", or pass it once with --accept transactions.overlap --because TEXT"
        assert told(gates(engine, tmp_path, files), "overlap") == [
            (
                state,
                "transactions: sales_2.csv: deliveries of the same days must hold equal records, or each is "
                f"counted twice (from 2025-02-01 to 2025-02-25 {changed} records of 25 records of "
                f"sales_1.csv are in it but for Umsatz, and count twice; €\u00a0{changed}.00 concerned"
                f"{'; the limit is 10%' * (state == 'stopped')}); name in unique what tells records apart, "
                "like [order_id, item], or say deliveries: snapshot if the newest holds all"
                f"{pass_it * (state == 'stopped')}",
            )
        ]

    def test_each_column_that_a_correction_changes_is_named(self, engine: DuckDB, tmp_path: Path) -> None:
        new = orders(range(25)).replace("Büro;1,00", "Hof;1,50", 5)
        ((state, text),) = told(
            gates(engine, tmp_path, {"sales_1.csv": orders(range(25)), "sales_2.csv": new}), "overlap"
        )
        assert (
            state,
            "5 records of 25 records of sales_1.csv are in it but for Sparte and Umsatz" in text,
        ) == (
            "warned",
            True,
        )

    def test_increments_with_a_date_of_refresh_are_compared_too(self, engine: DuckDB, tmp_path: Path) -> None:
        """Records that two increments share counted twice, and nothing was said."""
        files = self.refreshed("{:02}.02.2025", 25)
        files["sales_2.csv"] += line("K77", "A77", date="05.02.2025").replace("\n", ";neu\n")
        files["sales_1.csv"] += "".join(
            line(f"L{n}", f"B{n}", date="06.02.2025").replace("\n", ";alt\n") for n in range(25)
        )
        ((state, text),) = told(gates(engine, tmp_path, files, INCREMENTS), "overlap")
        assert state == "warned"
        assert text.endswith(
            "25 records of 50 records of sales_1.csv are in it but for Stand, and count twice; €\u00a025.00 "
            "concerned); say ignore: [Stand]"
        )

    def test_deliveries_of_a_single_day_are_compared_too(self, engine: DuckDB, tmp_path: Path) -> None:
        ((state, text),) = told(gates(engine, tmp_path, self.refreshed("01.02.2025", 25)), "overlap")
        assert state == "stopped"
        assert "25 records of 25 records of sales_1.csv are in it but for Stand" in text

    def test_morning_and_afternoon_are_none(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {
            f"sales_{n}.csv": HEADER + "".join(line(f"K{n}", f"A{n}-{m}") for m in range(25)) for n in (1, 2)
        }
        assert told(gates(engine, tmp_path, files), "overlap") == []

    def test_a_key_that_is_numbered_anew_is_named(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders(range(25), item="20")}
        ((state, text),) = told(gates(engine, tmp_path, files, KEY), "overlap")
        assert state == "stopped"
        assert "25 records of 25 records of sales_1.csv are in it but for Position" in text
        assert "mend the key in unique, or the format" in text

    def test_equal_records_are_fine(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales_1.csv": orders(range(25)), "sales_2.csv": orders(range(28))}
        found = [row for row in gates(engine, tmp_path, files) if row["gate"] == "overlap"]
        assert [(row["found"], row["state"], row["told"]) for row in found] == [(1.0, "ok", "")]

    def test_files_of_one_delivery_may_stand_side_by_side(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {f"sales_{part}_2025-03-01.csv": orders(range(25), market=part) for part in "XY"}
        dated = ("    unique: record", "    unique: record\n    delivered: '_([-0-9]+).csv'")
        assert not [row for row in gates(engine, tmp_path, files, dated) if row["gate"] == "overlap"]


def test_keys_that_are_not_unique_within_a_delivery_warn_or_stop(engine: DuckDB, tmp_path: Path) -> None:
    """Genuine order lines were dropped, and only conflicts.parquet knew."""
    files = {"sales.csv": orders(range(9)) + line("K0", "A0", amount="5,00", date="01.02.2025")}
    assert told(gates(engine, tmp_path, files, KEY), "repeated") == [
        (
            "stopped",
            "transactions: order_id and item must be unique within a delivery (1 record is dropped for "
            "another "
            "with the same key and other values of amount; 'A0-10', first sales.csv record 11; 1 customer "
            "and €\u00a05.00 concerned; the limit is 1%); name more columns in unique, or ask why the export "
            "repeats them, or pass it once with --accept transactions.repeated --because TEXT",
        )
    ]


def test_lines_that_differ_in_what_is_not_mapped_are_no_versions_of_each_other(
    engine: DuckDB, tmp_path: Path
) -> None:
    """With the order number alone as key, all lines of an order but the first were lost silently."""
    header = HEADER.replace("\n", ";Artikel;Stand\n")
    rows = [f"{line(item='').rstrip()};{article};{n}\n" for n, article in enumerate(["Bolt", "Nut", "Nut"])]
    rows += [f"{line('K2', 'A2', item='').rstrip()};Bolt;{n}\n" for n in range(2)]
    change = ("unique: record", "unique: [order_id]\n    ignore: [Stand]")
    assert told(gates(engine, tmp_path, {"sales.csv": header + "".join(rows)}, change), "repeated") == [
        (
            "stopped",
            "transactions: sales.csv: order_id must be unique within a delivery (2 records are dropped for "
            "another with the same key; they differ in Artikel, which the study does not map; 'A1', first "
            "record 3; 1 customer and "
            "€\u00a02.00 concerned; the limit is 1%); map what tells them apart and name it in unique, or "
            "say unique: record, or pass it once with --accept transactions.repeated --because TEXT",
        )
    ]


@pytest.mark.parametrize(
    ("order", "change", "state"),
    [("aba", KEY, "stopped"), ("aba", None, "warned"), ("aab", KEY, "warned")],
)
def test_a_copy_of_an_earlier_file_is_told(
    engine: DuckDB, tmp_path: Path, order: str, change: tuple[str, str] | None, state: str
) -> None:
    """An older state came back, for the later delivery wins."""
    contents = {"a": orders(range(5)), "b": orders(range(9))}
    files = {f"sales_{n}.csv": contents[letter] for n, letter in enumerate(order)}
    ((found, text),) = told(gates(engine, tmp_path, files, *filter(None, [change])), "copied")
    assert found == state
    assert "a file must not have the very content of another one (it is sales_0.csv once more" in text
    assert ("so an older state counts again" in text) == (state == "stopped")


class TestMonths:
    """A month without an order."""

    def delivery(self, lines: int) -> dict[str, str]:
        months = ("01", "02", "05")
        return {
            "sales.csv": HEADER
            + "".join(line(order=f"A{m}{n}", date=f"01.{m}.2025") for m in months for n in range(lines))
        }

    def test_between_busy_months_it_stops(self, engine: DuckDB, tmp_path: Path) -> None:
        assert told(gates(engine, tmp_path, self.delivery(20)), "months") == [
            (
                "stopped",
                "transactions: every month between the first and the last order must have orders (none are "
                "of March 2025 and April 2025; the months around have 20 order lines on average); look for a "
                "delivery that is missing, or pass it once with --accept transactions.months --because TEXT",
            )
        ]

    def test_between_quiet_months_it_warns(self, engine: DuckDB, tmp_path: Path) -> None:
        assert [state for state, _ in told(gates(engine, tmp_path, self.delivery(19)), "months")] == [
            "warned"
        ]


class TestAhead:
    """Order lines with a year that is still to come were not used, and nobody said so."""

    def files(self, *, year: str) -> dict[str, str]:
        mistyped = orders(range(27)).replace(".02.2025", f".02.{year}", 3)
        return {"sales_2025-02-28.csv": mistyped}

    DELIVERED = ("unique: record", "unique: record\n    delivered: '_(.*).csv'")

    @pytest.mark.parametrize(
        ("year", "change", "than"),
        [
            ("2052", None, "all others by years"),
            ("2052", DELIVERED, "its delivery of 2025-02-28"),
            ("2026", DELIVERED, "its delivery of 2025-02-28"),
        ],
    )
    def test_is_told(
        self, engine: DuckDB, tmp_path: Path, year: str, change: tuple[str, str] | None, than: str
    ) -> None:
        found = gates(engine, tmp_path, self.files(year=year), *filter(None, [change]))
        assert told(found, "months") == [
            (
                "warned",
                "transactions: sales_2025-02-28.csv: no record must be dated after its delivery (3 records "
                f"are dated after {than} and not used, first record 2 of {year}-02-01; €\u00a03.00 "
                "concerned); look at these dates: the year may be mistyped",
            )
        ]

    @pytest.mark.parametrize("change", [None, DELIVERED])
    def test_a_run_of_an_old_date_over_newer_deliveries_is_silent(
        self, engine: DuckDB, tmp_path: Path, change: tuple[str, str] | None
    ) -> None:
        days = "".join(line(order=f"A{n}", date=f"01.02.{2025 + n}") for n in range(6))
        files = {"sales_2030-02-28.csv": HEADER + days}
        found = gates(engine, tmp_path, files, *filter(None, [change]))
        assert [row for row in found if row["gate"] == "months" and row["told"]] == []


class TestLimit:
    """Files that end where something cut them off."""

    @pytest.mark.parametrize("records", [65_535, 65_536])
    def test_the_rows_of_a_spreadsheet_stop(self, engine: DuckDB, tmp_path: Path, records: int) -> None:
        files = {"sales.csv": HEADER + "".join(line(order=f"A{n}") for n in range(records))}
        assert told(gates(engine, tmp_path, files), "limit") == [
            (
                "stopped",
                f"transactions: sales.csv: a file must hold everything (it has exactly {records:,} records, "
                "and spreadsheets end after 65,536 rows); ask for the export as text, or without a limit of "
                "rows, or pass it once with --accept transactions.limit --because TEXT",
            )
        ]

    @pytest.mark.parametrize("lines", [65_535, 65_536, 65_537])
    def test_so_do_lines_that_are_no_records(self, engine: DuckDB, tmp_path: Path, lines: int) -> None:
        """A sheet with a title and blank rows ends after as many rows as any other."""
        records = "".join(line(order=f"A{n}") for n in range(lines - 6))
        ((state, text),) = told(
            gates(engine, tmp_path, {"sales.csv": "Report\n\n" + HEADER + records + "\n\n\n"}), "limit"
        )
        assert state == "stopped"
        assert f"it has exactly {lines:,} lines, and spreadsheets end after 65,536 rows" in text

    def test_a_round_number_warns(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {"sales.csv": HEADER + "".join(line(order=f"A{n}") for n in range(1000))}
        ((state, text),) = told(gates(engine, tmp_path, files), "limit")
        assert state == "warned"
        assert "exactly 1,000 records, and reports are often cut at such a number" in text

    def test_any_other_number_is_fine(self, engine: DuckDB, tmp_path: Path) -> None:
        assert not [
            row for row in gates(engine, tmp_path, {"sales.csv": orders(range(9))}) if row["gate"] == "limit"
        ]


class TestTheRunBefore:
    """A file that is gone, or cut, since the run before: 445 customers were gone, and it was published."""

    @pytest.fixture
    def previous(self, engine: DuckDB, tmp_path: Path) -> Path:
        """The run of 1 March over two files of different months."""
        gates(engine, tmp_path / "then", self.both())
        folder = tmp_path / "2025-03-01"
        tables.save(engine, folder, "transactions")
        inputs = [
            {"source": "transactions", "name": name, "sha256": f"of {name}"}
            for name in ("sales_1.csv", "sales_2.csv")
        ]
        (folder / "run.json").write_text(json.dumps({"inputs": inputs}))
        return folder

    def both(self) -> dict[str, str]:
        return {"sales_1.csv": orders(range(12)), "sales_2.csv": orders(range(12, 24))}

    def test_a_missing_file_stops(self, engine: DuckDB, tmp_path: Path, previous: Path) -> None:
        files = {"sales_2.csv": self.both()["sales_2.csv"]}
        found = gates(engine, tmp_path / "now", files, previous=previous)
        assert told(found, "missing_file") == [
            (
                "stopped",
                "transactions: sales_1.csv: every file of the run before must still be there (it is gone, "
                "and "
                "12 of the 12 records that were used of it are nowhere else; 12 customers and €\u00a012.00 "
                "concerned); put it back, or deliver all of it again, or pass it once with --accept "
                "transactions.missing_file --because TEXT",
            )
        ]
        assert told(found, "shrunk") == [
            (
                "stopped",
                "transactions: the run of 2025-03-01: order lines that the run before had must still be "
                "there "
                "(up to 2025-03-01 there are 12 of its 24 order lines, 50% of lines or sum; 12 customers and "
                "€\u00a012.00 concerned; the limit is 90%); look for a file that is missing or cut off, "
                "another "
                "form of dates, or a new exclusion, or pass it once with --accept transactions.shrunk "
                "--because TEXT",
            )
        ]

    def test_one_whose_records_are_in_another_file_does_not(
        self, engine: DuckDB, tmp_path: Path, previous: Path
    ) -> None:
        files = {"sales_all.csv": orders(range(24))}
        found = gates(engine, tmp_path / "now", files, previous=previous)
        assert [row["state"] for row in found if row["gate"] in ("missing_file", "shrunk")] == ["ok"] * 3

    def test_the_same_files_say_nothing(self, engine: DuckDB, tmp_path: Path, previous: Path) -> None:
        found = gates(engine, tmp_path / "now", self.both(), previous=previous)
        assert [row["told"] for row in found if row["told"]] == []

    def test_a_missing_file_of_products_is_named(
        self, engine: DuckDB, tmp_path: Path, previous: Path
    ) -> None:
        """Runs do not keep products, and nothing was said."""
        run = previous / "run.json"
        inputs = [{"source": "products", "name": "old.csv", "sha256": ""}]
        run.write_text(json.dumps({"inputs": inputs}))
        products = "products: {files: [p.csv], columns: {product: P, market: M}, format: {}}"
        change = ("variables:", f"  {products}\nvariables:")
        files = {**self.both(), "p.csv": "P,M\n1,X\n"}
        # The order lines map no product.
        own = ("market: Sparte", "market: Sparte\n      product: Position")
        found = gates(engine, tmp_path / "now", files, change, own, previous=previous)
        assert told(found, "missing_file") == [
            (
                "warned",
                "products: old.csv: every file of the run before must still be there (it is gone, and runs "
                "do not keep what it held); put it back, unless another file holds all of it",
            )
        ]


class TestLookups:
    """A list of 440 customers became one of 40, and nothing was said."""

    def lists(self, *numbers: int) -> dict[str, str]:
        return {
            "sales.csv": orders(range(25)),
            **{
                f"list_{n}.csv": "Kunde\n" + "".join(f"K{customer}\n" for customer in range(number))
                for n, number in enumerate(numbers)
            },
        }

    def change(self, how: str) -> tuple[str, str]:
        said = f"files: ['list*'], columns: {{customer_id: Kunde}}, format: {{}}, deliveries: {how}"
        return ("variables:", f"  customers: {{{said}}}\nvariables:")

    @pytest.mark.parametrize(("how", "state"), [("snapshot", "stopped"), ("cumulative", "warned")])
    def test_that_shrank_are_told(self, engine: DuckDB, tmp_path: Path, how: str, state: str) -> None:
        found = gates(engine, tmp_path, self.lists(44, 30), self.change(how))
        ((is_, text),) = [one for one in told(found, "shrunk") if "list_1" in one[1]]
        assert is_ == state
        assert text.startswith(
            "customers: list_1.csv: a later delivery must hold what an earlier one does (it has 30 records "
            "where list_0.csv has 44, 68%"
        )

    def test_that_shrank_since_the_run_before_stop(self, engine: DuckDB, tmp_path: Path) -> None:
        gates(engine, tmp_path / "then", self.lists(44), self.change("snapshot"))
        tables.save(engine, tmp_path / "2025-03-01", "customers_source")
        found = gates(
            engine,
            tmp_path / "now",
            self.lists(30),
            self.change("snapshot"),
            previous=tmp_path / "2025-03-01",
        )
        ((state, text),) = told(found, "shrunk")
        assert state == "stopped"
        assert text.startswith(
            "customers: the run of 2025-03-01: a lookup must hold what the run before had (30 of its 44 "
            "records are left, 68%"
        )

    def test_changes_only_are_increments(self, engine: DuckDB, tmp_path: Path) -> None:
        found = gates(engine, tmp_path, self.lists(44, 30), self.change("increments"))
        assert told(found, "shrunk") == []


def test_totals_that_disagree_stop(engine: DuckDB, tmp_path: Path) -> None:
    skip = ("    unique: record", '    skip: {total: "Summe*"}\n    unique: record')
    files = {"sales.csv": orders(range(9)) + "Summe;;;;;90,00\n"}
    assert told(gates(engine, tmp_path, files, skip), "control") == [
        (
            "stopped",
            "transactions: sales.csv: totals in a file must agree with its records (1 of 1 total does not; "
            "record 11 says 90.00 and the records that it is of make 9.00; €\u00a081.00 concerned); ask for "
            "the export again, or look at the form of the numbers, or pass it once with --accept "
            "transactions.control --because TEXT",
        )
    ]
    files = {"sales.csv": orders(range(9)) + "Summe;;;;;9,00\n"}
    found = [row["state"] for row in gates(engine, tmp_path, files, skip) if row["gate"] == "control"]
    assert found == ["ok"]


def test_totals_that_do_not_confirm_a_computed_amount_are_told(engine: DuckDB, tmp_path: Path) -> None:
    header = HEADER.replace("Umsatz", "Menge;Preis")
    records = "".join(line(order=f"A{n}").replace("1,00", "2;5,00") for n in range(9))
    computed = (
        "amount: Umsatz",
        "quantity: Menge\n      price: Preis\n      amount: {sql: quantity * price}",
    )
    skip = ("    unique: record", '    skip: {total: "Summe*"}\n    unique: record')

    def said(total: str) -> list[tuple[str, str]]:
        files = {"sales.csv": header + records + f"Summe;;;;;{total}\n"}
        return told(gates(engine, tmp_path, files, skip, computed), "control")

    assert said(";90,00") == []
    must, do = (
        "transactions: sales.csv: totals in a file must agree with its records (1 total cannot be compared, "
        "for amount is computed: record 11 ",
        ", and amount makes 90.00); look whether what amount is computed from is already that of the line",
    )
    assert said(";45,00") == [("warned", f"{must}says 45.00 in price{do}")]
    assert said(";") == [("warned", f"{must}names no number{do}")]


class TestListedFiles:
    """Files that a study lists one by one: later versions of each other, or parts side by side."""

    LISTED = ('["sales*"]', '["sales_a.csv", "sales_b.csv"]')

    def test_versions_that_differ_in_a_refresh_date_stop(self, engine: DuckDB, tmp_path: Path) -> None:
        """Each order line counted twice, for with unique: record the refresh date made it another one."""
        header = HEADER.replace("\n", ";Stand\n")
        files = {
            f"sales_{name}.csv": header
            + "".join(
                line(f"K{n}", f"A{n}", date=f"{n + 1:02}.02.2025").replace("\n", f";{stand}\n")
                for n in range(25)
            )
            for name, stand in (("a", "01.03.2025"), ("b", "15.04.2025"))
        }
        ((state, text),) = told(gates(engine, tmp_path, files, self.LISTED), "overlap")
        assert state == "stopped"
        assert "are in it but for Stand" in text and "ignore: [Stand]" in text

    def test_parts_side_by_side_pass(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {
            f"sales_{name}.csv": HEADER
            + "".join(
                line(f"{name}{n}", f"{name}{n}", date=f"{n + 1:02}.02.2025", amount=amount) for n in range(25)
            )
            for name, amount in (("a", "1,00"), ("b", "2,50"))
        }
        found = gates(engine, tmp_path, files, self.LISTED)
        assert told(found, "overlap") == told(found, "shrunk") == []


def test_increments_that_hold_a_record_twice_are_told(engine: DuckDB, tmp_path: Path) -> None:
    files = {"sales_1.csv": orders(range(20)), "sales_2.csv": orders(range(15, 25))}
    ((state, text),) = told(gates(engine, tmp_path, files, INCREMENTS), "overlap")
    assert "5 records of sales_1.csv stand in a later one, too, and count once" in text
    assert state == "ok"


def test_a_delivery_of_days_after_the_run_date_is_not_compared(engine: DuckDB, tmp_path: Path) -> None:
    """A backfill looks from a date that later deliveries lie behind."""
    later = orders(range(25)).replace(".02.2025", ".01.2026")
    files = {"sales_1.csv": orders(range(25)), "sales_2.csv": later}
    found = gates(engine, tmp_path, files)
    assert told(found, "overlap") == told(found, "shrunk") == []


class TestContradicted:
    """Last year's orders became versions of this year's, and only conflicts.parquet knew."""

    def test_order_numbers_that_begin_anew_each_year_stop(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {
            "sales_2024.csv": orders(range(25)).replace(".02.2025", ".02.2024"),
            "sales_2025.csv": orders(range(25), amount="7,00"),
        }
        ((state, text),) = told(gates(engine, tmp_path, files, KEY), "contradicted")
        assert state == "stopped"
        assert text.startswith(
            "transactions: sales_2024.csv: a later delivery must say the same, but for corrections (of 25 "
            "of 25 records it says something else in amount, order_date, first of A"
        )

    def test_days_and_months_that_are_swapped_warn(self, engine: DuckDB, tmp_path: Path) -> None:
        swapped = orders(range(12)).splitlines(keepends=True)
        swapped = [text.replace(f"{n:02}.02.2025", f"02.{n:02}.2025") for n, text in enumerate(swapped)]
        files = {"sales_1.csv": orders(range(28)), "sales_2.csv": "".join(swapped)}
        files["sales_2.csv"] += "".join(orders(range(12, 28)).splitlines(keepends=True)[1:])
        ((state, text),) = told(gates(engine, tmp_path, files, KEY), "contradicted")
        assert state == "warned"
        assert "it says something else in order_date" in text

    @pytest.mark.parametrize(("how", "state"), [("snapshot", "stopped"), ("cumulative", "warned")])
    def test_a_delivery_that_counts_and_ends_before_an_earlier_one_is_told(
        self, engine: DuckDB, tmp_path: Path, how: str, state: str
    ) -> None:
        """Names that say nothing of dates sort as they sort."""
        new = orders(range(28)).replace("1,00", "2,00", 1)
        files = {"sales_new.csv": new, "sales_old.csv": orders(range(20))}
        key = ("unique: record", f"unique: [order_id, item]\n    deliveries: {how}")
        found = [row for row in gates(engine, tmp_path, files, key) if row["file"] == "sales_old.csv"]
        ((_, text),) = [one for one in told(found, "contradicted") if one[0] == state]
        assert text.startswith(
            "transactions: sales_old.csv: the delivery that counts must be the newest (it ends on 2025-02-20 "
            "and sales_new.csv, which sorts before it, on 2025-02-28"
        )

    def test_a_few_corrections_pass(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {
            "sales_1.csv": orders(range(28)),
            "sales_2.csv": orders(range(28)).replace("1,00", "2,00", 1),
        }
        assert [state for state, _ in told(gates(engine, tmp_path, files, KEY), "contradicted")] == ["ok"]


def test_a_line_that_the_study_skips_and_the_file_lacks_is_told(engine: DuckDB, tmp_path: Path) -> None:
    """The end of the file may be missing, and with it the total that would have told."""
    skip = ("    unique: record", '    unique: record\n    skip: {total: "Summe*"}')
    ((state, text),) = told(gates(engine, tmp_path, {"sales.csv": orders(range(5))}, skip), "control")
    assert (state, "total is not; the end of the file may be missing" in text) == ("warned", True)


def test_records_that_a_study_skips_as_totals_are_told(engine: DuckDB, tmp_path: Path) -> None:
    skip = ("    unique: record", '    unique: record\n    skip: {total: "Total*"}')
    lines = line(market="Total Tools") + line(order="A2", market="Total Tools") + line(order="A3")
    agrees = "Total;;;;;3,00\n"
    found = gates(engine, tmp_path, {"sales.csv": HEADER + lines + agrees}, skip)
    assert [text for state, text in told(found, "control") if "skip: leaves out" in text] == [
        "transactions: sales.csv: what skip: leaves out must be no record (total takes 2 rows with "
        "customer_id, order_id, order_date, market and amount, the first record 2); narrow its pattern, name "
        "such texts under keep:, or leave the records out under exclude:"
    ]
