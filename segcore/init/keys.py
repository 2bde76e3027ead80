"""What makes two records the same one: business keys, and columns that only say when an export was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from segcore.engine import Engine
from segcore.init.guesses import Guess, Mapped
from segcore.init.looking import MOST_RECORDS, PART, Seen
from segcore.sources.gates import Looked
from segcore.sources.gates.overlap import FREQUENT, MUCH
from segcore.sources.gates.pairs import pairs_of
from segcore.sources.gates.twice import twice_in

LOOKED_AT = 3  # pairs of deliveries
NEARLY_ALL, MOSTLY = 0.999, 0.9
ANEW = 0.05  # of the keys with two customers are no corrections


def with_key(engine: Engine, orders: Guess) -> Guess:
    """The orders with the business key that no two different records of a file share, if there is one."""
    for key in _keys(orders):
        # Wrong keys fail on the first records; only the right one is looked for in all.
        if not any(_contradict(engine, orders, key, first=first) for first in (PART, MOST_RECORDS)):
            return replace(orders, unique=key)
    return next(_numbering(engine, orders), orders)


def _numbering(engine: Engine, orders: Guess) -> Iterator[Guess]:
    """The orders with a column of no known name that numbers the lines of each order."""
    order, mapped = orders.seen("order_id"), {m.source for m in orders.columns}
    for seen in orders.looks[0].columns if order and not orders.named("item") else ():
        if seen.key in mapped or not seen.values or not all(map(str.isdecimal, seen.values)):
            continue
        note = f"please check: {seen.shown} numbers the lines of an order"
        key = ("order_id", "item")
        found = replace(orders.plus(Mapped("item", source=seen.key, note=note)), unique=key)
        same = _begins_alike(engine, seen, order[0]) and _repeats(engine, found)
        if same and not _contradict(engine, found, key, first=MOST_RECORDS):
            yield found


def _begins_alike(engine: Engine, item: Seen, order: Seen) -> bool:
    """Whether nearly all orders begin with the same number, as they do with line 1 or 10."""
    first = f"min(try_cast({item.sql} as HUGEINT)) as first"
    orders = f"select {first} from {item.table} where {item.sql} is not null group by {order.sql}"
    ((share,),) = engine.rows(
        f"select max(n) / sum(n) from (select count(*) as n from ({orders}) group by first)"
    )
    return float(share) >= MOSTLY


def _repeats(engine: Engine, orders: Guess) -> bool:
    """Whether orders that stand in two files have the same lines under the same numbers in both."""
    sources = {m.name: m.source for m in orders.columns if m.source and m.name != "customer_id"}
    parts = []
    for n, look in enumerate(orders.looks):
        order, item = (look.by_key[sources[name]].sql for name in orders.unique)
        said = ", ".join(look.by_key[source].sql for source in sources.values())
        parts.append(f"select {n} as n, {order} as o, {item} as i, hash({said}) as said from {look.table}")
    ((share,),) = engine.rows(
        "select avg((files > 1 and said = 1)::INTEGER) from (select count(distinct n) as files, "
        "count(distinct said) as said, bool_or(twice) as twice from (select *, min(n) over w < max(n) over w "
        f"as twice from ({' union all '.join(parts)}) window w as (partition by o)) group by o, i) "
        "where twice"
    )
    return share is None or float(share) >= MOSTLY


def _keys(orders: Guess) -> Iterator[tuple[str, ...]]:
    """Keys to try: the order and what tells its lines apart."""
    names = {mapped.name for mapped in orders.columns if mapped.source}
    if "order_id" in names:
        detail = [name for name in ("item", "product", "market") if name in names]
        yield from [("order_id", name) for name in detail[:1]]
        yield ("order_id",)
        yield from [("order_id", name) for name in detail[1:2] if name == "product"]
        if {"item", "product"} <= names:
            yield ("order_id", "item", "product")


def _contradict(engine: Engine, orders: Guess, key: Sequence[str], *, first: int) -> bool:
    """Whether two different records of a file, among its first so many, share a key."""
    sources = {m.name: m.source for m in orders.columns}
    for look in orders.looks:
        parts = [look.by_key[sources[name]] for name in key]
        if min(part.filled for part in parts) < NEARLY_ALL * look.records:
            return True
        texts, every = (", ".join(column.sql for column in columns) for columns in (parts, look.columns))
        known = " and ".join(f"{part.sql} is not null" for part in parts)
        query = (
            f"select 1 from {look.table} where _record <= {first + look.above} and {known} "
            f"group by {texts} having min(hash({every})) <> max(hash({every})) limit 1"
        )
        if engine.rows(query):
            return True
    return len(orders.looks) > 1 and _numbered_anew(engine, orders, key)


def _numbered_anew(engine: Engine, orders: Guess, key: Sequence[str]) -> bool:
    """Whether another customer has the same key in another file, so that each file numbers from 1."""
    customer = orders.named("customer_id")
    if customer is None or not customer.source:
        return False
    sources = {m.name: m.source for m in orders.columns}
    parts = [
        f"select [{', '.join(look.by_key[sources[name]].sql for name in key)}] as key, "
        f"ltrim({look.by_key[customer.source].sql}, '0') as customer from {look.table}"
        for look in orders.looks
    ]
    query = f"select count(distinct customer) > 1 as other from ({' union all '.join(parts)}) group by key"
    share = engine.rows(f"select coalesce(avg(other::INTEGER), 0) from ({query})")[0][0]
    return float(share) > ANEW


def with_ignored(look: Looked, orders: Guess) -> Guess:
    """The orders without columns that only say when an export was made, and in which deliveries differ."""
    pairs = [pair for pair in pairs_of(look, "transactions") if pair.common < MUCH]
    if orders.unique or not pairs:
        return orders
    found = [twice_in(look, pair, few=FREQUENT, whole=True) for pair in pairs[:LOOKED_AT]]
    return replace(orders, ignore=tuple(dict.fromkeys(c for twice in found if twice for c in twice.unmapped)))


def with_keys_alike(engine: Engine, guesses: Sequence[Guess]) -> list[Guess]:
    """Give the keys that sources share the same form: no ``.0`` behind them, as many digits."""
    made = list(guesses)
    for key in ("customer_id", "product", "rep", "order_id"):
        width = _width(engine, guesses, key)
        made = [guess.having(key, zero_pad=width, strip_suffix=_suffix(guess, key)) for guess in made]
    return made


def with_one_case(engine: Engine, guesses: Sequence[Guess]) -> list[Guess]:
    """Give keys that are the same but for capitals one form, in every source."""
    made = list(guesses)
    for key in ("customer_id", "rep"):
        texts = [f"select {seen.sql} as c from {seen.table}" for guess in guesses for seen in guess.seen(key)]
        found = engine.rows(
            f"select list(distinct c order by c) from ({' union all '.join(texts or ['select NULL as c'])}) "
            "group by lower(c) having count(distinct c) > 1 order by 1 limit 1"
        )
        if found:
            made = [_lowered(guess, key, found[0][0]) for guess in made]
    return made


def _lowered(guess: Guess, key: str, alike: Sequence[str]) -> Guess:
    """The source with a key in small letters; numbers with letters may be others, as those of Salesforce."""
    # A name that ends in _id is read as a key is: what stands for nothing is none.
    sure = "@" in alike[0] or not any(map(str.isdigit, alike[0]))
    written, told = f"written_{key}", f"please check: {' · '.join(alike[:3])} differ only in capitals"
    columns: list[Mapped] = []
    for m in guess.columns:
        if m.name != key or not m.source:
            columns.append(m)
        elif sure:
            lower = Mapped(key, sql=f"lower({written})", note=f"{told}, and count as one")
            columns += [replace(m, name=written), lower]
        else:
            columns.append(replace(m, note="; ".join(filter(None, (m.note, f"{told}, and count as others")))))
    return replace(guess, columns=tuple(columns))


def _suffix(guess: Guess, key: str) -> str:
    values = [value for seen in guess.seen(key) for value in seen.values]
    return ".0" if values and all(value.endswith(".0") for value in values) else ""


def _width(engine: Engine, guesses: Sequence[Guess], key: str) -> int:
    """The digits of the longest key, if some are written with leading zeros and others shorter."""
    lengths: list[tuple[int, int, bool]] = []
    for seen in [seen for guess in guesses for seen in guess.seen(key)]:
        plain = f"if(ends_with({seen.sql}, '.0'), {seen.sql}[:-3], {seen.sql})"
        digits = f"select {plain} as d from {seen.table} where not regexp_matches({plain}, '[^0-9]')"
        lengths += engine.rows(
            "select min(length(d)), max(length(d)), coalesce(bool_or(d[1] = '0' and d <> '0'), false) "
            f"from ({digits}) having count(*) > 0"
        )
    shortest = min((low for low, _, _ in lengths), default=0)
    longest = max((high for _, high, _ in lengths), default=0)
    return longest if shortest < longest and any(zeros for *_, zeros in lengths) else 0
