"""Pieces of the page: HTML from templates that escape whatever comes from data, and charts in it.

A piece is one output of the report notebook. It looks right in a notebook too, for its styles are
an output themselves (:func:`styles`), and everything in it is below an element of class ``sg``.
"""

from __future__ import annotations

import base64
import json
import os
import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from segcore import wording
from segcore.charts.colours import Colour
from segcore.charts.renderer import CHARTS, PHONE, VEGA_LITE, picture, words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


_UNDRAWN = re.compile(
    r'<figure class="chart"[^>]*>\s*<script type="application/json">([^<]*)</script>\s*</figure>'
)
"""A figure without a picture, as :func:`figure` makes it; its JSON has no angle brackets."""


class Fragment:
    """A piece of HTML that notebooks show as it is."""

    def __init__(self, name: str, html: str) -> None:
        self.name, self.html = name, html

    def _repr_html_(self) -> str:
        return self.html if os.environ.get(CHARTS) else with_pictures(self.html)

    def __repr__(self) -> str:
        return f"({self.name})"


def fragment(name: str, **values: Any) -> Fragment:
    """The template ``templates/<name>.html.j2`` with its values, all of them escaped."""
    text = environment().get_template(f"{name}.html.j2").render(values)
    return Fragment(name.replace("_", " "), re.sub(r"\n\s*", "\n", text).strip() + "\n")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Where templates are found, and what they may use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

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
        "between": wording.between,
        "long_date": wording.long_date,
        "short_date": wording.short_date,
    }
    return made


def bold(text: str) -> Markup:
    """Escaped text in which ``**words**`` are bold, and no number ends a line before its noun."""
    from markupsafe import Markup, escape

    kept = re.sub(r"(?<=\d) (?=[^\W\d])", wording.NBSP, str(escape(text)))
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", kept))


def figure(chart: Any) -> Markup:
    """A chart as a figure of the page, for use within a fragment; its picture comes later."""
    spec = chart.to_dict(validate=False)
    return figure_of({"text/plain": words(spec)}) if os.environ.get(CHARTS) == "off" else _figure(spec)


def with_pictures(html: str) -> str:
    """The same HTML in which every figure of :func:`figure` has its picture."""

    def drawn(match: re.Match[str]) -> str:
        return str(_figure(json.loads(match[1]), picture(json.loads(match[1]))))

    return re.sub(_UNDRAWN, drawn, html)


def _figure(spec: dict[str, Any], png: bytes = b"", kind: str = "") -> Markup:
    from markupsafe import Markup

    text = (
        environment()
        .get_template("figure.html.j2")
        .render(
            kind=kind,
            says=words(spec),
            picture=base64.b64encode(png).decode("ascii"),
            size=struct.unpack(">II", png[16:24]) if png else (),
            spec=Markup(as_json(spec)),
        )
    )
    return Markup(text.strip())


def figure_of(data: Mapping[str, Any]) -> Markup:
    """A chart's output as a figure: its picture, and its specification, which a script draws.

    Parameters
    ----------
    data
        What an output holds, by media type; its words alone if charts are off. Where there is a
        narrower specification as well, the page shows the one that fits once they are drawn.
    """
    from markupsafe import Markup, escape

    if VEGA_LITE not in data:  # charts are off
        return Markup("<p>") + escape(data["text/plain"]) + Markup("</p>")
    png = base64.b64decode("".join(data["image/png"]))
    wide = _figure(data[VEGA_LITE], png, "wide" if PHONE in data else "")
    return wide + _figure(data[PHONE], kind="phone") if PHONE in data else Markup(wide)


def as_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "".join(JSON_ESCAPES.get(character, character) for character in text)


def styles(colours: Sequence[Colour]) -> Fragment:
    """The styles of all fragments, with the colours of the segments."""
    css = (files("segcore.report") / "templates" / "fragments.css").read_text(encoding="utf-8")
    chips = "".join(
        f".sg .c{c.number}{{background:{c.fill};color:{c.text};box-shadow:inset 0 0 0 1px {c.outline}}}\n"
        for c in colours
    )
    return Fragment("styles", f"<style>\n{css}{chips}</style>\n")
