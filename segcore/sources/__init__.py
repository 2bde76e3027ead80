"""Extracts → canonical tables, quarantine and reconciliation. One file per format of extracts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.errors import InputError
from segcore.kinds import KINDS
from segcore.params import Study
from segcore.sources import deliveries, totals
from segcore.sources.credits import keep_credits
from segcore.sources.expressions import check_expressions, working_expressions
from segcore.sources.extracts import Extract, Found, data_folder, find, find_source
from segcore.sources.gates import accepted_in, check_gates, stop_at
from segcore.sources.judged import Judged, deliveries_of
from segcore.sources.judging import judge, loaded
from segcore.sources.lookups import check_single, resolve
from segcore.sources.parsing import check_headers, parse_extract
from segcore.sources.reconciling import CREATE, TOTALS, UNUSED, check_unique, reconcile
from segcore.sources.store import keep, kept_before
from segcore.sources.together import parse_all

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine

__all__ = [
    "Extract",
    "accepted_in",
    "check",
    "check_gates",
    "collect",
    "data_folder",
    "find",
    "find_source",
    "ingest",
    "ingest_reps",
    "keep",
    "kept_before",
    "parse_extract",
    "staged",
    "stop_at",
]

# What a run keeps of its sources, beside the extracts themselves.
KEPT = (
    "transactions",
    "customers_source",
    "reps",
    "followups",
    "renumbered",
    "reconciliation",
    "skipped",
    "records",
    "exclusions",
    "excluded",
    "quarantine",
    "unread",
    "conflicts",
    "deliveries",
    "controls",
    "gates",
    "months",
    "credits",
)

BEFORE = f"{CREATE}; {deliveries.CREATE}; {totals.CREATE}"
"""Makes the tables in which all sources are counted."""


def check(engine: FileEngine, study: Study, data_dir: Path) -> list[Found]:
    """Everything about a study's sources that can be known before any work.

    Raises
    ------
    InputError
        With every missing file and every fault of a header.
    ParamsError
        With every expression of the study that its columns cannot satisfy.
    """
    check_expressions(engine, study)
    found = find(study, data_dir)
    check_headers(study, found)
    return found


def collect(study: Study, data_dir: Path, store: Path) -> tuple[Extract, ...]:
    """Find the study's extracts, check their headers, and keep them in the store of inputs.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    found = find(study, data_dir)
    check_headers(study, found)
    return keep(found, store)


def staged(study: Study, data_dir: Path, run_dir: Path) -> tuple[Extract, ...]:
    """The extracts of a run: those that ``run.json`` names, or those of the data folder now.

    A run that was staged reads what was kept for it; a notebook that is run on its own has
    nothing staged and collects the extracts itself.
    """
    record = run_dir / "run.json"
    if not record.exists():
        return collect(study, data_dir, run_dir.parent / "inputs")
    inputs = json.loads(record.read_text(encoding="utf-8"))["inputs"]
    return tuple(Extract.from_json(entry, run_dir.parent / "inputs") for entry in inputs)


def ingest(
    engine: FileEngine, study: Study, run_date: dt.date, extracts: Sequence[Extract], store: Path
) -> None:
    """Make the canonical tables of a run date.

    Parameters
    ----------
    engine
        Where SQL runs. Afterwards it has ``transactions``, ``customers_source``, ``products``,
        ``reps`` and ``followups`` (those that the study has; with file and record of each row),
        and ``reconciliation``, ``exclusions``, ``quarantine`` and ``conflicts``; ``records`` and
        ``excluded`` are the first two for all files of a source together.
    study
        The study.
    run_date
        Orders after it do not exist for the run.
    extracts
        The files, in the order in which later ones win.
    store
        The store of inputs; the parsed forms are cached in it.

    Raises
    ------
    InputError
        If a file as a whole cannot be read, or no order is left.
    ParamsError
        If an expression of the study fails for a record.
    SegcoreError
        If the outcomes of a file do not add up to its records.
    """
    engine.execute(BEFORE)
    sources = study.sources.given()
    for kind in sources:
        mine = [extract for extract in extracts if extract.source == kind]
        judged = Judged(kind, sources, study.currency, run_date, deliveries_of(mine))
        _one_kind(engine, study, judged, mine, store)
        if KINDS[kind].amount and "followups" in sources:  # asked for by nobody else
            keep_credits(engine, judged)
    engine.execute(TOTALS)
    if "orders" in sources:
        engine.execute(UNUSED)
    _check_orders(engine, study, run_date)


