"""The page of the dashboard: one HTML file with its own data and its own scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from segcore.dashboard import tables
from segcore.dashboard.reading import seen
from segcore.report.parts import environment, styles

PAGE = "dashboard.html"

POLICY = (
    "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'"
)
SOURCE = re.compile(r'<meta name="segcore-source" content="([0-9a-f]{64})">')
MADE_BY = ("vl-convert-python", "altair")
"""The packages whose work is in the page."""


def source(runs: Sequence[tuple[str, str]]) -> str:
    """The fingerprint of what a dashboard is made of: the runs, by date and hash, and the code.

    Parameters
    ----------
    runs
        The published runs: run date, hash of the manifest.
    """
    told = [*(f"{date} {sha256}" for date, sha256 in runs), _code()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def source_of(text: str) -> str | None:
    """The fingerprint that a page says it was made of, None if it says none."""
    found = SOURCE.search(text, 0, 2000)
    return found[1] if found else None


def page(study: str, folders: Sequence[Path], made_of: str) -> str:
    """The page; the same runs give the same text.

    Parameters
    ----------
    study
        Its name.
    folders
        Its published runs, ascending.
    made_of
        Their :func:`source`.
    """
    from markupsafe import Markup

    found = seen(study, folders)
    shown = {"sizes": tables.sizes(found)} if found.runs else {}
    template = environment().get_template("dashboard.html.j2")
    text = template.render(
        source=made_of,
        policy=POLICY.format("'none'"),
        title=f"{found.last.told['title'] if found.runs else study}: all runs",
        css=Markup(_css(found.palette if found.runs else {})),
        tables=shown,
    )
    return text + "\n"


@lru_cache(maxsize=1)
def _code() -> str:
    """The hash of what makes the page, so that another segcore makes it again."""
    told = hashlib.sha256()
    for name in (*MADE_BY, "segcore"):
        told.update(f"{name} {version(name)}\n".encode())
    for path in sorted(Path(str(files("segcore.dashboard"))).glob("*.*")):
        if path.suffix in (".py", ".js", ".css"):
            told.update(path.read_bytes())
    return told.hexdigest()


def _css(palette: object) -> str:
    pieces = styles(palette).html.removeprefix("<style>\n").removesuffix("</style>\n")  # type: ignore[arg-type]
    return pieces + (files("segcore.report") / "layout" / "page.css").read_text(encoding="utf-8")
