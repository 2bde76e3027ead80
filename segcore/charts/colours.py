"""The colours of segments: two ramps, darker = better, blue = healthy, ochre = to be followed up.

Lightness runs evenly from 17 (best) to 90 (worst), so the order is also seen in grey and by people
who see fewer colours; a chip always carries its number as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def looks(palette: Mapping[str, Colour], others: Iterable[str]) -> dict[str, Colour]:
    """A colour for each segment: that of the palette, and grey without a number for all others."""
    grey = Colour(0, NO_SEGMENT, NO_SEGMENT, WHITE)
    return {**palette, **{segment: grey for segment in others if segment not in palette}}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.1, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(fill: str) -> str:
    """White, ink or black: the first that can be read on the colour."""
    return next((c for c in (WHITE, INK) if contrast(c, fill) >= 4.5), "#000000")


def lightness(colour: str) -> float:
    """L* of CIELAB, from 0 (black) to 100 (white)."""
    ratio = _luminance(colour)
    return 116 * ratio ** (1 / 3) - 16 if ratio > 0.008856 else 903.3 * ratio


def _outline(fill: str, ramp: tuple[str, ...]) -> str:
    line = OUTLINE[ramp]
    # Blue down to the middle stands out from white; all of ochre is lined, so that it looks alike.
    wanted = 55.0 if line == OUTLINE[BLUE] else lightness(line)
    return line if lightness(fill) > wanted else fill


def _sample(ramp: Sequence[str], wanted: float) -> str:
    """The ramp's colour of a given lightness, mixed from its two nearest colours."""
    low, high = next((p for p in pairwise(ramp) if wanted <= lightness(p[1])), (ramp[-2], ramp[-1]))
    share = (wanted - lightness(low)) / (lightness(high) - lightness(low))
    mixed = [a + share * (b - a) for a, b in zip(_parts(low), _parts(high), strict=True)]
    return "#" + "".join(f"{round(min(max(part, 0), 255)):02X}" for part in mixed)


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in (n / 255 for n in _parts(colour))
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
