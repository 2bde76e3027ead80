"""The account of every file: its records are counted where they were parsed, and each has one outcome.

What is compared was counted apart: the lines by whoever read the file, the records in its parsed
form alone, the outcomes after all lookups. A lookup that multiplied order lines would be seen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names, quote_text
from segcore.errors import SegcoreError
from segcore.sources.judged import (
    DUPLICATES,
    EXCLUDED,
    FOREIGN,
    LATER,
    LOADED,
    MISSING,
    ORPHAN,
    REFUSED,
    Judged,
)

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.sources.extracts import Extract

CREATE = """
create or replace table reconciliation (source VARCHAR, file VARCHAR, records BIGINT, loaded BIGINT,
    duplicates BIGINT, after_run_date BIGINT, excluded BIGINT, quarantined BIGINT, lines BIGINT,
    skipped BIGINT);
create or replace table skipped (source VARCHAR, file VARCHAR, rule VARCHAR, lines BIGINT);
create or replace table exclusions (source VARCHAR, file VARCHAR, rule VARCHAR, position INTEGER,
    records BIGINT, amount DECIMAL(38, 8));
create or replace table quarantine (source VARCHAR, file VARCHAR, record BIGINT, "column" VARCHAR,
    raw VARCHAR, rule VARCHAR, reason VARCHAR);
create or replace table unread (source VARCHAR, "column" VARCHAR, raw VARCHAR, rule VARCHAR, records BIGINT)
"""
"""The tables to which every source adds its files."""

TOTALS = """
create or replace table records as
    select source, count(*) as files, sum(records)::BIGINT as records, sum(loaded)::BIGINT as loaded,
        sum(duplicates)::BIGINT as duplicates, sum(after_run_date)::BIGINT as after_run_date,
        sum(excluded)::BIGINT as excluded, sum(quarantined)::BIGINT as quarantined
    from reconciliation group by source;
create or replace table excluded as
    select source, position, rule, sum(records)::BIGINT as records, sum(amount)::DECIMAL(38, 2) as amount
    from exclusions group by source, position, rule
"""
"""The same for all files of a source together."""

UNUSED = """
alter table records add column unused BIGINT;
update records set unused = (select count(*) from orders h anti join transactions_joined l using (order_id))
    where source = 'orders'
