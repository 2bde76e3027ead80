"""Which records are no orders: without a customer, cancelled, credited, or worth nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from segcore import wording
from segcore.engine import Engine
from segcore.engine.sql import literal, quote_text
from segcore.init.guesses import Guess, Mapped, candidates
from segcore.init.looking import Look, Seen
from segcore.init.names import words_of
from segcore.sources.values.texts import EMPTY

Rule = tuple[str, str, str]
"""Its name, its predicate, and why it is proposed."""

CANCELLED = re.compile(r"cancel|storn|annul|\bvoid|closed lost|verloren|abgelehnt|rejected|abgebrochen", re.I)
RETURNED = re.compile(r"return|refund|retour|gutschrift|erstatt|disputed|on hold|credit", re.I)
FLAG = ("x", "1", "j", "ja", "y", "yes", "true", "wahr")
FLAGGED = ("stor", "cancel", "fksto")
SAP_TYPES = ("S1", "S2", "SV")
STATES = 60  # more different values are no states
CREDITS = 0.9  # of the negative lines stand in orders that are negative as a whole
FEW = 0.25  # more negative lines mean that the sign says something else


def with_exclusions(engine: Engine, orders: Guess, *heads: Guess) -> list[Guess]:
    """The orders with the exclusions for which there are records, and their heads, which may tell."""
    orders, rules = _with_state(engine, orders)
    rules = [*_no_customer(engine, orders), *_lettered(engine, orders), *rules]
    states = [_with_state(engine, head) for head in heads]
    of_heads = [rule for _, found in states for rule in found]
    return [replace(orders, exclude=(*of_heads, *rules)), *(head for head, _ in states)]


def _no_customer(engine: Engine, orders: Guess) -> Iterator[Rule]:
    """Records without a customer, or with a text that stands for none, like # or Nicht zugeordnet."""
    nothing = ", ".join(map(quote_text, EMPTY))
    texts = {
        text or ""
        for seen in orders.seen("customer_id")
        for (text,) in engine.rows(
            f"select distinct {seen.sql} as c from {seen.table} where c is null or c in ({nothing})"
        )
    }
    if texts:
        also = " or ".join([*sorted(filter(None, texts)), "nothing"])
        yield "no customer", "customer_id is null", f"where the customer is {also}"


def _lettered(engine: Engine, orders: Guess) -> Iterator[Rule]:
    for letter, name in (("C", "cancelled"), ("S", "cancelled S")):
        examples = [text for seen in orders.seen("order_id") for text in _prefixed(engine, seen, letter)]
        if examples:
            reason = f"please check: {letter} stands before the digits ({' · '.join(examples[:3])})"
            yield name, f"order_id like '{letter}%'", reason


def _prefixed(engine: Engine, seen: Seen, letter: str) -> list[str]:
    """Three of the numbers that have the letter before them, if most have digits alone."""
    lettered = f"regexp_full_match(c, {quote_text(letter + '[0-9]+')})"
    ((most, examples),) = engine.rows(
        f"select count(*) filter (regexp_full_match(c, '[0-9]+')) > count(*) filter ({lettered}), "
        f"list(distinct c order by c) filter ({lettered}) from (select {seen.sql} as c from {seen.table})"
    )
    return (examples or [])[:3] if most else []


def _with_state(engine: Engine, guess: Guess) -> tuple[Guess, list[Rule]]:
    """The source with a column of states, if some mean cancelled or returned."""
    columns = tuple(mapped for mapped in guess.columns if mapped.name != "status")
    plain = replace(guess, columns=columns)
    taken = {mapped.source for mapped in columns if mapped.source}
    for _, seen in candidates(guess.looks[0], "status", taken=taken):
        states = _states(engine, guess.looks, seen)
        cancelled = [state for state in states if _means_cancelled(state, seen)]
        returned = [state for state in states if RETURNED.search(state) and state not in cancelled]
        if not cancelled and not returned:
            continue
        note = f"please check: {wording.join(returned[:3])} are read as orders" if returned else ""
        mapped = Mapped("status", source=seen.key, note=note)
        names = ", ".join(map(literal, cancelled))
        reason = f"please check: {seen.name} is {wording.join(cancelled[:3])}"
        rules = [("cancelled by state", f"status in ({names})", reason)] if cancelled else []
        return plain.plus(mapped), rules
    return plain, []


def _states(engine: Engine, looks: tuple[Look, ...], seen: Seen) -> list[str]:
    """The states, those of most records first; none if there are too many to be states."""
    rows = " union all ".join(
        f"select {look.by_key[seen.key].sql} as state from {look.table}" for look in looks
    )
    found = engine.rows(
        f"select state from ({rows}) where state is not null group by 1 "
        f"order by count(*) desc, 1 limit {STATES + 1}"
    )
    return [state for (state,) in found] if len(found) <= STATES else []


def _means_cancelled(state: str, seen: Seen) -> bool:
    flagged = any(word.startswith(FLAGGED) for word in words_of(seen.name))
    return CANCELLED.search(state) is not None or (flagged and state.lower() in FLAG) or state in SAP_TYPES


def with_records(engine: Engine, orders: Guess) -> Guess:
    """The orders with exclusions that only records tell that were read: credits, and what is worth nothing.

    The engine holds ``transactions`` as a run reads them, without duplicates and what is excluded so far,
    and ``transactions_judged`` with them.
    """
    names = {mapped.name for mapped in orders.columns}
    rules: list[Rule] = [
        (name, f"{name} <= 0", "it is worth nothing")
        for name in ("quantity", "price")
        if name in names and engine.rows(f"select 1 from transactions_judged where {name} <= 0 limit 1")
    ]
    alone = "coalesce(max(amount) over (partition by order_id) < 0, true)"
    ((count, negative, credits),) = engine.rows(
        "select count(*), count(*) filter (amount < 0), count(*) filter (amount < 0 and credit) "
        f"from (select amount, {alone} as credit from transactions)"
    )
    if not rules and 0 < negative < FEW * count and credits >= CREDITS * negative:
        rules = [("credits", "amount < 0", "please check: what is below 0 is left out")]
    return replace(orders, exclude=(*orders.exclude, *rules))


def with_counts(engine: Engine, orders: Guess) -> Guess:
    """The orders, whose exclusions say how many records each took, and what those sum to."""
    taken = {
        rule: (records, amount)
        for rule, records, amount in engine.rows(
            "select rule, records, amount from excluded where source = 'transactions'"
        )
    }
    return replace(orders, exclude=tuple(
        (rule, predicate, f"{note}: {_took(*taken.get(rule, (0, None)))}")
        for rule, predicate, note in orders.exclude
    ))  # fmt: skip


def _took(records: int, amount: Decimal | None) -> str:
    together = f", together {amount:,.2f}" if amount else ""
    return f"{wording.plural(records, 'record')}{together}"
