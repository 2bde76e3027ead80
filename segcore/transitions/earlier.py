"""What earlier runs know of the customers, as far as this run asks.

A customer's path is the list of segments entered, one step for each change and for each absence.
It is made by walking through the runs in order of their dates, one join for each, so the cost is
linear in the number of runs, and it reads nothing of an earlier run but who was in which segment:
the result depends on what those runs hold, not on the order in which they were made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.errors import ArchiveError
from segcore.transitions.names import customers_sql, moves_sql

if TYPE_CHECKING:
    from segcore.engine import Engine, FileEngine

NEEDED = ("customers", "moves")
REMEMBERED = ("name", "rep")
TODAY = {"customers": customers_sql, "moves": moves_sql}
"""Table of an earlier run → how it reads with the segments' names of today."""


def read_earlier(
    engine: FileEngine,
    segments: Sequence[str],
    earlier: Sequence[Path],
    names: Mapping[str, str] | None = None,
) -> None:
    """Make what earlier runs know of the customers available to the engine.

    Parameters
    ----------
    engine
        Where SQL runs; holds ``customers`` (customer_id, segment, rank, …) and ``facts``
        (run_date, …) of this run; and ``renumbered`` (customer_id, becomes) if the study has it.
    segments
        The segments of this run, best first.
    earlier
        Folders of the earlier runs, ascending; a folder's name is its run date.
    names
        A segment's name in earlier runs → its name of today, see :func:`segcore.transitions.renamed`.

    Notes
    -----
    Tables out, all of them empty in a first run where that makes sense:

    - ``runs``: run (0, 1, … ascending, this run is the last), run_date.
    - ``last_run``: one row, its last_run is the date of the previous run; NULL in a first run.
    - ``segment_codes``: code, segment, rank. The code of a segment of this run is its rank.
      One that only earlier runs know is retired: it has no rank, and a code below zero.
    - ``past``: customer_id, path (see :func:`walk`), code; everybody whom any earlier run
      knows. The code is the customer's segment at the last earlier run, NULL if not in it.
    - ``previous``: customer_id, segment, name, rep as at the last earlier run.

    Whom the ERP gave another number since has it in ``past`` and ``previous``, too. Where two
    customers of an earlier run are one now, the one of the higher rank is its earlier self.

    Raises
    ------
    ArchiveError
        If an earlier run lacks a file, with every such file.
    """
    _check(earlier)
    for run, folder in enumerate(earlier):
        for name in NEEDED:
            path = folder / "data" / f"{name}.parquet"
            if not names:
                engine.read_parquet(path, view(name, run))
                continue
            engine.read_parquet(path, f"published_{view(name, run)}")
            query = TODAY[name](f"published_{view(name, run)}", names)
            engine.execute(f"create or replace view {view(name, run)} as {query}")
    _make_known(engine, len(earlier))
    _make_runs(engine, earlier)
    _make_codes(engine, segments, len(earlier))
    _make_previous(engine, len(earlier))
    engine.execute(
        "create or replace table past "
        "(customer_id VARCHAR, path STRUCT(run SMALLINT, code SMALLINT)[], code SMALLINT)"
    )
    for run in range(len(earlier)):
        step = walk(run, known(run))
        engine.execute(f"create or replace table past as select customer_id, path, code from ({step})")


def _check(earlier: Sequence[Path]) -> None:
    missing = [
        f"{folder}: the run of {folder.name} must have data/{name}.parquet (there is none); "
        "put it back from a copy, or make that run again with --force"
        for folder in earlier
        for name in NEEDED
        if not (folder / "data" / f"{name}.parquet").exists()
    ]
    if missing:
        raise ArchiveError(*missing)


def view(name: str, run: int) -> str:
    """The table of an earlier run in the engine."""
    return f"{name}_of_run_{run}"


def known(run: int) -> str:
    """The customers of an earlier run, each under the number of today."""
    return view("known", run)


def _make_known(engine: Engine, runs: int) -> None:
    for run in range(runs):
        query = f"from {view('customers', run)}"
        if engine.has("renumbered"):
            query = (
                "select * exclude (becomes) replace (coalesce(becomes, customer_id) as customer_id) "
                f"{query} left join renumbered using (customer_id) qualify row_number() over "
                "(partition by coalesce(becomes, customer_id) order by rank desc, customer_id) = 1"
            )
        engine.execute(f"create or replace view {known(run)} as {query}")


def next_run(engine: Engine) -> int:
    """The number of this run: as many as there are earlier ones."""
    return int(engine.rows("select max(run) from runs")[0][0])


def last_run(engine: Engine) -> dt.date | None:
    """The date of the previous run, None for a first run."""
    found: dt.date | None = engine.rows("select last_run from last_run")[0][0]
    return found


def _make_runs(engine: Engine, earlier: Sequence[Path]) -> None:
    engine.execute("create or replace table runs (run SMALLINT, run_date DATE)")
    for run, folder in enumerate(earlier):
        date = dt.date.fromisoformat(folder.name)
        engine.execute("insert into runs values ($run, $date)", {"run": run, "date": date})
    engine.execute("create or replace table last_run as select max(run_date) as last_run from runs")
    engine.execute("insert into runs select $run, run_date from facts", {"run": len(earlier)})


def _make_codes(engine: Engine, segments: Sequence[str], runs: int) -> None:
    engine.execute("create or replace table segment_codes (code SMALLINT, segment VARCHAR, rank SMALLINT)")
    for rank, segment in enumerate(reversed(segments)):
        row = {"rank": rank, "segment": segment}
        engine.execute("insert into segment_codes values ($rank, $segment, $rank)", row)
    if runs:
        known = " union ".join(f"select segment from {view('customers', run)}" for run in range(runs))
        engine.execute(
            "insert into segment_codes select -row_number() over (order by segment), segment, NULL "
            f"from (select distinct segment from ({known})) "
            "where segment not in (select segment from segment_codes)"
        )


def _make_previous(engine: Engine, runs: int) -> None:
    if not runs:
        engine.execute(
            "create or replace table previous "
            "(customer_id VARCHAR, segment VARCHAR, name VARCHAR, rep VARCHAR, fragile BOOLEAN)"
        )
        return
    last = known(runs - 1)
    there = engine.columns(last)
    remembered = [f"{c if c in there else 'NULL'}::VARCHAR as {c}" for c in REMEMBERED]
    fragile = f"{'fragile' if 'fragile' in there else 'NULL'}::BOOLEAN as fragile"
    columns = ", ".join(["customer_id", "segment", *remembered, fragile])
    engine.execute(f"create or replace table previous as select {columns} from {last}")


def walk(run: int, customers: str) -> str:
    """``past`` one run further: a step is added where somebody's segment is not what it was.

    Code NULL in a step means absent from that run on.
    """
    return f"""
    select customer_id, now.code as code,
        case when now.code is not distinct from past.code then path
            else list_append(path, struct_pack(run := {run}::SMALLINT, code := now.code)) end as path
    from past full join (
        select customer_id, segment_codes.code from {customers} join segment_codes using (segment)
    ) now using (customer_id)"""
