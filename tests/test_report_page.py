"""The page: only what the notebook put out, whole, without any script, and safe whatever the names are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from report_runs import write_notebook
from small_charts import COLOURS, DATES, MOVES

from segcore import charts
from segcore.errors import StageError
from segcore.report.page import css_text, render
from segcore.report.parts import Cell, Part, Table, bold, chart, finding, fragment, note, styles, text

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "report.html"


def placed(part: Part, section: str = "moves", title: str = "Who moved") -> dict[str, Any]:
    """A piece as the output that a cell has of it."""
    place = {"section": section, "title": title, "role": part.role}
    metadata = {**part.metadata, "segcore": {**part.metadata.get("segcore", {}), **place}}
    return {"output_type": "display_data", "data": dict(part.data), "metadata": metadata}


def other(data: dict[str, str]) -> dict[str, Any]:
    """An output that an analyst's own cell has."""
    return {"output_type": "display_data", "data": data, "metadata": {}}


def rendered(out: Path, *cells: list[dict[str, Any]], title: str = "ACME") -> str:
    render(write_notebook(out.parent.parent / "report.ipynb", *cells), out, title=title)
    return out.read_text(encoding="utf-8")


def flow(matrix: Any = MOVES) -> Part:
    """The flow in both widths."""
    return chart(
        charts.TwoWidths(*(charts.flow(matrix, COLOURS, DATES, phone=phone) for phone in (False, True)))
    )


def test_the_page_has_what_the_notebook_put_out_and_no_code(out):
    parts = [finding("One finding"), text("Text."), note("**How** to read.")]
    page = rendered(out, [placed(styles(COLOURS), "top", "")], [placed(part) for part in parts])
    assert "SECRET CODE" not in page
    assert re.search(
        r'<section id="moves">\s*<div class="sg head"><p class="eb">1&ensp;Who moved</p>\s*'
        r'<h2 class="sg finding">One finding</h2>\s*</div>\s*<div class="bd">\s*<div class="sg body">\s*'
        r'<p class="say">Text\.</p>\s*</div>\s*</div>\s*<div class="sg side" role="note">\s*'
        r"<p><b>How</b> to read\.</p>\s*</div>\s*</section>",
        page,
    )
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")


def test_sections_are_numbered_in_the_order_of_the_notebook(out):
    page = rendered(
        out,
        [placed(fragment("loose", "text", paragraphs=["Top."]), "top", "")],
        [placed(finding("B"), "b", "Second first")],
        [placed(finding("A"), "a", "First second")],
    )
    assert re.findall(r'<p class="eb">(.*?)</p>', page) == ["1&ensp;Second first", "2&ensp;First second"]


def test_a_note_ends_a_row(out):
    parts = [text("A."), note("Of A."), text("B."), note("Of B."), text("C.")]
    page = rendered(out, [placed(part) for part in parts])
    assert re.findall(r'<div class="bd">|(?:A|B|C)\.', page) == [
        '<div class="bd">', "A.", "A.", '<div class="bd">', "B.", "B.", '<div class="bd">', "C.",
    ]  # fmt: skip


def test_streams_and_errors_are_not_in_the_page(out):
    stream = {"output_type": "stream", "name": "stdout", "text": "SECRET STREAM"}
    assert "SECRET STREAM" not in rendered(out, [stream, placed(text("Text."))])


@pytest.mark.parametrize(
    ("outputs", "what"),
    [
        (
            [{"output_type": "error", "ename": "E", "evalue": "", "traceback": ["SECRET ROW"]}],
            "stopped with an error",
        ),
        ([], "put out nothing"),
    ],
)
def test_a_failed_or_empty_notebook_gives_no_page(out, outputs, what):
    notebook = write_notebook(out.parent.parent / "report.ipynb", outputs)
    with pytest.raises(StageError) as caught:
        render(notebook, out, title="ACME")
    assert caught.value.problems == (
        f"{notebook}: must be an executed report notebook (it {what}); "
        "open it, mend the cell and make the run again",
    )
    assert not out.exists()


def test_the_policy_lets_nothing_run_and_nothing_be_asked_for(out):
    page = rendered(out, [placed(styles(COLOURS), "top", ""), placed(flow())])
    elements = Elements(page)
    assert elements.named("meta")[1]["content"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not elements.named("script") + elements.named("link") + elements.named("iframe")
    sources = [
        a.get("src") or a.get("href") for _, a in elements.found if {"src", "href", "xlink:href"} & set(a)
    ]
    assert all(source and source.startswith(("data:image/", "#")) for source in sources)
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]
    assert not re.search(r"url\((?!#)|@import", page)


