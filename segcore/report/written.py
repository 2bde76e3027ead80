"""What every page of ours begins with: what it may do, and how it looks."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from segcore.charts import Colour
from segcore.own_code import own_text
from segcore.report.parts import styles

LIVE = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)


def policy(scripts: Sequence[str] = (), *, pictures: bool = False) -> str:
    """What a page may do: show what is in it, and ask nobody for anything.

    Parameters
    ----------
    scripts
        The texts of the scripts that it runs; nothing else can.
    pictures
        Whether it shows pictures, which stand in it too.

    Returns
    -------
    str
        The page's ``Content-Security-Policy``.
    """
    allowed = [
        "default-src 'none'",
        *([f"script-src {' '.join(map(hashed, scripts))}"] if scripts else []),
        "style-src 'unsafe-inline'",
        *(["img-src data:"] if pictures else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(allowed)


@lru_cache(maxsize=8)
def hashed(script: str) -> str:
    """A script as the policy of a page names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def css(palette: Mapping[str, Colour], *more: str) -> str:
    """The styles of a page with the colours of segments, and those of its own: the whole text in order."""
    pieces = styles(palette).html.removeprefix("<style>\n").removesuffix("</style>\n")
    return "".join((pieces, layout(), *more))


def layout() -> str:
    """The styles that all pages share."""
    return own_text("report/layout/page.css")


def inert(script: str) -> str:
    """A library as the text of a script of a page.

    What would end a script, or begin one in the eyes of a browser, is written as an escape: it stands in
    texts and patterns only, where that means the same.
    """
    return LIVE.sub(r"\\x3c", script)
