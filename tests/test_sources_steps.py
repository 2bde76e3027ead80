"""The seven steps, against the same steps in plain Python, over random dirty deliveries."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_sources import DAY, HEADER, KEY, Change, ingest_files

from segcore.engine import DuckDB, Engine

COLUMNS = ("customer_id", "order_id", "item", "order_date", "market", "amount")
AMOUNTS = {"1,00": Decimal(1), "-2,50": Decimal("-2.5"), "1.000": Decimal(1000)}
DAYS = {
    "01.02.2025": dt.date(2025, 2, 1),
    "31.12.2025": DAY,
    "01.01.2026": dt.date(2026, 1, 1),
}
RULES: dict[str, Callable[[dict[str, object]], bool]] = {
    "no customer": lambda row: row["customer_id"] is None,
    "cancelled": lambda row: str(row["order_id"] or "").startswith("C"),
    "credit": lambda row: isinstance(row["amount"], Decimal) and row["amount"] < 0,
}
EXCLUDE = (
    "    unique:",
    """\
    exclude:
      no customer: "customer_id is null"
      cancelled: "order_id like 'C%'"
      credit: "amount < 0"
    unique:""",
)
FIELDS = st.tuples(
    st.sampled_from(["K1", "K2", " K1 ", ""]),
    st.sampled_from(["A1", "A2", "C3", ""]),
    st.sampled_from(["10", "20", ""]),
    st.sampled_from([*DAYS, "31.02.2025", ""]),
    st.sampled_from(["X", "Y", ""]),
    st.sampled_from([*AMOUNTS, "12.34,5", ""]),
)
ROWS = FIELDS | st.sampled_from([("K1", "A1"), ("K1", "A1", "10", "01.02.2025", "X", "1,00", "more")])
DELIVERIES = st.lists(st.lists(ROWS, min_size=1, max_size=25), min_size=1, max_size=3)
Row = tuple[str, ...]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


@dataclass
class Account:
    """What the seven steps make of some deliveries."""

    fates: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    excluded: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    loaded: list[tuple[object, ...]] = field(default_factory=list)
    quarantined: list[tuple[object, ...]] = field(default_factory=list)
    conflicts: list[tuple[object, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Record:
    file: int
    number: int
    raw: Row

    @property
    def name(self) -> str:
        return f"sales_{self.file}.csv"

    @property
    def values(self) -> dict[str, object]:
        texts = dict(zip(COLUMNS, (text.strip() or None for text in self.raw), strict=True))
        return {
            **texts,
            "order_date": DAYS.get(texts["order_date"] or ""),
            "amount": AMOUNTS.get(texts["amount"] or ""),
        }

    @property
    def unparsed(self) -> str | None:
        texts = dict(zip(COLUMNS, self.raw, strict=True))
        return next((c for c in ("order_date", "amount") if texts[c] and self.values[c] is None), None)


def account(deliveries: Sequence[Sequence[Row]], *, by_key: bool) -> Account:
    """The steps of a design's page, record by record."""
    made = Account()
    records = [Record(f, n, row) for f, rows in enumerate(deliveries) for n, row in enumerate(rows, start=2)]
    best: dict[object, Record] = {}
    for record in (r for r in records if len(r.raw) == 6):
        key = key_of(record, by_key=by_key)
        kept = best.get(key)
        if key is not None and (kept is None or record.file > kept.file):
            best[key] = record
    for record in records:
        fate = judge(made, record, best, by_key=by_key)
        made.fates[record.name]["records"] += 1
        made.fates[record.name][fate] += 1
    return made


def key_of(record: Record, *, by_key: bool) -> object:
    if not by_key:
        return record.raw
    key = (record.values["order_id"], record.values["item"])
    return None if record.unparsed or None in key else key


def judge(made: Account, record: Record, best: dict[object, Record], *, by_key: bool) -> str:
    if len(record.raw) != 6:
        return refuse(made, record, None, "columns")
    kept = best.get(key_of(record, by_key=by_key), record)
    if by_key and record.unparsed:
        return refuse(made, record, record.unparsed, "date" if "date" in record.unparsed else "number")
    if kept is not record:
        if by_key:
            contradict(made, kept, record)
        return "duplicates"
    if record.unparsed:
        return refuse(made, record, record.unparsed, "date" if "date" in record.unparsed else "number")
    values = record.values
    if isinstance(values["order_date"], dt.date) and values["order_date"] > DAY:
        return "after_run_date"
    for rule, holds in RULES.items():
        if holds(values):
            made.excluded[record.name, rule] += 1
            made.amounts[record.name, rule] += values["amount"] or 0  # type: ignore[operator]
            return "excluded"
    required = ("customer_id", "order_id", "order_date", "amount", "market", *(("item",) if by_key else ()))
    missing = next((column for column in required if values[column] is None), None)
    if missing:
        return refuse(made, record, missing, "required")
    made.loaded.append((record.name, record.number, *values.values()))
    return "loaded"


