"""The house rules that a reader relies on, held by reading the files themselves."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = sorted((ROOT / "segcore").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


# Lock file → the extras of pyproject.toml that it holds beside what running needs.
LOCKS = {"requirements.lock": (), "requirements-lab.lock": ("lab",), "requirements-dev.lock": ("dev",)}


def locked(lock: str) -> dict[str, list[Requirement]]:
    """The pinned packages of a lock file, by name; one entry for each version and marker."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    pins: dict[str, list[Requirement]] = {}
    for line in filter(str.strip, text.splitlines()):
        requirement = Requirement(line.split("--hash")[0].strip())
        pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return pins


def direct(lock: str) -> list[Requirement]:
    project = PYPROJECT["project"]
    extras = [project["optional-dependencies"][name] for name in LOCKS[lock]]
    build = PYPROJECT["dependency-groups"]["build"]
    return [Requirement(text) for group in (project["dependencies"], build, *extras) for text in group]


def test_every_dependency_has_a_lower_and_the_runtime_ones_an_upper_bound() -> None:
    for text in PYPROJECT["project"]["dependencies"]:
        operators = {spec.operator for spec in Requirement(text).specifier}
        assert operators == {">=", "<"}, text


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_what_pyproject_asks_for(lock: str) -> None:
    pins = locked(lock)
    for requirement in direct(lock):
        found = pins.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement.name} is not locked; run make lock"
        for pin in found:
            version = next(iter(pin.specifier)).version
            assert requirement.specifier.contains(version), f"{pin} is not {requirement}; run make lock"


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_a_lock_file_serves_every_python_that_the_project_names(python: str, system: str, lock: str) -> None:
    pins = locked(lock)
    environment = {"python_version": python, "python_full_version": f"{python}.5", "sys_platform": system}
    for requirement in direct(lock):
        found = [
            pin
            for pin in pins[canonicalize_name(requirement.name)]
            if pin.marker is None or pin.marker.evaluate(environment)
        ]
        assert len(found) == 1, f"{requirement.name} for Python {python}: {found}"


def test_the_lock_files_agree_on_every_version() -> None:
    running = locked("requirements.lock")
    for lock in ("requirements-lab.lock", "requirements-dev.lock"):
        pins = locked(lock)
        for name, versions in running.items():
            assert {pin.specifier for pin in pins[name]} == {pin.specifier for pin in versions}, (lock, name)


def test_running_needs_no_jupyterlab_browser_or_test_tools() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"].values()
    # psutil comes with ipykernel.
    more = {canonicalize_name(Requirement(text).name) for group in extras for text in group} - {"psutil"}
    assert not more & set(locked("requirements.lock"))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_has_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    for line in text.replace("\\\n", " ").splitlines():
        assert not line.strip() or "--hash=sha256:" in line, line[:80]
    assert "://" not in text
    assert "index-url" not in text


# A make that runs the tests would speak to the one that is tested.
MAKES_OWN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")


