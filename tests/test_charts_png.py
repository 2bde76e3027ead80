"""Smaller pictures."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from segcore.charts.png import smaller


def _png(rows: list[list[tuple[int, int, int, int]]], kind: int = 6) -> bytes:
    """A picture written as vl-convert does: each pixel as the difference to the one on its left."""
    table = np.array(rows, np.uint8)
    before = np.concatenate([np.zeros_like(table[:, :1]), table[:, :-1]], axis=1)
    lines = b"".join(b"\1" + line.tobytes() for line in table - before)

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    size = struct.pack(">IIBBBBB", table.shape[1], table.shape[0], 8, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", size) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")
    )


def _colours_of(png: bytes) -> list[str]:
    width, height = struct.unpack(">II", png[16:24])
    palette = png[png.index(b"PLTE") + 4 :]
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    lines = np.frombuffer(zlib.decompress(png[at + 4 : at + 4 + length]), np.uint8).reshape(height, width + 1)
    return [palette[3 * i : 3 * i + 3].hex() for i in lines[:, 1:].ravel().tolist()]


def test_a_smaller_picture_keeps_every_colour_of_a_few():
    shown = [[(13, 43, 75, 255), (255, 255, 255, 255)], [(242, 226, 194, 255), (13, 43, 75, 255)]]
    made = smaller(_png(shown))
    assert made[25] == 3  # a palette
    assert _colours_of(made) == ["0d2b4b", "ffffff", "f2e2c2", "0d2b4b"]


def test_a_smaller_picture_of_many_colours_keeps_the_commonest_exactly():
    shades = [(i, 255 - i, (7 * i) % 256, 255) for i in range(256)] + [(i, i, 200, 255) for i in range(256)]
    flat = [(222, 180, 104, 255)] * 512
    made = smaller(_png([shades, flat]))
    found = _colours_of(made)
    assert len(set(found)) <= 256
    assert found[512:] == ["deb468"] * 512
    off = [abs(int(c[:2], 16) - shade[0]) for c, shade in zip(found[:512], shades, strict=True)]
    assert max(off) < 64


def test_a_picture_with_something_transparent_is_left_as_it_is():
    png = _png([[(13, 43, 75, 128), (255, 255, 255, 255)]])
    assert smaller(png) == png
