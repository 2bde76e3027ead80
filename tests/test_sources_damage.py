"""Files that are damaged, change under the reader, or swallow their own records."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_sources import HEADER, deliver, ingest_files, line, study_in

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError, SegcoreError
from segcore.sources import collect, store

SOUND = HEADER + line()
# A key must not hold line ends; any other text may.
NOTE = ("market: Sparte", "note: Sparte\n      market: {sql: \"'M'\"}")


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def problems(engine: Engine, folder: Path, files: dict[str, str | bytes]) -> list[str]:
    """The sentences about a delivery; folders are left out of them."""
    with pytest.raises(SegcoreError) as caught:
        ingest_files(engine, folder, files)
    assert caught.value.exit_code == 2
    return [text.replace(f"{folder}/", "") for text in caught.value.problems]


class TestPackedFiles:
    """A damaged gzip file is refused under the name that it was delivered with."""

    content = (HEADER + line() * 50_000 + line(order="A2")).encode("cp1252")

    def test_that_are_cut_off(self, engine: Engine, tmp_path: Path) -> None:
        assert problems(engine, tmp_path, {"sales.csv.gz": gzip.compress(self.content)[:-20]}) == [
            "sales.csv.gz: must be a whole gzip file (Compressed file ended before the end-of-stream "
            "marker was reached); deliver it again"
        ]

    def test_that_are_none(self, engine: Engine, tmp_path: Path) -> None:
        assert problems(engine, tmp_path, {"sales.csv.gz": SOUND}) == [
            "sales.csv.gz: must be a whole gzip file (Not a gzipped file (b'Ku')); deliver it again"
        ]

    def test_whose_bytes_were_changed(self, engine: Engine, tmp_path: Path) -> None:
        packed = bytearray(gzip.compress(self.content))
        packed[-5] ^= 0xFF
        (sentence,) = problems(engine, tmp_path, {"sales.csv.gz": bytes(packed)})
        assert sentence.startswith("sales.csv.gz: must be a whole gzip file (")
        assert sentence.endswith("); deliver it again")

    def test_whose_packing_is_impossible(self, engine: Engine, tmp_path: Path) -> None:
        packed = gzip.compress(SOUND.encode())[:10] + b"\xff" * 20
        assert problems(engine, tmp_path, {"sales.csv.gz": packed}) == [
            "sales.csv.gz: must be a whole gzip file (Error -3 while decompressing data: "
            "invalid block type); deliver it again"
        ]


class TestQuotes:
    """A quote that swallows records never does so silently."""

    never = (
        "sales.csv: every quote must be closed (one in record {}, field 5, is still open 100 lines later or "
        "at the end of the file); mend the file, ask for the export again, or set format.quote to none if "
        "quotes are plain characters in it"
    )

    def test_still_open_at_the_end(self, engine: Engine, tmp_path: Path) -> None:
        content = SOUND + line(market='"Büro') + line() * 5
        assert problems(engine, tmp_path, {"sales.csv": content}) == [self.never.format(3)]

    @pytest.mark.parametrize("between", [490, 5000, 200_000])
    def test_closed_hundreds_of_lines_later(self, engine: Engine, tmp_path: Path, between: int) -> None:
        content = SOUND + line(market='"Büro') + line() * between + line(market='Büro"') + line()
        assert problems(engine, tmp_path, {"sales.csv": content}) == [self.never.format(3)]

    def test_a_hundred_lines_in_a_record_are_text_and_one_more_is_a_fault(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        long = line(market='"' + "x\n" * 99 + '"')
        ingest_files(engine, tmp_path / "a", {"sales.csv": SOUND + long + long}, NOTE)
        assert engine.rows("select max(length(note)) from transactions") == [(197,)]
        longer = line(market='"' + "x\n" * 100 + '"')
        assert problems(engine, tmp_path, {"sales.csv": SOUND + long + longer}) == [self.never.format(103)]

    @pytest.mark.parametrize("between", [0, 1, 5])
    @pytest.mark.parametrize("first", [True, False], ids=["text before the date", "text behind it"])
    def test_closed_a_few_lines_later(
        self, engine: Engine, tmp_path: Path, between: int, first: bool
    ) -> None:
        """Both readers agreed on one record, and with the text before the date nothing gave it away."""
        changes = [("unique: record", "unique: [order_id]"), ("market: Sparte", "market: Text")]
        opens, closes = ('"Büro', 'Büro"') if first else ("Büro", "Büro")
        rows = [("A1", "Büro", "a"), ("B", opens, "a" if first else '"a')]
        rows += [(f"B{n}", "Büro", "a") for n in range(between)]
        rows += [("C", closes, "a" if first else 'a"'), ("D", "Büro", "a")]
        header = HEADER.replace("Position;Datum", "Text;Datum").replace("Umsatz", "Umsatz;Position")
        text = "".join(f"K1;{order};{text};01.02.2025;Büro;1,00;{note}\n" for order, text, note in rows)
        ingest_files(engine, tmp_path, {"sales.csv": header + text}, *changes)
        assert engine.rows("select order_id from transactions order by 1") == [("A1",), ("D",)]
        column = 3 if first else 7
        assert engine.rows("select record, rule, reason from quarantine order by 1") == [
            (
                3 + n,
                "quotes",
                "must not stand inside a quote together with other lines (it opens in line 3, "
                f"field {column}, and closes in line {4 + between})",
            )
            for n in range(between + 2)
        ]

    def test_text_of_several_lines_is_no_such_case(self, engine: Engine, tmp_path: Path) -> None:
        notes = '"called, on 01.02.2025\r\n01.02.2025: again, and, again\n\nwrote, 5, times"'
        ingest_files(engine, tmp_path, {"sales.csv": SOUND + line(order="A2", market=notes)}, NOTE)
        assert engine.rows("select order_id from transactions") == [("A1",), ("A2",)]

    def test_with_text_behind_the_closing_one(self, engine: Engine, tmp_path: Path) -> None:
        content = SOUND + '"a"x;"b\nc";10;01.02.2025;Büro;1,00\n' + line(order="A2")
        ingest_files(engine, tmp_path, {"sales.csv": content})
        assert engine.rows("select order_id from transactions order by 1") == [("A1",), ("A2",)]
        assert engine.rows("select record, reason, raw from quarantine order by 1") == [
            (3, "must have nothing after a closing quote", '"a"x;"b'),
            (4, "must have as many fields as the header (it has fewer)", 'c";10;01.02.2025;Büro;1,00'),
        ]


def test_a_file_that_changes_while_it_is_copied_is_refused_and_nothing_of_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_in(tmp_path)
    data = deliver(tmp_path, {"sales.csv": SOUND})
    copy = shutil.copyfile

    def grow_and_copy(source: Path, target: Path) -> None:
        with source.open("a") as file:
            file.write(line(order="A2"))
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", grow_and_copy)
    with pytest.raises(InputError) as caught:
        collect(study, data, tmp_path / "inputs")
    assert str(caught.value) == (
        "sales.csv: must stay as it is while it is copied (it changed meanwhile); "
        "wait until the delivery is complete and run again"
    )
    assert list((tmp_path / "inputs").iterdir()) == []


def test_what_an_earlier_run_kept_stays_when_its_file_is_touched_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_in(tmp_path)
    data = deliver(tmp_path, {"sales.csv": SOUND})
    (kept,) = collect(study, data, tmp_path / "inputs")
    look = store.has_content

    def touch_and_look(path: Path, sha256: str) -> bool:
        os.utime(data / "sales.csv", ns=(0, 0))
        return look(path, sha256)

    monkeypatch.setattr(store, "has_content", touch_and_look)
    with pytest.raises(InputError, match="it changed meanwhile"):
        collect(study, data, tmp_path / "inputs")
    assert kept.path.read_bytes() == SOUND.encode("cp1252")
