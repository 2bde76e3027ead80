"""Which delivery is the later one: dates in the names of files, and names in natural order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from small_sources import HEADER, KEY, deliver, line, study_in

from segcore.errors import InputError
from segcore.files import natural
from segcore.sources.extracts import find


def found(folder: Path, names: list[str], delivered: str = "") -> list[tuple[str, dt.date | None]]:
    change = ("unique: record", f"delivered: {delivered}" if delivered else "unique:  record")
    study = study_in(folder, change)
    data = deliver(folder, dict.fromkeys(names, HEADER + line()))
    return [(file.name, file.delivered) for file in find(study, data)]


def test_names_are_sorted_as_people_do() -> None:
    names = ["sales_10.csv", "sales_9.csv", "sales_9_2.csv", "sales.csv", "sales_09.csv", "Sales_1.csv"]
    assert sorted(names, key=natural) == [
        "Sales_1.csv",
        "sales.csv",
        "sales_9.csv",
        "sales_09.csv",
        "sales_9_2.csv",
        "sales_10.csv",
    ]


@pytest.mark.parametrize(
    ("form", "older", "newer"),
    [
        ("%d.%m.%Y", "31.12.2025", "28.02.2026"),
        ("%d.%m.%y", "31.12.25", "28.02.26"),
        ("%m.%Y", "12.2025", "02.2026"),
        ("%b %Y", "Dez 2025", "März 2026"),
        ("%Y%m%d", "20251231", "20260228"),
    ],
)
def test_a_date_is_read_in_the_form_of_the_study(tmp_path: Path, form: str, older: str, newer: str) -> None:
    names = [f"sales_{older}.csv", f"sales_{newer}.csv"]
    data = tmp_path / "data"
    data.mkdir()
    study = study_in(
        tmp_path, ("unique: record", f"delivered: {{name: 'sales_(.*)\\.csv', date: \"{form}\"}}")
    )
    for name in names:
        (data / name).write_text(HEADER + line())
    files = find(study, data)
    assert [file.name for file in files] == names
    assert [(file.delivered.year, file.delivered.month) for file in files if file.delivered] == [
        (2025, 12),
        (2026, 3 if "März" in newer else 2),
    ]


@pytest.mark.parametrize(
    ("older", "newer", "line"),
    [
        ("31.12.2025", "28.02.2026", r"""{name: 'sales_(\d{1,2}\.\d{1,2}\.\d{4})', date: "%d.%m.%Y"}"""),
        ("31-12-2025", "28-02-2026", r"""{name: 'sales_(\d{1,2}-\d{1,2}-\d{4})', date: "%d-%m-%Y"}"""),
        ("12-31-2025", "02-28-2026", r"""{name: 'sales_(\d{1,2}-\d{1,2}-\d{4})', date: "%m-%d-%Y"}"""),
        ("31122025", "28022026", r"""{name: 'sales_(\d{2}\d{2}\d{4})', date: "%d%m%Y"}"""),
        ("311225", "280226", r"""{name: 'sales_(\d{2}\d{2}\d{2})', date: "%d%m%y"}"""),
        ("12-25", "02-26", r"""{name: 'sales_(\d{1,2}-\d{2})', date: "%m-%y"}"""),
        ("12.2025", "02.2026", r"""{name: 'sales_(\d{1,2}\.\d{4})', date: "%m.%Y"}"""),
        ("Dez_2025", "Apr_2026", r"""{name: 'sales_([^0-9_. -]+_\d{4})', date: "%b_%Y"}"""),
    ],
)
def test_names_whose_order_is_not_that_of_their_dates_are_refused_with_the_line_to_write(
    tmp_path: Path, older: str, newer: str, line: str
) -> None:
    names = [f"sales_{older}.csv", f"sales_{newer}.csv"]
    with pytest.raises(InputError) as error:
        found(tmp_path, names)
    text = str(error.value)
    assert text.startswith("sources.transactions: must say how the date in the names of its files is read")
    assert text.endswith(f"; add delivered: {line}")
    assert [name for name, _ in found(tmp_path, names, line)] == names


@pytest.mark.parametrize(
    "names",
    [
        ["sales_251231.csv", "sales_260131.csv"],
        ["sales_2025-12-31.csv", "sales_2026-01-31.csv"],
        ["sales_2025_2.csv", "sales_2025_10.csv"],
        ["sales_01.2025.csv", "sales_02.2025.csv"],
        ["sales_9.csv", "sales_10.csv", "sales_100.csv"],
        ["sales_311225_a.csv", "sales_311225_b.csv"],
    ],
)
def test_names_that_are_in_order_need_no_word(tmp_path: Path, names: list[str]) -> None:
    assert [name for name, _ in found(tmp_path, names)] == names


@pytest.mark.parametrize(
    ("older", "newer"),
    [("KW52_2025", "KW07_2026"), ("2025 Woche 9", "2026-W07"), ("Q4-25", "Q1-26"), ("Februar", "April")],
)
def test_weeks_quarters_and_months_that_sort_otherwise_are_refused_where_later_ones_win(
    tmp_path: Path, older: str, newer: str
) -> None:
    """The older delivery won, for natural order decides."""
    files = dict.fromkeys([f"sales_{older}.csv", f"sales_{newer}.csv"], HEADER + line())
    in_order = sorted(files, key=natural)[0].startswith(f"sales_{older}")
    study = study_in(tmp_path, KEY)
    data = deliver(tmp_path, files)
    if in_order:
        assert [file.name for file in find(study, data)] == list(files)
        return
    with pytest.raises(InputError) as error:
        find(study, data)
    assert str(error.value) == (
        "sources.transactions: must have files whose names sort by date, for later deliveries win "
        f"(sales_{older}.csv sorts behind sales_{newer}.csv and is older); rename them, the year first and "
        "all in digits like sales_2026-02.csv, or say deliveries: increments if they stand side by side"
    )
    assert len(find(study_in(tmp_path / "records"), data)) == 2
