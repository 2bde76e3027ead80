"""Dates: strict forms, months in two languages, and what SAP and Excel write instead of a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small_values import read, reason

from segcore.engine import DuckDB
from segcore.params import Column, Format, Source
from segcore.params.layouts import MONTHS, date_pattern, read_date

FORMS = [
    *("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%d%m%Y", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%d-%b-%Y", "%d. %B %Y", "%B %d, %Y", "%d%b%Y", "%d.%m.%y", "%y%m%d", "%b %d, %Y %I:%M %p"),
    "%d/%m/%Y %H:%M:%S.%f",
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def days(engine: DuckDB, form: str | Sequence[str], *texts: str | None, **how: object) -> list[object]:
    """The dates of an order; the name of the rule where a text is refused."""
    found = read(engine, str(how.pop("name", "order_date")), texts, date=form, **how)
    return [rule or value for value, rule in found]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


READ = {
    "%d.%m.%Y": {"1.2.2025": "2025-02-01", "\u00a029.02.2024 ": "2024-02-29", "01.01.1900": "1900-01-01"},
    "%Y-%m-%d %H:%M:%S": {"2011-12-09 12:50:00": "2011-12-09", "2011-12-09 23:59:59": "2011-12-09"},
    "%d.%m.%y": {"31.12.25": "2025-12-31", "1.2.68": "2068-02-01", "01.02.99": "2099-02-01"},
    "%d. %b %Y": {
        "5. Mar 2025": "2025-03-05",
        "5. Mär 2025": "2025-03-05",
        "05. Mrz. 2025": "2025-03-05",
        "5. MÄRZ 2025": "2025-03-05",
        "5. maerz 2025": "2025-03-05",
        "1. Mai 2025": "2025-05-01",
        "31. Okt. 2025": "2025-10-31",
        "31. Dez 2025": "2025-12-31",
        "31. December 2025": "2025-12-31",
        "3. Sept. 2025": "2025-09-03",
        "3. Jänner 2025": "2025-01-03",
    },
    "%b %d, %Y %I:%M %p": {
        "Dec 31, 2025 1:45\u202fPM": "2025-12-31",
        "Dec\u00a031, 2025 1:45 PM": "2025-12-31",
        "Mai 1, 2025 12:00 am": "2025-05-01",
    },
    "%d-%b-%y": {"31-Dez-99": "2099-12-31", "1-MAY-25": "2025-05-01"},
    "%d%b%Y": {"05Feb2025": "2025-02-05"},
}


@pytest.mark.parametrize("form", READ)
def test_days_in_the_form_of_their_file_are_read(engine: DuckDB, form: str) -> None:
    expected = [day(value) for value in READ[form].values()]
    assert days(engine, form, *READ[form], century=2000) == expected


REFUSED = {
    "%d.%m.%Y": [
        *("31.02.2025", "29.02.2025", "31.12.25", "01.02.03", "01.02.202", "01.02.02025", "2025-12-31"),
        *("31.12.2025 10:00", "46022", "31.12.9999", "31.12.1899", "01.01.2200", "01.01.0001", "x", "1.2"),
        *("31.12.2025x", "31,12,2025", "5. März 2025", "32.01.2025", "1.13.2025", "-1.2.2025", "٣١.١٢.٢٠٢٥"),
    ],
    "%d/%m/%Y": ["12/31/2025", "31-12-2025"],
    "%Y%m%d": ["2025111", "20251301", "20250230", "202512311", "2025.12.31", "99991231"],
    "%Y-%m-%d %H:%M:%S": [
        *(
            "2011-12-09",
            "2011-12-09 24:00:00",
            "2011-12-09 12:60:00",
            "2011-12-09 12:50",
            "2011-12-09T12:50:00",
        ),
        *("2011-12-09 12:50:00.5", "2011-12-09 12:50:00+01", "2011-12-09 12:50:00Z"),
    ],
    "%d.%m.%y": ["31.12.2025", "31.12.5", "30.02.25"],
    "%d. %b %Y": ["30. Februar 2025", "5. Foo 2025", "5. Ma 2025", "5. 03 2025", "5. März 25", "5 März 2025"],
}


@pytest.mark.parametrize("form", REFUSED)
def test_any_other_day_is_refused(engine: DuckDB, form: str) -> None:
    assert days(engine, form, *REFUSED[form], century=2000) == ["date"] * len(REFUSED[form])


def test_errors_of_reports_and_spreadsheets_are_named_as_such(engine: DuckDB) -> None:
    assert days(engine, "%d.%m.%Y", "#N/A", "#MULTIVALUE", "########") == ["error value"] * 3


def test_a_date_with_month_and_day_in_the_other_order_makes_all_others_doubtful(engine: DuckDB) -> None:
    """02/03 of the same file was read as another day, and only 12/31 was refused."""
    assert reason(engine, "order_date", "12/31/2025", date="%d/%m/%Y") == (
        "must be a date like 31/12/2025 (%d/%m/%Y); it is one like 12/31/2025 (%m/%d/%Y), and others of the "
        "file may be read as another day"
    )


def test_a_refused_date_is_told_what_it_must_be(engine: DuckDB) -> None:
    assert reason(engine, "order_date", "46022", date=["%d.%m.%Y", "%Y%m%d"]) == (
        "must be a date like 31.12.2025 (%d.%m.%Y) or 20251231 (%Y%m%d)"
    )


def test_a_column_may_hold_several_forms(engine: DuckDB) -> None:
    texts = ["31.12.2025", "31.12.2025 13:45:00", "20251231", "1. Mai 2025", "12/31/2025"]
    forms = ["%d. %B %Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%Y%m%d"]
    new_year = day("2025-12-31")
    assert days(engine, forms, *texts) == [new_year, new_year, new_year, day("2025-05-01"), "date"]


INITIAL = [
    "00.00.0000",
    "00000000",
    "0000-00-00",
    "00/00/0000",
    "00.00.0000 00:00:00",
    "",
    " ",
    "#",
    "-",
    None,
]
HIGH = ["31.12.9999", "9999-12-31", "99991231", "12/31/9999", "31.12.9999 00:00:00", "9999-12-31T00:00:00"]


@pytest.mark.parametrize("name", ["order_date", "valid_from", "valid_to", "since"])
def test_what_sap_writes_for_no_date_is_none(engine: DuckDB, name: str) -> None:
    kind = "transactions" if name == "order_date" else "customers"
    assert days(engine, "%d.%m.%Y", *INITIAL, name=name, kind=kind) == [None] * len(INITIAL)


@pytest.mark.parametrize(
    ("name", "kind", "becomes"),
    [
        ("since", "customers", None),
        ("valid_to", "customers", None),
        ("delivered_on", "transactions", None),
        ("order_date", "transactions", "date"),
        ("date", "followups", "date"),
        ("valid_from", "customers", "date"),
    ],
)
def test_a_date_without_an_end_is_open_only_where_that_means_something(
    engine: DuckDB, name: str, kind: str, becomes: str | None
) -> None:
    column = {"from": "X", "type": "date"}
    assert days(engine, "%d.%m.%Y", *HIGH, name=name, kind=kind, column=column) == [becomes] * len(HIGH)


def test_a_customer_since_the_beginning_of_time_is_suspect(engine: DuckDB) -> None:
    texts = ["01.01.0001", "01.01.1900", "1.1.1900", "1900-01-01", "02.01.1900", "01.01.1901"]
    suspect = ["suspect date"] * 4
    found = days(engine, "%d.%m.%Y", *texts, name="since", kind="customers")
    assert found == [*suspect, day("1900-01-02"), day("1901-01-01")]
    assert reason(engine, "since", "01.01.1900", kind="customers", date="%d.%m.%Y") == (
        "must be a day that somebody chose (systems write this one for none)"
    )


def test_cells_with_types_of_their_own_may_be_iso_or_serial_numbers(engine: DuckDB) -> None:
    texts = ["2025-12-31", "2025-12-31 13:45:00", "2025-12-31T13:45:00", "31.12.2025", "46022"]
    new_year = day("2025-12-31")
    assert days(engine, "%d.%m.%Y", *texts, typed=True, serials=True) == [new_year] * 5
    assert days(engine, "%d.%m.%Y", *texts) == ["date"] * 3 + [new_year, "date"]
    edges = ["20000", "19999", "80000", "80001", "46022,5", "0", "2025-02-30"]
    found = days(engine, "%d.%m.%Y", *edges, typed=True, serials=True)
    assert found == [day("1954-10-03"), "date", day("2119-01-11"), "date", "date", "date", "date"]


@settings(deadline=None, max_examples=60)
@given(
    moment=st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2199, 12, 31)),
    form=st.sampled_from(FORMS),
)
def test_every_day_can_be_written_and_read_back(engine: DuckDB, moment: dt.datetime, form: str) -> None:
    century = moment.year // 100 * 100
    assert days(engine, form, moment.strftime(form), century=century) == [moment.date()]


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.text("0123456789.-/ ", max_size=11), max_size=20),
    form=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d%m%Y", "%m/%d/%Y", "%d.%m.%y"]),
)
def test_dates_are_read_as_by_hand(engine: DuckDB, texts: list[str], form: str) -> None:
    found = [value for value, _ in read(engine, "order_date", texts, date=form, century=2000)]
    assert found == [read_date(text.strip(), form, 2000) for text in texts]


def test_every_month_has_its_names(engine: DuckDB) -> None:
    for number, names in enumerate(MONTHS, start=1):
        texts = [f"7-{name}{dot}-2025" for name in names for dot in ("", ".")]
        assert days(engine, "%d-%b-%Y", *texts) == [dt.date(2025, number, 7)] * len(texts)


def test_a_pattern_takes_what_stands_around_the_parts_literally() -> None:
    assert date_pattern("%d.%m.%Y") == r"\d{1,2}\.\d{1,2}\.(?:19|20|21)\d{2}"
    assert date_pattern("%Y%m%d") == r"(?:19|20|21)\d{2}\d{2}\d{2}"


AMBIGUOUS = [
    ("%d/%m/%Y", "%m/%d/%Y", "02/01/1901", "1901-01-02", "1901-02-01"),
    ("%d.%m.%y", "%y.%m.%d", "02.01.01", "2001-01-02", "2002-01-01"),
    ("%d.%m.%y", "%m.%d.%y", "02.01.01", "2001-01-02", "2001-02-01"),
]


@pytest.mark.parametrize(("first", "second", "text", "one", "other"), AMBIGUOUS)
def test_forms_by_which_one_text_is_two_dates_are_refused(
    first: str, second: str, text: str, one: str, other: str
) -> None:
    sentence = (
        f"date must have forms that never read one text as two dates (by {first!r} {text!r} is "
        f"{one}, by {second!r} {other}); keep the one that the export writes"
    )
    with pytest.raises(ValidationError) as raised:
        Format.model_validate({"date": [first, "%Y-%m-%d", second], "century": 2000})
    assert sentence in str(raised.value)
    own = Column.model_validate({"from": "X", "date": [first, second]})
    with pytest.raises(ValidationError) as raised:
        Source.model_validate({"files": ["x.csv"], "columns": {"since": own}, "format": Format(century=2000)})
    assert f"columns.since.{sentence}" in str(raised.value)


@pytest.mark.parametrize(
    "forms",
    [
        ["%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y %H:%M:%S", "%d. %b %Y"],
        ["%Y%m%d", "%d%m%Y"],
        ["%d.%m.%Y", "%d.%m.%y"],
        ["%m/%d/%Y", "%m/%d/%Y"],
    ],
)
def test_forms_that_never_meet_may_stand_together(forms: list[str]) -> None:
    assert Format.model_validate({"date": forms, "century": 2000}).date == tuple(forms)
