"""``segcore check``: everything that is wrong with a study's extracts, at once and without a run."""

from __future__ import annotations

import csv
import datetime as dt
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small_sources import HEADER, KEY, Change, deliver, line, written

from segcore import checking
from segcore.checking import mending
from segcore.errors import UsageError
from segcore.sources import marking
from segcore.sources.values import texts

DAY = dt.date(2025, 12, 31)
ACCOUNTS = (
    "variables:",
    "  customers: {files: [accounts.csv], columns: {customer_id: Kunde, since: Seit}}\nvariables:",
)


def project(root: Path, files: Mapping[str, str | bytes], *changes: Change) -> Path:
    """A project with the small study; gives the study's file."""
    deliver(root, files)
    return written(root / "params", *changes)


def check(
    root: Path, files: Mapping[str, str | bytes], *changes: Change
) -> tuple[list[str], checking.Checked]:
    path = project(root, files, *changes)
    with checking.check_study(path, DAY, root=root) as (checked, engine):
        return list(checking.told(checked, engine)), checked


def sales(sound: int, *bad: str) -> str:
    return HEADER + "".join(line(f"K{n % 5}", f"A{n}") for n in range(sound)) + "".join(bad)


def test_what_became_of_the_records_of_each_source(tmp_path: Path) -> None:
    bad = [line("K9", f"B{n}", market="") for n in range(4)]
    lines, checked = check(tmp_path, {"sales.csv": sales(996, *bad, line("K0", "A0"))})
    assert lines == [
        "transactions: 1 file, 1,001 records",
        "         996  used",
        "           1  duplicates",
        "           4  in quarantine",
        "               4  market must have a value",
        "                  sales.csv record 998",
        "                  sales.csv record 999",
        "                  sales.csv record 1,000",
        "       gates  months ok, quarantine ok, unread ok",
        "warning: The newest order is of 1 February 2025, 333 days before the run date. Old data alone move "
        "customers down: check whether an extract is missing before acting on this report.",
        "acme: a run of 2025-12-31 would go on (1 warning)",
    ]
    assert not checked.stopped


def test_examples_are_different_texts_first(tmp_path: Path) -> None:
    bad = [line("K9", f"B{n}", date=date) for n, date in enumerate(["x", "x", "x", "y"])]
    lines, _ = check(tmp_path, {"sales.csv": sales(96, *bad)})
    assert [text.strip() for text in lines if " record " in text and text.startswith(" " * 18)] == [
        "sales.csv record 98 'x'",
        "sales.csv record 101 'y'",
        "sales.csv record 99 'x'",
    ]


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    files = {
        "sales_1.csv": sales(5, line("K9", "B1", market="")),
        "sales_2.csv": "Kunde;Auftrag\nK1;A1\n",
        "sales_3.csv": "",
        "accounts.csv": "Kunde;Seit\nK7;01.01.2020\n",
    }
    lines, checked = check(tmp_path, files, ACCOUNTS)
    assert {problem.split(":")[0] for problem in checked.problems} == {"sales_2.csv", "sales_3.csv"}
    assert [text.split(" (")[0] for text in lines if text.startswith("stops: t")] == [
        "stops: transactions: customers: each customer_id must stand in the source customers",
        "stops: transactions: every record must be readable",
    ]
    assert lines[-1].startswith("acme: a run of 2025-12-31 would stop (")
    assert "customers: 1 file, 1 record" in lines
    assert checked.stopped


def test_a_source_without_any_good_file_is_told_beside_the_others(tmp_path: Path) -> None:
    lines, _ = check(tmp_path, {"sales.csv": sales(5), "accounts.csv": "Name\nx\n"}, ACCOUNTS)
    assert lines[0].startswith("stops: accounts.csv: must have a header with 'Kunde', 'Seit'")
    assert "transactions: 1 file, 5 records" in lines


def test_without_order_lines_all_that_is_wrong_is_still_said(tmp_path: Path) -> None:
    lines, checked = check(tmp_path, {"sales.csv": "x\n1\n", "accounts.csv": "Name\nx\n"}, ACCOUNTS)
    assert [text.split(":")[1] for text in lines[:-1]] == [" accounts.csv", " sales.csv"]
    assert checked.stopped


def test_a_file_that_no_pattern_matches_is_told(tmp_path: Path) -> None:
    files = {"sales_2025.csv": sales(5), "new_sales_2026.csv": sales(5), "offices.csv": "x\n1\n"}
    lines, checked = check(tmp_path, files)
    assert (
        "warning: transactions: every file beside the extracts must belong to a source (no pattern matches "
        "new_sales_2026.csv); mend files: if it is a delivery, or take it out of the data folder"
    ) in lines
    assert not checked.stopped


def test_extracts_are_not_copied_and_what_is_parsed_is_kept(tmp_path: Path) -> None:
    check(tmp_path, {"sales.csv": sales(5)})
    kept = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert {path.parent.name for path in kept} == {"parsed"}


