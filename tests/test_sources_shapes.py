"""Files as programs write them: titles, pages, totals, columns without a name."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError

SKIP = ("    unique: record", '    unique: record\n    skip: {total: "Summe*"}')


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def loaded(engine: Engine) -> list[tuple[object, ...]]:
    return engine.rows("select record, order_id from transactions order by record")


@pytest.mark.parametrize(
    "above",
    ["sep=;\n", "Umsatz Q3\n\n", "Umsatz;Kunde\nWerk:;1000\n\n", '"Bericht; Umsatz"\n;;;;;\n'],
    ids=["separator", "title", "prompts", "quoted title"],
)
def test_the_header_is_found_below_titles_and_prompts(engine: Engine, tmp_path: Path, above: str) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": above + HEADER + line() + line(order="A2")})
    first = above.count("\n") + 2
    assert loaded(engine) == [(first, "A1"), (first + 1, "A2")]
    assert engine.rows("select records, loaded, quarantined from reconciliation") == [(2, 2, 0)]


def test_headers_of_further_pages_are_no_records(engine: Engine, tmp_path: Path) -> None:
    content = HEADER + line() + "Seite 2;;;;;\n" + HEADER + line(order="A2")
    skip = ("    unique: record", '    unique: record\n    skip: {page: "Seite *"}')
    ingest_files(engine, tmp_path, {"sales.csv": content}, skip)
    assert loaded(engine) == [(2, "A1"), (5, "A2")]
    assert engine.rows("select records from reconciliation") == [(2,)]


@pytest.mark.parametrize("word", ["Summe", "Gesamtergebnis", "Total", "Subtotal", "**", "Overall Result"])
@pytest.mark.parametrize("field", ["customer", "order", "market"])
def test_a_subtotal_that_carries_date_and_order_is_never_an_order_line(
    engine: Engine, tmp_path: Path, word: str, field: str
) -> None:
    total = line(**{"customer": "K1", "order": "A1", field: word, "amount": "2,00"})
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + line(order="A2") + total})
    assert loaded(engine) == [(2, "A1"), (3, "A2")]
    assert engine.rows("select record, rule from quarantine") == [(4, "total")]


def test_a_subtotal_may_say_so_in_a_column_that_a_study_does_not_read(engine: Engine, tmp_path: Path) -> None:
    """It repeated the key, the date and the market of the record above, and its sum was counted, too."""
    content = HEADER.replace("\n", ";Art\n") + "".join(
        line(order=order).replace("\n", f";{kind}\n")
        for order, kind in [("A1", ""), ("A2", "Summe Holz"), ("A2", "Zwischensumme "), ("A3", "Sum of it")]
    )
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert loaded(engine) == [(2, "A1"), (3, "A2"), (5, "A3")]
    assert engine.rows("select record, rule from quarantine") == [(4, "total")]


def test_the_text_in_a_file_s_name_is_looked_for_in_no_time(engine: Engine, tmp_path: Path) -> None:
    """Python's own patterns tried every way to divide the letters, which took years."""
    name = f"{'a' * 40}.csv"
    changes = (("market: Sparte", "market: {file: '((?:a+)+)!'}"), ('["sales*"]', '["a*"]'))
    with pytest.raises(InputError, match="quarantined: 1"):
        ingest_files(engine, tmp_path, {name: HEADER + line()}, *changes)
    assert engine.rows("select raw, rule from quarantine") == [(name, "file")]


def test_customers_whose_names_only_begin_alike_are_records(engine: Engine, tmp_path: Path) -> None:
    lines = line("Totalis", "E1") + line("Summerfield", "S1") + line("Gesamtschule-7", "A9")
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + lines})
    assert len(loaded(engine)) == 3


def test_columns_may_be_known_by_position_where_names_repeat_or_lack(engine: Engine, tmp_path: Path) -> None:
    content = "Kunde;;Kunde;;Datum;Umsatz\nK1;Müller;A1;Büro;01.02.2025;1,00\n"
    changes = (
        ("customer_id: Kunde", "customer_id: 1"),
        ("order_id: Auftrag", "order_id: 3"),
        ("      item: Position\n", ""),
        ("market: Sparte", "market: 4"),
    )
    ingest_files(engine, tmp_path, {"sales.csv": content}, *changes)
    assert engine.rows("select customer_id, order_id, market, amount from transactions") == [
        ("K1", "A1", "Büro", Decimal(1))
    ]


def test_a_file_without_a_header_is_read_by_position(engine: Engine, tmp_path: Path) -> None:
    columns = ("Kunde", "Auftrag", "Position", "Datum", "Sparte", "Umsatz")
    changes = [(f": {name}\n", f": {place}\n") for place, name in enumerate(columns, start=1)]
    none = ("encoding: cp1252,", "encoding: cp1252, header: none,")
    ingest_files(engine, tmp_path, {"sales.csv": line() + line(order="A2")}, none, *changes)
    assert loaded(engine) == [(1, "A1"), (2, "A2")]


