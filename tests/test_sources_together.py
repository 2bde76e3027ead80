"""Thousands of small extracts are read at once, and like each of them alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from small_sources import DAY, HEADER, KEY, deliver, ingest_files, line, study_in

from segcore.engine import DuckDB
from segcore.errors import InputError
from segcore.sources import collect, ingest, together

TABLES = ("transactions", "reconciliation", "quarantine", "conflicts")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def files(number: int) -> dict[str, str | bytes]:
    """Extracts of two lines; each second line is told again, and otherwise, by the next extract."""
    return {
        f"sales_{i:04}.csv": HEADER + line(f"K{i}", f"A{i}") + line(f"K{i}", f"A{i + 1}", amount=f"{i},00")
        for i in range(number)
    }


def ingested(folder: Path, given: Mapping[str, str | bytes], *changes: tuple[str, str]) -> list[list[object]]:
    with DuckDB() as engine:
        ingest_files(engine, folder, given, *changes)
        return [engine.rows(f"from {table} order by all") for table in TABLES]


@pytest.mark.parametrize("changes", [(), (KEY,)], ids=["record", "key"])
def test_they_give_what_each_alone_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: tuple[tuple[str, str], ...]
) -> None:
    """Among them are some that do not go with the others: they are read alone."""
    given = {
        **files(together.FEW + 4),
        "sales_a.csv": HEADER + line() + "too;few\n",
        "sales_b.csv": "\ufeff".encode() + (HEADER + line("K7", "B1")).replace("\n", "\r\n").encode(),
        "sales_c.csv": HEADER + "\n" + line("K8", "B2", market='"Bü\nro"'),
        "sales_d.csv": "Auftrag;Kunde;Position;Datum;Sparte;Umsatz\nB3;K9;10;01.02.2025;Büro;wrong\n",
        "sales_e.csv": HEADER + line("K1", "B9", market="Zürich"),
    }
    at_once = ingested(tmp_path / "at_once", given, *changes)
    monkeypatch.setattr(together, "FEW", 10**9)
    assert at_once == ingested(tmp_path / "alone", given, *changes)
    assert len(at_once[1]) == len(given)
    assert [len(rows) > 0 for rows in at_once] == [True, True, True, bool(changes)]


def test_a_quote_that_is_not_closed_is_told_of_its_own_file(engine: DuckDB, tmp_path: Path) -> None:
    given = {**files(30), "sales_x.csv": HEADER + line() + line(market='"open')}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path, given)
    assert str(caught.value) == (
        "sales_x.csv: every quote must be closed (one in record 3, field 5, is still open 100 lines later or "
        "at the end of the file); mend the file, ask for the export again, or set format.quote to none if "
        "quotes are plain characters in it"
    )


def test_extracts_of_the_same_content_are_parsed_once_and_count_each(engine: DuckDB, tmp_path: Path) -> None:
    given = {f"sales_{i:02}.csv": HEADER + line() for i in range(30)}
    ingest_files(engine, tmp_path, given)
    assert len(list((tmp_path / "inputs" / "parsed").glob("*.parquet"))) == 1
    rows = engine.rows("select file, loaded, duplicates from reconciliation order by file")
    assert rows == [(name, int(name == "sales_29.csv"), int(name != "sales_29.csv")) for name in given]


def test_nothing_is_left_beside_the_parsed_forms(engine: DuckDB, tmp_path: Path) -> None:
    ingest_files(engine, tmp_path, files(30))
    left = [path.suffix for path in (tmp_path / "inputs" / "parsed").iterdir()]
    assert sorted(left) == [*[".parquet"] * 30, *[".sha256"] * 30]


@pytest.mark.slow
def test_a_thousand_of_them_need_neither_minutes_nor_gigabytes(tmp_path: Path) -> None:
    """A union of as many queries ran out of this memory; 3,000 did of 2 GB, after more than a minute."""
    study, data = study_in(tmp_path), deliver(tmp_path, files(1000))
    with DuckDB(memory_limit="500MB") as engine:
        extracts = collect(study, data, tmp_path / "inputs")
        ingest(engine, study, DAY, extracts, tmp_path / "inputs")
        assert engine.rows("select count(*), sum(loaded)::INTEGER from reconciliation") == [(1000, 2000)]
