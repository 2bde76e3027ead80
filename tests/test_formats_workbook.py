from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from small_gates import gates
from small_gates import told as told_of
from small_sources import HEADER, ingest_files, line
from small_workbooks import ERROR, MAIN, compound, delivery, of_97, of_xml, written

from segcore.engine import DuckDB
from segcore.errors import InputError
from segcore.sources.formats import sheets
from segcore.sources.formats.child import lines_of
from segcore.sources.formats.looks import looks_like
from segcore.sources.formats.workbook import WORKBOOK
from segcore.sources.raw import place_of


def read(path: Path, **layout: Any) -> list[list[str]]:
    """The fields of all rows of the sheets that are read."""
    return [row["fields"] for row in told(path, **layout) if "sheet" not in str(row["fault"])]


def told(path: Path, **layout: Any) -> list[dict[str, Any]]:
    """All rows; records go on from 1 and the independent count is the same."""
    one = delivery(path, **layout)
    rows = [row for batch in sheets.rows(one) for row in batch.to_pylist()]
    assert [row["record"] for row in rows] == list(range(1, len(rows) + 1))
    assert lines_of(iter(()), one) == len(rows)
    return rows


def refusal(path: Path, **layout: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **layout)
    return str(caught.value)


class TestCells:
    """Typed cells as the text that every other extract has."""

    def test_numbers_have_the_digits_that_a_spreadsheet_shows(self, tmp_path: Path) -> None:
        numbers = [12345.0, 57.68, 12.340000000000002, 1e-7, 1234567890123456789, -0.0, -5.5, 1.23456]
        assert read(written(tmp_path / "s.xlsx", {"A": [numbers]})) == [
            ["12345", "57.68", "12.34", "0.0000001", "1.23456789012346E+18", "0", "-5.5", "1.23456"]
        ]

    def test_numbers_have_the_decimal_sign_of_the_study(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [[57.68, 1234567.5]]})
        assert read(book, decimal=",") == [["57,68", "1234567,5"]]

    def test_formats_change_no_number_but_tell_dates(self, tmp_path: Path) -> None:
        row = [(5, "00000"), (0.05, "0 %"), (45000, '"Stand" 0'), (45000, "JJJJ-MM-TT"), (1.5, "[h]:mm")]
        book = written(tmp_path / "s.xlsx", {"A": [row]})
        assert read(book) == [["5", "0.05", "45000", "2023-03-15", "36:00:00"]]

    @pytest.mark.parametrize("since_1904", [False, True])
    def test_dates_are_the_same_in_both_systems(self, tmp_path: Path, since_1904: bool) -> None:
        row = [dt.date(2025, 12, 31), dt.datetime(2026, 1, 1, 13, 45), dt.time(13, 45)]
        book = written(tmp_path / "s.xlsx", {"A": [row]}, date_1904=since_1904)
        assert read(book) == [["2025-12-31", "2026-01-01 13:45:00", "13:45:00"]]
        # A number is a day of the first system only: in the other it would be four years too early.
        assert WORKBOOK.serials(delivery(book)) is not since_1904

    def test_a_currency_that_a_format_shows_stands_behind_the_number(self, tmp_path: Path) -> None:
        """Dollars whose sign was only in the format were counted as the study's currency."""
        forms = ['#,##0.00 "USD"', "#,##0.00 [$€-407]", "[$CHF-807] 0.00", '_-* #,##0.00\\ "€"_-', "\\$0.00"]
        plain = ["[$-407]0.00", '0 "Stk"', "0.00"]
        row = [*((12.5, form) for form in (*forms, *plain)), ("text", forms[0]), (None, forms[0])]
        assert read(written(tmp_path / "s.xlsx", {"A": [row]}), decimal=",") == [
            ["12,5 USD", "12,5 €", "12,5 CHF", "12,5 €", "12,5 $", "12,5", "12,5", "12,5", "text"]
        ]

    def test_thousands_and_signs_that_a_format_shows_stand_there_too(self, tmp_path: Path) -> None:
        """An amount in thousands of euros was counted in euros."""
        forms = ['0.0 "TEUR"', '0.0 "k€"', '0.0 "Mio €"', '0.0 "Mio."', '0.0 "CR"', '0.0 "Ton"', '0 "m"']
        assert read(written(tmp_path / "s.xlsx", {"A": [[(2.5, form) for form in forms]]})) == [
            ["2.5 TEUR", "2.5 k€", "2.5 Mio €", "2.5 Mio.", "2.5 CR", "2.5", "2.5"]
        ]

    def test_texts_stay_as_they_are(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["00123", " 1.5", "a\nb", "31.12.2025", "x"]]})
        assert read(book) == [["00123", " 1.5", "a\nb", "31.12.2025", "x"]]

    def test_truth_is_a_word(self, tmp_path: Path) -> None:
        assert read(written(tmp_path / "s.xlsx", {"A": [[True, False]]})) == [["TRUE", "FALSE"]]

    def test_an_error_keeps_its_place(self, tmp_path: Path) -> None:
        rows = (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c></row>'
            '<row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        )
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["1", "#N/A"], ["", ""], ["#DIV/0!", ""]]

    @pytest.mark.parametrize("value", ["", "<v></v>", "<v/>"])
    def test_a_formula_that_nobody_computed_is_no_empty_cell(self, tmp_path: Path, value: str) -> None:
        rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><f>A1</f>{value}</c></row>'
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["1"], ["#CALC!"]]

    def test_an_error_of_another_program_is_told(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1" t="e"><v>Err:502</v></c></row>'
        assert refusal(of_xml(tmp_path / "s.xlsx", rows)) == (
            "s.xlsx must be a workbook that can be read (Unsupported cell error value 'Err:502'); open it in "
            "a spreadsheet program, save it anew and deliver that"
        )

    def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><f>""</f><v></v></c></row>'
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["1", ""]]

    def test_zero_is_no_value_if_the_workbook_asks_to_be_computed(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1"><f>B1</f><v>0</v></c><c r="B1"><v>0</v></c></row>'
        asks = '<calcPr calcId="1" fullCalcOnLoad="1"/>'
        assert read(of_xml(tmp_path / "s.xlsx", rows, calculation=asks)) == [["#CALC!", "0"]]
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["0", "0"]]

    def test_prefixes_and_missing_places_are_read_as_well(self, tmp_path: Path) -> None:
        sheet = (
            '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
            '<x:row r="2"><x:c r="A2"><x:v>7</x:v></x:c><x:c r="B2" t="e"><x:v>#REF!</x:v></x:c></x:row>'
            "</x:sheetData></x:worksheet>"
        )
        assert read(of_xml(tmp_path / "s.xlsx", "", sheet=sheet)) == [["", ""], ["7", "#REF!"]]
        rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["1", "2"], ["3", ""]]


