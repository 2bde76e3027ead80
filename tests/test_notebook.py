"""What every notebook begins with, and how it shows a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from segcore import notebook
from segcore.errors import ArchiveError
from segcore.notebook import enter_project

STUDY = "params/acme.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "params").mkdir()
    (tmp_path / STUDY).write_text("title: ACME\n")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_a_notebook_that_starts_where_it_lies_goes_up_to_the_project(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project(STUDY)
    assert Path.cwd() == project


def test_a_notebook_that_starts_in_the_project_stays_there(project, monkeypatch):
    monkeypatch.chdir(project)
    enter_project(STUDY)
    assert Path.cwd() == project


def test_a_study_with_a_whole_path_moves_nothing(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project(str(project / STUDY))
    assert Path.cwd() == project / "notebooks"


def test_a_study_that_is_nowhere_moves_nothing(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project("params/amce.yaml")
    assert Path.cwd() == project / "notebooks"


@pytest.fixture
def shown():
    """What a notebook shows, output by output."""
    with pd.option_context(
        *[part for option in notebook.DISPLAY for part in (option, pd.get_option(option))]
    ):
        shell = InteractiveShell.instance()
        shell.display_pub = CapturingDisplayPublisher()
        notebook.show_whole_tables()
        yield shell.display_pub.outputs
        InteractiveShell.clear_instance()


LONG = "Customers that order in many markets, " * 12 + "and nobody else"
HOSTILE = "<script>alert(1)</script>"


def test_no_cell_of_a_table_is_cut_and_every_text_stays_text(shown):
    frame = pd.DataFrame({f"column {n}": [LONG, HOSTILE] for n in range(30)}).loc[[0, 1] * 60]
    notebook.show(frame, none="There is none.")
    html = shown[0]["data"]["text/html"]
    assert html.count(LONG) == 30 * 60
    assert html.count("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>") == 30 * 60
    assert "<script" not in html
    assert "mathjax_ignore" in html


def test_a_table_without_rows_is_a_sentence(shown, capsys):
    empty = pd.DataFrame({"file": []})
    notebook.show(empty, none="Every record could be read.")
    notebook.show(empty, "No file.", "No record.", none="Nothing.")
    assert shown == []
    assert capsys.readouterr().out == "Every record could be read.\nNo file.\nNo record.\n"


def test_what_a_table_says_stands_below_it(shown, capsys):
    notebook.show(pd.DataFrame({"file": ["a.csv"]}), "1 file.", none="Nothing.")
    assert [output["data"]["text/plain"] for output in shown] == ["    file\n0  a.csv"]
    assert capsys.readouterr().out == "1 file.\n"


def test_each_figure_has_its_sentence_below(shown):
    notebook.show_each([pd.DataFrame({"a": [1]}), 7], ["One is 1.", "The other is 7."])
    assert [output["data"]["text/plain"] for output in shown] == [
        "   a\n0  1",
        "One is 1.",
        "7",
        "The other is 7.",
    ]


STUDY_TEXT = (Path(__file__).parents[1] / "params" / "demo.yaml").read_text()


def test_a_notebook_enters_its_run(tmp_path, monkeypatch, shown):
    for name in ("notebooks", "params", "runs/demo/2025-12-31/study"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "params/demo.yaml").write_text(STUDY_TEXT)
    (tmp_path / "runs/demo/2025-12-31/study/demo.yaml").write_text(
        STUDY_TEXT.replace("title: ", "title: Kept ")
    )
    monkeypatch.chdir(tmp_path / "notebooks")
    this = notebook.enter("params/demo.yaml", "2025-12-31", "runs/demo/2025-12-31")
    assert Path.cwd() == tmp_path
    assert this.folder == Path("runs/demo/2025-12-31")
    assert this.day.isoformat() == "2025-12-31"
    assert this.study.title.startswith("Kept ")
    with this.engine("customers") as engine:
        assert not engine.has("customers")
    with pytest.raises(ArchiveError):
        notebook.enter("params/demo.yaml", "2025-11-16", "runs/demo/2025-12-31")
