"""The parts of a run that need no kernel."""

from __future__ import annotations

import datetime as dt
import doctest
import gzip
import importlib.util
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_project import MARCH, PARAMETERS, Project

from segcore import dates
from segcore.archive import Places
from segcore.errors import InputError, ParamsError
from segcore.kernels import kernel
from segcore.own_code import code_sha256
from segcore.params.file import load_study
from segcore.runner import identity, notebooks
from segcore.runner.preflight import check_space, preflight
from segcore.runner.ready import LASTING, RATES, STATISTICS, WRITING, imported_later


def problems(kind: type[Exception], call, *args, **options) -> tuple[str, ...]:
    with pytest.raises(kind) as caught:
        call(*args, **options)
    return caught.value.problems


def notebook(folder: Path, text: str) -> notebooks.Notebook:
    path = folder / "ingest.py"
    path.write_text(text)
    return notebooks.read_notebook(path)


class TestDates:
    def test_examples(self):
        assert doctest.testmod(dates).failed == 0

    @pytest.mark.parametrize(
        ("every", "expected"),
        [
            ("45 days", ["2024-01-31", "2024-03-16", "2024-04-30"]),
            ("2 weeks", ["2024-01-31", "2024-02-14", "2024-02-28", "2024-03-13", "2024-03-27", "2024-04-10",
                         "2024-04-24"]),
            ("1 month", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
            ("1 year", ["2024-01-31"]),
        ],
    )  # fmt: skip
    def test_dates_go_on_from_the_first_up_to_the_last(self, every, expected):
        found = dates.dates_between(dt.date(2024, 1, 31), dt.date(2024, 4, 30), every)
        assert [str(day) for day in found] == expected

    def test_one_day_is_a_range(self):
        assert dates.dates_between(MARCH, MARCH, "1 year") == [MARCH]

    @pytest.mark.parametrize("every", ["45 days", "1 month"])
    def test_the_calendar_has_an_end(self, every):
        last = dt.date(9999, 12, 1)
        assert dates.dates_between(last, dt.date.max, every) == [last]


class TestNotebooks:
    def test_a_notebook_says_what_it_declares(self, tmp_path):
        text = (
            PARAMETERS.replace("study:", "limit: int = 3\nnames = 'a'\nstudy:")
            + "import json, os.path\nfrom segcore import charts\nfrom segcore.engine import ENGINES\n"
            "# %%\n%matplotlib inline\n# %% [markdown]\n# import nothing\n"
        )
        read = notebook(tmp_path, text)
        assert read.name == "ingest"
        assert dict(read.declared) == {
            "limit": "int", "names": "str", "study": "str", "run_date": "str", "run_dir": "str",
            "previous_run_dir": "str", "data_dir": "str",
        }  # fmt: skip
        assert read.as_json()["metadata"]["kernelspec"]["name"] == "python3"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("# %%\nstudy: str = ''\n",
             'must have one cell "# %% {"tags": ["parameters"]}" (got 0); see docs/extending.md'),
            (PARAMETERS + PARAMETERS,
             'must have one cell "# %% {"tags": ["parameters"]}" (got 2); see docs/extending.md'),
            (PARAMETERS.replace('data_dir: str = ""\n', ""),
             'the parameters cell must declare data_dir: str = "…" (it does not)'),
            (PARAMETERS.replace('study: str = ""', "study: int = 1"),
             'the parameters cell must declare study: str = "…" (it does not)'),
            (PARAMETERS.replace('study: str = ""', 'study: str = ""\nday: date = None'),
             "the parameter day must be one of str, int, float, bool, list, dict (got date)"),
            (PARAMETERS.replace('study: str = ""', "study: str ="),
             "the parameters cell must be Python (line 1)"),
        ],
    )  # fmt: skip
    def test_a_parameters_cell_that_cannot_be_used_is_refused(self, tmp_path, text, problem):
        assert problems(ParamsError, notebook, tmp_path, text) == (f"{tmp_path}/ingest.py: {problem}",)

    def test_all_notebooks_that_are_missing_are_named(self, tmp_path):
        notebook(tmp_path, PARAMETERS)
        assert problems(ParamsError, notebooks.read_notebooks, tmp_path) == tuple(
            f"{tmp_path}/{name}.py: there must be a notebook in percent form (no such file)"
            for name in ("segment", "transitions", "report")
        )

    @pytest.mark.parametrize(
        ("kind", "given", "value"),
        [
            ("str", "007", "007"),
            ("int", "7", 7),
            ("int", 7, 7),
            ("float", "7", 7.0),
            ("float", 7, 7.0),
            ("bool", "true", True),
            ("list", "[1, 2]", [1, 2]),
            ("dict", '{"a": null}', {"a": None}),
        ],
    )
    def test_a_parameter_is_read_as_its_type(self, tmp_path, kind, given, value):
        read = notebook(tmp_path, PARAMETERS.replace("study:", f"mine: {kind} = None\nstudy:"))
        (found,) = notebooks.own_parameters([read], {"mine": given}).values()
        assert found == value and type(found) is type(value)

    @pytest.mark.parametrize(
        ("kind", "given", "wanted"),
        [
            ("int", "7.5", "a whole number"),
            ("int", True, "a whole number"),
            ("bool", "yes", "true or false"),
            ("str", 7, "text"),
            ("list", '"a"', "a list"),
        ],
    )
    def test_a_parameter_of_another_type_is_refused(self, tmp_path, kind, given, wanted):
        read = notebook(tmp_path, PARAMETERS.replace("study:", f"mine: {kind} = None\nstudy:"))
        assert problems(ParamsError, notebooks.own_parameters, [read], {"mine": given}) == (
            f"-P mine must be {wanted}, as the notebook declares it (got {given!r})",
        )

    def test_an_unknown_parameter_is_told_with_those_that_there_are(self, tmp_path):
        plain = notebook(tmp_path, PARAMETERS)
        assert problems(ParamsError, notebooks.own_parameters, [plain], {"studi": "x"}) == (
            "-P studi must be a parameter of a notebook; the notebooks have none of their own",
        )
        own = notebook(tmp_path, PARAMETERS.replace("study:", "top: int = 3\nstudy:"))
        assert problems(ParamsError, notebooks.own_parameters, [own], {"size": "x"}) == (
            "-P size must be a parameter of a notebook; there are top",
        )


