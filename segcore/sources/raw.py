"""Records as they were delivered, read again by their numbers: for whoever must mend a source."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

from segcore.params import Source
from segcore.sources.extracts import Extract, open_raw
from segcore.sources.text import encoding_candidates, header_of


@dataclass(frozen=True)
class Raw:
    """A record as it was delivered.

    Parameters
    ----------
    text
        All of it.
    fields
        Its fields by the names in the header.
    """

    text: str
    fields: dict[str, str]


def raw_records(extract: Extract, source: Source, wanted: Collection[int]) -> dict[int, Raw]:
    """Records of a file by their numbers.

    Parameters
    ----------
    extract, source
        The file, and what the study says about it.
    wanted
        The numbers of the records, as the quarantine has them.
    """
    layout = source.layout
    names = header_of(extract.path, layout, name=extract.name)
    found: dict[int, Raw] = {}
    with open_raw(extract.path) as file:
        content = file.read()
    text = ""
    for encoding in encoding_candidates(content[:64], layout.encoding):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    lines = text.splitlines(keepends=True)
    taken = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    number = 0
    for fields in reader:
        begin, taken = taken, reader.line_num
        if not fields:
            continue
        number += 1
        if number in wanted:
            whole = "".join(lines[begin:taken]).rstrip("\r\n")
            found[number] = Raw(whole, dict(zip(names, fields, strict=False)))
    return found
