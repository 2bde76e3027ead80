"""Numbers, dates and lists as people read them in English, the same in charts, reports and mails.

Thousands are set apart by a comma, a minus is a true minus, there is no space before %, and a
no-break space keeps a number and its unit together. Nothing here depends on the machine's locale.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

MINUS, NBSP, EN_DASH = "\u2212", "\u00a0", "\u2013"

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}

Number = int | float | Decimal


def count(number: int) -> str:
    """A whole number: ``3,012``, ``−21``."""
    return f"{number:,}".replace("-", MINUS)


def compact(number: int) -> str:
    """A whole number where there is little room: ``3,012``, ``160k``, ``1.23m``."""
    if abs(number) >= 999_500:
        return f"{_rounded(number / 1e6, 2)}m".replace("-", MINUS)
    return count(number) if abs(number) < 100_000 else f"{_rounded(number / 1e3, 0)}k".replace("-", MINUS)


def signed(number: int) -> str:
    """A difference: ``+51``, ``−21``, ``0``."""
    return f"{number:+,}".replace("-", MINUS) if number else "0"


def more(now: int, before: int) -> str:
    """By how many there are more than before, as :func:`signed` writes it."""
    return signed(now - before)


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number of things: ``1 customer``, ``3,012 customers``."""
    return f"{count(number)} {one if abs(number) == 1 else many or one + 's'}"


def singular(unit: str) -> str:
    """A unit's first word in the singular, where English makes plurals with an s: ``day ago``."""
    return re.sub(r"^(\w*[^\Ws])s\b", r"\1", unit)


def in_words(number: int) -> str:
    """Small numbers as words: ``two``, else as figures."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else count(number)


def all_of(number: int) -> str:
    """How many there are, where it is about all of them: ``both``, ``all three``."""
    return "both" if number == 2 else f"all {in_words(number)}"


def percent(share: float, *, places: int = 0, short: bool = False) -> str:
    """A share: ``23%``; one that is neither nothing nor all does not become 0% or 100%.

    Such a share is ``under 1%`` or ``over 99%``, in tables (``short``) ``<1%`` or ``>99%``.
    """
    under, over = ("<", ">") if short else ("under ", "over ")
    rounded, smallest = _rounded(share * 100, places), Decimal(1).scaleb(-places)
    if share > 0 and not rounded:
        return f"{under}{smallest}%"
    if share < 1 and rounded >= 100:
        return f"{over}{100 - smallest}%"
    return f"{rounded:,}%".replace("-", MINUS)


def between(low: float, high: float) -> str:
    """An interval of shares: ``35–45%``, ``under 1% to 7%``, ``35% to over 99%``."""
    ends = percent(low), percent(high)
    if ends[0] == ends[1]:
        return ends[0]
    return " to ".join(ends) if " " in "".join(ends) else f"{ends[0][:-1]}{EN_DASH}{ends[1]}"


def change(now: Number, before: Number) -> str:
    """A relative change: ``−2.1%``, ``+0.4%``, ``0.0%``; ``from 0`` where nothing was before.

    What is not gone has not lost all: at most ``−99.9%``.
    """
    old, new = Decimal(str(before)), Decimal(str(now))
    if not old:
        return "from 0" if new else "0.0%"
    share = _rounded((new - old) / abs(old) * 100, 1)
    if share == -100 and new:
        share = Decimal("-99.9")
    return f"{share:+,}%".replace("-", MINUS) if share else "0.0%"


def money(amount: Number, currency: str) -> str:
    """An amount of money to three figures or so: ``€ 4.18 m``, ``−€ 463,200``, ``CHF 12.50``."""
    value = Decimal(str(amount))
    size = abs(value)
    if size >= 999_500:
        power, letter = next(
            (p, s) for p, s in ((9, "bn"), (6, "m")) if size >= Decimal(10) ** p * Decimal("0.9995")
        )
        scaled = value.scaleb(-power)
        places = max(0, 2 - max(scaled.adjusted(), 0))
        text = f"{_rounded(scaled, places):,}{NBSP}{letter}"
    elif size >= 10_000:
        text = f"{_rounded(value / 100, 0) * 100:,}"
    else:
        text = f"{_rounded(value, 0 if size >= 1000 else 2):,}"
    sign = MINUS if text.startswith("-") else ""  # half a cent of debt is none
    return f"{sign}{SYMBOLS.get(currency, currency)}{NBSP}{text.removeprefix('-')}"


def short(value: Number, *, per: float = 1.0, whole: bool = False) -> str:
    """A value of a variable as short as it can be: ``21``, ``4.1``, ``12.50``, ``463,187``, ``0.125``.

    Parameters
    ----------
    value
        The value.
    per
        What it is divided by when it is shown; 365.25 makes years of days, with one place below 10.
    whole
        Whether the variable has whole numbers only.
    """
    size = abs(float(value)) / per
    if (whole and per == 1) or size >= (100 if per == 1 else 10):
        text = f"{size:,.0f}"
    elif per != 1:
        text = str(_rounded(size, 1))
    else:
        text = f"{_rounded(size, 2)}" if size >= 1 or not size else f"{size:.3g}"
    return f"{MINUS if value < 0 and text.strip('0.') else ''}{text}"


def long_date(day: dt.date) -> str:
    """``31 March 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: dt.date) -> str:
    """``31 Mar``."""
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def day_and_month(day: dt.date, other: dt.date) -> str:
    """``14 February``, and the year where it is not that of the other date."""
    return long_date(day) if day.year != other.year else f"{day.day} {MONTHS[day.month - 1]}"


def month(day: dt.date) -> str:
    """``May 2025``."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def middle_month(day: dt.date) -> str:
    """``Feb 2025``."""
    return f"{MONTHS[day.month - 1][:3]} {day.year}"


def ordinal(number: int) -> str:
    """``1st``, ``8th``, ``11th``, ``22nd``."""
    teens = 10 <= number % 100 <= 20
    return f"{count(number)}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def join(parts: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def some(parts: Sequence[str], *, of: int = 0, most: int = 3) -> str:
    """The first few, and how many more there are: ``a, b, c and 1,204 more``."""
    more = max(of, len(parts)) - most
    return f"{', '.join(parts[:most])} and {count(more)} more" if more > 0 else join(parts)


def sentence(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _rounded(value: Number, places: int) -> Decimal:
    """Rounded half away from zero, as people round; never a negative zero."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)
