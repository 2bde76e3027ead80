"""The dashboard of a study follows what is published."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

from segcore import archive
from segcore.archive import dashboards

STEP = archive.AFTER["dashboard"]


def published(root: Path, *dates: str) -> archive.Places:
    """A study with runs that nothing but their manifests can be read of."""
    places = archive.Places(root, "acme")
    for date in dates:
        (places.runs / date).mkdir(parents=True)
        (places.runs / date / "manifest.json").write_text(f'"{date}"')
    return places


def test_a_study_without_runs_has_no_dashboard(tmp_path):
    places = published(tmp_path)
    assert STEP.missing(places) == []
    assert STEP.do(places) == []
    assert not places.reports.exists()


def test_it_is_written_once_and_again_when_a_run_is_published(tmp_path):
    places = published(tmp_path, "2025-02-19")
    path = dashboards.path_of(places)
    assert STEP.missing(places) == [path]
    assert STEP.do(places) == []
    assert STEP.missing(places) == []
    first = path.read_bytes()
    published(tmp_path, "2025-04-05")
    assert STEP.missing(places) == [path]
    STEP.do(places)
    assert STEP.missing(places) == []
    assert path.read_bytes() != first


def test_a_run_that_is_made_again_or_withdrawn_makes_it_anew(tmp_path):
    places = published(tmp_path, "2025-02-19", "2025-04-05")
    path = dashboards.path_of(places)
    STEP.do(places)
    both = path.read_bytes()
    (places.runs / "2025-04-05" / "manifest.json").write_text('"made again"')
    assert STEP.missing(places) == [path]
    STEP.do(places)
    (places.runs / "2025-04-05").rename(places.runs / ".superseded")
    assert STEP.missing(places) == [path]
    STEP.do(places)
    one = path.read_bytes()
    (places.runs / ".superseded").rename(places.runs / "2025-04-05")
    (places.runs / "2025-04-05" / "manifest.json").write_text('"2025-04-05"')
    STEP.do(places)
    assert path.read_bytes() == both != one


def test_with_the_last_run_the_dashboard_goes(tmp_path):
    places = published(tmp_path, "2025-02-19")
    STEP.do(places)
    (places.runs / "2025-02-19").rename(places.runs / ".withdrawn")
    assert STEP.missing(places) == [dashboards.path_of(places)]
    STEP.do(places)
    assert STEP.missing(places) == []
    assert list(places.reports.iterdir()) == []


def test_an_edited_one_is_kept_aside_and_told(tmp_path):
    places = published(tmp_path, "2025-02-19")
    STEP.do(places)
    path = dashboards.path_of(places)
    ours = path.read_text(encoding="utf-8")
    path.write_text(ours.replace("acme", "ACME"), encoding="utf-8")
    assert dashboards.edited(places) == [
        f"{path}: must be as it was written (it was edited); a right one is written in its place"
    ]
    assert STEP.missing(places) == [path]
    kept = places.edited / "dashboard.html"
    assert STEP.do(places) == [
        f"{path}: was edited; it is kept as {kept}, and the published one is there again"
    ]
    assert path.read_text(encoding="utf-8") == ours
    assert "ACME" in kept.read_text(encoding="utf-8")
    assert dashboards.edited(places) == []


def test_other_code_makes_it_anew(tmp_path, monkeypatch):
    places = published(tmp_path, "2025-02-19")
    STEP.do(places)
    monkeypatch.setattr("segcore.dashboard.page._code", lambda: "another segcore")
    assert STEP.missing(places) == [dashboards.path_of(places)]


ASKS = """\
import sys
from pathlib import Path

import segcore

package = Path(sys.argv[1])
assert Path(segcore.__file__).parent == package
from segcore import own_code
from segcore.dashboard import kit, page


def told():
    for cached in (page._code, own_code.code_sha256, kit.made_by):
        cached.cache_clear()
    return page._code(), kit.made_by()


for name in sys.argv[2:]:
    before, path = told(), package / name
    kept = path.read_bytes()
    path.write_bytes(kept + b"\\n")
    print(name, *(one != other for one, other in zip(before, told())))
    path.write_bytes(kept)
    assert told() == before
"""
"""Changes each file in turn, in a copy of segcore; says whether page and library are to be made anew."""


def test_every_file_that_the_page_is_made_of_makes_it_anew_and_few_do_so_with_its_library(tmp_path):
    package = tmp_path / "segcore"
    shutil.copytree(ROOT / "segcore", package, ignore=shutil.ignore_patterns("__pycache__"))
    (template,), (fragments,) = (list(package.rglob(name)) for name in ("dashboard.html.j2", "fragments.css"))
    of_page = [
        *(str(path.relative_to(package)) for path in (template, fragments)),
        *("dashboard/page.css", "dashboard/page.js", "dashboard/tables.py", "spelling.py"),
        *("sentences/en/dashboard.py", "sentences/de/two_runs.py"),
    ]
    of_library = ["dashboard/specs.py", "dashboard/kit.py", "charts/theme.py", "charts/colours.py"]
    told = subprocess.run(
        [sys.executable, "-c", ASKS, str(package), *of_page, *of_library],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines() == [
        *(f"{name} True False" for name in of_page),
        *(f"{name} True True" for name in of_library),
    ]
