"""The page: what the report notebook put out, as one HTML file without network, script or code."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from segcore import charts, language
from segcore.errors import StageError
from segcore.files import write_text
from segcore.grammars import without_grammars
from segcore.report.parts import PLACE
from segcore.report.written import layout, policy

_OWN_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,", re.IGNORECASE)
_NO_PICTURE = re.compile(r"<img(?![^>]* src=)[^>]*>")
"""A picture that lost its source; in what was cleaned, no value of an attribute holds a plain ``>``."""

SVG, HTML, PNG, TEXT = "image/svg+xml", "text/html", "image/png", "text/plain"


@dataclass(frozen=True)
class Piece:
    """One output of the notebook as HTML, its section, that section's title, and its role there."""

    section: str
    title: str
    role: str
    html: str


@dataclass(frozen=True)
class Section:
    """Pieces that stand together, in rows of bodies with the note beside them.

    Parameters
    ----------
    anchor, title
        Its name in links, and its label; a section without title stands in the page by itself.
    number
        Its place among the sections with a title, from 1 on; 0 without.
    pieces
        Its pieces, in order.
    """

    anchor: str
    title: str
    number: int
    pieces: Sequence[Piece]

    @property
    def finding(self) -> str:
        """The HTML of its heading."""
        return "".join(piece.html for piece in self.pieces if piece.role == "finding")

    @property
    def rows(self) -> list[tuple[list[Piece], Piece | None]]:
        """Bodies and the note beside them."""
        rows: list[tuple[list[Piece], Piece | None]] = []
        bodies: list[Piece] = []
        for piece in (p for p in self.pieces if p.role != "finding"):
            if piece.role == "note":
                rows.append((bodies, piece))
                bodies = []
            else:
                bodies.append(piece)
        return [*rows, (bodies, None)] if bodies else rows


def render(notebook: Path, out: Path, *, title: str) -> None:
    """Write the page of an executed report notebook.

    Parameters
    ----------
    notebook
        The executed notebook; only what it put out is used.
    out
        The file to write; it appears whole or not at all.
    title
        Of the page; its language is the one that is spoken.

    Raises
    ------
    StageError
        If the notebook put out nothing, or stopped with an error: there is no report then.
    """
    without_grammars()
    import nbformat

    node: Any = nbformat.from_dict(json.loads(notebook.read_text(encoding="utf-8")))  # type: ignore[no-untyped-call]
    _check(node, notebook)
    given = {
        "title": title,
        "lang": language.current(),
        "pages": _pages(),
        "css": layout().strip(),
        "policy": policy(pictures=True),
    }
    page, _ = _exporter().from_notebook_node(node, resources=given)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, page)


@lru_cache(maxsize=1)
def _exporter() -> Any:
    """What makes pages, once for all runs of a history: it reads its template for a twentieth of a second."""
    from nbconvert.exporters.templateexporter import TemplateExporter

    return TemplateExporter(  # type: ignore[no-untyped-call]
        template_name="layout",
        template_file="index.html.j2",
        extra_template_basedirs=[str(files("segcore.report"))],
        filters={"pieces": pieces, "sections": sections, "css_text": css_text},
    )


def warm() -> None:
    """Do what the first drawing and the first page of a process would wait for, about a second."""
    import nbconvert.exporters.templateexporter  # noqa: F401

    charts.svg({"data": {"values": [{}]}, "mark": "point"})


def sections(node: Mapping[str, Any]) -> list[Section]:
    """The pieces of a notebook as they stand in the page, numbered in their order."""
    found, number = [], 0
    shown = (piece for piece in pieces(node) if piece.role != "styles")
    for (anchor, title), group in groupby(shown, key=lambda piece: (piece.section, piece.title)):
        number += bool(title)
        found.append(Section(anchor, title, number if title else 0, tuple(group)))
    return found


def pieces(node: Mapping[str, Any]) -> list[Piece]:
    """All pieces of a notebook, in order; what has no place of its own belongs to the section before."""
    made: list[Piece] = []
    for output in _outputs(node):
        place = output["metadata"].get(PLACE, {})
        last = made[-1] if made and made[-1].title else Piece("own", language.say("Further"), "", "")
        made.append(
            Piece(
                place.get("section", last.section),
                place.get("title", last.title),
                place.get("role", "body"),
                shown(output["data"], place),
            )
        )
    return made


def _outputs(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in node["cells"]:
        for output in cell.get("outputs", ()) if cell["cell_type"] == "code" else ():
            if output["output_type"] in ("display_data", "execute_result"):
                yield output


def shown(data: Mapping[str, Any], place: Mapping[str, Any]) -> str:
    """One output as HTML: a chart, HTML, a picture or, failing these, its text."""
    texts = {
        kind: content if isinstance(content, str) else "".join(content) for kind, content in data.items()
    }
    if SVG in texts and place:  # drawn by segcore, which lets nothing active into it
        phone = f'<div class="phone">{place["phone"]}</div>' if "phone" in place else ""
        wide = f'<div class="wide">{texts[SVG]}</div>' if phone else texts[SVG]
        return f'<figure class="sg chart">{wide}{phone}</figure>\n'
    if SVG in texts:
        encoded = base64.b64encode(texts[SVG].encode()).decode("ascii")
        return _picture("svg+xml", encoded, texts.get(TEXT, ""))
    if HTML in texts and place:
        return texts[HTML]
    if HTML in texts:  # of an analyst's own cell, which may show names as they are
        return f'<div class="sg other">{cleaned(texts[HTML])}</div>\n'
    if PNG in texts:
        return _picture("png", texts[PNG].strip(), texts.get(TEXT, ""))
    return f'<div class="sg"><pre class="plain">{html.escape(texts.get(TEXT, ""))}</pre></div>\n'


def cleaned(made: str, kept: Callable[[str, str, str], str | None] | None = None) -> str:
    """HTML in which nothing is active, and no picture but those that stand in it themselves.

    Parameters
    ----------
    made
        The HTML.
    kept
        What is left of an attribute that is not the source of a picture: tag, name, value → value or None.
    """
    import nh3

    def left(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return value if _OWN_PICTURE.match(value) else None
        if value.lstrip().lower().startswith("data:"):
            return None
        return kept(tag, attribute, value) if kept else value

    clean = nh3.clean(made, attribute_filter=left, url_schemes={*nh3.ALLOWED_URL_SCHEMES, "data"})
    return _NO_PICTURE.sub("", clean)


def _picture(kind: str, encoded: str, says: str) -> str:
    alt = html.escape(says, quote=True)
    return f'<figure class="sg chart"><img alt="{alt}" src="data:image/{kind};base64,{encoded}"></figure>\n'


def css_text(text: str) -> str:
    """Text for a string in a style sheet; whatever is no letter, digit or space is written as a code."""
    return "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text)


def _pages() -> str:
    """The number of a page below it on paper, as a value of a style sheet."""
    page = language.say("Page {number} of {all}", number="\0", all="\1")
    words = {"\0": "counter(page)", "\1": "counter(pages)"}
    pieces = re.split("([\0\1])", page)
    return " ".join(words.get(piece) or f'"{css_text(piece)}"' for piece in pieces if piece)


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
