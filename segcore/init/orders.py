"""Which of the files hold orders, and which of their columns say what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segcore import wording
from segcore.engine import Engine
from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.init.forms import NumberForm, date_layouts, read_values
from segcore.init.guesses import Guess, Mapped, pick
from segcore.init.looking import MOST_RECORDS, PART, Look, Seen
from segcore.init.names import speaks_for
from segcore.params import Format

WHAT = {
    "customer_id": "a customer (no column is called like Customer, Kunde or Client)",
    "order_date": "a date of the order (no column holds dates)",
    "amount": "an amount (no column of numbers is called like Amount, Umsatz or Sales, "
    "and none like Quantity beside one like Price)",
}
ORDER_BY_DAY = "customer_id || ' ' || order_date"


def find_orders(groups: Sequence[Sequence[Look]], study: str) -> tuple[Guess, list[Sequence[Look]]]:
    """The orders among the files, and the files that are left.

    Parameters
    ----------
    groups
        Files with the same header stand together.
    study
        The name of the study, for the message.

    Raises
    ------
    InputError
        If no file has a customer, a date and an amount; with what the best one lacks.
    """
    found = [(group, columns_of(group[0])) for group in groups]
    lacking = [[what for what in WHAT if what not in columns] for _, columns in found]
    least = min(map(len, lacking))
    if least:
        best = lacking.index(least_list(lacking))
        raise InputError(*_missing(groups[best][0], lacking[best], study))
    fitting = [item for item, lack in zip(found, lacking, strict=True) if not lack]
    group, columns = max(fitting, key=lambda item: sum(look.records for look in item[0]))
    guess = Guess("transactions", tuple(group), tuple(columns.values()))
    return guess, [other for other in groups if other is not group]


def least_list(lists: Sequence[list[str]]) -> list[str]:
    """The shortest of some lists, the first of equals."""
    return min(lists, key=len)


def _missing(look: Look, lacking: Sequence[str], study: str) -> list[str]:
    return [
        *(f"{look.path}: must have {WHAT[what]}" for what in lacking),
        f"{look.path}: has the columns {', '.join(look.header)}; if they say it in other words, write "
        f"params/{study}.yaml by hand as docs/writing-a-study.md shows, else give a file with one record "
        "per order line",
    ]


def columns_of(look: Look) -> dict[str, Mapped]:
    """Canonical names → columns of a file, as far as they can be told."""
    made: dict[str, Mapped] = {}
    taken: set[str] = set()

    def take(name: str, seen: Seen | None, note: str = "") -> None:
        if seen is not None:
            taken.add(seen.name)
            made[name] = Mapped(name, source=seen.name, note=note)

    days = {column.name for column in look.columns if date_layouts(column)}
    take("order_date", *_day(look, days))
    take("customer_id", pick(look, "customer_id", taken=taken | days))
    take("order_id", pick(look, "order_id", taken=taken | days))
    take("item", pick(look, "item", taken=taken | days))
    taken |= days
    for name in ("amount", "quantity", "price"):
        take(name, pick(look, name, taken=taken, such=lambda column: column.numeric))
    for name in ("market", "product", "rep", "currency"):
        take(name, pick(look, name, taken=taken))
    _complete(made)
    return {name: made[name] for name in (*ORDER, *made) if name in made}


ORDER = ("customer_id", "order_id", "item", "order_date", "market", "product", "amount")


def _day(look: Look, days: set[str]) -> tuple[Seen | None, str]:
    named = pick(look, "order_date", such=lambda column: column.name in days)
    if named is not None:
        return named, ""
    others = {column.name for column in look.columns if speaks_for("since", column.name)}
    found = next((column for column in look.columns if column.name in days - others), None)
    return found, "please check: the first column of dates" if found else ""


def _complete(made: dict[str, Mapped]) -> None:
    """What the file does not say but can be made of what it says."""
    if "amount" not in made and {"quantity", "price"} <= made.keys():
        made["amount"] = Mapped("amount", sql="quantity * price")
    elif "amount" in made:
        # They would only be carried along.
        made.pop("quantity", None)
        made.pop("price", None)
    if "order_id" not in made:
        note = "please check: no column of order numbers, so what a customer orders in one day is one order"
        made["order_id"] = Mapped("order_id", sql=ORDER_BY_DAY, note=note)


def with_market(orders: Guess, *, products: bool) -> Guess:
    """The orders with a market, if no source of products says it."""
    names = {m.name for m in orders.columns}
    if "market" in names:
        return orders
    if products:
        return orders
    product = next((m for m in orders.columns if m.name == "product"), None)
    if product is not None:
        note = "please check: no column of product groups, so every product counts as a market"
        market = Mapped("market", source=product.source, options=product.options, note=note)
        return replace(orders, columns=tuple(market if m is product else m for m in orders.columns))
    note = "please check: no column of product groups, so all orders are in one market"
    return replace(orders, columns=(*orders.columns, Mapped("market", sql="'all'", note=note)))


def with_key(engine: Engine, orders: Guess) -> Guess:
    """The orders with the business key that no two different records of a file share, if there is one."""
    names = {m.name for m in orders.columns if m.source}
    detail = [name for name in ("item", "product", "market") if name in names]
    keys = [("order_id", name) for name in detail[:1]] + [("order_id",)] if "order_id" in names else []
    keys += [("order_id", "product")] if {"order_id", "product"} <= names else []
    for key in keys:
        # Wrong keys fail on the first records; only the right one is looked for in all.
        if not any(_contradict(engine, orders, key, first=first) for first in (PART, MOST_RECORDS)):
            return replace(orders, unique=key)
    return orders


def _contradict(engine: Engine, orders: Guess, key: Sequence[str], *, first: int) -> bool:
    """Whether two different records of a file, among its first so many, share a key."""
    sources = {m.name: m.source for m in orders.columns}
    for look in orders.looks:
        parts = [look.by_name[sources[name]].sql for name in key]
        whole = ", ".join(f"c{i}" for i in range(len(look.header)))
        known = " and ".join(f"{part} is not null" for part in parts)
        query = (
            f"select 1 from {look.columns[0].table} where _record <= {first} and {known} "
            f"group by {', '.join(parts)} having min(hash({whole})) <> max(hash({whole})) limit 1"
        )
        if engine.rows(query):
            return True
    return False


def with_exclusions(engine: Engine, orders: Guess, form: NumberForm) -> Guess:
    """The orders with the exclusions for which there are records: what, the predicate, and why."""
    rules: list[tuple[str, str, str]] = []
    empty = sum(look.records for look in orders.looks) - sum(s.filled for s in orders.seen("customer_id"))
    if empty:
        rules.append(("no customer", "customer_id is null", f"{empty:,} records"))
    for letter in ("C", "S"):
        count = sum(_prefixed(engine, seen, letter) for seen in orders.seen("order_id"))
        if count:
            records = wording.plural(count, "record")
            reason = f"please check: {letter} stands before the digits in the numbers of {records}"
            rules.append(("cancelled", f"order_id like '{letter}%'", reason))
    if any(m.name == "amount" and m.sql for m in orders.columns):
        for name in ("quantity", "price"):
            count = sum(_not_positive(engine, seen, form) for seen in orders.seen(name))
            if count:
                rules.append((name, f"{name} <= 0", f"{count:,} records, some of which the rules above take"))
    return replace(orders, exclude=tuple(rules))


def _prefixed(engine: Engine, seen: Seen, letter: str) -> int:
    """Records whose number has the letter before it, if most have digits alone."""
    ((digits, lettered),) = engine.rows(
        f"select count(*) filter (regexp_full_match({seen.sql}, '[0-9]+')), "
        f"count(*) filter (regexp_full_match({seen.sql}, {quote_text(letter + '[0-9]+')})) from {seen.table}"
    )
    return int(lettered) if digits > lettered else 0


def _not_positive(engine: Engine, seen: Seen, form: NumberForm) -> int:
    layout = Format.model_validate({"decimal": form.decimal, "thousands": form.thousands})
    query = read_values(replace(seen, step=1), "amount", layout)
    return int(engine.rows(f"select count(*) from ({query}) where value <= 0")[0][0])