def ingest_reps(
    engine: FileEngine, study: Study, run_date: dt.date, extracts: Sequence[Extract], store: Path
) -> None:
    """Make the table ``reps`` alone, which needs no other source; else as :func:`ingest`."""
    engine.execute(BEFORE)
    judged = Judged("reps", study.sources.given(), study.currency, run_date, deliveries_of(extracts))
    _one_kind(engine, study, judged, extracts, store)


def _one_kind(
    engine: FileEngine, study: Study, judged: Judged, extracts: Sequence[Extract], store: Path
) -> None:
    with working_expressions(engine, study, f"sources.{judged.kind}.columns"):
        parsed = parse_all(engine, extracts, judged.source, judged.currency, store / "parsed")
    with working_expressions(engine, study, f"sources.{judged.kind}.exclude"):
        _ingest_source(engine, judged, extracts, parsed)


def _ingest_source(
    engine: FileEngine,
    judged: Judged,
    extracts: Sequence[Extract],
    parsed: Sequence[tuple[Extract, Path]],
) -> None:
    judge(engine, judged, parsed)
    fates = reconcile(engine, judged, parsed)
    totals.add_controls(engine, judged.kind, judged.source, judged.table("parsed"))
    deliveries.list_conflicts(engine, judged)
    deliveries.compare(engine, judged, extracts)
    _make_table(engine, judged, fates)


def delivered(extracts: Sequence[Extract]) -> pd.DataFrame:
    """The extracts as a table for reviewers: source, file, delivered, bytes, sha256."""
    import pandas as pd

    columns = ("source", "name", "delivered", "bytes", "sha256")
    rows = [[e.as_json()[c] for c in columns] for e in extracts]
    return pd.DataFrame(rows, columns=list(columns)).fillna({"delivered": ""})


def orders_by_month(engine: FileEngine) -> pd.DataFrame:
    """Make the table ``months`` of orders: month (its first day), orders, lines, value; and show it."""
    engine.execute(
        "create or replace table months as select date_trunc('month', order_date)::DATE as month, "
        "count(distinct order_id) as orders, count(*) as lines, sum(amount)::DECIMAL(38, 4) as value "
        "from transactions group by 1"
    )
    return engine.frame("from months order by month")


def _check_orders(engine: FileEngine, study: Study, run_date: dt.date) -> None:
    """Without an order there is no run; say which of the two reasons it is."""
    if engine.rows("select 1 from records where source = 'transactions' and loaded > 0"):
        return
    first = engine.rows("select min(order_date) from transactions_judged")[0][0]
    if first is not None and first > run_date:
        raise InputError(
            f"the run date {run_date} must not lie before the first order ({first}); choose a later one"
        )
    mine = "where source = 'transactions'"
    fates = engine.rows(
        f"select rule, sum(records)::BIGINT, position from exclusions {mine} group by rule, position "
        f"union all select 'after the run date', sum(after_run_date)::BIGINT, 98 from reconciliation {mine} "
        f"union all select 'quarantined', sum(quarantined)::BIGINT, 99 from reconciliation {mine} order by 3"
    )
    told = ", ".join(f"{rule}: {records:,}" for rule, records, _ in fates if records)
    raise InputError(
        f"{study.path}: sources.transactions: at least one order must be left (none is; {told}); "
        "mend exclude or the format, and look at the quarantine"
    )


def _make_table(engine: FileEngine, judged: Judged, fates: Mapping[int, int]) -> None:
    """Orders stay a view, for they may be many; the small sources become tables."""
    kind = KINDS[judged.kind]
    name, what = kind.table or kind.name, "view" if kind.amount else "table"
    query = loaded(judged, fates)
    check_single(engine, judged, query)
    engine.execute(f"create or replace {what} {name} as {query}")
    if what == "table" or judged.looks_up:  # else each record was already counted once
        looked_up = kind.lookup or kind.found_by
        key = kind.key if looked_up and kind.key != "record" else ("file", "record")
        check_unique(engine, name, key, fates)
    if "becomes" in kind.columns:
        resolve(engine, name)
