"""The draft of a study, tried on the files: it loads, and what it says is chosen by what it then shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from segcore import wording
from segcore.engine import FileEngine
from segcore.errors import SegcoreError
from segcore.features import build
from segcore.files import sha256_of
from segcore.init.account import account, credited, quarantined, unused
from segcore.init.defaults import LEAST, LOG, VARIABLES, rules_text
from segcore.init.exclusions import with_counts, with_records
from segcore.init.keys import with_ignored
from segcore.init.pace import window_of
from segcore.init.sizes import with_sizes
from segcore.init.writing import Draft, study_text
from segcore.params import Study
from segcore.params.file import load_study
from segcore.sources import check, ingest
from segcore.sources.extracts import Extract
from segcore.sources.gates import Looked, measure

FAR = "interval 400 days"  # an order this long after nearly all others is a slip of the pen
SOON = dt.timedelta(days=100)  # a delivery that is dated later is a copy of old orders
ALWAYS = ("recency", "frequency")


@dataclass(frozen=True)
class Trial:
    """What became of a draft that was tried.

    Parameters
    ----------
    draft
        The draft, with the date of its breaks, a window, variables that can be cut into classes, and rules.
    first
        What must be mended before a first run; empty if one works.
    lines
        What became of the records and how large the segments are, one sentence each.
    """

    draft: Draft
    first: tuple[str, ...]
    lines: tuple[str, ...]


def tried(engine: FileEngine, draft: Draft, scratch: Path, *, run_date: dt.date | None) -> Trial:
    """Read the files as a run would, and choose what only then can be known.

    Without a run date the breaks are of the newest delivery or order.
    """
    try:
        extracts = _extracts(engine, _loaded(draft, scratch), draft.folder.path)
        _ingest(engine, draft, scratch, extracts, run_date or draft.breaks_from)
        days, told = _run_date(engine, extracts)
        draft = replace(draft, breaks_from=run_date or days)
        look = Looked(engine, _loaded(draft, scratch), extracts, None)
        if (orders := with_ignored(look, draft.guesses[0])).ignore:
            draft = replace(draft, guesses=(orders, *draft.guesses[1:]))
            _ingest(engine, draft, scratch, extracts, draft.breaks_from)
        orders = with_records(engine, orders)
        draft = replace(draft, guesses=(orders, *draft.guesses[1:]))
        _ingest(engine, draft, scratch, extracts, draft.breaks_from)
    except SegcoreError as error:
        problems = tuple(f"it does not run yet: {problem}" for problem in error.problems)
        first = tuple(quarantined(engine)) if engine.has("quarantine") else ()
        return Trial(replace(draft, rules=rules_text(draft.variables)), (*first, *problems), ())
    date, study = draft.breaks_from, _loaded(draft, scratch)
    draft = replace(draft, guesses=(with_counts(engine, orders), *draft.guesses[1:]))
    measure(Looked(engine, study, extracts, None), {})
    first = (*quarantined(engine), *(f"a run would stop: {stop}" for stop in _gates(engine, "stopped")))
    lines = [*account(engine), *_gates(engine, "warned"), *unused(draft), *credited(engine), *told]
    # What follows asks for the orders often, and they are a view over all files.
    engine.execute("create or replace temp table read_once as from transactions")
    engine.execute("create or replace view transactions as from read_once")
    draft = replace(draft, window=window_of(engine, date))
    build(engine, _loaded(draft, scratch), date)
    varying, doubts = _varying(engine, draft.window.length if draft.window.months else None)
    draft = replace(draft, variables=varying)
    rules, sizes = with_sizes(engine, _loaded(draft, scratch), draft.window)
    return Trial(replace(draft, rules=rules), first, (*lines, *doubts, *sizes))


def _ingest(
    engine: FileEngine, draft: Draft, scratch: Path, extracts: Sequence[Extract], date: dt.date
) -> None:
    """Read the extracts as a run of the draft would."""
    ingest(engine, _loaded(draft, scratch), date, extracts, scratch)


def _loaded(draft: Draft, scratch: Path) -> Study:
    """The draft as a study, which the program itself reads."""
    path = scratch / f"{draft.name}.yaml"
    path.write_text(study_text(draft), encoding="utf-8")
    return load_study(path)


def _extracts(engine: FileEngine, study: Study, data: Path) -> list[Extract]:
    """The files where they lie: nothing is kept of a trial."""
    return [
        Extract(f.source, f.pattern, f.name, f.delivered, f.path.stat().st_size, sha256_of(f.path), f.path)
        for f in check(engine, study, data)
    ]


def _run_date(engine: FileEngine, extracts: Sequence[Extract]) -> tuple[dt.date, list[str]]:
    """The date for a first run, and what is to be said about it.

    It is that of the newest delivery, where names say it and it follows soon upon the newest order; else
    that of the newest order but for slips of the pen.
    """
    nearly = "(select quantile_disc(order_date, 0.999) from transactions)"
    ((newest, last),) = engine.rows(
        f"select max(order_date) filter (order_date <= {nearly} + {FAR}), max(order_date) from transactions"
    )
    told = []
    if newest != last:
        told.append(f"please check: the newest order is of {last}, long after nearly all others")
    days = [e.delivered for e in extracts if e.source == "transactions" and e.delivered]
    delivered = max(days, default=newest)
    if delivered != newest:
        told.append(f"run date: the newest delivery is of {delivered}, and the newest order of {newest}")
    return (delivered if dt.timedelta() <= delivered - newest <= SOON else newest), told


def _gates(engine: FileEngine, state: str) -> list[str]:
    """What gates say of the records."""
    return [
        f"{source}: {told}"
        for source, told in engine.rows(
            "select source, told from gates where state = $state and gate <> 'quarantine' order by all",
            {"state": state},
        )
    ]


def _varying(engine: FileEngine, window: str | None) -> tuple[dict[str, int], list[str]]:
    """The variables with as many classes as they have values, and what is said about the others."""
    kept: dict[str, int] = {}
    doubts: list[str] = []
    for name, classes in VARIABLES.items():
        ((count, lowest),) = engine.rows(f"select count(distinct {name}), min({name}) from features")
        lowest = min(lowest, _least(engine, window)) if name == "monetary" else lowest
        values = wording.plural(count, "different value")
        if count < LEAST[name]:
            so = "please check, for a run needs more" if name in ALWAYS else "it is left out"
            doubts.append(f"{name}: {values} for {classes} classes; {so}")
        elif name in LOG and lowest <= -1:
            so = f"the orders of somebody sum to {lowest:,.2f}, and log needs more than -1"
            doubts.append(f"{name}: {so}; it is left out; to use it, exclude credits")
            continue
        elif count < classes:
            doubts.append(f"{name}: {values}, so {count} classes instead of {classes}")
        if count >= LEAST[name] or name in ALWAYS:
            kept[name] = min(classes, count) if count >= LEAST[name] else classes
    return kept, doubts


def _least(engine: FileEngine, window: str | None) -> Decimal:
    """The least that the orders of any customer ever sum to, at whichever date a window ends.

    A sum falls when a credit comes into the window, or when an order leaves it.
    """
    length = f"interval '{window}'" if window else None
    frames = [f"{length} preceding and current row" if length else "unbounded preceding and current row"]
    frames += [f"interval '1 day' following and {length} following"] if length else []
    sums = " union all ".join(
        "select sum(amount) over (partition by customer_id order by order_date "
        f"range between {frame}) as value from transactions"
        for frame in frames
    )
    return Decimal(engine.rows(f"select coalesce(min(value), 0) from ({sums})")[0][0])
