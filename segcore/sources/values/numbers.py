"""Numbers: one decimal sign per column, signs and currencies as ERP systems and accountants write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from segcore.engine.sql import quote_text
from segcore.sources.values import FIXED, Fault, Reading, finds, matches
from segcore.sources.values.errors import ERROR

KNOWN = (
    "AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DEM DKK EGP EUR GBP HKD HRK HUF IDR ILS INR ISK JPY "
    "KRW KWD MAD MXN MYR NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD VND ZAR"
)
SIGNS = {
    "€": ("EUR",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD"),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "Fr.": ("CHF",),
    "SFr.": ("CHF",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("DKK", "ISK"),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "R$": ("BRL",),
    "US$": ("USD",),
    "₹": ("INR",),
    "₽": ("RUB",),
    "₺": ("TRY",),
    "₩": ("KRW",),
    "₪": ("ILS",),
    "₴": ("UAH",),
    "฿": ("THB",),
    "₫": ("VND",),
}
"""Signs of currencies → the codes of those that are written so."""

MARKS = "\u2212\u2019"
DIGITS = r"\d{1,4}0*"


@dataclass(frozen=True)
class Style:
    """How the numbers of a column are written."""

    decimal: str
    thousands: str | None
    currency: str

    @property
    def other(self) -> Style:
        """The style in which the two signs have changed their places."""
        decimal = "." if self.decimal == "," else ","
        return Style(decimal, self.decimal, self.currency)

    @property
    def core(self) -> str:
        """The pattern of a number without a sign."""
        whole = rf"\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+|\d+" if self.thousands else r"\d+"
        return rf"(?:{whole})(?:{re.escape(self.decimal)}{DIGITS})?"

    @property
    def signed(self) -> str:
        """The pattern of a number with everything that may stand around it."""
        money = "|".join(re.escape(text) for text in sorted(_own(self.currency), key=len, reverse=True))
        before, after = f"(?:(?:{money}) ?)?", f"(?: ?(?:{money}))?"
        return (
            rf"{before}(?:[+-] ?)?{before}{self.core}{after}"
            rf"|{before}{self.core}{after} ?-{after}"
            rf"|{before}\( ?{before}{self.core}{after} ?\){after}"
            rf"|{before}{self.core}{after} ?(?i:CR|DR){after}"
        )


@cache
def numbers(style: Style) -> Reading:
    """How numbers are read; the value is a DECIMAL(18, 4)."""

    def slow(text: str) -> str:
        run = rf"\d[\d{re.escape(style.decimal + (style.thousands or ''))}]*"
        number = f"regexp_extract({text}, {quote_text(run)})"
        negative = finds(text, r"[-(]|(?i:(?:^|[^a-z])CR(?:[^a-z]|$))")
        value = _cast(number, style, f"if({negative}, '-', '')")
        return f"if({matches(text, style.signed)}, {value}, NULL)"

    return Reading(
        fast=lambda text: f"if({matches(text, f'[+-]?{style.core}')}, {_cast(text, style)}, NULL)",
        clean=_tidy,
        slow=slow,
        faults=_faults(style),
    )


def _cast(text: str, style: Style, sign: str = "") -> str:
    plain = f"replace({text}, {quote_text(style.thousands)}, '')" if style.thousands else text
    if style.decimal != ".":
        plain = f"replace({plain}, {quote_text(style.decimal)}, '.')"
    return f"try_cast({f'{sign} || {plain}' if sign else plain} as DECIMAL(18, 4))"


def _tidy(text: str) -> str:
    """Other blanks as blanks, the minus sign as the one on keyboards, and one kind of apostrophe."""
    tidy = f"translate({text}, '{FIXED}{MARKS}', '{' ' * len(FIXED)}-''')"
    return f"if(strlen({text}) = length({text}), {text}, {tidy})"


def _own(currency: str) -> list[str]:
    return [currency, *(sign for sign, codes in SIGNS.items() if currency in codes)]


def _faults(style: Style) -> tuple[Fault, ...]:
    own = _own(style.currency)
    codes = "|".join(code for code in KNOWN.split() if code not in own)
    signs = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True) if sign not in own)
    foreign = rf"(?:{codes}|{signs})"
    amount = r"[-+(]? ?(?:\d[\d.,' ]*)[-)]?"
    example = f"1{style.thousands or ''}234{style.decimal}56"
    return (
        ERROR,
        Fault(
            lambda text: matches(text, rf"[-+(]? ?{foreign} ?{amount}|{amount} ?{foreign}[-)]?"),
            "currency",
            f"must be in {style.currency}",
        ),
        Fault(
            lambda text: matches(text, style.signed),
            "number",
            "must be a number with at most 14 digits before the decimal sign",
        ),
        Fault(
            lambda text: matches(text, style.other.signed),
            "decimal sign",
            f"must be a number like {example} (in this one the decimal sign is {style.other.decimal!r})",
        ),
        Fault(lambda text: "true", "number", f"must be a number like {example} with at most four decimals"),
    )
