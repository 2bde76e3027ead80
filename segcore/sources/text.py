"""An extract's bytes → UTF-8 text that a reader can be given; and its header.

The encoding is never guessed: a byte order mark decides, else strict UTF-8, else what the source
declares.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from segcore.errors import InputError
from segcore.sources.formats.packed import chunks

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_candidates(start: bytes, declared: str) -> tuple[str, ...]:
    """Encodings to try, in order, for a file that begins with ``start``."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return (encoding,)
    name = codecs.lookup(declared).name
    # In UTF-16 plain letters are sound UTF-8 as well, with zeros between them.
    if name.startswith(("utf-16", "utf-32")) and b"\0" in start:
        return (declared,)
    return ("utf-8",) if name == "utf-8" else ("utf-8", declared)


def transcode(path: Path, declared: str, target: Path, *, name: str) -> None:
    """Write an extract as UTF-8 with plain line ends, its header first.

    Parameters
    ----------
    path
        The extract, packed or not.
    declared
        The encoding of the source, for files that are not UTF-8.
    target
        The file to write.
    name
        The extract's name as delivered, for messages.

    Raises
    ------
    InputError
        If the bytes are text in none of the encodings.
    """
    candidates = encoding_candidates(start_of(path, name=name), declared)
    for encoding in candidates:
        try:
            with target.open("w", encoding="utf-8", newline="") as out:
                for piece in _decoded(path, encoding, name):
                    out.write(piece)
            return
        except UnicodeDecodeError as error:
            problem = error
    raise InputError(not_text(name, candidates, problem))


def not_text(name: str, encodings: tuple[str, ...], error: UnicodeDecodeError) -> str:
    """The message for bytes that cannot be read in the encodings that the source allows."""
    often = "" if "cp1252" in encodings else ", often cp1252"
    return (
        f"{name}: must be text in {' or '.join(encodings)} "
        f"(byte 0x{error.object[error.start]:02x} is not); "
        f"set format.encoding to what the export writes{often}"
    )


def start_of(path: Path, *, name: str) -> bytes:
    """The first bytes of an extract, enough to tell encodings apart."""
    return next(chunks(path, name=name, size=64), b"")


def _decoded(path: Path, encoding: str, name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    held, begun = "", False
    for piece in chain(chunks(path, name=name), [b""]):
        text = held + decoder.decode(piece, final=not piece)
        # A line end of two characters must not be cut in two by the border between pieces.
        held = "\r" if piece and text.endswith("\r") else ""
        text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        # DuckDB would take an empty line before the header for the header.
        text = text if begun else text.lstrip("\n")
        begun = begun or bool(text)
        yield text
