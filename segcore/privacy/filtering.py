"""A stored extract without some of its records: lines of a text, or rows of a Parquet file."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from segcore.errors import SegcoreError
from segcore.files import flush, has_content, sha256_of, whole
from segcore.privacy.extracts import FIRST_ROW, Stored
from segcore.sources.extracts import stored_path
from segcore.sources.formats import encoding_of
from segcore.sources.formats.packed import chunks

if TYPE_CHECKING:
    from segcore.engine import FileEngine

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Filtered:
    """What became of an extract: where it is kept now, None if it could not be rewritten."""

    path: Path
    sha256: str
    bytes: int


def filtered(one: Stored, store: Path, lines: frozenset[int], engine: FileEngine) -> Filtered | None:
    """Keep an extract without some of its lines; None if nobody can write a file of its kind."""
    write = _writer(one, lines, engine)
    if write is None:
        return None
    made = store / f".{one.extract.sha256}.segcore-partial"
    try:
        with suppress(SegcoreError, UnicodeError):
            write(made)
            sha256 = sha256_of(made)
            kept, size = stored_path(store, sha256, one.extract.name), made.stat().st_size
            if not has_content(kept, sha256):
                with whole(kept, durable=True) as partial:
                    made.rename(partial)
                    partial.chmod(0o444)
            flush(store)
            return Filtered(kept, sha256, size)
    finally:
        made.unlink(missing_ok=True)
    return None


def _writer(one: Stored, lines: frozenset[int], engine: FileEngine) -> Callable[[Path], None] | None:
    extract = one.extract
    if one.is_text:
        return lambda target: _write_text(extract.path, extract.name, lines, target)
    if extract.path.suffix == ".parquet":
        return lambda target: _write_rows(engine, extract.path, lines, target)
    return None


def _write_rows(engine: FileEngine, path: Path, rows: frozenset[int], target: Path) -> None:
    from segcore.engine.sql import quote_text

    gone = ", ".join(str(row - FIRST_ROW) for row in sorted(rows))
    source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
    engine.write_parquet(
        f"select * exclude (file_row_number) from {source} where file_row_number not in ({gone})", target
    )


def _write_text(path: Path, name: str, lines: frozenset[int], target: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    pieces = _without(chunks(path, name=name), lines)
    with target.open("wb") as raw:
        if start.startswith(b"\x1f\x8b"):
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
                _put(pieces, packed)
        elif start.startswith(b"PK"):
            with ZipFile(raw, "w") as archive:
                info = ZipInfo(f"extract{Path(name.lower().removesuffix('.zip')).suffix or '.csv'}", FIXED)
                info.compress_type = ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as member:
                    _put(pieces, member)
        else:
            _put(pieces, raw)


class _Writable(Protocol):
    def write(self, piece: bytes, /) -> int: ...


def _put(pieces: Iterator[bytes], file: _Writable) -> None:
    for piece in pieces:
        file.write(piece)


def _without(pieces: Iterator[bytes], lines: frozenset[int]) -> Iterator[bytes]:
    """A text without some lines, numbered from 1 as readers count them; its other bytes stay."""
    held = next(pieces, b"")
    encoding = encoding_of(held[: 1 << 16])
    if encoding.startswith("utf-16"):
        yield from _without_wide(held + b"".join(pieces), encoding, lines)
        return
    first = 1
    for block in _whole_lines(held, pieces):
        split = block.splitlines(keepends=True) if b"\r" in block else None
        number = len(split) if split is not None else block.count(b"\n") + (not block.endswith(b"\n"))
        gone = {line - first for line in lines if first <= line < first + number}
        if gone:
            split = split if split is not None else block.splitlines(keepends=True)
            yield b"".join(line for place, line in enumerate(split) if place not in gone)
        else:
            yield block
        first += number


def _whole_lines(held: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces that end where a line does; a line end of two characters is not cut in two."""
    for piece in pieces:
        held += piece
        cut = max(held.rfind(b"\n"), held.rfind(b"\r", 0, len(held) - 1)) + 1
        if held[cut - 1 : cut] == b"\r" and held[cut : cut + 1] == b"\n":
            cut += 1
        if cut:  # the first bytes of a member of an archive may be a piece of their own
            yield held[:cut]
        held = held[cut:]
    if held:
        yield held


def _without_wide(data: bytes, encoding: str, lines: frozenset[int]) -> Iterator[bytes]:
    mark = data[:2] if encoding == "utf-16" else b""
    order = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(mark, encoding)
    text = data[len(mark) :].decode(order)
    kept = (line[0] for number, line in enumerate(LINE.finditer(text), start=1) if number not in lines)
    yield mark + "".join(kept).encode(order)
