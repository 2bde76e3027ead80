"""How much room a text takes on a slide, so that none runs over its edge."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778,
    722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278,
    278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""The characters from blank to tilde in Arial, in thousandths of the size of the type."""
ALSO = {
    "…": 1000,
    "—": 1000,
    "–": 556,
    "€": 556,
    "−": 584,
    "·": 333,
    "“": 333,
    "”": 333,
    "’": 222,
    "�": 1000,
    "\xa0": 278,
}
"""The same of a few others."""
OTHER, WIDE, BOLD = 667, 1000, 1.12
"""All others, those of East Asia, and by how much bold type is wider at most."""
MORE = 1.03
"""By how much a program may set type wider than the font says."""
LINE = 1.2
"""The height of a line in sizes of the type."""
POINTS = 72
"""Points of an inch."""
DOTS, SENTENCE = "…", 40
"""What stands behind a text that is cut off, and from how many characters on no word of it is."""


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is in one line, in inches; rather too much than too little."""
    return sum(map(_width, text)) * size * (BOLD if bold else MORE) / 1000 / POINTS


@lru_cache(maxsize=1024)
def _width(character: str) -> int:
    if character in ALSO:
        return ALSO[character]
    place = ord(unicodedata.normalize("NFD", character)[0]) - ord(" ")
    if 0 <= place < len(WIDTHS):
        return WIDTHS[place]
    if unicodedata.combining(character):
        return 0
    return WIDE if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0xFFFF else OTHER


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> int:
    """In how many lines a text stands; words that are longer than a line are broken."""
    lines, used, blank = 0, 0.0, width_of(" ", size, bold=bold)
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split(" "):
            long = width_of(word, size, bold=bold)
            if used and used + blank + long <= width:
                used += blank + long
                continue
            lines += bool(used)
            whole, used = divmod(long, width) if long > width else (0, long)
            lines += int(whole)
    return lines


def height_of(text: str, size: float, width: float, *, bold: bool = False) -> float:
    """How high a text is in a column, in inches."""
    return wrapped(text, size, width, bold=bold) * size * LINE / POINTS


def line_of(text: str, size: float, width: float) -> str:
    """A text as far as it fits into one line."""
    return cut(text, size, (width, size * LINE / POINTS))


def largest(text: str, room: tuple[float, float], sizes: Sequence[float], *, bold: bool = False) -> float:
    """The first of the sizes, in points, in which a text fits into width and height; else the last."""
    fits = (size for size in sizes if height_of(text, size, room[0], bold=bold) <= room[1])
    return next(fits, sizes[-1])


def cut(text: str, size: float, room: tuple[float, float], *, bold: bool = False) -> str:
    """A text as far as it fits into width and height, with dots behind if there is more of it."""
    if height_of(text, size, room[0], bold=bold) <= room[1]:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = height_of(text[:middle] + DOTS, size, room[0], bold=bold) <= room[1]
        low, high = (middle, high) if fits else (low, middle - 1)
    shown, broken = text[:low], not text[low : low + 1].isspace()
    if low > SENTENCE and broken:
        shown = shown.rpartition(" ")[0] or shown
    return shown.rstrip() + DOTS
