"""What is known of customers beside their segment, as levels that few or many of them share.

All of it is as it was at the last run: what customers ordered since is what moved them, and a
representative may have been chosen because of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from segcore import features, language
from segcore.engine.sql import literal, quote_name
from segcore.kinds import VALIDITY
from segcore.sentences import causes as of_causes
from segcore.transitions.earlier import known, next_run
from segcore.transitions.names import of_nobody, reps_sql
from segcore.transitions.orders import most_bought_sql
from segcore.wording import duration, figures, long_date, money, short

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study

LOOKED = "_looked"
"""The table of those who could move: from_rank, up, down, and one column per attribute."""
MOST = 200
"""Values from which on an attribute is a name and no group; it is left out."""
FEW_VALUES = 8
"""Values up to which a number or a date has each of them as a level; above, it is cut into quarters."""
FIRST, VALUE = "spent.first_order", "coalesce(spent.value_before, 0)"
APART = ("name", "rep", "since", *VALIDITY)
"""Columns of the customers source that are looked at otherwise, or that name one customer only."""


@dataclass(frozen=True)
class Attribute:
    """One thing that is known of customers, in levels.

    Parameters
    ----------
    kind
        attribute (of the customers source), market, representative, size or age.
    name
        What people call it.
    level
        Its level as SQL over :data:`LOOKED`; NULL where it is not recorded.
    words, none
        Level → as people read it; and what they read where there is none.
    variable
        Whether segments are made of it, so that who moves depends on it by what a segment is.
    """

    kind: str
    name: str
    level: str
    words: Callable[[str], str]
    none: str = ""
    variable: bool = False

    def called(self, level: str | None) -> str:
        """A level as people read it."""
        return (self.none or of_nobody()) if level is None else self.words(level)

    def is_at(self, level: str | None) -> str:
        """The condition that a customer is at a level."""
        return f"{self.level} is null" if level is None else f"({self.level}) = {literal(level)}"


@dataclass(frozen=True)
class _Raw:
    """A thing that may be looked at: its value as SQL over the joined tables, and how a value reads.

    ``ordered`` says that its values can be cut into quarters, ``side`` whether it is that of the customers
    at the last run (``was``) or of those of today (``now``), if of either.
    """

    kind: str
    name: str
    value: str
    words: Callable[[Any], str]
    ordered: bool = True
    none: str = ""
    side: str = ""
    variable: bool = False


def look(engine: Engine, study: Study) -> list[Attribute]:
    """Make :data:`LOOKED`, and say which attributes it has that can be compared.

    Parameters
    ----------
    engine
        Holds ``moves`` with marks, ``customers``, ``transactions``, ``customers_source`` and ``reps`` if
        the study has them, and what :func:`segcore.transitions.moves` leaves; there is an earlier run.
    study
        The study, for its currency.

    Returns
    -------
    list of Attribute
        Those with at least two levels and at most :data:`MOST`; not recorded is a level. A number or a date
        with more than :data:`FEW_VALUES` values is cut where a quarter, half and three quarters of those
        who were compared lie at it or below; equal values are never parted.
    """
    found = list(_raws(engine, study))
    values = ", ".join(f"{raw.value} as a{n}" for n, raw in enumerate(found))
    marks = ", ".join(map(literal, of_causes.OURS))
    today = any(raw.side == "now" for raw in found)
    engine.execute(
        f"""create or replace temp table {LOOKED} as
        select moves.from_rank, moves.state = 'up' as up, moves.state = 'down' as down, {values}
        from moves join {known(next_run(engine) - 1)} was using (customer_id)
        {"join customers now using (customer_id)" if today else ""}
        left join spent using (customer_id)
        left join ({_markets(engine)}) bought using (customer_id), last_run dates
        where moves.from_rank is not null and moves.to_rank is not null
            and coalesce(moves.mark not in ({marks}), true)"""
    )
    types = engine.columns(LOOKED)
    spread = _spread(engine, found)
    cut = [_cut(raw, f"a{n}", types[f"a{n}"], spread[n]) for n, raw in enumerate(found)]
    return [attribute for attribute in cut if attribute]


def _raws(engine: Engine, study: Study) -> Iterator[_Raw]:
    last = known(next_run(engine) - 1)
    side = _sides(engine.columns("customers"), engine.columns(last), features.attributes(engine))
    asked = [
        replace(_of_source(name, f"{where}.{quote_name(name)}", kind), side=where)
        for name, (where, kind) in side.items()
        if name not in APART
    ]
    yield from _shared(engine, [raw for raw in asked if raw.side == "was"], f"{last} was")
    yield from _shared(engine, [raw for raw in asked if raw.side == "now"], "customers now")
    if "market" in engine.columns("transactions"):
        window = engine.rows("select value_window from facts")[0][0]
        none = language.say("none within {time}", time=duration(window, behind=True)) if window else ""
        yield _Raw("market", language.say("main market"), "bought.main_market", str, ordered=False, none=none)
    names = _names(engine)
    rep = "nullif(trim(was.rep::VARCHAR), '')" if "rep" in engine.columns(last) else "NULL::VARCHAR"
    yield _Raw(
        "representative", language.say("representative"), rep, lambda rep: names.get(rep, rep), ordered=False
    )
    size, age = "monetary" in study.variables, "years" in study.variables
    yield _Raw(
        "size", language.say("order value"), VALUE, partial(money, currency=study.currency), variable=size
    )
    where, kind = side.get("since", ("", ""))
    where = where if kind == "DATE" else ""
    since = f"{where}.since" if where else "NULL::DATE"
    days = f"date_diff('day', coalesce(least({since}, {FIRST}), {since}, {FIRST}), dates.last_run)"
    years = f"case when {days} >= 0 then {days} end"
    yield _Raw(
        "age", language.say("years with us"), years, partial(short, per=365.25), side=where, variable=age
    )


def _sides(
    now: Mapping[str, str], then: Mapping[str, str], names: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Column of the customers source → the side on which it is looked at, and its type.

    What the last run did not know, or of another type, is taken as it is today.
    """
    return {
        name: ("was" if then.get(name) == now[name] else "now", now[name]) for name in names if name in now
    }


