"""Mutants read by segcore, alone or many at once, and what must not become of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.fuzz_files import FORMS, HEADER, Form, Mutant, Row, mutant, orders
from segcore.engine import DuckDB, Engine
from segcore.errors import InputError, SegcoreError
from segcore.params import Source, Study
from segcore.params.file import load_study
from segcore.sources import ingest
from segcore.sources.extracts import Extract
from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.table import FORMATS, reader_of
from segcore.sources.parsing import header_of, parse_extract

RUN_DATE = dt.date(2025, 12, 31)
CANONICAL = ("customer_id", "name", "order_id", "order_date", "market", "amount")
OUTCOMES = ("loaded", "duplicates", "after_run_date", "excluded", "quarantined")
SPREAD = 7919
"""With it the numbers of the orders of two files differ in two digits: no mutation makes them equal."""

OURS = "tell who keeps segcore"
"""What a sentence says if the mistake is not in the file."""

FEW = 8
"""So many files are not halved any further."""

APART = 1_000_000
"""Between the records of two files that are read at once; more than any of them has."""


@dataclass(frozen=True)
class Found:
    """What became of some files: how many there were, were refused as a whole, and what must not be."""

    files: int
    mutations: int
    refused: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Mutants of one format, and where they are read."""

    form: Form
    sound: Mapping[int, list[Row]]
    mutants: Mapping[int, Mutant]
    study: Study
    folder: Path

    @property
    def source(self) -> Source:
        """What the study says of its transactions."""
        return self.study.sources.given()["transactions"]

    def name(self, number: int) -> str:
        """The name of a file."""
        return f"m{number:03}{self.form.ending}"

    def written(self, number: int) -> Path:
        """A file in the folder."""
        path = self.folder / self.name(number)
        path.write_bytes(self.mutants[number].content)
        return path


def tried(engine: Engine, name: str, seed: int, files: int, *, alone: bool) -> Found:
    """Make mutants of a format, read them one by one or all at once, and look for what must not be."""
    random = Random(f"{name} {seed}")
    form = FORMS[name]
    sound = {n: orders(f"{n * SPREAD % 1_000_000:06}") for n in range(files)}
    mutants = {n: mutant(random, form, sound[n]) for n in sound}
    with tempfile.TemporaryDirectory() as scratch:
        batch = Batch(form, sound, mutants, _study(form, Path(scratch)), Path(scratch))
        refused, failures = (_alone if alone else _at_once)(engine, batch)
    done = sum(len(one.what) for one in mutants.values())
    told = (f"{name} {seed} {n} {mutants[n].what if n in mutants else 'all'}: {why}" for n, why in failures)
    return Found(files, done, refused, tuple(told))


def _study(form: Form, folder: Path) -> Study:
    usual = {"decimal": ",", "thousands": ".", "date": "%d.%m.%Y"}
    transactions = {
        "files": ["m*"],
        "format": {**usual, **form.said},
        "columns": dict(zip(CANONICAL, HEADER, strict=True)),
    }
    said = {
        "title": "Mutations",
        "currency": "EUR",
        "sources": {"transactions": transactions},
        "variables": {"recency": {"classes": 2}},
        "breaks": {"policy": "refit"},
        "segments": {"Good": {}, "Bad": {}},
    }
    path = folder / "fuzz.yaml"
    path.write_text(json.dumps(said), encoding="utf-8")
    return load_study(path)


Failures = list[tuple[int, str]]


def _refusal(batch: Batch, number: int, error: Exception) -> Iterator[tuple[int, str]]:
    """What is wrong with how a file is refused."""
    if not isinstance(error, SegcoreError):
        yield number, f"{type(error).__name__}: {error}"
    elif not all(batch.name(number) in str(text) for text in error.problems):
        yield number, f"a sentence without the file's name: {error.problems}"
    elif OURS in str(error):
        yield number, f"a mistake of segcore's own: {error.problems}"


# One by one, the way a run reads them.


def _alone(engine: Engine, batch: Batch) -> tuple[int, Failures]:
    failures: Failures = []
    read: dict[int, Extract] = {}
    for number, one in batch.mutants.items():
        try:
            read[number] = _parsed(engine, batch, number, one)
        except Exception as error:
            failures += _refusal(batch, number, error)
    if read:
        counts, loaded = _judged(engine, batch, list(read.values()))
        for number in read:
            mine = loaded.get(batch.name(number), Counter())
            counted = counts[batch.name(number)]
            wrong = (*_sums_wrong(counted, mine.total()), *_lines_wrong(batch, number, counted))
            failures += [(number, why) for why in (*wrong, *_untouched_wrong(batch, number, mine))]
    return len(batch.mutants) - len(read), failures


