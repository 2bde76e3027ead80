"""From delivered files to canonical tables, in every format."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB, Engine


def zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sales.csv", content)
    return made.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zip": zipped}


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def orders(engine: Engine) -> list[tuple[object, ...]]:
    return engine.rows("select customer_id, order_id, amount, file from transactions order by file, record")


@pytest.mark.parametrize(
    "ending", [".csv", ".txt", ".tsv", ".dat", ".csv.gz", ".csv.zip", ".zip", ".CSV", ".Csv.GZ"]
)
def test_text_is_read_under_any_of_its_endings(engine: Engine, tmp_path: Path, ending: str) -> None:
    content = HEADER + line(market="Büro", amount="1.234,50-") + line("K2", "A2", market='"a;b"')
    file = f"sales{ending}"
    pack = next((pack for end, pack in PACK.items() if ending.lower().endswith(end)), bytes)
    ingest_files(engine, tmp_path, {file: pack(content.encode("cp1252"))})
    assert engine.rows("from transactions order by record") == [
        (file, 2, "K1", "A1", "10", dt.date(2025, 2, 1), "Büro", Decimal("-1234.5")),
        (file, 3, "K2", "A2", "10", dt.date(2025, 2, 1), "a;b", Decimal(1)),
    ]
    assert engine.rows("select source, file, records, loaded from reconciliation") == [
        ("transactions", file, 2, 2)
    ]


@pytest.mark.parametrize(
    "encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"]
)
def test_text_is_read_in_the_encoding_that_its_bytes_show(
    engine: Engine, tmp_path: Path, encoding: str
) -> None:
    """A byte order mark decides, else strict UTF-8, else what the study says (cp1252)."""
    text = HEADER + line(market="Möbel – „Büro“ €")
    mark = {"utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}.get(encoding, b"")
    content = mark + text.encode(encoding.removesuffix("-bom"))
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert engine.rows("select market from transactions") == [("Möbel – „Büro“ €",)]


def test_utf_16_without_a_mark_is_read_where_the_study_says_so(engine: Engine, tmp_path: Path) -> None:
    content = (HEADER + line(market="Büro")).encode("utf-16-le")
    ingest_files(engine, tmp_path, {"sales.csv": content}, ("cp1252", "utf-16-le"))
    assert engine.rows("select market from transactions") == [("Büro",)]


def test_a_character_is_not_cut_by_the_border_between_pieces(engine: Engine, tmp_path: Path) -> None:
    """The file is decoded in pieces of 4 MiB; in this one every border falls into a character."""
    market = "€" * 300
    lines = [line(order=f"A{number}", market=market) for number in range(6000)]
    content = (HEADER + "".join(lines)).encode("utf-8-sig")
    assert len(content) > 1 << 22
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert engine.rows("select distinct market, count(*) from transactions group by all") == [(market, 6000)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(engine: Engine, tmp_path: Path, end: str) -> None:
    content = (HEADER + line() + line("K2", "A2")).replace("\n", end)
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert [order for _, order, *_ in orders(engine)] == ["A1", "A2"]


def test_lines_may_even_end_in_several_ways(engine: Engine, tmp_path: Path) -> None:
    ends = ["\r\n", "\n", "\r", "\r\n", "\r", "\n"]
    lines = [line(order=f"A{number}")[:-1] + end for number, end in enumerate(ends)]
    ingest_files(engine, tmp_path, {"sales.csv": HEADER + "".join(lines)})
    assert [order for _, order, *_ in orders(engine)] == [f"A{number}" for number in range(6)]


def test_empty_lines_before_between_and_after_are_no_records(engine: Engine, tmp_path: Path) -> None:
    content = "\n\n" + HEADER + "\n" + line() + "\n\n" + line("K2", "A2") + "\n"
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert engine.rows("select record, order_id from transactions order by 1") == [(5, "A1"), (8, "A2")]
    assert engine.rows("select records from reconciliation") == [(2,)]


def test_swapped_columns_are_found_by_their_names(engine: Engine, tmp_path: Path) -> None:
    content = "Umsatz;Auftrag;Kunde;Sparte;Position;Datum\n1,00;A1;K1;Büro;10;01.02.2025\n"
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert orders(engine) == [("K1", "A1", Decimal(1), "sales.csv")]


def test_columns_that_nobody_asked_for_are_ignored_unless_the_whole_record_is_the_key(
    engine: Engine, tmp_path: Path
) -> None:
    header = HEADER.replace("\n", ";Bemerkung\n")
    lines = line(amount="1,00;x") + line(amount="1,00;x") + line(amount="1,00;y")
    ingest_files(engine, tmp_path, {"sales.csv": header + lines})
    assert engine.rows("select loaded, duplicates from reconciliation") == [(2, 1)]
    assert "Bemerkung" not in engine.columns("transactions")


def test_blanks_around_the_names_in_the_header_do_not_matter(engine: Engine, tmp_path: Path) -> None:
    header = " Kunde ;\tAuftrag;Position; Datum;Sparte ;Umsatz\n"
    ingest_files(engine, tmp_path, {"sales.csv": header + line()})
    assert len(orders(engine)) == 1


def test_expressions_make_columns_from_the_parsed_ones(engine: Engine, tmp_path: Path) -> None:
    header = "Kunde;Auftrag;Position;Datum;Ware;Menge;Preis\n"
    changes = (
        ("market: Sparte", 'ware: Ware\n      market: {sql: "left(ware, 1)"}'),
        ("amount: Umsatz", 'quantity: Menge\n      price: Preis\n      amount: {sql: "quantity * price"}'),
    )
    content = (
        header + "K1;A1;10;01.02.2025;X12;1.234;0,0001\n" + "K1;A1;20;01.02.2025;Y1;-2;99.999.999.999,99\n"
    )
    ingest_files(engine, tmp_path, {"sales.csv": content}, *changes)
    assert engine.rows("select market, amount, quantity, price from transactions order by record") == [
        ("X", Decimal("0.1234"), Decimal(1234), Decimal("0.0001")),
        ("Y", Decimal("-199999999999.98"), Decimal(-2), Decimal("99999999999.99")),
    ]
