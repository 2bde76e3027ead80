"""The gate on lookups that have fewer records than before: they have no days on which to compare sums."""

from __future__ import annotations

from collections.abc import Iterator

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.sources.gates.deliveries import LOST
from segcore.sources.gates.finding import Finding, Looked
from segcore.sources.gates.pairs import FEW, names
from segcore.wording import count, percent, plural


def fewer(look: Looked) -> Iterator[Finding]:
    """Lookups whose newest delivery, or whose table, has fewer records than the one before.

    Of other sources the newest snapshot: what it lacks is gone, also on days that it does not cover.
    """
    for kind, source in look.study.sources.given().items():
        if not KINDS[kind].lookup:
            if source.deliveries == "snapshot":
                yield from _delivered(look, kind, mild=True)
            continue
        if source.deliveries != "increments":
            yield from _delivered(look, kind, mild=source.deliveries == "cumulative")
        yield from _used(look, kind)


def _delivered(look: Looked, kind: str, *, mild: bool) -> Iterator[Finding]:
    """The newest delivery against the one before; without a record of that it is a part beside it."""
    found = look.engine.rows(
        "select position - 1, records, again from deliveries where source = $kind "
        "order by position desc limit 2",
        {"kind": kind},
    )
    beside = mild and KINDS[kind].lookup and len(found) == 2 and not found[1][2]
    if len(found) < 2 or not found[1][1] or beside:
        return
    (number, now, _), (before, was, _) = found
    if now < LOST * was:
        yield Finding(
            kind,
            "shrunk",
            now / was,
            "a later delivery must hold what an earlier one does",
            f"it has {count(now)} records where {names(look, kind, before)} has {count(was)}, "
            f"{percent(now / was)}",
            "ask for the whole export, or say deliveries: increments if it holds changes only",
            file=names(look, kind, number),
            mild=mild or was < FEW,
        )


def _used(look: Looked, kind: str) -> Iterator[Finding]:
    """The records that are used now against those of the run before."""
    table = KINDS[kind].table
    path = look.previous / "data" / f"{table}.parquet" if look.previous and table else None
    if path is None or not path.exists():
        return
    then = f"read_parquet({quote_text(str(path))})"
    ((was, now),) = look.engine.rows(
        f"select (select count(*) from {then}), (select count(*) from {quote_name(table)})"
    )
    if now < LOST * was:
        assert look.previous is not None
        yield Finding(
            kind,
            "shrunk",
            now / was,
            "a lookup must hold what the run before had",
            f"{count(now)} of its {plural(was, 'record')} are left, {percent(now / was)}",
            "ask for the whole export, or look at exclude: and the dates of validity",
            file=f"the run of {look.previous.name}",
            mild=was < FEW,
        )
