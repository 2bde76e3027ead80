"""The colours of segments: two ramps, darker = better, blue = healthy, ochre = to be followed up.

Lightness runs evenly from 17 (best) to 90 (worst), so the order is also seen in grey and by people
who see fewer colours; a chip always carries its number as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

INK, INK_2, INK_3 = "#1B222C", "#46505E", "#5C6776"
RULE, GRID, STAYED, WHITE = "#D3D8DE", "#E9ECEF", "#E6E9ED", "#FFFFFF"
NO_SEGMENT = "#8D97A5"

DARKEST, LIGHTEST = 17.0, 90.0
BLUE = ("#0D2B4B", "#1F5580", "#3F7CA0", "#86B2CD", "#D3E3EE")
OCHRE = ("#3B2B0B", "#7A5814", "#B98A33", "#DEB468", "#F2E2C2")
OUTLINE: dict[tuple[str, ...], str] = {BLUE: "#1F5580", OCHRE: "#7A5814"}

# Six segments, three of them healthy, were drawn by hand; their steps are not quite even.
SIX = ("#0D2B4B", "#1F5580", "#3F7CA0", "#B98A33", "#DEB468", "#F2E2C2")

Lab = tuple[float, float, float]


@dataclass(frozen=True)
class Colour:
    """How a segment looks.

    Parameters
    ----------
    number
        Its place, 1 = best; the chip shows it.
    fill, outline
        The area and the line around it; the same where the area stands out from white alone.
    text
        The colour of text on the area, with a contrast of at least 4.5.
    """

    number: int
    fill: str
    outline: str
    text: str


def palette(segments: Sequence[str], healthy: int) -> dict[str, Colour]:
    """The colour of each of a study's segments.

    Parameters
    ----------
    segments
        Their names, best first.
    healthy
        How many of them, from the best on, need no follow-up; they are blue, the others ochre.

    Examples
    --------
    >>> [colour.fill for colour in palette("abcdef", 3).values()] == list(SIX)
    True
    """
    many = len(segments)
    steps = [DARKEST + (LIGHTEST - DARKEST) * i / max(many - 1, 1) for i in range(many)]
    ramps = [BLUE if i < healthy else OCHRE for i in range(many)]
    fills = SIX if (many, healthy) == (6, 3) else map(_sample, ramps, steps)
    return {
        segment: Colour(number, fill, _outline(fill, ramp), text_on(fill))
        for number, (segment, fill, ramp) in enumerate(zip(segments, fills, ramps, strict=True), start=1)
    }


def segment_colours(segments: int, healthy: int) -> tuple[Colour, ...]:
    """The same without names, best first."""
    return tuple(palette([str(i) for i in range(segments)], healthy).values())


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.1, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(fill: str) -> str:
    """White, ink or black: the first that can be read on the colour."""
    return next((c for c in (WHITE, INK) if contrast(c, fill) >= 4.5), "#000000")


def lightness(colour: str) -> float:
    """L* of CIELAB, from 0 (black) to 100 (white)."""
    return _lab(colour)[0]


def _outline(fill: str, ramp: tuple[str, ...]) -> str:
    line = OUTLINE[ramp]
    # Blue down to the middle stands out from white; all of ochre is lined, so that it looks alike.
    wanted = 55.0 if line == OUTLINE[BLUE] else lightness(line)
    return line if lightness(fill) > wanted else fill


def _sample(ramp: Sequence[str], wanted: float) -> str:
    """The ramp's colour of a given lightness, between its two nearest colours."""
    pairs = list(pairwise(_lab(colour) for colour in ramp))
    low, high = next((pair for pair in pairs if wanted <= pair[1][0]), pairs[-1])
    share = (wanted - low[0]) / (high[0] - low[0])
    return _hex((wanted, low[1] + share * (high[1] - low[1]), low[2] + share * (high[2] - low[2])))


def _linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_FROM_XYZ = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
_D65 = (0.9505, 1.0, 1.089)


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix]


def _lab(colour: str) -> Lab:
    ratios = [v / w for v, w in zip(_times(_TO_XYZ, _linear(colour)), _D65, strict=True)]
    x, y, z = (r ** (1 / 3) if r > 0.008856 else 7.787 * r + 16 / 116 for r in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _hex(lab: Lab) -> str:
    y = (lab[0] + 16) / 116
    roots = (y + lab[1] / 500, y, y - lab[2] / 200)
    ratios = [r**3 if r**3 > 0.008856 else (r - 16 / 116) / 7.787 for r in roots]
    linear = _times(_FROM_XYZ, [r * w for r, w in zip(ratios, _D65, strict=True)])
    parts = [12.92 * p if p <= 0.0031308 else 1.055 * p ** (1 / 2.4) - 0.055 for p in linear]
    return "#" + "".join(f"{round(255 * min(max(p, 0), 1)):02X}" for p in parts)
