"""Which files a run leaves for people, and what writes each."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

from segcore import outputs
from segcore.outputs import Output


def test_each_file_is_written_by_its_module_and_the_page_is_not(tmp_path: Path, monkeypatch):
    fake = SimpleNamespace(write=lambda engine, study, path: path.write_text(f"{engine} {study}"))
    monkeypatch.setitem(sys.modules, "segcore.outputs.early", fake)
    monkeypatch.setitem(sys.modules, "segcore.elsewhere.late", fake)
    made = {
        outputs.PAGE: Output("the page"),
        "early.txt": Output("early", "early"),
        "late.txt": Output("late", "segcore.elsewhere.late"),
    }
    monkeypatch.setattr(outputs, "OUTPUTS", made)
    outputs.write("engine", "study", tmp_path)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["early.txt", "late.txt"]
    assert (tmp_path / "report" / "late.txt").read_text() == "engine study"
