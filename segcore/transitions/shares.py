"""The formulas of causes and marks as SQL, in sixths of a rank.

A row knows how it is to be told (``how``: found, or the one cause that takes all), ``from_rank``,
``to_rank``, ``state``, and for each pair of breaks and rules that the customer is looked through
(:attr:`Rulers.pairs`) the rank with the values before, idle and now: ``before_0``, ``idle_0``, ….
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

BOUNDARY, RULES, MODEL = "boundary", "rules", "model"
CORRECTION, AGEING, ACTIVITY = "correction", "ageing", "activity"
CAUSES = (CORRECTION, AGEING, ACTIVITY, BOUNDARY, RULES, MODEL)
"""The parts of a move, as columns of ``moves``."""

MARKS = {
    CORRECTION: "corrected",
    ACTIVITY: "earned",
    AGEING: "aged",
    BOUNDARY: "boundary",
    RULES: "rules",
    MODEL: "model",
}
"""Cause → how a move is marked of which it has the largest part."""
MASKED = "masked"
FOUND = "found"

WEIGHTS: dict[int, tuple[int, ...]] = {0: (6,), 1: (3, 3), 2: (2, 1, 1, 2)}
"""How many things of the model changed → in how many of the six orders values change under each pair.

With two changes, the pairs are: old breaks and rules, new breaks, new rules, both new. Values come
first in two orders of three, in the middle in one each after breaks and after rules, last in two.
"""


def parts_sql(changed: Sequence[str]) -> str:
    """The causes as columns; NULL for who is not in both runs with a rank."""
    formulas = {
        CORRECTION: "6 * (before_0 - from_rank)",
        AGEING: _values("idle", "before", changed),
        ACTIVITY: _values("now", "idle", changed),
        **_of_model(changed),
    }
    return ", ".join(
        f"cast({_one(cause, formulas.get(cause, '0'))} as smallint) as {cause}" for cause in CAUSES
    )


def _one(cause: str, formula: str) -> str:
    return (
        f"case when how = '{FOUND}' then {formula} when how = '{cause}' then 6 * (to_rank - from_rank) "
        "when how is not null then 0 end"
    )


def _values(after: str, before: str, changed: Sequence[str]) -> str:
    terms = (f"{w} * ({after}_{n} - {before}_{n})" for n, w in enumerate(WEIGHTS[len(changed)]))
    return " + ".join(terms)


def _of_model(changed: Sequence[str]) -> dict[str, str]:
    if len(changed) == 1:
        return {changed[0]: _steps(3, (0, 1), 3)}
    if len(changed) == 2:
        return {
            BOUNDARY: f"{_steps(2, (0, 1), 1)} + {_steps(1, (2, 3), 2)}",
            RULES: f"{_steps(2, (0, 2), 1)} + {_steps(1, (1, 3), 2)}",
        }
    return {}


def _steps(first: int, pair: tuple[int, int], last: int) -> str:
    """What a change does before values change, and after it, each so many times."""
    old, new = pair
    return f"{first} * (before_{new} - before_{old}) + {last} * (now_{new} - now_{old})"


def mark_sql(changed: Sequence[str]) -> str:
    """The mark as an expression over the columns of :func:`parts_sql`."""
    own = {cause: f"way * {cause}" for cause in (CORRECTION, ACTIVITY, AGEING)}
    # Another average may hide what the model before says plainly, so that one is asked then.
    alone = {
        CORRECTION: "way * (before_0 - from_rank)",
        ACTIVITY: "way * (now_0 - idle_0)",
        AGEING: "way * (idle_0 - before_0)",
    }
    # Without a part in the move, a change of the model is still what made the difference.
    ours = {CORRECTION: _if_any(own[CORRECTION])} | {cause: f"way * {cause}" for cause in changed}
    by_customer = [{cause: _if_any(part) for cause, part in parts.items()} for parts in (own, alone)]
    masks = f"when state = 'stayed' and how = '{FOUND}' and now_0 <> from_rank then '{MASKED}'"
    whole = " ".join(f"when how = '{cause}' then '{MARKS[cause]}'" for cause in (CORRECTION, MODEL))
    return (
        f"case {masks if changed else ''} when state not in ('up', 'down') or how is null then null {whole} "
        f"when sign(now_0 - from_rank) = way then coalesce({', '.join(map(_largest, by_customer))}) "
        f"else {_largest(ours)} end"
    )


def _if_any(part: str) -> str:
    return f"case when {part} > 0 then {part} end"


def _largest(parts: Mapping[str, str]) -> str:
    """The mark of the largest part, of equal ones the first; those that are NULL do not count."""
    whens = " ".join(f"when {part} then '{MARKS[cause]}'" for cause, part in parts.items())
    return f"case greatest({', '.join(parts.values())}) {whens} end"
