"""What a run reads of the runs before it, and that it believes none of it that is not as it was sealed."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_projects import DATES, copied
from small_project import parent

from segcore import archive, review, runner
from segcore.errors import ArchiveError
from segcore.runner.earlier import READ, READ_OF_LAST

pytestmark = pytest.mark.slow

BEFORE, LAST, DATE = DATES


@pytest.fixture
def demo(small_demo: Path, tmp_path: Path) -> Path:
    return copied(small_demo, tmp_path / "demo")


def sealed(demo: Path) -> dict[Path, bool]:
    """Every sealed file of the two runs before the last → whether ``earlier`` says that the last reads it."""
    found = {}
    for date, names in ((BEFORE, {*READ}), (LAST, {*READ, *READ_OF_LAST})):
        run = archive.open_run(demo / "runs" / "demo" / str(date))
        found |= {run.folder / name: name in names for name in run.outputs}
    return found


def refused(demo: Path) -> tuple[str, ...]:
    options = runner.RunOptions(force=True, parent=parent())
    with pytest.raises(ArchiveError) as caught:
        runner.run(demo / "params" / "demo.yaml", DATE, root=demo, options=options)
    return caught.value.problems


def test_a_run_reads_nothing_of_earlier_runs_but_what_is_checked(demo):
    """All else in them is rubbish, which nobody could read: the run comes out the same, byte for byte."""
    others = [path for path, is_read in sealed(demo).items() if not is_read]
    assert len(others) > 50
    for path in others:
        path.chmod(0o600)
        path.write_bytes(b"rubbish")
    repeated = review.repeat(demo / "runs" / "demo" / str(DATE), root=demo)
    assert (repeated.same, repeated.differs) == (True, ())


def test_what_a_run_reads_of_earlier_runs_is_refused_before_any_work_if_it_was_altered(demo):
    """One appended byte, or whether somebody reached the target: a later run must not believe it."""
    read = [path for path, is_read in sealed(demo).items() if is_read]
    names = {path.stem for path in read}
    assert {"eligible", "calls", "draw", "followups", "forecast", "facts", "transactions"} <= names
    for path in read:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + b"\n")
    assert sorted(refused(demo)) == sorted(
        f"{path}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force"
        for path in read
    )
    assert not (demo / "runs" / "demo" / ".failed").exists()


def test_a_table_that_is_put_into_an_older_run_which_had_none_is_refused(demo):
    """As an older version left none; whatever lies there now was sealed by nobody."""
    run = demo / "runs" / "demo" / str(BEFORE)
    put = run / "data" / "renumbered.parquet"
    put.write_bytes((run / "data" / "calls.parquet").read_bytes())
    last = demo / "runs" / "demo" / str(LAST) / "data" / "renumbered.parquet"
    last.write_bytes(put.read_bytes())
    assert refused(demo) == (f"{last}: must not be there (it was added); remove it",)
