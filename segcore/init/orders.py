"""Which of the files hold orders, and which of their columns say what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from segcore.engine import Engine
from segcore.init.forms import date_layouts
from segcore.init.guesses import Guess, Mapped, Such, candidates
from segcore.init.looking import Look, Seen
from segcore.init.names import speaks_for

Group = Sequence[Look]
Columns = dict[str, Mapped]
Table = tuple[Group, Columns]
"""Files with the same header, and what their columns say."""

NEEDED = ("customer_id", "order_date", "amount")
ORDER = ("customer_id", "order_id", "item", "order_date", "market", "product", "amount")
HEAD = ("order_id", "customer_id", "order_date", "rep", "currency", "name", "status")
ORDER_BY_DAY = "customer_id || ' ' || order_date"
CERTAIN = 70  # so much the name of a column says by itself
SHARED = 0.5  # of the lines' orders have a head
MOST_CANDIDATES = 5
ENOUGH = 0.9  # of the lines have what quantity and price are there for
FEW = 0.05  # of the lines may lack what other lines of their order have


def find_orders(engine: Engine, groups: Sequence[Group]) -> tuple[list[Guess], list[Group]]:
    """The orders, their heads if they are files of their own, and the files that are left.

    In each group are files with the same header. What no column can be found for is a gap.
    """
    tables = [(group, columns_of(group[0])) for group in groups]
    made = _heads_and_lines(engine, tables)
    whole = [table for table in tables if not _lacking(table[1])]
    if made and (not whole or _says_more(*made)):
        (lines, of_lines), (heads, of_heads) = made
        orders = Guess("transactions", tuple(lines), _completed(of_lines))
        head = Guess("orders", tuple(heads), tuple(of_heads[name] for name in HEAD if name in of_heads))
        return [orders, head], [group for group in groups if group not in (lines, heads)]
    best, found = max(tables, key=lambda table: (-len(_lacking(table[1])), _records(table)))
    found = found | {what: _gap(best[0], what, found) for what in _lacking(found)}
    return [Guess("transactions", tuple(best), _completed(found))], [g for g in groups if g is not best]


def _lacking(columns: Columns) -> list[str]:
    known = {*columns, *(["amount"] if "price" in columns else [])}
    return [what for what in NEEDED if what not in known]


def _records(table: Table) -> int:
    return sum(look.records for look in table[0])


def _heads_and_lines(engine: Engine, tables: Sequence[Table]) -> tuple[Table, Table] | None:
    """The lines of orders and their heads, if there are such: the largest."""
    keyed = [table for table in tables if "order_id" in table[1]]
    fitting: list[tuple[Table, Table]] = []
    for heads in keyed:
        key, told = _order(heads), {"customer_id", "order_date"} & heads[1].keys()
        if key.unique and told:
            fitting += [
                (lines, heads)
                for lines in keyed
                if lines is not heads
                and not {*_lacking(lines[1])} - told
                and _share(engine, _order(lines), key) > SHARED
            ]
    return max(fitting, key=lambda pair: _records(pair[0]), default=None)


def _order(table: Table) -> Seen:
    return table[0][0].by_key[table[1]["order_id"].source]


def _share(engine: Engine, of_line: Seen, key: Seen) -> float:
    """The share of the lines' first orders that have a head."""
    query = (
        f"select avg((o in (select {key.sql} from {key.table}))::INTEGER) "
        f"from (select distinct {of_line.sql} as o from {of_line.table} limit 5000)"
    )
    return float(engine.rows(query)[0][0] or 0)


def _says_more(lines: Table, heads: Table) -> bool:
    """Whether lines say what was bought where their heads do not, so that both are needed."""
    bought = {"product", "market"} & (lines[1].keys() - heads[1].keys())
    return not {"customer_id", "order_date"} <= lines[1].keys() and bool(bought)


def columns_of(look: Look) -> Columns:
    """Canonical names → columns of a file, as far as they can be told."""
    made: Columns = {}
    taken: set[str | int] = set()
    days = {column.key for column in look.columns if date_layouts(column)}

    def take(name: str, such: Such = lambda _: True, *, doubt: bool = False) -> None:
        found = candidates(look, name, taken=taken, such=such)
        if found:
            seen = found[0][1]
            rivals = [other for score, other in found[1:] if score >= CERTAIN] if doubt else []
            taken.add(seen.key)
            made[name] = Mapped(name, source=seen.key, note=_rivals(seen, rivals))

    take("order_date", lambda column: column.key in days, doubt=True)
    if "order_date" not in made and (other := _other_day(look, days)):
        made["order_date"] = Mapped(
            "order_date", source=other.key, note=f"please check: the first column of dates ({other.three})"
        )
    taken |= days
    for name in ("customer_id", "order_id"):
        take(name, doubt=True)
    take("item")
    for name in ("amount", "quantity", "price", "discount"):
        take(name, lambda column: column.numeric)
    _without_half_an_amount(look, made)
    for name in ("market", "product", "rep", "currency", "status"):
        take(name)
    take("name", lambda column: not _numbered(column))
    _order_by_sign(look, made, taken)
    take("email")
    _customer_by_name(look, made)
    _texts_beside(look, made)
    return made


