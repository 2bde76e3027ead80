"""What is needed no more is listed first, and removed when that is said."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from small_archive import APRIL, JUNE, MARCH, kept_input, make, rewrite

from segcore import archive, keeping, pruning
from segcore.archive.ledger import read_ledger
from segcore.errors import ArchiveError, UsageError
from segcore.pruning import KINDS, Choice

TODAY = dt.date(2025, 7, 1)
ALL = Choice(frozenset(KINDS), None, TODAY)


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    """Two published runs, one withdrawn, one superseded, one failed; an input that none names."""
    made = archive.Places(tmp_path, "acme")
    old = kept_input(made, "old")
    make(made, MARCH, "a", inputs=[old])
    make(made, APRIL, "b", inputs=[kept_input(made, "april")])
    make(made, JUNE, "c", inputs=[kept_input(made, "june")])
    make(made, MARCH, "d", inputs=[kept_input(made, "new")], replace=True)
    keeping.withdraw("acme/2025-06-01", keeping.Decision(TODAY, "wrong"), root=tmp_path)
    (made.runs / ".failed" / "2025-05-01").mkdir(parents=True)
    (made.runs / ".failed" / "2025-05-01" / "error.log").write_text("error")
    (made.inputs / "parsed").mkdir()
    (made.inputs / "parsed" / f"{'0' * 64}.parquet").write_text("cached")
    (made.inputs / "notes.txt").write_text("mine")
    return made


def pruned(root: Path, study: str | None, choice: Choice, *, remove: bool) -> list[str]:
    return list(pruning.pruned(root, study, choice, remove=remove))


def there(places: archive.Places) -> set[str]:
    return {path.relative_to(places.runs).as_posix() for path in places.runs.rglob("*") if path.is_file()}


def test_it_says_first_what_it_would_do_and_does_nothing(places):
    before = there(places)
    told = pruned(places.root, "acme", ALL, remove=False)
    assert there(places) == before
    (aside,) = places.aside("superseded").iterdir()
    assert [line.split(":")[0] for line in told[:-1]] == [
        str(aside),
        f"{places.runs}/.failed/2025-05-01",
        *(str(path) for path in sorted(places.inputs.glob("*.csv")) if path.read_text() == "old"),
        f"{places.inputs}/parsed/{'0' * 64}.parquet",
    ]
    assert told[-1] == "0.0 MB can be removed; to remove all of it, say --yes"


def test_it_removes_only_what_no_published_or_withdrawn_run_needs(places):
    before = there(places)
    pruned(places.root, "acme", ALL, remove=True)
    gone = before - there(places)
    assert {name.split("/")[0] for name in gone} == {".superseded", ".failed", "inputs"}
    assert sorted(path.read_text() for path in places.inputs.glob("*.csv")) == ["april", "june", "new"]
    assert (places.inputs / "notes.txt").read_text() == "mine"
    (places.inputs / "notes.txt").unlink()
    archive.verify_all(places.root / "runs")
    keeping.restore("acme/2025-06-01", keeping.Decision(TODAY, "right"), root=places.root)
    archive.verify_all(places.root / "runs")
    assert pruned(places.root, None, ALL, remove=True) == ["nothing of that is there"]


def test_the_ledger_records_what_was_pruned(places):
    (aside,) = places.aside("superseded").iterdir()
    old = archive.manifest_sha256(aside)
    pruned(places.root, "acme", ALL, remove=True)
    entries = [entry for entry in read_ledger(places.runs).entries if entry.event == "pruned"]
    assert [(entry.run_date, entry.on) for entry in entries] == [
        ("2025-03-01", "2025-07-01"),
        (None, "2025-07-01"),
    ]
    assert entries[0].old == old


def test_only_what_is_old_enough_goes(places):
    four_months = Choice(frozenset({"superseded", "failed"}), "4m", TODAY)
    assert len(pruned(places.root, "acme", four_months, remove=False)) == 1
    assert len(pruned(places.root, "acme", Choice(four_months.kinds, "121d", TODAY), remove=False)) == 2
    assert len(pruned(places.root, "acme", Choice(four_months.kinds, "1w", TODAY), remove=False)) == 3
    for path in places.inputs.glob("*.csv"):
        os.utime(path, (0, 0))
    inputs = pruned(places.root, "acme", Choice(frozenset({"inputs"}), "9y", TODAY), remove=False)
    assert len(inputs) == 2


def test_when_it_is_interrupted_it_has_told_what_is_gone(places, monkeypatch):
    (aside,) = places.aside("superseded").iterdir()
    remove = pruning.remove

    def full(path: Path) -> None:
        if "2025-05-01" in path.name:
            raise OSError(28, "No space left on device")
        remove(path)

    monkeypatch.setattr(pruning, "remove", full)
    told = []
    with pytest.raises(OSError, match="No space left"):
        told.extend(pruning.pruned(places.root, "acme", ALL, remove=True))
    assert told == [f"{aside}: 0.0 MB, a run that was made again since"]
    assert not aside.exists()


def test_without_knowing_what_a_run_names_no_input_goes(places):
    rewrite(places.published(APRIL) / "manifest.json", "{")
    with pytest.raises(ArchiveError) as caught:
        pruned(places.root, "acme", ALL, remove=True)
    assert caught.value.problems[-1] == (
        f"{places.inputs}: nobody knows which inputs those runs name; mend them first"
    )
    assert places.aside("superseded").exists()


@pytest.mark.parametrize("age", ["3", "36 months", "m", "0d", "-1d", ""])
def test_an_age_is_a_number_and_a_letter(age):
    with pytest.raises(UsageError) as caught:
        Choice(frozenset({"failed"}), age, TODAY)
    assert str(caught.value) == f"--older-than must be an age like 90d, 12w, 36m or 3y (got {age!r})"


def test_it_must_be_told_what_may_go():
    with pytest.raises(UsageError) as caught:
        Choice(frozenset(), None, TODAY)
    assert str(caught.value) == (
        "prune must be told what may go: --superseded, --failed or --inputs, or several of them, or "
        "--expired alone"
    )


@pytest.mark.parametrize(
    ("age", "day"),
    [("1m", "2025-02-28"), ("13m", "2024-02-29"), ("1y", "2024-03-31"), ("9999y", "0001-01-01")],
)
def test_months_and_years_are_counted_by_the_calendar(age, day):
    choice = Choice(frozenset({"failed"}), age, dt.date(2025, 3, 31))
    limit = dt.date.fromisoformat(day)
    assert not choice.takes(limit)
    assert limit == dt.date.min or choice.takes(limit - dt.timedelta(days=1))
