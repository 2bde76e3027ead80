"""Gates that a run passes once: what is recorded, what is another run, and what uses it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import APRIL, JUNE, MARCH, Project

from segcore import archive, review
from segcore.errors import ArchiveError, StageError

pytestmark = pytest.mark.slow

GATED = """\
# %%
from segcore import sources, tables
from segcore.engine import ENGINES
from segcore.params.file import parse_run_date

the_study = archive.study_of(here, study)
engine = ENGINES["duckdb"]()
extracts = sources.staged(the_study, Path(data_dir), here)
sources.ingest(engine, the_study, parse_run_date(run_date), extracts, here.parent / "inputs")
sources.stop_at(sources.check_gates(engine, the_study, extracts, previous_run_dir, run_dir=here))
tables.save(engine, here, "transactions", "gates")
engine.close()
"""
ACCEPTED = {"quarantine": "the old system wrote no market"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A study one in five records of which lacks its market."""
    made = Project(tmp_path / "project", {"ingest": GATED})
    path = made.root / "data" / "sales.csv"
    head, *lines = path.read_text().splitlines()
    bad = [line.replace(",M0,", ",,") if n % 5 == 0 else line for n, line in enumerate(lines)]
    path.write_text("\n".join([head, *bad, ""]))
    return made


def run_json(project: Project, date: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((project.runs / date / "run.json").read_text())
    return found


def test_a_gate_stops_a_run_unless_it_is_accepted(project: Project) -> None:
    with pytest.raises(StageError) as caught:
        project.run(MARCH)
    assert "or pass it once with --accept transactions.quarantine --because TEXT" in caught.value.problems[0]
    assert project.published() == []
    project.run(MARCH, accepted=ACCEPTED)
    assert run_json(project, "2025-03-01")["accepted"] == ACCEPTED
    assert archive.open_run(project.runs / "2025-03-01").manifest["accepted"] == ACCEPTED


def test_another_acceptance_is_another_run(project: Project) -> None:
    project.run(MARCH, accepted=ACCEPTED)
    assert project.run(MARCH).status == "unchanged"
    with pytest.raises(ArchiveError) as caught:
        project.run(MARCH, accepted={"quarantine": "whatever"})
    assert caught.value.problems[0] == (
        "acme 2025-03-01: accepted differ: quarantine was 'the old system wrote no market', is 'whatever'"
    )


def test_what_was_accepted_once_does_not_hold_for_other_extracts(project: Project) -> None:
    project.run(MARCH, accepted=ACCEPTED)
    with pytest.raises(StageError):
        project.run(MARCH, force=True)


def test_a_stale_run_is_made_again_with_what_it_accepted(project: Project) -> None:
    project.run(JUNE, accepted=ACCEPTED)
    project.run(MARCH, accepted={"quarantine": "another reason"})
    project.backfill(JUNE, JUNE)
    assert run_json(project, "2025-05-30")["accepted"] == ACCEPTED


def test_a_backfill_accepts_for_what_is_not_published(project: Project) -> None:
    project.run(MARCH, accepted=ACCEPTED)
    project.backfill(MARCH, APRIL, accepted={"transactions.quarantine": "again"})
    assert run_json(project, "2025-03-01")["accepted"] == ACCEPTED
    assert run_json(project, "2025-04-15")["accepted"] == {"transactions.quarantine": "again"}


def test_a_file_that_nobody_reads_is_a_gate_of_the_run_and_of_its_repetition(tmp_path: Path) -> None:
    """It was printed and published, and a repetition could not know of it."""
    project = Project(tmp_path / "project", {"ingest": GATED})
    stop = "    gates: {unmatched_file: {stop: 0 %}}\n    columns:"
    project.study.write_text(project.study.read_text().replace("    columns:", stop, 1))
    other = project.root / "data" / "more_sales.csv"
    other.write_text("customer\n")
    with pytest.raises(StageError) as caught:
        project.run(MARCH)
    assert (
        "transactions: every file beside the extracts must belong to a source (no pattern matches "
        "more_sales.csv); mend files:"
    ) in caught.value.problems[0]
    project.run(MARCH, accepted={"unmatched_file": "an old copy"})
    other.unlink()
    assert run_json(project, "2025-03-01")["beside"] == ["more_sales.csv"]
    assert project.run(MARCH).status == "unchanged"
    assert review.repeat(project.runs / "2025-03-01", root=project.root).same