def _rivals(seen: Seen, rivals: Sequence[Seen]) -> str:
    if not rivals:
        return ""
    others = " or ".join(other.shown for other in rivals[:2])
    return f"please check: {seen.shown}; it may be {others}"


def _other_day(look: Look, days: set[str | int]) -> Seen | None:
    others = {column.key for column in look.columns if speaks_for("since", column.name)}
    found = [column for column in look.columns if column.key in days]
    return next((column for column in found if column.key not in others), next(iter(found), None))


def _without_half_an_amount(look: Look, made: Columns) -> None:
    """Quantity and price say more than what only some lines have, like the total of an order."""
    filled = {name: look.by_key[mapped.source].filled for name, mapped in made.items()}
    least = min(filled.get("quantity", 0), filled.get("price", 0))
    if filled.get("amount", 0) < ENOUGH * least:
        made.pop("amount", None)


def _numbered(column: Seen) -> bool:
    return all(re.fullmatch(r"#?\d+", value) for value in column.values)


def _order_by_sign(look: Look, made: Columns, taken: set[str | int]) -> None:
    """A shop's numbers like #1001 are those of orders, whatever their column is called."""
    for column in look.columns if "order_id" not in made else ():
        if column.key not in taken and column.values and _numbered(column) and "#" in column.values[0]:
            made["order_id"] = Mapped("order_id", source=column.key, note=f"please check: {column.shown}")
            taken.add(column.key)
            return


def _customer_by_name(look: Look, made: Columns) -> None:
    """Where customers have no number, their address or their name is one."""
    by = next((name for name in ("email", "name") if name in made), "")
    if "customer_id" not in made and by:
        seen = look.by_key[made.pop(by).source]
        note = f"please check: no column of customers' numbers, so their {by} is the key ({seen.three})"
        made["customer_id"] = Mapped("customer_id", source=seen.key, note=note)
    made.pop("email", None)


def _texts_beside(look: Look, made: Columns) -> None:
    """SAP BW writes a key and, in a column without a name beside it, its text."""
    mapped = made.get("customer_id")
    if mapped is None or "name" in made:
        return
    place = list(look.by_key).index(mapped.source) + 1
    if place < len(look.columns) and not look.columns[place].name:
        beside = look.columns[place]
        if beside.values and not beside.numeric:
            made["name"] = Mapped("name", source=beside.key)


def _gap(look: Look, what: str, columns: Columns) -> Mapped:
    """A column that nobody can tell, with those that it may be."""
    taken = {mapped.source for mapped in columns.values()}
    free = [column for column in look.columns if column.values and column.key not in taken]
    if what == "amount":
        found = sorted((c for c in free if c.numeric and not date_layouts(c)), key=_decimals, reverse=True)
    elif what == "customer_id":
        found = sorted((c for c in free if not c.unique and not date_layouts(c)), key=lambda c: -c.different)
    else:
        found = [c for c in free if speaks_for(what, c.name) and not c.numeric]
    return Mapped(what, gap=tuple(found[:MOST_CANDIDATES]))


def _decimals(column: Seen) -> float:
    return sum("." in value or "," in value for value in column.values) / len(column.values)


def _completed(made: Columns) -> tuple[Mapped, ...]:
    """The columns in their order, with what can be made of others."""
    if "order_id" not in made:
        note = "please check: no column of order numbers, so what a customer orders in one day is one order"
        made = made | {"order_id": Mapped("order_id", sql=ORDER_BY_DAY, note=note)}
    return tuple(made[name] for name in dict.fromkeys((*ORDER, *made)) if name in made)


def with_every_line(engine: Engine, orders: Guess) -> Guess:
    """The orders, with a gap for what only the first line of each has: the others would be nobody's."""
    columns = list(orders.columns)
    for order in orders.seen("order_id")[:1]:
        for name in ("customer_id", "order_date"):
            for seen in orders.seen(name)[:1]:
                known = f"bool_or({seen.sql} is not null) over (partition by {order.sql})"
                ((lost,),) = engine.rows(
                    f"select count(*) from (select {seen.sql} as value, {known} as known from {seen.table}) "
                    "where value is null and known"
                )
                if lost > FEW * (seen.filled + lost):
                    told = f"{seen.shown} stands on the first line of an order only; ask for it on every line"
                    gap = Mapped(name, gap=(seen,), note=told)
                    columns = [gap if mapped.name == name else mapped for mapped in columns]
    return replace(orders, columns=tuple(columns))


def with_market(orders: Guess, *, products: bool) -> Guess:
    """The orders with a market, if no source of products says it."""
    if orders.named("market") or (products and orders.named("product")):
        return orders
    product = orders.named("product")
    if product is not None:
        three = orders.seen("product")[0].three
        note = f"please check: no column of product groups, so every product counts as a market ({three})"
        market = Mapped("market", source=product.source, options=product.options, note=note)
        return replace(orders, columns=tuple(market if m is product else m for m in orders.columns))
    note = "please check: no column of product groups, so all orders are in one market"
    return orders.plus(Mapped("market", sql="'all'", note=note))
