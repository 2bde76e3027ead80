"""Numbers, dates and lists as people read them, the same in charts, reports and mails.

They are written in the language that is spoken, see :mod:`segcore.language`; the examples are English. A
minus is a true minus, and a no-break space keeps a number and its unit together. Nothing here depends on
the machine's locale.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from segcore import language
from segcore.spelling import EN_DASH as EN_DASH
from segcore.spelling import MINUS as MINUS
from segcore.spelling import NBSP as NBSP
from segcore.spelling import SPELLINGS, Spelling

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}

Number = int | float | Decimal


def spelling() -> Spelling:
    """How the language that is spoken writes numbers, dates and lists."""
    return SPELLINGS[language.current()]


def count(number: int) -> str:
    """A whole number: ``3,012``, ``−21``."""
    return figures(f"{number:,}")


def compact(number: int) -> str:
    """A whole number where there is little room: ``3,012``, ``160k``, ``1.23m``."""
    scales = spelling().scales
    if abs(number) >= 999_500:
        return figures(f"{_rounded(number / 1e6, 2)}") + scales["short million"]
    if abs(number) >= 100_000:
        return figures(f"{_rounded(number / 1e3, 0)}") + scales["short thousand"]
    return count(number)


def plain(number: Number, digits: int = 10) -> str:
    """A number with its decimals as they are, up to so many digits: ``1,204``, ``0.25``."""
    return figures(f"{number:,.{digits}g}")


def signed(number: int) -> str:
    """A difference: ``+51``, ``−21``, ``0``."""
    return figures(f"{number:+,}") if number else "0"


def decimals(number: Number, places: int, *, signed: bool = False) -> str:
    """A number with so many places, its sign shown if asked for: ``61.4``, ``+17.6``, ``0.050``."""
    return figures(f"{number:{'+' if signed else ''},.{places}f}")


def more(now: int, before: int) -> str:
    """By how many there are more than before, as :func:`signed` writes it."""
    return signed(now - before)


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number of things: ``1 customer``, ``3,012 customers``; ``many`` may be left out in English."""
    return f"{count(number)} {one if abs(number) == 1 else many or one + 's'}"


def singular(unit: str) -> str:
    """A unit's first word in the singular, where English makes plurals with an s: ``day ago``."""
    return re.sub(r"^(\w*[^\Ws])s\b", r"\1", unit)


def alone(unit: str) -> str:
    """A unit as a label or the head of a column: ``Jahre``, where sentences ask for ``Jahren``."""
    return {behind: many for _, many, behind in spelling().durations.values()}.get(unit, unit)


def in_words(number: int) -> str:
    """Small numbers as words: ``two``, else as figures."""
    small = spelling().small
    return small[number] if 0 <= number < len(small) else count(number)


def all_of(number: int) -> str:
    """How many there are, where it is about all of them: ``both``, ``all three``."""
    written = spelling()
    return written.both if number == 2 else written.all_of.format(number=in_words(number))


def percent(share: float, *, places: int = 0, short: bool = False) -> str:
    """A share: ``23%``; one that is neither nothing nor all does not become 0% or 100%.

    Such a share is ``under 1%`` or ``over 99%``, in tables (``short``) ``<1%`` or ``>99%``.
    """
    written = spelling()
    under, over = ("<", ">") if short else (written.under, written.over)
    rounded, smallest = _rounded(share * 100, places), Decimal(1).scaleb(-places)
    if share > 0 and not rounded:
        return f"{under}{figures(str(smallest))}{written.percent}"
    if share < 1 and rounded >= 100:
        return f"{over}{figures(str(100 - smallest))}{written.percent}"
    return f"{figures(f'{rounded:,}')}{written.percent}"


def between(low: float, high: float) -> str:
    """An interval of shares: ``35–45%``, ``under 1% to 7%``, ``35% to over 99%``."""
    written, ends = spelling(), (percent(low), percent(high))
    if ends[0] == ends[1]:
        return ends[0]
    if any(end.startswith((written.under, written.over)) for end in ends):
        return f" {written.to} ".join(ends)
    return f"{ends[0].removesuffix(written.percent)}{EN_DASH}{ends[1]}"


