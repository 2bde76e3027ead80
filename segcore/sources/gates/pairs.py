"""Deliveries of a source, and what two of them hold on the days that both cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from segcore.sources.gates.finding import Looked
from segcore.sources.judged import deliveries_of
from segcore.wording import some

FEW = 20
"""On fewer records than these a gate warns where it would stop."""


@dataclass(frozen=True)
class Pair:
    """Two deliveries, and the days that both cover.

    Parameters
    ----------
    kind
        The source.
    old, new
        Their numbers, from 0.
    first, last
        The days.
    before, after
        Records of the old one and of the new one on these days.
    was, now
        Their sums; None if the source has no amounts.
    equal
        How many records of the old one stand again in a later one; None of snapshots.
    apart
        Whether they may as well be parts that stand side by side: the study lists them one by one,
        and their names have no date.
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
    equal: int | None
    apart: bool = False

    @property
    def kept(self) -> float:
        """How much of the old one is in the new one: the smaller share of records and sum."""
        shares = [self.after / self.before]
        if self.was and self.now is not None and self.was > 0:
            shares.append(float(self.now / self.was))
        return min(shares)

    @property
    def common(self) -> float:
        """The share of the old one's records that stand again."""
        return 1.0 if self.equal is None else self.equal / self.before

    @property
    def days(self) -> str:
        """The days, in words."""
        return f"from {self.first} to {self.last}"


def pairs_of(look: Looked, kind: str, *, single: bool = False) -> list[Pair]:
    """Deliveries that cover at least two days both, as they are compared.

    On a single day the one may have the morning and the other the afternoon: those are the ``single``
    ones, if both have more than a few records of it.
    """
    days = f"= common_last and least(before_records, common_records) >= {FEW}" if single else "< common_last"
    found = look.engine.rows(
        "select source, before - 1, position - 1, common_first, common_last, before_records, "
        "common_records, before_amount::DECIMAL(38, 2), common_amount::DECIMAL(38, 2), equal_records "
        "from (from deliveries union all from older_deliveries) "
        f"where source = $kind and common_first {days} "
        "and before_records > 0 order by position, before desc",
        {"kind": kind},
    )
    files = look.of(kind)
    listed = {
        number: file.pattern
        for number, file in zip(deliveries_of(files), files, strict=True)
        if file.delivered is None
    }
    return [replace(Pair(*row), apart=listed.get(row[1]) != listed.get(row[2])) for row in found]


def names(look: Looked, kind: str, delivery: int) -> str:
    """The files of a delivery."""
    files = look.of(kind)
    mine = [e.name for e, number in zip(files, deliveries_of(files), strict=True) if number == delivery]
    return some(mine)


def rows_of(look: Looked, kind: str) -> str:
    """The records of a source that could be read, with the number of their delivery, as a subquery."""
    delivery = f"{list(deliveries_of(look.of(kind)))}[_file_number + 1]"
    return f"(select *, {delivery} as delivery from {kind}_judged where _bad_rule is null)"
