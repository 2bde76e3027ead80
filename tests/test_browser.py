"""The report and the list of runs in a real browser, opened from disk.

The company has names that no company should have, and the runs are made by the runner with the
notebooks as they are delivered.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from conftest import ROOT
from report_runs import DATES, write_project
from small_browser import SIDEWAYS, WIDTHS, chromium, opened, painted, serious
from small_links import served, walked

from segcore import runner
from segcore.outputs import OUTPUTS, STAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

HOSTILE = {
    "Champions": "</script><script>alert(1)</script>",
    "Rep A": "<script>alert(2)</script>",
    "ACME customers": "ACME <img src=x onerror=alert(3)> & Co customers",
    "call them": "<b onmouseover=alert(4)>call</b>",
    "Needs attention": "datum['x'] + alert(5)",
}
PAPER = 718
"""The width of A4, less its margins."""
DRAWN = "() => document.documentElement.dataset.ready === 'yes'"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("browser")
    study = write_project(root, HOSTILE)
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns("*.ipynb"))
    first, last = (dt.date.fromisoformat(DATES[i]) for i in (0, -1))
    runner.backfill(study, first, last, root=root, options=runner.RunOptions())
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def report_of(project: Path, date: str) -> Path:
    return project / "reports" / "acme" / date / "report.html"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("date", DATES)
def test_a_report_shows_all_its_charts_alone_and_fits(project, browser, date, width):
    with opened(browser, report_of(project, date), width) as seen:
        drawings = seen.page.locator("figure.chart svg:visible").all()
        boxes = [drawing.bounding_box() for drawing in drawings]
        assert len(boxes) == (4 if date == DATES[0] else 7)
        assert all(box and 50 < box["width"] <= width for box in boxes)
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.quiet()


BROKEN = """() => [...document.querySelectorAll('main td')].flatMap(cell => {
  const within = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
  while (within.nextNode()) for (const range of within.currentNode.data.matchAll(/\\d–\\d/g)) {
    const told = document.createRange();
    told.setStart(within.currentNode, range.index);
    told.setEnd(within.currentNode, range.index + 3);
    if (new Set([...told.getClientRects()].map(one => one.top)).size > 1) found.push(cell.textContent);
  }
  return found;
})"""


@pytest.mark.parametrize("width", (*WIDTHS, 320))
def test_no_range_in_a_table_is_broken_in_two(project, browser, width):
    with opened(browser, report_of(project, DATES[-1]), width) as seen:
        assert seen.page.evaluate(BROKEN) == []
        assert seen.page.evaluate(SIDEWAYS) <= 0


def test_notes_on_what_is_as_wide_as_the_page_are_as_wide(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        notes = seen.page.locator(".bd.full + .side").all()
        assert notes and all((note.bounding_box() or {})["width"] == 1056 for note in notes)


@pytest.mark.parametrize(("width", "kind"), [(1280, "wide"), (390, "phone")])
def test_each_width_shows_its_own_charts(project, browser, width, kind):
    with opened(browser, report_of(project, DATES[-1]), width) as seen:
        shown = {name: seen.page.locator(f"figure .{name}:visible").count() for name in ("wide", "phone")}
        assert shown == {"wide": 0, "phone": 0, kind: 3}


def test_a_mark_tells_its_numbers_when_a_pointer_rests_on_it(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        titles = seen.page.locator("#moves .wide svg path > title").all_text_contents()
        assert "4 customers from Loyal to Lost" in [title.replace("\u00a0", " ") for title in titles]


def test_the_numbers_of_a_chart_are_one_click_away(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        table = seen.page.locator("#runs details table").first
        assert table.is_hidden()
        seen.page.locator("#runs summary").first.click()
        assert table.is_visible()
        assert "19 February 2025" in table.inner_text()


def test_a_report_has_no_script_and_is_small(project):
    page = report_of(project, DATES[-1])
    assert "<script" not in page.read_text(encoding="utf-8")
    assert page.stat().st_size < 350_000


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report", "index"])
def test_axe_finds_nothing_serious(project, browser, name, width):
    page = report_of(project, DATES[-1]) if name == "report" else project / "reports" / "index.html"
    with opened(browser, page, width, bypass_csp=True) as seen:
        for summary in seen.page.locator("summary").all():
            summary.click()
        assert serious(seen) == []


def test_on_paper_nothing_is_too_wide(project, browser):
    with opened(browser, report_of(project, DATES[-1]), PAPER) as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator("figure .wide:visible").count() == 3
        assert seen.page.locator("figure .phone:visible").count() == 0
        assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_on_paper_axe_finds_nothing_serious(project, browser):
    report = report_of(project, DATES[-1])
    notebooks = sorted((report.parent / "notebooks").glob("*.html"))
    assert len(notebooks) == len(STAGES)
    for page in (report, project / "reports" / "index.html", *notebooks):
        with opened(browser, page, PAPER, bypass_csp=True) as seen:
            seen.page.emulate_media(media="print")
            assert serious(seen) == [], page.name


TABLES = """() => [...document.querySelectorAll('main table')].filter(one => one.offsetParent).map(one =>
  [Math.max(...[...one.rows].map(row => row.cells.length)), one.getBoundingClientRect().right])"""


def test_on_paper_the_widest_table_of_the_demo_is_not_too_wide(small_demo, browser):
    pages = small_demo / "reports" / "demo"
    with opened(browser, max(pages.glob("*/report.html")), PAPER) as seen:
        seen.page.emulate_media(media="print")
        tables = seen.page.evaluate(TABLES)
        assert max(columns for columns, _ in tables) >= 11
        assert max(right for _, right in tables) <= PAPER
        assert seen.page.evaluate(SIDEWAYS) <= 0


def test_hostile_names_are_read_and_not_run(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        text = seen.page.inner_text("main")
        for name in (
            "</script><script>alert(1)</script>",
            "<script>alert(2)</script>",
            "onmouseover=alert(4)",
        ):
            assert name in text
        assert "ACME <img src=x onerror=alert(3)> & Co" in seen.page.inner_text("h1")
        assert "</script><script" in (seen.page.locator("#moves .wide svg").text_content() or "")
        assert seen.page.title().startswith("Customer segments: ACME <img src=x")
        assert seen.quiet()


def test_what_is_injected_all_the_same_neither_runs_nor_asks_anybody(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        seen.page.evaluate(
            "() => { const s = document.createElement('script'); s.textContent = 'window.foreign = 1';"
            " document.body.append(s);"
            " document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.foreign = 2\">'); }"
        )
        asked = seen.page.evaluate("() => fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')")
        assert asked == "refused"
        assert seen.page.evaluate("() => window.foreign") is None
        assert len([line for line in seen.said if "Content Security Policy" in line]) >= 3


def test_every_report_leads_to_what_belongs_to_it(project, browser):
    for place, date in enumerate(DATES):
        page = report_of(project, date)
        with opened(browser, page) as seen:
            links = [link.get_attribute("href") for link in seen.page.locator(".go a").all()]
        before = [f"../{DATES[place - 1]}/report.html"] if place else []
        notebooks = [f"notebooks/{name}.html" for name in ("ingest", "segment", "transitions", "report")]
        beside = [path.name for path in page.parent.iterdir() if path.is_file() and path != page]
        assert links[len(beside) :] == [*before, "../../index.html#acme", *notebooks]
        assert sorted(links[: len(beside)]) == sorted(beside)


def test_every_link_of_every_page_leads_somewhere_on_a_share_and_on_a_server(project, tmp_path):
    odd = "Segmente #1 & 50 %"
    share = shutil.copytree(project / "reports", tmp_path / odd / "reports")
    with served(tmp_path, "a share/of") as url:
        for index in (
            (share / "index.html").as_uri(),
            f"{url}{quote('Segmente #1 & 50 %')}/reports/index.html",
        ):
            pages, lost = walked(index)
            assert lost == []
            kinds = Counter(re.sub(r".*/reports/(acme/[^/]+/)?", "", page) for page in pages)
            assert {name: kinds[name] for name in OUTPUTS} == dict.fromkeys(OUTPUTS, len(DATES))
            assert kinds["index.html"] == 1
            inside = index.removesuffix("index.html")
            assert [page for page in pages if not page.startswith(inside)] == []


def test_in_the_folder_of_a_run_its_own_files_lead_to_each_other(project):
    report = project / "runs" / "acme" / DATES[-1] / "report"
    pages, lost = walked((report / "report.html").as_uri())
    own = f"{report.as_uri()}/"
    assert [page for page in lost if page.startswith(own)] == []
    files = {path.relative_to(report).as_posix() for path in report.rglob("*") if path.is_file()}
    assert {page.removeprefix(own) for page in pages if page.startswith(own)} == files


def test_a_server_s_pages_ask_for_nothing_but_themselves(project, browser):
    with served(project / "reports", "any path") as url, opened(browser, f"{url}index.html") as seen:
        seen.page.click(f'a[href="acme/{DATES[-1]}/report.html"]')
        seen.page.locator("#moves svg:visible a").first.focus()
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
        assert "customers.html#from=" in seen.page.url
        seen.page.go_back()
        seen.page.click('.go a[href="notebooks/segment.html"]')
        assert seen.page.inner_text("h1").startswith("Segment:")
        seen.page.click('a[href="../report.html"]')
        seen.page.click('.go a[href="../../index.html#acme"]')
        assert seen.page.locator("section#acme:target").count() == 1
        assert [asked for asked in seen.requests if not asked.startswith(url)] == []
        assert seen.said == []


def test_counts_bands_and_nodes_lead_to_these_customers(project, browser):
    page = report_of(project, DATES[-1])
    with opened(browser, page) as seen:
        links = seen.page.locator('a[href^="customers.html#"]').all()
        told = [(link.get_attribute("href"), link.text_content().replace(",", "")) for link in links]
        counted = {href: re.fullmatch(r"(?:.*: )?(\d+)\b[^:]*", text)[1] for href, text in told}
        assert len(counted) > 10
        for href, number in counted.items():
            seen.page.goto(f"{page.parent.as_uri()}/{href}")
            seen.page.reload()
            seen.page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
            said = seen.page.inner_text("#says").replace(",", "")
            assert said.startswith((f"{number} of ", "All ")) and f" {number} " in f" {said}", href


def test_bands_say_where_they_lead_and_show_where_the_focus_is(project, browser):
    for width, kind in ((1280, "wide"), (390, "phone")):
        with opened(browser, report_of(project, DATES[-1]), width) as seen:
            links = seen.page.locator(f"#moves .{kind} svg a")
            assert seen.page.locator(f"#moves .{kind} svg").get_attribute("role") == "group"
            labels = [link.get_attribute("aria-label").replace("\u00a0", " ") for link in links.all()]
            assert "4 customers from Loyal to Lost" in labels
            assert [label for label in labels if not re.search(r"\d+ customers?", label)] == []
            seen.page.keyboard.press("Tab")
            links.last.focus()
            style = "one => getComputedStyle(one.firstElementChild).strokeWidth"
            assert [one.evaluate(style) for one in (links.last, links.first)] == ["3px", "0.75px"]


@pytest.mark.parametrize("name", STAGES)
def test_notebooks_are_read_on_a_phone(project, browser, name):
    page = report_of(project, DATES[-1]).parent / "notebooks" / f"{name}.html"
    with opened(browser, page, 360, bypass_csp=True) as seen:
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator("pre.code").count() > 5
        assert seen.page.locator("table").count() > 3
        assert seen.quiet()
        assert serious(seen) == []
    assert "<script" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", (*WIDTHS, 320))
def test_the_list_of_runs_leads_to_each_report(project, browser, width):
    with opened(browser, project / "reports" / "index.html", width) as seen:
        links = seen.page.locator("th a")
        assert [link.get_attribute("href") for link in links.all()] == [
            f"acme/{date}/report.html" for date in reversed(DATES)
        ]
        assert seen.page.evaluate(SIDEWAYS) <= 0
        for name in ("customers.html", "slides.pptx"):  # on phones, too
            assert seen.page.locator(f".files a:visible:text-is('{name}')").count() == len(DATES)
        assert (seen.page.locator(".study").bounding_box() or {})["x"] >= 16
        links.first.click()
        assert "segments on 20 May 2025" in seen.page.inner_text("h1").replace("\u00a0", " ")
        assert seen.quiet()


def dashboard_of(project: Path) -> Path:
    return project / "reports" / "acme" / "dashboard.html"


@pytest.mark.parametrize("width", (*WIDTHS, 360))
def test_the_dashboard_draws_its_charts_alone_and_fits(project, browser, width):
    with opened(browser, dashboard_of(project), width) as seen:
        seen.page.wait_for_function(DRAWN)
        boxes = [drawing.bounding_box() for drawing in seen.page.locator("figure.drawn svg").all()]
        assert len(boxes) == 5
        assert all(box and 200 < box["width"] <= width for box in boxes)
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator("section table:visible").count() == 2
        assert seen.quiet()


@pytest.mark.parametrize("width", (1280, 390))
def test_the_words_of_small_charts_neither_touch_nor_are_cut(project, browser, width):
    with opened(browser, dashboard_of(project), width) as seen:
        seen.page.wait_for_function(DRAWN)
        texts = seen.page.locator("#chart-sizes svg text").all()
        boxes = [(text.bounding_box(), text.text_content()) for text in texts if text.text_content()]
        for place, (one, told) in enumerate(boxes):
            for other, also in boxes[:place]:
                beside = (
                    one["x"] + one["width"] + 2 < other["x"] or other["x"] + other["width"] + 2 < one["x"]
                )
                over = (
                    one["y"] + one["height"] < other["y"] + 3 or other["y"] + other["height"] < one["y"] + 3
                )
                assert beside or over, (told, also)
        assert {"Loyal", "Lost"} <= {told for _, told in boxes}


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious_in_the_dashboard(project, browser, width):
    with opened(browser, dashboard_of(project), width, bypass_csp=True) as seen:
        seen.page.wait_for_function(DRAWN)
        assert serious(seen) == []
        for summary in seen.page.locator("summary").all():
            summary.click()
        assert serious(seen) == []


def test_on_paper_the_dashboard_is_not_too_wide_and_axe_finds_nothing_serious(project, browser):
    with opened(browser, dashboard_of(project), PAPER, bypass_csp=True) as seen:
        seen.page.wait_for_function(DRAWN)
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator(".controls:visible").count() == 0
        assert serious(seen) == []


def test_hostile_names_are_read_in_the_dashboard_and_not_run(project, browser):
    with opened(browser, dashboard_of(project)) as seen:
        seen.page.wait_for_function(DRAWN)
        for name in (HOSTILE["Champions"], HOSTILE["Needs attention"]):
            assert seen.page.locator("#went tbody th", has_text=name).count() == 1
            assert name[:16] in seen.page.locator("#chart-compare svg").text_content()
            says = seen.page.locator("#chart-sizes svg path").evaluate_all(
                "all => all.map(one => one.getAttribute('aria-label'))"
            )
            assert len([one for one in says if one and one.startswith(f"{name}, ")]) == len(DATES)
        seen.page.locator("#chart-sizes svg path[aria-label*='alert(1)']").first.hover()
        assert seen.page.inner_text(".tip").startswith(f"{HOSTILE['Champions']}, ")
        assert "ACME <img src=x" in seen.page.inner_text("h1")
        assert seen.page.locator("main img, main b script, .tip *").count() == 0
        assert seen.quiet()


def test_any_two_runs_stand_beside_each_other_on_the_same_scale(project, browser):
    with opened(browser, dashboard_of(project)) as seen:
        seen.page.wait_for_function(DRAWN)
        ticks = "#chart-compare svg .role-axis-label text"
        scale = seen.page.locator(ticks).all_text_contents()
        assert len(scale) > 2
        seen.page.get_by_label("Earlier run").select_option(label="19 February 2025")
        said = seen.page.inner_text("#told")
        assert said.startswith("On 20 May 2025 there were ") and "than on 19 February 2025" in said
        heads = seen.page.locator("#figures thead th").all_inner_texts()
        assert heads == ["Figure", "19 February 2025", "20 May 2025", "Difference"]
        seen.page.get_by_label("Later run").select_option(label="19 February 2025")
        chosen = [seen.page.locator(f"#{name} option:checked").inner_text() for name in ("first", "second")]
        assert chosen == ["19 February 2025", "5 April 2025"]
        table = seen.page.locator("#went tbody tr td:last-child").all_inner_texts()
        sizes = [
            row.split(" (")[0]
            for row in seen.page.locator("#figures tbody td:nth-child(2)").all_inner_texts()
        ]
        assert table[:4] == sizes[:4]
        assert seen.page.locator(ticks).all_text_contents() == scale
        assert seen.quiet()


def test_the_dashboard_shows_shares_and_values_on_demand(project, browser):
    with opened(browser, dashboard_of(project)) as seen:
        seen.page.wait_for_function(DRAWN)
        seen.page.get_by_label("Show").select_option(label="Share of all")
        seen.page.wait_for_function(
            "() => document.querySelector('#chart-sizes svg').textContent.includes('%')"
        )
        assert seen.quiet()


def test_without_scripts_the_dashboard_has_its_tables(project, browser):
    with opened(browser, dashboard_of(project), java_script_enabled=False) as seen:
        assert seen.page.locator("section table:visible").count() == 4
        assert seen.page.locator("noscript .warn:visible").inner_text() == (
            "The charts need a script, which this browser does not run; the tables show the same numbers."
        )
        assert seen.page.locator("figure:visible, select:visible").count() == 0
        assert seen.quiet()


def test_the_dashboard_is_painted_within_a_second_and_is_small(project, browser):
    assert dashboard_of(project).stat().st_size < 1_500_000
    with opened(browser, dashboard_of(project)) as seen:
        seen.page.wait_for_function(DRAWN)
        assert painted(seen) < 1000


def test_the_report_is_painted_within_a_second(project, browser):
    with opened(browser, report_of(project, DATES[-1])) as seen:
        assert painted(seen) < 1000
