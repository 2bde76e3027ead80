"""Published runs with customers of many representatives, made of nothing but the tables that pages need."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping
from pathlib import Path

from small_archive import MARCH
from small_model import model

from segcore import archive, tables
from segcore.engine import DuckDB
from segcore.representatives import TABLES

SECRET = "a secret of the tests"
STUDY = """\
title: ACME customers
currency: EUR
run_every: 45 days
sources:
  transactions:
    files: [sales.csv]
    columns: {customer_id: customer, order_id: order, order_date: date, market: market, amount: amount}
variables: {recency: {classes: 3}, frequency: {classes: 2}}
breaks: {policy: refit}
segments: {Loyal: {}, At risk: {follow_up: true, action: Visit}, Lost: {}}
"""
RULES = "segment,recency,frequency,note\nLoyal,3,2,\nAt risk,>=2,*,call them\nLost,*,*,\n"

LISTED = """
    select 'K' || printf('%04d', i) || 'z' as customer_id,
        'Canary' || printf('%04d', i) || 'z' as name,
        'R' || printf('%03d', i % {reps}) as rep,
        case when i % 11 = 10 then NULL else ['Loyal', 'At risk', 'Lost'][1 + i % 3] end as segment,
        case when i % 11 = 10 then NULL else 2 - i % 3 end::SMALLINT as rank,
        'recency at most 30 days' as rule, ['At risk', 'Loyal', 'Lost'][1 + i % 3] as from_segment,
        case when i % 11 = 10 then 'gone' else ['up', 'down', 'stayed'][1 + i % 3] end as state,
        case when i % 11 = 10 or i % 3 = 2 then NULL else 'earned' end as mark,
        (i * 7.5)::DECIMAL(38, 4) as value, $day::DATE - (i % 90)::INT as last_order
    from range({customers}) t(i)"""
"""Customer i belongs to representative i modulo their number."""

CALLS = """
    select customer_id, name, rep, rep as rep_name, segment, from_segment as segment_from, state, mark, value,
        last_order, $day::DATE + 20 as drop_date, 'Lost' as falls_to, 1::SMALLINT as rule, false as fragile,
        true as eligible, true as falls, false as first, 'falls' as reason,
        'last order 20 days ago, limit 30' as says, true as listed, held_out,
        case when not held_out then row_number() over (
            partition by rep, held_out order by value desc, customer_id) end::INTEGER as position
    from (select *, abs(hash(customer_id)) % 10 = 0 as held_out from listed where segment = 'At risk')"""

REPS = """
    select 'R' || printf('%03d', i) as rep, 'Person' || printf('%03d', i) || 'y' as name
    from range({reps} + {more}) t(i)"""

OTHERS = {
    "facts": "select $day::DATE as run_date, 100::BIGINT as customers, '12 months' as value_window",
    "history": """select customer_id, $day::DATE - 45 as since, false as at_least from listed
        where segment is not null""",
    "rules": "select 1::SMALLINT as line, 'recency at most 30 days' as rule",
    "flows": "select unnest([$day::DATE - 45, $day::DATE]) as run_date",
    "verdict": """select 'follow-ups' as test, 0.4::DOUBLE as p_value, 12::BIGINT as representatives,
        90::BIGINT as customers""",
    "followed": "select $day::DATE - 45 as run_date, NULL::VARCHAR as segment, NULL::VARCHAR as left_out",
    "books": """select row_number() over (order by rep)::SMALLINT as position, rep, name, true as recorded,
        false as few, 40::BIGINT as eligible, 25::BIGINT as followed, 9::BIGINT as reached, 9::BIGINT as up,
        0::BIGINT as apart, 15::BIGINT as unfollowed, 0::DECIMAL(38, 4) as value_after, 7.0::DOUBLE as after,
        5.5::DOUBLE as expected, 1.5::DOUBLE as difference, 0.225::DOUBLE as share, 0.12::DOUBLE as low,
        0.38::DOUBLE as high, -4.0::DOUBLE as low95, 4.5::DOUBLE as high95 from reps""",
}


def publish(
    root: Path,
    day: dt.date = MARCH,
    *,
    customers: int = 60,
    reps: int = 6,
    more: int = 1,
    changed: Mapping[str, str] | None = None,
    study: str = STUDY,
    replace: bool = False,
) -> archive.Places:
    """Publish a run of so many customers; nothing that follows publishing is done.

    Parameters
    ----------
    root, day
        The project, and the date of the run.
    customers, reps, more
        How many customers, of how many representatives, and how many of these have none.
    changed
        Table → a query that takes its place, over the table itself as ``kept``; "" for none.
    study
        Its file.
    replace
        Whether a run of the date is there.
    """
    places = archive.Places(root, "acme")
    folder = archive.stage(places, day)
    (folder / "study" / "acme.yaml").write_text(study)
    (folder / "study" / "acme.rules.csv").write_text(RULES)
    (folder / "model.json").write_text(model().to_json())
    (folder / "report" / "report.html").write_text("<p>the report</p>")
    queries = {"listed": LISTED, "calls": CALLS, "reps": REPS, **OTHERS}
    with DuckDB() as engine:
        for name, query in queries.items():
            text = query.format(customers=customers, reps=reps, more=more)
            engine.execute(f"create table {name} as {text}", {"day": day} if "$day" in text else None)
        for name, query in (changed or {}).items():
            if query:
                engine.execute(f"create or replace table changed as with kept as (from {name}) {query}")
            engine.execute(f"drop table {name}")
            if query:
                engine.execute(f"alter table changed rename to {name}")
        tables.save(engine, folder, *TABLES)
    before = archive.previous_run(places.runs, day)
    facts = {
        "study": "acme",
        "run_date": day.isoformat(),
        "inputs": [],
        "model": {"from": None},
        "previous": archive.open_run(before).reference if before else None,
    }
    archive.publish(places, archive.seal(folder, facts), replace=replace)
    return places


def folder_of(places: archive.Places, number: int) -> Path:
    """The folder of a representative."""
    from segcore.representatives import Secret

    return places.reports / "for" / Secret(SECRET).folder("acme", f"R{number:03}")


def everything_in(folder: Path) -> bytes:
    """All bytes of a folder's files, and of the members of workbooks, with the names of both."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found += [path.name.encode(), path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as members:
                for name in members.namelist():
                    found += [name.encode(), members.read(name)]
    return b"\0".join(found)
