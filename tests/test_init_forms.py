"""Numbers, dates, encodings and YAML: the parts that `segcore init` guesses with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from small_init import deliver, drafted, lines, made, orders, works

from segcore.engine import DuckDB, Engine
from segcore.init.forms import date_form, date_layouts, number_form
from segcore.init.looking import Look, looks_at
from segcore.init.writing import noted, quoted, scalar

SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def look(engine: Engine, folder: Path, text: str | bytes, name: str = "x.csv") -> Look:
    return looks_at(engine, deliver(folder, name, text), "look", folder)[0]


def column(engine: Engine, folder: Path, *values: str) -> Look:
    """A file with one column that matters."""
    return look(engine, folder, "value|n\n" + "".join(f"{value}|{n}\n" for n, value in enumerate(values)))


@pytest.mark.parametrize(
    ("values", "decimal", "thousands", "doubt"),
    [
        (["1.5", "2", "1000.25"], ".", None, ""),
        (["1,5", "2", "1000,25"], ",", ".", ""),
        (["1.234,5", "2"], ",", ".", ""),
        (["1,234.5", "2"], ".", ",", ""),
        (["1'234.50", "2.0"], ".", "'", ""),
        (["1 234,50", "2,0"], ",", " ", ""),
        (["5-", "-7"], ".", None, ""),
        (["0.500", "1.234", "2"], ".", None, ""),
        (["1.234.567", "1.234", "2"], ",", ".", ""),
    ],
)
def test_the_form_of_numbers_is_the_one_that_reads_most(
    engine: Engine, tmp_path: Path, values: list[str], decimal: str, thousands: str | None, *, doubt: str
) -> None:
    form = number_form(engine, [column(engine, tmp_path, *values).by_key["value"]])
    assert (form.decimal, form.thousands, form.doubt) == (decimal, thousands, doubt)


@pytest.mark.parametrize(
    ("values", "likely", "decimal", "thousands", "doubt"),
    [
        (["1,234", "980"], ".", ".", ",", ""),
        (["8.171", "980"], ",", ",", ".", ""),
        (["1,234", "980"], "", ".", ",", "thousands (1234), not for decimals (1.234)"),
        (["1,234", "2,500"], ".", ".", ",", "thousands (1234), not for decimals (1.234)"),
        (["1,234", "2,500"], "", ",", ".", "decimals (1.234), not for thousands (1234)"),
        (["1,234", "980"], ",", ",", ".", "decimals (1.234), not for thousands (1234)"),
        (["8.171", "1500"], ",", ".", None, "decimals (8.171), not for thousands (8171)"),
    ],
)
def test_numbers_that_may_be_thousands_or_decimals_are_told_by_what_stands_beside(
    engine: Engine,
    tmp_path: Path,
    values: list[str],
    likely: str,
    decimal: str,
    *,
    thousands: str,
    doubt: str,
) -> None:
    form = number_form(engine, [column(engine, tmp_path, *values).by_key["value"]], likely=likely)
    shown = " · ".join(value for value in values if not value.isdigit())
    told = f"please check: numbers like {shown} are taken for {doubt}" if doubt else ""
    assert (form.decimal, form.thousands, form.doubt) == (decimal, thousands, told)


@pytest.mark.parametrize(
    ("header", "record", "form", "decimal"),
    [
        ("Customer,Order,Date,Category,Sales", '{customer},{n},{day},{market},"{n},500"', "%m/%d/%Y", "."),
        ("Kunde;Beleg;Datum;Warengruppe;Umsatz", "{customer};{n};{day};{market};{n}.500", "%d.%m.%Y", ","),
        (
            "Kunde|Beleg|Datum|Sparte|Menge|Preis|Umsatz",
            "{customer}|{n}|{day}|{market}|2|750|1.500",
            "%Y-%m-%d",
            ",",
        ),
    ],
)
def test_delimiter_dates_and_products_speak_for_a_decimal_sign(
    tmp_path: Path, header: str, record: str, form: str, decimal: str
) -> None:
    text = orders(header, record, form=form).replace('"0,500"', "500").replace(";0.500", ";500")
    numbers = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).numbers
    assert {numbers.decimal: numbers.thousands} == {decimal: "," if decimal == "." else "."}


@pytest.mark.parametrize(
    ("values", "layout"),
    [
        (["2024-05-01", "2024-12-31"], "%Y-%m-%d"),
        (["31.12.2024", "1.5.2024"], "%d.%m.%Y"),
        (["2024/05/01"], "%Y/%m/%d"),
        (["20240501", "20241231"], "%Y%m%d"),
        (["31.12.24", "01.05.24"], "%d.%m.%y"),
        (["2024-05-01 07:45:00"], "%Y-%m-%d %H:%M:%S"),
        (["2024-05-01T07:45:00"], "%Y-%m-%dT%H:%M:%S"),
        (["31.12.2024 07:45"], "%d.%m.%Y %H:%M"),
        (["12/31/2024", "01/02/2024"], "%m/%d/%Y"),
        (["31/12/2024", "01/02/2024"], "%d/%m/%Y"),
        (["05 Mar 2024"], "%d %b %Y"),
        (["3. Mär 2026, 14:05", "12. Mai 2026, 09:00"], "%d. %b %Y, %H:%M"),
        (["2024-05-01T07:45:00Z"], "%Y-%m-%dT%H:%M:%SZ"),
        (["12/31/2024 7:45 PM"], "%m/%d/%Y %I:%M %p"),
    ],
)
def test_the_form_of_dates_is_found(engine: Engine, tmp_path: Path, values: list[str], layout: str) -> None:
    seen = column(engine, tmp_path, *values).by_key["value"]
    form = date_form(engine, seen, comma=False)
    assert (form.layouts, form.doubt) == ((layout,), "")


NO_DAYS = [["1", "2"], ["10000001", "10000002"], ["x"], ["31.02.2024"], ["1850-01-01"]]


@pytest.mark.parametrize("values", NO_DAYS)
def test_what_is_no_day_of_our_times_is_no_date(engine: Engine, tmp_path: Path, values: list[str]) -> None:
    assert date_layouts(column(engine, tmp_path, *values).by_key["value"]) == ()


class TestDayOrMonthFirst:
    """01/02/2024 can be both; what speaks for one is said."""

    def form(self, engine: Engine, folder: Path, values: list[str], *, comma: bool) -> tuple[str, str]:
        form = date_form(engine, column(engine, folder, *values).by_key["value"], comma=comma)
        return form.said, form.doubt

    def test_a_file_in_the_order_of_its_dates_tells(self, engine: Engine, tmp_path: Path) -> None:
        values = [f"{month:02}/{day:02}/2024" for month in range(1, 13) for day in (3, 7, 11)]
        assert self.form(engine, tmp_path, values, comma=True) == (
            "%m/%d/%Y",
            "please check: 01/03/2024 · 01/07/2024 · 01/11/2024: 01/03/2024 is taken for 3 January 2024, "
            "because then the file is in the order "
            "of its dates",
        )

    def test_first_days_of_months_tell(self, engine: Engine, tmp_path: Path) -> None:
        values = ["01/07/2024", "01/02/2024", "01/11/2024", "01/05/2024", "01/12/2024", "01/01/2024"]
        assert self.form(engine, tmp_path, values, comma=False) == (
            "%d/%m/%Y",
            "please check: 01/07/2024 · 01/02/2024 · 01/11/2024: 01/07/2024 is taken for 1 July 2024, "
            "because then all are on one day of a month",
        )

    @pytest.mark.parametrize(
        ("comma", "layout", "day", "sign"),
        [(True, "%d/%m/%Y", "3 February", "comma"), (False, "%m/%d/%Y", "2 March", "point")],
    )
    def test_else_the_decimal_sign_does(
        self, engine: Engine, tmp_path: Path, comma: bool, layout: str, *, day: str, sign: str
    ) -> None:
        values = ["03/02/2024", "02/03/2024"]
        assert self.form(engine, tmp_path, values, comma=comma) == (
            layout,
            f"please check: 03/02/2024 · 02/03/2024: 03/02/2024 is taken for {day} 2024, "
            f"because numbers have a decimal {sign}",
        )


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Größe;n\nä;1\n".encode(), "utf-8"),
        ("Größe;n\nä;1\n".encode("utf-8-sig"), "utf-8"),
        ("Größe;n\nä;1\n".encode("cp1252"), "cp1252"),
        ("Größe;n\nä;1\n".encode("utf-16"), "utf-8"),
        ("Größe;n\nä;1\n".encode("utf-16-le"), "utf-8"),
        ("Größe;n\nä;1\n".encode("utf-16-be"), "utf-8"),
        (b"size;n\na;1\n", "cp1252"),
        (b"size,n\na,1\n", "utf-8"),
    ],
)
def test_the_encoding_to_declare_is_one_with_which_the_file_is_read(
    engine: Engine, tmp_path: Path, content: bytes, encoding: str
) -> None:
    """UTF-8, UTF-16 and byte order marks are recognised whatever is declared."""
    seen = look(engine, tmp_path, content)
    assert seen.written.encoding == encoding
    assert seen.columns[0].values in (("ä",), ("a",))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_by_which_records_are_alike(
    engine: Engine, tmp_path: Path, delimiter: str
) -> None:
    other = "|" if delimiter == "," else ","
    text = "name;n;m\n" + f'a;1{other}5;"x{delimiter}y"\n' * 3 + f"b;2{other}5;z{other} z\n"
    seen = look(engine, tmp_path, text.replace(";", delimiter))
    assert seen.written.delimiter == delimiter


def test_few_values_mean_fewer_classes(tmp_path: Path) -> None:
    text = orders("customer,order,date,market,sales", "{n},{n},{day},{market},{amount}", count=40)
    again = "".join(f"{n % 3},9{n},2024-03-01,X,1.5\n" for n in range(5))
    study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text + again))
    assert {name: variable.classes for name, variable in study.variables.items()} == {
        "recency": 5,
        "frequency": 3,
        "years": 3,
        "products": 2,
        "monetary": 5,
    }
    assert "frequency: 3 different values, so 3 classes instead of 5" in result.lines
    assert works(tmp_path, study)


def test_too_few_values_are_told(tmp_path: Path) -> None:
    text = lines("customer,order,date,market,sales", 9, "{n},{n},2024-05-01,{k},1.5")
    study, result = made(tmp_path, deliver(tmp_path, "orders.csv", text))
    assert list(study.variables) == ["recency", "frequency"]
    assert result.lines[-7:-2] == (
        "recency: 1 different value for 5 classes; please check, for a run needs more",
        "frequency: 1 different value for 5 classes; please check, for a run needs more",
        "years: 1 different value for 3 classes; it is left out",
        "products: 1 different value for 2 classes; it is left out",
        "monetary: 1 different value for 5 classes; it is left out",
    )


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_every_text_can_be_written_as_yaml(text: str) -> None:
    assert yaml.safe_load(f"{{a: {scalar(text)}, b: [{scalar(text)}]}}") == {"a": text, "b": [text]}
    assert yaml.safe_load(noted(f"a: {quoted(text)}", "why # that: x")) == {"a": text}


ODD = ["NO", "null", "007", "1.5", "2025-12-31", "~", "true", "- a", "a: b", "a #b", "=1"]


@pytest.mark.parametrize("text", ODD)
def test_words_that_yaml_reads_otherwise_are_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


def test_plain_words_and_numbers_stay_plain() -> None:
    assert [scalar(v) for v in ("Kunde seit", "State-Province", "Überschuss", 10)] == [
        "Kunde seit",
        "State-Province",
        "Überschuss",
        "10",
    ]
