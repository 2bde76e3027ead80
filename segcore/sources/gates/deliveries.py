"""Gates on deliveries: one that shrank, one that repeats its keys."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from segcore.engine.sql import quote_name
from segcore.kinds import KINDS
from segcore.params.sources import key_of
from segcore.sources.gates.finding import Finding, Looked, examples
from segcore.sources.gates.pairs import FEW, Pair, names, pairs_of, rows_of
from segcore.wording import count, join, percent, plural

LOST = 0.98
"""Deliveries that keep less of the one before are told each."""


def shrunk(look: Looked) -> Iterator[Finding]:
    """Deliveries with fewer records, or a smaller sum, than the one before on the days of both."""
    for kind in look.study.sources.given():
        pairs = pairs_of(look, kind)
        worst = min(pairs, key=lambda pair: pair.kept, default=None)
        if worst is None:
            continue
        for pair in [pair for pair in pairs if pair.kept < LOST] or [worst]:
            yield _shrunk(look, pair)


def _shrunk(look: Looked, pair: Pair) -> Finding:
    name = names(look, pair.kind, pair.new)
    if pair.kept >= LOST:
        return Finding(pair.kind, "shrunk", pair.kept, file=name)
    lost = None if pair.was is None or pair.now is None else max(pair.was - pair.now, Decimal(0))
    customers = _gone(look, pair) if "customer_id" in look.study.sources.given()[pair.kind].columns else None
    return Finding(
        pair.kind,
        "shrunk",
        pair.kept,
        "a later delivery must hold what an earlier one does",
        f"{pair.days} it has {count(pair.after)} of the {plural(pair.before, 'record')} of "
        f"{names(look, pair.kind, pair.old)}, {percent(pair.kept)} of records or sum",
        "ask for the whole export, or say deliveries: increments if files stand side by side",
        file=name,
        mild=pair.before < FEW,
        customers=customers,
        amount=lost,
    )


def _gone(look: Looked, pair: Pair) -> int:
    """Customers of the old delivery that are not in the new one, on the days of both."""
    day = quote_name(KINDS[pair.kind].day)
    days = f"{day} between $first and $last"
    of = f"select customer_id from {rows_of(look, pair.kind)} where {days} and delivery ="
    query = f"select count(*) from ({of} $old except {of} $new)"
    return int(look.engine.rows(query, vars(pair))[0][0])


def repeated(look: Looked) -> Iterator[Finding]:
    """Records of one delivery that share a business key and say different things."""
    for kind, source in look.study.sources.given().items():
        records = look.records(kind)
        if source.unique == "record" or not records:
            continue
        found = look.engine.rows(
            'select key, list(distinct "column" order by "column"), min(dropped_file), min(dropped_record) '
            "from conflicts where source = $kind and kept_file = dropped_file group by key order by 3, 4",
            {"kind": kind},
        )
        if not found:
            yield Finding(kind, "repeated", 0.0)
            continue
        mine = (
            f"select distinct dropped_file, dropped_record from conflicts where source = '{kind}' "
            "and kept_file = dropped_file"
        )
        dropped = look.engine.rows(f"select count(*) from ({mine})")[0][0]
        customers, amount = look.concerned(
            kind, f"from {kind}_judged where (file, record) in (from ({mine}))"
        )
        columns = sorted({column for _, names, *_ in found for column in names})
        yield Finding(
            kind,
            "repeated",
            dropped / records,
            f"{join(list(key_of(source)))} must be unique within a delivery",
            f"{plural(dropped, 'record')} {'is' if dropped == 1 else 'are'} dropped for another with the "
            f"same key and other values of {join(columns)}: "
            f"{examples([key for key, *_ in found], of=len(found))}, "
            f"first {found[0][2]} record {count(found[0][3])}",
            "name more columns in unique, or ask why the export repeats them",
            customers=customers,
            amount=amount,
        )
