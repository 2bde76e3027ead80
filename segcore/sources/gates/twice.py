"""Records of two deliveries that are one and count twice, for they differ in a column or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from segcore.engine.sql import quote_name, quote_names
from segcore.kinds import KINDS
from segcore.params import key_of
from segcore.sources.gates.finding import Looked
from segcore.sources.gates.pairs import Pair, rows_of
from segcore.sources.judged import LOADED
from segcore.sources.raw import raw_records

SHOWN = 20
"""Pairs of records that are read again to see in which columns they differ."""

OFTEN = 0.1
"""Columns that differ in fewer of the records are not named."""

Place = tuple[int, int]


@dataclass(frozen=True)
class Twice:
    """Records that count twice.

    Parameters
    ----------
    records, amount
        How many of the older delivery, and their sum; None if the source has no amounts.
    mapped, unmapped
        The columns of the files in which they differ, that the study maps and that it does not.
    """

    records: int
    amount: Decimal | None
    mapped: Sequence[str]
    unmapped: Sequence[str]

    @property
    def columns(self) -> list[str]:
        """All of these columns; records that differ in none are written in another way."""
        return [*self.unmapped, *self.mapped] or ["the way in which they are written"]


def twice_in(look: Looked, pair: Pair, *, few: float, whole: bool) -> Twice | None:
    """Records of the older delivery that count and are in the newer one but for what may be corrected.

    Parameters
    ----------
    look, pair
        The two deliveries.
    few
        The share of the older one's records up to which none are told.
    whole
        Whether both must hold the same records; else others of a customer may differ in their number only.
    """
    source = look.study.sources.given()[pair.kind]
    columns = [c for c, column in source.columns.items() if column.sql is None]
    free = _free(pair, columns, whole=whole)
    _make_alone(look, pair, columns, free)
    found = look.engine.rows(
        "select how, count(*), sum(sum_of)::DECIMAL(38, 2) from again "
        "where how is not null group by 1 order by 1"
    )
    records = sum(number for _, number, _ in found)
    if records / pair.before <= few:
        return None
    often = [(how, number) for how, number, _ in found if number > OFTEN * records]
    differ = {c for how, number in often for c in _differing(look, free[how], how, OFTEN * number)}
    mapped = [str(source.columns[c].from_ or c) for c in columns if c in differ]
    unmapped = _unmapped(look, pair) if often[0][0] == 0 else []
    if not (mapped or unmapped) and look.engine.has("renumbered"):
        return None  # those are told as records of a customer's old and new number
    amount = None if pair.was is None else sum((amount for *_, amount in found), Decimal(0))
    return Twice(records, amount, mapped, unmapped)


def _free(pair: Pair, columns: Sequence[str], *, whole: bool) -> list[list[str]]:
    """What two records may differ in that are one: nothing that is mapped, numbers, a column, or much."""
    kind = KINDS[pair.kind]
    numbers = [c for c in columns if kind.columns.get(c) == "number"]
    others = [c for c in columns if c not in numbers and (whole or c != "order_id")]
    free = [[], *([c] for c in [*numbers, *others])]
    line = ("order_id", "item")
    if pair.apart:
        return free
    free += [numbers] if len(numbers) > 1 else []
    return [*free, [c for c in columns if c not in line]] if {*line} <= {*columns} else free


def _make_alone(look: Looked, pair: Pair, columns: Sequence[str], free: Sequence[Sequence[str]]) -> None:
    """Make ``alone``, the records that are in one of both, and ``again``: how the old ones are in the new."""
    key = key_of(look.study.sources.given()[pair.kind])
    key = ("_record_key",) if key == "record" else key
    day, amount = quote_name(KINDS[pair.kind].day), "NULL" if pair.was is None else "amount"
    hashes = [
        f"hash({quote_names([c for c in columns if c not in left])}) as h{n}" for n, left in enumerate(free)
    ]
    look.engine.execute(
        f"create or replace temp table alone as select delivery, (_file_number, record) as place, _outcome, "
        f"{amount}::DECIMAL(38, 8) as sum_of, {quote_names(columns)}, {', '.join(hashes)} "
        f"from {rows_of(look, pair.kind)} where {day} between $first and $last and delivery in ($old, $new) "
        f"window same as (partition by {quote_names(key)}) "
        "qualify min(delivery) over same = max(delivery) over same",
        {name: getattr(pair, name) for name in ("first", "last", "old", "new")},
    )
    cases = " ".join(
        f"when h{n} in (select h{n} from alone where delivery = $new) then {n}" for n in range(len(free))
    )
    look.engine.execute(
        f"create or replace temp table again as select *, case {cases} end as how from alone "
        f"where delivery = $old and _outcome = {LOADED}",
        {"old": pair.old, "new": pair.new},
    )


def _differing(look: Looked, free: Sequence[str], how: int, least: float) -> list[str]:
    """Those of the columns that may differ that do, in more records than ``least``."""
    if len(free) < 2:
        return list(free)
    differ = ", ".join(
        f"count(distinct o.place) filter (o.{quote_name(c)} is distinct from n.{quote_name(c)})" for c in free
    )
    (found,) = look.engine.rows(
        f"select {differ} from again o join alone n using (h{how}) "
        f"where o.how = {how} and n.delivery <> o.delivery"
    )
    return [c for c, number in zip(free, found, strict=True) if number > least]


def _unmapped(look: Looked, pair: Pair) -> list[str]:
    """The columns that the study does not map in which records differ that are equal in all others."""
    side = "select h0, min(place) as place from alone where delivery = "
    found = look.engine.rows(
        f"select o.place, n.place from ({side} $old group by 1) o join ({side} $new group by 1) n using (h0) "
        f"order by 1 limit {SHOWN}",
        {"old": pair.old, "new": pair.new},
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
    return [
        [name for name in fields[b] | fields[a] if fields[a].get(name) != fields[b].get(name)]
        for a, b in pairs
    ]
