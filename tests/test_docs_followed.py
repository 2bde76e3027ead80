"""docs/the-next-delivery.md, followed as its reader would: every command, in order, and what is printed."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_projects import keep_to_tables
from small_command import run_here

from segcore.demo import write_demo

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "the-next-delivery.md").read_text()
BLOCK = re.compile(r"^```(sh|yml)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
STAGE_OVER = re.compile(r"^\d{4}-\d{2}-\d{2} \w+ [\d.]+ s\n", re.MULTILINE)
HASH = re.compile(r"\b[0-9a-f]{8}\b")

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A study that has three runs; its next delivery, and one that corrects it, wait in inbox/."""
    for name in ("notebooks", "params", "inbox/corrected"):
        (tmp_path / name).mkdir(parents=True)
    for notebook in (ROOT / "notebooks").glob("*.py"):
        shutil.copyfile(notebook, tmp_path / "notebooks" / notebook.name)
    keep_to_tables(tmp_path / "notebooks")
    study = (ROOT / "params" / "demo.yaml").read_text()
    study = re.sub(r"^data_dir:.*\n", "", study, flags=re.MULTILINE)
    study += "retention: 36 months\n"  # the page says that a study may hold this line
    put_breaks(tmp_path, "breaks: {policy: keep, from: 2025-11-16}", study)
    shutil.copyfile(ROOT / "params" / "demo.rules.csv", tmp_path / "params" / "acme.rules.csv")
    write_demo(tmp_path / "data", customers=300)
    delivery = tmp_path / "data" / "sales_2025-12-31.csv"
    records = delivery.read_bytes().splitlines(keepends=True)
    (tmp_path / "inbox" / "corrected" / delivery.name).write_bytes(b"".join(records[:-40]))
    delivery.rename(tmp_path / "inbox" / delivery.name)
    (tmp_path / "data" / "visits_2025-12-31.csv").unlink()  # the page is about one file
    assert said(tmp_path, "segcore backfill acme --from 2025-08-18 --to 2025-11-16")[0] == 0
    return tmp_path


def put_breaks(project: Path, line: str, study: str | None = None) -> None:
    path = project / "params" / "acme.yaml"
    text, lines = re.subn(r"^breaks:.*", line, study or path.read_text(), flags=re.MULTILINE)
    assert lines == 1
    path.write_text(text)


def said(project: Path, commands: str) -> tuple[int, str]:
    """Exit code and output of commands, but for the lines about stages.

    In this process and with its one process that forks, for each command would import for seconds.
    """
    code, told = 0, io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    for line in commands.splitlines():
        program, *words = shlex.split(line)
        if program == "cp":
            code = subprocess.run([program, *words], cwd=project, check=False).returncode
            continue
        assert program == "segcore"
        code = run_here(project, words, told, told)
    told.seek(0)
    return code, STAGE_OVER.sub("", told.read())


def steps() -> Iterator[tuple[str, str, str]]:
    """What a reader types or writes, whether it is a command or a line of the study, and the answer."""
    for found in BLOCK.finditer(PAGE):
        yield found[1], found[2], found[3] or ""


def test_the_page_on_the_next_delivery_can_be_followed(project: Path) -> None:
    done = 0
    for language, text, answer in steps():
        if language == "yml":
            put_breaks(project, text.strip())
            continue
        code, told = said(project, text)
        assert not answer or HASH.sub("1a2b3c4d", told) == answer, text
        assert (code != 0) == answer.startswith("segcore: "), (text, told)
        done += 1
    assert done > 15
