"""An executed notebook as a page for reviewers: every cell with its code and what it put out, no script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.files import make_folder, write_text
from segcore.outputs import NOTEBOOKS, PAGE
from segcore.own_code import own_text
from segcore.report.page import HTML, SVG, cleaned, shown
from segcore.report.parts import PLACE, environment
from segcore.report.written import layout, policy

if TYPE_CHECKING:
    from markupsafe import Markup

UP = "../"
"""From these pages to the report and the files beside it."""

_RELATIVE = re.compile(r'<a href="(?![#/]|[A-Za-z][A-Za-z0-9+.-]*:)')
"""A link of a piece of the report to a file beside the report. No text of a piece holds a plain ``<``."""

_TITLE = re.compile(r"\s*#\s+(?P<title>.+)")


@dataclass(frozen=True)
class Cell:
    """A cell as the page shows it.

    Parameters
    ----------
    kind
        markdown, code or raw.
    number
        Of a code cell, as the notebook shows it; None if it was not run.
    content
        Its text or its code.
    outputs
        What it put out, in order.
    """

    kind: str
    number: int | None
    content: Markup
    outputs: Sequence[Markup] = ()


def render(notebook: Path, out: Path, *, of: str) -> None:
    """Write the page of an executed notebook.

    Parameters
    ----------
    notebook
        The notebook as the run keeps it.
    out
        The file, in a folder beside the report's page; it appears whole or not at all.
    of
        The run in words: what the page says above its title.
    """
    node = json.loads(notebook.read_text(encoding="utf-8"))
    title, cells = _titled(node["cells"], notebook.stem)
    template = environment().get_template("notebook.html.j2")
    others = [(name, Path(page).name, name == notebook.stem) for name, page in NOTEBOOKS.items()]
    made = template.render(
        title=title,
        of=of,
        report=f"{UP}{PAGE}",
        others=others,
        cells=[_cell(cell) for cell in cells],
        css=_css(),
        policy=policy(pictures=True),
    )
    make_folder(out.parent)
    write_text(out, made + "\n")


@lru_cache(maxsize=1)
def _css() -> Markup:
    from markupsafe import Markup

    pieces = own_text("report/templates/fragments.css")
    return Markup(f"{pieces}{layout()}{own_text('report/layout/notebook.css')}")


def _titled(cells: Sequence[Mapping[str, Any]], name: str) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The notebook's title and the cells below it; front matter is for programs and is left out."""
    shown = [cell for cell in cells if "front-matter" not in cell["metadata"].get("tags", ())]
    first = _TITLE.fullmatch(_text(shown[0]["source"])) if shown else None
    if first and shown[0]["cell_type"] == "markdown":
        return first["title"].strip(), shown[1:]
    return name, shown


def _cell(cell: Mapping[str, Any]) -> Cell:
    kind, source = cell["cell_type"], _text(cell["source"])
    if kind == "markdown":
        return Cell(kind, None, _of_markdown(source))
    if kind == "code":
        return Cell(kind, cell["execution_count"], _coloured(source), tuple(_outputs(cell["outputs"])))
    return Cell(kind, None, _plain(source))


def _outputs(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Markup]:
    """What a cell put out; texts that a stream was cut into are one again."""
    for kind, run in groupby(outputs, key=lambda one: one.get("name") or one["output_type"]):
        alike = [*run]
        if alike[0]["output_type"] == "stream":
            yield _terminal("".join(_text(one["text"]) for one in alike), kind)
        elif alike[0]["output_type"] == "error":
            yield _terminal("\n".join(line for one in alike for line in one["traceback"]), "stderr")
        else:
            yield from map(_shown, alike)


def _shown(output: Mapping[str, Any]) -> Markup:
    """A table, a figure, a piece of the report or a text."""
    from markupsafe import Markup

    data, place = output["data"], output["metadata"].get(PLACE, {})
    if "text/markdown" in data and not place:
        return _of_markdown(_text(data["text/markdown"]))
    made = shown(data, place)
    if place:
        return Markup(_RELATIVE.sub(f'<a href="{UP}', made))
    if HTML in data and SVG not in data:  # a wide table scrolls, also without a mouse
        made = made.replace('<div class="sg other">', '<div class="sg other" role="group" tabindex="0">', 1)
        made = made.replace("<th></th>", "<td></td>")  # above the index, where there is no heading
    return Markup(made)


def _of_markdown(source: str) -> Markup:
    """Markdown as HTML in which nothing is active; its own links are those to the web."""
    from markupsafe import Markup

    return Markup(cleaned(_markdown().render(source), _kept))


@lru_cache(maxsize=1)
def _markdown() -> Any:
    """What reads Markdown as notebooks have it; it takes a while to make."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True))


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Links to nowhere are dropped; a page moves about without its folder."""
    if attribute in ("href", "cite") and not value.startswith(("https://", "http://", "mailto:")):
        return None
    return value


def _coloured(code: str) -> Markup:
    """Python code with its words told apart by class."""
    from markupsafe import Markup
    from pygments import highlight

    return Markup(highlight(code, *_colouring()).rstrip("\n"))


@lru_cache(maxsize=1)
def _colouring() -> tuple[Any, Any]:
    """What reads Python, and what writes it as HTML; both take longer to make than a cell to colour."""
    from pygments.formatters import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    return PythonLexer(), HtmlFormatter(nowrap=True)


def _terminal(text: str, name: str) -> Markup:
    """What was printed, with the colours of a terminal; empty if it was nothing."""
    from markupsafe import Markup
    from nbconvert.filters.ansi import ansi2html

    made = ansi2html(text.rstrip("\n"))  # type: ignore[no-untyped-call]  # it escapes, which a text marked as safe would evade
    kind = "plain err" if name == "stderr" else "plain"
    return Markup(f'<pre class="{kind}">{made}</pre>' if text.strip() else "")


def _plain(text: str) -> Markup:
    from markupsafe import Markup

    return Markup('<pre class="plain">{}</pre>').format(text)


def _text(lines: str | Sequence[str]) -> str:
    """A text as notebooks keep it, whole or in lines."""
    return lines if isinstance(lines, str) else "".join(lines)
