"""All 45-day runs of AdventureWorks with a follow-up log that is made up.

Run it with ``python -m benchmarks.adventure_followups [FOLDER]``. The orders are the real ones, so no
call can have changed any: whatever the report says beyond chance is wrong. Representatives call resellers
that have gone quiet, some often and some hardly ever.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import BIN, real_data, scratch_project, timed

SEED = 20200531
FIRST, LAST = "2018-07-26", "2020-05-31"
"""All runs from the first on of which five classes of frequency can be fitted."""
QUIET_AFTER, QUIET_UNTIL, REST = 45, 300, 21
"""Days without an order from which one calls, after which nobody does, and between two calls."""

DAILY = 0.012
AFTERWARDS = 0.02
"""The chance of a call on a quiet day, by the most usual representative, and on the day after an order."""

SOURCE = """\
  followups:
    files: [adventureworks/Visits.csv]
    format: {encoding: utf-8, delimiter: "|", date: "%Y/%m/%d"}
    columns: {customer_id: ResellerKey, rep: EmployeeKey, date: Date, outcome: Outcome}
"""


def write_visits(folder: Path) -> int:
    """Write ``Visits.csv`` beside ``Sales.csv``, whose orders it follows; gives the number of visits."""
    orders: dict[str, dict[dt.date, str]] = {}
    with (folder / "Sales.csv").open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines, delimiter="|"):
            day = dt.datetime.strptime(line["OrderDate"], "%Y/%m/%d").date()
            orders.setdefault(line["ResellerKey"], {})[day] = line["EmployeeKey"]
    chance = np.random.default_rng(SEED)
    reps = sorted({rep for days in orders.values() for rep in days.values()})
    diligence = dict(zip(reps, chance.uniform(0.3, 1.7, size=len(reps)), strict=True))
    end = max(day for days in orders.values() for day in days)
    visits = [
        (reseller, rep, day)
        for reseller in sorted(orders)
        for rep, day in _visits(chance, orders[reseller], end, diligence)
    ]
    with (folder / "Visits.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter="|", lineterminator="\n")
        rows.writerow(["ResellerKey", "EmployeeKey", "Date", "Outcome"])
        rows.writerows((reseller, rep, f"{day:%Y/%m/%d}", "called") for reseller, rep, day in visits)
    return len(visits)


def _visits(
    chance: np.random.Generator, orders: dict[dt.date, str], end: dt.date, diligence: dict[str, float]
) -> list[tuple[str, dt.date]]:
    """The visits of one reseller, by the representative of the latest order; they know no later order."""
    day, made = min(orders), list[tuple[str, dt.date]]()
    rep, last = orders[day], day
    while day < end:
        day += dt.timedelta(days=1)
        quiet = (day - last).days
        rested = not made or (day - made[-1][1]).days >= REST
        wanted = DAILY * (QUIET_AFTER < quiet <= QUIET_UNTIL) + AFTERWARDS * (quiet == 1)
        if rested and chance.random() < wanted * diligence[rep]:
            made.append((rep, day))
        if day in orders:
            rep, last = orders[day], day
    return made


def main(project: Path) -> None:
    """Make the project and all its runs; what they say stands in its reports."""
    scratch_project(project)
    shutil.copytree(real_data("adventureworks") / "adventureworks", project / "data" / "adventureworks")
    print(f"{write_visits(project / 'data' / 'adventureworks'):,} visits")
    study = project / "params" / "adventureworks.yaml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("variables:\n", f"{SOURCE}variables:\n", 1), encoding="utf-8")
    command = [str(BIN / "segcore"), "backfill", "adventureworks", "--from", FIRST, "--to", LAST]
    seconds = timed([command], project, SEGCORE_DATA_DIR=str(project / "data"))
    runs = sorted(path for path in (project / "reports" / "adventureworks").iterdir() if path.is_dir())
    print(f"{len(runs)} runs in {seconds:,.0f} s; the last one: {runs[-1] / 'report.html'}")


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "adventure"
    main(where)
