"""The pieces that the report is made of: HTML from templates that escape whatever comes from data.

A section is a list of :class:`Part`. :func:`show` puts them out as outputs of a notebook's cell; which
part each has in the page travels in its metadata (:data:`PLACE`). A piece looks right in a notebook
too, for its styles are an output themselves, and everything in it is below an element of class ``sg``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from segcore import charts, language, wording
from segcore.own_code import own_text

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PLACE = "segcore"
"""Under this name the metadata of an output say its section, the section's title, and its role."""

Bundle = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One output of the report notebook.

    Parameters
    ----------
    role
        Its part in the page: ``styles``; ``loose`` for what stands by itself; in a section ``finding``,
        ``body``, ``full`` (a body over the whole width) and ``note``, which ends a row of bodies.
    data, metadata
        Its forms by media type, and what is known of them.
    """

    role: str
    data: Bundle
    metadata: Bundle

    @property
    def html(self) -> str:
        """The piece as HTML, empty for a chart that is not drawn yet."""
        return str(self.data.get("text/html", ""))


def fragment(role: str, template: str, *, drawn: Sequence[Any] = (), **values: Any) -> Part:
    """The template ``templates/<template>.html.j2`` with its values, all of them escaped.

    ``drawn`` are charts; the template places them by their number: ``{{ place(0) }}``.
    """
    made = environment().get_template(f"{template}.html.j2").render(values)
    html = re.sub(r"\n\s*", "\n", made).strip() + "\n"
    says = f"({template.replace('_', ' ')})"
    if drawn:
        return Part(role, *charts.html_bundle(html, drawn, says))
    return Part(role, {"text/html": html, "text/plain": says}, {})


def finding(text: str) -> Part:
    """What a section has found, as its heading."""
    return fragment("finding", "finding", finding=text)


def text(*paragraphs: str) -> Part:
    """Paragraphs in the body; empty ones are left out."""
    return fragment("body", "text", paragraphs=[p for p in paragraphs if p])


def note(*paragraphs: str) -> Part:
    """A side note; empty paragraphs are left out."""
    return fragment("note", "note", paragraphs=[p for p in paragraphs if p])


def chart(drawing: Any) -> Part:
    """A chart of Altair, or one in two widths."""
    return Part("body", *charts.bundle(drawing))


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, a smaller one behind it, its CSS class, and a segment's colour."""

    text: str
    small: str = ""
    kind: str = ""
    colour: charts.Colour | None = None


@dataclass(frozen=True)
class Table:
    """A table for people.

    Parameters
    ----------
    heads
        The columns: text, smaller text below, and CSS class (``num`` for numbers).
    rows
        One sequence of cells for each, the first is the row's head.
    caption, below
        What stands above and below it.
    total
        The last row, if there is one.
    kind
        CSS class of the table.
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    below: str = ""
    total: Sequence[Cell] = ()
    kind: str = ""

    def part(self, role: str = "body") -> Part:
        """The table as a piece of the page."""
        return fragment(role, "table", table=self)

    def behind(self, summary: str, *, role: str = "body") -> Part:
        """The table one click away, below a chart that shows the same."""
        return fragment(role, "details", table=self, summary=summary)


def number(value: int | None, *, kind: str = "num") -> Cell:
    """A count in a table, – where there is none."""
    return Cell(wording.EN_DASH if value is None else wording.count(value), kind=kind)


def width(share: float, most: float) -> float:
    """How long the bar of a share is, in percent of the longest one; nothing for less than none."""
    return round(100 * max(share, 0.0) / most, 1)


def customers_who(**wanted: str) -> str:
    """A link to the page with all customers, filtered: by segment, from (the segment before) or state."""
    return f"customers.html#{urlencode(wanted)}"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Where templates are found, and what they may use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("segcore.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "bold": bold,
        "count": wording.count,
        "signed": wording.signed,
        "percent": partial(wording.percent, short=True),
        "long_date": wording.long_date,
        "short_date": wording.short_date,
        "lines": lines,
        "unbroken": unbroken,
    }
    made.globals |= {"say": language.say, "lang": language.current}
    made.globals["place"] = lambda number: Markup(charts.place(number))
    return made


def unbroken(listed: str) -> Markup:
    """Escaped text whose parts between dots, ranges say, keep to one line each."""
    from markupsafe import Markup

    parts = listed.split(" · ")
    one = Markup('<span class="nb">{}</span>')
    return Markup(" · ").join(one.format(part) if "\N{EN DASH}" in part else part for part in parts)


def bold(words: str) -> Markup:
    """Escaped text in which ``**words**`` are bold; a number keeps its noun, a sign what it compares."""
    from markupsafe import Markup, escape

    curly = str(escape(words)).replace("&#39;", "\N{RIGHT SINGLE QUOTATION MARK}")
    kept = re.sub(r"(?<=\d) (?=[^\W\d])|(?<==) | (?==)", wording.NBSP, curly)
    if "{day}." in wording.spelling().day:
        kept = re.sub(rf"(?<=\d\.) (?={'|'.join(wording.spelling().months)})", wording.NBSP, kept)
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", kept))


def lines(words: str) -> Markup:
    """Escaped text in lines, as it has them."""
    from markupsafe import Markup, escape

    return Markup(" <br>".join(escape(line) for line in words.split("\n")))


def styles(palette: Mapping[str, charts.Colour]) -> Part:
    """The styles of all pieces, with the colours of the segments."""
    css = own_text("report/templates/fragments.css")
    chips = "".join(
        f".sg .c{c.number}{{background:{c.fill};color:{c.text};box-shadow:inset 0 0 0 1px {c.outline}}}\n"
        for c in palette.values()
    )
    return Part("styles", {"text/html": f"<style>\n{css}{chips}</style>\n", "text/plain": "(styles)"}, {})


def show(part: Part, section: str, title: str) -> None:
    """Put a piece out as an output of the notebook's cell."""
    from IPython.display import display

    place = {"section": section, "title": title, "role": part.role}
    metadata = {**part.metadata, PLACE: {**part.metadata.get(PLACE, {}), **place}}
    display(part.data, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]
