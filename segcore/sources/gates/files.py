"""Gates on files and dates: missing ones, or a month without orders; and against the run before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.sources.beside import resembled
from segcore.sources.gates.deliveries import LOST
from segcore.sources.gates.finding import Finding, Looked
from segcore.sources.gates.pairs import FEW
from segcore.sources.gates.records import ahead, taken
from segcore.wording import count, join, month, percent, plural, some

BUSY = 20
"""Order lines of a month from which on a month without any beside it is no accident."""


GONE = "every file of the run before must still be there"


def months(look: Looked) -> Iterator[Finding]:
    """Months without an order between months with orders, and records that lie behind them all."""
    yield from ahead(look)
    found = look.engine.rows(
        "select date_trunc('month', order_date)::DATE as month, count(*) "
        "from transactions group by 1 order by 1"
    )
    gaps = []
    for (before, lines), (after, more) in pairwise(found):
        missing = list(_between(before, after))
        gaps += [(missing, (lines + more) / 2)] if missing else []
    if not gaps:
        yield Finding("transactions", "months", 0.0)
        return
    days = [day for missing, _ in gaps for day in missing]
    named, around = some([month(day) for day in days], most=6), max(lines for _, lines in gaps)
    strays = _strays(look, [missing for missing, _ in gaps])
    yield Finding(
        "transactions",
        "months",
        float(len(days)),
        "every month between the first and the last order must have orders",
        f"none {'is' if len(days) == 1 else 'are'} of {named}; the months around have "
        f"{plural(round(around), 'order line')} on average",
        "look for a delivery that is missing" + (", and at these dates" if strays else ""),
        mild=around < BUSY,
        details=strays,
    )


def _strays(look: Looked, gaps: Sequence[Sequence[dt.date]]) -> list[str]:
    """The order lines that lie alone before or behind all others: their dates may be wrong."""
    first, last = gaps[0][0], gaps[-1][-1]
    found = look.engine.rows(
        "select order_date < $first, count(*), min((file, record, order_date)) from transactions "
        "where order_date < $first or order_date > last_day($last) group by 1 order by 1 desc",
        {"first": first, "last": last},
    )
    whole = sum(number for _, number, _ in found)
    return [
        f"only {plural(number, 'order line')} {'lies' if number == 1 else 'lie'} "
        f"{'before' if before else 'after'} that, first {place[0]} record {count(place[1])} of {place[2]}"
        for before, number, place in found
        if number <= FEW and whole > 10 * number
    ]


def _between(before: dt.date, after: dt.date) -> Iterator[dt.date]:
    for number in range(before.year * 12 + before.month, after.year * 12 + after.month - 1):
        yield dt.date(number // 12, number % 12 + 1, 1)


def shrunk_since(look: Looked) -> Iterator[Finding]:
    """Order lines up to the date of the run before, against those that it had."""
    if not (then := _before(look)):
        return
    date, lines = then
    now = "select * from transactions where order_date <= $date"
    ((was, had),) = look.engine.rows(f"select count(*), sum(amount)::DECIMAL(38, 2) from {lines}")
    ((stays, has),) = look.engine.rows(
        f"select count(*), coalesce(sum(amount), 0)::DECIMAL(38, 2) from ({now})", {"date": date}
    )
    if not was:
        return
    kept = min(stays / was, float(has / had) if had and had > 0 else 1.0)
    if kept >= LOST:
        yield Finding("transactions", "shrunk", kept, file=f"the run of {date}")
        return
    ((customers,),) = look.engine.rows(
        f"select count(*) from (select customer_id, count(*) as n from {lines} group by 1) was "
        f"left join (select customer_id, count(*) as n from ({now}) group by 1) stays using (customer_id) "
        "where coalesce(stays.n, 0) < was.n",
        {"date": date},
    )
    yield Finding(
        "transactions",
        "shrunk",
        kept,
        "order lines that the run before had must still be there",
        f"up to {date} there are {count(stays)} of its {plural(was, 'order line')}, {percent(kept)} of lines "
        "or sum",
        "look for a file that is missing or cut off, another form of dates, or a new exclusion",
        file=f"the run of {date}",
        mild=was < FEW,
        customers=customers,
        amount=max((had or Decimal(0)) - has, Decimal(0)),
    )


def missing_file(look: Looked) -> Iterator[Finding]:
    """Files of the previous run that are not there now, if what they held is in no other either."""
    record = look.previous / "run.json" if look.previous else None
    if record is None or not record.exists():
        return
    inputs: list[dict[str, Any]] = json.loads(record.read_text(encoding="utf-8")).get("inputs", [])
    there = {e.name for e in look.extracts} | {e.sha256 for e in look.extracts}
    given = look.study.sources.given()
    for entry in inputs:
        kind, name = entry["source"], entry["name"]
        replaced = kind in given and given[kind].deliveries == "snapshot"
        if kind in given and not replaced and not {name, entry["sha256"]} & there:
            yield _missing(look, kind, name)


def _missing(look: Looked, kind: str, name: str) -> Finding:
    known = KINDS[kind]
    table = known.table or kind
    assert look.previous is not None
    path = look.previous / "data" / f"{table}.parquet"
    if not path.exists():  # products and heads of orders are not kept
        return Finding(
            kind,
            "missing_file",
            1.0,
            GONE,
            "it is gone, and runs do not keep what it held",
            "put it back, unless another file holds all of it",
            file=name,
            mild=True,
        )
    key = ("order_id", known.day) if known.day == "order_date" else ("customer_id", known.day)
    columns = key if known.day else known.key
    held = f"select * from {_parquet(path)} where file = {quote_text(name)}"
    same = " and ".join(f"now.{quote_name(c)} = old.{quote_name(c)}" for c in columns)
    lost = f"select * from ({held}) old where not exists (select 1 from {quote_name(table)} now where {same})"
    ((of, gone),) = look.engine.rows(
        f"select (select count(*) from ({held})), (select count(*) from ({lost}))"
    )
    if not gone:
        return Finding(kind, "missing_file", 0.0, file=name)
    return Finding(
        kind,
        "missing_file",
        1.0,
        GONE,
        f"it is gone, and {count(gone)} of the {plural(of, 'record')} that were used of it are nowhere else",
        "put it back, or deliver all of it again",
        file=name,
        mild=gone < 0.1 * of,
        **look.concerned(kind, lost),
    )


def unmatched_file(look: Looked) -> Iterator[Finding]:
    """Files beside the extracts that no pattern of the study matches."""
    extracts = [(extract.source, extract.name) for extract in look.extracts]
    of = {name: resembled(name, extracts) for name in look.beside}
    for source in dict.fromkeys(of.values()):
        mine = [name for name in of if of[name] == source]
        yield Finding(
            source,
            "unmatched_file",
            float(len(mine)),
            "every file beside the extracts must belong to a source",
            f"no pattern matches {some(mine)}",
            "mend files: if it is a delivery, or take it out of the data folder",
        )
    for source, file, rule in look.engine.rows(
        "select source, file, rule from skipped where rule like '%but has the same header' order by all"
    ):
        yield Finding(
            source,
            "unmatched_file",
            1.0,
            "every sheet with the header of those that are read must be read, too",
            f"one is not: {rule}",
            "name it under sheets:, or take it out of the workbook",
            file=file,
        )


def control(look: Looked) -> Iterator[Finding]:
    """Totals that stand in a file and disagree with its records, and those that are not there."""
    yield from _lacking(look)
    yield from taken(look)
    if not look.engine.has("controls"):
        return
    yield from _computed(look)
    for source, file, n, wrong, record, said, found in look.engine.rows(
        "select source, file, count(*), count(*) filter (said <> found), "
        "min(record) filter (said <> found), arg_min(said, record) filter (said <> found), "
        "arg_min(found, record) filter (said <> found) from controls where stands = 'amount' "
        "group by source, file order by 1, 2"
    ):
        if not wrong:
            yield Finding(source, "control", 0.0, file=file)
            continue
        yield Finding(
            source,
            "control",
            wrong / n,
            "totals in a file must agree with its records",
            f"{count(wrong)} of {plural(n, 'total')} {'does' if wrong == 1 else 'do'} not; record "
            f"{count(record)} says {said:,.2f} and the records that it is of make {found:,.2f}",
            "ask for the export again, or look at the form of the numbers",
            file=file,
            amount=abs(said - found),
        )


def _computed(look: Looked) -> Iterator[Finding]:
    """Totals that do not confirm an amount that is computed: they may be of what it is computed from."""
    for source, file, n, first in look.engine.rows(
        "select source, file, count(*), min_by({record: record, said: said, found: found, stands: stands}, "
        "record) from controls where stands is distinct from 'amount' and said is distinct from found "
        "group by source, file order by 1, 2"
    ):
        says = f"says {first['said']:,.2f} in {first['stands']}" if first["stands"] else "names no number"
        yield Finding(
            source,
            "control",
            float(n),
            "totals in a file must agree with its records",
            f"{plural(n, 'total')} cannot be compared, for amount is computed: record "
            f"{count(first['record'])} {says}, and amount makes {first['found']:,.2f}",
            "look whether what amount is computed from is already that of the line",
            file=file,
            mild=True,
        )


def _lacking(look: Looked) -> Iterator[Finding]:
    """Lines that a study skips by name and a file lacks: its end may be missing, and the total with it."""
    skipped = set(look.engine.rows("select source, file, rule from skipped"))
    for source, said in look.study.sources.given().items():
        for extract in look.of(source):
            rules = [rule for rule in said.skip if (source, extract.name, rule) not in skipped]
            if rules:
                yield Finding(
                    source,
                    "control",
                    1.0,
                    "every line that skip: names must be in the file",
                    f"{join(rules)} is not; the end of the file may be missing",
                    "ask for the whole export, or take the rule out of skip:",
                    file=extract.name,
                    mild=True,
                )


def _before(look: Looked) -> tuple[dt.date, str] | None:
    """The date of the run before, and its order lines as SQL."""
    if look.previous is None:
        return None
    path = look.previous / "data" / "transactions.parquet"
    try:
        date = dt.date.fromisoformat(look.previous.name)
    except ValueError:
        return None
    return (date, _parquet(path)) if path.exists() else None


def _parquet(path: Path) -> str:
    return f"read_parquet({quote_text(str(path))})"
