"""What a user gets by ``pip install segcore``: the built wheel in a fresh environment and an empty folder."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from segcore import own_code
from segcore.demo import RUN_DATES, write_demo

ROOT = Path(__file__).resolve().parents[1]
VERSION = metadata.version("segcore")
SOURCES = ("segcore", "notebooks", "params", "docs")
PAGES = ("pyproject.toml", "README.md", "LICENSE", "runs/README.md", "reports/README.md")
LAST = RUN_DATES[-1].isoformat()

pytestmark = pytest.mark.slow


def pip(*words: str | Path) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and a project that ``segcore new`` wrote."""

    programs: Path
    project: Path

    def run(self, *words: str, at: Path | None = None, program: str = "segcore") -> str:
        """What a command prints, run in the project or in a folder of it."""
        hidden = ("PYTHONPATH", "SEGCORE_DATA_DIR")
        environment = {k: v for k, v in os.environ.items() if k not in hidden}
        command = [str(self.programs / program), *words]
        done = subprocess.run(
            command, cwd=at or self.project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        return self.run("-c", code, program="python").strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources, for building writes beside them."""
    copy = tmp_path_factory.mktemp("sources")
    unwanted = shutil.ignore_patterns("__pycache__", "*.ipynb", ".ipynb_checkpoints")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=unwanted)
    for name in PAGES:
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", copy / "dist", copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own, which borrows the packages that segcore needs."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / ".venv", symlinks=True)
    programs = folder / ".venv" / "bin"
    pip("--python", programs / "python", "install", "--no-deps", "--no-index", "--no-compile", wheel)
    (packages,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    # Folders named in a .pth file come last, and their own .pth files do not count: segcore is the wheel's.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / ".venv" / "share").mkdir(exist_ok=True)
    (folder / ".venv" / "share" / "jupyter").symlink_to(Path(sys.prefix) / "share" / "jupyter")
    (folder / "my segments").mkdir()
    there = Installed(programs, folder / "my segments")
    assert there.run("new", ".").splitlines()[-1] == "segcore demo"
    return there


def test_it_is_the_wheel_that_runs_with_the_code_of_this_checkout(installed):
    place = installed.python("import segcore; print(segcore.__file__)")
    assert Path(place).is_relative_to(installed.programs.parent)
    code = "from segcore import own_code; print(own_code.code_sha256())"
    assert installed.python(code) == own_code.code_sha256()
    assert installed.run("--version") == f"segcore {VERSION}\n"


def test_the_projects_notebooks_are_those_of_the_package(installed):
    assert installed.run("new", ".") == f".: its notebooks and docs are those of segcore {VERSION}\n"
    for stage in ("ingest", "segment", "transitions", "report"):
        name = f"notebooks/{stage}.py"
        assert (installed.project / name).read_bytes() == (ROOT / name).read_bytes()


def test_runs_of_the_demo_are_made_from_any_folder_and_are_the_same_from_each(installed):
    """The command `segcore demo`, with few customers and one date."""
    here = installed.project / "data" / "demo"
    write_demo(here, customers=300)
    told = installed.run("backfill", "demo", "--from", LAST, "--to", LAST, at=here)
    assert told.splitlines()[-1] == "../../reports/index.html"
    assert (here / told.splitlines()[-1]).is_file()
    again = installed.run("run", "params/demo.yaml", "--date", LAST, "--json")
    assert json.loads(again)["status"] == "unchanged"
    for entry in json.loads(installed.run("list", "demo", "--json", at=here)):
        assert (here / entry["report"]).is_file()
    lines = installed.run("verify", "demo", at=here).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"../../runs/demo/{LAST}"]


def test_a_first_study_runs_with_the_command_that_init_prints(installed):
    here = installed.project / "data" / "acme"
    here.mkdir(parents=True)
    lines = ["customer;order;date;market;amount"]
    for i in range(60):
        for k in range(1 + i % 7):
            day = f"2025-{1 + (i * 5 + k * 3) % 12:02}-{1 + (i * 7 + k) % 28:02}"
            lines.append(f"K{i:03};A{i}-{k};{day};M{(i + k) % 4};{10 + i}")
    (here / "sales.csv").write_text("\n".join([*lines, ""]))
    told = installed.run("init", "acme", "sales.csv", at=here)
    program, *words = shlex.split(told.splitlines()[-1])
    assert program == "segcore"
    report = installed.run(*words, at=here).splitlines()[-1]
    assert (here / report).is_file()