def test_columns_that_are_known_by_position_stand_at_the_same_places_in_all_files(
    engine: Engine, tmp_path: Path
) -> None:
    """A column that was put in before them moved every value by one, and nothing said so."""
    why = (
        ", for the study knows columns by position; ask for the export again in the form of the others, or "
        "give their names"
    )
    columns = ("Kunde", "Auftrag", "Position", "Datum", "Sparte", "Umsatz")
    by_place = [(f": {name}\n", f": {place}\n") for place, name in enumerate(columns, start=1)]
    none = ("encoding: cp1252,", "encoding: cp1252, header: none,")
    wider = {"sales1.csv": line(), "sales2.csv": line("K1;X")}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path / "a", wider, none, *by_place)
    first, second = "sales1.csv", "sales2.csv"
    assert caught.value.problems == (
        f"{second}: must have as many columns as {first} (it has 7, not 6){why}",
    )
    moved = {first: HEADER + line(), second: HEADER.replace("Sparte", "Werk;Sparte") + line("K1;X")}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path / "b", moved, ("market: Sparte", "market: 5"))
    assert caught.value.problems == (
        f"{second}: must have the columns of {first} (column 5 is 'Werk', there 'Sparte'){why}",
    )


def test_a_header_is_where_the_study_says(engine: Engine, tmp_path: Path) -> None:
    content = "Kunde;Auftrag;Position;Datum;Sparte;Umsatz;Nr\n" + HEADER + line()
    ingest_files(engine, tmp_path / "a", {"sales.csv": content}, ("cp1252,", "cp1252, header: 2,"))
    assert loaded(engine) == [(3, "A1")]
    with pytest.raises(InputError, match=r"must have its header in line 9, as format\.header says"):
        ingest_files(engine, tmp_path / "b", {"sales.csv": content}, ("cp1252,", "cp1252, header: 9,"))


@pytest.mark.parametrize(
    ("last", "column", "whole"),
    [
        ("K1;A9;10;01.02.2025;Büro;1", "Umsatz", False),
        ("K1;A9;10;01.02.2025;Büro;1,0", "Umsatz", False),
        ("K1;A9;10;01.02.2025;Büro;1,00", "Umsatz", True),
    ],
)
def test_a_last_line_that_may_be_cut_off_is_refused(
    engine: Engine, tmp_path: Path, last: str, column: str, whole: bool
) -> None:
    """A cut number still is a number; what has the form of the others is believed."""
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + line(order="A2") + last})
    assert len(loaded(engine)) == 2 + whole
    assert engine.rows("select record, rule, raw from quarantine") == ([] if whole else [(4, "cut", last)])


def test_utf_8_among_cp1252_is_refused_line_by_line(engine: Engine, tmp_path: Path) -> None:
    lines = [line(market="Büro").encode("cp1252"), line(order="A2", market="Möbel").encode()]
    ingest_files(engine, tmp_path, {"sales.csv": HEADER.encode() + b"".join(lines)})
    assert loaded(engine) == [(2, "A1")]
    assert engine.rows("select record, rule, reason from quarantine") == [
        (3, "encoding", "must be in one encoding (it is in UTF-8, and the file in cp1252)")
    ]


@pytest.mark.parametrize("quote", ["none", '"\'"'])
def test_quotes_may_be_plain_or_single(engine: Engine, tmp_path: Path, quote: str) -> None:
    market = '"Büro 5' if quote == "none" else "'Bü;ro'"
    changes = (("encoding: cp1252,", f"encoding: cp1252, quote: {quote},"),)
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line(market=market) + line(order="A2")}, *changes)
    assert engine.rows("select market from transactions order by record")[0] == (market.strip("'"),)


