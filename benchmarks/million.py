"""What two runs of a million customers say of each other, over ten million order lines, in 2 GB.

Each part is measured as the transitions notebook calls it, over tables that a run keeps as Parquet, and
in a process of its own, so that the peak of its memory is its own: ``python -m benchmarks.million FOLDER
PART`` prints seconds.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import ROOT, peak_memory
from benchmarks.many_orders import RUN_DATE, write_lines, write_study
from benchmarks.table import Row
from segcore import features, model, rules, tables, transitions
from segcore.engine.duckdb import DuckDB
from segcore.model import Model
from segcore.params import Study
from segcore.params.file import load_study

LAST = dt.date.fromisoformat(RUN_DATE)
FIRST = LAST - dt.timedelta(days=45)
CHANGED = "changed"
"""The folder of a run of the first date whose breaks and rules are others than those of the last run."""
MOST_SECONDS, MOST_MEMORY = 30, 2 * 2**30
ORDER = "customer_id, order_date, order_id, item"


class Two:
    """The later of the two runs, as the transitions notebook finds it once it knows who moved."""

    def __init__(self, folder: Path, first: str) -> None:
        self.study: Study = load_study(folder / "million.yaml")
        self.engine = DuckDB(memory_limit="2GB", spill=folder / "spill")
        self.engine.execute("set threads = 2")
        self.here, self.earlier = folder / RUN_DATE, [folder / first / FIRST.isoformat()]
        self.used = model.read(self.here / "model.json")
        tables.load(self.engine, self.here, "customers", "facts")
        self.engine.read_parquet(folder / "lines.parquet", "transactions")
        transitions.moves(self.engine, self.used.segments, self.earlier)

    def causes(self) -> None:
        """Why they moved."""
        transitions.causes(self.engine, self.study, self.used, self.earlier)

    def insights(self) -> None:
        """What those who moved have in common; it needs the causes."""
        self.causes()
        transitions.insights(self.engine, self.study)

    def history(self) -> None:
        """How long they have been where they are."""
        transitions.history(self.engine)

    def why(self) -> None:
        """What a card says of each: when the segment falls, and what would lift it."""
        transitions.clock(self.engine, self.used, LAST)

    def calls(self) -> None:
        """Whom to call; it needs the drop dates."""
        self.why()
        transitions.calls(self.engine, self.study, self.used, run_dir=self.here, earlier=self.earlier)


PARTS: dict[str, tuple[str, Callable[[Two], None], float]] = {
    "causes, the same model": ("same", Two.causes, 4),
    "causes, other breaks and rules": (CHANGED, Two.causes, 8),
    "causes, and what movers have in common": ("same", Two.insights, 7),
    "history": ("same", Two.history, 4),
    "why card and drop clock": ("same", Two.why, 5),
    "why card, drop clock and call list": ("same", Two.calls, 14),
}
"""What is measured → the run it is compared with, the call, and the most seconds that it may take."""
TOGETHER = ("causes, other breaks and rules", "history", "why card, drop clock and call list")
"""What a run needs; all of it together must be done within MOST_SECONDS."""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_runs(folder)
        return measured(folder)


def measured(folder: Path) -> list[Row]:
    """The parts one after the other, over runs that :func:`write_runs` wrote."""
    seconds: dict[str, float] = {}
    found: list[Row] = []
    for name, (_, _, most) in PARTS.items():
        command = [sys.executable, "-m", "benchmarks.million", str(folder), name]
        seconds[name] = float(
            subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        )
        peak = peak_memory(command, ROOT)
        told = f"{seconds[name]:.1f} s, {peak / 2**30:.2f} GiB"
        ok = seconds[name] < most and peak < MOST_MEMORY
        found.append(Row(f"1 million customers, two runs: {name}", told, f"under {most} s and 2 GiB", ok))
    every = sum(seconds[name] for name in TOGETHER)
    what = f"1 million customers, two runs: {', '.join(TOGETHER)}"
    return [*found, Row(what, f"{every:.1f} s", f"under {MOST_SECONDS} s", every < MOST_SECONDS)]


def write_runs(folder: Path) -> None:
    """Write the order lines, and of each run what a later one and its own transitions read."""
    write_lines(folder / "lines.parquet", order_by=ORDER)
    study = load_study(write_study(folder, ROOT / "params" / "online_retail.rules.csv"))
    table = rules.read_rules(study.rules_path, study)
    with DuckDB(memory_limit="2GB", spill=folder / "spill") as engine:
        engine.read_parquet(folder / "lines.parquet", "lines")
        _build(engine, study, LAST)
        used = model.fit(engine, study, table, LAST)
        _write(engine, folder / RUN_DATE, used)
        _build(engine, study, FIRST)
        other = model.fit(engine, study, _other_rules(folder, study), FIRST)
        for name, its in (("same", used), (CHANGED, other)):
            _write(engine, folder / name / FIRST.isoformat(), its)


def _other_rules(folder: Path, study: Study) -> rules.RuleTable:
    text = study.rules_path.read_text(encoding="utf-8").replace("Champions,>=4,>=3", "Champions,>=4,>=2")
    (folder / "other.rules.csv").write_text(text, encoding="utf-8")
    return rules.read_rules(folder / "other.rules.csv", study)


def _build(engine: DuckDB, study: Study, day: dt.date) -> None:
    cut = f"from lines where order_date <= DATE '{day}'"
    engine.execute(f"create or replace view transactions as {cut}")
    features.build(engine, study, day)
    engine.execute(
        f"create or replace table facts as select DATE '{day}' as run_date, '12 months' as value_window"
    )


def _write(engine: DuckDB, folder: Path, used: Model) -> None:
    folder.mkdir(parents=True)
    model.apply(engine, used)
    transitions.moves(engine, used.segments, [])
    tables.save(engine, folder, "customers", "moves", "facts")
    model.save(folder, used, used)


if __name__ == "__main__":
    place, part = Path(sys.argv[1]), sys.argv[2]
    against, call, _ = PARTS[part]
    two = Two(place, against)
    begun = time.perf_counter()
    call(two)
    print(time.perf_counter() - begun)