def _parsed(engine: Engine, batch: Batch, number: int, one: Mutant) -> Extract:
    path = batch.written(number)
    digest = hashlib.sha256(one.content).hexdigest()
    extract = Extract("transactions", 0, path.name, None, len(one.content), digest, path)
    parse_extract(engine, extract, batch.source, batch.study.currency, batch.folder / "inputs" / "parsed")
    return extract


def _judged(
    engine: Engine, batch: Batch, extracts: Sequence[Extract]
) -> tuple[dict[str, dict[str, int]], dict[str, Counter[Row]]]:
    """What was counted and what was loaded, by file."""
    _ingest(engine, batch.study, extracts, batch.folder)
    frame = engine.frame("from reconciliation").set_index("file").drop(columns="source")
    counts = {str(file): {str(k): int(v) for k, v in row.items()} for file, row in frame.iterrows()}
    loaded: dict[str, Counter[Row]] = {}
    for file, _, *row in _rows(engine):
        loaded.setdefault(file, Counter())[tuple(row)] += 1
    return counts, loaded


def _ingest(engine: Engine, study: Study, extracts: Sequence[Extract], folder: Path) -> None:
    try:
        ingest(engine, study, RUN_DATE, extracts, folder / "inputs")
    except SegcoreError as error:
        # Mutations may leave no order at all; that is said after everything was counted.
        if "at least one order" not in str(error):
            raise


def _rows(engine: Engine) -> list[tuple[Any, ...]]:
    shown = "strftime(order_date, '%d.%m.%Y'), market, amount::DECIMAL(18, 2)::VARCHAR"
    return engine.rows(f"select file, record, customer_id, name, order_id, {shown} from transactions")


def _sums_wrong(counts: Mapping[str, int], loaded: int) -> Iterator[str]:
    if counts["records"] != sum(counts[outcome] for outcome in OUTCOMES):
        yield f"the outcomes do not add up: {counts}"
    if loaded != counts["loaded"]:
        yield f"{loaded} records are in the table, {counts['loaded']} were counted"


def _lines_wrong(batch: Batch, number: int, counts: Mapping[str, int]) -> Iterator[str]:
    form, text = batch.form, batch.mutants[number].text
    if text is None:
        return
    lines = lines_of(text, form.encoding)
    if counts["lines"] not in lines:
        yield f"{counts['lines']} lines were read, the file has {lines}"
    told = counts["records"] + counts["skipped"]
    if told > counts["lines"] or (not form.quotes and told != counts["lines"]):
        yield f"lines are neither records nor skipped: {counts}"


def _untouched_wrong(batch: Batch, number: int, loaded: Counter[Row]) -> Iterator[str]:
    touched = batch.mutants[number].touched
    if touched is None:
        return
    rows = batch.sound[number]
    sound = Counter(_plain(row) for n, row in enumerate(rows) if n not in touched)
    if lost := sound - loaded:
        yield f"records that nothing touched are not loaded as before: {list(lost)[:2]}"
    if loaded.total() > len(rows):
        yield f"{loaded.total()} records were loaded of {len(rows)}"


def _plain(row: Row) -> Row:
    """An order as the table has it: the amount with a point and no thousands."""
    return (*row[:5], row[5].replace(".", "").replace(",", "."))


def lines_of(content: bytes, declared: str) -> set[int]:
    """How many lines some bytes have, in each encoding in which they are text."""
    found = set()
    for codec in dict.fromkeys(("utf-8-sig", declared, "utf-16", "utf-16-le", "utf-16-be")):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        found.add(len(re.findall("\r\n|\r|\n", text)) + (text[-1:] not in ("", "\r", "\n")))
    return found


# All at once: each is opened, split and counted on its own; then all rows are typed and judged together.


