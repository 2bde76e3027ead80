"""The kept study's notebooks in this very process: what they show, without kernels, runner and pages.

It serves the planted mistakes only, of which there are many: a few seconds instead of half a minute.
What cells show is compared as nbval does. A notebook that is run on its own has no run.json, so the one
cell that shows it (where all came from) is left out.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATES = ("2025-05-31", "2025-06-30", "2025-07-30")
BREAKS = DATES[1]
STAGES = ("ingest", "segment", "transitions", "report")
KEPT = Path("tests") / "kept"
UNLIKE = 'report.show(this, "provenance")'

Shown = list[list[Any]]


def load() -> None:
    """Import what all notebooks need and no part of segcore, before processes are forked."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # slow, and for nobody
    import altair  # noqa: F401
    import duckdb  # noqa: F401
    import IPython  # noqa: F401
    import jenkspy  # noqa: F401
    import jinja2  # noqa: F401
    import nbformat  # noqa: F401
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import yaml  # noqa: F401


def differences(project: Path, scratch: Path) -> list[str]:
    """Which cells of the last run show something else than the kept notebooks.

    Parameters
    ----------
    project
        The copy of the project whose code is used; the process must not have imported segcore yet.
    scratch
        A folder for the runs.
    """
    sys.path[:0] = [str(project)]
    os.environ["SEGCORE_CHARTS"] = "off"
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(project / KEPT, scratch)
    os.chdir(scratch)
    shell = _shell()
    made: dict[str, Shown] = {}
    # The breaks are those of the second date, which is made once more when the date before it is there.
    for number, date in enumerate((BREAKS, *DATES)):
        _keep_breaks(date)
        for stage in STAGES[:2]:
            made[stage] = _execute(shell, project, stage, date, alone=not number)
    for date in DATES:
        made["transitions"] = _execute(shell, project, "transitions", date)
    made["report"] = _execute(shell, project, "report", DATES[-1])
    return [
        f"{stage}, cell {number}"
        for stage in STAGES
        for number, (source, was) in enumerate(_kept(project, stage))
        if UNLIKE not in source and was != made[stage][number]
    ]


def _keep_breaks(date: str) -> None:
    here = Path("runs", "kept", date)
    here.mkdir(parents=True, exist_ok=True)
    if date != BREAKS:
        shutil.copyfile(here.parent / BREAKS / "model.json", here / "kept_model.json")


def _kept(project: Path, stage: str) -> Iterator[tuple[str, list[Any]]]:
    notebook = json.loads((project / KEPT / f"{stage}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get("tags", []):
            yield "".join(cell["source"]), [_joined(output) for output in cell["outputs"]]


def _joined(output: Any) -> Any:
    if "text" in output:
        return "".join(output["text"])
    return {kind: "".join(text) for kind, text in output["data"].items()}


def _execute(shell: Any, project: Path, stage: str, date: str, *, alone: bool = False) -> Shown:
    """What each code cell shows; the parameters of the run replace those of the notebook."""
    names = {"__name__": "__main__", "__builtins__": builtins}
    runs = Path("runs") / "kept"
    earlier = [d for d in DATES if d < date and not alone]
    parameters = {
        "study": "params/kept.yaml",
        "run_date": date,
        "run_dir": str(runs / date),
        "previous_run_dir": str(runs / earlier[-1]) if earlier else "",
        "data_dir": "extracts",
    }
    shown = []
    for source, _ in _kept(project, stage):
        shown.append(_cell(shell, source, names))
        if "tags: [parameters]" in source:
            names |= parameters
    return shown


def _cell(shell: Any, source: str, names: dict[str, Any]) -> list[Any]:
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    shown = shell.display_pub.outputs
    shown.clear()
    printed = _Printed(shown)
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    if value is not None:
        shown.append({"data": shell.display_formatter.format(value)[0]})
    return [output.getvalue() if output is printed else output["data"] for output in shown]


class _Printed(io.StringIO):
    """All that a cell prints, which stands among what it shows where it began to print."""

    def __init__(self, shown: list[Any]) -> None:
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        if self not in self._shown:
            self._shown.append(self)
        return super().write(text)


def _shell() -> Any:
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class ZmqLike(InteractiveShell):
        """Shown values look as in a kernel: pandas asks for the name of the class."""

    shell = ZmqLike.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher()
    builtins.get_ipython = lambda: shell  # type: ignore[attr-defined]
    import pandas as pd

    pd.set_option("display.max_columns", 20)
    return shell
