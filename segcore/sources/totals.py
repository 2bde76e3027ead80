"""Totals that stand in a file: left out as records, and held against the records that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.kinds import KINDS

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Source

CREATE = """
create or replace table controls (source VARCHAR, file VARCHAR, rule VARCHAR, record BIGINT,
    said DECIMAL(38, 8), found DECIMAL(38, 8))
"""


def add_controls(engine: Engine, kind: str, source: Source, rows: str) -> None:
    """Add the totals in the files of a source to the table ``controls``.

    Parameters
    ----------
    engine
        Where SQL runs; it has ``controls``.
    kind, source
        The kind of source, and what the study says about it; its rules under ``skip:`` name totals.
    rows
        The table of parsed rows of all its files: file, _file_number, record, _skip, amount.

    Notes
    -----
    A total is of all records above it, or of those since the last total of the same rule. ``found``
    is the one of these sums that is nearer to what it says; where both agree there is nothing wrong.
    """
    if not (KINDS[kind].amount and source.skip):
        return
    names = ", ".join(map(quote_text, source.skip))
    engine.execute(
        f"""
        insert into controls
        select $kind, file, _skip, record, amount,
            if(abs(amount - above) <= abs(amount - since), above, since)
        from (
            select *, above - coalesce(lag(above) over (partition by _file_number, _skip order by record), 0)
                as since
            from (
                select file, _file_number, record, _skip, amount, coalesce(
                    sum(amount) filter (where _skip is null)
                    over (partition by _file_number order by record), 0) as above
                from {rows} where _skip is null or _skip in ({names})
            ) where _skip is not null and amount is not null
        ) order by _file_number, record
        """,
        {"kind": kind},
    )
