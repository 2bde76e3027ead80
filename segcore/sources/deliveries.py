"""What several deliveries of a source say of the same records, and of the same days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name
from segcore.sources.judged import (
    DUPLICATE,
    DUPLICATES,
    LOADED,
    REPEATED,
    STRUCTURAL,
    UNPARSED,
    Judged,
)
from segcore.sources.judging import same

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.sources.extracts import Extract

CREATE = """
create or replace table conflicts (source VARCHAR, key VARCHAR, "column" VARCHAR, kept_file VARCHAR,
    kept_record BIGINT, kept_value VARCHAR, dropped_file VARCHAR, dropped_record BIGINT,
    dropped_value VARCHAR, within BOOLEAN);
create or replace table repeated (source VARCHAR, file VARCHAR, records BIGINT, customers BIGINT,
    amount DECIMAL(38, 8));
create or replace table deliveries (source VARCHAR, position INTEGER, delivery VARCHAR, files BIGINT,
    kind VARCHAR, records BIGINT, loaded BIGINT, first_day DATE, last_day DATE, amount DECIMAL(38, 8),
    common_first DATE, common_last DATE, common_records BIGINT, common_amount DECIMAL(38, 8),
    before_records BIGINT, before_amount DECIMAL(38, 8), equal_records BIGINT, again BIGINT,
    before INTEGER);
create or replace table older_deliveries as from deliveries limit 0;
create or replace table twins (source VARCHAR, kept STRUCT(file INTEGER, record BIGINT),
    dropped STRUCT(file INTEGER, record BIGINT), key VARCHAR, customer_id VARCHAR, amount DECIMAL(38, 8))
"""

STRAY = {"few": 0.05, "apart": 180}
"""Up to this share of a delivery's records, so many days before or behind all others, are mistyped dates."""

TWINS = 1000
"""Records that are dropped for an equal one of the same delivery, of a source, that are looked at again."""


def list_conflicts(engine: Engine, judged: Judged) -> None:
    """Add to ``conflicts`` where two records of a business key say different things.

    ``within`` says that both stand in one delivery; of these ``repeated`` counts the dropped records,
    their customers and their amount by file, for there no later delivery can have mended anything.
    Those that differ in nothing that is mapped stand in ``twins``: others of their columns may differ.
    """
    differ = engine.rows(f"select 1 from {judged.table('repeated')} where _differ limit 1")
    within = engine.rows(f"select 1 from outcomes where _outcome = {REPEATED} limit 1")
    if judged.source.unique == "record" or not (differ or within):
        return
    key = judged.key
    columns = [c for c in judged.source.columns if c not in key]
    shown = " || '-' || ".join(f"coalesce(l.{quote_name(c)}::VARCHAR, '')" for c in key)
    values = "".join(f", k.{quote_name(c)} as k{n}, l.{quote_name(c)} as l{n}" for n, c in enumerate(columns))
    for name, kind in (("customer_id", "VARCHAR"), ("amount", "DECIMAL(38, 8)")):
        values += f", {f'l.{name}' if name in judged.source.columns else 'NULL'}::{kind} as {name}"
    differs = " or ".join(f"l{n} is distinct from k{n}" for n in range(len(columns))) or "false"
    engine.execute(
        f"create or replace temp table pairs as select *, {differs} as differs from (select {shown} as key, "
        "k.file as kept_file, k.record as kept_record, l.file as dropped_file, l.record as dropped_record, "
        "k._file_number as kept_number, l._file_number as dropped_number, "
        f"l._outcome = {REPEATED} as within{values} "
        f"from {judged.view} l join {judged.table('repeated')} d "
        f"on (d._differ or l._outcome = {REPEATED}) and {same('l', 'd', judged)} "
        f"join {judged.view} k on {same('k', 'd', judged)} and k._precedence = d._best "
        f"where l._outcome in {DUPLICATES})"
    )
    for n, column in enumerate(columns):
        engine.execute(
            f"insert into conflicts select $kind, key, $column, kept_file, kept_record, k{n}::VARCHAR, "
            f"dropped_file, dropped_record, l{n}::VARCHAR, within from pairs "
            f"where l{n} is distinct from k{n}",
            {"kind": judged.kind, "column": column},
        )
    engine.execute(
        "insert into repeated select $kind, dropped_file, count(*), count(distinct customer_id), sum(amount) "
        "from pairs where within and differs group by dropped_file",
        {"kind": judged.kind},
    )
    engine.execute(
        "insert into twins select $kind, {file: kept_number, record: kept_record}, "
        "{file: dropped_number, record: dropped_record} as dropped, key, customer_id, amount "
        f"from pairs where within and not differs order by dropped limit {TWINS}",
        {"kind": judged.kind},
    )


