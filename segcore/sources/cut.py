"""The last line of a text that has no line end: whole, or cut off in the middle of a value?

A value that is cut off still is a value: ``1`` of ``10,5``. It is believed where its form shows that
nothing is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.params import Source, type_of
from segcore.sources.headers import Header
from segcore.sources.marking import BLANKS, KEYS

if TYPE_CHECKING:
    from segcore.engine import Engine

REASON = (
    "must end like the others (the file ends without a line end, so the last value may be cut off); "
    "ask for the export again, or put a line end there if it is whole"
)


def last_texts(rows: str, header: Header) -> str:
    """SQL that keeps what the last column holds: the table ``last_texts`` with record and text."""
    text = f"trim(c{len(header.names) - 1}, {quote_text(BLANKS)})"
    return (
        f"create or replace temp table last_texts as select record, {text} as text "
        f"from ({rows}) where _skip is null and _fault is null"
    )


def cut_record(engine: Engine, kind: str, source: Source, header: Header) -> int:
    """The last record of a file without a line end at its end, if nothing shows that it is whole.

    Parameters
    ----------
    engine
        Where ``last_texts`` is.
    kind, source, header
        The kind of source, what the study says about it, and the header of the file.

    Returns
    -------
    int
        Its record; 0 if it is believed.
    """
    last = (header.names[-1] or None, len(header.names))
    held = {
        "key" if name in KEYS else type_of(kind, name, column)
        for name, column in source.columns.items()
        if column.from_ is not None and column.from_ in last
    }
    record, text = (engine.rows("from last_texts order by record desc limit 1") or [(0, "")])[0]
    others = engine.rows("select count(*) from last_texts where record < $record", {"record": record})[0][0]
    if not (held and others) or held <= {"date", "text"}:
        return 0
    if "number" in held and not _like_the_others(engine, record):
        return int(record)
    if "key" in held and not _known(engine, record, text):
        return int(record)
    return 0


def _like_the_others(engine: Engine, record: int) -> bool:
    """Whether a number has as many decimals as every other one: of whole numbers nothing can be told."""
    decimals = "length(regexp_extract(text, '[.,]([0-9]+)[^0-9]*$', 1))"
    least, most, own = engine.rows(
        f"select min({decimals}), max({decimals}), max({decimals}) filter (where record = $record) "
        "from last_texts where text is not null",
        {"record": record},
    )[0]
    return bool(least == most == own and own)


def _known(engine: Engine, record: int, text: str) -> bool:
    sql = "select count(*) from last_texts where text = $text and record < $record"
    return bool(engine.rows(sql, {"text": text, "record": record})[0][0])
