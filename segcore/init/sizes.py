"""How large the segments of a first study come out, and rules by which the best do not hold nearly all."""

from __future__ import annotations

from collections.abc import Iterator

from segcore import wording
from segcore.engine import Engine
from segcore.engine.sql import literal
from segcore.errors import BreaksError
from segcore.init.defaults import BEST, RECENT, rules_text
from segcore.init.pace import Window
from segcore.model import apply, fit
from segcore.params import Study
from segcore.rules import RuleTable
from segcore.rules.reading import parse_rules

MUCH = 0.5  # of all customers in the best segments: this is told
TOO_MUCH = 0.6  # this makes the rules stricter
BOTH = wording.join(BEST)


def with_sizes(engine: Engine, study: Study, window: Window) -> tuple[str, list[str]]:
    """The rules of a first study, and what a run with them would show; nothing if values are too few.

    The engine holds ``transactions`` and ``features`` at the date of the breaks.
    """
    (day,), latest = study.breaks.dates, str(study.variables["recency"].classes)
    rules, strict = _rules(study, RECENT), _rules(study, latest)
    try:
        model = fit(engine, study, rules, day)
    except BreaksError:  # which was told when the values were counted
        return rules_text(study.variables), []
    apply(engine, model)
    usual, recent, why = _share(engine, rules), RECENT, []
    if usual > TOO_MUCH:
        held = f"for with {RECENT} they would hold {wording.percent(usual)}"
        rules, recent, why = strict, latest, [f"their rules ask for recency {latest}, {held}"]
    sizes = [*_segments(engine, study, rules), *why, *_over_half(engine, rules, strict)]
    return rules_text(study.variables, recent=recent), [_within(engine, window), *sizes]


def _within(engine: Engine, window: Window) -> str:
    ((every, within),) = engine.rows(
        "select (select count(distinct customer_id) from transactions), (select count(*) from customers)"
    )
    if not window.months:
        return f"all orders count ({window.note})"
    return (
        f"{wording.count(within)} of {wording.plural(every, 'customer')} ordered within {window.length}; "
        f"the others stay out until they order again ({window.note})"
    )


def _segments(engine: Engine, study: Study, rules: RuleTable) -> Iterator[str]:
    rows = engine.rows(
        f"select {rules.segment_sql()} as place, count(*), max(recency) from customers group by place"
    )
    counts, longest = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    held = ", ".join(f"{name} {wording.count(counts.get(name, 0))}" for name in study.segments)
    asked = sum(counts.get(name, 0) for name, segment in study.segments.items() if segment.follow_up)
    yield f"segments: {held}; a follow-up would be asked for {wording.plural(asked, 'customer')}"
    held = f"{BOTH} would hold {wording.percent(_share(engine, rules))} of "
    last = f"ordered within the last {wording.plural(longest.get(BEST[0], 0), 'day')}"
    everybody = f"everybody in {BEST[0]} {last}" if BEST[0] in counts else f"nobody is in {BEST[0]}"
    yield f"{held}{wording.plural(sum(counts.values()), 'customer')}; {everybody}"


def _over_half(engine: Engine, rules: RuleTable, strict: RuleTable) -> Iterator[str]:
    """What to try if the best segments hold over half of all."""
    share, less = _share(engine, rules), _share(engine, strict)
    if share > MUCH:
        change = f"one class more under frequency in the rows of {BEST[1]} leaves fewer"
        if less < share:
            latest = strict.variables["recency"]
            change = f"with {latest} under recency in their rows it would be {wording.percent(less)}"
        yield f"that is over half of all: {change}; docs/rules.md says how to try it"


def _rules(study: Study, recent: str) -> RuleTable:
    return parse_rules(
        rules_text(study.variables, recent=recent),
        file=f"{study.name}.rules.csv",
        variables={name: variable.classes for name, variable in study.variables.items()},
        segments=tuple(study.segments),
    )


def _share(engine: Engine, rules: RuleTable) -> float:
    names = ", ".join(map(literal, BEST))
    ((share,),) = engine.rows(f"select avg(({rules.segment_sql()} in ({names}))::INTEGER) from customers")
    return float(share)
