"""What movers have in common: levels of attributes that moved more, or less, often than their segments."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.intervals import FEW, MOST_FALSE
from segcore.sentences.facts.insights import KINDS as KINDS
from segcore.sentences.facts.insights import SHOWN as SHOWN
from segcore.sentences.facts.insights import in_one_line, tested_attributes
from segcore.sentences.facts.insights import standing as standing
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, plural

LONGEST = 60
"""Characters of a name that a sentence shows."""
HEAD = "**Who they are.**"
NOBODY = "Nobody moved of whom one could ask what they have in common."
NOT_SHOWN = (
    "Expected is how many would have moved if those of a level had moved as everybody in the same segments. "
    f"Levels of fewer than {FEW} customers are not tested; up to {MOST_FALSE:.0%} of what is told in "
    "the long run is chance. Whom only our method moved is left out."
)


def told(table: Table) -> list[str]:
    """What stands out, at most three sentences, the strongest first; or one that says that nothing does.

    Parameters
    ----------
    table
        The table, see :func:`segcore.transitions.insights`.
    """
    found = rows(table)
    if not any(row["of_movers"] for row in found):
        return [NOBODY]
    standing = [row for row in found if row["told"]]
    return [_told(row) for row in standing] or [_nothing(found)]


def headed(table: Table) -> list[str]:
    """The same with a head of its own, for a page that has none for it."""
    first, *others = told(table)
    return [f"{HEAD} {first}", *others]


def _told(row: Row) -> str:
    some = count(row["movers"]) if row["movers"] else "none"
    too = "; segments are made of it, too" if row["variable"] else ""
    return (
        f"{name(row)}: {some} of {plural(row['customers'], 'customer')} moved {row['direction']} where "
        f"{about(row['expected'])} were to be expected of their segments, {row['lift']:.2f} times as many "
        f"(95% interval {interval(row)}), whatever the reason{too}."
    )


def name(row: Row) -> str:
    """An attribute and its level: ``Region Nord``, ``Order value over € 4,718``."""
    attribute, level = (in_one_line(row[column], LONGEST) for column in ("attribute", "name"))
    return f"{attribute[:1].upper()}{attribute[1:]} {level}"


def interval(row: Row) -> str:
    """The interval of a lift: ``1.20 to 1.61``."""
    return f"{row['low']:.2f} to {row['high']:.2f}"


def _nothing(found: Sequence[Row]) -> str:
    number, attributes = tested_attributes(found, LONGEST)
    if not number:
        return f"Too few customers share anything to say what movers have in common (fewer than {FEW})."
    more = "" if not standing(found) else "at least a tenth "
    chance = "" if more else ", by more than chance"
    levels = f"{plural(number, 'level')} of {join(attributes)}"
    return (
        f"Nothing stands out among those who moved: of {levels}, none moved {more}more or less often than "
        f"its segments let one expect{chance}."
    )


def about(expected: float) -> str:
    """How many were to be expected: ``86``, and with one place below ten."""
    return f"{expected:.1f}" if expected < 10 else count(round(expected))
