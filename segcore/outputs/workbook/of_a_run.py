"""What the workbook of a run holds: its segments, call lists, movers and customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from segcore import variables
from segcore.engine.sql import quote_name, quote_text
from segcore.features import attributes
from segcore.outputs.lines import latest, named
from segcore.outputs.moves_csv import FRAGILE
from segcore.outputs.workbook.sheets import Asked, Columns, in_words
from segcore.outputs.workbook.writing import Column, Sheet
from segcore.sentences import workbook as say
from segcore.transitions.books import PARTS

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
PLAIN = {
    **dict.fromkeys(WHOLE, "whole"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "number"),
    "DATE": "date",
    "BOOLEAN": "yes",
}
"""Type of SQL → kind of column; all else is text."""

PLACES = {"up": 1, "down": 2, "unranked": 3, "new": 4, "returned": 5, "gone": 6}
"""Move → its place in the sheet of movers."""


def sheets(asked: Asked, *, everybody: bool) -> Iterator[Sheet]:
    """The sheets of a run.

    Parameters
    ----------
    asked
        Whose workbook it is.
    everybody
        Whether all customers are listed, and not only those who moved and are to be called.
    """
    yield _segments(asked)
    if asked.engine.has("calls"):
        yield _calls(asked)
    yield _movers(asked)
    if everybody:
        yield _customers(asked)


def _segments(asked: Asked) -> Sheet:
    """How large the segments are, and what came in and went out; the latter not in a first run."""
    engine, source = asked.engine, ["sizes join facts using (run_date)"]
    acts = ", ".join(
        f"({quote_text(name)}, {quote_text(segment.action)})"
        for name, segment in asked.study.segments.items()
    )
    source.append(f"left join (from (values {acts}) t(segment, action)) acts using (segment)")
    columns: Columns = {"of_segment": "segment", "action": "acts.action", "customers": "sizes.customers"}
    if engine.has("segments"):
        source.append("left join segments using (segment)")
        columns |= {"share": "segments.share", "worth": "segments.value"}
        columns |= {"worth_share": "segments.value_share", "near": "segments.fragile"}
    for place, part in enumerate(PARTS if engine.rows("select 1 from accounts limit 1") else ()):
        columns[part] = f"part_{place}.customers"
        of_part = f"select segment, customers from accounts where part = {quote_text(part)}"
        source.append(f"left join ({of_part}) part_{place} using (segment)")
    return asked.sheet(say.SEGMENTS, columns, " ".join(source), "sizes.rank desc")


def _calls(asked: Asked) -> Sheet:
    """Who is to be called, as ``call_list.csv`` has it: nobody who is left alone on purpose."""
    ruled = asked.engine.has("rules")
    columns: Columns = {
        "representative": "rep_name",
        "place": "calls.position",
        "customer": "calls.customer_id",
        "name": "name",
        "segment": "calls.segment",
        "from": "segment_from",
        "move": in_words("state", say.MOVE),
        "mark": in_words("coalesce(mark, state)", say.WHY),
        "value": "value",
        "last_order": "last_order",
        "drop_date": "drop_date",
        "falls_to": "falls_to",
        "reason": "says",
        "fragile": "calls.fragile",
        "rule": "rules.rule" if ruled else "NULL",
    }
    for column, attribute in (("name", "name"), ("representative", "rep")):
        if attribute not in _given(asked):
            del columns[column]
    rules = "left join rules on rules.line = calls.rule" if ruled else ""
    source = f"calls {rules} where calls.position is not null"
    return asked.sheet(
        say.CALLS, columns, source, "rep is null, strip_accents(lower(rep_name)), rep, calls.position"
    )


def _movers(asked: Asked) -> Sheet:
    """Everybody who did not stay in a segment, also who is gone; nobody in a first run."""
    known = asked.engine.columns("customers")
    stands = {name: latest(name, known) for name in _given(asked)}
    places = " ".join(f"when {quote_text(move)} then {place}" for move, place in PLACES.items())
    columns: Columns = {
        "customer": "moves.customer_id",
        **_who(asked, stands),
        **_moved(asked),
        **({"fragile": FRAGILE} if "fragile" in known else {}),
        **_valued(asked, "moved.value"),
        **_variables(asked),
        **_attributes(asked),
    }
    source = f"""moves left join customers using (customer_id) left join previous using (customer_id)
        left join moved using (customer_id) {_joined(asked, stands)} where moves.state <> 'stayed'"""
    order = f"case moves.state {places} end, moved.value desc, moves.customer_id"
    return asked.sheet(say.MOVERS, columns, source, order)


def _customers(asked: Asked) -> Sheet:
    """Everybody in this run."""
    engine, known = asked.engine, asked.engine.columns("customers")
    stands = {name: f"customers.{name}" for name in _given(asked)}
    classes = [f"customers.{quote_name(c)}" for v in asked.study.variables if (c := f"{v}_class") in known]
    moved = {name: sql for name, sql in _moved(asked).items() if name != "to"}
    lifts = ("lift_to", "lift_orders", "lift_products") if engine.has("clock") else ()
    columns: Columns = {
        "customer": "customers.customer_id",
        **_who(asked, stands),
        "segment": "customers.segment",
        **moved,
        "since": "history.since",
        "days": "history.days_in_segment",
        "at_least": "history.at_least",
        "best": "history.best_segment",
        **_valued(asked, "coalesce(spent.value, 0)"),
        **_variables(asked),
        **({"classes": f"concat_ws('-', {', '.join(classes)})"} if classes else {}),
        **({"fragile": "customers.fragile"} if "fragile" in known else {}),
        **{name: f"clock.{name}" for name in lifts},
        **_attributes(asked),
        "path": "history.path",
    }
    source = f"""customers left join moves using (customer_id) left join history using (customer_id)
        {_joined(asked, stands)}"""
    order = "customers.rank desc, spent.value desc nulls last, customers.customer_id"
    return asked.sheet(say.CUSTOMERS, columns, source, order)


def _given(asked: Asked) -> tuple[str, ...]:
    """Which of name and representative anybody has: a study may know neither."""
    known = asked.engine.columns("customers")
    found = {name: f"count({name})" for name in ("name", "rep") if name in known}
    counts = asked.engine.rows(f"select {', '.join(found.values())} from customers")[0] if found else ()
    return tuple(name for name, given in zip(found, counts, strict=True) if given)


def _who(asked: Asked, stands: Mapping[str, str]) -> Columns:
    """Name and representative, as far as there are expressions for both."""
    columns: Columns = {"name": stands["name"]} if "name" in stands else {}
    if "rep" in stands:
        columns["representative"] = _named(asked, stands)[0]
    return columns


def _named(asked: Asked, stands: Mapping[str, str]) -> tuple[str, str]:
    """The representative's name, and the join that it needs."""
    return named(asked.engine, f"nullif(trim({stands['rep']}), '')")