def compare(engine: Engine, judged: Judged, extracts: Sequence[Extract]) -> None:
    """Add a source's deliveries to ``deliveries``, each beside the one before it.

    Notes
    -----
    Columns: source, position (from 1, in the order in which later ones win), delivery (its date, or
    the file's name), files, kind (cumulative, increments or snapshot), records (all of its files),
    loaded; of the records up to the run date that could be read: first_day and last_day (without a few
    that lie alone, see :data:`STRAY`), amount. Then,
    on the days from common_first to common_last, which both this delivery and the one before cover:
    common_records and common_amount of this one, before_records and before_amount of the one before,
    and equal_records: how many of the one before stand again in a later delivery (NULL for
    snapshots). All of these are NULL without a delivery before, without days, and where the two
    have no day in common. ``again`` is how many of all its records stand in a later delivery, too; of
    increments none should. ``before`` is the position of the one before.

    ``older_deliveries`` has the same of a delivery and an older one, where the one between them lacks
    days that both cover: the one with most of the records on such days.
    """
    names = {n: str(e.delivered or e.name) for n, e in zip(judged.deliveries, extracts, strict=True)}
    engine.execute(
        f"create or replace temp table days as select {judged.delivery('_file_number')}::INTEGER as number, "
        f"if(_outcome not in {(STRUCTURAL, UNPARSED)} and _day <= $today, _day, NULL) as day, "
        "count(*) as records, sum(_amount) as amount, "
        f"count(*) filter (_outcome = {LOADED}) as loaded, "
        f"count(*) filter (_outcome = {DUPLICATE}) as again from {judged.table('fates')} group by all",
        {"today": judged.run_date},
    )
    before = [(n, n - 1 if n else None) for n in sorted(names)]
    for table, pairs in (("deliveries", before), ("older_deliveries", engine.rows(_OLDER))):
        if not pairs:
            continue  # planning the query takes longer than running it
        engine.execute(
            f"insert into {table} {_DELIVERIES}",
            {
                "kind": judged.kind,
                "numbers": [n for n, _ in pairs],
                "names": [names[n] for n, _ in pairs],
                "files": [judged.deliveries.count(n) for n, _ in pairs],
                "before": [old for _, old in pairs],
                "how": judged.source.deliveries,
                **STRAY,
            },
        )


_OLDER = """
select number, arg_max(before, (records, before)) from (
    select number, before, sum(records) as records from (
        select number, sum(records) as records, lag(number) over (partition by day order by number) as before
        from days where day is not null group by number, day
    ) where before < number - 1 group by number, before
) group by number order by number
"""
_DELIVERIES = """
with listed as (
    select unnest($numbers::INTEGER[]) as number, unnest($names::VARCHAR[]) as delivery,
        unnest($files::BIGINT[]) as files,
        unnest($before::INTEGER[]) as before
),
near as (
    select *, $few * sum(records) filter (day is not null) over (partition by number) as few,
        lead(day) over old as later, lag(day) over old as earlier, sum(records) over old as up_to,
        sum(records) over (partition by number order by day desc nulls last) as down_to
    from days window old as (partition by number order by day nulls last)
),
whole as (
    select number, sum(records)::BIGINT as records, sum(loaded)::BIGINT as loaded,
        sum(again)::BIGINT as again,
        coalesce(max(later) filter (up_to <= few and later - day > $apart), min(day)) as first_day,
        coalesce(min(earlier) filter (down_to <= few and day - earlier > $apart), max(day)) as last_day,
        sum(amount) filter (day is not null) as amount
    from near group by number
),
common as (
    select l.number, l.before, greatest(w.first_day, b.first_day) as first,
        least(w.last_day, b.last_day) as last
    from listed l join whole w using (number) join whole b on b.number = l.before
    where w.first_day is not null and b.first_day is not null and first <= last
),
sums as (
    select c.number, c.first, c.last,
        sum(d.records) filter (d.number = c.number)::BIGINT as records,
        sum(d.amount) filter (d.number = c.number) as amount,
        sum(d.records) filter (d.number = c.before)::BIGINT as before_records,
        sum(d.amount) filter (d.number = c.before) as before_amount,
        sum(d.again) filter (d.number = c.before and $how <> 'snapshot')::BIGINT as equal_records
    from common c join days d on d.number in (c.number, c.before) and d.day between c.first and c.last
    group by c.number, c.first, c.last
)
select $kind, number + 1, delivery, files, $how, coalesce(w.records, 0), coalesce(w.loaded, 0), first_day,
    last_day, w.amount, s.first, s.last, coalesce(s.records, if(s.number is null, NULL, 0)), s.amount,
    coalesce(s.before_records, if(s.number is null, NULL, 0)), s.before_amount, s.equal_records,
    coalesce(w.again, 0), listed.before + 1
from listed left join whole w using (number) left join sums s using (number) order by number
"""
