"""Several files, and what only shows over all records (classes 39, 40, 45, 58 to 66; issues 1.1 to 1.9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from .builder import (
    GERMAN,
    HEADER,
    ONE,
    ORDERS,
    READ,
    USUAL,
    Case,
    Draft,
    Expected,
    Order,
    Refusal,
    Style,
    cases,
    one,
    with_cell,
)

KEY = ["order_id"]
NEWER = tuple(replace(o, amount=o.amount + 1) if n % 2 else o for n, o in enumerate(ORDERS))
"""The same orders; half of them were corrected."""

LINES = GERMAN.lines()


def file_of(orders: Iterable[Order], style: Style = GERMAN) -> str:
    """Orders as the text of a file."""
    return style.text(style.lines(orders))


def with_column(name: str, values: Sequence[str], lines: Sequence[str] = LINES) -> str:
    """The usual file with one more column at its end."""
    added = (f"{line};{values[n % len(values)]}" for n, line in enumerate(lines[1:]))
    return GERMAN.text([f"{lines[0]};{name}", *added])


def drafts(files: dict[str, str | bytes], expected: Expected, /, **source: Any) -> Draft:
    """A delivery of several files of transactions."""
    return Draft(files, expected, {"sources": {"transactions": source}})


def many(count: int) -> tuple[Order, ...]:
    """As many orders, each with a number of its own."""
    return tuple(replace(ORDERS[n % 24], order_id=f"B{n}") for n in range(count))


# Which delivery wins.


def later_wins() -> Iterator[Draft]:
    for older, newer, delivered in (
        (
            "sales_31.12.2025.csv",
            "sales_28.02.2026.csv",
            {"name": r"sales_(\d\d\.\d\d\.\d{4})", "date": "%d.%m.%Y"},
        ),
        ("sales_9.csv", "sales_10.csv", None),
        ("sales_2025-12-31.csv", "sales_2026-01-15.csv", r"sales_(\d{4}-\d\d-\d\d)"),
        ("sales_KW9_2025.csv", "sales_KW10_2025.csv", None),
    ):
        files = {older: file_of(ORDERS), newer: file_of(NEWER)}
        said = {"delivered": delivered} if delivered else {}
        yield drafts(files, Expected(NEWER, duplicates=24), unique=KEY, **said)


def snapshots() -> Iterator[Draft]:
    for gone in ((3,), (0, 1, 9), ()):
        left = tuple(o for n, o in enumerate(NEWER) if n not in gone)
        files = {"sales_1.csv": file_of(ORDERS), "sales_2.csv": file_of(left)}
        yield drafts(
            files, Expected(left), unique=KEY, deliveries="snapshot", gates={"shrunk": {"stop": "never"}}
        )


def increments() -> Iterator[Draft]:
    for cut in (8, 12, 20):
        files = {"sales_1.csv": file_of(ORDERS[:cut]), "sales_2.csv": file_of(ORDERS[cut:])}
        yield drafts(files, READ, deliveries="increments")
        yield drafts(files, READ, deliveries="increments", unique=KEY)


def delivered_twice() -> Iterator[Draft]:
    whole = file_of(ORDERS)
    for files in (
        {"sales_1.csv": whole, "sales_2.csv": whole},
        {"sales_1.csv": file_of(ORDERS[:16]), "sales_2.csv": file_of(ORDERS[8:])},
        {"sales_1.csv": whole, "sales_2.csv": whole.replace("\r\n", "\n")},
    ):
        repeated = sum(text.count("\n") - 1 for text in files.values()) - 24
        yield drafts(dict(files), Expected(duplicates=repeated))
        yield drafts(dict(files), Expected(duplicates=repeated), unique=KEY)


def equal_by_value() -> Iterator[Draft]:
    """1.3: the same records, written otherwise."""
    one_decimal = [line.replace(",50", ",5").replace("1.000,00", "1000") for line in LINES]
    padded = [line.replace(";", " ; ") for line in LINES]
    signs = [line.replace("-100,00", "100,00-") for line in LINES]
    for lines in (one_decimal, padded, signs):
        files = {"sales_1.csv": file_of(ORDERS), "sales_2.csv": GERMAN.text(lines)}
        yield drafts(files, Expected(duplicates=24))


def refresh_dates() -> Iterator[Draft]:
    """1.3: one unmapped column says when the export was made."""
    for first, second in (("01.11.2025", "31.12.2025"), ("Stand 1", "Stand 2"), ("a", "")):
        files = {
            "sales_1.csv": with_column("Stand", [first]),
            "sales_2.csv": with_column("Stand", [second]),
        }
        yield drafts(dict(files), Expected(duplicates=24), ignore=["Stand"])
        yield drafts(dict(files), Expected(stopped="overlap"))


def other_times_of_one_day() -> Iterator[Draft]:
    """Two orders of one day are two, if their times differ."""
    for times in (("08:15", "17:40"), ("00:00", "23:59"), ("08:15", "08:16")):
        rows = [";".join((*GERMAN.cells(ORDERS[n])[:3], "", *GERMAN.cells(ORDERS[n])[4:])) for n in range(24)]
        lines = []
        for n, row in enumerate(rows):
            day = GERMAN.cells(ORDERS[n])[3]
            lines += [row.replace(";;", f";{day} {time};") for time in times]
        expected = Expected(tuple(o for o in ORDERS for _ in times), duplicates=0)
        yield one(GERMAN.text([LINES[0], *lines]), expected, format={"date": "%d.%m.%Y %H:%M"})


# What only shows over all records.


def too_many_refused() -> Iterator[Draft]:
    for count in (2, 12, 23):
        orders = [";".join(GERMAN.cells(o)) for o in ORDERS]
        bad = [line.replace(".2025;", ".25;") for line in orders[:count]]
        yield one(
            GERMAN.text([LINES[0], *bad, *orders[count:]]),
            Expected(stopped="quarantine"),
            gates={"quarantine": None},
        )
    for count in (100, 150, 180):
        orders_ = many(count)
        lines = GERMAN.lines(orders_)
        lines[50] = lines[50].replace(".2025;", ".25;")
        kept = tuple(o for n, o in enumerate(orders_) if n != 49)
        yield one(GERMAN.text(lines), Expected(kept, (Refusal(51, "order_date"),), warned="quarantine"))


def wrong_form_of_dates() -> Iterator[Draft]:
    for style in (Style(date="%m.%d.%Y"), Style(date="%Y.%d.%m"), Style(date="%d.%m.%y")):
        yield one(
            file_of(ORDERS, style),
            Expected(stopped="quarantine", or_refused=True),
            gates={"quarantine": None},
        )


def months_without_orders() -> Iterator[Draft]:
    """A few orders a month may well be none in another; of twenty it is no accident."""
    for months in ((4,), (6, 7), (11,)):
        orders = tuple(o for o in ORDERS if o.order_date.month not in months)
        yield one(file_of(orders), Expected(orders, warned="months"))
        orders = tuple(o for o in many(600) if o.order_date.month not in months)
        yield one(file_of(orders), Expected(orders, stopped="months"))


def shrunk_deliveries() -> Iterator[Draft]:
    for gone in ((1, 4, 20), range(2, 20), (7, 8, 9, 12)):
        left = [o for n, o in enumerate(ORDERS) if n not in gone]
        files = {"sales_1.csv": file_of(ORDERS), "sales_2.csv": file_of(left)}
        yield drafts(files, Expected(stopped="shrunk"), unique=KEY, deliveries="snapshot")
        yield drafts(files, Expected(stopped="shrunk"), unique=KEY)


def shrunk_sums() -> Iterator[Draft]:
    for factor in (Decimal("0.5"), Decimal("0.001"), Decimal("0.1")):
        smaller = tuple(replace(o, amount=(o.amount * factor).quantize(Decimal("0.01"))) for o in ORDERS)
        files = {"sales_1.csv": file_of(ORDERS), "sales_2.csv": file_of(smaller)}
        yield drafts(files, Expected(stopped="shrunk", or_stopped=("overlap",)), unique=KEY)


def repeated_keys() -> Iterator[Draft]:
    """1.9: genuine lines that share a key, within one delivery."""
    for count in (1, 4, 24):
        twice = tuple(replace(o, amount=o.amount + 5) for o in ORDERS[:count])
        yield one(file_of((*ORDERS, *twice)), Expected(stopped="repeated"), unique=KEY)


def round_limits() -> Iterator[Draft]:
    for count in (1_000, 5_000, 10_000):
        orders = many(count)
        yield one(file_of(orders), Expected(orders, warned="limit"))


def limits_of_programs() -> Iterator[Draft]:
    for count, more in ((65_535, ""), (65_536, ""), (65_535, "\r\n")):
        lines = GERMAN.lines(many(24))
        rows = [lines[1 + n % 24].replace("B", f"B{n}", 1) for n in range(count)]
        yield one(GERMAN.text([LINES[0], *rows]) + more, Expected(stopped="limit"))


def control_totals() -> Iterator[Draft]:
    total = sum(o.amount for o in ORDERS)
    for word, skip in (("Summe", "Summe"), ("Gesamtergebnis", "Gesamt*"), ("Total", "Total")):
        for off in (Decimal(0), Decimal("0.01"), Decimal(-1000)):
            row = f"{word};;;;;{GERMAN.number(total + off)}"
            expected = Expected(stopped="control") if off else Expected(skipped=2)
            yield one(GERMAN.text([*LINES, row]), expected, skip={"total": skip})


# Signs, exclusions, currencies.


def signs_by_kind() -> Iterator[Draft]:
    for kinds, test in (
        (("ZF", "ZS1"), "kind = 'ZS1'"),
        (("S", "H"), "kind = 'H'"),
        (("F2", "S2"), "kind like 'S%'"),
    ):
        values = [kinds[0]] * 3 + [kinds[1]]
        orders = tuple(replace(o, amount=-o.amount if n % 4 == 3 else o.amount) for n, o in enumerate(ORDERS))
        columns = {"billed": {"from": "Umsatz", "type": "number"}, "kind": "Art"}
        amount = {"sql": f"case when {test} then -billed else billed end"}
        yield one(with_column("Art", values), Expected(orders), columns={**columns, "amount": amount})


def excluded_by_name() -> Iterator[Draft]:
    for rule, test in (
        ("test customers", lambda o: o.customer_id == "103"),
        ("credits", lambda o: o.amount < 0),
        ("kitchens", lambda o: o.market == "Küche"),
    ):
        sql = {
            "test customers": "customer_id = '103'",
            "credits": "amount < 0",
            "kitchens": "market = 'Küche'",
        }[rule]
        kept = tuple(o for o in ORDERS if not test(o))
        yield one(
            file_of(ORDERS),
            Expected(kept, excluded=24 - len(kept)),
            exclude={rule: sql},
            gates={"months": {"stop": "never"}},
        )


def foreign_currency() -> Iterator[Draft]:
    for at in ((3,), (0, 10), (23,)):
        values = ["CHF" if n in at else "EUR" for n in range(24)]
        kept = tuple(o for n, o in enumerate(ORDERS) if n not in at)
        refused = tuple(Refusal(n + 2, "currency") for n in at)
        yield one(with_column("Währung", values), Expected(kept, refused), columns={"currency": "Währung"})


def after_the_run_date() -> Iterator[Draft]:
    for day in ("01.01.2026", "15.03.2031", "31.12.2026"):
        late = with_cell(7, "order_date", day)
        yield one(late, Expected(tuple(o for n, o in enumerate(ORDERS) if n != 7), after=1))
    high = Expected(tuple(o for n, o in enumerate(ORDERS) if n != 7), (Refusal(9, "order_date"),))
    yield one(with_cell(7, "order_date", "31.12.9999"), high)


def padded_customers() -> Iterator[Draft]:
    """29, 30: the same customer with and without leading zeros."""
    for width in (6, 8, 10):
        orders = tuple(replace(o, customer_id=o.customer_id.zfill(width)) for o in ORDERS)
        mixed = tuple(
            replace(o, customer_id=o.customer_id.lstrip("0")) if n % 3 else o for n, o in enumerate(orders)
        )
        column = {"customer_id": {"from": "Kunde", "zero_pad": width}}
        yield one(file_of(mixed), Expected(orders), columns=column)
    suffixed = tuple(replace(o, customer_id=f"{o.customer_id}.0") for o in ORDERS)
    yield one(file_of(suffixed), READ, columns={"customer_id": {"from": "Kunde", "strip_suffix": ".0"}})


def dates_in_several_forms() -> Iterator[Draft]:
    for forms in (("%d.%m.%Y", "%Y-%m-%d"), ("%Y%m%d", "%d.%m.%Y"), ("%d.%m.%Y", "%d. %b %Y")):
        styles = [Style(date=form) for form in forms]
        lines = [";".join(_german_months(styles[n % 2].cells(o))) for n, o in enumerate(ORDERS)]
        yield one(GERMAN.text([LINES[0], *lines]), READ, format={"date": list(forms)})


def _german_months(cells: list[str]) -> list[str]:
    for english, german in (("Mar", "Mär"), ("May", "Mai"), ("Oct", "Okt"), ("Dec", "Dez")):
        cells[3] = cells[3].replace(english, german)
    return cells


def two_readings_of_a_date() -> Iterator[Draft]:
    for forms in (["%d/%m/%Y", "%m/%d/%Y"], ["%d.%m.%Y", "%m.%d.%Y"], ["%Y-%m-%d", "%Y-%d-%m"]):
        style = Style(date=forms[0])
        yield one(file_of(ORDERS, style), Expected(refused="date"), format={"date": forms})


def declared_dates() -> Iterator[Draft]:
    for form in ("%m/%d/%Y", "%Y.%m.%d", "%Y%m%d", "%d-%m-%Y"):
        yield one(file_of(ORDERS, Style(date=form)), READ, format={"date": form})


def name_of_the_file() -> Iterator[Draft]:
    for names in (("Büro", "Küche", "Möbel"),):
        files: dict[str, str | bytes] = {}
        lines = [";".join((*HEADER[:4], HEADER[5]))]
        for name in names:
            rows = [GERMAN.cells(o) for o in ORDERS if o.market == name]
            files[f"sales_{name}.csv"] = GERMAN.text([*lines, *(";".join((*r[:4], r[5])) for r in rows)])
        yield drafts(files, READ, columns={"market": {"file": r"sales_(\w+)\.csv"}})
    whole = file_of(ORDERS)
    for name, value in (("sales_A-1.csv", "A-1"), ("sales_0042.csv", "0042")):
        orders = tuple(replace(o, market=value) for o in ORDERS)
        yield drafts({name: whole}, Expected(orders), columns={"market": {"file": r"sales_([\w-]+)\.csv"}})


def made() -> Iterator[Case]:
    """All of these cases."""
    for number, function, encodings in (
        ("1.7", later_wins, ONE),
        ("1.7", snapshots, ONE),
        ("1.7", increments, ONE),
        ("61", delivered_twice, ONE),
        ("60", equal_by_value, ONE),
        ("1.3", refresh_dates, ONE),
        ("60", other_times_of_one_day, ONE),
        ("1.2", too_many_refused, ONE),
        ("27", wrong_form_of_dates, ONE),
        ("62", months_without_orders, ONE),
        ("63", shrunk_deliveries, ONE),
        ("66", shrunk_sums, ONE),
        ("1.9", repeated_keys, ONE),
        ("39", round_limits, ONE),
        ("40", limits_of_programs, ONE),
        ("45", control_totals, ONE),
        ("58", signs_by_kind, ONE),
        ("59", excluded_by_name, ONE),
        ("21", foreign_currency, USUAL),
        ("24", after_the_run_date, ONE),
        ("30", padded_customers, ONE),
        ("22", dates_in_several_forms, USUAL),
        ("27", two_readings_of_a_date, ONE),
        ("22", declared_dates, ONE),
        ("2", name_of_the_file, ONE),
    ):
        yield from cases(number, function.__name__.replace("_", " "), function(), encodings)