def _of_source(name: str, column: str, kind: str) -> _Raw:
    """A column of the customers source, by its type."""
    shown = name.replace("_", " ")
    if kind.startswith(("DATE", "TIMESTAMP")):
        return _Raw("attribute", shown, f"{column}::DATE", long_date)
    if kind in ("FLOAT", "DOUBLE"):  # what is endless or no number is not recorded
        return _Raw("attribute", shown, f"try_cast({column} as DECIMAL(38, 4))", _number)
    if kind.startswith("DECIMAL") or kind.endswith("INT") or kind == "INTEGER":
        return _Raw("attribute", shown, column, _number)
    return _Raw("attribute", shown, f"nullif(trim({column}::VARCHAR), '')", str, ordered=False)


def _shared(engine: Engine, raws: Sequence[_Raw], table: str) -> Iterator[_Raw]:
    """Those of a table that may be attributes: names, addresses and the like are not carried along.

    The number of values is a guess, so that this is cheap; they are counted where it is near.
    """
    if not raws:
        return
    guesses = ", ".join(f"approx_count_distinct({raw.value})" for raw in raws)
    values = engine.rows(f"select {guesses} from {table}")[0]
    for raw, number in zip(raws, values, strict=True):
        if raw.ordered or number <= 4 * MOST:
            yield raw


def _markets(engine: Engine) -> str:
    if "market" in engine.columns("transactions"):
        return most_bought_sql(engine)
    return "select NULL::VARCHAR as customer_id where false"


def _names(engine: Engine) -> Mapping[str, str]:
    """Representative → the name."""
    return dict(engine.rows(f"select rep, rep_name from ({reps_sql(engine)}) where rep_name is not null"))


class _Spread(NamedTuple):
    """How many values an attribute has, whether some lack it, where the quarters end, and the greatest."""

    values: int
    lacking: bool
    quarter: Any
    half: Any
    three_quarters: Any
    greatest: Any

    @property
    def edges(self) -> list[Any]:
        """Where the parts end; fewer where many have the same value, none if nearly all have the greatest."""
        return sorted({edge for edge in self[2:5] if edge < self.greatest})


def _spread(engine: Engine, raws: Sequence[_Raw]) -> list[_Spread]:
    asked = []
    for n, raw in enumerate(raws):
        cuts = (
            [f"quantile_disc(a{n}, {share})" for share in (0.25, 0.5, 0.75)] if raw.ordered else ["NULL"] * 3
        )
        asked += [f"count(distinct a{n})", f"count(a{n}) < count(*)", *cuts, f"max(a{n})"]
    row = engine.rows(f"select {', '.join(asked)} from {LOOKED}")[0]
    return [_Spread(*row[6 * n : 6 * n + 6]) for n in range(len(raws))]


def _cut(raw: _Raw, column: str, kind: str, spread: _Spread) -> Attribute | None:
    """The levels of an attribute; None if it has one only, or too many."""
    if raw.ordered and spread.values > FEW_VALUES:
        edges = spread.edges
        if not edges and not spread.lacking:
            return None
        whens = " ".join(f"when {column} <= {_literal(edge)} then '{n}'" for n, edge in enumerate(edges, 1))
        level = f"case when {column} is null then NULL {whens} else '{len(edges) + 1}' end"
        words = partial(_between, [raw.words(edge) for edge in edges])
        return Attribute(raw.kind, raw.name, level, words, raw.none, raw.variable)
    if not 2 <= spread.values + spread.lacking <= MOST:
        return None
    words = partial(_one, kind, raw.words)
    return Attribute(raw.kind, raw.name, f"{column}::VARCHAR", words, raw.none, raw.variable)


def _between(edges: Sequence[str], level: str) -> str:
    n = int(level)
    if not edges:
        return language.say("recorded")
    if n == 1:
        return language.say("up to {value}", value=edges[0])
    if n > len(edges):
        return language.say("over {value}", value=edges[n - 2])
    return language.say("over {low} and up to {high}", low=edges[n - 2], high=edges[n - 1])


def _one(kind: str, words: Callable[[Any], str], level: str) -> str:
    """One value of few, from its text."""
    if kind == "DATE":
        return words(dt.date.fromisoformat(level))
    return words(level if kind == "VARCHAR" else Decimal(level))


def _number(value: int | Decimal) -> str:
    return figures(f"{Decimal(value).normalize():,f}")


def _literal(value: Any) -> str:
    return f"DATE '{value.isoformat()}'" if isinstance(value, dt.date) else literal(value)
