"""Text → values, as SQL: one module per type, all in the same steps.

Most texts are plain and read in one step (``fast``). The others are trimmed, then cleaned
(``clean``: NULL if nothing is meant), then read with everything that exports do (``slow``); what is
still unread is refused by the first fault that applies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segcore.engine.sql import quote_text

Sql = Callable[[str], str]

UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff"
BLANKS = " \t\r\n\v\f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
FIXED = "\u00a0\u2007\u2009\u202f"
"""Blanks that stand inside numbers, dates and keys."""
AROUND = quote_text(BLANKS + UNSEEN)
"""What is removed around a text: blanks, and what nobody sees."""


@dataclass(frozen=True)
class Fault:
    """Why a text is refused: SQL over the text that is true if so, the rule's name, what it must be."""

    holds: Sql
    rule: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """How the texts of a column are read: from the SQL of a text to the SQL of what becomes of it.

    Parameters
    ----------
    fast
        The value of a plain text, else NULL; over the text as delivered.
    clean
        The text as it is meant, NULL if nothing is; over the trimmed text.
    slow
        The value of a clean text, NULL if it is refused.
    faults
        Why it may be refused, likeliest last.
    final
        The value as it leaves, over the value.
    """

    fast: Sql
    clean: Sql
    slow: Sql
    faults: tuple[Fault, ...]
    final: Sql = str


def trimmed(raw: str) -> str:
    """SQL of a text without blanks around it.

    Few texts have blanks around them, and trimming all costs more than reading the file. Those that
    start and end with a visible ASCII character have none, which is seen at once.
    """
    visible = f"{raw} between '!' and '~' and {raw}[-1] between '!' and '~'"
    return f"if({visible}, {raw}, trim({raw}, {AROUND}))"


def told(faults: Sequence[Fault], text: str) -> str:
    """SQL of the first fault that applies to a text: its rule and its reason, see :func:`of_fault`."""
    *cases, last = faults
    chosen = " ".join(f"when {fault.holds(text)} then {_both(fault)}" for fault in cases)
    return f"case {chosen} else {_both(last)} end" if cases else _both(last)


def of_fault(sql: str, what: str) -> str:
    """SQL of the ``rule`` or the ``reason`` of what :func:`told` gives."""
    return f"split_part({sql}, ': ', 1)" if what == "rule" else f"substr({sql}, strpos({sql}, ': ') + 2)"


def _both(fault: Fault) -> str:
    return quote_text(f"{fault.rule}: {fault.reason}")


def matches(text: str, pattern: str) -> str:
    """SQL of whether all of a text matches a pattern."""
    return f"regexp_full_match({text}, {quote_text(pattern)})"


def finds(text: str, pattern: str) -> str:
    """SQL of whether a part of a text matches a pattern."""
    return f"regexp_matches({text}, {quote_text(pattern)})"
