"""A whole project in a temporary folder: a study, a dozen customers, four short notebooks."""

from __future__ import annotations

import atexit
import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from segcore import runner
from segcore.forking import Parent

MARCH, APRIL, JUNE = dt.date(2025, 3, 1), dt.date(2025, 4, 15), dt.date(2025, 5, 30)
"""45 days apart, as the study's runs are."""

STUDY = """\
title: ACME
currency: EUR
sources:
  transactions:
    files: [sales*.csv]
    columns: {customer_id: customer, order_id: order, order_date: date, market: market, amount: amount}
variables: {recency: {classes: 2}, frequency: {classes: 2}}
breaks: {policy: refit}
segments: {Good: {}, Bad: {}}
"""
RULES = "segment,recency,frequency\nGood,2,*\nBad,*,*\n"

PARAMETERS = """\
# %% {"tags": ["parameters"]}
study: str = ""
run_date: str = ""
run_dir: str = ""
previous_run_dir: str = ""
data_dir: str = ""

# %%
from pathlib import Path

from segcore import archive

here = Path(run_dir)
archive.check_writable(here, run_date)

"""

# They write a few words where real notebooks write tables, which the archive does not mind.
SHORT = {
    "ingest": """\
# %%
(here / "data" / "transactions.parquet").write_text(f"orders up to {run_date}")
""",
    "segment": """\
# %%
for name in ("data/customers.parquet", "data/moves.parquet", "model.json", "candidate.json"):
    (here / name).write_text(f"{name} of {run_date}")
""",
    "transitions": """\
# %%
print(*[path.name for path in archive.earlier_runs(here, previous_run_dir)])
""",
    "report": """\
# %%
from IPython.display import HTML

(here / "report" / "moves.csv").write_text("customer_id\\n")
HTML(f"<p>{run_date}</p>")
""",
}

REAL_SEGMENT = """\
# %%
from segcore import archive, features, model, rules, sources, tables
from segcore.engine import ENGINES
from segcore.params.file import parse_run_date

the_study = archive.study_of(here, study)
day = parse_run_date(run_date)
engine = ENGINES["duckdb"]()
extracts = sources.staged(the_study, Path(data_dir), here)
sources.ingest(engine, the_study, day, extracts, here.parent / "inputs")
features.build(engine, the_study, day)
candidate = model.fit(engine, the_study, rules.read_rules(the_study.rules_path, the_study), day)
used = model.choose(engine, here, the_study, candidate)
model.apply(engine, used)
tables.save(engine, here, "customers")
model.save(here, used, candidate)
engine.close()
"""


@cache
def _started() -> Parent:
    started = Parent()
    atexit.register(started.close)
    return started


def parent() -> Parent | None:
    """One process that forks the kernels of all runs here, for each new one would import for seconds.

    None elsewhere than in the main thread, for it ends with the thread that started it.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    if _started().ended:
        _started.cache_clear()
    return _started()


class Project:
    """A project's folder, and what tests do with it."""

    def __init__(
        self, root: Path, cells: Mapping[str, str] | None = None, breaks: str = "{policy: refit}"
    ) -> None:
        self.root = root
        self.runs = root / "runs" / "acme"
        self.study = root / "params" / "acme.yaml"
        for name in ("params", "notebooks", "data"):
            (root / name).mkdir(parents=True)
        self.keep_breaks(breaks)
        (root / "params" / "acme.rules.csv").write_text(RULES)
        for stage, text in {**SHORT, **(cells or {})}.items():
            self.write_notebook(stage, text)
        self.deliver(12)

    def keep_breaks(self, breaks: str) -> None:
        self.study.write_text(STUDY.replace("{policy: refit}", breaks))

    def write_notebook(self, stage: str, cells: str, parameters: str = PARAMETERS) -> None:
        (self.root / "notebooks" / f"{stage}.py").write_text(parameters + cells)

    def deliver(self, customers: int) -> None:
        """Customer i ordered i times, every ten days, and customers differ in when they began."""
        lines = ["customer,order,date,market,amount"]
        for i in range(1, customers + 1):
            for k in range(i):
                day = dt.date(2025, 1, 1) + dt.timedelta(days=3 * i + 10 * k)
                lines.append(f"K{i:02},A{i}-{k},{day},M{k % 3},{10 * i}")
        (self.root / "data" / "sales.csv").write_text("\n".join([*lines, ""]))

    def run(self, date: dt.date, **options: object) -> runner.RunResult:
        settings = runner.RunOptions(**{"parent": parent(), **options})
        return runner.run(self.study, date, root=self.root, options=settings)

    def backfill(self, first: dt.date, last: dt.date, **options: object) -> list[runner.RunResult]:
        """The results, the last of them with the advice at the end."""
        settings = runner.RunOptions(**{"parent": parent(), **options})
        history = runner.backfill(self.study, first, last, root=self.root, options=settings)
        *before, last_one = history.results
        return [*before, replace(last_one, advice=(*last_one.advice, *history.advice))]

    def published(self) -> list[str]:
        return sorted(path.name for path in self.runs.glob("????-??-??"))

    def leftovers(self) -> list[str]:
        """Hidden things that a run leaves, beside the files of the lock."""
        return sorted(p.name for p in self.runs.glob(".*") if not p.name.startswith(".lock"))