def test_it_is_for_machines_too(tmp_path: Path) -> None:
    path = project(tmp_path, {"sales.csv": sales(5, line("K9", "B1", market=""))})
    with checking.check_study(path, DAY, root=tmp_path) as (checked, engine):
        found = json.loads(json.dumps(checking.as_json(checked, engine)))
    assert (found["study"], found["run_date"], found["previous"], found["stopped"]) == (
        "acme", "2025-12-31", None, True,
    )  # fmt: skip
    assert found["quarantine"]["transactions"] == [
        {
            "column": "market",
            "rule": "required",
            "reason": "must have a value",
            "records": 1,
            "examples": [{"file": "sales.csv", "record": 7, "raw": None}],
        }
    ]
    assert [gate["state"] for gate in found["gates"] if gate["gate"] == "quarantine"] == ["stopped"]


class TestRefusedRecords:
    """The file for whoever must mend the source."""

    BAD = (line("=1+1", "@B1", market=""), line("K9", "B2", item="x;y"))

    def write(self, root: Path, name: str) -> Path:
        path = project(root, {"sales.csv": sales(40, *self.BAD)}, KEY)
        with checking.check_study(path, DAY, root=root) as (checked, engine):
            told = checking.write_refused(checked, engine, root / name)
        assert told == f"{root / name}: 2 refused records, with what to do about each"
        return root / name

    def test_as_csv_has_the_whole_record_and_no_formula(self, tmp_path: Path) -> None:
        with self.write(tmp_path, "refused.csv").open(encoding="utf-8-sig", newline="") as file:
            head, *rows = list(csv.reader(file))
        assert head == [
            "source", "file", "record", "column", "raw", "rule", "reason", "what to do", "the record as "
            "delivered",
        ]  # fmt: skip
        (first, second) = rows
        assert first == [
            "transactions",
            "sales.csv",
            "42",
            "market",
            "",
            "required",
            "must have a value",
            "fill it in, or name an exclusion for records without it",
            "'=1+1;'@B1;10;01.02.2025;;1,00",
        ]
        assert second[2] == "43"
        assert second[-1] == "K9;B2;x;y;01.02.2025;Büro;1,00"

    def test_as_a_workbook_everything_is_text_but_the_number_of_the_record(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(self.write(tmp_path, "refused.xlsx")) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "<v>42</v>" in sheet
        texts = [node.text for node in ElementTree.fromstring(sheet).iter() if node.tag.endswith("}t")]
        assert "=1+1;@B1;10;01.02.2025;;1,00" in texts

    def test_a_record_that_looks_like_rich_text_is_not_written_as_xml(self, tmp_path: Path) -> None:
        evil = '<r></is></c><c r="Z9"><f>1+1</f></c><c r="Y9" t="inlineStr"><is></r>'
        mending.WRITERS[".xlsx"](tmp_path / "a.xlsx", iter([[evil] * len(mending.COLUMNS)]), DAY)
        with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
            sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert not [node for node in sheet.iter() if node.tag.endswith("}f")]
        texts = [node.text for node in sheet.iter() if node.tag.endswith("}t")]
        assert texts == [*mending.COLUMNS, *[f"{evil} "] * len(mending.COLUMNS)]

    def test_the_same_records_give_the_same_bytes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = self.write(tmp_path / "a", "refused.xlsx").read_bytes()
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        assert self.write(tmp_path / "b", "refused.xlsx").read_bytes() == first

    def test_another_ending_is_refused(self, tmp_path: Path) -> None:
        path = project(tmp_path, {"sales.csv": sales(5)})
        with (
            checking.check_study(path, DAY, root=tmp_path) as (checked, engine),
            pytest.raises(UsageError) as caught,
        ):
            checking.write_refused(checked, engine, tmp_path / "refused.txt")
        assert caught.value.problems == (
            f"{tmp_path / 'refused.txt'}: the file must end in .xlsx or .csv (got '.txt')",
        )


def test_every_rule_has_what_to_do() -> None:
    rules = {*marking.RULES.values(), *(fault.rule for fault in texts.FAULTS), "file"}
    assert rules - set(mending.DO) == set()


def test_a_file_that_ends_in_the_middle_of_a_record_stops(tmp_path: Path) -> None:
    """Its records were all used but one, and a run published what was left of the delivery."""
    cut = sales(400).rstrip("\n").rpartition(";")[0]
    lines, checked = check(tmp_path, {"sales.csv": cut})
    assert checked.stopped
    assert [row["told"] for row in checked.tables["gates"] if row["state"] == "stopped"] == [
        "transactions: sales.csv: a file must hold everything (it ends in the middle of record 401, so all "
        "that followed is missing); ask for the export again, or pass it once with --accept "
        "transactions.limit --because TEXT"
    ]
    assert any("must end like the others (the file ends in the middle of it)" in line for line in lines)


def test_customers_who_became_each_other_are_told(tmp_path: Path) -> None:
    """Gates looked for order lines that were never made."""
    numbers = (
        "variables:",
        "  renumbered: {files: [numbers.csv], columns: {customer_id: Alt, becomes: Neu}}\nvariables:",
    )
    files = {"sales.csv": sales(30), "numbers.csv": "Alt;Neu\nK1;K2\nK2;K1\n"}
    lines, checked = check(tmp_path, files, numbers)
    assert checked.stopped
    assert lines[0] == (
        "stops: sources.renumbered: must not lead back to where it began (K1 → K2 → K1); take out the record "
        "that does not hold any more, or map valid_from"
    )
