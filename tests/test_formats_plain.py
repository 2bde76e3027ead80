"""Text of fixed width, and lists as SAP prints them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segcore.errors import InputError
from segcore.params import Format
from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.fixed import READER as FIXED
from segcore.sources.formats.sap_list import READER as LIST


def read(reader: Reader, folder: Path, text: str, **layout: Any) -> list[tuple[list[str], str | None]]:
    """The fields and the fault of each line of a text; all lines are there, one by one."""
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8", newline="")
    delivery = Delivery(path, "list.txt", Format(**layout), folder)
    rows = [row for batch in reader.rows(delivery) for row in batch.cast(ROWS).to_pylist()]
    assert [row["record"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["lines"] for row in rows) == reader.count(delivery) == len(rows)
    assert {row["text"] for row in rows} <= {None}
    return [(row["fields"], row["fault"]) for row in rows]


class TestFixedWidth:
    widths = (4, 3, 5)

    def test_lines_are_cut_by_characters_and_not_by_bytes(self, tmp_path: Path) -> None:
        assert read(FIXED, tmp_path, "KundArtPreis\nMüß1äöü 1,00\n𝔘  2€€€1000,\n", widths=self.widths) == [
            (["Kund", "Art", "Preis"], None),
            (["Müß1", "äöü", " 1,00"], None),
            (["𝔘  2", "€€€", "1000,"], None),
        ]

    def test_blanks_at_the_end_may_be_missing_or_too_many(self, tmp_path: Path) -> None:
        assert read(FIXED, tmp_path, "K1  Art1\nK2  Art12345   \nK3  Art 2 \n", widths=self.widths) == [
            (["K1  ", "Art", "1"], None),
            (["K2  ", "Art", "12345"], None),
            (["K3  ", "Art", " 2 "], None),
        ]

    def test_blanks_may_not_be_missing_where_most_lines_have_them(self, tmp_path: Path) -> None:
        """A line that was cut in its last number was a line with a smaller number."""
        text = "KundArtPreis\nK1  Art 1,00\nK2  Art 1,0\n"
        assert read(FIXED, tmp_path, text, widths=self.widths) == [
            (["Kund", "Art", "Preis"], None),
            (["K1  ", "Art", " 1,00"], None),
            (["K2  ", "Art", " 1,0"], "must be 12 characters long, as format.widths says (it has 11)"),
        ]

    def test_a_line_of_another_length_is_one_field_with_its_fault(self, tmp_path: Path) -> None:
        told = "must be 12 characters long, as format.widths says (it has {})"
        assert read(FIXED, tmp_path, "K1  Art\nSumme\nK2  Art123456\n", widths=self.widths) == [
            (["K1  Art"], told.format(7)),
            (["Summe"], told.format(5)),
            (["K2  Art123456"], told.format(13)),
        ]

    def test_a_blank_line_is_one_blank_field(self, tmp_path: Path) -> None:
        assert read(FIXED, tmp_path, "\n   \nK1  Art1\n", widths=self.widths) == [
            ([""], None),
            (["   "], None),
            (["K1  ", "Art", "1"], None),
        ]

    def test_a_study_must_say_the_widths(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as caught:
            read(FIXED, tmp_path, "K1\n")
        assert caught.value.problems == (
            "list.txt: must have the widths of its columns in format.widths, like [10, 8, 12] (got none); "
            "count the characters of each column",
        )


PAGE = """\
31.12.2025                Umsatzliste                  Seite 1

------------------------------
|Kunde     |Datum     | Betrag|
|----------+----------+-------|
|0000001000|31.12.2025|12,50- |
|          |          |       |
|* 1000    |          |12,50- |
==============================
"""


class TestLists:
    def test_columns_stand_between_pipes_and_rules_have_no_fields(self, tmp_path: Path) -> None:
        assert read(LIST, tmp_path, PAGE) == [
            (["31.12.2025                Umsatzliste                  Seite 1"], None),
            ([""], None),
            ([], "no record: rule line"),
            (["Kunde", "Datum", "Betrag"], None),
            ([], "no record: rule line"),
            (["0000001000", "31.12.2025", "12,50-"], None),
            ([], "no record: rule line"),
            (["* 1000", "", "12,50-"], None),
            ([], "no record: rule line"),
        ]

    def test_pipes_around_the_line_are_not_needed(self, tmp_path: Path) -> None:
        assert read(LIST, tmp_path, "Kunde | Betrag\nK1 | \n") == [
            (["Kunde", "Betrag"], None),
            (["K1", ""], None),
        ]

    @pytest.mark.parametrize(("width", "cut"), [(254, False), (255, True), (256, False)])
    def test_a_line_of_255_characters_without_a_pipe_at_its_end_was_cut(
        self, tmp_path: Path, width: int, cut: bool
    ) -> None:
        line = "K1 | ".ljust(width, "x")
        ((fields, fault),) = read(LIST, tmp_path, f"{line}\n")
        told = "must end with a pipe (it is cut after 255 characters, as lists that are wider than 255 are)"
        assert (fields, fault) == (([line], told) if cut else (["K1", line[5:]], None))

    def test_a_line_of_255_characters_that_is_whole_is_read(self, tmp_path: Path) -> None:
        line = f"|{'x' * 253}|"
        assert read(LIST, tmp_path, f"{line}\n") == [(["x" * 253], None)]

    def test_a_line_that_begins_with_a_pipe_ends_with_one(self, tmp_path: Path) -> None:
        assert read(LIST, tmp_path, "|K1|12,5\n") == [
            (
                ["|K1|12,5"],
                "must end with a pipe (it is cut after 8 characters, as lists that are wider than 255 are)",
            )
        ]
