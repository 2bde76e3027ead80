"""The report and the list of runs in a real browser, opened from disk.

The company has names that no company should have, and the runs are made by the runner with the
notebooks as they are delivered.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from report_runs import DATES, write_project

from segcore import runner

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

HOSTILE = {
    "Champions": "</script><script>alert(1)</script>",
    "Rep A": "<script>alert(2)</script>",
    "ACME customers": "ACME <img src=x onerror=alert(3)> & Co customers",
    "call them": "<b onmouseover=alert(4)>call</b>",
}
CHARTS = dict(zip(DATES, (4, 12, 13), strict=True))
WIDTHS = (1280, 768, 390)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIGURES = """() => [...document.querySelectorAll('figure.chart')].map(figure => ({
    drawn: figure.querySelectorAll('svg').length,
    pictures: [...figure.querySelectorAll('img')].map(image => image.complete && image.naturalWidth > 0),
    shown: figure.getBoundingClientRect().width > 0,
}))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Seen:
    """What a page did while it was open."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def quiet(self) -> bool:
        """Whether it asked nobody for anything, complained of nothing and ran nothing foreign."""
        assert self.requests == []
        assert self.said == []
        return True


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
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail(
            "the browser tests need Chromium: apt-get install chromium fonts-liberation", pytrace=False
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1280, **options: Any) -> Iterator[Seen]:
    """A page from disk; what it asks for outside of it, says on its console or pops up is noted."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    seen = Seen(page)
    page.on(
        "request",
        lambda r: seen.requests.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None,
    )
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("dialog", lambda dialog: (seen.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(path.as_uri())
    if options.get("java_script_enabled", True) and "report" in path.name:
        page.wait_for_selector("html.drawn", state="attached", timeout=30_000)
    yield seen
    context.close()


def report_of(project: Path, date: str) -> Path:
    return project / "reports" / "acme" / date / "report.html"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("date", DATES)
def test_a_report_draws_all_charts_alone_and_fits(project, browser, date, width):
    with opened(browser, report_of(project, date), width) as seen:
        figures = seen.page.evaluate(FIGURES)
        assert len(figures) == CHARTS[date]
        assert all(figure["drawn"] >= 1 and not figure["pictures"] for figure in figures)
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.quiet()


@pytest.mark.parametrize(("width", "kind"), [(1280, "wide"), (390, "phone")])
def test_each_width_shows_its_own_charts(project, browser, width, kind):
    with opened(browser, report_of(project, DATES[-1]), width) as seen:
        shown = seen.page.locator("figure.chart:visible").evaluate_all("all => all.map(one => one.className)")
        other = {"wide": "phone", "phone": "wide"}[kind]
        assert sum(f"chart {kind}" == name for name in shown) == 2
        assert not any(other in name for name in shown)


def test_a_report_is_small_enough_to_be_mailed(project):
    assert report_of(project, DATES[-1]).stat().st_size < 1_200_000


@pytest.mark.parametrize("width", WIDTHS)
def test_without_scripts_the_pictures_stay(project, browser, width):
    with opened(browser, report_of(project, DATES[-1]), width, java_script_enabled=False) as seen:
        images = seen.page.locator("figure.chart img")
        assert images.count() == 11
        for i in range(images.count()):
            assert images.nth(i).bounding_box()["width"] > 50
        assert seen.page.locator("figure.phone:visible").count() == 0
        widest = max(images.nth(i).bounding_box()["width"] for i in range(images.count()))
        assert widest <= width
        assert seen.quiet()


def test_a_drawing_takes_the_place_of_its_picture_exactly(project, browser):
    page = report_of(project, DATES[-1])
    with opened(browser, page, java_script_enabled=False) as before:
        pictures = [
            (round(box["width"]), round(box["height"]))
            for image in before.page.locator("figure.chart:visible img").all()
            if (box := image.bounding_box())
        ]
    with opened(browser, page) as after:
        drawings = [
            (round(box["width"]), round(box["height"]))
            for drawing in after.page.locator("figure.chart:visible svg.marks").all()
            if (box := drawing.bounding_box())
        ]
    assert drawings == pictures


def test_on_paper_nothing_is_too_wide_and_menus_are_gone(project, browser):
    with opened(browser, report_of(project, DATES[-1]), 718) as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator("figure.wide:visible").count() == 2
        assert seen.page.locator("figure.phone:visible").count() == 0
        assert seen.page.locator(".vega-embed details:visible").count() == 0
        assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


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
        assert "</script><script" in seen.page.locator("figure.wide svg").first.text_content()
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


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_runs_leads_to_each_report(project, browser, width):
    with opened(browser, project / "reports" / "index.html", width) as seen:
        links = seen.page.locator("th a")
        assert [link.get_attribute("href") for link in links.all()] == [
            f"acme/{date}/report.html" for date in reversed(DATES)
        ]
        assert seen.page.evaluate(SIDEWAYS) <= 0
        links.first.click()
        seen.page.wait_for_selector("html.drawn", state="attached", timeout=30_000)
        assert "segments on 20 May 2025" in seen.page.inner_text("h1").replace("\u00a0", " ")
        assert seen.quiet()