def _moved(asked: Asked) -> Columns:
    """What became of somebody, from where to where, and why."""
    mark = "coalesce(moves.mark, moves.state)" if "mark" in asked.engine.columns("moves") else "moves.state"
    return {
        "move": in_words("moves.state", say.MOVE),
        "from": "moves.from_segment",
        "to": "moves.to_segment",
        "mark": in_words(mark, say.WHY),
    }


def _valued(asked: Asked, value: str) -> Columns:
    """What somebody orders, until when the segment holds, and the rule that gave it."""
    columns: Columns = {"value": value, "last_order": "spent.last_order"}
    if asked.engine.has("clock"):
        columns |= {"drop_date": "clock.drop_date", "falls_to": "clock.falls_to"}
    if _is_ruled(asked):
        columns["rule"] = "rules.rule"
    return columns


def _is_ruled(asked: Asked) -> bool:
    return asked.engine.has("rules") and "rule" in asked.engine.columns("customers")


def _joined(asked: Asked, stands: Mapping[str, str]) -> str:
    """The joins that all of these columns need, after ``customers`` and ``moves``."""
    joins = ["left join spent using (customer_id)"]
    if "rep" in stands:
        joins.append(_named(asked, stands)[1])
    if asked.engine.has("clock"):
        joins.append("left join clock using (customer_id)")
    if _is_ruled(asked):
        joins.append("left join rules on rules.line = customers.rule")
    return " ".join(joins)


def _variables(asked: Asked) -> Columns:
    """The variables of the study as people read them."""
    known = asked.engine.columns("customers")
    found: Columns = {}
    for name, variable in asked.study.resolved_variables().items():
        if name not in known:
            continue
        column, kind = f"customers.{quote_name(name)}", _kind(known[name])
        if variable.shown_per != 1:
            column, kind = f"round({column} / {variable.shown_per}, 1)", "number"
        window, money = asked.study.variables[name].window, variable.unit == "currency"
        label = variables.label(variable)
        unit = asked.study.currency if money else variables.unit(variable)
        head = _head(say.of_variable(label, "" if money else unit, window), name)
        meaning = say.variable(label, unit, window)
        found[Column(head, meaning, "money" if money else kind, 15 if money else 12)] = column
    return found


def _attributes(asked: Asked) -> Columns:
    """What the customers source says of somebody who is in this run, beside name and representative."""
    known = asked.engine.columns("customers")
    return {
        Column(_head(say.of_attribute(name), name), say.attribute(name), _kind(known[name]), 18): (
            f"customers.{quote_name(name)}"
        )
        for name in attributes(asked.engine)
        if name in known and name not in ("name", "rep")
    }


def _head(head: str, name: str) -> str:
    """A heading of a column of the study's own; with its name if there is such a heading already."""
    taken = {head.casefold() for head, _ in say.COLUMN.values()}
    return f"{head} ({name})" if head.casefold() in taken else head


def _kind(of_sql: str) -> str:
    return PLAIN.get(of_sql.partition("(")[0], "text")
