"""What the page needs to draw, whatever it shows: Vega's library and the charts as specifications.

Both take seconds to make and are the same for every study, so a run has them made in a process of its own
while its notebooks work (:func:`ahead`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

SNIPPET = "window.segcoreDraw=vegaEmbed;"
LIVE = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)

_AHEAD: list[subprocess.Popen[str]] = []


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


@lru_cache(maxsize=1)
def kit() -> Kit:
    """What draws, from the process that makes it or made here; the same bytes either way."""
    while _AHEAD:
        process = _AHEAD.pop()
        made, _ = process.communicate()
        if process.returncode == 0:
            return Kit(**json.loads(made))
    return _made()


@contextmanager
def ahead() -> Iterator[None]:
    """Have what draws made by another process meanwhile."""
    if kit.cache_info().currsize or _AHEAD:
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", __spec__.name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C is for the one that started it
    )
    _AHEAD.append(process)
    try:
        yield
    finally:
        if process in _AHEAD:  # nobody asked
            _AHEAD.remove(process)
            process.kill()
            process.communicate()


def _made() -> Kit:
    """What draws, made here.

    What would end a script, or begin one in the eyes of a browser, is written as an escape: it stands in
    texts and patterns only, where that means the same.
    """
    import vl_convert

    from segcore.dashboard.specs import specs

    return Kit(LIVE.sub(r"\\x3c", vl_convert.javascript_bundle(SNIPPET)), specs())


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    json.dump(asdict(_made()), sys.stdout)
