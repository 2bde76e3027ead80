"""In which form numbers and dates are written, found out by the parser that will read them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from segcore.engine import Engine
from segcore.init.looking import Seen
from segcore.params import Column, Format, Source
from segcore.params.layouts import date_pattern
from segcore.sources.parse import Shape, read_query

NUMBERS: tuple[tuple[str, str | None], ...] = (
    (".", None),
    (",", "."),
    (".", ","),
    (".", "'"),
    (",", " "),
    (".", " "),
    (",", "'"),
)
DAYS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d"),
    *("%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
TIMES = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f")
ENOUGH = 0.9
A_FEW = 3  # steps back in time that any file may have


@dataclass(frozen=True)
class NumberForm:
    """How numbers are written; ``doubt`` is a sentence if something else is possible."""

    decimal: str
    thousands: str | None
    doubt: str = ""


@dataclass(frozen=True)
class DateForm:
    """How dates are written; ``doubt`` is a sentence if something else is possible."""

    layout: str
    doubt: str = ""


def number_form(engine: Engine, columns: Sequence[Seen]) -> NumberForm:
    """The form in which most values of all these columns are numbers; records from all over the file tell."""
    read = {form: _count(engine, columns, Format(decimal=form[0], thousands=form[1])) for form in NUMBERS}  # type: ignore[arg-type]
    most = max(read.values())
    fitting = [form for form in NUMBERS if read[form] == most]
    chosen, example = fitting[0], _separated(columns)
    if chosen == (".", None) and (",", ".") in fitting and example:
        doubt = f"please check: {example} is taken for a number with decimals, not for thousands"
        return NumberForm(".", None, doubt)
    return NumberForm(*chosen)


def _separated(columns: Sequence[Seen]) -> str:
    return next((value for column in columns for value in column.values if "." in value), "")


def _count(engine: Engine, columns: Sequence[Seen], layout: Format) -> int:
    return sum(_parsed(engine, column, "amount", layout) for column in columns)


def _parsed(engine: Engine, column: Seen, name: str, layout: Format) -> int:
    return int(engine.rows(f"select count(value) from ({read_values(column, name, layout)})")[0][0])


def read_values(column: Seen, name: str, layout: Format) -> str:
    """SQL of the values that a part of a column has as one of the canonical columns of transactions."""
    source = Source.model_construct(columns={name: Column.model_validate(column.name)}, format=layout)
    shape = Shape("transactions", source, "EUR", (column.name,))
    texts = f"select {column.sql} as raw from {column.table} where _record % {column.step} = 0"
    return read_query(shape, name, texts)


def date_layouts(column: Seen) -> list[str]:
    """The forms in which nearly all values of a column are days of the calendar, likeliest first."""
    values = column.values[:300]
    if not values or not any(char.isdigit() for char in values[0]):
        return []
    shares = {day + time: _share(values, day + time) for time in TIMES for day in DAYS}
    likely = [layout for layout, share in shares.items() if share >= ENOUGH]
    return sorted(likely, key=lambda layout: -shares[layout])


def _share(values: Sequence[str], layout: str) -> float:
    pattern = re.compile(date_pattern(layout))
    return sum(bool(pattern.fullmatch(value)) and _is_day(value, layout) for value in values) / len(values)


def _is_day(value: str, layout: str) -> bool:
    try:
        return 1900 < dt.datetime.strptime(value, layout).year < 2200
    except ValueError:
        return False


def date_form(engine: Engine, column: Seen, *, comma: bool) -> DateForm:
    """The form of a column of dates.

    Parameters
    ----------
    engine
        Where the column's table is.
    column
        The column; ``date_layouts`` has found at least one form for it.
    comma
        Whether numbers in the file have a decimal comma, which speaks for the day before the month.
    """
    layouts = date_layouts(column)
    read = {layout: _parsed(engine, column, "order_date", Format(date=(layout,))) for layout in layouts}
    fitting = [layout for layout in layouts if read[layout] == max(read.values())]
    swapped = next((b for b in fitting if b != fitting[0] and _swapped(fitting[0], b)), None)
    if swapped is None:
        return DateForm(fitting[0])
    chosen, reason = _day_or_month_first(engine, column, sorted((fitting[0], swapped)), comma=comma)
    value = column.values[0]
    day = dt.datetime.strptime(value, chosen).strftime("%d %B %Y").lstrip("0")
    return DateForm(chosen, f"please check: {value} is taken for {day}, because {reason}")


def _swapped(a: str, b: str) -> bool:
    return a == b.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")


def _day_or_month_first(
    engine: Engine, column: Seen, layouts: Sequence[str], *, comma: bool
) -> tuple[str, str]:
    """Choose between a form and the one with day and month swapped, with the reason."""
    steps = {layout: _steps_back(engine, column, layout) for layout in layouts}
    if min(steps.values()) * 2 < max(steps.values()) > A_FEW:
        return min(layouts, key=lambda layout: steps[layout]), "then the file is in the order of its dates"
    days = {layout: {dt.datetime.strptime(v, layout).day for v in column.values} for layout in layouts}
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
