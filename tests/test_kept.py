"""The notebooks that ``make nbval`` compares with; what they show is compared there."""

from __future__ import annotations

import json

import kept_notebooks
import pytest
from kept_notebooks import KEPT, ROOT

from segcore.params.file import load_study
from segcore.rules import read_rules
from segcore.runner.notebooks import STAGES, read_notebooks


def test_the_kept_notebooks_are_those_of_today():
    for notebook in read_notebooks(ROOT / "notebooks"):
        cells = kept_notebooks.kept(notebook.name).cells
        own = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
        assert code(own) == code(notebook.cells), (
            f"{notebook.path.name} has changed: make keep-notebooks, and read git diff tests/kept"
        )


def code(cells) -> list[str]:
    return [cell.source for cell in cells if cell.cell_type == "code"]


@pytest.mark.parametrize("stage", STAGES)
def test_they_are_executed_and_readable_in_a_diff(stage):
    text = (KEPT / f"{stage}.ipynb").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    cells = json.loads(text)["cells"]
    assert all(isinstance(cell["source"], list) for cell in cells)
    assert all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
    assert max(map(len, text.splitlines())) < 1000


def test_they_hold_no_chart_but_its_words():
    notebooks = [kept_notebooks.kept(stage) for stage in STAGES]
    shown = [
        output for n in notebooks for cell in kept_notebooks.shown(n) for output in cell if "data" in output
    ]
    assert {kind for output in shown for kind in output["data"]} == {"text/plain", "text/html"}
    words = ["".join(output["data"]["text/plain"]) for output in shown]
    assert any(text.startswith("Customers of each segment, and the change since 31 May") for text in words)
    assert not any("data:image" in "".join(output["data"].values()) for output in shown)
    assert sum(path.stat().st_size for path in KEPT.rglob("*") if path.is_file()) < 600_000


def test_the_kept_study_uses_every_kind_of_cell():
    study = load_study(KEPT / "params" / "kept.yaml")
    assert len(read_rules(study.rules_path, study).rules) == 10
    written = {
        cell for line in study.rules_path.read_text().splitlines()[1:] for cell in line.split(",")[1:7]
    }
    assert written == {
        "*",
        ">=2",
        ">=3",
        ">=4",
        "<=2",
        "4..5",
        "3..4",
        "2..3",
        "1|3",
        "2|3",
        "1",
        "2",
        "3",
        "5",
    }
