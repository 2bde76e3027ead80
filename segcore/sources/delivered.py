"""The date of a delivery in a file's name, read by the pattern of the study.

The engine searches for it, not Python: the time of its search grows with the length of the name and
no faster, whatever the pattern, where a pattern like ``(a+)+$`` keeps Python's busy for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.engine import ENGINES
from segcore.errors import InputError
from segcore.params import Study


def delivery_dates(study: Study, kind: str, names: Sequence[str]) -> dict[str, dt.date | None]:
    """Name → the delivery's date; None for all of them if the source has no ``delivered``.

    Parameters
    ----------
    study, kind
        The study, and which of its sources.
    names
        The files' names, relative to the data folder.

    Raises
    ------
    InputError
        With every name without a date, or with what is wrong with the pattern.
    """
    said = study.sources.given()[kind].delivered
    if said is None:
        return dict.fromkeys(names)
    pattern = said.name
    dates: dict[str, dt.date | None] = {}
    problems: list[str] = []
    for name, text in zip(names, _found(study, kind, pattern, names), strict=True):
        try:
            dates[name] = dt.date.fromisoformat(text)
        except ValueError:
            problems.append(
                f"{name}: must hold the delivery's date as sources.{kind}.delivered says "
                f"({pattern!r}, a date like 2025-12-31); rename the file or mend the pattern"
            )
    if problems:
        raise InputError(*problems)
    return dates


def _found(study: Study, kind: str, pattern: str, names: Sequence[str]) -> list[str]:
    """What the group of the pattern matches in each name; "" if it is not there."""
    query = "select regexp_extract(name, $pattern, 1) from (select unnest($names::VARCHAR[]) as name)"
    with ENGINES["duckdb"]() as engine:
        try:
            return [row[0] for row in engine.rows(query, {"pattern": pattern, "names": list(names)})]
        except Exception as error:  # each engine has its own classes of errors
            fault = str(error).splitlines()[0].strip()
    raise InputError(
        f"{study.path}: sources.{kind}.delivered: must be a regular expression without looking ahead or "
        f"back and without references to groups, so that its search ends (got {pattern!r}: {fault})"
    )
