"""The ledger of a study: what it says, and what becomes of a run whose publishing was cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH, make, rewrite, staged

from segcore import archive
from segcore.archive.ledger import Entry, read_ledger, record
from segcore.errors import ArchiveError


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    return archive.Places(tmp_path, "acme")


def lines(places: archive.Places) -> list[dict[str, object]]:
    entries = [json.loads(line) for line in (places.runs / "ledger.jsonl").read_text().splitlines()]
    return [{key: value for key, value in entry.items() if key != "chain"} for entry in entries]


def promise(places: archive.Places, run: archive.Run, old: str | None = None) -> None:
    """What publishing writes before it renames anything."""
    record(places.runs, Entry("superseded" if old else "sealed", str(run.run_date), old, run.sha256))


def test_every_run_that_is_published_or_superseded_is_recorded_with_its_hashes(places):
    old = archive.open_run(make(places, MARCH)).sha256
    new = archive.open_run(make(places, MARCH, "other customers", replace=True)).sha256
    assert lines(places) == [
        {"event": "sealed", "run_date": "2025-03-01", "old": None, "new": old},
        {"event": "superseded", "run_date": "2025-03-01", "old": old, "new": new},
    ]
    assert read_ledger(places.runs).standing(MARCH) == new


def test_a_run_that_was_damaged_when_it_was_superseded_is_recorded_as_such_and_not_verified(places):
    folder = make(places, MARCH)
    rewrite(folder / "data" / "customers.parquet", "mine")
    make(places, MARCH, "other customers", replace=True)
    assert lines(places)[-1]["damaged"] is True
    assert archive.verify_all(places.root / "runs") == [f"{folder}: 2 files are as they were sealed"]


def test_set_aside_twice_nothing_is_lost(places):
    for words in ("a", "b", "a", "b"):
        make(places, MARCH, words, replace=True)
    kept = sorted(places.aside("superseded").iterdir())
    assert [(path / "data" / "customers.parquet").read_text() for path in kept].count("a") == 2
    assert len(kept) == 3
    archive.verify_all(places.root / "runs")


def test_a_line_that_was_not_written_to_its_end_is_no_entry_and_is_overwritten(places):
    make(places, MARCH)
    with (places.runs / "ledger.jsonl").open("a") as file:
        file.write('{"event": "sea')
    assert read_ledger(places.runs).faults == []
    make(places, APRIL)
    assert [line["run_date"] for line in lines(places)] == ["2025-03-01", "2025-04-15"]


@pytest.mark.parametrize(
    "line",
    ["[]", "{}", "nonsense", '{"event": "lost", "run_date": null}', '{"event": "sealed", "run_date": "x"}'],
)
def test_a_line_that_is_no_entry_is_named_and_the_others_count(places, line):
    make(places, MARCH)
    with (places.runs / "ledger.jsonl").open("a") as file:
        file.write(line + "\n")
    make(places, APRIL)
    ledger = read_ledger(places.runs)
    assert ledger.dates == [MARCH, APRIL]
    told = (
        f"{places.runs}/ledger.jsonl, line 2: must be as it was written (it was altered, or a line before it "
        "is gone); put the ledger back from a copy"
    )
    with pytest.raises(ArchiveError) as caught:
        archive.verify_all(places.root / "runs")
    assert caught.value.problems == (told,)


def test_a_flipped_bit_anywhere_in_the_ledger_and_a_line_that_is_gone_are_noticed(places):
    for words in ("a", "b", "c"):
        make(places, MARCH, words, replace=True)
    ledger = places.runs / "ledger.jsonl"
    whole = ledger.read_bytes()
    for place in range(len(whole)):
        ledger.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        told = read_ledger(places.runs)
        assert told.faults or told.standing(MARCH) != read_ledger_of(places, whole).standing(MARCH), place
    lines_of = whole.splitlines(keepends=True)
    ledger.write_bytes(b"".join([lines_of[0], lines_of[2]]))
    assert len(read_ledger(places.runs).faults) == 1


def read_ledger_of(places: archive.Places, content: bytes) -> archive.Ledger:
    (places.root / "ledger.jsonl").write_bytes(content)
    return read_ledger(places.root)


def test_a_run_that_the_ledger_promises_takes_the_place_of_the_old_one(places):
    old = archive.open_run(make(places, MARCH))
    new = staged(places, MARCH, "other customers")
    promise(places, new, old.sha256)
    assert archive.heal(places)[0] == (
        "acme 2025-03-01: was sealed by a run that was killed; published it now"
    )
    assert archive.open_run(places.published(MARCH)).sha256 == new.sha256
    assert archive.kept_aside(places, MARCH, old.sha256) is not None
    archive.verify_all(places.root / "runs")


def test_a_promised_run_that_is_damaged_is_abandoned_and_the_old_one_is_back(places):
    old = archive.open_run(make(places, MARCH))
    new = staged(places, MARCH, "other customers")
    promise(places, new, old.sha256)
    archive.take_out(places, MARCH, "superseded")
    rewrite(new.folder / "data" / "customers.parquet", "cut o")
    archive.heal(places)
    assert archive.open_run(places.published(MARCH)).sha256 == old.sha256
    assert lines(places)[-1] == {
        "event": "abandoned",
        "run_date": "2025-03-01",
        "old": new.sha256,
        "new": old.sha256,
    }
    archive.verify_all(places.root / "runs")


def test_a_promised_run_is_not_removed_by_the_next_one_of_its_date(places):
    promise(places, staged(places, MARCH))
    with pytest.raises(ArchiveError) as caught:
        archive.stage(places, MARCH)
    assert caught.value.problems == (
        f"{places.staging(MARCH)}: must be published first (it is sealed); segcore list does that",
    )


def test_a_sealed_run_is_one_that_the_next_command_publishes(places):
    assert archive.sealed(places) == []
    promise(places, staged(places, MARCH))
    staged(places, APRIL)
    assert archive.sealed(places) == [MARCH, APRIL]
    archive.heal(places)
    assert archive.sealed(places) == []
    staged(places, MARCH, "of a run that did not come to decide")
    assert archive.sealed(places) == []


def test_what_others_hide_beside_runs_and_reports_stays(places):
    make(places, MARCH)
    archive.finish(places)
    theirs = [places.reports / ".htaccess", places.reports / ".git" / "config", places.inputs / ".keep"]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    partial = places.reports / ".moves.csv.123.segcore-partial"
    partial.write_text("half")
    inner = places.reports / "2025-03-01" / "notebooks" / ".segment.html.123.segcore-partial"
    inner.parent.mkdir(parents=True)
    inner.write_text("half")
    archive.heal(places)
    assert all(path.read_text() == "mine" for path in theirs)
    archive.AFTER["reports"].do(places)
    assert not partial.exists()
    assert not inner.exists()


def test_published_files_are_read_only_and_copies_and_folders_are_not(places):
    folder = make(places, MARCH)
    archive.finish(places)
    assert {oct(path.stat().st_mode)[-3:] for path in folder.rglob("*") if path.is_file()} == {"444"}
    assert all(path.stat().st_mode & 0o200 for path in [folder, *folder.rglob("*/")] if path.is_dir())
    assert (places.reports / "2025-03-01" / "report.html").stat().st_mode & 0o200
