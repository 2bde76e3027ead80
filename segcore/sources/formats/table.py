"""The table of formats, and which of them a file is in."""

from __future__ import annotations

from segcore.errors import InputError
from segcore.sources.formats import Delivery, Reader
from segcore.sources.formats.lines import TEXT

FORMATS: dict[str, Reader] = {"text": TEXT}
"""Name under ``format.type`` → reader."""

PACKED = (".gz", ".zip")


def endings() -> tuple[str, ...]:
    """The endings of all files that can be read, in lower case."""
    return tuple(ending for reader in FORMATS.values() for ending in reader.endings)


def reader_of(delivery: Delivery) -> Reader:
    """The reader of a file: as the study says, else by its ending.

    Raises
    ------
    InputError
        If there is no such format, or nothing tells.
    """
    said = delivery.layout.type
    if said is not None:
        if said not in FORMATS:
            raise InputError(
                f"{delivery.name}: format.type must be one of {', '.join(FORMATS)} (got {said!r}); mend it"
            )
        return FORMATS[said]
    name = delivery.name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    found = (reader for reader in FORMATS.values() if name.endswith(reader.endings))
    return next(found, FORMATS["text"])


def splits_lines(reader: Reader) -> bool:
    """Whether a reader gives lines that are split at the delimiter of the study."""
    return reader is FORMATS["text"]
