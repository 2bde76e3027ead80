"""What is packed in texts: base64, and gzip within it."""

from __future__ import annotations

import base64
import binascii
import re
import string
import zlib
from collections.abc import Iterator

from segcore.customers.rows import GZIP

PIECE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{120,}={0,2}")
"""What may be base64."""

PACKED = "H4s"
"""How base64 of gzip begins."""

SIGNS = frozenset(string.ascii_letters + string.digits + "+/")
SAME = bytes(ord("A") if chr(byte) in SIGNS else ord(" ") for byte in range(256))
"""Every sign of base64 as the same one, and what is none as another: long runs of it are found at once."""


def pack(text: str, like: str) -> str:
    """A text packed as another piece was."""
    data = text.encode()
    if like.startswith(PACKED):
        packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
        data = packer.compress(data) + packer.flush()
    return base64.b64encode(data).decode("ascii")


def held(piece: bytes) -> bytes | None:
    """What a piece of base64 holds, unpacked; None if it is none."""
    raw = _decoded(piece.decode("ascii"))
    return _inflated(raw) if raw is not None and raw.startswith(b"\x1f\x8b") else raw


def pieces(data: bytes) -> Iterator[bytes]:
    """What :data:`PIECE` finds in a text in UTF-8, in a tenth of the time."""
    signs, run = data.translate(SAME), b"A" * 120
    at = signs.find(run)
    while at >= 0:
        end = signs.find(b" ", at)
        end = end if end >= 0 else len(signs)
        filled = len(data[end : end + 2]) - len(data[end : end + 2].lstrip(b"="))
        yield data[at : end + filled]
        at = signs.find(run, end)


def _decoded(piece: str) -> bytes | None:
    try:
        return base64.b64decode(piece, validate=True)
    except (ValueError, binascii.Error):
        return None


def _inflated(raw: bytes) -> bytes | None:
    try:
        return zlib.decompress(raw, GZIP)
    except zlib.error:
        return None