class TestIdentity:
    OLD = {  # noqa: RUF012
        "inputs": [{"name": "a.csv", "sha256": "1"}, {"name": "b.csv", "sha256": "2"}],
        "params": {"title": "A", "variables": {"recency": {"classes": 5}}},
        "rules": {"2": "Good,2", "3": "Bad,*"},
        "parameters": {},
        "accepted": {},
        "beside": [],
        "notebooks": {"ingest": "1"},
        "code": "abcdefgh1",
        "packages": {"duckdb": "2.0.0"},
        "python": "3.11.7",
        "model": {"from": "2025-03-01", "origin": "run", "sha256": "abcdefgh1"},
        "previous": {"run_date": "2025-03-01", "manifest_sha256": "1"},
    }

    @pytest.mark.parametrize(
        ("part", "new", "told"),
        [
            ("inputs", [{"name": "b.csv", "sha256": "3"}, {"name": "c.csv", "sha256": "4"}],
             "inputs differ: b.csv has other content, c.csv is new, a.csv is gone"),
            ("inputs", OLD["inputs"][::-1], "inputs differ: their order"),
            ("params", {"title": "A", "variables": {"recency": {"classes": 4}, "years": {}}},
             "params differ: variables.recency.classes was 5, is 4, variables.years is new"),
            ("rules", {"2": "Good,1", "4": "Bad,*"}, "rules differ: lines 2, 3, 4"),
            ("parameters", {"limit": 3}, "parameters differ: limit is new"),
            ("accepted", {"shrunk": "Two branches closed."}, "accepted differ: shrunk is new"),
            ("beside", ["more.csv"], "beside differ: more.csv is new"),
            ("notebooks", {"ingest": "2"}, "notebooks differ: ingest was changed"),
            ("code", "ijklmnop1", "code differs: was abcdefgh, is ijklmnop"),
            ("packages", {"duckdb": "2.0.1"}, "packages differ: duckdb was 2.0.0, is 2.0.1"),
            ("python", "3.12.0", "python differs: was 3.11.7, is 3.12.0"),
            ("model", {"from": None, "origin": "this run", "sha256": None},
             "model differs: was abcdefgh, is its own"),
            ("previous", {"run_date": "2025-03-01", "manifest_sha256": "2"},
             "previous differs: the run of 2025-03-01 was made again"),
            ("previous", {"run_date": "2025-04-01", "manifest_sha256": "2"},
             "previous differs: was 2025-03-01, is 2025-04-01"),
            ("previous", None, "previous differs: was 2025-03-01, is none"),
        ],
    )  # fmt: skip
    def test_every_part_that_differs_is_told_and_changes_the_fingerprint(self, part, new, told):
        other = {**self.OLD, part: new}
        assert identity.differences(self.OLD, other) == [identity.Difference(part, told)]
        assert identity.fingerprint(other) != identity.fingerprint(self.OLD)

    def test_a_run_that_recorded_no_accepted_gates_and_files_beside_had_none(self):
        before = {part: value for part, value in self.OLD.items() if part not in ("accepted", "beside")}
        assert identity.differences(before, self.OLD) == []

    def test_where_a_model_was_found_makes_no_difference(self):
        other = {**self.OLD, "model": {**self.OLD["model"], "origin": "fitted-as-of"}}
        assert identity.differences(self.OLD, other) == []
        assert identity.fingerprint(other) == identity.fingerprint(self.OLD)

    def test_what_is_installed_is_part_of_it(self):
        assert identity.packages()["duckdb"] == __import__("duckdb").__version__
        assert "pytest" not in identity.packages()
        assert len(code_sha256()) == 64


