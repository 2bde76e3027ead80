"""Smaller pictures: the same drawing with a palette of at most 256 colours.

A chart has a dozen colours and their blends at edges. With a palette its PNG takes a fifth of the
bytes, which a notebook and a report with twenty charts can be mailed with. Flat areas keep their
exact colour; blends may be off by a shade that no eye sees.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGBA, PALETTE, SUB = 6, 3, 1


def smaller(png: bytes) -> bytes:
    """The picture with a palette; one that is not written as vl-convert does is left as it is.

    Parameters
    ----------
    png
        Eight bits for each of red, green, blue and opacity, and nothing transparent.
    """
    parts = list(_parts(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    lines = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    if (depth, kind, interlaced) != (8, RGBA, 0):
        return png
    pixels = _pixels(lines, width, height)
    if pixels is None:
        return png
    palette, index = _reduced(pixels)
    rows = b"".join(b"\0" + row.tobytes() for row in index.reshape(height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    colours = b"".join(int(colour).to_bytes(3, "big") for colour in palette)
    made = (_part(b"IHDR", header), _part(b"PLTE", colours), _part(b"IDAT", zlib.compress(rows, 9)))
    return SIGNATURE + b"".join(made) + _part(b"IEND", b"")


def _parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + length]
        at += length + 12


def _part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _pixels(lines: bytes, width: int, height: int) -> np.ndarray | None:
    """The colours as whole numbers 0xRRGGBB, line by line; None if they are written in another way."""
    import numpy as np

    table = np.frombuffer(lines, np.uint8).reshape(height, 1 + 4 * width)
    if not (table[:, 0] == SUB).all():
        return None
    # Each byte is the difference to the pixel on its left, so the sums along a line are the colours.
    pixels = np.cumsum(table[:, 1:].reshape(height, width, 4), axis=1, dtype=np.uint8).astype(np.uint32)
    if not (pixels[..., 3] == 255).all():
        return None
    packed: np.ndarray = (pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]).ravel()
    return packed


def _reduced(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most 256 colours, and for each pixel which of them; alike colours become the commonest one."""
    import numpy as np
    import pandas as pd

    place, colours = pd.factorize(pixels)
    counts = np.bincount(place)
    for bits in range(8, 0, -1):
        mask = (0xFF << (8 - bits)) & 0xFF
        cells, cell = np.unique(colours & (mask * 0x010101), return_inverse=True)
        if len(cells) <= 256:
            break
    commonest = np.lexsort((colours, counts))
    palette = np.zeros(len(cells), np.uint32)
    palette[cell[commonest]] = colours[commonest]
    return palette, cell[place].astype(np.uint8)