def change(now: Number, before: Number) -> str:
    """A relative change: ``−2.1%``, ``+0.4%``, ``0.0%``; ``from 0`` where nothing was before.

    What is not gone has not lost all: at most ``−99.9%``.
    """
    old, new, written = Decimal(str(before)), Decimal(str(now)), spelling()
    if not old and new:
        return written.none
    if not old:
        return figures("0.0") + written.percent
    share = _rounded((new - old) / abs(old) * 100, 1)
    if share == -100 and new:
        share = Decimal("-99.9")
    return figures(f"{share:+,}" if share else "0.0") + written.percent


def money(amount: Number, currency: str) -> str:
    """An amount of money to three figures or so: ``€ 4.18 m``, ``−€ 463,200``, ``CHF 12.50``."""
    value = Decimal(str(amount))
    size = abs(value)
    if size >= 999_500:
        power, scale = next(
            (p, s)
            for p, s in ((9, "billion"), (6, "million"))
            if size >= Decimal(10) ** p * Decimal("0.9995")
        )
        scaled = value.scaleb(-power)
        places = max(0, 2 - max(scaled.adjusted(), 0))
        text = f"{_rounded(scaled, places):,}{NBSP}{scale}"
    elif size >= 10_000:
        text = f"{_rounded(value / 100, 0) * 100:,}"
    else:
        text = f"{_rounded(value, 0 if size >= 1000 else 2):,}"
    sign = MINUS if text.startswith("-") else ""  # half a cent of debt is none
    number, _, scale = text.removeprefix("-").partition(NBSP)
    written = figures(number) + (f"{NBSP}{spelling().scales[scale]}" if scale else "")
    return spelling().money.format(sign=sign, symbol=SYMBOLS.get(currency, currency), number=written)


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
    return f"{MINUS if value < 0 and text.strip('0.') else ''}{figures(text)}"


def long_date(day: dt.date) -> str:
    """``31 March 2026``."""
    return _date(spelling().long_date, day)


def short_date(day: dt.date) -> str:
    """``31 Mar``."""
    return _date(spelling().short_date, day)


def day_and_month(day: dt.date, other: dt.date) -> str:
    """``14 February``, and the year where it is not that of the other date."""
    return long_date(day) if day.year != other.year else _date(spelling().day, day)


def month(day: dt.date) -> str:
    """``May 2025``."""
    return f"{month_name(day)} {day.year}"


def month_name(day: dt.date) -> str:
    """``May``."""
    return spelling().months[day.month - 1]


def middle_month(day: dt.date) -> str:
    """``Feb 2025``."""
    return f"{spelling().short_months[day.month - 1]} {day.year}"


def _date(pattern: str, day: dt.date) -> str:
    written = spelling()
    return pattern.format(
        day=day.day,
        month=written.months[day.month - 1],
        short=written.short_months[day.month - 1],
        number=day.month,
        year=day.year,
    )


def ordinal(number: int) -> str:
    """``1st``, ``8th``, ``11th``, ``22nd``."""
    by_digit, other = spelling().ordinal
    teens = 10 <= number % 100 <= 20
    return f"{count(number)}{other if teens else by_digit.get(number % 10, other)}"


def duration(length: str | None, *, behind: bool = False) -> str:
    """A duration of a study: ``12 months``, nothing for None; ``behind`` a preposition cases may differ."""
    if not length:
        return ""
    number, unit = length.split()
    one, many, after = spelling().durations[unit.removesuffix("s")]
    return f"{count(int(number))} {one if number == '1' else after if behind else many}"


def join(parts: Sequence[str], last: str = "") -> str:
    """``a``, ``a and b``, ``a, b and c``; another word may stand before the last."""
    last = last or spelling().last
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def some(parts: Sequence[str], *, of: int = 0, most: int = 3) -> str:
    """The first few, and how many more there are: ``a, b, c and 1,204 more``."""
    more = max(of, len(parts)) - most
    if more <= 0:
        return join(parts)
    written = spelling()
    return f"{', '.join(parts[:most])} {written.last} {written.more.format(number=count(more))}"


def sentence(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """A head inside of a sentence: with a small letter, but in German, where it may be a noun."""
    return text if spelling().nouns else text[:1].lower() + text[1:]


def figures(number: str) -> str:
    """A number as Python writes it (``1,234.50``, ``-3``), with the signs of the language."""
    written = spelling()
    return number.translate({44: written.thousands, 46: written.decimal, 45: MINUS})


def _rounded(value: Number, places: int) -> Decimal:
    """Rounded half away from zero, as people round; never a negative zero."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)
