"""Ingest without a run: every source as far as it can be read, and all that is wrong at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive, sources, tables
from segcore.checking.subscribed import in_the_way
from segcore.engine import open_engine
from segcore.engine.sql import quote_text
from segcore.errors import InputError, SegcoreError
from segcore.files import sha256_of
from segcore.kinds import KINDS
from segcore.params import Study
from segcore.params.file import load_study
from segcore.sentences import warnings as of_warnings
from segcore.sources.beside import beside
from segcore.sources.expressions import check_expressions
from segcore.sources.extracts import Extract, Found
from segcore.sources.gates import Looked, measure
from segcore.sources.parsing import header_faults

if TYPE_CHECKING:
    from segcore.engine import FileEngine

Row = Mapping[str, Any]
NEEDED = [name for name, kind in KINDS.items() if kind.amount or kind.gives]
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
    warnings
        What a run would warn of beside its gates, one sentence each.
    extracts
        The files that could be read.
    headers
        Name of the file → the line of its header; 0 if it has none.
    tables
        Name → rows of what the ingest left; empty where it could not begin.
    mails
        What would keep mails about the run from being made or from reaching somebody, one sentence each.
    """

    study: Study
    run_date: dt.date
    previous: Path | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    extracts: Sequence[Extract]
    headers: Mapping[str, int]
    tables: Mapping[str, Sequence[Row]]
    mails: Sequence[str] = ()

    @property
    def stopped(self) -> bool:
        """Whether a run would stop."""
        return bool(self.problems) or any(row["state"] == "stopped" for row in self.tables["gates"])

    def of(self, table: str, source: str) -> list[Row]:
        """The rows of a table that are about a source."""
        return [row for row in self.tables[table] if row["source"] == source]


@contextmanager
def check_study(path: Path, run_date: dt.date, *, root: Path) -> Iterator[tuple[Checked, FileEngine]]:
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
    Checked, FileEngine
        What was found, and the engine that has the tables.

    Raises
    ------
    ParamsError
        If the study cannot be read, or its expressions do not fit its columns.
    """
    study = load_study(path)
    places, data_dir = archive.Places(root, study.name), sources.data_folder(study, root=root)
    previous = archive.previous_run(places.runs, run_date)
    folders = (places.inputs, data_dir, *([previous] if previous else []))
    with open_engine(study, *folders) as engine:
        check_expressions(engine, study)
        found, problems = _found(study, data_dir)
        sound = _sound(study, found, problems)
        extracts, headers = _parsed(engine, study, sound, places.inputs / "parsed", problems)
        left: dict[str, Sequence[Row]] = dict.fromkeys(TABLES, ())
        warnings: tuple[str, ...] = ()
        if (whole := _without(study, extracts)) is not None:
            _ingest(engine, whole, run_date, extracts, (places.inputs, problems))
            others = beside(data_dir, found, since=archive.published_at(places.runs))
            if engine.has("transactions"):
                measure(Looked(engine, whole, extracts, previous, others), {})
            left |= {name: _rows(engine, name) for name in TABLES if engine.has(name)}
            warnings = tuple(_old(engine, study, run_date))
        told = (study, run_date, previous, tuple(problems), warnings, extracts, headers, left)
        yield Checked(*told, mails=in_the_way(study, engine)), engine


def _found(study: Study, data_dir: Path) -> tuple[list[Found], list[str]]:
    """The files of the sources whose files can be told, and what is wrong with other sources."""
    found: list[Found] = []
    problems: list[str] = []
    for kind in study.sources.given():
        try:
            found += sources.find_source(study, kind, data_dir)
        except InputError as error:
            problems += error.problems
    return found, problems


def _sound(study: Study, found: Sequence[Found], problems: list[str]) -> list[Found]:
    """The files whose headers are sound; what is wrong with others is added to the problems."""
    faults = header_faults(study, found)
    problems += [text for texts in faults for text in texts]
    return [file for file, texts in zip(found, faults, strict=True) if not texts]


def _parsed(
    engine: FileEngine, study: Study, found: Sequence[Found], folder: Path, problems: list[str]
) -> tuple[list[Extract], dict[str, int]]:
    """The files that can be parsed with their headers; why others cannot is added to the problems."""
    given = study.sources.given()
    ready: list[Extract] = []
    headers: dict[str, int] = {}
    for file in found:
        try:
            extract = _extract(file, folder)
            parsed = sources.parse_extract(engine, extract, given[file.source], study.currency, folder)
        except InputError as error:
            problems += error.problems
            continue
        ready.append(extract)
        headers[file.name] = _header(engine, parsed)
    return ready, headers


def _extract(file: Found, folder: Path) -> Extract:
    """A file where it lies, for nothing is kept of a check; what a database answers must lie somewhere."""
    if file.query:
        return sources.keep([file], folder)[0]
    size, digest = file.path.stat().st_size, sha256_of(file.path)
    return Extract(file.source, file.pattern, file.name, file.delivered, size, digest, file.path)


def _header(engine: FileEngine, parsed: Path) -> int:
    said = engine.rows(
        f"select decode(value) from parquet_kv_metadata({quote_text(str(parsed))}) "
        "where decode(key) = 'header'"
    )
    return int(said[0][0]) if said else 1


def _without(study: Study, extracts: Sequence[Extract]) -> Study | None:
    """The study without the sources of which no file is left; None if no order line can be judged."""
    there = {extract.source for extract in extracts}
    missing = [kind for kind in study.sources.given() if kind not in there]
    if any(kind in NEEDED for kind in missing):
        return None
    fewer = study.sources.model_copy(update=dict.fromkeys(missing))
    return study.model_copy(update={"sources": fewer})


def _ingest(
    engine: FileEngine,
    study: Study,
    run_date: dt.date,
    extracts: Sequence[Extract],
    kept: tuple[Path, list[str]],
) -> None:
    """Make the tables; what is wrong with the sources as a whole is added to the problems."""
    store, problems = kept
    try:
        sources.ingest(engine, study, run_date, extracts, store)
    except SegcoreError as error:
        problems += error.problems


def _old(engine: FileEngine, study: Study, run_date: dt.date) -> Iterator[str]:
    """That the newest order is older than the study allows."""
    found = engine.rows("select max(order_date) from transactions") if engine.has("transactions") else []
    for (newest,) in found:
        if newest is not None and (told := of_warnings.stale(newest, run_date, study.max_gap_days)):
            yield told


def _rows(engine: FileEngine, name: str) -> list[Row]:
    columns = engine.columns(name)
    return [dict(zip(columns, row, strict=True)) for row in engine.rows(tables.ordered(engine, name))]
