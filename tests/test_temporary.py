"""Temporary folders go with their process, or with the next run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segcore.temporary import Temporary, remove_abandoned


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_temporary_folder_goes_when_it_is_closed(room):
    with Temporary("engine") as folder:
        (folder / "spilled").write_text("rows")
        assert folder.parent == room
    assert list(room.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_is_in_use_or_young_stays(room):
    imported = "from segcore.temporary import Temporary"
    hold = f"{imported}\nheld = Temporary('engine')\nprint(held.path, flush=True)\ninput()"
    environment = {**os.environ, "TMPDIR": str(room)}
    command = [sys.executable, "-c", hold]
    with (
        subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=environment) as killed,
        subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=environment) as alive,
    ):
        left, used = (Path(process.stdout.readline().strip()) for process in (killed, alive))
        killed.kill()
        killed.wait()
        remove_abandoned()
        assert sorted(room.iterdir()) == sorted([left, used])
        for folder in (left, used):
            os.utime(folder, (0, 0))
        remove_abandoned()
        assert list(room.iterdir()) == [used]
        alive.kill()


def test_a_link_that_is_named_like_a_temporary_folder_is_not_followed(room):
    mine = room / "mine"
    mine.mkdir()
    (mine / "kept").write_text("")
    link = room / "segcore-engine-left"
    link.symlink_to(mine)
    os.utime(link, (0, 0), follow_symlinks=False)
    remove_abandoned()
    assert (mine / "kept").exists()
