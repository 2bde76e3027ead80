"""Pages in a real browser, opened from disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTHS = (1280, 768, 390)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STORED = "() => localStorage.length + sessionStorage.length"
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


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine; a test fails where there is none."""
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
        _context.cache_clear()


@cache
def _context(browser: Browser, **options: Any) -> BrowserContext:
    """One for all pages with the same options, and a blank one: a new window takes longer than our pages."""
    context = browser.new_context(**options)
    context.new_page()
    return context


@contextmanager
def opened(browser: Browser, path: Path | str, width: int = 1280, **options: Any) -> Iterator[Seen]:
    """A page from disk or an address; what it asks for, says on its console or pops up is noted.

    It is new, but for what pages of one context share, cookies and storage, of which ours have none.
    """
    context = _context(browser, **options)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    seen = Seen(page)
    page.on(
        "request",
        lambda r: seen.requests.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None,
    )
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("dialog", lambda dialog: (seen.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(path if isinstance(path, str) else path.as_uri())
    yield seen
    assert (context.cookies(), page.evaluate(STORED)) == ([], 0)
    for each in context.pages[1:]:
        each.close()


def painted(seen: Seen) -> float:
    """Milliseconds until a page showed something."""
    entry = "performance.getEntriesByName('first-contentful-paint')[0]"
    seen.page.wait_for_function(f"() => {entry}")
    return float(seen.page.evaluate(f"() => {entry}.startTime"))


def serious(seen: Seen) -> list[tuple[str, str]]:
    """What axe finds in a page that was opened with ``bypass_csp``: rule, and the first element."""
    from axe_playwright_python.sync_playwright import Axe

    # The page's own policy lets no other script run, axe's neither; only for the check it is passed by.
    # What is in order is not looked up in the page and told again: that takes as long as all checks.
    found = Axe().run(seen.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
