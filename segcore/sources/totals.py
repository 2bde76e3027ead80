"""Totals that stand in a file: left out as records, and held against the records that they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.params import type_of
from segcore.sources.marking import TOTALS

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Source

CREATE = """
create or replace table controls (source VARCHAR, file VARCHAR, rule VARCHAR, record BIGINT,
    said DECIMAL(38, 8), found DECIMAL(38, 8), stands VARCHAR)
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

    Where the amount is computed, a total may stand in any column of numbers: ``stands`` is the one that is
    nearest to a sum of amounts, or NULL if the row of a total holds no number that the study names.
    """
    if not (KINDS[kind].amount and source.skip):
        return
    names = list(_numbers(kind, source))
    numbers = ", ".join(map(quote_name, names))
    named = ", ".join(
        f"{{'name': {quote_text(name)}, 'said': {quote_name(name)}::DECIMAL(38, 8)}}" for name in names
    )
    rules, totals = (", ".join(map(quote_text, ("", *said))) for said in (source.skip, _totals(source)))
    engine.execute(
        f"""
        insert into controls
        with sums as (
            select file, _file_number, record, _skip, {numbers},
                coalesce(sum(amount) filter (where _skip is null)
                    over (partition by _file_number order by record), 0) as above
            from {rows} where _skip is null or _skip in ({rules})
        ), said as (
            select * exclude ({numbers}), [x for x in [{named}] if x.said is not null] as says
            from sums where _skip is not null
        ), two as (
            select *, above - coalesce(lag(above) over (partition by _file_number, _skip order by record), 0)
                as since
            from said where len(says) > 0 or _skip in ({totals})
        ), nearest as (
            select *, list_sort([{{'off': least(abs(x.said - above), abs(x.said - since)), 'x': x}}
                for x in says])[1].x as best from two
        )
        select $kind, file, _skip, record, best.said,
            if(coalesce(abs(best.said - above) <= abs(best.said - since), true), above, since),
            best.name
        from nearest order by _file_number, record
        """,
        {"kind": kind},
    )


def _numbers(kind: str, source: Source) -> Iterator[str]:
    """The columns in which a total may stand."""
    computed = source.columns["amount"].sql is not None
    for name, column in source.columns.items():
        if name == "amount" or (computed and column.sql is None and type_of(kind, name, column) == "number"):
            yield name


def _totals(source: Source) -> Iterator[str]:
    """The rules whose lines must hold an amount, where no column of the file holds it by itself."""
    if source.columns["amount"].sql is not None:
        yield from (rule for rule, text in source.skip.items() if re.fullmatch(TOTALS, text))
