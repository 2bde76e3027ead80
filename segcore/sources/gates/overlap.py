"""The gate on deliveries that cover the same days and have nothing in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from segcore.engine.sql import quote_name, quote_names
from segcore.kinds import KINDS
from segcore.sources.gates.finding import Finding, Looked
from segcore.sources.gates.pairs import FEW, Pair, names, pairs_of, rows_of
from segcore.sources.judged import LOADED, deliveries_of
from segcore.sources.raw import raw_records
from segcore.wording import join, percent, plural

MUCH = 0.5
"""Deliveries that have less in common are told each."""

TWICE = 0.005
"""Share of records counted twice, for a column that the study does not map, above which it is told."""

Place = tuple[int, int]
SHOWN = 20
"""Pairs of records that are read again to see in which columns they differ."""


def overlap(look: Looked) -> Iterator[Finding]:
    """Deliveries that cover the same days while nearly none of their records are equal."""
    for kind in look.study.sources.given():
        yield from _again(look, kind)
        yield from _renumbered(look, kind)
        pairs = pairs_of(look, kind)
        few = {pair: differing(look, pair) for pair in pairs if pair.common < MUCH}
        # Parts that stand side by side have no records that are equal but for a column.
        told = {pair: columns for pair, columns in few.items() if columns or not pair.apart}
        yield from (_overlapping(look, pair, columns) for pair, columns in told.items())
        others = [*(pair for pair in pairs if pair not in few), *pairs_of(look, kind, single=True)]
        twice = [finding for pair in others for finding in _twice(look, pair)]
        yield from twice
        if pairs and not (told or twice):
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


def _overlapping(look: Looked, pair: Pair, columns: Sequence[str]) -> Finding:
    told = f"; they differ in {join(columns)}" if columns else ""
    unmapped = [c for c in columns if c not in look.study.sources.given()[pair.kind].columns_by_file()]
    do = f"say ignore: [{', '.join(unmapped)}]" if unmapped else "mend the key in unique, or the format"
    return Finding(
        pair.kind,
        "overlap",
        pair.common,
        "deliveries of the same days must hold equal records, or each is counted twice",
        f"{pair.days} {percent(pair.common)} of {plural(pair.before, 'record')} of "
        f"{names(look, pair.kind, pair.old)} are in it{told}",
        f"{do}, or deliveries: increments if files stand side by side",
        file=names(look, pair.kind, pair.new),
        mild=pair.before < FEW,
        warns=bool(unmapped),
        amount=pair.was,
    )


def differing(look: Looked, pair: Pair) -> list[str]:
    """The columns in which records of two deliveries differ that are equal in all others."""
    source = look.study.sources.given()[pair.kind]
    day = quote_name(KINDS[pair.kind].day)
    columns = [c for c, column in source.columns.items() if column.sql is None]
    named = {}
    for column in columns:
        others = quote_names([c for c in columns if c != column])
        side = (
            f"select hash({others}) as h from {rows_of(look, pair.kind)} where delivery = $delivery "
            f"and {day} between $first and $last limit 1000"
        )
        old = side.replace("$delivery", str(pair.old)).replace(" limit 1000", "")
        new = side.replace("$delivery", str(pair.new))
        query = f"select count(*) filter (h in (select h from ({old}))), count(*) from ({new})"
        alike, of = look.engine.rows(query, {"first": pair.first, "last": pair.last})[0]
        if of and alike / of > 0.1:
            named[column] = alike / of
    if len(named) == len(columns):
        return _unmapped(look, pair, columns)
    return [str(source.columns[c].from_ or c) for c in named]


def _twice(look: Looked, pair: Pair) -> Iterator[Finding]:
    """Records that are equal in all mapped columns and count twice because of others."""
    source = look.study.sources.given()[pair.kind]
    if source.unique != "record" or pair.equal is None or pair.common > 1 - TWICE:
        return
    columns = [c for c, column in source.columns.items() if column.sql is None]
    day = quote_name(KINDS[pair.kind].day)
    rows = (
        f"select hash({quote_names(columns)}) as h, _record_key as key from {rows_of(look, pair.kind)} "
        f"where {day} between $first and $last and delivery = "
    )
    query = (
        f"select count(*) from ({rows} $old) where key not in (select key from ({rows} $new)) "
        f"and h in (select h from ({rows} $new and _record_key not in (select key from ({rows} $old))))"
    )
    days = {name: getattr(pair, name) for name in ("first", "last", "old", "new")}
    ((again,),) = look.engine.rows(query, days)
    if again / pair.before <= TWICE or not (differ := _unmapped(look, pair, columns)):
        return
    yield Finding(
        pair.kind,
        "overlap",
        pair.common,
        "deliveries of the same days must hold equal records, or each is counted twice",
        f"{pair.days} {plural(again, 'record')} of {plural(pair.before, 'record')} of "
        f"{names(look, pair.kind, pair.old)} are in it but for {join(differ)}, and count twice",
        f"say ignore: [{', '.join(differ)}]",
        file=names(look, pair.kind, pair.new),
        warns=True,
    )


def _unmapped(look: Looked, pair: Pair, columns: Sequence[str]) -> list[str]:
    """The columns that the study does not map in which records differ that are equal in all others."""
    day = quote_name(KINDS[pair.kind].day)
    rows = (
        f"select hash({quote_names(columns)}) as h, min((_file_number, record)) as place, "
        "arg_min(_record_key, (_file_number, record)) as key "
        f"from {rows_of(look, pair.kind)} where {day} between $first and $last and delivery = "
    )
    found = look.engine.rows(
        f"select a.place, b.place from ({rows} $old group by 1) a join ({rows} $new group by 1) b using (h) "
        f"where a.key <> b.key or a.key is null order by 1 limit {SHOWN}",
        vars(pair),
    )
    differ = Counter(name for names in differing_fields(look, pair.kind, found) for name in names)
    often = [name for name, times in differ.items() if times > len(found) / 2]
    return often or list(differ)


def differing_fields(look: Looked, kind: str, pairs: Sequence[tuple[Place, Place]]) -> list[list[str]]:
    """For each pair of records the columns of their files that the study does not map and that differ.

    A record is given by the number of its file and its own.
    """
    source, files = look.study.sources.given()[kind], look.of(kind)
    places = {place for pair in pairs for place in pair}
    read = {
        number: raw_records(files[number], source, {record for n, record in places if n == number})
        for number in {number for number, _ in places}
    }
    fields = {
        (number, record): {
            name: text.strip()
            for at, (name, text) in enumerate(read[number][record].fields.items(), start=1)
            if name not in source.ignore and not mapped & {name, at}
        }
        for number, record in places
        for mapped in [{column.from_ for column in source.columns.values()}]
    }
    return [[name for name, text in fields[a].items() if text != fields[b].get(name)] for a, b in pairs]


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
