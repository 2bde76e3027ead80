"""What pages, workbook, slides and lists add to one run: with them and without, one after the other.

The run without them is that of the same project, whose transitions notebook does not write them, made by
the same runner, which makes no pages of notebooks and no dashboard.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.harness import BIN, ROOT, real_data, scratch_project, spread, timed
from benchmarks.many_orders import RUN_DATE, write_lines, write_study
from benchmarks.table import Row

ROUNDS = 3
WRITES = "outputs.write(engine, the_study, here)\n"
BARE = """
import sys
from segcore.archive import AFTER
from segcore.report import executed
executed.render = lambda *notebook, of: None
for step in ("dashboard", "representatives"):
    del AFTER[step]
from segcore.__main__ import main
sys.argv[0] = "segcore"
main()
"""
SECRET = {"SEGCORE_REPS_SECRET": "a secret of the benchmarks"}
PAGES = {"report.html": 0.4e6, "customers.html": 1.5e6, "../dashboard.html": 1.5e6}


def rows() -> list[Row]:
    return [*_demo(), *_online_retail(), *_million()]


def _demo() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        project = scratch_project(Path(temporary) / "project")
        timed([[str(BIN / "segcore"), "demo"]], project)
        reports = project / "reports" / "demo" / "2025-12-31"
        sizes = {name: (reports / name).stat().st_size for name in PAGES}
        added = _added(project, "params/demo.yaml", "2025-12-31", 3, SECRET)
    return [
        *(
            Row(
                f"{Path(name).name} of the demo",
                f"{size / 1e6:.2f} MB",
                f"under {PAGES[name] / 1e6} MB",
                size < PAGES[name],
            )
            for name, size in sizes.items()
        ),
        added,
    ]


def _online_retail() -> list[Row]:
    data = real_data("online_retail_ii.csv.gz")
    with tempfile.TemporaryDirectory() as temporary:
        project = scratch_project(Path(temporary) / "project")
        study, environment = "params/online_retail.yaml", {"SEGCORE_DATA_DIR": str(data)}
        timed([_command(study, "2011-10-26")], project, **environment)
        return [_added(project, study, "2011-12-10", 6, environment)]


def _million() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        project = scratch_project(Path(temporary) / "project")
        (project / "data").mkdir()
        write_lines(project / "data" / "orders.parquet")
        study = write_study(project / "params", ROOT / "params" / "online_retail.rules.csv")
        study.write_text(study.read_text().replace("orders.csv", "orders.parquet"))
        name = str(study.relative_to(project))
        environment = {"SEGCORE_DATA_DIR": str(project / "data")}
        timed([_command(name, "2025-05-16")], project, **environment)
        added = _added(project, name, RUN_DATE, 180, environment, rounds=1)
        size = (project / "reports" / study.stem / RUN_DATE / "report.html").stat().st_size
    told = f"{size / 1e6:.2f} MB"
    return [added, Row("report of a million customers", told, "under 0.5 MB", size < 0.5e6)]


def _added(
    project: Path, study: str, date: str, most: float, environment: Mapping[str, str], *, rounds: int = ROUNDS
) -> Row:
    """What files for people add to the run of a date, which is made again in each round."""
    bare = project.with_name(f"{project.name}-bare")
    shutil.copytree(project, bare)
    notebook = bare / "notebooks" / "transitions.py"
    text = notebook.read_text(encoding="utf-8")
    assert text.count(WRITES) == 1, f"{notebook} must write the files for people in one line"
    notebook.write_text(text.replace(WRITES, ""), encoding="utf-8")
    taken: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(rounds):
        whole = [*_command(study, date), "--force"]
        taken["with"].append(timed([whole], project, **environment))
        taken["without"].append(timed([[sys.executable, "-c", BARE, *whole[1:]]], bare, **environment))
    added = statistics.median(taken["with"]) - statistics.median(taken["without"])
    return Row(
        f"what files for people add to a run of {Path(study).stem}",
        f"{added:.2f} s ({spread(taken['with'])} with, {spread(taken['without'])} without)",
        f"under {most} s",
        added < most,
    )


def _command(study: str, date: str) -> list[str]:
    return [str(BIN / "segcore"), "run", study, "--date", date]
