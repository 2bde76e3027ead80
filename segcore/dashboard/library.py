"""The drawing library of the page: Vega with Vega-Lite and Vega-Embed, as vl-convert brings them along."""

from __future__ import annotations

import re
from functools import lru_cache

SNIPPET = "window.segcoreDraw=vegaEmbed;"
LIVE = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)


@lru_cache(maxsize=1)
def library() -> str:
    """The library as the text of a script; it leaves ``segcoreDraw``, Vega-Embed's function, to the next one.

    Notes
    -----
    What would end a script, or begin one in the eyes of a browser, is written as an escape: it stands in
    texts and patterns only, where that means the same.
    """
    import vl_convert

    return LIVE.sub(r"\\x3c", vl_convert.javascript_bundle(SNIPPET))
