"""The charts of mails: drawn by hand as SVG, for a phone first, and made PNG by vl-convert.

Altair would take half a second for the first, and its charts have type that nobody can read on a phone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape

from segcore import language, wording
from segcore.charts.colours import INK, INK_2, NO_SEGMENT, WHITE, Colour
from segcore.charts.theme import FONT
from segcore.mail.headers import harmless
from segcore.mail.letter import Picture
from segcore.sentences import letters as say

WIDTH = 400
"""In pixels of the mail: a phone shows it nearly as large as it is."""

GROUND, TRACK = "#F1F4F7", "#DFE4EA"
"""A ground of its own, that stands out from a light mail as from a dark one."""

_MARGIN, _ROW, _TOP, _NAME = 16, 44, 56, 26
_INNER = WIDTH - 2 * _MARGIN
_SHOWN = 30
"""Characters of a segment's name that have room."""


@lru_cache(maxsize=16)
def png(svg: str) -> bytes:
    """A drawing as PNG of twice as many pixels as it has in the mail; the same one gives the same bytes."""
    import vl_convert
    from PIL import Image

    drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=2))).convert("RGB")
    small = io.BytesIO()  # an eighth of what was drawn, which is for photographs
    drawn.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "PNG")
    return small.getvalue()


def segments_picture(
    rows: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None,
    colours: Mapping[str, Colour],
    spoken: str,
) -> Picture:
    """How many customers each segment has, and had at the run before.

    Parameters
    ----------
    rows
        Segment and customers, best first.
    before
        Segment → customers at the run before; None for the first run.
    colours
        Those of the segments.
    spoken
        The language of the mail.
    """
    with language.spoken(spoken):
        return _picture("segments.png", say.SEGMENTS, rows, before, colours)


def own_picture(
    rows: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None,
    colours: Mapping[str, Colour],
    spoken: str,
) -> Picture:
    """The same of a representative's own customers."""
    with language.spoken(spoken):
        return _picture("own-segments.png", say.OWN_SEGMENTS, rows, before, colours)


def chosen_picture(
    rows: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None,
    colours: Mapping[str, Colour],
    spoken: str,
) -> Picture:
    """The same of customers that somebody asked for; segments in which none is or was are left out."""
    with language.spoken(spoken):
        some = [(segment, now) for segment, now in rows if now or (before or {}).get(segment)]
        return _picture("chosen-segments.png", say.CHOSEN_SEGMENTS, some, before, colours)


def _picture(
    name: str,
    title: str,
    rows: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None,
    colours: Mapping[str, Colour],
) -> Picture:
    then = before or {}
    listed = "; ".join(
        f"{harmless(segment, _SHOWN)} {wording.count(now)}"
        + (f" ({wording.count(then.get(segment, 0))})" if before is not None else "")
        for segment, now in rows
    )
    drawn = _svg(title, rows, before, colours)
    return Picture(name, png(drawn), say.sizes(title, listed, compared=before is not None), WIDTH)


def _svg(
    title: str,
    rows: Sequence[tuple[str, int]],
    before: Mapping[str, int] | None,
    colours: Mapping[str, Colour],
) -> str:
    most = max([1, *(now for _, now in rows), *(before or {}).values()])
    height = _TOP + _ROW * len(rows) + (_NAME if before is not None else 0) + _MARGIN // 2
    drawn = [f'<text x="{_MARGIN}" y="34" font-size="17" font-weight="bold">{escape(title)}</text>']
    for place, (segment, now) in enumerate(rows):
        then = None if before is None else before.get(segment, 0)
        drawn.append(_row(_TOP + place * _ROW, (segment, now, then), colours.get(segment), _INNER / most))
    if before is not None:
        drawn.append(_key(height - _MARGIN))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{FONT}" '
        f'fill="{INK}"><rect width="{WIDTH}" height="{height}" fill="{GROUND}"/>{"".join(drawn)}</svg>'
    )


def _row(top: int, row: tuple[str, int, int | None], colour: Colour | None, scale: float) -> str:
    """A segment: its name and number above its bar, and a tick where the bar ended before."""
    segment, now, then = row
    fill, line = (colour.fill, colour.outline) if colour else (NO_SEGMENT, NO_SEGMENT)
    change = "" if then is None else f'<tspan fill="{INK_2}"> ({wording.more(now, then)})</tspan>'
    told = f'<tspan font-weight="bold">{wording.count(now)}</tspan>{change}'
    bar = f'y="{top + 20}" height="13"'
    return (
        f'<text x="{_MARGIN}" y="{top + 14}" font-size="15">{escape(harmless(segment, _SHOWN))}</text>'
        f'<text x="{WIDTH - _MARGIN}" y="{top + 14}" font-size="15" text-anchor="end">{told}</text>'
        f'<rect x="{_MARGIN}" {bar} width="{_INNER}" fill="{TRACK}"/>'
        f'<rect x="{_MARGIN}" {bar} width="{now * scale:.1f}" fill="{fill}" stroke="{line}"/>'
        + ("" if then is None else _tick(_MARGIN + then * scale, top + 17))
    )


def _tick(x: float, top: int) -> str:
    return f'<rect x="{x - 2:.1f}" y="{top}" width="4" height="19" fill="{INK}" stroke="{WHITE}"/>'


def _key(base: int) -> str:
    told = f'<text x="{_MARGIN + 12}" y="{base}" font-size="14" fill="{INK_2}">{escape(say.BEFORE)}</text>'
    return _tick(_MARGIN + 2, base - 15) + told
