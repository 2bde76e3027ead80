"""The customer whom a user means: with or without leading zeros, by an old number, or nobody near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.errors import UsageError
from segcore.wording import join

if TYPE_CHECKING:
    from segcore.engine import Engine

NEAR = 5
"""How many near matches are named."""


def find(engine: Engine, named: str, *, where: str) -> str:
    """The customer_id of a customer of a run.

    Parameters
    ----------
    engine
        Holds ``everybody`` (customer_id, name), and ``renumbered`` if the run has it.
    named
        What the user gave: a number, with or without its leading zeros.
    where
        The run, for messages.

    Raises
    ------
    UsageError
        If the run knows no such customer, with those that come near; or more than one.
    """
    given = named.strip()
    for query in (
        "select customer_id from everybody where customer_id = $given",
        "select customer_id from everybody where lower(customer_id) = lower($given)",
        "select customer_id from everybody where ltrim(lower(customer_id), '0') = ltrim(lower($given), '0')",
        "select becomes from renumbered where ltrim(lower(customer_id), '0') = ltrim(lower($given), '0') "
        "and becomes in (select customer_id from everybody)",
    ):
        if "renumbered" in query and not engine.has("renumbered"):
            continue
        found = sorted({row[0] for row in engine.rows(query, {"given": given})})
        if len(found) == 1:
            return str(found[0])
        if found:
            raise UsageError(
                f"CUSTOMER must name one customer of {where} (got {named!r}, which may be "
                f"{join([repr(one) for one in found[:NEAR]], 'or')}); write the number as it stands there"
            )
    raise UsageError(
        f"CUSTOMER must be the number of a customer whom {where} knows (got {named!r})"
        f"{_guess(_near(engine, given))}"
    )


def _near(engine: Engine, given: str) -> list[str]:
    """Those that come near: whose name holds what was given, then whose number is most like it."""
    rows = engine.rows(
        f"""select customer_id, name from everybody
        where jaro_winkler_similarity(ltrim(customer_id, '0'), ltrim($given, '0')) > 0.8
            or contains(lower(name), lower($given)) or contains(customer_id, $given)
        order by contains(lower(coalesce(name, '')), lower($given)) desc,
            levenshtein(ltrim(customer_id, '0'), ltrim($given, '0')), customer_id
        limit {NEAR}""",
        {"given": given},
    )
    return [f"{customer} ({name})" if name else str(customer) for customer, name in rows]


def _guess(near: list[str]) -> str:
    return f"; did you mean {join(near, 'or')}?" if near else "; its customers.parquet has them all"
