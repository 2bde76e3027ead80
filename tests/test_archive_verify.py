"""What `segcore verify` finds, beside altered files of runs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import filelock  # noqa: F401  (what others may not read is imported before they are asked)
import pytest
from small_archive import APRIL, JUNE, MARCH, kept_input, make, rewrite

from segcore import archive
from segcore.errors import ArchiveError
from segcore.report import site  # noqa: F401

AGAIN = "put it back from a copy, or make that run again with --force"


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    made = archive.Places(tmp_path, "acme")
    make(made, MARCH)
    make(made, APRIL)
    archive.finish(made)
    archive.verify_all(tmp_path / "runs")
    return made


def found(places: archive.Places) -> tuple[str, ...]:
    with pytest.raises(ArchiveError) as caught:
        archive.verify_all(places.root / "runs")
    return caught.value.problems


def test_a_deleted_run_whose_entry_was_deleted_as_well_still_has_its_report(places):
    ledger = places.runs / "ledger.jsonl"
    shutil.rmtree(places.published(APRIL))
    lines = [line for line in ledger.read_text().splitlines(True) if '"2025-04-15"' not in line]
    ledger.write_text("".join(lines))
    assert found(places) == (
        f"{places.reports}/2025-04-15: must be the report of a published run (the ledger knows none of that "
        "date); find out what became of it, or remove the folder",
    )


def test_a_deleted_run(places):
    shutil.rmtree(places.published(APRIL))
    assert found(places) == (
        f"{places.published(APRIL)}: must be there (the run was deleted or emptied); put it back from a "
        "copy, make it again, or take it back with segcore withdraw acme/2025-04-15 --because WHY",
    )


def test_an_emptied_run(places):
    shutil.rmtree(places.published(APRIL))
    places.published(APRIL).mkdir()
    assert "(the run was deleted or emptied)" in found(places)[0]


def test_a_link_to_a_file_or_a_folder(places, tmp_path):
    folder = places.published(MARCH)
    for name in ("manifest.json", "data/customers.parquet", "notebooks"):
        (folder / name).rename(tmp_path / Path(name).name)
        (folder / name).symlink_to(tmp_path / Path(name).name)
    assert found(places) == (
        f"{folder}/data/customers.parquet: must be a plain file (it is a link); {AGAIN}",
        f"{folder}/manifest.json: must be a plain file (it is a link); {AGAIN}",
        f"{folder}/notebooks: must not be there (it was added); remove it",
    )


def test_a_run_s_folder_that_is_a_link(places, tmp_path):
    places.published(APRIL).rename(tmp_path / "moved")
    places.published(APRIL).symlink_to(tmp_path / "moved")
    assert found(places) == (
        f"{places.published(APRIL)}: must be the folder of a run (it is a link); move it elsewhere",
    )


def test_a_pipe(places):
    os.mkfifo(places.published(MARCH) / "data" / "pipe")
    assert found(places) == (
        f"{places.published(MARCH)}/data/pipe: must not be there (it was added); remove it",
    )


def reseal(folder: Path) -> archive.Run:
    """Edit a run and seal it again, as somebody may who knows how."""
    rewrite(folder / "data" / "customers.parquet", "mine")
    facts = json.loads((folder / "manifest.json").read_text())
    return archive.seal(folder, {k: v for k, v in facts.items() if k not in ("outputs", "seal", "schema")})


def test_a_run_that_was_edited_and_sealed_again(places):
    reseal(places.published(MARCH))
    told = (
        f"{places.published(MARCH)}: must be the run that was published (the ledger knows none of its hash, "
        f"so it was edited and sealed again); {AGAIN}"
    )
    assert found(places) == (told,)
    with pytest.raises(ArchiveError) as caught:
        archive.check_unaltered([places.published(MARCH)], [])
    assert caught.value.problems == (told,)


def test_a_run_that_was_sealed_again_and_the_ledger_with_it(places):
    entries = archive.read_ledger(places.runs).entries
    new = reseal(places.published(MARCH)).sha256
    (places.runs / "ledger.jsonl").unlink()
    for entry in (replace(entries[0], new=new), *entries[1:]):
        archive.record(places.runs, entry)
    assert found(places) == (
        f"{places.published(MARCH)}: must be the run that 2025-04-15 was compared with "
        f"(the ledger knows none of that hash); {AGAIN}",
    )


def test_a_superseded_run_that_was_altered_or_is_gone(places):
    make(places, APRIL, "other customers", replace=True)
    (aside,) = places.asides()
    rewrite(aside / "data" / "customers.parquet", "mine")
    assert found(places) == (
        f"{aside}/data/customers.parquet: must be as it was sealed (it was altered); put it back from a copy",
    )
    shutil.rmtree(aside)
    assert found(places) == (
        f"{places.runs}: the run of 2025-04-15 whose hash begins with {aside.name[-8:]} must be kept aside "
        "(it is missing or was altered); put it back from a copy",
    )


def test_an_edited_copy_in_reports_whatever_its_time(places):
    page = places.reports / "2025-03-01" / "report.html"
    stat = page.stat()
    page.write_text("<p>Customers</p>")
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert found(places) == (
        f"{page}: must be as it was published (it was edited); the edited one is kept in {places.edited} "
        "when the published one is written again",
    )
    assert (places.edited / "2025-03-01" / "report.html").read_text() == "<p>Customers</p>"
    assert len(archive.verify_all(places.root / "runs")) == 2


def test_inputs_that_were_altered_and_files_that_do_not_belong_there(places):
    entry = kept_input(places, "a;b\n")
    make(places, APRIL, replace=True, inputs=[entry])
    archive.verify_all(places.root / "runs")
    kept = places.inputs / f"{entry['sha256']}.csv"
    kept.write_text("a;c\n")
    (places.inputs / "sales.csv").write_text("mine")
    assert found(places) == (
        f"{kept}: must be the extract as it was delivered (it was altered or is missing); "
        "put it back from a copy",
        f"{places.inputs}/sales.csv: must not be there (segcore did not put it there); move it elsewhere",
    )


@pytest.mark.parametrize("ending", [".xlsx", ".parquet", ".csv.zip", ""])
def test_an_input_of_any_format_is_an_input(places, ending):
    entry = kept_input(places, "old")
    name, kept = f"sales{ending}", places.inputs / f"{entry['sha256']}{ending}"
    (places.inputs / f"{entry['sha256']}.csv").rename(kept)
    make(places, JUNE, inputs=[{**entry, "name": name}])
    archive.finish(places)
    archive.verify_all(places.root / "runs")
    kept.write_text("other")
    assert any(str(kept) in problem for problem in found(places))


def test_what_other_programs_leave_is_no_fault(places):
    for name in (".ipynb_checkpoints/x.ipynb", ".DS_Store", "Thumbs.db", ".nfs0001", "a.swp", "a.csv~"):
        for folder in (places.published(MARCH) / "data", places.inputs, places.runs):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    assert len(archive.verify_all(places.root / "runs")) == 2


def test_what_should_not_be_there(places):
    (places.runs / "notes").mkdir()
    (places.runs / "2025-02-01").mkdir()
    (places.runs / "2025-02-02").write_text("")
    assert found(places) == (
        f"{places.runs}/2025-02-01: there must be a published run here (no manifest.json)",
        f"{places.runs}/2025-02-02: must be the folder of a run (it is a file); move it elsewhere",
        f"{places.runs}/notes: must not be there (it is no run); move it elsewhere",
    )


def as_nobody(root: Path, work: Callable[[], object]) -> str:
    """What somebody sees who is not root, for root may read and write everything."""
    for folder in (root, *root.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o711)  # pytest's own folders are closed to others
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            told = str(work())
        except BaseException as error:
            told = repr(error)
        os.write(write, told.encode())
        os._exit(0)
    os.close(write)
    with open(read, encoding="utf-8") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
class TestAsSomebodyWhoIsNotRoot:
    """Modes of files say nothing to root."""

    def test_a_published_file_cannot_be_written(self, places):
        if os.geteuid() == 0:
            for path in (places.root, *places.root.rglob("*")):
                os.chown(path, 65534, 65534)
        path = places.published(MARCH) / "data" / "customers.parquet"
        told = as_nobody(places.root, lambda: path.write_text("mine"))
        assert told == "PermissionError(13, 'Permission denied')"
        page = places.reports / "2025-03-01" / "report.html"
        assert as_nobody(places.root, lambda: page.write_text("mine")) == "4"
        archive.finish(places)
        make_again = as_nobody(places.root, lambda: make(places, MARCH, "again", replace=True).name)
        assert make_again == "2025-03-01"

    def test_files_that_cannot_be_read_are_named_and_the_others_are_verified(self, places):
        unreadable = places.published(MARCH) / "data" / "customers.parquet"
        unreadable.chmod(0o000)
        (places.published(APRIL) / "manifest.json").chmod(0o000)
        manifest = (
            f"{places.published(APRIL)}/manifest.json: must be a file that can be read (Permission denied); "
            "mend that, or ask its owner"
        )
        assert as_nobody(places.root, lambda: "\n".join(found(places))).splitlines() == [
            manifest,
            f"{unreadable}: must be a file that can be read; ask its owner for it",
        ]
        listed = as_nobody(places.root, lambda: [e.damaged for e in archive.list_runs(places.root / "runs")])
        assert listed == str(["", manifest])

    def test_a_folder_of_another_user_is_told_and_blocks_nothing_else(self, places):
        theirs = places.staging(JUNE)
        theirs.mkdir()
        (theirs / "data").mkdir()
        (theirs / "data" / "x").write_text("")
        if os.geteuid() == 0:
            for path in (places.root, *places.root.rglob("*")):
                if theirs not in (path, *path.parents):
                    os.chown(path, 65534, 65534)
        theirs.chmod(0o755)
        told = as_nobody(places.root, lambda: archive.heal(places))
        assert "must be removed (Permission denied); remove it, or ask its owner to" in told
        assert as_nobody(places.root, lambda: make(places, MARCH, "again", replace=True).name) == "2025-03-01"
        assert "ask its owner to" in as_nobody(places.root, lambda: archive.stage(places, JUNE))