def test_a_chart_stands_in_the_page_in_both_widths(out):
    elements = Elements(rendered(out, [placed(flow())]))
    assert [a["viewbox"].split()[2] for a in elements.named("svg")] == ["720", "358"]
    names = [attrs.get("id") for _, attrs in elements.found if attrs.get("id")]
    assert len(names) == len(set(names))


def test_charts_that_are_off_leave_their_words_escaped(out, monkeypatch):
    monkeypatch.setenv("SEGCORE_CHARTS", "off")
    page = rendered(out, [placed(flow(MOVES.replace({"Champions": "<b>"})))])
    assert "<svg" not in page
    assert '<pre class="plain">' in page


def test_hostile_names_stay_text_everywhere(out):
    table = Table([Cell(HOSTILE)], [[Cell(HOSTILE, HOSTILE)]], HOSTILE, f"**{HOSTILE}**")
    parts = [
        finding(f"**{HOSTILE}**"),
        text(HOSTILE),
        flow(MOVES.replace({"Champions": HOSTILE})),
        table.part(),
        table.behind(HOSTILE),
        note(HOSTILE),
    ]
    cells = [placed(part, "moves", HOSTILE) for part in parts]
    page = rendered(out, [*cells, other({"text/plain": HOSTILE})], title=HOSTILE)
    elements = Elements(page)
    assert not elements.named("script")
    assert [a for a in elements.named("img") if "onerror" in a] == []
    assert page.count("&lt;script&gt;alert(1)") > 10


def test_bold_words_are_escaped_first_and_numbers_keep_their_noun():
    assert bold("**3 customers** & <b>more</b>") == "<b>3\u00a0customers</b> &amp; &lt;b&gt;more&lt;/b&gt;"
    assert bold("14 February 2026, 3 or 4") == "14\u00a0February 2026, 3\u00a0or 4"


def test_a_title_cannot_end_the_style_that_prints_it(out):
    assert css_text('a"}</style>') == "a\\22 \\7d \\3c \\2f style\\3e "
    page = rendered(out, [placed(text("Text."))], title='ACME "}</style><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert len(re.findall("</style>", page)) == 1


def test_outputs_of_an_analyst_s_own_cells_are_shown_as_they_are(out):
    page = rendered(
        out,
        [placed(finding("One"))],
        [other({"text/html": "<table><tr><td>a frame</td></tr></table>", "text/plain": "x"})],
        [other({"image/png": "iVBORw0KGgo=\n", "text/plain": "a picture"})],
        [other({"image/svg+xml": "<svg><script>alert(1)</script></svg>", "text/plain": "a drawing"})],
        [other({"text/plain": "only <text>"})],
    )
    assert '<div class="sg other"><table><tbody><tr><td>a frame</td></tr></tbody></table></div>' in page
    assert '<img alt="a picture" src="data:image/png;base64,iVBORw0KGgo=">' in page
    assert '<img alt="a drawing" src="data:image/svg+xml;base64,' in page
    assert '<pre class="plain">only &lt;text&gt;</pre>' in page
    assert page.count("<section") == 1
    assert not Elements(page).named("script")


def test_what_an_analyst_s_own_cell_shows_unescaped_hides_and_runs_nothing(out):
    """pandas' Styler does not escape names."""
    name = "<style>.warn{display:none}</style><meta http-equiv=refresh content='0;url=x'><b onclick=a()>K</b>"
    frame = other({"text/html": f"<table><tr><td>{name}</td></tr></table>"})
    page = rendered(out, [placed(finding("One"))], [frame])
    elements = Elements(page)
    assert "<td><b>K</b></td>" in page
    assert len(elements.named("style")) == 1 and not [m for m in elements.named("meta") if "url=x" in str(m)]
    assert not [attrs for _, attrs in elements.found if "onclick" in attrs]


def test_the_same_notebook_gives_the_same_page(out, tmp_path):
    cells = [[placed(styles(COLOURS), "top", ""), placed(finding("One")), placed(flow())]]
    assert rendered(out, *cells) == rendered(tmp_path / "again" / "reports" / "report.html", *cells)
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
