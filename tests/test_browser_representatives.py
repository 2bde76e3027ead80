"""The page of a representative in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from small_browser import SIDEWAYS, chromium, opened, serious
from small_representatives import SECRET, folder_of, publish

from segcore import archive
from segcore.representatives import VARIABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
WIDTHS = (1280, 768, 360)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = f"case when customer_id = 'K0001z' then '{HOSTILE}' else name end as name"
    changed = {
        "listed": f"select * replace ({name}) from kept",
        "calls": f"select * replace ({name}, falls and position % 2 = 0 as falls) from kept",
        "reps": f"select * replace (concat(name, '{HOSTILE}') as name) from kept",
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(VARIABLE, SECRET)
        places = publish(tmp_path_factory.mktemp("own"), customers=120, changed=changed)
        assert archive.AFTER["representatives"].do(places) == []
    return folder_of(places, 1) / "index.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_nobody_complains_of_nothing_and_fits(page, browser, width):
    with opened(browser, page, width) as seen:
        assert seen.page.locator("h1").inner_text() == f"Person001y{HOSTILE}"
        assert seen.page.locator("table.to-call tbody tr").count() > 10
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.quiet()


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(page, browser, width, media):
    with opened(browser, page, width, bypass_csp=True) as seen:
        seen.page.locator("summary").click()
        seen.page.emulate_media(media=media)
        assert serious(seen) == []


def test_on_paper_nothing_is_too_wide(page, browser):
    with opened(browser, page, 718) as seen:
        seen.page.locator("summary").click()
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(SIDEWAYS) <= 0