class TestPreflight:
    def test_paths_are_given_as_seen_from_the_project(self, tmp_path):
        project = Project(tmp_path / "project")
        setup = preflight(load_study(project.study), b"", root=project.root, parameters={})
        assert setup.from_root(project.study) == "params/acme.yaml"
        assert setup.from_root(setup.data_dir) == "data"
        assert setup.from_root(Path("/elsewhere/data")) == "/elsewhere/data"

    @pytest.fixture
    def one_disk(self, tmp_path, monkeypatch):
        """A disk with 300 MB free, which holds the project and temporary files."""
        usage = shutil.disk_usage(tmp_path)._replace(free=300_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr(tempfile, "tempdir", None)
        return Places(tmp_path, "acme")

    def test_a_disk_without_room_is_told_before_any_work(self, one_disk, tmp_path):
        plain = tmp_path / "sales.csv"
        with plain.open("wb") as file:
            file.truncate(22_000_000)
        check_space(one_disk, [plain])
        assert problems(InputError, check_space, one_disk, [plain, plain]) == (
            f"{tmp_path}: the disk must have 386 MB free for a run (got 300 MB); free some space",
        )

    def test_packed_extracts_need_the_room_of_their_contents_whatever_they_say(self, one_disk, tmp_path):
        packed = tmp_path / "sales.csv.gz"
        packed.write_bytes(gzip.compress((bytes(999_999) + b"\n") * 200, 1)[:-4] + bytes(4))
        (told,) = problems(InputError, check_space, one_disk, [packed])
        assert told.startswith(f"{tmp_path}: the disk must have ")
        assert packed.stat().st_size < 1_000_000

    def test_every_disk_that_is_written_is_measured(self, tmp_path, monkeypatch):
        """Runs are written where ``runs`` leads, and not where the project lies."""
        shared = Path("/dev/shm") if Path("/dev/shm").is_dir() else tmp_path
        elsewhere = Path(tempfile.mkdtemp(dir=shared))
        (tmp_path / "runs").symlink_to(elsewhere)
        asked = {}
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(
            shutil, "disk_usage", lambda path: asked.update({path.resolve(): path.stat().st_dev}) or usage
        )
        try:
            check_space(Places(tmp_path, "acme"), [])
        finally:
            elsewhere.rmdir()
        assert elsewhere.resolve() in asked
        assert set(asked.values()) >= {tmp_path.stat().st_dev, shared.stat().st_dev}


def test_kernels_see_nothing_of_the_users_own_settings(tmp_path):
    made = kernel.environment(
        {"HOME": "/home/me", "PYTHONSTARTUP": "mine.py", "IPYTHONDIR": "mine", "SEGCORE_CHARTS": "off"},
        tmp_path,
    )
    assert made == {
        "HOME": "/home/me",
        "IPYTHONDIR": f"{tmp_path}/ipython",
        "TMPDIR": f"{tmp_path}/tmp",
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "SEGCORE_CHARTS": "specification",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


@pytest.mark.parametrize(
    ("runs", "followups", "expected"),
    [
        (1, False, WRITING),
        (2, False, (*WRITING, *RATES)),
        (3, False, (*WRITING, *RATES, *LASTING)),
        (1, True, (*WRITING, *STATISTICS)),
        (9, True, (*WRITING, *RATES, *LASTING, *STATISTICS)),
    ],
)
def test_what_is_imported_ahead_is_what_the_runs_of_the_study_need(runs, followups, expected):
    study = SimpleNamespace(sources=SimpleNamespace(followups=followups))
    assert imported_later(study, runs) == expected
    assert all(importlib.util.find_spec(name) for name in expected)
