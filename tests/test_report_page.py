"""The page: only what the notebook put out, whole, self-contained, and safe whatever the names are."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_runs import write_notebook
from small_charts import COLOURS, MOVES

from segcore import charts
from segcore.errors import StageError
from segcore.report import bundle
from segcore.report.fragment import Fragment, as_json, bold, figure, fragment, styles
from segcore.report.html import css_text, render

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
HEAD = fragment("head", anchor="s1", number="1", label="Segments", finding="One finding")
SIDE = fragment("side", notes=["**How** to read."])
TEXT = fragment("text", text="Text.")


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.scripts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "report.html"


def rendered(out: Path, *cells: list[object], title: str = "ACME") -> str:
    notebook = write_notebook(out.parent.parent / "report.ipynb", *cells)
    render(notebook, out, title=title)
    return out.read_text(encoding="utf-8")


def test_the_page_has_what_the_notebook_put_out_and_no_code(out):
    page = rendered(out, [styles(COLOURS)], [HEAD, TEXT, SIDE])
    assert "SECRET CODE" not in page
    assert "<h2>One finding</h2>" in page
    assert '<section>\n<div class="sg head" id="s1">' in page
    assert re.search(
        r'</div>\s*<div class="sg side" role="note">\n<p><b>How</b> to read\.</p>\n</div>\s*</section>', page
    )
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")


def test_streams_and_errors_are_not_in_the_page(out):
    notebook = write_notebook(out.parent.parent / "report.ipynb", [TEXT])
    node = json.loads(notebook.read_text())
    node["cells"][0]["outputs"].insert(
        0, {"output_type": "stream", "name": "stdout", "text": "SECRET STREAM"}
    )
    notebook.write_text(json.dumps(node))
    render(notebook, out, title="ACME")
    assert "SECRET STREAM" not in out.read_text()


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
    notebook = write_notebook(out.parent.parent / "report.ipynb", [])
    node = json.loads(notebook.read_text())
    node["cells"][0]["outputs"] = outputs
    notebook.write_text(json.dumps(node))
    with pytest.raises(StageError) as caught:
        render(notebook, out, title="ACME")
    assert caught.value.problems == (
        f"{notebook}: must be an executed report notebook (it {what}); "
        "open it, mend the cell and make the run again",
    )
    assert not out.exists()


def test_the_policy_lets_only_the_page_s_own_script_run(out):
    page = rendered(out, [TEXT])
    policy = Elements(page).named("meta")[1]["content"]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}' 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_in_the_page_points_to_a_network(out):
    page = rendered(out, [styles(COLOURS)], [charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar"))])
    elements = Elements(page)
    sources = [a.get("src") or a.get("href") for _, a in elements.found if "src" in a or "href" in a]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not elements.named("link")
    assert not re.search(r"url\(|@import", page)


def test_a_chart_keeps_its_picture_beside_both_specifications(out):
    page = rendered(out, [charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar"))])
    elements = Elements(page)
    assert [a["class"] for a in elements.named("figure")] == ["chart wide", "chart phone"]
    assert [(a["width"], a["height"]) for a in elements.named("img")] == [("720", "292")]
    specs = [json.loads(text) for text in elements.scripts if text.startswith("{")]
    assert [spec["width"] for spec in specs] == [720, 358]
    assert elements.named("img")[0]["alt"] == "Flows of customers between segments from 14 Feb to 31 Mar"


def test_a_figure_can_stand_within_a_fragment():
    html = figure(charts.sparkline([1, 2], says="Customers over 2 runs"))
    assert html.startswith('<figure class="chart" role="img" aria-label="Customers over 2 runs">')
    assert html.endswith("</figure>")


def test_a_figure_that_is_off_leaves_its_words_escaped(monkeypatch):
    monkeypatch.setenv("SEGCORE_CHARTS", "off")
    html = figure(charts.sparkline([1, 2], says="Customers <1> & 2"))
    assert html == "<p>Customers &lt;1&gt; &amp; 2</p>"


def test_the_scripts_are_packed_into_the_page(out):
    page = rendered(out, [TEXT])
    packed = re.search(r'<script type="text/plain" id="vega">(.*?)</script>', page)[1]
    script = gzip.decompress(base64.b64decode(packed))
    assert re.search(rb"window\.vegaEmbed=[\w$]+;$", script)
    assert 380_000 < len(page) < 450_000


def test_hostile_names_stay_text_everywhere(out):
    hostile = MOVES.replace({"Champions": HOSTILE})
    pieces = [
        fragment("head", anchor="s1", number="1", label=HOSTILE, finding=f"**{HOSTILE}**"),
        fragment("text", text=HOSTILE),
        charts.flow(hostile, COLOURS, ("14 Feb", "31 Mar")),
        {"text/plain": HOSTILE},
        fragment("side", notes=[HOSTILE]),
    ]
    page = rendered(out, pieces, title=HOSTILE)
    assert "<script>alert" not in page
    elements = Elements(page)
    assert [a for a in elements.named("img") if "onerror" in a] == []
    specs = [json.loads(text) for text in elements.scripts if text.startswith("{")]
    assert HOSTILE in json.dumps(specs[0], ensure_ascii=False)


def test_json_cannot_end_the_script_that_holds_it():
    text = as_json({"b": "</script><!--\u2028", "a": "&"})
    assert text == '{"a":"\\u0026","b":"\\u003c/script\\u003e\\u003c!--\\u2028"}'
    assert json.loads(text) == {"b": "</script><!--\u2028", "a": "&"}


def test_bold_words_are_escaped_first_and_numbers_keep_their_noun():
    assert bold("**3 customers** & <b>more</b>") == "<b>3\u00a0customers</b> &amp; &lt;b&gt;more&lt;/b&gt;"
    assert bold("14 February 2026, 3 or 4") == "14\u00a0February 2026, 3\u00a0or 4"


def test_a_title_cannot_end_the_style_that_prints_it(out):
    assert css_text('a"}</style>') == "a\\22 \\7d \\3c \\2f style\\3e "
    page = rendered(out, [TEXT], title='ACME "}</style><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert len(re.findall("</style>", page)) == 1


def test_outputs_of_other_kinds_are_shown_as_they_are(out):
    page = rendered(
        out,
        [{"text/html": "<table><tr><td>a frame</td></tr></table>", "text/plain": "x"}],
        [{"image/png": "iVBORw0KGgo=\n", "text/plain": "x"}],
        [{"text/plain": "only <text>"}],
    )
    assert '<div class="sg other"><table><tr><td>a frame</td></tr></table></div>' in page
    assert '<img alt="" src="data:image/png;base64,iVBORw0KGgo=">' in page
    assert '<pre class="plain">only &lt;text&gt;</pre>' in page
    assert page.count('<section class="cont">') == 3


def test_header_and_footer_stand_outside_of_sections(out):
    top = Fragment("top", '<header class="sg top">TOP</header>')
    foot = Fragment("foot", '<footer class="sg foot">FOOT</footer>')
    page = rendered(out, [styles(COLOURS), top], [TEXT], [foot])
    assert re.search(r'<main>\s*<header class="sg top">TOP</header>\s*<section', page)
    assert re.search(r'</section>\s*<footer class="sg foot">FOOT</footer>\s*</main>', page)
    assert page.index("<style>\n/* The pieces") < page.index("</head>")


def test_the_same_notebook_gives_the_same_page(out, tmp_path):
    cells = [[styles(COLOURS), HEAD, charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar"))]]
    assert rendered(out, *cells) == rendered(tmp_path / "again" / "reports" / "report.html", *cells)
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]


@pytest.mark.slow
def test_the_packed_scripts_are_made_once_and_made_again_if_damaged(tmp_path, monkeypatch):
    wanted = bundle.packed()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    bundle.packed.cache_clear()
    assert bundle.packed() == wanted
    kept = bundle.cache()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    kept.write_bytes(kept.read_bytes()[:-3])
    bundle.packed.cache_clear()
    assert bundle.packed() == wanted
    assert base64.b64encode(kept.read_bytes()).decode() == wanted


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch):
    wanted = bundle.packed()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    bundle.packed.cache_clear()
    assert bundle.packed() == wanted
