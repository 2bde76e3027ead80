"""What is past the retention of a study: listed first, removed when that is said, and all else holds."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from small_archive import kept_input, make
from small_project import APRIL, JUNE, MARCH, REAL_SEGMENT, Project
from typer.testing import CliRunner

from segcore import archive, cli, keeping, review
from segcore.archive.gone_pages import is_one
from segcore.archive.ledger import read_ledger
from segcore.errors import ArchiveError, ParamsError, SegcoreError, UsageError
from segcore.privacy import retention

TODAY = dt.date(2025, 5, 31)
"""A month and a half before it lies the 16th of April: the runs of March and of the 15th have expired."""

KEPT = "retention: 45 days\n"
SECRET = "a-secret-that-is-long-enough-0123456789"


def keep(project: Project, line: str = KEPT) -> None:
    project.study.write_text(line + project.study.read_text())


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> Project:
    """Three runs, each made before the next delivery; the first two have expired."""
    project = Project(tmp_path_factory.mktemp("history") / "project")
    keep(project)
    for customers, date in ((10, MARCH), (11, APRIL), (12, JUNE)):
        project.deliver(customers)
        project.run(date)
    return project


@pytest.fixture
def project(history, tmp_path) -> Project:
    """A copy of it."""
    import shutil

    root = tmp_path / "project"
    shutil.copytree(history.root, root, symlinks=True)
    copy = Project.__new__(Project)
    copy.root, copy.runs, copy.study = root, root / "runs" / "acme", root / "params" / "acme.yaml"
    return copy


def told(project: Project, *, remove: bool = False, today: dt.date = TODAY) -> list[str]:
    return list(retention.expired(project.root, "acme", today, remove=remove))


def command(project: Project, *arguments: str) -> list[str]:
    """The lines that a command says, which succeeds and tells nothing on stderr."""
    with chdir(project.root):
        done = CliRunner().invoke(cli.app, arguments)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.splitlines()


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def inputs(project: Project) -> dict[str, int]:
    return {path.name: path.read_text().count("\n") for path in (project.runs / "inputs").glob("*.csv")}


def test_what_was_made_of_inputs_is_not_listed_before_anything_has_expired(project):
    (project.runs / "inputs" / "parsed").mkdir(exist_ok=True)
    cached = project.runs / "inputs" / "parsed" / f"{'0' * 64}.parquet"
    cached.write_text("of a format that the study had before")
    os.utime(cached, (0, 0))
    assert told(project, today=MARCH) == ["nothing is past its retention"]
    assert any("inputs/parsed: " in line for line in told(project))


class TestTheCommand:
    def test_it_lists_first_what_it_would_remove_and_removes_it_when_told_so(self, project):
        before, places = files(project.root), archive.Places(Path(), "acme")
        lines = command(project, "prune", "acme", "--expired", "--today", str(TODAY))
        why = "a run with its report, past the retention of 45 days"
        assert [line.split(": ", 1)[0] for line in lines[:2]] == [
            str(places.published(date)) for date in (MARCH, APRIL)
        ]
        assert all(line.endswith(f" MB, {why}") for line in lines[:2])
        assert [line.rsplit(", ", 1)[1] for line in lines[2:4]] == ["no run that stays names it"] * 2
        assert lines[-1] == "0.4 MB can be removed; to remove all of it, say --yes"
        assert files(project.root) - before <= {"runs/acme/.lock"}

        removed = command(project, "prune", "acme", "--expired", "--today", str(TODAY), "--yes")
        assert (removed[:-1], removed[-1]) == (lines[:-1], "removed 0.4 MB")
        assert project.published() == [str(JUNE)]
        left = files(project.root)
        there = [name for name in left if str(MARCH) in name or str(APRIL) in name]
        assert there == [f"reports/acme/{APRIL}/report.html"]
        page = (project.root / there[0]).read_text()
        assert "This report was removed on 31 May 2025" in page.replace("\xa0", " ")
        assert len(inputs(project)) == 1
        entries = [entry for entry in read_ledger(project.runs).entries if entry.event == "expired"]
        assert [(entry.run_date, entry.new, entry.on) for entry in entries] == [
            (str(MARCH), None, str(TODAY)),
            (str(APRIL), None, str(TODAY)),
            (None, None, str(TODAY)),
            (None, None, str(TODAY)),
        ]
        assert command(project, "prune", "--expired", "--today", str(TODAY)) == [
            "nothing is past its retention"
        ]
        for arguments in (("verify", "acme"), ("list", "acme"), ("status", "acme", "--today", str(TODAY))):
            assert "stale" not in " ".join(command(project, *arguments))

    def test_status_says_that_something_is_past_it(self, project):
        lines = command(project, "status", "acme", "--today", str(TODAY))
        assert (
            lines[-1] == "expired     2 runs are past the retention of 45 days: segcore prune acme --expired"
        )
        lines = command(project, "status", "acme", "--today", str(APRIL))
        assert not [line for line in lines if line.startswith("expired")]
        lines = command(project, "status", "acme", "--json", "--today", str(TODAY))
        assert json.loads("".join(lines))["expired"] == [str(MARCH), str(APRIL)]

    def test_a_study_must_say_how_long(self, project):
        project.study.write_text(project.study.read_text().removeprefix(KEPT))
        done = subprocess.run(
            [sys.executable, "-m", "segcore", "prune", "acme", "--expired"],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "segcore: params/acme.yaml: must say how long runs are kept (it does not); add a line like "
            "retention: 36 months\n"
        )
        with pytest.raises(ParamsError):
            list(retention.expired(project.root, None, TODAY, remove=True))
        assert len(project.published()) == 3

    @pytest.mark.parametrize("more", [["--failed"], ["--inputs"], ["--superseded"], ["--older-than", "3m"]])
    def test_it_stands_alone(self, project, monkeypatch, more):
        monkeypatch.chdir(project.root)
        done = CliRunner().invoke(cli.app, ["prune", "acme", "--expired", *more])
        assert isinstance(done.exception, UsageError)
        assert str(done.exception).startswith("--expired must stand alone")

    def test_a_day_more_and_the_run_stays(self, project):
        day = APRIL + dt.timedelta(days=45)
        assert any(str(APRIL) in line for line in told(project, today=day + dt.timedelta(days=1)))
        assert not any(str(APRIL) in line for line in told(project, today=day))


class TestWhatGoes:
    def test_all_of_such_dates_goes_and_nothing_else(self, project):
        places = archive.Places(project.root, "acme")
        keeping.withdraw("acme/2025-04-15", keeping.Decision(TODAY, "wrong"), root=project.root)
        project.run(MARCH, force=True)
        old = (dt.datetime(2025, 3, 1)).timestamp()
        for kind in (".failed", ".dry-run"):
            for date in (MARCH, JUNE):
                (project.runs / kind / str(date)).mkdir(parents=True)
                (project.runs / kind / str(date) / "mail.eml").write_text("K01")
        for date in (MARCH, JUNE):
            place = project.root / "runs" / ".scratch" / "open" / "acme" / str(date)
            place.mkdir(parents=True)
            (place / "run.json").write_text('{"study": "acme"}')
        foreign = project.root / "runs" / ".scratch" / "open" / "acne" / str(MARCH)
        foreign.mkdir(parents=True)
        (places.reports / str(MARCH) / "notes.txt").write_text("K01")
        (places.edited / str(MARCH)).mkdir(parents=True)
        (places.edited / str(MARCH) / "report.html").write_text("K01")
        private = places.reports / "for" / ("ab" * 20) / ".edited"
        private.mkdir(parents=True)
        for name, age in (("old.html", old), ("new.html", None)):
            for folder in (private, places.edited):
                (folder / name).write_text("K01")
                if age:
                    os.utime(folder / name, (age, age))

        said = told(project)
        assert not any("ab" * 20 in line for line in said)
        assert told(project, remove=True)[:-1] == said[:-1]
        left = files(project.root / "runs") | files(project.root / "reports")
        left.remove(f"acme/{APRIL}/report.html")  # says that it was removed
        assert not [name for name in left if str(MARCH) in name or str(APRIL) in name or "old" in name]
        assert foreign.is_dir()
        for kept in (".failed", ".dry-run"):
            assert (project.runs / kept / str(JUNE) / "mail.eml").exists()
        assert {path.name for path in places.edited.iterdir()} == {"new.html"}
        assert {path.name for path in private.iterdir()} == {"new.html"}
        assert len(inputs(project)) == 1
        assert not list(places.runs.rglob(".segcore-*"))
        archive.verify_all(project.root / "runs")
        assert [run.withdrawn for run in archive.list_runs(project.root / "runs")] == [""]

    def test_an_input_for_the_next_run_stays(self, project):
        project.deliver(20)
        project.write_notebook("segment", "# %%\n1 / 0\n")
        with pytest.raises(SegcoreError):
            project.run(dt.date(2025, 7, 14))
        assert sorted(inputs(project).values())[-1] == 211
        told(project, remove=True)
        assert sorted(inputs(project).values()) == [79, 211]

    def test_an_input_that_a_superseded_run_names_stays_with_it(self, project):
        project.deliver(9)
        project.run(JUNE, force=True)
        told(project, remove=True)
        assert sorted(inputs(project).values()) == [46, 79]

    def test_mails_of_such_runs_go(self, project):
        from small_mail import NOW, mail

        from segcore.mail.outbox import Outbox

        path = project.runs / "outbox.sqlite"
        with Outbox.open(path, make=True) as outbox:
            mails = [mail(run=str(date)) for date in (MARCH, APRIL, JUNE)]
            outbox.add(mails, (), NOW)
        assert f"{path}: 0.0 MB, what is known of 2 mails, past the retention of 45 days" in told(project)
        told(project, remove=True)
        with Outbox.open(path) as outbox:
            assert [entry.run for entry in outbox.log()] == [str(JUNE)]
        raw = path.read_bytes()
        assert str(MARCH).encode() not in raw and str(JUNE).encode() in raw

    def test_runs_that_are_damaged_or_gone_go_too(self, project):
        import shutil

        shutil.rmtree(project.runs / str(MARCH))
        damaged = project.runs / str(APRIL) / "manifest.json"
        damaged.chmod(0o644)
        damaged.write_text("{")
        lines = told(project, remove=True)
        assert lines[0].endswith("a run that is gone already with its report, past the retention of 45 days")
        assert project.published() == [str(JUNE)]
        assert not list((project.root / "reports" / "acme").glob("2025-03*"))
        archive.verify_all(project.root / "runs")

    def test_without_knowing_what_a_run_that_stays_names_nothing_goes(self, project):
        damaged = project.runs / str(JUNE) / "manifest.json"
        damaged.chmod(0o644)
        damaged.write_text("{")
        with pytest.raises(ArchiveError, match="nobody knows which inputs those runs name"):
            told(project, remove=True)
        assert len(project.published()) == 3


class TestWhatStaysHolds:
    def test_nothing_is_stale_and_nothing_is_made_again(self, project):
        told(project, remove=True)
        assert archive.stale_dates(archive.Places(project.root, "acme")) == []
        assert [run.stale for run in archive.list_runs(project.root / "runs")] == [""]
        assert project.run(JUNE).status == "unchanged"
        dashboard = (project.root / "reports" / "acme" / "dashboard.html").read_text()
        assert "stale" not in dashboard

    def test_a_history_does_not_bring_them_back(self, project):
        told(project, remove=True)
        result = project.backfill(MARCH, JUNE)[-1]
        assert project.published() == [str(JUNE)]
        assert f"acme {MARCH}: has expired and stays so; " in " ".join(result.advice)

    def test_who_makes_the_earliest_one_again_is_told_what_it_loses(self, project):
        told(project, remove=True)
        project.write_notebook("transitions", "# %%\n2\n")
        with pytest.raises(ArchiveError, match="notebooks differ"):
            project.run(JUNE)
        result = project.run(JUNE, force=True)
        assert (
            f"warning: acme {JUNE}: the one before was compared with the run of {APRIL}, which has expired; "
            f"this one is a first run, without moves; the other one is kept in {project.runs}/.superseded"
        ) in result.advice
        archive.verify_all(project.root / "runs")

    def test_it_cannot_be_repeated_and_says_why(self, project):
        told(project, remove=True)
        with pytest.raises(ArchiveError) as caught:
            review.repeat(project.runs / str(JUNE), root=project.root)
        assert str(caught.value) == (
            f"{project.runs}/{JUNE}: the runs before it must be there to repeat it (those of {MARCH}, "
            f"{APRIL} have expired); it holds all the same, and segcore verify says whether it is as it was "
            "sealed"
        )

    def test_its_date_can_be_made_anew(self, project):
        told(project, remove=True)
        made = project.run(APRIL)
        assert made.advice[0].startswith(f"acme: stale, for a run before changed: {JUNE}")
        report = project.root / "reports" / "acme" / str(APRIL) / "report.html"
        assert report.read_bytes() == (made.run_dir / "report" / "report.html").read_bytes()
        assert not (project.root / "reports" / "acme" / ".edited").exists()

    def test_it_can_be_opened(self, project):
        told(project, remove=True)
        opened = review.open_copy(project.runs / str(JUNE), root=project.root)
        assert "has expired; transitions and report will differ" in opened.advice[0]
        place = opened.place
        assert archive.earlier_runs(place, str(project.runs / str(APRIL))) == []

    def test_the_run_after_the_next_is_compared_with_what_is_left(self, project):
        told(project, remove=True)
        made = project.run(dt.date(2025, 7, 14))
        assert archive.open_run(made.run_dir).manifest["previous"]["run_date"] == str(JUNE)
        assert not [advice for advice in made.advice if "gone" in advice or "stale" in advice]


class TestTheBreaksThatAreKept:
    def test_a_run_with_breaks_that_no_other_holds_stays(self, tmp_path):
        project = Project(tmp_path / "project", {"segment": REAL_SEGMENT}, "{policy: keep, from: 2025-03-01}")
        keep(project)
        project.run(MARCH)
        assert told(project, remove=True) == [
            f"{project.runs}/{MARCH}: stays, for no later run holds the breaks that breaks.from names; it "
            "can go when a run was made with them, or when acme.yaml names another date",
            "nothing is past its retention",
        ]
        assert project.published() == [str(MARCH)]
        project.run(JUNE)
        model = (project.runs / str(JUNE) / "kept_model.json").read_bytes()
        told(project, remove=True)
        assert project.published() == [str(JUNE)]

        project.deliver(5)  # fitted anew the breaks would be others
        made = project.run(dt.date(2025, 7, 14))
        assert (made.run_dir / "kept_model.json").read_bytes() == model
        assert archive.open_run(made.run_dir).manifest["model"]["origin"] == "run"
        assert not [advice for advice in made.advice if "fitted anew" in advice]
        assert project.run(JUNE).status == "unchanged"

        for date in (JUNE, dt.date(2025, 7, 14)):
            keeping.withdraw(f"acme/{date}", keeping.Decision(TODAY, "wrong"), root=project.root)
        made = project.run(dt.date(2025, 8, 28))
        assert any("no published run holds its breaks; they were fitted anew" in told for told in made.advice)


class TestCutOff:
    """A command that was killed between any two steps is finished by the next one."""

    @pytest.mark.parametrize("step", range(1, 12))
    def test_at_any_step(self, tmp_path, monkeypatch, step):
        places = archive.Places(tmp_path, "acme")
        (tmp_path / "params").mkdir()
        study = Project(tmp_path / "other").study
        (tmp_path / "params" / "acme.yaml").write_text(KEPT + study.read_text())
        entries = [{**kept_input(places, str(date)), "source": "x"} for date in (MARCH, JUNE)]
        for date, entry in zip((MARCH, JUNE), entries, strict=True):
            make(places, date, inputs=[entry])
        archive.finish(places)

        class KilledError(BaseException):
            pass

        done = iter(range(100))

        def dying(function):
            def call(*args, **kwargs):
                if next(done) == step:
                    raise KilledError
                return function(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            from segcore import pruning
            from segcore.archive import expiring

            for module, name in (
                (expiring, "record"), (expiring, "move"), (expiring, "remove"),
                (pruning, "remove"), (archive, "record"), (archive, "finish"),
            ):  # fmt: skip
                patch.setattr(module, name, dying(getattr(module, name)))
            with pytest.raises(KilledError):
                for _ in range(3):
                    list(retention.expired(tmp_path, "acme", TODAY, remove=True))
        archive.verify_all(tmp_path / "runs")
        there = places.published(MARCH).exists()
        report = places.reports / str(MARCH) / "report.html"
        assert there != is_one(report) and report.exists()
        assert there == (read_ledger(places.runs).standing(MARCH) is not None)
        list(retention.expired(tmp_path, "acme", TODAY, remove=True))
        left = files(tmp_path / "runs") | files(tmp_path / "reports")
        assert [name for name in left if str(MARCH) in name] == [f"acme/{MARCH}/report.html"]
        assert [path.read_text() for path in places.inputs.glob("*.csv")] == [str(JUNE)]
        archive.verify_all(tmp_path / "runs")