class TestRows:
    """Which rows there are, and how they are counted."""

    def test_blank_rows_and_columns_keep_their_places(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [[], [None, "Stand"], [], [None, "a", None, "b"]]})
        assert read(book) == [[""] * 4, ["", "Stand", "", ""], [""] * 4, ["", "a", "", "b"]]

    def test_formatted_rows_without_values_are_no_rows(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c></row>' + "".join(
            f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(2, 2000)
        )
        assert read(of_xml(tmp_path / "s.xlsx", rows)) == [["1"]]

    def test_many_rows_come_in_batches(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("segcore.sources.formats.batches.CELLS", 100)
        book = written(tmp_path / "s.xlsx", {"A": ([f"text {row}", row, row, row] for row in range(60))})
        assert [batch.num_rows for batch in sheets.rows(delivery(book))] == [20, 20, 20]
        assert read(book)[59] == ["text 59", "59", "59", "59"]

    def test_rows_that_share_a_cell_with_the_row_above_have_a_fault(self, tmp_path: Path) -> None:
        rows = "".join(f'<row r="{row}"><c r="B{row}"><v>{row}</v></c></row>' for row in range(1, 5))
        merges = (
            '</sheetData><mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="A4:B4"/></mergeCells>'
        )
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}{merges}</worksheet>'
        faults = [row["fault"] for row in told(of_xml(tmp_path / "s.xlsx", "", sheet=sheet))]
        assert faults == [None, None, "holds a cell that is merged with one in the row above", None]

    @pytest.mark.parametrize(
        "rows",
        [
            '<row r="5"><c r="A5"><v>5</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
            '<row r="2"><c r="A2"><v>5</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        ],
    )
    def test_rows_that_stand_in_no_order_are_refused(self, tmp_path: Path, rows: str) -> None:
        assert refusal(of_xml(tmp_path / "s.xlsx", rows)) == (
            "s.xlsx must have the rows of 'A' in their order; open it in a spreadsheet program, save it "
            "anew and deliver that"
        )

    def test_a_row_far_outside_is_refused(self, tmp_path: Path) -> None:
        rows = '<row r="4294967290"><c r="A4294967290"><v>1</v></c></row>'
        assert refusal(of_xml(tmp_path / "s.xlsx", rows)) == (
            "s.xlsx must have at most 1,048,576 rows; open it in a spreadsheet program, save it anew and "
            "deliver that"
        )

    def test_a_cell_far_outside_is_refused(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1"><v>7</v></c><c r="ZZZZ1"><v>7</v></c></row>'
        assert refusal(of_xml(tmp_path / "s.xlsx", rows)) == (
            "s.xlsx must have at most 16,384 columns (the sheet 'A' has 475,254); delete the cells far "
            "outside the table"
        )


class TestSheets:
    """Which sheets are read."""

    def test_the_only_one_that_shows_anything(self, tmp_path: Path) -> None:
        book = written(
            tmp_path / "s.xlsx", {"Empty": [], "!Hidden": [["h"]], "!!Very": [["v"]], "B": [["b"]]}
        )
        assert read(book) == [["b"]]
        assert [(row["fields"], row["fault"]) for row in told(book)] == [
            (["b"], None),
            ([], "no record: sheet 'Hidden', which is hidden"),
            ([], "no record: sheet 'Very', which is hidden"),
        ]

    def test_one_that_a_study_does_not_name_is_told(self, tmp_path: Path) -> None:
        """The sheet of a new year was passed over without a word."""
        book = written(tmp_path / "s.xlsx", {"2024": [["a"], ["b"]], "2025": [["a"], ["c"]]})
        assert [row["fault"] for row in told(book, sheets="2024")] == [
            None,
            None,
            *["no record: sheet '2025', which is not named but has the same header"] * 2,
        ]

    def test_several_are_refused_with_what_to_say(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["a"]], "B b": [["b"]], "!Hidden": [["h"]]})
        assert refusal(book) == (
            "s.xlsx must have one sheet that holds anything, or the study must name those to be read "
            "(it has 'A', 'B b'; hidden or empty: 'Hidden'); say sheets: [\"A\", \"B b\"] in its format"
        )

    def test_a_hidden_one_is_read_if_it_is_named(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["a"]], "!Hidden": [["h"]]})
        assert read(book, sheets="Hidden") == [["h"]]

    def test_an_unknown_one_is_refused_with_those_that_are_there(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["a"]], "!Hidden": [["h"]]})
        assert refusal(book, sheets="a") == (
            "s.xlsx must have the sheet 'a' (it has 'A'; hidden or empty: 'Hidden'); correct sheets: of its "
            "format"
        )

    def test_several_that_are_named_are_one_below_the_other(self, tmp_path: Path) -> None:
        head = ["Invoice", "Price"]
        book = written(tmp_path / "s.xlsx", {"2009": [head, ["1", 5]], "2010": [["title"], head, ["2", 6]]})
        rows = told(book, sheets=("2009", "2010"))
        assert [row["fields"] for row in rows] == [head, ["1", "5"], ["title", ""], head, ["2", "6"]]
        assert [row["fault"] for row in rows if row["fault"]] == [
            "no record: above the header of sheet '2010'",
            "no record: header of sheet '2010' (record 4 is its row 2)",
        ]

    def test_sheets_with_other_headers_are_refused(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["Id", "Net"], ["1", 5]], "B": [["Net", "Id"], [5, "1"]]})
        assert refusal(book, sheets=("A", "B")) == (
            "s.xlsx must have the same header in every sheet that is read ('B' lacks the row 'Id', 'Net'); "
            "deliver sheets of another form as files of their own"
        )


