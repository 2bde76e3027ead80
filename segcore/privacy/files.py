"""Whether a file holds somebody, and the same file without them: what is done to each kind of file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.files import whole
from segcore.privacy import parquet, records, texts, zipped
from segcore.privacy.person import Person

if TYPE_CHECKING:
    from segcore.engine import FileEngine

ROWS, MARKED = "the customer's rows go", "the customer's rows go, elsewhere a marker stands instead"


@dataclass(frozen=True)
class Eraser:
    """Takes a person out of files.

    Parameters
    ----------
    engine
        Where SQL runs.
    person
        Who is taken out.
    records
        The person's records in the extracts that the files were made of, by name of the extract.
    """

    engine: FileEngine
    person: Person
    records: parquet.Records = field(default_factory=dict)

    def holds(self, path: Path) -> bool:
        """Whether a file holds the person."""
        kind = path.suffix.lower()
        if kind == ".parquet":
            return bool(parquet.found(self.engine, path, self.person, self.records))
        if kind in ZIPPED:
            return zipped.holds(path, self.person) if zipfile.is_zipfile(path) else self._raw(path)
        if kind in (".pdf", ".sqlite"):
            return False  # nobody can tell; whoever knows what it was made of removes it
        return self._raw(path) and self._cleaned(path) != path.read_bytes()

    def rewrite(self, path: Path, target: Path) -> str:
        """Write a file without the person; says in a few words what was done."""
        kind = path.suffix.lower()
        with whole(target) as made:
            if kind == ".parquet":
                parquet.rewrite(
                    self.engine, path, made, parquet.found(self.engine, path, self.person, self.records)
                )
            elif kind in ZIPPED:
                zipped.rewrite(path, made, self.person)
            else:
                made.write_bytes(self._cleaned(path))
        return done_to(path)

    def _raw(self, path: Path) -> bool:
        """Whether a text may hold the person, packed or not."""
        data = path.read_bytes()
        return _is_wide(data) or texts.may_hold(data, self.person)

    def _cleaned(self, path: Path) -> bytes:
        data = path.read_bytes()
        if _is_wide(data):
            return texts.tokens(data.decode("utf-16"), self.person).encode("utf-16")
        if path.suffix.lower() == ".csv":
            return records.without(data, self.person)
        clean = TEXTS.get(path.suffix.lower(), texts.tokens)
        text = data.decode("utf-8", "surrogateescape")
        if clean is texts.notebook and not texts.holds(text, self.person):
            return data
        try:
            made = clean(text, self.person)
        except ValueError:  # it is no notebook any more
            made = texts.tokens(text, self.person)
        return made.encode("utf-8", "surrogateescape")


def done_to(path: Path) -> str:
    """What is done to a file that holds a person, in a few words."""
    kind = path.suffix.lower()
    return ROWS if kind in (".parquet", ".csv", ".xlsx") else MARKED


def _is_wide(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


ZIPPED = (".xlsx", ".pptx", ".zip", ".docx", ".xlsm")
TEXTS: dict[str, Callable[[str, Person], str]] = {
    ".html": texts.page,
    ".htm": texts.page,
    ".ipynb": texts.notebook,
    ".log": texts.plain,
    ".txt": texts.plain,
}
"""Ending → what takes somebody out of such a text; out of others :func:`texts.tokens` does."""
