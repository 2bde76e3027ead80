"""Extracts that cannot be used: the whole sentence for whoever must act."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_sources import DAY, HEADER, Change, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.errors import SegcoreError

SOUND = HEADER + line()


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def problems(
    engine: Engine, folder: Path, files: dict[str, str | bytes], *changes: Change, run_date: dt.date = DAY
) -> list[str]:
    """The sentences about a delivery; folders are left out of them."""
    with pytest.raises(SegcoreError) as caught:
        ingest_files(engine, folder, files, *changes, run_date=run_date)
    assert caught.value.exit_code == 2
    return [text.replace(f"{folder}/", "") for text in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ("", ["sales.csv: must hold a header and records (the file is empty); ask for the export again"]),
        (
            "\n\n",
            ["sales.csv: must hold a header and records (the file is empty); ask for the export again"],
        ),
        (
            HEADER,
            ["sales.csv: must hold records below its header (it holds none); ask for the export again"],
        ),
        (
            SOUND.replace("Kunde", "Debitor"),
            [
                "sales.csv: must have the column 'Kunde' for customer_id "
                "(got Debitor, Auftrag, Position, Datum, Sparte, Umsatz); "
                "ask for the export again, or mend columns.customer_id"
            ],
        ),
        (
            SOUND.replace("Kunde", "Kundennr"),
            [
                "sales.csv: must have the column 'Kunde' for customer_id "
                "(got Kundennr, Auftrag, Position, Datum, Sparte, Umsatz); "
                "did 'Kunde' become 'Kundennr'? then mend columns.customer_id"
            ],
        ),
        (
            "Auftrag;Datum\nA1;01.02.2025\n",
            [
                f"sales.csv: must have the column {column!r} for {name} (got Auftrag, Datum); "
                f"ask for the export again, or mend columns.{name}"
                for column, name in (
                    ("Kunde", "customer_id"),
                    ("Position", "item"),
                    ("Sparte", "market"),
                    ("Umsatz", "amount"),
                )
            ],
        ),
        (
            "Kunde;" + SOUND.replace("\n", "\nK0;", 1),
            [
                "sales.csv: the column 'Kunde' must stand in the header once (got it 2 times); "
                "rename one in the export, or give its position, like from: 1"
            ],
        ),
        (
            SOUND.replace(";", "|"),
            [
                "sales.csv: must be separated by ';', as format.delimiter says "
                "(the header looks separated by '|'); mend format.delimiter"
            ],
        ),
        (
            SOUND.encode() + b"\x81",
            [
                "sales.csv: must be text in utf-8 or cp1252 (byte 0x81 is not); "
                "set format.encoding to what the export writes"
            ],
        ),
        (
            '"' + SOUND,
            ["sales.csv: every quote must be closed (one in the header, line 1, is open); mend the file"],
        ),
    ],
    ids=[
        "empty file",
        "empty lines",
        "header only",
        "missing column",
        "renamed column",
        "all missing columns",
        "duplicated column",
        "wrong delimiter",
        "byte of no encoding",
        "quote in the header",
    ],
)
def test_a_wrong_header_is_told_before_any_work(
    engine: Engine, tmp_path: Path, content: str | bytes, sentences: list[str]
) -> None:
    assert problems(engine, tmp_path, {"sales.csv": content}) == sentences
    assert not (tmp_path / "inputs").exists()


def test_all_files_with_a_wrong_header_are_told_at_once(engine: Engine, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"sales_1.csv": "", "sales_2.csv": SOUND, "sales_3.csv": HEADER}
    assert problems(engine, tmp_path, files) == [
        "sales_1.csv: must hold a header and records (the file is empty); ask for the export again",
        "sales_3.csv: must hold records below its header (it holds none); ask for the export again",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "customers: {files: [more.csv], columns: {customer_id: Kunde, name: Name}}",
        "reps: {files: [more.csv], columns: {rep: Kunde, name: Name}}",
        "products: {files: [more.csv], columns: {product: Kunde, market: Name}}",
    ],
)
def test_only_a_log_may_hold_no_record(engine: Engine, tmp_path: Path, source: str) -> None:
    change = ("variables:", f"  {source}\nvariables:")
    assert problems(engine, tmp_path, {"sales.csv": SOUND, "more.csv": "Kunde;Name\n"}, change) == [
        "more.csv: must hold records below its header (it holds none); ask for the export again"
    ]


def test_utf_8_only_means_that_other_bytes_are_refused_wherever_they_are(
    engine: Engine, tmp_path: Path
) -> None:
    late = HEADER.encode() + line().encode() * 12_000 + line(market="Büro").encode("cp1252")
    change = ("cp1252", "utf-8")
    sentence = (
        "sales.csv: must be text in utf-8 (byte 0xfc is not); "
        "set format.encoding to what the export writes, often cp1252"
    )
    assert len(late) > 1 << 18
    assert problems(engine, tmp_path / "a", {"sales.csv": late}, change) == [sentence]
    early = SOUND.encode("cp1252")
    assert problems(engine, tmp_path / "b", {"sales.csv": early}, change) == [sentence]
    assert problems(engine, tmp_path / "c", {"sales.csv.gz": gzip.compress(late)}, change) == [
        sentence.replace("csv:", "csv.gz:")
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([], "no such file"),
        ([('["sales*"]', '["/sales*"]')], "files are named relative to it"),
    ],
)
def test_no_such_file(engine: Engine, tmp_path: Path, changes: list[Change], why: str) -> None:
    pattern = "/sales*" if "relative" in why else "sales*"
    assert problems(engine, tmp_path, {"other.csv": SOUND}, *changes) == [
        f"acme.yaml: sources.transactions.files: {pattern!r} must match a file in data ({why}); "
        "put the extracts there, or say where they are in data_dir or SEGCORE_DATA_DIR"
    ]


def test_no_such_folder_and_every_pattern_without_a_file_are_told_at_once(
    engine: Engine, tmp_path: Path
) -> None:
    changes = (
        ('["sales*"]', '["sales*", "old/*.csv"]'),
        ("variables:", "  reps: {files: [reps.csv], columns: {rep: R}}\nvariables:"),
    )
    assert problems(engine, tmp_path, {}, *changes) == [
        f"acme.yaml: sources.{kind}.files: {pattern!r} must match a file in data "
        "(the folder does not exist); "
        "put the extracts there, or say where they are in data_dir or SEGCORE_DATA_DIR"
        for kind, pattern in (
            ("reps", "reps.csv"),
            ("transactions", "sales*"),
            ("transactions", "old/*.csv"),
        )
    ]


def test_a_file_of_another_kind_is_refused(engine: Engine, tmp_path: Path) -> None:
    (sentence,) = problems(engine, tmp_path, {"sales.docx": b"PK", "sales.csv": SOUND})
    assert sentence.startswith("sales.docx: must end in one of .csv, .txt, ")
    assert sentence.endswith(
        ", packed with .gz or .zip or not; save it as one of these (if it is "
        "one, rename it), or say format.type"
    )


@pytest.mark.parametrize("pattern", [r"sales_(\d{4}-\d{2}-\d{2})", r"sales(_x)?"])
def test_a_file_without_the_date_of_its_delivery_is_refused(
    engine: Engine, tmp_path: Path, pattern: str
) -> None:
    change = ("unique: record", f"delivered: '{pattern}'")
    assert problems(engine, tmp_path, {"sales_new.csv": SOUND}, change) == [
        "sales_new.csv: must hold the delivery's date as sources.transactions.delivered says "
        f"({pattern!r}, a date like 2025-12-31); rename the file or mend the pattern"
    ]


def test_the_run_date_must_not_lie_before_the_first_order(engine: Engine, tmp_path: Path) -> None:
    day = dt.date(2025, 1, 31)
    assert problems(engine, tmp_path, {"sales.csv": SOUND}, run_date=day) == [
        "the run date 2025-01-31 must not lie before the first order (2025-02-01); choose a later one"
    ]


def test_no_order_left_says_where_they_went(engine: Engine, tmp_path: Path) -> None:
    change = ("unique: record", "exclude: {all: amount > 0, small: amount < 0}")
    content = SOUND + line(order="A2") + line(order="A3", amount="x") + line(order="A4", date="01.01.2026")
    assert problems(engine, tmp_path, {"sales.csv": content}, change) == [
        "acme.yaml: sources.transactions: at least one order must be left (none is; all: 2, "
        "after the run date: 1, quarantined: 1); mend exclude or the format, and look at the quarantine"
    ]


def test_the_small_study_itself_is_sound(engine: Engine, tmp_path: Path) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": SOUND})
    assert engine.rows("select count(*) from transactions") == [(1,)]


def test_a_data_folder_that_cannot_be_read_is_told(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Modes of folders do not bind the administrator, who may run the tests: the answer is given instead.
    monkeypatch.setattr("segcore.sources.extracts.os.access", lambda path, mode: Path(path).name != "data")
    assert problems(engine, tmp_path, {"other.csv": SOUND}) == [
        "acme.yaml: sources.transactions.files: 'sales*' must match a file in data "
        "(the folder cannot be read); "
        "put the extracts there, or say where they are in data_dir or SEGCORE_DATA_DIR"
    ]