def _at_once(engine: Engine, batch: Batch) -> tuple[int, Failures]:
    failures: Failures = []
    read: dict[int, list[pa.RecordBatch]] = {}
    for number in batch.mutants:
        try:
            opened = _opened(batch, number)
        except Exception as error:
            failures += _refusal(batch, number, error)
            continue
        lines = sum(pc.sum(part["lines"]).as_py() or 0 for part in opened)
        text = batch.mutants[number].text
        if text is not None and lines not in lines_of(text, batch.form.encoding):
            failures.append((number, f"{lines} lines were read"))
        read[number] = opened
    refused, more = _judged_at_once(engine, batch, read) if read else (0, [])
    return len(batch.mutants) - len(read) + refused, failures + more


def _judged_at_once(
    engine: Engine, batch: Batch, read: Mapping[int, list[pa.RecordBatch]]
) -> tuple[int, Failures]:
    """Of files that could be opened; those are sought by halves that are refused only when judged."""
    try:
        return 0, _read_at_once(engine, batch, read)
    except InputError:  # which file it is, only each alone can tell
        numbers = sorted(read)
        with DuckDB() as fresh:
            fresh.execute("set threads = 1")
            if len(read) <= FEW:
                return _alone(fresh, replace(batch, mutants={n: batch.mutants[n] for n in numbers}))
            middle = len(numbers) // 2
            halves = [{n: read[n] for n in part} for part in (numbers[:middle], numbers[middle:])]
            found = [_judged_at_once(fresh, batch, half) for half in halves]
    return sum(refused for refused, _ in found), [one for _, failures in found for one in failures]


def _opened(batch: Batch, number: int) -> list[pa.RecordBatch]:
    scratch = batch.folder / f"scratch{number}"
    scratch.mkdir()
    delivery = Delivery(batch.written(number), batch.name(number), batch.source.layout, scratch)
    header_of(delivery, batch.source)
    reader = reader_of(delivery)
    rows = list(reader.rows(delivery))
    counted, read = reader.count(delivery), sum(pc.sum(part["lines"]).as_py() or 0 for part in rows)
    assert counted == read, f"{counted} lines were counted, {read} read"
    return [_moved(part, number * APART, batch.source.layout.delimiter) for part in rows]


def _moved(part: pa.RecordBatch, by: int, delimiter: str) -> pa.RecordBatch:
    """Rows with their fields split, and numbers that no other file has."""
    split = [
        fields if text is None or fields is not None else text.split(delimiter)
        for text, fields in zip(part["text"].to_pylist(), part["fields"].to_pylist(), strict=True)
    ]
    fields = pa.array(split, ROWS.field("fields").type)
    texts = pa.nulls(len(split), pa.string())
    columns = [pc.add(part["record"], by), part["lines"], texts, fields, part["fault"]]
    return pa.record_batch(columns, schema=ROWS)


def _read_at_once(engine: Engine, batch: Batch, read: Mapping[int, list[pa.RecordBatch]]) -> Failures:
    first = pa.record_batch(
        [[1], pa.array([1], pa.int32()), pa.nulls(1, pa.string()), [list(HEADER)], pa.nulls(1, pa.string())],
        schema=ROWS,
    )
    parts = [part for opened in read.values() for part in opened]
    lines = 1 + sum(pc.sum(part["lines"]).as_py() or 0 for part in parts)
    FORMATS["at once"] = Reader((), rows=lambda _: iter([first, *parts]), count=lambda _: lines)
    layout = batch.source.layout.model_copy(update={"type": "at once"})
    sources = batch.study.sources
    source = sources.transactions.model_copy(update={"format": layout})
    study = batch.study.model_copy(update={"sources": sources.model_copy(update={"transactions": source})})
    try:
        one = Mutant(f"all {sorted(read)}".encode(), None, None, ())
        extract = _parsed(engine, replace(batch, study=study, mutants={0: one}), 0, one)
        _ingest(engine, study, [extract], batch.folder)
    finally:
        del FORMATS["at once"]
    loaded: dict[int, Counter[Row]] = {}
    for _, record, *row in _rows(engine):
        loaded.setdefault(record // APART, Counter())[tuple(row)] += 1
    counts = {
        k: int(v) for k, v in engine.frame("from reconciliation").iloc[0].drop(["source", "file"]).items()
    }
    failures = [(-1, why) for why in _sums_wrong(counts, sum(mine.total() for mine in loaded.values()))]
    if counts["lines"] != lines:
        failures.append((-1, f"{counts['lines']} lines are told of {lines}"))
    for number in read:
        failures += [(number, why) for why in _untouched_wrong(batch, number, loaded.get(number, Counter()))]
    return failures