class TestMakeInstall:
    """What ``make install`` would do with an environment that is there."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for name in ("Makefile", "pyproject.toml", *LOCKS):
            shutil.copyfile(ROOT / name, tmp_path / name)
        (tmp_path / ".venv" / "bin").mkdir(parents=True)
        (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
        (tmp_path / ".venv" / ".installed").write_text(f"{tmp_path.resolve()}\n")
        return tmp_path

    def would(self, target: str, folder: Path) -> str:
        made = self.make(target, folder)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def make(self, target: str, folder: Path) -> subprocess.CompletedProcess[str]:
        outside = {name: value for name, value in os.environ.items() if name not in MAKES_OWN}
        command = ["make", "--dry-run", "--no-print-directory", target]
        return subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, check=False)

    def test_nothing_if_it_is_there(self, folder: Path) -> None:
        assert self.would("install", folder) == "make: Nothing to be done for 'install'.\n"

    def test_all_anew_if_the_folder_was_moved(self, folder: Path) -> None:
        moved = folder.rename(folder.with_name("moved here"))
        assert "-m venv --clear .venv\n" in self.would("install", moved)

    def test_all_anew_if_its_python_is_gone(self, folder: Path) -> None:
        (folder / ".venv" / "bin" / "python").unlink()
        assert "-m venv --clear .venv\n" in self.would("install", folder)

    def test_packages_only_if_the_lock_file_is_newer(self, folder: Path) -> None:
        os.utime(folder / ".venv" / ".installed", (0, 0))
        told = self.would("install", folder)
        assert "--require-hashes -r requirements.lock\n" in told
        assert "--clear" not in told
        assert "-lab.lock" not in told
        assert "-dev.lock" not in told

    def test_jupyterlab_comes_with_make_lab_and_test_tools_with_make_check(self, folder: Path) -> None:
        lab, check = self.would("lab", folder), self.would("check", folder)
        assert "--require-hashes -r requirements-lab.lock\n" in lab
        assert "-dev.lock" not in lab
        assert "--require-hashes -r requirements-dev.lock\n" in check
        assert "-lab.lock" not in check

    @pytest.mark.parametrize("target", ["install", "demo", "check"])
    def test_a_link_is_refused_and_what_it_leads_to_stays(self, folder: Path, target: str) -> None:
        elsewhere = (folder / ".venv").rename(folder / "elsewhere")
        (folder / ".venv").symlink_to(elsewhere)
        refused = self.make(target, folder)
        assert refused.returncode == 2
        assert refused.stdout == ""
        assert (
            ".venv must be a folder of this project (it is a symbolic link, and what it leads to would be "
            "changed); remove the link, and make puts a folder there" in refused.stderr
        )
        assert self.make("help", folder).returncode == 0
        assert self.make("clean", folder).stdout.startswith("rm -rf .venv ")


def test_environment_yml_gives_conda_users_the_same_packages() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, by_pip = environment["dependencies"]
    assert python.replace("python ", "") == PYPROJECT["project"]["requires-python"]
    assert pip == "pip"
    assert by_pip == {"pip": ["--require-hashes", "-r requirements.lock"]}


def test_the_top_level_is_what_the_readme_shows() -> None:
    for name in ("notebooks", "segcore", "params", "tests", "benchmarks", "docs"):
        assert (ROOT / name).is_dir(), name
        assert f"{name}/" in (ROOT / "README.md").read_text(), f"README.md does not show {name}/"
    for name in ("reports", "runs", "data"):
        assert f"{name}/" in (ROOT / "README.md").read_text(), f"README.md does not show {name}/"
    ignored = (ROOT / ".gitignore").read_text().split()
    assert "data/" in ignored
    for name in ("reports", "runs"):
        assert (ROOT / name / "README.md").is_file(), f"{name}/ must say what will stand there"
        assert {f"/{name}/*", f"!/{name}/README.md"} <= set(ignored), (
            f"the rest of {name}/ must stay out of git"
        )


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_stays_under_300_lines(module: Path) -> None:
    assert len(module.read_text().splitlines()) < 300


WORDS = {
    r"\bbins?\b": "class or interval",
    r"\bbuckets?\b": "class, or fate of a record",
    r"\btiers?\b": "class or segment",
    r"\bclusters?\b": "class or segment (clustering names the methods only)",
}


# The glossary must name the words that are not used.
PROSE = [ROOT / "README.md", *sorted(set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs" / "glossary.md"})]


@pytest.mark.parametrize(
    "path",
    [*MODULES, *NOTEBOOKS, *PROSE],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_one_word_per_thing(path: Path) -> None:
    text = re.sub(r"\.venv/bin|/usr/bin|alt\.Bin\w*|bin=|/bin/sh", "", path.read_text())
    for pattern, instead in WORDS.items():
        found = re.search(pattern, text, re.IGNORECASE)
        assert not found, f"{path.name} says {found.group(0)!r}; the word is {instead}"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.name)
class TestNotebooks:
    """What papermill, jupytext, nbval and Quarto all accept."""

    def test_the_first_cell_is_the_front_matter(self, notebook: Path) -> None:
        lines = notebook.read_text().splitlines()
        assert lines[0] == '# %% [markdown] {"tags": ["front-matter"]}'
        assert lines[1] == "# ---"
        assert 'title: "' in lines[2]

    def test_cell_headers_carry_tags_as_json_only(self, notebook: Path) -> None:
        for line in notebook.read_text().splitlines():
            if line.startswith("# %%"):
                assert re.fullmatch(r'# %%( \[markdown\])?( \{"tags": \[("[a-z-]+"(, )?)+\]\})?', line), line

    def test_the_parameters_are_tagged_for_papermill_and_for_quarto(self, notebook: Path) -> None:
        text = notebook.read_text()
        assert '# %% {"tags": ["parameters"]}\n#| tags: [parameters]\n#| include: false\n' in text

    def test_every_parameter_is_plain_text_with_a_default_and_a_word_of_help(self, notebook: Path) -> None:
        cell = notebook.read_text().split("#| include: false\n")[1].split("\n\n")[0]
        names = []
        for line in cell.splitlines():
            found = re.fullmatch(r'(\w+): str = "[^"]*"  # .+', line)
            assert found, line
            names.append(found.group(1))
        assert names == ["study", "run_date", "run_dir", "previous_run_dir", "data_dir"]

    def test_it_has_no_docstring_cells_and_no_kernel_header(self, notebook: Path) -> None:
        text = notebook.read_text()
        assert '"""' not in text
        assert "jupyter:" not in text

    def test_it_holds_no_logic(self, notebook: Path) -> None:
        for line in notebook.read_text().splitlines():
            assert not re.match(r"\s*(def|class|for|while|lambda)\b", line), line


# Imports point only upwards in this list; a package counts as one.
ORDER = (
    "errors",
    "dates",
    "holdout",
    "stopping",
    "grammars",
    "printable",
    "files",
    "own_code",
    "temporary",
    "printing",
    "disk",
    "project",
    "language",
    "spelling",
    "wording",
    "variables",
    "kinds",
    "params",
    "engine",
    "sources",
    "tables",
    "features",
    "jenks_sums",
    "jenks_search",
    "jenks",
    "jenks_draws",
    "intervals",
    "drift",
    "sentences",
    "rules",
    "model",
    "profile",
    "crosscheck",
    "transitions",
    "kpi",
    "why",
    "outputs",
    "drawer",
    "charts",
    "report",
    "customers",
    "dashboard",
    "slides",
    "representatives",
    "mail",
    "archive",
    "checking",
    "notebook",
    "forking",
    "kernels",
    "runner",
    "pairing",
    "review",
    "lab",
    "keeping",
    "pruning",
    "privacy",
    "mailing",
    "status",
    "preview",
    "demo",
    "prepare",
    "init",
    "new_project",
    "progress",
    "cli",
    "__main__",
)


def imported(module: Path) -> set[str]:
    """The parts of segcore that a module imports, wherever; those for types only do not count."""
    found: set[str] = set()
    tree = ast.parse(module.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "segcore":
            names = [f"segcore.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("segcore.")}
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(module: Path) -> None:
    own = module.relative_to(ROOT / "segcore").parts[0].removesuffix(".py")
    if own == "__init__":
        assert not imported(module)
        return
    assert own in ORDER, f"{own} has no place in the order of modules"
    for other in imported(module) - {own}:
        assert ORDER.index(other) < ORDER.index(own), f"{own} must not import {other}, which stands below it"
