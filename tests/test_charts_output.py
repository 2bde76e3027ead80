"""How charts appear: the drawing, its names, and the three forms of an output."""

from __future__ import annotations

import base64
import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import altair as alt
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from segcore import charts
from segcore.charts.drawing import UNDRAWN
from segcore.charts.svg import accessible

HOSTILE = '</title><script>alert(1)</script>\x1b\uffff & "more"'
NO_XML = dict.fromkeys((0x1B, 0xFFFF), "\ufffd")
FRAME = pd.DataFrame({"name": ["a", HOSTILE], "customers": [3, 5]})
BARS = (
    alt.Chart(FRAME, description="Customers by name. a 3, b 5")
    .mark_bar(clip=True)
    .encode(x="customers:Q", y="name:N", description="name:N", href="name:N")
)


def test_a_drawing_says_what_it_is_and_every_mark_what_it_means():
    root = ElementTree.fromstring(charts.svg(BARS))
    svg = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Customers by name. a 3, b 5"
    assert [(child.tag, child.text) for child in root[:2]] == [
        (f"{svg}title", "Customers by name"),
        (f"{svg}desc", "a 3, b 5"),
    ]
    marks = [path.findtext(f"{svg}title") for path in root.iter(f"{svg}path") if len(path)]
    assert marks == ["a", '</title><script>alert(1)</script>\ufffd\ufffd & "more"']


def test_a_drawing_runs_nothing_and_asks_for_nothing():
    image = alt.Chart(FRAME).mark_image(url="https://example.com/a.png").encode(x="customers:Q")
    for drawn in (charts.svg(BARS), charts.svg(image)):
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn).iter()}
        assert not tags & {"script", "foreignObject", "image", "a", "style"}
        assert not re.search(r"href|<[^>]* on\w+=|https?://(?!www.w3.org/2000/svg)", drawn)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("customers.html#from=A+b%26&segment=%C3%84", "customers.html#from=A+b%26&segment=%C3%84"),
        ("https://elsewhere.example/a/customers.html#from=A", "customers.html#from=A"),
        ("customers.html", None),
        ("../customers.html#from=A", None),
        ("report.html#from=A", None),
        ("https://elsewhere.example/", None),
        ("https://elsewhere.example/?customers.html#a", None),
        ("javascript:alert(1)//customers.html#a", None),
        ("data:text/html,customers.html#a", None),
        ("//elsewhere.example/x#/customers.html#a", None),
        ('customers.html#"><script>alert(1)</script>', None),
        ("customers.html#a b", None),
        ("customers.html#a\njavascript:b", None),
        (HOSTILE, None),
    ],
)
def test_of_all_links_only_those_to_the_customers_beside_are_kept(link, kept):
    says = HOSTILE.translate(NO_XML)
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    mark = f"<path aria-label={quoteattr(says)} fill='red' d='M0,0h1'/>"
    made = f"<svg {space}><g><a xlink:href={quoteattr(link.translate(NO_XML))}>{mark}</a></g></svg>"
    drawn = accessible(made, title="One bar", description="One bar", key="k")
    root = ElementTree.fromstring(drawn)
    links = [one for one in root.iter() if one.tag.endswith("}a")]
    assert [one.attrib["href"] for one in links] == ([kept] if kept else [])
    assert [one.attrib["aria-label"] for one in links] == [says] * len(links)
    assert drawn.count("href") == len(links)
    # A picture has no parts that somebody can go to; a group has.
    assert root.attrib["role"] == ("group" if kept else "img")


def test_ids_of_one_drawing_are_not_those_of_another():
    first, second = charts.svg(BARS), charts.svg(BARS.properties(width=99))
    ids = [re.findall(r'id="([^"]+)"', drawn) for drawn in (first, second)]
    used = [re.findall(r"url\(#([^)]+)\)", drawn) for drawn in (first, second)]
    assert ids == used
    assert len({*ids[0], *ids[1]}) == 2
    assert charts.svg(BARS) == first