def refuse(made: Account, record: Record, column: str | None, rule: str) -> str:
    raw = ";".join(record.raw) if column is None else None
    if rule in ("date", "number"):
        raw = record.raw[COLUMNS.index(column or "")]
    made.quarantined.append((record.name, record.number, column, raw, rule))
    return "quarantined"


def contradict(made: Account, kept: Record, dropped: Record) -> None:
    key = f"{kept.values['order_id']}-{kept.values['item']}"
    for column in ("customer_id", "order_date", "market", "amount"):
        ours, theirs = kept.values[column], dropped.values[column]
        if ours != theirs:
            where = (kept.name, kept.number, dropped.name, dropped.number)
            made.conflicts.append((key, column, *where, shown(ours), shown(theirs)))


def shown(value: object) -> str | None:
    return None if value is None else f"{value:.4f}" if isinstance(value, Decimal) else str(value)


def found(engine: Engine, deliveries: Sequence[Sequence[Row]], change: Change) -> Account:
    """What segcore makes of them."""
    made = Account()
    files = {
        f"sales_{number}.csv": HEADER + "".join(";".join(row) + "\n" for row in rows)
        for number, rows in enumerate(deliveries)
    }
    # An order on the run date, in a later pattern, so that there is always one to load.
    files["sound.csv"] = HEADER + "K9;A9;10;31.12.2025;X;1,00\n"
    sound = ('["sales*"]', '["sales*", sound.csv]')
    with tempfile.TemporaryDirectory() as folder:
        ingest_files(engine, Path(folder), files, change, EXCLUDE, sound)
        for _, file, *counts in engine.rows(
            "select * exclude (lines, skipped) from reconciliation where file <> 'sound.csv'"
        ):
            made.fates[file] = Counter(dict(zip(FATES, counts, strict=True)))
        for file, rule, records, amount in engine.rows("select file, rule, records, amount from exclusions"):
            if records:
                made.excluded[file, rule] = records
                made.amounts[file, rule] = amount
        made.loaded = engine.rows(
            f"select file, record, {', '.join(COLUMNS)} from transactions where file <> 'sound.csv' "
            "order by file, record"
        )
        made.quarantined = engine.rows(
            'select file, record, "column", raw, rule from quarantine order by file, record'
        )
        made.conflicts = engine.rows(
            'select key, "column", kept_file, kept_record, dropped_file, dropped_record, '
            "kept_value, dropped_value from conflicts"
        )
    return made


FATES = ("records", "loaded", "duplicates", "after_run_date", "excluded", "quarantined")
RECORD = ("unique: record", "unique:  record")
SOUND = ("K1", "A1", "10", "01.02.2025", "X", "1,00")


@pytest.mark.parametrize("by_key", [True, False], ids=["business key", "whole record"])
@settings(deadline=None, max_examples=10)
@given(deliveries=DELIVERIES)
@example(deliveries=[[SOUND, SOUND], [(*SOUND[:5], "-2,50")], [(*SOUND[:5], "12.34,5")]])
@example(deliveries=[[SOUND], [(*SOUND[:3], "01.01.2026", "X", "1,00")]])
def test_every_record_has_the_fate_that_the_steps_give_it(
    engine: Engine, by_key: bool, deliveries: list[list[Row]]
) -> None:
    expected = account(deliveries, by_key=by_key)
    made = found(engine, deliveries, KEY if by_key else RECORD)

    assert {file: +counts for file, counts in made.fates.items()} == expected.fates
    assert made.loaded == expected.loaded
    assert made.quarantined == expected.quarantined
    assert (made.excluded, made.amounts) == (expected.excluded, expected.amounts)
    assert sorted(made.conflicts, key=repr) == sorted(expected.conflicts, key=repr)
    for counts in made.fates.values():
        assert counts["records"] == sum(counts[fate] for fate in FATES[1:])
