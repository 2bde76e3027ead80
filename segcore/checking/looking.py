"""Ingest without a run: every source as far as it can be read, and all that is wrong at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive, sources, tables
from segcore.engine import ENGINES
from segcore.errors import InputError
from segcore.files import sha256_of
from segcore.params import Study
from segcore.params.file import load_study
from segcore.sources.expressions import check_expressions
from segcore.sources.extracts import Extract, Found
from segcore.sources.parsing import check_header

if TYPE_CHECKING:
    from segcore.engine import Engine

Row = Mapping[str, Any]
NEEDED = ("transactions", "products", "orders")
"""Sources without which no order line can be judged."""

TABLES = ("reconciliation", "records", "excluded", "unread", "skipped", "gates")


@dataclass(frozen=True)
class Checked:
    """What a study's extracts are.

    Parameters
    ----------
    study, run_date
        The study, and the day from which a run would look.
    previous
        The folder of the published run before that day, None if there is none.
    problems
        What makes a file, or all of them, useless: one sentence each.
    extracts
        The files that could be read.
    tables
        Name → rows of what the ingest left; empty where it could not begin.
    """

    study: Study
    run_date: dt.date
    previous: Path | None
    problems: tuple[str, ...]
    extracts: Sequence[Extract]
    tables: Mapping[str, Sequence[Row]]

    @property
    def stopped(self) -> bool:
        """Whether a run would stop."""
        return bool(self.problems) or any(row["state"] == "stopped" for row in self.tables["gates"])


@contextmanager
def check_study(path: Path, run_date: dt.date, *, root: Path) -> Iterator[tuple[Checked, Engine]]:
    """Look at a study's extracts as a run of a date would.

    Parameters
    ----------
    path
        The study's file.
    run_date
        Orders after it do not count.
    root
        The project's folder. What is parsed is kept in the cache of the study's runs; the extracts
        themselves are read where they lie.

    Yields
    ------
    Checked, Engine
        What was found, and the engine that has the tables.

    Raises
    ------
    ParamsError
        If the study cannot be read, or its expressions do not fit its columns.
    """
    study = load_study(path)
    places = archive.Places(root, study.name)
    previous = archive.previous_run(places.runs, run_date)
    with ENGINES["duckdb"](memory_limit=study.memory_limit) as engine:
        check_expressions(engine, study)
        extracts, problems = _readable(study, sources.data_folder(study, root=root))
        ready, more = _parsed(engine, study, extracts, places.inputs)
        problems += more
        whole = _without(study, ready)
        found: dict[str, Sequence[Row]] = dict.fromkeys(TABLES, ())
        if whole is not None:
            problems += _ingested(engine, whole, run_date, ready, places.inputs)
            sources.check_gates(engine, whole, ready, str(previous or ""))
            found |= {name: _rows(engine, name) for name in TABLES if engine.has(name)}
        yield Checked(study, run_date, previous, tuple(problems), ready, found), engine


def _readable(study: Study, data_dir: Path) -> tuple[list[Extract], list[str]]:
    """The files whose names and headers are sound, and what is wrong with the others."""
    extracts: list[Extract] = []
    problems: list[str] = []
    for kind, source in study.sources.given().items():
        try:
            found = sources.find_source(study, kind, data_dir)
        except InputError as error:
            problems += error.problems
            continue
        for file in found:
            wrong = list(check_header(file.path, file.name, source))
            problems += wrong
            extracts += [] if wrong else [_extract(file)]
    return extracts, problems


def _extract(file: Found) -> Extract:
    """A file where it lies: nothing is kept of a check."""
    size, digest = file.path.stat().st_size, sha256_of(file.path)
    return Extract(file.source, file.pattern, file.name, file.delivered, size, digest, file.path)


def _parsed(
    engine: Engine, study: Study, extracts: Sequence[Extract], store: Path
) -> tuple[list[Extract], list[str]]:
    """The files that can be parsed, and why the others cannot."""
    given = study.sources.given()
    ready: list[Extract] = []
    problems: list[str] = []
    for extract in extracts:
        try:
            sources.parse_extract(engine, extract, given[extract.source], study.currency, store / "parsed")
            ready.append(extract)
        except InputError as error:
            problems += error.problems
    return ready, problems


def _without(study: Study, extracts: Sequence[Extract]) -> Study | None:
    """The study without the sources of which no file is left; None if no order line can be judged."""
    there = {extract.source for extract in extracts}
    missing = [kind for kind in study.sources.given() if kind not in there]
    if any(kind in NEEDED for kind in missing):
        return None
    fewer = study.sources.model_copy(update=dict.fromkeys(missing))
    return study.model_copy(update={"sources": fewer})


def _ingested(
    engine: Engine, study: Study, run_date: dt.date, extracts: Sequence[Extract], store: Path
) -> list[str]:
    """Make the tables; what is wrong with the sources as a whole."""
    try:
        sources.ingest(engine, study, run_date, extracts, store)
    except InputError as error:
        return list(error.problems)
    return []


def _rows(engine: Engine, name: str) -> list[Row]:
    key = [f'"{column}"' for column in tables.TABLES[name] if column in engine.columns(name)]
    columns = list(engine.columns(name))
    found = engine.rows(f"select * from {name}" + (f" order by {', '.join(key)}" if key else ""))
    return [dict(zip(columns, row, strict=True)) for row in found]