"""
"""How many heads of orders no order line names."""


def reconcile(engine: Engine, judged: Judged, parsed: Sequence[tuple[Extract, Path]]) -> dict[int, int]:
    """Add a source's files to the tables of :data:`CREATE`.

    Returns
    -------
    dict of int to int
        Outcome → records of all files.

    Raises
    ------
    SegcoreError
        If a file's lines are not those that were counted when it was read, or the outcomes do not
        add up to its records.
    """
    _count(engine, judged, parsed)
    values = {"kind": judged.kind}
    # The records are joined anew for what was left out, which is rare.
    left_out = engine.rows(f"select 1 from {judged.table('parsed')} where _unread is not null limit 1")
    for statement in (_RECONCILIATION, _SKIPPED, *([_UNREAD] if left_out else [])):
        engine.execute(statement.replace("KIND", judged.kind), values)
    for position, rule in enumerate(judged.rules):
        engine.execute(
            "insert into exclusions select $kind, file, $rule, $position, coalesce(sum(o.records), 0), "
            f"coalesce(sum(o.amount), 0) from counted left join outcomes o on o._file_number = number "
            f"and _outcome = {EXCLUDED + position} group by number, file order by number",
            {**values, "rule": rule, "position": position + 1},
        )
    found: dict[int, int] = dict(
        engine.rows("select _outcome, sum(records)::BIGINT from outcomes group by _outcome")
    )
    if found.keys() & set(REFUSED):
        engine.execute(f"insert into quarantine {_quarantine(judged)}", values)
    _check(engine)
    return found


def _count(engine: Engine, judged: Judged, parsed: Sequence[tuple[Extract, Path]]) -> None:
    """Make ``counted`` (of every file, from its parsed form alone) and ``outcomes``."""
    paths = f"[{', '.join(quote_text(str(path)) for _, path in parsed)}]"
    engine.execute(
        "create or replace temp table counted as select number, file, coalesce(records, 0) as records, "
        "coalesce(places, 0) as places, coalesce(lines, 0) as lines, coalesce(skipped, 0) as skipped, "
        "coalesce(known, -1) as known from (select unnest($files) as file, unnest($paths) as path, "
        "unnest(range(len($files)))::INTEGER as number) left join (select _file_number, "
        "count(*) filter (_skip is null) as records, sum(record) filter (_skip is null) as places, "
        "sum(_lines)::BIGINT as lines, (sum(_lines) filter (_skip is not null))::BIGINT as skipped "
        f"from {judged.table('parsed')} group by _file_number) on _file_number = number "
        f"left join (select file_name, max(decode(value)::BIGINT) as known from parquet_kv_metadata({paths}) "
        "where decode(key) = 'lines' group by file_name) on file_name = path",
        {"files": [extract.name for extract, _ in parsed], "paths": [str(path) for _, path in parsed]},
    )
    engine.execute(
        "create or replace temp table outcomes as select _file_number, _outcome, count(*) as records, "
        f"sum(record) as places, sum(_amount) as amount from {judged.table('fates')} group by all"
    )


def _sum(condition: str) -> str:
    return f"coalesce(sum(o.records) filter ({condition}), 0)"


_RECONCILIATION = (
    f"insert into reconciliation select $kind, file, c.records, {_sum(f'_outcome = {LOADED}')}, "
    f"{_sum(f'_outcome in {DUPLICATES}')}, {_sum(f'_outcome = {LATER}')}, {_sum(f'_outcome >= {EXCLUDED}')}, "
    f"{_sum(f'_outcome in {REFUSED}')}, lines, skipped "
    "from counted c left join outcomes o on o._file_number = number group by all order by any_value(number)"
)
_SKIPPED = (
    "insert into skipped select $kind, any_value(file), _skip, sum(_lines) from KIND_parsed "
    "where _skip is not null group by _file_number, _skip order by _file_number, _skip"
)
_UNREAD = (
    'insert into unread select $kind, one."column", one.raw, one.rule, count(*) from '
    "(select unnest(_unread) as one from KIND_judged "
    f"where _unread is not null and _outcome = {LOADED}) group by all"
)


def _quarantine(judged: Judged) -> str:
    absent = " ".join(f"when {quote_name(c)} is null then {quote_text(c)}" for c in judged.required)
    column, raw, reason = f"case {absent} end", "NULL", "'must have a value'"
    if judged.by_product:
        unknown = f"case when {column} = 'market' and product is not null then"
        raw = f"{unknown} product end"
        reason = f"{unknown} 'must have a value; its product is not in products' else {reason} end"
    late = {
        ORPHAN: ("'order_id'", "order_id", "'orders'", "'no order with this number in orders'"),
        FOREIGN: ("'currency'", "currency", "'currency'", quote_text(f"must be in {judged.currency}")),
        MISSING: (column, raw, "'required'", reason),
    }
    if "order_id" not in judged.source.columns:
        late.pop(ORPHAN)
    if "currency" not in (*judged.source.columns, *judged.of_heads):
        late.pop(FOREIGN)
    said = []
    for n, otherwise in enumerate(("_bad_column", "_bad_raw", "_bad_rule", "_bad_reason")):
        cases = " ".join(f"when {code} then {sql[n]}" for code, sql in late.items())
        said.append(f"case _outcome {cases} else {otherwise} end")
    return (
        f"select $kind, file, record, {', '.join(said)} from {judged.view} "
        f"where _outcome in {REFUSED} order by _file_number, record"
    )


def _check(engine: Engine) -> None:
    problems = [
        f"{file}: the parsed form must hold the {known:,} lines that were counted (it holds {lines:,}); "
        "delete the folder inputs/parsed of the study's runs and run again"
        for file, known, lines in engine.rows(
            "select file, known, lines from counted where known <> lines order by number"
        )
    ]
    problems += [
        f"{file}: every one of its {records:,} records must have exactly one outcome ({judged:,} have one); "
        "this is a fault of segcore"
        for file, records, judged in engine.rows(
            "select file, c.records, coalesce(sum(o.records), 0)::BIGINT as judged from counted c "
            "left join outcomes o on o._file_number = number group by number, file, c.records, c.places "
            "having judged <> c.records or coalesce(sum(o.places), 0) <> c.places order by number"
        )
    ]
    if problems:
        raise SegcoreError(*problems)


def check_unique(engine: Engine, table: str, key: Sequence[str], most: Mapping[int, int]) -> None:
    """Assert that a table has exactly the records that were counted, one per key.

    Raises
    ------
    SegcoreError
        If it does not.
    """
    distinct = "count(*)" if key == ("file", "record") else f"count(distinct ({quote_names(key)}))"
    rows, keys = engine.rows(f"select count(*), {distinct} from {quote_name(table)}")[0]
    counted = most.get(LOADED, 0)
    if not rows == keys == counted:
        raise SegcoreError(
            f"{table}: must have one row per {', '.join(key)} ({rows:,} rows of {keys:,} and {counted:,} "
            "records); this is a fault of segcore"
        )
