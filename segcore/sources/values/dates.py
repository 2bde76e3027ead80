"""Dates: strict forms, English and German months, and what SAP and Excel write instead of a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from segcore.engine.sql import quote_text
from segcore.params.layouts import NAMED, NUMBER_OF, date_pattern, example, parts_of
from segcore.sources.values import FIXED, Fault, Reading, matches
from segcore.sources.values.errors import ERROR

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
_TIME = r"([ T][0-9:.]+)?"
INITIAL = r"(00\.00\.0000|00/00/0000|0000-00-00|0000[./]00[./]00|00000000)" + _TIME
"""What ABAP has for no date."""
HIGH = r"(31([./-]?)12[./-]?9999|12[./-]31[./-]9999|9999[./-]?12[./-]?31)" + _TIME
"""What ABAP has for a date without an end."""
LOW = r"(0?1[./-]?0?1[./-]?0001|0001[./-]?01[./-]?01)" + _TIME
SUSPECT = r"(0?1[./-]?0?1[./-]?(0001|1900)|(0001|1900)[./-]?0?1[./-]?0?1)" + _TIME
SERIAL = r"[2-7]\d{4}|80000"
DAY_ZERO = "TIMESTAMP '1899-12-30'"
WITHOUT_TYPE = "NULL::TIMESTAMP"
NEVER = "TIMESTAMP '1900-01-01'"


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are written.

    Parameters
    ----------
    layouts
        The forms, strictest first.
    century
        What two-digit years are added to; None if there are none.
    typed
        Whether cells have types of their own: then a date may also be ISO.
    serials
        Whether a date may also be the number of days that a spreadsheet counts.
    nothing
        The pattern of what stands for no date.
    suspect
        Whether 1900-01-01 is rather no date.
    """

    layouts: tuple[str, ...]
    century: int | None = None
    typed: bool = False
    serials: bool = False
    nothing: str = INITIAL
    suspect: bool = False


@cache
def dates(how: Dates) -> Reading:
    """How dates are read; the value is a TIMESTAMP."""
    layouts = (*ISO, *how.layouts) if how.typed else how.layouts
    plain = [layout for layout in layouts if not _is_odd(layout)]

    def checked(sql: str) -> str:
        return f"nullif({sql}, {NEVER})" if how.suspect else sql

    def slow(text: str) -> str:
        read = [
            _plain(text, layout) if layout in plain else _odd(text, layout, how.century) for layout in layouts
        ]
        if how.serials:
            read.append(f"if({matches(text, SERIAL)}, {DAY_ZERO} + to_days({text}::INTEGER), NULL)")
        return checked(_first(read))

    never = Fault(
        partial(matches, pattern=SUSPECT),
        "suspect date",
        "must be a day that somebody chose (systems write this one for none)",
    )
    wrong = Fault(lambda text: "true", "date", f"must be a date like {_examples(how.layouts)}")
    swapped = [_turned(layout) for layout in how.layouts if _turned(layout) not in how.layouts]
    turned = Fault(
        lambda text: f"{_first([_plain(text, layout) for layout in swapped])} is not null",
        "date",
        f"must be a date like {_examples(how.layouts)}; it is one like {_examples(swapped)}, and others of "
        "the file may be read as another day",
    )
    likely = (turned, wrong) if swapped and not any(map(_is_odd, swapped)) else (wrong,)
    return Reading(
        fast=lambda text: checked(_first([_plain(text, layout) for layout in plain])),
        clean=lambda text: f"if({matches(text, how.nothing)}, NULL, {_blanks(text)})",
        slow=slow,
        faults=(ERROR, never, *likely) if how.suspect else (ERROR, *likely),
        final=lambda value: f"{value}::DATE",
    )


def _blanks(text: str) -> str:
    """Blanks that do not break, as some spreadsheets write them before a time, are blanks."""
    return f"if(strlen({text}) = length({text}), {text}, translate({text}, '{FIXED}', '{' ' * len(FIXED)}'))"


def _examples(layouts: Sequence[str]) -> str:
    return " or ".join(f"{example(layout)} ({layout})" for layout in layouts)


def _first(read: Sequence[str]) -> str:
    return f"coalesce({', '.join(read)})" if len(read) > 1 else "".join(read) or WITHOUT_TYPE


def _turned(layout: str) -> str:
    """The form in which day and month have changed their places."""
    return "%d".join(part.replace("%d", "%m") for part in layout.split("%m"))


def _is_odd(layout: str) -> bool:
    """Whether a form is none that DuckDB reads: names of months, or years of two digits."""
    return any(part in layout for part in (*NAMED, "%y"))


def _plain(text: str, layout: str) -> str:
    pattern = date_pattern(layout)
    return f"if({matches(text, pattern)}, try_strptime({text}, {quote_text(layout)}), NULL)"


def _odd(text: str, layout: str, century: int | None) -> str:
    """A date in a form that is rewritten first: the month, a bar, and the other parts."""
    pattern = date_pattern(layout, grouped=True)
    found = [part for part in parts_of(layout) if re.fullmatch("%.", part)]
    month = next(part for part in found if part in (*NAMED, "%m"))
    rest = [part for part in found if part != month]
    places = [
        f"{'' if part != '%y' else f'{(century or 2000) // 100}'}\\{found.index(part) + 1}" for part in rest
    ]
    template = f"\\{found.index(month) + 1}|" + "|".join(places)
    rewritten = f"regexp_replace({text}, {quote_text(f'^(?:{pattern})$')}, {quote_text(template)})"
    form = "%m|" + "|".join("%Y" if part == "%y" else part for part in rest)
    if month in NAMED:
        numbers = ", ".join(f"{quote_text(name)}: '{number}'" for name, number in NUMBER_OF.items())
        number = f"MAP {{{numbers}}}[lower(split_part(it, '|', 1))]"
        with_number = f"lambda it: {number} || substr(it, strpos(it, '|'))"
        rewritten = f"list_transform([{rewritten}], {with_number})[1]"
    return f"if({matches(text, pattern)}, try_strptime({rewritten}, {quote_text(form)}), NULL)"
