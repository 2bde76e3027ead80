"""Run folders, with runs that hold a few words instead of tables."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_archive import APRIL, JUNE, MARCH, filled, make, rewrite, staged

from segcore import archive
from segcore.errors import ArchiveError, LockedError

ALTERED = (
    "must be as it was sealed (it was altered); put it back from a copy, or make that run again with --force"
)


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    return archive.Places(tmp_path, "acme")


def problems(call, *args, **options) -> tuple[str, ...]:
    with pytest.raises(ArchiveError) as caught:
        call(*args, **options)
    return caught.value.problems


def test_a_published_run_holds_what_was_staged_and_the_hash_of_every_file(places):
    run = archive.open_run(make(places, MARCH))
    assert run.folder == places.runs / "2025-03-01"
    assert dict(run.outputs) == {
        "data/customers.parquet": {"bytes": 9, "sha256": hashlib.sha256(b"customers").hexdigest()},
        "report/report.html": {"bytes": 16, "sha256": hashlib.sha256(b"<p>customers</p>").hexdigest()},
    }
    assert run.sha256 == hashlib.sha256((run.folder / "manifest.json").read_bytes()).hexdigest()
    assert archive.differences(run) == []
    assert not places.staging(MARCH).exists()


def test_the_same_run_sealed_twice_has_the_same_hash(tmp_path):
    first, second = (staged(archive.Places(tmp_path / x, "acme"), MARCH) for x in "ab")
    assert first.sha256 == second.sha256


def test_files_that_were_altered_are_missing_or_were_added_are_named(places):
    folder = make(places, MARCH)
    (folder / "data" / "customers.parquet").write_text("Customers")
    (folder / "report" / "report.html").unlink()
    (folder / "notes.txt").write_text("mine")
    assert archive.differences(archive.open_run(folder)) == [
        f"{folder}/data/customers.parquet: must be as it was sealed (it was altered); put it back from a "
        "copy, or make that run again with --force",
        f"{folder}/report/report.html: must be there (it is missing); put it back from a copy, "
        "or make that run again with --force",
        f"{folder}/notes.txt: must not be there (it was added); remove it",
    ]


def test_timings_are_not_sealed(places):
    folder = make(places, MARCH)
    (folder / "timings.json").write_text('{"ingest": 1.5}')
    assert archive.differences(archive.open_run(folder)) == []


@pytest.mark.parametrize("damage", ["2025-03-02", "[", '"not a manifest"', "{}"])
def test_a_manifest_that_was_altered_is_not_believed(places, damage):
    manifest = make(places, MARCH) / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("2025-03-01", damage) if "-" in damage else damage)
    assert problems(archive.open_run, manifest.parent) == (f"{manifest}: {ALTERED}",)


def test_a_run_that_was_renamed_is_not_believed(places):
    renamed = make(places, MARCH).rename(places.published(APRIL))
    assert problems(archive.open_run, renamed) == (
        f"{renamed}: must be named after its run date 2025-03-01 (it was renamed); give it its name back",
    )


def test_a_manifest_of_another_schema_is_not_guessed_at(places):
    folder = make(places, MARCH)
    facts = json.loads((folder / "manifest.json").read_text())
    facts = {**facts, "schema": 1}
    content = json.dumps({k: v for k, v in facts.items() if k != "seal"}, indent=1, sort_keys=True) + "\n"
    facts["seal"] = hashlib.sha256(content.encode()).hexdigest()
    rewrite(folder / "manifest.json", json.dumps(facts))
    assert problems(archive.open_run, folder) == (
        f"{folder}/manifest.json: schema must be 2 (got 1); use the segcore that made the run, "
        "or make it again with --force",
    )


def test_a_folder_without_a_manifest_is_no_run(tmp_path):
    assert problems(archive.open_run, tmp_path) == (
        f"{tmp_path}: there must be a published run here (no manifest.json)",
    )


def test_verify_names_every_fault_of_every_run(places):
    march, april = make(places, MARCH), make(places, APRIL)
    assert archive.verify_all(places.root / "runs") == [
        f"{march}: 2 files are as they were sealed",
        f"{april}: 2 files are as they were sealed",
    ]
    (march / "data" / "customers.parquet").write_text("others")
    (april / "manifest.json").unlink()
    assert problems(archive.verify_all, places.root / "runs") == (
        f"{march}/data/customers.parquet: {ALTERED}",
        f"{april}: must be there (the run was deleted or emptied); put it back from a copy, make it again, "
        "or take it back with segcore withdraw acme/2025-04-15 --because WHY",
    )


def test_verify_looks_at_the_inputs_too(places):
    digest = hashlib.sha256(b"a;b\n").hexdigest()
    run = staged(places, MARCH)
    facts = {**run.manifest, "inputs": [{"name": "sales.csv", "sha256": digest}]}
    archive.publish(
        places, archive.seal(run.folder, {k: v for k, v in facts.items() if k not in ("outputs", "seal")})
    )
    kept = places.inputs / f"{digest}.csv"
    kept.parent.mkdir()
    kept.write_text("a;b\n")
    assert archive.verify_all(places.root / "runs", study="acme") == [
        f"{places.runs}/2025-03-01: 2 files are as they were sealed"
    ]
    kept.write_text("a;c\n")
    assert problems(archive.verify_all, places.root / "runs") == (
        f"{kept}: must be the extract as it was delivered (it was altered or is missing); "
        "put it back from a copy",
    )


def test_no_date_is_published_twice(places):
    make(places, MARCH)
    assert problems(make, places, MARCH) == (
        f"{places.runs}/2025-03-01: must not be there yet (a run of 2025-03-01 is published)",
    )


def test_a_superseded_run_is_kept_aside_under_its_hash(places):
    old = archive.open_run(make(places, MARCH))
    make(places, MARCH, "other customers", replace=True)
    aside = places.runs / ".superseded" / f"2025-03-01-{old.sha256[:8]}"
    assert archive.open_run(aside).sha256 == old.sha256
    assert archive.published(places.runs) == [places.runs / "2025-03-01"]


def test_a_damaged_run_can_be_superseded_too(places):
    (make(places, MARCH) / "manifest.json").unlink()
    make(places, MARCH, replace=True)
    assert [path.name for path in (places.runs / ".superseded").iterdir()] == ["2025-03-01-unsealed"]
    archive.verify_all(places.root / "runs")


def test_reports_are_copies_that_follow_the_published_runs(places):
    folder = make(places, MARCH)
    page = places.reports / "2025-03-01" / "report.html"
    reports = archive.AFTER["reports"]
    assert reports.missing(places) == [page.parent]
    assert reports.do(places) == []
    assert reports.missing(places) == []
    page.write_text("mine now")
    assert (folder / "report" / "report.html").read_text() == "<p>customers</p>"


def test_previous_and_latest_run_go_by_run_date(places):
    assert archive.previous_run(places.runs, MARCH) is None
    april, march = make(places, APRIL), make(places, MARCH)
    archive.stage(places, JUNE)
    assert archive.previous_run(places.runs, APRIL) == march
    assert archive.previous_run(places.runs, dt.date(2030, 1, 1)) == april
    assert archive.latest_run(places.runs) == april


def test_without_a_run_there_is_no_latest(places):
    assert problems(archive.latest_run, places.runs) == (
        f"{places.runs}: there must be a published run (there is none); make one with "
        "segcore run acme --date YYYY-MM-DD",
    )


def test_earlier_runs_are_those_that_the_run_was_staged_with(places):
    march, april, june = (make(places, date) for date in (MARCH, APRIL, JUNE))
    run_dir = archive.stage(places, dt.date(2025, 7, 1))
    (run_dir / "run.json").write_text(
        json.dumps(
            {"runs": [{"run_date": "2025-03-01", "number": 1}, {"run_date": "2025-06-01", "number": 2}]}
        )
    )
    assert archive.earlier_runs(run_dir, str(june)) == [march, june]
    assert archive.earlier_runs(run_dir, "") == []
    (run_dir / "run.json").unlink()
    assert archive.earlier_runs(run_dir, str(june)) == [march, april, june]
    assert archive.earlier_runs(run_dir, str(april)) == [march, april]


def test_earlier_runs_that_are_not_there_are_named(places):
    run_dir = archive.stage(places, JUNE)
    (run_dir / "run.json").write_text(
        json.dumps(
            {"runs": [{"run_date": "2025-03-01", "number": 1}, {"run_date": "2025-04-15", "number": 2}]}
        )
    )
    assert problems(archive.earlier_runs, run_dir, str(places.published(APRIL))) == tuple(
        f"{places.runs}/{date}: there must be a run with data/customers.parquet here (there is none); "
        "make the earlier run first"
        for date in (MARCH, APRIL)
    )
    assert problems(archive.earlier_runs, run_dir, "runs/acme/last") == (
        "previous_run_dir must be a run's folder, named after its run date (got 'runs/acme/last')",
    )


def test_a_stage_refuses_a_sealed_run(places):
    archive.check_writable(archive.stage(places, MARCH), "2025-03-01")
    folder = make(places, MARCH)
    assert problems(archive.check_writable, folder, "2025-03-01") == (
        f"{folder}: must be a run that is not published yet (it is sealed); "
        "name another run_dir, or make the run again with segcore run … --force",
    )


def test_a_stage_refuses_the_folder_of_another_date(places):
    staged = archive.stage(places, MARCH)
    assert problems(archive.check_writable, staged, "2025-04-15") == (
        f"run_dir must be the folder of the run date 2025-04-15, named after it (got {staged}); "
        f"give run_date and run_dir together, like {places.runs}/2025-04-15",
    )


def test_an_earlier_run_is_read_only_as_it_was_sealed(places):
    march, april = make(places, MARCH), make(places, APRIL)
    assert [r.folder for r in archive.check_unaltered([march, april], ["data/customers.parquet"])] == [
        march,
        april,
    ]
    (march / "data" / "customers.parquet").write_text("others")
    (april / "manifest.json").write_text("{}")
    assert problems(
        archive.check_unaltered, [march, april], ["data/customers.parquet", "data/moves.parquet"]
    ) == (
        f"{march}/data/customers.parquet: {ALTERED}",
        f"{april}/manifest.json: {ALTERED}",
    )


def test_runs_are_stale_when_another_run_stands_before_them(places):
    runs = places.root / "runs"
    make(places, APRIL)
    make(places, JUNE)
    assert [entry.stale for entry in archive.list_runs(runs)] == ["", ""]
    make(places, MARCH)
    assert [(entry.run_date, entry.stale) for entry in archive.list_runs(runs, study="acme")] == [
        ("2025-03-01", ""),
        ("2025-04-15", "made as a first run, but the run of 2025-03-01 stands before it now"),
        ("2025-06-01", "the run of 2025-04-15 before it is stale"),
    ]


def test_runs_are_stale_when_the_run_before_them_was_made_again_or_is_gone(places):
    march = make(places, MARCH)
    make(places, APRIL)
    march.rename(places.root / "elsewhere")
    listed = archive.list_runs(places.root / "runs")
    assert [entry.stale for entry in listed] == ["the run of 2025-03-01 that it was compared with is gone"]
    (places.root / "elsewhere").rename(march)
    make(places, MARCH, "other customers", replace=True)
    listed = archive.list_runs(places.root / "runs")
    assert [entry.line for entry in listed] == [
        f"acme  2025-03-01  breaks of 2025-03-01  {places.reports}/2025-03-01/report.html",
        f"acme  2025-04-15  breaks of 2025-04-15  {places.reports}/2025-04-15/report.html"
        "  stale: the run of 2025-03-01 was made again since",
    ]
    assert listed[1].as_json() == {
        "study": "acme",
        "run_date": "2025-04-15",
        "stale": "the run of 2025-03-01 was made again since",
        "withdrawn": "",
        "damaged": "",
        "report": f"{places.reports}/2025-04-15/report.html",
        "model_from": "2025-04-15",
    }


def test_a_run_after_one_that_was_not_there_is_stale(places):
    make(places, MARCH)
    june = archive.open_run(make(places, JUNE))
    make(places, APRIL)
    runs = [archive.open_run(folder) for folder in archive.published(places.runs)]
    assert archive.stale(runs) == {
        "2025-06-01": "compared with 2025-03-01, but the run of 2025-04-15 stands before it now"
    }
    assert june.sha256 == runs[-1].sha256


def test_listing_an_unknown_study_says_which_there_are(places):
    runs = places.root / "runs"
    assert archive.list_runs(runs) == []
    assert problems(archive.list_runs, runs, study="acme") == (
        f"'acme' must be a study that has runs in {runs} (there are none yet)",
    )
    make(places, MARCH)
    assert problems(archive.verify_all, runs, study="acne") == (
        f"'acne' must be a study that has runs in {runs} (there are acme)",
    )


def test_a_run_that_was_sealed_but_not_renamed_is_published_by_the_next_command(places):
    run = staged(places, MARCH)
    assert archive.heal(places) == [
        "acme 2025-03-01: was sealed by a run that was killed; published it now",
        f"{places.reports}/2025-03-01: written again from the published runs",
        f"{places.reports}/dashboard.html: written again from the published runs",
        f"{places.root}/reports/index.html: written again from the published runs",
    ]
    assert archive.open_run(places.published(MARCH)).sha256 == run.sha256
    assert (places.reports / "2025-03-01" / "report.html").read_text() == "<p>customers</p>"
    assert archive.heal(places) == []


def test_what_was_not_sealed_or_not_whole_is_removed_by_the_next_command(places):
    archive.stage(places, MARCH)
    (staged(places, APRIL).folder / "data" / "customers.parquet").write_text("cust")
    make(places, JUNE)
    staged(places, JUNE, "other customers")
    archive.finish(places)
    assert archive.heal(places) == [
        f"acme {date}: removed what a run that was killed had left" for date in (MARCH, APRIL, JUNE)
    ]
    assert archive.published(places.runs) == [places.published(JUNE)]
    assert archive.verify_all(places.root / "runs") == [
        f"{places.runs}/2025-06-01: 2 files are as they were sealed"
    ]
    assert places.stagings() == []


def test_listing_puts_in_order_what_a_killed_run_left(places):
    staged(places, MARCH)
    assert [entry.run_date for entry in archive.list_runs(places.root / "runs")] == ["2025-03-01"]
    assert (places.reports / "2025-03-01" / "report.html").exists()


HOLD = """
import sys, time
from pathlib import Path
from segcore import archive
with archive.locked(archive.Places(Path(sys.argv[1]), "acme")):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_only_one_process_holds_the_lock_and_a_killed_one_gives_it_back(places):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, places.root], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(LockedError) as caught, archive.locked(places):
            pass
        archive.list_runs(places.root / "runs")
        other.kill()
    assert caught.value.problems == (
        f"{places.runs}: only one run of a study may be under way "
        f"(process {other.pid} on {os.uname().nodename} holds the lock); "
        "wait until it is done, or say --wait MINUTES",
    )
    assert caught.value.exit_code == 4
    with archive.locked(places):
        assert json.loads((places.runs / ".lock-holder.json").read_text())["process"] == os.getpid()
    assert not (places.runs / ".lock-holder.json").exists()


def test_what_verify_would_pass_over_is_not_published(places):
    facts = filled(places, MARCH)
    folder = places.staging(MARCH)
    (folder / "data" / "x~").write_text("backup")
    (folder / "notebooks" / ".ipynb_checkpoints").mkdir()
    (folder / "notebooks" / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")
    run = archive.publish(places, archive.seal(folder, facts))
    there = {path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*") if path.is_file()}
    assert there == {*run.outputs, "manifest.json", "timings.json"}
    assert not (run.folder / "notebooks" / ".ipynb_checkpoints").exists()
