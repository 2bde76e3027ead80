"""What was tested of those who moved, and what is more than chance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segcore.intervals import MOST_FALSE
from segcore.sentences.rows import Row, Table, rows

SHOWN = 12
"""Rows that a table shows at most."""

KINDS = ("attribute", "market", "representative", "size", "age")
"""Kinds of attributes, in the order in which they are named."""


def in_one_line(text: str, longest: int) -> str:
    """A name in one line; one without an end is cut."""
    whole = re.sub(r"[^\S\xa0]+", " ", text).strip()
    return whole if len(whole) <= longest else f"{whole[: longest - 1]}…"


def more_than_chance(insights: Table) -> list[Row]:
    """The rows that are more than chance, see :func:`segcore.transitions.insights`."""
    return [row for row in rows(insights) if row["q_value"] is not None and row["q_value"] <= MOST_FALSE]


def tested_attributes(found: Sequence[Row], longest: int) -> tuple[int, list[str]]:
    """How many levels were tested, and of which attributes, by kind and name."""
    tested = [row for row in found if row["p_value"] is not None]
    ordered = sorted(tested, key=lambda row: (KINDS.index(row["kind"]), row["attribute"]))
    return len(tested), list(dict.fromkeys(in_one_line(row["attribute"], longest) for row in ordered))


def standing(table: Table) -> list[Row]:
    """The rows that are more than chance, those that are told first; of many the first."""
    return more_than_chance(table)[:SHOWN]
