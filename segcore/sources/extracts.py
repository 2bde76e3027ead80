"""Delivered files: find them, and check what can be checked before any work."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.errors import InputError
from segcore.files import natural, what_it_is
from segcore.params import Study
from segcore.params.forms import in_seconds
from segcore.printable import unprintable
from segcore.sources.delivered import check_order, delivery_dates
from segcore.sources.formats.parquet import ASKED
from segcore.sources.formats.postgres import Query, check_query
from segcore.sources.formats.table import ending_of, endings

FILES = 10_000
"""Extracts of a source: 3,000 small ones take about 20 seconds when they are first read."""


@dataclass(frozen=True)
class Extract:
    """One delivered file, kept in the store of inputs.

    Parameters
    ----------
    source
        The kind of extract ("transactions", "customers", …).
    pattern
        Position in ``files:`` of the pattern that found it; later patterns win.
    name
        Its name as delivered, relative to the data folder.
    delivered
        The delivery's date from the name, if the study says how to read it.
    bytes
        Its size.
    sha256
        Hash of its content, hexadecimal.
    path
        Where it lies now.
    query
        The question whose answer it is; "" for a file.
    """

    source: str
    pattern: int
    name: str
    delivered: dt.date | None
    bytes: int
    sha256: str
    path: Path
    query: str = ""

    def as_json(self) -> dict[str, Any]:
        """What a run records about the extract."""
        asked = {"query": self.query} if self.query else {}
        return {
            **asked,
            "source": self.source,
            "pattern": self.pattern,
            "name": self.name,
            "delivered": self.delivered.isoformat() if self.delivered else None,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any], store: Path) -> Extract:
        """The extract that a run recorded, in the store of inputs."""
        delivered = record["delivered"]
        return cls(
            **{
                **record,
                "delivered": dt.date.fromisoformat(delivered) if delivered else None,
                "path": stored_path(store, record["sha256"], record["name"]),
            }
        )


@dataclass(frozen=True)
class Found:
    """A file in the data folder that belongs to a source, or a query; ``order`` says which wins."""

    source: str
    pattern: int
    name: str
    delivered: dt.date | None
    path: Path
    query: Query | None = None

    @property
    def order(self) -> tuple[int, str, list[tuple[str, int]], str]:
        """Later wins: later in ``files:``, then by delivery's date, then by name in natural order."""
        day = self.delivered.isoformat() if self.delivered else ""
        return (self.pattern, day, natural(self.name), self.name)


def data_folder(study: Study, *, root: Path = Path()) -> Path:
    """Where the study's extracts lie: its ``data_dir``, else ``SEGCORE_DATA_DIR``, else ``data/``."""
    return root / (study.data_dir or os.environ.get("SEGCORE_DATA_DIR") or "data")


def find(study: Study, data_dir: Path) -> list[Found]:
    """The files and queries of every source, in the order in which later ones win.

    Raises
    ------
    InputError
        If a pattern matches nothing, a file's name lacks the delivery's date or a known ending, or a
        query is no SELECT.
    """
    found: list[Found] = []
    problems: list[str] = []
    for kind in study.sources.given():
        try:
            found += find_source(study, kind, data_dir)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return found


def _asked(study: Study, kind: str, data_dir: Path) -> Found:
    """The query of one source."""
    source = study.sources.given()[kind]
    where, seconds = f"{study.path}: sources.{kind}", in_seconds(study.limits.sql)
    query = Query(where, source.query or "", source.connection or "", seconds)
    if problems := list(check_query(query)):
        raise InputError(*problems)
    return Found(kind, 0, f"{kind}{ASKED}", None, data_dir / f"{kind}{ASKED}", query)


def find_source(study: Study, kind: str, data_dir: Path) -> list[Found]:
    """The files of one source, or its query; see :func:`find`."""
    if study.sources.given()[kind].query is not None:
        return [_asked(study, kind, data_dir)]
    problems: list[str] = []
    positions: dict[Path, int] = {}
    for position, pattern in enumerate(study.sources.given()[kind].patterns):
        paths = _matching(data_dir, pattern)
        if not paths:
            problems.append(_nothing(study, kind, pattern, data_dir))
        for path in paths:
            positions.setdefault(path, position)
    names = {path: path.relative_to(data_dir).as_posix() for path in positions}
    typed = study.sources.given()[kind].layout.type
    faults = (_name_fault(name, typed) or _no_file(path, name) for path, name in names.items())
    problems += [*_too_many(study, kind, len(names)), *filter(None, faults)]
    if problems:
        raise InputError(*problems)
    dates = delivery_dates(study, kind, list(names.values()))
    for position in range(len(study.sources.given()[kind].patterns)):
        check_order(study, kind, [name for path, name in names.items() if positions[path] == position])
    files = [Found(kind, positions[path], name, dates[name], path) for path, name in names.items()]
    return sorted(files, key=lambda f: f.order)


def _too_many(study: Study, kind: str, files: int) -> Iterator[str]:
    if files > FILES:
        yield (
            f"{study.path}: sources.{kind}.files: must match at most {FILES:,} files (got {files:,}); "
            "join small ones, or name fewer"
        )


def _name_fault(name: str, typed: str | None) -> str:
    if found := unprintable(name):
        return f"{name!r}: must have a name without control characters (it holds {found}); rename the file"
    if typed or ending_of(name):
        return ""
    return (
        f"{name}: must end in one of {', '.join(endings())}, packed with .gz or .zip or not; rename it, "
        "or say format.type"
    )


def _matching(data_dir: Path, pattern: str) -> list[Path]:
    # A pattern that starts at the root of the disk is none of the data folder's.
    if Path(pattern).is_absolute():
        return []
    plain = data_dir / pattern  # a link to nothing is there all the same
    return sorted({*data_dir.glob(pattern), *([plain] if os.path.lexists(plain) else [])})


def _no_file(path: Path, name: str) -> str:
    """What to say of a delivery that is no file, nor a link to one."""
    if path.is_file():
        return ""
    return (
        f"{name}: must be a file (it is {what_it_is(path)}); "
        "deliver the file itself, or take it out of the data folder"
    )


def _nothing(study: Study, kind: str, pattern: str, data_dir: Path) -> str:
    there = "the folder does not exist" if not data_dir.is_dir() else "no such file"
    if data_dir.is_dir() and not os.access(data_dir, os.R_OK | os.X_OK):
        there = "the folder cannot be read"
    if Path(pattern).is_absolute():
        there = "files are named relative to it"
    return (
        f"{study.path}: sources.{kind}.files: {pattern!r} must match a file in {data_dir} ({there}); "
        "put the extracts there, or say where they are in data_dir or SEGCORE_DATA_DIR"
    )


def stored_path(store: Path, sha256: str, name: str) -> Path:
    """Where an extract of this content is kept; the ending stays, for it says how to read it."""
    return store / f"{sha256}{'.parquet' if name.endswith(ASKED) else ending_of(name)}"
