"""Gates on how keys are written: the same customer in two ways, and numbers that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

from segcore.engine.sql import quote_name
from segcore.sources.gates.finding import EXAMPLES, Finding, Looked, examples
from segcore.wording import count, plural

WRITTEN = ("customer_id", "market")
"""What customers and their variables are counted by."""

_ALIKE = """
with keys as (select distinct {column} as key from transactions where {column} is not null),
alike as (
    select min(key) as one, max(key) as other, count(*) as ways from keys
    group by lower(regexp_replace(ltrim(key, '0'), '[ ._/-]', '', 'g')) having count(*) > 1
)
select one, other, sum(ways) over ()::BIGINT, (select count(*) from keys) from alike order by one
limit {limit}
"""


def alike(look: Looked) -> Iterator[Finding]:
    """Keys of the order lines that differ only in case, zeros in front, or blanks and signs within."""
    there = look.engine.columns("transactions")
    for column in (name for name in WRITTEN if there.get(name) == "VARCHAR"):
        found = look.engine.rows(_ALIKE.format(column=quote_name(column), limit=EXAMPLES))
        if found:
            ways, keys = found[0][2:]
            pairs = ", ".join(f"{one!r} and {other!r}" for one, other, *_ in found)
            yield Finding(
                "transactions",
                "alike",
                ways / keys,
                f"each {column} must be written in one way",
                f"{count(ways)} of {count(keys)} differ only in capitals, zeros in front, or signs between, "
                f"and count as different: {pairs}",
                f"say how {column} is written (zero_pad, strip_suffix, or sql: upper(…) of another column), "
                "or map old to new ones under renumbered:",
                file=column,
            )


def nobody(look: Looked) -> Iterator[Finding]:
    """Renumbered customers of whom no order line knows the old number or the new one."""
    if "renumbered" not in look.study.sources.given():
        return
    known = "customer_id in (select customer_id from transactions_parsed)"
    ((numbers, met),) = look.engine.rows(
        f"select count(*), count(*) filter ({known} or becomes in (select customer_id from transactions)) "
        "from renumbered"
    )
    if numbers and not met:
        some = look.engine.rows(f"select customer_id from renumbered order by 1 limit {EXAMPLES}")
        yield Finding(
            "renumbered",
            "match",
            0.0,
            "renumbered customers must have orders, under the old number or the new one",
            f"none of {plural(numbers, 'one')} has: {examples([value for (value,) in some], of=numbers)}",
            "compare how both write the number (zero_pad, strip_suffix)",
            file="transactions",
            mild=True,
        )