def test_a_message_names_the_sheet_of_a_record_and_its_row_there(tmp_path: Path) -> None:
    head = HEADER.strip().split(";")
    sheets = {name: [["Umsatz"], head, line(order=name).strip().split(";")] for name in ("2024", "It's")}
    sheets["It's"].append(line(amount="x").strip().split(";"))
    book = written(tmp_path / "sales.xlsx", sheets)
    named = ("encoding: cp1252,", 'encoding: cp1252, sheets: ["2024", "It\'s"],')
    with DuckDB() as engine:
        ingest_files(engine, tmp_path, {"sales.xlsx": book.read_bytes()}, named)
        assert engine.rows("select record from quarantine") == [(7,)]
        assert [place_of(engine, "sales.xlsx", record) for record in (3, 4, 7)] == [
            "sales.xlsx record 3",
            'sales.xlsx record 4 (sheet "It\'s", row 1)',
            'sales.xlsx record 7 (sheet "It\'s", row 4)',
        ]


def test_a_sheet_of_the_same_form_that_is_not_read_warns(tmp_path: Path) -> None:
    head = HEADER.strip().split(";")
    sheets = {name: [head, line(order=name).strip().split(";")] for name in ("2024", "2025")}
    book = written(tmp_path / "sales.xlsx", {**sheets, "Notes": [["Done"]]})
    named = ("encoding: cp1252,", 'encoding: cp1252, sheets: ["2024"],')
    with DuckDB() as engine:
        found = gates(engine, tmp_path, {"sales.xlsx": book.read_bytes()}, named)
    assert told_of(found, "unmatched_file") == [
        (
            "warned",
            "transactions: sales.xlsx: every sheet with the header of those that are read must be read, too "
            "(one is not: sheet '2025', which is not named but has the same header); name it under sheets:, "
            "or take it out of the workbook",
        )
    ]


