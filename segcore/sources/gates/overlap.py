"""The gate on deliveries that cover the same days and have nothing in common."""

from __future__ import annotations

from collections.abc import Iterator

from segcore.engine.sql import quote_names
from segcore.sources.gates.finding import Finding, Looked
from segcore.sources.gates.pairs import FEW, Pair, names, pairs_of
from segcore.sources.gates.twice import Twice, twice_in
from segcore.sources.judged import LOADED, deliveries_of
from segcore.wording import join, percent, plural

EQUAL = "deliveries of the same days must hold equal records, or each is counted twice"

MUCH = 0.5
"""Deliveries that have less in common are told each."""

TWICE = 0.005
"""Share of records counted twice above which it is told."""

FREQUENT = 0.1
"""The same share where records may well be others: of files side by side, and of another key."""


def overlap(look: Looked) -> Iterator[Finding]:
    """Deliveries that cover the same days and hold records that count twice, or nothing in common."""
    for kind, source in look.study.sources.given().items():
        yield from _again(look, kind)
        yield from _renumbered(look, kind)
        pairs, single = pairs_of(look, kind), pairs_of(look, kind, single=True)
        whole = source.deliveries == "cumulative"
        told = [finding for pair in pairs for finding in _compared(look, pair, whole=whole)]
        told += [finding for pair in single for finding in _compared(look, pair, whole=False)]
        yield from told
        if pairs and whole and not told:
            yield Finding(
                kind, "overlap", min((pair.common for pair in pairs if not pair.apart), default=1.0)
            )


def _again(look: Looked, kind: str) -> Iterator[Finding]:
    """Increments that hold what another one holds."""
    found = look.engine.rows(
        "select position - 1, records, again from deliveries "
        "where source = $kind and kind = 'increments' and again > 0 order by position",
        {"kind": kind},
    )
    for number, records, again in found:
        name = names(look, kind, number)
        yield Finding(
            kind,
            "overlap",
            1 - again / records,
            "increments must hold each record once",
            f"{plural(again, 'record')} of {name} stand in a later one, too, and count once",
            "leave deliveries: increments out if deliveries cover the same days",
            file=name,
        )


def _compared(look: Looked, pair: Pair, *, whole: bool) -> Iterator[Finding]:
    """What is wrong with two deliveries; ``whole`` if the later must hold all that the earlier does."""
    apart = whole and pair.common < MUCH
    exact = look.study.sources.given()[pair.kind].unique == "record"
    if pair.equal is None or pair.common > 1 - TWICE or not (exact or apart):
        return
    old, new = names(look, pair.kind, pair.old), names(look, pair.kind, pair.new)
    # Parts that stand side by side have no records that are equal but for a column.
    twice = twice_in(look, pair, few=FREQUENT if pair.apart or not exact else TWICE, whole=whole)
    if twice:
        got = f"{plural(twice.records, 'record')} of {plural(pair.before, 'record')} of {old} are in it"
        got += f" but for {join(twice.columns)}, and count twice"
    elif apart and not pair.apart:
        got = f"{percent(pair.common)} of {plural(pair.before, 'record')} of {old} are in it"
    else:
        return
    yield Finding(
        pair.kind,
        "overlap",
        pair.common if whole or not twice else 1 - twice.records / pair.before,
        EQUAL,
        f"{pair.days} {got}",
        _do(look, pair.kind, twice),
        file=new,
        mild=pair.before < FEW,
        warns=twice is not None,
        amount=twice.amount if twice else pair.was,
    )


def _do(look: Looked, kind: str, twice: Twice | None) -> str:
    source = look.study.sources.given()[kind]
    if twice is None:
        return (
            "mend the key in unique, or the format, or say deliveries: increments if files stand side by side"
        )
    ignore = [f"say ignore: [{', '.join(twice.unmapped)}]"] if twice.unmapped else []
    if not twice.mapped and ignore:
        return ignore[0]
    if source.unique != "record":
        return join([*ignore, "mend the key in unique, or the format"])
    key = "name in unique what tells records apart, like [order_id, item]"
    snapshot = ", or say deliveries: snapshot if the newest holds all" * (source.deliveries == "cumulative")
    return join([*ignore, key]) + snapshot


def _renumbered(look: Looked, kind: str) -> Iterator[Finding]:
    """Records that stand again under the new number of their customer, and are equal in all else."""
    source = look.study.sources.given()[kind]
    several = len(set(deliveries_of(look.of(kind)))) > 1
    there = several and source.unique == "record" and look.engine.has("renumbered")
    if not there or kind == "renumbered" or "customer_id" not in source.columns:
        return
    columns = [c for c, column in source.columns.items() if column.sql is None and c != "customer_id"]
    used = f"{kind}_parsed p semi join {kind}_fates f on p._file_number = f._file_number "
    used += f"and p.record = f.record and f._outcome = {LOADED}"
    ((again, customers, amount),) = look.engine.rows(
        f"with used as (select p.*, hash({quote_names(columns)}) as h from {used}), "
        "old as (select u.*, n.becomes from used u join renumbered n using (customer_id)), "
        "twice as (select * from old semi join used u on u.h = old.h and u.customer_id = old.becomes "
        "and u._file_number <> old._file_number) select count(*), count(distinct becomes), "
        f"{'sum(amount)::DECIMAL(38, 2)' if 'amount' in source.columns else 'NULL'} from twice"
    )
    if again:
        yield Finding(
            kind,
            "overlap",
            1.0,
            "a record must not stand under the old and under the new number of its customer",
            f"{plural(again, 'record')} {'counts' if again == 1 else 'count'} twice",
            "name the columns that tell records apart in unique, like [order_id, item]",
            warns=True,
            customers=customers,
            amount=amount,
        )
