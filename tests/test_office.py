"""What a spreadsheet makes of the files of a run, seen through LibreOffice."""

from __future__ import annotations

import pytest
from office import Cell, active, all_opened, opened, sheets

pytestmark = pytest.mark.slow

CSV = "CSV:{},34,76,1"
"""How LibreOffice reads CSV: code of the separator, quote, UTF-8, from the first line on."""


def test_a_formula_in_a_file_is_seen_as_one(tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text('a;b\n=1+1;"=HYPERLINK(""http://a"")"\nx;2.5\n2025-03-01;\n', encoding="utf-8")
    (flat,) = all_opened([path], "fods", reading=CSV.format(ord(";")))
    assert sheets(flat) == {
        "evil": [
            [Cell("string", "a"), Cell("string", "b")],
            [Cell("float", "2", "of:=1+1"), Cell("string", "http://a", 'of:=HYPERLINK("http://a")')],
            [Cell("string", "x"), Cell("float", "2.5")],
            [Cell("date", "2025-03-01")],
        ]
    }
    assert active(flat) == ["table-cell: of:=1+1", 'table-cell: of:=HYPERLINK("http://a")']


def test_a_file_that_is_none_is_said_to_be(tmp_path):
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(AssertionError, match="could not open all files"):
        opened(tmp_path / "torn.xlsx", "fods")
