"""What is looked through once, and what the last look does not take for granted."""

from __future__ import annotations

import base64
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_archive import JUNE
from small_erasing import DATES, OTHERS, copied_project, hits, project
from test_erasing import erased
from test_erasing_others import rows

from segcore.engine.duckdb import DuckDB
from segcore.errors import ArchiveError
from segcore.privacy import erasing, groups, packed, parquet
from segcore.privacy import rows as looking
from segcore.privacy.rows import Rows

NUMBER, NAME = "K-77712", "Kanarienvogel KG"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return project(tmp_path_factory.mktemp("made") / "p", NUMBER, NAME)


@pytest.fixture
def places(made, tmp_path):
    return copied_project(made, tmp_path / "p")


def test_a_file_that_was_written_is_read_again(places, monkeypatch):
    monkeypatch.setattr(groups, "cut", lambda path, target, rows: target.write_bytes(path.read_bytes()))
    with pytest.raises(ArchiveError) as error:
        erased(places)
    told = [f"{places.published(date) / 'data' / 'listed.parquet'}: must hold" for date in DATES]
    assert all(any(line.startswith(one) for line in error.value.problems) for one in told)


def test_a_file_that_held_nobody_is_read_again_if_it_is_another_one(places, monkeypatch):
    log = places.root / "runs" / "timer.log"
    log.write_text("2025-06-01 nobody\n", encoding="utf-8")
    done = erasing.taking.done

    def more(*given):
        yield from done(*given)
        log.write_text(f"2025-06-01 {NUMBER}\n", encoding="utf-8")

    monkeypatch.setattr(erasing.taking, "done", more)
    with pytest.raises(ArchiveError, match=r"timer\.log: must hold nothing of the customer"):
        erased(places)


def test_tables_are_read_once_before_and_only_those_written_are_read_after(places, monkeypatch):
    read: list[Path] = []
    found = parquet.found

    def counted(engine, path, *given):
        read.append(path)
        return found(engine, path, *given)

    monkeypatch.setattr(parquet, "found", counted)
    erased(places)
    segments = places.published(JUNE) / "data" / "segments.parquet"
    listed = places.published(JUNE) / "data" / "listed.parquet"
    assert read.count(segments) == 1
    assert read.count(listed) == 3  # looked for, written, looked for again


def test_a_name_in_more_rows_than_are_kept_goes_all_the_same(places, monkeypatch):
    monkeypatch.setattr(looking, "MOST", 0)
    erased(places)
    assert hits([NUMBER, NAME], places.runs, places.reports) == []
    assert rows(places, JUNE) == [*OTHERS.items()]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_goes_however_its_letters_are_composed(tmp_path, form):
    name = unicodedata.normalize(form, "Kanaré")
    places = project(tmp_path / "p", NUMBER, name)
    other = unicodedata.normalize({"NFC": "NFD", "NFD": "NFC"}[form], name)
    log = places.root / "runs" / "timer.log"
    log.write_text(f"2025-06-01 {other}\n", encoding="utf-8")
    erased(places)
    assert hits([name, other], places.root / "runs", places.reports) == []


def test_rows_of_others_are_told_apart_from_the_customers(tmp_path):
    path = tmp_path / "table.parquet"
    with DuckDB(folders=[tmp_path]) as engine:
        engine.execute(
            "create table t as from (values ('K-77712', 'Adler AG', 'a'), ('K-2', 'Bussard', 'of K-77712'), "
            "('K-3', 'Condor', 'K-777123'), (null, 'Adler AG', 'b')) v(customer_id, name, says)"
        )
        engine.write_parquet("from t", path)
        found = Rows(engine, ("K-77712", "17"), ("Adler AG", "Bussard")).of(path)
        assert (found.numbers, found.names) == ({"K-77712"}, {"Adler AG", "Bussard"})
        assert found.rows == (0, 1, 2, 3)
        assert Rows(engine, ("K-2",), ()).of(path).rows == (1,)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["A", "é", "=", "==", "===", " ", "\n", "<p>", "+/" * 60, "x" * 119, "x" * 120]),
            st.binary(min_size=80, max_size=120).map(lambda data: base64.b64encode(data).decode()),
            st.text(max_size=4),
        ),
        max_size=12,
    )
)
def test_packed_pieces_are_found_as_the_pattern_finds_them(parts):
    text = "".join(parts)
    found = [piece.decode() for piece in packed.pieces(text.encode("utf-8", "surrogatepass"))]
    assert found == packed.PIECE.findall(text)
