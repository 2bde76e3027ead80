"""The text of a file that anybody may have written: in UTF-8, UTF-16 or the code page of Windows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from segcore.sources.formats import encoding_of

SIGNS = (b"%PDF", b"SQLite format 3", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"PAR1")
"""How files begin that are no text."""

START = 1 << 16
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text has."""


class OpaqueError(ValueError):
    """Nobody here can tell what a file holds, or write it without somebody."""


@dataclass(frozen=True)
class Decoded:
    """A text.

    Parameters
    ----------
    data
        It in UTF-8, whatever it was written in.
    encoding
        What it was written in.
    mark
        The byte order mark before it.
    """

    data: bytes
    encoding: str = "utf-8"
    mark: bytes = b""

    @classmethod
    def of(cls, data: bytes) -> Decoded:
        """The text that some bytes are.

        Raises
        ------
        OpaqueError
            If they are none.
        """
        if data.startswith(SIGNS):
            raise OpaqueError("it is no text")
        if encoding_of(data[:START]).startswith("utf-16"):
            return cls._wide(data)
        if b"\0" in data:
            raise OpaqueError("it is no text")
        try:
            data.decode()
        except UnicodeDecodeError:
            return cls._made(data, "cp1252", b"")
        return cls(data)

    @classmethod
    def _wide(cls, data: bytes) -> Decoded:
        mark = data[:2] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else b""
        shown = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
        return cls._made(data[len(mark) :], shown.get(mark) or encoding_of(data[:START]), mark)

    @classmethod
    def _made(cls, data: bytes, encoding: str, mark: bytes) -> Decoded:
        try:
            text = data.decode(encoding, "surrogateescape")
        except UnicodeDecodeError:
            text = "\0"
        if CONTROL.search(text):
            raise OpaqueError("it is no text")
        return cls(text.encode("utf-8", "surrogateescape"), encoding, mark)

    def encoded(self, data: bytes) -> bytes:
        """A text in UTF-8 as this one was written."""
        if self.encoding == "utf-8":
            return data
        text = data.decode("utf-8", "surrogateescape")
        return self.mark + text.encode(self.encoding, "surrogateescape")
