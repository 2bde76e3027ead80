"""A new project: what is written, what is never overwritten, and what an upgrade brings."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from test_docs import broken_links, command_line, commands, mentions, options

from segcore.errors import UsageError
from segcore.new_project import TEMPLATE, new_project
from segcore.params.file import load_study
from segcore.rules import read_rules

ROOT = Path(__file__).parent.parent
VERSION = metadata.version("segcore")
STUDIES = ("adventureworks", "demo", "online_retail")


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new project as users name it: relative to where they are."""
    new_project(tmp_path / "p")
    return tmp_path / "p"


def test_it_holds_what_an_analyst_needs(project):
    written = files(project)
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert set(written) - pages == {
        ".gitignore",
        "README.md",
        "environment.yml",
        "notebooks/jupytext.toml",
        *(f"notebooks/{stage}.py" for stage in ("ingest", "segment", "transitions", "report")),
        *(f"params/{study}{end}" for study in STUDIES for end in (".yaml", ".rules.csv")),
        "params/demo.subscriptions.yaml",
        "runs/README.md",
        "reports/README.md",
    }
    same = [name for name in written if name not in (".gitignore", "README.md", "environment.yml")]
    assert [name for name in same if written[name] != (ROOT / name).read_bytes()] == []
    assert pages <= set(written)
    assert (project / "data").is_dir(), "extracts are looked for there"


def test_nothing_of_the_template_is_committed_twice():
    for name in ("notebooks", "docs", "runs/README.md", "reports/README.md"):
        assert (TEMPLATE / name).resolve() == ROOT / name
    for link in (TEMPLATE / "params").iterdir():
        assert link.resolve() == ROOT / "params" / link.name


@pytest.mark.parametrize("study", STUDIES)
def test_its_studies_and_rules_can_be_used(study, project):
    the_study = load_study(project / "params" / f"{study}.yaml")
    assert read_rules(the_study.rules_path, the_study).rules


def test_its_environment_and_readme_name_this_version(project):
    environment = yaml.safe_load((project / "environment.yml").read_text())
    assert environment["dependencies"][2] == {"pip": [f"segcore=={VERSION}"]}
    readme = (project / "README.md").read_text()
    assert f"pip install segcore=={VERSION}\n" in readme
    assert f"pip install 'segcore[lab]=={VERSION}'\n" in readme
    assert "VERSION" not in readme


def test_its_pages_link_only_to_what_it_has(project):
    broken = {page.name: links for page in project.rglob("*.md") if (links := list(broken_links(page)))}
    assert broken == {}


def test_its_readme_names_commands_that_exist(project):
    there = dict(commands(command_line()))
    told = [mention for mention in mentions(project / "README.md") if mention != "--help"]
    assert len(told) > 8
    for mention in told:
        name = next((n for n in there if f"segcore {mention} ".startswith(n + " ")), "")
        assert name, mention
        assert {word for word in mention.split() if word.startswith("-")} <= options(there[name])
    assert not re.search(r"^make |`make ", (project / "README.md").read_text(), re.MULTILINE), "no Makefile"


def test_it_says_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures = list((ROOT / "docs").glob("*.png"))  # they belong to the other README
    count = len(files(ROOT / "docs")) - len(pictures) + 16
    assert new_project(Path("my segments")) == [
        f"written: my segments/README.md and {count} more files; try it:",
        "cd 'my segments' && segcore demo",
    ]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert new_project(Path(".")) == [f"written: README.md and {count} more files; try it:", "segcore demo"]


def test_nothing_is_overwritten_and_all_that_is_in_the_way_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notebooks").mkdir()
    for name in ("README.md", "notebooks/ingest.py", "notebooks/mine.py"):
        Path(name).write_text("mine")
    Path("environment.yml").symlink_to("nowhere")
    before = files(tmp_path)
    with pytest.raises(UsageError) as caught:
        new_project(Path("."))
    assert caught.value.problems == tuple(
        f"{name}: must not be there yet, for segcore new overwrites nothing; move it away, "
        "or choose another folder"
        for name in ("README.md", "environment.yml", "notebooks/ingest.py")
    )
    assert files(tmp_path) == before
    assert Path("environment.yml").is_symlink()


def test_what_was_cut_short_is_ended_by_the_same_command(project):
    whole = files(project)
    for path in (project / "params").iterdir():
        path.unlink()
    (project / "params").rmdir()
    (project / "notebooks" / "report.py").unlink()
    new_project(project)
    assert files(project) == whole


def test_a_file_is_no_place_for_a_project(tmp_path):
    (tmp_path / "f").write_text("mine")
    with pytest.raises(UsageError) as caught:
        new_project(tmp_path / "f")
    assert str(caught.value) == (
        f"{tmp_path / 'f'}: must be a folder that can be written to (File exists); choose another"
    )


class TestUpgrade:
    """In a project the same command writes nothing and says what is new."""

    def test_an_untouched_project_has_the_notebooks_of_this_version(self, project):
        assert new_project(project) == [f"{project}: its notebooks and docs are those of segcore {VERSION}"]

    def test_studies_and_other_notebooks_are_the_users(self, project):
        (project / "params" / "demo.yaml").write_text("mine")
        (project / "README.md").unlink()
        (project / "notebooks" / "mine.py").write_text("mine")
        assert new_project(project) == [f"{project}: its notebooks and docs are those of segcore {VERSION}"]

    def test_each_notebook_that_differs_is_said_with_a_command_that_works(self, project, monkeypatch):
        monkeypatch.chdir(project)
        (project / "notebooks" / "segment.py").write_text("mine\n")
        (project / "notebooks" / "report.py").unlink()
        (project / "docs" / "decisions").rename(project / "docs" / "other")
        before = files(project)
        missing, differs, *pages = new_project(Path())
        assert files(project) == before
        report, segment = TEMPLATE / "notebooks" / "report.py", TEMPLATE / "notebooks" / "segment.py"
        assert missing == (
            f"notebooks/report.py: is missing, segcore {VERSION} has it; to take it: "
            f"cp {report} notebooks/report.py"
        )
        assert differs == (
            f"notebooks/segment.py: differs from that of segcore {VERSION}: "
            f"diff -u notebooks/segment.py {segment}"
        )
        command = differs.split(f"{VERSION}: ")[1]
        told = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout.splitlines()[3]) == (1, "-mine")
        for line in (missing, *pages):
            subprocess.run(line.split("to take it: ")[1], shell=True, check=True)
        assert new_project(Path()) == [differs]
