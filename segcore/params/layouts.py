"""Forms of dates: what a text in each must look like, and which two forms may not stand together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import combinations, product

MONTHS: tuple[tuple[str, ...], ...] = (
    ("jan", "january", "januar", "jänner"),
    ("feb", "february", "februar"),
    ("mar", "march", "mär", "mrz", "märz", "maerz", "mae"),
    ("apr", "april"),
    ("may", "mai"),
    ("jun", "june", "juni"),
    ("jul", "july", "juli"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("oct", "october", "okt", "oktober"),
    ("nov", "november"),
    ("dec", "december", "dez", "dezember"),
)
"""How English and German exports write the months; any case will do, and a dot after it."""

NUMBER_OF = {name: number for number, names in enumerate(MONTHS, start=1) for name in names}
_NAMES = "|".join(sorted(NUMBER_OF, key=len, reverse=True))
_PARTS = {
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%Y": r"(?:19|20|21)\d{2}",
    "%y": r"\d{2}",
    "%H": r"\d{1,2}",
    "%I": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%f": r"\d{1,6}",
    "%p": "[AaPp][Mm]",
    "%b": f"(?i:{_NAMES})",
    "%B": f"(?i:{_NAMES})",
}
NAMED = ("%b", "%B")
_SAMPLE_YEARS = (1901, 1912, 1920, 1931, 1999, 2001, 2003, 2010, 2012, 2020, 2025, 2031, 2112, 2131)


def parts_of(layout: str) -> list[str]:
    """A form cut into its parts: ``%d`` and what stands between."""
    return [part for part in re.split("(%.)", layout) if part]


def date_pattern(layout: str, *, grouped: bool = False) -> str:
    """The regular expression that a date must match before it is parsed by ``layout``.

    A year has four digits and lies from 1900 to 2199, so that a text that was cut off is no date.
    With ``grouped`` each part is a group.
    """
    parts = ((part, _PARTS.get(part)) for part in parts_of(layout))
    pattern = "".join(
        re.escape(part) if known is None else _group(known, part, grouped=grouped) for part, known in parts
    )
    # Where nothing stands between two parts, one digit more or less would shift the others.
    return pattern.replace("{1,2}", "{2}") if re.search("%.%.", layout) else pattern


def _group(known: str, part: str, *, grouped: bool) -> str:
    return (f"({known})" if grouped else known) + (r"\.?" if part in NAMED else "")


def example(layout: str) -> str:
    """The last day of 2025, and a quarter to two in the afternoon, in a form."""
    return dt.datetime(2025, 12, 31, 13, 45).strftime(layout)


def ambiguous_layouts(layouts: Sequence[str], century: int | None = None) -> Iterator[str]:
    """What is wrong with forms that stand together: pairs by which one text is two different dates."""
    for first, second in combinations(dict.fromkeys(layouts), 2):
        for text in _samples(first):
            one, other = (read_date(text, layout, century) for layout in (first, second))
            if one and other and one != other:
                yield (
                    f"date must have forms that never read one text as two dates (by {first!r} {text!r} is "
                    f"{one}, by {second!r} {other}); keep the one that the export writes"
                )
                break


def _samples(layout: str) -> Iterator[str]:
    """Days in a form, with and without leading zeros, at midnight and in the morning."""
    for year, month, day in product(_SAMPLE_YEARS, range(1, 13), (1, 2, 3, 10, 11, 12, 20, 21, 28)):
        text = dt.datetime(year, month, day, 1, 2, 3).strftime(layout)
        yield text
        if (short := re.sub(r"(?<!\d)0(?=\d)", "", text)) != text:
            yield short


def read_date(text: str, layout: str, century: int | None = None) -> dt.date | None:
    """The date of a text in a form, by the same rules as extracts are read; None if it is none."""
    found = re.fullmatch(date_pattern(layout, grouped=True), text)
    if found is None:
        return None
    parts = dict(zip((part for part in parts_of(layout) if part in _PARTS), found.groups(), strict=True))
    name = parts.get("%b") or parts.get("%B")
    year = int(parts["%Y"]) if "%Y" in parts else (century or 2000) + int(parts["%y"])
    month = NUMBER_OF[name.lower()] if name else int(parts["%m"])
    try:
        return dt.date(year, month, int(parts["%d"]))
    except ValueError:
        return None
