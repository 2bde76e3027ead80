"""Values of a study that have a form of their own: durations, dates, names, encodings, sizes."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from segcore.printable import LAYOUT, unprintable

NAME = re.compile(r"[a-z][a-z0-9_]*")
TIME = re.compile(r"[1-9]\d{0,5} (second|minute|hour)s?")
SIZE = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")
DATE_LETTERS = frozenset("dmYybBHIMSfp")

PATTERN = 200
"""Characters of a pattern for file names, which themselves have at most 255."""


def _line(text: str) -> str:
    # A chart with a control character in a name aborts the process that draws it.
    if found := unprintable(text):
        raise ValueError(f"must be text of one line without control characters (it holds {found})")
    return text


def _lines(text: str) -> str:
    if found := unprintable(text, but=LAYOUT):
        raise ValueError(f"must be text without control characters (it holds {found})")
    return text


def _duration(value: object) -> object:
    if not (isinstance(value, str) and re.fullmatch(r"[1-9]\d* (day|week|month|year)s?", value)):
        raise ValueError("must be a number and a unit, like '45 days' or '24 months'")
    return value


def _time(value: object) -> object:
    if not (isinstance(value, str) and TIME.fullmatch(value)):
        raise ValueError("must be a number and a unit, like '30 seconds', '10 minutes' or '2 hours'")
    return value


def in_seconds(time: str) -> float:
    """A time like ``10 minutes`` in seconds."""
    number, unit = time.split(" ")
    return int(number) * {"second": 1, "minute": 60, "hour": 3600}[unit.removesuffix("s")]


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a date like 2025-12-31")


def _dates(value: object) -> object:
    """One date, or an ascending list of dates as a tuple; None for none."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        return _day(value, "must be a date like 2025-12-31, or an ascending list of such dates")
    if not value:
        raise ValueError("must hold one date or more, like [2025-06-30, 2025-12-31]")
    days = tuple(_day(entry, "must be an ascending list of dates like 2025-12-31") for entry in value)
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise ValueError("must be an ascending list of dates, each of them once; put them in order")
    return days


def _day(value: object, expected: str) -> dt.date:
    try:
        day = _date(value)
    except ValueError:
        day = None
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise ValueError(expected)
    return day


def _encoding(name: str) -> str:
    try:
        # Python also knows encodings that are not of text, like rot13; only decoding tells.
        b"  ".decode(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, UnicodeError):
        raise ValueError("must be an encoding that Python knows, like utf-8 or cp1252") from None
    return name


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("must be a name of lower-case letters, digits and _, starting with a letter")
    return name


def _one_group(what: str, example: str) -> Callable[[str], str]:
    """The check of a regular expression whose only group holds something of a file's name."""

    def check(text: str) -> str:
        if len(text) > PATTERN:
            raise ValueError(f"must be a regular expression of at most {PATTERN} characters")
        try:
            groups = re.compile(text).groups
        except re.error as error:
            raise ValueError(f"must be a regular expression ({error})") from None
        if groups != 1:
            raise ValueError(f"must hold the {what} in exactly one group, like '{example}'")
        return text

    return check


def _date_layout(text: str) -> str:
    letters = set(re.findall("%(.)", text))
    whole = "d" in letters and letters & set("mbB") and letters & set("Yy")
    if not whole or letters - DATE_LETTERS:
        raise ValueError("must be the form of a date with %d, %m and %Y, like '%d.%m.%Y'")
    return text


def _delivery_layout(text: str) -> str:
    if "%d" not in text:  # a delivery of a whole month
        _date_layout(f"%d{text}")
        return text
    return _date_layout(text)


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("must be a currency's three capital letters, like EUR")
    return text


def _size(text: str) -> str:
    if not SIZE.fullmatch(text):
        raise ValueError("must be a size of memory, like 2GB")
    return text


def _character(text: str) -> str:
    if len(text) != 1 or text in '"\r\n':
        raise ValueError(r"must be one character, like ';' or '|' or, for a tab, " + r'"\t"')
    return text


def _key(value: object) -> object:
    names = isinstance(value, list | tuple) and value and all(isinstance(name, str) for name in value)
    if value in (None, "record") or names:
        return value
    raise ValueError("must be record, or a list of columns like [order_id, item]")


def share_of(value: object) -> object:
    """A share as a number from 0 to 1: ``0.5 %``, or ``never`` for none."""
    if value is None or (isinstance(value, float) and 0 <= value <= 1):
        return value
    if value == "never":
        return None
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+(?:\.\d+)?) ?%", value)):
        share = float(found[1]) / 100
        if share <= 1:
            return share
    raise ValueError("must be a share like 0.5 %, or never")


def as_many(value: object) -> object:
    """A single text as a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _variable(name: str) -> str:
    if not re.fullmatch("[A-Z][A-Z0-9_]{2,60}", name):
        raise ValueError(
            "must be the name of a variable of the environment, like SEGCORE_POSTGRES; addresses of "
            "databases hold secrets and stand in no study"
        )
    return name


Text = Annotated[str, Field(min_length=1), AfterValidator(_line)]
Lines = Annotated[str, Field(min_length=1), AfterValidator(_lines)]
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_name)]
Duration = Annotated[str, BeforeValidator(_duration)]
Time = Annotated[str, BeforeValidator(_time)]
Date = Annotated[dt.date, BeforeValidator(_date)]
Dates = Annotated[dt.date | tuple[dt.date, ...] | None, BeforeValidator(_dates)]
DateLayout = Annotated[str, AfterValidator(_date_layout)]
DeliveryLayout = Annotated[str, AfterValidator(_delivery_layout)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Character = Annotated[str, AfterValidator(_character)]
_DATE, _VALUE = _one_group("date", r"sales_(\d{4}-\d{2}-\d{2})"), _one_group("value", r"visits_(\w+)\.csv")
Pattern = Annotated[str, AfterValidator(_line), AfterValidator(_DATE)]
FilePattern = Annotated[str, AfterValidator(_line), AfterValidator(_VALUE)]
Variable = Annotated[str, AfterValidator(_variable)]
Currency = Annotated[str, AfterValidator(_currency)]
Size = Annotated[str, AfterValidator(_size)]
CheckedKey = BeforeValidator(_key)
