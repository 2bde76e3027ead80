"""Deliveries of a source, one after the other, and what they hold on the days that both cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from segcore.engine.sql import quote_name
from segcore.kinds import KINDS
from segcore.sources.gates.finding import EXAMPLES, Looked

FEW = 20
"""On fewer records than these a gate warns where it would stop."""


@dataclass(frozen=True)
class Pair:
    """Two deliveries, one after the other, and the days that both cover.

    Parameters
    ----------
    kind
        The source.
    old, new
        Their numbers.
    first, last
        The days.
    before, after
        Records of the old one and of the new one on these days.
    was, now
        Their sums; None if the source has no amounts.
    """

    kind: str
    old: int
    new: int
    first: dt.date
    last: dt.date
    before: int
    after: int
    was: Decimal | None
    now: Decimal | None

    @property
    def kept(self) -> float:
        """How much of the old one is in the new one: the smaller share of records and sum."""
        shares = [self.after / self.before]
        if self.was and self.now is not None and self.was > 0:
            shares.append(float(self.now / self.was))
        return min(shares)

    @property
    def days(self) -> str:
        """The days, in words."""
        return f"from {self.first} to {self.last}"


def pairs_of(look: Looked, kind: str) -> list[Pair]:
    """Deliveries one after the other that cover at least two days both; none of increments."""
    source = look.study.sources.given()[kind]
    day = KINDS[kind].day
    if not day or source.deliveries == "increments" or len(set(numbers(look, kind))) < 2:
        return []
    amount = "sum(amount)" if "amount" in source.columns else "NULL::DECIMAL(38, 4)"
    look.engine.execute(
        f"create or replace temp table gate_days as select delivery, {quote_name(day)} as day, "
        f"count(*) as records, {amount} as amount from {rows_of(look, kind)} "
        f"where {quote_name(day)} is not null group by all"
    )
    found = look.engine.rows(
        "with spans as (select delivery, min(day) as lo, max(day) as hi from gate_days group by delivery), "
        "pairs as (select a.delivery as old, b.delivery as new, greatest(a.lo, b.lo) as lo, "
        "least(a.hi, b.hi) as hi from spans a join spans b on b.delivery = a.delivery + 1) "
        "select old, new, lo, hi, "
        + ", ".join(
            f"(select {what} from gate_days where delivery = {side} and day between lo and hi)"
            for what in ("coalesce(sum(records), 0)::BIGINT", "sum(amount)::DECIMAL(38, 2)")
            for side in ("old", "new")
        )
        + " from pairs where lo < hi order by new"
    )
    comparable = _comparable(look, kind)
    return [Pair(kind, *row) for row in found if row[4] and (row[0], row[1]) in comparable]


def numbers(look: Looked, kind: str) -> tuple[int, ...]:
    """For each file of a source the number of its delivery: the files of one date, or one file."""
    names = [str(extract.delivered or number) for number, extract in enumerate(look.of(kind))]
    last = {name: number for number, name in enumerate(names)}
    order = sorted(last, key=last.__getitem__)
    return tuple(order.index(name) for name in names)


def names(look: Looked, kind: str, delivery: int) -> str:
    """The files of a delivery."""
    mine = [
        e.name for e, number in zip(look.of(kind), numbers(look, kind), strict=True) if number == delivery
    ]
    more = len(mine) - EXAMPLES
    return ", ".join(mine[:EXAMPLES]) + (f" and {more} more" if more > 0 else "")


def _comparable(look: Looked, kind: str) -> set[tuple[int, int]]:
    """Pairs of deliveries that can be meant to hold the same: of one pattern, or each of its own."""
    patterns: dict[int, set[int]] = {}
    for extract, number in zip(look.of(kind), numbers(look, kind), strict=True):
        patterns.setdefault(number, set()).add(extract.pattern)
    single = len({min(p) for p in patterns.values()}) == len(patterns)
    return {(old, old + 1) for old in range(len(patterns) - 1) if single or patterns[old] & patterns[old + 1]}


def rows_of(look: Looked, kind: str) -> str:
    """The records of a source that could be read, with the number of their delivery, as a subquery."""
    delivery = f"{list(numbers(look, kind))}[_file_number + 1]"
    return f"(select *, {delivery} as delivery from {kind}_judged where _bad_rule is null)"
