"""Who is in the list of customers, and what its columns are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from segcore import features
from segcore.engine.sql import quote_name
from segcore.outputs.lines import latest, named
from segcore.sentences import customers as say
from segcore.wording import sentence

if TYPE_CHECKING:
    from pathlib import Path

    from segcore.engine import Engine, FileEngine
    from segcore.params import Study

LISTED = "listed"
"""The table of everybody in the list."""

MOST_VALUES = 60
"""Up to how many values of a text attribute have a filter."""

Kind: TypeAlias = Literal["text", "coded", "date", "number"]


@dataclass(frozen=True)
class Column:
    """A column of the list.

    Parameters
    ----------
    key
        Its name in links: ``segment``, ``from``, …, and ``attribute.region``.
    title, small
        Its head, and the smaller text below.
    kind
        How it is kept: ``coded`` for one of few texts.
    sql
        An expression over :data:`LISTED`; of a coded column the key that links use.
    names
        Of a coded column: key → what people read, in order; None for the keys themselves, sorted.
    filtered
        Whether it has a filter.
    """

    key: str
    title: str
    kind: Kind
    sql: str
    small: str = ""
    names: Mapping[str, str] | None = None
    filtered: bool = False


def listed(engine: Engine) -> None:
    """Make ``listed``: one row for every customer of this run, and for those who are gone since the last.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves; ``clock``, ``reps`` and
        ``customers_source`` if the run has them.

    Notes
    -----
    Columns out: customer_id, name, segment, from_segment, state, mark, rep, rep_name (or else its
    number), place (in its segment, by customer_id), value, last_order, drop_date, fragile, and
    attribute_0, …: those of :func:`attributes`.
    Of somebody who is gone: name, representative and value are those of the last run, attributes those
    that the source says today. Nothing tells who is held out of call lists.
    """
    known, moved = engine.columns("customers"), engine.columns("moves")
    names = attributes(engine)
    sourced = engine.columns("customers_source") if names and engine.has("customers_source") else {}
    told = [
        f"""case when customers.customer_id is null then {
            f"source.{quote_name(name)}" if name in sourced else "NULL"
        } else customers.{quote_name(name)} end as attribute_{place}"""
        for place, name in enumerate(names)
    ]
    representative, reps = named(engine, "told.rep")
    engine.execute(
        f"""create or replace table {LISTED} as
        select told.*, {representative} as rep_name,
            row_number() over (partition by told.segment order by told.customer_id) as place,
            coalesce(case when told.state = 'gone' then value_before else spent.value end, 0)::DECIMAL(38, 4)
                as value,
            spent.last_order, {"clock.drop_date" if engine.has("clock") else "NULL::DATE"} as drop_date
        from (
            select coalesce(customers.customer_id, moves.customer_id) as customer_id,
                {latest("name", known)} as name, nullif(trim({latest("rep", known)}), '') as rep,
                customers.segment, moves.from_segment, moves.state,
                {"moves.mark" if "mark" in moved else "NULL::VARCHAR"} as mark,
                {"customers.fragile" if "fragile" in known else "NULL::BOOLEAN"} as fragile
                {"".join(f", {sql}" for sql in told)}
            from customers full join moves on moves.customer_id = customers.customer_id
            left join previous on previous.customer_id = moves.customer_id
            {"left join customers_source source on source.customer_id = moves.customer_id" if sourced else ""}
        ) as told left join spent on spent.customer_id = told.customer_id {reps}
        {"left join clock on clock.customer_id = told.customer_id" if engine.has("clock") else ""}"""
    )


def keep(engine: FileEngine, run_dir: Path) -> None:
    """Keep in a run who is in the list, for those who make lists of it when the run is published.

    Parameters
    ----------
    engine
        Holds ``listed``, see :func:`listed`; ``customers`` and ``rules`` if the run has them.
    run_dir
        The run's folder.

    Notes
    -----
    Columns out: customer_id, name, rep, segment, rank, rule (in words), from_segment, state, mark, value
    and last_order. No drop date: who falls and stands on no call list would be seen to be held out.
    """
    ruled = engine.has("rules") and "rule" in engine.columns("customers")
    rules = "left join rules on rules.line = customers.rule" if ruled else ""
    engine.write_parquet(
        f"""select listed.customer_id, listed.name, listed.rep, listed.segment, customers.rank,
            {"rules.rule" if ruled else "NULL::VARCHAR"} as rule, listed.from_segment, listed.state,
            listed.mark, listed.value, listed.last_order
        from {LISTED} left join customers using (customer_id) {rules} order by listed.customer_id""",
        run_dir / "data" / f"{LISTED}.parquet",
    )


def attributes(engine: Engine) -> list[str]:
    """What the source of customers says of them, beside number, name and representative."""
    known = engine.columns("customers")
    return [name for name in features.attributes(engine) if name in known and name not in ("name", "rep")]


def lacking(engine: Engine) -> list[str]:
    """What the source of customers has a column for and says of nobody in ``listed``, name and number too."""
    places = {name: f"attribute_{place}" for place, name in enumerate(attributes(engine))}
    known = engine.columns("customers")
    asked = {name: places.get(name, name) for name in features.attributes(engine) if name in known}
    counts = [f"count(nullif(trim({sql}::VARCHAR), ''))" for sql in asked.values()]
    there = engine.rows(f"select {', '.join(counts)} from {LISTED}")[0] if counts else ()
    return [name for name, number in zip(asked, there, strict=True) if not number]


def columns(engine: Engine, study: Study, segments: tuple[str, ...]) -> list[Column]:
    """The columns of the list, from left to right; those that nobody has anything in are left out.

    Parameters
    ----------
    engine
        Holds ``listed`` and ``facts``.
    study
        The study.
    segments
        The segments of the run, best first.
    """
    every = _every(engine, study, segments)
    there = engine.rows("select " + ", ".join(f"count({c.sql})" for c in every) + f" from {LISTED}")[0]
    return [column for column, number in zip(every, there, strict=True) if number]


def _every(engine: Engine, study: Study, segments: tuple[str, ...]) -> list[Column]:
    """All columns that the list can have."""
    head = say.HEADS
    currency, window = study.currency, engine.rows("select value_window from facts")[0][0]
    retired = [
        row[0]
        for row in engine.rows(f"select distinct from_segment from {LISTED} where from_segment is not null")
    ]
    more = [_attribute(engine, name, place) for place, name in enumerate(attributes(engine))]
    now = {name: name for name in segments}
    before = {**now, **{name: name for name in sorted(retired)}}
    return [
        Column("customer_id", head["customer_id"], "text", "customer_id"),
        Column("name", head["name"], "text", "name"),
        Column("segment", head["segment"], "coded", "segment", names=now, filtered=True),
        Column(
            "state", head["state"], "coded", "state", names=_all(engine, "state", say.STATES), filtered=True
        ),
        Column("from", head["from"], "coded", "from_segment", names=before, filtered=True),
        Column(
            "cause", head["cause"], "coded", "mark", names=_all(engine, "mark", say.CAUSES), filtered=True
        ),
        Column("rep", head["rep"], "coded", "rep", names=_reps(engine), filtered=True),
        *(column for column in more if column.filtered),
        Column(
            "value",
            head["value"],
            "number",
            "round(value)::DOUBLE",
            small=say.value_head(currency, window),
        ),
        Column("last_order", head["last_order"], "date", "last_order"),
        Column("drop_date", head["drop_date"], "date", "drop_date"),
        Column(
            "fragile",
            head["fragile"],
            "coded",
            "case when fragile then 'yes' end",
            names={"yes": say.FRAGILE},
        ),
        # Last, for a narrow screen shows them only when it is scrolled.
        *(column for column in more if not column.filtered),
    ]


def _all(engine: Engine, sql: str, named: Mapping[str, str]) -> dict[str, str]:
    """Names of keys, and the keys themselves that have none: nobody is left out for want of a word."""
    found = engine.rows(f"select distinct {sql} from {LISTED} where {sql} is not null order by all")
    return {**named, **{key: key for (key,) in found if key not in named}}


def _reps(engine: Engine) -> dict[str, str]:
    """Number of a representative → name; by name."""
    found = engine.rows(
        f"""select distinct rep, rep_name from {LISTED} where rep is not null
        order by strip_accents(lower(rep_name)), rep"""
    )
    return dict(found)


def _attribute(engine: Engine, name: str, place: int) -> Column:
    sql, title, key = f"attribute_{place}", sentence(name.replace("_", " ")), f"attribute.{name}"
    kind = engine.columns(LISTED)[sql]
    if kind in ("DATE", "TIMESTAMP"):
        return Column(key, title, "date", f"{sql}::DATE")
    if kind.startswith("DECIMAL") or kind in ("BIGINT", "INTEGER", "SMALLINT", "DOUBLE", "HUGEINT"):
        return Column(key, title, "number", f"{sql}::DOUBLE")
    text = f"nullif(trim({sql}::VARCHAR), '')"
    values = engine.rows(f"select distinct {text} as one from {LISTED} where one is not null limit 1000")
    if not 1 <= len(values) <= MOST_VALUES:
        return Column(key, title, "text", text)
    return Column(key, title, "coded", text, names={v: v for (v,) in sorted(values)}, filtered=True)
