"""The table of formats, and which of them a file is in."""

from __future__ import annotations

from segcore.errors import InputError
from segcore.sources.formats import Delivery, Reader, fixed, parquet, sap_list
from segcore.sources.formats.html import HTML
from segcore.sources.formats.lines import TEXT
from segcore.sources.formats.looks import WORDS, looks_like
from segcore.sources.formats.workbook import WORKBOOK

FORMATS: dict[str, Reader] = {
    "text": TEXT,
    "list": sap_list.READER,
    "fixed": fixed.READER,
    "workbook": WORKBOOK,
    "html": HTML,
    "parquet": parquet.READER,
}
"""Name under ``format.type`` → reader. Without a type the first bytes of each file choose."""

PACKED = (".gz", ".zip")


def endings() -> tuple[str, ...]:
    """The endings of files that can be read, in lower case, not packed."""
    return tuple(dict.fromkeys(ending for reader in FORMATS.values() for ending in reader.endings))


def ending_of(name: str) -> str:
    """The ending of a file's name that says how to read it, in lower case; "" if none does."""
    lower = name.lower()
    packed = next((ending for ending in PACKED if lower.endswith(ending)), "")
    bare = lower.removesuffix(packed)
    found = next((ending for ending in endings() if bare.endswith(ending)), "")
    return f"{found}{packed}" if found or packed == ".zip" else ""


def reader_of(delivery: Delivery) -> Reader:
    """The reader of a file: as the study says, else by its first bytes.

    Raises
    ------
    InputError
        If there is no such format, or none for what the file is.
    """
    # The answer to a query is Parquet, whatever the files of other sources are.
    said = "parquet" if delivery.name.endswith(parquet.ASKED) else delivery.layout.type
    if said is None:
        looks = looks_like(delivery.path)
        found = next((reader for reader in FORMATS.values() if looks in reader.looks), None)
        if found is None:
            raise InputError(
                f"{delivery.name}: must be text, a workbook or Parquet (it is {WORDS[looks]}); "
                "deliver it in another form"
            )
        return found
    if said not in FORMATS:
        raise InputError(
            f"{delivery.name}: format.type must be one of {', '.join(FORMATS)} (got {said!r}); mend it"
        )
    return FORMATS[said]


def splits_lines(reader: Reader) -> bool:
    """Whether a reader gives lines that are split at the delimiter of the study."""
    return reader is TEXT