def test_what_parses_is_part_of_the_key_of_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mended check looks at every file again, and so does another version of the engine."""
    from segcore.sources import parsing

    before = parsing.fingerprint()
    parsing.fingerprint.cache_clear()
    monkeypatch.setattr(parsing, "version", lambda name: f"{name} 99")
    assert parsing.fingerprint() != before
    parsing.fingerprint.cache_clear()


@pytest.mark.parametrize(
    ("others", "last", "whole"),
    [
        (("1,00", "2,00-"), "3,00", False),  # the sign behind may be lost
        (("1,00", "2,00"), "3,00", True),
        (("1,00", "2,5"), "3,5", False),
        (("1", "22"), "3", False),
        ((), "3,00", False),
    ],
)
def test_a_last_number_is_believed_only_if_no_other_goes_on_like_it(
    engine: Engine, tmp_path: Path, others: tuple[str, ...], last: str, whole: bool
) -> None:
    lines = [line(order=f"A{n}", amount=amount) for n, amount in enumerate(others)]
    content = HEADER + "".join(lines) + line(order="Z", amount=last).rstrip("\n")
    ingest_files(engine, tmp_path, {"sales.csv": content, "sales0.csv": HEADER + line(order="A0X")})
    assert (("Z",) in engine.rows("select order_id from transactions")) == whole


@pytest.mark.parametrize(("last", "whole"), [("2025-01-1", False), ("2025-01-15", True)])
def test_a_last_date_is_believed_only_if_no_other_is_longer(
    engine: Engine, tmp_path: Path, last: str, whole: bool
) -> None:
    header = "Kunde;Auftrag;Position;Umsatz;Sparte;Datum\n"
    content = header + "K1;A1;1;1,00;M;2025-01-12\nK1;A2;1;1,00;M;" + last
    ingest_files(engine, tmp_path, {"sales.csv": content}, ("%d.%m.%Y", "%Y-%m-%d"))
    assert len(loaded(engine)) == 1 + whole


def test_a_record_with_a_line_below_it_is_whole(engine: Engine, tmp_path: Path) -> None:
    skip = ("    unique: record", '    unique: record\n    skip: {end: "Ende"}')
    content = HEADER + line(amount="10") + line(order="A2", amount="1") + "Ende"
    ingest_files(engine, tmp_path, {"sales.csv": content}, skip)
    assert loaded(engine) == [(2, "A1"), (3, "A2")]


def test_the_last_line_of_fixed_width_may_be_cut_as_well(engine: Engine, tmp_path: Path) -> None:
    """Only lines that are split at a delimiter were looked at."""
    rows = [
        text.rstrip("\n").split(";") for text in (HEADER, line(amount="12"), line(order="A2", amount="1"))
    ]
    content = "\n".join("".join(field.ljust(12) for field in row).rstrip() for row in rows)
    fixed = ("encoding: cp1252", "type: fixed, widths: [12, 12, 12, 12, 12, 12], encoding: cp1252")
    ingest_files(engine, tmp_path, {"sales.txt": content}, fixed)
    assert loaded(engine) == [(2, "A1")]
    assert engine.rows("select record, rule, raw from quarantine") == [
        (3, "cut", "".join(text.ljust(12) for text in rows[2][:5]) + "1")
    ]


def test_a_line_without_its_last_delimiter_is_cut(engine: Engine, tmp_path: Path) -> None:
    content = (HEADER + line() + line(order="A2")).replace("\n", ";\n") + line(order="A3").rstrip("\n")
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert [order for _, order in loaded(engine)] == ["A1", "A2"]
    assert engine.rows("select record, rule from quarantine") == [(4, "cut")]


@pytest.mark.parametrize("label", ["109 Ergebnis", "Kunde 100 Summe", "Sum", "Total:", "Total for K1"])
def test_labels_of_subtotals_behind_the_value_are_totals_too(
    engine: Engine, tmp_path: Path, label: str
) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + line(customer=label, order="A9")})
    assert loaded(engine) == [(2, "A1")]


def test_a_market_whose_name_begins_with_total_is_none(engine: Engine, tmp_path: Path) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line(market="Total Tools")})
    assert loaded(engine) == [(2, "A1")]


def test_a_study_keeps_what_only_looks_like_a_total(engine: Engine, tmp_path: Path) -> None:
    total = "Summe;;;;;2,00\n"
    content = HEADER + line("Subtotal Foods") + line(order="A2", market="Summe Grün") + total
    keep = ("unique: record", 'unique: record\n    skip: {t: "Su*"}\n    keep: [Subtotal Foods, Summe Grün]')
    ingest_files(engine, tmp_path, {"sales.csv": content}, keep)
    assert loaded(engine) == [(2, "A1"), (3, "A2")]
    assert engine.rows("select rule, lines from skipped order by 1") == [("header", 1), ("t", 1)]


def test_a_header_in_another_order_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Order numbers became customers, and one record of hundreds was refused."""
    swapped = "Auftrag;Kunde;Position;Datum;Sparte;Umsatz\nA2;K2;10;01.02.2025;Büro;1,00\n"
    with pytest.raises(InputError, match=r"sales\.csv: must have one header \(record 3 has the same names"):
        ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + swapped})


def test_a_header_with_other_blanks_is_that_of_a_page(engine: Engine, tmp_path: Path) -> None:
    page = HEADER.replace(";", " ; ")
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + line() + page + line(order="A2")})
    assert loaded(engine) == [(2, "A1"), (4, "A2")]


