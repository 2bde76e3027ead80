"""Executed notebooks as pages: code and outputs as they are, and nothing in them that does anything."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

from segcore import language
from segcore.report import executed

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def code(source: str, *outputs: dict, number: int | None = 1) -> dict:
    made = {"cell_type": "code", "metadata": {}, "source": [source], "outputs": [*outputs]}
    return {**made, "execution_count": number}


def text(source: str, kind: str = "markdown", **metadata: object) -> dict:
    return {"cell_type": kind, "metadata": metadata, "source": source}


def shown(data: dict, **place: str) -> dict:
    metadata = {"segcore": place} if place else {}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def printed(words: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": [words]}


@pytest.fixture
def page(tmp_path: Path):
    def made(*cells: dict, name: str = "segment") -> str:
        path, out = tmp_path / f"{name}.ipynb", tmp_path / "report" / "notebooks" / f"{name}.html"
        path.write_text(json.dumps({"cells": [*cells]}), encoding="utf-8")
        executed.render(path, out, of="ACME <b>, 2025-03-01")
        return out.read_text(encoding="utf-8")

    return made


def body(html: str) -> str:
    """What is below the head of the page, from the first cell on."""
    return html.partition("</header>\n")[2].partition("</main>")[0]


def test_the_page_has_the_title_of_the_notebook_and_leads_to_the_report_and_the_others(page):
    html = page(text("---\nformat: html\n---", "raw", tags=["front-matter"]), text("# Who & where <i>"))
    assert "<title>Who &amp; where &lt;i&gt;, ACME &lt;b&gt;, 2025-03-01</title>" in html
    assert "<h1>Who &amp; where &lt;i&gt;</h1>" in html
    assert re.findall(r'<a href="([^"]+)"([^>]*)>([^<]+)</a>', html) == [
        ("../report.html", "", "Back to the report"),
        ("ingest.html", "", "ingest"),
        ("segment.html", ' aria-current="page"', "segment"),
        ("transitions.html", "", "transitions"),
        ("report.html", "", "report"),
    ]
    assert body(html).strip() == ""
    assert "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:" in html


def test_a_notebook_without_a_title_is_called_by_its_name(page):
    assert "<h1>transitions</h1>" in page(code("1"), name="transitions")


def test_code_stands_as_it_ran_with_its_number_and_what_it_printed(page):
    html = body(page(code("a = '<b>'  # why", printed("one\n"), printed("two <3\n"), number=7)))
    assert '<p class="sg no">Cell 7</p>' in html
    shown = " ".join(unescape(re.sub("<[^>]+>", "", html)).split())
    assert shown == "Cell 7 a = '<b>' # why one two <3"
    assert '<span class="c1"># why</span>' in html
    assert "Cell –" in page(code("never run", number=None))


def test_colours_of_a_terminal_are_classes_and_no_control_characters(page):
    html = body(page(code("x", printed("\x1b[31mred\x1b[0m & plain\n", "stderr"))))
    assert '<pre class="plain err"><span class="ansi-red-fg">red</span> &amp; plain</pre>' in html
    assert "\x1b" not in html


def test_an_error_that_was_shown_is_readable(page):
    error = {"output_type": "error", "ename": "E", "evalue": EVIL, "traceback": ["\x1b[0;31mE\x1b[0m", EVIL]}
    assert f"E</span>\n{EVIL.replace('<', '&lt;').replace('>', '&gt;')}</pre>" in body(page(code("x", error)))


def test_a_table_of_an_analyst_is_cleaned_and_scrolls_by_key(page):
    table = f"<style>td{{}}</style><table class='dataframe'><tr><td onclick='x()'>{EVIL}</td></tr></table>"
    html = body(page(code("x", shown({"text/html": table, "text/plain": "t"}))))
    assert '<div class="sg other" role="group" tabindex="0">' in html
    assert "<td></td>" in html and "<img" not in html


@pytest.mark.parametrize(
    "source", ["x", "http://127.0.0.1/a.png", "//a.example/a", "data:text/html,x", "file:///a.png"]
)
def test_of_the_pictures_of_an_analyst_only_those_within_the_page_are_left(page, source):
    own = '<img alt="own &gt;" src="data:image/png;base64,iVBORw0KGgo=">'
    told = f'<p>before<img alt="a > b" src="{source}">after {own} <a href="data:text/html,x">link</a></p>'
    html = body(page(code("x", shown({"text/html": told})), text(told)))
    assert html.count("beforeafter") == html.count(own) == html.count("<img") == 2
    assert f'src="{source}' not in html and "data:text" not in html


def test_pieces_of_the_report_lead_to_the_files_beside_the_report(page):
    piece = (
        '<p class="sg"><a href="customers.html#to=A">1</a> <a href="#a">2</a> <a href="https://a">3</a></p>'
    )
    drawing = '<svg><a href="customers.html#from=B"><path/></a><title>&lt;a href="x"</title></svg>'
    html = body(
        page(
            code("x", shown({"text/html": piece}, role="body")),
            code("y", shown({"image/svg+xml": drawing}, role="body", phone=drawing)),
            name="report",
        )
    )
    links = ["../customers.html#to=A", "#a", "https://a", *["../customers.html#from=B"] * 2]
    assert re.findall('<a href="([^"]+)', html) == links
    assert html.count('&lt;a href="x"') == 2


def test_a_drawing_of_somebody_else_is_only_a_picture(page):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    html = body(page(code("x", shown({"image/svg+xml": drawing, "text/plain": f'"{EVIL}'}))))
    assert 'src="data:image/svg+xml;base64,' in html
    assert "<script" not in html


def test_texts_of_analysts_are_markdown_in_which_nothing_is_active(page):
    told = f"## Why *so*\n\n[web](https://a.example) [file](../x.md) [js](javascript:alert(1)) {EVIL}\n\n$6 |"
    html = body(page(text("# T"), text(told), code("x", shown({"text/markdown": f"**b** {EVIL}"}))))
    assert "<h2>Why <em>so</em></h2>" in html
    assert re.findall("<a[^>]*>", html) == [
        '<a href="https://a.example" rel="noopener noreferrer">',
        '<a rel="noopener noreferrer">',
        '<a rel="noopener noreferrer">',
    ]
    assert "<strong>b</strong>" in html
    for active in ("<script", "onerror", "javascript", 'src="x"'):
        assert active not in html


def test_the_page_speaks_the_language_of_the_study(page):
    with language.spoken("de"):
        html = page(code("x"))
    assert '<html lang="de">' in html
    assert "Zurück zum Bericht" in html
    assert "Zelle 1" in html


def test_the_same_notebook_gives_the_same_bytes(page):
    cells = (text("# T\n"), code("x = 1", printed("a\n"), shown({"text/plain": "p"})))
    assert page(*cells) == page(*cells)
