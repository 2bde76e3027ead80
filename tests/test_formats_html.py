from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_workbooks import delivery

from segcore.errors import InputError
from segcore.sources.formats import COVERED, html
from segcore.sources.formats.child import lines_of
from segcore.sources.formats.html import HTML
from segcore.sources.formats.looks import looks_like


def page(folder: Path, text: str | bytes) -> Path:
    path = folder / "s.xls"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, **layout: Any) -> list[list[str]]:
    """The fields of all rows."""
    return [row["fields"] for row in told(path, **layout)]


def told(path: Path, **layout: Any) -> list[dict[str, Any]]:
    """All rows; records go on from 1 and the independent count is the same."""
    one = delivery(path, **layout)
    rows = [row for batch in html.rows(one) for row in batch.to_pylist()]
    assert [row["record"] for row in rows] == list(range(1, len(rows) + 1))
    assert lines_of(iter(()), one) == len(rows)
    return rows


def refusal(path: Path, **layout: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **layout)
    return str(caught.value)


def test_a_table_is_read_as_browsers_read_it(tmp_path: Path) -> None:
    text = (
        '<!DOCTYPE html><html><head><script>var a = "<table><tr><td>x";</script></head><!-- <tr> --><body>'
        "<table><tr><td colspan=3>Report</td></tr><tr><th>Kunde<th>Name<th>Umsatz"
        "<tr><td>1</td><td>M&uuml;ller &amp;\n  S&#246;hne<br>KG</td><td>1.234,56&nbsp;</td></tr></table>"
    )
    assert read(page(tmp_path, text)) == [
        ["Report", COVERED, COVERED],
        ["Kunde", "Name", "Umsatz"],
        ["1", "Müller & Söhne KG", "1.234,56"],
    ]


def test_a_cell_over_several_places_leaves_the_others_unknown(tmp_path: Path) -> None:
    """They were empty, and an optional attribute was lost without a word."""
    text = "<table><tr><td rowspan=2>1<td>a<td rowspan=3>9<tr><td>b<tr><td>2<td>c<tr><td colspan=3></table>"
    assert read(page(tmp_path, text)) == [
        ["1", "a", "9"], [COVERED, "b", COVERED], ["2", "c", COVERED], ["", "", ""],
    ]  # fmt: skip


def test_records_are_rows_of_the_tables_that_are_as_wide_as_the_largest(tmp_path: Path) -> None:
    """Titles and footers were dropped and counted nowhere."""
    pages = [f"<table><tr><td>a<td>b<td>c<tr><td>{number}<td>2<td>3</table>" for number in (1, 5)]
    text = f"<table><tr><td>Title<td>{pages[0]}</table><table><td>page 2</td></tr><td>x</table>{pages[1]}"
    rows = {tuple(row["fields"]): row["fault"] for row in told(page(tmp_path, text))}
    assert rows == {
        ("a", "b", "c"): None,
        ("1", "2", "3"): None,
        ("Title", ""): "no record: another table",
        ("page 2",): "no record: another table",
        ("x",): "no record: another table",
        ("5", "2", "3"): None,
    }


def test_another_large_table_is_refused(tmp_path: Path) -> None:
    text = f"<table>{'<tr><td>1<td>2' * 30}</table><table>{'<tr><td>1' * 30}</table>"
    assert refusal(page(tmp_path, text)) == (
        "s.xls must hold one table (beside the largest with 2 columns there is one with 1 column and 30 "
        "rows); save each as .xlsx or CSV of its own"
    )


@pytest.mark.parametrize("how", ["style='display: none'", "hidden", "style='color:red;VISIBILITY:hidden'"])
def test_text_that_nobody_sees_is_a_fault_of_its_row(tmp_path: Path, how: str) -> None:
    """The key by which a grid in a browser sorts was read as the first digits of the number."""
    text = f"<table><tr><td>a<td>b<tr {how}><td>1<td><span {how}>0017</span>17,61<tr><td {how}>2<td>3</table>"
    fault = "holds text that nobody sees, like a key to sort by, within a cell"
    assert [row["fault"] for row in told(page(tmp_path, text))] == [None, fault, None]


def test_a_table_within_a_cell_is_a_fault_of_its_row(tmp_path: Path) -> None:
    text = "<table><tr><td>a<td>b<tr><td>1<td><table><tr><td>x</table></td></tr></table>"
    assert [row["fault"] for row in told(page(tmp_path, text))] == [
        None, "no record: another table", "holds a table within a cell",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('<html><meta charset="windows-1252"><table><tr><td>Grün €</table>', "cp1252"),
        ('<html><meta content="text/html; charset=iso-8859-15"><table><tr><td>Grün €</table>', "iso-8859-15"),
        ("<html><table><tr><td>Grün €</table>", "utf-16"),
        ("<html><meta charset=cp850><table><tr><td>Grün €</table>", "utf-8-sig"),
        ("<html><table><tr><td>Grün €</table>", "utf-8"),
    ],
)
def test_the_encoding_is_what_the_page_says(tmp_path: Path, text: str, encoding: str) -> None:
    path = page(tmp_path, text.encode(encoding))
    assert looks_like(path) == "html"
    assert read(path) == [["Grün €"]]


def test_the_study_says_the_encoding_if_the_page_does_not(tmp_path: Path) -> None:
    path = page(tmp_path, "<table><tr><td>Grün".encode("cp1252"))
    assert read(path, encoding="cp1252") == [["Grün"]]
    assert refusal(path).startswith("s.xls must be written in utf-8, as it says ('utf-8' codec can't decode")


def test_a_web_archive_is_read(tmp_path: Path) -> None:
    text = (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="X"\n\n--X\n'
        'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
        "<html><table><tr><td>a=3D</td><td>=\nGr=C3=BCn</td></tr></table></html>\n--X--\n"
    )
    path = page(tmp_path, text)
    assert looks_like(path) == "mhtml"
    assert read(path) == [["a=", "Grün"]]


def test_columns_without_end_are_refused(tmp_path: Path) -> None:
    text = f"<table>{'<tr><td colspan=1000 rowspan=60000>x' * 40}</table>"
    assert refusal(page(tmp_path, text)) == (
        "s.xls must have at most 16,384 columns (a row has 17,000); save it as .xlsx or CSV"
    )


@pytest.mark.parametrize("opened", ["<!--", "<script>"])
def test_what_is_opened_again_and_again_takes_no_time(tmp_path: Path, opened: str) -> None:
    one = delivery(page(tmp_path, f"<table><tr><td>a<tr><td>b{opened * 100_000}"))
    assert sum(batch.num_rows for batch in html.rows(one)) == 2
    assert lines_of(iter(()), one) == 2


def test_a_page_without_a_table_is_refused(tmp_path: Path) -> None:
    assert refusal(page(tmp_path, "<html><body>Please log in</body></html>")) == (
        "s.xls must hold a table (it is a web page without one); save it as .xlsx or CSV"
    )


def test_it_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    one = delivery(page(tmp_path, "<table><tr><td colspan=999999999>a<tr><td>b</table>"))
    rows = [fields for batch in HTML.rows(one) for fields in batch["fields"].to_pylist()]
    assert [len(row) for row in rows] == [1000, 1]
    assert HTML.count(one) == 2


def test_what_is_no_web_page_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(HTML.rows(delivery(page(tmp_path, "Kunde\tBetrag\n"))))
    assert str(caught.value) == (
        "s.xls must be a web page of at most 512 MiB (it is text); save it as .xlsx or CSV"
    )
