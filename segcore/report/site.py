"""``reports/index.html``: the runs of all studies, as a page that needs nothing but itself."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from segcore.errors import ArchiveError
from segcore.report.fragment import environment
from segcore.report.summary import summary
from segcore.wording import count, long_date, plural

SEALED = "manifest.json"


@dataclass(frozen=True)
class ListedRun:
    """One published run: its date, where its files are, and its summary if it has one."""

    date: dt.date
    href: str
    moves_href: str
    told: dict[str, Any] | None

    @property
    def change(self) -> int | None:
        """By how many customers it differs from the run before."""
        moves = (self.told or {}).get("moves")
        return moves["new"] + moves["returned"] - moves["gone"] if moves else None

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Its segments that have anybody in them: customers, fill, outline."""
        segments = (self.told or {}).get("segments", [])
        return [{"customers": s["customers"], **s["colour"]} for s in segments if s["customers"]]

    @property
    def says(self) -> str:
        """Its segments in words."""
        segments = (self.told or {}).get("segments", [])
        return ", ".join(f"{s['segment']} {count(s['customers'])}" for s in segments)


@dataclass(frozen=True)
class ListedStudy:
    """A study with its published runs, the newest first."""

    name: str
    runs: list[ListedRun]

    @property
    def title(self) -> str:
        """The study's title as in its newest run."""
        return next((run.told["title"] for run in self.runs if run.told), self.name)

    @property
    def latest(self) -> str:
        """The newest run in a few words."""
        run = self.runs[0]
        return f"{plural(run.told['customers'], 'customer')} on {long_date(run.date)}" if run.told else ""


def rebuild(root: Path) -> Path:
    """Write the list of runs anew, from what is published now.

    Parameters
    ----------
    root
        The project's folder, which holds ``runs/`` and ``reports/``.

    Returns
    -------
    Path
        ``reports/index.html``. It appears whole or not at all; the same runs give the same bytes.
    """
    studies = [ListedStudy(name, runs) for name, runs in _published(root)]
    css = "\n".join(
        (files("segcore.report") / folder / name).read_text(encoding="utf-8")
        for folder, name in (("templates", "fragments.css"), ("page", "page.css"))
    )
    from markupsafe import Markup

    text = environment().get_template("site.html.j2").render(studies=studies, css=Markup(css))
    out = root / "reports" / "index.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, out)
    return out


def _published(root: Path) -> Iterator[tuple[str, list[ListedRun]]]:
    folder = root / "runs"
    for study in sorted(folder.iterdir()) if folder.is_dir() else []:
        if study.name.startswith(".") or not study.is_dir():
            continue
        runs = [run for path in sorted(study.iterdir(), reverse=True) if (run := _listed(root, path))]
        if runs:
            yield study.name, runs


def _listed(root: Path, folder: Path) -> ListedRun | None:
    """The run in a folder; None if it is none, or not published."""
    try:
        date = dt.date.fromisoformat(folder.name)
    except ValueError:
        return None
    if not (folder / SEALED).exists():
        return None
    try:
        told = summary(folder)
    except (ArchiveError, ValueError):
        told = None
    place = Path(folder.parent.name) / folder.name
    moves = (place / "moves.csv").as_posix() if (root / "reports" / place / "moves.csv").exists() else ""
    return ListedRun(date, (place / "report.html").as_posix(), moves, told)
