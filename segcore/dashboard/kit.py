"""What the page needs to draw, whatever it shows: Vega's library and the charts as specifications.

Both take seconds to make and are the same for every study and project, so they are made once for each
version of the code and packages that make them, and kept with this package's compiled modules: whoever may
write there may change segcore itself. Where segcore may not write there, they are kept beside the runs; that
does not protect against whoever may write into ``runs/``, for what is kept becomes a script of every
dashboard. The file may be deleted at any time. Its hash stands in it, so one that was damaged is made again.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from segcore.files import make_folder, write_text
from segcore.report.written import inert

SNIPPET = "window.segcoreDraw=vegaEmbed;"
COMPILED = Path(__file__).parent / "__pycache__"
FOLDER, NAMED = ".dashboard", "dashboard-{}.json"
"""Where it is kept, in the package or below ``runs/``, and under which name: that of what makes it."""

MADE_BY = ("vl-convert-python", "altair")
"""The packages that make it."""
MAKES = (
    "dashboard/kit.py",
    "dashboard/specs.py",
    "charts/colours.py",
    "charts/drawing.py",
    "charts/theme.py",
    "report/written.py",
)
"""The files of segcore that do."""


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
def made_by() -> str:
    """The fingerprint of the code and packages that make it: of no more, for it takes seconds to make."""
    told = hashlib.sha256("".join(f"{name} {version(name)}\n" for name in MADE_BY).encode())
    for name in MAKES:
        told.update(files("segcore").joinpath(name).read_bytes())
    return told.hexdigest()


def kit(runs: Path, made_by: str) -> Kit:
    """What draws, as it is kept, or else made and kept; the same bytes either way.

    Parameters
    ----------
    runs
        The folder ``runs/``.
    made_by
        The fingerprint of code and packages that make it, see :func:`made_by`.
    """
    folders = (COMPILED, runs / FOLDER)
    for folder in folders:
        with suppress(OSError, ValueError, TypeError):
            return _whole((folder / NAMED.format(made_by)).read_text(encoding="utf-8"))
    made = _made()
    for folder in folders:
        with suppress(OSError):
            _keep(made, folder / NAMED.format(made_by))
            break
    return made


def _keep(made: Kit, kept: Path) -> None:
    """Write what draws in the place of that of other versions."""
    make_folder(kept.parent)
    content = json.dumps(asdict(made))
    write_text(kept, f"{_sha256(content)}\n{content}")
    for old in kept.parent.glob(NAMED.format("*")):
        if old != kept:
            old.unlink(missing_ok=True)


def _whole(text: str) -> Kit:
    """What is kept, if it is as it was written."""
    sha256, _, content = text.partition("\n")
    if sha256 != _sha256(content):
        raise ValueError("damaged")
    return Kit(**json.loads(content))


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


@lru_cache(maxsize=1)
def _made() -> Kit:
    """What draws, made here."""
    import vl_convert

    from segcore.dashboard.specs import specs

    return Kit(inert(vl_convert.javascript_bundle(SNIPPET)), specs())
