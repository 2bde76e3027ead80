"""Text → values, as SQL: one module per type, all in the same steps.

Most texts are plain and read in one step (``fast``). The others are trimmed, then cleaned
(``clean``: NULL if nothing is meant), then read with everything that exports do (``slow``); what is
still unread is refused by the first fault that applies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segcore.engine.sql import quote_text

Sql = Callable[[str], str]

BLANKS = " \t\r\n\v\f\u00a0\u00ad\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
"""What is removed around a text, as characters of a regular expression: blanks, and what nobody sees."""


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
    around = quote_text(f"^[{BLANKS}]+|[{BLANKS}]+$")
    return f"if({visible}, {raw}, regexp_replace({raw}, {around}, '', 'g'))"


def matches(text: str, pattern: str) -> str:
    """SQL of whether all of a text matches a pattern."""
    return f"regexp_full_match({text}, {quote_text(pattern)})"


def finds(text: str, pattern: str) -> str:
    """SQL of whether a part of a text matches a pattern."""
    return f"regexp_matches({text}, {quote_text(pattern)})"
