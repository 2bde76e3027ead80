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
    before_records BIGINT, before_amount DECIMAL(38, 8), equal_records BIGINT, again BIGINT)
"""


def list_conflicts(engine: Engine, judged: Judged) -> None:
    """Add to ``conflicts`` where two records of a business key say different things.

    ``within`` says that both stand in one delivery; of these ``repeated`` counts the dropped records,
    their customers and their amount by file, for there no later delivery can have mended anything.
    """
    if not engine.rows(f"select 1 from {judged.table('repeated')} where _differ limit 1"):
        return
    key = judged.key
    columns = [c for c in judged.source.columns if c not in key]
    shown = " || '-' || ".join(f"coalesce(l.{quote_name(c)}::VARCHAR, '')" for c in key)
    values = "".join(f", k.{quote_name(c)} as k{n}, l.{quote_name(c)} as l{n}" for n, c in enumerate(columns))
    for name, kind in (("customer_id", "VARCHAR"), ("amount", "DECIMAL(38, 8)")):
        values += f", {f'l.{name}' if name in judged.source.columns else 'NULL'}::{kind} as {name}"
    differ = " or ".join(f"l{n} is distinct from k{n}" for n in range(len(columns)))
    engine.execute(
        f"create or replace temp table pairs as from (select {shown} as key, k.file as kept_file, "
        f"k.record as kept_record, l.file as dropped_file, l.record as dropped_record, "
        f"l._outcome = {REPEATED} as within{values} "
        f"from {judged.view} l join {judged.table('repeated')} d on d._differ and {same('l', 'd', judged)} "
        f"join {judged.view} k on {same('k', 'd', judged)} and k._precedence = d._best "
        f"where l._outcome in {DUPLICATES}) where {differ}"
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
        "from pairs where within group by dropped_file",
        {"kind": judged.kind},
    )


def compare(engine: Engine, judged: Judged, extracts: Sequence[Extract]) -> None:
    """Add a source's deliveries to ``deliveries``, each beside the one before it.

    Notes
    -----
    Columns: source, position (from 1, in the order in which later ones win), delivery (its date, or
    the file's name), files, kind (cumulative, increments or snapshot), records (all of its files),
    loaded; of the records up to the run date that could be read: first_day, last_day, amount. Then,
    on the days from common_first to common_last, which both this delivery and the one before cover:
    common_records and common_amount of this one, before_records and before_amount of the one before,
    and equal_records: how many of the one before stand again in a later delivery (NULL for
    snapshots). All of these are NULL without a delivery before, without days, and where the two
    have no day in common. ``again`` is how many of all its records stand in a later delivery, too; of
    increments none should.
    """
    numbers = range(len(set(judged.deliveries)))
    names = {n: str(e.delivered or e.name) for n, e in zip(judged.deliveries, extracts, strict=True)}
    before = [n - 1 if n else None for n in numbers]
    engine.execute(
        f"create or replace temp table days as select {judged.delivery('_file_number')}::INTEGER as number, "
        f"if(_outcome not in {(STRUCTURAL, UNPARSED)} and _day <= $today, _day, NULL) as day, "
        "count(*) as records, sum(_amount) as amount, "
        f"count(*) filter (_outcome = {LOADED}) as loaded, "
        f"count(*) filter (_outcome = {DUPLICATE}) as again from {judged.table('fates')} group by all",
        {"today": judged.run_date},
    )
    engine.execute(
        _DELIVERIES,
        {
            "kind": judged.kind,
            "numbers": list(numbers),
            "names": [names[n] for n in numbers],
            "files": [judged.deliveries.count(n) for n in numbers],
            "before": before,
            "how": judged.source.deliveries,
        },
    )


_DELIVERIES = """
insert into deliveries
with listed as (
    select unnest($numbers)::INTEGER as number, unnest($names) as delivery, unnest($files) as files,
        unnest($before::INTEGER[]) as before
),
whole as (
    select number, sum(records)::BIGINT as records, sum(loaded)::BIGINT as loaded,
        sum(again)::BIGINT as again, min(day) as first_day,
        max(day) as last_day, sum(amount) filter (day is not null) as amount
    from days group by number
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
    coalesce(w.again, 0)
from listed left join whole w using (number) left join sums s using (number) order by number
"""
