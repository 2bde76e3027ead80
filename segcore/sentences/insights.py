"""What movers have in common: levels of attributes that moved more, or less, often than their segments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segcore.intervals import FALSE, FEW
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, percent, plural

__all__ = ["FALSE", "NOT_SHOWN", "name", "told"]

KINDS = ("attribute", "market", "representative", "size", "age")
"""Kinds of attributes, in the order in which they are named."""
LONGEST = 60
"""Characters of a name that a sentence shows."""
NOBODY = "Nobody moved of whom one could ask what they have in common."
NOT_SHOWN = (
    "Expected is how many would have moved if those of a level had moved as everybody in the same segments. "
    f"Levels of fewer than {FEW} customers are not tested, and of all that are told about {percent(FALSE)} "
    "are chance. Whom only our method moved is left out."
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


def _told(row: Row) -> str:
    some = count(row["movers"]) if row["movers"] else "none"
    return (
        f"{name(row)}: {some} of {plural(row['customers'], 'customer')} moved {row['direction']} where "
        f"{_about(row['expected'])} were to be expected of their segments, {row['lift']:.2f} times as many "
        f"(95% interval {row['low']:.2f} to {row['high']:.2f}). It does not say why."
    )


def name(row: Row) -> str:
    """An attribute and its level: ``Region Nord``, ``Order value over € 4,718``."""
    attribute, level = (_short(row[column]) for column in ("attribute", "name"))
    return f"{attribute[:1].upper()}{attribute[1:]} {level}"


def _short(text: str) -> str:
    """A name in one line; one without an end is cut."""
    whole = re.sub(r"[^\S\xa0]+", " ", text).strip()
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def _nothing(found: Sequence[Row]) -> str:
    tested = sum(row["p_value"] is not None for row in found)
    attributes = dict.fromkeys(_short(row["attribute"]) for row in sorted(found, key=_by_name))
    if not tested:
        return f"Too few customers share anything to say what movers have in common (fewer than {FEW})."
    levels = f"{plural(tested, 'level')} of {join(list(attributes))}"
    return (
        f"Nothing stands out among those who moved: of {levels}, none moved more or "
        "less often than its segments let one expect, by more than chance."
    )


def _by_name(row: Row) -> tuple[int, str]:
    return KINDS.index(row["kind"]), row["attribute"]


def _about(expected: float) -> str:
    return f"{expected:.1f}" if expected < 10 else count(round(expected))
