"""The report: what the report notebook put out, as one HTML file without network, code or CDN."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from segcore.charts.renderer import VEGA_LITE
from segcore.errors import StageError
from segcore.report.bundle import packed
from segcore.report.fragment import figure_of

ROLE = re.compile(r"\s*<(?:style|\w+ class=\"sg (\w+))")
LOOSE = ("top", "foot")
"""Pieces that stand in the page by themselves; all others are within a section."""


@dataclass(frozen=True)
class Piece:
    """One output of the notebook as HTML, and what part it has in the page."""

    role: str
    html: str


@dataclass(frozen=True)
class Group:
    """Pieces that stand together: loose ones, or a section with heading, body and side note."""

    pieces: Sequence[Piece]

    @property
    def loose(self) -> bool:
        """Whether they stand in the page by themselves."""
        return self.pieces[0].role in LOOSE

    @property
    def head(self) -> Piece | None:
        """The heading; a section without one continues the section before."""
        return next((piece for piece in self.pieces if piece.role == "head"), None)

    @property
    def body(self) -> list[Piece]:
        """Everything between heading and side note."""
        return [piece for piece in self.pieces if piece.role not in ("head", "side")]

    @property
    def full(self) -> bool:
        """Whether the body takes the place of side notes as well."""
        return any('class="sg body full"' in piece.html[:40] for piece in self.body)

    @property
    def side(self) -> Piece | None:
        """The side note."""
        return next((piece for piece in self.pieces if piece.role == "side"), None)


def render(notebook: Path, out: Path, *, title: str) -> None:
    """Write the page of an executed report notebook.

    Parameters
    ----------
    notebook
        The executed notebook; only what it put out is used.
    out
        The file to write; it appears whole or not at all.
    title
        Of the page.

    Raises
    ------
    StageError
        If the notebook put out nothing, or stopped with an error: there is no report then.
    """
    import nbformat
    from nbconvert.exporters.templateexporter import TemplateExporter

    node: Any = nbformat.from_dict(json.loads(notebook.read_text(encoding="utf-8")))  # type: ignore[no-untyped-call]
    _check(node, notebook)
    script = _text("page.js")
    exporter: Any = TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="page",
        template_file="index.html.j2",
        extra_template_basedirs=[str(files("segcore.report"))],
        filters={"pieces": pieces, "groups": groups, "css_text": css_text},
    )
    resources = {
        "title": title,
        "css": _text("page.css"),
        "script": script,
        "policy": policy(script),
        "vega": packed(),
    }
    page, _ = exporter.from_notebook_node(node, resources=resources)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text(page, encoding="utf-8", newline="\n")
    os.replace(partial, out)


def warm() -> None:
    """Do what the first page of a process would wait for, about half a second."""
    import nbconvert.exporters.templateexporter  # noqa: F401

    packed()


def policy(*scripts: str) -> str:
    """What the page may do: run these scripts, show what is in it, and ask nobody for anything."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"
        for script in scripts
    )
    # Vega makes functions of the expressions in its specifications, which is what unsafe-eval allows.
    return (
        f"default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def groups(cell: Mapping[str, Any]) -> list[Group]:
    """The pieces of one cell, as they stand together in the page.

    A loose piece is a group of its own, a heading or a side note begins or ends a section.
    """
    made: list[list[Piece]] = []
    for piece in (p for p in _outputs(cell) if p.role != "styles"):
        starts = not made or piece.role in (*LOOSE, "head") or made[-1][-1].role in (*LOOSE, "side")
        if starts:
            made.append([])
        made[-1].append(piece)
    return [Group(tuple(parts)) for parts in made]


def pieces(node: Mapping[str, Any]) -> list[Piece]:
    """All pieces of a notebook, in order."""
    return [piece for cell in node["cells"] for piece in _outputs(cell)]


def _outputs(cell: Mapping[str, Any]) -> Iterator[Piece]:
    for output in cell.get("outputs", ()) if cell["cell_type"] == "code" else ():
        if output["output_type"] in ("display_data", "execute_result"):
            yield _piece(output["data"])


def _piece(data: Mapping[str, Any]) -> Piece:
    """One output: a chart, HTML, a picture or, failing these, its text."""
    if VEGA_LITE in data:
        return Piece("body", f'<div class="sg fig">{figure_of(data)}</div>\n')
    if "text/html" in data:
        found = "".join(data["text/html"])
        role = ROLE.match(found)
        if role:
            return Piece(role[1] or "styles", found)
        return Piece("body", f'<div class="sg other">{found}</div>\n')
    if "image/png" in data:
        picture = "".join(data["image/png"]).strip()
        return Piece(
            "body", f'<div class="sg fig"><img alt="" src="data:image/png;base64,{picture}"></div>\n'
        )
    text = html.escape("".join(data.get("text/plain", "")))
    return Piece("body", f'<div class="sg"><pre class="plain">{text}</pre></div>\n')


def css_text(text: str) -> str:
    """Text for a string in a style sheet; whatever is no letter, digit or space is written as a code."""
    return "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text)


def _check(node: Mapping[str, Any], notebook: Path) -> None:
    failed = any(
        output["output_type"] == "error" for cell in node["cells"] for output in cell.get("outputs", ())
    )
    if failed or not pieces(node):
        what = "stopped with an error" if failed else "put out nothing"
        raise StageError(
            f"{notebook}: must be an executed report notebook (it {what}); "
            "open it, mend the cell and make the run again"
        )


def _text(name: str) -> str:
    return (files("segcore.report") / "page" / name).read_text(encoding="utf-8").strip()
