"""Texts: names stay as they are, keys are written in one way or refused."""

from __future__ import annotations

import re
from functools import partial

from segcore.engine.sql import quote_text
from segcore.params import Column
from segcore.sources.values import FIXED, UNSEEN, Fault, Reading, finds, matches
from segcore.sources.values.errors import ERROR, ERROR_IN_TEXT, FAILED, MASKED

EMPTY = (
    *("#", "-", "--", "---", "n/a", "N/A", "n.a.", "NULL", "Null", "null", "None", "none", "NaN", "nan"),
    *("k.A.", "k. A.", "(null)", "<null>", "(blank)", "(leer)", "(Leer)", "(empty)", "Nicht zugeordnet"),
    *("nicht zugeordnet", "Not assigned", "Not Assigned", "not assigned"),
    *("?", ".", "—", "–", "<NA>", "unbekannt", "Unbekannt", "unknown", "Unknown"),
)
"""What stands for nothing in keys, numbers and dates, unless a study says otherwise."""

NOBODY = (*EMPTY, *("0" * digits for digits in range(1, 19)))
"""The same for customers: a number that was never given; items may begin at 0."""

_LETTERS = "[A-Za-zÄÖÜäöüß]+"
PLAIN_KEY = rf"[0-9A-Za-z]{{1,15}}|[A-Za-z]{{1,8}}[-_/][0-9]{{3,12}}|{_LETTERS}(?:[ -]{_LETTERS})*"
WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + FIXED + "\u3000"
NARROW = "".join(map(chr, range(0x21, 0x7F))) + " " * 5
FOLDED = f"{quote_text(WIDE + UNSEEN)}, {quote_text(NARROW)}"
"""Wide characters → plain ones; what nobody sees, and so stands last, → nothing."""
PROTECTED = r"""^(?:=" *([^"]*?) *"|' *(.*))$"""
"""Written so that a spreadsheet takes it for text."""

_MONTH = "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez"
DECIMALS = "decimals"
_DAMAGES = (
    (
        "encoding",
        "\ufffd|Ã[\\x{80}-\\x{bf}\u0152-\u0192\u02c6\u02dc\u2013-\u2122]|â€|Â[\\x{a0}-\\x{bf} ]|ï¿½",
        "must be a key in which every letter is whole (it was decoded wrongly before it was delivered)",
    ),
    ("control character", "[\\x00-\\x1f\\x7f-\\x{9f}]", "must be a key without control characters"),
    (
        "exponent",
        r"^\d+(?:[.,]\d+)?[Ee][+-]\d+$|^\d+[.,]\d+[Ee]\d+$",
        "must be a key with all its digits (a spreadsheet rounded it to a power of ten)",
    ),
    (
        "digits lost",
        r"^[1-9]\d{12,}000$",
        "must be a key with all its digits (a spreadsheet keeps 15 of them and writes zeros for the others)",
    ),
    (
        DECIMALS,
        r"^\d+\.0+$",
        'must be a key without decimals (a program took it for a number); strip_suffix: ".0" takes them away',
    ),
    (
        "turned into a date",
        rf"(?i:^\d{{1,2}}(?:\. ?|[ -])(?:{_MONTH})\.?$|^(?:{_MONTH})\.?[ -]\d{{2}}$)"
        r"|^\d{4}-\d{2}-\d{2}(?: 00:00:00)?$|^\d{1,2}[./]\d{1,2}[./]\d{4}$",
        "must be a key (a spreadsheet turned it into a date)",
    ),
)
FAULTS = (ERROR, *(Fault(partial(finds, pattern=pattern), rule, why) for rule, pattern, why in _DAMAGES))


def keys(column: Column) -> Reading:
    """How keys are read: in one way of writing, and only if nothing of them is lost."""
    plain, faults = PLAIN_KEY, FAULTS
    if (column.strip_suffix or "").startswith(".0"):
        plain = rf"(?:{PLAIN_KEY})(?:{re.escape(column.strip_suffix or '')})?"
        faults = tuple(fault for fault in FAULTS if fault.rule != DECIMALS)
    rules = {fault.rule for fault in faults}
    damages = [pattern for rule, pattern, _ in _DAMAGES if rule in rules]
    damaged = "|".join((f"^(?:{FAILED}|{MASKED})$", *damages))

    def clean(text: str) -> str:
        folded = f"nfc_normalize(translate({text}, {FOLDED}))"
        letters = f"if(strlen({text}) = length({text}), {text}, {folded})"
        return f"regexp_replace({letters}, {quote_text(PROTECTED)}, '\\1\\2')"

    return Reading(
        fast=lambda text: f"if({matches(text, plain)}, {text}, NULL)",
        clean=clean,
        slow=lambda text: f"if({finds(text, damaged)}, NULL, {text})",
        faults=faults,
        final=lambda value: _written(value, column),
    )


def names(column: Column) -> Reading:
    """How other texts are read: as they stand, without blanks around them, each letter as one character."""

    def fast(text: str) -> str:
        visible = f"{text} between '!' and '~' and {text}[-1] between '!' and '~'"
        plain = f"strlen({text}) = length({text}) and not starts_with({text}, '#')"
        return f"if({visible} and {plain}, {text}, NULL)"

    return Reading(
        fast=fast,
        clean=lambda text: f"nfc_normalize({text})",
        slow=lambda text: f"if({ERROR_IN_TEXT.holds(text)}, NULL, {text})",
        faults=(ERROR_IN_TEXT,),
        final=lambda value: _written(value, column),
    )


def _written(text: str, column: Column) -> str:
    """Without its suffix, and padded with zeros."""
    if column.strip_suffix:
        suffix = quote_text(column.strip_suffix)
        stripped = f"nullif({text}[:-{len(column.strip_suffix) + 1}], '')"
        text = f"if(ends_with({text}, {suffix}), {stripped}, {text})"
    if column.zero_pad:
        # lpad would cut longer text; only what SAP's ALPHA conversion pads is padded.
        short = matches(text, f"[0-9]{{1,{column.zero_pad}}}")
        text = f"if({short}, lpad({text}, {column.zero_pad}, '0'), {text})"
    return text
