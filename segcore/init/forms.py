"""In which form numbers and dates are written, found out by the parser that will read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from segcore.engine import Engine
from segcore.engine.sql import quote_name
from segcore.init.looking import THREE, Seen
from segcore.kinds import KINDS
from segcore.params import Column, Format, Source
from segcore.params.layouts import read_date
from segcore.sources.parse import Shape, read_query

NUMBERS: tuple[tuple[str, str | None], ...] = (
    *((".", None), (",", "."), (".", ","), (".", "'")),
    *((",", " "), (".", " "), (",", "'")),
)
DAYS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d"),
    *("%Y%m%d", "%d %b %Y", "%d. %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
TIMES = (
    *("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f"),
    *(", %H:%M", ", %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"),
)
ZONE = re.compile(r":\d\d(?:\.\d+)?( ?(?:UTC|GMT|Z|[+-]\d\d:?\d\d))")  # it stands there, and is not applied
ENOUGH = 0.9
SOME = 0.005  # of the values in another form are no slips
CENTURY = 2000
LOOKED_AT = 300
SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "EUR": "EUR", "USD": "USD", "CHF": "CHF", "GBP": "GBP"}
"""What stands beside numbers → the currency that it means first."""

CANONICAL = KINDS["transactions"].columns
NO_DAY = re.compile(r"[0./: -]+|31\.12\.9999|9999-?12-?31")  # what SAP writes for no date, and for ever
PART_OF_ONE = re.compile(r"\D*0[.,]")  # as no thousands begin
A_FEW = 3  # steps back in time that any file may have


@dataclass(frozen=True)
class NumberForm:
    """How numbers are written; ``doubt`` is a sentence if something else is possible."""

    decimal: str
    thousands: str | None
    doubt: str = ""

    @property
    def layout(self) -> Format:
        """As a study says it."""
        return Format.model_validate({"decimal": self.decimal, "thousands": self.thousands})


@dataclass(frozen=True)
class DateForm:
    """How dates are written; ``doubt`` is a sentence if something else is possible."""

    layouts: tuple[str, ...]
    doubt: str = ""

    @property
    def said(self) -> str | list[str]:
        """As a study says it."""
        return self.layouts[0] if len(self.layouts) == 1 else list(self.layouts)

    @property
    def century(self) -> int | None:
        """What a study must say beside two digits of a year."""
        return CENTURY if any("%y" in layout for layout in self.layouts) else None


def number_form(engine: Engine, columns: Sequence[Seen], *, likely: str = "") -> NumberForm:
    """The form in which most values of all these columns are numbers; records from all over the file tell.

    Where numbers may be thousands or decimals, ``likely`` is the decimal sign for which all else speaks.
    """
    read = {form: _count(engine, columns, Format(decimal=form[0], thousands=form[1])) for form in NUMBERS}  # type: ignore[arg-type]
    most = max(read.values())
    fitting = [form for form in NUMBERS if read[form] == most]
    signed = [value for column in columns for value in column.values if {".", ","} & {*value}]
    if signed and {(",", "."), (".", ",")} <= {*fitting} and not any(map(PART_OF_ONE.match, signed)):
        return _either(columns, signed, likely)
    return NumberForm(*fitting[0])


def _either(columns: Sequence[Seen], signed: Sequence[str], likely: str) -> NumberForm:
    """The form of numbers like 1,234, each with three digits behind its sign.

    They are thousands where those below 1000 stand without the sign and none above does.
    """
    sign, other = (",", ".") if "," in signed[0] else (".", ",")
    beside = [v for c in columns if {*c.values} & {*signed} for v in c.values if v not in signed]
    large = any(len(_digits(value)) > len("999") for value in beside)
    shown, digits = " · ".join(signed[:THREE]), _digits(signed[0])
    thousands, decimals = f"thousands ({digits})", f"decimals ({digits[:-3]}.{digits[-3:]})"
    if likely == sign or large or not (beside or likely):
        doubt = f"please check: numbers like {shown} are taken for {decimals}, not for {thousands}"
        return NumberForm(sign, None if sign == "." else other, doubt)
    doubt = f"please check: numbers like {shown} are taken for {thousands}, not for {decimals}"
    return NumberForm(other, sign, "" if beside and likely else doubt)


def _digits(value: str) -> str:
    return re.sub(r"\D", "", value)


def _count(engine: Engine, columns: Sequence[Seen], layout: Format) -> int:
    return sum(_parsed(engine, column, "amount", layout) for column in columns)


def _parsed(engine: Engine, column: Seen, name: str, layout: Format) -> int:
    query = typed(column.table, {name: column}, layout, where=f"_record % {column.step} = 0")
    return int(engine.rows(f"select count({quote_name(name)}) from ({query})")[0][0])


def typed(
    table: str, columns: Mapping[str, Seen], layout: Format, *, currency: str = "", where: str = "true"
) -> str:
    """SQL of some columns of a file as a run would read them, and of ``_record``.

    The columns have their canonical names; those of a study's own are numbers. What may stand beside
    numbers is by default what does.
    """
    texts = ", ".join(dict.fromkeys(seen.sql for seen in columns.values()))
    query = f"select _record, {texts} from {table} where {where}"
    for name, seen in columns.items():
        held = None if name in CANONICAL else "number"
        column = Column.model_validate({"from": seen.key, "type": held})
        source = Source.model_construct(columns={name: column}, format=layout)
        shape = Shape(
            "transactions", source, currency or beside(seen) or "EUR", (seen.name,), typed=seen.typed
        )
        read = read_query(shape, name, f"select *, {seen.sql} as raw from ({query})")
        query = f"select * exclude (raw, value, rule, reason), value as {quote_name(name)} from ({read})"
    return query


def beside(seen: Seen) -> str:
    """The currency that stands beside numbers, "" if none does."""
    text = " ".join(seen.values[:50])
    return next((currency for sign, currency in SIGNS.items() if sign in text), "")


@cache
def date_layouts(column: Seen) -> tuple[str, ...]:
    """The forms in which nearly all values of a column are days of the calendar, likeliest first.

    Where two forms are mixed, that of most.
    """
    values = [value for value in column.values[:LOOKED_AT] if not NO_DAY.fullmatch(value)]
    shares = _shares(values)
    likely = sorted((form for form in shares if shares[form] >= ENOUGH), key=lambda form: -shares[form])
    if likely or not shares:
        return tuple(likely)
    best = max(shares, key=lambda form: shares[form])
    left = [value for value in values if not read_date(value, best, CENTURY)]
    second = max(_shares(left).values(), default=0) * len(left) / len(values)
    return (best,) if shares[best] + second >= ENOUGH else ()


def _shares(values: Sequence[str]) -> dict[str, float]:
    """Form → share of values that are days in it; of those that read one of the first few."""
    zones = dict.fromkeys(found[1] for value in values if (found := ZONE.search(value)))
    forms = [day + time + zone for zone in zones or ("",) for time in TIMES for day in DAYS]
    first = [form for form in forms if any(read_date(value, form, CENTURY) for value in values[:A_FEW])]
    return {
        form: sum(read_date(v, form, CENTURY) is not None for v in values) / len(values) for form in first
    }


def date_form(engine: Engine, column: Seen, *, comma: bool) -> DateForm:
    """The form of a column for which ``date_layouts`` has found at least one.

    A decimal comma in the file's numbers speaks for the day before the month.
    """
    layouts = date_layouts(column)
    read = {layout: _dates(engine, column, layout) for layout in layouts}
    fitting = [layout for layout in layouts if read[layout] == max(read.values())]
    swapped = next((b for b in fitting if b != fitting[0] and _swapped(fitting[0], b)), None)
    if swapped is None:
        return DateForm((fitting[0], *_further(column, fitting[0])))
    chosen, reason = _day_or_month_first(engine, column, sorted((fitting[0], swapped)), comma=comma)
    value = column.values[0]
    day = f"{read_date(value, chosen, CENTURY):%d %B %Y}".lstrip("0")
    return DateForm(
        (chosen, *_further(column, chosen)),
        f"please check: {column.three}: {value} is taken for {day}, because {reason}",
    )


def _dates(engine: Engine, column: Seen, layout: str) -> int:
    return _parsed(engine, column, "order_date", Format(date=(layout,), century=CENTURY))


def _further(column: Seen, first: str) -> Iterator[str]:
    """Forms of what is left, if it is more than slips; none that only swaps day and month of it."""
    left = [v for v in column.values if not read_date(v, first, CENTURY) and not NO_DAY.fullmatch(v)]
    while len(left) > SOME * len(column.values):
        shares = {form: share for form, share in _shares(left).items() if not _swapped(first, form)}
        if not shares:
            return
        yield (best := max(shares, key=lambda form: shares[form]))
        left = [value for value in left if not read_date(value, best, CENTURY)]


def _swapped(a: str, b: str) -> bool:
    return a == b.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _day_or_month_first(
    engine: Engine, column: Seen, layouts: Sequence[str], *, comma: bool
) -> tuple[str, str]:
    """Choose between a form and the one with day and month swapped, with the reason."""
    steps = {layout: _steps_back(engine, column, layout) for layout in layouts}
    if min(steps.values()) * 2 < max(steps.values()) > A_FEW:
        return min(layouts, key=lambda layout: steps[layout]), "then the file is in the order of its dates"
    read = {layout: [read_date(v, layout, CENTURY) for v in column.values] for layout in layouts}
    days = {layout: {day.day for day in read[layout] if day} for layout in layouts}
    if min(map(len, days.values())) == 1 < max(map(len, days.values())):
        return min(layouts, key=lambda layout: len(days[layout])), "then all are on one day of a month"
    if comma:
        return next(x for x in layouts if x.startswith("%d")), "numbers have a decimal comma"
    return next(x for x in layouts if x.startswith("%m")), "numbers have a decimal point"


def _steps_back(engine: Engine, column: Seen, layout: str) -> int:
    day = f"try_strptime({column.sql}, '{layout}')"
    inner = f"select _record, {day} as day from {column.table}"
    compared = f"select day < lag(day) over (order by _record) as back from ({inner})"
    return int(engine.rows(f"select count(*) from ({compared}) where back")[0][0])
