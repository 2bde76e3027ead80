"""Which files a run leaves for people, and when each is written."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

from segcore import outputs
from segcore.outputs import Output


def test_each_stage_writes_its_own_files(tmp_path: Path, monkeypatch):
    fake = SimpleNamespace(write=lambda engine, study, path: path.write_text(f"{engine} {study}"))
    monkeypatch.setitem(sys.modules, "segcore.outputs.early", fake)
    monkeypatch.setitem(sys.modules, "segcore.elsewhere.late", fake)
    made = {
        outputs.PAGE: Output("the page"),
        "early.txt": Output("early", "early"),
        "late.txt": Output("late", "segcore.elsewhere.late", stage=outputs.REPORT),
    }
    monkeypatch.setattr(outputs, "OUTPUTS", made)
    outputs.write("engine", "study", tmp_path)
    assert [path.name for path in (tmp_path / "report").iterdir()] == ["early.txt"]
    outputs.write("engine", "study", tmp_path, stage=outputs.REPORT)
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["early.txt", "late.txt"]
    assert (tmp_path / "report" / "late.txt").read_text() == "engine study"
