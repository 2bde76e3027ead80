"""What the columns of a source are for: which count, which make a record the same, which only describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from segcore.kinds import KINDS, VALIDITY, Key, Type

if TYPE_CHECKING:
    from segcore.params.sources import Column, Source


def blind(kind: str, source: Source) -> Iterator[str]:
    """What would make segcore take different records, or numbers of customers, for the same or for others."""
    counts = KINDS[kind].columns.keys() - describing(kind, source)
    for name, column in source.columns.items():
        if name in counts and column.from_ in source.ignore:
            yield (
                f"{kind}: ignore must not name {column.from_!r}, which is {name}: records that differ in it "
                "are different ones; take it out of ignore"
            )
    if kind == "renumbered" and {"customer_id", "becomes"} <= source.columns.keys():
        old, new = (
            (source.columns[c].zero_pad, source.columns[c].strip_suffix) for c in KINDS[kind].required
        )
        if old != new:
            yield (
                "renumbered: customer_id and becomes must have the same zero_pad and strip_suffix, or the "
                "new number is another customer's; write them at both"
            )


def describing(kind: str, source: Source) -> set[str]:
    """The columns that become NULL where they cannot be read, for no number depends on them."""
    known = KINDS[kind]
    key = (*(known.key if known.lookup else ()), *(key_of(source) if source.unique != "record" else ()))
    needed = {*known.required, *key, *VALIDITY}
    if known.lookup:
        return source.columns.keys() - needed
    if "market" not in source.columns:
        needed.add("product")
    named = source._named
    return {name for name in known.describes if name in source.columns and name not in needed | named}


def type_of(kind: str, name: str, column: Column) -> Type:
    """What a column of a source holds: as the study says, as its form tells, or as its kind knows it."""
    if column.type:
        return column.type
    if column.date is not None:
        return "date"
    if column.decimal is not None:
        return "number"
    return KINDS[kind].columns.get(name, "text")


def key_of(source: Source) -> Key:
    """The columns that make a record the same as another."""
    return source.unique or ()


def dumped(kind: str, source: Source) -> dict[str, Any]:
    """What a source says about the reading of its files, as plain JSON types."""
    said = {"format", "columns", "unique", "ignore", "skip", "keep", "query"}
    dumped = source.model_dump(mode="json", by_alias=True, include=said)
    return {**dumped, "describing": sorted(describing(kind, source))}
