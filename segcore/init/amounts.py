"""What an order line was worth: a column, quantity times price less a discount, or a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segcore.engine import Engine
from segcore.engine.sql import literal
from segcore.init.forms import NumberForm, typed
from segcore.init.guesses import Guess, Mapped, candidates
from segcore.init.looking import ASIDE, Seen

ALIKE = 0.9  # of the records agree
CREDIT = ("H", "Haben", "C", "CR", "Cr", "Credit", "G", "Gutschrift")
GROWS = 0.4  # correlation with the quantity; that of a price of one piece is about 0 or below
TAKEN_OFF = {
    " * (1 - coalesce(discount, 0))": "a share of the price",
    " * (1 - coalesce(discount, 0) / 100)": "per cent of the price",
    " - coalesce(discount, 0)": "money",
}
LEFT = ("quantity", "price", "discount")


def with_amount(engine: Engine, orders: Guess, form: NumberForm) -> Guess:
    """The orders with their amount, and without what it is not made of.

    They come with whatever names say: amount, quantity, price, discount.
    """
    amount = orders.named("amount")
    if amount is not None and amount.gap is not None:
        return orders
    parts = {name: orders.seen(name)[0] for name in LEFT if orders.seen(name)}
    discount, meant = _discount(engine, parts.get("discount"), form)
    if amount is None and any(_is_totalled(engine, seen, form) for seen in orders.seen("price")):
        note = f"please check: {parts['price'].shown} adds up to the total in the file, so it is the amount"
        return _signed(_with(orders, Mapped("amount", source=parts["price"].key, note=note)))
    if amount is None:
        return _made(orders, parts, discount, meant or _doubt(engine, orders, parts, form))
    return _signed(_chosen(engine, orders, parts, form, discount=discount))


def sign_by_product(engine: Engine, orders: Guess) -> str:
    """The decimal sign with which quantity times price is the amount, "" if it is so with both or none."""
    columns = {name: orders.seen(name)[0] for name in ("quantity", "price", "amount") if orders.seen(name)}
    forms = (NumberForm(".", ","), NumberForm(",", ".")) if len(columns) == len(LEFT) else ()
    signs = [form.decimal for form in forms if _agrees(engine, columns, form, "")]
    return signs[0] if len(signs) == 1 else ""


def _signed(orders: Guess) -> Guess:
    """The orders with the sign of their amount, where another column says which lines are credits."""
    taken, amounts = {mapped.source for mapped in orders.columns}, orders.seen("amount")
    if not amounts or any("-" in value or "(" in value for value in amounts[0].values):
        return orders
    for side in orders.looks[0].columns:
        minus = [value for value in side.values if value in CREDIT]
        if side.key not in taken and minus and len(side.values) == 2:
            gross = Mapped("gross", source=amounts[0].key).having(type="number")
            names = ", ".join(map(literal, minus))
            note = f"please check: {side.shown} says which lines are credits"
            signed = Mapped("amount", sql=f"if(side in ({names}), -gross, gross)", note=note)
            return _with(orders.plus(gross, Mapped("side", source=side.key)), signed)
    return orders


def _doubt(engine: Engine, orders: Guess, parts: dict[str, Seen], form: NumberForm) -> str:
    """Why the price may be that of the whole line, or what else may be the amount; "" if nothing says so."""
    if not {"quantity", "price"} <= parts.keys():
        return ""
    price = parts["price"]
    query = typed(price.table, {name: parts[name] for name in ("quantity", "price")}, form.layout)
    ((grows,),) = engine.rows(
        f"select coalesce(corr(ln(quantity), ln(price)), 0) from ({query}) where least(quantity, price) > 0"
    )
    if grows > GROWS:
        return f"please check: {price.shown} grows with the quantity, as if it were the line's amount already"
    taken = {mapped.source for mapped in orders.columns}
    beside = candidates(orders.looks[0], "amount", taken=taken, such=lambda c: c.numeric)
    return f"please check: quantity times price, beside {beside[0][1].shown}" if beside else ""


def _is_totalled(engine: Engine, seen: Seen, form: NumberForm) -> bool:
    """Whether a total in the file is the sum of a column, so that its values are no prices of one piece."""
    if not engine.has(seen.table + ASIDE):
        return False
    total, values = (typed(table, {"price": seen}, form.layout) for table in (seen.table + ASIDE, seen.table))
    found = engine.rows(f"select 1 from ({total}) where price = (select sum(price) from ({values})) limit 1")
    return bool(found)


def _made(orders: Guess, parts: dict[str, Seen], discount: str, meant: str) -> Guess:
    price = parts["price"]
    if "quantity" not in parts:
        note = f"please check: the price, for no column is a quantity or an amount ({price.three})"
        return _with(orders, Mapped("amount", source=price.key, note=note))
    amount = Mapped("amount", sql=f"quantity * price{discount}", note=meant)
    return _with(orders, amount, keep=LEFT if discount else ("quantity", "price"))


def _with(orders: Guess, amount: Mapped, *, keep: Sequence[str] = ()) -> Guess:
    columns = [m for m in orders.columns if m.name not in LEFT or m.name in keep]
    columns = [m.having(type="number") if m.name == "discount" else m for m in columns if m.name != "amount"]
    return replace(orders, columns=(*columns, amount))


def _discount(engine: Engine, seen: Seen | None, form: NumberForm) -> tuple[str, str]:
    """What is behind ``quantity * price`` in an expression, and how the discount is taken."""
    if seen is None:
        return "", ""
    query = typed(seen.table, {"discount": seen}, form.layout)
    ((least, most),) = engine.rows(f"select min(discount), max(discount) from ({query})")
    if most == least == 0:
        return "", ""
    if most is None or least < 0 or any("%" in value for value in seen.values):
        return "", f"please check: {seen.shown} is not taken off"
    sql, how = list(TAKEN_OFF.items())[0 if most <= 1 else 1 if most <= 100 else 2]
    return sql, f"please check: {seen.name} is taken for {how} ({_three(engine, query)})"


def _three(engine: Engine, query: str) -> str:
    rows = engine.rows(f"select distinct discount from ({query}) where discount > 0 order by 1 limit 3")
    return " · ".join(f"{float(value):g}" for (value,) in rows)


def _chosen(
    engine: Engine, orders: Guess, parts: dict[str, Seen], form: NumberForm, *, discount: str
) -> Guess:
    """Of the columns that may be the amount the one that agrees with quantity and price, or a gap."""
    look = orders.looks[0]
    named = orders.named("amount")
    assert named is not None
    found = candidates(look, "amount", taken={seen.key for seen in parts.values()}, such=lambda c: c.numeric)
    best = [seen for score, seen in found if score == found[0][0]]
    factors = TAKEN_OFF if discount else ()
    after = [seen for factor in factors for seen in _agreeing(engine, best, parts, form, factor=factor)]
    before = _agreeing(engine, best, parts, form, factor="")
    chosen = (after or before or best)[0]
    others = [seen for seen in best if seen is not chosen and not _same(engine, seen, chosen)]
    if others and not (after or before):
        return _with(orders, Mapped("amount", gap=(chosen, *others)))
    if before and discount and not after:
        note = f"please check: {chosen.name} is before the discount ({chosen.three}), which is taken off"
        gross = Mapped("gross", source=chosen.key).having(type="number")
        return _with(
            orders.plus(gross), Mapped("amount", sql=f"gross{discount}", note=note), keep=("discount",)
        )
    rivals = [seen for score, seen in found if seen is not chosen and score >= 70]
    note = ""
    if rivals and not (after or before):
        more = " or ".join(seen.shown for seen in rivals[:2])
        note = f"please check: {chosen.shown}; it may be {more}"
    elif {"quantity", "price"} <= parts.keys() and not (after or before):
        note = f"please check: {chosen.shown} is not quantity times price"
    elif discount and not after:
        note = f"please check: {chosen.shown} is taken as it stands, after the discount"
    return _with(orders, Mapped("amount", source=chosen.key, note=note))


def _agreeing(
    engine: Engine, columns: Sequence[Seen], parts: dict[str, Seen], form: NumberForm, *, factor: str
) -> list[Seen]:
    """The columns that are quantity times price, less the discount if one is given, in nearly all records."""
    needed = {name: parts[name] for name in LEFT if name in parts and (factor or name != "discount")}
    if not {"quantity", "price"} <= needed.keys():
        return []
    return [seen for seen in columns if _agrees(engine, {**needed, "amount": seen}, form, factor)]


def _agrees(engine: Engine, columns: dict[str, Seen], form: NumberForm, factor: str) -> bool:
    product, amount = "cast(quantity as DOUBLE) * price", columns["amount"]
    query = typed(amount.table, columns, form.layout, where=f"_record % {amount.step} = 0")
    # Where nothing is taken off, both agree: only records with a discount tell.
    where = "where discount > 0" if factor else ""
    share = engine.rows(
        f"select avg((abs({product}{factor} - amount) <= 0.02 + 0.001 * abs(amount))::INTEGER) "
        f"from ({query}) {where}"
    )[0][0]
    return share is not None and share >= ALIKE


def _same(engine: Engine, one: Seen, other: Seen) -> bool:
    share = engine.rows(f"select avg(({one.sql} is not distinct from {other.sql})::INTEGER) from {one.table}")
    return float(share[0][0]) >= 0.99
