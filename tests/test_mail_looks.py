"""What mails look like in a program that shows HTML: on a phone and on a desk, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from small_browser import SIDEWAYS, chromium, opened, serious
from small_letters import CALLS, calls, customers, own_accounts, page_of, raw, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

PHONE, DESK = 360, 640
LONG = ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2, *CALLS[0][1:])
LETTERS = {
    "report": (report(), "en"),
    "own accounts": (own_accounts(), "de"),
    "customers": (customers(), "en"),
    "long names": (replace(own_accounts("en"), tables=[calls("en", [LONG, *CALLS])]), "en"),
}
INK = "() => getComputedStyle(document.querySelector('h1')).color"
GROUND = "() => getComputedStyle(document.querySelector('.c')).backgroundColor"
SMALLEST = """() => Math.min(...[...document.querySelectorAll('h1, h2, p, th, td, a, span')]
  .filter(e => e.offsetHeight > 1 && e.innerText.trim())
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("mails")
    made = {}
    for name, (letter, language) in LETTERS.items():
        made[name] = folder / f"{name}.html"
        made[name].write_text(page_of(raw(letter, language)), encoding="utf-8")
    return made


@pytest.mark.parametrize("name", LETTERS)
def test_nothing_is_too_wide_and_nothing_is_asked_of_anybody(pages, browser, name):
    with opened(browser, pages[name], PHONE) as seen:
        for width in (PHONE, 320, DESK, 1280):
            seen.page.set_viewport_size({"width": width, "height": 800})
            assert seen.page.evaluate(SIDEWAYS) == 0, width
        assert seen.page.locator(".c").bounding_box()["width"] == 600
        assert seen.quiet()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_light_and_dark(pages, browser, scheme):
    for name in ("report", "own accounts"):
        with opened(browser, pages[name], PHONE, color_scheme=scheme, bypass_csp=True) as seen:
            assert [one for one in serious(seen) if one[0] == "color-contrast"] == []
            assert bright(seen.page.evaluate(GROUND)) == (scheme == "light")
            assert bright(seen.page.evaluate(INK)) == (scheme == "dark")
            assert seen.page.evaluate(SMALLEST) >= 12


def bright(colour: str) -> bool:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) > 3 * 128


def test_a_phone_stacks_the_cells_of_wide_tables_and_says_what_they_are(pages, browser):
    with opened(browser, pages["own accounts"], DESK) as seen:
        row, head = seen.page.locator("table.s tr").nth(1), seen.page.locator("table.s tr.h")
        assert head.is_visible() and "Warum:" not in row.inner_text()
        seen.page.set_viewport_size({"width": PHONE, "height": 800})
        assert not head.is_visible()
        assert row.inner_text().split("\n") == [
            "Öresund Design · Nr. 4711",
            "Vor dem: 12. Januar · in 12 Tagen, nach Lost",
            "Warum: Seit 214 Tagen nichts bestellt",
            "Segment: 4 At risk",
            "Bestellwert: 12.450 €",
        ]


def test_a_finger_hits_the_link_and_it_is_seen_before_anything_is_scrolled(pages, browser):
    with opened(browser, pages["own accounts"], PHONE) as seen:
        box = seen.page.locator(".a a").bounding_box()
        assert box["height"] >= 44 and box["y"] + box["height"] < 640


def test_pictures_fill_a_phone_and_keep_their_size_on_a_desk(pages, browser):
    with opened(browser, pages["report"], PHONE) as seen:
        assert seen.page.locator("img").bounding_box()["width"] == PHONE - 2 * 16
        seen.page.set_viewport_size({"width": DESK, "height": 800})
        assert seen.page.locator("img").bounding_box()["width"] == 400


def test_without_styles_of_its_own_a_mail_still_reads(pages, browser, tmp_path):
    """Some programs take away all styles that are not on the elements themselves."""
    bare = tmp_path / "bare.html"
    html = pages["own accounts"].read_text(encoding="utf-8")
    bare.write_text(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL), encoding="utf-8")
    with opened(browser, bare, DESK) as seen:
        assert seen.page.evaluate(SIDEWAYS) == 0
        assert "Warum:" not in seen.page.inner_text("body")
        assert not bright(seen.page.evaluate(INK)) and bright(seen.page.evaluate(GROUND))
