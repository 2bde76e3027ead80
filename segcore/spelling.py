"""How numbers, dates and lists are written in each language, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MINUS, NBSP, EN_DASH = "\u2212", "\u00a0", "\u2013"


@dataclass(frozen=True)
class Spelling:
    """What differs between languages where numbers, dates and lists are written.

    Parameters
    ----------
    thousands, decimal
        What stands between thousands and before decimals.
    percent
        The sign behind a share, with what keeps it apart.
    scales
        The words behind billions, millions and, where there is little room, millions and thousands.
    money
        An amount: fields sign, symbol, number.
    long_date, day, short_date
        A date with its year, without, and short: fields day, month (its name), short, number, year.
    months, short_months
        Names of the months.
    small
        Small numbers as words, from 0 on.
    ordinal
        What follows the figures of an ordinal number: by the last digit, and else.
    under, over, to, none
        Before a share that must not be rounded away; between two shares; a change from nothing.
    both, all_of
        Of two, and of more: field number.
    last, more
        Before the last of a list, and what ends one that is cut: field number.
    durations
        Unit of a duration as a study writes it, in the singular → one, more, and more behind a
        preposition (in German in the dative).
    nouns
        Whether nouns begin with a capital letter.
    """

    thousands: str
    decimal: str
    percent: str
    scales: Mapping[str, str]
    money: str
    long_date: str
    day: str
    short_date: str
    months: Sequence[str]
    short_months: Sequence[str]
    small: Sequence[str]
    ordinal: tuple[Mapping[int, str], str]
    under: str
    over: str
    to: str
    none: str
    both: str
    all_of: str
    last: str
    more: str
    durations: Mapping[str, tuple[str, str, str]]
    nouns: bool


_EN_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DE_MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
    "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_EN_SMALL = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_DE_SMALL = (
    "kein", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
)  # fmt: skip

SPELLINGS: dict[str, Spelling] = {
    "en": Spelling(
        thousands=",",
        decimal=".",
        percent="%",
        scales={"billion": "bn", "million": "m", "short million": "m", "short thousand": "k"},
        money=f"{{sign}}{{symbol}}{NBSP}{{number}}",
        long_date="{day} {month} {year}",
        day="{day} {month}",
        short_date="{day} {short}",
        months=_EN_MONTHS,
        short_months=tuple(name[:3] for name in _EN_MONTHS),
        small=_EN_SMALL,
        ordinal=({1: "st", 2: "nd", 3: "rd"}, "th"),
        under="under ",
        over="over ",
        to="to",
        none="from 0",
        both="both",
        all_of="all {number}",
        last="and",
        more="{number} more",
        durations={unit: (unit, f"{unit}s", f"{unit}s") for unit in ("day", "week", "month", "year")},
        nouns=False,
    ),
    "de": Spelling(
        thousands=".",
        decimal=",",
        percent=f"{NBSP}%",
        scales={
            "billion": "Mrd.",
            "million": "Mio.",
            "short million": f"{NBSP}Mio.",
            "short thousand": f"{NBSP}Tsd.",
        },
        money=f"{{sign}}{{number}}{NBSP}{{symbol}}",
        long_date="{day}. {month} {year}",
        day="{day}. {month}",
        short_date="{day}.{number}.",
        months=_DE_MONTHS,
        short_months=(
            "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez.",
        ),
        small=_DE_SMALL,
        ordinal=({}, "."),
        under="unter ",
        over="über ",
        to="bis",
        none="von 0",
        both="beide",
        all_of="alle {number}",
        last="und",
        more="{number} weitere",
        durations={
            "day": ("Tag", "Tage", "Tagen"),
            "week": ("Woche", "Wochen", "Wochen"),
            "month": ("Monat", "Monate", "Monaten"),
            "year": ("Jahr", "Jahre", "Jahren"),
        },
        nouns=True,
    ),
}  # fmt: skip
"""Language → how it is written."""
