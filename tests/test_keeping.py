"""Runs that are taken back and put back."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from small_archive import APRIL, JUNE, MARCH, make, rewrite

from segcore import archive, cli, keeping
from segcore.archive.ledger import Entry, read_ledger, record
from segcore.errors import ArchiveError

WHY = keeping.Decision(dt.date(2025, 7, 1), "wrong rule table")


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    made = archive.Places(tmp_path, "acme")
    for date in (MARCH, APRIL, JUNE):
        make(made, date)
    archive.finish(made)
    return made


def problems(call, *args, **options) -> tuple[str, ...]:
    with pytest.raises(ArchiveError) as caught:
        call(*args, **options)
    return caught.value.problems


def test_a_withdrawn_run_is_kept_and_later_runs_become_stale(places):
    old = archive.open_run(places.published(APRIL))
    kept = places.runs / ".withdrawn" / f"2025-04-15-{old.sha256[:8]}"
    assert keeping.withdraw("acme/2025-04-15", WHY, root=places.root) == [
        f"acme 2025-04-15: withdrawn; it is kept in {kept}",
        "acme: stale, for a run before changed: 2025-06-01; to make again: segcore backfill acme --stale",
    ]
    assert archive.previous_run(places.runs, JUNE) == places.published(MARCH)
    assert not (places.reports / "2025-04-15").exists()
    listed = archive.list_runs(places.root / "runs")
    assert listed[1].line == "acme  2025-04-15  withdrawn on 2025-07-01: wrong rule table"
    assert listed[2].stale == "compared with 2025-04-15, but the run of 2025-03-01 stands before it now"
    assert listed[1].as_json()["withdrawn"] == "on 2025-07-01: wrong rule table"
    assert (
        "withdrawn on 1 July 2025: wrong rule table" in (places.root / "reports" / "index.html").read_text()
    )
    assert archive.heal(places) == []
    archive.verify_all(places.root / "runs")


def test_a_restored_run_is_what_it_was_and_nothing_is_stale_any_more(places):
    before = {p: p.read_bytes() for p in places.runs.glob("2025-*/**/*") if p.is_file()}
    reports = {p: p.read_bytes() for p in (places.root / "reports").rglob("*") if p.is_file()}
    keeping.withdraw("acme/2025-04-15", WHY, root=places.root)
    assert keeping.restore("acme/2025-04-15", WHY, root=places.root) == ["acme 2025-04-15: published again"]
    assert {p: p.read_bytes() for p in places.runs.glob("2025-*/**/*") if p.is_file()} == before
    assert {p: p.read_bytes() for p in (places.root / "reports").rglob("*") if p.is_file()} == reports
    assert [entry.stale for entry in archive.list_runs(places.root / "runs")] == ["", "", ""]
    assert [entry.event for entry in read_ledger(places.runs).entries[-2:]] == ["withdrawn", "restored"]
    archive.verify_all(places.root / "runs")


def sealed_again(folder: Path) -> Path:
    """A run that somebody edited and gave a right seal."""
    facts = {k: v for k, v in archive.open_run(folder).manifest.items() if k not in ("outputs", "seal")}
    rewrite(folder / "data" / "customers.parquet", "mine")
    archive.seal(folder, facts)
    return folder


def test_a_run_that_was_edited_and_sealed_again_does_not_come_back(places):
    sealed_again(places.published(JUNE))
    told = keeping.withdraw("acme/2025-06-01", WHY, root=places.root)[-1]
    (kept,) = places.asides()
    assert told == (
        f"acme 2025-06-01: withdrawn; it is kept in {kept}; it was not as it was published, "
        "so it cannot be restored"
    )
    assert problems(keeping.restore, str(kept), WHY, root=places.root) == (
        f"{kept}: must be a run that was published (the ledger knows none of its hash)",
    )
    assert archive.published(places.runs) == [places.published(MARCH), places.published(APRIL)]


def test_a_run_that_somebody_laid_among_the_kept_ones_is_not_restored(places):
    aside = places.runs / ".superseded" / "2025-06-01-abcdef12"
    shutil.copytree(places.published(JUNE), aside)
    sealed_again(aside)
    keeping.withdraw("acme/2025-06-01", WHY, root=places.root)
    assert problems(keeping.restore, str(aside), WHY, root=places.root) == (
        f"{aside}: must be a run that was published (the ledger knows none of its hash)",
    )


def test_a_superseded_run_can_be_put_back_by_its_folder(places):
    make(places, JUNE, "worse", replace=True)
    (aside,) = places.asides()
    assert problems(keeping.restore, str(aside), WHY, root=places.root) == (
        f"{places.published(JUNE)}: must not be there (a run of 2025-06-01 is published); "
        "withdraw it first: segcore withdraw acme/2025-06-01 --because WHY",
    )
    keeping.withdraw("acme/2025-06-01", WHY, root=places.root)
    keeping.restore(str(aside), WHY, root=places.root)
    assert (places.published(JUNE) / "data" / "customers.parquet").read_text() == "customers"
    assert (places.reports / "2025-06-01" / "report.html").read_text() == "<p>customers</p>"
    archive.verify_all(places.root / "runs")


@pytest.mark.parametrize(
    "named", ["acme/2025-04-16", "acme/last", "2025-04-15", "/2025-04-15", "acne/2025-04-15"]
)
def test_what_is_no_run_is_not_withdrawn(places, named):
    (told,) = problems(keeping.withdraw, named, WHY, root=places.root)
    assert told.startswith(f"{named!r} must name a ")
    assert told.endswith("or its folder (there is none); segcore list shows what there is")


@pytest.mark.parametrize("kind", [".superseded", ".withdrawn", ".failed"])
@pytest.mark.parametrize("below", ["", "runs"])
def test_a_run_that_is_kept_aside_is_not_withdrawn_nor_is_the_published_one_of_its_date(places, kind, below):
    make(places, MARCH, "better", replace=True)
    (aside,) = places.asides()
    named = f"acme/{kind}/{aside.name if kind != '.failed' else '2025-03-01'}"
    named = str(places.root / below / named) if below else named
    assert problems(keeping.withdraw, named, WHY, root=places.root) == (
        f"{named!r} must name a published run, like demo/2025-12-31, or its folder (there is none); "
        "segcore list shows what there is",
    )
    assert read_ledger(places.runs).entries[-1].event == "superseded"


def test_a_run_is_restored_from_the_folder_that_was_named_and_from_no_other(places):
    make(places, MARCH, "better", replace=True)
    (superseded,) = places.asides()
    keeping.withdraw("acme/2025-03-01", WHY, root=places.root)
    for named in ("acme/.failed/2025-03-01", "acme/.superseded/2025-03-01-00000000"):
        assert problems(keeping.restore, named, WHY, root=places.root) == (
            f"{named!r} must name a withdrawn run, like demo/2025-12-31, or the folder where it is kept "
            "(there is none); segcore list shows what there is",
        )
    keeping.restore(f"acme/.superseded/{superseded.name}", WHY, root=places.root)
    assert (places.published(MARCH) / "data" / "customers.parquet").read_text() == "customers"


def test_a_run_is_restored_without_a_reason_if_nobody_gives_one(places, monkeypatch):
    keeping.withdraw("acme/2025-04-15", WHY, root=places.root)
    (places.root / "params").mkdir()
    monkeypatch.chdir(places.root)
    cli.keeping.restore("acme/2025-04-15", today="2025-07-02")
    entry = read_ledger(places.runs).entries[-1]
    assert (entry.event, entry.on, entry.because) == ("restored", "2025-07-02", None)


def test_what_was_not_withdrawn_is_not_restored(places):
    assert problems(keeping.restore, "acme/2025-04-15", WHY, root=places.root) == (
        "'acme/2025-04-15' must name a withdrawn run, like demo/2025-12-31, or the folder where it is kept "
        "(there is none); segcore list shows what there is",
    )


def test_a_damaged_run_is_not_restored(places):
    keeping.withdraw("acme/2025-04-15", WHY, root=places.root)
    (aside,) = places.asides()
    rewrite(aside / "data" / "customers.parquet", "mine")
    (told,) = problems(keeping.restore, "acme/2025-04-15", WHY, root=places.root)
    assert told.startswith(f"{aside}/data/customers.parquet: must be as it was sealed (it was altered)")


def test_a_run_that_somebody_deleted_can_be_taken_back_so_that_verify_is_content(places):
    shutil.rmtree(places.published(JUNE))
    assert keeping.withdraw("acme/2025-06-01", WHY, root=places.root)[-1:] == [
        "acme 2025-06-01: withdrawn; it was gone before"
    ]
    assert len(archive.verify_all(places.root / "runs")) == 2


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "red \x1b[31m"])
def test_a_reason_is_one_line_of_text(reason):
    assert problems(keeping.Decision, MARCH, reason) == (
        f"--because must be a reason in one line of text (got {reason!r}); say why",
    )


def test_a_withdrawal_that_was_cut_off_is_finished_by_the_next_command(places):
    old = archive.open_run(places.published(APRIL)).sha256
    record(places.runs, Entry("withdrawn", "2025-04-15", old, None, "2025-07-01", "wrong"))
    assert archive.heal(places)[0] == "acme 2025-04-15: was being withdrawn; it is now"
    assert archive.published(places.runs) == [places.published(MARCH), places.published(JUNE)]
    record(places.runs, Entry("restored", "2025-04-15", None, old, "2025-07-02", "right"))
    assert archive.heal(places)[0] == "acme 2025-04-15: was being restored; it is now"
    assert archive.open_run(places.published(APRIL)).sha256 == old
    archive.verify_all(places.root / "runs")


def test_a_withdrawn_date_can_be_made_anew(places):
    keeping.withdraw("acme/2025-06-01", WHY, root=places.root)
    make(places, JUNE, "better")
    archive.finish(places)
    assert [entry.withdrawn for entry in archive.list_runs(places.root / "runs")] == ["", "", ""]
    archive.verify_all(places.root / "runs")
