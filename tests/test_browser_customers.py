"""The page of all customers in a real browser, opened from disk."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from report_runs import make_runs, write_project
from small_browser import SIDEWAYS, WIDTHS, chromium, opened, painted, serious
from small_customers import WITH_REGION, cards, column, data_of, write_page
from test_customers import HOSTILE

from segcore import customers
from segcore.sentences import customers as say

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

SEGMENT = "</script><script>alert(1)</script>&amp;"
WORDS = {**WITH_REGION, "Champions": SEGMENT, "Rep A": "<img src=x onerror=alert(2)>"}
READY = "() => document.documentElement.dataset.ready === 'yes'"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_runs(write_project(tmp_path_factory.mktemp("customers"), WORDS, customers=120))


@pytest.fixture(scope="module")
def written(runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = ", ".join(f"'{text.replace(chr(39), chr(39) * 2)}'" for text in HOSTILE)
    name = f"[{texts}][1 + (hash(customer_id) % {len(HOSTILE)})::int]"
    changed = {"customers": f"select * replace ({name} as name, {name} as region) from kept"}
    return write_page(runs, tmp_path_factory.mktemp("page"), changed=changed)


@pytest.fixture(scope="module")
def plain(runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of so many customers that without a script most of them stand on plain pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("segcore.customers.FIRST", 40)
        patched.setattr("segcore.customers.page.FIRST", 40)
        return write_page(runs, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def says(seen) -> str:
    seen.page.wait_for_function(READY)
    return seen.page.inner_text("#says")


def at(page: Path, fragment: str):
    """The path of a page with filters, as :func:`small_browser.opened` takes it."""
    return type("At", (), {"as_uri": lambda self: f"{page.as_uri()}#{fragment}"})()


def how_many(data, **wanted: object) -> int:
    columns = [[value == one for value in column(data, key)] for key, one in wanted.items()]
    return sum(all(row) for row in zip(*columns, strict=True))


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_is_shown_and_nothing_is_asked_for_or_complained_of(written, browser, width):
    with opened(browser, written, width) as seen:
        every = len(column(data_of(written), "name"))
        assert says(seen) == f"All {every} customers are shown."
        assert seen.page.locator("#customers tbody tr").count() == 50
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.quiet()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(written, browser, width):
    with opened(browser, written, width, bypass_csp=True) as seen:
        seen.page.wait_for_function(READY)
        seen.page.locator("button.open").nth(1).click()
        assert serious(seen) == []


def test_on_paper_nothing_is_too_wide_and_axe_finds_nothing_serious(written, browser):
    with opened(browser, written, 1047, bypass_csp=True) as seen:  # A4 across, less its margins
        seen.page.wait_for_function(READY)
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(SIDEWAYS) <= 0
        assert seen.page.locator("#filters").is_hidden()
        assert serious(seen) == []


def test_the_list_is_painted_within_a_second(written, browser):
    with opened(browser, written) as seen:
        seen.page.wait_for_function(READY)
        assert painted(seen) < 1000


def test_hostile_texts_are_read_and_not_run(written, browser):
    with opened(browser, at(written, "q=alert"), 1280) as seen:
        says(seen)
        for button in seen.page.locator("button.open").all()[:8]:
            button.click()
        text = seen.page.inner_text("main")
        assert "<img src=x onerror=alert(2)>" in text
        assert SEGMENT in text
        assert seen.page.locator("main img, main b, #list script").count() == 0
        options = seen.page.locator("select option").all_inner_texts()
        assert {SEGMENT, "</noscript><b onclick=alert(3)>&lt;&amp;"} <= {
            o.split("\u2028")[0] for o in options
        }
        assert seen.quiet()


def test_a_row_opens_the_card_and_closes_it(written, browser):
    with opened(browser, written) as seen:
        says(seen)
        button = seen.page.locator("button.open").first
        told = cards(data_of(written))[button.inner_text()]
        button.click()
        assert button.get_attribute("aria-expanded") == "true"
        assert seen.page.locator(".card dd").all_text_contents() == [text for _, text in told]
        heads = seen.page.locator(".card dt").all_text_contents()
        assert heads == [head[0].upper() + head[1:] for head, _ in told]
        button.press("Enter")
        assert seen.page.locator(".card").count() == 0


@pytest.mark.parametrize(
    ("fragment", "wanted"),
    [
        ("segment=Loyal", {"segment": "Loyal"}),
        ("from=Loyal&to=Needs+attention", {"from": "Loyal", "segment": "Needs attention"}),
        ("from=Loyal&to=Needs%20attention", {"from": "Loyal", "segment": "Needs attention"}),
        ("state=new", {"state": "New"}),
        ("state=gone&from=Lost", {"state": "Gone", "from": "Lost"}),
        ("cause=earned", {"cause": "By their orders"}),
        ("rep=Rep+B&segment=Lost", {"rep": "Rep B", "segment": "Lost"}),
        ("segment=%3C%2Fscript%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26amp%3B", {"segment": SEGMENT}),
    ],
)
def test_a_link_sets_the_filters(written, browser, fragment, wanted):
    data = data_of(written)
    with opened(browser, at(written, fragment)) as seen:
        n = how_many(data, **wanted)
        assert 0 < n < len(column(data, "name"))
        assert says(seen) == f"{n} of {len(column(data, 'name'))} customers are shown."
        assert seen.page.locator("#customers tbody tr").count() == min(n, 50)
        assert seen.quiet()


def test_a_link_for_what_is_not_there_is_told(written, browser):
    with opened(browser, at(written, "segment=%3Cb%3Enone")) as seen:
        assert says(seen).startswith(
            "The link asks for “<b>none” (Segment), which is not in this run; it is left out. All "
        )


def test_a_link_for_what_nobody_is_shows_nobody(written, browser):
    with opened(browser, at(written, "state=unranked")) as seen:
        assert says(seen) == f"0 of {len(column(data_of(written), 'name'))} customers are shown."
        assert seen.page.inner_text("#customers tbody") == "No customer fits."
        assert seen.quiet()


def test_filters_and_search_become_part_of_the_address(written, browser):
    data = data_of(written)
    with opened(browser, written) as seen:
        every = len(column(data, "name"))
        says(seen)
        seen.page.get_by_label("Move", exact=True).select_option(label="Down")
        assert seen.page.evaluate("() => location.hash") == "#state=down"
        seen.page.locator("#search").fill("K01")
        ids = zip(column(data, "customer_id"), column(data, "state"), strict=True)
        n = sum(state == "Down" and customer.startswith("K01") for customer, state in ids)
        seen.page.wait_for_function("() => location.hash === '#state=down&q=K01'")
        assert says(seen) == f"{n} of {every} customers are shown."
        seen.page.get_by_role("button", name="Clear").click()
        assert says(seen) == f"All {every} customers are shown."
        seen.page.evaluate("() => { location.hash = 'state=up'; }")
        seen.page.wait_for_function("() => document.getElementById('says').textContent.includes(' of ')")
        assert says(seen) == f"{how_many(data, state='Up')} of {every} customers are shown."
        assert seen.quiet()


def test_columns_are_sorted_by_value_and_dates_by_day(written, browser):
    data = data_of(written)
    with opened(browser, at(written, "segment=Loyal")) as seen:
        says(seen)
        values = seen.page.locator("#customers td.num").all_inner_texts()
        assert [float(v.replace(",", "")) for v in values] == sorted(
            (v for v, s in zip(column(data, "value"), column(data, "segment"), strict=True) if s == "Loyal"),
            reverse=True,
        )[:50]
        seen.page.locator("th", has_text="Falls on").click()
        assert seen.page.locator("th[aria-sort=ascending]").inner_text().startswith("Falls on")
        days = sorted(
            day
            for day, segment in zip(column(data, "drop_date"), column(data, "segment"), strict=True)
            if day and segment == "Loyal"
        )
        shown = seen.page.locator("#customers tbody tr td:nth-child(11)").all_inner_texts()
        assert shown[: len(days)] == [say.day(dt.date.fromisoformat(day)) for day in days][:50]


def test_on_a_phone_the_table_is_sorted_by_a_list(written, browser):
    with opened(browser, written, 390) as seen:
        says(seen)
        seen.page.get_by_label("Sort by").select_option(label="Number")
        shown = seen.page.locator("button.open").all_inner_texts()
        assert shown == sorted(column(data_of(written), "customer_id"))[:50]


def test_without_scripts_the_first_rows_are_there(plain, browser):
    with opened(browser, plain, java_script_enabled=False) as seen:
        assert seen.page.locator("#list").is_hidden()
        assert seen.page.locator("tbody tr").count() == 40
        seen.page.locator(".links a").first.click()
        assert "segment" not in seen.page.url
        assert seen.page.locator("tbody tr").count() == how_many(data_of(plain), segment=SEGMENT)
        assert seen.quiet()


def linked(plain: Path) -> list[Path]:
    found = sorted((plain.parent / "customers").glob("*.html"))
    assert len(found) > 3
    return found


@pytest.mark.parametrize("width", (*WIDTHS, 360))
def test_without_scripts_every_page_fits(plain, browser, width):
    for page in (plain, *linked(plain)):
        with opened(browser, page, width, java_script_enabled=False) as seen:
            assert seen.page.locator("tbody tr:visible").count() > 0
            assert seen.page.evaluate(SIDEWAYS) <= 0, page.name
            assert seen.quiet()


@pytest.mark.parametrize("width", WIDTHS)
def test_without_scripts_axe_finds_nothing_serious(plain, browser, width, tmp_path):
    # Where no script runs, axe does not either: so the page is shown what it says without any.
    text = re.sub(
        r"<script\b.*?</script>|</?noscript>", "", plain.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    bare = tmp_path / "bare.html"
    bare.write_text(text, encoding="utf-8")
    for page in (bare, linked(plain)[0]):
        with opened(browser, page, width, bypass_csp=True) as seen:
            assert seen.page.locator("tbody tr:visible").count() > 0
            assert serious(seen) == []


def test_an_old_browser_is_told_where_the_list_is(written, browser):
    with opened(browser, written) as seen:
        seen.page.add_init_script("delete globalThis.DecompressionStream")
        seen.page.reload()
        seen.page.locator("#old").wait_for()
        assert seen.page.inner_text("#old") == (
            "This browser cannot unpack the list (it must be of 2023 or later). moves.csv"
        )


def test_a_list_in_parts_leads_on_with_its_filters(runs, browser, tmp_path, monkeypatch):
    monkeypatch.setattr(customers, "MOST", 60)
    made = write_page(runs, tmp_path)
    with opened(browser, at(made, "state=gone&from=Lost")) as seen:
        seen.page.wait_for_url("**/customers/gone-1.html#state=gone&from=Lost")
        says(seen)
        before = seen.page.get_by_label("Segment before", exact=True).locator("option:checked")
        assert before.inner_text() == "Lost"
        assert seen.quiet()
    with opened(browser, at(made, "from=Loyal")) as seen:
        links = [link.get_attribute("href") or "" for link in seen.page.locator(".links a").all()]
        assert len(links) > 3
        assert all(link.endswith("#from=Loyal") for link in links)
        assert seen.quiet()


def test_twenty_thousand_are_ready_within_two_seconds(runs, browser, tmp_path):
    made = write_page(runs, tmp_path, repeated=19_990 // 112)
    assert 15_000 < len(column(data_of(made), "name")) <= customers.MOST
    assert made.stat().st_size < 4_000_000
    with opened(browser, made) as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.evaluate("() => performance.now()") < 2000
        assert seen.quiet()
