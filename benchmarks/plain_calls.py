"""The cells of the four notebooks in one plain process: the same segcore calls and nothing around them.

Called as ``python plain_calls.py STUDY RUN_DATE RUN_DIR PREVIOUS_RUN_DIR DATA_DIR`` in a project's root.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

STAGES = ("ingest", "segment", "transitions", "report")
PARAMETERS = ("study", "run_date", "run_dir", "previous_run_dir", "data_dir")


def code(notebook: Path) -> str:
    """The code of a notebook in the percent format, without its parameters."""
    cells = re.split(r"^# %%", notebook.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    kept = (cell for cell in cells if "[markdown]" not in cell and "parameters" not in cell.splitlines()[0])
    return "\n".join(cell.partition("\n")[2] for cell in kept)


def main() -> None:
    values = dict(zip(PARAMETERS, sys.argv[1:], strict=True))
    Path(values["run_dir"]).mkdir(parents=True, exist_ok=True)
    for stage in STAGES:
        notebook = Path("notebooks") / f"{stage}.py"
        exec(compile(code(notebook), notebook, "exec"), {"__name__": stage, **values})


if __name__ == "__main__":
    main()