class TestExcel97:
    """Workbooks under .xls."""

    def test_cells_and_errors_are_read(self, tmp_path: Path) -> None:
        book = of_97(tmp_path / "s.xls", [["Kunde", "Betrag"], ["00123", 12.5], [None, ERROR], ["Müller", 3]])
        assert looks_like(book) == "old workbook"
        assert read(book) == [["Kunde", "Betrag"], ["00123", "12.5"], ["", "#N/A"], ["Müller", "3"]]

    def test_a_password_is_refused(self, tmp_path: Path) -> None:
        assert refusal(of_97(tmp_path / "s.xls", [["a"]], protected=True)) == (
            "s.xls must not be protected by a password; save it without and deliver it again"
        )


class TestInItsChild:
    """The reader itself: a process of its own, and what is refused before one is started."""

    def refusal(self, path: Path, **layout: Any) -> str:
        with pytest.raises(InputError) as caught:
            list(WORKBOOK.rows(delivery(path, **layout)))
        return str(caught.value)

    def test_rows_and_their_count_come_through(self, tmp_path: Path) -> None:
        one = delivery(written(tmp_path / "s.xlsm", {"A": [["x", 5.5]], "B": []}), decimal=",")
        assert [batch["fields"].to_pylist() for batch in WORKBOOK.rows(one)] == [[["x", "5,5"]]]
        assert WORKBOOK.count(one) == 1

    def test_rows_are_read_once_for_a_scratch_folder(self, tmp_path: Path) -> None:
        one = delivery(written(tmp_path / "s.xlsx", {"A": [["a"]]}))
        first = list(WORKBOOK.rows(one))
        written(tmp_path / "s.xlsx", {"A": [["b"]]})
        assert list(WORKBOOK.rows(one)) == first
        assert not list(one.scratch.glob(".*"))

    def test_what_the_child_refuses_is_refused(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["a"]]})
        assert self.refusal(book, sheets="B") == (
            "s.xlsx must have the sheet 'B' (it has 'A'); correct sheets: of its format"
        )

    def test_a_cell_in_the_last_corner_ends_the_child_only(self, tmp_path: Path) -> None:
        rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        assert self.refusal(of_xml(tmp_path / "s.xlsx", rows)) == (
            "s.xlsx must be readable within 3 GiB of memory; delete cells far outside the table, or deliver "
            "it as CSV or in several files"
        )

    def test_damaged_xml_is_refused(self, tmp_path: Path) -> None:
        assert self.refusal(of_xml(tmp_path / "s.xlsx", '<row r="1"><c r="A1"><v>1</row>')) == (
            "s.xlsx must be a workbook that can be read (ill-formed document: start tag not closed: `</v>` "
            "not found before end of input); open it in a spreadsheet program, save it anew and deliver that"
        )

    @pytest.mark.parametrize("member", ["sharedStrings.xml", "worksheets/sheet1.xml", "styles.xml"])
    def test_a_byte_that_was_changed_on_the_way_is_refused(self, tmp_path: Path, member: str) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [[f"text {number}"] for number in range(100)]})
        data = bytearray(book.read_bytes())
        with zipfile.ZipFile(book) as archive:
            data[archive.getinfo(f"xl/{member}").header_offset + 30 + len(f"xl/{member}") + 40] ^= 1
        book.write_bytes(data)
        assert self.refusal(book) == (
            "s.xlsx must be a file that can be read; open it, save it anew and deliver it again"
        )

    def test_a_password_is_refused(self, tmp_path: Path) -> None:
        assert self.refusal(compound(tmp_path / "s.xlsx", "EncryptedPackage", b"")) == (
            "s.xlsx must not be protected by a password; save it without and deliver it again"
        )

    @pytest.mark.parametrize(
        ("start", "what"),
        [
            (b"Kunde;Betrag\n", "text"),
            ("Kunde\tBetrag".encode("utf-16"), "text"),
            (b"<html><table>", "a web page"),
            (b"%PDF-1.7", "a PDF"),
            (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "an XML spreadsheet of 2003"),
            (b"", "empty"),
            (b"PAR1", "a Parquet file"),
        ],
    )
    def test_what_is_no_workbook_is_told(self, tmp_path: Path, start: bytes, what: str) -> None:
        (tmp_path / "s.xlsx").write_bytes(start)
        assert self.refusal(tmp_path / "s.xlsx") == (
            f"s.xlsx must be an Excel workbook (it is {what}); save it as .xlsx or CSV"
        )

    @pytest.mark.parametrize(
        ("members", "what"),
        [
            (("[Content_Types].xml", "xl/workbook.bin"), "a binary Excel workbook"),
            (("mimetype", "content.xml"), "an OpenDocument file"),
        ],
    )
    def test_workbooks_of_other_forms_are_to_be_saved_anew(
        self, tmp_path: Path, members: tuple[str, ...], what: str
    ) -> None:
        with zipfile.ZipFile(tmp_path / "s.xlsx", "w") as archive:
            for member in members:
                archive.writestr(member, b"")
        assert self.refusal(tmp_path / "s.xlsx") == (
            f"s.xlsx must be an Excel workbook (it is {what}); save it as .xlsx or CSV"
        )

    def test_one_that_is_cut_off_is_refused(self, tmp_path: Path) -> None:
        book = written(tmp_path / "s.xlsx", {"A": [["a"]]})
        book.write_bytes(book.read_bytes()[:3000])
        assert self.refusal(book) == (
            "s.xlsx must be a whole archive (it is cut off or damaged); deliver it again"
        )

    def test_a_bomb_is_refused_by_its_directory(self, tmp_path: Path) -> None:
        book = of_xml(tmp_path / "s.xlsx", '<row r="1"/>')
        with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/sharedStrings.xml", bytes(12 * 1024 * 1024))
        assert self.refusal(book) == (
            "s.xlsx must not unpack to more than 300 times its size, as only long repetitions do; look at "
            "what was packed and deliver it again"
        )
