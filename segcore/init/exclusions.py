"""Which records are no orders: without a customer, cancelled, credited, or worth nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from segcore import wording
from segcore.engine import Engine
from segcore.engine.sql import literal, quote_text
from segcore.init.forms import NumberForm, typed
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
RULED = ("order_id", "customer_id", "status")  # what the rules before may name
FEW = 0.25  # more negative lines mean that the sign says something else


def with_exclusions(engine: Engine, orders: Guess, form: NumberForm) -> Guess:
    """The orders with the exclusions for which there are records: what, the predicate, and why."""
    orders, state = _with_state(engine, orders)
    rules = [*_no_customer(engine, orders), *_lettered(engine, orders), *state]
    rules += _credits(engine, orders, form, rules) if orders.seen("amount") else _parts(engine, orders, form)
    return replace(orders, exclude=tuple(rules))


def with_state(engine: Engine, heads: Guess, orders: Guess) -> tuple[Guess, Guess]:
    """Heads and lines of orders, of which those are excluded whose heads were cancelled."""
    heads, rules = _with_state(engine, heads)
    return heads, replace(orders, exclude=(*rules, *orders.exclude))


def _no_customer(engine: Engine, orders: Guess) -> Iterator[Rule]:
    """Records without a customer, or with a text that stands for none, like # or Nicht zugeordnet."""
    nothing = ", ".join(map(quote_text, EMPTY))
    empty = 0
    texts: set[str] = set()
    for seen in orders.seen("customer_id"):
        ((count, marks),) = engine.rows(
            f"select count(*), list(distinct {seen.sql}) from {seen.table} "
            f"where {seen.sql} is null or {seen.sql} in ({nothing})"
        )
        empty, texts = empty + count, texts | set(filter(None, marks or []))
    if empty:
        also = f", with {' or '.join(sorted(texts))} or nothing" if texts else ""
        yield "no customer", "customer_id is null", f"{wording.plural(empty, 'record')}{also}"


def _lettered(engine: Engine, orders: Guess) -> Iterator[Rule]:
    for letter in ("C", "S"):
        found = [_prefixed(engine, seen, letter) for seen in orders.seen("order_id")]
        count = sum(number for number, _ in found)
        if count:
            examples = " · ".join([example for _, some in found for example in some][:3])
            records = wording.plural(count, "record")
            reason = (
                f"please check: {letter} stands before the digits in the numbers of {records} ({examples})"
            )
            yield (
                f"cancelled {letter}" if letter == "S" else "cancelled",
                f"order_id like '{letter}%'",
                reason,
            )


def _prefixed(engine: Engine, seen: Seen, letter: str) -> tuple[int, list[str]]:
    """Records whose number has the letter before it, if most have digits alone; three of the numbers."""
    with_letter = f"regexp_full_match({seen.sql}, {quote_text(letter + '[0-9]+')})"
    ((digits, lettered, examples),) = engine.rows(
        f"select count(*) filter (regexp_full_match({seen.sql}, '[0-9]+')), count(*) filter ({with_letter}), "
        f"list(distinct {seen.sql} order by {seen.sql}) filter ({with_letter}) from {seen.table}"
    )
    return (int(lettered), (examples or [])[:3]) if digits > lettered else (0, [])


def _with_state(engine: Engine, guess: Guess) -> tuple[Guess, list[Rule]]:
    """The source with a column of states, if some mean cancelled or returned."""
    columns = tuple(mapped for mapped in guess.columns if mapped.name != "status")
    plain = replace(guess, columns=columns)
    taken = {mapped.source for mapped in columns if mapped.source}
    for _, seen in candidates(guess.looks[0], "status", taken=taken):
        counts = _states(engine, guess.looks, seen)
        cancelled = [state for state in counts if _means_cancelled(state, seen)]
        returned = [state for state in counts if RETURNED.search(state) and state not in cancelled]
        if not cancelled and not returned:
            continue
        note = f"please check: {_told(counts, returned)} are read as orders" if returned else ""
        mapped = Mapped("status", source=seen.key, note=note)
        names = ", ".join(map(literal, cancelled))
        reason = f"please check: {seen.name} is {_told(counts, cancelled)}"
        rules = [("cancelled by state", f"status in ({names})", reason)] if cancelled else []
        return plain.plus(mapped), rules
    return plain, []


def _states(engine: Engine, looks: tuple[Look, ...], seen: Seen) -> dict[str, int]:
    """State → records; none if there are too many to be states."""
    counts: dict[str, int] = {}
    for look in looks:
        column = look.by_key[seen.key].sql
        rows = engine.rows(
            f"select {column}, count(*) as n from {look.table} where {column} is not null "
            f"group by 1 order by n desc, 1 limit {STATES + 1}"
        )
        for state, count in rows:
            counts[state] = counts.get(state, 0) + count
    return counts if len(counts) <= STATES else {}


def _means_cancelled(state: str, seen: Seen) -> bool:
    flagged = any(word.startswith(FLAGGED) for word in words_of(seen.name))
    return CANCELLED.search(state) is not None or (flagged and state.lower() in FLAG) or state in SAP_TYPES


def _told(counts: dict[str, int], states: list[str]) -> str:
    return wording.join([f"{state} in {wording.plural(counts[state], 'record')}" for state in states[:3]])


def _credits(engine: Engine, orders: Guess, form: NumberForm, rules: Sequence[Rule]) -> Iterator[Rule]:
    """Negative amounts, if they are documents of their own and not returns within an order."""
    negative, count, alone, summed = 0, 0, 0, 0
    for look in orders.looks:
        texts = {m.name: look.by_key[m.source].sql for m in orders.columns if m.source}
        wanted = ", ".join(f"{texts.get(name, 'NULL')} as {name}" for name in RULED)
        query = typed(look.table, {"amount": look.by_key[orders.seen("amount")[0].key]}, form.layout)
        taken = " or ".join(f"coalesce({predicate}, false)" for _, predicate, _ in rules) or "false"
        raw = f"select _record, {wanted} from {look.table}"
        rows = f"select amount, {', '.join(RULED)} from ({query}) join ({raw}) using (_record)"
        whole = (
            "select *, coalesce(max(amount) over (partition by order_id) < 0, order_id is null) as credit "
            f"from ({rows}) where not ({taken})"
        )
        ((n, below, credit, total),) = engine.rows(
            "select count(*), count(*) filter (amount < 0), count(*) filter (amount < 0 and credit), "
            f"coalesce(sum(amount) filter (amount < 0), 0) from ({whole})"
        )
        count, negative, alone, summed = count + n, negative + below, alone + credit, summed + total
    if 0 < negative < FEW * count and alone >= CREDITS * negative:
        records = wording.plural(negative, "record")
        yield (
            "credits",
            "amount < 0",
            f"please check: {records} below 0, together {summed:,.2f}, are left out",
        )


def _parts(engine: Engine, orders: Guess, form: NumberForm) -> Iterator[Rule]:
    for name in ("quantity", "price"):
        count = 0
        for seen in orders.seen(name):
            query = typed(seen.table, {name: seen}, form.layout)
            count += int(engine.rows(f"select count(*) from ({query}) where {name} <= 0")[0][0])
        if count:
            yield name, f"{name} <= 0", f"{count:,} records, some of which the rules above take"
