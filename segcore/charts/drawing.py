"""How charts appear: drawn as SVG by vl-convert, in notebooks, in the report and on paper alike.

A chart's output holds an ``<img>`` with the drawing as a data URI (which JupyterLab shows even where
it does not trust the notebook), the drawing itself, which the report puts into its page, and what it
shows in words. In a run the notebooks only emit what is to be drawn, and the runner draws it
(:func:`complete`), for the first drawing of a process takes half a second. The bytes are the same.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from segcore import language
from segcore.charts.svg import accessible
from segcore.charts.theme import Chart, altair, config, unchecked

if TYPE_CHECKING:
    from markupsafe import Markup

UNDRAWN = "application/vnd.segcore.undrawn+json"
"""The type of what a kernel emits in a run: ``charts``, their specifications, and perhaps ``html``."""

CHARTS = "SEGCORE_CHARTS"
"""The environment variable that says how charts appear: "specification" leaves the drawing to the
runner, "off" leaves only what the chart shows in words."""

HTML, SVG, TEXT = "text/html", "image/svg+xml", "text/plain"
NAME = "segcore"
"""The name of the theme in Altair, and of our place in an output's metadata."""

Bundle = dict[str, Any]
Output = tuple[Bundle, Bundle]
"""The forms of an output by media type, and its metadata."""

Draw = Callable[[Bundle], str]
"""What makes SVG of a specification."""

_DRAW: list[Draw] = []

_SENTENCE = re.compile(r"(?<!\d)\. |(?<=\d{4})\. ")
"""The end of a sentence, and not of the number of a day or a month, as German writes dates."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class TwoWidths:
    """One chart in two widths: the page shows the one that fits, everything else the wide one.

    Parameters
    ----------
    wide, phone
        The chart for 720 and for 358 px.
    """

    wide: Chart
    phone: Chart

    def _repr_mimebundle_(self, **_: object) -> Output:
        return bundle(self)


def enable() -> None:
    """Make the charts of this process appear as drawings in the report's look.

    It changes settings of Altair and of IPython, so it is called in notebooks and nowhere else.
    """
    from IPython import get_ipython

    alt = altair()
    alt.theme.register(NAME, enable=True)(lambda: {"config": config()})
    # Not by a renderer of Altair: every chart would be checked against the schema of Vega-Lite first,
    # which takes longer than making it.
    if shell := get_ipython():
        shell.display_formatter.mimebundle_formatter.for_type(alt.TopLevelMixin, bundle)


def bundle(chart: Any) -> Output:
    """A chart's output.

    Parameters
    ----------
    chart
        A chart of Altair, :class:`TwoWidths`, or a specification. With two widths, the narrow
        drawing stands in the metadata as ``{"segcore": {"phone": svg}}``.
    """
    charts = [chart.wide, chart.phone] if isinstance(chart, TwoWidths) else [chart]
    specs = [specification(one) for one in charts]
    return _emitted({"charts": specs}, words(specs[0]))


def html_bundle(html: str, charts: Sequence[Chart], says: str) -> Output:
    """The output of a piece of HTML with charts in it.

    Parameters
    ----------
    html
        The text that :func:`place` gives for ``i`` becomes the picture of chart i.
    charts
        As for :func:`bundle`, each in one width.
    says
        What the output shows in words, for where HTML is not shown.
    """
    return _emitted({"charts": [specification(one) for one in charts], "html": html}, says)


def place(number: int) -> Markup:
    """The place of a chart in the HTML of :func:`html_bundle`; no escaped text can look like it."""
    from markupsafe import Markup

    return Markup(f"<!--chart {number:d}-->")


def complete(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Output:
    """An output with its charts drawn; one that has nothing undrawn stays as it is."""
    kept, about = dict(data), dict(metadata)
    undrawn = kept.pop(UNDRAWN, None)
    if not undrawn:
        return kept, about
    specs, html = [specification(chart) for chart in undrawn["charts"]], undrawn.get("html")
    made = [_svg(spec) for spec in specs]
    if html is None:
        if len(made) > 1:
            about[NAME] = {**about.get(NAME, {}), "phone": made[1]}
        return {HTML: _picture(specs[0], made[0]), SVG: made[0], **kept}, about
    for number, (spec, one) in enumerate(zip(specs, made, strict=True)):
        html = html.replace(place(number), _picture(spec, one))
    return {HTML: html, **kept}, about


def picture(chart: Chart) -> str:
    """The chart as an ``<img>`` of its size, with what it shows in words as the alternative text."""
    spec = specification(chart)
    return _picture(spec, _svg(spec))


def _picture(spec: Bundle, drawn: str) -> str:
    size = re.search(r'width="[\d.]+" height="[\d.]+"', drawn)
    code = base64.b64encode(drawn.encode()).decode("ascii")
    alt = escape(words(spec))
    return f'<img alt="{alt}" src="data:{SVG};base64,{code}" {size[0] if size else ""}>'


def svg(chart: Chart) -> str:
    """The chart as SVG that needs no script and names its marks; the same chart gives the same bytes."""
    return _svg(specification(chart))


def _svg(spec: Bundle) -> str:
    return _drawn(json.dumps(spec, sort_keys=True))


def words(spec: Mapping[str, Any]) -> str:
    """What a chart shows, in words: its description, or its title."""
    return str(spec.get("description") or _title(spec) or language.say("Chart"))


def _emitted(undrawn: Bundle, says: str) -> Output:
    how = os.environ.get(CHARTS)
    emitted = {TEXT: says} if how == "off" else {UNDRAWN: undrawn, TEXT: says}
    return (emitted, {}) if how == "specification" else complete(emitted, {})


@contextmanager
def drawn_by(draw: Draw) -> Iterator[None]:
    """Have all charts of this process drawn by another one meanwhile; the bytes are the same."""
    _DRAW.append(draw)
    try:
        yield
    finally:
        _DRAW.remove(draw)


@lru_cache(maxsize=64)
def _drawn(canonical: str) -> str:
    spec = json.loads(canonical)
    # What is shown comes first in a description, the values follow from the second sentence on.
    head, _, values = _SENTENCE.sub("\0", words(spec), count=1).partition("\0")
    named = {"title": _title(spec) or head, "description": values or words(spec)}
    draw = _DRAW[-1] if _DRAW else _here
    return accessible(draw(spec), **named, key=canonical)


def _here(spec: Bundle) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(spec)


def specification(chart: Chart) -> Bundle:
    """What is to be drawn, in our look even where :func:`enable` was not called, fit for XML."""
    spec = chart if isinstance(chart, Mapping) else unchecked(chart.to_dict)(validate=False)
    drawable: Bundle = _drawable({**spec, "config": _merged(config(), spec.get("config", {}))})
    return drawable


def _merged(ours: Mapping[str, Any], own: Mapping[str, Any]) -> Bundle:
    both = {key: _merged(ours[key], own[key]) for key in own if isinstance(ours.get(key), Mapping)}
    return {**ours, **own, **both}


def _drawable(spec: Any) -> Any:
    """A specification whose texts XML can hold; others abort the process that draws them."""
    if isinstance(spec, str):
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", spec)
    if isinstance(spec, Mapping):
        return {_drawable(key): _drawable(value) for key, value in spec.items()}
    return [*map(_drawable, spec)] if isinstance(spec, list | tuple) else spec


def _title(spec: Mapping[str, Any]) -> str:
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, Mapping) else title
    return " ".join(text) if isinstance(text, list) else str(text)
