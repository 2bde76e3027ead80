"""One company whose every text tries to be something else, through the whole flow into every file for people.

What each writer does with such texts is tested with it; here it is the run that is looked at: in Chromium
every page is opened, and LibreOffice opens every workbook, list and deck.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import office
import pyarrow
import pytest
from conftest import ROOT
from hostile import FOR_PAGES, FOR_SPREADSHEETS, HOSTILE
from pyarrow import parquet
from small_browser import chromium, opened
from small_project import parent

from segcore import runner
from segcore.representatives import VARIABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

DATES = (dt.date(2025, 4, 5), dt.date(2025, 5, 20))
SEGMENTS = ("</script><script>alert(1)</script>", "=1+1", '"><img src=x onerror=alert(2)>', "{{ 7 * 7 }}")
STUDY = {
    "title": "ACME <img src=x onerror=alert(3)> customers",
    "currency": "EUR",
    "sources": {
        "transactions": {
            "files": ["*.parquet"],
            "columns": {
                "customer_id": "customer",
                "order_id": "order",
                "order_date": "date",
                "market": "market",
                "amount": "amount",
            },
        },
        "customers": {
            "files": ["accounts/*.parquet"],
            "columns": {"customer_id": "customer", "name": "name", "rep": "rep", "region": "region"},
        },
        "reps": {"files": ["reps/*.parquet"], "columns": {"rep": "rep", "name": "name", "email": "email"}},
        "followups": {
            "files": ["visits/*.parquet"],
            "columns": {"customer_id": "customer", "rep": "rep", "date": "date", "outcome": "outcome"},
        },
    },
    "variables": {"recency": {"classes": 3}, "frequency": {"classes": 2, "label": "<b>Often</b>"}},
    "breaks": {"policy": "refit"},
    "segments": {
        SEGMENTS[0]: {"action": "=HYPERLINK(1)"},
        SEGMENTS[1]: {"action": "<svg onload=alert(4)>"},
        SEGMENTS[2]: {"action": "call", "follow_up": True},
        SEGMENTS[3]: {"action": "{{ 1 }}", "follow_up": True},
    },
    "follow_up": {"target": [SEGMENTS[0], SEGMENTS[1]]},
    "report": {"title": "Report </title><script>alert(5)</script>"},
}
RULES = [
    ("segment", "recency", "frequency", "note"),
    (SEGMENTS[0], "3", "2", "<script>alert(6)</script>"),
    (SEGMENTS[1], "3", "*", "=1+1"),
    (SEGMENTS[2], "2", "*", "{{ 1 }}"),
    (SEGMENTS[3], "*", "*", "x\ty"),
]
CUSTOMERS = len(HOSTILE) + 40
DRAWN = ("customers.html", "dashboard.html")
"""Pages that a script fills, and says so when it has."""
READY = "() => document.documentElement.dataset.ready === 'yes'"
CARDS = 10
LIVE = """() => [...document.querySelectorAll('*')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on') || (
    /^(href|src|action|xlink:href)$/.test(a.name) && /^\\s*(javascript|vbscript|data:text)/i.test(a.value)))
  || /^(iframe|object|embed|base|video|math|animate|textarea)$/i.test(e.tagName)
  || (e.tagName === 'META' && /refresh/i.test(e.httpEquiv)) || e.tagName === 'LINK'
  || (e.tagName === 'A' && e.protocol !== 'file:')
  || (e.tagName === 'IMG' && !e.src.startsWith('data:'))
).map(e => e.outerHTML.slice(0, 200))"""


def text_of(place: int) -> str:
    return HOSTILE[place % len(HOSTILE)]


def key_of(place: int) -> str:
    """The same as a key, which has no characters that nobody sees."""
    return "".join(c if c.isprintable() else " " for c in text_of(place)).strip()


def deliver(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Write an extract whose texts arrive as they are, which those in CSV would not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head, *records = rows
    columns = {str(name): list(column) for name, column in zip(head, zip(*records, strict=True), strict=True)}
    parquet.write_table(pyarrow.table(columns), path)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of the company, with the notebooks as they are delivered."""
    root = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "notebooks", root / "notebooks", ignore=shutil.ignore_patterns("*.ipynb"))
    (root / "params").mkdir()
    study = root / "params" / "acme.yaml"
    study.write_text(json.dumps(STUDY), encoding="utf-8")  # JSON is YAML
    with (root / "params" / "acme.rules.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(RULES)
    accounts: list[Sequence[object]] = [("customer", "name", "rep", "region")]
    sales: list[Sequence[object]] = [("customer", "order", "date", "market", "amount")]
    reps: list[Sequence[object]] = [("rep", "name", "email")]
    visits: list[Sequence[object]] = [("customer", "rep", "date", "outcome")]
    for i in range(len(HOSTILE)):
        reps.append((f"{key_of(i)} {i}", text_of(i + 7), f"r{i}@example.com"))
    for i in range(CUSTOMERS):
        number = f"{key_of(i)}|{i}" if i < len(HOSTILE) else f"K{i:04}"
        rep = f"{key_of(i + 3)} {(i + 3) % len(HOSTILE)}"
        accounts.append((number, text_of(i + 1), rep, text_of(i + 2)))
        for k in range(1 + i % 4):
            day = dt.date(2024, 2, 1) + dt.timedelta(days=(i * 37 + k * 101) % 470)
            order = f"{key_of(i + k)}-{i}-{k}"
            sales.append((number, order, day, key_of(i + 5), Decimal(i % 90) + Decimal("0.50")))
        visits.append((number, rep, DATES[0] + dt.timedelta(days=1 + i % 40), text_of(i + 4)))
    data = root / "data"
    deliver(data / "sales <img src=x onerror=alert(7)> =1+1.parquet", sales)
    deliver(data / "accounts" / "accounts.parquet", accounts)
    deliver(data / "reps" / "reps.parquet", reps)
    deliver(data / "visits" / "visits.parquet", visits)
    with pytest.MonkeyPatch.context() as patched:
        for day in DATES:
            if day == DATES[-1]:  # it writes all of the representatives' pages and workbooks anew
                patched.setenv(VARIABLE, "a secret of the tests")
            runner.run(study, day, root=root, options=runner.RunOptions(parent=parent()))
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def own(project: Path, name: str) -> list[Path]:
    """A file of every representative's folder."""
    return sorted((project / "reports").glob(f"*/for/*/{name}"))


def left_to_the_parser(project: Path, name: str) -> set[Path]:
    """Which of them no browser or LibreOffice opens, for that takes minutes: most."""
    return {path for place, path in enumerate(own(project, name)) if place % 30}


def pages(project: Path) -> list[Path]:
    found = set((project / "reports").rglob("*.html"))
    return sorted(found - left_to_the_parser(project, "index.html"))


def test_there_are_as_many_texts_as_were_promised() -> None:
    assert len(set(HOSTILE)) >= 150
    assert {"\t=1+1", "<svg onload=alert(10)>"} <= {*FOR_PAGES, *FOR_SPREADSHEETS}


def test_no_page_has_anything_live_or_runs_or_asks_anything(project, browser):
    found = pages(project)
    assert {path.name for path in found} >= {"index.html", "report.html", *DRAWN}
    assert len([path for path in found if path.parent.parent.name == "for"]) >= len(HOSTILE) // 30
    for path in found:
        with opened(browser, path) as seen:
            if path.name in DRAWN:
                seen.page.wait_for_function(READY)
            if path.name == "customers.html":
                for place in range(CARDS):
                    seen.page.locator("button.open").nth(place).click()
                assert seen.page.locator("dl.card").count() == CARDS
            if path.name == "dashboard.html":
                assert seen.page.locator("figure.drawn svg").count() > 0
            assert seen.page.evaluate(LIVE) == [], path
            assert seen.quiet(), path


def test_no_page_or_workbook_of_a_representative_has_a_script_or_a_formula(project):
    assert len(own(project, "index.html")) == len(own(project, "workbook.xlsx")) >= len(HOSTILE)
    for path in own(project, "index.html"):
        parser = Tags()
        parser.feed(path.read_text(encoding="utf-8"))
        assert parser.live == [], path
    for path in own(project, "workbook.xlsx"):
        with zipfile.ZipFile(path) as held:
            sheets = [held.read(name) for name in held.namelist() if name.startswith("xl/worksheets/sheet")]
        assert sheets and not [sheet for sheet in sheets if b"<f>" in sheet or b"<f " in sheet], path


class Tags(HTMLParser):
    """What of a page would run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        handlers = [name for name, _ in attrs if name.startswith("on") or name in ("src", "srcdoc")]
        if handlers or tag in ("script", "iframe", "object", "embed", "base", "img", "link", "form"):
            self.live.append(self.get_starttag_text() or tag)


def test_every_text_is_there_to_be_read(project, browser):
    with opened(browser, project / "reports" / "acme" / str(DATES[1]) / "report.html") as seen:
        text = seen.page.inner_text("main")
    assert [name for name in SEGMENTS if name not in text] == []


def test_the_names_of_files_hold_nothing_of_any_text(project):
    names = {part for path in (project / "reports").rglob("*") for part in path.relative_to(project).parts}
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


OF_A_CHART = ("object", "chart: .")
"""What LibreOffice calls a chart in a deck."""


@pytest.fixture(scope="module")
def files(project: Path) -> dict[str, list[Path]]:
    """Ending → copies of all files with it, also of the workbooks inside decks; no two of one name."""
    folder = project / "opened"
    folder.mkdir()
    found: dict[str, list[Path]] = {".xlsx": [], ".csv": [], ".pptx": []}
    apart = left_to_the_parser(project, "workbook.xlsx")
    for place, path in enumerate(sorted(set((project / "reports").rglob("*")) - apart)):
        if path.suffix in found:
            found[path.suffix].append(Path(shutil.copy(path, folder / f"{place}-{path.name}")))
    for deck in found[".pptx"]:
        with zipfile.ZipFile(deck) as held:
            for name in sorted(one for one in held.namelist() if one.endswith(".xlsx")):
                inside = folder / f"{deck.stem}-{Path(name).name}"
                inside.write_bytes(held.read(name))
                found[".xlsx"].append(inside)
    return found


@pytest.mark.parametrize(("suffix", "form"), [(".xlsx", "fods"), (".csv", "fods"), (".pptx", "fodp")])
def test_office_finds_no_formula_and_no_link_in_any_file(files, suffix, form):
    assert len(files[suffix]) >= len(DATES)
    for made in office.all_opened(files[suffix], form):
        assert [what for what in office.active(made) if what not in OF_A_CHART] == [], made


def test_nothing_in_a_deck_or_workbook_leads_outside(files):
    for path in files[".xlsx"] + files[".pptx"]:
        with zipfile.ZipFile(path) as held:
            links = [name for name in held.namelist() if b'TargetMode="External"' in held.read(name)]
            strange = [name for name in held.namelist() if re.search("vba|macro|externalLink", name)]
        assert (links, strange) == ([], []), path