def test_an_output_is_a_picture_a_drawing_and_words():
    data, metadata = charts.bundle(BARS)
    assert list(data) == ["text/html", "image/svg+xml", "text/plain"]
    assert metadata == {}
    assert data["text/plain"] == "Customers by name. a 3, b 5"
    shown = re.fullmatch(
        r'<img alt="Customers by name. a 3, b 5" src="data:image/svg\+xml;base64,([^"]+)" '
        r'width="(\d+)" height="(\d+)">',
        data["text/html"],
    )
    assert shown
    assert base64.b64decode(shown[1]).decode() == data["image/svg+xml"]
    assert f'width="{shown[2]}" height="{shown[3]}"' in data["image/svg+xml"]


def test_two_widths_are_one_output_with_the_narrow_drawing_beside():
    narrow = BARS.properties(width=99)
    data, metadata = charts.TwoWidths(BARS, narrow)._repr_mimebundle_()
    assert data == charts.bundle(BARS)[0]
    assert metadata == {"segcore": {"phone": charts.svg(narrow)}}


def test_html_with_charts_shows_each_at_its_place():
    html = f"<p>{charts.place(1)} &lt;!--chart 0--&gt;</p>{charts.place(0)}"
    data, _ = charts.html_bundle(html, [BARS, BARS.properties(width=99)], "two trends")
    first, second = charts.picture(BARS), charts.picture(BARS.properties(width=99))
    assert data == {
        "text/html": f"<p>{second} &lt;!--chart 0--&gt;</p>{first}",
        "text/plain": "two trends",
    }


@pytest.mark.parametrize("make", [
    lambda: charts.bundle(BARS),
    lambda: charts.bundle(charts.TwoWidths(BARS, BARS.properties(width=99))),
    lambda: charts.html_bundle(f"<p>{charts.place(0)}</p>", [BARS], "one"),
])  # fmt: skip
def test_the_runner_draws_what_a_kernel_would_have_drawn(monkeypatch, make):
    drawn = make()
    monkeypatch.setenv("SEGCORE_CHARTS", "specification")
    data, metadata = json.loads(json.dumps(make()))
    assert set(data) == {UNDRAWN, "text/plain"}
    assert metadata == {}
    ours = {"segcore": {"title": "T"}}
    made, about = charts.complete(data, ours)
    assert made == drawn[0]
    assert about == {"segcore": {"title": "T", **drawn[1].get("segcore", {})}}
    assert charts.complete({"text/plain": "x"}, ours) == ({"text/plain": "x"}, ours)


def test_charts_that_are_off_appear_as_their_words_alone(monkeypatch):
    monkeypatch.setenv("SEGCORE_CHARTS", "off")
    assert charts.TwoWidths(BARS, BARS)._repr_mimebundle_() == (
        {"text/plain": "Customers by name. a 3, b 5"},
        {},
    )
    assert charts.html_bundle("<p></p>", [], "nothing") == ({"text/plain": "nothing"}, {})


def test_an_analyst_s_own_chart_gets_the_look_and_its_title_as_words(monkeypatch):
    notebook = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr("IPython.get_ipython", lambda: notebook)
    charts.enable()
    shown = notebook.display_formatter.format
    own = alt.Chart(FRAME, title=["Mine", "alone"]).mark_bar().encode(x="customers:Q")
    data, _ = shown(own)
    assert data["text/plain"] == "Mine alone"
    assert 'font-family="Liberation Sans, Arial, Helvetica, sans-serif"' in data["image/svg+xml"]
    assert charts.svg(own) == data["image/svg+xml"]
    untitled = alt.Chart(FRAME).mark_bar().encode(x="customers:Q")
    assert shown(untitled)[0]["text/plain"] == "Chart"


def test_own_settings_of_a_chart_are_kept_beside_ours():
    own = BARS.configure_axis(labelFontSize=9).configure_view(stroke="red")
    drawn = charts.svg(own)
    assert 'font-size="9px"' in drawn
    assert 'stroke="red"' in drawn
    assert 'fill="#5C6776"' in drawn
