"""Whether a file holds somebody, and the same file without them: what is done to each kind of file."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from segcore.files import whole
from segcore.privacy import foreign, groups, parquet, records, texts, unbroken, zipped
from segcore.privacy.decoding import Decoded, OpaqueError
from segcore.privacy.person import Person
from segcore.privacy.rows import Rows, Stamp

if TYPE_CHECKING:
    from segcore.engine import FileEngine

ROWS, MARKED = "the customer's rows go", "the customer's rows go, elsewhere a marker stands instead"
FOREIGN = "segcore did not make this file"


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
    rows
        Knows where the person may stand in Parquet files that were read before.
    beside
        Whether the files are beside sealed runs: archives with the person go whole, for others made them.
    unlooked
        Files of which nobody could tell whether they hold the person; filled while they are looked for.
    clean
        What was read and does not hold the person: it need not be read again while it is the same.
    turn
        Of those that write at once one at a time asks the engine.
    """

    engine: FileEngine
    person: Person
    records: parquet.Records = field(default_factory=dict)
    rows: Rows | None = None
    beside: bool = False
    unlooked: set[Path] = field(default_factory=set)
    clean: set[Stamp] = field(default_factory=set)
    turn: Lock = field(default_factory=Lock)

    def holds(self, path: Path) -> bool:
        """Whether a file holds the person.

        Raises
        ------
        OpaqueError
            If nobody can tell.
        """
        kind = path.suffix.lower()
        if kind == ".parquet":
            return bool(self._rows(path))
        if kind in ZIPPED and zipfile.is_zipfile(path):
            look = foreign.holds if self.beside else zipped.holds
            return look(path, self.person)
        name, data = _unpacked(path)
        try:
            text = Decoded.of(data)
        except OpaqueError:
            if self.person.is_in_bytes(data):
                return True
            raise
        may_hold = records.may_hold if name.lower().endswith(LISTS) else texts.may_hold
        return may_hold(text.data, self.person) and self._is_other(name, text)

    def rewrite(self, path: Path, target: Path) -> str:
        """Write a file without the person; says in a few words what was done.

        Raises
        ------
        OpaqueError
            If nobody can write such a file without them: it must be removed whole.
        ArchiveError
            If it could not be read any more; nothing is written then.
        """
        kind = path.suffix.lower()
        with whole(target) as made:
            if kind == ".parquet":
                self._rewrite_rows(path, made)
            elif kind in ZIPPED:
                if not zipfile.is_zipfile(path) or self.is_foreign(path):
                    raise OpaqueError(f"{path}: {FOREIGN}")
                zipped.rewrite(path, made, self.person)
            else:
                name, data = _unpacked(path)
                text = Decoded.of(data)
                clean = text.encoded(self._cleaned(name, text))
                made.write_bytes(gzip.compress(clean, mtime=0) if name != path.name else clean)
            if kind != ".parquet":
                unbroken.check(path, made.read_bytes())
        return done_to(path)

    def is_foreign(self, path: Path) -> bool:
        """Whether a file that holds the person is an archive, like a workbook, of another program."""
        return (
            path.suffix.lower() in ZIPPED
            and zipfile.is_zipfile(path)
            and (self.beside or zipped.is_foreign(path, self.person))
        )

    def may_hold(self, path: Path, root: Path) -> bool:
        """Whether a file of another program may hold the person all the same, or its path below a folder."""
        data = b"" if path.suffix.lower() == ".parquet" else path.read_bytes()
        return foreign.may_hold(path.relative_to(root), data, self.person)

    def what(self, path: Path) -> str:
        """What is done to a file that holds the person, in a few words."""
        try:
            return f"is removed whole: {FOREIGN}" if self.is_foreign(path) else done_to(path)
        except (OSError, zipfile.BadZipFile):
            return done_to(path)

    def _is_other(self, name: str, text: Decoded) -> bool:
        """Whether a text would be another one without the person; a page is not made anew for that."""
        if TEXTS.get(Path(name).suffix.lower()) is texts.page:
            return texts.holds(text.data.decode("utf-8", "surrogateescape"), self.person)
        return self._cleaned(name, text) != text.data

    def _rows(self, path: Path) -> parquet.Found:
        """Where a Parquet file holds the person."""
        return parquet.found(self.engine, path, self.person, self.records, self.rows)

    def _rewrite_rows(self, path: Path, target: Path) -> None:
        """Write a Parquet file without the person's rows."""
        with self.turn:
            gone = self._rows(path)
        if not gone.cells and groups.can_cut(path):
            groups.cut(path, target, gone.rows)
            return
        with self.turn:
            parquet.rewrite(self.engine, path, target, gone)

    def _cleaned(self, name: str, text: Decoded) -> bytes:
        """The text of a file of this name without the person, in UTF-8."""
        kind = Path(name).suffix.lower()
        if kind in LISTS:
            return records.without(text.data, self.person)
        clean = TEXTS.get(kind, texts.tokens)
        told = text.data.decode("utf-8", "surrogateescape")
        if clean is texts.notebook and not texts.holds(told, self.person):
            return text.data
        try:
            made = clean(told, self.person)
        except ValueError:  # it is no notebook any more
            made = texts.tokens(told, self.person)
        return made.encode("utf-8", "surrogateescape")


def done_to(path: Path) -> str:
    """What is done to a file that holds a person, in a few words."""
    kind = path.suffix.lower()
    return ROWS if kind in (".parquet", *LISTS, ".xlsx") else MARKED


def _unpacked(path: Path) -> tuple[str, bytes]:
    """A file's name and bytes; those of what is in it, if it is packed with gzip."""
    data = path.read_bytes()
    if not data.startswith(b"\x1f\x8b"):
        return path.name, data
    try:
        return path.stem, gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        raise OpaqueError(f"{path}: cannot be unpacked") from None


LISTS = (".csv", ".tsv")
ZIPPED = (".xlsx", ".pptx", ".zip", ".docx", ".xlsm")
TEXTS: dict[str, Callable[[str, Person], str]] = {
    ".html": texts.page,
    ".htm": texts.page,
    ".ipynb": texts.notebook,
    ".log": texts.plain,
    ".txt": texts.plain,
}
"""Ending → what takes somebody out of such a text; out of others :func:`texts.tokens` does."""
