"""The last line of a text that has no line end: whole, or cut off in the middle of a value?

A value that is cut off still is a value: ``1`` of ``10,5``. It is believed where its form shows that
nothing is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.params import Source, type_of
from segcore.sources.headers import Header
from segcore.sources.marking import FEWER
from segcore.sources.values import AROUND

if TYPE_CHECKING:
    from segcore.engine import Engine

PLAIN = frozenset({"name", "region", "email", "outcome"})
"""Texts that nothing is computed from: one that lost its end is believed."""

REASON = (
    "must end like the others (the file ends without a line end, so the last value may be cut off); "
    "ask for the export again, or put a line end there if it is whole"
)

BROKEN = "must end like the others (the file ends in the middle of it); ask for the export again"
"""The reason where the last record has fewer fields than the others, too."""


def last_texts(rows: str, header: Header) -> str:
    """SQL that keeps what the last column holds: the table ``last_texts`` with record, last line and text.

    ``whole`` is whether a line has the delimiter at its end that all lines of such a file have.
    """
    last = len(header.names) - 1 - header.open_end
    text = f"trim(c{last}, {AROUND})"
    whole = f"_fault is null{f' and c{last + 1} is not null' if header.open_end else ''}"
    return (
        "create or replace temp table last_texts as select record, record + _lines - 1 as line, "
        f"{text} as text, {whole} as whole, regexp_replace({text}, '[0-9]', '9', 'g') as form "
        f"from ({rows}) where _skip is null and (_fault is null or starts_with(_fault, {quote_text(FEWER)}))"
    )


def cut_record(engine: Engine, kind: str, source: Source, header: Header, *, lines: int) -> int:
    """The last record of a file without a line end at its end, if nothing shows that it is whole.

    Parameters
    ----------
    engine
        Where ``last_texts`` is.
    kind, source, header
        The kind of source, what the study says about it, and the header of the file.
    lines
        How many lines the file has; what ends before the last of them is whole.

    Returns
    -------
    int
        Its record; 0 if it is believed.
    """
    found = engine.rows(
        "select record, text, whole, form from last_texts where line = $lines", {"lines": lines}
    )
    if not found:
        return 0
    record, text, whole, form = found[0]
    if not whole:
        return int(record)
    believed = {"date": _no_form_goes_on, "number": _no_decimals_go_on, "text": _known}
    held = _held(kind, source, header)
    values = {"record": record, "text": text or "", "form": form or ""}
    return 0 if all(believed[what](engine, values) for what in held) else int(record)


def _held(kind: str, source: Source, header: Header) -> set[str]:
    """What the last column is mapped to: types, without texts that nothing is computed from."""
    place = len(header.names) - header.open_end
    last = (header.names[place - 1] or None, place)
    return {
        held
        for name, column in source.columns.items()
        if column.from_ is not None
        and column.from_ in last
        and ((held := type_of(kind, name, column)) != "text" or name not in PLAIN)
    }


def _no_form_goes_on(engine: Engine, values: Mapping[str, object]) -> bool:
    """Whether no other value is longer and begins in the form of this one."""
    return _none(engine, values, "starts_with(form, $form) and form <> $form")


def _no_decimals_go_on(engine: Engine, values: Mapping[str, object]) -> bool:
    """Whether it has decimals, and none of the others go on after as many; of whole numbers nobody knows."""
    tail = "regexp_extract({}, '[.,]9+[^.,]*$')"
    own, others = tail.format("$form"), tail.format("form")
    longer = _none(engine, values, f"{own} = '' or (starts_with({others}, {own}) and {others} <> {own})")
    return longer and not _none(engine, values, f"{others} = {own}")


def _known(engine: Engine, values: Mapping[str, object]) -> bool:
    """Whether another record has this very text, and none has a longer one that begins with it."""
    longer = _none(engine, values, "starts_with(text, $text) and text <> $text")
    return longer and not _none(engine, values, "text = $text")


def _none(engine: Engine, values: Mapping[str, object], condition: str) -> bool:
    """Whether there are other records, and for none of them a condition holds."""
    others, such = engine.rows(
        f"select count(*), count(*) filter ({condition}) from last_texts where record < $record",
        values,
    )[0]
    return bool(others) and not such
