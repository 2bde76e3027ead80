"""What the page needs to draw, whatever it shows: Vega's library and the charts as specifications.

Both take seconds to make and are the same for every study, so they are made once for each version of the
code and kept beside the runs; the file may be deleted at any time.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from segcore.files import make_folder, write_text

SNIPPET = "window.segcoreDraw=vegaEmbed;"
LIVE = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)
FOLDER, NAMED = ".dashboard", "{}.json"
"""Where it is kept below ``runs/``, and under which name: that of what makes it."""


@dataclass(frozen=True)
class Kit:
    """What draws.

    Parameters
    ----------
    library
        Vega with Vega-Lite and Vega-Embed as the text of a script; it leaves ``segcoreDraw``, Vega-Embed's
        function, to the next one.
    specs
        The charts, see :func:`segcore.dashboard.specs.specs`.
    """

    library: str
    specs: dict[str, dict[str, Any]]


def kit(runs: Path, made_by: str) -> Kit:
    """What draws, as it is kept, or else made and kept; the same bytes either way.

    Parameters
    ----------
    runs
        The folder ``runs/``.
    made_by
        The fingerprint of code and packages that make it.
    """
    kept = runs / FOLDER / NAMED.format(made_by)
    try:
        return Kit(**json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        made = _made()
    make_folder(kept.parent)
    for old in kept.parent.glob(NAMED.format("*")):
        old.unlink(missing_ok=True)
    write_text(kept, json.dumps(asdict(made)))
    return made


@lru_cache(maxsize=1)
def _made() -> Kit:
    """What draws, made here.

    What would end a script, or begin one in the eyes of a browser, is written as an escape: it stands in
    texts and patterns only, where that means the same.
    """
    import vl_convert

    from segcore.dashboard.specs import specs

    return Kit(LIVE.sub(r"\\x3c", vl_convert.javascript_bundle(SNIPPET)), specs())
