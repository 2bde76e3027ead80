r"""The bytes of a text file → UTF-8 with ``\n`` as line end.

The encoding is never guessed: a byte order mark decides, or the zero bytes of UTF-16 without one,
else strict UTF-8, else what the source declares.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from segcore.errors import InputError
from segcore.sources.formats import Delivery, encoding_of
from segcore.sources.formats.packed import chunks, is_packed

START = 1 << 16


@dataclass(frozen=True)
class Text:
    """A decoded file.

    Parameters
    ----------
    path
        Where it lies: the file itself if it can be read as it is, else a copy.
    lines
        How many lines it has, counted by their ends.
    whole
        Whether the last line has an end.
    encoding
        What it was written in.
    """

    path: Path
    lines: int
    whole: bool
    encoding: str


def encodings(start: bytes, declared: str) -> tuple[str, ...]:
    """Encodings to try, in order, for a file that begins with ``start``."""
    if shown := encoding_of(start):
        return (shown,)
    name = codecs.lookup(declared).name
    return ("utf-8",) if name == "utf-8" else ("utf-8", declared)


@lru_cache(maxsize=4)
def decoded(delivery: Delivery) -> Text:
    """Decode a file, once for each delivery.

    Raises
    ------
    InputError
        If the bytes are text in none of the encodings.
    """
    candidates = encodings(start_of(delivery), delivery.layout.encoding)
    if candidates[0] == "utf-8":
        plain = _plain(delivery)
        if plain is not None:
            return plain
    for encoding in candidates:
        try:
            return _rewritten(delivery, encoding)
        except UnicodeDecodeError as error:
            problem = error
    raise InputError(not_text(delivery.name, candidates, problem))


def not_text(name: str, tried: tuple[str, ...], error: UnicodeDecodeError) -> str:
    """The message for bytes that cannot be read in the encodings that the source allows."""
    if tried[0].startswith("utf-16") and error.start + 2 > len(error.object):
        return f"{name}: must be whole (its last letter is cut in two); ask for the export again"
    often = "" if "cp1252" in tried else ", often cp1252"
    return (
        f"{name}: must be text in {' or '.join(tried)} "
        f"(byte 0x{error.object[error.start]:02x} is not); "
        f"set format.encoding to what the export writes{often}"
    )


def start_of(delivery: Delivery, size: int = START) -> bytes:
    """The first bytes of a file, unpacked."""
    start = b""
    for piece in chunks(delivery.path, name=delivery.name, size=size):
        start += piece
        if len(start) >= size:
            break
    return start[:size]


def first_lines(delivery: Delivery) -> list[str]:
    """The lines in the first piece of a file, without decoding all of it; the last may be cut."""
    start = start_of(delivery, 1 << 18)
    candidates = encodings(start, delivery.layout.encoding)
    for encoding in candidates:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(start)
            return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        except UnicodeDecodeError as error:
            problem = error
    raise InputError(not_text(delivery.name, candidates, problem))


def _plain(delivery: Delivery) -> Text | None:
    """The file itself, or as it was unpacked, if it is UTF-8 with plain line ends."""
    packed = is_packed(delivery.path)
    path = delivery.scratch / "text" if packed else delivery.path
    decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
    lines, last = 0, b"\n"
    with path.open("wb") if packed else nullcontext() as copy:
        try:
            for piece in chunks(delivery.path, name=delivery.name):
                if b"\r" in piece:
                    return None
                decoder.decode(piece)
                if copy is not None:
                    copy.write(piece)
                lines += piece.count(b"\n")
                last = piece[-1:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return Text(path, lines + (last != b"\n"), last == b"\n", "utf-8")


def _rewritten(delivery: Delivery, encoding: str) -> Text:
    """A copy in UTF-8."""
    target = delivery.scratch / "text"
    lines, last = 0, "\n"
    with target.open("w", encoding="utf-8", newline="") as out:
        for text in _pieces(delivery, encoding):
            out.write(text)
            lines += text.count("\n")
            last = text[-1:] or last
    return Text(target, lines + (last != "\n"), last == "\n", encoding)


def _pieces(delivery: Delivery, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    held = ""
    for piece in chain(chunks(delivery.path, name=delivery.name), [b""]):
        text = held + decoder.decode(piece, final=not piece)
        # A line end of two characters must not be cut in two by the border between pieces.
        held = "\r" if piece and text.endswith("\r") else ""
        yield text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