def test_what_stands_between_two_headers_is_not_lost(engine: Engine, tmp_path: Path) -> None:
    early = HEADER.replace("Umsatz", "Netto")
    with pytest.raises(InputError, match=r"must have one header \(lines 1 and 4 both look like one"):
        ingest_files(engine, tmp_path, {"sales.csv": early + line() * 2 + HEADER + line()})


def test_a_column_without_a_name_at_the_end_holds_nothing(engine: Engine, tmp_path: Path) -> None:
    """With a comma for both, 12,50 was read as 12, and the 50 stood where nobody looked."""
    content = HEADER.replace("\n", ";\n") + line().replace("\n", ";\n") + line(order="A2", amount="12;50")
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert loaded(engine) == [(2, "A1")]
    assert engine.rows("select record, rule from quarantine") == [(3, "columns")]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp850"])
def test_a_line_of_utf_8_is_told_in_any_other_encoding(engine: Engine, tmp_path: Path, encoding: str) -> None:
    lines = [line(market="Büro").encode(encoding), line(order="A2", market="Büro").encode()]
    content = HEADER.encode() + b"".join(lines)
    ingest_files(engine, tmp_path, {"sales.csv": content}, ("cp1252", encoding))
    assert engine.rows("select market from transactions") == [("Büro",)]
    assert engine.rows("select record, rule from quarantine") == [(3, "encoding")]


def test_a_stray_quote_is_told_with_its_place_even_where_text_follows_its_end(
    engine: Engine, tmp_path: Path
) -> None:
    content = (
        HEADER
        + line(market='"Büro')
        + line(order="A2")
        + line(order="A3", market='"Büro"')
        + line(order="A4")
    )
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert loaded(engine) == [(5, "A4")]
    assert engine.rows("select distinct reason from quarantine") == [
        (
            "must not stand inside a quote together with other lines (it opens in line 2, field 5, "
            "and closes in line 4)",
        )
    ]


def test_a_number_that_may_be_thousands_or_have_three_decimals_is_refused(
    engine: Engine, tmp_path: Path
) -> None:
    """A thousand times the sum was published, for 461.390 was meant with a point."""
    sound = "".join(line(order=f"A{n}", amount=f"1.{n:03},50") for n in range(12))
    ingest_files(engine, tmp_path / "a", {"sales.csv": HEADER + sound})
    assert len(loaded(engine)) == 12
    with pytest.raises(
        InputError, match=r"sales\.csv: amount must be written in one form \(1 number like '461"
    ):
        content = HEADER + sound + line(order="B", amount="461.390")
        ingest_files(engine, tmp_path / "b", {"sales.csv": content})
    plain = line(order="B", amount="461.390") + line(order="C", amount="461")
    ingest_files(engine, tmp_path / "c", {"sales.csv": HEADER + sound + plain})
    assert len(loaded(engine)) == 14


def test_a_point_or_comma_for_thousands_that_the_study_does_not_know_is_refused(
    engine: Engine, tmp_path: Path
) -> None:
    sound = "".join(line(order=f"A{n}", amount=f"1{n:02},50") for n in range(12))
    none = (', thousands: "."', "")
    with pytest.raises(InputError, match="may be thousands or have three decimals"):
        content = HEADER + sound + line(order="B", amount="1,234")
        ingest_files(engine, tmp_path, {"sales.csv": content}, none)


@pytest.mark.parametrize(("last", "whole"), [("Büro", True), ("Bü", False), ("Neu", False), ("Haus", False)])
def test_a_last_key_is_believed_only_if_it_stands_elsewhere_and_no_other_goes_on(
    engine: Engine, tmp_path: Path, last: str, whole: bool
) -> None:
    header = "Kunde;Auftrag;Position;Datum;Umsatz;Sparte\n"
    markets = ("Büro", "Haus", "Hausrat", "Bü", "Büro")
    lines = "".join(f"K1;A{n};1;01.02.2025;1,00;{market}\n" for n, market in enumerate(markets))
    ingest_files(engine, tmp_path, {"sales.csv": header + lines + "K1;Z;1;01.02.2025;1,00;" + last})
    assert (("Z",) in engine.rows("select order_id from transactions")) == whole


def test_a_name_in_the_header_may_span_lines(engine: Engine, tmp_path: Path) -> None:
    """As Excel writes what was broken in a cell; messages count lines of the file."""
    header = "Export\n" + HEADER.replace("Umsatz", '"Umsatz\nnetto"')
    files = {"sales.csv": header + line() + line(order="A2", amount="x")}
    ingest_files(engine, tmp_path, files, ("amount: Umsatz", 'amount: "Umsatz\\nnetto"'))
    assert engine.rows("select count(*) from transactions") == [(1,)]
    assert engine.rows("select record from quarantine") == [(5,)]
